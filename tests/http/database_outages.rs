//! A database that is locked, down, silent, full or out of connections. Visitors are asked to try again, keep their input and stay
//! signed in. The server recovers with its database.

use authflow::domain::email::mail_kind::MailKind;
use authflow::domain::email::mail_state::MailState;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::support::*;
use authflow::db::Db;
use sqlx::Connection;
use tempfile::TempDir;

/// The form is shown again with a request to retry later, and keeps the input.
#[track_caller]
fn is_shown_again(page: &Page, field: &str, typed: &str) {
    assert_eq!(page.is(503).value(field).as_deref(), Some(typed), "{}", page.text());
    assert_eq!(number(page, "retry-after"), Some(5));
    assert!(page.select("[type=password][value]").is_empty(), "a password is never shown again");
}

/// Visits pages while the database can be neither read nor written.
async fn checks_the_outage(signed_in: &Browser, login: &Page, name: &Page) -> Page {
    let cookies = signed_in.cookies();
    assert_eq!(number(signed_in.get("/dashboard").await.is(503), "retry-after"), Some(5));
    signed_in.get("/health").await.is(200);
    signed_in.get("/health/ready").await.is(503);
    let anonymous = Browser::at(signed_in.address());
    for (cookie, value) in login.set_cookies() {
        anonymous.set_cookie(&cookie, value.split(['=', ';']).nth(1).unwrap());
    }
    let typed = [("email", ADA), ("password", PASSWORD)];
    is_shown_again(&anonymous.press_on(login, "Sign in", &typed).await, "email", ADA);
    // It is unknown whether the visitor is signed in, so the page keeps the form.
    let kept = signed_in.press_on(name, "Save", &[("username", "Ada & <Augusta>")]).await;
    is_shown_again(&kept, "username", "Ada & <Augusta>");
    assert_eq!(signed_in.cookies(), cookies, "no one is signed out");
    kept
}

/// Waits until the server has recovered.
async fn recovers(browser: &Browser) {
    let is_ready = async || browser.get("/health/ready").await.status.as_u16() == 200;
    assert!(wait_until(is_ready).await, "the server does not recover");
}

#[tokio::test]
async fn the_server_survives_a_restart_and_a_crash_of_postgres() {
    let Some(mut cluster) = Cluster::running().await else { return };
    let app = TestApp::upon(Ground::on(Some(&cluster.url()), &[])).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let worker = tokio::spawn(authflow::worker::run(app.app.clone(), stopped));
    let browser = app.person(ADA).await;
    for crashes in [false, true] {
        let login = app.browser().get("/auth/login").await;
        let name = browser.get("/profile").await;
        if crashes {
            cluster.crash();
        } else {
            cluster.stop();
        }
        let kept = checks_the_outage(&browser, &login, &name).await;
        cluster.start().await;
        recovers(&browser).await;
        browser.press_on(&kept, "Submit again", &[]).await.goes_to("/profile");
        assert_eq!(
            browser.get("/profile").await.value("username").as_deref(),
            Some("Ada & <Augusta>")
        );
        assert!(browser.is_signed_in().await);
    }
    // The worker survives too.
    browser.press("/auth/forgot-password", "Send reset link", &[("email", ADA)]).await;
    let is_sent = async || {
        app.emails(MailKind::ResetPassword).await.iter().any(|mail| mail.state == MailState::Sent)
    };
    assert!(wait_until(is_sent).await, "the worker has stopped");
    stop.send(true).unwrap();
    worker.await.unwrap();
    app.app.db.close().await;
}

