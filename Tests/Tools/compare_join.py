#!/usr/bin/env python3
"""compare_join.py ROOT COLLECTION SCHEMA EXPECTED.jsonl MODE [--source ROOT] [--fields a,b]   written binlogs against expected_join.py

Reads ROOT/insert_log/COLLECTION/... with read_v1_binlog.py and compares every value of every target field (or of --fields) in physical
row order.  Also per binlog: the same log ids and rows as the key field's (in --source, where ROOT is a separate output tree), the ids, type
and timestamps of descriptor and event, `original_size` as a string, one Parquet column of the right physical type, codec zstd or none,
encodings PLAIN, RLE_DICTIONARY and RLE for levels only, data pages v1, REQUIRED where the field is not nullable.
Ends with "N values compared, M differ"; exit 0 only when all agree and nothing was missing."""
import argparse, collections, glob, json, os, re, sys
import pqdump, read_v1_binlog
from fixture_truth import cell, same

NUMBER = {"Bool": 1, "Int8": 2, "Int16": 3, "Int32": 4, "Int64": 5, "Float": 10, "Double": 11, "VarChar": 21, "Array": 22, "JSON": 23, "BinaryVector": 100, "FloatVector": 101}
# physical type, the annotations allowed (None = none)
PHYSICAL = {"Bool": ("BOOLEAN", [None]), "Int8": ("INT32", ["int8"]), "Int16": ("INT32", ["int16"]), "Int32": ("INT32", [None, "int32"]),
            "Int64": ("INT64", [None, "int64"]), "Float": ("FLOAT", [None]), "Double": ("DOUBLE", [None]), "VarChar": ("BYTE_ARRAY", ["STRING"]),
            "Array": ("BYTE_ARRAY", [None]), "JSON": ("BYTE_ARRAY", [None]), "BinaryVector": ("FLBA", [None]), "FloatVector": ("FLBA", [None])}

def annotation(element):
    logical, params = element["logical"], element["logical_params"]
    if logical == "INTEGER": return ("int" if params.get(2) else "uint") + str(params[1])
    if logical is None and element["converted"]: return {"UTF8": "STRING"}.get(element["converted"], str(element["converted"]).lower().replace("_", ""))
    return logical

