//! `/.well-known/jwks.json`: the public keys that verify access tokens (RFC 7517).

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::sign_in::signing_key::CACHED_FOR;
use crate::web::api::refusal::{ANY, refusals};

/// The public keys that verify access tokens (RFC 7517).
#[derive(ToSchema)]
#[schema(as = JwkSet)]
#[expect(dead_code, reason = "only describes the JSON of the key ring")]
pub struct KeySet {
    keys: Vec<PublicKey>,
}

/// A public key: P-256 for ES256, Ed25519 for `EdDSA`.
#[derive(ToSchema)]
#[schema(as = Jwk)]
#[expect(dead_code, reason = "see above")]
pub struct PublicKey {
    /// `EC` or `OKP`.
    #[schema(example = "EC")]
    kty: String,
    /// The curve.
    #[schema(example = "P-256")]
    crv: String,
    /// The x coordinate; with `OKP` the public key.
    #[schema(example = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")]
    x: String,
    /// The y coordinate; only with `EC`.
    #[schema(example = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")]
    y: Option<String>,
    /// The use of the key: `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: String,
    /// The signature algorithm.
    #[schema(example = "ES256")]
    alg: String,
    /// The id of the key, which is the `kid` in the header of its tokens.
    #[schema(example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6070")]
    kid: String,
}

refusals!(Refusals: [ANY]);

/// Get the keys that verify access tokens
///
/// The response may be cached for five minutes, as its headers say: a new key is published ten minutes before it signs. If a token
/// has an unknown `kid`, request the keys again.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "jwks",
    tag = "Service",
    responses((status = 200, description = "The public keys.", body = KeySet), Refusals)
)]
pub async fn show(State(app): State<App>) -> Response {
    let cached = format!("public, max-age={}", CACHED_FOR.as_secs());
    ([(CACHE_CONTROL, cached)], Json(app.keys.current().jwks(app.clock.now()))).into_response()
}
