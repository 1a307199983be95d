//! Deleting the user's own account. The page also offers a download of its data.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::domain::two_factor::code::Code;
use crate::error;
use crate::services::account::deletion::{self, DeleteError};
use crate::services::sign_in::password_check;
use crate::services::two_factor::second_factor;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::credentials::forget_device;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    code: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/delete.html")]
struct View {
    page: Page,
    errors: Errors,
    email: String,
    needs: Needs,
}

/// What the form asks for, besides a recent proof.
#[derive(Clone, Copy)]
struct Needs {
    password: bool,
    code: bool,
}

/// `GET /profile/delete`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Result<Response> {
    let needs = needs(&visit).await?;
    Ok(view(&visit, page, Errors::default(), needs))
}

/// `POST /profile/delete`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    let needs = needs(&visit).await?;
    form.answer(
        page,
        async |fields| act(&visit, fields, needs).await,
        async |page, _, errors| {
            // If the second factor was enabled in the meantime, the error about the code needs its field.
            let code = needs.code || errors.on("code").is_some();
            Ok(view(&visit, page, errors, Needs { code, ..needs }))
        },
    )
    .await
}

async fn needs(visit: &Visit<SignedIn>) -> error::Result<Needs> {
    let user = visit.session().user_id;
    let password = password_check::has_password(&visit.app, user).await?;
    Ok(Needs { password, code: second_factor::is_on(&visit.app, user).await? })
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields, needs: Needs) -> Result<Response, Refused> {
    if !needs.password {
        visit.prove_first(addresses::PROFILE_DELETE).await?;
    }
    let mut errors = Errors::default();
    let password = needs.password.then(|| Password::parse(&fields.password)).transpose();
    let password = errors.check("password", password);
    let code = if needs.code { errors.check("code", Code::parse(&fields.code)) } else { None };
    let (Some(password), true) = (password, errors.is_empty()) else { return Err(errors.into()) };
    let (device, session, source) = (visit.device(), visit.session(), visit.source());
    let (password, code, device) = (password.as_ref(), code.as_ref(), device.as_ref());
    let done = deletion::delete(&visit.app, session, password, code, device, source).await;
    done.map_err(|error| refused(error, password, code))?;
    forget_device(&visit.app, &visit.cookies, session.user_id);
    visit.forget_session().await;
    Ok(visit.go_saying(addresses::SIGN_IN, "Your account has been deleted.").await)
}

fn refused(error: DeleteError, password: Option<&Password>, code: Option<&Code>) -> Refused {
    match error {
        DeleteError::WrongPassword if password.is_none() => Refused::conflict(
            "Nothing was deleted, because your account has just changed. Open this page again.",
        ),
        DeleteError::WrongPassword => Refused::wrong("password", "This is not your password."),
        DeleteError::WrongCode => Refused::wrong_code("code", code),
        DeleteError::LastAdministrator => Refused::conflict(
            "You are the last administrator of this site: give the role “admin” to somebody else first.",
        ),
        DeleteError::TooMany(wait) => Refused::too_many("attempts", wait),
        DeleteError::Failed(error) => error.into(),
    }
}

fn view(visit: &Visit<SignedIn>, page: Page, errors: Errors, needs: Needs) -> Response {
    let email = visit.signed_in().claims.email.to_string();
    View { page, errors, email, needs }.into_response()
}
