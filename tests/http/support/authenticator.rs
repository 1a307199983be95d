//! An authenticator app for tests of the second factor.

use super::*;

/// The page with new recovery codes.
pub const RECOVERY_CODES: &str = "/profile/two-factor/recovery-codes";

/// A user's authenticator app and saved recovery codes.
pub struct Authenticator {
    totp: totp_rs::Totp,
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    /// An app that has scanned the QR code of this page.
    pub fn scan(page: &Page) -> Self {
        let secret = totp_rs::Secret::try_from_base32(page.inside(".key code").replace(' ', ""));
        let totp = totp_rs::Builder::new().with_secret(secret.unwrap()).build().unwrap();
        let url = page.select("a[href^='otpauth:']")[0]["href"].clone();
        assert!(url.contains(&totp.secret().to_base32()), "link and key are equal");
        Self { totp, recovery_codes: Vec::new() }
    }

    /// The code shown `steps` from now, or in the past if negative.
    pub fn shows(&self, app: &TestApp, steps: i64) -> String {
        let time = app.app.clock.now().0 + 30 * steps;
        self.totp.generate(u64::try_from(time).unwrap()).to_string()
    }

    /// An unused code, 30 seconds later than the last.
    pub fn code(&self, app: &TestApp) -> String {
        app.wait(30);
        self.shows(app, 0)
    }
}

impl Browser {
    /// Opens a page that asks for a proof, gives it with an emailed code, and returns the page.
    pub async fn prove_by_email(&self, app: &TestApp, path: &str) -> Page {
        let asked = self.get(path).await;
        let page = self.get(asked.is(303).header("location")).await;
        let sent = self.press_on(&page, "Send code", &[]).await;
        let page = self.get(sent.is(303).header("location")).await;
        let code = app.emailed_code().await;
        let proven = self.press_on(&page, "Confirm", &[("code", &code)]).await;
        self.get(proven.is(303).header("location")).await
    }

    /// Enables two-factor authentication.
    pub async fn enable_two_factor(&self, app: &TestApp) -> Authenticator {
        let page = self.get("/profile/two-factor").await;
        let mut authenticator = Authenticator::scan(page.is(200));
        let code = authenticator.code(app);
        let form = page.form_to("/profile/two-factor", &[("code", &code)]);
        let done = self.post(&form.action, &form.filled(&[("code", &code)])).await;
        done.goes_to(RECOVERY_CODES);
        let codes = self.get(RECOVERY_CODES).await;
        codes.is(200);
        authenticator.recovery_codes = codes.each(".codes code");
        assert_eq!(authenticator.recovery_codes.len(), 10);
        authenticator
    }
}
