//! The gate in real proxies, each with the very configuration that `authflow proxy` prints.

use authflow::domain::gate::ticket::Nonce;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::support::*;
use super::stage::{Kind, Stage};
use super::traveller::{NAVIGATION, SCRIPT, Traveller};
use super::upstream::Got;

/// The same tests for each.
macro_rules! in_each {
    ($($name:ident)*) => {
        mod nginx {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Kind::Nginx).await;
            })*
        }
        mod caddy {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Kind::Caddy).await;
            })*
        }
        mod traefik {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Kind::Traefik).await;
            })*
        }
    };
}

in_each! {
    the_way_in_and_out
    claims_of_the_client_never_arrive
    rules_are_kept
    everything_else_that_browsers_send
    what_must_not_get_in_does_not
    tickets_have_one_address
    no_log_keeps_a_ticket_that_cannot_be_taken
    a_proxy_without_the_reserved_path_is_named
    what_is_asked_is_what_is_reached
    an_address_without_https
    the_login_below_a_path_of_an_application
}

const IDENTITY: [&str; 4] = ["remote-user", "remote-email", "remote-name", "remote-groups"];

/// The stage, and Ada's browser; nothing where the proxy is not installed.
/// `deploy/docker/Caddyfile` is what the commands at its head print.
#[tokio::test]
async fn the_example_of_containers_is_what_is_printed() {
    let example = std::fs::read_to_string("deploy/docker/Caddyfile").unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    // As in compose.yaml.
    let variables = [
        ("PUBLIC_URL", "https://login.example.org"),
        ("GATE_ORIGINS", "https://whoami.example.org"),
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL", "smtp://USER:PASSWORD@mail.example.org:587"),
        ("MAIL_FROM", "no-reply@example.org"),
        ("TRUSTED_PROXIES", "10.86.24.0/24,fd86:24::/64"),
    ];
    let login = ["proxy", "caddy", "--authflow", "authflow:5000"];
    let application = ["--app", "https://whoami.example.org", "--upstream", "whoami:8080"];
    let mut printed = String::new();
    for arguments in [login.to_vec(), [login, application].concat()] {
        let output = run(folder.path(), &variables, &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        printed += &String::from_utf8(output.stdout).unwrap();
    }
    assert_eq!(example.split_once("\n\n").unwrap().1, printed);
}

async fn set(kind: Kind, rules: &[&[&str]]) -> Option<(Stage, Traveller)> {
    let stage = Stage::set(kind, "https", "", rules).await?;
    let ada = stage.browser();
    Some((stage, ada))
}

async fn the_way_in_and_out(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let (app, wiki) = (stage.app(0), stage.app(1));
    let deep = format!("{app}/deep/link?a=b&c=%2F+x&a=%C3%BC");
    let login = ada.open(&deep).await;
    assert!(login.path.starts_with(&stage.login("/auth/login?")), "{}", login.path);
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!(there.path, deep);
    let got = Got::from(&there);
    assert_eq!(got.uri(), "/deep/link?a=b&c=%2F+x&a=%C3%BC");
    for (name, value) in IDENTITY.into_iter().zip([ADA, ADA, "Ada Lovelace", ""]) {
        assert!(got.header(name).iter().all(|it| *it == value), "{name}: {:?}", got.header(name));
        assert!(value.is_empty() || got.header(name).len() == 1, "{name}");
    }
    assert_eq!(got.header("remote-id").len(), 1);
    assert!(got.header("remote-token").is_empty());
    assert_eq!(got.header("cookie").join(""), "");
    assert_eq!(got.header("x-forwarded-proto"), ["https"]);

    // Another application, without another sign-in.
    let there = ada.open(&format!("{wiki}/x")).await;
    assert_eq!(Got::from(&there).uri(), "/x");

    // Cookies that are the application's own, short and long.
    let long = "x".repeat(6_000);
    ada.set_cookie(&app, "theme", "dark");
    ada.set_cookie(&app, "aaa", &long);
    let got = Got::from(&ada.go(&deep).await);
    assert_eq!(got.header("cookie").join("; "), format!("aaa={long}; theme=dark"));

    stage.shows_no_ticket();

    // Signing out shuts both; a disabled account opens none.
    let asks = ada.open(&stage.login("/auth/logout")).await;
    ada.press(&asks, "Sign out now", &[]).await.says("You are signed out.");
    for guarded in [&deep, &wiki] {
        ada.open(guarded).await.is(200).says("Sign in");
        ada.send(Method::GET, guarded, &SCRIPT, None).await.is(401);
    }
    let login = ada.open(&deep).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    Got::from(&ada.open(&wiki).await);
    stage.server.change("UPDATE users SET disabled_at = created_at").await;
    for guarded in [&deep, &wiki] {
        ada.open(guarded).await.is(200).says("Sign in");
        ada.send(Method::GET, guarded, &SCRIPT, None).await.is(401);
    }
}

async fn claims_of_the_client_never_arrive(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&["--token"]]).await else { return };
    let app = stage.app(0);
    let login = ada.open(&app).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    for forged in [
        "Remote-User",
        "remote-user",
        "REMOTE-USER",
        "Remote_User",
        "remote_user",
        "Remote-Id",
        "Remote-Email",
        "Remote_Email",
        "Remote-Name",
        "Remote-Groups",
        "Remote_Groups",
        "Remote-Token",
        "Remote_Token",
    ] {
        for (method, body) in [(Method::GET, None), (Method::POST, Some(b"a=b".to_vec()))] {
            let headers = [(forged, "forged"), NAVIGATION[0], NAVIGATION[1]];
            let page = ada.send(method, &app, &headers, body).await;
            let got = Got::from(&page);
            for name in IDENTITY.into_iter().chain(["remote-id", "remote-token"]) {
                assert!(!got.header(name).contains(&"forged"), "{forged}: {:?}", got.header(name));
                assert!(got.header(name).len() <= 1, "{forged}");
            }
            assert_eq!(got.header("remote-user"), [ADA]);
            assert_eq!(got.header("remote-token")[0].split('.').count(), 3);
        }
    }
    // Headers that the client lets the proxy remove.
    for named in [
        "Remote-User",
        "remote-groups, Remote-Email",
        "close, Remote-Token",
        "Cookie",
        "X-Forwarded-Host",
    ] {
        let headers = [("connection", named), SCRIPT[0], SCRIPT[1]];
        let page = ada.send(Method::GET, &app, &headers, None).await;
        if page.status != 401 {
            let got = Got::from(&page);
            assert_eq!(
                (got.header("remote-user"), got.header("remote-email")),
                (vec![ADA], vec![ADA]),
                "{named}"
            );
            assert_eq!(got.header("remote-token").len(), 1, "{named}");
        }
    }
    // The application's cookies, wherever ours stand among them.
    let own = ada.cookies(&app);
    let ours = |name: &str| format!("{name}={}", own[name]);
    let (gate, nonce) = (ours("__Host-authflow-gate"), ours("__Host-authflow-gate-nonce"));
    for (sent, left) in [
        (format!("{gate}; {nonce}"), ""),
        (format!("a=b; {gate}; c=d; {nonce}; e=\"f g\""), "a=b; c=d; e=\"f g\""),
        (format!("{nonce}; {gate}; {nonce}; a=b"), "a=b"),
        (format!("a=b; {gate}"), "a=b"),
        (format!("{gate}; xauthflow-gate=1; x=authflow-gate"), "xauthflow-gate=1; x=authflow-gate"),
        (
            format!("a=1;{gate};b=2;__Secure-authflow-refresh=x;authflow-session=y;c=3"),
            "a=1;b=2;c=3",
        ),
    ] {
        let headers = [("cookie", sent.as_str()), SCRIPT[0], SCRIPT[1]];
        let got = stage.browser().send(Method::GET, &app, &headers, None).await;
        let got = Got::from(&got);
        let arrived = got.header("cookie").join("; ").replace("; ", ";");
        assert_eq!(arrived.trim_matches(';'), left.replace("; ", ";"), "{sent}");
    }
    // Nor do they open anything to a stranger, or make of one host another.
    let stranger = stage.browser();
    for (name, value) in [
        ("Remote-User", ADA),
        ("X-Original-URL", "https://evil.example/"),
        ("X-Original-Method", "POST"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Uri", "/other"),
        ("X-Forwarded-Method", "POST"),
        ("X-Forwarded-For", "192.0.2.1"),
    ] {
        let headers = [(name, value), NAVIGATION[0], NAVIGATION[1]];
        let sent = stranger.send(Method::GET, &format!("{app}/x"), &headers, None).await;
        assert!(sent.status.is_redirection(), "{name}: {}", sent.status);
        let way = url::Url::parse(sent.header("location")).unwrap();
        let back = way.query_pairs().find(|(it, _)| it == "return_to").unwrap().1.into_owned();
        assert_eq!(back, format!("{app}/x"), "{name}");
        let headers = [(name, value), SCRIPT[0], SCRIPT[1]];
        stranger.send(Method::GET, &format!("{app}/x"), &headers, None).await.is(401);
        let got = ada.send(Method::GET, &format!("{app}/x"), &headers, None).await;
        assert_eq!(Got::from(&got).header("remote-user"), [ADA], "{name}");
    }
}

