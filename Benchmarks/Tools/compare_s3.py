#!/usr/bin/env python3
"""Times the S3 store beside obstore (the object_store of Rust, from PyPI) on one server, in turn, in one run.

  compare_s3.py --yardstick FILE [--endpoint URL] [--bucket backfill-tests] [--only ranges,small,files,list]
                [--keys 100000] [--rounds 3] [--runs 3] [--markdown FILE] [--check]

FILE is the built program.  Without --endpoint a server is started for this run and ended after it (Tests/Tools/s3_server.sh; 100,000
keys take 2 GiB there); with it the credentials are those of BACKFILL_S3_ACCESS_KEY and BACKFILL_S3_SECRET_KEY.  The bucket gets, unless
it has them: large/, 8 objects of 64 MiB; small/, 4,000 objects of 4,096 bytes; list/, as many empty ones as --keys says.

  ranges   every object of large/ in ranges of 4 MiB, 4 in flight: MB/s
  small    every object of small/ as a whole, 16 in flight: requests/s, and microseconds of the client's processors for each
  files    the same of 4,000 files that nginx serves, with no look at signatures: a server that is faster than its clients,
           as a service of many machines is, while the gateway's own work is most of what small measures
  list     every key of list/: keys/s

A case is run in rounds that begin with another engine each; in a round an engine does it once untimed and then --runs times.  Figures
are of the median of all timed runs; the client's processor time is that of its whole process, which the server has no part in.
obstore is asked from threads and from asyncio, and what is better counts.

nginx (Debian's nginx-light) is started for its case on a free port, and ended after it.

Ours is `yardstick s3 --endpoint URL --bucket NAME --case CASE --runs N`, with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION,
which prints for each timed run a line of JSON: {"case": CASE, "wall_s": .., "cpu_s": .., "count": .., "bytes": ..}; count is that of
requests, or of keys.  Every engine has to tell of the right count and bytes.

With --check the exit code is 1 if a case misses its target; see TARGETS.
"""
import argparse, asyncio, concurrent.futures, contextlib, importlib.metadata, json, os, shutil, socket, statistics, subprocess, sys
import tempfile, time, urllib.request

MIB = 1 << 20
LARGE, LARGE_SIZE, RANGE = 8, 64 * MIB, 4 * MIB
SMALL, SMALL_SIZE = 4000, 4096
IN_FLIGHT = {'ranges': 4, 'small': 16, 'files': 16, 'list': 1}
UNITS = {'ranges': 'MB/s', 'small': 'requests/s', 'files': 'requests/s', 'list': 'keys/s'}

# Case: the least ratio to obstore, the most microseconds of processor time for each request, the least figure.
TARGETS = {
    'ranges': (1.0, None, None), 'small': (1.2, 120, None), 'files': (1.2, 120, None), 'list': (None, None, 50_000)}
PEERS = ('obstore, threads', 'obstore, asyncio')


def expected(case, keys):
    """Requests or keys of a run, and bytes."""
    if case == 'ranges':
        return LARGE * LARGE_SIZE // RANGE, LARGE * LARGE_SIZE
    return (keys, 0) if case == 'list' else (SMALL, SMALL * SMALL_SIZE)


def store_of(endpoint, bucket):
    from obstore.store import S3Store
    return S3Store(
        bucket, endpoint=endpoint, region='us-east-1', client_options={'allow_http': True},
        access_key_id=os.environ['BACKFILL_S3_ACCESS_KEY'], secret_access_key=os.environ['BACKFILL_S3_SECRET_KEY'])


def large(i):
    return f'large/{i}'


def small(i):
    return f'small/{i:05}'


def listed(i):
    return f'list/insert_log/445/446/{i // 1000}/100/{i}'


class Peer:
    """obstore, from threads or from asyncio."""

    def __init__(self, name, endpoint, bucket):
        import obstore
        self.obstore, self.store, self.is_async = obstore, store_of(endpoint, bucket), name.endswith('asyncio')

    def run(self, case):
        """What was asked for or found, and bytes."""
        case = 'small' if case == 'files' else case
        if case == 'list':
            pages = self.obstore.list(self.store, 'list', chunk_size=1000, return_arrow=False)
            return sum(len(page) for page in pages), 0
        if case == 'ranges':
            jobs = [(large(i), start) for i in range(LARGE) for start in range(0, LARGE_SIZE, RANGE)]
            one = self.range_async if self.is_async else self.range
        else:
            jobs = [(small(i),) for i in range(SMALL)]
            one = self.whole_async if self.is_async else self.whole
        if self.is_async:
            return len(jobs), asyncio.run(self.all_async(one, jobs, IN_FLIGHT[case]))
        with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT[case]) as threads:
            return len(jobs), sum(threads.map(lambda job: one(*job), jobs))

    def range(self, key, start):
        return len(self.obstore.get_range(self.store, key, start=start, length=RANGE))

    def whole(self, key):
        return len(self.obstore.get(self.store, key).bytes())

    async def range_async(self, key, start):
        return len(await self.obstore.get_range_async(self.store, key, start=start, length=RANGE))

    async def whole_async(self, key):
        return len(await (await self.obstore.get_async(self.store, key)).bytes_async())

    async def all_async(self, one, jobs, count):
        waiting = iter(jobs)

        async def worker():
            return sum([await one(*job) for job in waiting])

        return sum(await asyncio.gather(*(worker() for _ in range(count))))


