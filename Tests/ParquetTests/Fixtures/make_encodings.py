"""Write Parquet files of random values in chosen encodings with pyarrow, and beside each file the values as JSON.

usage: make_encodings.py FOLDER SEED

The JSON is that of make_files.py.
"""
import json, os, random, sys
import pyarrow as pa, pyarrow.parquet as pq
import make_files

DELTA, SPLIT = 'DELTA_BINARY_PACKED', 'BYTE_STREAM_SPLIT'
BYTES, LENGTHS = 'DELTA_BYTE_ARRAY', 'DELTA_LENGTH_BYTE_ARRAY'
ENCODINGS = {
    'bool': ['RLE'], 'float16': [SPLIT, BYTES], 'float': [SPLIT], 'double': [SPLIT], 'string': [BYTES, LENGTHS],
    'binary': [BYTES, LENGTHS], 'fixed5': [SPLIT, BYTES], 'fixed16': [SPLIT, BYTES], 'decimal38': [SPLIT, BYTES],
    **{name: [DELTA, SPLIT] for name in (
        'int8 int16 int32 int64 uint8 uint16 uint32 uint64 date time_ms time_us time_ns ts_ms ts_us ts_ns').split()},
}

def ordered(r, kind, make):
    """Values close to the one before them, so that widths are small and prefixes long."""
    state = {}
    def next_value():
        if 'last' not in state or r.random() < 0.01:
            value, _ = make()
        elif isinstance(state['last'], int):
            value = min(max(state['last'] + r.randint(-3, 40), 0), 2 ** 31 - 1 if kind.bit_width >= 32 else 100)
        elif isinstance(state['last'], (bytes, str)):
            keep = r.randint(0, min(len(state['last']), 50))
            if pa.types.is_fixed_size_binary(kind):
                value = state['last'][:keep] + bytes(r.getrandbits(8) for _ in range(kind.byte_width - keep))
            else:
                added = r.choice([0, 1, 5, 20])
                value = state['last'][:keep] + ('x' * added if isinstance(state['last'], str) else b'y' * added)
        else:
            value, _ = make()
        state['last'] = value
        return value
    return next_value

def shown(name, value):
    if isinstance(value, bytes): return make_files.text_or_hex(value)
    units = {'date': 1, 'time_ms': 10 ** 6, 'time_us': 1000, 'time_ns': 1, 'ts_ms': 10 ** 6, 'ts_us': 1000, 'ts_ns': 1}
    if name in units: return f'{name.split("_")[0]}:{value * units[name]}'
    return value

def main():
    folder, seed = sys.argv[1], int(sys.argv[2])
    r = random.Random(seed)
    index = 0
    for version in ('1.0', '2.0'):
        for codec in ('none', 'snappy', 'zstd'):
            for pattern in ('none', 'some', 'runs', 'all'):
                n = r.choice([1, 2, 32, 33, 127, 128, 129, 130, 257, 700, 1500]) if index != 1 else 0
                fields, arrays, values, encodings = [], [], [], {}
                for name, (kind, make) in make_files.kinds(r, False).items():
                    for encoding in ENCODINGS.get(name, []):
                        if name not in ('bool', 'float16', 'float', 'double', 'decimal38') and r.random() < 0.5:
                            step = ordered(r, kind, make)
                            make_one = lambda name=name, step=step: (lambda v: (v, shown(name, v)))(step())
                        else:
                            make_one = make
                        optional = pattern != 'none'
                        a, s = make_files.flat(r, kind, make_one, pattern, n)
                        field = f'{name}_{encoding}'
                        fields.append(pa.field(field, kind, optional)); arrays.append(a); values.append(s)
                        encodings[field] = encoding
                        if r.random() < 0.2:
                            a, s = make_files.lists(r, kind, make_one, pattern, n, r.random() < 0.5, r.choice([0, 4]))
                            fields.append(pa.field('list_' + field, a.type, optional)); arrays.append(a); values.append(s)
                            encodings[f'list_{field}.list.element'] = encoding
                path = os.path.join(folder, f'encoded{index:03}')
                index += 1
                pq.write_table(
                    pa.Table.from_arrays(arrays, schema=pa.schema(fields)), path + '.parquet',
                    data_page_version=version, compression=codec, use_dictionary=False, column_encoding=encodings,
                    row_group_size=r.choice([50, 333, 5000]) if n else None,
                    data_page_size=r.choice([1, 1000, 1 << 20]), write_batch_size=r.choice([13, 64, 1024]))
                with open(path + '.json', 'w') as f:
                    json.dump({'columns': [x.name for x in fields], 'rows': [list(x) for x in zip(*values)]}, f)

main()
