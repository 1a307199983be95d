//! The profile: display name, language and time zone, with the handle beside them.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Deserializer};

use crate::app::App;
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::i18n::language::Language;
use crate::i18n::message::{self, Message};
use crate::i18n::zone::{Region, Zone};
use crate::services::account::profile::{self, NewProfile};
use crate::web::forms::errors::Errors;
use crate::web::forms::form::Form;
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;
use crate::web::visitor::visit::Visit;

/// The fields of the form. A page from before languages does not send the optional ones; an empty one removes the setting.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    username: String,
    #[serde(deserialize_with = "sent")]
    language: Option<String>,
    #[serde(deserialize_with = "sent")]
    time_zone: Option<String>,
}

/// A field that is in the form. The fields of a form are text, which serde does not take for an [`Option`].
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/profile.html")]
struct View<'a> {
    page: Page,
    fields: &'a Fields,
    languages: &'static [&'static Language],
    /// The setting, if a later version of this program has that language and this one does not.
    unknown_language: Option<String>,
    /// The language of emails to an account that leaves it to the browser.
    default_language: &'static str,
    default_zone: String,
    regions: &'static [Region],
    /// The region whose places the list has: a list of all is longer than the rest of the page together.
    region: Option<&'static Region>,
    /// The setting, if the list does not have it, such as one that was imported.
    unlisted_zone: Option<String>,
    handle: Option<Handle>,
    errors: Errors,
}

impl View<'_> {
    /// Whether the list has the places of this region.
    fn is_open(&self, region: &Region) -> bool {
        self.region.is_some_and(|it| it.key == region.key)
    }
}

/// `GET /profile`, with `?region={key}` for the time zones of another region.
pub async fn show(visit: Visit<SignedIn>, page: Page, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let region = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "region");
    let region = region.and_then(|(_, key)| Zone::region(&key));
    let session = visit.session();
    let Preferences { language, time_zone } = session.preferences.clone();
    let fields = &Fields { username: session.username.to_string(), language, time_zone };
    view(&visit, page, fields, region, Errors::default())
}

/// `POST /profile`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| Ok(view(&visit, page, fields, None, errors)),
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let session = visit.session();
    let mut errors = Errors::default();
    let username = errors.check("username", Username::parse(&fields.username));
    let mut preferences = session.preferences.clone();
    // A setting that the list does not have stays as it is.
    if let Some(chosen) =
        fields.language.as_ref().filter(|it| Some(*it) != preferences.language.as_ref())
        && let Some(language) = errors.check("language", language(&visit.app, chosen))
    {
        preferences.language = language;
    }
    if let Some(chosen) =
        fields.time_zone.as_ref().filter(|it| Some(*it) != preferences.time_zone.as_ref())
        && let Some(zone) = errors.check("time_zone", time_zone(chosen))
    {
        preferences.time_zone = zone;
    }
    let (Some(username), true) = (username, errors.is_empty()) else { return Err(errors.into()) };
    let profile = NewProfile { username, preferences };
    profile::save(&visit.app, session.user_id, &profile, visit.source()).await?;
    Ok(visit.go_saying(addresses::PROFILE, message::profile_saved()).await)
}

/// The language of this choice; `None` for the one that leaves it to the browser.
fn language(app: &App, chosen: &str) -> Result<Option<String>, Message> {
    if chosen.is_empty() {
        return Ok(None);
    }
    let found = app.languages.find(chosen).ok_or_else(message::profile_language_invalid)?;
    Ok(Some(found.code.clone()))
}

/// The time zone of this choice; `None` for that of the site.
fn time_zone(chosen: &str) -> Result<Option<String>, Message> {
    if chosen.is_empty() {
        return Ok(None);
    }
    let zone: Zone = chosen.parse().map_err(|_| message::profile_time_zone_invalid())?;
    if !Zone::is_listed(zone.name()) {
        return Err(message::profile_time_zone_invalid());
    }
    Ok(Some(zone.name().to_owned()))
}

/// Renders the page. Without a `region` the list has that of the chosen time zone, or else of the site's default.
fn view(
    visit: &Visit<SignedIn>,
    page: Page,
    fields: &Fields,
    region: Option<&'static Region>,
    errors: Errors,
) -> Response {
    let app = &visit.app;
    let default_zone = app.config.default_time_zone.name().to_owned();
    let chosen = fields.time_zone.as_deref().filter(|it| !it.is_empty()).unwrap_or(&default_zone);
    let region = region.or_else(|| Zone::region_of(chosen));
    let Preferences { language, time_zone } = visit.session().preferences.clone();
    let view = View {
        page,
        fields,
        languages: app.languages.all(),
        unknown_language: language.filter(|it| app.languages.find(it).is_none()),
        default_language: app
            .languages
            .find(&app.config.default_language)
            .map_or("", |it| &it.name),
        default_zone,
        regions: Zone::regions(),
        unlisted_zone: time_zone.filter(|it| {
            Zone::region_of(it).is_none_or(|of| region.is_none_or(|it| it.key != of.key))
        }),
        region,
        handle: visit.session().handle.clone(),
        errors,
    };
    view.into_response()
}
