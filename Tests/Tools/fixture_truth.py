"""What stands in a fixture of Tests/Fixtures/milvus-v1, from its recorded operations: schema, segments and rows in physical order.

Also the one spelling of values that all comparisons here use (the same as `dump --canonical`): int, bool and text as they are,
floats as number or "NaN", "inf", "-inf", "-0.0", a vector as "0x" + hex of its bytes, an Array as a list.  JSON is its text where the
text is known ({"text": ...}), else its parsed value ({"value": ...}, from the operations: the server chose the text)."""
import collections, glob, json, math, os, struct

TYPE_PARAMS = ("max_length", "dim", "max_capacity")

def number(v, single):
    """a float's one spelling; single: rounded to 32 bits first"""
    if single and math.isfinite(v): v = struct.unpack("<f", struct.pack("<f", v))[0]
    if math.isnan(v): return "NaN"
    if math.isinf(v): return "inf" if v > 0 else "-inf"
    return "-0.0" if v == 0 and math.copysign(1, v) < 0 else float(v)

def cell(v, field, known_text=True):
    """a value as read from JSON lines, Parquet or a binlog -> its one spelling"""
    t = field["type"]
    if v is None: return None
    if t in ("Float", "Double"): return number(v, t == "Float")
    if t == "FloatVector": return "0x" + (v if isinstance(v, bytes) else struct.pack(f"<{len(v)}f", *v)).hex()
    if t == "BinaryVector": return "0x" + (v if isinstance(v, str) else bytes(v).hex())
    if t == "Array": return [cell(x, {"type": field["element_type"]}) for x in v]
    if t == "JSON": return {"text": v} if known_text else {"value": v}
    return v

def same(expected, actual, field):
    """expected: the spelling above; actual: the same, JSON as text"""
    if expected is None or actual is None or field["type"] != "JSON": return json.dumps(expected) == json.dumps(actual)
    if "text" in expected: return expected["text"] == actual
    order = lambda v: json.dumps(v, sort_keys=True)
    return isinstance(actual, str) and order(expected["value"]) == order(json.loads(actual))

def zero(field):
    """what stands for a null where no null can be stored"""
    t = field["type"]
    if t in ("FloatVector", "BinaryVector"): return "0x" + "00" * (field["dim"] * 4 if t == "FloatVector" else field["dim"] // 8)
    return {"Bool": False, "Float": 0.0, "Double": 0.0, "VarChar": "", "JSON": {"text": "{}"}, "Array": []}.get(t, 0)

class Fixture:
    def __init__(self, folder):
        self.folder, self.root = folder, folder + "/files"
        answer = json.load(open(folder + "/grpc/DescribeCollection.json"))
        self.collection, self.fields = int(answer["collectionID"]), []
        for f in answer["schema"]["fields"]:
            out = {"id": int(f["fieldID"]), "name": f["name"], "type": f["data_type"]}
            if f.get("is_primary_key"): out["is_primary"] = True
            if "element_type" in f: out["element_type"] = f["element_type"]
            out |= {p["key"]: int(p["value"]) for p in f.get("type_params", []) if p["key"] in TYPE_PARAMS}
            self.fields.append(out)
        if answer["schema"].get("enable_dynamic_field"):   # not listed by the server: the folder id left over
            folders = {int(os.path.basename(d)) for d in glob.glob(f"{self.root}/insert_log/{self.collection}/*/*/*")}
            (left,) = [i for i in folders if i >= 100 and i not in {f["id"] for f in self.fields}]
            self.fields.append({"id": left, "name": "$meta", "type": "JSON", "is_dynamic": True})
        self.pk = next(f for f in self.fields if f.get("is_primary"))
        given = collections.defaultdict(list)
        for line in open(folder + "/operations.jsonl", encoding="utf-8"):
            o = json.loads(line)
            for r in o["rows"] if o["op"] in ("insert", "upsert") else []: given[r[self.pk["name"]], o["timestamp"]].append(r)
        self.segments = []                                  # as in segment_rows.jsonl, with "values": rows by field name
        names = {f["name"] for f in self.fields}
        for line in open(folder + "/segment_rows.jsonl", encoding="utf-8"):
            s = json.loads(line); s["values"] = []
            for key in zip(s["pks"], s["timestamps"]):
                (row,) = given[key]
                dynamic = {k: v for k, v in row.items() if k not in names}
                row = {f["name"]: dynamic if f["name"] == "$meta" else row[f["name"]] for f in self.fields}
                s["values"].append({f["name"]: cell(row[f["name"]], f, known_text=False) for f in self.fields})
            self.segments.append(s)

    def field(self, name): return next(f for f in self.fields if f["name"] == name)

    def keys(self, field):
        """the distinct values of a field over all rows, in order of appearance"""
        return list(dict.fromkeys(row[field["name"]] for s in self.segments for row in s["values"]))
