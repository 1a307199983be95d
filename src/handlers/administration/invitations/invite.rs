//! Creating an invitation.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::config::Registration;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::{DAYS, DEFAULT_DAYS, lasting};
use crate::domain::account::role::Role;
use crate::domain::addresses::{self, Address};
use crate::i18n::language::Language;
use crate::i18n::message;
use crate::services::administration::inviting::{self, NewInvitation};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

const PATH: Address = addresses::USERS_INVITE;

/// The fields of the form.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
    roles: String,
    days: String,
    by_mail: String,
    /// A code. Empty in forms of an earlier version.
    language: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invite.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    errors: Errors,
    lifetimes: [u32; 4],
    chosen_days: String,
    languages: &'static [&'static Language],
    /// The code of the chosen one.
    language: String,
    is_open: bool,
}

/// `GET /admin/users/invite`
pub async fn show(visit: Visit<Administrator>, page: Page) -> Result<Response> {
    visit.prove_first(PATH).await?;
    let fields: Fields = visit.take_draft(PATH).await.unwrap_or_default();
    Ok(view(&visit.app, page, &fields, Errors::default()))
}

/// `POST /admin/users/invite`
pub async fn submit(
    visit: Visit<Administrator>,
    page: Page,
    form: Form<Fields>,
) -> Result<Response> {
    let own = page.t.language;
    form.answer(
        page,
        async |fields| act(&visit, own, fields).await,
        async |page, fields, errors| Ok(view(&visit.app, page, fields, errors)),
    )
    .await
}

/// `own`: the administrator's language.
async fn act(
    visit: &Visit<Administrator>,
    own: &'static Language,
    fields: &Fields,
) -> Result<Response, Refused> {
    let proven = visit.prove_first_keeping(PATH, fields).await?;
    let mut errors = Errors::default();
    let by_mail = fields.by_mail == "on";
    let email = if fields.email.trim().is_empty() {
        if by_mail {
            errors.add("email", message::invite_email_missing());
        }
        None
    } else {
        errors.check("email", EmailAddress::parse(&fields.email))
    };
    let roles = errors.check("roles", Role::parse_list(&fields.roles));
    let lasts = errors.check("days", lasting(&fields.days).ok_or(message::invite_days_missing()));
    let language = match fields.language.as_str() {
        "" => Ok(own),
        code => visit.app.languages.find(code).ok_or(message::invite_language_missing()),
    };
    let language = errors.check("language", language);
    let (Some(roles), Some(lasts), Some(language), true) =
        (roles, lasts, language, errors.is_empty())
    else {
        return Err(errors.into());
    };
    let (email, language) = (email.as_ref(), language.code.as_str());
    let new = NewInvitation { email, by_mail, roles: &roles, lasts, language };
    let id = inviting::invite(&visit.app, visit.actor(proven), &new).await?;
    let text =
        if by_mail { message::invitation_emailed() } else { message::invitation_not_emailed() };
    Ok(visit.go_saying(addresses::INVITATION_DETAILS.of(id), text).await)
}

fn view(app: &App, page: Page, fields: &Fields, errors: Errors) -> Response {
    let is_open = app.config.registration != Registration::Closed;
    let languages = app.languages.all();
    let language = match fields.language.as_str() {
        "" => page.t.language.code.clone(),
        code => code.to_owned(),
    };
    let chosen_days = match fields.days.as_str() {
        "" => DEFAULT_DAYS.to_string(),
        days => days.to_owned(),
    };
    let lifetimes = DAYS;
    View { page, fields, errors, lifetimes, chosen_days, languages, language, is_open }
        .into_response()
}
