//! The throughput of the gate: `cargo bench --bench gate`. Absolute figures depend on the machine; compare the ratios of one run.
//!
//! Server and clients share the machine: 32 connections are kept open, each with one request at a time. If `TEST_POSTGRES_URL` names an
//! empty database, PostgreSQL is measured as well.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use authflow::app::App;
use authflow::clock::Clock;
use authflow::config::{Config, SecretFile};
use authflow::db::query;
use authflow::domain::gate::token::GateToken;
use authflow::domain::id::{SessionId, UserId};
use authflow::domain::sign_in::amr::{Amr, Method};
use authflow::domain::sign_in::refresh_token::Seed;
use authflow::domain::sign_in::session_kind::SessionKind;
use authflow::domain::source::Source;
use authflow::error::Result;
use authflow::repositories::sessions::{self, NewSession};
use authflow::{routes, server, transaction};
use axum::Router;
use axum::routing::get;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(4);
const USERS: i64 = 100_000;

#[tokio::main]
async fn main() -> Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(()); // built along with the tests, but not a test
    }
    let bare = serve(Router::new().route("/", get(|| async { "ok" }))).await;
    let bare = load(bare, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200).await;
    tell("bare axum response", bare, bare);
    let small = measure("SQLite", None, bare).await?;
    println!("  with {USERS} accounts instead of one: {:.0} %", 100.0 * small.many / small.one);
    if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
        let postgres = measure("PostgreSQL", Some(&url), bare).await?;
        println!(
            "  with {USERS} accounts instead of one: {:.0} %",
            100.0 * postgres.many / postgres.one
        );
        println!("  of the rate on SQLite: {:.0} %", 100.0 * postgres.one / small.one);
    }
    Ok(())
}

struct Rates {
    one: f64,
    many: f64,
}

async fn measure(name: &str, url: Option<&str>, bare: f64) -> Result<Rates> {
    let folder = TempDir::new().expect("a folder");
    let mut variables = BTreeMap::from([
        ("DATA_DIR", folder.path().to_str().unwrap_or_default()),
        ("SECRET_KEY", "a secret for the benchmark, long enough"),
        ("PUBLIC_URL", "http://login.localhost"),
        ("GATE_ORIGINS", "http://app.localhost"),
    ]);
    if let Some(url) = url {
        variables.insert("DATABASE_URL", url);
    }
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config =
        Config::read(variables.collect(), SecretFile::Create).expect("good settings").config;
    let app = Box::pin(App::start(config, Clock::System)).await?;
    let cookie = sign_in(&app).await?;
    let address = serve(routes::router(&app)).await;

    println!("\n{name}");
    let health = load(address, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", 200).await;
    tell("/health: no database read", health, bare);
    let read = reads(&app, session_of(&app, &cookie)).await;
    tell("one read of a session, without HTTP", read, bare);
    let one = load(address, &ask(&cookie, "cors"), 200).await;
    tell("gate, allowed", one, bare);
    tell("gate, a script that is not signed in", load(address, &ask("", "cors"), 401).await, bare);
    tell(
        "gate, a page that is not signed in",
        load(address, &ask("", "navigate"), 302).await,
        bare,
    );
    // The gate should cost no more than its parts: one response and one read.
    let parts = 1.0 / (1.0 / health + 1.0 / read);
    println!(
        "  the gate's rate, relative to one response and one read: {:.0} %",
        100.0 * one / parts
    );
    fill(&app).await?;
    let many = load(address, &ask(&cookie, "cors"), 200).await;
    tell("gate, allowed, among 100,000 accounts", many, bare);
    app.db.close().await;
    Ok(Rates { one, many })
}

fn tell(what: &str, rate: f64, bare: f64) {
    println!("  {what:<40} {rate:>9.0}/s  {:>4.0} % of the bare response", 100.0 * rate / bare);
}

/// Creates an account with a session, and returns the value of its gate cookie.
async fn sign_in(app: &App) -> Result<String> {
    let now = app.clock.now();
    let (user, session, seed) = (UserId::new(now), SessionId::new(now), Seed::random());
    let expires_at = now.after(app.config.lifetimes.session);
    let source = Source::new([127, 0, 0, 1].into(), "bench", String::new());
    transaction!(app.db, |tx| -> authflow::db::Result<_> {
        query(
            &mut *tx,
            "INSERT INTO users (id, email, email_key, username, credential_version, created_at, activated_at,
                                email_verified_at)
             VALUES ($1, 'ada@example.org', 'ada@example.org', 'Ada', 1, $2, $2, $2)",
        )
        .bind(user)
        .bind(now)
        .execute()
        .await?;
        let session = NewSession {
            kind: SessionKind::Browser,
            id: session,
            user_id: user,
            seed: &seed,
            remember: true,
            amr: Amr::default().with(&[Method::Pwd]),
            expires_at,
            source: &source,
        };
        sessions::put(tx, &session, now).await
    })?;
    let origin = &app.config.guarded_apps[0].origin;
    let token = GateToken::compute(&app.secrets.gate_token, &seed, session, origin, expires_at);
    Ok(token.reveal().clone())
}

