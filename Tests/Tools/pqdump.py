#!/usr/bin/env python3
"""Dump the physical structure of a Parquet file (footer + every page header) as JSON.
Pure Python, no dependencies: an independent check of a writer's output and the source of
the "exercises" column of the conformance table.   usage: pqdump.py FILE [--pages] [--summary]
"""
import sys, json, struct

class Compact:
    """Thrift compact protocol -> nested {field_id: value}; strings stay bytes."""
    MAXDEPTH = 64
    def __init__(s, b, pos=0): s.b, s.p = b, pos
    def u8(s):
        v = s.b[s.p]; s.p += 1; return v
    def varint(s):
        r = sh = 0
        while True:
            c = s.u8(); r |= (c & 127) << sh; sh += 7
            if not c & 128: return r
            if sh > 63: raise ValueError("varint too long")
    def zz(s):
        n = s.varint(); return (n >> 1) ^ -(n & 1)
    def val(s, t, d):
        if t == 1: return True
        if t == 2: return False
        if t == 3: return struct.unpack('b', bytes([s.u8()]))[0]
        if t in (4, 5, 6): return s.zz()
        if t == 7:
            v = struct.unpack_from('<d', s.b, s.p)[0]; s.p += 8; return v
        if t == 8:
            n = s.varint()
            if n > len(s.b) - s.p: raise ValueError("binary past end")
            v = bytes(s.b[s.p:s.p+n]); s.p += n; return v
        if t in (9, 10):
            h = s.u8(); n = h >> 4; et = h & 15
            if n == 15: n = s.varint()
            if n > len(s.b) - s.p: raise ValueError("list longer than buffer")
            if et in (1, 2): return [s.u8() == 1 for _ in range(n)]
            return [s.val(et, d+1) for _ in range(n)]
        if t == 11:
            n = s.varint()
            if n == 0: return []
            kv = s.u8()
            return [(s.val(kv >> 4, d+1), s.val(kv & 15, d+1)) for _ in range(n)]
        if t == 12: return s.struct(d+1)
        raise ValueError(f"bad type {t}")
    def struct(s, d=0):
        if d > s.MAXDEPTH: raise ValueError("too deep")
        out, last = {}, 0
        while True:
            h = s.u8()
            if h == 0: return out
            t = h & 15; last = last + (h >> 4) if h >> 4 else s.zz()
            out[last] = s.val(t, d)

TYPE = ['BOOLEAN','INT32','INT64','INT96','FLOAT','DOUBLE','BYTE_ARRAY','FLBA']
ENC = {0:'PLAIN',2:'PLAIN_DICTIONARY',3:'RLE',4:'BIT_PACKED',5:'DELTA_BINARY_PACKED',6:'DELTA_LENGTH_BYTE_ARRAY',
       7:'DELTA_BYTE_ARRAY',8:'RLE_DICTIONARY',9:'BYTE_STREAM_SPLIT',10:'ALP'}
CODEC = ['UNCOMPRESSED','SNAPPY','GZIP','LZO','BROTLI','LZ4','ZSTD','LZ4_RAW']
CONV = ['UTF8','MAP','MAP_KEY_VALUE','LIST','ENUM','DECIMAL','DATE','TIME_MILLIS','TIME_MICROS','TIMESTAMP_MILLIS',
        'TIMESTAMP_MICROS','UINT_8','UINT_16','UINT_32','UINT_64','INT_8','INT_16','INT_32','INT_64','JSON','BSON','INTERVAL']
LOGICAL = {1:'STRING',2:'MAP',3:'LIST',4:'ENUM',5:'DECIMAL',6:'DATE',7:'TIME',8:'TIMESTAMP',10:'INTEGER',11:'UNKNOWN',
           12:'JSON',13:'BSON',14:'UUID',15:'FLOAT16',16:'VARIANT',17:'GEOMETRY',18:'GEOGRAPHY'}
PAGE = {0:'DATA_V1',1:'INDEX',2:'DICT',3:'DATA_V2'}

def js(o):
    if isinstance(o, bytes):
        try: return o.decode()
        except UnicodeDecodeError: return '0x' + o.hex()
    return str(o)