async fn rules_are_kept(kind: Kind) {
    let rules: [&[&str]; 2] = [&["--role", "admin", "--role", "the family"], &["--factor", "2"]];
    let Some((stage, ada)) = set(kind, &rules).await else { return };
    let (family, safe) = (stage.app(0), stage.app(1));
    let login = ada.open(&format!("{family}/x")).await;
    let refused = ada.sign_in(&login, ADA).await;
    refused.is(403).says("one of the roles admin, the family");
    refused.says("You are signed in as Ada Lovelace (ada@example.org)");
    assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
    assert!(refused.header("content-security-policy").contains("'sha256-"));
    ada.send(Method::GET, &family, &SCRIPT, None).await.is(403);
    stage
        .server
        .change("INSERT INTO user_roles (user_id, role) SELECT id, 'the family' FROM users")
        .await;
    assert_eq!(Got::from(&ada.go(&family).await).header("remote-groups"), ["the family"]);

    let deep = format!("{safe}/deep?a=b");
    let sets_up = ada.open(&deep).await;
    sets_up.is(200).says("only open to people who sign in with a second factor");
    let authenticator = Authenticator::scan(&sets_up);
    let code = authenticator.shows(&stage.server, 0);
    let done = ada.press(&sets_up, "Switch on", &[("code", &code)]).await;
    let on = done.is(200).select("main ul.links a").remove(0).remove("href").unwrap();
    let there = ada.open(&stage.origin(&on)).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (deep.as_str(), "/deep?a=b"));

    let other = stage.browser();
    stage.server.wait(60);
    let login = other.open(&deep).await;
    let asks = other.sign_in(&login, ADA).await;
    let code = authenticator.shows(&stage.server, 0);
    let there = other.press(&asks, "Sign in", &[("code", &code)]).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (deep.as_str(), "/deep?a=b"));
}

