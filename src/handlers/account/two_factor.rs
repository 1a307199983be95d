//! Switching the second factor on and off, and its recovery codes.
//!
//! Recovery codes are the answer to the form that makes them: no address shows them a second time, and they are nowhere at
//! rest on their way.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses::{self, Address};
use crate::domain::two_factor::code::Code;
use crate::domain::two_factor::recovery_code::{COUNT, RecoveryCode};
use crate::error::Result;
use crate::services::two_factor::enrolment::{
    self, SecondFactorChange, SecondFactorChangeError, SecondFactorChanged,
};
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::error::{Problem, retry_after, too_many};
use crate::web::form::{Errors, Form, wrong_code};
use crate::web::identity::{
    SignedIn, confirm_first, device, is_proven, remember_device, take_proof,
};
use crate::web::page::{Page, go_to};
use crate::web::qr::{self, Qr};
use crate::web::return_to::ReturnTo;

const PATH: Address = addresses::PROFILE_TWO_FACTOR;

/// The forms.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    code: String,
}

/// The form that downloads recovery codes which are on the page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Download {
    codes: String,
}

/// While it is off: what to scan.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/two_factor_off.html")]
struct Off {
    page: Page,
    errors: Errors,
    qr: Option<Qr>,
    /// Whether the key is another than the one shown before the last proof.
    is_new: bool,
    key: String,
    url: String,
}

/// While it is on.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/two_factor_on.html")]
struct On {
    page: Page,
    errors: Errors,
    since: String,
    recovery_codes: i64,
}

/// New recovery codes, this once.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/recovery_codes.html")]
struct NewCodes {
    page: Page,
    codes: Vec<String>,
    is_first: bool,
    /// Where the person was on the way to.
    way_on: Option<ReturnTo>,
}

/// `GET /profile/two-factor`
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    state: BrowserState,
    page: Page,
) -> Result<Response> {
    draw(&app, &signed_in, &state, StatusCode::OK, page, Errors::default()).await
}

/// Who sent a form, and what the answer carries.
type Visit = (Client, SignedIn, Cookies, BrowserState, Page);

/// `POST /profile/two-factor`: switches it on.
pub async fn enable(
    State(app): State<App>,
    state: BrowserState,
    visit: Visit,
    form: Form<Fields>,
) -> Result<Response> {
    Ok(match take(&app, visit, form, Act::Enable).await? {
        Ok((page, codes)) => {
            let way_on = state.take_return_to().await;
            NewCodes { page, codes, is_first: true, way_on }.into_response()
        }
        Err(response) => response,
    })
}

/// `POST /profile/two-factor/recovery-codes`: makes new ones.
pub async fn renew(State(app): State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    Ok(match take(&app, visit, form, Act::Change(SecondFactorChange::RenewRecoveryCodes)).await? {
        Ok((page, codes)) => {
            NewCodes { page, codes, is_first: false, way_on: None }.into_response()
        }
        Err(response) => response,
    })
}

/// `POST /profile/two-factor/disable`
pub async fn disable(
    State(app): State<App>,
    state: BrowserState,
    visit: Visit,
    form: Form<Fields>,
) -> Result<Response> {
    if let Err(response) = take(&app, visit, form, Act::Change(SecondFactorChange::Disable)).await?
    {
        return Ok(response);
    }
    let text = "Two-factor sign-in is off, and all other browsers have been signed out.";
    state.set_flash(text).await;
    Ok(go_to(&app, PATH))
}

/// `POST /profile/two-factor/recovery-codes/download`: the codes on the page as a text file. Nothing is kept here: the form
/// brings them along, and what are not codes of this account is not sent back.
pub async fn download(
    State(app): State<App>,
    signed_in: SignedIn,
    form: Form<Download>,
) -> Result<Response> {
    let Form::Genuine(fields) = form else {
        let text = "This form was out of date. Go back and try again, or write the codes down.";
        return Ok(Problem::new(StatusCode::FORBIDDEN, text).into_response());
    };
    let codes: Vec<RecoveryCode> =
        fields.codes.split_whitespace().take(COUNT).filter_map(RecoveryCode::parse).collect();
    if !second_factor::are_recovery_codes(&app, signed_in.session.user_id, &codes).await? {
        let href = app.config.public_url.path(PATH);
        let text = "These recovery codes are not valid any more. Make new ones.";
        return Ok(Problem::new(StatusCode::GONE, text)
            .with_way_on(href, "Two-factor sign-in")
            .into_response());
    }
    let mut text = format!(
        "Recovery codes for {} at {}\nDownloaded on {}. Each works once, in the place of a code from your app.\n\n",
        signed_in.claims.email,
        app.config.public_url,
        app.clock.now(),
    );
    for code in &codes {
        text += &code.reveal();
        text.push('\n');
    }
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"authflow-recovery-codes.txt\""),
    ];
    Ok((headers, text).into_response())
}

