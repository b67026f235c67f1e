#!/usr/bin/env python3
"""conformance.py --program PATH/parquet [--corpus DIR] [--write-own DIR] [--filter WORD] [--jobs N]    the program on apache/parquet-testing

DIR: the corpus with data/, bad_data/ and canon/ (the expected values as gzip JSON); default: PARQUET_TESTING_DIR, else ../shared/fixtures/parquet-testing beside the repository.
Every file in a process of its own, with a time limit and its memory measured:
  values     each file of data/ that is not encrypted, by `parquet cat --canonical`, against canon/, or against the constants below where no other reader can be asked
  encrypted  refused with an error that says so, and which key is needed
  bad        each file of bad_data/: a clean error, or for the one that is only strange, its values
  checksum   `parquet verify` finds the wrong checksums of the two files that have them, and where
--write-own leaves the values as DIR/parquet-testing/data/FILE.json.  A line per failure, then the counts; exit 0 only without failures."""
import argparse, gzip, json, os, re, signal, subprocess, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor
import canonical, pqdump

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS, MEGABYTES = 60, 1024                                   # limits of every process but the one of the raised limits

# incorrect_map_schema.parquet: by Presto, with an optional map key, which pyarrow and polars refuse ("Map keys must be annotated as required").  One row group, one row, both
# leaves two PLAIN values in one page, no nulls: keys "parent", "name" (their statistics: name..parent), values "another", "report" (another..report).  duckdb reads the same map.
INCORRECT_MAP = {"columns": ["my_map"], "nrows": 1, "rows": [[[["parent", "another"], ["name", "report"]]]]}

# large_string_map.brotli.parquet: two rows of one map entry each; the keys are 2^30 times the letter a, first in a dictionary page (2^30 + 4 bytes: length and value), then in a
# PLAIN page (2^30 + 16 bytes: two blocks of levels of 6 bytes each, length and value), both decompressed and hashed on their own; the values are one dictionary entry, 1 (its statistics: 1..1).
LARGE_KEY = "sha256:1073741824:c4d3e5935f50de4f0ad36ae131a72fb84a53595f81f92678b42b91fc78992d84"
LARGE_MAP = {"columns": ["arr"], "nrows": 2, "rows": [[[[LARGE_KEY, 1]]], [[[LARGE_KEY, 1]]]]}
LARGE_LIMITS = ["--limit-page-bytes", "1200000000", "--limit-value-bytes", "1200000000", "--limit-dictionary-bytes", "1200000000", "--limit-batch-bytes", "2500000000", "--limit-memory-bytes", "16000000000"]
LIMIT_NAMES = r"page|value|batch"                               # what the error about a limit has to name
LARGE_SECONDS, LARGE_MEMORY = 300, 8 << 30                      # for the raised limits; bytes that the machine must have free

# nullable.impala.parquet: the recorded value has the two entries of this map in another order (it was read as a slice, at the wrong offset); pyarrow, duckdb and polars agree on this one.
CORRECTED = {"nullable.impala.parquet": (1, "int_Map_Array", [[["k3", None], ["k1", 1]], None, []])}

# ARROW-GH-43605.parquet is strange, not wrong: its dictionary has one entry and its indices a width of 0 bits.  pyarrow: 21186 rows, all 0.
GOOD_OF_BAD = {"ARROW-GH-43605.parquet": {"columns": ["min_fl"], "nrows": 21186, "rows": [[0]] * 21186}}

CORRUPT_CHECKSUMS = ["datapage_v1-corrupt-checksum.parquet", "rle-dict-uncompressed-corrupt-checksum.parquet"]
EXPECTED_FILES = (75, 13, 8)                                    # values, encrypted, bad: a corpus with fewer is not whole

class Done:
    def __init__(self, code, killed, out, err, megabytes, seconds): self.code, self.killed, self.out, self.err, self.megabytes, self.seconds = code, killed, out, err, megabytes, seconds

