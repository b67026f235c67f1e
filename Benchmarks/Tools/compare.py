#!/usr/bin/env python3
"""Times the library beside pyarrow, polars and duckdb on the same files, in turn, in one run.

  compare.py --data DIR --yardstick FILE [--only PREFIX] [--ops read,write] [--rounds 3] [--runs 3] [--tiny] [--threads 1]
             [--markdown FILE] [--check]

DIR holds columns/ and tiny/ as gen.py makes them; FILE is the built program.  Everybody is pinned to the same processors.  A case
is run in rounds: in each, every engine does it once untimed and then --runs times, so that what else the machine does meets all
alike.  Figures are GB of column data (what pyarrow's Arrow buffers of the column take) for each second of processor time, from the
median of all timed runs.  Reading ends with the whole column in memory; writing starts there.  "codec" is the codec alone, from
memory to memory that is used again: when reading, on the pages of the same file, to the column's own memory; when writing, on the
column in pieces of a page, to a buffer of one page.  "floor" is the same with each page's compressed bytes read from the same
file, or written to one, which nobody who has a file can do without.

With --check the exit code is 1 if a case misses its target; see TARGETS.
"""
import argparse, glob, json, os, platform, statistics, subprocess, sys, tempfile, time
import bare

# Case: the least ratio to the best peer, and the most processor time beside the floor's.
TARGETS = {}
for column in ('i64_rand', 'vec_fsb', 'f32'):
    TARGETS[f'read {column}.none'] = (1.2, None)
    for codec in ('snappy', 'zstd'):
        TARGETS[f'read {column}.{codec}'] = (1.0, 1.10)
TARGETS |= {'read vec_list.none': (2.5, None), 'read dict.none': (1.0, None), 'read i64_delta.none': (1.1, None)}
TARGETS |= {f'read {column}.none': (1.1, None) for column in ('i64_null10', 'str', 'str_null10', 'f32_bss')}
for column in ('i64_rand', 'str', 'vec_fsb'):
    TARGETS[f'write {column}.none'] = (1.1, None)
    TARGETS[f'write {column}.zstd'] = (1.0, 1.05)
TARGETS['write vec_list.none'] = (1.2, None)
TARGETS |= {'tiny footer': (2.0, None), 'tiny read': (1.3, None)}

PEERS = ('pyarrow', 'polars', 'duckdb')
# Files of special encodings are only read: peers write them in other ways.
ONLY_READ = ('i64_delta', 'f32_bss')


class Engine:
    """What a peer does for each case, in a process of its own."""

    def __init__(self, peer, threads):
        self.peer, self.threads = peer, threads
        import pyarrow, pyarrow.parquet
        self.pa, self.pq = pyarrow, pyarrow.parquet
        pyarrow.set_cpu_count(threads)
        pyarrow.set_io_thread_count(threads)
        if peer == 'duckdb':
            import duckdb
            self.con = duckdb.connect()
            for setting in (f'threads={threads}', 'preserve_insertion_order=true', 'arrow_large_buffer_size=true'):
                self.con.execute(f'set {setting}')
        if peer == 'polars':
            import polars
            self.pl = polars

    def read(self, file):
        if self.peer == 'pyarrow':
            keep = ['v'] if os.path.basename(file).startswith('dict.') else None
            return self.pq.read_table(file, use_threads=self.threads > 1, memory_map=True, read_dictionary=keep)
        if self.peer == 'polars':
            return self.pl.read_parquet(file, glob=False, hive_partitioning=False)
        return self.con.sql(f"select v from read_parquet('{file}')").to_arrow_table()

    def write(self, file, out):
        table = self.pq.read_table(file).combine_chunks()
        codec = os.path.basename(file).split('.')[1]
        keeps = os.path.basename(file).startswith('dict.')
        level = 3 if codec == 'zstd' else None
        if self.peer == 'pyarrow':
            return lambda: self.pq.write_table(
                table, out, compression=codec, compression_level=level, row_group_size=1 << 20, use_dictionary=keeps)
        name = 'uncompressed' if codec == 'none' else codec
        if self.peer == 'polars':
            frame = self.pl.from_arrow(table)
            return lambda: frame.write_parquet(out, compression=name, compression_level=level, row_group_size=1 << 20)
        self.con.register('tab', table)
        more = ', compression_level 3' if level else ''
        return lambda: self.con.execute(
            f"copy (select v from tab) to '{out}' (format parquet, compression {name}, row_group_size 1048576{more})")

    def tiny(self, what, folder):
        files = sorted(glob.glob(folder + '/*.parquet'))
        if self.peer == 'pyarrow':
            if what == 'footer':
                return lambda: sum(self.pq.read_metadata(f).num_rows for f in files)
            return lambda: sum(
                self.pq.ParquetFile(f, memory_map=True).read(use_threads=False).num_rows for f in files)
        if self.peer == 'polars':
            if what == 'footer':
                return lambda: sum(len(self.pl.read_parquet_schema(f)) for f in files)
            return lambda: self.pl.read_parquet(files, hive_partitioning=False).height
        sql = (f"select sum(num_rows) from parquet_file_metadata('{folder}/*.parquet')" if what == 'footer'
               else f"select * from read_parquet('{folder}/*.parquet')")
        return lambda: self.con.execute(sql).to_arrow_table().num_rows

    def prepare(self, operation, file, out):
        if operation == 'read':
            return lambda: self.read(file)
        return self.write(file, out) if operation == 'write' else self.tiny(operation, file)


