"""Write Parquet files with page indexes, of values that predicates can tell apart.

usage: make_selection.py FOLDER SEED

Each file has several row groups of many small pages. Columns: `key` ascends in half of the files; strings, floats with
NaN and zeros of both signs, decimals, dates, timestamps and unsigned numbers with and without nulls; a structure with
optional fields; lists of siblings, whose pages do not begin at the same rows.
"""
import decimal, math, os, random, sys
import pyarrow as pa, pyarrow.parquet as pq

def column(r, n, kind, make, share):
    values = [None if r.random() < share else make() for _ in range(n)]
    if pa.types.is_temporal(kind):
        base = pa.int32() if kind.bit_width == 32 else pa.int64()
        return pa.array(values, base).cast(kind)
    return pa.array(values, kind)

def table(r, n, is_sorted):
    def real():
        return r.choice([0.0, -0.0, math.nan, math.inf, -math.inf]) if r.random() < 0.1 else round(r.gauss(0, 10), 1)
    def word():
        return ''.join(r.choice('abc\u00e4\u20ac') for _ in range(r.choice([0, 1, 2, 3, 40])))
    dec = lambda: decimal.Decimal(r.randint(-5000, 5000)).scaleb(-2)
    keys = [r.randint(0, n) for _ in range(n)]
    runs, value = [], 0
    for _ in range(n):
        if r.random() < 0.02: value = r.randint(0, 30)
        runs.append(None if value % 7 == 3 else value)
    if is_sorted: keys.sort()
    columns = {
        'key': pa.array(keys, pa.int64()),
        'run': pa.array(runs, pa.int32()),
        'small': column(r, n, pa.int8(), lambda: r.randint(-5, 5), 0.1),
        'unsigned': column(r, n, pa.uint64(), lambda: r.choice([0, 1, 2 ** 63, 2 ** 64 - 1, r.getrandbits(64)]), 0.2),
        'unsigned32': column(r, n, pa.uint32(), lambda: r.choice([0, 1, 2 ** 31, 2 ** 32 - 1]), 0),
        'real': column(r, n, pa.float64(), real, 0.1),
        'single': column(r, n, pa.float32(), real, 0),
        'text': column(r, n, pa.string(), word, 0.1),
        'sorted_text': pa.array(sorted(word() + str(k) for k in range(n)), pa.string()),
        'fixed': column(r, n, pa.binary(3), lambda: bytes(r.choice([0, 65, 255]) for _ in range(3)), 0.1),
        'flag': column(r, n, pa.bool_(), lambda: r.random() < 0.2, 0.2),
        'price': column(r, n, pa.decimal128(9, 2), dec, 0.1),
        'wide': column(r, n, pa.decimal128(38, 2), dec, 0.1),
        'day': column(r, n, pa.date32(), lambda: r.randint(-100, 100), 0.1),
        'stamp': column(r, n, pa.timestamp('us', 'UTC'), lambda: r.randint(-1000, 1000), 0.1),
        'clock': column(r, n, pa.time32('ms'), lambda: r.randint(0, 1000), 0.1),
        'nothing': pa.nulls(n, pa.int32()),
        'nested': pa.array(
            [None if r.random() < 0.1 else {'a': r.choice([None, r.randint(0, 9)]), 'b': word()} for _ in range(n)],
            pa.struct([pa.field('a', pa.int32()), pa.field('b', pa.string(), False)])),
        'list': pa.array(
            [None if r.random() < 0.1 else [r.choice([None, k]) for k in range(r.choice([0, 1, 2, 20]))] for _ in range(n)],
            pa.list_(pa.int64())),
        'pairs': pa.array(
            [[{'x': k, 'y': [word()] * r.randint(0, 3)} for k in range(r.choice([0, 1, 5]))] for _ in range(n)],
            pa.list_(pa.struct([pa.field('x', pa.int32()), pa.field('y', pa.list_(pa.string()))]))),
    }
    return pa.table(columns)

def main():
    folder, seed = sys.argv[1], int(sys.argv[2])
    r = random.Random(seed)
    made = 0
    for version in ('1.0', '2.0'):
        for codec in ('none', 'snappy', 'zstd'):
            for is_sorted in (True, False):
                n = r.choice([300, 900, 1500])
                pq.write_table(
                    table(r, n, is_sorted), os.path.join(folder, f'file{made:02}.parquet'), data_page_version=version,
                    compression=codec, use_dictionary=r.choice([True, False, ['run', 'text', 'list.list.element']]),
                    row_group_size=r.choice([n, n // 3, 250]), data_page_size=r.choice([200, 1000]),
                    write_batch_size=r.choice([7, 32, 100]), write_page_index=True,
                    store_decimal_as_integer=r.random() < 0.5)
                made += 1

main()