def serve(name, endpoint, bucket):
    """Answers one line of JSON with another until the input ends."""
    peer = Peer(name, endpoint, bucket)
    for line in sys.stdin:
        job = json.loads(line)
        runs = []
        for _ in range(job['runs'] + 1):
            wall, cpu = time.perf_counter(), time.process_time()
            count, size = peer.run(job['case'])
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            runs.append(dict(wall_s=wall, cpu_s=cpu, count=count, bytes=size))
        print(json.dumps(runs[1:]), flush=True)


class Peers:
    def __init__(self, endpoint, bucket):
        self.processes = {
            name: subprocess.Popen(
                [sys.executable, __file__, '--serve', name, endpoint, bucket], text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE)
            for name in PEERS}

    def ask(self, name, case, runs):
        process = self.processes[name]
        process.stdin.write(json.dumps(dict(case=case, runs=runs)) + '\n')
        process.stdin.flush()
        answer = process.stdout.readline()
        return json.loads(answer) if answer else sys.exit(f'{name} ended')

    def close(self):
        for process in self.processes.values():
            process.stdin.close()
            process.wait()


def ours(a, endpoint, case, runs):
    case = 'small' if case == 'files' else case
    command = [a.yardstick, 's3', '--endpoint', endpoint, '--bucket', a.bucket, '--case', case, '--runs', str(runs)]
    env = dict(
        os.environ, AWS_ACCESS_KEY_ID=os.environ['BACKFILL_S3_ACCESS_KEY'], AWS_REGION='us-east-1',
        AWS_SECRET_ACCESS_KEY=os.environ['BACKFILL_S3_SECRET_KEY'])
    done = subprocess.run(command, text=True, capture_output=True, env=env)
    if done.returncode:
        sys.exit(f'{" ".join(command)} failed: {done.stderr}')
    return [line for line in map(json.loads, done.stdout.splitlines()) if line['case'] == case]


def load(a, cases):
    """Puts what is not there yet."""
    import obstore
    store = store_of(a.endpoint, a.bucket)
    wanted = {
        'ranges': ('large', LARGE, large, lambda: os.urandom(LARGE_SIZE)),
        'small': ('small', SMALL, small, lambda: os.urandom(SMALL_SIZE)), 'list': ('list', a.keys, listed, lambda: b'')}
    for case in wanted.keys() & cases:
        prefix, count, name, content = wanted[case]
        there = {entry['path'] for page in obstore.list(store, prefix) for entry in page}
        names = {name(i) for i in range(count)}
        if there - names:
            sys.exit(f'{prefix}/ in {a.bucket} has {len(there - names)} other objects; give --bucket an empty one')
        missing = sorted(names - there)
        if missing:
            print(f'putting {len(missing)} objects into {prefix}/', flush=True)
        with concurrent.futures.ThreadPoolExecutor(2 if case == 'ranges' else 32) as threads:
            for _ in threads.map(lambda key: obstore.put(store, key, content()), missing):
                pass


