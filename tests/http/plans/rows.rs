//! A site with 100,000 accounts: its table rows, and values to search for.

const PEOPLE: i64 = 100_000;
const SESSIONS: i64 = 3 * PEOPLE;
/// Rows of tables that have fewer than one row per person.
const SOME: i64 = 60_000;
const MONTH: i64 = 30 * 86_400;

/// Statements that delete in batches, with the values for their plans. Any other values would mean that all rows are deleted at once.
///
/// `@before`: the rows of one hour are older, as on a normal day. `@now`: half of the rows are older, as after years without a
/// cleanup. Only the largest table is tested with that. To find 500 of about 10,000 rows, a full scan is the fastest plan. PostgreSQL
/// stops choosing it well before 200,000 rows.
pub const SWEEPS: [(&str, &str); 16] = [
    ("audit_events::delete_older", "@before, 500"),
    ("browser_states::delete_expired", "@moment, 500"),
    ("email_changes::delete_older", "@before, 500"),
    ("emailed_codes::delete_older", "@before, 500"),
    ("invitations::delete_expired", "@before, 500"),
    ("one_time_tokens::delete_expired", "@before, 500"),
    ("outbox::delete_finished", "@before, 500"),
    ("return_addresses::delete_expired", "@before, 500"),
    ("sessions::delete_ended", "@before, 500"),
    ("sessions::delete_expired", "@before, 500"),
    ("sessions::delete_expired", "@now, 500"),
    ("spent_tickets::delete_older", "@before, 500"),
    ("submissions::delete_older", "@before, 500"),
    ("recovery_code_seeds::delete_older", "@before"),
    ("throttles::delete_expired", "@before, 500"),
    ("sign_ups::delete_older", "@before, @now, 500"),
];

/// `(columns, rows, values)`: row `n` was created at `@since`, spread from a month and an hour ago until now.
const ROWS: [(&str, i64, &str); 20] = [
    (
        "users (id, email, email_key, username, handle, credential_version, created_at, activated_at)",
        PEOPLE,
        "@id, 'Person' || n || '@example.org', 'person' || n || '@example.org', 'Person ' || n,
         CASE WHEN n % 50 <> 0 THEN 'person' || n END, n % 3, @since,
         CASE WHEN n % 50 <> 0 THEN @since END",
    ),
    (
        "passwords (user_id, hash, set_at, revoked_at)",
        PEOPLE,
        "@id, '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmU$' || n, @since, CASE WHEN n % 100 = 0 THEN @since END",
    ),
    ("handles (key, user_id, given_at)", PEOPLE, "@hash, @id, @since"),
    ("user_roles (user_id, role)", PEOPLE, "@id, 'member'"),
    (
        "sessions (id, user_id, seed, generation, generation_at, remember, amr, created_at, authenticated_at, last_seen_at,
                   expires_at, address, user_agent, ended_at, kind)",
        SESSIONS,
        "@id, @owner, @hash, n % 20, @since, n % 2 = 0, 'pwd', @since, @since, @since,
         @since + CASE WHEN n % 2 = 0 THEN 2592000 ELSE 0 END, '192.0.2.' || n % 256,
         'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', CASE WHEN n % 20 = 0 THEN @since END,
         CASE WHEN n % 3 = 0 THEN 'program' ELSE 'browser' END",
    ),
    (
        "one_time_tokens (hash, purpose, user_id, email_key, created_at, expires_at, spent_at)",
        SOME,
        "@hash, CASE WHEN n % 3 = 0 THEN 'not_me' ELSE 'reset_password' END, @owner, @address, @since,
         @since + CASE WHEN n % 10 = 0 THEN 86400 ELSE 0 END, CASE WHEN n % 2 = 0 THEN @since END",
    ),
    (
        "outbox (id, kind, user_id, recipient, address, state, attempts, due_at, created_at, finished_at, turn, flow)",
        SOME,
        "@id, CASE WHEN n % 10 = 0 THEN 'reset_password' ELSE 'new_sign_in' END, CASE WHEN n % 10 <> 0 THEN @owner END,
         @address, '192.0.2.' || n % 256, CASE WHEN n % 1000 = 0 THEN 'waiting' ELSE 'sent' END, 1, @since, @since,
         CASE WHEN n % 1000 <> 0 THEN @since END, CASE WHEN n % 2000 = 0 THEN n END, '192.0.2.' || n % 256",
    ),
    (
        "audit_events (id, at, event, outcome, actor_id, subject_id, address, user_agent, request_id)",
        SOME,
        "@id, @since, 'signed_in', 'success', @owner, CASE WHEN n % 10 <> 0 THEN @owner END, '192.0.2.' || n % 256,
         'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'request ' || n",
    ),
    (
        "throttles (id, count, since, blocked_until, expires_at)",
        SOME,
        "@hash, n % 5, @since, @since, @since",
    ),
    ("totp (user_id, sealed, last_step, created_at)", SOME, "@id, @hash, @since / 30, @since"),
    (
        "recovery_codes (hash, user_id, created_at, spent_at)",
        SOME,
        "@hash, @owner, @since, CASE WHEN n % 10 = 0 THEN @since END",
    ),
    (
        "email_changes (id, user_id, old_email, old_email_key, new_email, new_email_key, requested_at, confirmed_at)",
        SOME,
        "@id, @owner, 'Old' || n || '@example.org', 'old' || n || '@example.org', @address, @address, @since,
         CASE WHEN n % 100 <> 0 THEN @since END",
    ),
    (
        "emailed_codes (session_id, mail_id, user_id, created_at, tries)",
        SOME,
        "@id, @id, @owner, @since, n % 6",
    ),
    (
        "invitations (id, hash, email, roles, created_at, created_by, expires_at)",
        SOME,
        "@id, @hash, @address, 'family', @since, @owner, @since + CASE WHEN n % 10 = 0 THEN 604800 ELSE 0 END",
    ),
    ("tower_sessions (id, data, expiry_date)", SOME, "'state ' || n, @hash, @moment"),
    (
        "spent_tickets (hash, session_id, origin, spent_at)",
        SOME,
        "@hash, @owner, 'https://app.example.org', @since",
    ),
    (
        "return_addresses (id, address, expires_at)",
        SOME,
        "@hash, 'https://app.example.org/' || n, @since",
    ),
    (
        "submissions (key, fields, request_id, accepted_at, location)",
        SOME,
        "@hash, @hash, 'request ' || n, @since, '/dashboard'",
    ),
    (
        "recovery_code_seeds (user_id, session_id, seed, created_at)",
        SOME,
        "@id, @owner, @hash, @since",
    ),
    ("setup_dismissals (user_id, step, dismissed_at)", SOME, "@id, 'backup', @since"),
];

