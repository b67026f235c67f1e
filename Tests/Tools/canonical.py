"""The canonical form of `parquet cat --canonical`, made of pyarrow tables, and two comparisons.

One object a table: {"columns": [name], "nrows": N, "rows": [[value]]}.  A number is a number; a float is a number (its double) or "NaN", "inf", "-inf", "-0.0"; the rest of the types
that JSON lacks are strings: "dec:1.5" (no trailing zeros), "date:DAYS", "time:NS", "ts:NS", "interval:MONTHS:DAYS:NS"; bytes and strings are text when they are UTF-8, else "0x..",
and "sha256:LENGTH:HEX" above 256 bytes; a list is a list, a map a list of [key, value], a struct an object, a missing value null."""
import hashlib, json, math

UNIT = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}
LONG = 256                                                     # bytes from which on only the digest is printed

def text(raw):
    if len(raw) > LONG: return f"sha256:{len(raw)}:{hashlib.sha256(raw).hexdigest()}"
    try: return raw.decode("utf-8")
    except UnicodeDecodeError: return "0x" + raw.hex()

def number(x):
    x = float(x)
    if math.isnan(x): return "NaN"
    if math.isinf(x): return "inf" if x > 0 else "-inf"
    return "-0.0" if x == 0 and math.copysign(1, x) < 0 else x

def decimal(d):
    s = format(d, "f")
    if "." in s: s = s.rstrip("0").rstrip(".")
    return "dec:" + ("0" if s in ("-0", "") else s)

def each(made, xs): return [None if x is None else made(x) for x in xs]

def values(a):
    """pyarrow array -> canonical values"""
    import pyarrow as pa, pyarrow.types as T
    t = a.type
    if isinstance(t, pa.BaseExtensionType): return values(a.storage)
    if T.is_dictionary(t):
        # not dictionary_decode(): below a missing list of fixed size are indices into an empty dictionary
        entries = values(a.dictionary)
        return [entries[i] if i is not None and i < len(entries) else None for i in a.indices.to_pylist()]
    if T.is_null(t): return [None] * len(a)
    if T.is_boolean(t) or T.is_integer(t): return a.to_pylist()
    if T.is_floating(t): return each(number, a.to_pylist())
    if T.is_decimal(t): return each(decimal, a.to_pylist())
    if T.is_date32(t): return each(lambda x: f"date:{x}", a.view(pa.int32()).to_pylist())
    if T.is_date64(t): return each(lambda x: f"date:{x // 86400000}", a.view(pa.int64()).to_pylist())
    if T.is_time32(t): return each(lambda x: f"time:{x * UNIT[t.unit]}", a.view(pa.int32()).to_pylist())
    if T.is_time64(t) or T.is_duration(t): return each(lambda x: f"time:{x * UNIT[t.unit]}", a.view(pa.int64()).to_pylist())
    if T.is_timestamp(t): return each(lambda x: f"ts:{x * UNIT[t.unit]}", a.view(pa.int64()).to_pylist())
    if T.is_interval(t): return each(lambda x: f"interval:{x[0]}:{x[1]}:{x[2]}", a.to_pylist())
    if T.is_string_view(t): return values(a.cast(pa.large_string()))
    if T.is_binary_view(t): return values(a.cast(pa.large_binary()))
    if T.is_string(t) or T.is_large_string(t): return each(text, a.cast(pa.large_binary()).to_pylist())
    if T.is_binary(t) or T.is_large_binary(t) or T.is_fixed_size_binary(t): return each(text, a.to_pylist())
    there = a.is_valid().to_pylist()
    if T.is_struct(t):
        names, fields = [f.name for f in t], [values(a.field(i)) for i in range(t.num_fields)]
        return [dict(zip(names, (f[i] for f in fields))) if there[i] else None for i in range(len(a))]
    if T.is_map(t):
        ends = a.offsets.to_pylist(); keys, items = values(a.keys), values(a.items)
        first = ends[0] if len(keys) == ends[-1] - ends[0] else 0          # the children of a slice come whole or sliced
        return [[[keys[k - first], items[k - first]] for k in range(ends[i], ends[i + 1])] if there[i] else None for i in range(len(a))]
    if T.is_fixed_size_list(t):
        size = t.list_size; inner = values(a.values.slice(a.offset * size, len(a) * size))
        return [inner[i * size:(i + 1) * size] if there[i] else None for i in range(len(a))]
    if T.is_list(t) or T.is_large_list(t):
        ends = a.offsets.to_pylist(); inner = values(a.values.slice(ends[0], ends[-1] - ends[0]))
        return [inner[ends[i] - ends[0]:ends[i + 1] - ends[0]] if there[i] else None for i in range(len(a))]
    raise TypeError(f"no canonical form for {t}")