def check_parquet(payload, field, complain):
    """the safe profile of a StorageV1 payload"""
    p = pqdump.dump(payload)
    leaves = [e for e in p["schema"] if e["children"] is None]
    if len(leaves) != 1 or len(p["schema"]) != 2: return complain(f"{len(leaves)} Parquet columns instead of 1")
    e, (physical, allowed) = leaves[0], PHYSICAL[field["type"]]
    if e["type"] != physical or annotation(e) not in allowed: complain(f"Parquet type {e['type']} {annotation(e)}, expected {physical} {allowed}")
    width = {"FloatVector": 4 * field.get("dim", 0), "BinaryVector": field.get("dim", 0) // 8}.get(field["type"])
    if physical == "FLBA" and e["len"] != width: complain(f"width {e['len']}, expected {width}")
    if e["rep"] != "REQUIRED" and not (e["rep"] == "OPTIONAL" and field.get("nullable")): complain(f"column is {e['rep']}, but the field is not nullable")
    for c in (c for g in p["row_groups"] for c in g["columns"]):
        if c["codec"] not in ("ZSTD", "UNCOMPRESSED"): complain(f"codec {c['codec']}")
        if extra := set(map(str, c["encodings"])) - {"PLAIN", "RLE", "RLE_DICTIONARY"}: complain(f"encodings {sorted(extra)}")
        if "page_error" in c: complain(f"pages: {c['page_error']}")
        for page in c.get("pages", []):
            if page["t"] == "DICT" and page["enc"] == "PLAIN" or page["t"] == "DATA_V1" and page["enc"] in ("PLAIN", "RLE_DICTIONARY"): continue
            complain(f"page {page['t']} {page['enc']}")
    return e["rep"]

def logs(folder): return sorted(os.listdir(folder), key=int) if os.path.isdir(folder) else []

def load(path):
    with open(path, "rb") as fh: data = fh.read()
    desc, events = read_v1_binlog.read(data)
    return data, desc, events

def texts(desc, table):
    """values with JSON left as text"""
    if desc["payload_type"] == "JSON": return [None if v is None else v.decode() for v in table.column(0).to_pylist()]
    if desc["payload_type"] in ("FloatVector", "BinaryVector"): return [None if v is None else "0x" + v.hex() for v in table.column(0).to_pylist()]
    return read_v1_binlog.values(desc, table)

def compare(root, collection, schema, expected, mode, source=None, only=None):
    """-> (values compared, values that differ, problems)"""
    fields = {f["name"]: f for f in json.load(open(schema, encoding="utf-8"))["fields"]}
    pk = next(f for f in fields.values() if f.get("is_primary"))
    rows = collections.defaultdict(list)
    for line in open(expected, encoding="utf-8"): line = json.loads(line); rows[line["segment"]].append(line[mode])
    compared, differ, problems = 0, 0, []
    found = {d.split("/")[-1]: d for d in glob.glob(f"{source or root}/insert_log/{collection}/*/*")}
    if set(found) != set(rows): problems.append(f"segments {sorted(found)}, expected {sorted(rows)}")
    for segment in sorted(set(found) & set(rows)):
        partition, want = found[segment].split("/")[-2], rows[segment]
        keys = {log: load(f"{found[segment]}/{pk['id']}/{log}") for log in logs(f"{found[segment]}/{pk['id']}")}
        for name in sorted(only or want[0]):
            field, at = fields[name], 0
            folder = f"{root}/insert_log/{collection}/{partition}/{segment}/{field['id']}"
            if logs(folder) != list(keys): problems.append(f"segment {segment} field {name}: binlogs {logs(folder)}, the key field has {list(keys)}"); continue
            for log, (_, key_desc, key_events) in keys.items():
                def complain(what): problems.append(f"segment {segment} field {name} log {log}: {what}")
                try: data, desc, events = load(f"{folder}/{log}")
                except Exception as e: complain(f"not readable: {e!r}"); continue
                if len(events) != 1 or events[0][0]["event"] != "insert": complain(f"{len(events)} events instead of one insert"); continue
                event, table = events[0]
                ids = [desc[k] for k in ("collection", "partition", "segment", "field")]
                if ids != [int(collection), int(partition), int(segment), field["id"]]: complain(f"descriptor ids {ids}")
                if desc["payload_type"] != field["type"]: complain(f"descriptor type {desc['payload_type']}, expected {field['type']}")
                if desc["post_header_lengths"] != [52] + [16] * 7: complain(f"post header lengths {desc['post_header_lengths']}")
                size = desc["extras"].get("original_size")
                if not isinstance(size, str) or not re.fullmatch(r"\d+", size): complain(f"original_size {size!r} is no string of digits")
                for k in ("start_ts", "end_ts"):
                    if (desc[k], event[k]) != (key_desc[k], key_events[0][0][k]): complain(f"{k} differs from the key field's")
                repetition = check_parquet(data[len(data) - event["payload_bytes"]:], field, complain)
                if bool(desc["extras"].get("nullable")) != (repetition == "OPTIONAL"): complain(f"extra nullable {desc['extras'].get('nullable')}, but the column is {repetition}")
                got, n = texts(desc, table), sum(t.num_rows for _, t in key_events)
                if len(got) != n: complain(f"{len(got)} rows, the key field has {n}"); continue
                for i, (w, g) in enumerate(zip(want[at:at + n], got)):
                    g = g if field["type"] in ("JSON", "FloatVector", "BinaryVector") else cell(g, field)
                    compared += 1
                    if not same(w[name], g, field): differ += 1; differ <= 10 and problems.append(f"segment {segment} field {name} row {at + i}: {g!r}, expected {w[name]!r}"[:400])
                at += n
            if at != len(want): problems.append(f"segment {segment} field {name}: {at} rows, expected {len(want)}")
    return compared, differ, problems

if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for x in ("root", "collection", "schema", "expected"): ap.add_argument(x)
    ap.add_argument("mode", choices=["replace", "coalesce", "overwrite"]); ap.add_argument("--source"); ap.add_argument("--fields")
    a = ap.parse_args()
    compared, differ, problems = compare(a.root, a.collection, a.schema, a.expected, a.mode, a.source, a.fields and a.fields.split(","))
    for p in problems[:30]: print(p)
    if len(problems) > 30: print(f"... and {len(problems) - 30} problems more")
    print(f"{compared} values compared, {differ} differ" + (f", {len(problems)} problems" if problems else ""))
    sys.exit(0 if compared and not differ and not problems else 1)
