//! Signing in.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::addresses;
use crate::domain::sign_in::password::Password;
use crate::error::Result;
use crate::services::sign_in::completion::Browser;
use crate::services::sign_in::login::{self, SignInAttempt, Step};
use crate::services::sign_in::password_check::PasswordError;
use crate::web::browser_state::{BrowserState, PendingSignIn};
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{too_many_with_form, trouble_with_form};
use crate::web::form::{Errors, Form};
use crate::web::headers::FormLeadsTo;
use crate::web::identity::{Visitor, device, sign_in_browser};
use crate::web::page::{Page, go_to};
use crate::web::return_to::{Carried, ReturnTo};

/// The form.
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
struct View {
    page: Page,
    note: Option<String>,
    fields: Fields,
    errors: Errors,
}

impl View {
    /// The page, whose form may lead on to a guarded application.
    fn leading_on(self, app: &App) -> FormLeadsTo<Self> {
        let return_to = self.fields.return_to.parse(&app.config);
        FormLeadsTo(self, return_to.and_then(|it| it.application().cloned()))
    }
}

/// `GET /auth/login`
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    page: Page,
    RawQuery(query): RawQuery,
) -> Response {
    let return_to = ReturnTo::from_query(&app.config, query.as_deref());
    let query = query.unwrap_or_default();
    let is_unsaved =
        url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "unsaved");
    if visitor.signed_in().is_some() {
        return go_on(&app, return_to);
    }
    let page = match visitor.why_ended() {
        Some(why) if page.flash.is_none() => page.with_alert(why),
        _ => page,
    };
    let note = match &return_to {
        _ if page.flash.is_some() || page.alert.is_some() => None,
        Some(_) if is_unsaved => Some(
            "You were signed out, so what you sent was not saved. Sign in and send it again."
                .to_owned(),
        ),
        Some(return_to) => Some(match return_to.application() {
            Some(application) => format!("Please sign in to go on to {application}."),
            None => "Please sign in to see this page.".to_owned(),
        }),
        None => None,
    };
    let fields = Fields { return_to: return_to.into(), ..Fields::default() };
    View { page, note, fields, errors: Errors::default() }.leading_on(&app).into_response()
}

/// `POST /auth/login`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    visitor: Visitor,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Response {
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            let view = View { page: page.out_of_date(), note: None, fields, errors };
            return (StatusCode::FORBIDDEN, view.leading_on(&app)).into_response();
        }
    };
    let email = errors.check("email", EmailAddress::parse(&fields.email));
    let password = errors.check("password", Password::parse(&fields.password));
    let (Some(email), Some(password)) = (email, password) else {
        let view = View { page, note: None, fields, errors };
        return (StatusCode::UNPROCESSABLE_ENTITY, view.leading_on(&app)).into_response();
    };

    let device = device(&app, &cookies);
    let attempt = SignInAttempt {
        email: &email,
        password: &password,
        remember: fields.remember == "on",
        browser: Browser {
            device: device.as_ref(),
            replaces: visitor.session(),
            source: &client.source,
        },
    };
    let step = match login::sign_in(&app, &attempt).await {
        Ok(step) => go_through(&app, &cookies, &state, step, fields.return_to.as_str())
            .await
            .map_err(PasswordError::Failed),
        Err(error) => Err(error),
    };
    match step {
        Ok(response) => response,
        Err(PasswordError::Wrong) => {
            let page = page.with_alert(
                "This email address and password do not match. If you have not confirmed your address yet, look in your mail: with the \
                 right password we send you a new link, unless you have had several already.",
            );
            let view = View { page, note: None, fields, errors };
            (StatusCode::UNAUTHORIZED, view.leading_on(&app)).into_response()
        }
        Err(PasswordError::TooMany(wait)) => {
            too_many_with_form("attempts to sign in", wait, |text| {
                View { page: page.with_alert(text), note: None, fields, errors }.leading_on(&app)
            })
        }
        Err(PasswordError::Failed(error)) => trouble_with_form(&error, |text| {
            View { page: page.with_alert(text), note: None, fields, errors }.leading_on(&app)
        }),
    }
}

/// After the right password: on into the site, to the second factor, or to why that is not yet possible.
pub async fn go_through(
    app: &App,
    cookies: &Cookies,
    state: &BrowserState,
    step: Step,
    return_to: &str,
) -> Result<Response> {
    Ok(match step {
        Step::SignedIn(signed_in) => {
            sign_in_browser(app, cookies, &signed_in);
            go_on(app, ReturnTo::parse(&app.config, return_to))
        }
        Step::SecondFactor(challenge) => {
            let sign_in = PendingSignIn { challenge, return_to: return_to.to_owned() };
            state.set_sign_in(sign_in).await?;
            go_to(app, addresses::TWO_FACTOR)
        }
        Step::AwaitsApproval => go_to(app, addresses::AWAITING_APPROVAL),
    })
}

/// To where the person wanted to go, or to the dashboard.
#[must_use]
pub fn go_on(app: &App, return_to: Option<ReturnTo>) -> Response {
    match return_to {
        Some(path) => Redirect::to(path.as_str()).into_response(),
        None => go_to(app, addresses::DASHBOARD),
    }
}
