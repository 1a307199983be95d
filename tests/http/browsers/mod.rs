//! Whole flows in real browsers without JavaScript: Chromium, and w3m, a text browser.

mod account;
mod administration;
mod passwords;
mod sign_up;
mod two_factor;
mod w3m;

use super::support::*;

/// The default `PUBLIC_URL`.
const SITE: &str = "http://localhost:5000";

/// A person with Chromium, who finds everything by clicking.
struct Visitor {
    chromium: Chromium,
}

impl Visitor {
    /// `None` where Chromium is not installed.
    async fn of(app: &TestApp) -> Option<Self> {
        let (browser, driver) = chromium::installed()?;
        Some(Self { chromium: Chromium::at(app.address, browser, driver).await })
    }

    /// Types an address.
    async fn goes_to(&self, path: &str) {
        self.chromium.open(&format!("{SITE}{path}")).await;
    }

    /// Clicks the link to this path, with or without a query.
    async fn follows(&self, path: &str) {
        self.chromium.click(&format!("a[href='{path}'], a[href^='{path}?']")).await;
    }

    /// Fills in the form that is sent to this path and has these fields, and presses its button. A box is ticked with `on`.
    async fn sends(&self, path: &str, fields: &[(&str, &str)]) {
        let has = having(fields);
        let form = format!("form:is([action='{path}'], [action^='{path}?']){has}");
        for (name, value) in fields {
            let field = format!("{form} [name='{name}']");
            match *value {
                "on" => self.chromium.click(&field).await,
                _ if *name == "language" => {
                    self.chromium.click(&format!("{field} option[value='{value}']")).await;
                }
                _ => self.chromium.refill(&field, value).await,
            }
        }
        self.chromium.click(&format!("{form} button")).await;
    }

    /// Is led to this path.
    async fn is_at(&self, path: &str) -> Page {
        Page::of(path, &self.chromium.arrives_at(&format!("{SITE}{path}")).await)
    }

    /// Sees what is wrong, at the form that was sent.
    async fn is_refused(&self) -> Page {
        self.chromium.sees("[role=alert], [aria-invalid]").await
    }

    /// Opens the newest email in the mailbox with a link that starts like this, and follows the link.
    async fn opens_mailed_link(&self, app: &TestApp, start: &str) {
        app.mails().await;
        self.goes_to("/dev/mail").await;
        let list = self.is_at("/dev/mail").await;
        let link = format!("main a[href^='{SITE}{start}']");
        for mail in list.select("main a[href^='/dev/mail/']") {
            self.chromium.click(&format!("a[href='{}']", mail["href"])).await;
            if !self.is_at(&mail["href"]).await.select(&link).is_empty() {
                return self.chromium.click(&link).await;
            }
            self.goes_to("/dev/mail").await;
        }
        panic!("no email has a link to {start}");
    }

    /// Signs up, and confirms the address with the link in the mailbox.
    async fn signs_up(&self, app: &TestApp, email: &str) {
        self.goes_to("/auth/register").await;
        self.sends("/auth/register", &account(email)).await;
        self.is_at("/auth/check-mail").await;
        self.opens_mailed_link(app, "/auth/verify-email/").await;
        self.confirms().await;
        self.is_at("/dashboard").await;
    }

    /// Sends the form behind a link in an email, whose address is that of the page.
    async fn confirms(&self) {
        let url = self.chromium.ask("/url", None).await;
        let path = url.as_str().unwrap().strip_prefix(SITE).unwrap().to_owned();
        self.sends(&path, &[]).await;
    }

    async fn signs_in(&self, email: &str, password: &str) {
        self.goes_to("/auth/login").await;
        self.sends("/auth/login", &[("email", email), ("password", password)]).await;
    }

    /// Signs out with the button that every page has.
    async fn signs_out(&self) {
        self.goes_to("/dashboard").await;
        self.sends("/auth/logout", &[]).await;
        self.is_at("/auth/login").await;
    }
}

/// The fields of a sign-up.
fn account(email: &str) -> [(&'static str, &str); 4] {
    [
        ("username", "Ada Lovelace"),
        ("email", email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ]
}

/// The part of a selector that picks the forms with all of these fields.
fn having(fields: &[(&str, &str)]) -> String {
    let each = fields.iter().map(|(name, _)| format!(":has([name='{name}'])"));
    each.collect::<Vec<_>>().concat()
}
