#!/usr/bin/env python3
"""program_tests.py [--filter WORD] [--seed N] [--work DIR] [--s3-kills N]    the example programs on the fixtures, checked independently

Needs BACKFILL_EXAMPLES_BIN (folder of the built programs), and pyarrow in this Python.  Prints one line per test, all faults of a failed one,
and at the end "N passed, N failed"; exit 0 only when none failed.  Tests, each per fixture where that makes sense:
  fixture      the independent reader against the recorded operations: the ground all others stand on (no program)
  oracle       the comparison itself: passes on right files of an independent writer, fails on each wrong one (no program)
  dump         every segment against the recorded operations, with and without deletes
  parquet      `parquet cat --canonical` of the made inputs against pyarrow
  cells        `parquet cat` in its four forms: nested cells, wide decimals, odd schemas, limits
  verify       `parquet verify` of sound files and of files damaged in one place
  copy         `parquet copy` with every codec, page version and encoding, read by pyarrow; refusals; interruption
  join         new values of all types; replace, coalesce, overwrite; every value, file property and counter
  in-place     new fields written beside the existing ones
  bad-input    exit code, message, and nothing written (bad_inputs.py)
  rerun        the same plan twice; another number of threads and rows per batch; killed at 20 random points: the same bytes
  disk         a full disk (needs root): a write error that names the segment, and no result document
  permission   a folder that may not be written (needs root, to become nobody): the same
  s3           segments in one bucket, new values in another with other keys (needs BACKFILL_S3_ENDPOINT): the bytes of the local run, also
               after being killed; no object is ever short; wrong keys are told with their source; `parquet` reads and writes there"""
import argparse, base64, decimal, hashlib, json, math, os, random, shutil, signal, struct, subprocess, sys, tempfile, time
import pyarrow as pa, pyarrow.parquet as pq
import bad_inputs, check_dump, compare_join, expected_join, new_values, s3_bucket, write_v1_binlog
from fixture_truth import Fixture, cell, number, same

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(os.path.dirname(HERE), "Fixtures", "milvus-v1")
SETS = ["all_types", "multi_binlog", "partitions_deletes", "varchar_pk"]
JOIN_KEYS = {"all_types": "i32", "partitions_deletes": "title", "varchar_pk": "n", "multi_binlog": "title"}
LIMIT = 120

def program(name, *args, **options):
    command = [os.path.join(os.environ["BACKFILL_EXAMPLES_BIN"], name), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, **options)

def expect(faults, done, code=0):
    """the exit code as wanted -> True"""
    if done.returncode == code: return True
    faults.append(f"exit {done.returncode}, expected {code}: {done.stderr.strip()[-600:]}")
    return False

def tree(folder, content=True):
    """{path: digest, or size and time of change} of all files below"""
    out = {}
    for d, _, names in os.walk(folder):
        for n in names:
            path = os.path.join(d, n); state = os.stat(path)
            out[os.path.relpath(path, folder)] = hashlib.sha256(open(path, "rb").read()).hexdigest() if content else (state.st_size, state.st_mtime_ns)
    return out

def changes(before, after):
    return [f"{what}: {p}" for what, ps in (("new", after.keys() - before.keys()), ("gone", before.keys() - after.keys()), ("changed", {p for p in before.keys() & after.keys() if before[p] != after[p]})) for p in sorted(ps)[:5]]

def binlogs(root): return tree(root + "/insert_log")

