//! A request that waits for the hashing thread while something else happens.

use authflow::domain::sign_in::password::Password;
use authflow::hasher::{Asker, Hasher};
use tokio::task::JoinHandle;

use super::{Browser, PASSWORD, Page, TestApp, encode, wait_until};

/// A request that the server has not answered yet.
pub struct Held {
    busy: JoinHandle<()>,
    response: JoinHandle<Page>,
}

impl Held {
    /// The response. Panics if the request did not have to wait until now.
    pub async fn response(self) -> Page {
        assert!(!self.busy.is_finished(), "the request had to wait");
        self.response.await.unwrap()
    }
}

impl TestApp {
    /// Submits a form, with the cookies of this browser, to a second server on the same data, whose only hashing thread is busy. Returns once
    /// the server has counted the attempt, in this many rows of `throttles`: then it has a password to hash.
    pub async fn hold(
        &self,
        browser: &Browser,
        path: &str,
        button: &str,
        typed: &[(&str, &str)],
        throttles: i64,
    ) -> Held {
        let (slow, busy) = self.with_busy_hasher().await;
        for (name, value) in browser.cookies() {
            slow.set_cookie(&name, &value);
        }
        let form = slow.get(path).await.form(button);
        let body = encode(&form.filled(typed));
        let counted = self.rows("throttles").await;
        let response = tokio::spawn(async move { slow.post_raw(&form.action, body).await });
        self.wait_for_throttles(counted + throttles).await;
        Held { busy, response }
    }

    /// A sign-in that has begun and waits.
    pub async fn hold_sign_in(&self, email: &str) -> Held {
        let typed = [("email", email), ("password", PASSWORD)];
        self.hold(&self.browser(), "/auth/login", "Sign in", &typed, 2).await
    }

    /// A second server whose only hashing thread is busy, and the task that occupies it.
    async fn with_busy_hasher(&self) -> (Browser, JoinHandle<()>) {
        let mut passwords = self.app.config.passwords.clone();
        passwords.argon2 = argon2::Params::new(262_144, 6, 1, None).unwrap();
        passwords.workers = 1;
        let hasher = Hasher::start(&passwords).unwrap();
        let browser = self.beside(|app| app.hasher = hasher.clone()).await;
        let busy = tokio::spawn(async move {
            hasher.hash(Asker::server(), &Password::parse("x").unwrap()).await.unwrap();
        });
        (browser, busy)
    }

    /// Waits until there are `count` throttles, since the server counts an attempt before it hashes.
    pub async fn wait_for_throttles(&self, count: i64) {
        let counts = async || self.rows("throttles").await >= count;
        assert!(wait_until(counts).await, "the server counts no attempt");
    }
}