#[tokio::test]
async fn the_server_survives_a_silent_postgres() {
    let Some(cluster) = Cluster::running().await else { return };
    let app =
        TestApp::upon(Ground::on(Some(&cluster.url()), &[("DATABASE_CONNECTIONS", "4")])).await;
    let browser = app.person(ADA).await;
    let login = app.browser().get("/auth/login").await;
    let name = browser.get("/profile").await;
    cluster.freeze();
    // More requests than connections: none waits forever, and none keeps a connection.
    let waiting = (0..12).map(|_| {
        let browser = browser.copy();
        tokio::spawn(async move { browser.get("/dashboard").await.status.as_u16() })
    });
    let begun = Instant::now();
    for one in waiting.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 503);
    }
    checks_the_outage(&browser, &login, &name).await;
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    cluster.thaw();
    recovers(&browser).await;
    assert!(browser.is_signed_in().await);
    app.app.db.close().await;
}

/// A relay to PostgreSQL that can drop all traffic on its open connections without closing them, as a network does when a server
/// disappears. Later connections work. Returns the URL of PostgreSQL through the relay.
async fn through_a_relay(url: &str) -> (String, tokio::sync::watch::Sender<u32>) {
    let mut url = reqwest::Url::parse(url).unwrap();
    let server = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5_432));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let (cut, cuts) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = tokio::net::TcpStream::connect(server.clone()).await.unwrap();
            let mut cuts = cuts.clone();
            let today = *cuts.borrow();
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    cut = async { cuts.wait_for(|cut| *cut > today).await.is_ok() } => assert!(cut),
                }
                std::future::pending::<()>().await; // neither connection is closed
            });
        }
    });
    (url.into(), cut)
}

#[tokio::test]
async fn the_server_survives_a_failover_of_postgres() {
    let Some(database) = PostgresDatabase::make().await else { return };
    let (url, cut) = through_a_relay(&database.url).await;
    let app = TestApp::upon(Ground::on(Some(&url), &[("DATABASE_CONNECTIONS", "3")])).await;
    let browser = app.person(ADA).await;
    let busy = |browser: &Browser| {
        let all = (0..12).map(|_| {
            let browser = browser.copy();
            tokio::spawn(async move { browser.get("/dashboard").await.status.as_u16() })
        });
        all.collect::<Vec<_>>()
    };
    // The relay is cut while every connection runs a statement.
    let mut held = Vec::new();
    for _ in 0..3 {
        let db = app.app.db.clone();
        held.push(tokio::spawn(async move {
            let slow = authflow::db::query(&db, "SELECT COUNT(*) FROM pg_sleep(2)");
            slow.one::<(i64,)>().await.is_ok()
        }));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    cut.send(1).unwrap();
    for one in busy(&browser) {
        assert!([200, 503].contains(&one.await.unwrap()));
    }
    for one in held {
        assert!(!one.await.unwrap(), "the statement never got a response");
    }
    // All three connections are free again, although their statements never got a response.
    recovers(&browser).await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    for one in busy(&browser) {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert!(browser.is_signed_in().await);
    app.app.db.close().await;
}

#[tokio::test]
async fn the_server_waits_for_postgres_at_startup() {
    let Some(mut cluster) = Cluster::make() else { return };
    let folder = TempDir::new().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let port = address.port().to_string();
    let url = cluster.url();
    let variables = [("PORT", port.as_str()), ("DATABASE_URL", &url), ("SECRET_KEY", SECRET_KEY)];
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let start = || {
        let mut command = command(folder.path(), &variables, &[]);
        command.stdout(Stdio::null()).stderr(log.try_clone().unwrap()).spawn().unwrap()
    };

    // The server can be stopped while it waits.
    let mut child = start();
    let browser = Browser::at(address);
    let answers = async |path: &str| {
        let send = async || browser.try_send(reqwest::Method::GET, path, &[], None).await.ok();
        wait_for(send).await.expect("the server answers")
    };
    answers("/health").await.is(200);
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());

    let mut child = start();
    answers("/health").await.is(200);
    assert_eq!(number(answers("/health/ready").await.is(503), "retry-after"), Some(5));
    let page = answers("/auth/login").await;
    assert_eq!(number(page.is(503).says("waiting for its database"), "retry-after"), Some(5));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    browser.post("/auth/login", &[("email", ADA)]).await.is(503);
    cluster.start().await;
    recovers(&browser).await;
    browser.get("/auth/login").await.is(200);
    let said = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        said.contains("cannot be used yet") && said.contains("PostgreSQL at 127.0.0.1"),
        "{said}"
    );
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());
}

