#!/usr/bin/env python3
"""The backfill job on gen.py's job/ data: for every segment, left join the new columns on pk in the segment's row order,
write one zstd-3 Parquet file per segment and field.
  bench_job.py --data DIR/job --out SCRATCH --engine ENGINE --threads N [--mode overwrite|coalesce] [--check]
ENGINES  pyarrow (sort-once index in numpy + take)   acero (pyarrow Table.join + sort)   duckdb (in-memory table, join per segment)
         duckdb_global (one join + one sort over all segments)   polars (one join over all segments, slice per segment)
         polars_seg (join per segment)   polars_par (the same, segments in parallel Python threads)   polars_stream (lazy, streaming engine per segment)   spark (local[N])
Fields s (string), i (int32), vec (FixedSizeBinary 512).  overwrite: new value or null.  coalesce: s and i keep the old value where
new is absent (old_s, old_i live in column group 0); vec as in overwrite.
--engine own only checks: <out>/<segment>/<field>.parquet written by another program, --mode replace|coalesce|overwrite as the library means them
(replace: new or null; coalesce: old if not null, else new; overwrite: new where matched, else old; vec has no old value: new or null).
Prints one line of JSON: wall and cpu seconds inside the process without the imports, peak RSS MB, phases.  --check verifies values and order.
Run under "taskset -c 0" for one thread, and "/usr/bin/time -v" for whole-process figures.
"""
import argparse, os, sys, glob, json, time, resource, shutil
FIELDS = ['s', 'i', 'vec']

def run_pyarrow(a, segs, ph):
    import numpy as np, pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc
    from concurrent.futures import ThreadPoolExecutor
    pa.set_cpu_count(a.threads); pa.set_io_thread_count(a.threads)
    t0 = time.perf_counter(); mt = a.threads > 1
    new = pq.read_table(a.data + '/new.parquet', use_threads=mt)
    ph['read_new'] = time.perf_counter() - t0; t0 = time.perf_counter()
    pk = new['pk'].combine_chunks().to_numpy(); order = np.argsort(pk); spk = pk[order]
    cols = {f: new[f].combine_chunks() for f in FIELDS}; del new
    ph['index'] = time.perf_counter() - t0; t0 = time.perf_counter()
    def seg(d):
        c = ['pk'] + (['old_s', 'old_i'] if a.mode == 'coalesce' else [])
        t = pq.read_table(d + '/0.parquet', columns=c, use_threads=False)
        k = t['pk'].to_numpy(); pos = np.searchsorted(spk, k); pos[pos == len(spk)] = 0
        hit = spk[pos] == k; ix = pa.array(order[pos], mask=~hit)
        o = f'{a.out}/{os.path.basename(d)}'; os.makedirs(o, exist_ok=True)
        for f in FIELDS:
            v = cols[f].take(ix)
            if a.mode == 'coalesce' and f != 'vec': v = pc.coalesce(v, t['old_' + f].combine_chunks())
            pq.write_table(pa.table({f: v}), f'{o}/{f}.parquet', compression='zstd', compression_level=3, use_dictionary=False, row_group_size=131072)
    if a.threads > 1:
        with ThreadPoolExecutor(a.threads) as ex: list(ex.map(seg, segs))
    else:
        for d in segs: seg(d)
    ph['segments'] = time.perf_counter() - t0

def run_acero(a, segs, ph):
    import numpy as np, pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc
    pa.set_cpu_count(a.threads); pa.set_io_thread_count(a.threads); mt = a.threads > 1
    t0 = time.perf_counter(); new = pq.read_table(a.data + '/new.parquet', use_threads=mt)
    idx = pa.table({'pk': new['pk'], 'j': pa.array(np.arange(len(new)))})
    cols = {f: new[f].combine_chunks() for f in FIELDS}; ph['read_new'] = time.perf_counter() - t0
    for d in segs:
        c = ['pk'] + (['old_s', 'old_i'] if a.mode == 'coalesce' else [])
        t = pq.read_table(d + '/0.parquet', columns=c, use_threads=mt)
        l = pa.table({'pk': t['pk'], 'r': pa.array(np.arange(len(t)))})
        j = l.join(idx, 'pk', join_type='left outer', use_threads=mt).sort_by('r'); ix = j['j'].combine_chunks()
        o = f'{a.out}/{os.path.basename(d)}'; os.makedirs(o, exist_ok=True)
        for f in FIELDS:
            v = cols[f].take(ix)
            if a.mode == 'coalesce' and f != 'vec': v = pc.coalesce(v, t['old_' + f].combine_chunks())
            pq.write_table(pa.table({f: v}), f'{o}/{f}.parquet', compression='zstd', compression_level=3, use_dictionary=False, row_group_size=131072)

