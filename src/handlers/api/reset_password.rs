//! Setting a new password with the token of an emailed link.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{Done, done};
use crate::app::App;
use crate::domain::email::one_time_token::{NoToken, OneTimeToken};
use crate::domain::sign_in::password::Password;
use crate::domain::two_factor::code::Code;
use crate::services::account::password_reset::{self, Reset, ResetError};
use crate::web::api::body::{Body, Text};
use crate::web::api::english::{English, FieldErrors};
use crate::web::api::refusal::{ANY, Refusal, SENDING, WRITING, Word, refusals};
use crate::web::forms::errors::wrong_code;
use crate::web::http::client::Client;

/// The new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The last part of the emailed link, after `/auth/reset-password/`. A tail that cannot belong to it is ignored.
    #[schema(value_type = String, min_length = 1, example = "pY1nX0b3uCq9kQe7Zt5rGm2sVd8hJw4aLf6oEiTgBxM")]
    token: Text,
    /// 8 (or `PASSWORD_MIN_LENGTH`) to 256 characters that are hard to guess.
    #[schema(value_type = String, format = Password, min_length = 1, example = "seven brass kettles at dawn")]
    password: Text,
    /// Six digits from the authenticator app, or a recovery code. Required if the account uses two-factor authentication.
    #[schema(value_type = Option<String>, example = "123456")]
    code: Text,
}

const INCOMPLETE: &str =
    "This link is incomplete: its end is missing. Send the whole last part of the emailed link.";
const INVITATION_LOST: &str = "The invitation of this sign-up has been used by someone else or was revoked. Sign up with a new one.";
const SET: &str =
    "The password has been changed, and all sessions have been ended. Sign in with the new one.";

refusals!(Refusals: [ANY, WRITING, SENDING], InvalidLink, RegistrationClosed, TwoFactorRequired, WrongCode);

/// Set a new password
///
/// Ends all sessions of the account and invalidates all other emailed links. If the request is refused, the link stays valid.
#[utoipa::path(
    post,
    path = "/api/auth/reset-password",
    operation_id = "resetPassword",
    tag = "Accounts",
    request_body = ResetPassword,
    responses(
        (
            status = 200,
            description = "The password is set.",
            body = Done,
            example = json!({ "success": true, "message": SET }),
        ),
        Refusals,
    )
)]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    Body(sent): Body<ResetPassword>,
) -> Result<Json<Done>, Refusal> {
    let mut errors = FieldErrors::default();
    let given = |text: &str| {
        if text.is_empty() {
            Err(English::from("Send the token of the link."))
        } else {
            Ok(OneTimeToken::find(text))
        }
    };
    let token = errors.check("token", sent.token.parse(given));
    let min_length = app.config.passwords.min_length;
    let long_enough = |text: &str| Password::check_length(text, min_length);
    let password = errors.check("password", sent.password.parse(long_enough));
    let code = errors.check("code", sent.code.parse_any(Code::parse));
    let (Some(token), Some(_), Some(code)) = (&token, &password, code) else {
        if let (Some(Ok(token)), Some(_)) = (&token, &password) {
            let link = password_reset::find(&app, token).await?.ok_or(Word::InvalidLink)?;
            let text = sent.password.as_str();
            let judged = password_reset::judge_password(&app, &link.user, text);
            errors.check("password", judged.await?);
        }
        return Err(Refusal::of_fields(errors));
    };
    let token = token.as_ref().map_err(|why| match why {
        NoToken::Incomplete => Refusal::from(Word::InvalidLink).saying(INCOMPLETE),
        NoToken::Foreign => Word::InvalidLink.into(),
    })?;
    let reset = Reset {
        token,
        password: sent.password.as_str(),
        code: code.as_ref(),
        device: None,
        source: &client.source,
    };
    let outcome = password_reset::finish(&app, &reset).await;
    outcome.map_err(|error| refuse(code.as_ref(), error))?;
    Ok(done(SET))
}

fn refuse(code: Option<&Code>, error: ResetError) -> Refusal {
    match error {
        ResetError::InvalidLink => Word::InvalidLink.into(),
        ResetError::Closed => Word::RegistrationClosed.into(),
        ResetError::InvalidInvitation => Refusal::from(Word::InvalidLink).saying(INVITATION_LOST),
        ResetError::Password(why) => {
            let mut errors = FieldErrors::default();
            errors.add("password", why);
            Refusal::of_fields(errors)
        }
        ResetError::NeedsCode => Word::TwoFactorRequired.into(),
        ResetError::WrongCode => match code {
            Some(code) => Refusal::from(Word::WrongCode).saying(wrong_code(code).english()),
            None => Word::TwoFactorRequired.into(),
        },
        ResetError::TooMany(wait) => Refusal::too_many("tries", wait),
        ResetError::Failed(error) => error.into(),
    }
}