def dump(path, pages=True):
    """path: a file's name, or its bytes"""
    b = path if isinstance(path, bytes) else open(path, 'rb').read()
    r = {'file_size': len(b), 'magic': b[:4].decode('latin1'), 'tail': b[-4:].decode('latin1')}
    n = struct.unpack_from('<I', b, len(b)-8)[0]; r['footer_len'] = n
    if b[-4:] == b'PARE': r['encrypted_footer'] = True; return r
    md = Compact(b, len(b)-8-n).struct()
    r['version'] = md.get(1); r['num_rows'] = md.get(3); r['created_by'] = md.get(6)
    r['kv_keys'] = [k.get(1) for k in md.get(5, [])]
    if 8 in md: r['encryption_algorithm'] = md[8]
    r['column_orders'] = [list(o.keys())[0] if o else None for o in md.get(7, [])]
    sch = []
    for e in md[2]:
        l = e.get(10); 
        sch.append({'name': e.get(4), 'rep': {0:'REQUIRED',1:'OPTIONAL',2:'REPEATED'}.get(e.get(3)),
                    'type': TYPE[e[1]] if e.get(1) is not None and 0 <= e[1] < 8 else e.get(1), 'len': e.get(2),
                    'children': e.get(5), 'converted': CONV[e[6]] if e.get(6) is not None and 0 <= e[6] < len(CONV) else e.get(6),
                    'logical': (LOGICAL.get(list(l)[0], f'?{list(l)[0]}') if l else None), 'logical_params': l and list(l.values())[0] or None,
                    'scale': e.get(7), 'precision': e.get(8), 'field_id': e.get(9)})
    r['schema'] = sch; r['row_groups'] = []
    for rg in md.get(4, []):
        g = {'rows': rg.get(3), 'bytes': rg.get(2), 'sorting': rg.get(4), 'columns': []}
        for cc in rg.get(1, []):
            m = cc.get(3)
            if m is None: g['columns'].append({'encrypted': True}); continue
            c = {'path': [x for x in m[3]], 'type': TYPE[m[1]] if 0 <= m[1] < 8 else m[1], 'encodings': [ENC.get(x, x) for x in m[2]],
                 'codec': CODEC[m[4]] if 0 <= m[4] < 8 else m[4], 'values': m.get(5), 'unc': m.get(6), 'comp': m.get(7),
                 'data_off': m.get(9), 'dict_off': m.get(11), 'stats': m.get(12), 'enc_stats': 13 in m, 'bloom_off': m.get(14),
                 'bloom_len': m.get(15), 'size_stats': 16 in m, 'geo_stats': 17 in m, 'col_kv': m.get(8), 'file_path': cc.get(1),
                 'offset_index': cc.get(4) is not None, 'column_index': cc.get(6) is not None, 'crypto': cc.get(8)}
            if pages and not cc.get(8) and not md.get(8):
                c['pages'] = pgs = []
                try:
                    p = min(x for x in (m.get(9), m.get(11) or None) if x is not None)
                    seen = 0
                    while seen < m[5] and p < len(b):
                        t = Compact(b, p); h = t.struct()
                        k = h.get(1); pg = {'t': PAGE.get(k, k), 'unc': h.get(2), 'comp': h.get(3), 'crc': 4 in h}
                        if k == 0: q = h[5]; pg.update(n=q[1], enc=ENC.get(q[2], q[2]), dl=ENC.get(q[3]), rl=ENC.get(q[4])); seen += q[1]
                        elif k == 3: q = h[8]; pg.update(n=q[1], nulls=q[2], rows=q[3], enc=ENC.get(q[4], q[4]), dlb=q[5], rlb=q[6], is_comp=q.get(7, True)); seen += q[1]
                        elif k == 2: q = h[7]; pg.update(n=q[1], enc=ENC.get(q[2], q[2]))
                        pgs.append(pg); p = t.p + h[3]
                        if h[3] < 0 or len(pgs) > 200000: break
                except Exception as e: c['page_error'] = f'{type(e).__name__}: {e}'
            g['columns'].append(c)
        r['row_groups'].append(g)
    return r

def summary(r):
    """compact set of exercised features"""
    if r.get('encrypted_footer'): return {'encrypted_footer': True}
    cols = [c for g in r['row_groups'] for c in g['columns']]
    pg = [p for c in cols for p in c.get('pages', [])]
    s = {}
    s['rows'] = r['num_rows']; s['rg'] = len(r['row_groups']); s['leaf'] = len(r['row_groups'][0]['columns']) if r['row_groups'] else sum(1 for e in r['schema'] if e['type'] is not None)
    s['types'] = sorted({e['type'] for e in r['schema'] if e['type'] is not None}, key=str)
    s['logical'] = sorted({str(e['logical'] or e['converted']) for e in r['schema']} - {'None'})
    s['enc'] = sorted({str(p['enc']) for p in pg if 'enc' in p and p['t'] != 'DICT'} or {str(x) for c in cols for x in c.get('encodings', [])})
    s['codec'] = sorted({str(c['codec']) for c in cols if 'codec' in c})
    s['pages'] = sorted({str(p['t']) for p in pg})
    f = []
    if any(p.get('crc') for p in pg): f.append('CRC')
    if any(c.get('column_index') for c in cols): f.append('ColumnIndex')
    if any(c.get('offset_index') for c in cols): f.append('OffsetIndex')
    if any(c.get('bloom_off') for c in cols): f.append('Bloom')
    if any(c.get('size_stats') for c in cols): f.append('SizeStats')
    if any(c.get('geo_stats') for c in cols): f.append('GeoStats')
    if any(g['sorting'] for g in r['row_groups']): f.append('SortingColumns')
    if any(c.get('col_kv') for c in cols): f.append('ColumnKV')
    if r.get('encryption_algorithm') or any(c.get('crypto') or c.get('encrypted') for c in cols): f.append('Encryption')
    if any(e['rep'] == 'REPEATED' for e in r['schema']): f.append('nested')
    if any(e['rep'] == 'OPTIONAL' for e in r['schema']): f.append('nullable')
    if any(c.get('page_error') for c in cols): f.append('page-walk-error')
    if pg: s['npages'] = len(pg)
    s['features'] = f; s['by'] = js(r.get('created_by') or b'')[:40]
    return s

if __name__ == '__main__':
    a = [x for x in sys.argv[1:] if not x.startswith('--')]
    for p in a:
        r = dump(p, True)
        print(json.dumps(summary(r) if '--summary' in sys.argv else r, default=js, indent=None if '--summary' in sys.argv else 1))
