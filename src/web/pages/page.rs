//! The data of the layout that all pages share.

use std::convert::Infallible;
use std::fmt::Display;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::config::Config;
use crate::domain::submission;
use crate::i18n::language::Language;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::Message;
use crate::web::http::client::Client;
use crate::web::http::cookies::Cookies;
use crate::web::http::return_to::PostedReturnTo;
use crate::web::pages::assets::{ICON, STYLESHEET};
use crate::web::visitor::browser_state::BrowserState;
use crate::web::visitor::csrf;
use crate::web::visitor::identity::Visitor;

/// The data of `layout.html`.
#[derive(Clone, Debug)]
pub struct Page {
    /// Puts messages into the reader's language. The short name keeps templates readable.
    pub t: Localizer,
    /// The languages to choose from in the footer; none on pages that cannot lead back.
    pub languages: &'static [&'static Language],
    /// The path and query that the footer leads back to.
    pub here: String,
    /// `SITE_NAME`.
    pub site_name: String,
    /// The path of `PUBLIC_URL`, which every link starts with; often empty.
    pub base: String,
    /// The stylesheet's file name.
    pub stylesheet: &'static str,
    /// The icon's file name.
    pub icon: &'static str,
    /// The CSRF token for the forms of this page.
    pub csrf: String,
    /// The name of the signed-in user.
    pub username: Option<String>,
    /// The message that the previous request left for this page.
    pub flash: Option<Message>,
    /// An error about the request as a whole.
    pub alert: Option<Message>,
    /// Whether the request failed because of an error on the server. The view then avoids queries that it can do without.
    pub is_our_fault: bool,
    /// The name of a cookie that is ignored because the browser sent it twice.
    pub doubled_cookie: Option<String>,
    /// Whether visitors may sign up without an invitation, so that pages offer it (`REGISTRATION=open` or `approval`).
    pub registration_open: bool,
}

impl Page {
    /// A page without user, forms and messages. It needs no query.
    #[must_use]
    pub fn bare(config: &Config, t: Localizer) -> Self {
        Self {
            t,
            languages: &[],
            here: String::new(),
            site_name: config.site_name.clone(),
            base: config.public_url.base().to_owned(),
            stylesheet: &STYLESHEET.name,
            icon: &ICON.name,
            csrf: String::new(),
            username: None,
            flash: None,
            alert: None,
            is_our_fault: false,
            doubled_cookie: None,
            registration_open: config.registration.admits(false),
        }
    }

    /// A page for this visitor, without a message from the previous request. It needs no query.
    #[must_use]
    pub fn of(app: &App, t: Localizer, cookies: &Cookies, visitor: &Visitor) -> Self {
        Self {
            csrf: csrf::token(app, cookies),
            doubled_cookie: cookies.doubled(),
            username: visitor.signed_in().map(|it| it.claims.name.to_string()),
            ..Self::bare(&app.config, t)
        }
    }

    /// The same page with the choice of languages, which leads back to this address.
    #[must_use]
    pub fn leading_back(self, app: &App, uri: &Uri) -> Self {
        Self { languages: app.languages.all(), here: path_and_query(uri), ..self }
    }

    /// A new ID for one form of this page.
    #[must_use]
    pub fn form_id(&self) -> String {
        submission::new_form_id()
    }

    /// Adds an alert about the request as a whole.
    #[must_use]
    pub fn with_alert(self, text: Message) -> Self {
        Self { alert: Some(text), ..self }
    }

    /// The address of a page of this site, for a link in a message. `query` is encoded and begins with `?`, or is empty.
    #[must_use]
    pub fn path(&self, path: &str, query: impl Display) -> String {
        format!("{}{path}{query}", self.base)
    }

    /// The title of a page, which says first that there is an error.
    #[must_use]
    pub fn title(&self, is_error: bool, title: &str) -> String {
        if is_error { self.t.error_title(title).plain() } else { title.to_owned() }
    }
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query().map_or("/", |it| it.as_str()).to_owned()
}

/// The path of this page with its query. A form that is shown again keeps its return address.
async fn here(parts: &mut Parts) -> String {
    let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, &()).await;
    if parts.method != Method::POST {
        return path_and_query(&uri);
    }
    match parts.extensions.get::<PostedReturnTo>() {
        Some(PostedReturnTo(return_to)) => {
            let mut query = Serializer::new(String::new());
            format!("{}?{}", uri.path(), query.append_pair("return_to", return_to).finish())
        }
        None => uri.path().to_owned(),
    }
}

impl FromRequestParts<App> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let Ok(cookies) = Cookies::from_request_parts(parts, app).await;
        let Ok(client) = Client::from_request_parts(parts, app).await;
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let Ok(state) = BrowserState::from_request_parts(parts, app).await;
        let t = parts.extensions.get::<Localizer>().cloned();
        let t = t.expect("the middleware `choose` runs before every page");
        let here = here(parts).await;
        let is_shown = client.is_navigation && parts.method == Method::GET;
        Ok(Self {
            flash: if is_shown { state.take_flash().await } else { None },
            languages: if visitor.signed_in().is_some() { &[] } else { app.languages.all() },
            here,
            ..Self::of(app, t, &cookies, &visitor)
        })
    }
}