def serve(peer, threads):
    """Answers one line of JSON with another until the input ends."""
    engine = Engine(peer, threads)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            run, out, times = engine.prepare(job['operation'], job['file'], job['out']), job['out'], []
            for _ in range(job['runs'] + 1):
                if os.path.exists(out):
                    os.remove(out)
                wall, cpu = time.perf_counter(), time.process_time()
                result = run()
                times.append((time.process_time() - cpu, time.perf_counter() - wall))
                del result
            answer = {'times': times[1:]}
        except Exception as error:  # a peer that cannot do a case is left out of it
            answer = {'error': f'{type(error).__name__}: {error}'[:200]}
        print(json.dumps(answer), flush=True)


class Peers:
    def __init__(self, threads, processors):
        env = dict(os.environ, POLARS_MAX_THREADS=str(threads), OMP_NUM_THREADS=str(threads), ARROW_IO_THREADS=str(threads))
        self.processes = {
            peer: subprocess.Popen(
                ['taskset', '-c', processors, sys.executable, __file__, '--serve', peer, str(threads)],
                env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for peer in PEERS}

    def ask(self, peer, operation, file, out, runs):
        process = self.processes[peer]
        process.stdin.write(json.dumps(dict(operation=operation, file=file, out=out, runs=runs)) + '\n')
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if 'error' in answer:
            print(f'{peer}, {operation} {file}: {answer["error"]}', file=sys.stderr)
        return answer.get('times', [])

    def close(self):
        for process in self.processes.values():
            process.stdin.close()
            process.wait()


def ours(a, processors, operation, name, runs, out):
    if operation in ('footer', 'read') and name == 'tiny':
        command = ['tiny', '--data', a.data]
    else:
        command = ['columns', '--data', a.data, '--out', out, '--ops', operation, '--only', name]
    if a.threads > 1:
        command += ['--threads', str(a.threads)]
    done = subprocess.run(
        ['taskset', '-c', processors, a.yardstick, *command, '--runs', str(runs)], text=True, capture_output=True)
    if done.returncode:
        sys.exit(f'yardstick {" ".join(command)} failed: {done.stderr}')
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    wanted = operation if name == 'tiny' else f'{operation} {name}'
    return [(line['cpu_s'], line['wall_s']) for line in lines if line['case'] == wanted]


def measure(a, peers, processors, case, operation, name, file, scratch):
    """Times of a case by engine, in rounds that begin with another engine each."""
    times = {}
    engines = ['ours', *PEERS] + (['codec'] if TARGETS.get(case, (0, None))[1] else [])
    for turn in range(a.rounds):
        for engine in engines[turn % len(engines):] + engines[:turn % len(engines)]:
            if engine == 'ours':
                found = ours(a, processors, operation, name, a.runs, scratch)
            elif engine == 'codec':
                both = bare.times(operation, file, a.runs, f'{scratch}/codec')
                times.setdefault('floor', []).extend(both['floor'])
                found = both['codec']
            else:
                found = peers.ask(engine, operation, file, f'{scratch}/{engine}.parquet', a.runs)
            times.setdefault(engine, []).extend(found)
    return {engine: found for engine, found in times.items() if found}


def result(a, case, times, amount, unit):
    """A row of the table: figures, ratio to the best peer, whether the target is met."""
    measure_of = 0 if a.threads == 1 else 1
    seconds = {engine: statistics.median(t[measure_of] for t in found) for engine, found in times.items()}
    best = min((seconds[peer], peer) for peer in PEERS if peer in seconds)
    ratio = best[0] / seconds['ours']
    least, most = TARGETS.get(case, (None, None)) if a.threads == 1 else (None, None)
    beside = seconds['ours'] / seconds['floor'] if 'floor' in seconds else None
    met = (least is None or ratio >= least) and (most is None or beside <= most)
    figures = {engine: amount / found / 1e9 if unit == 'GB/s' else found / amount * 1e6 for engine, found in seconds.items()}
    row = dict(case=case, unit=unit, figures=figures, best=best[1], ratio=ratio, least=least, beside=beside, most=most, met=met)
    shown = ' '.join(f'{engine} {value:.2f}' for engine, value in figures.items())
    target = '' if least is None else f' (target {least}{"" if met else ": MISSED"})'
    codec = '' if beside is None else f', {beside:.2f} x the floor (target {most})'
    print(f'{case:28} {shown} {unit}: {ratio:.2f} x {best[1]}{codec}{target}', flush=True)
    return row


def markdown(rows):
    lines = ['| case | ours | pyarrow | polars | duckdb | ratio to the best | target | codec | floor | time beside the floor | target |',
             '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|']
    for row in rows:
        def shown(engines):
            return ' | '.join(f'{row["figures"][e]:.2f}' if e in row['figures'] else '' for e in engines)
        least = '' if row['least'] is None else f'{row["least"]}'
        beside = '' if row['beside'] is None else f'{row["beside"]:.2f}'
        most = '' if row['most'] is None else f'{row["most"]:.2f}'
        missed = row['least'] is not None and row['ratio'] < row['least']
        above = row['most'] is not None and row['beside'] > row['most']
        mark = ' **missed**' if missed else ''
        beside += ' **missed**' if above else ''
        lines.append(
            f'| {row["case"]} | {shown(("ours", *PEERS))} | {row["ratio"]:.2f}{mark} | {least} | {shown(("codec", "floor"))}'
            f' | {beside} | {most} |')
    return '\n'.join(lines) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', required=True)
    parser.add_argument('--yardstick', required=True)
    parser.add_argument('--only', default='')
    parser.add_argument('--ops', default='read,write')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--tiny', action='store_true', help='the small files too')
    parser.add_argument('--targets', action='store_true', help='only cases that have a target')
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--markdown')
    a = parser.parse_args()
    import pyarrow.parquet
    processors = ','.join(map(str, sorted(os.sched_getaffinity(0))[:a.threads]))
    peers, rows = Peers(a.threads, processors), []
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(a.data))) as scratch:
        for operation in a.ops.split(','):
            for file in sorted(glob.glob(f'{a.data}/columns/*.parquet')):
                name = os.path.basename(file)[:-len('.parquet')]
                case = f'{operation} {name}'
                if not name.startswith(a.only) or a.targets and case not in TARGETS:
                    continue
                if operation == 'write' and name.split('.')[0] in ONLY_READ:
                    continue
                times = measure(a, peers, processors, case, operation, name, file, scratch)
                rows.append(result(a, case, times, pyarrow.parquet.read_table(file).nbytes, 'GB/s'))
        if a.tiny:
            count = len(glob.glob(f'{a.data}/tiny/*.parquet'))
            for operation in ('footer', 'read'):
                times = {}
                for _ in range(a.rounds):
                    times.setdefault('ours', []).extend(ours(a, processors, operation, 'tiny', a.runs, scratch))
                    for peer in PEERS:
                        job = 'footer' if operation == 'footer' else 'all'
                        times.setdefault(peer, []).extend(
                            peers.ask(peer, job, f'{a.data}/tiny', f'{scratch}/none', a.runs))
                rows.append(result(a, f'tiny {operation}', {k: v for k, v in times.items() if v}, count, 'us/file'))
    peers.close()
    if a.markdown:
        with open(a.markdown, 'w') as file:
            file.write(markdown(rows))
    missed = [row['case'] for row in rows if not row['met']]
    print(f'{len(rows)} cases, {len(missed)} below their target{": " + ", ".join(missed) if missed else ""}')
    sys.exit(1 if a.check and missed else 0)


if __name__ == '__main__':
    if sys.argv[1:2] == ['--serve']:
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        main()
