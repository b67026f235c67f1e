#!/usr/bin/env python3
"""bad_inputs.py FIXTURE OUT    bad inputs for `milvus-backfill run`, one folder per case

OUT/<case>/case.json   {"name", "args": [...], "exit": N, "message_contains": [...], "root", "output_root"}
  args               all flags after `run`, with absolute paths
  exit               2 for what the caller can mend; 0 in the cases that are no error ("good", an empty collection)
  message_contains   words that the message has to hold, whatever its case: the column, field, segment or value at fault
  root, output_root  trees in which nothing may have been written when the exit code is not 0
Damaged roots are copies; the others share OUT/root.  Deterministic."""
import argparse, glob, json, os, shutil, struct
import pyarrow as pa, pyarrow.parquet as pq
import write_v1_binlog as writer
from fixture_truth import Fixture
from new_values import ARROW, NEW, value
import random

class Maker:
    def __init__(self, fixture, out):
        self.fx, self.out, self.made = Fixture(fixture), os.path.abspath(out), []
        shutil.rmtree(self.out, ignore_errors=True); os.makedirs(self.out)
        shutil.copytree(self.fx.root, self.out + "/root")
        self.key, self.keys = self.fx.pk, self.fx.keys(self.fx.pk)
        top = max(f["id"] for f in self.fx.fields) + 1
        extra = NEW + [dict(name="new_vec", type="FloatVector", dim=4), dict(name="new_bits", type="BinaryVector", dim=16),
                       dict(name="strict", type="Int32"), dict(name="short", type="VarChar", max_length=10)]
        self.fields = [dict(f) for f in self.fx.fields] + [dict(f, id=top + i, nullable=f["name"] != "strict") for i, f in enumerate(extra)]
        # an existing scalar of fixed width or text that is no key: the target of the cases that read existing values
        self.old = next(f for f in self.fx.fields if f is not self.key and f["type"] in ("VarChar", "Int64", "Int32", "Float"))
        self.segment = self.fx.segments[0]

    def field(self, name): return next(f for f in self.fields if f["name"] == name)

    def column(self, name, keys=None):
        """good values for a field"""
        rnd = random.Random(name)
        f = self.field(name)
        t = pa.list_(ARROW[f["element_type"]]) if f["type"] == "Array" else pa.list_(pa.float32()) if f["type"] == "FloatVector" else ARROW[f["type"]]
        return pa.array([value(rnd, f) for _ in keys or self.keys], t)

    def key_column(self, keys=None): return pa.array(keys or self.keys, ARROW[self.key["type"]])

    def case(self, name, words, columns=None, input=None, fields=None, mapping=None, join_key=None, mode="replace", damage=None, collection=None, exit=2, flags=(), schema=None):
        """columns: the input table, or input: its bytes; damage: a function that changes a copy of the root; schema: bytes"""
        folder = f"{self.out}/{name}"; os.makedirs(folder)
        root = self.out + "/root"
        if damage: root = folder + "/root"; shutil.copytree(self.fx.root, root); damage(root)
        with open(folder + "/schema.json", "wb") as fh: fh.write(schema or json.dumps({"fields": fields or self.fields}, ensure_ascii=False).encode())
        with open(folder + "/input.parquet", "wb") as fh:
            if input is not None: fh.write(input)
            else: pq.write_table(pa.table(columns or self.good()), fh)
        args = ["--root", root, "--collection-id", str(self.fx.collection if collection is None else collection), "--schema", folder + "/schema.json",
                "--parquet", folder + "/input.parquet", "--output-result", folder + "/result.json"]
        if mode: args += ["--mode", mode]
        if mapping: args += ["--column-mapping", mapping]
        if join_key: args += ["--join-key", join_key]
        if "in place" not in flags: args += ["--output-root", folder + "/out"]
        args += [f for f in flags if f != "in place"]
        case = {"name": name, "args": args, "exit": exit, "message_contains": [str(w) for w in words], "root": root, "output_root": folder + "/out", "result": folder + "/result.json"}
        with open(folder + "/case.json", "w", encoding="utf-8") as fh: json.dump(case, fh, ensure_ascii=False, indent=1)
        self.made.append(name)

    def good(self, **columns): return {"pk": self.key_column(), "new_i32": self.column("new_i32")} | columns

    # files of the damaged segment
    def log(self, root, field, at=0):
        s = self.segment
        folder = f"{root}/insert_log/{s['collection']}/{s['partition']}/{s['segment']}/{field['id']}"
        return f"{folder}/{sorted(os.listdir(folder), key=int)[at]}"

    def change(self, field, edit):
        """-> a damage: edit(bytes) -> bytes of the field's first binlog of the damaged segment"""
        def damage(root):
            path = self.log(root, field)
            with open(path, "rb") as fh: data = fh.read()
            with open(path, "wb") as fh: fh.write(edit(data))
        return damage

