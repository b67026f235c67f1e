#!/usr/bin/env python3
"""spark_reads.py --program PATH/parquet --work DIR [--seed S] [--only WORD]    Apache Spark reads what `parquet copy` writes

Needs pyspark and pyarrow in this Python, and Java 17 or newer.  Each table is made in memory, written once by pyarrow (decimals in BYTE_ARRAY by Spark's own parquet-java), and rewritten by
`parquet copy` with snappy and zstd, page versions 1 and 2, and the encodings plain, dictionary, delta and bss, in small pages and several row groups:
  structure  the copy has the codec, pages, encodings, row groups and bloom filters that were asked for, else nothing would be proved (pqdump.py)
  read       Spark's types and every value, by its vectorized reader and by the one of rows, with page checksums verified
  filter     filters that Spark pushes down to the file: the rows found, by both readers, with every column of them; and, by the scan's own count, that page index, bloom filter and
             dictionary spared it the other rows
The truth is the table in memory, the filters' is computed here.  A line per failure, with its cause; copies that failed are kept in DIR.  Ends with "N passed, M failed"; exit 0 only when none
failed.  --only: tables whose name holds WORD.  About three minutes on two cores.

Left out, because Spark does not have it, whoever writes the file: brotli; unsigned 64 bits; times of day; in the vectorized reader, unsigned 32 bits in BYTE_STREAM_SPLIT and decimals of up to
18 digits in BYTE_ARRAY.  And because Spark contradicts itself: NaN and -0.0 in filters."""
import argparse, collections, datetime as dt, decimal, math, os, random, re, secrets, shutil, subprocess, sys, time
os.environ["TZ"] = "UTC"; time.tzset()                          # Spark gives a moment as the local time of this process
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
import pyarrow as pa, pyarrow.parquet as pq, pyarrow.types as T
import canonical, pqdump

ROWS, GROUP, PAGE = 1500, 500, 1000                            # of a table; rows of a row group; bytes of a page
SMALLER = {"booleans": 20}                                     # bytes of a page where 500 values do not fill several
CODECS, VERSIONS, ENCODINGS, READERS = ["snappy", "zstd"], [1, 2], ["plain", "dictionary", "delta", "bss"], ["vectorized", "rows"]
PROGRAM_SECONDS = 60
# one of these is among the encodings of each column chunk of the type that has values; of bytes, the program chooses
USED = {"plain": {t: {"PLAIN", "RLE"} if t == "BOOLEAN" else {"PLAIN"} for t in pqdump.TYPE}, "dictionary": {}, "delta": {"INT32": {"DELTA_BINARY_PACKED"}, "INT64": {"DELTA_BINARY_PACKED"}, "BYTE_ARRAY": {"DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"}, "BOOLEAN": {"RLE"}},
    "bss": {t: {"BYTE_STREAM_SPLIT"} for t in ("INT32", "INT64", "FLOAT", "DOUBLE", "FLBA")}}

# ---- the tables ----

