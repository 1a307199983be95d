"""A site with sample data: people who have signed in for thirty days."""

import email.policy
import json
import random
import re
import socket
import sqlite3
import subprocess
import time
import unicodedata
from email.parser import BytesParser
from pathlib import Path

from visitor import Authenticator, Unexpected, Visitor

HOST = "login.example.org"
PASSWORD = "quiet lanterns over the marsh"
ADMINISTRATOR, ADMINISTRATOR_NAME = "ines.duarte@example.org", "Inês Duarte"
# A user without two-factor authentication, who is signed in on several devices.
MEMBER, MEMBER_NAME = "ada.lindqvist@example.org", "Ada Lindqvist"
# Has signed up, and not confirmed the address.
NEWCOMER, NEWCOMER_NAME = "kwame.boateng@example.net", "Kwame Boateng"
# Has confirmed the address, and waits for an administrator.
APPLICANT, APPLICANT_NAME = "signe.dahl@example.net", "Signe Dahl"
DAYS = 30
BATCHES = 10
VISITS_PER_BATCH = 26

SETTINGS = {
    "PUBLIC_URL": f"https://{HOST}",
    "SITE_NAME": "Harbor Lab",
    "MAIL_TRANSPORT": "file",
    "REGISTRATION": "approval",
    "SUPPORT_EMAIL": "help@example.org",
    "FOOTER_LINKS": "Imprint=https://example.org/imprint,Privacy=https://example.org/privacy",
    "GATE_ORIGINS": ",".join(
        f"{name}=https://{host}.example.org"
        for name, host in (
            ("Wiki", "wiki"), ("Photos", "photos"), ("Git", "git"), ("Music", "music"), ("Recipes", "recipes"),
            ("Smart home", "home"),
        )
    ),
}

NAMES = """
Adaeze Nwosu, Aino Virtanen, Alejandro Ruiz, Amina Diallo, Anahera Tane, Andrius Kazlauskas, Anouk Janssen, Arjun Mehta, Ayşe Yılmaz,
Beatriz Sousa, Bjørn Haugen, Camille Lefèvre, Carlos Mendoza, Chidi Eze, Chloé Martin, Dimitra Papadaki, Dinh Thi Lan, Eilidh Fraser,
Elena Popescu, Emre Demir, Farid Rahimi, Fatou Sarr, Finn O’Connor, Giulia Conti, Grace Wanjiru, Hana Kučerová, Hiroshi Tanaka,
Ibrahim Haddad, Ingrid Solberg, Isabel Torres, Jakub Nowak, Jiho Park, João Almeida, Katarzyna Zielińska, Kenji Mori, Leila Ben Salah,
Liam Murphy, Linh Nguyễn, Lucía Fernández, Mahsa Karimi, Malia Kealoha, Marek Dvořák, Mei Chen, Miriam Goldberg, Nadia Haidari,
Niamh Byrne, Nikola Jovanović, Olena Shevchenko, Oskar Lindholm, Paulo Ribeiro, Priya Nair, Rasmus Mikkelsen, Rosa Quispe, Sanna Nieminen,
Sofia Rossi, Tariq Aziz, Tomasz Wójcik, Wanjiku Kamau, Yuki Sato, Zoltán Szabó
"""
ROLES = ("", "", "members", "members", "members", "members,makers", "members,staff", "guests")

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
)
PHONE, LAPTOP = BROWSERS[4], BROWSERS[3]
PROGRAM = "backup-sync/2.4"
# Networks for documentation (RFC 5737, RFC 3849).
NETWORKS = ("192.0.2.{}", "198.51.100.{}", "203.0.113.{}", "2001:db8:{:x}::7")


