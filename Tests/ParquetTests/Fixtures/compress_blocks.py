#!/usr/bin/env python3
"""Compresses blocks with pyarrow and Python's own zlib: NUMBER.CODEC.packed beside NUMBER.CODEC.plain, the codec as a
number of the format.   usage: compress_blocks.py FOLDER SEED"""
import gzip
import os
import random
import struct
import sys
import zlib

import pyarrow as pa

GZIP, BROTLI, LZ4, ZSTD, LZ4_RAW, SNAPPY = 2, 4, 5, 6, 7, 1

def plain_blocks(r):
    words = [r.randbytes(r.randint(1, 12)) for _ in range(50)]
    yield b''
    yield b'x'
    yield r.randbytes(100_000)
    yield bytes(100_000)
    yield b''.join(r.choice(words) for _ in range(20_000))

def pack(name, data, level=None):
    return pa.Codec(name, level).compress(data, asbytes=True)

def raw_lz4(data):
    return pack('lz4_raw', data)

def parts(r, data):
    cuts = sorted(r.randint(0, len(data)) for _ in range(r.randint(0, 4)))
    return [data[a:b] for a, b in zip([0] + cuts, cuts + [len(data)])]

def streamed(name, pieces):
    """Without the content size in the header, as writers leave it that do not know it yet."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, name) as stream:
        for piece in pieces:
            stream.write(piece)
    return sink.getvalue().to_pybytes()

def hadoop(r, data):
    """Outer blocks of one or several inner blocks."""
    made = b''
    for outer in parts(r, data):
        inner = [piece for piece in parts(r, outer) if piece] or [b'']
        made += struct.pack('>I', len(outer)) + b''.join(struct.pack('>I', len(raw_lz4(p))) + raw_lz4(p) for p in inner)
    return made

def forms(r, data):
    yield SNAPPY, pack('snappy', data)
    for level in (1, 6, 9):
        yield GZIP, pack('gzip', data, level)
    yield GZIP, b''.join(gzip.compress(piece, r.randint(0, 9)) for piece in parts(r, data))
    yield GZIP, zlib.compress(data)
    for level in (0, 1, 5, 9, 11):
        yield BROTLI, pack('brotli', data, level)
    yield BROTLI, streamed('brotli', parts(r, data))
    yield LZ4_RAW, raw_lz4(data)
    yield LZ4_RAW, pack('lz4_raw', data, 12)
    yield LZ4, raw_lz4(data)
    yield LZ4, pack('lz4', data)
    yield LZ4, streamed('lz4', parts(r, data))
    yield LZ4, b''.join(pack('lz4', piece) for piece in parts(r, data))
    yield LZ4, hadoop(r, data)
    for level in (-5, 1, 3, 19):
        yield ZSTD, pack('zstd', data, level)
    yield ZSTD, streamed('zstd', parts(r, data))
    yield ZSTD, b''.join(pack('zstd', piece) for piece in parts(r, data))

def main():
    folder, r = sys.argv[1], random.Random(int(sys.argv[2]))
    number = 0
    for data in plain_blocks(r):
        for codec, packed in forms(r, data):
            for name, content in (('packed', packed), ('plain', data)):
                with open(os.path.join(folder, f'{number:03}.{codec}.{name}'), 'wb') as f:
                    f.write(content)
            number += 1

main()
