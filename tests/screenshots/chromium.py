"""Chromium, driven by WebDriver, with JavaScript off."""

import base64
import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

BROWSER, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
# What pages and the list of sessions call this browser.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
# Tried from the best, until a picture is small enough.
QUALITIES = (92, 85, 78, 70, 60)


class WebDriverError(Exception):
    """What chromedriver says."""


class Chromium:
    """A browser in which `https://host` is the server on `port` of this machine, and no other host exists."""

    def __init__(self, folder, host, port):
        self._log = folder / "chromedriver.log"
        home = folder / "browser"
        home.mkdir()
        with self._log.open("w") as log:
            self._driver = subprocess.Popen(
                [DRIVER, "--port=0"],
                env={"HOME": str(home), "TMPDIR": str(home), "PATH": "/usr/bin:/bin"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._session = None
        try:
            self._start(host, port, home / "profile")
        except BaseException:
            self.close()
            raise

    def _start(self, host, port, profile):
        url = f"http://127.0.0.1:{self._port()}/session"
        options = {
            "binary": str(BROWSER),
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
                "--no-first-run", "--hide-scrollbars",
                f"--host-resolver-rules=MAP {host}:443 127.0.0.1:{port},MAP * ~NOTFOUND",
                f"--user-data-dir={profile}",
            ],
            "prefs": {"profile.managed_default_content_settings.javascript": 2},
        }
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "acceptInsecureCerts": True, "goog:chromeOptions": options}}}
        self._session = f"{url}/{call('POST', url, wanted)['sessionId']}"
        self._devtools("Network.enable")
        self._devtools("Network.setUserAgentOverride", userAgent=USER_AGENT, acceptLanguage="en")

    def _port(self):
        for _ in range(400):
            if found := re.search(r"started successfully on port (\d+)\.", self._log.read_text()):
                return found[1]
            if self._driver.poll() is not None:
                break
            time.sleep(0.05)
        raise WebDriverError(f"chromedriver did not start:\n{self._log.read_text()}")

    def close(self):
        """Ends the browser. chromedriver leaves it running if it is only killed."""
        if self._session:
            try:
                call("DELETE", self._session)
            except (OSError, WebDriverError) as error:
                print(f"could not close the browser: {error}")
        self._driver.terminate()
        self._driver.wait()

    def _ask(self, command, **body):
        return call("POST", f"{self._session}/{command}", body)

    def _devtools(self, command, **parameters):
        return self._ask("goog/cdp/execute", cmd=command, params=parameters)

    def look(self, width, height, scale, *, is_phone, scheme):
        """Sets the size of the window in CSS pixels, the device pixels of each, and the color scheme."""
        self._devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=is_phone
        )
        self._devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def come_from(self, address):
        """Sends the headers of a reverse proxy: requests come from this client. The server trusts peers on its own machine."""
        headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
        self._devtools("Network.setExtraHTTPHeaders", headers=headers)

    def open(self, url):
        """Opens a page."""
        self._ask("url", url=url)

    def url(self):
        """Where the browser is now."""
        return call("GET", f"{self._session}/url")

    def source(self):
        """The page as HTML."""
        return call("GET", f"{self._session}/source")

    def has(self, css):
        """Whether the page has such an element."""
        return bool(self._ask("elements", using="css selector", value=css))

    def _element(self, css):
        found = self._ask("element", using="css selector", value=css)
        return next(iter(found.values()))

    def fill(self, css, text):
        """Types into a field."""
        self._ask(f"element/{self._element(css)}/value", text=text)

    def submit(self, css):
        """Clicks a button, and waits until the browser has left the page."""
        old = self._element("html")
        self._ask(f"element/{self._element(css)}/click")
        for _ in range(400):
            try:
                if self._element("html") != old:
                    return
            except WebDriverError:
                pass  # between two pages
            time.sleep(0.05)
        raise WebDriverError(f"the click on {css} leads nowhere")

    def picture(self, most):
        """The window as WebP, in the best quality with which it has at most `most` bytes."""
        for quality in QUALITIES:
            taken = self._devtools("Page.captureScreenshot", format="webp", quality=quality)
            image = base64.b64decode(taken["data"])
            if len(image) <= most:
                return image
        raise WebDriverError(f"the picture has {len(image):,} bytes, which is more than {most:,}")


def call(method, url, body=None):
    """Sends one command to chromedriver."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            return json.load(response)["value"]
    except urllib.error.HTTPError as error:
        value = json.load(error)["value"]
        raise WebDriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from error
