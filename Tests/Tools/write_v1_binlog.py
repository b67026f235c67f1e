#!/usr/bin/env python3
"""Independent writer of Milvus StorageV1 insert binlogs (reference producer of the self-tests).  pip install pyarrow

    binlog(values, "Int32", collection, partition, segment, field, ts_from, ts_to, **variant) -> bytes

Container (little endian): int32 magic 0xfffabc; descriptor event; one insert event whose payload is a Parquet file with one
column.  `variant` keys change one thing each (negative and tolerance tests):
  codec 'ZSTD'|'SNAPPY'|'NONE'|'GZIP'|'BROTLI'|'LZ4'; dictionary bool; page_version '1.0'|'2.0'; row_group_size n;
  encoding ('PLAIN', 'DELTA_BINARY_PACKED', ...); parquet_version; statistics, checksum, page_index bool; page_size n; column name; nullable bool (OPTIONAL column); field_id n (Parquet field id); arrow_schema bool; physical (arrow type);
  desc_field, desc_segment, desc_partition, desc_collection, desc_type (number), desc_ts (from, to), event_ts (from, to),
  header_ts, next_position 'ok'|'minus1'|'zero'|'off'; extra (bytes) instead of the JSON; original_size; magic; event_type;
  post_header bytes; split n (number of insert events); trailing bytes; event_length_delta."""
import io, json, struct
import pyarrow as pa, pyarrow.parquet as pq

MAGIC = 0xfffabc
TYPE = {"Bool": 1, "Int8": 2, "Int16": 3, "Int32": 4, "Int64": 5, "Float": 10, "Double": 11, "String": 20, "VarChar": 21, "Array": 22,
        "JSON": 23, "BinaryVector": 100, "FloatVector": 101}
ARROW = {"Bool": pa.bool_(), "Int8": pa.int8(), "Int16": pa.int16(), "Int32": pa.int32(), "Int64": pa.int64(), "Float": pa.float32(),
         "Double": pa.float64(), "String": pa.string(), "VarChar": pa.string(), "Array": pa.binary(), "JSON": pa.binary()}
WIDTH = {"Bool": 1, "Int8": 1, "Int16": 2, "Int32": 4, "Int64": 8, "Float": 4, "Double": 8}

def varint(n):
    n &= (1 << 64) - 1; out = bytearray()
    while n > 127: out.append(n & 127 | 128); n >>= 7
    out.append(n); return bytes(out)

def scalar_field(v, element):
    """Array cell: serialized schema.proto ScalarField"""
    kind = {"Bool": 1, "Int64": 3, "Float": 4, "Double": 5, "VarChar": 6}.get(element, 2)
    part = lambda number, data: varint(number << 3 | 2) + varint(len(data)) + data
    if kind == 6: inner = b"".join(part(1, x.encode()) for x in v)
    elif not v: inner = b""
    else: inner = part(1, struct.pack(f"<{len(v)}{'f' if kind == 4 else 'd'}", *v) if kind in (4, 5) else b"".join(varint(int(x)) for x in v))
    return part(kind, inner)

def cells(values, typ, element=None):
    """values as in JSON -> what stands in the Parquet cells"""
    if typ == "Array": return [None if v is None else v if isinstance(v, bytes) else scalar_field(v, element) for v in values]
    if typ == "FloatVector": return [None if v is None else struct.pack(f"<{len(v)}f", *v) for v in values]
    if typ == "BinaryVector": return [None if v is None else bytes.fromhex(v) if isinstance(v, str) else bytes(v) for v in values]
    if typ == "JSON": return [None if v is None else v if isinstance(v, bytes) else json.dumps(v, ensure_ascii=False, separators=(",", ":")).encode() for v in values]
    return list(values)

def memory(cs, typ):
    if typ in WIDTH: return WIDTH[typ] * len(cs)
    return sum(len(c.encode() if isinstance(c, str) else c) for c in cs if c is not None)

