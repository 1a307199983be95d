//! Signing in.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::SignedInView;
use crate::app::App;
use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::sign_in::sign_in_name::SignInName;
use crate::domain::two_factor::code::Code;

use crate::services::session::token_pairs;
use crate::services::sign_in::challenge::{self, ChallengeError};
use crate::services::sign_in::completion::Browser;
use crate::services::sign_in::login::{self, SignInAttempt, Step};
use crate::services::sign_in::password_check::PasswordError;
use crate::services::two_factor::second_factor::CodeError;
use crate::web::api::body::{Body, Text};
use crate::web::api::english::{English, FieldErrors};
use crate::web::api::refusal::{ANY, Refusal, SENDING, WRITING, Word, refusals};
use crate::web::forms::errors::wrong_code;
use crate::web::http::client::Client;

/// Credentials to sign in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The email address or the handle.
    #[schema(value_type = String, example = "ada@example.org")]
    email: Text,
    /// The password.
    #[schema(value_type = String, format = Password, min_length = 1, example = "quiet lanterns over the marsh")]
    password: Text,
    /// Six digits from the authenticator app, or a recovery code. Required if the account uses two-factor authentication.
    #[schema(value_type = Option<String>, example = "123456")]
    code: Text,
    /// The audience of the access token: one of `JWT_AUDIENCE`. The default is this API, which accepts no other audience.
    #[schema(value_type = Option<String>, example = json!(null))]
    audience: Text,
}

refusals!(Refusals: [ANY, WRITING, SENDING], WrongCredentials, TwoFactorRequired, WrongCode,
    SecondFactorEnrolmentRequired, ApprovalRequired);

/// Sign in
///
/// Starts a session. If the account uses two-factor authentication, the first response is `two_factor_required`: send the same request
/// again with `code`. If the site demands two-factor authentication and the account has not set it up, no session starts: the user has to set
/// it up in a browser first. The owner is notified by email.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    operation_id = "login",
    tag = "Sessions",
    request_body = Login,
    responses(
        (
            status = 200,
            description = "Signed in.",
            body = SignedInView,
            links(("refresh" = (
                operation_id = "refresh",
                request_body = json!({ "refreshToken": "{$response.body#/refreshToken}" }),
                description = "The next tokens.",
            ))),
        ),
        Refusals,
    )
)]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    Body(sent): Body<Login>,
) -> Result<Json<SignedInView>, Refusal> {
    let mut errors = FieldErrors::default();
    let name = errors.check("email", sent.email.parse(SignInName::parse));
    let password = errors.check("password", sent.password.parse(Password::parse));
    let code = errors.check("code", sent.code.parse_any(Code::parse));
    let audience = errors.check("audience", audience(&app, &sent.audience));
    let (Some(name), Some(password), Some(code), Some(audience)) = (name, password, code, audience)
    else {
        return Err(Refusal::of_fields(errors));
    };
    let kind = SessionKind::Program;
    let browser = Browser { kind, device: None, replaces: None, source: &client.source };
    // API clients store their tokens, so the session does not end with a browser window.
    let (remember, has_pages) = (true, false);
    let (name, password) = (&name, &password);
    let attempt = SignInAttempt { name, password, remember, browser, has_pages };
    let signed_in = match login::sign_in(&app, &attempt).await? {
        Step::SignedIn(signed_in) => signed_in,
        Step::SecondFactor(challenge) => {
            let code = code.ok_or(Word::TwoFactorRequired)?;
            let finished = challenge::finish(&app, &challenge, &code, browser).await;
            finished.map_err(|error| refuse(&code, error))?
        }
        Step::EnrolmentRequired => {
            let page = app.config.public_url.link(addresses::PROFILE_TWO_FACTOR);
            let text = format!(
                "This account must use two-factor authentication, which is not set up yet. Set it up in a browser: {page}"
            );
            return Err(Refusal::from(Word::SecondFactorEnrolmentRequired).saying(text));
        }
        Step::AwaitsApproval => return Err(Word::ApprovalRequired.into()),
    };
    let pair = token_pairs::first(&app, signed_in.token, audience).await?;
    // None: a password reset has already ended the new session.
    Ok(Json((&pair.ok_or(Word::WrongCredentials)?).into()))
}

/// The requested audience, or by default our own.
pub(super) fn audience<'a>(app: &'a App, asked: &Text) -> Result<&'a str, English> {
    let audiences = &app.config.jwt.audiences;
    let known = |asked: &str| audiences.find(asked).map_err(|why| English(why.to_string()));
    let found = asked.parse_any(known)?;
    Ok(found.unwrap_or(audiences.own()))
}

impl From<PasswordError> for Refusal {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Word::WrongCredentials.into(),
            PasswordError::TooMany(wait) => Self::too_many("attempts to sign in", wait),
            PasswordError::Failed(error) => error.into(),
        }
    }
}

fn refuse(code: &Code, error: ChallengeError) -> Refusal {
    match error {
        ChallengeError::Over => Word::WrongCredentials.into(),
        ChallengeError::Code(CodeError::Wrong) => {
            Refusal::from(Word::WrongCode).saying(wrong_code(code).english())
        }
        ChallengeError::Code(CodeError::TooMany(wait)) => Refusal::too_many("codes tried", wait),
        ChallengeError::Code(CodeError::Failed(error)) => error.into(),
    }
}
