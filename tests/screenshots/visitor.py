"""A visitor of the site who fills in its forms, without a browser."""

import base64
import hashlib
import hmac
import html.parser
import http.client
import http.cookies
import json
import time
import urllib.parse


class Unexpected(Exception):
    """The site did not do what the sample data needs."""


class Forms(html.parser.HTMLParser):
    """The hidden fields of the forms of a page, by the form's address. Of two forms with one address, the first counts."""

    def __init__(self, page):
        super().__init__()
        self.hidden = {}
        self._current = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._current = {}
            self.hidden.setdefault(attrs.get("action", ""), self._current)
        elif tag == "input" and attrs.get("type") == "hidden" and self._current is not None:
            self._current[attrs["name"]] = attrs.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._current = None


class Visitor:
    """A browser of the site at `host`, which listens on `port` of this machine. Requests have the headers of a reverse proxy."""

    def __init__(self, host, port, user_agent, address):
        self._host, self._port = host, port
        self._headers = {
            "Host": host, "User-Agent": user_agent, "X-Forwarded-For": address, "X-Forwarded-Proto": "https",
        }
        self._cookies = {}

    def request(self, method, path, body=None, headers=None):
        """Sends one request, and returns status, headers and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = self._headers | (headers or {})
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, cookie in http.cookies.SimpleCookie(line).items():
                if cookie["max-age"] == "0":
                    self._cookies.pop(name, None)
                else:
                    self._cookies[name] = cookie.value
        return response.status, response.headers, text

    def page(self, path):
        """Opens a page, which must be there."""
        status, _, text = self.request("GET", path)
        if status != 200:
            raise Unexpected(f"GET {path} returned {status}, not the page")
        return text

    def send(self, path, fields, *, to=None, is_accepted=True):
        """Opens a page and sends its form, to `to` if that is not the address of the page. Returns where the response leads."""
        to = to or path
        hidden = Forms(self.page(path)).hidden.get(to)
        if hidden is None:
            raise Unexpected(f"{path} has no form for {to}")
        body = urllib.parse.urlencode(hidden | fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{self._host}"}
        status, answer, text = self.request("POST", to, body, headers)
        if (status == 303) != is_accepted:
            raise Unexpected(f"POST {to} returned {status}:\n{text}")
        return answer["Location"]

    def sign_in(self, email, password, *, is_accepted=True):
        """Signs in on the page."""
        fields = {"email": email, "password": password, "remember": "on"}
        return self.send("/auth/login", fields, is_accepted=is_accepted)

    def sign_out(self):
        """Signs out. The browser stays known to the account."""
        self.send("/dashboard", {}, to="/auth/logout")

    def sign_in_program(self, email, password):
        """Signs in as programs do, with the JSON API. Returns the status."""
        body = json.dumps({"email": email, "password": password})
        return self.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})[0]


class Authenticator:
    """An authenticator app (RFC 6238)."""

    STEP = 30

    def __init__(self, secret):
        self._key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self._last = 0

    def code(self):
        """A code that was not used before. The server also accepts that of the next step, so this hardly ever waits."""
        step = max(int(time.time()) // self.STEP, self._last + 1)
        while step > int(time.time()) // self.STEP + 1:
            time.sleep(0.5)
        self._last = step
        mac = hmac.digest(self._key, step.to_bytes(8, "big"), hashlib.sha1)
        at = mac[-1] & 15
        return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
