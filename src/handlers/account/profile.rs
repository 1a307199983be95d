//! The profile: display name, language and time zone, with the handle beside them.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Deserializer};

use crate::app::App;
use crate::config::RemoteUser;
use crate::domain::account::handle::Handle;
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

/// The fields. What is not sent stays as it is, and an empty choice removes the setting.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    #[serde(deserialize_with = "sent")]
    username: Option<String>,
    #[serde(deserialize_with = "sent")]
    language: Option<String>,
    #[serde(deserialize_with = "sent")]
    time_zone: Option<String>,
    /// The key of a region: the button of one shows its time zones, and saves nothing.
    #[serde(deserialize_with = "sent")]
    region: Option<String>,
}

/// A field that is in the form. The fields of a form are text, which serde does not take for an [`Option`].
fn sent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/profile.html")]
struct View {
    page: Page,
    username: String,
    language: Option<String>,
    languages: &'static [&'static Language],
    /// The setting, if a later version of this program has that language and this one does not.
    unknown_language: Option<String>,
    /// The language of emails to an account that leaves it to the browser.
    default_language: &'static str,
    time_zone: Option<String>,
    default_zone: String,
    regions: &'static [Region],
    /// The region whose places the list has: a list of all is longer than the rest of the page together.
    region: Option<&'static Region>,
    is_region_chosen: bool,
    /// The setting, if the list does not have it, such as one that was imported.
    unlisted_zone: Option<String>,
    handle: Option<Handle>,
    /// Whether apps identify users by the handle.
    is_known_to_apps: bool,
    errors: Errors,
}

impl View {
    /// Whether the list has the places of this region.
    fn is_open(&self, region: &Region) -> bool {
        self.region.is_some_and(|it| it.key == region.key)
    }
}

/// `GET /profile`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Response {
    view(&visit, page, &Fields::default(), Errors::default())
}

/// `POST /profile`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    let of_region = page.clone();
    form.answer(
        page,
        async |fields| match fields.region {
            Some(_) => Ok(view(&visit, of_region, fields, Errors::default())),
            None => act(&visit, fields).await,
        },
        async |page, fields, errors| Ok(view(&visit, page, fields, errors)),
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let session = visit.session();
    let mut errors = Errors::default();
    let username = match &fields.username {
        Some(typed) => errors.check("username", Username::parse(typed)),
        None => Some(session.username.clone()),
    };
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

/// Renders the page with what was sent, and otherwise with what is saved. Without a region, the list has that of the chosen time zone, or
/// else of the site's default.
fn view(visit: &Visit<SignedIn>, page: Page, fields: &Fields, errors: Errors) -> Response {
    let (app, session) = (&visit.app, visit.session());
    let default_zone = app.config.default_time_zone.name().to_owned();
    let saved = session.preferences.clone();
    let time_zone = fields.time_zone.clone().or_else(|| saved.time_zone.clone());
    let chosen = time_zone.as_deref().filter(|it| !it.is_empty()).unwrap_or(&default_zone);
    let asked = fields.region.as_deref().and_then(Zone::region);
    let region = asked.or_else(|| Zone::region_of(chosen));
    let is_listed = |zone: &str| {
        Zone::region_of(zone).is_some_and(|of| region.is_some_and(|it| it.key == of.key))
    };
    let typed_name = fields.username.clone();
    let view = View {
        page,
        username: typed_name.unwrap_or_else(|| session.username.to_string()),
        language: fields.language.clone().or_else(|| saved.language.clone()),
        languages: app.languages.all(),
        unknown_language: saved.language.filter(|it| app.languages.find(it).is_none()),
        default_language: app
            .languages
            .find(&app.config.default_language)
            .map_or("", |it| &it.name),
        default_zone,
        regions: Zone::regions(),
        unlisted_zone: saved.time_zone.filter(|it| !is_listed(it)),
        time_zone,
        region,
        is_region_chosen: asked.is_some(),
        handle: session.handle.clone(),
        is_known_to_apps: app.config.gate_remote_user == RemoteUser::Handle,
        errors,
    };
    view.into_response()
}
