//! Signing up.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::{Done, UserView, done};
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::username::Username;
use crate::domain::sign_in::password::Password;
use crate::i18n::message;
use crate::services::sign_up::registration::{self, SignUp, SignUpError, SignedUp};
use crate::web::api::body::{Body, Text};
use crate::web::api::english::FieldErrors;
use crate::web::api::refusal::{ANY, Refusal, SENDING, WRITING, Word, refusals};
use crate::web::http::client::Client;

/// The account to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The display name: 1 to 64 characters.
    #[schema(value_type = String, min_length = 1, example = "Ada Lovelace")]
    username: Text,
    /// The email address.
    #[schema(value_type = String, format = Email, example = "ada@example.org")]
    email: Text,
    /// 8 (or `PASSWORD_MIN_LENGTH`) to 256 characters that are hard to guess.
    #[schema(value_type = String, format = Password, min_length = 1, example = "quiet lanterns over the marsh")]
    password: Text,
}

/// The new account.
#[derive(Serialize, ToSchema)]
pub struct Registered {
    /// Always `true`.
    #[schema(example = true)]
    success: bool,
    user: UserView,
}

const CHECK_MAIL: &str = "We sent an email to this address. Open the link in it to continue.";
const AWAITS_APPROVAL: &str =
    "An administrator has to approve the account first. An email will say when that is done.";

refusals!(Refusals: [ANY, WRITING, SENDING], RegistrationClosed);

/// Sign up
///
/// If email addresses have to be confirmed, the response is the same whether or not the address has an account, and an email is sent to
/// it, with a link to a page that asks for the password. With `EMAIL_VERIFICATION=off` the account is ready at once, and an address that
/// has an account is refused with 422. With `REGISTRATION=approval`, signing in returns `approval_required` until an administrator has
/// approved the account.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    operation_id = "register",
    tag = "Accounts",
    request_body = Register,
    responses(
        (status = 201, description = "The account is ready: sign in.", body = Registered),
        (
            status = 202,
            description = "An email is sent to the address, now or when an administrator has decided.",
            body = Done,
            example = json!({ "success": true, "message": CHECK_MAIL }),
        ),
        Refusals,
    )
)]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    Body(sent): Body<Register>,
) -> Result<Response, Refusal> {
    let mut errors = FieldErrors::default();
    let username = errors.check("username", sent.username.parse(Username::parse));
    let email = errors.check("email", sent.email.parse(EmailAddress::parse));
    let min_length = app.config.passwords.min_length;
    let long_enough = |text: &str| Password::check_length(text, min_length);
    let password = errors.check("password", sent.password.parse(long_enough));
    let (Some(username), Some(email), Some(_)) = (&username, &email, &password) else {
        if password.is_some() {
            let (password, name, address) =
                (sent.password.as_str(), username.as_ref(), email.as_ref());
            let judged =
                registration::judge_password(&app, password, name, address, &client.source);
            errors.check("password", judged.await?);
        }
        return Err(Refusal::of_fields(errors));
    };
    let sign_up = SignUp {
        username,
        email,
        password: sent.password.as_str(),
        invitation: None,
        language: None,
        source: &client.source,
    };
    match registration::register(&app, &sign_up).await? {
        SignedUp::CheckMail(_) => Ok((StatusCode::ACCEPTED, done(CHECK_MAIL)).into_response()),
        SignedUp::AwaitsApproval => {
            Ok((StatusCode::ACCEPTED, done(AWAITS_APPROVAL)).into_response())
        }
        SignedUp::Ready(opened) => {
            let user = UserView::new(opened.id, username, opened.handle.as_ref(), email);
            Ok((StatusCode::CREATED, Json(Registered { success: true, user })).into_response())
        }
    }
}

impl From<SignUpError> for Refusal {
    fn from(error: SignUpError) -> Self {
        let mut errors = FieldErrors::default();
        match error {
            SignUpError::Closed => return Word::RegistrationClosed.into(),
            SignUpError::NeedsInvitation | SignUpError::InvalidInvitation => {
                let text =
                    "Sign-up is by invitation only. Open the link in your invitation in a browser.";
                return Self::from(Word::RegistrationClosed).saying(text);
            }
            SignUpError::Taken => errors.add("email", message::sign_up_email_taken()),
            SignUpError::Password(why) => errors.add("password", why),
            SignUpError::TooMany(wait) => {
                return Self::too_many("sign-ups from your network", wait);
            }
            SignUpError::Failed(error) => return error.into(),
        }
        Self::of_fields(errors)
    }
}
