//! The second step of a sign-in: the code.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::domain::id::UserId;
use crate::domain::two_factor::code::Code;
use crate::error::Result;
use crate::handlers::sign_in::login::go_on;
use crate::services::sign_in::challenge::{self, ChallengeError};
use crate::services::sign_in::completion::Browser;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::web::browser_state::{BrowserState, PendingSignIn};
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form, wrong_code};
use crate::web::headers::FormLeadsTo;
use crate::web::identity::{Visitor, device, sign_in_browser};
use crate::web::page::{Page, go_to};
use crate::web::return_to::ReturnTo;

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    code: String,
    /// `on` in the form for recovery codes.
    recovery: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/two_factor.html")]
struct View {
    page: Page,
    errors: Errors,
}

impl View {
    /// The page, whose form may lead on to a guarded application.
    fn leading_on(self, app: &App, pending: &PendingSignIn) -> FormLeadsTo<Self> {
        let return_to = ReturnTo::parse(&app.config, &pending.return_to);
        FormLeadsTo(self, return_to.and_then(|it| it.application().cloned()))
    }
}

/// `GET /auth/two-factor`
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    state: BrowserState,
    page: Page,
) -> Result<Response> {
    let pending = state.sign_in().await?;
    Ok(match pending {
        Some(pending) if pending.challenge.is_open(app.clock.now()) => {
            let view = View { page, errors: Errors::default() };
            view.leading_on(&app, &pending).into_response()
        }
        _ if visitor.signed_in().is_some() => go_to(&app, addresses::DASHBOARD),
        Some(_) => begin_again(&app, &state).await,
        None => go_to(&app, addresses::SIGN_IN),
    })
}

/// `POST /auth/two-factor`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    visitor: Visitor,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = View { page: page.out_of_date(), errors };
            return Ok(match state.sign_in().await? {
                Some(pending) => {
                    (StatusCode::FORBIDDEN, view.leading_on(&app, &pending)).into_response()
                }
                None => (StatusCode::FORBIDDEN, view).into_response(),
            });
        }
    };
    let Some(pending) = state.sign_in().await? else { return Ok(go_to(&app, addresses::SIGN_IN)) };
    let draw = |page, errors| View { page, errors }.leading_on(&app, &pending);
    let field = if fields.recovery == "on" { "recovery_code" } else { "code" };
    let Some(code) = errors.check(field, Code::parse(&fields.code)) else {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(page, errors)).into_response());
    };
    let device = device(&app, &cookies);
    let browser =
        Browser { device: device.as_ref(), replaces: visitor.session(), source: &client.source };
    Ok(match challenge::finish(&app, &pending.challenge, &code, browser).await {
        Ok(signed_in) => {
            sign_in_browser(&app, &cookies, &signed_in);
            state.clear_sign_in().await;
            if matches!(code, Code::Recovery(_)) {
                tell_what_is_left(&app, &state, signed_in.user).await;
            }
            go_on(&app, ReturnTo::parse(&app.config, &pending.return_to))
        }
        Err(ChallengeError::Over) => begin_again(&app, &state).await,
        Err(ChallengeError::Code(CodeError::Wrong)) => {
            errors.add(field, wrong_code(&code));
            (StatusCode::UNAUTHORIZED, draw(page, errors)).into_response()
        }
        Err(ChallengeError::Code(CodeError::TooMany(wait))) => {
            // Whoever knows the password may be using up the codes of the app; recovery codes are counted apart.
            let is_of_app = matches!(code, Code::Totp(_));
            let way = if is_of_app { " A recovery code can be used meanwhile." } else { "" };
            too_many_with_form("codes tried", wait, |why| {
                draw(page.with_alert(format!("{why}{way}")), errors)
            })
        }
        Err(ChallengeError::Code(CodeError::Failed(error))) => {
            trouble_with_form(&error, |why| draw(page.with_alert(why), errors))
        }
    })
}

/// After a recovery code: how many are left. Failing to find out is no reason to fail the sign-in.
async fn tell_what_is_left(app: &App, state: &BrowserState, user: UserId) {
    if let Ok(Some(status)) = second_factor::status(app, user).await {
        let left = status.recovery_codes;
        let text = format!("You used a recovery code. Codes that are left: {left}.");
        state.set_flash(&text).await;
    }
}

async fn begin_again(app: &App, state: &BrowserState) -> Response {
    state.clear_sign_in().await;
    state
        .set_flash(
            "That took too long, or your account was changed meanwhile. Please sign in again.",
        )
        .await;
    go_to(app, addresses::SIGN_IN)
}
