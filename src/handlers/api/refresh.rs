//! The next tokens of a session.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::login::audience;
use super::view::Tokens;
use crate::app::App;
use crate::domain::sign_in::session::EndReason;
use crate::services::session::token_pairs::{self, Refreshed};
use crate::web::api::body::{Body, Text};
use crate::web::api::refusal::{ANY, Refusal, SENDING, WRITING, Word, refusals};
use crate::web::forms::errors::Errors;
use crate::web::http::client::Client;

/// A session to go on with.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token of the latest answer.
    #[schema(value_type = String, min_length = 1, example = "A7kPzWc…")]
    refresh_token: Text,
    /// Whom the access token is for: one of `JWT_AUDIENCE`. Without it the token is for this API, whatever the one before was for.
    #[schema(value_type = Option<String>, example = json!(null))]
    audience: Text,
}

refusals!(Refusals: [ANY, WRITING, SENDING], InvalidRefreshToken, SessionEnded, RefreshTokenReused);

/// Get the next tokens
///
/// The refresh token is renewed every ten minutes of use (`ROTATE_AFTER`) and otherwise stays the same. The one before is good until
/// its successor was used, so that a lost answer costs nothing: ask again with the one you have. Used a minute (`ROTATION_GRACE`) or
/// longer after its successor was, it must be a copy: the session ends and its owner is told.
#[utoipa::path(
    post,
    path = "/api/auth/refresh",
    operation_id = "refresh",
    tag = "Sessions",
    request_body = Refresh,
    responses((status = 200, description = "The next tokens.", body = Tokens), Refusals)
)]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    Body(sent): Body<Refresh>,
) -> Result<Json<Tokens>, Refusal> {
    let mut errors = Errors::default();
    let given = |text: &str| {
        if text.is_empty() { Err("Send the refresh token.") } else { Ok(text.to_owned()) }
    };
    let token = errors.check("refreshToken", sent.refresh_token.parse(given));
    let audience = errors.check("audience", audience(&app, &sent.audience));
    let (Some(token), Some(audience)) = (token, audience) else {
        return Err(Refusal::of_fields(errors));
    };
    match token_pairs::refresh(&app, &token, audience, &client.source).await? {
        Refreshed::Pair(pair) => Ok(Json((&pair).into())),
        Refreshed::Ended(EndReason::Copied) => Err(Word::RefreshTokenReused.into()),
        Refreshed::Ended(_) => Err(Word::SessionEnded.into()),
        Refreshed::Unknown => Err(Word::InvalidRefreshToken.into()),
    }
}