/// Asks for a WebSocket, says something on it, and gives the answer's head and what came back.
async fn socket(stage: &Stage, cookies: &str) -> (String, String) {
    let stream = TcpStream::connect(stage.proxy).await.unwrap();
    let mut stream = stage.tls(stream).await;
    let host = stage.app(0).split("://").nth(1).unwrap().to_owned();
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://{host}\r\nSec-Fetch-Mode: websocket\r\n{cookies}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    while !read.windows(4).any(|it| it == b"\r\n\r\n") {
        assert_ne!(
            stream.read_buf(&mut read).await.unwrap(),
            0,
            "{}",
            String::from_utf8_lossy(&read)
        );
    }
    let head = String::from_utf8_lossy(&read).into_owned();
    let mut echo = [0; 5];
    if head.starts_with("HTTP/1.1 101") {
        stream.write_all(b"hello").await.unwrap();
        stream.read_exact(&mut echo).await.unwrap();
    }
    (head, String::from_utf8_lossy(&echo).into_owned())
}

async fn everything_else_that_browsers_send(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[]]).await else { return };
    let app = stage.app(0);
    let (refused, _) = socket(&stage, "").await;
    assert!(refused.starts_with("HTTP/1.1 401") && !refused.contains("ocation:"), "{refused}");
    for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::DELETE] {
        let refused = ada.send(method, &app, &SCRIPT, None).await;
        refused.is(401);
        assert!(!refused.headers.contains_key("location") && refused.set_cookies().is_empty());
    }
    let head = ada.send(Method::HEAD, &format!("{app}/x"), &NAVIGATION, None).await;
    assert!(head.status.is_redirection() && head.body.is_empty(), "{}", head.status);

    // A form that was open for too long.
    let form = format!("{app}/form?id=7");
    let post = async |browser: &Traveller| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("referer", form.as_str()),
            NAVIGATION[0],
            NAVIGATION[1],
        ];
        browser
            .send(Method::POST, &format!("{app}/save"), &headers, Some(b"text=long".to_vec()))
            .await
    };
    let sent = post(&ada).await;
    sent.is(303);
    let login = ada.follow(sent).await;
    login.says("what you sent was not saved. Sign in and send it again");
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (form.as_str(), "/form?id=7"));
    let got = Got::from(&post(&ada).await);
    assert_eq!((&got.0["method"], &got.0["body"]), (&"POST".into(), &"text=long".into()));

    // Once she is in, everything arrives as it is.
    let large = "z".repeat(600_000);
    let headers = [("content-type", "application/octet-stream"), SCRIPT[0], SCRIPT[1]];
    let body = Some(large.clone().into_bytes());
    let got = Got::from(&ada.send(Method::PUT, &format!("{app}/large"), &headers, body).await);
    assert_eq!((&got.0["method"], got.0["body"] == large), (&"PUT".into(), true));
    ada.send(Method::HEAD, &app, &SCRIPT, None).await.is(200);
    for (path, status) in [("/own-401", 401), ("/own-403", 403), ("/own-500", 500)] {
        let own = ada.go(&format!("{app}{path}")).await;
        assert_eq!(Got::from(own.is(status)).uri(), path);
    }
    let cookies = ada.cookies(&app);
    let cookies: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let (opened, echo) = socket(&stage, &format!("Cookie: {}\r\n", cookies.join("; "))).await;
    assert!(opened.starts_with("HTTP/1.1 101"), "{opened}");
    assert_eq!(echo, "hello");
}

