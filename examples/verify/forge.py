"""Creates tokens that authflow did not issue, for `check`: forge.py FOLDER ES256_URL EDDSA_URL OWN_URL

Reads FOLDER/ALGORITHM.token and FOLDER/ALGORITHM-other.token. Writes FOLDER/ALGORITHM.KIND, and FOLDER/own to be served at OWN_URL.
FOLDER/own contains the public keys for the tokens whose signature is valid and whose claims are wrong.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.request
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

folder, own_url = Path(sys.argv[1]), sys.argv[4]


def encode(value):
    value = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(part):
    return base64.urlsafe_b64decode(part + "==")


def build(header, claims, sign):
    signed = f"{encode(header)}.{encode(claims)}"
    return f"{signed}.{encode(sign(signed.encode()))}"


def without(values, name):
    return {key: value for key, value in values.items() if key != name}


def public_key(url, kid):
    with urllib.request.urlopen(f"{url}/.well-known/jwks.json") as response:
        return jwt.PyJWKSet.from_dict(json.load(response))[kid].key


def forge(algorithm, url, private):
    """Writes all tokens for one algorithm. Returns the public half of `private` as a JWK."""
    good, other = ((folder / name).read_text().strip() for name in (f"{algorithm}.token", f"{algorithm}-other.token"))
    head, body, signature = good.split(".")
    header, claims = json.loads(decode(head)), json.loads(decode(body))
    signer = jwt.get_algorithm_by_name(algorithm)
    own_key = signer.to_jwk(private.public_key(), as_dict=True)

    def sign(signed):
        return signer.sign(signed, private)

    def put(kind, token):
        (folder / f"{algorithm}.{kind}").write_text(token)

    put("changed", f"{head}.{encode(decode(body).replace(b'ada@', b'bda@'))}.{signature}")
    put("other-signature", f"{head}.{body}.{other.split('.')[2]}")
    put("none", build(header | {"alg": "none"}, claims, lambda _: b""))
    put("own-key", build(header | {"jwk": own_key}, claims, sign))
    public = public_key(url, header["kid"])
    raw = (Encoding.X962, PublicFormat.UncompressedPoint) if algorithm == "ES256" else (Encoding.Raw, PublicFormat.Raw)
    for kind, form in (("pem", (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)), ("raw", raw)):
        secret = public.public_bytes(*form)
        put(f"hs256-{kind}", build(header | {"alg": "HS256"}, claims, lambda it: hmac.digest(secret, it, hashlib.sha256)))

    kid = f"own-{algorithm}"
    header, now = header | {"kid": kid}, int(time.time())
    claims |= {"iss": own_url, "aud": own_url, "iat": now, "exp": now + 300}
    put("own", build(header, claims, sign))
    put("own-late", build(header, claims | {"exp": now - 1}, sign))
    put("own-too-late", build(header, claims | {"exp": now - 31}, sign))
    put("own-type", build(header | {"typ": "JWT"}, claims, sign))
    put("own-no-type", build(without(header, "typ"), claims, sign))
    for name in ("iss", "aud", "exp", "sub"):
        put(f"own-no-{name}", build(header, without(claims, name), sign))
    return own_key | {"use": "sig", "alg": algorithm, "kid": kid}


keys = [
    forge("ES256", sys.argv[2], ec.generate_private_key(ec.SECP256R1())),
    forge("EdDSA", sys.argv[3], ed25519.Ed25519PrivateKey.generate()),
]
served = folder / "own/.well-known/jwks.json"
served.parent.mkdir(parents=True)
served.write_text(json.dumps({"keys": keys}))