def parquet(cs, typ, codec="ZSTD", dictionary=True, page_version="1.0", row_group_size=None, column="val", nullable=False, field_id=None,
            arrow_schema=False, physical=None, dim_bytes=None, encoding=None, parquet_version="2.6", level=3, statistics=True, checksum=False, page_index=False, page_size=None, **_):
    if isinstance(physical, str): physical = getattr(pa, physical)()
    t = physical or ARROW.get(typ) or pa.binary(dim_bytes or len(next(c for c in cs if c is not None)))
    meta = {b"PARQUET:field_id": str(field_id).encode()} if field_id is not None else None
    names = column if isinstance(column, list) else [column]
    tab = pa.table([pa.array(cs, type=t)] * len(names), schema=pa.schema([pa.field(n, t, nullable=nullable, metadata=meta) for n in names]))
    out = io.BytesIO()
    w = pq.ParquetWriter(out, tab.schema, version=parquet_version, compression=codec, use_dictionary=dictionary and not encoding, data_page_version=page_version,
                         store_schema=arrow_schema, write_statistics=statistics, write_page_checksum=checksum, write_page_index=page_index,
                         **({"column_encoding": {n: encoding for n in names}} if encoding else {}), **({"data_page_size": page_size, "write_batch_size": 8} if page_size else {}), **({"compression_level": level} if codec == "ZSTD" else {}))
    w.write_table(tab, row_group_size=row_group_size); w.close()
    return out.getvalue()