/// One request as it is written, with these cookies; the whole answer.
async fn raw(stage: &Stage, request: &str) -> String {
    let stream = TcpStream::connect(stage.proxy).await.unwrap();
    let mut stream = stage.tls(stream).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    String::from_utf8_lossy(&read).into_owned()
}

async fn what_is_asked_is_what_is_reached(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &["--role", "admin"]]).await else { return };
    let (app, wiki) = (stage.app(0), stage.app(1));
    let login = ada.open(&app).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    let cookies = ada.cookies(&app);
    let cookies: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let authority = |origin: &str| origin.split("://").nth(1).unwrap().to_owned();
    // Another host in the header than in the address.
    let (one, other) = (authority(&app), authority(&wiki));
    for host in [other.as_str(), "internal.lan", "app.localhost:1"] {
        let request = format!(
            "GET {app}/secret HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        );
        let answer = raw(&stage, &request).await;
        if answer.starts_with("HTTP/1.1 200") {
            assert!(
                answer.contains(&one) && !answer.contains(&format!("\"{host}\"")),
                "{host}: {answer}"
            );
        }
    }
    // Another protocol.
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {one}\r\nCookie: {cookies}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
    );
    let answer = tokio::time::timeout(
        std::time::Duration::from_secs(20),
        raw(&stage, &request.replace("Upgrade, HTTP2", "close, Upgrade, HTTP2")),
    )
    .await
    .unwrap();
    assert!(
        !answer.starts_with("HTTP/1.1 101") && !answer.to_lowercase().contains("h2c"),
        "{answer}"
    );
}

/// A ticket on its way, not yet used.
async fn ticket(ada: &Traveller, guarded: &str) -> String {
    let start = ada.go(guarded).await;
    ada.go(start.header("location")).await.is(303).header("location").to_owned()
}

