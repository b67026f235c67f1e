#!/usr/bin/env python3
"""Independent reader of Milvus StorageV1 binlogs (insert_log, delta_log) and stats logs.  pip install pyarrow

  read_v1_binlog.py dump FILE...                  header, descriptor and values of each file as JSON
  read_v1_binlog.py segment INSERT_LOG/<coll>/<part>/<seg> [DELTA_LOG/<coll>/<part>/<seg>]   rows in physical order, JSON lines

Layout (little endian): int32 magic 0xfffabc; events.  Event header 17 bytes: u64 timestamp, i8 type, i32 event length
(header included), i32 next position.  Type 0 = descriptor: i64 collection, partition, segment, field; u64 start ts,
end ts; i32 payload data type; one byte per event type (post header lengths); i32 length and JSON of extras
({"original_size": "..."}).  Other types: u64 start ts, u64 end ts, then a whole Parquet file with one column `val`."""
import io, json, os, re, struct, sys
import pyarrow.parquet as pq

MAGIC = 0xfffabc
TYPES = {0: "None", 1: "Bool", 2: "Int8", 3: "Int16", 4: "Int32", 5: "Int64", 10: "Float", 11: "Double", 20: "String", 21: "VarChar",
         22: "Array", 23: "JSON", 100: "BinaryVector", 101: "FloatVector", 102: "Float16Vector", 103: "BFloat16Vector", 104: "SparseFloatVector", 105: "Int8Vector"}
EVENTS = {0: "descriptor", 1: "insert", 2: "delete", 3: "create_collection", 4: "drop_collection", 5: "create_partition", 6: "drop_partition", 7: "index_file"}

def read(data):
    """-> (descriptor dict, [ (event dict, pyarrow.Table) ])"""
    if struct.unpack_from("<i", data)[0] != MAGIC: raise ValueError("bad magic")
    pos, events, desc, n_post = 4, [], None, None
    while pos < len(data):
        ts, typ, length, nxt = struct.unpack_from("<QbiI", data, pos)[:4]
        if length < 17 or nxt != pos + length: raise ValueError(f"event at {pos}: length {length}, next {nxt}")
        body, end = pos + 17, pos + length
        if typ == 0:
            c, p, s, f, t0, t1, dt = struct.unpack_from("<qqqqQQi", data, body)
            # post header lengths: all bytes up to the extras length that makes the event end exactly
            q = body + 52
            for n in range(0, 64):
                (ln,) = struct.unpack_from("<i", data, q + n)
                if q + n + 4 + ln == end and data[q + n + 4:q + n + 5] in (b"{", b"n"): n_post = n; break
            else: raise ValueError("no extras found")
            extras = json.loads(data[q + n_post + 4:end])
            desc = dict(collection=c, partition=p, segment=s, field=f, start_ts=t0, end_ts=t1, payload_type=TYPES.get(dt, dt), timestamp=ts,
                        post_header_lengths=list(data[q:q + n_post]), extras=extras)
        else:
            t0, t1 = struct.unpack_from("<QQ", data, body)
            # without threads: pyarrow's sometimes abort the process when it ends
            tab = pq.ParquetFile(io.BytesIO(data[body + 16:end])).read(use_threads=False)
            events.append((dict(event=EVENTS.get(typ, typ), timestamp=ts, start_ts=t0, end_ts=t1, payload_bytes=end - body - 16,
                                arrow_type=str(tab.schema.field(0).type), column=tab.schema.field(0).name), tab))
        pos = nxt
    return desc, events

def varint(raw, p):
    n = shift = 0
    while True:
        c = raw[p]; p += 1; n |= (c & 127) << shift; shift += 7
        if c < 128: return n, p

def message(raw):
    """protobuf message -> [(field number, wire type, value)]"""
    p, out = 0, []
    while p < len(raw):
        key, p = varint(raw, p); wire = key & 7
        if wire == 0: v, p = varint(raw, p)
        else:
            n, p = varint(raw, p) if wire == 2 else ({1: 8, 5: 4}[wire], p)
            if p + n > len(raw): raise ValueError("protobuf: past the end")
            v = raw[p:p + n]; p += n
        out.append((key >> 3, wire, v))
    return out

def scalar_array(raw):
    """Array cell: serialized ScalarField {1 bool, 2 int, 3 long, 4 float, 5 double, 6 string}, each {repeated data = 1}"""
    kinds = message(raw)
    if not kinds: return []
    (kind, _, inner), out = kinds[-1], []
    for n, wire, v in message(inner):
        if n != 1: raise ValueError(f"ScalarField: inner field {n}")
        if kind == 6: out.append(v.decode())
        elif kind in (4, 5): out += struct.unpack(f"<{len(v) // (4 * kind - 12)}{'f' if kind == 4 else 'd'}", v)
        else:
            p, numbers = 0, [v] if wire == 0 else []
            while wire == 2 and p < len(v): x, p = varint(v, p); numbers.append(x)
            out += [bool(x) if kind == 1 else x - (x >> 63 << 64) for x in numbers]
    return out

def values(desc, table):
    t, out = desc["payload_type"], []
    for v in table.column(0).to_pylist():
        if v is None: out.append(None)
        elif t == "FloatVector": out.append(list(struct.unpack(f"<{len(v)//4}f", v)))
        elif t == "Array": out.append(scalar_array(v))
        elif t == "JSON": out.append(json.loads(v))
        elif isinstance(v, bytes): out.append(v.hex())
        else: out.append(v)
    return out

def field_values(folder):
    vals = []
    for name in sorted(os.listdir(folder), key=int):
        d, evs = read(open(os.path.join(folder, name), "rb").read())
        for _, t in evs: vals += values(d, t)
    return vals

def segment(folder):
    """{field id: values}, physical order; several binlogs of a field follow in order of their log id"""
    return {int(f): field_values(os.path.join(folder, f)) for f in sorted(os.listdir(folder), key=int)}

def deletes(folder):
    """[(pk, ts)]: 2.3 writes JSON {"pk","ts","pkType"}; older writers "pk,ts" """
    out = []
    for name in sorted(os.listdir(folder), key=int):
        d, evs = read(open(os.path.join(folder, name), "rb").read())
        for _, t in evs:
            for v in t.column(0).to_pylist():
                if v.startswith("{"): j = json.loads(v); out.append((j["pk"], j["ts"]))
                else: pk, ts = v.rsplit(",", 1); out.append((int(pk) if re.fullmatch(r"-?\d+", pk) else pk, int(ts)))
    return out

if __name__ == "__main__":
    if sys.argv[1] == "dump":
        for p in sys.argv[2:]:
            d, evs = read(open(p, "rb").read())
            for e, t in evs: e["values"] = values(d, t)
            print(json.dumps({"file": os.path.basename(p), "descriptor": d, "events": [e for e, _ in evs]}, ensure_ascii=False))
    else:
        seg = segment(sys.argv[2]); dels = deletes(sys.argv[3]) if len(sys.argv) > 3 else []
        for i in range(len(seg[0])):
            pk, ts = seg[100][i], seg[1][i]
            print(json.dumps({"row": i, **{str(f): v[i] for f, v in seg.items()}, "deleted": any(k == pk and t > ts for k, t in dels)}, ensure_ascii=False))
