//! Changing the password.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::services::sign_in::passwords::{self, PasswordChange, PasswordChangeError};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    current_password: String,
    password: String,
    confirm_password: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/password.html")]
struct View {
    page: Page,
    errors: Errors,
    email: String,
    min_length: usize,
}

/// `GET /profile/password`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Response {
    view(&visit, page, Errors::default())
}

/// `POST /profile/password`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, _, errors| Ok(view(&visit, page, errors)),
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let current = errors.check("current_password", Password::parse(&fields.current_password));
    let is_repeated = fields.password == fields.confirm_password;
    let (Some(current), true) = (current, is_repeated) else {
        let problem = passwords::problem_for(&visit.app, visit.session(), &fields.password);
        errors.check("password", problem.await?.map_or(Ok(()), Err));
        errors.check_repeated(&fields.password, &fields.confirm_password);
        return Err(errors.into());
    };
    let device = visit.device();
    let change = PasswordChange {
        current: &current,
        new: &fields.password,
        device: device.as_ref(),
        source: visit.source(),
    };
    let changed = passwords::change(&visit.app, visit.session(), &change).await?;
    visit.take_proof(changed.proof).await;
    visit.remember_device(visit.session().user_id, changed.credential_version);
    let text = "Your password has been changed, and all other browsers have been signed out.";
    Ok(visit.go_saying(addresses::PROFILE_PASSWORD, text).await)
}

impl From<PasswordChangeError> for Refused {
    fn from(error: PasswordChangeError) -> Self {
        match error {
            PasswordChangeError::WrongPassword => {
                Self::wrong("current_password", "This is not your current password.")
            }
            PasswordChangeError::Same | PasswordChangeError::Invalid(_) => {
                Self::invalid("password", error)
            }
            PasswordChangeError::TooMany(wait) => Self::too_many("attempts", wait),
            PasswordChangeError::Failed(error) => error.into(),
        }
    }
}

fn view(visit: &Visit<SignedIn>, page: Page, errors: Errors) -> Response {
    let email = visit.signed_in().claims.email.to_string();
    View { page, errors, email, min_length: visit.app.config.passwords.min_length }.into_response()
}