/// What a form asks for.
#[derive(Clone, Copy)]
enum Act {
    Enable,
    Change(SecondFactorChange),
}

impl Act {
    /// The field with the code: three forms, of which two stand on one page.
    fn field(self) -> &'static str {
        match self {
            Self::Enable => "code",
            Self::Change(SecondFactorChange::RenewRecoveryCodes) => "renew_code",
            Self::Change(SecondFactorChange::Disable) => "disable_code",
        }
    }
}

/// Does what a form asks for, given a good token, a recent proof of who the person is, and a code: the page for the answer and
/// the recovery codes to show on it, or the answer that says what is missing.
async fn take(
    app: &App,
    (client, signed_in, cookies, state, page): Visit,
    form: Form<Fields>,
    act: Act,
) -> Result<Result<(Page, Vec<String>), Response>> {
    let mut errors = Errors::default();
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(_) => {
            let page = page.out_of_date();
            return draw(app, &signed_in, &state, StatusCode::FORBIDDEN, page, errors)
                .await
                .map(Err);
        }
    };
    if !is_proven(app, &signed_in, &state).await {
        return Ok(Err(confirm_first(app, PATH)));
    }
    let Some(code) = errors.check(act.field(), Code::parse(&fields.code)) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return draw(app, &signed_in, &state, status, page, errors).await.map(Err);
    };
    let (device, session, source) = (device(app, &cookies), &signed_in.session, &client.source);
    let device = device.as_ref();
    let changed = match act {
        Act::Enable => enrolment::enable(app, session, &code, device, source).await,
        Act::Change(change) => enrolment::change(app, session, change, &code, device, source).await,
    };
    match changed {
        Ok(SecondFactorChanged { recovery_codes, proof, credential_version }) => {
            take_proof(app, &cookies, &state, &signed_in, proof).await;
            remember_device(app, &cookies, session.user_id, credential_version);
            Ok(Ok((page, recovery_codes.iter().map(RecoveryCode::reveal).collect())))
        }
        Err(error) => {
            refuse(app, &signed_in, &state, page, &code, error, act.field()).await.map(Err)
        }
    }
}

async fn refuse(
    app: &App,
    signed_in: &SignedIn,
    state: &BrowserState,
    page: Page,
    code: &Code,
    error: SecondFactorChangeError,
    field: &'static str,
) -> Result<Response> {
    let mut errors = Errors::default();
    let why = match error {
        SecondFactorChangeError::Outdated => {
            let text = "Nothing had to be done: this is how two-factor sign-in stands. Recovery codes are shown once; if you did not \
                        save them, make new ones.";
            state.set_flash(text).await;
            return Ok(go_to(app, PATH));
        }
        SecondFactorChangeError::Code(why) => why,
    };
    match why {
        CodeError::Wrong => {
            errors.add(field, wrong_code(code));
            draw(app, signed_in, state, StatusCode::UNAUTHORIZED, page, errors).await
        }
        CodeError::TooMany(wait) => {
            let page = page.with_alert(too_many("codes tried", wait));
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = draw(app, signed_in, state, status, page, errors).await?;
            retry_after(&mut response, wait);
            Ok(response)
        }
        CodeError::Failed(error) => Err(error),
    }
}

/// The page as things stand. What is to be scanned is shown to whoever has just proved who they are.
async fn draw(
    app: &App,
    signed_in: &SignedIn,
    state: &BrowserState,
    status: StatusCode,
    page: Page,
    errors: Errors,
) -> Result<Response> {
    let session = &signed_in.session;
    if let Some(it) = second_factor::status(app, session.user_id).await? {
        let (since, recovery_codes) = (it.since.to_string(), it.recovery_codes);
        return Ok((status, On { page, errors, since, recovery_codes }).into_response());
    }
    if !is_proven(app, signed_in, state).await {
        return Ok(confirm_first(app, PATH));
    }
    let Some(enrolment) = enrolment::enrolment(app, session).await? else {
        return Ok(go_to(app, PATH)); // switched on a moment ago
    };
    let (qr, key) = (qr::draw(&enrolment.url), enrolment.secret.in_groups());
    let is_new = !session.is_proven_by_sign_in();
    Ok((status, Off { page, errors, qr, is_new, key, url: enrolment.url }).into_response())
}
