#!/usr/bin/env python3
"""Random Avro schemas and values by fastavro, the peer of the tests of the module Avro.
  avro_peer.py make FOLDER SEED COUNT    for each I below COUNT: I.avsc, I.null.avro, I.deflate.avro (some blocks each), I.bin (the first record alone),
                                         I.txt (a line for each record); I.reader.avsc, a later schema, and I.read.txt, what fastavro reads with it
  avro_peer.py check FOLDER SEED COUNT   reads I.own.null.avro, I.own.deflate.avro and I.own.bin, which the tests wrote of the same values
Lines spell values out: bits of floating point numbers, texts and bytes in hex, maps in the order of their keys, unions without their branch."""
import io, json, os, random, struct, sys
import fastavro

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
INTS = [0, -1, 1, 63, 64, -64, -65, 2**31 - 1, -(2**31)]
LONGS = INTS + [2**53 + 1, 2**63 - 1, -(2**63)]
# Kinds that fastavro does not tell apart stand in one row, of which a union has one: bytes are a sequence to it, and may be text.
ROWS = [["null"], ["boolean"], ["int", "long", "float", "double"], ["bytes", "fixed", "string", "enum", "array"], ["map", "record"]]


class Maker:
    def __init__(self, seed):
        self.random, self.names, self.open = random.Random(seed), 0, []

    def name(self, word):
        self.names += 1
        return f"{word}{self.names}"

    def schema(self, depth=0, kind=None):
        r = self.random
        if kind is None:
            kinds = PRIMITIVES if depth > 3 else PRIMITIVES + ["fixed", "enum", "array", "map", "record", "union", "record", "union", "self"]
            kind = r.choice(kinds)
        if kind == "self":
            # a record holds itself only where it need not
            return r.choice([["null", r.choice(self.open)], {"type": "array", "items": r.choice(self.open)}]) if self.open else "long"
        if kind == "fixed":
            return {"type": "fixed", "name": self.name("Fixed"), "size": r.choice([0, 1, 16, 33])}
        if kind == "enum":
            return {"type": "enum", "name": self.name("Enum"), "symbols": [f"S{i}" for i in range(r.randint(1, 70))]}
        if kind == "array":
            return {"type": "array", "items": self.schema(depth + 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(depth + 1)}
        if kind == "record":
            name = self.name("Record")
            self.open.append(name)
            fields = [{"name": f"f{i}", "type": self.schema(depth + 1)} for i in range(r.randint(0, 6))]
            self.open.pop()
            return {"type": "record", "name": name, "fields": fields}
        if kind == "union":
            rows = r.sample(ROWS, r.randint(1, 4))
            return [self.schema(depth + 1, r.choice(row)) for row in rows]
        return kind

    def value(self, s, named, depth=0):
        r = self.random
        if isinstance(s, list):
            if depth > 6 and "null" in s:
                return None
            return self.value(r.choice(s), named, depth + 1)
        t = s["type"] if isinstance(s, dict) else s
        if t in named:
            return self.value(named[t], named, depth)
        if t == "null": return None
        if t == "boolean": return r.random() < 0.5
        if t == "int": return r.choice(INTS + [r.randint(-(2**31), 2**31 - 1)])
        if t == "long": return r.choice(LONGS + [r.randint(-(2**63), 2**63 - 1)])
        if t == "float": return struct.unpack("<f", struct.pack("<f", r.choice([0.0, -0.0, 1.5, float("inf"), float("nan"), r.uniform(-1e9, 1e9)])))[0]
        if t == "double": return r.choice([0.0, -0.0, 1.5, float("-inf"), float("nan"), r.uniform(-1e300, 1e300)])
        if t == "bytes": return r.randbytes(r.choice([0, 1, 5, 63, 64, 300]))
        if t == "string": return "".join(r.choice("aZ0 \u00e9e\u0301\u4e2d\U0001f600\0\n") for _ in range(r.choice([0, 1, 7, 15, 16, 80])))
        if t == "fixed": return r.randbytes(s["size"])
        if t == "enum": return r.choice(s["symbols"])
        few = 0 if depth > 6 else r.choice([0, 1, 2, 5])
        if t == "array": return [self.value(s["items"], named, depth + 1) for _ in range(few)]
        if t == "map": return {f"k{i}\u00e9": self.value(s["values"], named, depth + 1) for i in range(few)}
        return {f["name"]: self.value(f["type"], named, depth + 1) for f in s["fields"]}

    def later(self, s, inside_union=False):
        """A schema that reads what was written with this one."""
        r = self.random
        if isinstance(s, list):
            result = [self.later(b, True) for b in s]
            return result if r.random() < 0.5 else result[::-1]
        t = s["type"] if isinstance(s, dict) else s
        wrap = not inside_union and t != "null" and r.random() < 0.2
        if t == "array": new = {"type": "array", "items": self.later(s["items"])}
        elif t == "map": new = {"type": "map", "values": self.later(s["values"])}
        elif t == "enum": new = {**s, "symbols": s["symbols"][1:] + ["Extra"], "default": "Extra"} if r.random() < 0.5 else {**s, "symbols": ["Extra"] + s["symbols"]}
        elif t == "record": new = {**s, "fields": self.later_fields(s["fields"])}
        elif inside_union or not isinstance(s, str) or r.random() < 0.5: new = s
        else: new = {"int": r.choice(["long", "float", "double"]), "long": r.choice(["float", "double"]), "float": "double", "string": "bytes"}.get(s, s)
        return ["null", new] if wrap else new

    def later_fields(self, fields):
        r, result = self.random, []
        for f in fields:
            dice = r.random()
            # What a field holds may be named by another one, so only plain ones go.
            if dice < 0.2 and f["type"] in PRIMITIVES: continue
            if dice < 0.4: result.append({**f, "name": f["name"] + "x", "aliases": [f["name"]], "type": self.later(f["type"])})
            else: result.append({**f, "type": self.later(f["type"])})
        added = [("int", -7), ("long", 2**53 + 1), ("double", 0.5), ("string", "d\u00e9"), ("boolean", True), (["null", "long"], None),
                 ({"type": "array", "items": "string"}, ["a", "b"]), ({"type": "map", "values": "int"}, {"a": 1})]
        for t, d in r.sample(added, r.randint(0, 3)):
            # Behind all others, and within a record only behind definitions: names are used behind them.
            result.append({"name": self.name("added"), "type": t, "default": d})
        return result


def names(s, found):
    if isinstance(s, list):
        for b in s: names(b, found)
    elif isinstance(s, dict):
        if "name" in s: found[s["name"]] = s
        for key in ("items", "values"):
            if key in s: names(s[key], found)
        for f in s.get("fields", []): names(f["type"], found)
    return found


def line(s, v, named):
    if isinstance(s, list):
        return "n" if v is None else next(text for text in (attempt(b, v, named) for b in s if b != "null") if text is not None)
    t = s["type"] if isinstance(s, dict) else s
    if t in named: return line(named[t], v, named)
    if t == "null": return "n"
    if t == "boolean": return "t" if v else "f"
    if t in ("int", "long"): return str(v)
    if t == "float": return "F" + struct.pack(">f", v).hex()
    if t == "double": return "D" + struct.pack(">d", v).hex()
    if t in ("bytes", "fixed"): return "x" + v.hex()
    if t == "string": return "s" + v.encode().hex()
    if t == "enum": return "e" + v
    if t == "array": return "[" + ",".join(line(s["items"], x, named) for x in v) + "]"
    if t == "map": return "{" + ",".join(sorted(k.encode().hex() + ":" + line(s["values"], x, named) for k, x in v.items())) + "}"
    return "(" + ",".join(f["name"] + "=" + line(f["type"], v[f["name"]], named) for f in s["fields"]) + ")"


def attempt(s, v, named):
    """The line of a value if it is of this branch; those of one union are told apart by their Python types."""
    t = s["type"] if isinstance(s, dict) else s
    t = named[t]["type"] if t in named else t
    kinds = {"boolean": bool, "int": int, "long": int, "float": (float, int), "double": (float, int), "bytes": bytes, "fixed": bytes, "string": str, "enum": str, "array": list, "map": dict, "record": dict}
    return line(s, v, named) if isinstance(v, kinds[t]) and (t == "boolean") == isinstance(v, bool) else None


def case(seed, i):
    maker = Maker(seed * 1000 + i)
    schema = maker.schema(kind="record")
    named = names(schema, {})
    return maker, schema, named, [maker.value(schema, named) for _ in range(maker.random.choice([0, 1, 3, 40]) if i else 3)]


def packed(schema, values, codec):
    out = io.BytesIO()
    fastavro.writer(out, schema, values, codec=codec, sync_interval=400)
    return out.getvalue()


def put(folder, name, data):
    with open(os.path.join(folder, name), "wb") as f: f.write(data if isinstance(data, bytes) else data.encode())


def make(folder, seed, count):
    for i in range(count):
        maker, schema, named, values = case(seed, i)
        parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
        put(folder, f"{i}.avsc", json.dumps(schema))
        for codec in ("null", "deflate"): put(folder, f"{i}.{codec}.avro", packed(parsed, values, codec))
        put(folder, f"{i}.txt", "".join(line(schema, v, named) + "\n" for v in values))
        if values:
            out = io.BytesIO()
            fastavro.schemaless_writer(out, parsed, values[0])
            put(folder, f"{i}.bin", out.getvalue())
        later = maker.later(schema, True)
        read = fastavro.reader(io.BytesIO(packed(parsed, values, "null")), reader_schema=fastavro.parse_schema(json.loads(json.dumps(later))))
        found = names(later, {})
        put(folder, f"{i}.reader.avsc", json.dumps(later))
        put(folder, f"{i}.read.txt", "".join(line(later, v, found) + "\n" for v in read))


def check(folder, seed, count):
    for i in range(count):
        _, schema, named, values = case(seed, i)
        wanted = [line(schema, v, named) for v in values]
        for codec in ("null", "deflate"):
            with open(os.path.join(folder, f"{i}.own.{codec}.avro"), "rb") as f:
                reader = fastavro.reader(f)
                assert reader.codec == codec, (i, reader.codec)
                assert [line(schema, v, named) for v in reader] == wanted, f"{i}.own.{codec}.avro"
        if values:
            with open(os.path.join(folder, f"{i}.own.bin"), "rb") as f:
                v = fastavro.schemaless_reader(f, fastavro.parse_schema(json.loads(json.dumps(schema))))
                assert line(schema, v, named) == wanted[0] and not f.read(), f"{i}.own.bin"
    print(f"{count} cases")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
