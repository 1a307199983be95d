//! Requesting a password reset link.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{Done, done};
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::services::account::password_reset;
use crate::web::api::body::{Body, Text};
use crate::web::api::english::{English, FieldErrors};
use crate::web::api::refusal::{ANY, Refusal, SENDING, WRITING, refusals};
use crate::web::http::client::Client;

/// The account whose password to reset. Send exactly one of the two fields.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "email": "ada@example.org" }))]
pub struct ForgotPassword {
    /// The email address.
    #[schema(value_type = Option<String>, format = Email)]
    email: Text,
    /// Another name for `email`.
    #[schema(value_type = Option<String>, format = Email)]
    user_email: Text,
}

impl ForgotPassword {
    fn address(&self, errors: &mut FieldErrors) -> Option<EmailAddress> {
        match (&self.email, &self.user_email) {
            (sent, Text::Missing) => errors.check("email", sent.parse(EmailAddress::parse)),
            (Text::Missing, sent) => errors.check("userEmail", sent.parse(EmailAddress::parse)),
            _ => {
                let why = English::from("Send email or userEmail, not both.");
                errors.add("userEmail", why);
                None
            }
        }
    }
}

const ASKED_FOR: &str =
    "If this address has an account, a link to set a new password is on its way.";

refusals!(Refusals: [ANY, WRITING, SENDING]);

/// Request a password reset
///
/// Sends a reset link if the email address has an account; the response is the same for every address. The link opens a page, and the
/// token at its end can be used with `reset-password`. `userEmail` is another name for `email`: send exactly one of the two.
#[utoipa::path(
    post,
    path = "/api/auth/forgot-password",
    operation_id = "forgotPassword",
    tag = "Accounts",
    request_body = ForgotPassword,
    responses(
        (
            status = 202,
            description = "Requested.",
            body = Done,
            example = json!({ "success": true, "message": ASKED_FOR }),
        ),
        Refusals,
    )
)]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    Body(sent): Body<ForgotPassword>,
) -> Result<(StatusCode, Json<Done>), Refusal> {
    let mut errors = FieldErrors::default();
    let Some(email) = sent.address(&mut errors) else {
        return Err(Refusal::of_fields(errors));
    };
    password_reset::request(&app, &email, &client.source).await?;
    Ok((StatusCode::ACCEPTED, done(ASKED_FOR)))
}
