//! Direct access to the database of a server under test, for changes that a test does not need to make through the pages. It uses the
//! repositories where possible, and SQL only for what no function of the server does.

use std::path::Path;

use authflow::clock::Timestamp;
use authflow::db::{Db, Result, query};
use authflow::domain::account::email::EmailAddress;
use authflow::domain::account::role::Role;
use authflow::domain::account::user::User;
use authflow::domain::account::username::Username;
use authflow::domain::audit_event::{Event, FullEntry};
use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::email::mail_state::MailState;
use authflow::domain::id::UserId;
use authflow::domain::paging::{Direction, TimeCursor};
use authflow::domain::sign_in::session::{EndReason, ListedSession};
use authflow::domain::source::Source;
use authflow::domain::two_factor::totp::TotpSecret;
use authflow::repositories::audit_log::{self, Range};
use authflow::repositories::outbox_list::{self, OutboxEntry};
use authflow::repositories::{
    listed_sessions, passwords, sessions, totp, user_credentials, user_roles, users,
};
use authflow::services::administration::email_retry;
use authflow::services::audit::Actor;
use authflow::services::two_factor::second_factor;
use authflow::transaction;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use uuid::Uuid;

use super::TestApp;

impl TestApp {
    /// The stored account with this address.
    pub async fn user(&self, email: &str) -> User {
        let email = EmailAddress::parse(email).unwrap();
        users::find_by_email(&self.app.db, &email.key())
            .await
            .unwrap()
            .expect("the account should exist")
    }

    /// The hash of the account's password, even if it was removed.
    pub async fn password_hash(&self, email: &str) -> String {
        let user = self.user(email).await.id;
        passwords::find(&self.app.db, user).await.unwrap().expect("the account never had one").hash
    }

    /// Deletes the password of an account, as if its owner had always signed in otherwise. SQL, since the server never does that.
    pub async fn forget_password(&self, email: &str) {
        let user = self.user(email).await.id;
        let sql = "DELETE FROM passwords WHERE user_id = $1";
        let deleted = transaction!(self.app.db, |tx| -> Result<_> {
            query(tx, sql).bind(user).execute().await
        });
        assert_eq!(deleted.unwrap(), 1, "{email} has no password");
    }

    /// The sessions of an account, most recently seen first.
    pub async fn sessions(&self, email: &str) -> Vec<ListedSession> {
        let user = self.user(email).await.id;
        let found = listed_sessions::of_user(&self.app.db, user, Uuid::max(), 1_000).await;
        let mut sessions = found.unwrap();
        sessions.sort_by_key(|it| std::cmp::Reverse((it.last_seen_at, it.id.0)));
        sessions
    }

    /// The number of sessions of an account that ended for this reason.
    pub async fn sessions_ended_by(&self, email: &str, reason: EndReason) -> usize {
        let mut count = 0;
        for session in self.sessions(email).await {
            let found = sessions::find(&self.app.db, session.id).await.unwrap().unwrap();
            count += usize::from(found.end_reason == Some(reason.into()));
        }
        count
    }

    pub async fn give_role(&self, email: &str, role: &str) {
        let (user, role) = (self.user(email).await.id, Role::parse(role).unwrap());
        let given =
            transaction!(self.app.db, |tx| -> Result<_> { user_roles::add(tx, user, &role).await });
        given.unwrap();
    }

    /// Removes all roles of an account but keeps its invitations, as earlier versions did.
    pub async fn take_roles(&self, email: &str) {
        let user = self.user(email).await.id;
        let taken =
            transaction!(self.app.db, |tx| -> Result<_> { user_roles::delete_all(tx, user).await });
        taken.unwrap();
    }

    /// Disables an account without ending its sessions, which the server must then refuse because of the account.
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

    /// Disables the password of an account, as the link of a notice does.
    pub async fn lock(&self, email: &str) {
        let (user, now) = (self.user(email).await.id, self.app.clock.now());
        let locked = transaction!(self.app.db, |tx| -> Result<_> {
            passwords::revoke(tx, user, now).await?;
            user_credentials::invalidate_all(tx, user).await
        });
        assert!(locked.unwrap(), "{email} is disabled");
    }

