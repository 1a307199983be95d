//! The reserved path is the only place where tickets are redeemed.

use super::*;

#[tokio::test]
async fn the_reserved_prefix_serves_only_tickets() {
    let app = TestApp::with(&VARIABLES).await;
    let browser = app.browser();
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-host", "app.example.org")];
    let ask = async |method: Method, path: &str, headers: &[(&str, &str)]| {
        browser.send(method, path, headers, None).await
    };
    for path in
        ["/.authflow", "/.authflow/", "/.authflow/x", "/.authflow/ticket/", "/.authflow/ticket/x"]
    {
        for method in [Method::GET, Method::POST] {
            let nothing = ask(method, path, &forwarded).await;
            assert!(nothing.is(404).body.len() < 100 && nothing.set_cookies().is_empty(), "{path}");
        }
    }
    for path in ["/%2eauthflow/ticket?ticket=x", "/x/..%2f.authflow/ticket?ticket=x"] {
        ask(Method::GET, path, &forwarded).await.is(404);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        ask(method, "/.authflow/ticket?ticket=x", &forwarded).await.is(405);
    }
    // A visitor without a ticket is redirected; a script is not.
    let stranger =
        ask(Method::GET, "/.authflow/ticket", &[&forwarded[..], &NAVIGATION].concat()).await;
    assert_eq!(location(stranger.is(303)).path(), "/gate/start");
    let script = ask(Method::GET, "/.authflow/ticket", &forwarded).await;
    assert_eq!(script.is(401).header("authflow-reason"), "no_ticket");
    let script = ask(Method::GET, "/.authflow/ticket?ticket=x", &forwarded).await;
    assert_eq!(script.is(401).header("authflow-reason"), "ticket_failed");
    assert!(!script.headers.contains_key("location"));
    // The proxy has to name the host.
    for (headers, reason) in [
        (&[][..], "missing_header"),
        (&forwarded[..1], "missing_header"),
        (&[forwarded[0], ("x-forwarded-host", "other.example.org")], "unknown_host"),
        (&[forwarded[0], ("x-forwarded-host", "login.example.org")], "unknown_host"),
        (&[("x-forwarded-proto", "http"), forwarded[1]], "other_scheme"),
        (
            &[forwarded[0], ("x-forwarded-host", "app.example.org,evil.example")],
            "contradictory_headers",
        ),
        (
            &[forwarded[0], forwarded[1], ("x_forwarded_host", "wiki.example.net")],
            "contradictory_headers",
        ),
    ] {
        let refused = ask(Method::GET, "/.authflow/ticket?ticket=x", headers).await;
        assert_eq!(refused.is(403).header("authflow-reason"), reason, "{headers:?}");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_can_present_tickets() {
    let mut variables = VARIABLES.to_vec();
    variables.push(("TRUSTED_PROXIES", "192.0.2.0/24"));
    let app = TestApp::with(&variables).await;
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-host", "app.example.org")];
    let refused =
        app.browser().send(Method::GET, "/.authflow/ticket?ticket=x", &headers, None).await;
    assert_eq!(refused.is(403).header("authflow-reason"), "untrusted_peer");
}

#[tokio::test]
async fn a_head_request_redeems_a_ticket() {
    let (_app, ada) = signed_in(false).await;
    let back = ticket(&ada, DEEP).await;
    let head = ada.send(Method::HEAD, &back, &NAVIGATION, None).await;
    assert_eq!(head.is(303).header("location"), DEEP);
    assert!(ada.cookies(APP).contains_key(GATE));
}

#[tokio::test]
async fn an_outdated_proxy_is_reported_and_the_app_sees_no_ticket() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in(is_nginx).await;
        let ada = ada.behind_an_outdated_proxy();
        let back = ticket(&ada, DEEP).await;
        let page = ada.go(&back).await;
        page.is(403).says("configured for an earlier version").says("authflow proxy");
        assert_eq!(page.header("authflow-reason"), "outdated_proxy");
        assert!(page.set_cookies().is_empty());
        assert_eq!(app.spent_tickets().await, 1);
        // A valid token makes no difference for any path below the prefix, in any spelling.
        let ada = Traveller::playing(&app, is_nginx, &[]);
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(200);
        let ada = ada.behind_an_outdated_proxy();
        ada.go(DEEP).await.is(200);
        for path in [
            "/.authflow/ticket?ticket=x",
            "/.authflow/ticket",
            "/.authflow/",
            "/.authflow",
            "//.authflow/ticket?ticket=x",
            "/%2eauthflow/ticket?ticket=x",
            "/x/../.authflow/ticket?ticket=x",
            "/x/..%2F.authflow/ticket?ticket=x",
            "/.AUTHFLOW/ticket?ticket=x",
        ] {
            for (method, headers) in [
                (Method::GET, &NAVIGATION[..]),
                (Method::GET, &SCRIPT),
                (Method::POST, &NAVIGATION),
                (Method::POST, &SCRIPT),
            ] {
                let page = ada.send(method, &format!("{APP}{path}"), headers, None).await;
                // The client that plays the other proxies has resolved the dots.
                let is_ticket = path.starts_with("/.authflow/ticket")
                    || !is_nginx && path.starts_with("/x/../.authflow/ticket");
                let reason = if is_ticket { "outdated_proxy" } else { "reserved_path" };
                assert_eq!(page.is(403).header("authflow-reason"), reason, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn an_address_with_a_ticket_never_reaches_the_app() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in(is_nginx).await;
        let spare = ticket(&ada, DEEP).await;
        let spare = parameter(&Url::parse(&spare).unwrap(), "ticket").unwrap();
        let stranger = ada.another();
        stranger.set_cookie(APP, NONCE, &ada.cookies(APP)[NONCE]);
        let page = stranger.go(&format!("{APP}/?__gate={spare}")).await;
        assert_eq!(location(&page).path(), "/gate/start");
        assert!(!stranger.cookies(APP).contains_key(GATE), "the ticket is ignored there");
        ada.open(DEEP).await.is(200);
        for (address, clean) in [
            (&*format!("{APP}/?__gate={spare}"), "https://app.example.org/"),
            ("https://app.example.org/?__gate=x", "https://app.example.org/"),
            ("https://app.example.org/a?__gate=x&b=c&__gate=", "https://app.example.org/a?b=c"),
            ("https://app.example.org/a?b=c&__gate", "https://app.example.org/a?b=c"),
        ] {
            for (method, headers) in [
                (Method::GET, &NAVIGATION[..]),
                (Method::GET, &SCRIPT),
                (Method::POST, &NAVIGATION),
                (Method::POST, &SCRIPT),
            ] {
                let page = ada.send(method, address, headers, None).await;
                assert_eq!(page.header("location"), clean);
            }
        }
        let stranger = ada.another();
        let page = stranger
            .send(Method::POST, "https://app.example.org/?__gate=x", &NAVIGATION, None)
            .await;
        assert_eq!(
            parameter(&location(&page), "return_to").as_deref(),
            Some("https://app.example.org/")
        );
    }
}
