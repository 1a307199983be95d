"""Supplies what Schemathesis cannot guess: accounts, tokens, emailed links and client addresses."""

import collections
import email
import email.policy
import itertools
import json
import os
import pathlib
import re
import time
import zlib

import requests
import schemathesis

URL = os.environ["AUTHFLOW_URL"]
MAILS = pathlib.Path(os.environ["AUTHFLOW_MAILS"])
PASSWORD = "quiet lanterns over the marsh"

numbers = itertools.count(1)


def network() -> dict[str, str]:
    """Gives every request its own /24 or /48, since otherwise the rate limits of one network would hide everything else. The addresses are
    counted, not random: Hypothesis reseeds `random` in each test, so the same addresses would repeat."""
    number = next(numbers)
    if number % 2:
        return {"X-Forwarded-For": f"10.{number >> 8 & 255}.{number & 255}.{number >> 16 & 255}"}
    return {"X-Forwarded-For": f"2001:{number >> 16:x}:{number & 65535:x}::1"}


def add_network(request: requests.PreparedRequest) -> requests.PreparedRequest:
    request.headers.update(network())
    return request


def call(method: str, path: str, body: dict | None = None, token: str | None = None) -> requests.Response:
    headers = network()
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return requests.request(method, URL + path, json=body, headers=headers, timeout=30)


def post(path: str, body: dict) -> dict:
    response = call("POST", path, body)
    response.raise_for_status()
    return response.json()


def new_account() -> dict[str, str]:
    """Registers a new account and returns its credentials. Schemathesis tries addresses from responses with random passwords, and after a
    few wrong ones the rate limit blocks the correct one too."""
    address = f"user-{next(numbers)}@example.org"
    post("/api/auth/register", {"username": "Ada", "email": address, "password": PASSWORD})
    return {"email": address, "password": PASSWORD}


def reset_token() -> str:
    """Requests a password reset and reads the email."""
    address = new_account()["email"]
    post("/api/auth/forgot-password", {"email": address})
    for _ in range(500):
        # File names start with the time, or with a dot while they are written. A few other emails may arrive in between.
        for path in sorted(MAILS.glob("[!.]*.eml"), reverse=True)[:20]:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = mail.get_body(["plain"]).get_content()
            if mail["To"] == address and (link := re.search(r"/auth/reset-password/([\w-]+)", text)):
                return link[1]
        time.sleep(0.02)
    raise TimeoutError(f"no email arrived for {address}")


@schemathesis.auth(refresh_interval=None).apply_to(lambda ctx: bool(ctx.operation.definition.raw.get("security")))
class SignedIn:
    """Provides a valid access token for every request that needs one. Sign-out and ending sessions are tested too, so the last token may
    be revoked already."""

    token: str | None = None

    def get(self, case, context) -> str:
        if self.token is None or call("GET", "/api/auth/profile", token=self.token).status_code != 200:
            self.token = post("/api/auth/login", new_account())["accessToken"]
        return self.token

    def set(self, case, data, context) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


# Values that make a request succeed, by operation. A code must be well-formed even if it is not required, an address must be given only
# once, and an audience must be one of the server's.
GOOD = {
    "register": lambda: {"email": f"user-{next(numbers)}@example.org", "password": PASSWORD},
    "login": lambda: {**new_account(), "code": None, "audience": None},
    "forgotPassword": lambda: {"email": f"user-{next(numbers)}@example.org", "userEmail": None},
    "refresh": lambda: {"refreshToken": post("/api/auth/login", new_account())["refreshToken"], "audience": None},
    "resetPassword": lambda: {"token": reset_token(), "password": "seven brass kettles at dawn", "code": None},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends the examples and half of the other well-formed requests with valid values. A checksum of the request selects them, so that a
    repeated request is treated the same."""
    make = GOOD.get(case.operation.definition.raw.get("operationId"))
    if make and case.meta and case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        is_even = zlib.crc32(json.dumps(case.body, sort_keys=True).encode()) % 2 == 0
        if is_even or case.meta.phase.name == "examples":
            case.body = {**case.body, **make()}
    # Not in `case.headers`: Schemathesis would judge the case again, and treat a bad Authorization header as a good one.
    kwargs["auth"] = add_network


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Forbids undocumented fields in responses. (The schemas of request bodies forbid them already.)"""
    operations = [operation for methods in raw_schema["paths"].values() for operation in methods.values()]
    sent = json.dumps([operation.get("requestBody") for operation in operations])
    for name, schema in raw_schema["components"]["schemas"].items():
        if "properties" in schema and f'"#/components/schemas/{name}"' not in sent:
            schema["additionalProperties"] = False


@schemathesis.check
def refusals_are_described(ctx, response, case):
    """All errors have the same shape, even for undocumented methods and content types. A documented status also documents its error
    codes."""
    status = response.status_code
    if status < 400 or response.request.method == "HEAD":
        return
    if status == 503 and case.path == "/health/ready":
        return
    body = response.json()
    assert body["success"] is False and isinstance(body["error"], str) and isinstance(body["message"], str), body
    header = {401: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}.get(status)
    assert header is None or header in response.headers, f"{status} without {header}"
    described = case.operation.definition.raw["responses"].get(str(status))
    if described:
        words = described["content"]["application/json"]["examples"].keys()
        assert body["error"] in words, f"{status} with an undocumented error code: {body['error']}"


@schemathesis.check
def good_bodies_are_refused_for_a_reason(ctx, response, case):
    """A request that the description allows may still get a 422, but then the response names the invalid field."""
    if response.status_code == 422 and case.meta and case.meta.generation.mode.is_positive:
        assert response.json().get("fields"), "422 without an invalid field"


@schemathesis.check
class EveryOperationWorks:
    """Every operation has to succeed at least once, or the run has not tested much."""

    def __init__(self):
        self.reached = collections.defaultdict(collections.Counter)

    def after_response(self, ctx, response, case):
        if response.request.method == case.operation.method.upper():
            self.reached[case.operation.label][response.status_code] += 1

    def after_run(self, ctx):
        for operation, statuses in sorted(self.reached.items()):
            print(f"{operation}: " + ", ".join(f"{status} ({count})" for status, count in sorted(statuses.items())))
        never = [name for name, statuses in self.reached.items() if not any(200 <= status < 300 for status in statuses)]
        assert not never, f"never succeeded: {', '.join(never)}"
