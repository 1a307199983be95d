//! How the databases mean to find things: by an index, with a hundred thousand accounts in them.

use std::fs;
use std::path::Path;

use super::support::*;
use authflow::db::Db;
use authflow::repositories::{audit_log, user_list};
use sqlx::{Executor, PgConnection, Row, SqliteConnection};

const PEOPLE: i64 = 100_000;
const SESSIONS: i64 = 3 * PEOPLE;
/// Rows of what not everybody has.
const SOME: i64 = 60_000;
const MONTH: i64 = 30 * 86_400;

/// What may read a whole table, and why.
const EXCUSED: [(&str, &str); 2] = [
    ("audit_events::latest_at", "the last in the order of the primary key, and no other"),
    ("outbox_list::latest", "in the order of the primary key, until its limit is reached"),
];

/// Indexes of the few rows that wait for something, and tables that never have more than a handful: they may be read from end to end.
const SMALL: [&str; 8] = [
    "outbox_due",
    "outbox_exempt",
    "outbox_turns",
    "outbox_flows",
    "users_pending",
    "users_waiting",
    "signing_keys",
    "hash_costs",
];

/// Where a plan that scans nothing could still read more and more: the index that it has to go through. Anybody can ask for
/// resets, and those mails have no account: they are not to be looked for among all that have none.
const THROUGH: [(&str, &str); 1] = [("outbox::delete_to", "outbox_of_recipient")];

/// What removes in batches, and with which values to ask for its plan: any others would say that all of it goes, at once.
///
/// `@before`: an hour's worth of rows is older, as on any other day. `@now`: half of them are, as after years in which nothing
/// was removed. That is asked of the large table only. Of some ten thousand rows five hundred are soonest found by reading all;
/// PostgreSQL stops doing so before there are two hundred thousand.
const SWEEPS: [(&str, &str); 12] = [
    ("audit_events::delete_older", "@before, 500"),
    ("browser_states::delete_expired", "@moment, 500"),
    ("email_changes::delete_older", "@before, 500"),
    ("invitations::delete_expired", "@before, 500"),
    ("one_time_tokens::delete_expired", "@before, 500"),
    ("outbox::delete_finished", "@before, 500"),
    ("sessions::delete_ended", "@before, 500"),
    ("sessions::delete_expired", "@before, 500"),
    ("sessions::delete_expired", "@now, 500"),
    ("spent_tickets::delete_older", "@before, 500"),
    ("throttles::delete_expired", "@before, 500"),
    ("sign_ups::delete_older", "@before, @now, 500"),
];

/// Types that PostgreSQL cannot tell from the text. The server sends them along.
const DECLARED: [(&str, &str); 9] = [
    ("audit_log::all", SPANNED),
    ("audit_log::of_event", SPANNED),
    ("audit_log::refused", SPANNED),
    ("audit_log::of_person", SPANNED),
    ("sessions::end_all", "(unknown, uuid)"),
    ("user_list::Newest", NARROWED),
    ("user_list::Name", NARROWED),
    ("user_list::Address", NARROWED),
    ("user_list::LastSignIn", NARROWED),
];
const SPANNED: &str = "(bigint, bigint, text, text)";
const NARROWED: &str = "(text, text, text, boolean)";

/// What the stores of tower-sessions run.
const TOWER_SESSIONS: [&str; 5] = [
    "INSERT INTO tower_sessions (id, data, expiry_date) VALUES ($1, $2, $3)",
    "INSERT INTO tower_sessions (id, data, expiry_date) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET data = excluded.data, expiry_date = excluded.expiry_date",
    "SELECT EXISTS (SELECT 1 FROM tower_sessions WHERE id = $1)",
    "SELECT data FROM tower_sessions WHERE id = $1 AND expiry_date > $2",
    "DELETE FROM tower_sessions WHERE id = $1",
];

/// `(columns, rows, values)`: row `n` was made `@since`, which runs from a month and an hour ago until now.
const ROWS: [(&str, i64, &str); 13] = [
    (
        "users (id, email, email_key, username, password_hash, credential_version, created_at, activated_at)",
        PEOPLE,
        "@id, 'Person' || n || '@example.org', 'person' || n || '@example.org', 'Person ' || n,
         '$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmU$' || n, n % 3, @since, CASE WHEN n % 50 <> 0 THEN @since END",
    ),
    ("user_roles (user_id, role)", PEOPLE, "@id, 'member'"),
    (
        "sessions (id, user_id, seed, generation, generation_at, remember, amr, created_at, authenticated_at, last_seen_at,
                   expires_at, address, user_agent, ended_at)",
        SESSIONS,
        "@id, @owner, @hash, n % 20, @since, n % 2 = 0, 'pwd', @since, @since, @since,
         @since + CASE WHEN n % 2 = 0 THEN 2592000 ELSE 0 END, '192.0.2.' || n % 256,
         'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', CASE WHEN n % 20 = 0 THEN @since END",
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
        "@id, @since, 'sign_in', 'success', @owner, CASE WHEN n % 10 <> 0 THEN @owner END, '192.0.2.' || n % 256,
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
];