/// The syntax that differs between the two databases.
#[derive(Clone, Copy)]
pub struct Dialect {
    pub is_sqlite: bool,
    pub now: i64,
}

impl Dialect {
    fn uuid(self, number: &str) -> String {
        if self.is_sqlite {
            format!("unhex(printf('%032x', {number}))")
        } else {
            format!("CAST(lpad(to_hex({number}), 32, '0') AS UUID)")
        }
    }

    fn hash(self, number: &str) -> String {
        if self.is_sqlite {
            format!("unhex(printf('%064x', {number}))")
        } else {
            format!("decode(lpad(to_hex({number}), 64, '0'), 'hex')")
        }
    }

    fn moment(self, seconds: &str) -> String {
        if self.is_sqlite {
            format!("strftime('%Y-%m-%dT%H:%M:%SZ', {seconds}, 'unixepoch')")
        } else {
            format!("to_timestamp({seconds})")
        }
    }

    /// The statements that fill the tables.
    pub fn seeds(self) -> impl Iterator<Item = String> {
        let owner = format!("(1 + n * 7919 % {PEOPLE})"); // coprime, so each person gets equally many
        ROWS.into_iter().map(move |(columns, rows, values)| {
            let since = format!("({} - ({rows} - n) * {} / {rows})", self.now, MONTH + 3_600);
            let values = values
                .replace("@id", &self.uuid("n"))
                .replace("@owner", &self.uuid(&owner))
                .replace("@address", &format!("'person' || {owner} || '@example.org'"))
                .replace("@hash", &self.hash("n"))
                .replace("@moment", &self.moment(&since))
                .replace("@since", &since);
            format!(
                "INSERT INTO {columns}
                 WITH RECURSIVE series (n) AS
                     (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {rows})
                 SELECT {values} FROM series"
            )
        })
    }

    /// The values for a statement that deletes in batches, as SQL. Empty for other statements.
    pub fn sweep(self, name: &str) -> Vec<Vec<String>> {
        let before = (self.now - MONTH).to_string();
        let values = SWEEPS.iter().filter(|(sweep, _)| *sweep == name).map(|(_, values)| {
            let values = values.replace("@before", &before).replace("@now", &self.now.to_string());
            let moment = self.moment(&before);
            values.split(", ").map(|it| it.replace("@moment", &moment)).collect()
        });
        values.collect()
    }

    /// A value of this PostgreSQL type.
    pub fn sample(self, of: &str) -> String {
        match of {
            "uuid" => self.uuid("4095"),
            "bytea" => self.hash("4095"),
            "text" => "'person4095@example.org'".into(),
            "bigint" => self.now.to_string(),
            "boolean" => "TRUE".into(),
            "timestamp with time zone" => self.moment(&self.now.to_string()),
            other => panic!("no sample of {other}"),
        }
    }
}