def second_event(data): return 4 + struct.unpack_from("<i", data, 4 + 9)[0]

def with_length(data, at, change):
    """an event's length field changed"""
    (n,) = struct.unpack_from("<i", data, at + 9)
    return data[:at + 9] + struct.pack("<i", change(n)) + data[at + 13:]

def with_extra(data, extra):
    """the descriptor's extra replaced, all lengths and positions right"""
    old, body = second_event(data), json.dumps(extra, separators=(",", ":")).encode()
    descriptor = bytearray(data[4:81]) + struct.pack("<i", len(body)) + body
    struct.pack_into("<ii", descriptor, 9, len(descriptor), 4 + len(descriptor))
    event = bytearray(data[old:]); struct.pack_into("<i", event, 13, 4 + len(descriptor) + len(event))
    return data[:4] + bytes(descriptor) + bytes(event)

def make(fixture, out):
    m = Maker(fixture, out)
    key, old, segment, keys = m.key, m.old, m.segment["segment"], m.keys
    count = len(keys)
    m.case("good", [], exit=0)

    # the key column
    m.case("missing_key_column", ["pk"], {"some_key": m.key_column(), "new_i32": m.column("new_i32")})
    wrong = pa.array([str(k) for k in keys]) if key["type"] == "Int64" else pa.array(range(count))
    m.case("wrong_key_type", ["pk", key["type"]], m.good(pk=wrong))
    if key["type"] == "Int64": m.case("narrow_key_type", ["pk", "Int64"], m.good(pk=pa.array([k % 1000 for k in keys], pa.int32())))
    fresh = (lambda i: 900_000_001 + i) if key["type"] == "Int64" else (lambda i: f"dup-key-{i:02}")
    for name, n in (("duplicate_keys", 3), ("many_duplicate_keys", 15)):
        ks = keys + [fresh(i) for i in range(n)] * 2
        m.case(name, ["duplicate"] + [fresh(i) for i in range(min(n, 10))], {"pk": m.key_column(ks), "new_i32": m.column("new_i32", ks)})
    m.case("null_key", ["pk", "null"], m.good(pk=pa.array([None] + keys[1:], ARROW[key["type"]])))

    # targets and mapping
    m.case("unknown_target", ["no_such_field"], m.good(no_such_field=m.column("new_i32")))
    unique = pa.array([f"v{i}" for i in range(count)] if old["type"] == "VarChar" else range(count), ARROW[old["type"]])
    m.case("target_is_the_key", [key["name"]], {"k": unique, "x": m.key_column()}, mapping=f"k:{old['name']},x:{key['name']}", join_key=old["name"]) \
        if old["type"] != "Float" else None
    m.case("target_is_a_system_field", ["Timestamp"], m.good(Timestamp=m.column("new_i64")))
    if any(f.get("is_dynamic") for f in m.fields): m.case("target_is_dynamic", ["$meta"], m.good(**{"$meta": m.column("new_doc")}))
    m.case("mapping_missing_column", ["no_such_column"], mapping="pk:%s,no_such_column:new_i32" % key["name"])
    m.case("mapping_target_twice", ["new_i32"], m.good(b=m.column("new_i32")), mapping="pk:%s,new_i32:new_i32,b:new_i32" % key["name"])
    m.case("mapping_without_key", [key["name"]], mapping="new_i32:new_i32")
    m.case("mapping_not_pairs", ["new_i32"], mapping="pk:%s,new_i32" % key["name"])
    m.case("only_the_key", [], {"pk": m.key_column()})
    m.case("unknown_join_key", ["no_such_field"], join_key="no_such_field")
    m.case("field_has_data_in_place", [old["name"], "output"], {"pk": m.key_column(), old["name"]: m.column(old["name"])}, flags=["in place"])

    # value types and limits
    m.case("wrong_value_type", ["new_i32", "Int32"], m.good(new_i32=pa.array(["1"] * count)))
    m.case("wider_value_type", ["new_i32", "Int32"], m.good(new_i32=pa.array(range(count), pa.int64())))
    m.case("double_into_float", ["new_f32", "Float"], m.good(new_f32=pa.array([.1] * count, pa.float64())))
    m.case("wrong_element_type", ["new_ints"], m.good(new_ints=pa.array([["a"]] * count)))
    m.case("wrong_dimension_list", ["new_vec", "4"], m.good(new_vec=pa.array([[1., 2., 3., 4.]] * (count - 1) + [[1., 2., 3.]], pa.list_(pa.float32()))))
    m.case("wrong_dimension_bytes", ["new_vec", "4"], m.good(new_vec=pa.array([b"x" * 12] * count, pa.binary(12))))
    m.case("wrong_dimension_binary_vector", ["new_bits", "16"], m.good(new_bits=pa.array([[1, 2, 3]] * count, pa.list_(pa.uint8()))))
    m.case("null_inside_vector", ["new_vec", "null"], m.good(new_vec=pa.array([[1., None, 3., 4.]] * count, pa.list_(pa.float32()))))
    m.case("not_finite_vector", ["new_vec"], m.good(new_vec=pa.array([[1., float("nan"), 3., 4.]] * count, pa.list_(pa.float32()))))
    m.case("string_too_long", ["short", "10"], m.good(short=pa.array(["0123456789"] * (count - 1) + ["0123456789a"])))
    m.case("array_too_long", ["new_words", "5"], m.good(new_words=pa.array([["a"]] * (count - 1) + [["a"] * 6])))
    m.case("not_json", ["new_doc"], m.good(new_doc=pa.array(["{}"] * (count - 1) + ["{not json"])))
    m.case("null_into_non_nullable", ["strict", "null"], m.good(strict=pa.array([None] + [1] * (count - 1), pa.int32())))
    unmatched = [k for k in keys if k != m.segment["pks"][0]]     # one row of the segment is left without a value
    m.case("unmatched_into_non_nullable", ["strict", segment], {"pk": m.key_column(unmatched), "strict": pa.array([1] * len(unmatched), pa.int32())})
    m.case("null_vector", ["new_vec", "null"], m.good(new_vec=pa.array([None] + [[1., 2., 3., 4.]] * (count - 1), pa.list_(pa.float32()))))

    # the collection's files: the key field's first binlog, or the existing target's
    m.case("binlog_empty", [segment], damage=m.change(key, lambda b: b""))
    m.case("binlog_truncated_in_header", [segment], damage=m.change(key, lambda b: b[:50]))
    m.case("binlog_truncated_in_payload", [segment], damage=m.change(key, lambda b: b[:len(b) * 2 // 3]))
    m.case("binlog_last_byte_missing", [segment], damage=m.change(key, lambda b: b[:-1]))
    m.case("binlog_wrong_magic", [segment, "magic"], damage=m.change(key, lambda b: b"\xbd" + b[1:]))
    m.case("event_length_past_the_end", [segment], damage=m.change(key, lambda b: with_length(b, second_event(b), lambda n: n + 1000)))
    m.case("event_length_huge", [segment], damage=m.change(key, lambda b: with_length(b, second_event(b), lambda n: 0x7fffffff)))
    m.case("event_length_negative", [segment], damage=m.change(key, lambda b: with_length(b, second_event(b), lambda n: -1)))
    m.case("event_length_zero", [segment], damage=m.change(key, lambda b: with_length(b, second_event(b), lambda n: 0)))
    m.case("descriptor_length_past_the_end", [segment], damage=m.change(key, lambda b: with_length(b, 4, lambda n: n + 100_000)))
    m.case("extra_length_past_the_end", [segment], damage=m.change(key, lambda b: b[:81] + struct.pack("<i", 1 << 30) + b[85:]))
    m.case("payload_not_parquet", [segment], damage=m.change(key, lambda b: b[:second_event(b) + 33] + b"x" * (len(b) - second_event(b) - 33)))
    m.case("binlog_encrypted", [segment, "encrypt"], damage=m.change(key, lambda b: with_extra(b, {"original_size": "8", "edek": "c2VjcmV0", "encryption_zone": 1})))
    def other_field(root):
        shutil.copy(m.log(root, old), m.log(root, key))
    m.case("binlog_of_another_field", [segment], damage=other_field)
    def fewer_rows(root):
        path, n = m.log(root, old), m.segment["rows_per_binlog"][0] - 1
        rows = [r[old["name"]] for r in m.segment["values"][:n]]; s = m.segment
        with open(path, "wb") as fh: fh.write(writer.binlog(rows, old["type"], int(s["collection"]), int(s["partition"]), int(s["segment"]), old["id"], s["timestamps"][0], s["timestamps"][0]))
    m.case("rows_disagree", [segment, old["name"]], {"pk": m.key_column(), old["name"]: m.column(old["name"])}, damage=fewer_rows, mode="overwrite")
    m.case("existing_binlog_truncated", [segment, old["name"]], {"pk": m.key_column(), old["name"]: m.column(old["name"])}, damage=m.change(old, lambda b: b[:-20]), mode="coalesce")
    m.case("key_folder_missing", [segment], damage=lambda root: shutil.rmtree(os.path.dirname(m.log(root, key))))

    # the input file
    sink = pa.BufferOutputStream(); pq.write_table(pa.table(m.good()), sink); whole = sink.getvalue().to_pybytes()
    (footer,) = struct.unpack_from("<I", whole, len(whole) - 8)
    m.case("parquet_empty", ["input.parquet"], input=b"")
    for n in (1, 4, 12, len(whole) // 2, len(whole) - footer - 8, len(whole) - footer // 2 - 8, len(whole) - 8, len(whole) - 4, len(whole) - 1):
        m.case(f"parquet_truncated_{n}", ["input.parquet"], input=whole[:n])
    m.case("parquet_is_text", ["input.parquet", "parquet"], input=b"id,new_i32\n1,2\n" * 50)
    m.case("parquet_footer_length_huge", ["input.parquet"], input=whole[:-8] + struct.pack("<I", 0xfffffff0) + whole[-4:])
    m.case("parquet_data_overwritten", ["input.parquet"], input=whole[:4] + b"\xff" * (len(whole) - footer - 12) + whole[-footer - 8:])

    # configuration
    m.case("unknown_mode", ["merge", "coalesce"], mode="merge")
    m.case("schema_not_json", ["schema"], schema=b"fields: none")
    m.case("schema_without_key", ["primary"], fields=[{k: v for k, v in f.items() if k != "is_primary"} for f in m.fields])
    m.case("schema_unknown_type", ["new_i32", "Int33"], fields=[dict(f, type="Int33") if f["name"] == "new_i32" else f for f in m.fields])
    m.case("several_mistakes", ["merge", "batch", "new_i32"], mode="merge", mapping="pk:%s,new_i32:new_i32,pk:new_i32" % key["name"], flags=["--batch-size", "0"])

    # nothing to do
    m.case("no_such_collection", ["4711"], collection=4711)
    def only_deletes(root):
        shutil.rmtree(f"{root}/insert_log"); shutil.rmtree(f"{root}/stats_log"); shutil.rmtree(f"{root}/delta_log", ignore_errors=True)
        s = m.segment; folder = f"{root}/delta_log/{s['collection']}/{s['partition']}/{s['segment']}"; os.makedirs(folder)
        line = json.dumps({"pk": keys[0], "ts": s["timestamps"][0] + 1, "pkType": 5 if key["type"] == "Int64" else 21})
        with open(folder + "/1", "wb") as fh:
            fh.write(writer.binlog([line], "String", int(s["collection"]), int(s["partition"]), int(s["segment"]), -1, s["timestamps"][0], s["timestamps"][0], event_type=2))
    m.case("collection_of_deletes_only", [], damage=only_deletes, exit=0)
    def no_rows(root):
        s = m.segment
        for folder in glob.glob(f"{root}/insert_log/*/*/*"):
            if folder.split("/")[-1] != s["segment"]: shutil.rmtree(folder)
        for f in [{"id": 0, "type": "Int64"}, {"id": 1, "type": "Int64"}] + m.fx.fields:
            path = m.log(root, f)
            for other in glob.glob(os.path.dirname(path) + "/*"): os.remove(other)
            with open(path, "wb") as fh: fh.write(writer.binlog([], f["type"], int(s["collection"]), int(s["partition"]), int(s["segment"]), f["id"], 1, 1, dim_bytes=writer.dim_bytes(f)))
    m.case("collection_with_zero_rows", [], damage=no_rows, exit=0)
    return m.made

if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("fixture"); ap.add_argument("out"); a = ap.parse_args()
    print(len(make(a.fixture, a.out)), "cases")