/// A guarded host serves no stylesheet of ours.
#[tokio::test]
async fn pages_at_a_guarded_host_stand_alone_while_the_server_starts() {
    use tower::ServiceExt;
    for base in ["", "/id"] {
        let url = format!("https://login.example.org{base}");
        let variables = [("PUBLIC_URL", url.as_str()), ("MAIL_TRANSPORT", "file")];
        let config = Ground::on(None, &variables).config.into();
        let ask = async |path: &str, mode: &str| {
            let ask = axum::http::Request::get(path).header("sec-fetch-mode", mode);
            let ask = ask.body(axum::body::Body::empty()).unwrap();
            let response = authflow::routes::starting(&config).oneshot(ask).await.unwrap();
            assert_eq!(
                (response.status().as_u16(), &response.headers()["retry-after"]),
                (503, &"5".parse().unwrap())
            );
            let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
            let policy = response.headers().get("content-security-policy").cloned();
            let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
            (kind, policy, String::from_utf8(body.to_vec()).unwrap())
        };
        for path in [
            format!("{base}/gate/nginx?role=a"),
            format!("{base}/gate/forward"),
            "/.authflow/ticket?ticket=x".into(),
            "/.authflow/".into(),
        ] {
            let (kind, policy, body) = ask(&path, "navigate").await;
            assert!(kind.starts_with("text/html") && body.contains("<style>"), "{path}: {body}");
            assert!(!body.contains("<link") && !body.contains("/static/"), "{path}: {body}");
            assert!(policy.unwrap().to_str().unwrap().contains("style-src 'sha256-"));
            let (kind, _, body) = ask(&path, "cors").await;
            assert!(kind.starts_with("text/plain") && body.len() < 200, "{path}: {body}");
        }
        let (_, _, page) = ask(&format!("{base}/auth/login"), "navigate").await;
        assert!(page.contains("/static/"), "our own pages have a stylesheet");
    }
}

