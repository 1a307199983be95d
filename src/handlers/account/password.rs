//! Changing the password, or setting one for an account that has none.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses::{self, Address};
use crate::domain::sign_in::demand::{Demand, Missing};
use crate::domain::sign_in::password::{InvalidPassword, Password};
use crate::domain::two_factor::code::Code;
use crate::i18n::message::{self, Message};
use crate::services::sign_in::new_passwords::{
    self, ChooseError, PasswordChangeError, PasswordChanged, SetPasswordError,
};
use crate::services::sign_in::step_up::Entered;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;
use crate::wording::passwords::with_strength;

const PATH: Address = addresses::PROFILE_PASSWORD;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    current_password: String,
    password: String,
    confirm_password: String,
    code: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/password.html")]
struct View {
    page: Page,
    errors: Errors,
    email: String,
    /// What the form asks for. Without a password to enter, it sets the first one.
    missing: Missing,
    min_length: usize,
}

/// `GET /profile/password`. Without a password to enter, the page asks for a proof before anything is typed.
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    let missing = visit.missing(Demand::Password).await?;
    if !missing.password() {
        visit.prove_first(PATH).await?;
    }
    view(&visit, page, Errors::default()).await
}

/// `POST /profile/password`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| {
            let missing = visit.missing(Demand::Password).await?;
            if missing.password() {
                change(&visit, fields, missing).await
            } else {
                set(&visit, fields).await
            }
        },
        async |page, _, errors| view(&visit, page, errors).await,
    )
    .await
}

async fn change(
    visit: &Visit<SignedIn>,
    fields: &Fields,
    missing: Missing,
) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let current = Password::parse(&fields.current_password).map_err(|why| match why {
        InvalidPassword::Empty => message::password_current_missing(),
        why => why.into(),
    });
    let current = errors.check("current_password", current);
    let code = missing.second_factor.then(|| Code::parse(&fields.code)).transpose();
    let is_repeated = fields.password == fields.confirm_password;
    let (Some(current), Ok(code), true) = (&current, &code, is_repeated) else {
        check_new(visit, fields, &mut errors).await?;
        errors.check("code", code);
        return Err(errors.into());
    };
    let (device, source) = (visit.device(), visit.source());
    let (password, code, device) = (Some(current), code.as_ref(), device.as_ref());
    let entered = Entered { password, code, device, source };
    let (session, recent) = (visit.session(), visit.recently_shown().await);
    let changed =
        new_passwords::change(&visit.app, session, &fields.password, recent, entered).await;
    let changed = changed.map_err(|error| match error {
        PasswordChangeError::Entered(error) => {
            Refused::entered("current_password", "code", error, code)
        }
        PasswordChangeError::Invalid(why) => Refused::invalid("password", why),
    })?;
    done(visit, changed, message::password_changed()).await
}

async fn set(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let proven = visit.prove_first(PATH).await?;
    if fields.password != fields.confirm_password {
        let mut errors = Errors::default();
        check_new(visit, fields, &mut errors).await?;
        return Err(errors.into());
    }
    let set = new_passwords::set(&visit.app, proven, &fields.password, visit.source()).await;
    let set = match set {
        Ok(set) => set,
        Err(SetPasswordError::Outdated) => {
            let text = message::password_outdated();
            return Err(Refused::instead(visit.go_saying(PATH, text).await));
        }
        Err(SetPasswordError::Choice(ChooseError::Invalid(why))) => {
            return Err(Refused::invalid("password", why));
        }
        Err(SetPasswordError::Choice(ChooseError::TooMany(wait))) => {
            return Err(Refused::too_many(wait));
        }
        Err(SetPasswordError::Choice(ChooseError::Failed(error))) => return Err(error.into()),
    };
    done(visit, set, message::password_was_set()).await
}

/// Adds what is wrong with the new password of a form that is refused.
async fn check_new(
    visit: &Visit<SignedIn>,
    fields: &Fields,
    errors: &mut Errors,
) -> Result<(), Refused> {
    let judged = new_passwords::judge_for(&visit.app, visit.session(), &fields.password).await?;
    errors.check_new_password(judged, &fields.password, &fields.confirm_password);
    Ok(())
}

async fn done(
    visit: &Visit<SignedIn>,
    changed: PasswordChanged,
    text: Message,
) -> Result<Response, Refused> {
    visit.take_proof(changed.proof).await;
    visit.remember_device(visit.session().user_id, changed.credential_version);
    Ok(visit.go_saying(PATH, with_strength(text, changed.strength)).await)
}

async fn view(visit: &Visit<SignedIn>, page: Page, errors: Errors) -> Result<Response> {
    let mut missing = visit.missing(Demand::Password).await?;
    // An error about the code needs its field, even if two-factor authentication was enabled in the meantime.
    missing.second_factor |= errors.on("code").is_some();
    let email = visit.signed_in().claims.email.to_string();
    let min_length = visit.app.config.passwords.min_length;
    Ok(View { page, errors, email, missing, min_length }.into_response())
}
