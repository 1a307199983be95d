//! The doctor diagnoses an installation, on a page for administrators and on the command line.

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

use super::support::*;

#[tokio::test]
async fn only_administrators_see_the_doctor() {
    let app = TestApp::with(&[("GATE_ORIGINS", "http://app.localhost:8081")]).await;
    app.browser().get("/admin/doctor").await.goes_to("/auth/login?return_to=%2Fadmin%2Fdoctor");
    let ada = app.person(ADA).await;
    ada.get("/admin/doctor").await.is(403).says("Only administrators can see this page.");
    assert!(ada.get("/dashboard").await.select("a[href='/admin']").is_empty());
    app.give_role(ADA, "admin").await;
    assert_eq!(ada.get("/dashboard").await.select("header a[href='/admin']").len(), 1);

    let headers = [
        ("x-forwarded-for", "203.0.113.9, 198.51.100.7"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "198.51.100.7"),
        ("remote-user", "<root>"),
    ];
    let page = ada.send(Method::GET, "/admin/doctor", &headers, None).await;
    page.is(200)
        .says("PUBLIC_URL=https://localhost:5000")
        .says("The client’s address is 198.51.100.7.");
    page.says("x-real-ip : 198.51.100.7 Ignored").says("remote-user : <root> Ignored");
    page.says("authflow-refresh").says("The cookies are not Secure");
    page.says("The gate guards http://app.localhost:8081.").says("Anyone who signs up can open");
    page.says("Signing key").says("(ES256) signs tokens. It was created just now");
    page.says("No emails have failed or are delayed.");
    assert!(!page.body.contains("<root>"), "escaped");

    // An email that is just being sent is no problem; one that could not be sent is.
    app.change(
        "UPDATE outbox SET state = 'waiting', attempts = 1, last_error = NULL, finished_at = NULL",
    )
    .await;
    ada.get("/admin/doctor").await.says("No emails have failed or are delayed.");
    app.change("UPDATE outbox SET last_error = 'the mailbox is full' WHERE id = (SELECT id FROM outbox ORDER BY id LIMIT 1)").await;
    let page = ada.get("/admin/doctor").await;
    page.says("1 email is waiting and could not be sent yet.").says("the mailbox is full");

    // Failed emails, and a clock that was set back.
    app.change(
        "UPDATE outbox SET state = 'failed', last_error = 'no such mailbox', finished_at = due_at",
    )
    .await;
    app.change("UPDATE audit_events SET at = at + 3600").await;
    let page = ada.get("/admin/doctor").await;
    page.says("2 emails could not be sent.")
        .says("no such mailbox")
        .says("authflow mail retry --all");
    page.says("the audit log has an entry from 1 hour later").says("Set the server’s clock");
    app.wait(26 * 3_600);
    ada.sign_in(ADA, PASSWORD).await;
    ada.get("/admin/doctor").await.says("(ES256) signs tokens. It was created 1 day ago");
}

#[tokio::test]
async fn the_health_check_speaks_the_language_of_its_reader() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    app.change("UPDATE users SET language = 'de'").await;
    let page = ada.send(Method::GET, "/admin/doctor", &[("x-forwarded-host", "x")], None).await;
    page.is(200).says("Systemprüfung").says("Die Daten liegen in").says("Keine App ist geschützt");
    page.says("x-forwarded-host : x Ignoriert");
    assert!(!page.text().contains("Ignored"), "{}", page.text());
}

#[tokio::test]
async fn the_doctor_counts_hops() {
    let app = TestApp::with(&[("TRUSTED_PROXIES", "hops:2")]).await;
    let ada = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let look = async |told: &str| {
        ada.send(Method::GET, "/admin/doctor", &[("x-forwarded-for", told)], None).await
    };
    let page = look("203.0.113.9, 198.51.100.7, 10.0.0.1").await;
    page.is(200).says("198.51.100.7, entry 2 from the right of 3 in X-Forwarded-For");
    page.says("Entry 2 from the right counts");
    let page = look("198.51.100.7").await;
    page.says("127.0.0.1, which is a proxy: TRUSTED_PROXIES=hops:2 , but X-Forwarded-For has 1");
    for told in ["unknown, 10.0.0.1", "198.51.100.7, , 10.0.0.1"] {
        let page = look(told).await;
        page.says("127.0.0.1, which is a proxy: entry 2 from the right in X-Forwarded-For is not");
        page.says("Make the proxy add the address of its peer");
    }
}

