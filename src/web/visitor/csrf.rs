//! CSRF tokens, which prove that a form comes from our own page in the same browser.
//!
//! The token is an HMAC over a random cookie, so the server stores nothing. Sign-in and sign-out keep the cookie, so that forms in other
//! tabs stay valid.

use crate::app::App;
use crate::secret;
use crate::web::http::cookies::{Cookies, Name};

/// The CSRF token for this browser. Sets the cookie if the browser has none; several tokens of one response belong to the same cookie.
#[must_use]
pub fn token(app: &App, cookies: &Cookies) -> String {
    let known = cookies.get(Name::Csrf).or_else(|| cookies.sent(Name::Csrf));
    let known = known.filter(|value| secret::decode(value).is_some_and(|it| it.len() == 32));
    let value = known.unwrap_or_else(|| {
        let value = secret::encode(&secret::random::<32>());
        cookies.set(Name::Csrf, &value, None, app.clock.now());
        value
    });
    secret::encode(&app.secrets.csrf.tag(value.as_bytes()))
}

/// Whether the token matches the browser's cookie.
#[must_use]
pub fn is_good(app: &App, cookies: &Cookies, token: &str) -> bool {
    cookies.get(Name::Csrf).is_some_and(|cookie| {
        secret::decode(token).is_some_and(|tag| app.secrets.csrf.verify(cookie.as_bytes(), &tag))
    })
}