def run_duckdb(a, segs, ph, glob_join=False):
    import duckdb
    con = duckdb.connect(config={'threads': a.threads}); con.execute("set memory_limit='18GB'"); con.execute(f"set temp_directory='{a.out}/.tmp'")
    t0 = time.perf_counter()
    old = ', old_s, old_i' if a.mode == 'coalesce' else ''
    e = {f: (f'coalesce(n.{f}, s.old_{f}) as {f}' if old and f != 'vec' else f'n.{f}') for f in FIELDS}
    opt = "(format parquet, compression zstd, compression_level 3, row_group_size 122880)"
    if not glob_join:
        con.execute(f"create temp table new as select * from read_parquet('{a.data}/new.parquet')"); ph['read_new'] = time.perf_counter() - t0
        for d in segs:
            o = f'{a.out}/{os.path.basename(d)}'; os.makedirs(o, exist_ok=True)
            con.execute(f"""create or replace temp table j as select {', '.join(e.values())} from
              (select pk, file_row_number as rn{old} from read_parquet('{d}/0.parquet', file_row_number=true)) s left join new n on s.pk = n.pk order by s.rn""")
            for f in FIELDS: con.execute(f"copy (select {f} from j) to '{o}/{f}.parquet' {opt}")
    else:
        paths = [d + '/0.parquet' for d in segs]
        con.execute(f"""create temp table k as select pk, row_id{old} from read_parquet({paths})""")
        con.execute(f"""create temp table j as select s.row_id, {', '.join(e.values())} from k s left join read_parquet('{a.data}/new.parquet') n on s.pk = n.pk order by s.row_id""")
        ph['join_sort'] = time.perf_counter() - t0
        n = con.execute('select count(*) from k').fetchone()[0] // len(segs)
        for i, d in enumerate(segs):
            o = f'{a.out}/{os.path.basename(d)}'; os.makedirs(o, exist_ok=True)
            for f in FIELDS: con.execute(f"copy (select {f} from j where row_id >= {i*n} and row_id < {(i+1)*n}) to '{o}/{f}.parquet' {opt}")

def run_polars(a, segs, ph, how):
    import polars as pl
    t0 = time.perf_counter(); c = ['pk'] + (['old_s', 'old_i'] if a.mode == 'coalesce' else [])
    sel = lambda: [pl.coalesce(f, 'old_' + f).alias(f) if a.mode == 'coalesce' and f != 'vec' else pl.col(f) for f in FIELDS]
    w = dict(compression='zstd', compression_level=3, row_group_size=131072)
    if how != 'stream': new = pl.read_parquet(a.data + '/new.parquet'); ph['read_new'] = time.perf_counter() - t0; t0 = time.perf_counter()
    if how == 'global':
        parts = [pl.read_parquet(d + '/0.parquet', columns=c) for d in segs]
        j = pl.concat(parts, rechunk=False).join(new, on='pk', how='left', maintain_order='left').select(sel()); ph['join'] = time.perf_counter() - t0
        at = 0
        for d, p in zip(segs, parts):
            o = f'{a.out}/{os.path.basename(d)}'; os.makedirs(o, exist_ok=True); x = j.slice(at, p.height); at += p.height
            for f in FIELDS: x.select(f).write_parquet(f'{o}/{f}.parquet', **w)
    else:
        def one(d):
            o = f'{a.out}/{os.path.basename(d)}'; os.makedirs(o, exist_ok=True)
            if how in ('seg', 'par'): x = pl.read_parquet(d + '/0.parquet', columns=c).join(new, on='pk', how='left', maintain_order='left').select(sel())
            else: x = pl.scan_parquet(d + '/0.parquet').select(c).join(pl.scan_parquet(a.data + '/new.parquet'), on='pk', how='left', maintain_order='left').select(sel()).collect(engine='streaming')
            for f in FIELDS: x.select(f).write_parquet(f'{o}/{f}.parquet', **w)
        if how == 'par':
            from concurrent.futures import ThreadPoolExecutor
            with ThreadPoolExecutor(a.threads) as ex: list(ex.map(one, segs))
        else:
            for d in segs: one(d)

def run_spark(a, segs, ph):
    from pyspark.sql import SparkSession, functions as F
    s = (SparkSession.builder.master(f'local[{a.threads}]').config('spark.driver.memory', '12g').config('spark.sql.shuffle.partitions', str(max(2 * a.threads, len(segs))))
         .config('spark.ui.enabled', 'false').config('spark.sql.parquet.compression.codec', 'zstd').config('spark.hadoop.parquet.compression.codec.zstd.level', '3')
         .config('spark.local.dir', a.out + '/.spark').config('spark.sql.autoBroadcastJoinThreshold', '-1').config('spark.sql.adaptive.enabled', 'false').getOrCreate())
    s.sparkContext.setLogLevel('ERROR'); t0 = time.perf_counter(); ph['jvm_start'] = round(t0 - T0, 2)
    c = ['pk', 'row_id'] + (['old_s', 'old_i'] if a.mode == 'coalesce' else [])
    df = None
    for n, d in enumerate(segs):
        x = s.read.parquet(d + '/0.parquet').select(*c).withColumn('seg', F.lit(n)); df = x if df is None else df.unionByName(x)
    new = s.read.parquet(a.data + '/new.parquet')
    e = [F.coalesce(F.col(f), F.col('old_' + f)).alias(f) if a.mode == 'coalesce' and f != 'vec' else F.col(f) for f in FIELDS]
    j = df.join(new, 'pk', 'left').select('seg', 'row_id', *e).repartitionByRange(len(segs), 'seg').sortWithinPartitions('seg', 'row_id')
    from pyspark import StorageLevel
    j = j.persist(StorageLevel.MEMORY_AND_DISK)
    for f in FIELDS: j.select('seg', f).write.partitionBy('seg').mode('overwrite').parquet(f'{a.out}/{f}')
    ph['job'] = round(time.perf_counter() - t0, 2)
    pid = s.sparkContext._gateway.proc.pid; st = open(f'/proc/{pid}/stat').read().rsplit(')', 1)[1].split()
    ph['jvm_cpu'] = (int(st[11]) + int(st[12])) / os.sysconf('SC_CLK_TCK')
    ph['jvm_rss_mb'] = int([l for l in open(f'/proc/{pid}/status') if l.startswith('VmHWM')][0].split()[1]) // 1024
    s.stop()

