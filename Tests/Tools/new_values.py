#!/usr/bin/env python3
"""new_values.py FIXTURE OUT --seed N [--join-key FIELD] [--vectors none|complete] [--mapping] [--files N]   new values for a fixture

OUT/input.parquet  (or OUT/input/*.parquet with --files)  key column, new columns and columns of existing fields; shuffled keys, some keys
                   missing, some unknown to the collection, some null values.  Row-group and page sizes, codec, encodings, page and format
                   version vary with the seed.  Vector columns (list and packed bytes) only with --vectors complete: then every key of the
                   collection is there and no vector is null, since a StorageV1 vector cannot be null; scalars still may be.
OUT/schema.json    plain schema file: all fields of the fixture and the new ones (nullable).  The existing targets are marked nullable too,
                   so that every mode has an answer.
OUT/job.json       {"collection_id", "input", "join_key", "column_mapping", "key", "new", "existing", "targets", "args"}: args = the flags of
                   `milvus-backfill run` for it, without root, mode and outputs.
--mapping          columns bear other names than the fields, and one column more stands in the input that is not mapped."""
import argparse, json, math, os, random, struct, sys
import pyarrow as pa, pyarrow.parquet as pq
from fixture_truth import Fixture

ARROW = {"Bool": pa.bool_(), "Int8": pa.int8(), "Int16": pa.int16(), "Int32": pa.int32(), "Int64": pa.int64(), "Float": pa.float32(),
         "Double": pa.float64(), "VarChar": pa.string(), "JSON": pa.string()}
NEW = [dict(name="new_text", type="VarChar", max_length=300), dict(name="new_flag", type="Bool"), dict(name="new_i8", type="Int8"),
       dict(name="new_i16", type="Int16"), dict(name="new_i32", type="Int32"), dict(name="new_i64", type="Int64"),
       dict(name="new_f32", type="Float"), dict(name="new_f64", type="Double"), dict(name="new_doc", type="JSON"),
       dict(name="new_ints", type="Array", element_type="Int32", max_capacity=9),
       dict(name="new_words", type="Array", element_type="VarChar", max_length=64, max_capacity=5)]
NEW_VECTORS = [dict(name="new_vec", type="FloatVector", dim=4), dict(name="new_vec_packed", type="FloatVector", dim=4),
               dict(name="new_bits", type="BinaryVector", dim=16), dict(name="new_bits_packed", type="BinaryVector", dim=16)]
VECTORS = ("FloatVector", "BinaryVector")

def f32(x): return struct.unpack("<f", struct.pack("<f", x))[0]