class Tests:
    def __init__(self, work, seed, s3_kills=5): self.work, self.seed, self.s3_kills = work, seed, s3_kills

    def root(self, fixture):
        """a copy of the fixture's files, so that a fault of the program cannot change the fixture"""
        copy = f"{self.work}/root-{fixture}"
        if not os.path.isdir(copy): shutil.copytree(f"{FIXTURES}/{fixture}/files", copy)
        return copy

    def job(self, name, fixture, **options):
        """-> (folder, job)"""
        folder = f"{self.work}/{name}"
        return folder, new_values.make(f"{FIXTURES}/{fixture}", folder, self.seed, **options)

    def expected(self, folder, job, fixture):
        lines, counts = expected_join.join(f"{FIXTURES}/{fixture}", f"{folder}/{job['input']}", folder + "/schema.json", job["column_mapping"], job["join_key"])
        with open(folder + "/expected.jsonl", "w", encoding="utf-8") as fh:
            for line in lines: fh.write(json.dumps(line, ensure_ascii=False) + "\n")
        return counts

    def fixture(self, fixture):
        fx, faults = Fixture(f"{FIXTURES}/{fixture}"), []
        for s in fx.segments:
            for f in fx.fields:
                folder, got = f"{fx.root}/insert_log/{fx.collection}/{s['partition']}/{s['segment']}/{f['id']}", []
                for log in compare_join.logs(folder):
                    _, desc, events = compare_join.load(f"{folder}/{log}")
                    got += [v for _, t in events for v in compare_join.texts(desc, t)]
                plain = f["type"] in ("JSON", "FloatVector", "BinaryVector")
                if len(got) != s["rows"] or not all(same(row[f["name"]], g if plain else cell(g, f), f) for row, g in zip(s["values"], got)): faults.append(f"segment {s['segment']} field {f['name']}")
        return faults

    def oracle(self, fixture):
        folder, job = self.job(f"oracle-{fixture}", fixture, vectors="complete")
        self.expected(folder, job, fixture)
        fx, faults = Fixture(f"{FIXTURES}/{fixture}"), []
        fields = {f["name"]: f for f in json.load(open(folder + "/schema.json", encoding="utf-8"))["fields"]}
        lines = [json.loads(l) for l in open(folder + "/expected.jsonl", encoding="utf-8")]
        def raw(v, f):
            if v is None: return None
            if f["type"] == "JSON": return v["text"].encode()
            if f["type"] in ("FloatVector", "BinaryVector"): return bytes.fromhex(v[2:])
            return float(v) if isinstance(v, str) and f["type"] in ("Float", "Double") else v
        def produce(name, target, **variant):
            """one target's binlogs by the independent writer -> the comparison's (differ, problems)"""
            f, out = fields[target], f"{folder}/{name}"
            for s in fx.segments:
                values = [raw(l["replace"][target], f) for l in lines if l["segment"] == s["segment"]]
                keys = f"{fx.root}/insert_log/{fx.collection}/{s['partition']}/{s['segment']}/{fx.pk['id']}"
                to = f"{out}/insert_log/{fx.collection}/{s['partition']}/{s['segment']}/{f['id']}"; os.makedirs(to)
                for log, n in zip(compare_join.logs(keys), s["rows_per_binlog"]):
                    _, d, _ = compare_join.load(f"{keys}/{log}")
                    part, values = values[:n], values[n:]
                    if f["type"] == "Array": part = [None if v is None else write_v1_binlog.scalar_field(v, f["element_type"]) for v in part]
                    change = variant.get("change")
                    if change and s is fx.segments[0]: part = change(part)
                    with open(f"{to}/{log}", "wb") as fh:
                        fh.write(write_v1_binlog.binlog(part, f["type"] if "Vector" not in f["type"] else "JSON", d["collection"], d["partition"], d["segment"], f["id"], d["start_ts"], d["end_ts"], **
                                 ({"nullable": True, "nullable_mark": True, "desc_type": write_v1_binlog.TYPE[f["type"]], "physical": pa.binary(write_v1_binlog.dim_bytes(f)) if "dim" in f else None}
                                  | {k: v for k, v in variant.items() if k != "change"})))
            return compare_join.compare(out, fx.collection, folder + "/schema.json", folder + "/expected.jsonl", "replace", fx.root, [target])[1:]
        for t in job["targets"]:
            differ, problems = produce(f"right-{t}", t)
            if differ or problems: faults.append(f"{t}: right files are refused: {problems[:2]}")
        def one_more(part): at = next(i for i, v in enumerate(part) if v is not None); return part[:at] + [part[at] ^ 1] + part[at + 1:]
        def swap(part): at = next(i for i in range(len(part) - 1) if part[i] != part[i + 1]); return part[:at] + [part[at + 1], part[at]] + part[at + 2:]
        for name, variant in {"one value": {"change": one_more}, "two rows swapped": {"change": swap}, "a row missing": {"change": lambda p: p[:-1]}, "snappy": {"codec": "SNAPPY"},
                              "page v2": {"page_version": "2.0"}, "delta encoding": {"encoding": "DELTA_BINARY_PACKED"}, "size as text": {"original_size": "abc"}, "size as number": {"extra": b'{"original_size":8,"nullable":true}'},
                              "other field": {"desc_field": 7}, "other segment": {"desc_segment": 7}, "other type": {"desc_type": 5}, "two events": {"split": 2}, "two columns": {"column": ["val", "b"]},
                              "not marked nullable": {"nullable_mark": False}, "timestamps": {"event_ts": (1, 2)}, "bytes behind": {"trailing": b"x" * 40}, "wider type": {"physical": pa.int64()}}.items():
            n = len(fx.segments[0]["rows_per_binlog"])
            differ, problems = produce("wrong-" + name.replace(" ", "-"), "new_i32", **variant)
            if not problems or name == "one value" and differ != n or name == "two rows swapped" and differ != 2 * n: faults.append(f"{name}: not noticed ({differ} differ)")
        return faults

    def dump(self, fixture):
        fx, faults = Fixture(f"{FIXTURES}/{fixture}"), []
        with open(f"{self.work}/{fixture}.schema.json", "w", encoding="utf-8") as fh: json.dump({"fields": fx.fields}, fh)
        seen = set()
        for s in fx.segments:
            # the plain schema file and the server's own answer have to give the same
            for schema in (f"{self.work}/{fixture}.schema.json", f"{FIXTURES}/{fixture}/grpc/DescribeCollection.json"):
                for deletes in (False, True):
                    done = program("milvus-backfill", "dump", "--root", self.root(fixture), "--collection-id", fx.collection, "--schema", schema,
                                   "--segment", s["segment"], "--canonical", *(["--apply-deletes"] if deletes else []))
                    if not expect(faults, done): continue
                    dump = json.loads(done.stdout)
                    faults += check_dump.check(fx, s["segment"], dump, deletes)[2]
                    if deletes: seen |= {row[dump["columns"].index(fx.pk["name"])] for row in dump["rows"]}
        visible = set(json.load(open(f"{FIXTURES}/{fixture}/visible_pks.json")))
        if seen != visible: faults.append(f"{len(seen)} visible keys, the server had {len(visible)}")
        return faults

    def parquet(self, variant):
        fixture = SETS[variant % len(SETS)]
        folder, job = f"{self.work}/parquet-{variant}", None
        job = new_values.make(f"{FIXTURES}/{fixture}", folder, self.seed + variant, vectors="complete")
        faults, table = [], pq.ParquetFile(f"{folder}/input.parquet").read(use_threads=False)
        done = program("parquet", "cat", f"{folder}/input.parquet", "--canonical")
        if not expect(faults, done): return faults
        def canonical(v, t):
            if v is None or isinstance(v, bool) or isinstance(v, int): return v
            if isinstance(v, float): return number(v, pa.types.is_float32(t))
            if isinstance(v, list): return [canonical(x, t.value_type) for x in v]
            raw = v.encode() if isinstance(v, str) else v
            try: text = raw.decode()
            except UnicodeDecodeError: text = "0x" + raw.hex()
            return f"sha256:{len(raw)}:{hashlib.sha256(raw).hexdigest()}" if len(raw) > 256 else text
        want = [[canonical(v, table.schema.field(n).type) for v in table.column(n).to_pylist()] for n in table.column_names]
        got = json.loads(done.stdout)
        if got["columns"] != table.column_names or got["nrows"] != table.num_rows: return [f"columns {got['columns']}, {got['nrows']} rows"]
        for at, name in enumerate(table.column_names):
            for row, (w, line) in enumerate(zip(want[at], got["rows"], strict=True)):
                g = line[at]
                if isinstance(w, float) and isinstance(g, int) and not isinstance(g, bool): g = float(g)
                if json.dumps(w) != json.dumps(g) and not (isinstance(w, list) and w == g): faults.append(f"{name} row {row}: {g!r}, expected {w!r}"[:300])
        return faults[:10]

    def cells(self):
        """every form of nested cells, spelled out by hand"""
        folder, faults, D = f"{self.work}/cells", [], decimal.Decimal
        os.makedirs(folder)
        table = pa.table({
            "m": pa.array([[("a", 1), ("b", None)], None, []], pa.map_(pa.string(), pa.int64())),
            "s": pa.array([{"x": [1, None], "y": {"z": "q,\"r"}}, {"x": None, "y": None}, None], pa.struct([("x", pa.list_(pa.int32())), ("y", pa.struct([("z", pa.string())]))])),
            "l": pa.array([[[1.5], [], None], [], None], pa.list_(pa.list_(pa.float64()))),
            "d": pa.array([D("-12345678901234567890123456789012345678901234567890.1234567890"), D("0.5"), None], pa.decimal256(76, 10)),
            "t": pa.array([1, -1, None], pa.timestamp("ms", "UTC")),
            "u": pa.array([2**64 - 1, 0, None], pa.uint64()),
            "h": pa.array([b"\xff\x00", b"ok", None], pa.binary())})
        pq.write_table(table, folder + "/nested.parquet")
        rows = [['[["a",1],["b",null]]', '{"x":[1,null],"y":{"z":"q,\\"r"}}', "[[1.5],[],null]", '"dec:-12345678901234567890123456789012345678901234567890.123456789"', '"ts:1000000"', "18446744073709551615", '"0xff00"'],
                ["null", '{"x":null,"y":null}', "[]", '"dec:0.5"', '"ts:-1000000"', "0", '"ok"'], ["[]", "null", "null", "null", "null", "null", "null"]]
        want = {"columns": table.column_names, "rows": json.loads("[" + ",".join("[" + ",".join(r) + "]" for r in rows) + "]"), "nrows": 3}
        done = program("parquet", "cat", folder + "/nested.parquet", "--canonical")
        if expect(faults, done) and json.loads(done.stdout) != want: faults.append(f"canonical: {done.stdout}")
        done = program("parquet", "cat", folder + "/nested.parquet", "--format", "jsonl")
        first = '{"m":[["a",1],["b",null]],"s":{"x":[1,null],"y":{"z":"q,\\"r"}},"l":[[1.5],[],null],"d":"-12345678901234567890123456789012345678901234567890.1234567890","t":"1970-01-01T00:00:00.001Z","u":18446744073709551615,"h":"0xff00"}'
        if expect(faults, done) and done.stdout.splitlines()[0] != first: faults.append(f"jsonl: {done.stdout}")
        done = program("parquet", "cat", folder + "/nested.parquet", "--format", "csv", "--columns", "s,m")
        csv = 's,m\n"{""x"":[1,null],""y"":{""z"":""q,\\""r""}}","[[""a"",1],[""b"",null]]"\n"{""x"":null,""y"":null}",\n,[]\n'
        if expect(faults, done) and done.stdout != csv: faults.append(f"csv: {done.stdout!r}")
        done = program("parquet", "cat", folder + "/nested.parquet", "--columns", "l,m")
        lines = [("l", "m"), ("-" * 15, "-" * 20), ("[[1.5],[],null]", '[["a",1],["b",null]]'), ("[]", "null"), ("null", "[]")]
        if expect(faults, done) and done.stdout.splitlines() != [f"{l:15}  {m}" for l, m in lines]: faults.append(f"table: {done.stdout}")
        pq.write_table(pa.table([pa.array([1, 2]), pa.array(["a", "b"])], names=["x", "x"]), folder + "/twice.parquet")
        pq.write_table(table.slice(0, 0), folder + "/no-rows.parquet")
        pq.write_table(pa.table({"a": [1, 2, 3]}).select([]), folder + "/no-columns.parquet")
        for name, text in {"twice": '{"columns":["x","x"],"rows":[[1,"a"],[2,"b"]],"nrows":2}', "no-rows": '{"columns":["m","s","l","d","t","u","h"],"rows":[],"nrows":0}'}.items():
            done = program("parquet", "cat", f"{folder}/{name}.parquet", "--canonical")
            if expect(faults, done) and json.loads(done.stdout) != json.loads(text): faults.append(f"{name}: {done.stdout}")
        for name in ("twice", "no-rows", "no-columns"):
            for form in ("table", "csv", "jsonl"): expect(faults, program("parquet", "cat", f"{folder}/{name}.parquet", "--format", form))
            for command in (["schema"], ["meta"], ["meta", "--pages", "--json"], ["verify"]): expect(faults, program("parquet", *command, f"{folder}/{name}.parquet"))
        done = program("parquet", "cat", f"{folder}/no-columns.parquet", "--canonical")
        if expect(faults, done) and json.loads(done.stdout)["rows"] != []: faults.append(f"no columns: {done.stdout}")
        pq.write_table(pa.table({"t": ["x" * 100_000]}), folder + "/long.parquet", use_dictionary=False, compression="none")
        for flag, name in (("--limit-page-bytes", "pageBytes"), ("--limit-value-bytes", "valueBytes"), ("--limit-batch-bytes", "batchBytes"), ("--limit-memory-bytes", "memoryBytes")):
            done = program("parquet", "cat", folder + "/long.parquet", flag, "1000")
            if expect(faults, done, 2) and name not in done.stderr: faults.append(f"{flag}: {done.stderr}")
        for bad in (["cat", folder + "/nested.parquet", "--columns", "m,nothing"], ["cat", folder + "/nested.parquet", "--limit-page-bytes", "0"], ["cat", folder + "/nowhere.parquet"], ["cat", folder]):
            expect(faults, program("parquet", *bad), 2)
        return faults

    def sample(self, name, rows=3000, **options):
        """a file of flat and simple list columns -> (path, table)"""
        rnd, n = random.Random(self.seed), range(rows)
        def some(f): return [None if rnd.random() < .1 else f() for _ in n]
        table = pa.table({
            "id": pa.array(n, pa.int64()), "i32": pa.array(some(lambda: rnd.randrange(-2**31, 2**31)), pa.int32()), "u16": pa.array(some(lambda: rnd.randrange(2**16)), pa.uint16()),
            "text": pa.array(some(lambda: f"word {rnd.randrange(50)}")), "raw": pa.array(some(lambda: rnd.randbytes(rnd.randrange(20))), pa.binary()), "fixed": pa.array(some(lambda: rnd.randbytes(9)), pa.binary(9)),
            "f": pa.array(some(rnd.random), pa.float32()), "g": pa.array(some(lambda: rnd.gauss(0, 1))), "flag": pa.array(some(lambda: rnd.random() < .5)), "when": pa.array(some(lambda: rnd.randrange(10**18)), pa.timestamp("ns", "Europe/Berlin")),
            "dec": pa.array(some(lambda: decimal.Decimal(rnd.randrange(10**20)).scaleb(-4)), pa.decimal128(30, 4)), "cat": pa.array(some(lambda: rnd.choice("abc"))).dictionary_encode(), "list": pa.array(some(lambda: [rnd.random() for _ in range(rnd.randrange(4))]), pa.list_(pa.float64()))})
        table = table.replace_schema_metadata({"note": "kept"})
        path = f"{self.work}/{name}.parquet"
        pq.write_table(table, path, **options)
        return path, pq.read_table(path)

    @staticmethod
    def equal(a, b):
        """the same values, types and notes; a dictionary may have its entries in another order"""
        def plain(t): return pa.table([c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in t.columns], names=t.column_names)
        return a.schema.equals(b.schema, check_metadata=True) and plain(a).equals(plain(b))

    def verify(self):
        path, table = self.sample("verify", write_page_index=True, write_page_checksum=True, row_group_size=1000)
        faults, whole = [], open(path, "rb").read()
        done = program("parquet", "verify", path)
        if expect(faults, done) and (done.stdout.splitlines()[-1] != "no fault" or "page checksums" not in done.stdout): faults.append(done.stdout)
        done = program("parquet", "verify", path, "--json")
        if expect(faults, done):
            got = json.loads(done.stdout)
            if got["faults"] or got["findings"] or got["checked"]["chunks"] != 3 * len(table.column_names) or got["checked"]["offsetIndexes"] != got["checked"]["chunks"]: faults.append(done.stdout)
        chunk = pq.ParquetFile(path).metadata.row_group(1).column(0)
        at = chunk.data_page_offset + 40
        broken = f"{self.work}/broken.parquet"
        open(broken, "wb").write(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1:])
        done = program("parquet", "verify", broken)
        if expect(faults, done, 1):
            line = next((l for l in done.stdout.splitlines() if l.startswith("fault:")), "")
            for word in ("checksum", "row group 1", "column id", "offset"):
                if word not in line: faults.append(f"the fault lacks {word}: {done.stdout}")
        done = program("parquet", "verify", broken, "--json")
        if expect(faults, done, 1) and not json.loads(done.stdout)["findings"][0]["column"] == "id": faults.append(done.stdout)
        open(broken, "wb").write(whole[:-20]); expect(faults, program("parquet", "verify", broken), 2)
        open(broken, "wb").write(b"PARE"); expect(faults, program("parquet", "verify", broken), 2)
        expect(faults, program("parquet", "verify", path + ".none"), 2)
        done = program("parquet", "verify", path, "--limit-page-bytes", "10")
        if expect(faults, done, 2) and "pageBytes" not in done.stderr: faults.append(done.stderr)
        return faults

    def copy(self, codec):
        """every page version and encoding with one codec"""
        path, table = self.sample(f"copy-{codec}", row_group_size=1000)
        at = table.schema.get_field_index("cat"); plain = table.set_column(at, "cat", table["cat"].cast(pa.string()))
        faults, names = [], {"none": "UNCOMPRESSED", "lz4": "LZ4"}
        for version in ("1", "2"):
            for encoding in ("plain", "dictionary", "delta", "bss"):
                out = f"{self.work}/copy-{codec}-{version}-{encoding}.parquet"
                done = program("parquet", "copy", path, out, "--codec", codec, "--page-version", version, "--encoding", encoding, "--row-group-rows", "700", "--page-bytes", "2000", "--json")
                if not expect(faults, done): continue
                file = pq.ParquetFile(out); got = file.read(); meta = file.metadata; said = json.loads(done.stdout)
                # pyarrow reads no dictionary type from delta pages
                if not self.equal(got, plain if encoding == "delta" else table): faults.append(f"{out}: another table")
                if said["rows"] != 3000 or said["bytesOut"] != os.path.getsize(out) or said["rowGroups"] != 5: faults.append(f"{out}: {said}")
                if meta.num_row_groups != 5 or meta.row_group(0).column(0).compression != names.get(codec, codec.upper()): faults.append(f"{out}: {meta.row_group(0).column(0)}")
                kinds = {meta.row_group(0).column(i).path_in_schema: set(meta.row_group(0).column(i).encodings) for i in range(meta.num_columns)}
                wanted = {"plain": ("id", "PLAIN"), "dictionary": ("text", "RLE_DICTIONARY"), "delta": ("raw", "DELTA_LENGTH_BYTE_ARRAY"), "bss": ("g", "BYTE_STREAM_SPLIT")}[encoding]
                if wanted[1] not in kinds[wanted[0]]: faults.append(f"{out}: {kinds}")
                expect(faults, program("parquet", "verify", out))
        return faults

    @staticmethod
    def folded_schema(depth, width):
        """an Arrow schema whose every list of fields names one field many times: read field by field, it has width ** depth of them"""
        data = bytearray(b"\xff" * 4 + bytes(4))
        def put(form, *numbers): at = len(data); data.extend(struct.pack("<" + form, *numbers)); return at
        def link(at, to): struct.pack_into("<I", data, at, to - at)
        root = put("I", 0)
        message, header, field = (put("8H", *v) for v in ((16, 8, 0, 0, 4, 0, 0, 0), (16, 8, 0, 4, 0, 0, 0, 0), (16, 8, 0, 0, 0, 0, 0, 4)))
        at = put("iI", len(data) - message, 0); link(root, at)
        for vtable in [header] + [field] * depth:
            table = put("iI", len(data) - vtable, 0); places = [at + 4] if vtable == header else [vector + 4 + 4 * i for i in range(width)]
            for place in places: link(place, table)
            vector = put(f"I{width}I", width, *[0] * width); link(table + 4, vector); at = table
        last = put("iI", len(data) - message, 0)
        for i in range(width): link(vector + 4 + 4 * i, last)
        return base64.b64encode(bytes(data))

    def copying(self):
        """what is left out, refused, replaced, interrupted"""
        path, table = self.sample("copying")
        faults, out = [], f"{self.work}/out.parquet"
        expect(faults, program("parquet", "copy", path, out, "--columns", "text,id"))
        file = pq.ParquetFile(out)
        if not file.read().equals(table.select(["text", "id"])): faults.append("--columns: another table")
        if b"ARROW:schema" in (file.metadata.metadata or {}) or file.metadata.metadata[b"note"] != b"kept": faults.append(f"notes: {file.metadata.metadata}")
        before = open(out, "rb").read()
        done = program("parquet", "copy", path, out)
        if expect(faults, done, 2) and "--overwrite" not in done.stderr: faults.append(done.stderr)
        for bad in (["--columns", "nothing"], ["--codec", "lzo"], ["--codec", "snappy", "--level", "3"], ["--codec", "zstd", "--level", "99"], ["--page-version", "3"], ["--row-group-rows", "0"], ["--threads", "0"], ["--bloom", "nothing"], ["--bloom", "flag"]):
            done = program("parquet", "copy", path, out, "--overwrite", *bad)
            if expect(faults, done, 2) and len(done.stderr.splitlines()) != 1: faults.append(done.stderr)
        if open(out, "rb").read() != before: faults.append("a refused copy changed the file")
        done = program("parquet", "copy", path, out, "--overwrite", "--bloom", "id,text")
        if expect(faults, done) and not {"rows:", "size:", "time:"} <= {l.split()[0] for l in done.stdout.splitlines()}: faults.append(done.stdout)
        if not self.equal(pq.read_table(out), table): faults.append("--overwrite: another table")
        one, three = self.work + "/one.parquet", self.work + "/three.parquet"
        expect(faults, program("parquet", "copy", path, one, "--row-group-rows", "300"))
        expect(faults, program("parquet", "copy", path, three, "--row-group-rows", "300", "--threads", "3"))
        if open(one, "rb").read() != open(three, "rb").read(): faults.append("--threads: another file")
        done = program("parquet", "verify", out, "--json")
        if expect(faults, done) and json.loads(done.stdout)["checked"]["bloomFilters"] != 2: faults.append(done.stdout)
        expect(faults, program("parquet", "copy", path, f"{self.work}/no/folder/out.parquet"), 2)
        with pq.ParquetWriter(self.work + "/folded.parquet", pa.schema([("a", pa.int64())]), store_schema=False) as w:
            w.write_table(pa.table({"a": [1, 2]})); w.add_key_value_metadata({"ARROW:schema": self.folded_schema(60, 30)})
        expect(faults, program("parquet", "copy", self.work + "/folded.parquet", self.work + "/unfolded.parquet", "--encoding", "delta"))
        long, _ = self.sample("long", rows=400_000)
        out = f"{self.work}/interrupted/out.parquet"; os.makedirs(os.path.dirname(out))
        p = subprocess.Popen([os.path.join(os.environ["BACKFILL_EXAMPLES_BIN"], "parquet"), "copy", long, out, "--codec", "brotli", "--level", "11"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        time.sleep(1); p.send_signal(signal.SIGINT); said = p.communicate(timeout=LIMIT)[1]
        if p.returncode != 130: faults.append(f"interrupted: exit {p.returncode}: {said}")
        if left := os.listdir(os.path.dirname(out)): faults.append(f"interrupted: left {left}")
        return faults

    def check_result(self, path, counts, mode, job, segments):
        """the result document against the independent counts"""
        r, faults = json.load(open(path)), []
        want = {"success": True, "collectionId": job["collection_id"], "segmentsProcessed": segments, "totalSourceRows": counts["rows"],
                "totalBackfillDataRows": counts["input_rows"], "totalMatchedRows": counts["matched"], "totalRowsWritten": counts["rows"]}
        faults += [f"result: {k} is {r.get(k)!r}, expected {v!r}" for k, v in want.items() if r.get(k) != v]
        if len(r.get("segments", {})) != segments: faults.append(f"result: {len(r.get('segments', {}))} segments")
        if mode != "replace":
            for key, what in (("totalUsedSourceByField", "from_source"), ("totalUsedDataFileByField", "from_input")):
                for f in job["targets"]:
                    if (r.get(key) or {}).get(f, 0) != counts[mode][what].get(f, 0): faults.append(f"result: {key} {f} is {(r.get(key) or {}).get(f)}, expected {counts[mode][what].get(f, 0)}")
        return faults

    def join(self, fixture, variant):
        options = {"plain": {}, "complete": {"vectors": "complete", "mapping": True}, "files": {"files": 3}, "join-key": {"join_key": JOIN_KEYS[fixture]}}[variant]
        folder, job = self.job(f"join-{fixture}-{variant}", fixture, **options)
        counts, fx, faults = self.expected(folder, job, fixture), Fixture(f"{FIXTURES}/{fixture}"), []
        for mode in expected_join.MODES:
            out, result = f"{folder}/{mode}", f"{folder}/{mode}.json"
            done = program("milvus-backfill", "run", "--root", self.root(fixture), *job["args"], "--mode", mode, "--output-root", out, "--output-result", result)
            if not expect(faults, done): continue
            compared, _, problems = compare_join.compare(out, job["collection_id"], folder + "/schema.json", folder + "/expected.jsonl", mode, self.root(fixture))
            if compared != counts["rows"] * len(job["targets"]): problems.append(f"{compared} values compared")
            faults += [f"{mode}: {p}" for p in problems[:10] + self.check_result(result, counts, mode, job, len(fx.segments))]
        return faults

    def in_place(self, fixture, mode):
        """new fields only, named by a mapping, written into a copy of the root"""
        folder, job = self.job(f"in-place-{fixture}-{mode}", fixture, vectors="complete")
        self.expected(folder, job, fixture)
        fx, faults, root = Fixture(f"{FIXTURES}/{fixture}"), [], folder + "/root"
        shutil.copytree(fx.root, root); before = tree(root)
        names = pq.ParquetFile(f"{folder}/{job['input']}").schema_arrow.names
        key = "pk" if "pk" in names else job["key"]
        mapping = ",".join([f"{key}:{job['key']}"] + [f"{n}:{n}" for n in job["new"]])
        done = program("milvus-backfill", "run", "--root", root, *job["args"], "--column-mapping", mapping, "--mode", mode, "--output-result", folder + "/result.json")
        if not expect(faults, done): return faults
        if any(p in before and before[p] != h for p, h in tree(root).items()): faults.append("an existing file was changed")
        return faults + compare_join.compare(root, job["collection_id"], folder + "/schema.json", folder + "/expected.jsonl", mode, only=job["new"])[2][:10]

    def bad_input(self, case):
        c, faults = json.load(open(case + "/case.json")), []
        before, out = tree(c["root"], content=False), tree(c["output_root"])
        try: done = program("milvus-backfill", "run", *c["args"])
        except subprocess.TimeoutExpired: return [f"no end after {LIMIT} s"]
        expect(faults, done, c["exit"])
        said = (done.stderr + (done.stdout if c["exit"] == 0 else "")).lower()
        if missing := [w for w in c["message_contains"] if w.lower() not in said]: faults.append(f"the message lacks {missing}: {done.stderr.strip()[-600:]!r}")
        if c["exit"]:
            faults += changes(before, tree(c["root"], content=False)) + changes(out, tree(c["output_root"]))
            if os.path.exists(c["result"]): faults.append("a result document was written")
        elif not os.path.exists(c["result"]): faults.append("no result document")
        elif c["name"].startswith("collection") and "warn" not in said: faults.append(f"no warning: {said[-300:]!r}")
        return faults

    def rerun(self, fixture):
        folder, job = self.job(f"rerun-{fixture}", fixture, vectors="complete")
        fx, faults, rnd = Fixture(f"{FIXTURES}/{fixture}"), [], random.Random(self.seed)
        def run(out, *more): return "milvus-backfill", "run", "--root", self.root(fixture), *job["args"], "--mode", "overwrite", "--output-root", f"{folder}/{out}", "--output-result", f"{folder}/{out}.json", *more
        start = time.monotonic()
        if not expect(faults, program(*run("first"))): return faults
        length, clean = time.monotonic() - start, binlogs(folder + "/first")
        before = tree(folder + "/first/insert_log", content=False)
        done = program(*run("first"))
        if expect(faults, done):
            faults += ["second run: " + c for c in changes(before, tree(folder + "/first/insert_log", content=False))]
            if not (done.stdout + done.stderr).strip(): faults.append("the second run says nothing")
        for flags in (["--parallelism", "1"], ["--parallelism", "4", "--batch-size", "7"]):
            out = "flags-" + "-".join(flags).replace("--", "")
            if expect(faults, program(*run(out, *flags))): faults += [f"{flags}: {c}" for c in changes(clean, binlogs(f"{folder}/{out}"))]
        for i in range(20):
            name, *args = run(f"killed-{i}")
            p = subprocess.Popen([os.path.join(os.environ["BACKFILL_EXAMPLES_BIN"], name), *map(str, args)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            time.sleep(rnd.uniform(0, length)); p.send_signal(signal.SIGKILL); p.wait()
            if expect(faults, program(*run(f"killed-{i}"))): faults += [f"killed and run again: {c}" for c in changes(clean, binlogs(f"{folder}/killed-{i}"))]
            shutil.rmtree(f"{folder}/killed-{i}", ignore_errors=True)
        return faults[:20]

    def s3(self, fixture, kills):
        folder, job = self.job(f"s3-{fixture}", fixture, vectors="complete")
        faults, rnd, place = [], random.Random(self.seed), f"programs-{fixture}-{random.randrange(1 << 32):x}"
        bucket, other = s3_bucket.Bucket(), s3_bucket.Bucket(other=True)
        bucket.put_folder(self.root(fixture), place + "/root")
        args = list(job["args"])
        source = args.index("--parquet") + 1
        other.put_file(args[source], place + "/new.parquet")
        def local(*more): return "milvus-backfill", "run", "--root", self.root(fixture), *args, "--mode", "overwrite", "--output-root", folder + "/first", *more
        def remote(out, secret=None):
            there = [f"s3://{other.name}/{place}/new.parquet" if i == source else a for i, a in enumerate(args)]
            return ("milvus-backfill", "run", "--root", f"s3://{bucket.name}/{place}/root", *there, "--mode", "overwrite", "--output-root", f"s3a://{bucket.name}/{place}/{out}",
                    "--output-result", f"s3://{bucket.name}/{place}/{out}.json", "--s3-endpoint", os.environ["BACKFILL_S3_ENDPOINT"], "--source-s3-endpoint", os.environ["BACKFILL_S3_ENDPOINT"],
                    "--source-s3-access-key", other.access_key, "--source-s3-secret-key", secret or other.secret_key)
        keys = dict(os.environ, AWS_ACCESS_KEY_ID=bucket.access_key, AWS_SECRET_ACCESS_KEY=bucket.secret_key)
        if not expect(faults, program(*local())): return faults
        clean, start = binlogs(folder + "/first"), time.monotonic()
        if not expect(faults, program(*remote("first"), env=keys)): return faults
        length = time.monotonic() - start
        def compare(what, out, whole=True):
            found = bucket.digests(f"{place}/{out}/insert_log/")
            return [f"{what}: {c}" for c in changes(clean, found) if whole or not c.startswith("gone")]
        faults += compare("in S3", "first")
        if f"{place}/first.json" not in bucket.keys(place + "/first.json"): faults.append("no result document")
        for i in range(kills):
            name, *rest = remote(f"killed-{i}")
            p = subprocess.Popen([os.path.join(os.environ["BACKFILL_EXAMPLES_BIN"], name), *map(str, rest)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=keys)
            time.sleep(rnd.uniform(0, length)); p.send_signal(signal.SIGKILL); p.wait()
            faults += compare("killed", f"killed-{i}", whole=False)
            if expect(faults, program(*remote(f"killed-{i}"), env=keys)): faults += compare("killed and run again", f"killed-{i}")
        start, done = time.monotonic(), program(*remote("wrong", secret="wrong-secret-key"), env=keys)
        expect(faults, done, 3)
        if time.monotonic() - start > 20: faults.append(f"wrong keys took {time.monotonic() - start:.1f} s")
        if "--source-s3-access-key" not in done.stderr or "wrong-secret-key" in done.stderr + done.stdout: faults.append(f"wrong keys: {done.stderr!r}")
        faults += self.s3_parquet(folder, args[source], f"s3://{bucket.name}/{place}", keys)
        return faults[:20]

    def s3_parquet(self, folder, file, place, keys):
        faults, flags = [], ["--s3-endpoint", os.environ["BACKFILL_S3_ENDPOINT"]]
        if not expect(faults, program("parquet", "copy", file, place + "/copy.parquet", *flags, env=keys)): return faults
        here, there = program("parquet", "cat", file, "--canonical"), program("parquet", "cat", place + "/copy.parquet", "--canonical", *flags, env=keys)
        if expect(faults, here) and expect(faults, there) and here.stdout != there.stdout: faults.append("the copy in S3 has other rows")
        for command in ("schema", "meta", "verify"): expect(faults, program("parquet", command, place + "/copy.parquet", *flags, env=keys))
        missing = program("parquet", "meta", place + "/missing.parquet", *flags, env=keys)
        expect(faults, missing, 2)
        if "missing.parquet" not in missing.stderr: faults.append(f"a missing object: {missing.stderr!r}")
        return faults

    def disk(self, fixture):
        folder, job = self.job(f"disk-{fixture}", fixture)
        fx, faults, out = Fixture(f"{FIXTURES}/{fixture}"), [], folder + "/small"
        os.makedirs(out)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", out], check=True)
        try: done = program("milvus-backfill", "run", "--root", self.root(fixture), *job["args"], "--mode", "replace", "--output-root", out, "--output-result", folder + "/result.json")
        finally: subprocess.run(["umount", out], check=True)
        expect(faults, done, 3)
        if not any(s["segment"] in done.stderr for s in fx.segments): faults.append(f"the message names no segment: {done.stderr[-600:]!r}")
        if "small" not in done.stderr and "insert_log" not in done.stderr: faults.append(f"the message names no path: {done.stderr[-600:]!r}")
        if os.path.exists(folder + "/result.json"): faults.append("a result document was written")
        return faults

    def permission(self, fixture):
        """the program runs as nobody and may read everything, but not write into one segment's folder"""
        folder, job = self.job(f"permission-{fixture}", fixture)
        fx, faults, out = Fixture(f"{FIXTURES}/{fixture}"), [], tempfile.mkdtemp(prefix="permission.")
        try:
            shutil.copytree(f"{FIXTURES}/{fixture}/files", out + "/root"); shutil.copytree(folder, out + "/job")
            binary = shutil.copy(os.path.join(os.environ["BACKFILL_EXAMPLES_BIN"], "milvus-backfill"), out)
            for d, _, names in os.walk(out): os.chmod(d, 0o777)
            closed = fx.segments[-1]; place = f"{out}/root/insert_log/{fx.collection}/{closed['partition']}/{closed['segment']}"
            os.chmod(place, 0o555)
            args = [a.replace(folder, out + "/job") for a in job["args"]]
            mapping = ",".join([f"pk:{fx.pk['name']}"] + [f"{t}:{t}" for t in job["targets"] if t.startswith("new_")])
            def as_nobody(): os.setgid(65534); os.setuid(65534)
            done = subprocess.run([binary, "run", "--root", out + "/root", *args, "--column-mapping", mapping, "--mode", "replace", "--output-result", out + "/result.json"], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, preexec_fn=as_nobody)
            expect(faults, done, 3)
            for what in (closed["segment"], "insert_log"):
                if what not in done.stderr: faults.append(f"the message lacks {what}: {done.stderr[-600:]!r}")
            if os.path.exists(out + "/result.json"): faults.append("a result document was written")
        finally: shutil.rmtree(out, ignore_errors=True)
        return faults

    def all(self):
        """-> (name, function, arguments)"""
        for f in SETS: yield f"fixture {f}", self.fixture, (f,)
        for f in ("multi_binlog", "varchar_pk"): yield f"oracle {f}", self.oracle, (f,)
        for f in SETS: yield f"dump {f}", self.dump, (f,)
        for i in range(12): yield f"parquet {i}", self.parquet, (i,)
        yield "cells", self.cells, ()
        yield "verify", self.verify, ()
        for codec in ("none", "snappy", "zstd", "gzip", "lz4", "brotli"): yield f"copy {codec}", self.copy, (codec,)
        yield "copying", self.copying, ()
        for f in SETS:
            for v in ("plain", "complete", "files", "join-key"): yield f"join {f} {v}", self.join, (f, v)
        for f in SETS:
            for m in ("replace", "overwrite"): yield f"in-place {f} {m}", self.in_place, (f, m)
        for f in ("all_types", "varchar_pk"):
            for case in bad_inputs.make(f"{FIXTURES}/{f}", f"{self.work}/bad-{f}"): yield f"bad-input {f} {case}", self.bad_input, (f"{self.work}/bad-{f}/{case}",)
        for f in ("multi_binlog", "partitions_deletes"): yield f"rerun {f}", self.rerun, (f,)
        yield "s3 all_types", self.s3, ("all_types", 0)
        yield "s3 multi_binlog, killed", self.s3, ("multi_binlog", self.s3_kills)
        yield "disk multi_binlog", self.disk, ("multi_binlog",)
        yield "permission partitions_deletes", self.permission, ("partitions_deletes",)

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--filter", default=""); ap.add_argument("--seed", type=int, default=1); ap.add_argument("--work"); ap.add_argument("--s3-kills", type=int, default=5, help="points at which the program is killed with its data in S3")
    a = ap.parse_args()
    work = a.work or tempfile.mkdtemp(prefix="program_tests."); os.makedirs(work, exist_ok=True)
    passed = failed = 0
    try:
        for name, test, args in Tests(os.path.abspath(work), a.seed, a.s3_kills).all():
            if a.filter not in name: continue
            if name.startswith(("disk", "permission")) and os.geteuid() != 0: print(f"SKIPPED  {name}: needs root, to mount a small file system or to become nobody"); continue
            if name.startswith("s3") and "BACKFILL_S3_ENDPOINT" not in os.environ: print(f"SKIPPED  {name}: needs an S3 server, see Tests/Tools/s3_server.sh"); continue
            start = time.monotonic()
            try: faults = test(*args)
            except Exception as e: faults = [f"{type(e).__name__}: {e}"[:800]]
            passed += not faults; failed += bool(faults)
            if faults or not name.startswith("bad-input"): print(f"{'FAILED ' if faults else 'passed '}  {name} ({time.monotonic() - start:.1f} s)", flush=True)
            for f in faults: print("    " + f.replace("\n", "\n    "))
    finally:
        if not a.work: shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)

if __name__ == "__main__": main()
