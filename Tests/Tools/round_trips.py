#!/usr/bin/env python3
"""round_trips.py --program PATH/parquet --work DIR [--seed S] [--tables N] [--combinations K] [--only INDEX] [--minutes M] [--jobs J]    the program on random tables

Each table (random_tables.py) is written as a file by pyarrow, duckdb or polars.  Then
  - `parquet cat --canonical` prints what pyarrow reads: every value, name and sign
  - `parquet verify` accepts the file
  - `parquet copy` rewrites it in K of 24 combinations of codec, page version and encoding, which take turns; of each copy: pyarrow reads the same values and logical types; `parquet verify`
    accepts it; its pages are what was asked for; and duckdb and polars read in it what they read in the file that pyarrow makes of the table with the same
    codec, pages and encodings, wherever they read that.
--minutes goes on with new tables until they are over.  Without --seed a fresh one is taken and printed.  Failed tables are kept in DIR, with the command that repeats them.  Ends with "N passed,
M failed"; exit 0 only when none failed.

The truth is pyarrow's reading, confirmed by the table as it was before writing or by another reader, because pyarrow itself is wrong about some files: a page without values in a nested
column (rows vanish), dictionary columns in delta encodings, null lists of fixed size, duckdb's delta pages of nulls only.  Where it fails, two others have to agree, or the table is drawn again."""
import argparse, collections, json, multiprocessing, multiprocessing.connection, os, random, re, secrets, shlex, shutil, signal, subprocess, sys, time, traceback
import canonical, pqdump

CODECS, ENCODINGS = ["none", "snappy", "zstd", "gzip", "lz4", "brotli"], ["plain", "dictionary", "delta", "bss"]
# Two halves of twelve: each half has every codec and every encoding with both page versions, both together have every codec with every encoding.
COMBINATIONS = [(codec, 1 + extra, ENCODINGS[(i + extra + half) % 4]) for half in (0, 2) for i, codec in enumerate(CODECS) for extra in (0, 1)]
LEVELS = {"zstd": range(1, 10), "gzip": range(1, 10), "brotli": range(0, 9)}
PEERS = ["duckdb", "polars"]
# what a peer says of itself, in one encoding of a table or another
NOT_IN_PEER = re.compile("Not yet supported|POLARS_IMPORT_INTERVAL_AS_STRUCT")
PROGRAM_SECONDS, STAGE_SECONDS, ATTEMPTS, FAULTS = 60, 180, 8, 8
# what pyarrow says of correct files when it makes of them the types that the writer remembered beside the schema; without that memory it reads them
PYARROW_LIMITS = r"Nested data conversions not implemented|Expected all lists to be of size"

# ---- the readers; all in the workers, which alone import them ----

def open_pyarrow(path, remembered=True):
    import pyarrow as pa, pyarrow.parquet as pq
    if remembered: return pq.ParquetFile(path)
    with open(path, "rb") as fh: data = fh.read()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return pq.ParquetFile(pa.BufferReader(data[:footer] + data[footer:].replace(b"ARROW:schema", b"ARROW-schema")))

def by_pyarrow(path, limits=PYARROW_LIMITS):
    """-> (arrow table, canonical form); errors that match `limits` lead to a second try without the remembered types"""
    try: f = open_pyarrow(path); t = f.read(use_threads=False)
    except Exception as e:
        if not re.search(limits, str(e)): raise
        f = open_pyarrow(path, False); t = f.read(use_threads=False)
    if t.num_rows != f.metadata.num_rows: raise ValueError(f"{t.num_rows} rows, the footer has {f.metadata.num_rows}")
    form, tops = canonical.table(t), [f.schema.column(i).path for i in range(len(f.schema))]
    for i in range(len(f.schema)):
        # pyarrow gives an interval as its twelve bytes: months, days, milliseconds
        if f.schema.column(i).converted_type == "INTERVAL" and tops[i] in form["columns"]:
            at, raw = form["columns"].index(tops[i]), t.column(tops[i]).to_pylist()
            for row, b in zip(form["rows"], raw): row[at] = b and "interval:{}:{}:{}".format(*(int.from_bytes(b[k:k + 4], "little") * (10**6 if k == 8 else 1) for k in (0, 4, 8)))
    return t, form

