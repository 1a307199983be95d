//! The health check page: diagnoses the installation and suggests fixes.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::Result;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::i18n::message;
use crate::services::operations::doctor;
use crate::services::operations::finding::{CheckedPart, Finding, Severity, Verdict};
use crate::web::http::arrival::{self, Seen};
use crate::web::http::client::Client;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/doctor.html")]
struct View {
    page: Page,
    verdict: VerdictRow,
    /// Problems, then warnings.
    open: Vec<Row>,
    good: Vec<Row>,
    headers: Vec<Seen>,
    peer: String,
}

/// What all findings come to, in the reader's language.
pub(super) struct VerdictRow {
    pub severity: Severity,
    /// The class with its colors.
    pub class: &'static str,
    pub text: Localized,
}

/// A finding in the reader's language.
struct Row {
    part: Localized,
    severity: Severity,
    /// The class with its colors.
    class: &'static str,
    text: Localized,
    fix: Option<Localized>,
    /// The page of the documentation that helps.
    help: String,
}

/// `GET /admin/doctor`
pub async fn show(
    State(app): State<App>,
    _administrator: Administrator,
    client: Client,
    page: Page,
    headers: HeaderMap,
) -> Result<Response> {
    let (mut findings, headers) = examine(&app, &client, &headers).await?;
    let verdict = verdict(&page.t, &findings);
    findings.sort_by_key(|it| match it.severity {
        Severity::Bad => 0,
        Severity::Note => 1,
        Severity::Good => 2,
    });
    let row = |it: &Finding| Row {
        part: page.t.say(&it.part.heading()),
        severity: it.severity,
        class: class(it.severity),
        text: page.t.say(&it.text),
        fix: it.fix.as_ref().map(|fix| page.t.say(fix)),
        help: it.part.help().to_string(),
    };
    let rows = findings.iter().map(row);
    let (good, open) = rows.partition(|it| it.severity == Severity::Good);
    let peer = client.peer.to_string();
    Ok(View { page, verdict, open, good, headers, peer }.into_response())
}

/// The findings about the server and about this request, and the headers that its proxies set.
pub(super) async fn examine(
    app: &App,
    client: &Client,
    headers: &HeaderMap,
) -> Result<(Vec<Finding>, Vec<Seen>)> {
    let arrival = arrival::look(&app.config, client, headers);
    let mut findings = arrival.findings;
    // The pages require a session, so the cookies have arrived.
    let cookies = message::list(&arrival.cookies);
    let text = if app.config.public_url.is_https() {
        message::health_cookies_secure(cookies)
    } else {
        message::health_cookies_plain(cookies)
    };
    findings.push(Finding::good(CheckedPart::Cookies, text));
    findings.extend(doctor::of_server(app).await?);
    Ok((findings, arrival.headers))
}

/// What these findings come to, in the reader's language.
pub(super) fn verdict(t: &Localizer, findings: &[Finding]) -> VerdictRow {
    let Verdict { severity, text } = Verdict::of(findings);
    VerdictRow { severity, class: class(severity), text: t.say(&text) }
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "good",
        Severity::Note => "warn",
        Severity::Bad => "bad",
    }
}

/// `GET /admin/doctor/request`: the diagnosis of the request as JSON, for `authflow doctor`. Its token proves that it has the same
/// `SECRET_KEY`; without a valid token the response is 404.
pub async fn request(State(app): State<App>, client: Client, headers: HeaderMap) -> Response {
    let token = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    let is_genuine =
        token.is_some_and(|it| doctor::is_genuine(&app.secrets.doctor, it, app.clock.now()));
    if !is_genuine {
        return Problem::not_found().into_response();
    }
    match serde_json::to_string(&arrival::look(&app.config, &client, &headers)) {
        Ok(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => crate::error::Error::from(error).into_response(),
    }
}
