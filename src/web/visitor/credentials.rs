//! The cookies of a signed-in browser: the refresh token of its session, and the list of accounts that were used in it.

use std::time::Duration;

use crate::app::App;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::refresh_token::RefreshToken;
use crate::domain::sign_in::session_kind::SessionKind;
use crate::services::session::session_management::FreshToken;
use crate::services::sign_in::completion::CompletedSignIn;
use crate::web::http::cookies::{Cookies, Name};

/// The lifetime of the device cookie. Browsers limit cookies to 400 days.
const DEVICE_LIFETIME: Duration = Duration::from_hours(9600);

/// Sends the refresh token in a cookie. It expires with the session or, without "remember me", when the browser closes.
pub fn send_refresh(app: &App, cookies: &Cookies, token: &FreshToken) {
    let until = token.remember.then_some(token.expires_at);
    cookies.set(Name::Refresh, token.token.reveal(), until, app.clock.now());
}

/// The session whose cookie the response sets so far. `Some(None)`: it deletes the cookie.
#[must_use]
pub fn sent_session(app: &App, cookies: &Cookies) -> Option<Option<SessionId>> {
    let token = cookies.sent(Name::Refresh)?;
    let (signers, kind) = (&app.secrets.refresh_token, SessionKind::Browser);
    Some(RefreshToken::parse(signers, kind, &token).map(|token| token.session()))
}

/// After a sign-in: sends the session's cookie and adds the account to the device cookie.
pub fn sign_in(app: &App, cookies: &Cookies, signed_in: &CompletedSignIn) {
    send_refresh(app, cookies, &signed_in.token);
    remember_device(app, cookies, signed_in.user, signed_in.credential_version);
}

/// The content of the device cookie.
#[must_use]
pub fn device(app: &App, cookies: &Cookies) -> Option<Device> {
    Device::from_cookie(&cookies.get(Name::Device)?, &app.secrets.device)
}

/// The content of the device cookie that the response sets so far.
#[must_use]
pub fn sent_device(app: &App, cookies: &Cookies) -> Option<Device> {
    Device::from_cookie(&cookies.sent(Name::Device)?, &app.secrets.device)
}

/// Adds the account and the version of its credentials to the device cookie.
pub fn remember_device(app: &App, cookies: &Cookies, user: UserId, credential_version: i64) {
    let device = device(app, cookies).unwrap_or_else(|| Device::new(app.clock.now()));
    send_device(app, cookies, &device.with(user, credential_version));
}

/// Removes the account from the device cookie.
pub fn forget_device(app: &App, cookies: &Cookies, user: UserId) {
    if let Some(device) = device(app, cookies) {
        send_device(app, cookies, &device.without(user));
    }
}

/// Sends the device cookie.
pub fn send_device(app: &App, cookies: &Cookies, device: &Device) {
    let now = app.clock.now();
    let until = now.after(DEVICE_LIFETIME);
    cookies.set(Name::Device, &device.to_cookie(&app.secrets.device), Some(until), now);
}
