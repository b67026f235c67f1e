"""Random tables for round_trips.py, and the files that three independent writers make of them.

`write(rnd, path)` makes one table and writes it; everything comes from `rnd`, so that the same seed gives the same file.  Left out, because there is no value that all would agree on:
  duration            Parquet has none; pyarrow stores an integer and remembers the type beside the schema
  uuid, time with time zone (duckdb)   written well, but the canonical form says nothing of the first, and pyarrow gives the second its own reading
  union, run ends, views, decimal32/64, negative scales   no files of their own, or pyarrow does not write them
  structs without fields   pyarrow does not write them
Of duckdb: no decimals over 38 digits, no float16, no null type, no fixed sizes, no names that differ in case only or are there twice.  Of polars: no maps; it makes structs in lists of them."""
import math, string
from decimal import Context, Decimal
import numpy as np
import pyarrow as pa, pyarrow.parquet as pq

CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]
NAMES = ["a", "B", "id", "päpstin", "列", "emoji 🦀", "with space", "dotted.name", "a.b.c", "list", "element", "key_value", "quote\"d", "back\\slash", "tab\there", "Ω", "select", "0", "x" * 200, "-", "semi;colon", "per%cent"]
DIGITS = [1, 2, 4, 5, 9, 10, 18, 19, 25, 38]
EXACT = Context(prec=100)

def leaf(rnd, writer):
    """a type without children"""
    kinds = ["bool", "int", "int", "float", "decimal", "string", "string", "binary", "fixed", "date", "time", "timestamp", "timestamp", "large", "dictionary"]
    kind = rnd.choice(kinds + (["half", "wide", "null", "date64", "time32"] if writer == "pyarrow" else []))
    if kind == "bool": return pa.bool_()
    if kind == "int": return rnd.choice([pa.int8, pa.int16, pa.int32, pa.int64, pa.uint8, pa.uint16, pa.uint32, pa.uint64])()
    if kind == "float": return rnd.choice([pa.float32, pa.float64])()
    if kind == "half": return pa.float16()
    if kind == "decimal": p = rnd.choice(DIGITS); return pa.decimal128(p, rnd.choice([0, p, rnd.randint(0, p)]))
    if kind == "wide": p = rnd.choice([39, 50, 76]); return pa.decimal256(p, rnd.choice([0, p, rnd.randint(0, p)]))
    if kind == "string": return pa.string()
    if kind == "binary": return rnd.choice([pa.binary, pa.large_binary])()
    if kind == "large": return pa.large_string()
    if kind == "fixed": return pa.binary(rnd.choice([1, 2, 3, 4, 8, 12, 16, 33, 300])) if writer != "duckdb" else pa.binary()
    if kind == "date": return pa.date32()
    if kind == "date64": return pa.date64()
    if kind == "time32": return pa.time32(rnd.choice(["s", "ms"]))
    if kind == "time": return pa.time64(rnd.choice(["us", "ns"]))
    if kind == "timestamp": return pa.timestamp(rnd.choice(["s", "ms", "us", "ns"]), rnd.choice([None, None, "UTC", "Europe/Berlin"]))
    if kind == "dictionary": return pa.dictionary(rnd.choice([pa.int8, pa.int32])(), pa.string())
    return pa.null()

def field(rnd, name, type, writer):
    ids = {b"PARQUET:field_id": str(rnd.randint(0, 10000)).encode()} if writer == "pyarrow" and rnd.random() < 0.15 else None
    return pa.field(name, type, nullable=pa.types.is_null(type) or rnd.random() < 0.8, metadata=ids)

def nested(rnd, depth, writer):
    """a type that is at most `depth` levels deep"""
    if depth == 0 or rnd.random() < 0.25: return leaf(rnd, writer)
    kind = rnd.choice(["struct", "list", "large", "fixed", "map"])
    if kind == "map" and writer == "polars": kind = "list"
    if kind == "fixed" and writer == "duckdb": kind = "list"
    inner = nested(rnd, depth - 1, writer)
    if kind == "struct":
        names = rnd.sample(NAMES, rnd.randint(1, 3))
        return pa.struct([field(rnd, n, inner if i == 0 else nested(rnd, rnd.randint(0, depth - 1), writer), writer) for i, n in enumerate(names)])
    if kind == "map":
        key = leaf(rnd, writer)
        while pa.types.is_null(key) or pa.types.is_floating(key) or pa.types.is_dictionary(key): key = leaf(rnd, writer)
        return pa.map_(key, pa.field("value", inner, nullable=pa.types.is_null(inner) or rnd.random() < 0.8))
    item = pa.field(rnd.choice(["item", "element", "other"]), inner, nullable=pa.types.is_null(inner) or rnd.random() < 0.8)
    if kind == "fixed": return pa.list_(item, rnd.randint(1, 4))
    return pa.large_list(item) if kind == "large" else pa.list_(item)

