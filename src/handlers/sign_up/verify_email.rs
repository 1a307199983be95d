//! The page behind the link that confirms the email address of a sign-up.
//!
//! Opening it changes nothing. In the browser that signed up, a button is enough. Any other browser requires the password, because a mail
//! scanner that submits forms must not confirm someone else's sign-up. Declining requires a checkbox, for the same reason.

use askama::Template;
use askama_web::WebTemplate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::sign_in::password::Password;
use crate::error;
use crate::i18n::message;
use crate::services::sign_in::login::Step;
use crate::services::sign_up::activation::will_await_approval;
use crate::services::sign_up::by_invitation;
use crate::services::sign_up::confirmation::{self, ConfirmSignUpError, ConfirmationProof};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::headers::FormLeadsTo;
use crate::web::pages::emailed_link::EmailedToken;
use crate::web::pages::page::Page;
use crate::web::visitor::return_to::ReturnTo;
use crate::web::visitor::visit::Visit;

/// The fields of both forms: one confirms the sign-up, the other declines it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    password: String,
    decline: String,
    not_mine: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up/verify_email.html")]
struct View {
    page: Page,
    errors: Errors,
    token: String,
    email: String,
    needs_password: bool,
    is_owner: bool,
    may_decline: bool,
    /// What the button of the form says.
    submit: &'static str,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up/verify_email_gone.html")]
struct Gone {
    page: Page,
}

/// A link that is valid.
struct Link {
    token: OneTimeToken,
    user: User,
}

/// `GET /auth/verify-email/{token}`
pub async fn show(visit: Visit, page: Page, EmailedToken(token): EmailedToken) -> Result<Response> {
    let Some(link) = find(&visit.app, token).await? else { return Ok(gone(page)) };
    if visit.app.config.registration.shuts_out(&link.user) {
        return Err(visit.registration_closed().into());
    }
    if by_invitation::is_lost(&visit.app, &link.user).await? {
        return Err(visit.invitation_lost().into());
    }
    Ok(view(&visit, page, &link, Errors::default()).await)
}

/// `POST /auth/verify-email/{token}`
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
        async |fields| match fields.decline.as_str() {
            "" => confirm(&visit, if_gone, &link, fields).await,
            _ => decline(&visit, if_gone, &link, fields).await,
        },
        async |page, _, errors| Ok(view(&visit, page, &link, errors).await),
    )
    .await
}

async fn confirm(
    visit: &Visit,
    if_gone: Page,
    link: &Link,
    fields: &Fields,
) -> Result<Response, Refused> {
    let password;
    let proof = if visit.state.sign_up().await == Some(link.user.id) {
        ConfirmationProof::SignedUp(link.user.id)
    } else {
        let typed = Password::parse(&fields.password);
        password = typed.map_err(|why| Refused::invalid("password", why))?;
        ConfirmationProof::Password(&password)
    };
    let device = visit.device();
    let browser = visit.browser(device.as_ref());
    let step = confirmation::confirm(&visit.app, &link.token, proof, browser).await;
    let step = step.map_err(|error| refused(visit, if_gone, link, error))?;
    visit.state.clear_sign_up().await;
    let text = match step {
        Step::SignedIn(_) => message::verify_welcome(),
        Step::SecondFactor(_) | Step::EnrolmentRequired | Step::AwaitsApproval => {
            message::verify_confirmed()
        }
    };
    let return_to = visit.state.take_return_to().await;
    // A user who continues to an app would see the message on a later page, where it is out of date.
    if return_to.as_ref().is_none_or(|it| it.application().is_none()) {
        visit.state.set_flash(text).await;
    }
    let return_to = return_to.as_ref().map_or("", ReturnTo::as_str);
    visit.go_through(step, return_to, link.user.email.as_str()).await.map_err(Refused::instead)
}

async fn decline(
    visit: &Visit,
    if_gone: Page,
    link: &Link,
    fields: &Fields,
) -> Result<Response, Refused> {
    if fields.not_mine != "on" {
        return Err(Refused::invalid("not_mine", message::verify_decline_unchecked()));
    }
    let done = confirmation::decline(&visit.app, &link.token, visit.source()).await;
    done.map_err(|error| refused(visit, if_gone, link, error))?;
    Ok(visit.go_saying(addresses::SIGN_IN, message::verify_declined()).await)
}

fn refused(visit: &Visit, if_gone: Page, link: &Link, error: ConfirmSignUpError) -> Refused {
    match error {
        ConfirmSignUpError::InvalidLink => Refused::instead(gone(if_gone)),
        ConfirmSignUpError::Closed => visit.registration_closed().into(),
        ConfirmSignUpError::InvalidInvitation => visit.invitation_lost().into(),
        ConfirmSignUpError::WrongPassword => {
            let is_sign_up = link.user.is_pending();
            let wrong =
                if is_sign_up { message::verify_password_wrong } else { message::password_wrong };
            Refused::wrong("password", wrong())
        }
        ConfirmSignUpError::TooMany(wait) => Refused::too_many(wait),
        ConfirmSignUpError::Failed(error) => error.into(),
    }
}

async fn find(app: &App, token: Option<OneTimeToken>) -> error::Result<Option<Link>> {
    let Some(token) = token else { return Ok(None) };
    let user = confirmation::find(app, &token).await?;
    Ok(user.map(|user| Link { token, user }))
}

/// Renders the page. Its policy allows the form to redirect to the guarded app of the return address.
async fn view(visit: &Visit, page: Page, link: &Link, errors: Errors) -> Response {
    let user = &link.user;
    let submit = if will_await_approval(&visit.app, user) {
        page.t.verify_submit_only()
    } else {
        page.t.verify_submit()
    };
    let view = View {
        page,
        submit,
        errors,
        token: link.token.reveal(),
        email: user.email.to_string(),
        needs_password: visit.state.sign_up().await != Some(user.id),
        is_owner: visit.who.signed_in().is_some_and(|it| it.session.user_id == user.id),
        may_decline: user.is_pending(),
    };
    let leads_to = visit.state.return_to().await.and_then(|it| it.application().cloned());
    FormLeadsTo(view, leads_to).into_response()
}

fn gone(page: Page) -> Response {
    (StatusCode::GONE, Gone { page }).into_response()
}
