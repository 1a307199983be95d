//! The frame that all pages share.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app::App;
use crate::config::{Config, Registration};
use crate::domain::addresses::SitePath;
use crate::web::assets::{ICON, STYLESHEET};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::Cookies;
use crate::web::form;
use crate::web::identity::Visitor;

/// What `layout.html` shows around every page.
#[derive(Clone, Debug)]
pub struct Page {
    /// What the site is called.
    pub site_name: String,
    /// What every address begins with: empty, or the path of `PUBLIC_URL`.
    pub base: String,
    /// The stylesheet's name.
    pub stylesheet: &'static str,
    /// The icon's name.
    pub icon: &'static str,
    /// The token for the forms of this page.
    pub csrf: String,
    /// Who is signed in.
    pub username: Option<String>,
    /// What the last request left to say, shown once.
    pub flash: Option<String>,
    /// What is wrong with this request as a whole.
    pub alert: Option<String>,
    /// The cookie of ours that the browser sent twice, so that it does not count.
    pub doubled_cookie: Option<String>,
    /// Whether people may sign up.
    pub registration_open: bool,
}

impl Page {
    /// A frame that nothing has to be looked up for: nobody's name, no forms.
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
            doubled_cookie: None,
            registration_open: config.registration == Registration::Open,
        }
    }

    /// The same page with something to say about the request as a whole.
    #[must_use]
    pub fn with_alert(self, text: impl Into<String>) -> Self {
        Self { alert: Some(text.into()), ..self }
    }

    /// The same page for a form whose token was not good: the page was open too long, or cookies are blocked.
    #[must_use]
    pub fn out_of_date(self) -> Self {
        self.with_alert(
            "This form was out of date, so nothing has been done yet. What you typed is still here, except passwords: please \
             send it once more. If this happens again, allow cookies for this site.",
        )
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
            csrf: form::csrf_token(app, &cookies),
            doubled_cookie: cookies.doubled(),
            username: visitor.signed_in().map(|it| it.claims.name.to_string()),
            flash: if is_shown { state.take_flash().await } else { None },
            ..Self::bare(&app.config)
        })
    }
}

/// 303 to a path of this site.
#[must_use]
pub fn go_to(app: &App, path: impl Into<SitePath>) -> Response {
    Redirect::to(&app.config.public_url.path(path)).into_response()
}
