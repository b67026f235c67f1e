"""A bucket for the program tests: plain puts, gets and listings, signed by hand (AWS Signature Version 4, as its documentation says).

Only Python's standard library, so that what is tested is not what tests.
"""

import datetime
import hashlib
import hmac
import http.client
import os
import urllib.parse
import xml.etree.ElementTree


class Bucket:
    """A bucket of the server that BACKFILL_S3_ENDPOINT names, with its keys, or with those of the other user."""

    def __init__(self, other=False):
        variable = lambda name: os.environ[f"BACKFILL_S3_{name}"]
        self.host = urllib.parse.urlsplit(variable("ENDPOINT")).netloc
        self.name = variable("OTHER_BUCKET" if other else "BUCKET")
        self.access_key = variable("OTHER_ACCESS_KEY" if other else "ACCESS_KEY")
        self.secret_key = variable("OTHER_SECRET_KEY" if other else "SECRET_KEY")

    def send(self, method, key="", body=b"", **query):
        path = "/" + urllib.parse.quote(f"{self.name}/{key}" if key else self.name, safe="/-._~")
        parameters = "&".join(
            f"{name}={urllib.parse.quote(str(value), safe='-._~')}" for name, value in sorted(query.items())
        )
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        headers = {"host": self.host, "x-amz-content-sha256": digest, "x-amz-date": now}
        names = ";".join(headers)
        lines = [f"{name}:{value}" for name, value in headers.items()]
        canonical = "\n".join([method, path, parameters, *lines, "", names, digest])
        scope = f"{now[:8]}/us-east-1/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        secret = ("AWS4" + self.secret_key).encode()
        for part in [*scope.split("/"), to_sign]:
            secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={secret.hex()}"
        )
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path + ("?" + parameters if parameters else ""), body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status not in (200, 204):
            raise OSError(f"{method} {path}: status {answer.status}: {content[:300]}")
        return content

    def put_file(self, path, key):
        with open(path, "rb") as file:
            self.send("PUT", key, file.read())

    def put_folder(self, folder, prefix):
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                self.put_file(path, f"{prefix}/{os.path.relpath(path, folder)}")

    def keys(self, prefix):
        found, token = [], None
        while True:
            query = {"list-type": 2, "prefix": prefix, **({"continuation-token": token} if token else {})}
            root = xml.etree.ElementTree.fromstring(self.send("GET", **query))
            space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
            found += [element.text for element in root.iterfind(f"{space}Contents/{space}Key")]
            token = root.findtext(f"{space}NextContinuationToken")
            if not token:
                return found

    def digests(self, prefix):
        """{key behind the prefix: digest of the content}"""
        return {
            key[len(prefix) :]: hashlib.sha256(self.send("GET", key)).hexdigest() for key in self.keys(prefix)
        }