fn session_of(app: &App, cookie: &str) -> SessionId {
    GateToken::parse(&app.secrets.gate_token, cookie).expect("a token").session()
}

fn ask(cookie: &str, mode: &str) -> String {
    let cookie = if cookie.is_empty() {
        String::new()
    } else {
        format!("Cookie: authflow-gate={cookie}\r\n")
    };
    format!(
        "GET /gate/forward HTTP/1.1\r\nHost: login.localhost\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Proto: http\r\n\
         X-Forwarded-Host: app.localhost\r\nX-Forwarded-Uri: /deep/link?a=b\r\nX-Forwarded-For: 198.51.100.7\r\n\
         Sec-Fetch-Mode: {mode}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n{cookie}\r\n"
    )
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, shown) = tokio::sync::watch::channel(router);
    tokio::spawn(async move {
        let limits = server::Limits::default();
        server::serve(listener, shown, |_| true, limits, std::future::pending()).await;
        drop(sender);
    });
    address
}

/// How often per second all connections together can perform an action.
async fn rate<F>(once: impl Fn(Arc<AtomicU64>, Instant) -> F) -> f64
where
    F: Future<Output = ()> + Send + 'static,
{
    let done = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let until = started + TIME;
    let tasks: Vec<_> =
        (0..CONNECTIONS).map(|_| tokio::spawn(once(Arc::clone(&done), until))).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let done = done.load(Ordering::Relaxed) as f64;
    done / started.elapsed().as_secs_f64()
}

/// Sends the same request repeatedly. Every response must have this status.
async fn load(address: SocketAddr, request: &str, status: u16) -> f64 {
    let expected = format!("HTTP/1.1 {status} ");
    let (request, expected) = (Arc::<str>::from(request), Arc::<str>::from(expected));
    rate(move |done, until| {
        let (request, expected) = (Arc::clone(&request), Arc::clone(&expected));
        async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            let mut read = Vec::with_capacity(4_096);
            while Instant::now() < until {
                stream.write_all(request.as_bytes()).await.expect("to write");
                read.clear();
                let end = loop {
                    assert!(stream.read_buf(&mut read).await.expect("to read") > 0, "closed");
                    if let Some(at) = read.windows(4).position(|it| it == b"\r\n\r\n") {
                        break at + 4;
                    }
                };
                let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
                assert!(head.starts_with(&expected.to_ascii_lowercase()), "{head}");
                let length = head.split("content-length: ").nth(1);
                let length = length
                    .and_then(|it| it.split("\r\n").next())
                    .map_or(0, |it| it.parse().unwrap_or(0));
                while read.len() < end + length {
                    assert!(stream.read_buf(&mut read).await.expect("to read") > 0, "closed");
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}

/// Only the database read of the gate.
async fn reads(app: &App, session: SessionId) -> f64 {
    let app = app.clone();
    rate(move |done, until| {
        let app = app.clone();
        async move {
            while Instant::now() < until {
                sessions::find(&app.db, session).await.expect("to read").expect("the session");
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    })
    .await
}

/// Adds many accounts with three sessions each.
async fn fill(app: &App) -> Result<()> {
    let is_sqlite = matches!(app.db, authflow::db::Db::Sqlite { .. });
    let id = |number: &str| {
        if is_sqlite {
            format!("unhex(printf('%032x', {number}))")
        } else {
            format!("CAST(lpad(to_hex({number}), 32, '0') AS UUID)")
        }
    };
    let seed = if is_sqlite { "randomblob(32)" } else { "decode(lpad(to_hex(n), 64, '0'), 'hex')" };
    let series = |rows: i64| {
        format!(
            "WITH RECURSIVE series (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {rows})"
        )
    };
    let now = app.clock.now().0;
    let users = format!(
        "INSERT INTO users (id, email, email_key, username, credential_version, created_at, activated_at)
         {} SELECT {}, 'p' || n || '@example.org', 'p' || n || '@example.org', 'P', 1, {now}, {now} FROM series",
        series(USERS),
        id("n"),
    );
    let all = format!(
        "INSERT INTO sessions (id, user_id, seed, generation, generation_at, remember, amr, created_at, authenticated_at,
                               last_seen_at, expires_at, address, user_agent)
         {} SELECT {}, {}, {seed}, 1, {now}, TRUE, 'pwd', {now}, {now}, {now}, {now} + 2592000, '192.0.2.1', 'x' FROM series",
        series(3 * USERS),
        id("n"),
        id(&format!("(1 + n % {USERS})")),
    );
    let (users, all): (&'static str, &'static str) = (users.leak(), all.leak());
    transaction!(app.db, |tx| -> authflow::db::Result<_> {
        query(&mut *tx, users).execute().await?;
        query(tx, all).execute().await
    })?;
    Ok(())
}
