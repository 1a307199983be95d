"""Verifies an access token with PyJWT: ISSUER=https://login.example.org python verify.py TOKEN"""

import json
import os
import sys

import jwt

ISSUER = os.environ["ISSUER"]  # the server's PUBLIC_URL, without a trailing slash
AUDIENCE = os.environ.get("AUDIENCE") or ISSUER  # this service's own, one of the server's JWT_AUDIENCE
ALGORITHM = os.environ.get("ALGORITHM") or "ES256"  # "EdDSA" if the server has JWT_ALGORITHM=EdDSA; never taken from the token

# Created once. It caches the keys for five minutes, and fetches them again if a kid is unknown (at most every 30 seconds).
KEYS = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json", timeout=10)


def verify(token):
    """Returns the claims of a valid token; any other raises jwt.PyJWTError (PyJWKClientConnectionError: the keys could not be fetched)."""
    verified = jwt.decode_complete(
        token,
        KEYS.get_signing_key_from_jwt(token),
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=30,
        options={"require": ["iss", "aud", "exp", "sub"]},
    )
    if verified["header"].get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("this is not an access token")
    return verified["payload"]


if __name__ == "__main__":
    try:
        claims = verify(sys.argv[1])
    except jwt.PyJWTError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(json.dumps({name: claims[name] for name in ("sub", "email", "roles")}, separators=(",", ":")))