def text(rnd, length):
    return "".join(rnd.choice("abcXYZ 019é漢🙂\"\\\n\t") for _ in range(rnd.choice([0, 1, length // 8, rnd.randint(0, length // 4)])))

def value(rnd, f):
    """a random value of a field, as pyarrow takes it (JSON as text)"""
    t = f["type"]
    if t == "Bool": return rnd.random() < .5
    if t.startswith("Int"):
        top = 1 << int(t[3:]) - 1
        return rnd.choice([rnd.randint(-top, top - 1), rnd.randint(-9, 9), top - 1, -top])
    if t == "VarChar": return text(rnd, f["max_length"])
    if t == "Float": return rnd.choice([f32(rnd.uniform(-1e5, 1e5)), f32(1e-45), -0.0, math.inf, math.nan] if rnd.random() < .1 else [f32(rnd.gauss(0, 1))])
    if t == "Double": return rnd.choice([5e-324, -0.0, -math.inf, math.nan, 1.7976931348623157e308] if rnd.random() < .1 else [rnd.uniform(-1e12, 1e12)])
    if t == "JSON":
        v = {"n": rnd.randint(0, 9 ** 9), "s": text(rnd, 60), "l": [1, None, True, 1.5], "o": {"k": {}}}
        return json.dumps(v, ensure_ascii=rnd.random() < .5, separators=rnd.choice([(",", ":"), (", ", " : ")]))
    if t == "Array": return [value(rnd, {**f, "type": f["element_type"]}) for _ in range(rnd.randint(0, f["max_capacity"]))]
    if t == "FloatVector": return [f32(rnd.uniform(-1, 1)) for _ in range(f["dim"])]
    if t == "BinaryVector": return list(rnd.randbytes(f["dim"] // 8))
    raise ValueError(t)

def array(rnd, f, values):
    t = f["type"]
    if t == "Array": return pa.array(values, pa.list_(ARROW[f["element_type"]]))
    if f["name"].endswith("_packed"):
        width = f["dim"] * 4 if t == "FloatVector" else f["dim"] // 8
        return pa.array([struct.pack(f"<{len(v)}f", *v) if t == "FloatVector" else bytes(v) for v in values], pa.binary(width))
    if t == "FloatVector": return pa.array(values, rnd.choice([pa.list_(pa.float32()), pa.list_(pa.float32(), f["dim"])]))
    if t == "BinaryVector": return pa.array(values, pa.list_(pa.uint8()))
    return pa.array(values, ARROW[t])

def write(rnd, table, path):
    pq.write_table(table, path, compression=rnd.choice(["none", "snappy", "zstd"]), row_group_size=rnd.choice([37, 200, 1000, 1 << 20]),
                   use_dictionary=rnd.random() < .6, data_page_version=rnd.choice(["1.0", "2.0"]), version=rnd.choice(["1.0", "2.4", "2.6"]),
                   data_page_size=rnd.choice([256, 4096, 1 << 20]), write_batch_size=rnd.choice([16, 1024]), write_statistics=rnd.random() < .8,
                   store_schema=rnd.random() < .5, use_compliant_nested_type=rnd.random() < .5)

def make(fixture, out, seed, join_key=None, vectors="none", mapping=False, files=0):
    """-> the job, as in OUT/job.json"""
    rnd, complete = random.Random(seed), vectors == "complete"
    fx = Fixture(fixture)
    key = fx.field(join_key) if join_key else fx.pk
    fields = [dict(f) for f in fx.fields]
    old = [f for f in fields if f["name"] not in (key["name"], fx.pk["name"]) and not f.get("is_dynamic")]
    scalars, dense = [f for f in old if f["type"] not in VECTORS], [f for f in old if f["type"] in VECTORS]
    existing = rnd.sample(scalars, min(len(scalars), rnd.randint(2, 4))) + (dense[:1] if complete else [])
    top = max(f["id"] for f in fields) + rnd.randint(1, 3)
    new = [dict(f, id=top + i) for i, f in enumerate(NEW + (NEW_VECTORS if complete else []))]
    for f in new + existing: f["nullable"] = True
    targets = new + existing; rnd.shuffle(targets)

    every = fx.keys(key)
    keys = every if complete else [k for k in every if rnd.random() > .2]
    if key["type"] == "VarChar": keys += [f"unknown-{i}-é" for i in range(rnd.randint(1, 40))]
    else:
        bits = int(key["type"][3:]); top = (1 << bits - 1) - 1
        keys += [k for k in (top - i for i in range(rnd.randint(1, 40))) if k not in set(every)]
    rnd.shuffle(keys)

    source = {f["name"]: f"in_{f['name']}" if mapping else f["name"] for f in targets}
    source[key["name"]] = "in_key" if mapping else rnd.choice(["pk", key["name"]]) if not join_key else key["name"]
    columns = {source[key["name"]]: pa.array(keys, ARROW[key["type"]])}
    for f in targets:
        may_be_null = f["type"] not in VECTORS
        columns[source[f["name"]]] = array(rnd, f, [None if may_be_null and rnd.random() < .1 else value(rnd, f) for _ in keys])
    if mapping: columns["not mapped"] = pa.array(range(len(keys)))
    names = list(columns); rnd.shuffle(names)
    table = pa.table({n: columns[n] for n in names})
    os.makedirs(out, exist_ok=True)
    if files:
        os.makedirs(out + "/input", exist_ok=True)
        cuts = [0, *sorted(rnd.randint(0, len(keys)) for _ in range(files - 1)), len(keys)]
        for i, (a, b) in enumerate(zip(cuts, cuts[1:])): write(rnd, table.slice(a, b - a), f"{out}/input/part-{i}.parquet")
    else: write(rnd, table, out + "/input.parquet")
    with open(out + "/schema.json", "w", encoding="utf-8") as fh: json.dump({"fields": fields + new}, fh, ensure_ascii=False, indent=1)
    job = {"seed": seed, "collection_id": fx.collection, "input": "input" if files else "input.parquet", "join_key": join_key,
           "column_mapping": ",".join(f"{s}:{t}" for t, s in source.items()) if mapping else None, "key": key["name"],
           "new": [f["name"] for f in new], "existing": [f["name"] for f in existing], "targets": [f["name"] for f in targets]}
    job["args"] = ["--collection-id", str(fx.collection), "--schema", os.path.abspath(out + "/schema.json"), "--parquet", os.path.abspath(f"{out}/{job['input']}")]
    if mapping: job["args"] += ["--column-mapping", job["column_mapping"]]
    if join_key: job["args"] += ["--join-key", join_key]
    with open(out + "/job.json", "w", encoding="utf-8") as fh: json.dump(job, fh, ensure_ascii=False, indent=1)
    return job

if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("fixture"); ap.add_argument("out"); ap.add_argument("--seed", type=int, required=True); ap.add_argument("--join-key")
    ap.add_argument("--vectors", choices=["none", "complete"], default="none"); ap.add_argument("--mapping", action="store_true")
    ap.add_argument("--files", type=int, default=0)
    a = ap.parse_args()
    j = make(a.fixture, a.out, a.seed, a.join_key, a.vectors, a.mapping, a.files)
    print(f"seed {a.seed}: key {j['key']}, new {len(j['new'])}, existing {j['existing']}")
