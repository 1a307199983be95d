//! The data of the layout that all pages share.

use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::config::Config;
use crate::domain::account::role::ADMIN;
use crate::domain::addresses::page_of_form;
use crate::domain::submission;
use crate::i18n::language::Language;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::Message;
use crate::web::http::client::Client;
use crate::web::http::cookies::Cookies;
use crate::web::http::return_to::PostedReturnTo;
use crate::web::visitor::browser_state::BrowserState;
use crate::web::visitor::csrf;
use crate::web::visitor::identity::Visitor;
use crate::web::visitor::theme::Theme;

/// A page whose address is not below that of its section, and its place there.
const ELSEWHERE: [(&str, &str); 1] = [("/admin/users/invite", "/admin/invitations/")];

/// The data of `layout.html`.
#[derive(Clone, Debug)]
pub struct Page {
    /// Puts messages into the reader's language. The short name keeps templates readable.
    pub t: Localizer,
    /// The languages to choose from in the footer; none if the account has a setting, or if the page cannot lead back.
    pub languages: &'static [&'static Language],
    /// The colors that this browser has chosen.
    pub theme: Theme,
    /// Where this page is.
    pub here: Here,
    /// The configuration, for the files of the page and for its footer.
    pub config: Arc<Config>,
    /// `SITE_NAME`.
    pub site_name: String,
    /// The path of `PUBLIC_URL`, which every link starts with; often empty.
    pub base: String,
    /// The CSRF token for the forms of this page; empty if it can have none.
    pub csrf: String,
    /// The name of the signed-in user.
    pub username: Option<String>,
    /// Whether the signed-in user is an administrator.
    pub is_administrator: bool,
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
    pub fn bare(config: &Arc<Config>, t: Localizer, theme: Theme) -> Self {
        Self {
            t,
            languages: &[],
            theme,
            config: Arc::clone(config),
            here: Here::default(),
            site_name: config.site_name.clone(),
            base: config.public_url.base().to_owned(),
            csrf: String::new(),
            username: None,
            is_administrator: false,
            flash: None,
            alert: None,
            is_our_fault: false,
            doubled_cookie: None,
            registration_open: config.registration.admits(false),
        }
    }

    /// The page at this address for this visitor, without a message from the previous request. It needs no query.
    #[must_use]
    pub fn of(app: &App, t: Localizer, cookies: &Cookies, visitor: &Visitor, here: Here) -> Self {
        let signed_in = visitor.signed_in();
        Self {
            languages: if signed_in.is_some() { &[] } else { app.languages.all() },
            here,
            csrf: csrf::token(app, cookies),
            doubled_cookie: cookies.doubled(),
            username: signed_in.map(|it| it.claims.name.to_string()),
            is_administrator: signed_in.is_some_and(|it| it.session.roles().any(|it| it == ADMIN)),
            ..Self::bare(&app.config, t, Theme::of_browser(cookies))
        }
    }

    /// Whether this is the page at `path`.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        self.below_base() == path
    }

    /// The value of `aria-current` for a link to `path`: `page` on that page, `true` on a page below it.
    #[must_use]
    pub fn current(&self, path: &str) -> Option<&'static str> {
        let here = self.below_base();
        let elsewhere = ELSEWHERE.iter().find(|(page, _)| *page == here);
        match elsewhere.map_or(here, |(_, place)| place).strip_prefix(path)? {
            "" => Some("page"),
            rest => rest.starts_with('/').then_some("true"),
        }
    }

    /// The path of this page below that of `PUBLIC_URL`.
    fn below_base(&self) -> &str {
        self.here.path.strip_prefix(&self.base).unwrap_or_default()
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

    /// What the title says about the message of the previous request, because screen readers read the title first. Titles stay in the history of
    /// the browser and are seen by others while a screen is shared, so a message with a name or an address is only announced.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let flash = self.flash.as_ref()?;
        Some(if flash.quotes() {
            self.t.layout_notice().to_owned()
        } else {
            self.t.say(flash).plain()
        })
    }

    /// The title of a page, which says first that there is an error.
    #[must_use]
    pub fn title(&self, is_error: bool, title: &str) -> String {
        if is_error { self.t.error_title(title).plain() } else { title.to_owned() }
    }
}

/// Where a page is: which one the header marks, and where the footer's choices lead back to.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// The path of the page: that of the request, or of the page with the form that was sent. It begins with that of `PUBLIC_URL`.
    pub path: String,
    /// The path and query of the page that the footer leads back to.
    pub back: String,
}

impl Here {
    /// A page that was requested with GET.
    #[must_use]
    pub fn shown(uri: &Uri) -> Self {
        let back = uri.path_and_query().map_or("/", |it| it.as_str()).to_owned();
        Self { path: uri.path().to_owned(), back }
    }

    /// The response to a form that shows something else than the form. It leads back to the home page.
    #[must_use]
    pub fn answered(uri: &Uri, base: &str) -> Self {
        Self { path: uri.path().to_owned(), back: format!("{base}/") }
    }

    /// The page of this request. A form that is shown again keeps its return address.
    async fn of_request(parts: &mut Parts, base: &str) -> Self {
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, &()).await;
        if parts.method != Method::POST {
            return Self::shown(&uri);
        }
        let page = uri.path().strip_prefix(base).and_then(page_of_form);
        let path = page.map_or_else(|| uri.path().to_owned(), |page| format!("{base}{page}"));
        let back = match parts.extensions.get::<PostedReturnTo>() {
            Some(PostedReturnTo(return_to)) => {
                let mut query = Serializer::new(String::new());
                format!("{path}?{}", query.append_pair("return_to", return_to).finish())
            }
            None => path.clone(),
        };
        Self { path, back }
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
        let here = Here::of_request(parts, app.config.public_url.base()).await;
        let is_shown = client.is_navigation && parts.method == Method::GET;
        Ok(Self {
            flash: if is_shown { state.take_flash().await } else { None },
            ..Self::of(app, t, &cookies, &visitor, here)
        })
    }
}