fn signal(child: &std::process::Child, signal: &str) {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut kill = Command::new("kill");
    assert!(kill.args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn the_server_survives_exhausted_connections() {
    let app = TestApp::with(&[("DATABASE_CONNECTIONS", "2")]).await;
    let browser = app.person(ADA).await;
    let login = app.browser().get("/auth/login").await;
    let anonymous = app.browser();
    for (cookie, value) in login.set_cookies() {
        anonymous.set_cookie(&cookie, value.split(['=', ';']).nth(1).unwrap());
    }
    let mut held = vec![app.app.db.begin().await.unwrap()];
    if let Db::Postgres { .. } = app.app.db {
        held.push(app.app.db.begin().await.unwrap());
        browser.get("/dashboard").await.is(503);
    } else {
        browser.get("/dashboard").await.is(200); // reads work during a write
    }
    let typed = [("email", ADA), ("password", PASSWORD)];
    is_shown_again(&anonymous.press_on(&login, "Sign in", &typed).await, "email", ADA);
    drop(held);
    recovers(&browser).await;
    anonymous.press_on(&login, "Sign in", &typed).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_cancelled_transaction_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    for _ in 0..20 {
        let db = app.app.db.clone();
        let broken = tokio::spawn(async move {
            authflow::transaction!(db, |tx| -> authflow::error::Result<_> {
                authflow::db::query(tx, "UPDATE users SET username = 'half'").execute().await?;
                std::future::pending::<()>().await;
                Ok(())
            })
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        broken.abort();
        assert!(broken.await.unwrap_err().is_cancelled());
    }
    assert_ne!(app.user(ADA).await.username.as_str(), "half");
    browser.press("/profile", "Save", &[("username", "Augusta")]).await.goes_to("/profile");
}

#[tokio::test]
async fn sqlite_is_opened_for_durability() {
    let app = TestApp::upon(Ground::on(None, &[])).await;
    let Db::Sqlite { readers, writer } = &app.app.db else { panic!() };
    for (name, expected) in [
        ("synchronous", "2"),
        ("journal_mode", "wal"),
        ("foreign_keys", "1"),
        ("busy_timeout", "5000"),
    ] {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        let sql =
            if name == "busy_timeout" { sql.replace("(busy_timeout", "(timeout") } else { sql };
        let (set,): (String,) = sqlx::query_as(&sql).fetch_one(writer).await.unwrap();
        assert_eq!(set, expected, "{name}");
    }
    let refused = sqlx::query("DELETE FROM users").execute(readers).await;
    assert!(refused.is_err(), "reader connections cannot write");
}

#[tokio::test]
async fn the_server_survives_another_process_locking_sqlite() {
    let app = TestApp::upon(Ground::on(None, &[])).await;
    let browser = app.person(ADA).await;
    let file = app.ground.data.path().join("authflow.db");
    let mut other = sqlx::SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    browser.get("/dashboard").await.is(200);
    let page = browser.press("/profile", "Save", &[("username", "Augusta")]).await;
    is_shown_again(&page, "username", "Augusta");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    browser.press_on(&page, "Save", &[]).await.goes_to("/profile");

    // A short lock only delays the response.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let released = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    });
    browser.press("/profile", "Save", &[("username", "Ada")]).await.goes_to("/profile");
    released.await.unwrap();
    assert!(browser.is_signed_in().await);
}

/// Whether a process can have its own small file system here.
fn can_mount() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut unshare = Command::new("unshare");
    let try_out =
        unshare.args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    try_out.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[tokio::test]
async fn the_server_survives_a_full_disk() {
    if !can_mount() {
        return left_out("a full disk", "unshare cannot mount a tmpfs here");
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let small = "mount -t tmpfs -o size=6m tmpfs data && exec \"$@\"";
    let inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", small, "sh"];
    let program = Program::start_under(&inside, folder.path(), &[]);
    // The program's view of the folder, from outside its namespace.
    let data: PathBuf =
        format!("/proc/{}/root{}/data", program.child.id(), folder.path().display()).into();
    assert!(data.join("authflow.db").exists());

    let browser = program.browser();
    browser.sign_up(ADA).await.goes_to("/auth/check-mail");
    let link = program.mailed_path(&browser, "confirm your email address").await;
    browser.press(&link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    browser.get("/dashboard").await.is(200);
    let anonymous = program.browser();

    let ballast = data.join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    let full = (0..).find_map(|_| file.write_all(&[0; 512]).err()).unwrap();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    // Writes may succeed while the last page of the log has room. After that they all fail.
    let mut page = browser.get("/profile").await;
    for n in 0..200 {
        page = browser.press("/profile", "Save", &[("username", &format!("Ada {n}"))]).await;
        if page.status.as_u16() == 503 {
            break;
        }
    }
    let typed = page.value("username").unwrap();
    is_shown_again(&page, "username", &typed);
    browser.get("/dashboard").await.is(200);
    browser.get("/health").await.is(200);
    let fields = [("email", ADA), ("password", PASSWORD)];
    let login = anonymous.press("/auth/login", "Sign in", &fields).await;
    is_shown_again(&login, "email", ADA);

    drop(file);
    fs::remove_file(ballast).unwrap();
    browser.press_on(&page, "Save", &[]).await.goes_to("/profile");
    assert_eq!(browser.get("/profile").await.value("username"), Some(typed));
    anonymous.press_on(&login, "Sign in", &fields).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await && anonymous.is_signed_in().await);
}