/// A private certificate authority, as home networks often have.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_explains_how_to_trust_a_private_authority() {
    let folder = TempDir::new().unwrap();
    // What it serves does not matter: the TLS handshake fails.
    let server = SmtpServer::start(Manner { tls: true, ..Manner::default() }).await;
    let url = format!("https://localhost:{}", server.port);
    let variables = [("PUBLIC_URL", url.as_str()), ("MAIL_TRANSPORT", "file")];
    let mut command = command(folder.path(), &variables, &["doctor"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for said in ["not signed by an authority", "update-ca-certificates", "SSL_CERT_FILE"] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[tokio::test]
async fn only_the_command_sees_the_headers_that_arrived() {
    let app = TestApp::start().await;
    let ask = async |question: &str| {
        let bearer = format!("Bearer {question}");
        let headers = [("authorization", bearer.as_str()), ("x-real-ip", "198.51.100.7")];
        app.browser().send(Method::GET, "/admin/doctor/request", &headers, None).await
    };
    let now = app.app.clock.now();
    let question = authflow::services::operations::doctor::question(&app.app.secrets.doctor, now);
    let told = ask(&question).await;
    let told: Value = serde_json::from_str(&told.is(200).body).unwrap();
    assert_eq!(told["headers"][1]["name"], "x-real-ip");
    app.wait(61);
    for wrong in [question.as_str(), "", "x", &"A".repeat(54)] {
        ask(wrong).await.is(404);
    }
    app.browser().get("/admin/doctor/request").await.is(404);
}

/// The origin of an app that gives this response to every request.
async fn application(answer: String) -> String {
    guarded_application(answer.clone(), answer).await
}

/// The same with another response at the ticket address.
async fn guarded_application(answer: String, of_tickets: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = Vec::new();
            while !read.ends_with(b"\r\n\r\n")
                && stream.read_buf(&mut read).await.is_ok_and(|it| it > 0)
            {}
            let is_ticket = read.starts_with(b"GET /.authflow/ticket ");
            let answer = if is_ticket { &of_tickets } else { &answer };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    origin
}

fn answer(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

/// The address where the test's server will run and where `authflow doctor` looks for it.
struct Site {
    folder: TempDir,
    port: String,
    public_url: String,
    /// Reserves the port. A port that is bound without listening refuses connections.
    _reserved: TcpSocket,
}

impl Site {
    fn reserve() -> Self {
        let port = free_port();
        let reserved = TcpSocket::new_v4().unwrap();
        reserved.set_reuseaddr(true).unwrap();
        reserved.bind(format!("127.0.0.1:{port}").parse().unwrap()).unwrap();
        Self {
            folder: TempDir::new().unwrap(),
            port: port.to_string(),
            public_url: format!("http://127.0.0.1:{port}"),
            _reserved: reserved,
        }
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        vec![("PORT", &self.port), ("PUBLIC_URL", &self.public_url), ("REGISTRATION", "closed")]
    }

    /// The exit code and the report of the doctor.
    fn examine(&self, more: &[(&str, &str)]) -> (i32, Value) {
        let variables = [&self.variables()[..], more].concat();
        let done = run(self.folder.path(), &variables, &["doctor", "--json"]);
        let text = String::from_utf8(done.stdout).unwrap();
        let report = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&done.stderr)));
        (done.status.code().unwrap(), report)
    }
}

