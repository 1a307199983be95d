//! `/.well-known/jwks.json`: the public keys that access tokens verify with (RFC 7517).

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::sign_in::signing_key::CACHED_FOR;
use crate::web::api::refusal::{ANY, refusals};

/// The keys that access tokens verify with (RFC 7517).
#[derive(ToSchema)]
#[schema(as = JwkSet)]
#[expect(dead_code, reason = "says in the description what the keys' service makes")]
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
    /// One coordinate.
    #[schema(example = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")]
    x: String,
    /// The other one, with `EC`.
    #[schema(example = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")]
    y: Option<String>,
    /// `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: String,
    /// What it verifies.
    #[schema(example = "ES256")]
    alg: String,
    /// The `kid` in the header of the tokens that it verifies.
    #[schema(example = "019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6070")]
    kid: String,
}

refusals!(Refusals: [ANY]);

/// The keys that access tokens verify with
///
/// May be kept for five minutes, as its headers say: a new key is here ten minutes before it signs. A token with a `kid` that you do not know is a reason to look again.
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