async fn what_must_not_get_in_does_not(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let (app, wiki) = (stage.app(0), stage.app(1));
    let (gate, nonce) = ("__Host-authflow-gate", "__Host-authflow-gate-nonce");

    // A host that the proxy knows and authflow does not.
    let unknown = ada.go(&stage.unknown()).await;
    unknown.is(403).says("is not in GATE_ORIGINS");
    // The gate is for proxies alone.
    for path in ["/gate/nginx", "/gate/forward", "/gate/nginx?role=x"] {
        ada.go(&stage.login(path)).await.is(404);
    }
    if kind == Kind::Nginx {
        for path in ["/_authflow/gate", "/_authflow/refused"] {
            ada.go(&format!("{app}{path}")).await.is(404);
        }
    }
    let login = ada.open(&stage.login("/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);

    // Tickets: in another browser, at another host, too late, twice.
    let back = ticket(&ada, &format!("{app}/x?y=z")).await;
    let mallory = stage.browser();
    let page = mallory.go(&back).await;
    assert!(
        page.is(303).header("location").contains("/gate/start?"),
        "{}",
        page.header("location")
    );
    mallory.open(&back).await.is(200).says("Sign in");
    let back = ticket(&ada, &format!("{app}/x?y=z")).await;
    ada.set_cookie(&wiki, nonce, &ada.cookies(&app)[nonce]);
    let elsewhere = ada.go(&back.replacen(&app, &wiki, 1)).await;
    assert!(!elsewhere.set_cookies().contains_key(gate));
    stage.server.wait(60);
    let late = ada.go(&back).await;
    assert!(!late.set_cookies().contains_key(gate));
    let back = ticket(&ada, &format!("{app}/x?y=z")).await;
    let there = ada.open(&back).await;
    assert_eq!(
        (there.path, Got::from(&ada.go(&format!("{app}/x")).await).uri()),
        (format!("{app}/x?y=z"), "/x")
    );
    let copy = stage.browser();
    copy.set_cookie(&app, nonce, &ada.cookies(&app)[nonce]);
    copy.open(&back).await.is(200).says("Sign in");

    // A browser that keeps no cookies of the application's host.
    let page = loop {
        ada.forget_cookie(&app, gate);
        let page = ada.go(&ticket(&ada, &format!("{app}/x?y=z")).await).await;
        if !page.status.is_redirection() {
            break page;
        }
    };
    page.is(400).says("The sign-in did not arrive");
    assert_eq!(page.select("main ul.links a")[0]["href"], format!("{app}/x?y=z"));

    // A gate that cannot look.
    stage.server.wait(60);
    Got::from(&ada.open(&app).await);
    stage.server.app.db.close().await;
    for headers in [NAVIGATION, SCRIPT] {
        ada.send(Method::GET, &app, &headers, None)
            .await
            .is(503)
            .says("Please try again in a few seconds");
    }
}

/// A ticket to the first application for a browser that may be signed in there.
async fn another_ticket(stage: &Stage, ada: &Traveller) -> String {
    let app = stage.app(0);
    let nonce = Nonce::parse(&ada.cookies(&app)["__Host-authflow-gate-nonce"]).unwrap();
    let (to, nonce) = (format!("{app}/x"), nonce.hash().to_text());
    let way = encode(&[("return_to", &to), ("nonce", &nonce)]);
    let start = ada.go(&stage.login(&format!("/gate/start?{way}"))).await;
    start.is(303).header("location").to_owned()
}

/// The login does not answer at an application's host, in a spelling that is below the prefix for the proxy alone.
async fn the_login_answers_not(stage: &Stage, host: &str, cookies: &str) {
    for path in [
        "/auth/reset-password/..%2f..%2f.authflow%2fx",
        "/auth/reset-password/..%2f..%2f.authflow%2fticket",
        "/auth/verify-email/%2e%2e%2f%2e%2e%2f.authflow%2fticket",
    ] {
        for with in ["", &*format!("Cookie: {cookies}\r\n")] {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {host}\r\n{with}Sec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n"
            );
            let answer = raw(stage, &request).await;
            let is_of_login = answer.starts_with("HTTP/1.1 410") || answer.contains("csrf");
            assert!(!is_of_login, "{path}: {answer}");
        }
    }
}

/// Where a ticket is redeemed, and where not, as long as the proxy has what is printed.
async fn tickets_have_one_address(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let app = stage.app(0);
    let gate = "__Host-authflow-gate";
    let spent = async || stage.server.count("SELECT COUNT(*) FROM spent_tickets").await;
    let login = ada.open(&stage.login("/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);

    // A path past the gate is where the way leads to: the application sees its address, without a ticket.
    let mallory = stage.browser();
    let way = mallory.go(&format!("{app}/x")).await.header("location").to_owned();
    let way = way.replace("%2Fx&", "%2Fopen%2Fx&");
    assert!(way.contains("%2Fopen%2Fx&nonce="), "{way}");
    let planted = ada.go(&way).await.is(303).header("location").to_owned();
    assert!(planted.starts_with(&format!("{app}/.authflow/ticket?ticket=")), "{planted}");
    let there = ada.open(&planted).await;
    assert_eq!(
        (there.path.as_str(), Got::from(&there).uri()),
        (&*format!("{app}/open/x"), "/open/x")
    );
    assert!(ada.cookies(&app).contains_key(gate));
    // Whoever planted the nonce comes too late, wherever they got the ticket from.
    mallory.open(&planted).await.is(200).says("Sign in");
    assert!(!mallory.cookies(&app).contains_key(gate));
    // And so does anybody who finds it first: it is spent with that.
    stage.server.wait(60);
    let stolen = another_ticket(&stage, &ada).await;
    let before = spent().await;
    stage.browser().go(&stolen).await;
    assert_eq!(spent().await, before + 1);

    stage.shows_no_ticket();

    // The prefix belongs to the gate, however it is spelt, and whatever the application has there.
    for path in ["/.authflow/", "/.authflow/x", "/.authflow/ticket/x", "/.authflow/open/x"] {
        for browser in [&ada, &mallory] {
            browser
                .go(&format!("{app}{path}"))
                .await
                .is(404)
                .says("There is nothing at this address");
        }
    }
    let headers = [NAVIGATION[0], NAVIGATION[1]];
    ada.send(
        Method::POST,
        &format!("{app}/.authflow/ticket?ticket=x"),
        &headers,
        Some(b"a=b".to_vec()),
    )
    .await
    .is(405);
    let host = app.split("://").nth(1).unwrap();
    let cookies: Vec<String> =
        ada.cookies(&app).iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    stage.server.wait(60);
    for path in [
        "/%2eauthflow/ticket",
        "/.authflow%2fticket",
        "//.authflow/ticket",
        "/x/../.authflow/ticket",
        "/x/%2e%2e/.authflow/ticket",
        "/./.authflow/ticket",
        "/%252eauthflow/ticket",
        "/.AUTHFLOW/ticket",
        "/.authflow;x/ticket",
        "/.authflow/./ticket",
        "/.authflow//ticket",
        "/.authflow",
    ] {
        let fresh = another_ticket(&stage, &ada).await;
        let query = fresh.split_once('?').unwrap().1;
        // With her own token, which opens the application, and with nothing but her nonce.
        for with in [&*cookies, cookies.split("; ").find(|it| it.contains("-nonce=")).unwrap()] {
            let request = format!(
                "GET {path}?{query} HTTP/1.1\r\nHost: {host}\r\nCookie: {with}\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n"
            );
            let answer = raw(&stage, &request).await;
            // Traefik passes some of them on in the usual spelling: to authflow, never to the application.
            if kind == Kind::Traefik && answer.contains("Authflow-Reason: ") {
                continue;
            }
            // nginx adds the slash by itself.
            let is_refused =
                answer.starts_with("HTTP/1.1 4") || answer.contains(&format!("{app}/.authflow/?"));
            assert!(is_refused, "{path}: {answer}");
            assert!(!answer.contains(&format!("{gate}=")), "{path}: {answer}");
        }
    }
    the_login_answers_not(&stage, host, &cookies).await;
    // Claims about the host, which the proxy replaces.
    for (name, value) in [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http")] {
        stage.server.wait(60);
        ada.forget_cookie(&app, gate);
        let back = ticket(&ada, &format!("{app}/x")).await;
        let headers = [(name, value), NAVIGATION[0], NAVIGATION[1]];
        let arrived = ada.send(Method::GET, &back, &headers, None).await;
        assert_eq!(arrived.is(303).header("location"), format!("{app}/x"), "{name}");
    }
    stage.shows_the_application_no_ticket();
}

/// A ticket that is not spent would be worth something to whoever reads the proxy's logs.
async fn no_log_keeps_a_ticket_that_cannot_be_taken(kind: Kind) {
    let Some((mut stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let app = stage.app(0);
    let login = ada.open(&format!("{app}/x")).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    let spare = another_ticket(&stage, &ada).await;
    let spent = stage.server.count("SELECT COUNT(*) FROM spent_tickets").await;

    // More cookies than nginx takes, in one header and in several.
    let (host, query) = (app.split("://").nth(1).unwrap(), spare.split_once('?').unwrap().1);
    let large = format!("Cookie: a={}\r\n", "x".repeat(7_000));
    if kind == Kind::Nginx {
        for cookies in [format!("Cookie: a={}\r\n", "x".repeat(9_000)), large.repeat(6)] {
            let answer = raw(
                &stage,
                &format!("GET /.authflow/ticket?{query} HTTP/1.1\r\nHost: {host}\r\n{cookies}\r\n"),
            )
            .await;
            assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
            assert!(
                answer.contains("Delete its cookies") && answer.contains("no-store"),
                "{answer}"
            );
        }
    }
    stage.cut_the_way().await;
    let page = ada.go(&spare).await;
    if kind == Kind::Traefik {
        page.is(502);
    } else {
        page.is(503).says("The login cannot be reached right now");
        assert_eq!((page.header("cache-control"), page.header("retry-after")), ("no-store", "5"));
    }
    // What fails at the application is answered as before.
    let page = ada.go(&format!("{app}/x")).await;
    assert_eq!(
        page.status,
        if kind == Kind::Nginx {
            503
        } else if kind == Kind::Caddy {
            502
        } else {
            500
        }
    );
    assert_eq!(stage.server.count("SELECT COUNT(*) FROM spent_tickets").await, spent);
    stage.shows_no_ticket();
}

/// A configuration that was printed by an earlier version, which asked about every path.
async fn a_proxy_without_the_reserved_path_is_named(kind: Kind) {
    let Some(stage) = Stage::outdated(kind, &[&[], &[]]).await else { return };
    let app = stage.app(0);
    let ada = stage.browser();
    let login = ada.open(&format!("{app}/x")).await;
    let page = ada.sign_in(&login, ADA).await;
    page.is(403).says("configured for an earlier version").says("authflow proxy");
    assert!(page.path.contains("/.authflow/ticket?"), "{}", page.path);
    assert!(!ada.cookies(&app).contains_key("authflow-gate"));
    assert_eq!(stage.server.count("SELECT COUNT(*) FROM spent_tickets").await, 1);
    let examined = stage.examine().await;
    let text = String::from_utf8_lossy(&examined.stdout);
    assert!(!examined.status.success(), "{text}");
    for said in [
        &*format!("{app} does not pass /.authflow/ to authflow (403 Forbidden, outdated_proxy)"),
        "print the configuration again: authflow proxy",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

async fn an_address_without_https(kind: Kind) {
    let Some(stage) = Stage::set(kind, "http", "", &[&[], &[]]).await else { return };
    // The doctor finds no problem: the printed configuration is right.
    let examined = stage.examine().await;
    let text = String::from_utf8_lossy(&examined.stdout);
    assert!(examined.status.success() && !text.contains("BAD"), "{text}");
    assert_eq!(text.matches("sends visitors to the sign-in page").count(), 2, "{text}");
    assert_eq!(text.matches("passes /.authflow/ to authflow").count(), 2, "{text}");
    for said in [
        "browsers come by http, as PUBLIC_URL says",
        "goes out and comes back",
        "client address: 127.0.0.1",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let ada = stage.browser();
    let deep = format!("{}/deep?a=b", stage.app(0));
    let login = ada.open(&deep).await;
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (deep.as_str(), "/deep?a=b"));
    assert_eq!(Got::from(&ada.open(&stage.app(1)).await).header("remote-user"), [ADA]);
    ada.set_cookie(&deep, "authflow-refresh", "planted");
    ada.set_cookie(&deep, "mine", "1");
    let got = Got::from(&ada.go(&deep).await);
    assert_eq!(got.header("cookie"), ["mine=1"]);
}

async fn the_login_below_a_path_of_an_application(kind: Kind) {
    let Some(stage) = Stage::set(kind, "https", "/id", &[&[], &[]]).await else { return };
    let (own, other) = (stage.origin("/page?x=y"), format!("{}/page?x=y", stage.app(1)));
    let ada = stage.browser();
    let login = ada.open(&own).await;
    assert!(login.path.starts_with(&stage.login("/auth/login?")), "{}", login.path);
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!(there.path, own);
    let got = Got::from(&there);
    assert_eq!((got.uri(), got.header("cookie").join("")), ("/page?x=y", String::new()));
    assert_eq!(Got::from(&ada.open(&other).await).header("remote-user"), [ADA]);
    // Traefik leaves it to the login to lead on.
    let below = if kind == Kind::Traefik { "/id/dashboard" } else { "/id/" };
    assert_eq!(
        ada.go(&stage.origin("/id")).await.header("location").trim_start_matches(&stage.origin("")),
        below
    );
    for path in ["/gate/nginx", "/gate/forward"] {
        let page = ada.go(&stage.login(path)).await;
        if kind == Kind::Traefik {
            Got::from(&page); // what the login leaves is the application's
        } else {
            page.is(404);
        }
    }
    for path in ["/.authflow/x", "/id/.authflow/ticket"] {
        ada.go(&stage.origin(path)).await.is(404);
    }
    stage.shows_no_ticket();
}
