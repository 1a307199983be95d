//! A database in trouble: locked, gone, silent, full, all its connections taken. People are asked to come back, keep what they typed
//! and stay signed in; the server recovers with its database.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::support::*;
use sqlx::Connection;
use tempfile::TempDir;

/// What a form in trouble looks like: come back later, and here is what you typed.
#[track_caller]
fn comes_back(page: &Page, field: &str, typed: &str) {
    assert_eq!(page.is(503).value(field).as_deref(), Some(typed), "{}", page.text());
    assert_eq!(number(page, "retry-after"), Some(5));
    assert!(page.select("[type=password][value]").is_empty(), "never a password");
}

/// Goes through what people see while nothing can be written or read.
async fn is_in_trouble(signed_in: &Browser, login: &Page, name: &Page) -> Page {
    let cookies = signed_in.cookies();
    assert_eq!(number(signed_in.get("/dashboard").await.is(503), "retry-after"), Some(5));
    signed_in.get("/health").await.is(200);
    signed_in.get("/health/ready").await.is(503);
    let anonymous = Browser::at(signed_in.address());
    for (cookie, value) in login.set_cookies() {
        anonymous.set_cookie(&cookie, value.split(['=', ';']).nth(1).unwrap());
    }
    let typed = [("email", ADA), ("password", PASSWORD)];
    comes_back(&anonymous.press_on(login, "Sign in", &typed).await, "email", ADA);
    // Who is signed in cannot be known: the page keeps the form.
    let kept = signed_in.press_on(name, "Save", &[("username", "Ada & <Augusta>")]).await;
    comes_back(&kept, "username", "Ada & <Augusta>");
    assert_eq!(signed_in.cookies(), cookies, "nobody is signed out");
    kept
}

/// Waits until the server has found its database again.
async fn recovers(browser: &Browser) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while browser.get("/health/ready").await.status.as_u16() != 200 {
        assert!(Instant::now() < deadline, "it does not recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn postgres_stops_crashes_and_comes_back() {
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
        let kept = is_in_trouble(&browser, &login, &name).await;
        cluster.start().await;
        recovers(&browser).await;
        browser.press_on(&kept, "Send it again", &[]).await.goes_to("/profile");
        assert_eq!(
            browser.get("/profile").await.value("username").as_deref(),
            Some("Ada & <Augusta>")
        );
        assert!(browser.is_signed_in().await);
    }
    // The worker has lived through it as well.
    browser.press("/auth/forgot-password", "Send me a link", &[("email", ADA)]).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while app
        .count("SELECT COUNT(*) FROM outbox WHERE kind = 'reset_password' AND state = 'sent'")
        .await
        == 0
    {
        assert!(Instant::now() < deadline, "the worker has stopped");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.send(true).unwrap();
    worker.await.unwrap();
    app.app.db.close().await;
}

#[tokio::test]
async fn postgres_falls_silent() {
    let Some(cluster) = Cluster::running().await else { return };
    let app =
        TestApp::upon(Ground::on(Some(&cluster.url()), &[("DATABASE_CONNECTIONS", "4")])).await;
    let browser = app.person(ADA).await;
    let login = app.browser().get("/auth/login").await;
    let name = browser.get("/profile").await;
    cluster.freeze();
    // More at once than there are connections: none of them waits for ever, and none keeps a connection.
    let waiting = (0..12).map(|_| {
        let browser = browser.copy();
        tokio::spawn(async move { browser.get("/dashboard").await.status.as_u16() })
    });
    let begun = Instant::now();
    for one in waiting.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap(), 503);
    }
    is_in_trouble(&browser, &login, &name).await;
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    cluster.thaw();
    recovers(&browser).await;
    assert!(browser.is_signed_in().await);
    app.app.db.close().await;
}

