//! Browsers and tabs for which tickets fail are not redirected forever.

use super::*;

#[tokio::test]
async fn a_browser_without_cookies_gets_an_explanation_not_a_loop() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in(is_nginx).await;

        // A browser that does not keep the nonce is redirected once more, then gets an explanation.
        let mut page = ada.go(DEEP).await;
        let mut starts = 0;
        while page.status.is_redirection() {
            ada.forget_cookie(APP, NONCE);
            starts += usize::from(page.header("location").contains("/gate/start?"));
            page = ada.go(page.header("location")).await;
        }
        assert_eq!(starts, 2);
        page.is(400).says("Your sign-in did not arrive").says("The browser blocks cookies");
        assert!(page.set_cookies().is_empty() && !page.headers.contains_key("location"));
        assert_eq!(page.select("main a.button")[0]["href"], DEEP);
        // Trying again helps once cookies work.
        ada.open(DEEP).await.is(200).says("the application");
        app.wait(60);

        // A browser that keeps the nonce but not the token.
        let mut hops = 0;
        let page = loop {
            ada.forget_cookie(APP, GATE);
            let page = ada.go(&ticket(&ada, DEEP).await).await;
            if page.status == 400 {
                break page;
            }
            hops += 1;
            assert!(hops < 7, "a browser gives up after twenty redirects");
        };
        page.says("Your sign-in did not arrive");
        assert!(hops >= 3, "a few tabs at once are not a loop");
        // A reload gets another ticket, and the same page while nothing has changed.
        ada.open(&page.path).await.is(400).says("Your sign-in did not arrive");
    }
}

#[tokio::test]
async fn tickets_spent_before_the_clock_was_set_back_are_no_loop() {
    for ahead in [86_400, 365 * 86_400] {
        let (app, ada) = signed_in(false).await;
        app.wait(ahead);
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        if login.status == 200 {
            ada.sign_in(&login, ADA).await.is(200);
        }
        let unused = ticket(&ada, DEEP).await;
        for _ in 0..4 {
            ada.forget_cookie(APP, GATE);
            ada.open(DEEP).await.is(200);
        }
        app.set_back(ahead);
        ada.forget_cookie(APP, GATE);
        reached(&ada.open(DEEP).await, DEEP);
        // A ticket does not live until the clock catches up.
        ada.forget_cookie(APP, GATE);
        assert!(location(&ada.go(&unused).await).path().ends_with("/gate/start"));
    }
}

#[tokio::test]
async fn a_second_failed_ticket_ends_the_redirects() {
    let (app, ada) = signed_in(false).await;
    let back = ticket(&ada, DEEP).await;
    app.wait(60);
    let again = ada.go(&back).await;
    assert_eq!(parameter(&location(&again), "again").as_deref(), Some("on"));
    let second = ada.go(again.header("location")).await;
    app.wait(60);
    ada.go(second.header("location")).await.is(400).says("different clocks");
}

#[tokio::test]
async fn tabs_share_the_nonce() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let one = ada.go(DEEP).await;
        let other = ada.go("https://app.example.org/other").await;
        assert_eq!(one.set_cookies(), other.set_cookies());
        let login = ada.follow(one).await;
        ada.follow(other).await.is(200);
        assert_eq!(ada.sign_in(&login, ADA).await.path, DEEP);
        let there = ada.open("https://app.example.org/other").await;
        assert_eq!(there.path, "https://app.example.org/other");
    }
}

#[tokio::test]
async fn any_number_of_tabs_can_sign_in_at_once() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in(is_nginx).await;
        let mut tabs = Vec::new();
        for _ in 0..12 {
            tabs.push(ticket(&ada, DEEP).await);
        }
        for back in tabs {
            assert_eq!(ada.go(&back).await.is(303).header("location"), DEEP);
        }
        // The token of another session does not prove that the browser keeps this session's.
        let refresh = "__Host-authflow-refresh";
        let other = ada.another();
        other.set_cookie(LOGIN, refresh, &ada.cookies(LOGIN)[refresh]);
        let back = ticket(&other, DEEP).await;
        other.set_cookie(APP, GATE, "x");
        other.go(&back).await.is(400).says("Your sign-in did not arrive");
    }
}