def run(command, limit=SECONDS):
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        killed = threading.Event()
        def kill(): killed.set(); p.send_signal(signal.SIGKILL)
        timer = threading.Timer(limit, kill); timer.start()
        _, status, usage = os.wait4(p.pid, 0)                   # not p.wait(): only wait4 tells the memory of this one process
        timer.cancel(); p.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0); err.seek(0)
        return Done(p.returncode, killed.is_set(), out.read(), err.read().decode("utf-8", "replace"), usage.ru_maxrss // 1024, time.monotonic() - start)

def ended(done, megabytes=MEGABYTES):
    """faults of any process, whatever it was to do"""
    if done.killed: return [f"no end after {done.seconds:.0f} s"]
    if done.code < 0: return [f"killed by {signal.Signals(-done.code).name}: {done.err.strip()[-300:]}"]
    return [f"{done.megabytes} MB of memory"] if done.megabytes > megabytes else []

def clean_error(done, path, codes=(1, 2)):
    """faults of an error that is to be clear: one paragraph that names the file"""
    said = done.err.strip()
    if done.code == 0: return ["read without an error"]
    faults = [] if done.code in codes else [f"exit {done.code}"]
    if not said: return faults + ["an error without a message"]
    if re.search(r"Fatal error|[Cc]rashed|Backtrace|\n\s*\n", said) or len(said) > 1000: faults.append("not one clear paragraph")
    if os.path.basename(path) not in said: faults.append("the file is not named")
    return [f"{f}: {said[:300]!r}" for f in faults]

class Corpus:
    def __init__(self, program, corpus, own): self.program, self.corpus, self.own, self.largest = program, corpus, own, (0, "")

    def ask(self, command, relative, *more, limit=SECONDS):
        done = run([self.program, command, f"{self.corpus}/{relative}", *more], limit)
        if not more or more[-1] == "--canonical": self.largest = max(self.largest, (done.megabytes, relative))
        return done

    def judge(self, done, relative, want, megabytes=MEGABYTES):
        """faults of the printed values"""
        faults = ended(done, megabytes)
        if faults: return faults
        if done.code: return [f"exit {done.code}: {done.err.strip()[:300]}"]
        try: got = canonical.parse(done.out)
        except ValueError as e: return [f"the output is not canonical: {e}"]
        if self.own:
            path = f"{self.own}/parquet-testing/{relative}.json"; os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as fh: fh.write(done.out)
        if want["columns"] != got["columns"]: return [f"columns {got['columns']}, expected {want['columns']}"]
        found = canonical.difference(want, got, canonical.alike)
        return [found] if found else []

    def canon(self, relative):
        path = f"{self.corpus}/canon/{relative.removeprefix('data/')}.pyarrow.json.gz"
        with gzip.open(path, "rt", encoding="utf-8") as fh: canon = json.load(fh)
        if correct := CORRECTED.get(os.path.basename(relative)): canon["rows"][correct[0]][canon["columns"].index(correct[1])] = correct[2]
        return canon

    def values(self, relative):
        name = os.path.basename(relative)
        if name == "large_string_map.brotli.parquet": return self.large(relative)
        want = INCORRECT_MAP if name == "incorrect_map_schema.parquet" else self.canon(relative)
        return self.judge(self.ask("cat", relative, "--canonical"), relative, want)

    def large(self, relative):
        done = self.ask("cat", relative, "--canonical"); faults = ended(done) or clean_error(done, relative)
        if not faults and not (re.search(r"\b(over|limit)", done.err) and re.search(LIMIT_NAMES, done.err)): faults = [f"the error names no limit: {done.err.strip()[:300]!r}"]
        free = next(int(l.split()[1]) * 1024 for l in open("/proc/meminfo") if l.startswith("MemAvailable"))
        if free < LARGE_MEMORY: print(f"SKIPPED  {relative} with raised limits: {free >> 20} MB of memory are free, {LARGE_MEMORY >> 20} wanted"); return faults
        done = self.ask("cat", relative, "--canonical", *LARGE_LIMITS, limit=LARGE_SECONDS)
        return faults + ["with raised limits: " + f for f in self.judge(done, relative, LARGE_MAP, LARGE_MEMORY >> 20)]

    def encrypted(self, relative):
        done = self.ask("cat", relative, "--canonical"); faults = ended(done) or clean_error(done, relative)
        dump, said = pqdump.dump(f"{self.corpus}/{relative}"), done.err.lower()
        key = "footer key" if dump.get("encrypted_footer") else "column key"
        if not faults: faults = [f"the error lacks {word!r}: {done.err.strip()[:300]!r}" for word in ("encrypted", key) if word not in said]
        return faults

    def bad(self, relative):
        done, want = self.ask("cat", relative, "--canonical"), GOOD_OF_BAD.get(os.path.basename(relative))
        return self.judge(done, relative, want) if want else ended(done) or clean_error(done, relative)

    def checksum(self, relative):
        """faults are what the command was asked for: they stand on standard output"""
        done = self.ask("verify", relative); faults = ended(done)
        if not faults and done.code != 1: faults = [f"exit code {done.code}, expected 1"]
        if not faults: faults = [f"the finding has no {what}: {done.out.strip()[:300]!r}" for what, form in (("checksum", "checksum"), ("offset", r"offset \d")) if not re.search(form, done.out.decode("utf-8", "replace").lower())]
        return faults

    def all(self):
        """-> {kind: [relative name]}"""
        found = {"values": [], "encrypted": [], "bad": [], "checksum": ["data/" + n for n in CORRUPT_CHECKSUMS]}
        for folder, kind in (("data", "values"), ("bad_data", "bad")):
            for d, _, names in os.walk(f"{self.corpus}/{folder}"):
                for n in names:
                    relative = os.path.relpath(os.path.join(d, n), self.corpus)
                    if n.endswith(".parquet"): found[kind].append(relative)
                    elif n.endswith(".parquet.encrypted"): found["encrypted"].append(relative)
        return {kind: sorted(names) for kind, names in found.items()}

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--program", required=True); ap.add_argument("--corpus", default=os.environ.get("PARQUET_TESTING_DIR") or os.path.join(os.path.dirname(TOP), "shared/fixtures/parquet-testing"))
    ap.add_argument("--write-own"); ap.add_argument("--filter", default=""); ap.add_argument("--jobs", type=int, default=2)
    a = ap.parse_args()
    corpus = Corpus(os.path.abspath(a.program), os.path.abspath(a.corpus), a.write_own and os.path.abspath(a.write_own))
    files, good, failed = corpus.all(), {}, 0
    counts = tuple(len(files[k]) for k in ("values", "encrypted", "bad"))
    if counts != EXPECTED_FILES: print(f"FAILED   the corpus {a.corpus} has {counts} files (values, encrypted, bad), expected {EXPECTED_FILES}"); failed += 1
    def one(kind, name):
        try: return getattr(corpus, kind)(name)
        except Exception as e: return [f"{type(e).__name__}: {e}"[:400]]
    with ThreadPoolExecutor(a.jobs) as pool:
        jobs = [(kind, name, pool.submit(one, kind, name)) for kind, names in files.items() for name in names if a.filter in name]
        for kind, name, job in jobs:
            faults = job.result(); good.setdefault(kind, []).append(not faults); failed += bool(faults)
            for f in faults: print(f"FAILED   {kind} {name}: {f}", flush=True)
    print(f"most memory: {corpus.largest[0]} MB ({corpus.largest[1]})")
    what = {"values": "unencrypted", "encrypted": "encrypted refused", "bad": "bad", "checksum": "corrupt checksums"}
    print(", ".join(f"{sum(good[k])} of {len(good[k])} {what[k]}" for k in what if k in good))
    sys.exit(1 if failed else 0)

if __name__ == "__main__": main()
