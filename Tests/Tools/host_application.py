#!/usr/bin/env python3
"""host_application.py BIN WORK    the programs of Tests/HostApplication, which are the README's examples

BIN: folder of the built HostApplication and ReadParquet; WORK: folder for a copy of the fixture.  Checks
  - that every source file of Tests/HostApplication stands in README.md as a code block, byte for byte; that of the rows
    in the landing page of Parquet's documentation too
  - exit codes, and every number of the summary against the recorded operations and the input as pyarrow reads it
  - that a second run finds the first one's work
  - that the output which README.md shows is this output (time and place aside)
Prints the faults; exit 0 only when there are none."""
import glob, os, re, shutil, subprocess, sys
import pyarrow as pa, pyarrow.parquet as pq
from fixture_truth import Fixture

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURE, NEW = TOP + "/Tests/Fixtures/milvus-v1/all_types", TOP + "/Tests/Fixtures/new-values/scalars"
FIELDS = ["new_text", "new_i32"]
VARYING = ("  time", "  plan", "  result")                      # lines that differ from run to run

def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)

def run(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, cwd=cwd)
    return done.returncode, done.stdout, done.stderr

def steady(text):
    return [line for line in text.strip().splitlines() if not line.startswith(VARYING)]

def expected_summary(fx, rows):
    """what the summary has to say, from the recorded operations and the input"""
    values = {row["id"]: row for row in rows}
    keys = [row["id"] for s in fx.segments for row in s["values"]]
    hits = [values[k] for k in keys if k in values]
    lines = ["Backfill completed.", f"  collection        {fx.collection}, partition {fx.segments[0]['partition']}", f"  fields            {', '.join(FIELDS)}",
             f"  segments          {len(fx.segments)}", f"  rows              {len(keys)} written, {len(hits)} of them matched by {len(rows)} new rows"]
    for name in FIELDS:
        new = sum(row[name] is not None for row in hits)
        lines.append(f"  {name}: {new} new, 0 kept, {len(keys) - new} null")
    return lines

def check_sources(readme):
    shown = blocks(readme, "swift")
    for path in sorted(glob.glob(TOP + "/Tests/HostApplication/Sources/*/*.swift")):
        if open(path, encoding="utf-8").read() not in shown: yield f"README.md does not show {os.path.relpath(path, TOP)} as it is"

def check_join(bin, work, readme, rows):
    fx, root, program = Fixture(FIXTURE), work + "/milvus", bin + "/HostApplication"
    shutil.copytree(fx.root, root)
    arguments = [program, root, str(fx.collection), NEW + "/schema.json", NEW + "/input.parquet"]
    code, out, err = run(*arguments)
    if code != 0: yield f"HostApplication: exit {code}: {out}{err}"
    expected = expected_summary(fx, rows)
    if steady(out) != expected: yield "the summary is\n" + "\n".join(steady(out)) + "\nexpected\n" + "\n".join(expected)
    if expected not in [steady(b) for b in blocks(readme, "text")]: yield "README.md shows another summary"
    code, out, _ = run(*arguments)
    if code != 0 or not out.startswith("Backfill was already complete"): yield f"the second run: exit {code}: {out}"
    code, out, _ = run(*arguments[:-1], work + "/missing.parquet")
    if code != 1 or "missing.parquet" not in out: yield f"a missing input: exit {code}: {out}"
    if run(program)[0] != 2: yield "no arguments: the exit code is not 2"

def check_reading(bin, readme, rows):
    values = [row["new_i32"] for row in rows]
    expected = f"{len(values)} rows, {values.count(None)} of them null, sum {sum(v or 0 for v in values)}"
    code, out, err = run(bin + "/ReadParquet", NEW + "/input.parquet")
    if code != 0 or out.strip() != expected: yield f"ReadParquet: exit {code}: {out}{err}expected: {expected}"
    if expected not in [b.strip() for b in blocks(readme, "text")]: yield f"README.md does not show: {expected}"

def check_rows(bin, work, readme):
    page = open(TOP + "/Sources/Parquet/Parquet.docc/Parquet.md", encoding="utf-8").read()
    for path in glob.glob(TOP + "/Tests/HostApplication/Sources/RowsOf*/*.swift"):
        if open(path, encoding="utf-8").read() not in blocks(page, "swift"): yield f"Parquet.md does not show {os.path.relpath(path, TOP)} as it is"
    code, out, err = run(bin + "/RowsOfParquet")
    if code != 0 or out != "1 Basel 3.5\n2 Bern unknown\n": yield f"RowsOfParquet: exit {code}: {out}{err}"
    if out not in blocks(readme, "text"): yield f"README.md does not show: {out}"
    os.makedirs(work + "/rows")
    pq.write_table(pa.table({"id": pa.array([1, 2], pa.int64()), "city": ["Basel", "Bern"], "kilometres": [3.5, None], "driver": ["A", "B"]}), work + "/rows/trips.parquet")
    code, out, err = run(bin + "/RowsOfFile", cwd=work + "/rows")
    if code != 0 or out != "1 Basel 3.5\n2 Bern 0.0\n": yield f"RowsOfFile: exit {code}: {out}{err}"

def main(bin, work):
    readme = open(TOP + "/README.md", encoding="utf-8").read()
    rows = pq.ParquetFile(NEW + "/input.parquet").read(use_threads=False).to_pylist()
    os.makedirs(work)
    faults = [*check_sources(readme), *check_join(bin, work, readme, rows), *check_reading(bin, readme, rows), *check_rows(bin, work, readme)]
    for fault in faults: print(fault)
    print(f"the README's examples: {len(faults)} faults")
    sys.stdout.flush()
    os._exit(1 if faults else 0)                                # pyarrow's threads sometimes abort a plain exit

if __name__ == "__main__":
    if len(sys.argv) != 3: sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
