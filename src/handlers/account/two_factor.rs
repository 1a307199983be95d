//! Two-factor authentication: enabling and disabling it, and creating new recovery codes.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses::{self, Address, SitePath};
use crate::domain::sign_in::demand::Demand;
use crate::domain::two_factor::code::{Code, InvalidCode};
use crate::domain::two_factor::recovery_code::{COUNT, FEW};
use crate::i18n::message::{self, Argument, Message};
use crate::services::account::enrolment::{
    self, NewApp, SecondFactorChange, SecondFactorChangeError, SecondFactorChanged,
};
use crate::services::session::demanded_factor;
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::web::forms::credentials::FormCredentials;
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::http::query::is_on;
use crate::web::pages::page::Page;
use crate::web::pages::qr::{self, Qr};
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

const PATH: Address = addresses::PROFILE_TWO_FACTOR;

/// The fields of the form that enables it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// The first code of the new app.
    code: String,
    /// `on` in the form that replaces the app.
    replace: String,
    /// A code of the app that is replaced, or a recovery code.
    current_code: String,
}

/// The fields of the other forms.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ChangeFields {
    password: String,
    code: String,
}

/// The page with the QR code to scan, while two-factor authentication is disabled or to replace the app.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/two_factor_off.html")]
struct Off {
    page: Page,
    errors: Errors,
    qr: Option<Qr>,
    /// Whether the new app replaces one that is in use.
    replaces: bool,
    /// Whether the key differs from the one shown before the last password confirmation.
    is_new: bool,
    key: String,
    url: String,
    /// Whether the user must set it up before any other page opens.
    is_demanded: bool,
    /// Why, unless the message of the previous request says it.
    note: Option<Message>,
}

/// The page while two-factor authentication is enabled.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/two_factor_on.html")]
struct On {
    page: Page,
    errors: Errors,
    since: Argument,
    recovery_codes: i64,
    /// Whether the forms ask for the password.
    needs_password: bool,
    /// Whether the user must have it, and so can't disable it.
    is_demanded: bool,
}

/// The page that asks whether to disable it.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/two_factor_turn_off.html")]
struct TurnOff {
    page: Page,
    errors: Errors,
    needs_password: bool,
}

/// What the form of the page does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// It enables two-factor authentication.
    TurnOn,
    /// It replaces the app.
    Replace,
    /// It replaces the recovery codes. The page is also the overview.
    Renew,
    /// It disables two-factor authentication.
    TurnOff,
}

impl Purpose {
    const fn enabling(replaces: bool) -> Self {
        if replaces { Self::Replace } else { Self::TurnOn }
    }
}

/// `GET /profile/two-factor`, with `?replace=on` to replace the app and `?turn_off=on` to disable it.
pub async fn show(
    visit: Visit<SignedIn>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let has = |name| is_on(query.as_deref(), name);
    let purpose =
        if has("turn_off") { Purpose::TurnOff } else { Purpose::enabling(has("replace")) };
    view(&visit, page, purpose, Errors::default()).await
}

/// The path of the page.
fn path(replaces: bool) -> SitePath {
    if replaces { PATH.with(&[("replace", "on")]) } else { PATH.into() }
}

/// `POST /profile/two-factor`: enables two-factor authentication, or replaces the app.
pub async fn enable(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| {
            let replaces = fields.replace == "on";
            let proven = visit.prove_first(path(replaces)).await?;
            let mut errors = Errors::default();
            let missing = if replaces {
                message::two_factor_new_code_missing()
            } else {
                message::code_missing()
            };
            let malformed = message::two_factor_app_code_malformed();
            let code = errors.check("code", parse(&fields.code, missing, malformed));
            let missing = message::two_factor_current_code_missing();
            let malformed = message::code_malformed();
            let current =
                replaces.then(|| parse(&fields.current_code, missing, malformed)).transpose();
            let current = errors.check("current_code", current);
            let (Some(current), Some(code)) = (current, code) else { return Err(errors.into()) };
            let device = visit.device();
            let (current_code, device) = (current.as_ref(), device.as_ref());
            let new = NewApp { code: &code, current_code, device };
            let changed = enrolment::enable(&visit.app, proven, new, visit.source()).await;
            let ids = Ids { code: "code", password: "password", entered: "current_code" };
            take(&visit, changed, Some(&code), current_code, ids).await?;
            let text = if replaces {
                message::two_factor_replaced()
            } else {
                message::two_factor_turned_on()
            };
            Ok(visit.go_saying(addresses::PROFILE_RECOVERY_CODES, text).await)
        },
        async |page, fields, errors| {
            view(&visit, page, Purpose::enabling(fields.replace == "on"), errors).await
        },
    )
    .await
}

