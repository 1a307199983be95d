//! Signing in with email address or handle, and password.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::domain::sign_in::sign_in_name::SignInName;
use crate::i18n::message::{self, Message};
use crate::services::sign_in::login::{self, SignInAttempt};
use crate::services::sign_in::password_check::PasswordError;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::headers::FormLeadsTo;
use crate::web::pages::page::Page;
use crate::web::visitor::return_to::Carried;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
    password: String,
    remember: String,
    return_to: Carried,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/login.html")]
struct View<'a> {
    page: Page,
    note: Option<Message>,
    fields: &'a Fields,
    errors: Errors,
}

/// `GET /auth/login`
pub async fn show(visit: Visit, page: Page, RawQuery(query): RawQuery) -> Result<Response> {
    let return_to = visit.return_to_of(addresses::SIGN_IN, query.as_deref()).await?;
    let query = query.unwrap_or_default();
    let is_unsaved =
        url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "unsaved");
    if visit.who.signed_in().is_some() {
        return Ok(visit.go_on(return_to.as_ref()));
    }
    let page = match visit.who.why_ended() {
        Some(why) if page.flash.is_none() => page.with_alert(why),
        _ => page,
    };
    let note = match &return_to {
        _ if page.flash.is_some() || page.alert.is_some() => None,
        Some(_) if is_unsaved => Some(message::sign_in_unsaved()),
        Some(return_to) => Some(match return_to.application() {
            Some(application) => message::sign_in_continue(application.to_string()),
            None => message::sign_in_to_see(),
        }),
        None => None,
    };
    let fields = &Fields { return_to: return_to.into(), ..Fields::default() };
    Ok(view(&visit.app, page, note, fields, Errors::default()))
}

/// `POST /auth/login`
pub async fn submit(visit: Visit, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| Ok(view(&visit.app, page, None, fields, errors)),
    )
    .await
}

async fn act(visit: &Visit, fields: &Fields) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let name = errors.check("email", SignInName::parse(&fields.email));
    let password = errors.check("password", Password::parse(&fields.password));
    let (Some(name), Some(password)) = (name, password) else { return Err(errors.into()) };
    let device = visit.device();
    let attempt = SignInAttempt {
        name: &name,
        password: &password,
        remember: fields.remember == "on",
        browser: visit.browser(device.as_ref()),
        has_pages: true,
    };
    let step = login::sign_in(&visit.app, &attempt).await.map_err(refused)?;
    Ok(visit.go_through(step, fields.return_to.as_str(), fields.email.trim()).await?)
}

fn refused(error: PasswordError) -> Refused {
    match error {
        PasswordError::Wrong => Refused::unauthorized(message::sign_in_wrong()),
        PasswordError::TooMany(wait) => Refused::too_many_of(message::too_many_sign_ins, wait),
        PasswordError::Failed(error) => error.into(),
    }
}

/// Renders the page. Its policy allows the form to redirect to the guarded app of the return address.
fn view(app: &App, page: Page, note: Option<Message>, fields: &Fields, errors: Errors) -> Response {
    let return_to = fields.return_to.parse(&app.config);
    let leads_to = return_to.and_then(|it| it.application().cloned());
    FormLeadsTo(View { page, note, fields, errors }, leads_to).into_response()
}
