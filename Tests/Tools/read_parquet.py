#!/usr/bin/env python3
"""Reads Parquet files with pyarrow and duckdb and prints what they see as JSON, one object a file.

Values are given as the hexadecimal form of their PLAIN bytes, nulls as null, lists as lists, so that the caller can
compare them without knowing the readers' types.   usage: read_parquet.py FILE...
"""
import datetime
import decimal
import json
import os
import struct
import sys

import duckdb
import numpy
import pyarrow
import pyarrow.parquet as parquet

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pqdump

EPOCH_JULIAN_DAY = 2440588
DAY_NANOSECONDS = 86_400_000_000_000


def plain(value, leaf):
    """PLAIN bytes of one value as hexadecimal text."""
    if value is None:
        return None
    if isinstance(value, (list, numpy.ndarray)):
        return [plain(one, leaf) for one in value]
    kind = leaf.physical_type
    if isinstance(value, decimal.Decimal):
        scale = json.loads(leaf.logical_type.to_json())["scale"]
        value = int(value.scaleb(scale, decimal.Context(prec=100)))
        if kind == "FIXED_LEN_BYTE_ARRAY":
            return value.to_bytes(leaf.length, "big", signed=True).hex()
    if isinstance(value, str):
        return value.encode().hex()
    if kind == "FIXED_LEN_BYTE_ARRAY" and isinstance(value, (float, numpy.float16)):
        return struct.pack("<e", value).hex()
    if isinstance(value, bytes):
        return value.hex()
    if kind == "BOOLEAN":
        return "01" if value else "00"
    if kind == "FLOAT":
        return struct.pack("<f", value).hex()
    if kind == "DOUBLE":
        return struct.pack("<d", value).hex()
    if kind == "INT96":
        days, rest = divmod(value, DAY_NANOSECONDS)
        return struct.pack("<qi", rest, days + EPOCH_JULIAN_DAY).hex()
    width = 4 if kind == "INT32" else 8
    return (value & (1 << 8 * width) - 1).to_bytes(width, "little").hex()


def storage(column):
    """A column whose dates and times are plain numbers."""
    kind = column.type
    if isinstance(kind, pyarrow.BaseExtensionType):
        return pyarrow.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
    if pyarrow.types.is_date32(kind) or pyarrow.types.is_time32(kind):
        return column.cast(pyarrow.int32())
    if pyarrow.types.is_time64(kind) or pyarrow.types.is_timestamp(kind):
        return column.cast(pyarrow.int64())
    return column


def with_pyarrow(file):
    table = file.read()
    return {
        name: [plain(value, file.schema.column(index)) for value in storage(table.column(index)).to_pylist()]
        for index, name in enumerate(table.column_names)
    }


def with_duckdb(path, file):
    """Only columns whose values duckdb does not turn into another type."""
    simple = []
    for index in range(len(file.schema)):
        leaf = file.schema.column(index)
        if leaf.logical_type.type in ("NONE", "STRING", "INT") and leaf.physical_type != "INT96":
            simple.append((leaf.path.split(".")[0], leaf))
    if not simple:
        return {}
    connection = duckdb.connect(config={"threads": 1})
    names = ", ".join('"' + name + '"' for name, _ in simple)
    rows = connection.execute(f"select {names} from read_parquet(?)", [path]).fetchall()
    return {name: [plain(row[at], leaf) for row in rows] for at, (name, leaf) in enumerate(simple)}


def bound(found, name):
    """A bound as text; raw where Python's own types cannot hold it."""
    try:
        return str(getattr(found, name))
    except ValueError:
        return str(getattr(found, name + "_raw"))


def report(path):
    file = parquet.ParquetFile(path, page_checksum_verification=True)
    metadata = file.metadata
    fields = [file.schema_arrow.field(index) for index in range(len(file.schema_arrow))]
    statistics = []
    for group in range(metadata.num_row_groups):
        for leaf in range(metadata.num_columns):
            found = metadata.row_group(group).column(leaf).statistics
            bounds = found is not None and found.has_min_max
            statistics.append({
                "nulls": None if found is None else found.null_count,
                "min": bound(found, "min") if bounds else None,
                "max": bound(found, "max") if bounds else None,
            })
    return {
        "rows": metadata.num_rows,
        "createdBy": metadata.created_by,
        "keyValues": {k.decode(): v.decode() for k, v in (metadata.metadata or {}).items()},
        "types": {field.name: str(field.type) for field in fields},
        "fieldIDs": {
            field.name: int((field.metadata or {}).get(b"PARQUET:field_id", b"-1")) for field in fields
        },
        "pyarrow": with_pyarrow(file),
        "duckdb": with_duckdb(path, file),
        "statistics": statistics,
        "structure": pqdump.dump(path),
    }


def text(value):
    """Bytes of the structure dump: names as text, everything else as hexadecimal."""
    return value.hex() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    json.dump([report(path) for path in sys.argv[1:]], sys.stdout, default=text)