class Tables:
    def __init__(self, seed): self.rnd = random.Random(seed)

    def optional(self, f, p=.15): return lambda i: None if self.rnd.random() < p else f(i)
    def word(self, i): return self.rnd.choice(["", "a", "zürich", "北京", "\U0001f600", "x" * 40, f"name-{i % 50}", f"id-{i:06}"])
    def float(self, i): return self.rnd.choice([0.0, -0.0, math.nan, math.inf, -math.inf, 1.5, self.rnd.uniform(-1e6, 1e6), i / 8])
    def moment(self, i): return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=self.rnd.choice([self.rnd.randint(-10**15, 4 * 10**15), i * 10**6, 0, -1, 999999]))
    def milli(self, i): return self.moment(i).replace(microsecond=self.rnd.randrange(1000) * 1000)
    def day(self, i): return dt.date(1970, 1, 1) + dt.timedelta(days=self.rnd.choice([0, -1, i, self.rnd.randint(-200000, 200000)]))
    def integer(self, low, high): return lambda i: self.rnd.choice([low, high, min(i, high), self.rnd.randint(low, high)])
    def list(self, f, most=4): return lambda i: [self.optional(f)(i) for _ in range(self.rnd.choice([0, 0, 1, self.rnd.randint(0, most)]))]
    def map(self, key, f, most=3): return lambda i: list({key(i + 7 * j): self.optional(f)(i) for j in range(self.rnd.randint(0, most))}.items())

    def decimal(self, digits, scale):
        def one(i):
            n = self.rnd.randint(1, digits)
            return decimal.Decimal(self.rnd.choice([0, 1, -1, 10**digits - 1, 1 - 10**digits, self.rnd.randint(1 - 10**n, 10**n - 1), self.rnd.randint(1 - 10**n, 10**n - 1)])).scaleb(-scale, decimal.Context(60))
        return one

    def table(self, columns, rows=ROWS):
        """{name: (function of the row's number, type, nullable)}"""
        return pa.table([pa.array([f(i) for i in range(rows)], t) for f, t, _ in columns.values()], pa.schema([pa.field(k, t, nullable) for k, (_, t, nullable) in columns.items()]))

    def both(self, name, f, t): return {name: (f, t, False), name + "_n": (self.optional(f), t, True)}

    def numbers(self):
        columns = {}
        for t, low, high in ((pa.int8(), -2**7, 2**7 - 1), (pa.int16(), -2**15, 2**15 - 1), (pa.int32(), -2**31, 2**31 - 1), (pa.int64(), -2**63, 2**63 - 1), (pa.uint8(), 0, 2**8 - 1), (pa.uint16(), 0, 2**16 - 1), (pa.uint32(), 0, 2**32 - 1)):
            columns |= self.both(str(t), self.integer(low, high), t)
        return self.table({**columns, **self.both("rising", lambda i: 3 * i, pa.int64()), **self.both("float", self.float, pa.float32()), **self.both("double", self.float, pa.float64()),
            "constant": (lambda i: 7, pa.int32(), False), "nothing": (lambda i: None, pa.int64(), True)})

    def booleans(self):
        return self.table({**self.both("random", lambda i: self.rnd.random() < .5, pa.bool_()), **self.both("runs", lambda i: i // 300 % 2 == 0, pa.bool_()), **self.both("mostly", lambda i: i % 97 != 5, pa.bool_()),
            "true": (lambda i: True, pa.bool_(), False), "nothing": (lambda i: None, pa.bool_(), True), "seldom": (self.optional(lambda i: i % 2 == 0, .97), pa.bool_(), True), "few_nulls": (self.optional(lambda i: i % 3 == 0, .01), pa.bool_(), True)})

    def texts(self):
        return self.table({**self.both("text", self.word, pa.string()), **self.both("few", lambda i: f"v{i // 300}", pa.string()), **self.both("rising", lambda i: f"common-prefix-{i:06}", pa.string()),
            **self.both("long", lambda i: "long " * self.rnd.randint(0, 200) + str(i), pa.string()), **self.both("bytes", lambda i: self.rnd.randbytes(self.rnd.randint(0, 20)), pa.binary()), **self.both("fixed", lambda i: self.rnd.randbytes(7), pa.binary(7)),
            "empty": (lambda i: "", pa.string(), False), "nothing": (lambda i: None, pa.string(), True)})

    def times(self):
        return self.table({**self.both("day", self.day, pa.date32()), **self.both("micros", self.moment, pa.timestamp("us", "UTC")), **self.both("millis", self.milli, pa.timestamp("ms", "UTC")),
            **self.both("local_micros", self.moment, pa.timestamp("us")), **self.both("local_millis", self.milli, pa.timestamp("ms")), **self.both("rising", lambda i: dt.datetime(2020, 1, 1) + dt.timedelta(seconds=i), pa.timestamp("us", "UTC"))})

    def int96(self): return self.table({**self.both("moment", self.moment, pa.timestamp("us", "UTC")), "rising": (lambda i: dt.datetime(2020, 1, 1) + dt.timedelta(seconds=i), pa.timestamp("us", "UTC"), False)})

    def decimals(self, kinds, rows=ROWS): return self.table({k: v for p, s in kinds for k, v in self.both(f"d{p}_{s}", self.decimal(p, s), pa.decimal128(p, s)).items()}, rows)
    def decimals_int(self): return self.decimals([(1, 0), (5, 2), (9, 0), (9, 9), (10, 3), (18, 4), (18, 18)])
    def decimals_fixed(self): return self.decimals([(1, 0), (5, 2), (9, 9), (10, 3), (18, 4), (19, 2), (28, 10), (38, 0), (38, 18), (38, 38)])
    def decimals_bytes(self): return self.decimals([(7, 2), (18, 4), (30, 10), (38, 38)], 800)

    def nested(self):
        o, l, pair = self.optional, pa.list_, pa.struct([("x", pa.int32()), pa.field("y", pa.string(), False)])
        struct = lambda i: {"x": o(lambda i: i)(i), "y": self.word(i)}
        name, number, same = lambda i: f"k{i % 97}", lambda i: i % 1000, lambda i: i
        deep = lambda i: {"p": o(lambda i: {"q": o(lambda i: {"r": o(same)(i)})(i)})(i)}
        return self.table({
            "ints": (o(self.list(same)), l(pa.int32()), True), "required": (lambda i: list(range(i % 4)), l(pa.field("element", pa.int64(), False)), False), "texts": (o(self.list(self.word)), l(pa.string()), True),
            "bools": (o(self.list(lambda i: i % 3 == 0)), l(pa.bool_()), True), "decimals": (o(self.list(self.decimal(12, 3))), l(pa.decimal128(12, 3)), True), "moments": (o(self.list(self.moment)), l(pa.timestamp("us", "UTC")), True),
            "list2": (o(self.list(self.list(same))), l(l(pa.int64())), True), "list3": (o(self.list(self.list(self.list(self.word, 2), 3))), l(l(l(pa.string()))), True), "long": (o(self.list(same, 300), .5), l(pa.int32()), True),
            "struct": (o(struct), pair, True), "struct_r": (struct, pair, False), "structs": (o(self.list(struct)), l(pair), True), "struct3": (o(deep), pa.struct([("p", pa.struct([("q", pa.struct([("r", pa.int32())]))]))]), True),
            "mixed": (o(lambda i: {"a": o(struct)(i), "b": o(self.list(struct))(i)}), pa.struct([("a", pair), ("b", l(pair))]), True), "map": (o(self.map(name, same)), pa.map_(pa.string(), pa.int32()), True),
            "map2": (o(self.map(number, self.map(name, self.word))), pa.map_(pa.int32(), pa.map_(pa.string(), pa.string())), True), "map_struct": (o(self.map(name, struct)), pa.map_(pa.string(), pair), True),
            "map_list": (o(self.map(name, self.list(same))), pa.map_(pa.string(), l(pa.int64())), True), "maps": (o(self.list(self.map(number, lambda i: i / 4))), l(pa.map_(pa.int64(), pa.float64())), True),
            "nothing": (lambda i: None, l(pa.int32()), True), "empty": (lambda i: [], l(pa.string()), True)})

    def filtered(self):
        """columns in order for the page index; `code` and `hash` have gaps in every page for the bloom filter, `colour` for the dictionary"""
        return self.table({"id": (lambda i: 3 * i, pa.int64(), False), "near": (self.optional(lambda i: i // 10, .1), pa.int32(), True), "gap": (lambda i: None if 600 <= i < 900 else i, pa.int32(), True),
            "code": (self.optional(lambda i: f"c{2 * self.rnd.randrange(1, 9999):05}", .1), pa.string(), True), "hash": (lambda i: 2 * self.rnd.randrange(-10**15, 10**15), pa.int64(), False), "colour": (lambda i: self.rnd.choice(["amber", "green", "red", "yellow"]), pa.string(), False),
            "name": (lambda i: f"name-{i:05}-ü", pa.string(), False), "price": (lambda i: i / 4 + self.rnd.random() + 1, pa.float64(), False), "day": (self.optional(lambda i: dt.date(2020, 1, 1) + dt.timedelta(days=i // 5), .05), pa.date32(), True),
            "moment": (lambda i: dt.datetime(2020, 1, 1) + dt.timedelta(seconds=i), pa.timestamp("us", "UTC"), False), "amount": (lambda i: decimal.Decimal(100 * i - 50000).scaleb(-2), pa.decimal128(12, 2), False), "wide": (lambda i: decimal.Decimal(10**25 * (i - 500)).scaleb(-5), pa.decimal128(35, 5), False)})

NAMES = ["numbers", "booleans", "texts", "times", "int96", "decimals_int", "decimals_fixed", "decimals_bytes", "nested"]
SPLIT = ["numbers", "decimals_int", "decimals_fixed"]           # the tables that BYTE_STREAM_SPLIT is tried with

def unreadable(column, table, encoding, reader):
    """what Spark does not read in other writers' files either"""
    return reader == "vectorized" and (encoding == "bss" and column.startswith("uint32") or table == "decimals_bytes" and column.startswith(("d7_", "d18_")))

# ---- filters ----

Filter = collections.namedtuple("Filter", "text holds most where")

def filters(table):
    """SQL; what it means for a row; the most rows that the scan may bring forth, where that is certain, in which encodings"""
    rows, every, small = table.to_pylist(), ENCODINGS, ["plain", "delta"]
    codes, hashes = {r["code"] for r in rows} - {None}, {r["hash"] for r in rows}
    code, number = sorted(codes)[len(codes) // 2], sorted(hashes)[len(hashes) // 2]
    other, absent = f"c{int(code[1:]) + 1:05}", number + 1
    there = lambda name, test: lambda r: r[name] is not None and test(r[name])
    return [
        Filter("id between 300 and 330", lambda r: 300 <= r["id"] <= 330, 2 * 125, small), Filter("not (id > 100)", lambda r: r["id"] <= 100, 125, small), Filter("id in (3, 4, 2997, 4497)", lambda r: r["id"] in (3, 2997, 4497), 3 * 125, small),
        Filter("near = 57", there("near", lambda v: v == 57), 600, small), Filter("near < 5 or near >= 148", there("near", lambda v: v < 5 or v >= 148), GROUP + 600, every), Filter("near <=> null and id < 900", lambda r: r["near"] is None and r["id"] < 900, GROUP, every),
        Filter("gap is null", lambda r: r["gap"] is None, 2 * GROUP, every), Filter("gap is not null and id > 4400", lambda r: r["gap"] is not None and r["id"] > 4400, 125, small),
        Filter(f"code = '{code}'", lambda r: r["code"] == code, None, every), Filter(f"code = '{other}'", lambda r: False, 0, every), Filter(f"hash in ({number}, {absent})", lambda r: r["hash"] == number, GROUP, every), Filter(f"hash = {absent}", lambda r: False, 0, every),
        Filter("colour = 'red' and id < 3000", lambda r: r["colour"] == "red" and r["id"] < 3000, 2 * GROUP, every), Filter("colour = 'mauve'", lambda r: False, 0, ["dictionary"]), Filter("colour in ('mauve', 'green') and near < 20", lambda r: r["colour"] == "green" and r["near"] is not None and r["near"] < 20, GROUP, every),
        Filter("name >= 'name-01490'", lambda r: r["name"] >= "name-01490", 125, small), Filter("startswith(name, 'name-007')", lambda r: r["name"].startswith("name-007"), GROUP, every), Filter("price > 300 and price <= 310", lambda r: 300 < r["price"] <= 310, 400, small),
        Filter("day = date'2020-03-01'", there("day", lambda v: v == dt.date(2020, 3, 1)), 600, small), Filter("moment < timestamp'2020-01-01 00:01:00'", lambda r: r["id"] < 180, 125, small), Filter("amount < -480", lambda r: r["amount"] < -480, 125, small),
        Filter("wide > 99000000000000000000000", lambda r: r["wide"] > 99 * 10**21, 125, ["plain"])]

BLOOM = ["--bloom", "code,hash"]

# ---- values and types as Spark gives them ----

def spark_type(t):
    if T.is_timestamp(t): return "timestamp" if t.tz else "timestamp_ntz"
    if T.is_decimal(t): return f"decimal({t.precision},{t.scale})"
    if T.is_map(t): return f"map<{spark_type(t.key_type)},{spark_type(t.item_type)}>"
    if T.is_list(t): return f"array<{spark_type(t.value_type)}>"
    if T.is_struct(t): return "struct<" + ",".join(f"{f.name}:{spark_type(f.type)}" for f in t) + ">"
    if T.is_fixed_size_binary(t): return "binary"
    return {"bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "uint8": "smallint", "uint16": "int", "uint32": "bigint", "date32[day]": "date"}.get(str(t), str(t))

def truth(t, v):
    """a value of the table in the form in which values are compared: by repr, which tells -0.0 from 0.0 and True from 1"""
    if v is None: return None
    if T.is_map(t): return entries([(truth(t.key_type, k), truth(t.item_type, x)) for k, x in v])
    if T.is_list(t): return [truth(t.value_type, x) for x in v]
    if T.is_struct(t): return tuple(truth(f.type, v[f.name]) for f in t)
    if T.is_timestamp(t): return v.replace(tzinfo=None)
    if T.is_decimal(t): return canonical.decimal(v)
    return v

def found(v):
    """a value of Spark's in the same form"""
    if isinstance(v, dict): return entries([(found(k), found(x)) for k, x in v.items()])
    if isinstance(v, list): return list(map(found, v))
    if isinstance(v, tuple): return tuple(map(found, v))
    if isinstance(v, decimal.Decimal): return canonical.decimal(v)      # which may come as 100E-12 instead of 1E-10
    return bytes(v) if isinstance(v, bytearray) else v

def entries(pairs): return ("map", *sorted(pairs, key=repr))     # Spark hands them over in an order of its own

def short(v): s = ascii(v); return s if len(s) <= 160 else s[:120] + f"... ({len(s)} characters)"

def difference(names, want, got):
    """of lists of rows"""
    if len(want) != len(got): return f"{len(got)} rows, expected {len(want)}"
    for i, (w, g) in enumerate(zip(want, got)):
        if repr(w) == repr(g): continue
        for name, x, y in zip(names, w, g):
            if repr(x) != repr(y): return f"row {i}, column {name!r}: {short(y)}, expected {short(x)}"
        return f"row {i} has {len(g)} values, expected {len(w)}"
    return ""

def cause(error):
    """the innermost of the causes that Java tells, or what Python says"""
    said = re.findall(r"(?m)(?:^|: )((?:java|org)\.[\w.$]+(?:Exception|Error)\b(?:: .*)?)", str(error))
    return (said[-1] if said else f"{type(error).__name__}: {error}")[:400]

# ---- Spark ----

class Spark:
    def __init__(self, work):
        from pyspark.sql import SparkSession
        settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "OFF", "spark.driver.memory": "2g", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.local.dir": work + "/local",
            "spark.sql.warehouse.dir": work + "/warehouse", "spark.driver.extraJavaOptions": "-Xss8m -Duser.timezone=UTC", "spark.sql.session.timeZone": "UTC", "spark.sql.adaptive.enabled": "false", "spark.sql.parquet.enableNestedColumnVectorizedReader": "true",
            "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED", "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED", "spark.sql.parquet.filterPushdown": "true", "spark.hadoop.parquet.page.verify-checksum.enabled": "true"}
        builder = SparkSession.builder.master("local[2]").appName("spark_reads")
        for k, v in settings.items(): builder = builder.config(k, v)
        self.session = builder.getOrCreate(); self.jvm = self.session.sparkContext._jvm

    def use(self, reader): self.session.conf.set("spark.sql.parquet.enableVectorizedReader", str(reader == "vectorized").lower())

    def rows(self, path, columns, condition=None):
        """-> (types, rows of these columns, rows that the scan brought forth, plan)"""
        frame = self.session.read.parquet(path); types = frame.dtypes
        if condition: frame = frame.where(condition)
        if columns != frame.columns: frame = frame.select(*columns)
        rows = [found(tuple(r)) for r in frame.collect()]
        plan = frame._jdf.queryExecution().executedPlan()
        return types, rows, plan.collectLeaves().head().metrics().apply("numOutputRows").value(), plan.toString()

    def write_byte_array_decimals(self, table, path):
        """pyarrow does not write decimals as BYTE_ARRAY: big-endian two's complement of as few bytes as hold the number"""
        java = self.jvm.org.apache
        fields = " ".join(f"{'optional' if f.nullable else 'required'} binary {f.name} (DECIMAL({f.type.precision},{f.type.scale}));" for f in table.schema)
        schema = java.parquet.schema.MessageTypeParser.parseMessageType(f"message decimals {{ {fields} }}")
        groups, binary = java.parquet.example.data.simple.SimpleGroupFactory(schema), java.parquet.io.api.Binary
        writer = java.parquet.hadoop.example.ExampleParquetWriter.builder(java.hadoop.fs.Path("file://" + path)).withType(schema).build()
        for row in table.to_pylist():
            group = groups.newGroup()
            for f in table.schema:
                if row[f.name] is None: continue
                n = int(row[f.name].scaleb(f.type.scale, decimal.Context(60)))
                group.append(f.name, binary.fromConstantByteArray(n.to_bytes((n if n >= 0 else ~n).bit_length() // 8 + 1, "big", signed=True)))
            writer.write(group)
        writer.close()

# ---- the run ----

class Run:
    def __init__(self, options):
        self.o, self.tables, self.passed, self.failed = options, Tables(options.seed), 0, 0

    def count(self, name, fault):
        if not fault: self.passed += 1; return True
        self.failed += 1; print(f"FAILED   {name}: {fault}", flush=True)
        return False

    def original(self, name, table):
        path = f"{self.o.work}/{name}.parquet"
        if name == "decimals_bytes": self.spark.write_byte_array_decimals(table, path)
        else: pq.write_table(table, path, store_decimal_as_integer=name in ("decimals_int", "filtered"), use_deprecated_int96_timestamps=name == "int96")
        return path

    def copy(self, original, codec, version, encoding, *more):
        """-> (name, path, fault)"""
        table = os.path.basename(original)[:-8]; name = f"{table} {codec}, version {version}, {encoding}"
        path = original.replace(".parquet", f"-{codec}-{version}-{encoding}.parquet")
        command = [self.o.program, "copy", original, path, "--quiet", "--codec", codec, "--page-version", str(version), "--encoding", encoding, "--page-bytes", str(SMALLER.get(table, PAGE)), "--row-group-rows", str(GROUP), *more]
        try: done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PROGRAM_SECONDS)
        except subprocess.TimeoutExpired: return name, path, f"no end after {PROGRAM_SECONDS} s"
        if done.returncode: return name, path, f"exit {done.returncode}: {done.stderr.strip()[-400:]}"
        try: return name, path, self.structure(path, codec, version, encoding, more)
        except Exception as e: return name, path, f"{type(e).__name__}: {e}"

    def structure(self, path, codec, version, encoding, more):
        groups, most = pqdump.dump(path)["row_groups"], 0
        if len(groups) < 2: return f"{len(groups)} row groups"
        dictionaries = 0
        for c in [c for g in groups for c in g["columns"]]:
            where = b".".join(c["path"]).decode()
            if "page_error" in c: return f"{where}: {c['page_error']}"
            data = [p for p in c["pages"] if p["t"] != "DICT"]; used = {p["enc"] for p in data}
            if c["codec"] != codec.upper(): return f"{where}: codec {c['codec']}"
            if {p["t"] for p in data} != {f"DATA_V{version}"}: return f"{where}: pages {sorted({p['t'] for p in data})}"
            if not all(p["crc"] for p in c["pages"]): return f"{where}: a page without a checksum"
            empty = (c["stats"] or {}).get(3) == c["values"]
            if (wanted := USED[encoding].get(c["type"])) and not empty and not wanted & used: return f"{where}: encodings {sorted(used)}, expected {sorted(wanted)}"
            if encoding != "dictionary" and "RLE_DICTIONARY" in used: return f"{where}: encodings {sorted(used)}"
            if more and not c["offset_index"]: return f"{where}: no offset index"
            if more and bool(c["bloom_off"]) != (where in more[-1].split(",")): return f"{where}: bloom filter {'missing' if where in more[-1].split(',') else 'unasked for'}"
            most = max(most, len(data)); dictionaries += "RLE_DICTIONARY" in used
        if encoding == "dictionary" and not dictionaries and {c["type"] for g in groups for c in g["columns"]} != {"BOOLEAN"}: return "no dictionary"
        return "" if most > 2 else f"{most} pages in the longest column chunk"

    def table(self, name):
        table = getattr(self.tables, name)(); columns = table.column_names
        original, types = self.original(name, table), [(f.name, spark_type(f.type)) for f in table.schema]
        want = list(zip(*([truth(f.type, v) for v in table.column(f.name).to_pylist()] for f in table.schema)))
        for codec in CODECS:
            for version in VERSIONS:
                for encoding in ENCODINGS:
                    if encoding == "bss" and name not in SPLIT: continue
                    copy, path, fault = self.copy(original, codec, version, encoding)
                    if not self.count(copy + ", structure", fault) and not os.path.exists(path): continue
                    good = not fault
                    for reader in READERS:
                        some = [i for i, c in enumerate(columns) if not unreadable(c, name, encoding, reader)]
                        good &= self.count(f"{copy}, read {reader}", self.read(path, reader, types, [columns[i] for i in some], want if len(some) == len(columns) else [tuple(row[i] for i in some) for row in want]))
                    if good: os.remove(path)

    def read(self, path, reader, types, columns, want):
        self.spark.use(reader)
        try: got_types, got, _, _ = self.spark.rows(path, columns)
        except Exception as e: return cause(e)
        if got_types != types: return "types: " + ("; ".join(f"{g} expected {w}" for w, g in zip(types, got_types) if w != g)[:400] if len(types) == len(got_types) else f"{len(got_types)} columns, expected {len(types)}")
        return difference(columns, want, got)

    def filtered(self):
        table = self.tables.filtered(); columns, original = table.column_names, self.original("filtered", table)
        asked = [(f, [tuple(truth(c.type, r[c.name]) for c in table.schema) for r in table.to_pylist() if f.holds(r)]) for f in filters(table)]
        for version, encoding in [(1, "plain"), (2, "dictionary"), (2, "delta")]:
            copy, path, fault = self.copy(original, CODECS[version - 1], version, encoding, *BLOOM)
            if not self.count(copy + ", structure", fault) and not os.path.exists(path): continue
            good = not fault
            for reader in READERS:
                self.spark.use(reader)
                for f, want in asked: good &= self.count(f"{copy}, {reader}, filter {f.text}", self.filter(path, f, encoding, columns, want))
            if good: os.remove(path)

    def filter(self, path, f, encoding, columns, want):
        try: _, got, scanned, plan = self.spark.rows(path, columns, f.text)
        except Exception as e: return cause(e)
        pushed = re.search(r"PushedFilters: \[([^\]]*)\]", plan)
        if not pushed or not pushed[1]: return "Spark does not push it down"
        if fault := difference(columns, want, got): return fault
        if self.o.verbose: print(f"{encoding}: {f.text}: {len(got)} rows of {scanned} scanned")
        return f"{scanned} rows scanned, expected {f.most} at most" if f.most is not None and encoding in f.where and scanned > f.most else ""

    def all(self):
        start = time.monotonic()
        self.spark = Spark(self.o.work)
        print(f"Spark {self.spark.session.version}, Java {self.spark.jvm.System.getProperty('java.version')}", flush=True)
        for name in NAMES + ["filtered"]:
            if self.o.only not in name: continue
            before, begun = (self.passed, self.failed), time.monotonic()
            try: self.filtered() if name == "filtered" else self.table(name)
            except Exception as e: self.count(name, cause(e))
            print(f"{name}: {self.passed - before[0]} passed, {self.failed - before[1]} failed ({time.monotonic() - begun:.0f} s)", flush=True)
        self.spark.session.stop()
        print(f"{time.monotonic() - start:.0f} s")

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--program", required=True); ap.add_argument("--work", required=True); ap.add_argument("--seed", type=int); ap.add_argument("--only", default="")
    ap.add_argument("--verbose", action="store_true", help="tell how many rows each filter made Spark read")
    o = ap.parse_args()
    o.program, o.work = os.path.abspath(o.program), os.path.abspath(o.work)
    if o.seed is None: o.seed = secrets.randbelow(10**9)
    print(f"seed {o.seed}", flush=True)
    shutil.rmtree(o.work, ignore_errors=True); os.makedirs(o.work)
    run = Run(o); run.all()
    print(f"{run.passed} passed, {run.failed} failed")
    sys.exit(1 if run.failed or not run.passed else 0)

if __name__ == "__main__": main()