/// Parses a code. The form that replaces the app asks for two, so the messages say which one is meant.
fn parse(text: &str, if_missing: Message, if_malformed: Message) -> Result<Code, Message> {
    Code::parse(text).map_err(|why| match why {
        InvalidCode::Empty => if_missing,
        InvalidCode::Malformed => if_malformed,
    })
}

/// `POST /profile/two-factor/recovery-codes`: replaces the recovery codes.
pub async fn renew(
    visit: Visit<SignedIn>,
    page: Page,
    form: Form<ChangeFields>,
) -> Result<Response> {
    form.answer(
        page,
        async |fields| {
            change(&visit, SecondFactorChange::RenewRecoveryCodes, fields).await?;
            visit.state.set_return_to(None).await;
            let text = message::recovery_codes_renewed();
            Ok(visit.go_saying(addresses::PROFILE_RECOVERY_CODES, text).await)
        },
        async |page, _, errors| view(&visit, page, Purpose::Renew, errors).await,
    )
    .await
}

/// `POST /profile/two-factor/disable`
pub async fn disable(
    visit: Visit<SignedIn>,
    page: Page,
    form: Form<ChangeFields>,
) -> Result<Response> {
    form.answer(
        page,
        async |fields| {
            change(&visit, SecondFactorChange::Disable, fields).await?;
            Ok(visit.go_saying(PATH, message::two_factor_turned_off()).await)
        },
        async |page, _, errors| view(&visit, page, Purpose::TurnOff, errors).await,
    )
    .await
}

/// The ids of the fields that show errors. They differ between the forms, because one page has two of them.
#[derive(Clone, Copy)]
struct Ids {
    /// The first code of a new app.
    code: &'static str,
    /// The password of the account.
    password: &'static str,
    /// The code of the app in use.
    entered: &'static str,
}

async fn change(
    visit: &Visit<SignedIn>,
    change: SecondFactorChange,
    fields: &ChangeFields,
) -> Result<(), Refused> {
    let ids = match change {
        SecondFactorChange::RenewRecoveryCodes => {
            Ids { code: "", password: "renew_password", entered: "renew_code" }
        }
        SecondFactorChange::Disable => {
            Ids { code: "", password: "disable_password", entered: "disable_code" }
        }
    };
    let disables = change == SecondFactorChange::Disable;
    if disables && visit.app.config.second_factor.demands(visit.session().roles()) {
        // Demanded in the meantime: the page has no form for it any longer.
        return Err(Refused::conflict(message::two_factor_required_why()));
    }
    let missing = visit.missing(Demand::SecondFactor).await?;
    if missing.emailed_code() {
        let turn_off = [("turn_off", "on")];
        let back = if disables { PATH.with(&turn_off) } else { PATH.into() };
        visit.prove_first(back).await?;
    }
    let mut errors = Errors::default();
    let (password, code) = ((ids.password, &*fields.password), (ids.entered, &*fields.code));
    let credentials = FormCredentials::read(missing, password, code, &mut errors);
    let Some(credentials) = credentials else { return Err(errors.into()) };
    let device = visit.device();
    let entered = credentials.entered(device.as_ref(), visit.source());
    let (session, recent) = (visit.session(), visit.recently_shown().await);
    let changed = enrolment::change(&visit.app, session, change, recent, entered).await;
    take(visit, changed, None, entered.code, ids).await
}

