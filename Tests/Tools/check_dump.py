#!/usr/bin/env python3
"""check_dump.py FIXTURE SEGMENT [--apply-deletes] < DUMP   `milvus-backfill dump --canonical` of a fixture's segment against its truth

DUMP: {"columns": [...], "nrows": N, "rows": [[...], ...]} on standard input.  Every field of the collection has to be there with the value
given at insertion, in physical row order; RowID and Timestamp are compared when they are there.  With --apply-deletes the rows that a
delete hides have to be missing.  Ends with "N values compared, M differ"; exit 0 only when all agree (a segment may have no visible row left)."""
import argparse, json, sys
from fixture_truth import Fixture, number, same

def check(fx, segment, dump, apply_deletes=False):
    """-> (compared, differ, problems)"""
    s = next(s for s in fx.segments if s["segment"] == str(segment))
    hidden = set(s["deleted_rows"]) if apply_deletes else set()
    order = [i for i in range(s["rows"]) if i not in hidden]
    compared, differ, problems = 0, 0, []
    if dump["nrows"] != len(order) or len(dump["rows"]) != len(order): return 0, 1, [f"segment {segment}: {dump['nrows']} rows, expected {len(order)}"]
    at = {n: i for i, n in enumerate(dump["columns"])}
    for f in fx.fields:
        if f["name"] not in at: problems.append(f"segment {segment}: no column {f['name']}"); continue
        for row, i in zip(dump["rows"], order):
            got, want = row[at[f["name"]]], s["values"][i][f["name"]]
            if f["type"] in ("Float", "Double") and isinstance(got, (int, float)): got = number(float(got), f["type"] == "Float")
            compared += 1
            if not same(want, got, f): differ += 1; differ <= 10 and problems.append(f"segment {segment} row {i} {f['name']}: {got!r}, expected {want!r}"[:400])
    for name, values in (("RowID", s["row_ids"]), ("Timestamp", s["timestamps"])):
        if name not in at: continue
        for row, i in zip(dump["rows"], order):
            compared += 1
            if row[at[name]] != values[i]: differ += 1; differ <= 10 and problems.append(f"segment {segment} row {i} {name}: {row[at[name]]}, expected {values[i]}")
    return compared, differ, problems

if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("fixture"); ap.add_argument("segment"); ap.add_argument("--apply-deletes", action="store_true")
    a = ap.parse_args()
    compared, differ, problems = check(Fixture(a.fixture), a.segment, json.load(sys.stdin), a.apply_deletes)
    for p in problems: print(p)
    print(f"{compared} values compared, {differ} differ")
    sys.exit(1 if differ or problems else 0)
