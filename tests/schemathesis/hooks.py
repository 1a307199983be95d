"""What Schemathesis cannot guess: accounts, their tokens, mailed links, and a client's address."""

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
    """Another client for every request, or the limits of one network would hide everything else: a /24 or a /48 of its own. Not at random: in a test
    Hypothesis seeds `random` anew, so that the same addresses would come again and again."""
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
    answer = call("POST", path, body)
    answer.raise_for_status()
    return answer.json()


def new_account() -> dict[str, str]:
    """Registers somebody, and returns what signs in. Always somebody new: Schemathesis tries addresses that it has seen in
    answers with passwords of its own, and after a few wrong ones the right one has to wait too."""
    address = f"somebody-{next(numbers)}@example.org"
    post("/api/auth/register", {"username": "Somebody", "email": address, "password": PASSWORD})
    return {"email": address, "password": PASSWORD}


def reset_token() -> str:
    """Asks for a new password, and reads the mail."""
    address = new_account()["email"]
    post("/api/auth/forgot-password", {"email": address})
    for _ in range(500):
        # Their names begin with the time, and with a dot while they are being written; a few others may come in between.
        for path in sorted(MAILS.glob("[!.]*.eml"), reverse=True)[:20]:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = mail.get_body(["plain"]).get_content()
            if mail["To"] == address and (link := re.search(r"/auth/reset-password/([\w-]+)", text)):
                return link[1]
        time.sleep(0.02)
    raise TimeoutError(f"no mail arrived for {address}")


@schemathesis.auth(refresh_interval=None).apply_to(lambda ctx: bool(ctx.operation.definition.raw.get("security")))
class SignedIn:
    """A good access token for every request that needs one: signing out and ending sessions are tested too, so that the
    last one may be worth nothing any more."""

    token: str | None = None

    def get(self, case, context) -> str:
        if self.token is None or call("GET", "/api/auth/profile", token=self.token).status_code != 200:
            self.token = post("/api/auth/login", new_account())["accessToken"]
        return self.token

    def set(self, case, data, context) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


# What makes a request succeed, by operation. A code that nobody asks for has to be one all the same, an address goes by one name,
# and an audience has to be one of the server's.
GOOD = {
    "register": lambda: {"email": f"somebody-{next(numbers)}@example.org", "password": PASSWORD},
    "login": lambda: {**new_account(), "code": None, "audience": None},
    "forgotPassword": lambda: {"email": f"somebody-{next(numbers)}@example.org", "userEmail": None},
    "refresh": lambda: {"refreshToken": post("/api/auth/login", new_account())["refreshToken"], "audience": None},
    "resetPassword": lambda: {"token": reset_token(), "password": "seven brass kettles at dawn", "code": None},
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends the examples, and every other well-formed request, with values that are good. The request itself decides which, so
    that it is treated alike whenever it is repeated."""
    make = GOOD.get(case.operation.definition.raw.get("operationId"))
    if make and case.meta and case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        is_even = zlib.crc32(json.dumps(case.body, sort_keys=True).encode()) % 2 == 0
        if is_even or case.meta.phase.name == "examples":
            case.body = {**case.body, **make()}
    # Not into `case.headers`: Schemathesis would judge the case anew, and take a bad Authorization for a good one.
    kwargs["auth"] = add_network


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """An answer must not hold more than is described. (What clients send is described so already.)"""
    operations = [operation for methods in raw_schema["paths"].values() for operation in methods.values()]
    sent = json.dumps([operation.get("requestBody") for operation in operations])
    for name, schema in raw_schema["components"]["schemas"].items():
        if "properties" in schema and f'"#/components/schemas/{name}"' not in sent:
            schema["additionalProperties"] = False


@schemathesis.check
def refusals_are_described(ctx, response, case):
    """All have one shape, also where Schemathesis asks for what is not described at all, with other methods and with bodies of
    other types; and where they are described, their words are too."""
    status = response.status_code
    if status < 400 or response.request.method == "HEAD":
        return
    if status == 503 and case.path == "/health/ready":
        return
    answer = response.json()
    assert answer["success"] is False and isinstance(answer["error"], str) and isinstance(answer["message"], str), answer
    header = {401: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}.get(status)
    assert header is None or header in response.headers, f"{status} without {header}"
    described = case.operation.definition.raw["responses"].get(str(status))
    if described:
        words = described["content"]["application/json"]["examples"].keys()
        assert answer["error"] in words, f"{status} with a word that is not described: {answer['error']}"


@schemathesis.check
def good_bodies_are_refused_for_a_reason(ctx, response, case):
    """What is allowed by the description may still be refused with 422, but then the answer says which field is to blame."""
    if response.status_code == 422 and case.meta and case.meta.generation.mode.is_positive:
        assert response.json().get("fields"), "no field is to blame"


@schemathesis.check
class EveryOperationWorks:
    """Each has to succeed at least once, or the run has not tested much."""

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