def check(a, segs):
    """values and order of every output against an independent numpy join"""
    import numpy as np, pyarrow.parquet as pq, pyarrow as pa, pyarrow.compute as pc
    read = lambda path: pq.ParquetFile(path).read(use_threads=False)
    new = read(a.data + '/new.parquet'); pk = new['pk'].to_numpy(); o = np.argsort(pk); spk = pk[o]; bad = 0
    for n, d in enumerate(segs):
        t = read(d + '/0.parquet'); k = t['pk'].to_numpy(); p = np.minimum(np.searchsorted(spk, k), len(spk) - 1); ix = pa.array(o[p], mask=spk[p] != k)
        for f in FIELDS:
            want = new[f].take(ix).combine_chunks()
            if a.engine == 'own':          # the library's modes; old values exist for s and i
                if f != 'vec' and a.mode == 'coalesce': want = pc.coalesce(t['old_' + f].combine_chunks(), want)
                if f != 'vec' and a.mode == 'overwrite': want = pc.if_else(pa.array(spk[p] == k), want, t['old_' + f].combine_chunks())
            elif a.mode == 'coalesce' and f != 'vec': want = pc.coalesce(want, t['old_' + f].combine_chunks())
            if a.engine == 'spark':
                g = sorted(glob.glob(f'{a.out}/{f}/seg={n}/*.parquet')); got = pa.concat_tables([read(x) for x in g])[f]
            else: got = read(f'{a.out}/{os.path.basename(d)}/{f}.parquet')[f]
            if f == 'vec': want = want.cast(pa.binary()); got = got.cast(pa.binary())
            got = got.combine_chunks(); got = got.cast(want.type) if got.type != want.type else got
            if not got.equals(want): bad += 1; print('MISMATCH', d, f, file=sys.stderr)
    return bad

if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for x in ('data', 'out', 'engine'): ap.add_argument('--' + x, required=True)
    ap.add_argument('--threads', type=int, default=2); ap.add_argument('--mode', default='overwrite'); ap.add_argument('--check', action='store_true'); a = ap.parse_args()
    os.environ['POLARS_MAX_THREADS'] = str(a.threads); segs = sorted(glob.glob(a.data + '/seg/*'))
    if a.engine == 'own': bad = check(a, segs); print(json.dumps(dict(engine='own', mode=a.mode, bad=bad)), flush=True); os._exit(bool(bad))   # pyarrow's threads sometimes abort a plain exit
    shutil.rmtree(a.out, ignore_errors=True); os.makedirs(a.out)
    def arrow_imports(): import pyarrow.parquet, pyarrow.dataset, pyarrow.acero, pyarrow.compute, numpy; pyarrow.table({'a': [1]}).to_pandas
    {'pyarrow': arrow_imports, 'acero': arrow_imports, 'duckdb': lambda: __import__('duckdb'), 'polars': lambda: __import__('polars')}.get(a.engine.split('_')[0], lambda: None)()
    T0 = time.perf_counter(); c0 = time.process_time(); ph = {}
    {'pyarrow': lambda: run_pyarrow(a, segs, ph), 'acero': lambda: run_acero(a, segs, ph), 'duckdb': lambda: run_duckdb(a, segs, ph), 'duckdb_global': lambda: run_duckdb(a, segs, ph, True),
     'polars': lambda: run_polars(a, segs, ph, 'global'), 'polars_seg': lambda: run_polars(a, segs, ph, 'seg'), 'polars_stream': lambda: run_polars(a, segs, ph, 'stream'), 'polars_par': lambda: run_polars(a, segs, ph, 'par'), 'spark': lambda: run_spark(a, segs, ph)}[a.engine]()
    wall = time.perf_counter() - T0; cpu = time.process_time() - c0; rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if a.engine == 'spark': cpu += ph.pop('jvm_cpu'); rss = ph.pop('jvm_rss_mb')
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(a.out) for f in fs if f.endswith('.parquet'))
    r = dict(engine=a.engine, threads=a.threads, mode=a.mode, wall=round(wall, 2), cpu=round(cpu, 2), rss_mb=round(rss), out_mb=round(size/1e6), phases={k: round(v, 2) for k, v in ph.items()})
    if a.check: r['bad'] = check(a, segs)
    print(json.dumps(r))