def near(want, got):
    """equal but for the part of a time below a millisecond, which pyarrow drops when it is told to"""
    if isinstance(want, str) and isinstance(got, str) and re.match(r"(ts|time):-?\d+ (ts|time):-?\d+$", f"{want} {got}"): return abs(int(want.split(":")[1]) - int(got.split(":")[1])) < 10**6
    if isinstance(want, list): return isinstance(got, list) and len(want) == len(got) and all(map(near, want, got))
    if isinstance(want, dict): return isinstance(got, dict) and list(want) == list(got) and all(map(near, want.values(), got.values()))
    return canonical.equal(want, got)

class Readers:
    connection = None

    def duckdb(self, path):
        import duckdb
        if not self.connection:
            self.connection = duckdb.connect()
            for s in ("threads=1", "timezone='UTC'", "enable_external_file_cache=false"): self.connection.execute("set " + s)
        try: t = self.connection.sql(f"select * from read_parquet('{path}')").to_arrow_table()
        except BaseException: self.connection = None; raise      # an internal error ends the connection for good
        return t, canonical.table(t)

    def polars(self, path):
        import polars as pl
        t = pl.read_parquet(path, hive_partitioning=False, glob=False).to_arrow()
        return t, canonical.table(t)

    def attempt(self, name, path):
        """-> (table, form), or the error: polars' panics are no Exception"""
        try: return getattr(self, name)(path)
        except KeyboardInterrupt: raise
        except BaseException as e: return f"{type(e).__name__}: {str(e)[:300]}"

# ---- one table ----

class NoTable(Exception):
    """the writer refuses the table, or no two readers agree on it"""

