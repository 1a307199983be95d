//! The page behind a reset link. Opening it changes nothing, and after a refused form the link stays valid.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::two_factor::code::Code;
use crate::error;
use crate::i18n::message;
use crate::services::account::password_reset::{self, Reset, ResetError, ResetLink};
use crate::services::sign_up::by_invitation;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::emailed_link::EmailedToken;
use crate::web::pages::page::Page;
use crate::web::visitor::return_to::Carried;
use crate::web::visitor::visit::Visit;
use crate::wording::passwords::with_strength;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    confirm_password: String,
    code: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/reset_password.html")]
struct View {
    page: Page,
    title: &'static str,
    errors: Errors,
    token: String,
    email: String,
    needs_code: bool,
    /// Whether the account has had no password yet.
    is_first: bool,
    min_length: usize,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/reset_password_gone.html")]
struct Gone {
    page: Page,
}

/// A link that is valid.
struct Link {
    token: OneTimeToken,
    user: User,
    needs_code: bool,
    is_first: bool,
}

/// `GET /auth/reset-password/{token}`
pub async fn show(visit: Visit, page: Page, EmailedToken(token): EmailedToken) -> Result<Response> {
    let Some(link) = find(&visit.app, token).await? else { return Ok(gone(page)) };
    if visit.app.config.registration.shuts_out(&link.user) {
        return Err(visit.registration_closed().into());
    }
    if by_invitation::is_lost(&visit.app, &link.user).await? {
        return Err(visit.invitation_lost().into());
    }
    Ok(view(&visit.app, page, &link, Errors::default()))
}

/// `POST /auth/reset-password/{token}`
pub async fn submit(
    visit: Visit,
    page: Page,
    EmailedToken(token): EmailedToken,
    form: Form<Fields>,
) -> Result<Response> {
    let Some(link) = find(&visit.app, token).await? else { return Ok(gone(page)) };
    let if_gone = page.clone();
    form.answer(
        page,
        async |fields| act(&visit, if_gone, &link, fields).await,
        async |page, _, errors| Ok(view(&visit.app, page, &link, errors)),
    )
    .await
}

async fn act(
    visit: &Visit,
    if_gone: Page,
    link: &Link,
    fields: &Fields,
) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let code = link.needs_code.then(|| Code::parse(&fields.code)).transpose();
    let is_repeated = fields.password == fields.confirm_password;
    let (Ok(code), true) = (&code, is_repeated) else {
        let judged = password_reset::judge_password(&visit.app, &link.user, &fields.password);
        errors.check_new_password(judged.await?, &fields.password, &fields.confirm_password);
        errors.check("code", code);
        return Err(errors.into());
    };
    let device = visit.device();
    let reset = Reset {
        token: &link.token,
        password: &fields.password,
        code: code.as_ref(),
        device: device.as_ref(),
        source: visit.source(),
    };
    let owner = password_reset::finish(&visit.app, &reset).await.map_err(|error| match error {
        ResetError::InvalidLink => Refused::instead(gone(if_gone)),
        ResetError::Closed => visit.registration_closed().into(),
        ResetError::InvalidInvitation => visit.invitation_lost().into(),
        ResetError::Password(why) => Refused::invalid("password", why),
        ResetError::NeedsCode | ResetError::WrongCode => Refused::wrong_code("code", code.as_ref()),
        ResetError::TooMany(wait) => Refused::too_many(wait),
        ResetError::Failed(error) => error.into(),
    })?;
    // The owner will sign in from this browser, which then counts as known.
    visit.remember_device(owner.user, owner.credential_version);
    let text =
        if link.is_first { message::first_password_done() } else { message::reset_password_done() };
    visit.state.set_flash(with_strength(text, owner.strength)).await;
    let return_to = Carried::from(visit.state.take_return_to().await);
    Ok(visit.go_to(return_to.along(addresses::SIGN_IN)))
}

async fn find(app: &App, token: Option<OneTimeToken>) -> error::Result<Option<Link>> {
    let Some(token) = token else { return Ok(None) };
    let found = password_reset::find(app, &token).await?;
    Ok(found.map(|ResetLink { user, needs_code, is_first }| Link {
        token,
        user,
        needs_code,
        is_first,
    }))
}

fn view(app: &App, page: Page, link: &Link, errors: Errors) -> Response {
    let title =
        if link.is_first { page.t.first_password_title() } else { page.t.reset_password_title() };
    // Two-factor authentication may have been enabled in the meantime.
    let needs_code = link.needs_code || errors.on("code").is_some();
    let view = View {
        page,
        title,
        errors,
        token: link.token.reveal(),
        email: link.user.email.to_string(),
        needs_code,
        is_first: link.is_first,
        min_length: app.config.passwords.min_length,
    };
    view.into_response()
}

fn gone(page: Page) -> Response {
    (StatusCode::GONE, Gone { page }).into_response()
}
