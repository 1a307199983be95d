//! Cookies of the gate and of the apps.

use super::*;

#[tokio::test]
async fn a_gate_cookie_sent_twice_counts_as_absent() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in_to_app(is_nginx, &[]).await;
        let own = ada.cookies(APP);
        let (gate, nonce) = (&own[GATE], &own[NONCE]);
        for sent in [
            format!("{GATE}={gate}; {GATE}=x"),
            format!("{GATE}=x; a=b; {GATE}={gate}"),
            format!("{GATE}={gate}; {GATE}={gate}"),
        ] {
            let other = ada.another();
            other.set_cookie(APP, "a", &format!("b; {sent}"));
            let page = other.go(DEEP).await;
            page.is(403).says(&format!("two cookies named {GATE}"));
            assert_eq!(page.header("authflow-reason"), "cookies_refused");
            other.send(Method::GET, DEEP, &SCRIPT, None).await.is(401);
        }
        // The redirects end at a page that explains the problem.
        let other = ada.another();
        other.set_cookie(
            LOGIN,
            "__Host-authflow-refresh",
            &ada.cookies(LOGIN)["__Host-authflow-refresh"],
        );
        other.set_cookie(APP, "a", &format!("b; {NONCE}={nonce}; {NONCE}=x"));
        other.open(DEEP).await.is(400).says(&format!("two cookies named {NONCE}"));
        let other = ada.another();
        let refresh = "__Host-authflow-refresh";
        other.set_cookie(LOGIN, refresh, &ada.cookies(LOGIN)[refresh]);
        other.set_cookie(APP, "a", &format!("b; {GATE}=x; {GATE}=y"));
        other.open(DEEP).await.is(403).says(&format!("two cookies named {GATE}"));
        assert!(!other.cookies(APP).contains_key(GATE));
    }
}

#[tokio::test]
async fn a_token_works_only_at_its_host() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in_to_app(is_nginx, &[]).await;
        let token = ada.cookies(APP)[GATE].clone();
        let thief = ada.another();
        thief.set_cookie(WIKI, GATE, &token);
        assert_eq!(location(&thief.go(WIKI).await).path(), "/gate/start");
        for name in ["refresh", "session", "csrf", "device"] {
            thief.set_cookie(LOGIN, &format!("__Host-authflow-{name}"), &token);
        }
        thief.open(&format!("{LOGIN}/dashboard")).await.is(200).says("Sign in");
        let refresh = ada.cookies(LOGIN)["__Host-authflow-refresh"].clone();
        thief.set_cookie(APP, GATE, &refresh);
        assert_eq!(location(&thief.go(DEEP).await).path(), "/gate/start");
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        let profile = format!("{LOGIN}/api/auth/profile");
        thief.send(Method::GET, &profile, &headers, None).await.is(401);
        // The cookie is accepted only under its own name.
        thief.set_cookie(APP, GATE, "");
        thief.set_cookie(APP, "authflow-gate", &token);
        assert_eq!(location(&thief.go(DEEP).await).path(), "/gate/start");
    }
}

#[tokio::test]
async fn apps_receive_only_their_own_cookies() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in_to_app(is_nginx, &[]).await;
        ada.set_cookie(APP, "theme", "dark");
        ada.set_cookie(APP, "authflow-refresh", "x");
        ada.set_cookie(APP, "session", "s; authflow-gate=planted");
        let there = ada.go(DEEP).await;
        assert_eq!(there.is(200).header("cookie"), "session=s; theme=dark");
    }
}