class Trial:
    """one table in one worker; `tell` announces what is done next, for the case that it ends the process"""
    def __init__(self, options, readers, index, attempt, without, tell):
        self.o, self.readers, self.index, self.attempt, self.without, self.tell = options, readers, index, attempt, without, tell
        self.folder, self.faults, self.held, self.judged, self.small = f"{options.work}/table-{index}", [], collections.Counter(), collections.Counter(), collections.Counter()
        self.original, self.about = self.folder + "/original.parquet", ""

    def program(self, *args):
        try: return subprocess.run([self.o.program, *map(str, args)], capture_output=True, stdin=subprocess.DEVNULL, timeout=PROGRAM_SECONDS)
        except subprocess.TimeoutExpired: return subprocess.CompletedProcess(args, "none", b"", f"no end after {PROGRAM_SECONDS} s".encode())

    def fault(self, text): self.faults.append(text)

    def expect(self, what, done):
        if done.returncode == 0: return True
        self.fault(f"{what}: exit {done.returncode}: {done.stderr.decode('utf-8', 'replace').strip()[-400:]}")
        return False

    def make(self):
        import random_tables
        shutil.rmtree(self.folder, ignore_errors=True); os.makedirs(self.folder)
        self.tell("make")
        try: made, self.writer, options = random_tables.write(random.Random(f"{self.o.seed}/{self.index}/{self.attempt}"), self.original)
        except BaseException as e: raise NoTable(f"refused by its writer: {type(e).__name__}: {str(e)[:150]}") from e
        self.dictionaries = self.writer == "pyarrow" and "dictionary<" in str(made.schema)
        self.coerced = "coerce_timestamps" in options
        self.about = f"{self.writer} {json.dumps({k: v for k, v in options.items() if k != 'column_encoding'}, ensure_ascii=True)}\n{made.schema.to_string(show_field_metadata=False, show_schema_metadata=False)}"
        self.tell("make: pyarrow reads")
        self.made = made
        self.source, self.truth = self.agreed((made, canonical.table(made)))

    def agreed(self, made):
        """the first of pyarrow, the table before writing, duckdb and polars with which another agrees"""
        try: read = by_pyarrow(self.original, limits=".")
        except Exception as e: read = f"{type(e).__name__}: {e}"
        if not isinstance(read, str) and not canonical.difference(made[1], read[1], near if self.coerced else canonical.equal): return read
        found = [read, made]
        for peer in PEERS:
            if peer not in self.without: self.tell(f"{peer} reads the file"); found.append(self.readers.attempt(peer, self.original))
        found = [f for f in found if not isinstance(f, str)]
        for i, f in enumerate(found):
            if any(not canonical.difference(f[1], g[1], canonical.alike) for g in found[i + 1:]): return f
        raise NoTable(f"{self.writer}: no two readers agree" + (f", pyarrow: {read[:150]}" if isinstance(read, str) else ""))

    def run(self):
        self.make()
        done = self.program("cat", self.original, "--canonical")
        if self.expect("cat", done):
            try: found = canonical.difference(self.truth, canonical.parse(done.stdout))
            except ValueError as e: found = f"the output is not canonical: {e}"
            if found: self.fault("cat: " + found)
        self.verify_original()
        first = self.index * self.o.combinations
        for i in range(self.o.combinations): self.copy(COMBINATIONS[(first + i) % len(COMBINATIONS)])

    def verify_original(self):
        done = self.program("verify", self.original, "--json")
        if done.returncode == 1:
            # In nulls of structs pyarrow counts no nulls of dictionary types, and takes what lies below for values.
            other = [f for f in json.loads(done.stdout)["findings"] if f["severity"] == "fault" and not (self.dictionaries and re.search(r"states? \d+ nulls|said to be exact|has a value; it has 0", f["what"]))]
            if other: self.fault(f"verify: {other[:3]}")
        else: self.expect("verify", done)

    def extra(self, codec, rnd):
        """further options of a copy -> (arguments, rows in a group)"""
        args, rows = [], None
        if codec in LEVELS and rnd.random() < 0.3: args += ["--level", rnd.choice(LEVELS[codec])]
        if rnd.random() < 0.4: rows = rnd.choice([max(1, self.source.num_rows // 3), max(1, self.source.num_rows // 2), 1000]); args += ["--row-group-rows", rows]
        if rnd.random() < 0.4: args += ["--page-bytes", rnd.choice([64, 1000, 100000])]
        import pyarrow.types as T
        names = self.source.column_names
        flat = [f.name for f in self.source.schema if names.count(f.name) == 1 and (T.is_integer(f.type) or T.is_string(f.type) or T.is_binary(f.type)) and re.fullmatch(r"[A-Za-z]+", f.name)]
        if flat and rnd.random() < 0.3: args += ["--bloom", ",".join(flat)]
        return args, rows

    def copy(self, combination):
        codec, version, encoding = combination
        name = f"copy {codec}, version {version}, {encoding}"
        path = f"{self.folder}/{codec}-{version}-{encoding}.parquet"
        args, rows = self.extra(codec, random.Random(f"{self.o.seed}/{self.index}/{path[len(self.folder):]}"))
        name = " ".join([name, *map(str, args)])
        if not self.expect(name, self.program("copy", self.original, path, "--codec", codec, "--page-version", version, "--encoding", encoding, *args)): return
        self.expect(name + ", verify", self.program("verify", path))
        self.tell(f"pyarrow reads the {name}")
        try: _, form = by_pyarrow(path); found = canonical.difference(self.truth, form)
        except Exception as e: found = f"{type(e).__name__}: {str(e)[:300]}"
        if not found: found = self.structure(path, combination, rows)
        if found: self.fault(f"{name}, pyarrow: {found}"); return
        if set(PEERS) - set(self.without): self.ask_peers(name, path, codec, version)

    def structure(self, path, combination, rows):
        """logical types as in the original; codec, pages, encodings and row groups as asked for"""
        def types(p):
            s = open_pyarrow(p, False).schema
            columns = [s.column(i) for i in range(len(s))]
            # that a plain integer is one may be said or not
            return [(re.sub(r"Int\(bitWidth=(32|64), isSigned=true\)", "None", str(c.logical_type)), c.max_definition_level, c.max_repetition_level) for c in columns], [c.physical_type for c in columns]
        (old, physical), (new, _) = types(self.original), types(path)
        if len(old) != len(new): return f"{len(new)} columns, the original has {len(old)}"
        for i, (a, b, p) in enumerate(zip(old, new, physical)):
            if a != b and not (p == "INT96" and a[1:] == b[1:]): return f"column {i} is {b} (logical type, levels), in the original {a}"
        codec, version, encoding = combination
        codec, data = {"none": "UNCOMPRESSED", "lz4": "LZ4_RAW"}.get(codec, codec.upper()), f"DATA_V{version}"
        for g in pqdump.dump(path)["row_groups"]:
            if rows and g["rows"] > rows: return f"a row group of {g['rows']} rows"
            for c in g["columns"]:
                where = ".".join(p.decode() for p in c["path"]); pages = c["pages"]; used = {p["enc"] for p in pages if p["t"] == data}
                if "page_error" in c: return f"{where}: {c['page_error']}"
                if c["codec"] != codec: return f"{where}: codec {c['codec']}"
                if {p["t"] for p in pages} - {data, "DICT"}: return f"{where}: pages {sorted({p['t'] for p in pages})}"
                empty = (c["stats"] or {}).get(3) in (None, c["values"])
                if encoding == "plain" and (used - {"PLAIN", "RLE"} or "RLE" in used and c["type"] != "BOOLEAN"): return f"{where}: encodings {sorted(used)}"
                if encoding == "delta" and not empty and c["type"] in ("INT32", "INT64") and not {"DELTA_BINARY_PACKED"} <= used <= {"DELTA_BINARY_PACKED", "PLAIN"}: return f"{where}: encodings {sorted(used)}"
                if encoding == "bss" and not empty and c["type"] in ("FLOAT", "DOUBLE") and not {"BYTE_STREAM_SPLIT"} <= used <= {"BYTE_STREAM_SPLIT", "PLAIN"}: return f"{where}: encodings {sorted(used)}"
        return ""

    def reference(self, table, path, copy, codec, version, **more):
        """the table, written by pyarrow with the codec, the page version and, column by column, the encodings of the copy"""
        import pyarrow.parquet as pq, random_tables
        original = open_pyarrow(self.original, False)
        columns = [original.schema.column(i) for i in range(len(original.schema))]
        types = {"store_decimal_as_integer": any(c.physical_type.startswith("INT") and c.logical_type.type == "DECIMAL" for c in columns)}
        used = [set() for _ in columns]
        for g in pqdump.dump(copy)["row_groups"]:
            for s, c in zip(used, g["columns"]): s |= {p["enc"] for p in c["pages"] if p["t"] != "DICT"}
        dictionary, encodings = [], {}
        for s, (name, physical) in zip(used, random_tables.leaves(table, **types)):
            if "RLE_DICTIONARY" in s: dictionary.append(name)
            elif (other := sorted(s - {"PLAIN", "RLE"})) and other[0] in random_tables.ENCODINGS[physical]: encodings[name] = other[0]
        remembers = b"ARROW:schema" in (open_pyarrow(self.original).metadata.metadata or {})
        pq.write_table(table, path, compression=codec, data_page_version=f"{version}.0", use_dictionary=dictionary or False, column_encoding=encodings or None, store_schema=remembers, **types, **more)

    def small_pages(self, peer, path, codec, version):
        """whether pyarrow's file fails the peer as well once it has many pages: polars panics where pages end at some places in nested columns"""
        groups = pqdump.dump(path)["row_groups"]
        if not any(len(c["pages"]) > 2 for g in groups for c in g["columns"]): return False
        for size in (1, 8, 16, 32, 48, 64, 72, 80, 96, 128, 160, 256):
            for batch in (1, 3, 7):
                reference = f"{path[:-8]}.small.parquet"
                self.tell("pyarrow rewrites")
                # of the table as it was made: pyarrow does not read null lists of fixed size
                self.reference(self.made, reference, path, codec, version, data_page_size=size, write_batch_size=batch, row_group_size=max(1, groups[0]["rows"]))
                self.tell(f"{peer} reads the reference")
                if isinstance(self.readers.attempt(peer, reference), str): return True
        return False

    def ask_peers(self, name, path, codec, version):
        reference = path.replace(".parquet", ".reference.parquet")
        self.tell("pyarrow rewrites")
        try: self.reference(self.source, reference, path, codec, version)
        except Exception: return
        for peer in PEERS:
            if peer in self.without: continue
            self.judged[peer] += 1
            self.tell(f"{peer} reads the reference")
            own = self.readers.attempt(peer, reference)
            if isinstance(own, str) or canonical.difference(self.truth, own[1], canonical.alike): continue
            self.held[peer] += 1
            self.tell(f"{peer} reads the {name}")
            copy = self.readers.attempt(peer, path)
            if isinstance(copy, str) and NOT_IN_PEER.search(copy): continue
            if isinstance(copy, str) and self.small_pages(peer, path, codec, version): self.small[peer] += 1; continue
            found = copy if isinstance(copy, str) else canonical.difference(own[1], copy[1], canonical.alike)
            if found: self.fault(f"{name}, {peer}: {found}")

def work(connection, options):
    """a worker: tables until the pipe closes"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = os.open(options.work + "/peers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND); os.dup2(log, 2)      # the peers' panics
    import pyarrow, duckdb, polars
    pyarrow.set_cpu_count(1)
    readers = Readers()
    while True:
        try: index, attempt, without = connection.recv()
        except EOFError: return
        t = Trial(options, readers, index, attempt, without, lambda stage: connection.send(("stage", stage)))
        try: t.run(); why = ""
        except NoTable as e: why = str(e)
        except BaseException as e: why = ""; t.fault("this test itself: " + "".join(traceback.format_exception(e)[-3:]))
        connection.send(("done", (why, t.faults, t.about, t.held, t.judged, t.small)))

# ---- the run ----

class Job:
    def __init__(self, index): self.index, self.attempt, self.without, self.faults, self.stage, self.since = index, 0, [], [], "", time.monotonic()

class Run:
    def __init__(self, options):
        self.o, self.workers, self.passed, self.failed, self.held, self.judged, self.small, self.again, self.died = options, {}, 0, 0, collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter()

    def start_worker(self):
        ours, theirs = multiprocessing.Pipe()
        others = list(self.workers)
        def main():
            for c in others + [ours]: c.close()                 # else a worker would keep the others' pipes open
            work(theirs, self.o)
        p = multiprocessing.get_context("fork").Process(target=main, daemon=True); p.start(); theirs.close()
        self.workers[ours] = [p, None]
        return ours

    def give(self, connection, job):
        job.stage, job.since = "", time.monotonic(); self.workers[connection][1] = job
        connection.send((job.index, job.attempt, job.without))

    def indices(self):
        if self.o.only is not None: yield self.o.only; return
        start, n = time.monotonic(), 0
        while time.monotonic() - start < 60 * self.o.minutes if self.o.minutes else n < self.o.tables: yield n; n += 1

    def run(self):
        todo = self.indices(); more = True
        for _ in range(self.o.jobs): self.start_worker()
        while True:
            for c, (_, job) in list(self.workers.items()):
                if job or not more: continue
                if (index := next(todo, None)) is None: more = False
                else: self.give(c, Job(index))
            busy = [c for c, (_, job) in self.workers.items() if job]
            if not busy: break
            for c in multiprocessing.connection.wait(busy, 5): self.hear(c)
            for c in [c for c in busy if c in self.workers]:
                p, job = self.workers[c]
                if job and time.monotonic() - job.since > STAGE_SECONDS: p.kill()       # the end of the pipe tells the rest
        for c, (p, _) in self.workers.items(): c.close(); p.join(5)

    def hear(self, connection):
        p, job = self.workers[connection]
        try: kind, what = connection.recv()
        except (EOFError, ConnectionResetError):
            p.join(); del self.workers[connection]; connection.close()
            return self.lost(job, p.exitcode, self.start_worker())
        job.since = time.monotonic()
        if kind == "stage": job.stage = what; return
        self.workers[connection][1] = None
        why, faults, about, held, judged, small = what
        if why and not faults: return self.redraw(job, why, connection)
        self.small.update(small); self.finish(job, job.faults + faults, about, held, judged)

    def lost(self, job, code, connection):
        """a reader or writer has ended the process, or has not come to an end"""
        self.died[re.sub(r" the copy .*", " a copy", job.stage)] += 1
        if job.stage.startswith("make"): return self.redraw(job, f"its worker died (exit {code})", connection)
        peer = job.stage.split()[0]
        if " reads the copy" in job.stage: job.faults.append(f"{job.stage}: the process died (exit {code})")
        if peer in PEERS and peer not in job.without: job.without = job.without + [peer]; return self.give(connection, job)
        if job.stage == "pyarrow rewrites": job.without = PEERS; return self.give(connection, job)
        self.finish(job, job.faults or [f"the worker died (exit {code}) at: {job.stage}"], "", {}, {})

    def redraw(self, job, why, connection):
        self.again[why.split(":")[0]] += 1
        if self.o.verbose: print(f"drawn again: table {job.index}: {why}")
        job.attempt += 1; job.without = []
        if job.attempt < ATTEMPTS: self.give(connection, job)
        else: self.finish(job, [f"{ATTEMPTS} attempts to make a table failed, the last one: {why}"], "", {}, {})

    def finish(self, job, faults, about, held, judged):
        self.held.update(held); self.judged.update(judged)
        folder = f"{self.o.work}/table-{job.index}"
        if not faults: self.passed += 1; shutil.rmtree(folder, ignore_errors=True); return
        self.failed += 1
        o = self.o
        for f in faults[:FAULTS]: print(f"FAILED   table {job.index}: " + f.replace("\n", "\n      "))
        if len(faults) > FAULTS: print(f"    and {len(faults) - FAULTS} more faults")
        print(f"    kept in {folder}")
        for line in about.splitlines()[:60]: print("      | " + line[:300])
        print("    again: " + shlex.join([sys.executable, sys.argv[0], "--program", o.program, "--work", o.work, "--seed", str(o.seed), "--combinations", str(o.combinations), "--only", str(job.index)]), flush=True)

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--program", required=True); ap.add_argument("--work", required=True); ap.add_argument("--seed", type=int); ap.add_argument("--tables", type=int, default=300)
    ap.add_argument("--combinations", type=int, default=12); ap.add_argument("--only", type=int); ap.add_argument("--minutes", type=float); ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--verbose", action="store_true", help="tell why tables are drawn again")
    o = ap.parse_args()
    o.program, o.work = os.path.abspath(o.program), os.path.abspath(o.work)
    if o.seed is None: o.seed = secrets.randbelow(10**9)
    print(f"seed {o.seed}", flush=True)
    for command in ("cat", "verify", "copy"):
        done = subprocess.run([o.program, command, "--help"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PROGRAM_SECONDS)
        if done.returncode or f"parquet {command}" not in done.stdout: print(f"FAILED   {o.program} has no command {command}: {done.stderr.strip()[:300]}\n0 passed, 1 failed"); sys.exit(1)
    os.makedirs(o.work, exist_ok=True)
    run = Run(o); run.run()
    for why, n in run.again.items(): print(f"drawn again: {n} tables: {why}")
    for stage, n in run.died.items(): print(f"a process died {n} times: {stage}")
    for peer in PEERS: print(f"{peer} reads {run.held[peer]} of pyarrow's {run.judged[peer]} files, and was asked for the copies of these" + (f"; of {run.small[peer]} it reads neither our small pages nor pyarrow's" if run.small[peer] else ""))
    print(f"{run.passed} passed, {run.failed} failed")
    sys.exit(1 if run.failed else 0)

if __name__ == "__main__": main()
