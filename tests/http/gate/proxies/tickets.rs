//! Tickets in real proxies: who can use them, where, and where they are logged.

use super::*;

in_each! {
    unauthorised_requests_are_refused
    tickets_are_redeemed_at_one_address
    no_log_keeps_an_unspent_ticket
    an_outdated_proxy_is_reported
}

async fn unauthorised_requests_are_refused(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let app = stage.app(0);

    // A host that the proxy serves but GATE_ORIGINS does not list.
    let unknown = ada.go(&stage.unknown()).await;
    unknown.is(403).says("is not in GATE_ORIGINS");
    // Browsers cannot reach the endpoints for proxies.
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

    misused_tickets_do_not_sign_in(&stage, &ada).await;

    // A browser that keeps no cookies of the app's host.
    let page = loop {
        ada.forget_cookie(&app, GATE);
        let page = ada.go(&ticket(&ada, &format!("{app}/x?y=z")).await).await;
        if !page.status.is_redirection() {
            break page;
        }
    };
    page.is(400).says("Your sign-in did not arrive");
    assert_eq!(page.select("main a.button")[0]["href"], format!("{app}/x?y=z"));

    // Without its database the gate fails closed.
    stage.server.wait(60);
    Got::from(&ada.open(&app).await);
    stage.server.app.db.close().await;
    for headers in [NAVIGATION, SCRIPT] {
        ada.send(Method::GET, &app, &headers, None)
            .await
            .is(503)
            .says("Try again in a few seconds");
    }
}

/// Uses tickets in another browser, at another host, too late, and twice.
async fn misused_tickets_do_not_sign_in(stage: &Stage, ada: &Traveller) {
    let (app, wiki) = (stage.app(0), stage.app(1));
    let back = ticket(ada, &format!("{app}/x?y=z")).await;
    let mallory = stage.browser();
    let page = mallory.go(&back).await;
    assert!(
        page.is(303).header("location").contains("/gate/start?"),
        "{}",
        page.header("location")
    );
    mallory.open(&back).await.is(200).says("Sign in");
    let back = ticket(ada, &format!("{app}/x?y=z")).await;
    ada.set_cookie(&wiki, NONCE, &ada.cookies(&app)[NONCE]);
    let elsewhere = ada.go(&back.replacen(&app, &wiki, 1)).await;
    assert!(!elsewhere.set_cookies().contains_key(GATE));
    stage.server.wait(60);
    let late = ada.go(&back).await;
    assert!(!late.set_cookies().contains_key(GATE));
    let back = ticket(ada, &format!("{app}/x?y=z")).await;
    let there = ada.open(&back).await;
    assert_eq!(
        (there.path, Got::from(&ada.go(&format!("{app}/x")).await).uri()),
        (format!("{app}/x?y=z"), "/x")
    );
    let copy = stage.browser();
    copy.set_cookie(&app, NONCE, &ada.cookies(&app)[NONCE]);
    copy.open(&back).await.is(200).says("Sign in");
}