class Site:
    """A running server with its data in `folder`."""

    def __init__(self, binary, folder):
        self._binary, self._folder = binary, folder
        self._data = folder / "data"
        self._server = None
        self._random = random.Random(23)  # the same people and visits each time
        self._log = folder / "authflow.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._settings = SETTINGS | {"PORT": str(self.port), "DATA_DIR": str(self._data)}
        self.authenticator = None

    def start(self):
        """Starts the server, and waits until it is ready."""
        with self._log.open("a") as log:
            self._server = subprocess.Popen(
                [self._binary], env=self._settings, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(400):
            if self._server.poll() is not None:
                break
            try:
                if self.visitor("curl/8.5.0", "127.0.0.1").request("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                pass  # does not listen yet
            time.sleep(0.05)
        raise Unexpected(f"the server does not start:\n{self._log.read_text()}")

    def stop(self):
        """Stops the server."""
        if self._server and self._server.poll() is None:
            self._server.terminate()
            self._server.wait()

    def visitor(self, user_agent, address):
        """A new visitor."""
        return Visitor(HOST, self.port, user_agent, address)

    def command(self, *arguments):
        """Runs `authflow` beside the server, and returns what it prints."""
        ran = subprocess.run(
            [self._binary, *arguments], env=self._settings, cwd=self._folder, capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise Unexpected(f"authflow {' '.join(arguments)}:\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def fill(self):
        """Makes the sample data, as administrators and users make it, and spreads it over the last days."""
        self.start()
        administrator = self._first_administrator()
        self._members(self._password_hash())
        self._sign_up(NEWCOMER, NEWCOMER_NAME)
        applicant = self._sign_up(APPLICANT, APPLICANT_NAME)
        link = re.search(r"/auth/verify-email/[\w-]+", self.email_to(APPLICANT))
        applicant.send(link[0], {})
        self._administration(administrator)
        self.stop()
        self._age()
        self.start()

    def _first_administrator(self):
        link = re.search(rf"https://{HOST}(/auth/first-administrator/\S+)", self._log.read_text())
        if not link:
            raise Unexpected(f"the server printed no link for the first administrator:\n{self._log.read_text()}")
        visitor = self.visitor(LAPTOP, "198.51.100.20")
        fields = {"username": ADMINISTRATOR_NAME, "email": ADMINISTRATOR}
        visitor.send(link[1], fields | {"password": PASSWORD, "confirm_password": PASSWORD})
        self.authenticator = turn_on_two_factor(visitor)
        return visitor

    def _password_hash(self):
        """The hash of the administrator's password, so that all imported accounts have the same password."""
        return self._export("users-at-first.jsonl", "--password-hashes")[0]["password_hash"]

    def _export(self, name, *options):
        file = self._folder / name
        self.command("user", "export", str(file), *options)
        return [json.loads(it) for it in file.read_text().splitlines()]

    def _members(self, password_hash):
        """Imports users little by little. In between they and strangers sign in."""
        people = [name.strip() for name in NAMES.split(",")]
        self._random.shuffle(people)
        people.insert(3, MEMBER_NAME)
        accounts = [self._account(name, password_hash) for name in people]
        size = -(-len(accounts) // BATCHES)
        browsers = {}
        visiting = []
        for start in range(0, len(accounts), size):
            new = accounts[start : start + size]
            file = self._folder / "import.jsonl"
            file.write_text("".join(json.dumps(it) + "\n" for it in new))
            self.command("user", "import", str(file))
            visiting += (it["email"] for it in new if it["verified"])
            for address in self._random.sample(visiting[-size:], k=min(4, len(visiting))):
                self._visit(address, browsers)
            for _ in range(VISITS_PER_BATCH):
                self._visit(self._random.choice(visiting), browsers)
            self._protect(visiting)
        self._sessions_of_member()

    def _protect(self, visiting):
        """One of the latest users turns on two-factor authentication, and does not sign in again."""
        address = self._random.choice([it for it in visiting[-6:] if it != MEMBER])
        visiting.remove(address)
        visitor = self.visitor(LAPTOP, self._address())
        visitor.sign_in(address, PASSWORD)
        turn_on_two_factor(visitor)
        visitor.sign_out()

    def _account(self, name, password_hash):
        local = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("ı", "i").replace("ł", "l")).encode("ascii", "ignore")
        local = ".".join(local.decode().lower().split())
        domain = self._random.choice(("example.org", "example.org", "example.net", "example.com"))
        address = MEMBER if name == MEMBER_NAME else f"{local}@{domain}"
        roles = "members,makers" if name == MEMBER_NAME else self._random.choice(ROLES)
        verified = name == MEMBER_NAME or self._random.random() < 0.94
        return {"email": address, "username": name, "password_hash": password_hash, "roles": roles, "verified": verified}

    def _visit(self, address, browsers):
        chance = self._random.random()
        if chance < 0.06:
            self._stranger(address)
        elif chance < 0.14:
            self._program().sign_in_program(address, PASSWORD)
        else:
            if address not in browsers:
                browsers[address] = self.visitor(self._random.choice(BROWSERS), self._address())
            visitor = browsers[address]
            if self._random.random() < 0.1:
                visitor.sign_in(address, "a typing error", is_accepted=False)
            visitor.sign_in(address, PASSWORD)
            visitor.sign_out()

    def _stranger(self, address):
        visitor = self._program()
        for guess in ("123456", "password1", "qwertz")[: self._random.randint(1, 3)]:
            if visitor.sign_in_program(address, guess) != 401:
                raise Unexpected(f"a wrong password of {address} was not refused with 401")

    def _program(self):
        return self.visitor(PROGRAM, self._address())

    def _address(self):
        return self._random.choice(NETWORKS).format(self._random.randint(2, 250))

    def _sessions_of_member(self):
        for user_agent, address in ((LAPTOP, "203.0.113.41"), (PHONE, "2001:db8:41::7"), (BROWSERS[2], "203.0.113.41")):
            self.visitor(user_agent, address).sign_in(MEMBER, PASSWORD)

    def _sign_up(self, address, name):
        visitor = self.visitor(PHONE, self._address())
        fields = {"username": name, "email": address}
        visitor.send("/auth/register", fields | {"password": PASSWORD, "confirm_password": PASSWORD})
        return visitor

    def _administration(self, administrator):
        for address in ("noor.haddad@example.net", "lukas.weber@example.com"):
            fields = {"email": address, "roles": "guests", "language": "en", "days": "7", "by_mail": "on"}
            administrator.send("/admin/users/invite", fields)
        users = self._export("users-at-last.jsonl")
        others = [it["email"] for it in users if it["email"] not in (ADMINISTRATOR, MEMBER, APPLICANT)]
        self.command("user", "disable", self._random.choice(others))
        self.command("user", "roles", MEMBER, "--add", "staff")
        self.command("backup", str(self._folder / "backup.db"))

    def _age(self):
        """Moves the sample data to the last days, in the order in which it was made.

        No command can do this, so the rows are changed while the server is stopped.
        """
        now = int(time.time())
        database = sqlite3.connect(self._data / "authflow.db")
        with database:
            events = [row[0] for row in database.execute("SELECT id FROM audit_events ORDER BY id")]
            moments = sorted(self._moment(now) for _ in events)
            database.executemany("UPDATE audit_events SET at = ? WHERE id = ?", zip(moments, events, strict=True))
            database.execute("UPDATE signing_keys SET created_at = ?", moments[:1])
            database.execute(
                "UPDATE users SET"
                " created_at = COALESCE((SELECT MIN(at) FROM audit_events WHERE subject_id = users.id), created_at),"
                " last_sign_in_at = (SELECT MAX(at) FROM audit_events"
                "  WHERE subject_id = users.id AND event = 'signed_in' AND outcome = 'success')"
            )
            database.execute(
                "UPDATE sessions SET created_at = (SELECT MAX(at) FROM audit_events WHERE subject_id = sessions.user_id"
                " AND event = 'signed_in' AND outcome = 'success' AND user_agent = sessions.user_agent)"
                " WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM audit_events WHERE subject_id = sessions.user_id"
                " AND event = 'signed_in' AND outcome = 'success' AND user_agent = sessions.user_agent)"
            )
            database.execute(
                "UPDATE sessions SET authenticated_at = created_at,"
                " last_seen_at = MAX(created_at, last_seen_at - ABS(RANDOM() % 90000)) WHERE ended_at IS NULL"
            )
        database.close()

    def _moment(self, now):
        """A time in the last days, when people are awake. There are more visits lately, and fewer at weekends."""
        while True:
            moment = now - 900 - int(self._random.random() * DAYS * 86_400)
            then = time.gmtime(moment)
            age = (now - moment) / (DAYS * 86_400)
            weight = (0.45 if then.tm_wday > 4 else 1) * (1 - 0.45 * age) * (1 if 6 <= then.tm_hour < 22 else 0.08)
            if self._random.random() < weight:
                return moment

    def email_to(self, address):
        """The HTML of the latest email to this address."""
        for _ in range(200):
            for file in sorted((self._data / "mail").glob("*.eml"), reverse=True):
                message = BytesParser(policy=email.policy.default).parsebytes(file.read_bytes())
                if address in message["To"]:
                    return message.get_body(("html",)).get_content()
            time.sleep(0.1)
        raise Unexpected(f"there is no email to {address}")


def turn_on_two_factor(visitor):
    """Turns on two-factor authentication for a visitor who has just signed in."""
    page = visitor.page("/profile/two-factor")
    secret = re.search(r"otpauth://[^\"]*[?&;]secret=([A-Z2-7]+)", page)
    if not secret:
        raise Unexpected("the page about two-factor authentication has no link with a secret")
    authenticator = Authenticator(secret[1])
    visitor.send("/profile/two-factor", {"code": authenticator.code()})
    visitor.send("/profile/two-factor/recovery-codes", {}, to="/profile/two-factor/recovery-codes/saved")
    return authenticator
