//! The page behind the link in the mail that confirms an address.
//!
//! Looking at it changes nothing. The browser that signed up needs a button; any other needs the password, so that a mail
//! scanner that presses buttons does not confirm a stranger's sign-up. Declining needs a box ticked, for the same reason.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::addresses;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::sign_in::password::Password;
use crate::error::Result;
use crate::handlers::sign_in::login;
use crate::handlers::sign_up::register;
use crate::services::sign_in::completion::Browser;
use crate::services::sign_in::login::Step;
use crate::services::sign_up::confirmation::{self, ConfirmSignUpError, ConfirmationProof};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form};
use crate::web::headers::FormLeadsTo;
use crate::web::identity::{Visitor, device};
use crate::web::page::{Page, go_to};
use crate::web::return_to::ReturnTo;

/// The forms: one to confirm, one to decline.
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
    leads_to: Option<GateOrigin>,
}

impl View {
    /// The page, whose form may lead on to a guarded application.
    fn leading_on(self) -> FormLeadsTo<Self> {
        let leads_to = self.leads_to.clone();
        FormLeadsTo(self, leads_to)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up/verify_email_gone.html")]
struct Gone {
    page: Page,
}

/// `GET /auth/verify-email/{token}`
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    state: BrowserState,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response> {
    let who = (&state, &visitor);
    let Some((_, user)) = find(&app, &token).await? else { return Ok(gone(page)) };
    if app.config.registration.shuts_out(&user) {
        return Ok(register::shut_out(&app));
    }
    Ok(view(page, Errors::default(), token, &user, who).await.leading_on().into_response())
}

/// `POST /auth/verify-email/{token}`
#[expect(clippy::too_many_arguments, reason = "all that an axum handler sees comes as arguments")]
pub async fn submit(
    State(app): State<App>,
    client: Client,
    visitor: Visitor,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    Path(text): Path<String>,
    form: Form<Fields>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let who = (&state, &visitor);
    let Some((token, user)) = find(&app, &text).await? else { return Ok(gone(page)) };
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let view = view(page.out_of_date(), errors, text, &user, who).await;
            return Ok((StatusCode::FORBIDDEN, view.leading_on()).into_response());
        }
    };
    let outcome = if fields.decline.is_empty() {
        let password;
        let proof = if state.sign_up().await == Some(user.id) {
            ConfirmationProof::SignedUp(user.id)
        } else {
            match errors.check("password", Password::parse(&fields.password)) {
                Some(typed) => {
                    password = typed;
                    ConfirmationProof::Password(&password)
                }
                None => return Ok(invalid(page, errors, text, &user, who).await),
            }
        };
        let device = device(&app, &cookies);
        let browser = Browser {
            device: device.as_ref(),
            replaces: visitor.session(),
            source: &client.source,
        };
        confirmation::confirm(&app, &token, proof, browser).await.map(Some)
    } else if fields.not_mine == "on" {
        confirmation::decline(&app, &token, &client.source).await.map(|()| None)
    } else {
        errors.add("not_mine", "Tick the box if you did not sign up.");
        return Ok(invalid(page, errors, text, &user, who).await);
    };

    Ok(match outcome {
        Ok(Some(step)) => {
            state.clear_sign_up().await;
            let text = match step {
                Step::SignedIn(_) => "Your address is confirmed and you are signed in. Welcome!",
                Step::SecondFactor(_) | Step::AwaitsApproval => "Your address is confirmed.",
            };
            let return_to = state.take_return_to().await;
            // Whoever goes on to an application sees no page of ours that could say it while it is news.
            if return_to.as_ref().is_none_or(|it| it.application().is_none()) {
                state.set_flash(text).await;
            }
            let return_to = return_to.as_ref().map_or("", ReturnTo::as_str);
            login::go_through(&app, &cookies, &state, step, return_to).await?
        }
        Ok(None) => {
            state.set_flash("The account has been deleted. Thank you for telling us.").await;
            go_to(&app, addresses::SIGN_IN)
        }
        Err(ConfirmSignUpError::InvalidLink) => gone(page),
        Err(ConfirmSignUpError::Closed) => register::shut_out(&app),
        Err(ConfirmSignUpError::WrongPassword) => {
            errors.add("password", "This is not the password of the account.");
            let view = view(page, errors, text, &user, who).await;
            (StatusCode::UNAUTHORIZED, view.leading_on()).into_response()
        }
        Err(ConfirmSignUpError::TooMany(wait)) => {
            let view = view(page, errors, text, &user, who).await;
            let again = |why| View { page: view.page.clone().with_alert(why), ..view }.leading_on();
            too_many_with_form("attempts", wait, again)
        }
        Err(ConfirmSignUpError::Failed(error)) => {
            let view = view(page, errors, text, &user, who).await;
            let again = |why| View { page: view.page.clone().with_alert(why), ..view }.leading_on();
            trouble_with_form(&error, again)
        }
    })
}

async fn find(app: &App, text: &str) -> Result<Option<(OneTimeToken, User)>> {
    let Some(token) = OneTimeToken::parse(text) else { return Ok(None) };
    let user = confirmation::find(app, &token).await?;
    Ok(user.map(|user| (token, user)))
}

async fn view(
    page: Page,
    errors: Errors,
    token: String,
    user: &User,
    (state, visitor): (&BrowserState, &Visitor),
) -> View {
    View {
        page,
        errors,
        token,
        email: user.email.to_string(),
        needs_password: state.sign_up().await != Some(user.id),
        is_owner: visitor.signed_in().is_some_and(|it| it.session.user_id == user.id),
        may_decline: user.is_pending(),
        leads_to: state.return_to().await.and_then(|it| it.application().cloned()),
    }
}

async fn invalid(
    page: Page,
    errors: Errors,
    token: String,
    user: &User,
    who: (&BrowserState, &Visitor),
) -> Response {
    let view = view(page, errors, token, user, who).await;
    (StatusCode::UNPROCESSABLE_ENTITY, view.leading_on()).into_response()
}

fn gone(page: Page) -> Response {
    (StatusCode::GONE, Gone { page }).into_response()
}
