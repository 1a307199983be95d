//! Query plans with 100,000 accounts: every SQL statement finds its rows by an index.

mod rows;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use self::rows::{Dialect, SWEEPS};
use super::support::*;
use authflow::db::Db;
use authflow::repositories::{audit_log, user_list};
use sqlx::{Executor, PgConnection, Row, SqliteConnection};

/// Statements that may read a whole table, and why.
const EXCUSED: [(&str, &str); 5] = [
    ("audit_events::latest_at", "reads only the last row in the order of the primary key"),
    ("user_list::count", COUNTS),
    ("user_list::count_in", COUNTS),
    ("outbox_list::count", COUNTS),
    ("invitations::count", COUNTS),
];
const COUNTS: &str = "stops at 10,001 rows that match";

/// Partial indexes with few rows, and small tables. They may be read as a whole.
const SMALL: [&str; 12] = [
    "outbox_due",
    "outbox_tried",
    "outbox_exempt",
    "outbox_turns",
    "outbox_flows",
    "users_pending",
    "users_waiting",
    "users_without_handle",
    "signing_keys",
    "hash_costs",
    "first_administrator_links",
    "gate_rules",
];

/// Statements that could read more and more rows without a scan, and the index that they must use. Anyone can request resets, and
/// those emails have no account, so a search through all emails without an account would grow. An account can have any number of sessions
/// that have ended, which its live ones must be found without. A busy site has a million sign-ins a month, which are counted in their index.
const THROUGH: [(&str, &str); 10] = [
    ("outbox::delete_to", "outbox_of_recipient_by_id"),
    ("listed_sessions::latest_of_new_devices", "sessions_of_new_devices"),
    ("listed_sessions::live_of_user", "sessions_in_use"),
    ("listed_sessions::count_live_of_user", "sessions_in_use"),
    ("outbox_list::about", "outbox_of_recipient_by_id"),
    ("outbox_list::count_about", "outbox_of_recipient_by_id"),
    ("outbox::retry_all", "outbox_by_state"),
    ("outbox_list::delayed", "outbox_tried"),
    ("audit_events::sign_ins", "audit_events_of_sign_ins"),
    ("audit_events::sign_ins", "audit_events_refused"),
];

/// Parameter types that PostgreSQL cannot infer. The server declares them.
const DECLARED: [(&str, &str); 10] = [
    ("audit_log::all", SPANNED),
    ("audit_log::of_event", SPANNED),
    ("audit_log::refused", SPANNED),
    ("audit_log::of_person", SPANNED),
    ("sessions::end_all", "(unknown, uuid)"),
    ("user_list::Newest", NARROWED),
    ("user_list::Name", NARROWED),
    ("user_list::Address", NARROWED),
    ("user_list::LastSignIn", NARROWED),
    ("user_list::count", NARROWED),
];
const SPANNED: &str = "(bigint, bigint, text, text)";
const NARROWED: &str = "(text, text, text, boolean)";

/// The statements of tower-sessions.
const TOWER_SESSIONS: [&str; 5] = [
    "INSERT INTO tower_sessions (id, data, expiry_date) VALUES ($1, $2, $3)",
    "INSERT INTO tower_sessions (id, data, expiry_date) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET data = excluded.data, expiry_date = excluded.expiry_date",
    "SELECT EXISTS (SELECT 1 FROM tower_sessions WHERE id = $1)",
    "SELECT data FROM tower_sessions WHERE id = $1 AND expiry_date > $2",
    "DELETE FROM tower_sessions WHERE id = $1",
];

struct Statement {
    name: String,
    sql: String,
}

impl Statement {
    fn named(name: &str, sql: &str) -> Self {
        Self { name: name.to_owned(), sql: sql.to_owned() }
    }
}

