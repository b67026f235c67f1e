"""Write Parquet files of random values with pyarrow, and beside each file the values as JSON.

usage: make_files.py FOLDER SEED

The JSON is made from the generated values, never from a file: int as number, float as number or "NaN", "inf", "-inf",
"-0.0", decimals "dec:", dates "date:DAYS", times "time:NANOSECONDS", timestamps "ts:NANOSECONDS", bytes as text when
they are UTF-8, else "0x..".
"""
import datetime, decimal, json, math, os, random, struct, sys
import pyarrow as pa, pyarrow.parquet as pq

def text_or_hex(value):
    try: return value.decode('utf-8')
    except UnicodeDecodeError: return '0x' + value.hex()

def number(x):
    if x != x: return 'NaN'
    if math.isinf(x): return 'inf' if x > 0 else '-inf'
    if x == 0 and math.copysign(1, x) < 0: return '-0.0'
    return x

def decimal_text(unscaled, scale):
    sign = '-' if unscaled < 0 else ''
    digits = str(abs(unscaled)).rjust(scale + 1, '0')
    text = digits[:len(digits) - scale] + '.' + digits[len(digits) - scale:] if scale else digits
    if '.' in text: text = text.rstrip('0').rstrip('.')
    return 'dec:' + (sign + text if text != '0' else '0')

FEW = {}
def kinds(r, few):
    """name -> (arrow type, make one value as (what pyarrow gets, what the JSON says))"""
    def whole(bits, signed):
        low, high = (-2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2 ** bits - 1)
        def make():
            v = r.choice([low, high, 0, 1]) if r.random() < 0.1 else r.randint(low, high)
            return v, v
        return make
    def real(fmt, size):
        def make():
            v = r.choice([0.0, -0.0, math.inf, -math.inf, math.nan, 1.5]) if r.random() < 0.2 else r.gauss(0, 1e3)
            v = struct.unpack(fmt, struct.pack(fmt, v))[0]
            return v, number(v)
        return make
    def half():
        import numpy
        v = r.choice([0.0, -0.0, math.inf, math.nan, 6e-8, 65504.0, r.gauss(0, 100)])
        h = numpy.float16(v)
        return h, number(float(h))
    def raw(lengths):
        def make():
            v = bytes(r.getrandbits(8) for _ in range(r.choice(lengths)))
            return v, text_or_hex(v)
        return make
    def string():
        v = ''.join(r.choice('abc\u00e4\u20ac\U0001f600"\\\n') for _ in range(r.choice([0, 1, 3, 15, 16, 17, 40])))
        return v, v
    def dec(precision, scale):
        def make():
            u = r.randint(-10 ** precision + 1, 10 ** precision - 1)
            return decimal.Context(prec=60).create_decimal(u).scaleb(-scale, decimal.Context(prec=60)), decimal_text(u, scale)
        return make
    def scaled(prefix, unit, high, low=0):
        def make():
            v = r.randint(low, high)
            return v, f'{prefix}:{v * unit}'
        return make
    all_kinds = {
        'bool': (pa.bool_(), lambda: (lambda v: (v, v))(r.random() < 0.5)),
        'int8': (pa.int8(), whole(8, True)), 'int16': (pa.int16(), whole(16, True)), 'int32': (pa.int32(), whole(32, True)),
        'int64': (pa.int64(), whole(64, True)), 'uint8': (pa.uint8(), whole(8, False)), 'uint16': (pa.uint16(), whole(16, False)),
        'uint32': (pa.uint32(), whole(32, False)), 'uint64': (pa.uint64(), whole(64, False)),
        'float16': (pa.float16(), half), 'float': (pa.float32(), real('<f', 4)), 'double': (pa.float64(), real('<d', 8)),
        'string': (pa.string(), string), 'binary': (pa.binary(), raw([0, 1, 5, 16, 33, 250])),
        'fixed5': (pa.binary(5), raw([5])), 'fixed16': (pa.binary(16), raw([16])),
        'decimal9': (pa.decimal128(9, 2), dec(9, 2)), 'decimal18': (pa.decimal128(18, 0), dec(18, 0)),
        'decimal38': (pa.decimal128(38, 10), dec(38, 10)),
        'date': (pa.date32(), scaled('date', 1, 100000, -100000)), 'time_ms': (pa.time32('ms'), scaled('time', 10 ** 6, 86399999)),
        'time_us': (pa.time64('us'), scaled('time', 1000, 86399999999)), 'time_ns': (pa.time64('ns'), scaled('time', 1, 86399999999999)),
        'ts_ms': (pa.timestamp('ms'), scaled('ts', 10 ** 6, 10 ** 14, -10 ** 14)),
        'ts_us': (pa.timestamp('us', 'UTC'), scaled('ts', 1000, 2 ** 62, -2 ** 62)),
        'ts_ns': (pa.timestamp('ns'), scaled('ts', 1, 2 ** 62, -2 ** 62)),
    }
    if few:
        for name, (kind, make) in list(all_kinds.items()):
            pool = [make() for _ in range(r.choice([1, 2, 5, 40]))]
            all_kinds[name] = (kind, lambda pool=pool: r.choice(pool))
    return all_kinds

