//! The token at the end of an emailed link, and the page for a link without its end.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::app::App;
use crate::domain::addresses::{self, Address, AddressTemplate};
use crate::domain::email::one_time_token::{NoToken, OneTimeToken};
use crate::i18n::message::{self, Message};
use crate::web::pages::page::Page;

/// The token at the end of the URL, without anything that cannot belong to it. `None`: we never issue such a token, so the link is
/// treated like an expired one. Rejects a link that was cut with a page that says so.
#[derive(Debug)]
pub struct EmailedToken(pub Option<OneTimeToken>);

/// How to get a link again.
struct Again {
    link: AddressTemplate,
    /// What to do if the whole link cannot be found.
    advice: fn() -> Message,
    /// The page that helps, and the text of the link to it.
    page: Option<(Address, fn() -> Message)>,
}

const AGAIN: [Again; 6] = [
    Again {
        link: addresses::VERIFY_EMAIL,
        advice: message::link_incomplete_verify,
        page: Some((addresses::SIGN_IN, message::sign_in)),
    },
    Again {
        link: addresses::RESET_PASSWORD,
        advice: message::link_incomplete_request,
        page: Some((addresses::FORGOT_PASSWORD, message::request_new_link)),
    },
    Again {
        link: addresses::CONFIRM_EMAIL,
        advice: message::link_incomplete_request,
        page: Some((addresses::PROFILE_EMAIL, message::request_new_link)),
    },
    Again { link: addresses::INVITATION, advice: message::link_incomplete_invitation, page: None },
    Again {
        link: addresses::FIRST_ADMINISTRATOR,
        advice: message::link_incomplete_first_administrator,
        page: None,
    },
    Again {
        link: addresses::NOT_ME,
        advice: message::link_incomplete_not_me,
        page: Some((addresses::FORGOT_PASSWORD, message::reset_password_title)),
    },
];

#[derive(Template, WebTemplate)]
#[template(path = "pages/incomplete_link.html")]
struct Incomplete {
    page: Page,
    advice: Message,
    /// The page that helps, and the text of the link to it.
    way_on: Option<(String, Message)>,
}

impl FromRequestParts<App> for EmailedToken {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let path = parts.uri.path();
        let of = |it: &&Again| path.starts_with(it.link.start().trim_end_matches('/'));
        let again = AGAIN.iter().find(of).expect("only routes of emailed links take a token");
        let end = path.strip_prefix(again.link.start()).unwrap_or_default();
        match OneTimeToken::find(&percent_decode_str(end).decode_utf8_lossy()) {
            Ok(token) => Ok(Self(Some(token))),
            Err(NoToken::Foreign) => Ok(Self(None)),
            Err(NoToken::Incomplete) => {
                let Ok(page) = Page::from_request_parts(parts, app).await;
                // Every such page has a link to the sign-in.
                let helps = again.page.filter(|(it, _)| *it != addresses::SIGN_IN);
                let href = |address| app.config.public_url.path(address);
                let way_on = helps.map(|(address, label)| (href(address), label()));
                let view = Incomplete { page, advice: (again.advice)(), way_on };
                Err((StatusCode::GONE, view).into_response())
            }
        }
    }
}
