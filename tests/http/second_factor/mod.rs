//! Two-factor authentication: its settings, the sign-in with it, and recovery codes.

mod recovery_codes;
mod settings;
mod sign_in;

use super::support::*;

/// Enters the password in a signed-out browser, which then asks for the code.
async fn first_step(browser: &Browser, email: &str) -> Page {
    browser.sign_in(email, PASSWORD).await.goes_to("/auth/two-factor");
    browser.get("/auth/two-factor").await
}

async fn second_step(browser: &Browser, code: &str) -> Page {
    browser.press("/auth/two-factor", "Sign in", &[("code", code)]).await
}
