// Verifies an access token with jose: ISSUER=https://login.example.org node verify.mjs TOKEN

import { createRemoteJWKSet, jwtVerify } from 'jose';

const issuer = process.env.ISSUER; // the server's PUBLIC_URL, without a trailing slash
const audience = process.env.AUDIENCE || issuer; // this service's own, one of the server's JWT_AUDIENCE
const algorithm = process.env.ALGORITHM || 'ES256'; // 'EdDSA' if the server has JWT_ALGORITHM=EdDSA; never taken from the token

// Created once. It caches the keys for five minutes, and fetches them again if a kid is unknown (at most every 30 seconds).
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cacheMaxAge: 300_000 });

/** Returns the claims of a valid token; rejects any other. */
async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [algorithm],
    issuer,
    audience,
    typ: 'at+jwt',
    clockTolerance: 30,
    requiredClaims: ['exp', 'sub'], // iss and aud are required because they are given above
  });
  return payload;
}

try {
  const { sub, email, roles } = await verify(process.argv[2]);
  console.log(JSON.stringify({ sub, email, roles }));
} catch (error) {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
}
