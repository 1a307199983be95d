//! The database of a server under test. Tests change it here where going through the pages is not what they are about, by the
//! repositories' own functions as far as there are any. SQL is for what no part of the server does or shows.

use std::path::Path;

use authflow::clock::Timestamp;
use authflow::db::{Db, query};
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::role::Role;
use authflow::domain::account::user::User;
use authflow::domain::account::username::Username;
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::sign_in::session::{EndReason, ListedSession};
use authflow::error::Result;
use authflow::repositories::{sessions, user_credentials, user_roles, users};
use authflow::transaction;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};

use super::TestApp;

impl TestApp {
    /// The account with this address, as it is stored.
    pub async fn user(&self, email: &str) -> User {
        let email = EmailAddress::parse(email).unwrap();
        users::find_by_email(&self.app.db, &email.key()).await.unwrap().expect("an account")
    }

    pub async fn password_hash(&self, email: &str) -> String {
        self.user(email).await.password_hash
    }

    /// The sessions of an account, the last seen first.
    pub async fn sessions(&self, email: &str) -> Vec<ListedSession> {
        let user = self.user(email).await.id;
        sessions::of_user(&self.app.db, user, 1_000).await.unwrap()
    }

    pub async fn give_role(&self, email: &str, role: &str) {
        let (user, role) = (self.user(email).await.id, Role::parse(role).unwrap());
        let given =
            transaction!(self.app.db, |tx| -> Result<_> { user_roles::add(tx, user, &role).await });
        given.unwrap();
    }

    /// Takes all roles from an account. Its invitations stay, as earlier versions left them.
    pub async fn take_roles(&self, email: &str) {
        let user = self.user(email).await.id;
        let taken =
            transaction!(self.app.db, |tx| -> Result<_> { user_roles::delete_all(tx, user).await });
        taken.unwrap();
    }

    /// Disables an account and leaves its sessions as they are: what looks at the account must refuse them.
    pub async fn disable(&self, email: &str) {
        let (user, now) = (self.user(email).await.id, self.app.clock.now());
        let disabled =
            transaction!(self.app.db, |tx| -> Result<_> { users::disable(tx, user, now).await });
        assert!(disabled.unwrap(), "{email} was disabled already");
    }

    pub async fn enable(&self, email: &str) {
        let user = self.user(email).await.id;
        let enabled =
            transaction!(self.app.db, |tx| -> Result<_> { users::enable(tx, user).await });
        assert!(enabled.unwrap(), "{email} was not disabled");
    }

    /// Takes the password of an account away, as its owner does with the link of a notice.
    pub async fn lock(&self, email: &str) {
        let user = self.user(email).await.id;
        let locked =
            transaction!(self.app.db, |tx| -> Result<_> { user_credentials::lock(tx, user).await });
        assert!(locked.unwrap(), "{email} is disabled");
    }

    pub async fn rename(&self, email: &str, username: &str) {
        let (user, username) = (self.user(email).await.id, Username::parse(username).unwrap());
        let renamed = transaction!(self.app.db, |tx| -> Result<_> {
            users::set_username(tx, user, &username).await
        });
        renamed.unwrap();
    }

    /// Ends all sessions of an account, without a notice.
    pub async fn end_sessions(&self, email: &str) {
        let (user, now) = (self.user(email).await.id, self.app.clock.now());
        let ended = transaction!(self.app.db, |tx| -> Result<_> {
            sessions::end_all(tx, user, None, EndReason::Revoked, now).await
        });
        assert!(ended.unwrap() > 0, "{email} had no session");
    }

    /// Makes every account one from before addresses had to be confirmed. SQL, since the server never takes a confirmation back.
    pub async fn forget_confirmations(&self) {
        self.change("UPDATE users SET email_verified_at = NULL").await;
    }

    /// Sets the sessions back to their first token, as a restored backup does. SQL, since the server only goes forward.
    pub async fn restore_first_tokens(&self) {
        self.change("UPDATE sessions SET generation = 1").await;
    }

    /// Makes the sent emails of a kind due again, as after a crash between sending one and noting it. SQL, since a retry is only for
    /// emails that could not be sent.
    pub async fn send_again(&self, kind: MailKind) {
        let sql = "UPDATE outbox SET state = 'waiting' WHERE kind = $1";
        let changed = transaction!(self.app.db, |tx| -> Result<_> {
            query(tx, sql).bind(kind).execute().await
        });
        assert!(changed.unwrap() > 0, "no such email");
    }

    /// The number of the newest refresh token of a session that has not ended. SQL, since it is for the server alone.
    pub async fn generation(&self) -> i64 {
        self.count("SELECT MAX(generation) FROM sessions WHERE ended_at IS NULL").await
    }

    /// When any session was last seen, to the second. SQL, since pages say it in words.
    pub async fn last_seen(&self) -> Timestamp {
        Timestamp(self.count("SELECT MAX(last_seen_at) FROM sessions").await)
    }

    /// How many tickets of the gate are spent. SQL, since the server counts those of one session at a time.
    pub async fn spent_tickets(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM spent_tickets").await
    }

    /// The hashes of the recovery codes. SQL, since the server looks up one at a time.
    pub async fn recovery_code_hashes(&self) -> Vec<Vec<u8>> {
        let hashes = query(&self.app.db, "SELECT hash FROM recovery_codes").all::<(Vec<u8>,)>();
        hashes.await.unwrap().into_iter().map(|(hash,)| hash).collect()
    }

    /// Runs SQL that changes the database, for what no function of the server does; returns how many rows it changed.
    pub async fn change(&self, sql: &'static str) -> u64 {
        let changed =
            transaction!(self.app.db, |tx| -> Result<_> { query(tx, sql).execute().await });
        changed.unwrap()
    }

    /// The number that this SQL selects, for rows that no page counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        count(&self.app.db, sql).await
    }
}

/// The number that this SQL selects from a database.
pub async fn count(db: &Db, sql: &'static str) -> i64 {
    let (count,): (i64,) = query(db, sql).one().await.unwrap();
    count
}

/// Runs SQL on a SQLite file that no server has open, and creates it if it is missing. Foreign keys are off, so that it can be damaged.
pub async fn write_sqlite(file: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut on = SqliteConnection::connect_with(&options.foreign_keys(false)).await.unwrap();
    on.execute(sql).await.unwrap();
    on.close().await.unwrap();
}