    /// Gives all accounts a password that no one knows.
    pub async fn give_passwords(&self) {
        let sql =
            "INSERT INTO passwords (user_id, hash, set_at) SELECT id, 'unknown', 0 FROM users";
        assert!(self.change(sql).await > 0);
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

    /// Marks all addresses as unconfirmed, as in accounts from before addresses had to be confirmed. SQL, since the server never
    /// does that.
    pub async fn forget_confirmations(&self) {
        self.change("UPDATE users SET email_verified_at = NULL").await;
    }

    /// Marks the address of one account as unconfirmed.
    pub async fn forget_confirmation(&self, email: &str) {
        let user = self.user(email).await.id;
        let sql = "UPDATE users SET email_verified_at = NULL WHERE id = $1";
        let changed = transaction!(self.app.db, |tx| -> Result<_> {
            query(tx, sql).bind(user).execute().await
        });
        assert_eq!(changed.unwrap(), 1);
    }

    /// Resets sessions to their first token, as a restored backup does. SQL, since the server never decreases the generation.
    pub async fn restore_first_tokens(&self) {
        self.change("UPDATE sessions SET generation = 1").await;
    }

    /// Makes sent emails of a kind due again, as after a crash between sending and storing the result. SQL, since the server retries
    /// only failed emails.
    pub async fn send_again(&self, kind: MailKind) {
        let sql = "UPDATE outbox SET state = 'waiting' WHERE kind = $1";
        let changed = transaction!(self.app.db, |tx| -> Result<_> {
            query(tx, sql).bind(kind).execute().await
        });
        assert!(changed.unwrap() > 0, "there is no email of this kind");
    }

    /// The highest refresh token generation among active sessions. SQL, since the server does not show it.
    pub async fn generation(&self) -> i64 {
        self.count("SELECT MAX(generation) FROM sessions WHERE ended_at IS NULL").await
    }

    /// When a session was last seen, to the second. SQL, since pages show it only approximately.
    pub async fn last_seen(&self) -> Timestamp {
        Timestamp(self.count("SELECT MAX(last_seen_at) FROM sessions").await)
    }

    /// The number of spent gate tickets.
    pub async fn spent_tickets(&self) -> i64 {
        self.rows("spent_tickets").await
    }

    /// The hashes of all recovery codes. SQL, since the server only looks up one at a time.
    pub async fn recovery_code_hashes(&self) -> Vec<Vec<u8>> {
        let hashes = query(&self.app.db, "SELECT hash FROM recovery_codes").all::<(Vec<u8>,)>();
        hashes.await.unwrap().into_iter().map(|(hash,)| hash).collect()
    }

    /// The entries of this event in the audit log, newest first.
    pub async fn audit_entries(&self, event: Event) -> Vec<FullEntry> {
        let (event, from, until) = (Some(event), Timestamp(0), Timestamp(i64::MAX));
        let range = Range { person: None, event, outcome: None, from, until };
        let (direction, latest) = (Direction::Forward, TimeCursor::LATEST);
        audit_log::page(&self.app.db, &range, direction, latest, 1_000).await.unwrap()
    }

    /// All emails in any state, newest first.
    async fn outbox(&self) -> Vec<OutboxEntry> {
        let (direction, latest) = (Direction::Forward, Uuid::max());
        outbox_list::page(&self.app.db, direction, latest, 1_000).await.unwrap()
    }

    /// The emails of this kind in any state, newest first.
    pub async fn emails(&self, kind: MailKind) -> Vec<OutboxEntry> {
        let mut emails = self.outbox().await;
        emails.retain(|email| email.kind == kind);
        emails
    }

    /// The emails to this address in any state, newest first.
    pub async fn emails_to(&self, address: &str) -> Vec<OutboxEntry> {
        let mut emails = self.outbox().await;
        emails.retain(|email| email.recipient == address);
        emails
    }

    /// The emails in this state, newest first.
    pub async fn emails_in(&self, state: MailState) -> Vec<OutboxEntry> {
        let (direction, latest) = (Direction::Forward, TimeCursor::LATEST);
        outbox_list::in_state(&self.app.db, state, direction, latest, 1_000).await.unwrap()
    }

    /// Retries all failed emails as an operator does. Returns how many.
    pub async fn retry_emails(&self) -> u64 {
        let source = Source::command_line();
        let actor = Actor { id: None, source: &source };
        email_retry::retry(&self.app.db, &self.app.clock, actor, None).await.unwrap()
    }

    /// Gives an account an authenticator app that no one has, without ending its sessions.
    pub async fn put_totp(&self, user: UserId) {
        let sealed = second_factor::seal(&self.app, user, &TotpSecret::new(&[7; 32]));
        let put = transaction!(self.app.db, |tx| -> Result<_> {
            totp::put(tx, user, &sealed, 0, Timestamp(0)).await
        });
        assert!(put.unwrap());
    }

    /// The number of sessions that have not ended. SQL, since the server lists those of one account at a time.
    pub async fn active_sessions(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await
    }

    /// The number of rows in a table. SQL, since the server counts no table.
    pub async fn rows(&self, table: &str) -> i64 {
        self.count(Box::leak(format!("SELECT COUNT(*) FROM {table}").into_boxed_str())).await
    }

    /// Runs SQL for changes that no function of the server makes. Returns the number of changed rows.
    pub async fn change(&self, sql: &'static str) -> u64 {
        let changed =
            transaction!(self.app.db, |tx| -> Result<_> { query(tx, sql).execute().await });
        changed.unwrap()
    }

    /// The number that this SQL selects, for rows that no page shows.
    pub async fn count(&self, sql: &'static str) -> i64 {
        count(&self.app.db, sql).await
    }
}

/// The number that this SQL selects from a database.
pub async fn count(db: &Db, sql: &'static str) -> i64 {
    let (count,): (i64,) = query(db, sql).one().await.unwrap();
    count
}

/// Runs SQL on a SQLite file that no server has open, and creates the file if needed. Foreign keys are off, so that it can be damaged.
pub async fn write_sqlite(file: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut on = SqliteConnection::connect_with(&options.foreign_keys(false)).await.unwrap();
    on.execute(sql).await.unwrap();
    on.close().await.unwrap();
}