NGINX = """\
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000;
  open_file_cache max=10000;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/root;
    location = /{bucket} {{ default_type application/xml; alias {folder}/list.xml; }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(bucket):
    """Serves as many files as small/ has objects, and one page that lists them; gives the address."""
    program = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin')
    if not program:
        sys.exit('the case files needs nginx: apt-get install nginx-light, or leave it out with --only')
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        os.chmod(folder, 0o755)  # its worker may be another user
        os.makedirs(f'{folder}/root/{bucket}/small')
        entry = (
            '<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;{}&quot;</ETag>'
            '<Size>{}</Size></Contents>')
        with open(f'{folder}/list.xml', 'w') as page:
            page.write('<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>')
            for i in range(SMALL):
                with open(f'{folder}/root/{bucket}/{small(i)}', 'wb') as file:
                    file.write(os.urandom(SMALL_SIZE))
                page.write(entry.format(small(i), i, SMALL_SIZE))
            page.write('</ListBucketResult>')
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
        free.close()
        with open(f'{folder}/nginx.conf', 'w') as file:
            file.write(NGINX.format(folder=folder, port=port, bucket=bucket))
        process = subprocess.Popen([program, '-p', folder, '-c', f'{folder}/nginx.conf', '-g', 'daemon off;'])
        try:
            endpoint = f'http://127.0.0.1:{port}'
            wait_for(f'{endpoint}/{bucket}/{small(0)}')
            yield endpoint
        finally:
            process.terminate()
            process.wait()


def wait_for(url):
    for _ in range(100):
        try:
            return urllib.request.urlopen(url).close()
        except OSError:
            time.sleep(0.05)
    sys.exit(f'nobody answers at {url}')


def measure(a, endpoint, case):
    """Runs of a case by engine, on one server."""
    peers = Peers(endpoint, a.bucket)
    try:
        return rounds(a, endpoint, peers, case)
    finally:
        peers.close()


def rounds(a, endpoint, peers, case):
    """Runs of a case by engine, in rounds that begin with another engine each."""
    runs, engines = {}, ['ours', *PEERS]
    for turn in range(a.rounds):
        for engine in engines[turn % len(engines):] + engines[:turn % len(engines)]:
            found = ours(a, endpoint, case, a.runs) if engine == 'ours' else peers.ask(engine, case, a.runs)
            for run in found:
                if (run['count'], run['bytes']) != expected(case, a.keys):
                    sys.exit(f'{engine}, {case}: {run}, but expected count and bytes are {expected(case, a.keys)}')
            if len(found) != a.runs:
                sys.exit(f'{engine}, {case}: {len(found)} runs in place of {a.runs}')
            runs.setdefault(engine, []).extend(found)
    return runs


def result(a, case, runs):
    """A row of the table: figures, processor time for each request, ratio to the better obstore, whether the target is met."""
    count, size = expected(case, a.keys)
    amount = size / 1e6 if case == 'ranges' else count
    figures = {engine: amount / statistics.median(run['wall_s'] for run in found) for engine, found in runs.items()}
    costs = {engine: statistics.median(run['cpu_s'] for run in found) / count * 1e6 for engine, found in runs.items()}
    best = max(PEERS, key=lambda peer: figures[peer])
    ratio = figures['ours'] / figures[best]
    least, most, floor = TARGETS[case]
    met = ((least is None or ratio >= least) and (most is None or costs['ours'] <= most)
           and (floor is None or figures['ours'] >= floor))
    targets = [f'{value} {what}' for value, what in ((least, 'x'), (most, 'us'), (floor, UNITS[case])) if value is not None]
    target = f'{", ".join(targets)}{"" if met else ": MISSED"}'
    shown = '; '.join(f'{engine} {figures[engine]:,.0f} ({costs[engine]:,.1f} us each)' for engine in runs)
    print(f'{case:8} {UNITS[case]}: {shown}: {ratio:.2f} x (target {target})', flush=True)
    return dict(case=case, figures=figures, costs=costs, ratio=ratio, target=target, met=met)


def markdown(rows):
    engines = ('ours', *PEERS)
    lines = [f'| case | {" | ".join(engines)} | ratio | target |', f'|---|{"---:|" * len(engines)}---:|---|']
    for row in rows:
        cells = [f'{row["figures"][e]:,.0f} {UNITS[row["case"]]}, {row["costs"][e]:,.1f} us' for e in engines]
        lines.append(f'| {row["case"]} | {" | ".join(cells)} | {row["ratio"]:.2f} | {row["target"]} |')
    return '\n'.join(lines) + '\n'


def compare(a):
    cases = a.only.split(',')
    load(a, cases)
    rows = []
    for case in cases:
        with nginx(a.bucket) if case == 'files' else contextlib.nullcontext(a.endpoint) as endpoint:
            rows.append(result(a, case, measure(a, endpoint, case)))
    if a.markdown:
        with open(a.markdown, 'w') as file:
            file.write(markdown(rows))
    missed = [row['case'] for row in rows if not row['met']]
    print(f'obstore {importlib.metadata.version("obstore")}; {len(rows)} cases, {len(missed)} below their target'
          f'{": " + ", ".join(missed) if missed else ""}')
    return 1 if a.check and missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--yardstick', required=True)
    parser.add_argument('--endpoint')
    parser.add_argument('--bucket', default='backfill-tests')
    parser.add_argument('--only', default='ranges,small,files,list')
    parser.add_argument('--keys', type=int, default=100_000)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--markdown')
    parser.add_argument('--check', action='store_true')
    a = parser.parse_args()
    unknown = set(a.only.split(',')) - set(TARGETS)
    if unknown or min(a.rounds, a.runs, a.keys) < 1:
        parser.error(f'no such cases: {", ".join(unknown)}' if unknown else 'numbers have to be at least 1')
    if a.endpoint:
        sys.exit(compare(a))
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../Tests/Tools/s3_server.sh')
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run([script, 'start', folder], check=True)
            with open(f'{folder}/environment') as file:
                os.environ.update(line.rstrip('\n').split('=', 1) for line in file)
            a.endpoint = os.environ['BACKFILL_S3_ENDPOINT']
            code = compare(a)
        finally:
            subprocess.run([script, 'stop', folder])
    sys.exit(code)


if __name__ == '__main__':
    if sys.argv[1:2] == ['--serve']:
        serve(*sys.argv[2:5])
    else:
        main()
