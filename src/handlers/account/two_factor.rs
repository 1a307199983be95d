//! Two-factor authentication: enabling and disabling it, and creating new recovery codes.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::Deserialize;

use crate::domain::addresses::{self, Address, SitePath};
use crate::domain::two_factor::code::Code;
use crate::services::session::demanded_factor;
use crate::services::two_factor::enrolment::{
    self, NewApp, SecondFactorChange, SecondFactorChangeError, SecondFactorChanged,
};
use crate::services::two_factor::second_factor::{self, CodeError};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::pages::qr::{self, Qr};
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::second_step::DEMANDED;
use crate::web::visitor::visit::Visit;

const PATH: Address = addresses::PROFILE_TWO_FACTOR;

/// What the next page says after the app was replaced.
const REPLACED: &str = "Your new app is set up. Codes from the one you had before no longer work.";

/// Why two-factor authentication can't be disabled.
const STAYS_ON: &str = "Your account must use two-factor authentication, so you can’t switch it off. If you have lost your app and your \
                        recovery codes, ask the site’s administrator to remove it; you then set it up again.";

/// The fields of the form that enables it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    code: String,
    /// `on` in the form that replaces the app.
    replace: String,
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
    note: Option<&'static str>,
}

/// The page while two-factor authentication is enabled.
#[derive(Template, WebTemplate)]
#[template(path = "pages/account/two_factor_on.html")]
struct On {
    page: Page,
    errors: Errors,
    since: String,
    recovery_codes: i64,
    /// Whether the user must have it, and so can't disable it.
    is_demanded: bool,
}

/// `GET /profile/two-factor`, with `?replace=on` to replace the app.
pub async fn show(
    visit: Visit<SignedIn>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let replaces =
        url::form_urlencoded::parse(query.as_bytes()).any(|it| it == ("replace".into(), "on".into()));
    view(&visit, page, replaces, Errors::default()).await
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
            let code = Code::parse(&fields.code).map_err(|why| Refused::invalid("code", why))?;
            let device = visit.device();
            let new = NewApp { code: &code, replaces, device: device.as_ref() };
            let changed = enrolment::enable(&visit.app, proven, new, visit.source()).await;
            take(&visit, changed, Some(&code)).await?;
            let text = if replaces { REPLACED } else { "Two-factor sign-in is on." };
            Ok(visit.go_saying(addresses::PROFILE_RECOVERY_CODES, text).await)
        },
        async |page, fields, errors| view(&visit, page, fields.replace == "on", errors).await,
    )
    .await
}

/// `POST /profile/two-factor/recovery-codes`: replaces the recovery codes.
pub async fn renew(visit: Visit<SignedIn>, page: Page, form: Form<Button>) -> Result<Response> {
    form.answer(
        page,
        async |_| {
            change(&visit, SecondFactorChange::RenewRecoveryCodes).await?;
            visit.state.set_return_to(None).await;
            let text =
                "Your new recovery codes are ready. The codes you had before no longer work.";
            Ok(visit.go_saying(addresses::PROFILE_RECOVERY_CODES, text).await)
        },
        async |page, _, errors| view(&visit, page, false, errors).await,
    )
    .await
}

/// `POST /profile/two-factor/disable`
pub async fn disable(visit: Visit<SignedIn>, page: Page, form: Form<Button>) -> Result<Response> {
    form.answer(
        page,
        async |_| {
            change(&visit, SecondFactorChange::Disable).await?;
            let text = "Two-factor sign-in is off, and all other browsers have been signed out.";
            Ok(visit.go_saying(PATH, text).await)
        },
        async |page, _, errors| view(&visit, page, false, errors).await,
    )
    .await
}

async fn change(visit: &Visit<SignedIn>, change: SecondFactorChange) -> Result<(), Refused> {
    let proven = visit.prove_first(PATH).await?;
    let changed = enrolment::change(&visit.app, proven, change, visit.source()).await;
    take(visit, changed, None).await
}

/// Takes the proof of a change, or refuses the form.
async fn take(
    visit: &Visit<SignedIn>,
    changed: Result<SecondFactorChanged, SecondFactorChangeError>,
    code: Option<&Code>,
) -> Result<(), Refused> {
    let SecondFactorChanged { proof, credential_version } = match changed {
        Ok(changed) => changed,
        Err(SecondFactorChangeError::Outdated) => {
            let text = "Nothing was changed: this is the current state of two-factor sign-in. If you have not saved your recovery codes, \
                        create new ones.";
            return Err(Refused::instead(visit.go_saying(PATH, text).await));
        }
        Err(SecondFactorChangeError::Demanded) => return Err(Refused::conflict(STAYS_ON)),
        Err(SecondFactorChangeError::Code(error)) => return Err(refused(error, code)),
    };
    visit.take_proof(proof).await;
    visit.remember_device(visit.session().user_id, credential_version);
    Ok(())
}

fn refused(error: CodeError, code: Option<&Code>) -> Refused {
    match error {
        CodeError::Wrong => Refused::wrong_code("code", code),
        CodeError::TooMany(wait) => Refused::too_many("codes tried", wait),
        CodeError::Failed(error) => Refused::instead(error),
    }
}

/// The page for the current state. The QR code requires a recent proof of identity. A session that lacks the demanded second factor
/// sees nothing about one that is enabled, but is asked for it.
async fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    replaces: bool,
    errors: Errors,
) -> Result<Response> {
    let session = visit.session();
    let is_missing = demanded_factor::is_missing(&visit.app, session);
    let status = second_factor::status(&visit.app, session.user_id).await?;
    let replaces = replaces && status.is_some();
    if let Some(it) = status {
        if is_missing {
            return Ok(visit.go_to(addresses::TWO_FACTOR));
        }
        if !replaces {
            let is_demanded = visit.app.config.second_factor.demands(session.roles());
            let (since, recovery_codes) = (it.since.to_string(), it.recovery_codes);
            return Ok(On { page, errors, since, recovery_codes, is_demanded }.into_response());
        }
    }
    let proven = match visit.prove_first(path(replaces)).await {
        Ok(proven) => proven,
        Err(not_proven) => {
            // The page that asks for a proof says why.
            if let Some(text) = page.flash.as_deref().or(is_missing.then_some(DEMANDED)) {
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
    let is_said = page.flash.as_deref().is_some_and(|text| text.contains(DEMANDED));
    let note = Some(DEMANDED).filter(|_| is_demanded && !is_said);
    Ok(Off { page, errors, qr, replaces, is_new, key, url, is_demanded, note }.into_response())
}
