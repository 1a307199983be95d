//! Emails over SMTP.

mod dialects;
mod encryption;
mod sending;

use authflow::services::email::delivery::{self, Delivered};
use authflow::services::email::overview;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;

use super::support::*;

/// No TLS, no user and no quirk.
const PLAIN: Manner =
    Manner { tls: false, starttls: false, user: None, only_login: false, quirk: None };
const USER: (&str, &str) = ("ada@example.org", "p@ss:/#%+ ü");
const STARTTLS: Manner = Manner { starttls: true, user: Some(USER), ..PLAIN };
const TLS: Manner = Manner { tls: true, user: Some(USER), ..PLAIN };

fn url(scheme: &str, server: &SmtpServer, rest: &str) -> String {
    let [user, password] = [USER.0, USER.1].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
    format!("{scheme}://{user}:{password}@localhost:{}{rest}", server.port)
}

/// A server that sends emails by `url`, and trusts the authority of the mail server.
async fn app_at(url: &str, server: &SmtpServer, more: &[(&str, &str)]) -> TestApp {
    let folder = TempDir::new().unwrap();
    let authority = folder.path().join("authority.pem");
    std::fs::write(&authority, &server.authority).unwrap();
    let authority = authority.to_str().unwrap();
    let mut variables =
        vec![("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url), ("SMTP_CA_FILE", authority), FROM];
    variables.extend_from_slice(more);
    TestApp::with(&variables).await
}

/// A server that sends emails without TLS and without a user.
async fn plain_app(server: &SmtpServer, more: &[(&str, &str)]) -> TestApp {
    app_at(&format!("smtp://localhost:{}", server.port), server, more).await
}

/// Signs up, and tries once to deliver the confirmation email.
async fn sign_up(app: &TestApp) -> Delivered {
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    delivery::deliver_next(&app.app).await.unwrap()
}

/// State, attempts and last error of the only email.
async fn state(app: &TestApp) -> (String, i64, String) {
    let mails = overview::list(&app.app.db, None, 10).await.unwrap();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    (mail.state.name().into(), mail.attempts, mail.last_error.clone().unwrap_or_default())
}
