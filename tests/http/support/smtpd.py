"""An independent mail server (aiosmtpd) that receives emails from the tests.

    smtpd.py starttls|tls CERTIFICATE KEY PORT

Prints the port once it listens, then each received email as a line of JSON. Requires TLS and ada's password.
"""

import json
import ssl
import sys
import warnings

warnings.simplefilter("ignore")  # deprecations, and AUTH without STARTTLS, which implicit TLS makes safe

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

way, certificate, key, port = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("ascii"),
            "signed_in": session.authenticated,
            "encrypted": session.ssl is not None or way == "tls",
        }
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"ada@example.org", "p@ss:/#%+ ü".encode()), handled=False)


options = {"require_starttls": True, "tls_context": context} if way == "starttls" else {"auth_require_tls": False}
controller = Controller(
    Handler(),
    hostname="127.0.0.1",
    port=int(port),
    ssl_context=context if way == "tls" else None,
    authenticator=authenticate,
    auth_required=True,
    **options,
)
controller.start()
print(controller.port, flush=True)
sys.stdin.read()  # until the test has ended