/// The statements of a module: the literal after each `query(on,`.
fn statements(module: &str, text: &str) -> Vec<Statement> {
    let calls = text.match_indices("query(").map(|(at, call)| {
        let (before, after) = (&text[..at], &text[at + call.len()..]);
        let function = before.rsplit("fn ").next().unwrap().split(['(', '<']).next().unwrap();
        let name = format!("{module}::{function}");
        let quoted = after.split_once(',').and_then(|(_, it)| it.trim_start().strip_prefix('"'));
        let (sql, _) = quoted.and_then(|it| it.split_once('"')).expect(&name);
        assert!(!sql.contains('\\'), "{name}: unknown placeholder");
        Statement { name, sql: sql.to_owned() }
    });
    let found: Vec<_> = calls.collect();
    // Counts the statements in a second way, to find any that are run differently.
    let verbs = ["\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE ", "\"WITH "];
    let texts: usize = verbs.iter().map(|verb| text.matches(verb).count()).sum();
    assert_eq!(found.len(), texts, "{module}");
    found
}

/// The statements that PostgreSQL runs to delete referencing rows. In SQLite they are part of the plan of the deletion.
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
            continue; // composed of the parts below
        }
        let found = statements(&module, &text);
        assert_eq!(found.is_empty(), module == "mod", "{module}");
        all.extend(found);
    }
    for (order, statements) in user_list::STATEMENTS {
        all.extend(statements.map(|sql| Statement::named(&format!("user_list::{order:?}"), sql)));
    }
    all.push(Statement::named("user_list::count", user_list::COUNT));
    all.extend(user_list::COUNTS.map(|sql| Statement::named("user_list::count_in", sql)));
    for filter in [audit_log::ALL, audit_log::OF_EVENT, audit_log::REFUSED, audit_log::OF_PERSON] {
        let name = format!("audit_log::{}", filter.name);
        let statements = [filter.forward, filter.backward, filter.count];
        all.extend(statements.map(|sql| Statement::named(&name, sql)));
    }
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

/// The steps of SQLite's plan that read a whole table or index, including those that build a temporary index.
fn sqlite_scans(plan: &[String]) -> Vec<&str> {
    let is_scan = |step: &&str| {
        // The result of a subquery is not a table.
        let of_a_part = |name| plan.iter().any(|it| it.strip_prefix("CO-ROUTINE ") == Some(name));
        let scanned = step.strip_prefix("SCAN ").filter(|name| *name != "CONSTANT ROW");
        let is_whole = scanned.is_some_and(|name| !of_a_part(name));
        let is_unbounded = step.starts_with("SEARCH ") && !step.contains('(');
        is_whole || is_unbounded || step.contains("AUTOMATIC") || step.contains("ANY(")
    };
    plan.iter().map(String::as_str).filter(is_scan).filter(|step| !is_small(step)).collect()
}

/// The steps of PostgreSQL's plan that read a whole table or index, or all rows where a column is NULL.
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

/// What is wrong with the plans, and which excuses were needed.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    excused: BTreeSet<String>,
}

impl Findings {
    /// Notes a plan that scans, or does not use its index.
    fn judge(&mut self, statement: &Statement, how: &str, scans: &[&str], plan: &[String]) {
        let Statement { name, sql } = statement;
        if EXCUSED.iter().any(|(excused, _)| excused == name) {
            self.excused.extend(scans.first().map(|_| name.clone()));
            return;
        }
        let through = THROUGH.iter().filter(|(through, _)| through == name);
        let through = through.map(|(_, index)| *index);
        let missed = through.filter(|index| !plan.iter().any(|step| step.contains(index)));
        let wrong = [scans.to_vec(), missed.collect()].concat();
        if !wrong.is_empty() {
            let plan = plan.join("\n");
            self.wrong.push(format!("{name}, {how}, scans or misses {wrong:?}\n{sql}\n{plan}\n"));
        }
    }
}