/// Takes the proof of a change, or refuses the form.
async fn take(
    visit: &Visit<SignedIn>,
    changed: Result<SecondFactorChanged, SecondFactorChangeError>,
    code: Option<&Code>,
    entered: Option<&Code>,
    ids: Ids,
) -> Result<(), Refused> {
    let SecondFactorChanged { proof, credential_version } = match changed {
        Ok(changed) => changed,
        Err(SecondFactorChangeError::Outdated) => {
            let text = message::two_factor_outdated();
            return Err(Refused::instead(visit.go_saying(PATH, text).await));
        }
        Err(SecondFactorChangeError::Demanded) => {
            return Err(Refused::conflict(message::two_factor_required_why()));
        }
        Err(SecondFactorChangeError::Code(error)) => return Err(refused(error, code, ids.code)),
        Err(SecondFactorChangeError::Entered(error)) => {
            return Err(Refused::entered(ids.password, ids.entered, error, entered));
        }
    };
    visit.take_proof(proof).await;
    visit.remember_device(visit.session().user_id, credential_version);
    Ok(())
}

fn refused(error: CodeError, code: Option<&Code>, field: &'static str) -> Refused {
    match error {
        CodeError::Wrong => Refused::wrong_code(field, code),
        CodeError::TooMany(wait) => Refused::too_many_of(message::too_many_codes, wait),
        CodeError::Failed(error) => Refused::instead(error),
    }
}

/// The page for the current state. `purpose` is that of the form that was sent, or else of the page that was asked for. The QR code requires a
/// recent proof of identity. A session that lacks the demanded second factor sees nothing about one that is enabled, but is asked for it.
async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    purpose: Purpose,
    errors: Errors,
) -> Result<Response> {
    let session = visit.session();
    let is_missing = demanded_factor::is_missing(&visit.app, session);
    let status = second_factor::status(&visit.app, session.user_id).await?;
    let replaces = purpose == Purpose::Replace && status.is_some();
    if let Some(it) = status {
        if is_missing {
            return Ok(visit.go_to(addresses::TWO_FACTOR));
        }
        if !replaces {
            let is_demanded = visit.app.config.second_factor.demands(session.roles());
            let (since, recovery_codes) = (message::day(it.since), it.recovery_codes);
            let needs_password = visit.missing(Demand::SecondFactor).await?.password();
            if purpose == Purpose::TurnOff && !is_demanded {
                return Ok(TurnOff { page, errors, needs_password }.into_response());
            }
            let (page, errors) = unless_outdated(page, errors, purpose == Purpose::Renew);
            let on = On { page, errors, since, recovery_codes, needs_password, is_demanded };
            return Ok(on.into_response());
        }
    }
    let proven = match visit.prove_first(path(replaces)).await {
        Ok(proven) => proven,
        Err(not_proven) => {
            // The page that asks for a proof says why.
            let demanded = || is_missing.then(message::second_factor_demanded);
            if let Some(text) = page.flash.or_else(demanded) {
                visit.state.set_flash(text).await;
            }
            return Err(not_proven.into());
        }
    };
    let Some(enrolment) = enrolment::enrolment(&visit.app, proven, replaces).await? else {
        return Err(visit.go_to(PATH).into()); // enabled or disabled in the meantime
    };
    let (qr, key) = (qr::draw(&enrolment.url), enrolment.secret.in_groups());
    let is_new = !session.is_proven_by_sign_in();
    let (url, is_demanded) = (enrolment.url, is_missing);
    let (page, errors) = unless_outdated(page, errors, purpose == Purpose::enabling(replaces));
    let demanded = message::second_factor_demanded();
    let is_said = page.flash.as_ref().is_some_and(|text| text.contains(&demanded));
    let note = Some(demanded).filter(|_| is_demanded && !is_said);
    Ok(Off { page, errors, qr, replaces, is_new, key, url, is_demanded, note }.into_response())
}

/// The errors of a form, if the page has this form. It has another one if the second factor was enabled or disabled in the meantime.
fn unless_outdated(page: Page, errors: Errors, has_form: bool) -> (Page, Errors) {
    if has_form || errors.is_empty() {
        (page, errors)
    } else {
        (page.with_alert(message::two_factor_outdated()), Errors::default())
    }
}
