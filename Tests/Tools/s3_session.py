"""What Tests/Tools/s3_server.sh needs of the network: free ports, waiting for a gateway, buckets, and temporary credentials.

Only Python's standard library; requests are signed by hand (AWS Signature Version 4, as its documentation says).
"""

import datetime
import hashlib
import hmac
import http.client
import random
import socket
import sys
import time
import urllib.parse
import xml.etree.ElementTree


def free_ports(count):
    """Ports nobody listens on, below those that the kernel gives to outgoing connections."""
    chosen = []
    for port in random.sample(range(18000, 32000), 2000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        chosen.append(str(port))
        if len(chosen) == count:
            return chosen
    sys.exit("no free ports")


def is_ready(endpoint):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(endpoint).netloc, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait(seconds, endpoints):
    deadline = time.monotonic() + seconds
    for endpoint in endpoints:
        while not is_ready(endpoint):
            if time.monotonic() > deadline:
                sys.exit(f"no answer from {endpoint} within {seconds} s")
            time.sleep(0.05)


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed_headers(method, host, path, body, service, access_key, secret_key):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body.encode()).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": host,
        "x-amz-content-sha256": digest,
        "x-amz-date": now,
    }
    names = ";".join(headers)
    canonical = "\n".join([method, path, "", *(f"{name}:{value}" for name, value in headers.items()), "", names, digest])
    scope = f"{now[:8]}/us-east-1/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret_key).encode()
    for part in scope.split("/"):
        key = keyed(key, part)
    signature = keyed(key, to_sign).hex()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


def send(method, endpoint, path, body, service, access_key, secret_key):
    host = urllib.parse.urlsplit(endpoint).netloc
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request(method, path, body, signed_headers(method, host, path, body, service, access_key, secret_key))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 200:
        sys.exit(f"{method} {path} {body[:60]} was answered by {answer.status}: {text[:300]}")
    return text


def call(endpoint, service, access_key, secret_key, **form):
    return send("POST", endpoint, "/", urllib.parse.urlencode(form), service, access_key, secret_key)


def make_buckets(endpoint, access_key, secret_key, *names):
    for name in names:
        send("PUT", endpoint, "/" + name, "", "s3", access_key, secret_key)


def session(endpoint, user, access_key, secret_key):
    """The user may do everything, by a policy of its own, which temporary credentials go by; then a session, and a role the user may take."""
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*","s3:*"],"Resource":"*"}]}'
    role_policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::*"}]}'
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/%s"]},"Action":["sts:AssumeRole"]}]}' % user
    )
    call(
        endpoint, "iam", access_key, secret_key,
        Action="PutUserPolicy", UserName=user, PolicyName="everything", PolicyDocument=policy, Version="2010-05-08",
    )  # fmt: skip
    call(
        endpoint, "iam", access_key, secret_key,
        Action="CreateRole", RoleName="reader", Path="/", AssumeRolePolicyDocument=trust, Version="2010-05-08",
    )  # fmt: skip
    call(
        endpoint, "iam", access_key, secret_key,
        Action="PutRolePolicy", RoleName="reader", PolicyName="everything", PolicyDocument=role_policy, Version="2010-05-08",
    )  # fmt: skip
    text = call(endpoint, "sts", access_key, secret_key, Action="GetSessionToken", DurationSeconds="3600", Version="2011-06-15")
    values = {element.tag.rpartition("}")[2]: element.text for element in xml.etree.ElementTree.fromstring(text).iter()}
    print(f"BACKFILL_S3_TEMPORARY_ACCESS_KEY={values['AccessKeyId']}")
    print(f"BACKFILL_S3_TEMPORARY_SECRET_KEY={values['SecretAccessKey']}")
    print(f"BACKFILL_S3_TEMPORARY_TOKEN={values['SessionToken']}")
    print("BACKFILL_S3_ROLE=arn:aws:iam:::role/reader")


def main(command, *arguments):
    if command == "ports":
        print(*free_ports(int(arguments[0])))
    elif command == "wait":
        wait(float(arguments[0]), arguments[1:])
    elif command == "buckets":
        make_buckets(*arguments)
    elif command == "session":
        session(*arguments)
    else:
        sys.exit(f"unknown command: {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
