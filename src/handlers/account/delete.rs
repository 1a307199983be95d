//! Deleting the user's own account. The page also offers a download of its data.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses;
use crate::domain::sign_in::demand::{Demand, Missing};
use crate::i18n::message;
use crate::services::account::deletion::{self, DeleteError};
use crate::services::sign_in::step_up::{Entered, EnteredError};
use crate::web::forms::credentials::FormCredentials;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::query::is_on;
use crate::web::pages::page::Page;
use crate::web::visitor::credentials::forget_device;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// In the query of the page: shows the form that deletes the account.
const CONFIRM: (&str, &str) = ("confirm", "on");

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    code: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/data.html")]
struct Data {
    page: Page,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/delete.html")]
struct View {
    page: Page,
    errors: Errors,
    email: String,
    /// What the form asks for.
    missing: Missing,
}

/// `GET /profile/delete`, with `?confirm=on` for the form that deletes the account.
pub async fn show(
    visit: Visit<SignedIn>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    if is_on(query.as_deref(), CONFIRM.0) {
        view(&visit, page, Errors::default()).await
    } else {
        Ok(Data { page }.into_response())
    }
}

/// `POST /profile/delete`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, _, errors| view(&visit, page, errors).await,
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let missing = visit.missing(Demand::Both).await?;
    if missing.emailed_code() {
        visit.prove_first(addresses::PROFILE_DELETE.with(&[CONFIRM])).await?;
    }
    let mut errors = Errors::default();
    let (password, code) = (("password", &*fields.password), ("code", &*fields.code));
    let credentials = FormCredentials::read(missing, password, code, &mut errors);
    let Some(credentials) = credentials else { return Err(errors.into()) };
    let device = visit.device();
    let entered = credentials.entered(device.as_ref(), visit.source());
    let (session, recent) = (visit.session(), visit.recently_shown().await);
    let done = deletion::delete(&visit.app, session, recent, entered).await;
    done.map_err(|error| refused(error, entered))?;
    forget_device(&visit.app, &visit.cookies, session.user_id);
    visit.forget_session().await;
    Ok(visit.go_saying(addresses::SIGN_IN, message::data_deleted()).await)
}

fn refused(error: DeleteError, entered: Entered<'_>) -> Refused {
    match error {
        DeleteError::Entered(EnteredError::WrongPassword) if entered.password.is_none() => {
            Refused::conflict(message::data_delete_outdated())
        }
        DeleteError::Entered(error) => Refused::entered("password", "code", error, entered.code),
        DeleteError::LastAdministrator => {
            Refused::conflict(message::data_delete_last_administrator())
        }
    }
}

async fn view(visit: &Visit<SignedIn>, page: Page, errors: Errors) -> Result<Response> {
    let mut missing = visit.missing(Demand::Both).await?;
    // An error about the code needs its field, even if two-factor authentication was enabled in the meantime.
    missing.second_factor |= errors.on("code").is_some();
    let email = visit.signed_in().claims.email.to_string();
    Ok(View { page, errors, email, missing }.into_response())
}