class Values:
    """values of any type; `nulls` is the share of missing ones, `few` the number of different leaves or nothing, `huge` a length that some strings have"""
    def __init__(self, rnd, nulls, few, huge, narrow): self.rnd, self.nulls, self.few, self.huge, self.narrow, self.pools, self.at = rnd, nulls, few, huge, narrow, {}, 0

    def of(self, field):
        if field.nullable and self.rnd.random() < self.nulls: return None
        t, r, T = field.type, self.rnd, pa.types
        if T.is_struct(t): return {t.field(i).name: self.of(t.field(i)) for i in range(t.num_fields)}
        if T.is_map(t):
            keys = {}                                          # a key once only: some readers make a dictionary of the entries
            for _ in range(self.length()): k = self.of(t.key_field); keys[k] = self.of(t.item_field)
            return list(keys.items())
        if T.is_fixed_size_list(t): return [self.of(t.value_field) for _ in range(t.list_size)]
        if T.is_list(t) or T.is_large_list(t): return [self.of(t.value_field) for _ in range(self.length())]
        if not self.few: return self.leaf(t)
        pool = self.pools.setdefault(t, [])
        if len(pool) < self.few: pool.append(self.leaf(t))
        return r.choice(pool)

    def length(self): return self.rnd.choice([0, 0, 1, 1, 2, 3, 5])

    def integer(self, low, high):
        r = self.rnd; kind = r.random()
        if kind < 0.1: return r.choice([low, high])
        if kind < 0.2: return max(low, min(high, r.choice([0, 1, -1])))
        if kind < 0.5: return r.randint(low, high)
        if kind < 0.7: self.at += r.randint(0, 9); return low + (self.at - low) % (high - low + 1)
        return max(low, min(high, r.randint(-100, 1000)))

    def text(self):
        r = self.rnd; kind = r.random()
        if self.huge and kind < 0.02: return r.choice(["x", "ü", "ab🦀"]) * (self.huge // 2)
        if kind < 0.1: return ""
        if kind < 0.2: return "".join(chr(r.choice([0, 9, 10, 13, 31, 34, 92, 127, 0x80, 0x2028, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF])) for _ in range(r.randint(1, 8)))
        if kind < 0.25: return r.choice(["NaN", "null", "0x00", "dec:1", "sha256:1:0", "true"])
        if kind < 0.3: return "".join(r.choices(string.printable, k=r.randint(250, 262)))
        if kind < 0.6: return f"prefix/of/many/{r.randint(0, 999):05d}"
        return "".join(r.choices(string.ascii_letters + "äöüß", k=r.randint(0, 30)))

    def leaf(self, t):
        r, T = self.rnd, pa.types
        if T.is_null(t): return None
        if T.is_boolean(t): return r.random() < r.choice([0.1, 0.5, 0.9])
        if T.is_integer(t): return self.integer(*((-(1 << t.bit_width - 1), (1 << t.bit_width - 1) - 1) if T.is_signed_integer(t) else (0, (1 << t.bit_width) - 1)))
        if T.is_floating(t): return self.floating(t)
        if T.is_decimal(t): return Decimal(self.integer(-10**t.precision + 1, 10**t.precision - 1)).scaleb(-t.scale, EXACT)
        if T.is_date32(t): return r.choice([-2**31, 2**31 - 1]) if r.random() < 0.02 and not self.narrow else r.choice([0, -1, r.randint(-700000, 2900000), r.randint(18000, 20000)])
        if T.is_date64(t): return r.randint(-700000, 2900000) * 86400000
        if T.is_time(t): day = 86400 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[t.unit]; return r.choice([0, day - 1, r.randrange(day)])
        if T.is_timestamp(t): return self.timestamp(t)
        if T.is_dictionary(t) or T.is_string(t) or T.is_large_string(t): return self.text() if not T.is_dictionary(t) or r.random() < 0.1 else r.choice(["red", "green", "blue", "", "ein längerer Text"])
        if T.is_fixed_size_binary(t): return r.choice([bytes(t.byte_width), b"\xff" * t.byte_width, b"f" * t.byte_width, r.randbytes(t.byte_width)])
        return r.choice([b"", r.randbytes(r.randint(0, 40)), self.text().encode()])

    def floating(self, t):
        r, make = self.rnd, {16: np.float16, 32: np.float32, 64: np.float64}[t.bit_width]
        kind = r.random()
        if kind < 0.25: x = r.choice([0.0, -0.0, math.nan, math.inf, -math.inf, 1.0, -1.0, 0.1, 1e22, 123456789.0])
        elif kind < 0.5: x = np.frombuffer(r.randbytes(t.bit_width // 8), make)[0]        # any bits: subnormal and huge ones
        elif kind < 0.75: x = float(r.randint(-1000, 1000)) / r.choice([1, 2, 3, 10])
        else: x = r.gauss(0, 1)
        with np.errstate(over="ignore", invalid="ignore"): x = make(x)
        return x if t.bit_width == 16 else float(x)

    def timestamp(self, t):
        """within the years 1 to 9999 or, for nanoseconds and INT96, 1700 to 2200; rarely the ends of the type"""
        r, unit = self.rnd, {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[t.unit]
        near = t.unit == "ns" or self.narrow
        if r.random() < 0.02 and not self.narrow and t.unit in ("us", "ns"): return r.choice([-2**63, 2**63 - 1])
        second = r.choice([0, -1, r.randint(1_500_000_000, 1_800_000_000), r.randint(*((-8_520_336_000, 7_258_118_400) if near else (-62_135_596_800, 253_402_300_799)))])
        return second * unit + r.choice([0, r.randrange(unit), unit - 1])

def make(rnd, writer, narrow):
    """-> pyarrow table"""
    rows = rnd.choices([0, 1, 2, rnd.randint(3, 30), rnd.randint(30, 300), 20000], [3, 4, 3, 30, 58, 1.5])[0]
    depth = 0 if writer == "duckdb" and rnd.random() < 0.5 else rnd.choice([0, 0, 1, 2, 3, 4])
    columns = 0 if writer == "pyarrow" and rnd.random() < 0.01 else rnd.randint(1, 2) if rows == 20000 else rnd.randint(1, 7)
    if rows == 20000: depth = min(depth, 1)
    huge = rnd.randint(1 << 20, 3 << 20) if rnd.random() < 0.03 and rows < 300 else 0
    names = rnd.sample(NAMES + [""] if writer == "pyarrow" else NAMES, columns)
    if writer == "pyarrow" and columns > 1 and rnd.random() < 0.03: names[-1] = names[0]
    if writer == "duckdb": names = list({n.lower(): n for n in names}.values())
    fields, arrays = [], []
    for name in names:
        f = field(rnd, name, nested(rnd, depth, writer), writer)
        made = Values(rnd, rnd.choice([0, 0.1, 0.5, 1]), rnd.choice([0, 0, 1, 3, 20]), huge, narrow)
        # a column may begin or end with nulls only, so that pages and row groups without a value occur
        edge = rnd.randint(0, rows) if f.nullable and rnd.random() < 0.1 else 0
        fields.append(f); arrays.append(pa.array([None if i < edge else made.of(f) for i in range(rows)], f.type))
    return pa.table(arrays, schema=pa.schema(fields))

def leaves(table, **options):
    """-> [(path, physical type)] of the columns that pyarrow makes of the table"""
    sink = pa.BufferOutputStream(); pq.write_table(table.schema.empty_table(), sink, **options)
    schema = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [(schema.column(i).path, schema.column(i).physical_type) for i in range(len(schema))]

ENCODINGS = {"INT32": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"], "INT64": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"], "FLOAT": ["PLAIN", "BYTE_STREAM_SPLIT"],
             "DOUBLE": ["PLAIN", "BYTE_STREAM_SPLIT"], "BYTE_ARRAY": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"], "FIXED_LEN_BYTE_ARRAY": ["PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
             "BOOLEAN": ["PLAIN", "RLE"], "INT96": ["PLAIN"]}

def by_pyarrow(rnd, table, path, narrow):
    rows = table.num_rows
    o = {"compression": rnd.choice(CODECS), "data_page_version": rnd.choice(["1.0", "2.0"]), "version": rnd.choice(["1.0", "2.4", "2.6", "2.6", "2.6"]), "write_page_index": rnd.random() < 0.5,
         "write_page_checksum": rnd.random() < 0.3, "write_statistics": rnd.random() < 0.7, "store_schema": rnd.random() < 0.6, "use_compliant_nested_type": rnd.random() < 0.7,
         "store_decimal_as_integer": rnd.random() < 0.3, "row_group_size": rnd.choice([None, max(1, rows // 3), max(1, rows // 7), 64, 1000])}
    if rows > 3000 and o["row_group_size"] == 64: o["row_group_size"] = 6400
    if narrow: o["use_deprecated_int96_timestamps"] = True
    if narrow: o["version"] = "2.6"
    elif o["version"] != "2.6" or rnd.random() < 0.1: o |= {"coerce_timestamps": rnd.choice(["ms", "us"]), "allow_truncated_timestamps": True}
    if rnd.random() < 0.5: o |= {"data_page_size": rnd.choice([1, 16, 100, 1000]), "write_batch_size": rnd.choice([1, 3, 16, 100])}
    if rows > 3000 and "write_batch_size" in o: o |= {"data_page_size": 1000, "write_batch_size": 100}
    if rnd.random() < 0.3: o["dictionary_pagesize_limit"] = rnd.choice([1, 50, 500])
    if rnd.random() < 0.1: o["max_rows_per_page"] = rnd.choice([1, 10, 50]) if rows < 3000 else 500
    if rnd.random() < 0.1: o["use_content_defined_chunking"] = {"min_chunk_size": 64, "max_chunk_size": 512, "norm_level": 0}
    how = rnd.choice(["dictionary", "plain", "choose", "choose"])
    if how == "choose":
        o |= {"use_dictionary": False, "column_encoding": {p: e for p, t in leaves(table, **{k: o[k] for k in ("version", "use_compliant_nested_type", "store_decimal_as_integer")}, use_deprecated_int96_timestamps=narrow)
                                                           if (e := rnd.choice(ENCODINGS[t])) != "RLE"}}
    else: o["use_dictionary"] = how == "dictionary"
    pq.write_table(table, path, **o)
    return o

def by_duckdb(rnd, table, path):
    import duckdb
    o = {"CODEC": rnd.choice(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4"]), "PARQUET_VERSION": rnd.choice(["V1", "V2"]), "ROW_GROUP_SIZE": rnd.choice([1, 2048, 4096, 122880])}
    with duckdb.connect() as c:
        c.execute("set threads=1"); c.execute("set timezone='UTC'"); c.register("made", table)
        intervals = ", interval (range) second + interval (range % 13) month + interval (range % 5) day as span" if rnd.random() < 0.2 else ""
        rows = f"made positional join range({table.num_rows})" if intervals else "made"
        c.execute(f"COPY (SELECT made.*{intervals} FROM {rows}) TO '{path}' (FORMAT parquet, {', '.join(f'{k} {v}' for k, v in o.items())})")
    return o

def by_polars(rnd, table, path):
    import polars as pl
    o = {"compression": rnd.choice(["uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4"]), "statistics": rnd.choice([True, False, "full"]),
         "row_group_size": rnd.choice([None, 7, 100, 1000]), "data_page_size": rnd.choice([None, 1, 100, 1000])}
    if table.num_rows > 3000: o["row_group_size"], o["data_page_size"] = 5000, None
    pl.from_arrow(table).write_parquet(path, **o)
    return o

def write(rnd, path):
    """a random table as a file -> (table, writer, options); an error when the writer refuses it"""
    writer = rnd.choices(["pyarrow", "duckdb", "polars"], [70, 15, 15])[0]
    narrow = writer == "pyarrow" and rnd.random() < 0.08         # its timestamps become INT96, which pyarrow fills from nanoseconds
    table = make(rnd, writer, narrow)
    if writer == "pyarrow": return table, writer, by_pyarrow(rnd, table, path, narrow)
    return table, writer, (by_duckdb if writer == "duckdb" else by_polars)(rnd, table, path)
