//! Refreshing the tokens of a session.

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
use crate::web::api::english::{English, FieldErrors};
use crate::web::api::refusal::{ANY, Refusal, SENDING, WRITING, Word, refusals};
use crate::web::http::client::Client;

/// The session to refresh.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token from the latest response.
    #[schema(value_type = String, min_length = 1, example = "A7kPzWc…")]
    refresh_token: Text,
    /// The audience of the access token: one of `JWT_AUDIENCE`. The default is this API, whatever the previous token's audience was.
    #[schema(value_type = Option<String>, example = json!(null))]
    audience: Text,
}

refusals!(Refusals: [ANY, WRITING, SENDING], InvalidRefreshToken, SessionEnded, RefreshTokenReused,
    SecondFactorMissing);

/// Get the next tokens
///
/// The refresh token is rotated after every ten minutes of use (`ROTATE_AFTER`) and otherwise stays the same. The previous one works until
/// its successor is used, so a lost response is harmless: repeat the request with the token you have. If a token is used a minute
/// (`ROTATION_GRACE`) or more after its successor, it counts as copied: the session ends and its owner is notified.
///
/// `second_factor_missing` does not end the session: it works again if the account no longer has to use two-factor authentication.
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
    let mut errors = FieldErrors::default();
    let given = |text: &str| {
        if text.is_empty() {
            Err(English::from("Send the refresh token."))
        } else {
            Ok(text.to_owned())
        }
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
        Refreshed::SecondFactorMissing => Err(Word::SecondFactorMissing.into()),
        Refreshed::Unknown => Err(Word::InvalidRefreshToken.into()),
    }
}
