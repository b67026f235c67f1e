#!/usr/bin/env python3
"""expected_join.py FIXTURE INPUT SCHEMA OUT.jsonl [--column-mapping a:b,...] [--join-key FIELD] [--on-null error|default] [--counts FILE]

The join computed from the fixture's recorded operations (never from files that a join wrote): one line per segment row, in physical
order: {"segment", "row", "replace": {...}, "coalesce": {...}, "overwrite": {...}}, each with the value of every target column.
  replace    matched -> input, else null
  coalesce   existing if not null, else input (a new field has no existing value)
  overwrite  matched -> input, a null too; else existing
--on-null default: where a null cannot be stored (field not nullable, or a dense vector) the type's zero stands for it.
--counts: {"rows", "matched", "input_rows", per mode "nulls", and for coalesce and overwrite "from_source", "from_input" per field}.
Spelling of values: fixture_truth.py.  INPUT is a Parquet file or a folder of them."""
import argparse, glob, json, os
import pyarrow as pa, pyarrow.parquet as pq
from fixture_truth import Fixture, cell, zero

MODES = ("replace", "coalesce", "overwrite")

def read(path):
    """a Parquet file, or all of a folder; without threads: pyarrow's sometimes abort the process when it ends"""
    files = sorted(glob.glob(path + "/*.parquet")) if os.path.isdir(path) else [path]
    return pa.concat_tables([pq.ParquetFile(f).read(use_threads=False) for f in files])

def join(fixture, input, schema, mapping=None, join_key=None, on_null="error"):
    """-> (lines, counts)"""
    fx, table = Fixture(fixture), read(input)
    fields = {f["name"]: f for f in json.load(open(schema, encoding="utf-8"))["fields"]}
    old = {f["name"] for f in fx.fields}
    key = fields[join_key or fx.pk["name"]]
    names = dict(pair.split(":") for pair in mapping.split(",")) if mapping else {n: key["name"] if n == "pk" and "pk" not in fields else n for n in table.column_names}
    columns = {t: [cell(v, fields[t]) for v in table.column(s).to_pylist()] for s, t in names.items()}
    at = {k: i for i, k in enumerate(columns.pop(key["name"]))}
    assert len(at) == table.num_rows, "duplicate keys"
    lines, counts = [], {"rows": 0, "matched": 0, "input_rows": table.num_rows, **{m: {"nulls": {}, "from_source": {}, "from_input": {}} for m in MODES}}
    def count(mode, what, name): counts[mode][what][name] = counts[mode][what].get(name, 0) + 1
    for s in fx.segments:
        for row, values in enumerate(s["values"]):
            i = at.get(values[key["name"]]); counts["rows"] += 1; counts["matched"] += i is not None
            line = {"segment": s["segment"], "row": row, **{m: {} for m in MODES}}
            for name, column in columns.items():
                given, existing = None if i is None else column[i], values[name] if name in old else None
                result = {"replace": given, "coalesce": given if existing is None else existing, "overwrite": existing if i is None else given}
                if existing is not None: count("coalesce", "from_source", name)
                elif given is not None: count("coalesce", "from_input", name)
                count("overwrite", "from_source" if i is None else "from_input", name)
                for mode, v in result.items():
                    if v is None: count(mode, "nulls", name)
                    if v is None and on_null == "default" and (not fields[name].get("nullable") or "Vector" in fields[name]["type"]): v = zero(fields[name])
                    line[mode][name] = v
            lines.append(line)
    return lines, counts

if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for x in ("fixture", "input", "schema", "out"): ap.add_argument(x)
    ap.add_argument("--column-mapping"); ap.add_argument("--join-key"); ap.add_argument("--counts")
    ap.add_argument("--on-null", choices=["error", "default"], default="error")
    a = ap.parse_args()
    lines, counts = join(a.fixture, a.input, a.schema, a.column_mapping, a.join_key, a.on_null)
    with open(a.out, "w", encoding="utf-8") as fh:
        for line in lines: fh.write(json.dumps(line, ensure_ascii=False) + "\n")
    if a.counts:
        with open(a.counts, "w") as fh: json.dump(counts, fh, indent=1)
    print(f"{counts['rows']} rows, {counts['matched']} matched")
