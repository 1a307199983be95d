//! The language and the time zone of the reader of a page.
//!
//! The language is the first of these that the program has: the account's setting, the choice of this browser, the parameter `ui_locales`
//! (OpenID Connect Core 1.0, section 3.1.2.1), `Accept-Language`, and `DEFAULT_LANGUAGE`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;
use url::form_urlencoded;

use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::domain::account::preferences::Preferences;
use crate::domain::sign_in::session::Session;
use crate::i18n::language::Language;
use crate::i18n::languages::Languages;
use crate::i18n::localizer::Localizer;
use crate::web::http::cookies::{Cookies, Name};
use crate::web::visitor::identity::Visitor;

/// How long a browser keeps its choice, in seconds: one year.
const CHOICE_LASTS: i64 = 365 * 86_400;
/// Before the language that a link to this page asked for with `ui_locales`. The choice of this browser has no such mark.
const ASKED: &str = "ui.";

/// Middleware: chooses the language of the page. It runs inside `recognise`, because a signed-in reader has a setting.
pub async fn choose(
    State(app): State<App>,
    cookies: Cookies,
    visitor: Visitor,
    mut request: Request,
    next: Next,
) -> Response {
    let asked = asked(&app, request.uri());
    let preferences = visitor.signed_in().map(|it| &it.session.preferences);
    let has_setting = preferences.is_some_and(|it| it.language.is_some());
    if let Some(language) = asked.filter(|_| !has_setting) {
        keep_asked(&app, &cookies, language);
    }
    let localizer = localizer(&app, preferences, &cookies, asked, request.headers());
    request.extensions_mut().insert(localizer.clone());
    let mut response = next.run(request).await;
    label(&mut response, &localizer);
    response.extensions_mut().insert(localizer);
    response
}

/// The reader of a page that [`choose`] has not seen.
#[must_use]
pub fn of_headers(app: &App, headers: &HeaderMap) -> Localizer {
    let cookies = Cookies::received(&app.config, headers);
    localizer(app, None, &cookies, None, headers)
}

/// The reader of a page for this visitor, which [`choose`] has not seen.
#[must_use]
pub fn of_visitor(app: &App, headers: &HeaderMap, visitor: &Visitor) -> Localizer {
    let cookies = Cookies::received(&app.config, headers);
    let preferences = visitor.signed_in().map(|it| &it.session.preferences);
    localizer(app, preferences, &cookies, None, headers)
}

/// The reader of a page at a guarded host, where the gate knows the session.
#[must_use]
pub fn of_session(app: &App, headers: &HeaderMap, session: &Session) -> Localizer {
    let cookies = Cookies::received(&app.config, headers);
    localizer(app, Some(&session.preferences), &cookies, None, headers)
}

/// The reader of a page before the server has started.
#[must_use]
pub fn before_start(config: &Arc<Config>, headers: &HeaderMap) -> Localizer {
    let (languages, cookies) = (Languages::embedded(), Cookies::received(config, headers));
    let language = of_browser(languages, config, Stored::read(languages, &cookies), None, headers);
    Localizer { language, zone: config.default_time_zone.clone(), now: None }
}

/// Tells caches and programs which language the page is in, and what the choice depends on.
pub fn label(response: &mut Response, localizer: &Localizer) {
    let headers = response.headers_mut();
    let is_page =
        headers.get(CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if !is_page || headers.contains_key(CONTENT_LANGUAGE) {
        return;
    }
    if let Ok(code) = HeaderValue::from_str(&localizer.language.code) {
        headers.insert(CONTENT_LANGUAGE, code);
    }
    headers.append(VARY, HeaderValue::from_static("Accept-Language, Cookie"));
}

/// Puts the page of a visitor who is not signed in into the language of their invitation. It comes before `ui_locales`, but after the choice of
/// this browser.
pub fn suggest(app: &App, cookies: &Cookies, reader: &mut Localizer, code: Option<&str>) {
    let Some(language) = code.and_then(|code| app.languages.find(code)) else { return };
    if Stored::read(app.languages, cookies).chosen.is_none() {
        keep_asked(app, cookies, language);
        reader.language = language;
    }
}

/// Stores the choice of this browser.
pub fn remember(app: &App, cookies: &Cookies, language: &Language) {
    let now = app.clock.now();
    let until = Timestamp(now.0.saturating_add(CHOICE_LASTS));
    cookies.set(Name::Language, &language.code, Some(until), now);
}

/// What the cookie of this browser says. It may be there twice, since another app on this host can set one: the first that names a language
/// counts.
#[derive(Clone, Copy)]
struct Stored {
    chosen: Option<&'static Language>,
    asked: Option<&'static Language>,
}

impl Stored {
    fn read(languages: &Languages, cookies: &Cookies) -> Self {
        let values = cookies.all(Name::Language);
        let mut asked = values.iter().filter_map(|it| it.strip_prefix(ASKED));
        Self {
            chosen: values.iter().find_map(|it| languages.find(it)),
            asked: asked.find_map(|it| languages.find(it)),
        }
    }
}

/// Keeps the language that a link asked for, so that the form on its page is answered in the same language.
fn keep_asked(app: &App, cookies: &Cookies, language: &'static Language) {
    let Stored { chosen, asked } = Stored::read(app.languages, cookies);
    if chosen.is_none() && asked.is_none_or(|it| it.code != language.code) {
        cookies.set(Name::Language, &format!("{ASKED}{}", language.code), None, app.clock.now());
    }
}

fn localizer(
    app: &App,
    preferences: Option<&Preferences>,
    cookies: &Cookies,
    asked: Option<&'static Language>,
    headers: &HeaderMap,
) -> Localizer {
    let languages = app.languages;
    let set = preferences.and_then(|it| languages.find(it.language.as_deref()?));
    let language = set.unwrap_or_else(|| {
        of_browser(languages, &app.config, Stored::read(languages, cookies), asked, headers)
    });
    let zone = preferences.and_then(|it| it.time_zone.as_deref()?.parse().ok());
    let zone = zone.unwrap_or_else(|| app.config.default_time_zone.clone());
    Localizer { language, zone, now: Some(app.clock.now()) }
}

/// The language of a reader without a setting. `asked`: the language that this link asks for.
fn of_browser(
    languages: &Languages,
    config: &Config,
    stored: Stored,
    asked: Option<&'static Language>,
    headers: &HeaderMap,
) -> &'static Language {
    let kept = stored.chosen.or(asked).or(stored.asked);
    kept.or_else(|| accepted(languages, headers))
        .or_else(|| languages.find(&config.default_language))
        .unwrap_or(languages.english())
}

/// The language that `ui_locales` asks for: of this page, or of the page that it leads back to.
fn asked(app: &App, uri: &Uri) -> Option<&'static Language> {
    let query = uri.query()?;
    let of = |query: &str, name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
    };
    let wanted = of(query, "ui_locales").or_else(|| {
        let return_to = of(query, "return_to")?;
        of(return_to.split_once('?')?.1, "ui_locales")
    })?;
    app.languages.best(wanted.split(' '))
}

fn accepted(languages: &Languages, headers: &HeaderMap) -> Option<&'static Language> {
    let lines = headers.get_all(ACCEPT_LANGUAGE).iter();
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    languages.accepted(&lines.join(","))
}
