//! The second step of a sign-in: a code from the authenticator app, or a recovery code. A session that started without it can add it here.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses;
use crate::domain::id::UserId;
use crate::domain::sign_in::session::Session;
use crate::domain::two_factor::code::Code;
use crate::i18n::message;
use crate::services::sign_in::challenge::{self, ChallengeError};
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::headers::FormLeadsTo;
use crate::web::pages::page::Page;
use crate::web::visitor::browser_state::PendingSignIn;
use crate::web::visitor::visit::Visit;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    code: String,
    /// `on` in the form for recovery codes.
    recovery: String,
}

impl Fields {
    /// The id of the field that shows errors about the code.
    fn field(&self) -> &'static str {
        if self.recovery == "on" { "recovery_code" } else { "code" }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/two_factor.html")]
struct View {
    page: Page,
    errors: Errors,
    /// The address of the signed-in user whose session started without a code. `None` during a sign-in.
    completes: Option<String>,
    /// The address or handle that was entered; empty if there is no sign-in, or one of an earlier version.
    name: String,
}

/// `GET /auth/two-factor`
pub async fn show(visit: Visit, page: Page) -> Result<Response> {
    let pending = visit.state.sign_in().await?;
    let is_open = pending.as_ref().is_some_and(|it| it.challenge.is_open(visit.app.clock.now()));
    if is_open {
        return Ok(view(&visit, page, pending.as_ref(), Errors::default()).await);
    }
    if let Some(signed_in) = visit.who.signed_in() {
        let session = &signed_in.session;
        let may_complete = !session.has_second_factor()
            && second_factor::is_on(&visit.app, session.user_id).await?;
        return Ok(if may_complete {
            view(&visit, page, None, Errors::default()).await
        } else {
            visit.go_to(addresses::DASHBOARD)
        });
    }
    Ok(match pending {
        Some(_) => start_over(&visit).await,
        None => visit.go_to(addresses::SIGN_IN),
    })
}

/// `POST /auth/two-factor`
pub async fn submit(visit: Visit, page: Page, form: Form<Fields>) -> Result<Response> {
    let pending = visit.state.sign_in().await?;
    // A sign-in that has expired does not keep a session from its second factor.
    let is_signed_in = visit.who.signed_in().is_some();
    let pending =
        pending.as_ref().filter(|it| !is_signed_in || it.challenge.is_open(visit.app.clock.now()));
    form.answer(
        page,
        async |fields| act(&visit, pending, fields).await,
        async |page, _, errors| Ok(view(&visit, page, pending, errors).await),
    )
    .await
}

async fn act(
    visit: &Visit,
    pending: Option<&PendingSignIn>,
    fields: &Fields,
) -> Result<Response, Refused> {
    let Some(pending) = pending else {
        return match visit.who.signed_in() {
            Some(signed_in) => complete(visit, &signed_in.session, fields).await,
            None => Err(Refused::instead(visit.go_to(addresses::SIGN_IN))),
        };
    };
    let code = Code::parse(&fields.code);
    let code = code.map_err(|why| Refused::invalid(fields.field(), why))?;
    let device = visit.device();
    let browser = visit.browser(device.as_ref());
    let signed_in = match challenge::finish(&visit.app, &pending.challenge, &code, browser).await {
        Ok(signed_in) => signed_in,
        Err(ChallengeError::Over) => return Err(Refused::instead(start_over(visit).await)),
        Err(ChallengeError::Code(error)) => return Err(refused(error, &code, fields.field())),
    };
    let user = signed_in.user;
    visit.sign_in(signed_in).await;
    if matches!(code, Code::Recovery(_)) {
        set_flash_about_codes(visit, user).await;
    }
    Ok(visit.go_on(visit.return_to(&pending.return_to).as_ref()))
}

/// Adds the second factor to the session of this browser.
async fn complete(visit: &Visit, session: &Session, fields: &Fields) -> Result<Response, Refused> {
    if session.has_second_factor() {
        return Err(Refused::instead(visit.go_to(addresses::DASHBOARD)));
    }
    let code = Code::parse(&fields.code);
    let code = code.map_err(|why| Refused::invalid(fields.field(), why))?;
    let (device, source) = (visit.device(), visit.source());
    let completed = challenge::complete(&visit.app, session, &code, device.as_ref(), source).await;
    let proof = match completed {
        Ok(proof) => proof,
        Err(ChallengeError::Over) => return Err(Refused::instead(start_over(visit).await)),
        Err(ChallengeError::Code(error)) => return Err(refused(error, &code, fields.field())),
    };
    visit.take_proof_in(session, proof).await;
    if matches!(code, Code::Recovery(_)) {
        set_flash_about_codes(visit, session.user_id).await;
    }
    Ok(visit.go_on(visit.state.take_return_to().await.as_ref()))
}

fn refused(error: CodeError, code: &Code, field: &'static str) -> Refused {
    match error {
        CodeError::Wrong => Refused::wrong_code(field, Some(code)),
        CodeError::TooMany(wait) => {
            // An attacker who knows the password may have used up the attempts with app codes. Recovery codes have their own limit.
            let refused = Refused::too_many_of(message::too_many_codes, wait);
            match code {
                Code::Totp(_) => refused.adding(message::two_factor_use_recovery_code()),
                Code::Recovery(_) => refused,
            }
        }
        CodeError::Failed(error) => error.into(),
    }
}

/// Renders the page. Its policy allows the form to redirect to the guarded app of the return address.
async fn view(
    visit: &Visit,
    page: Page,
    pending: Option<&PendingSignIn>,
    errors: Errors,
) -> Response {
    let return_to = match pending {
        Some(pending) => visit.return_to(&pending.return_to),
        None => visit.state.return_to().await,
    };
    let leads_to = return_to.and_then(|it| it.application().cloned());
    let completes = pending.is_none().then(|| visit.who.signed_in()).flatten();
    let completes = completes.map(|it| it.claims.email.to_string());
    let name = pending.map(|it| it.name.clone()).unwrap_or_default();
    FormLeadsTo(View { page, errors, completes, name }, leads_to).into_response()
}

/// Sets a message with the number of remaining recovery codes. An error is ignored, because the sign-in has succeeded.
async fn set_flash_about_codes(visit: &Visit, user: UserId) {
    if let Ok(Some(status)) = second_factor::status(&visit.app, user).await {
        let left = status.recovery_codes;
        visit.state.set_flash(message::recovery_code_used(left)).await;
    }
}

async fn start_over(visit: &Visit) -> Response {
    visit.state.clear_sign_in().await;
    visit.go_saying(addresses::SIGN_IN, message::sign_in_started_over()).await
}
