//! Rate limits: strangers cannot lock an owner out, nor make the server send, store or check more than it should.

mod emails;
mod guesses;
mod reset_links;

use authflow::services::email::delivery;

use super::lists;
use super::support::*;

const WRONG: &str = "a wrong guess, surely";
const RESET: &str = "reset your password";
const NEW: [(&str, &str); 2] = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];

async fn forgot(browser: &Browser, email: &str) {
    let fields = [("email", email)];
    let asked = browser.press("/auth/forgot-password", "Send reset link", &fields).await;
    asked.goes_to("/auth/check-mail");
}

/// Guesses passwords until the server refuses to check more; returns how many it checked.
async fn guess_until_held(browser: &Browser, email: &str) -> usize {
    for n in 0..100 {
        match browser.sign_in(email, WRONG).await.status.as_u16() {
            401 => {}
            429 => return n,
            other => panic!("{other}"),
        }
    }
    panic!("no limit was reached")
}

async fn count_of(app: &TestApp, to: &str, subject: &str) -> usize {
    app.subjects(to).await.iter().filter(|it| *it == subject).count()
}
