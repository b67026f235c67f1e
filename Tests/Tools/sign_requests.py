"""Writes Tests/Fixtures/signatures/requests.jsonl: random requests as botocore signs them, one a line.

    pip install botocore && python sign_requests.py > Tests/Fixtures/signatures/requests.jsonl

The expected signatures of the Swift tests come from here, so that they need no Python.  Each line has what the signer is given (names and
values not encoded, key and body in hex) and what botocore made of it.  The same seed gives the same file with any botocore that signs right.
"""

import argparse
import datetime
import json
import random
import sys

import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.utils import percent_encode

ODD = [
    b" ", b"+", b"%", b"%41", b"//", b"/", b".", b"..", b"/./", b"?", b"#", b"&", b"=", b";", b":", b"*", b"'", b'"', b"<", b"&amp;", b"\t",
    b"\n", b"\\", b"~", b"!", b"$", b"(", b")", b",", b"@", b"[", b"]", b"^", b"`", b"{", b"|", b"}", b"\x7f", b"\x01", b"\xff", b"\xc3\x28",
    "é".encode(), "e\u0301".encode(), "😀".encode(), "日本".encode(), b"a-b", b"A_z9",
]
HEADERS = [
    "content-type", "content-md5", "range", "if-match", "if-none-match", "if-modified-since", "x-amz-acl", "x-amz-meta-a", "x-amz-meta-a-b",
    "x-amz-meta-ab", "x-amz-copy-source", "x-amz-storage-class", "user-agent", "expect",
]
QUERIES = ["uploads", "delete", "list-type", "prefix", "prefix-x", "delimiter", "partNumber", "uploadId", "versionId", "response-content-type", "ä b"]


def text(rng, longest):
    words = b"".join(rng.choice(ODD) if rng.random() < 0.5 else bytes(rng.choices(b"abcXYZ019-._~", k=rng.randint(1, 5))) for _ in range(rng.randint(0, longest)))
    return words.decode("utf-8", "ignore").replace("\n", "")


def header_value(rng):
    blanks = rng.choice(["", " ", "  ", "\t", " \t "])
    return blanks + rng.choice([" ", "   ", ", ", "\t"]).join(rng.choice(["a", '"etag"', "bytes=0-9", "text/plain;", "é", "x=1"]) for _ in range(rng.randint(0, 4))) + blanks


def draw(rng):
    """What the signer is given."""
    key = b"".join(rng.choice(ODD) if rng.random() < 0.6 else bytes(rng.choices(b"abcXYZ019-._~", k=3)) for _ in range(rng.randint(0, 8)))
    names = rng.sample(QUERIES, rng.randint(0, 4))
    expires = None if rng.random() < 0.65 else rng.choice([1, 900, 604800])
    if names and not expires and rng.random() < 0.2:
        names += rng.sample(names, 1)  # not where botocore presigns: it keeps one of them
    return {
        "method": rng.choice(["GET", "HEAD", "PUT", "POST", "DELETE"]),
        "scheme": rng.choice(["http", "https"]),
        "authority": rng.choice(["bucket.s3.eu-west-1.amazonaws.com", "127.0.0.1:7480", "[::1]:9000", "s3.localhost:7480"]),
        "key": key.hex(),
        "query": [[name, rng.choice(["", text(rng, 4)])] for name in names],
        "headers": [[name, header_value(rng)] for name in rng.sample(HEADERS, rng.randint(0, 5))],
        "body": None if expires else rng.choice([None, "", rng.randbytes(rng.randint(1, 40)).hex()]),
        "access": "AKIA" + "".join(rng.choices("ABCDEFGH0123", k=8)),
        "secret": "".join(rng.choices("abcdefgXYZ/+=0123", k=rng.choice([8, 40, 100]))),
        "token": rng.choice([None, None, "".join(rng.choices("abcXYZ/+=0123", k=60))]),
        "region": rng.choice(["us-east-1", "eu-west-1", "auto"]),
        "seconds": rng.choice([0, 951782400, 4102444800, rng.randrange(0, 2**32), 253402300799]),
        "expires": expires,
    }


def sign(case):
    """What botocore makes of it."""
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=case["seconds"])
    botocore.auth.get_current_datetime = lambda *_, **__: moment
    path = "/" + percent_encode(bytes.fromhex(case["key"]), safe="/~")
    query = "&".join(f"{percent_encode(name)}={percent_encode(value)}" for name, value in case["query"])
    url = f"{case['scheme']}://{case['authority']}{path}" + (f"?{query}" if query else "")
    body = case["body"]
    request = AWSRequest(case["method"], url, headers=dict(case["headers"]), data=bytes.fromhex(body or ""))
    request.context["client_config"] = Config(s3={"payload_signing_enabled": body is not None})
    credentials = Credentials(case["access"], case["secret"], case["token"])
    if case["expires"]:
        S3SigV4QueryAuth(credentials, "s3", case["region"], expires=case["expires"]).add_auth(request)
        return {"path": path, "query": sorted(request.url.split("?", 1)[1].split("&"))}
    S3SigV4Auth(credentials, "s3", case["region"]).add_auth(request)
    return {"path": path, "date": request.headers["X-Amz-Date"], "authorization": request.headers["Authorization"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    for _ in range(arguments.count):
        case = draw(rng)
        print(json.dumps(case | {"signed": sign(case)}, ensure_ascii=True), file=sys.stdout)


if __name__ == "__main__":
    main()
