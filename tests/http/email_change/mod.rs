//! Changing the email address of an account.

mod confirm;
mod undo;

use super::support::*;

const NEW: &str = "ada@new.example.org";

async fn ask(browser: &Browser, email: &str) -> Page {
    browser.press("/profile/email", "Change email", &[("email", email)]).await
}