/// What the two databases write differently.
#[derive(Clone, Copy)]
struct Dialect {
    is_sqlite: bool,
    now: i64,
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
    fn seeds(self) -> impl Iterator<Item = String> {
        let owner = format!("(1 + n * 7919 % {PEOPLE})"); // coprime: as many of a thing for each
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

    /// The values of a sweep, as SQL: nothing for what is none.
    fn sweep(self, name: &str) -> Vec<Vec<String>> {
        let before = (self.now - MONTH).to_string();
        let values = SWEEPS.iter().filter(|(sweep, _)| *sweep == name).map(|(_, values)| {
            let values = values.replace("@before", &before).replace("@now", &self.now.to_string());
            let moment = self.moment(&before);
            values.split(", ").map(|it| it.replace("@moment", &moment)).collect()
        });
        values.collect()
    }

    /// Some value of a type of PostgreSQL.
    fn sample(self, of: &str) -> String {
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

struct Statement {
    name: String,
    sql: String,
}

/// The statements of a module: what stands in quotes after each `query(on,`.
fn statements(module: &str, text: &str) -> Vec<Statement> {
    let calls = text.match_indices("query(").map(|(at, call)| {
        let (before, after) = (&text[..at], &text[at + call.len()..]);
        let function = before.rsplit("fn ").next().unwrap().split(['(', '<']).next().unwrap();
        let name = format!("{module}::{function}");
        let quoted = after.split_once(',').and_then(|(_, it)| it.trim_start().strip_prefix('"'));
        let (sql, _) = quoted.and_then(|it| it.split_once('"')).expect(&name);
        assert!(!sql.contains('\\'), "{name}: what that stands for is not known here");
        Statement { name, sql: sql.to_owned() }
    });
    let found: Vec<_> = calls.collect();
    // Counted in another way too: nothing slips by that is run by other means.
    let verbs = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"WITH "];
    let texts: usize = verbs.iter().map(|verb| text.matches(verb).count()).sum();
    assert_eq!(found.len(), texts, "{module}");
    found
}

/// What PostgreSQL runs by itself where the row goes that others refer to. SQLite has it in the plan of what removes the row.
fn cascades(migration: &str) -> Vec<Statement> {
    let (mut table, mut found) = ("", Vec::new());
    for line in migration.lines() {
        let mut words = line.split_whitespace();
        if line.starts_with("CREATE TABLE ") {
            table = words.nth(2).unwrap();
        } else if line.contains(" REFERENCES ") {
            let name = format!("cascade to {table}");
            let sql = format!("DELETE FROM {table} WHERE {} = $1", words.next().unwrap());
            found.push(Statement { name, sql });
        }
    }
    found
}

/// `(name, text)` of each file.
fn read(folder: &str) -> Vec<(String, String)> {
    let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.map(|path| (name(&path), fs::read_to_string(path).unwrap())).collect()
}

fn all_statements() -> Vec<Statement> {
    let mut all = Vec::new();
    for (module, text) in read("src/repositories") {
        if ["audit_log", "user_list"].contains(&module.as_str()) {
            continue; // put together of parts
        }
        let found = statements(&module, &text);
        assert_eq!(found.is_empty(), module == "mod", "{module}");
        all.extend(found);
    }
    let listings = user_list::STATEMENTS.map(|(order, sql)| Statement {
        name: format!("user_list::{order:?}"),
        sql: sql.to_owned(),
    });
    all.extend(listings);
    let entries = [
        ("all", audit_log::ALL),
        ("of_event", audit_log::OF_EVENT),
        ("refused", audit_log::REFUSED),
        ("of_person", audit_log::OF_PERSON),
    ];
    let named = |(name, sql): (&str, &str)| Statement {
        name: format!("audit_log::{name}"),
        sql: sql.to_owned(),
    };
    all.extend(entries.map(named));
    for (_, text) in read("migrations") {
        all.extend(cascades(&text));
    }
    let sessions = TOWER_SESSIONS.map(ToOwned::to_owned);
    all.extend(sessions.map(|sql| Statement { name: "tower-sessions".into(), sql }));
    all
}

fn is_small(step: &str) -> bool {
    step.split_whitespace().any(|word| SMALL.contains(&word))
}

/// The steps of SQLite's plan that read a whole table or index, be it to make an index of it for the occasion.
fn sqlite_scans(plan: &[String]) -> Vec<&str> {
    let is_scan = |step: &&str| {
        // What a part of the same statement has found is no table.
        let of_a_part = |name| plan.iter().any(|it| it.strip_prefix("CO-ROUTINE ") == Some(name));
        let scanned = step.strip_prefix("SCAN ").filter(|name| *name != "CONSTANT ROW");
        let is_whole = scanned.is_some_and(|name| !of_a_part(name));
        let is_unbounded = step.starts_with("SEARCH ") && !step.contains('(');
        is_whole || is_unbounded || step.contains("AUTOMATIC") || step.contains("ANY(")
    };
    plan.iter().map(String::as_str).filter(is_scan).filter(|step| !is_small(step)).collect()
}

/// The steps of PostgreSQL's plan that read a whole table or index, or all that lacks something.
fn postgres_scans(plan: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut lines = plan.iter().map(|line| line.trim()).peekable();
    while let Some(step) = lines.next() {
        let mut is_bounded = false;
        while let Some(detail) = lines.next_if(|line| !line.starts_with("->")) {
            let condition = detail.strip_prefix("Index Cond: ");
            is_bounded |= condition.is_some_and(|it| !it.ends_with(" IS NULL)"));
        }
        let is_index = step.contains("Index Scan") || step.contains("Index Only Scan");
        if (step.contains("Seq Scan") || is_index && !is_bounded) && !is_small(step) {
            found.push(step);
        }
    }
    found
}

/// What is wrong with a plan, for people: it scans, or misses an index. Nothing if it is good.
fn judge(statement: &Statement, how: &str, scans: &[&str], plan: &[String]) -> Option<String> {
    let Statement { name, sql } = statement;
    let is_excused = EXCUSED.iter().any(|(excused, _)| excused == name);
    assert!(!(is_excused && scans.is_empty()), "{name} needs no excuse");
    let through = THROUGH.iter().filter(|(through, _)| through == name).map(|(_, index)| *index);
    let missed = through.filter(|index| !plan.iter().any(|step| step.contains(index))).collect();
    let wrong = if is_excused { vec![] } else { [scans.to_vec(), missed].concat() };
    let plan = plan.join("\n");
    (!wrong.is_empty())
        .then(|| format!("{name}, {how}, scans or misses {wrong:?}\n{sql}\n{plan}\n"))
}

async fn sqlite_plan(on: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let rows = on.fetch_all(format!("EXPLAIN QUERY PLAN {sql}").as_str()).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

async fn judge_sqlite(on: &mut SqliteConnection, dialect: Dialect, when: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in all_statements() {
        let plan = sqlite_plan(on, &statement.sql).await;
        found.extend(judge(&statement, when, &sqlite_scans(&plan), &plan));
        for values in dialect.sweep(&statement.name) {
            let mut sql = statement.sql.clone();
            for (at, value) in values.iter().enumerate() {
                sql = sql.replace(&format!("${}", at + 1), value);
            }
            let plan = sqlite_plan(on, &sql).await;
            let how = format!("{when}, with {values:?}");
            found.extend(judge(&statement, &how, &sqlite_scans(&plan), &plan));
        }
    }
    found
}

/// The plan of the statement that was prepared last.
async fn postgres_plan(on: &mut PgConnection, mode: &str, values: &[String]) -> Vec<String> {
    on.execute(format!("SET plan_cache_mode = {mode}").as_str()).await.unwrap();
    let values = values.join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let rows = on.fetch_all(format!("EXPLAIN EXECUTE latest {values}").as_str()).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// More than PostgreSQL counts for making a plan, in hundredths of its unit of cost.
const PLANNING: u64 = 10_000;

/// What PostgreSQL expects the whole plan to cost, in hundredths of its unit: the second figure of the first line.
fn postgres_cost(plan: &[String]) -> u64 {
    let cost = plan[0].split_once("..").and_then(|(_, it)| it.split(' ').next());
    cost.and_then(|it| it.replace('.', "").parse().ok()).expect(&plan[0])
}

async fn judge_postgres(on: &mut PgConnection, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    for statement in all_statements() {
        let declared = DECLARED.iter().find(|(name, _)| *name == statement.name);
        let declared = declared.map_or("", |(_, types)| types);
        let sql = format!("PREPARE latest {declared} AS {}", statement.sql);
        on.execute(sql.as_str()).await.expect(&statement.name);
        let sql =
            "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'latest'";
        let types: Vec<String> = on.fetch_one(sql).await.unwrap().get(0);

        let mut custom = Vec::new();
        let sweeps = dialect.sweep(&statement.name);
        let is_swept = !sweeps.is_empty();
        let sample = || vec![types.iter().map(|of| dialect.sample(of)).collect()];
        for values in if is_swept { sweeps } else { sample() } {
            let plan = postgres_plan(on, "force_custom_plan", &values).await;
            found.extend(judge(&statement, &format!("{values:?}"), &postgres_scans(&plan), &plan));
            custom.push(postgres_cost(&plan));
        }
        // The server meets both sorts: after a few times PostgreSQL may keep one plan for all values. It guesses limits and ranges for
        // it, and so never keeps one that looks dearer than what the real values got.
        let values = vec!["NULL".into(); types.len()];
        let plan = postgres_plan(on, "force_generic_plan", &values).await;
        let dearest = custom.into_iter().max().unwrap();
        if !is_swept || postgres_cost(&plan) <= dearest + PLANNING {
            found.extend(judge(&statement, "any values", &postgres_scans(&plan), &plan));
        }
        on.execute("DEALLOCATE latest").await.unwrap();
    }
    found
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let app = TestApp::start().await;
    let is_sqlite = matches!(app.app.db, Db::Sqlite { .. });
    let dialect = Dialect { is_sqlite, now: app.app.clock.now().0 };
    let mut found = Vec::new();
    match &app.app.db {
        Db::Sqlite { writer, .. } => {
            let mut on = writer.acquire().await.unwrap();
            on.execute("BEGIN").await.unwrap();
            for sql in dialect.seeds() {
                on.execute(sql.as_str()).await.unwrap();
            }
            on.execute("COMMIT").await.unwrap();
            found.extend(judge_sqlite(&mut on, dialect, "as the server leaves it").await);
            on.execute("ANALYZE").await.unwrap();
            found.extend(judge_sqlite(&mut on, dialect, "after an operator's ANALYZE").await);
        }
        Db::Postgres { pool, .. } => {
            let mut on = pool.acquire().await.unwrap();
            on.execute("SET statement_timeout = 0").await.unwrap();
            for sql in dialect.seeds() {
                on.execute(sql.as_str()).await.unwrap();
            }
            on.execute("ANALYZE").await.unwrap();
            found.extend(judge_postgres(&mut on, dialect).await);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_judgement_bites() {
    let lines = |plan: &str| plan.lines().map(ToOwned::to_owned).collect::<Vec<_>>();
    let sqlite = |plan| sqlite_scans(&lines(plan)).len();
    assert_eq!(sqlite("SCAN sessions"), 1);
    assert_eq!(sqlite("SCAN s USING COVERING INDEX sessions_of_user"), 1);
    assert_eq!(sqlite("SEARCH outbox USING INDEX outbox_by_end"), 1);
    assert_eq!(sqlite("SEARCH t USING AUTOMATIC COVERING INDEX (user_id=?)"), 1);
    assert_eq!(sqlite("SEARCH sessions USING INDEX sessions_of_user (user_id=?)"), 0);
    assert_eq!(sqlite("SCAN outbox USING INDEX outbox_due\nSCAN CONSTANT ROW"), 0);

    let postgres = |plan| postgres_scans(&lines(plan)).len();
    assert_eq!(postgres_cost(&lines("Limit  (cost=0.41..8.43 rows=1 width=122)\n  ->  x")), 843);
    let nested = "Update on sessions  (cost=0.42..8.44 rows=0 width=0)
  ->  Parallel Seq Scan on sessions  (cost=0.42..8.44 rows=1 width=14)
        Filter: (user_id = $1)";
    assert_eq!(postgres(nested), 1);
    assert_eq!(postgres("Index Scan using outbox_by_end on outbox\n  Filter: (id = $1)"), 1);
    assert_eq!(postgres("Bitmap Index Scan on a\n  Index Cond: (user_id IS NULL)"), 1);
    let bounded = "Limit  (cost=0.41..8.43 rows=1 width=122)
  ->  Index Scan Backward using audit_events_of_subject on audit_events  (cost=0.41..8.43 rows=1 width=122)
        Index Cond: ((subject_id = $1) AND (id < $2))";
    assert_eq!(postgres(bounded), 0);
    assert_eq!(postgres("Index Scan using outbox_due on outbox"), 0);
}

#[test]
fn every_statement_is_found() {
    let one = "fn one() {\n query(on, \"SELECT 1\")\n}\n";
    let two = "fn two<T>() {\n query(\n tx,\n \"DELETE FROM\n x\",\n )\n}\n";
    let found = statements("module", &format!("{one}{two}"));
    let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.sql.as_str())).collect();
    assert_eq!(found, [("module::one", "SELECT 1"), ("module::two", "DELETE FROM\n x")]);

    let all = all_statements();
    let names =
        EXCUSED.iter().chain(&SWEEPS).chain(&DECLARED).chain(&THROUGH).map(|(name, _)| *name);
    for name in names.chain(["cascade to sessions"]) {
        assert!(all.iter().any(|it| it.name == name), "there is no {name}");
    }
}
