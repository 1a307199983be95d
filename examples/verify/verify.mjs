// Verifies an access token with jose: ISSUER=https://login.example.org node verify.mjs TOKEN

import { createRemoteJWKSet, jwtVerify } from 'jose';

const issuer = process.env.ISSUER; // the server's PUBLIC_URL, without a slash at its end
const audience = process.env.AUDIENCE || issuer; // this service's own, one of the server's JWT_AUDIENCE
const algorithm = process.env.ALGORITHM || 'ES256'; // 'EdDSA' where it has JWT_ALGORITHM=EdDSA; never what a token says

// Made once. It keeps the keys for five minutes, and looks again when a kid is unknown (at most every 30 seconds).
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), { cacheMaxAge: 300_000 });

/** The claims of a good token; rejects anything else. */
async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [algorithm],
    issuer,
    audience,
    typ: 'at+jwt',
    clockTolerance: 30,
    requiredClaims: ['exp', 'sub'], // iss and aud are, when they are given
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
