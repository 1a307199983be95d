//! The cookies that sign a browser in: its session's refresh token, and the list of accounts that it has signed in to.

use std::time::Duration;

use crate::app::App;
use crate::domain::id::UserId;
use crate::domain::sign_in::device::Device;
use crate::services::session::session_management::FreshToken;
use crate::services::sign_in::completion::CompletedSignIn;
use crate::web::http::cookies::{Cookies, Name};

/// How long a browser is remembered. Browsers keep no cookie longer than 400 days.
const DEVICE_LIFETIME: Duration = Duration::from_hours(9600);

/// Sends a refresh token, in a cookie that expires with the session at the latest.
pub fn send_refresh(app: &App, cookies: &Cookies, token: &FreshToken) {
    let until = token.remember.then_some(token.expires_at);
    cookies.set(Name::Refresh, token.token.reveal(), until, app.clock.now());
}

/// After a sign-in: sends the session's cookie, and remembers that the account was used in this browser.
pub fn sign_in(app: &App, cookies: &Cookies, signed_in: &CompletedSignIn) {
    send_refresh(app, cookies, &signed_in.token);
    remember_device(app, cookies, signed_in.user, signed_in.credential_version);
}

/// What the browser's device cookie says.
#[must_use]
pub fn device(app: &App, cookies: &Cookies) -> Option<Device> {
    Device::from_cookie(&cookies.get(Name::Device)?, &app.secrets.device)
}

/// Remembers that the account was used in this browser with this version of its credentials.
pub fn remember_device(app: &App, cookies: &Cookies, user: UserId, credential_version: i64) {
    let device = device(app, cookies).unwrap_or_else(|| Device::new(app.clock.now()));
    send_device(app, cookies, &device.with(user, credential_version));
}

/// Forgets that the account was used in this browser.
pub fn forget_device(app: &App, cookies: &Cookies, user: UserId) {
    if let Some(device) = device(app, cookies) {
        send_device(app, cookies, &device.without(user));
    }
}

fn send_device(app: &App, cookies: &Cookies, device: &Device) {
    let now = app.clock.now();
    let until = now.after(DEVICE_LIFETIME);
    cookies.set(Name::Device, &device.to_cookie(&app.secrets.device), Some(until), now);
}
