//! The page behind the link that the server prints as long as there is no administrator.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::account::email::EmailAddress;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::i18n::language::Language;
use crate::i18n::message;
use crate::installation::authflow;
use crate::services::sign_up::first_administrator::{
    self, FirstAdministratorError, LinkState, NewAdministrator,
};
use crate::services::sign_up::registration;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::problem::Problem;
use crate::web::pages::emailed_link::EmailedToken;
use crate::web::pages::page::Page;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    username: String,
    email: String,
    password: String,
    confirm_password: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up/first_administrator.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    errors: Errors,
    min_length: usize,
    token: String,
}

/// `GET /auth/first-administrator/{token}`. Changes nothing.
pub async fn show(visit: Visit, page: Page, EmailedToken(token): EmailedToken) -> Result<Response> {
    let token = open(&visit, token).await?;
    if let Some(signed_in) = visit.who.signed_in() {
        let email = &signed_in.claims.email;
        let text = message::first_administrator_signed_in(promotion(email), email.as_str());
        return Err(visit.already_signed_in(text).into());
    }
    Ok(view(&visit, page, &token, &Fields::default(), Errors::default()))
}

/// `POST /auth/first-administrator/{token}`
pub async fn submit(
    visit: Visit,
    page: Page,
    EmailedToken(token): EmailedToken,
    form: Form<Fields>,
) -> Result<Response> {
    let token = open(&visit, token).await?;
    let language = page.t.language;
    form.answer(
        page,
        async |fields| act(&visit, language, &token, fields).await,
        async |page, fields, errors| Ok(view(&visit, page, &token, fields, errors)),
    )
    .await
}

/// The token of a link that works.
async fn open(visit: &Visit, token: Option<OneTimeToken>) -> Result<OneTimeToken> {
    let Some(token) = token else { return Err(dead(visit).into()) };
    match first_administrator::state(&visit.app, &token).await? {
        LinkState::Open => Ok(token),
        LinkState::Superseded => {
            let text = message::first_administrator_exists();
            Err(visit.refuse_sign_up(StatusCode::GONE, text).into())
        }
        LinkState::Dead => Err(dead(visit).into()),
    }
}

fn dead(visit: &Visit) -> Problem {
    visit.refuse_sign_up(StatusCode::GONE, message::first_administrator_link_gone())
}

async fn act(
    visit: &Visit,
    language: &Language,
    token: &OneTimeToken,
    fields: &Fields,
) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let username = errors.check("username", Username::parse(&fields.username));
    let email = errors.check("email", EmailAddress::parse(&fields.email));
    let is_repeated = fields.password == fields.confirm_password;
    let source = visit.source();
    let (Some(username), Some(email), true) = (&username, &email, is_repeated) else {
        let (password, name, address) = (&fields.password, username.as_ref(), email.as_ref());
        let judged =
            registration::judge_password(&visit.app, password, name, address, source).await?;
        errors.check_new_password(judged, password, &fields.confirm_password);
        return Err(errors.into());
    };
    let replaces = visit.who.session();
    let (password, language) = (&*fields.password, Some(&*language.code));
    let new = NewAdministrator { username, email, password, language, replaces, source };
    let created = first_administrator::create(&visit.app, token, &new).await;
    let signed_in = created.map_err(|error| refused(visit, email, error))?;
    visit.sign_in(signed_in).await;
    Ok(visit.go_saying(addresses::DASHBOARD, message::first_administrator_welcome()).await)
}

/// The command that makes an account an administrator.
fn promotion(email: &EmailAddress) -> String {
    format!("{} user roles {email} --add admin", authflow())
}

fn refused(visit: &Visit, email: &EmailAddress, error: FirstAdministratorError) -> Refused {
    match error {
        FirstAdministratorError::InvalidLink => dead(visit).into(),
        FirstAdministratorError::Taken => {
            Refused::invalid("email", message::first_administrator_taken(promotion(email)))
        }
        FirstAdministratorError::Reserved => {
            Refused::invalid("email", message::sign_up_email_reserved())
        }
        FirstAdministratorError::Password(why) => Refused::invalid("password", why),
        FirstAdministratorError::TooMany(wait) => {
            Refused::too_many_of(message::too_many_sign_ups, wait)
        }
        FirstAdministratorError::Failed(error) => error.into(),
    }
}

fn view(
    visit: &Visit,
    page: Page,
    token: &OneTimeToken,
    fields: &Fields,
    errors: Errors,
) -> Response {
    let (min_length, token) = (visit.app.config.passwords.min_length, token.reveal());
    View { page, fields, errors, min_length, token }.into_response()
}
