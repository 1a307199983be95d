//! The profile: display name, language and time zone, with the handle beside them.

use askama::Template;
use askama_web::WebTemplate;
use axum::response::{IntoResponse, Response, Result};
use serde::{Deserialize, Deserializer};

use crate::app::App;
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::i18n::language::Language;
use crate::i18n::message;
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
    default_zone: String,
    regions: &'static [Region],
    handle: Option<Handle>,
    errors: Errors,
}

/// `GET /profile`
pub async fn show(visit: Visit<SignedIn>, page: Page) -> Response {
    let session = visit.session();
    let Preferences { language, time_zone } = session.preferences.clone();
    let fields = &Fields { username: session.username.to_string(), language, time_zone };
    view(&visit, page, fields, Errors::default())
}

/// `POST /profile`
pub async fn submit(visit: Visit<SignedIn>, page: Page, form: Form<Fields>) -> Result<Response> {
    form.answer(
        page,
        async |fields| act(&visit, fields).await,
        async |page, fields, errors| Ok(view(&visit, page, fields, errors)),
    )
    .await
}

async fn act(visit: &Visit<SignedIn>, fields: &Fields) -> Result<Response, Refused> {
    let session = visit.session();
    let mut errors = Errors::default();
    let username = errors.check("username", Username::parse(&fields.username));
    let mut preferences = session.preferences.clone();
    if let Some(chosen) = &fields.language {
        match language(&visit.app, chosen) {
            Some(language) => preferences.language = language,
            None => errors.add("language", message::profile_language_invalid()),
        }
    }
    if let Some(chosen) = &fields.time_zone {
        match time_zone(chosen) {
            Some(zone) => preferences.time_zone = zone,
            None => errors.add("time_zone", message::profile_time_zone_invalid()),
        }
    }
    let (Some(username), true) = (username, errors.is_empty()) else { return Err(errors.into()) };
    let profile = NewProfile { username, preferences };
    profile::save(&visit.app, session.user_id, &profile, visit.source()).await?;
    Ok(visit.go_saying(addresses::PROFILE, message::profile_saved()).await)
}

/// The language of this choice, `Some(None)` for none. `None`: there is no such choice.
fn language(app: &App, chosen: &str) -> Option<Option<String>> {
    if chosen.is_empty() {
        return Some(None);
    }
    app.languages.find(chosen).map(|it| Some(it.code.clone()))
}

/// The time zone of this choice, likewise.
fn time_zone(chosen: &str) -> Option<Option<String>> {
    if chosen.is_empty() {
        return Some(None);
    }
    let mut zones = Zone::regions().iter().flat_map(|region| &region.places);
    zones.find(|it| it.zone == chosen).map(|it| Some(it.zone.clone()))
}

fn view(visit: &Visit<SignedIn>, page: Page, fields: &Fields, errors: Errors) -> Response {
    let app = &visit.app;
    let view = View {
        page,
        fields,
        languages: app.languages.all(),
        default_zone: app.config.default_time_zone.name().to_owned(),
        regions: Zone::regions(),
        handle: visit.session().handle.clone(),
        errors,
    };
    view.into_response()
}
