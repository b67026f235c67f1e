"""The codec alone, and the codec with the file's bytes read or written: what no engine can do without."""
import ctypes, ctypes.util, os, time


class Codec:
    """zstd at level 3 or snappy, from the same libraries."""

    def __init__(self, codec):
        self.codec = codec
        self.library = ctypes.CDLL(ctypes.util.find_library('zstd' if codec == 'zstd' else 'snappy'))
        self.size = ctypes.c_size_t
        if codec == 'zstd':
            for name in ('ZSTD_createCCtx', 'ZSTD_createDCtx'):
                getattr(self.library, name).restype = ctypes.c_void_p
            self.compressor = ctypes.c_void_p(self.library.ZSTD_createCCtx())
            self.decompressor = ctypes.c_void_p(self.library.ZSTD_createDCtx())
            self.library.ZSTD_compressCCtx.restype = self.size
            self.library.ZSTD_decompressDCtx.restype = self.size

    def compress(self, source, count, target, room):
        if self.codec == 'zstd':
            return self.library.ZSTD_compressCCtx(
                self.compressor, target, self.size(room), source, self.size(count), 3)
        written = self.size(room)
        self.library.snappy_compress(source, self.size(count), target, ctypes.byref(written))
        return written.value

    def decompress(self, source, count, target, room):
        if self.codec == 'zstd':
            return self.library.ZSTD_decompressDCtx(
                self.decompressor, target, self.size(room), source, self.size(count))
        written = self.size(room)
        self.library.snappy_uncompress(source, self.size(count), target, ctypes.byref(written))
        return written.value


class Header:
    """A page header (Thrift, compact protocol): its length, and the two sizes that it states."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        found = self.struct()
        self.length, self.whole, self.stored = self.at - at, found[2], found[3]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def struct(self):
        """Integers by field number; what else there is is stepped over."""
        fields, number = {}, 0
        while self.data[self.at]:
            byte = self.data[self.at]
            self.at += 1
            if byte >> 4:
                number += byte >> 4
            else:
                number = self.zigzag()
            value = self.value(byte & 15)
            if value is not None:
                fields[number] = value
        self.at += 1
        return fields

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind):
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 3:
            self.at += 1
        elif kind == 8:
            length = self.varint()
            self.at += length
        elif kind == 12:
            self.struct()
        elif kind not in (1, 2):
            raise ValueError(f'a page header with a field of kind {kind}')


def pages(file):
    """Where the pages of a file of one column lie: offset and length of the compressed bytes, length of the others."""
    import pyarrow.parquet
    metadata = pyarrow.parquet.read_metadata(file)
    with open(file, 'rb') as opened:
        data = opened.read()
    found = []
    for group in range(metadata.num_row_groups):
        chunk = metadata.row_group(group).column(0)
        at = chunk.dictionary_page_offset or chunk.data_page_offset
        end = at + chunk.total_compressed_size
        while at < end:
            header = Header(data, at)
            found.append((at + header.length, header.stored, header.whole))
            at += header.length + header.stored
    return found


def pieces(file):
    """The column's values in PLAIN encoding, in pieces of a page: 20,000 rows or 1 MiB."""
    import numpy, pyarrow, pyarrow.parquet
    column = pyarrow.parquet.read_table(file).column(0).combine_chunks()
    if pyarrow.types.is_string(column.type):
        offsets = numpy.frombuffer(column.buffers()[1], numpy.int32, len(column) + 1).astype(numpy.int64)
        data = numpy.frombuffer(column.buffers()[2], numpy.uint8)
        lengths = numpy.diff(offsets)
        plain = numpy.empty(len(data) + 4 * len(column), numpy.uint8)
        starts = offsets[:-1] + 4 * numpy.arange(len(column))
        for byte in range(4):
            plain[starts + byte] = (lengths >> (8 * byte)) & 255
        mask = numpy.ones(len(plain), bool)
        for byte in range(4):
            mask[starts + byte] = False
        plain[mask] = data
        ends = numpy.append(starts, len(plain))[20_000::20_000]
        bounds = [0, *ends.tolist()] + ([len(plain)] if not len(ends) or ends[-1] < len(plain) else [])
        return [plain[a:b].tobytes() for a, b in zip(bounds, bounds[1:])]
    plain = memoryview(column.buffers()[-1])
    step = min(1 << 20, 20_000 * len(plain) // len(column))
    return [bytes(plain[at:at + step]) for at in range(0, len(plain), step)]


def reading(codec, file):
    """What decompresses the file's pages, in their order, to the memory of the column: from memory, and out of the file."""
    found = pages(file)
    window = ctypes.create_string_buffer(max(stored for _, stored, _ in found))
    view = memoryview(window).cast('B')
    column = ctypes.create_string_buffer(sum(whole for _, _, whole in found))
    with open(file, 'rb') as opened:
        data = opened.read()
    packed, places, at = [], [], 0
    for offset, stored, whole in found:
        packed.append(data[offset:offset + stored])
        places.append(ctypes.byref(column, at))
        at += whole

    def alone():
        for block, place, (_, stored, whole) in zip(packed, places, found):
            codec.decompress(block, stored, place, whole)

    def with_file():
        opened = os.open(file, os.O_RDONLY)
        for place, (offset, stored, whole) in zip(places, found):
            os.preadv(opened, [view[:stored]], offset)
            codec.decompress(window, stored, place, whole)
        os.close(opened)
    return alone, with_file


def writing(codec, file, out):
    """What compresses the file's column page by page into a buffer: and leaves it there, and writes it to `out`."""
    blocks = pieces(file)
    room = max(map(len, blocks)) * 2 + 1024
    window = ctypes.create_string_buffer(room)
    view = memoryview(window).cast('B')

    def alone():
        for block in blocks:
            codec.compress(block, len(block), window, room)

    def with_file():
        with open(out, 'wb', buffering=0) as opened:
            for block in blocks:
                opened.write(view[:codec.compress(block, len(block), window, room)])
    return alone, with_file


def times(operation, file, runs, out):
    """Processor and wall times of the codec alone, and of the floor: the codec and the file's bytes, page by page."""
    codec = Codec(os.path.basename(file).split('.')[1])
    both = reading(codec, file) if operation == 'read' else writing(codec, file, out)
    found = {'codec': [], 'floor': []}
    for _ in range(runs + 1):
        for name, run in zip(found, both):
            if os.path.exists(out):
                os.remove(out)
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            found[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    return {name: measured[1:] for name, measured in found.items()}