def table(t):
    """pyarrow table -> canonical form"""
    columns = [[v for chunk in c.chunks for v in values(chunk)] for c in t.columns]
    return {"columns": list(t.column_names), "nrows": t.num_rows, "rows": [list(r) for r in zip(*columns)]}

class Wrong(str):
    """a JSON number that the canonical form does not know"""

def parse(out):
    """what the program printed, bytes -> canonical form; ValueError when it is none"""
    def constant(s): return Wrong("constant " + s)
    def floating(s): return Wrong("number -0.0") if float(s) == 0 and s.startswith("-") else float(s)
    def integer(s): return Wrong("number -0") if s == "-0" else int(s)
    def members(pairs):
        if len({k for k, _ in pairs}) != len(pairs): raise ValueError(f"an object has a key twice: {[k for k, _ in pairs]}")
        return dict(pairs)
    d = json.loads(out.decode("utf-8"), parse_constant=constant, parse_float=floating, parse_int=integer, object_pairs_hook=members)
    if not isinstance(d, dict) or not {"columns", "nrows", "rows"} <= d.keys(): raise ValueError("not an object with columns, nrows and rows")
    return d

def equal(want, got):
    """every type, name, order of names and sign; a float's double may be printed as an integer"""
    if isinstance(want, float): return type(got) in (int, float) and got == want
    if isinstance(want, list): return type(got) is list and len(want) == len(got) and all(map(equal, want, got))
    if isinstance(want, dict): return type(got) is dict and list(want) == list(got) and all(map(equal, want.values(), got.values()))
    return type(want) is type(got) and want == got

def loose(v):
    """what has to be equal between readers with different type systems: names dropped, kinds of numbers merged"""
    if isinstance(v, dict): return [loose(x) for x in v.values()]
    if isinstance(v, list): return [loose(x) for x in v]
    if isinstance(v, str):
        # INT96 is microseconds to some, and ARROW:schema makes midnights of dates
        if v.startswith("ts:"): return ("microseconds", int(v[3:]) // 1000)
        if v.startswith("date:"): return ("microseconds", int(v[5:]) * 86_400_000_000)
        return float(v[4:]) if v.startswith("dec:") else 0.0 if v == "-0.0" else v
    if isinstance(v, int): return int(v) if abs(v) > 2**53 else float(v)
    return v

def alike(want, got): return loose(want) == loose(got)

def short(v):
    s = json.dumps(v, ensure_ascii=True)
    return s if len(s) <= 160 else s[:120] + f"... ({len(s)} characters)"

def difference(want, got, same=equal):
    """the first difference of two canonical forms, or nothing"""
    if same is not alike and want["columns"] != got["columns"] or len(want["columns"]) != len(got["columns"]): return f"columns {short(got['columns'])}, expected {short(want['columns'])}"
    if want["nrows"] != got["nrows"] or len(want["rows"]) != len(got["rows"]): return f"{got['nrows']} rows stated, {len(got['rows'])} there; expected {want['nrows']}"
    for i, (w, g) in enumerate(zip(want["rows"], got["rows"])):
        if len(w) != len(g): return f"row {i} has {len(g)} values, expected {len(w)}"
        for name, x, y in zip(want["columns"], w, g):
            if not same(x, y): return f"row {i}, column {name!r}: {short(y)}, expected {short(x)}{inside(x, y, same)}"
    return ""

def inside(want, got, same, path=""):
    """where in a nested value the difference lies"""
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got): pairs = zip(range(len(want)), want, got)
    elif isinstance(want, dict) and isinstance(got, dict) and list(want) == list(got): pairs = ((k, want[k], got[k]) for k in want)
    else: return f" (at {path}: {short(got)}, expected {short(want)})" if path else ""
    for k, x, y in pairs:
        if not same(x, y): return inside(x, y, same, f"{path}[{k!r}]")
    return ""