def nulls(r, pattern, n):
    if pattern == 'none': return [False] * n
    if pattern == 'all': return [True] * n
    if pattern == 'some': return [r.random() < 0.3 for _ in range(n)]
    flags, now = [], False
    while len(flags) < n:
        flags += [now] * r.randint(1, 200)
        now = not now
    return flags[:n]

def array(kind, values):
    """Integers stand for dates and times, which pyarrow takes as such by a cast."""
    if pa.types.is_temporal(kind):
        base = pa.int32() if kind.bit_width == 32 else pa.int64()
        return pa.array(values, base).cast(kind)
    return pa.array(values, kind)

def flat(r, kind, make, pattern, n):
    missing = nulls(r, pattern, n)
    pairs = [(None, None) if m else make() for m in missing]
    return array(kind, [p[0] for p in pairs]), [p[1] for p in pairs]

def lists(r, kind, make, pattern, n, element_nulls, fixed):
    missing = nulls(r, pattern, n)
    offsets, cells, shown = [0], [], []
    for m in missing:
        size = 0 if m else fixed or r.choice([0, 0, 1, 2, 3, 8, 30])
        row = [(None, None) if element_nulls and r.random() < 0.3 else make() for _ in range(size)]
        cells += [c[0] for c in row]
        offsets.append(len(cells))
        shown.append(None if m else [c[1] for c in row])
    nested = pa.list_(pa.field('element', kind, element_nulls))
    made = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), array(kind, cells), type=nested,
                                    mask=pa.array(missing) if any(missing) else None)
    return made, shown

def main():
    folder, seed = sys.argv[1], int(sys.argv[2])
    r = random.Random(seed)
    number_of_files = 0
    for version in ('1.0', '2.0'):
        for codecs in (('none', 'gzip'), ('snappy', 'brotli'), ('zstd', 'lz4')):
            for dictionary in (False, True):
                for pattern in ('none', 'some', 'runs', 'all'):
                    codec = r.choice(codecs)
                    n = r.choice([0, 1, 7, 8, 9, 63, 64, 100, 500, 1200])
                    made = kinds(r, dictionary and r.random() < 0.8)
                    fields, arrays, shown = [], [], []
                    for name, (kind, make) in made.items():
                        optional = r.random() < 0.7 or pattern != 'none'
                        a, s = flat(r, kind, make, pattern if optional else 'none', n)
                        fields.append(pa.field(name, kind, optional)); arrays.append(a); shown.append(s)
                    for name in r.sample(sorted(made), 5):
                        kind, make = made[name]
                        optional, element_nulls = pattern != 'none' or r.random() < 0.5, r.random() < 0.5
                        a, s = lists(r, kind, make, pattern, n, element_nulls, r.choice([0, 0, 4]))
                        fields.append(pa.field('list_' + name, a.type, optional)); arrays.append(a); shown.append(s)
                    path = os.path.join(folder, f'file{number_of_files:03}')
                    number_of_files += 1
                    pq.write_table(
                        pa.Table.from_arrays(arrays, schema=pa.schema(fields)), path + '.parquet',
                        data_page_version=version, compression=codec, use_dictionary=dictionary,
                        row_group_size=r.choice([1, 50, 333, 5000]) if n else None,
                        data_page_size=r.choice([1, 100, 1000, 1 << 20]), write_batch_size=r.choice([1, 13, 64, 1024]),
                        dictionary_pagesize_limit=r.choice([10, 500, 1 << 20]),
                        use_deprecated_int96_timestamps=r.random() < 0.2, store_decimal_as_integer=r.random() < 0.5,
                        write_statistics=r.random() < 0.5, write_page_index=r.random() < 0.3)
                    with open(path + '.json', 'w') as f:
                        json.dump({'columns': [x.name for x in fields], 'rows': [list(x) for x in zip(*shown)]}, f)

if __name__ == '__main__': main()