async fn sqlite_plan(on: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let rows = on.fetch_all(format!("EXPLAIN QUERY PLAN {sql}").as_str()).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

async fn judge_sqlite(
    on: &mut SqliteConnection,
    dialect: Dialect,
    when: &str,
    found: &mut Findings,
) {
    for statement in all_statements() {
        let plan = sqlite_plan(on, &statement.sql).await;
        found.judge(&statement, when, &sqlite_scans(&plan), &plan);
        for values in dialect.sweep(&statement.name) {
            let mut sql = statement.sql.clone();
            for (at, value) in values.iter().enumerate() {
                sql = sql.replace(&format!("${}", at + 1), value);
            }
            let plan = sqlite_plan(on, &sql).await;
            let how = format!("{when}, with {values:?}");
            found.judge(&statement, &how, &sqlite_scans(&plan), &plan);
        }
    }
}

/// The plan of the statement that was prepared as `latest`.
async fn postgres_plan(on: &mut PgConnection, mode: &str, values: &[String]) -> Vec<String> {
    on.execute(format!("SET plan_cache_mode = {mode}").as_str()).await.unwrap();
    let values = values.join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let rows = on.fetch_all(format!("EXPLAIN EXECUTE latest {values}").as_str()).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// More than the cost that PostgreSQL adds for planning, in hundredths of its cost unit.
const PLANNING: u64 = 10_000;

/// PostgreSQL's estimate of the plan's total cost, in hundredths of its unit: the second figure in the first line.
fn postgres_cost(plan: &[String]) -> u64 {
    let cost = plan[0].split_once("..").and_then(|(_, it)| it.split(' ').next());
    cost.and_then(|it| it.replace('.', "").parse().ok()).expect(&plan[0])
}

async fn judge_postgres(on: &mut PgConnection, dialect: Dialect, found: &mut Findings) {
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
            found.judge(&statement, &format!("{values:?}"), &postgres_scans(&plan), &plan);
            custom.push(postgres_cost(&plan));
        }
        // After a few executions PostgreSQL may keep one plan for all values. It estimates limits and ranges for that plan, and
        // never keeps it if it looks more expensive than the plans for real values.
        let values = vec!["NULL".into(); types.len()];
        let plan = postgres_plan(on, "force_generic_plan", &values).await;
        let dearest = custom.into_iter().max().unwrap();
        if !is_swept || postgres_cost(&plan) <= dearest + PLANNING {
            found.judge(&statement, "any values", &postgres_scans(&plan), &plan);
        }
        on.execute("DEALLOCATE latest").await.unwrap();
    }
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let app = TestApp::start().await;
    let is_sqlite = matches!(app.app.db, Db::Sqlite { .. });
    let dialect = Dialect { is_sqlite, now: app.app.clock.now().0 };
    let mut found = Findings::default();
    match &app.app.db {
        Db::Sqlite { writer, .. } => {
            let mut on = writer.acquire().await.unwrap();
            on.execute("BEGIN").await.unwrap();
            for sql in dialect.seeds() {
                on.execute(sql.as_str()).await.unwrap();
            }
            on.execute("COMMIT").await.unwrap();
            judge_sqlite(&mut on, dialect, "as the server leaves it", &mut found).await;
            on.execute("ANALYZE").await.unwrap();
            judge_sqlite(&mut on, dialect, "after an operator's ANALYZE", &mut found).await;
        }
        Db::Postgres { pool, .. } => {
            let mut on = pool.acquire().await.unwrap();
            for sql in dialect.seeds() {
                on.execute(sql.as_str()).await.unwrap();
            }
            on.execute("ANALYZE").await.unwrap();
            judge_postgres(&mut on, dialect, &mut found).await;
        }
    }
    assert!(found.wrong.is_empty(), "{}", found.wrong.join("\n"));
    for (excused, _) in EXCUSED {
        assert!(found.excused.contains(excused), "{excused} is excused but does not scan");
    }
}

#[test]
fn bad_plans_are_recognised() {
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
        assert!(all.iter().any(|it| it.name == name), "the statement {name} was not found");
    }
}