/// The pages of authflow are not served at an app's host, even if only the proxy treats the path as one below the prefix.
async fn authflow_does_not_answer_at_the_app(stage: &Stage, host: &str, cookies: &str) {
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

/// Spellings that one of the programs may treat as the ticket address.
const SPELLINGS: [&str; 12] = [
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
];

async fn tickets_are_redeemed_at_one_address(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let login = ada.open(&stage.login("/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    stolen_tickets_are_useless(&stage, &ada).await;
    stage.shows_no_ticket();
    the_prefix_belongs_to_the_gate(&stage, &ada).await;
    other_spellings_redeem_no_ticket(&stage, &ada).await;
    claims_about_the_host_change_nothing(&stage, &ada).await;
    stage.shows_the_app_no_ticket();
}

async fn stolen_tickets_are_useless(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    // An attacker asks for a path that the proxy does not guard: the app sees the path without a ticket.
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
    assert!(ada.cookies(&app).contains_key(GATE));
    // The attacker is too late, even with the ticket.
    mallory.open(&planted).await.is(200).says("Sign in");
    assert!(!mallory.cookies(&app).contains_key(GATE));
    // An attacker who is first only spends the ticket.
    stage.server.wait(60);
    let stolen = another_ticket(stage, ada).await;
    let before = stage.server.spent_tickets().await;
    stage.browser().go(&stolen).await;
    assert_eq!(stage.server.spent_tickets().await, before + 1);
}

/// No page of the app below the prefix is reachable.
async fn the_prefix_belongs_to_the_gate(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    for path in ["/.authflow/", "/.authflow/x", "/.authflow/ticket/x", "/.authflow/open/x"] {
        for browser in [ada, &stage.browser()] {
            browser.go(&format!("{app}{path}")).await.is(404).says("This page does not exist");
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
}

async fn other_spellings_redeem_no_ticket(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    let host = app.split("://").nth(1).unwrap();
    let cookies = ada.cookie_header(&app);
    stage.server.wait(60);
    for path in SPELLINGS {
        let fresh = another_ticket(stage, ada).await;
        let query = fresh.split_once('?').unwrap().1;
        // With her token, and with only her nonce.
        for with in [&*cookies, cookies.split("; ").find(|it| it.contains("-nonce=")).unwrap()] {
            let request = format!(
                "GET {path}?{query} HTTP/1.1\r\nHost: {host}\r\nCookie: {with}\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n"
            );
            let answer = raw(stage, &request).await;
            // Traefik normalises some of them and passes them to authflow, never to the app.
            if stage.kind == Kind::Traefik && answer.contains("Authflow-Reason: ") {
                continue;
            }
            // nginx adds the slash.
            let is_refused =
                answer.starts_with("HTTP/1.1 4") || answer.contains(&format!("{app}/.authflow/?"));
            assert!(is_refused, "{path}: {answer}");
            assert!(!answer.contains(&format!("{GATE}=")), "{path}: {answer}");
        }
    }
    authflow_does_not_answer_at_the_app(stage, host, &cookies).await;
}

async fn claims_about_the_host_change_nothing(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    for (name, value) in [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http")] {
        stage.server.wait(60);
        ada.forget_cookie(&app, GATE);
        let back = ticket(ada, &format!("{app}/x")).await;
        let headers = [(name, value), NAVIGATION[0], NAVIGATION[1]];
        let arrived = ada.send(Method::GET, &back, &headers, None).await;
        assert_eq!(arrived.is(303).header("location"), format!("{app}/x"), "{name}");
    }
}

/// A reader of the proxy's logs could use a ticket that is not spent.
async fn no_log_keeps_an_unspent_ticket(kind: Kind) {
    let Some((mut stage, ada)) = set(kind, &[&[], &[]]).await else { return };
    let app = stage.app(0);
    let login = ada.open(&format!("{app}/x")).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    let spare = another_ticket(&stage, &ada).await;
    let spent = stage.server.spent_tickets().await;

    // More cookies than nginx accepts, in one header and in several.
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
    stage.cut_off_server().await;
    let page = ada.go(&spare).await;
    if kind == Kind::Traefik {
        page.is(502);
    } else {
        page.is(503).says("Sign-in cannot be reached right now");
        assert_eq!((page.header("cache-control"), page.header("retry-after")), ("no-store", "5"));
    }
    let page = ada.go(&format!("{app}/x")).await;
    assert_eq!(page.status, if kind == Kind::Traefik { 500 } else { 503 });
    assert_eq!(stage.server.spent_tickets().await, spent);
    stage.shows_no_ticket();
}

/// An earlier version printed the proxy's configuration, which asks the gate about every path.
async fn an_outdated_proxy_is_reported(kind: Kind) {
    let Some(stage) = Stage::outdated(kind, &[&[], &[]]).await else { return };
    let app = stage.app(0);
    let ada = stage.browser();
    let login = ada.open(&format!("{app}/x")).await;
    let page = ada.sign_in(&login, ADA).await;
    page.is(403).says("configured for an earlier version").says("authflow proxy");
    assert!(page.path.contains("/.authflow/ticket?"), "{}", page.path);
    assert!(!ada.cookies(&app).contains_key("authflow-gate"));
    assert_eq!(stage.server.spent_tickets().await, 1);
    let examined = stage.examine().await;
    let text = String::from_utf8_lossy(&examined.stdout);
    assert!(!examined.status.success(), "{text}");
    for said in [
        &*format!("{app} does not pass /.authflow/ to authflow (403 Forbidden, outdated_proxy)"),
        "Print the configuration again with the command in its line \"Made by\"",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}