/// The problems in the doctor's report. Each comes with a fix.
fn bad(report: &Value) -> Vec<String> {
    let all = report["findings"].as_array().unwrap().iter();
    let bad = all.filter(|it| it["verdict"] == "bad");
    bad.map(|it| {
        assert!(it["fix"].is_string() && it["help"].as_str().unwrap().starts_with("docs/"));
        it["text"].as_str().unwrap().to_owned()
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_checks_the_server_and_the_guarded_apps() {
    let site = Site::reserve();
    let (code, report) = site.examine(&[]);
    assert_eq!(code, 1, "the server is not running");
    let (found, server) =
        (bad(&report), format!("authflow does not respond at 127.0.0.1:{}", site.port));
    assert!(found.len() == 1 && found[0].contains(&server), "{report}");
    // The proxy runs, and an app behind it, but authflow does not. Neither the key nor the app is to blame.
    let proxy = application(answer("502 Bad Gateway", "")).await;
    let (_, report) =
        site.examine(&[("PUBLIC_URL", &proxy), ("GATE_ORIGINS", "http://app.localhost")]);
    let found = bad(&report);
    assert!(found.len() == 1 && found[0].contains(&server), "{report}");

    let _program = Program::start(site.folder.path(), &site.variables());
    a_guarded_app_is_good(&site).await;
    apps_that_are_not_guarded_are_bad(&site).await;

    let (code, report) = site.examine(&[("SECRET_KEY", SECRET_KEY)]);
    assert_eq!(code, 1);
    let other_key = "does not report the headers it received: it responds with 404";
    assert!(bad(&report).iter().any(|it| it.contains(other_key)), "{report}");
    // The server runs, but the proxy cannot reach it.
    let (_, report) = site.examine(&[("PUBLIC_URL", &proxy)]);
    let found = bad(&report);
    assert!(found.len() == 1 && found[0].contains("responds with 502"), "{report}");
}

/// Whatever the proxy says, the cause is at the address of the server.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_tells_a_server_that_is_not_ready_from_another_program() {
    let site = Site::reserve();
    let unavailable = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 24\r\n\r\n{\"status\":\"unavailable\"}";
    for (response, said) in [
        (answer("404 Not Found", ""), "Another program responds at 127.0.0.1:"),
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), "Another program responds at 127.0.0.1:"),
        (unavailable.to_owned(), "is starting, or cannot use its database."),
    ] {
        let there = application(response).await;
        let port = there.rsplit(':').next().unwrap();
        let (code, report) = site.examine(&[("PORT", port)]);
        let found = bad(&report);
        assert!(code == 1 && found.len() == 1 && found[0].contains(said), "{said}: {report}");
    }
}

/// The gate's redirect response, with its `Location`.
fn redirect(site: &Site, more: &str) -> String {
    let there = format!("Location: {}/gate/start?return_to=x\r\n", site.public_url);
    answer("302 Found", &format!("{there}{more}"))
}

const NONCE: &str = "Set-Cookie: authflow-gate-nonce=x\r\n";

async fn a_guarded_app_is_good(site: &Site) {
    let tickets = answer("401 Unauthorized", "Authflow-Reason: no_ticket\r\n");
    let guarded = guarded_application(redirect(site, NONCE), tickets).await;
    let (code, report) = site.examine(&[("GATE_ORIGINS", &guarded)]);
    assert_eq!((code, bad(&report)), (0, Vec::new()), "{report}");
    let text = report.to_string();
    for said in [
        "Set and sent back: ",
        "sends visitors to the sign-in page",
        "passes /.authflow/ to authflow",
        "agree",
        "as PUBLIC_URL says",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

async fn apps_that_are_not_guarded_are_bad(site: &Site) {
    let tickets = answer("403 Forbidden", "Authflow-Reason: outdated_proxy\r\n");
    let apps = [
        application(answer("200 OK", "")).await,
        application(redirect(site, "")).await,
        application(answer("403 Forbidden", "Authflow-Reason: unknown_host\r\n")).await,
        guarded_application(redirect(site, NONCE), tickets).await,
        application(answer("502 Bad Gateway", "")).await,
        guarded_application(redirect(site, NONCE), answer("504 Gateway Timeout", "")).await,
    ];
    let (code, report) = site.examine(&[("GATE_ORIGINS", &apps.join(","))]);
    assert_eq!(code, 1);
    let expected = [
        "NOT guarded",
        "without the gate's cookie",
        "403 Forbidden (unknown_host)",
        "does not pass /.authflow/ to authflow (403 Forbidden, outdated_proxy)",
        "responds with 502 Bad Gateway instead of",
        "/.authflow/ticket responds with 504 Gateway Timeout.",
    ];
    let bad = bad(&report);
    assert_eq!(bad.len(), expected.len(), "{report}");
    for (bad, expected) in bad.iter().zip(expected) {
        assert!(bad.contains(expected), "{bad:?}");
    }
}
