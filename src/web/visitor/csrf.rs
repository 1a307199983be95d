//! The token that proves that a form comes from a page of ours in the same browser.
//!
//! It is an HMAC over a random cookie, so nothing is stored. The cookie stays through sign-in and sign-out: forms in other tabs
//! keep working.

use crate::app::App;
use crate::secret;
use crate::web::http::cookies::{Cookies, Name};

/// The token for this browser's forms. Sets the cookie if the browser has none.
#[must_use]
pub fn token(app: &App, cookies: &Cookies) -> String {
    let known = cookies
        .get(Name::Csrf)
        .filter(|value| secret::decode(value).is_some_and(|it| it.len() == 32));
    let value = known.unwrap_or_else(|| {
        let value = secret::encode(&secret::random::<32>());
        cookies.set(Name::Csrf, &value, None, app.clock.now());
        value
    });
    secret::encode(&app.secrets.csrf.tag(value.as_bytes()))
}

/// Whether this token belongs to the browser's cookie.
#[must_use]
pub fn is_good(app: &App, cookies: &Cookies, token: &str) -> bool {
    cookies.get(Name::Csrf).is_some_and(|cookie| {
        secret::decode(token).is_some_and(|tag| app.secrets.csrf.verify(cookie.as_bytes(), &tag))
    })
}