#[tokio::test]
async fn a_server_waits_for_postgres_at_its_start() {
    let Some(mut cluster) = Cluster::make() else { return };
    let folder = TempDir::new().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let port = address.port().to_string();
    let url = cluster.url();
    let variables = [("PORT", port.as_str()), ("DATABASE_URL", &url), ("SECRET_KEY", SECRET_KEY)];
    let log = fs::File::create(folder.path().join("log")).unwrap();
    let start = || {
        let mut command = command(folder.path(), &variables, &[]);
        command.stdout(Stdio::null()).stderr(log.try_clone().unwrap()).spawn().unwrap()
    };

    // Told to end while it waits, it ends.
    let mut child = start();
    let browser = Browser::at(address);
    let answers = async |path: &str| {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            match browser.try_send(reqwest::Method::GET, path, &[], None).await {
                Ok(page) => return page,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    answers("/health").await.is(200);
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());

    let mut child = start();
    answers("/health").await.is(200);
    assert_eq!(number(answers("/health/ready").await.is(503), "retry-after"), Some(5));
    let page = answers("/auth/login").await;
    assert_eq!(number(page.is(503).says("waits for its database"), "retry-after"), Some(5));
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

fn signal(child: &std::process::Child, signal: &str) {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut kill = Command::new("kill");
    assert!(kill.args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn every_connection_is_taken() {
    let app = TestApp::with(&[("DATABASE_CONNECTIONS", "2")]).await;
    let browser = app.person(ADA).await;
    let login = app.browser().get("/auth/login").await;
    let anonymous = app.browser();
    for (cookie, value) in login.set_cookies() {
        anonymous.set_cookie(&cookie, value.split(['=', ';']).nth(1).unwrap());
    }
    let mut held = vec![app.app.db.begin().await.unwrap()];
    if let authflow::db::Db::Postgres { .. } = app.app.db {
        held.push(app.app.db.begin().await.unwrap());
        browser.get("/dashboard").await.is(503);
    } else {
        browser.get("/dashboard").await.is(200); // reading goes on while somebody writes
    }
    let typed = [("email", ADA), ("password", PASSWORD)];
    comes_back(&anonymous.press_on(&login, "Sign in", &typed).await, "email", ADA);
    drop(held);
    recovers(&browser).await;
    anonymous.press_on(&login, "Sign in", &typed).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn another_process_holds_sqlites_lock() {
    let app = TestApp::upon(Ground::on(None, &[])).await;
    let browser = app.person(ADA).await;
    let file = app.ground.data.path().join("authflow.db");
    let mut other = sqlx::SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    browser.get("/dashboard").await.is(200);
    let page = browser.press("/profile", "Save", &[("username", "Augusta")]).await;
    comes_back(&page, "username", "Augusta");
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    browser.press_on(&page, "Save", &[]).await.goes_to("/profile");

    // A short wait is not even noticed.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let released = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        sqlx::query("COMMIT").execute(&mut other).await.unwrap();
    });
    browser.press("/profile", "Save", &[("username", "Ada")]).await.goes_to("/profile");
    released.await.unwrap();
    assert!(browser.is_signed_in().await);
}

/// Whether a small file system of its own can be given to a process here.
fn can_mount() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut unshare = Command::new("unshare");
    let try_out =
        unshare.args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    try_out.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[tokio::test]
async fn the_disk_is_full() {
    if !can_mount() {
        let _ = writeln!(
            std::io::stderr(),
            "\nThe full disk was left out: unshare cannot mount a tmpfs here."
        );
        return;
    }
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let small = "mount -t tmpfs -o size=6m tmpfs data && exec \"$@\"";
    let inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", small, "sh"];
    let program = Program::start_under(&inside, folder.path(), &[]);
    // Its own view of the folder, from outside.
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
    // What the log beside the database still has room for in its last page may go through; then nothing does.
    let mut page = browser.get("/profile").await;
    for n in 0..200 {
        page = browser.press("/profile", "Save", &[("username", &format!("Ada {n}"))]).await;
        if page.status.as_u16() == 503 {
            break;
        }
    }
    let typed = page.value("username").unwrap();
    comes_back(&page, "username", &typed);
    browser.get("/dashboard").await.is(200);
    browser.get("/health").await.is(200);
    let fields = [("email", ADA), ("password", PASSWORD)];
    let login = anonymous.press("/auth/login", "Sign in", &fields).await;
    comes_back(&login, "email", ADA);

    drop(file);
    fs::remove_file(ballast).unwrap();
    browser.press_on(&page, "Save", &[]).await.goes_to("/profile");
    assert_eq!(browser.get("/profile").await.value("username"), Some(typed));
    anonymous.press_on(&login, "Sign in", &fields).await.goes_to("/dashboard");
    assert!(browser.is_signed_in().await && anonymous.is_signed_in().await);
}
