#!/usr/bin/env python3
"""live_proof.py VENV BINARY SEED WORKDIR    a real Milvus 2.3.5 adopts what the library wrote

VENV     Python venv with the packages named in milvus23.py; needs root (own network namespace)
BINARY   the built milvus-backfill
WORKDIR  made, and removed again when all agreed

1. make_v1_job.py --complete: a fresh collection on a live server, its files, new values and the truth, all by SEED
2. BINARY run --mode replace: the new fields only, in place
3. adopt_v1.py --mode both --compact --index HNSW: the server restores, loads, indexes and compacts the files; every row is compared
Exit 0 and a line "seed N: proven" only when no row differs."""
import json, os, shutil, signal, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))

def main():
    if len(sys.argv) != 5: sys.exit(__doc__)
    venv, binary, seed, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3], os.path.abspath(sys.argv[4])
    start, child, job, python = time.monotonic(), None, work + "/job", venv + "/bin/python"
    told = []
    def ended(*_):          # the tools stop their servers when they are told to end; step() waits for that
        told.append(1)
        if child and child.poll() is None: child.terminate()
    signal.signal(signal.SIGTERM, ended); signal.signal(signal.SIGINT, ended)
    def step(*command):
        nonlocal child
        print("+ " + " ".join(os.path.basename(c) if c.startswith("/") else c for c in command[:3]), f"({time.monotonic() - start:.0f} s)", flush=True)
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, env={**os.environ, "TMPDIR": work})   # told to end once, by ended()
        code = child.wait()
        if told: shutil.rmtree(work, ignore_errors=True); sys.exit(f"seed {seed}: ended from outside")
        if code: sys.exit(f"seed {seed}: FAILED in {os.path.basename(command[1] if command[0] == python else command[0])}; files kept in {work}")
    os.makedirs(work, exist_ok=True)
    step(python, HERE + "/make_v1_job.py", venv, job, "--seed", seed, "--complete")
    info = json.load(open(job + "/job.json"))
    # the input also has columns of existing fields; those cannot be written in place, so the mapping names key and new fields only
    mapping = ",".join(f"{n}:{n}" for n in [info["pk"], *(f["name"] for f in info["new"])])
    (collection,) = os.listdir(job + "/milvus/insert_log")
    step(binary, "run", "--root", job + "/milvus", "--collection-id", collection, "--schema", job + "/adopt_schema.json", "--parquet", job + "/input.parquet",
         "--mode", "replace", "--column-mapping", mapping, "--output-result", job + "/result.json")
    step(python, HERE + "/adopt_v1.py", venv, "--root", job + "/milvus", "--schema", job + "/adopt_schema.json", "--truth", job + "/adopt_truth.jsonl",
         "--mode", "both", "--compact", "--index", "HNSW")
    shutil.rmtree(work)
    print(f"seed {seed}: proven ({time.monotonic() - start:.0f} s)", flush=True)

if __name__ == "__main__": main()
