//! Deleting the account, and taking its data away first.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::domain::two_factor::code::Code;
use crate::error::Result;
use crate::services::account::deletion::{self, DeleteError};
use crate::services::two_factor::second_factor;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::{Cookies, Name};
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form, wrong_code};
use crate::web::identity::{SignedIn, device, forget_device};
use crate::web::page::{Page, go_to};

/// The form.
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
    needs_code: bool,
}

/// `GET /profile/delete`
pub async fn show(State(app): State<App>, signed_in: SignedIn, page: Page) -> Result<Response> {
    let needs_code = second_factor::is_on(&app, signed_in.session.user_id).await?;
    Ok(view(&signed_in, page, Errors::default(), needs_code).into_response())
}

/// `POST /profile/delete`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    signed_in: SignedIn,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let user = signed_in.session.user_id;
    let needs_code = second_factor::is_on(&app, user).await?;
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = view(&signed_in, page.out_of_date(), errors, needs_code);
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    let password = errors.check("password", Password::parse(&fields.password));
    let code = if needs_code { errors.check("code", Code::parse(&fields.code)) } else { None };
    let (Some(password), true) = (password, errors.is_empty()) else {
        let view = view(&signed_in, page, errors, needs_code);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    };
    let (device, session) = (device(&app, &cookies), &signed_in.session);
    let (device, source) = (device.as_ref(), &client.source);
    Ok(match deletion::delete(&app, session, &password, code.as_ref(), device, source).await {
        Ok(()) => {
            cookies.clear(Name::Refresh);
            forget_device(&app, &cookies, user);
            state.forget().await;
            state.set_flash("Your account has been deleted.").await;
            go_to(&app, addresses::SIGN_IN)
        }
        Err(DeleteError::WrongPassword) => {
            errors.add("password", "This is not your password.");
            let view = view(&signed_in, page, errors, needs_code);
            (StatusCode::UNAUTHORIZED, view).into_response()
        }
        Err(DeleteError::WrongCode) => {
            errors.add("code", code.as_ref().map_or("Enter the code.", wrong_code));
            let view = view(&signed_in, page, errors, true);
            (StatusCode::UNAUTHORIZED, view).into_response()
        }
        Err(DeleteError::LastAdministrator) => {
            let why = "You are the last administrator of this site: give the role “admin” to somebody else first.";
            let view = view(&signed_in, page.with_alert(why), errors, needs_code);
            (StatusCode::CONFLICT, view).into_response()
        }
        Err(DeleteError::TooMany(wait)) => {
            let again = |why| view(&signed_in, page.with_alert(why), errors, needs_code);
            too_many_with_form("attempts", wait, again)
        }
        Err(DeleteError::Failed(error)) => trouble_with_form(&error, |why| {
            view(&signed_in, page.with_alert(why), errors, needs_code)
        }),
    })
}

fn view(signed_in: &SignedIn, page: Page, errors: Errors, needs_code: bool) -> View {
    View { page, errors, email: signed_in.claims.email.to_string(), needs_code }
}