def binlog(values, typ, collection, partition, segment, field, ts_from, ts_to, header_ts=None, desc_field=None, desc_segment=None,
           desc_partition=None, desc_collection=None, desc_type=None, desc_ts=None, event_ts=None, next_position="ok", extra=None,
           original_size=None, magic=MAGIC, event_type=1, post_header=bytes([52] + [16] * 7), split=1, trailing=b"", event_length_delta=0, **v):
    cs, hts = cells(values, typ, v.pop("element", None)), ts_to if header_ts is None else header_ts
    pick = lambda a, b: b if a is None else a
    if extra is None:
        e = {"original_size": str(memory(cs, typ) if original_size is None else original_size)}
        if v.get("nullable_mark"): e["nullable"] = True
        extra = json.dumps(e, separators=(",", ":")).encode()
    body = struct.pack("<qqqqQQi", pick(desc_collection, collection), pick(desc_partition, partition), pick(desc_segment, segment),
                       pick(desc_field, field), *(desc_ts or (ts_from, ts_to)), pick(desc_type, TYPE[typ])) + post_header + struct.pack("<i", len(extra)) + extra
    out = bytearray(struct.pack("<i", magic))
    def event(kind, body):
        end = len(out) + 17 + len(body)
        nxt = {"ok": end, "minus1": -1, "zero": 0, "off": end + 7}[next_position]
        out.extend(struct.pack("<Qbii", hts, kind, 17 + len(body) + (event_length_delta if kind else 0), nxt) + body)
    event(0, body)
    n = len(cs); cuts = [n * i // split for i in range(split + 1)]
    for a, b in zip(cuts, cuts[1:]):
        event(event_type, struct.pack("<QQ", *(event_ts or (ts_from, ts_to))) + parquet(cs[a:b], typ, **v))
    return bytes(out) + trailing

# --- reference producer: new columns for a whole Milvus root ---------------------------------------------------------
def random_value(f, rnd):
    t = f["type"]
    if t == "VarChar": return "".join(rnd.choice("abc é漢🙂\"\\n") for _ in range(rnd.randint(0, 12)))
    if t == "Bool": return rnd.random() < .5
    if t in ("Int8", "Int16", "Int32", "Int64"): b = int(t[3:]) - 1; return rnd.choice([rnd.randint(-2**b, 2**b - 1), 0, 2**b - 1, -2**b, rnd.randint(-9, 9)])
    if t == "Float": return struct.unpack("<f", struct.pack("<f", rnd.uniform(-1e5, 1e5)))[0]
    if t == "Double": return rnd.uniform(-1e12, 1e12)
    if t == "JSON": return {"n": rnd.randint(0, 9**9), "s": rnd.choice(["", "é", "x"]), "l": [1, None, True, 1.5], "o": {"k": "v"}}
    if t == "FloatVector": return [struct.unpack("<f", struct.pack("<f", rnd.uniform(-1, 1)))[0] for _ in range(f["dim"])]
    if t == "BinaryVector": return rnd.randbytes(f["dim"] // 8).hex()
    if t == "Array": return [random_value({"type": f["element_type"]}, rnd) for _ in range(rnd.randint(0, f["max_capacity"]))]
    raise ValueError(t)

def live_rows(root):
    """-> [(coll, part, seg, dir, {field: values}, [live row offsets], rows per binlog)]"""
    import glob, os
    import read_v1_binlog as r1
    out = []
    for d in sorted(glob.glob(f"{root}/insert_log/*/*/*")):
        c, p, s = d.split("/")[-3:]
        cols = {f: r1.field_values(f"{d}/{f}") for f in (1, 100)}
        per = [sum(t.num_rows for _, t in r1.read(open(f"{d}/1/{l}", "rb").read())[1]) for l in sorted(os.listdir(d + "/1"), key=int)]
        dl = f"{root}/delta_log/{c}/{p}/{s}"; last = {}
        for k, t in (r1.deletes(dl) if os.path.isdir(dl) else []): last[k] = max(t, last.get(k, 0))
        out.append((int(c), int(p), int(s), d, cols, [i for i, (k, t) in enumerate(zip(cols[100], cols[1])) if last.get(k, 0) <= t], per))
    return out

def produce(root, schema, out, seed=1, per="match", variant=None):
    """write out/insert_log/.../<new field>/<logid> for every segment of root; -> truth [{pk, new fields}] of the live rows.
    per 'match': as many binlogs as the other fields have (same row counts); 'one': one binlog per segment"""
    import os, random
    rnd, truth = random.Random(seed), {}
    pk = next(f["name"] for f in schema["fields"] if f.get("is_primary"))
    new = [f for f in schema["fields"] if f.get("new")]
    for c, p, s, d, cols, live, rows in live_rows(root):
        logid = max(int(l) for f in os.listdir(d) for l in os.listdir(f"{d}/{f}"))
        n = len(cols[100])
        vals = {f["id"]: [random_value(f, rnd) for _ in range(n)] for f in new}
        for f in new:
            at = 0; os.makedirs(f"{out}/insert_log/{c}/{p}/{s}/{f['id']}", exist_ok=True)
            for k in (rows if per == "match" else [n]):
                logid += 1; ts = cols[1][at:at + k]
                open(f"{out}/insert_log/{c}/{p}/{s}/{f['id']}/{logid}", "wb").write(
                    binlog(vals[f["id"]][at:at + k], f["type"], c, p, s, f["id"], min(ts), max(ts), **{"dim_bytes": dim_bytes(f), "element": f.get("element_type"), **(variant or {})}))
                at += k
        for i in live: truth[cols[100][i]] = {pk: cols[100][i], **{f["name"]: vals[f["id"]][i] for f in new}}
    return list(truth.values())

def dim_bytes(f): return None if "dim" not in f else f["dim"] * 4 if f["type"] == "FloatVector" else f["dim"] // 8

def from_job(job, out, mode="replace", per="match", variant=None):
    """the reference back-fill of a job of make_v1_job.py: binlogs of its new fields with the true values"""
    import os
    import read_v1_binlog as r1
    j, rows = json.load(open(job + "/job.json")), {}
    for l in open(job + "/truth.jsonl", encoding="utf-8"): r = json.loads(l); rows.setdefault(r["segment"], []).append(r)
    for c, p, s, d, cols, live, counts in live_rows(job + "/milvus"):
        logid = max(int(l) for f in os.listdir(d) for l in os.listdir(f"{d}/{f}"))
        for f in j["new"]:
            v = [r[mode][f["name"]] for r in rows[s]]; at = 0; os.makedirs(f"{out}/insert_log/{c}/{p}/{s}/{f['id']}", exist_ok=True)
            for k in (counts if per == "match" else [len(v)]):
                logid += 1; ts = cols[1][at:at + k]
                open(f"{out}/insert_log/{c}/{p}/{s}/{f['id']}/{logid}", "wb").write(binlog(v[at:at + k], f["type"], c, p, s, f["id"], min(ts), max(ts),
                    **{"dim_bytes": dim_bytes(f), "element": f.get("element_type"), "nullable": any(x is None for x in v), **(variant or {})}))
                at += k

if __name__ == "__main__":
    import argparse, sys
    if sys.argv[1:2] == ["job"]: from_job(*sys.argv[2:4]); sys.exit()   # write_v1_binlog.py job JOB OUT
    ap = argparse.ArgumentParser(description="reference producer: random new columns for the segments of ROOT, and the truth")
    ap.add_argument("root"); ap.add_argument("schema"); ap.add_argument("out"); ap.add_argument("truth"); ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--per", choices=["match", "one"], default="match"); ap.add_argument("--variant", default="{}", help="JSON, see above")
    a = ap.parse_args()
    rows = produce(a.root, json.load(open(a.schema)), a.out, a.seed, a.per, json.loads(a.variant))
    with open(a.truth, "w", encoding="utf-8") as fh:
        for r in rows: fh.write(json.dumps(r, ensure_ascii=False) + "\n")
    print(len(rows), "live rows")
