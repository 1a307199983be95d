//! Rows for long lists, added in the database.

use std::ops::RangeInclusive;

use authflow::db::{Db, Result, query};
use authflow::transaction;

use super::super::support::*;

/// The number of rows that are added after others. It is a multiple of 3,600, so that they were seen last.
pub const LATER: u32 = 3_600_000;

/// Adds rows in the database, with the numbers in `rows`. In `values`, `n` is the number of the row, `@id` and `@hash` come from it, `@user`
/// is Ada and `@now` the time.
async fn fill(app: &TestApp, rows: RangeInclusive<u32>, columns: &str, values: &str) {
    let is_sqlite = matches!(app.app.db, Db::Sqlite { .. });
    let (id, hash, user) = if is_sqlite {
        ("unhex(printf('%032x', n))", "unhex(printf('%064x', n))", "$1")
    } else {
        let id = "CAST(lpad(to_hex(n), 32, '0') AS UUID)";
        (id, "decode(lpad(to_hex(n), 64, '0'), 'hex')", "CAST($1 AS UUID)")
    };
    let values = values
        .replace("@id", id)
        .replace("@hash", hash)
        .replace("@user", user)
        .replace("@now", &app.app.clock.now().0.to_string());
    let (first, last) = (rows.start(), rows.end());
    // The parameter is used even if no value has it.
    let sql = format!(
        "INSERT INTO {columns}
         WITH RECURSIVE series (n) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {last})
         SELECT {values} FROM series WHERE {user} IS NOT NULL"
    );
    let (sql, ada): (&'static str, _) = (Box::leak(sql.into_boxed_str()), app.user(ADA).await.id);
    let added =
        transaction!(app.app.db, |tx| -> Result<_> { query(tx, sql).bind(ada).execute().await });
    assert_eq!(added.unwrap(), u64::from(last - first + 1));
}

/// Adds sessions. Every `ended`th has ended; 0: none. Not by signing in, which ends sessions of an account that has many.
pub async fn add_sessions(app: &TestApp, rows: RangeInclusive<u32>, ended: u32) {
    let ended =
        if ended == 0 { "NULL".into() } else { format!("CASE WHEN n % {ended} = 0 THEN @now END") };
    let values = format!(
        "@id, @user, @hash, 1, @now, TRUE, 'pwd', @now - 9000, @now - 9000, @now - n % 3600, @now + 90000,
         '192.0.2.' || n % 256, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', {ended}"
    );
    let columns = "sessions (id, user_id, seed, generation, generation_at, remember, amr, created_at,
                             authenticated_at, last_seen_at, expires_at, address, user_agent, ended_at)";
    fill(app, rows, columns, &values).await;
}

/// Adds failed emails, of which every other one is to the address without an account.
pub async fn add_emails(app: &TestApp, rows: u32) {
    let values = "@id, 'reset_password', CASE WHEN n % 2 = 0 THEN @user END, 'ada@example.org', '192.0.2.1', 'failed', 9,
                  @now, @now - 9000 + n % 90, @now, 'email ' || n || ' refused: 550 5.7.1 ' || @long";
    let values = values.replace("@long", &format!("'{}'", "so it was refused ".repeat(10)));
    let columns = "outbox (id, kind, user_id, recipient, address, state, attempts, due_at, created_at, finished_at, last_error)";
    fill(app, 1..=rows, columns, &values).await;
}

pub async fn add_invitations(app: &TestApp, rows: u32) {
    let columns = "invitations (id, hash, email, roles, created_at, created_by, expires_at)";
    let email = format!("'guest' || n || '@{}.example.org'", "long".repeat(15));
    let values = format!("@id, @hash, {email}, 'family', @now, @user, @now + 604800");
    fill(app, 1..=rows, columns, &values).await;
}

pub async fn add_entries(app: &TestApp, rows: u32) {
    let columns = "audit_events (id, at, event, outcome, actor_id, subject_id, address, user_agent, request_id)";
    let values = "@id, @now - 9000 + n % 90, 'signed_out', 'success', @user, @user, '192.0.2.1', @agent, 'request ' || n";
    let values = values.replace("@agent", &format!("'{}'", "Lynx/2.9 ".repeat(44)));
    fill(app, 1..=rows, columns, &values).await;
}

/// Adds entries as a browser causes them.
pub async fn add_requests(app: &TestApp, rows: u32) {
    let columns = "audit_events (id, at, event, outcome, actor_id, subject_id, address, user_agent, request_id)";
    let values = "@id, @now - 9000 + n % 90, 'password_confirmed', CASE WHEN n % 4 = 0 THEN 'refused' ELSE 'success' END,
                  @user, @user, '192.0.2.' || n, @agent, '019adf6b-1c40-7000-8000-0000000000' || (10 + n)";
    let agent = "'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'";
    fill(app, 1..=rows, columns, &values.replace("@agent", agent)).await;
}

pub async fn add_users(app: &TestApp, rows: u32) {
    let columns = "users (id, email, email_key, username, name_key, credential_version, created_at, activated_at)";
    let values = "@id, 'user' || n || '@example.org', 'user' || n || '@example.org', 'User ' || n, 'user ' || n, 1,
                  @now - n, @now";
    fill(app, 1..=rows, columns, values).await;
}
