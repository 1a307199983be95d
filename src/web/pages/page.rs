//! The frame of every page.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::App;
use crate::config::{Config, Registration};
use crate::web::http::client::Client;
use crate::web::http::cookies::Cookies;
use crate::web::pages::assets::{ICON, STYLESHEET};
use crate::web::visitor::browser_state::BrowserState;
use crate::web::visitor::csrf;
use crate::web::visitor::identity::Visitor;

/// What `layout.html` shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// What the site is called.
    pub site_name: String,
    /// The path of `PUBLIC_URL`, which every address begins with; often empty.
    pub base: String,
    /// The stylesheet's file name.
    pub stylesheet: &'static str,
    /// The icon's file name.
    pub icon: &'static str,
    /// The token for the forms of this page.
    pub csrf: String,
    /// The name of the signed-in user.
    pub username: Option<String>,
    /// The message of the last request, shown once.
    pub flash: Option<String>,
    /// What is wrong with this request as a whole.
    pub alert: Option<String>,
    /// Whether the request failed because of an error here: a view then looks nothing up that it can do without.
    pub is_our_fault: bool,
    /// A cookie of ours that is ignored because the browser sent it twice.
    pub doubled_cookie: Option<String>,
    /// Whether people may sign up.
    pub registration_open: bool,
}

impl Page {
    /// A frame without a user and without forms, for which nothing is looked up.
    #[must_use]
    pub fn bare(config: &Config) -> Self {
        Self {
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
            registration_open: config.registration == Registration::Open,
        }
    }

    /// Adds an alert about the request as a whole.
    #[must_use]
    pub fn with_alert(self, text: impl Into<String>) -> Self {
        Self { alert: Some(text.into()), ..self }
    }
}

impl FromRequestParts<App> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let Ok(cookies) = Cookies::from_request_parts(parts, app).await;
        let Ok(client) = Client::from_request_parts(parts, app).await;
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let Ok(state) = BrowserState::from_request_parts(parts, app).await;
        let is_shown = client.is_navigation && parts.method == axum::http::Method::GET;
        Ok(Self {
            csrf: csrf::token(app, &cookies),
            doubled_cookie: cookies.doubled(),
            username: visitor.signed_in().map(|it| it.claims.name.to_string()),
            flash: if is_shown { state.take_flash().await } else { None },
            ..Self::bare(&app.config)
        })
    }
}
