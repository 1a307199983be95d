//! Changing the password, or setting one for an account that has none.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses::{self, Address};
use crate::domain::sign_in::password::Password;
use crate::services::sign_in::new_passwords::{
    self, ChooseError, PasswordChange, PasswordChangeError, SetPasswordError,
};
use crate::services::sign_in::password_check;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

const PATH: Address = addresses::PROFILE_PASSWORD;

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
    has_password: bool,
    min_length: usize,
}

/// `GET /profile/password`. Without a password to enter, the page asks for a proof before anything is typed.
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    let has_password = password_check::has_password(&visit.app, visit.session().user_id).await?;
    if !has_password {
        visit.prove_first(PATH).await?;
    }
    Ok(view(&visit, page, Errors::default(), has_password))
}

/// `POST /profile/password`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    let has_password = password_check::has_password(&visit.app, visit.session().user_id).await?;
    form.answer(
        page,
        async |fields| {
            if has_password { change(&visit, fields).await } else { set(&visit, fields).await }
        },
        async |page, _, errors| Ok(view(&visit, page, errors, has_password)),
    )
    .await
}

async fn change(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let current = errors.check("current_password", Password::parse(&fields.current_password));
    let is_repeated = fields.password == fields.confirm_password;
    let (Some(current), true) = (current, is_repeated) else {
        let problem = new_passwords::problem_for(&visit.app, visit.session(), &fields.password);
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
    let changed = new_passwords::change(&visit.app, visit.session(), &change).await?;
    visit.take_proof(changed.proof).await;
    visit.remember_device(visit.session().user_id, changed.credential_version);
    let text = "Your password has been changed, and all other browsers have been signed out.";
    Ok(visit.go_saying(PATH, text).await)
}

async fn set(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    visit.prove_first(PATH).await?;
    if fields.password != fields.confirm_password {
        let mut errors = Errors::default();
        let problem = new_passwords::problem_for(&visit.app, visit.session(), &fields.password);
        errors.check("password", problem.await?.map_or(Ok(()), Err));
        errors.check_repeated(&fields.password, &fields.confirm_password);
        return Err(errors.into());
    }
    let done =
        new_passwords::set(&visit.app, visit.session(), &fields.password, visit.source()).await;
    let credential_version = match done {
        Ok(credential_version) => credential_version,
        Err(SetPasswordError::Outdated) => {
            let text = "Your account has just changed, and no password was set. This is its current state.";
            return Err(Refused::instead(visit.go_saying(PATH, text).await));
        }
        Err(SetPasswordError::Choice(ChooseError::Invalid(why))) => {
            return Err(Refused::invalid("password", why));
        }
        Err(SetPasswordError::Choice(ChooseError::TooMany(wait))) => {
            return Err(Refused::too_many("attempts", wait));
        }
        Err(SetPasswordError::Choice(ChooseError::Failed(error))) => return Err(error.into()),
    };
    visit.remember_device(visit.session().user_id, credential_version);
    let text = "Your password has been set, and all other browsers have been signed out.";
    Ok(visit.go_saying(PATH, text).await)
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

fn view(visit: &Visit<SignedIn>, page: Page, errors: Errors, has_password: bool) -> Response {
    let email = visit.signed_in().claims.email.to_string();
    let min_length = visit.app.config.passwords.min_length;
    View { page, errors, email, has_password, min_length }.into_response()
}
