//! Tickets: where, when, how often and for whom they are valid.

use super::*;

#[tokio::test]
async fn a_ticket_works_only_in_the_browser_it_was_issued_to() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in(is_nginx).await;
        let mallory = ada.another();

        // A browser without a nonce gets nothing, but the ticket is spent.
        let back = ticket(&ada, DEEP).await;
        asks_for_another_ticket(&mallory.go(&back).await);
        assert_eq!(app.spent_tickets().await, 1);
        mallory.open(&back).await.is(200).says("Sign in");
        assert!(!mallory.cookies(APP).contains_key(GATE));
        let late = ada.go(&back).await;
        asks_for_another_ticket(&late);
        assert_eq!(ada.follow(late).await.is(200).path, DEEP, "with another ticket");
        assert_eq!(app.spent_tickets().await, 2);

        // A browser with its own nonce gets nothing either.
        ada.forget_cookie(APP, GATE);
        mallory.go(DEEP).await;
        let back = ticket(&ada, DEEP).await;
        assert_eq!(location(&mallory.go(&back).await).path(), "/gate/start");
        assert!(!mallory.cookies(APP).contains_key(GATE));
    }
}

#[tokio::test]
async fn a_ticket_works_once() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in(is_nginx).await;
        let back = ticket(&ada, DEEP).await;
        ada.open(&back).await.is(200).says("the application");
        let copy = ada.another();
        copy.set_cookie(APP, NONCE, &ada.cookies(APP)[NONCE]);
        assert_eq!(location(&copy.go(&back).await).path(), "/gate/start");
        assert!(!copy.cookies(APP).contains_key(GATE));
    }
}

#[tokio::test]
async fn a_ticket_works_only_at_its_own_host() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in(is_nginx).await;
        let back = ticket(&ada, DEEP).await;
        ada.set_cookie(WIKI, NONCE, &ada.cookies(APP)[NONCE]);
        let elsewhere = ada.go(&back.replacen(APP, WIKI, 1)).await;
        assert_eq!(location(&elsewhere).path(), "/gate/start");
        assert!(!ada.cookies(WIKI).contains_key(GATE));
        // It stays valid for its own host.
        assert_eq!(app.spent_tickets().await, 0);
        ada.go(&back).await.is(303);
        assert!(ada.cookies(APP).contains_key(GATE));
    }
}

#[tokio::test]
async fn a_ticket_expires_after_a_minute_and_with_its_session() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in(is_nginx).await;
        let back = ticket(&ada, DEEP).await;
        app.wait(60);
        let late = ada.go(&back).await;
        asks_for_another_ticket(&late);
        ada.follow(late).await.is(200).says("the application");

        ada.forget_cookie(APP, GATE);
        let back = ticket(&ada, DEEP).await;
        app.end_sessions(ADA).await;
        ada.open(&back).await.is(200).says("Sign in");
    }
}

/// Asserts that the ticket was refused: the browser is redirected to get another one, and receives no token.
#[track_caller]
fn asks_for_another_ticket(page: &Page) {
    let to = location(page.is(303));
    assert_eq!((to.path(), parameter(&to, "again").as_deref()), ("/gate/start", Some("on")));
    assert!(page.set_cookies().keys().eq([NONCE]), "{:?}", page.set_cookies());
}

/// An attacker makes the signed-in Ada open `/gate/start` with the attacker's nonce, and obtains the ticket.
#[tokio::test]
async fn a_ticket_for_an_attackers_nonce_is_useless_to_the_attacker() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in(is_nginx).await;
        let mallory = ada.another();
        let way = location(&mallory.go(DEEP).await);
        let planted = ada.go(way.as_str()).await.header("location").to_owned();

        // Ada's browser spends it and reaches the app with a ticket of its own.
        let there = ada.open(&planted).await;
        reached(&there, DEEP);
        mallory.go(&planted).await;
        assert!(!mallory.cookies(APP).contains_key(GATE));

        // A ticket on any other path, such as one that the proxy does not guard, is ignored.
        let planted = ada.go(way.as_str()).await.header("location").to_owned();
        let ticket = parameter(&Url::parse(&planted).unwrap(), "ticket").unwrap();
        let before = app.spent_tickets().await;
        for address in [
            format!("{APP}/open?__gate={ticket}"),
            format!("{APP}/open?ticket={ticket}"),
            format!("{APP}/.authflow/other?ticket={ticket}"),
        ] {
            let page = mallory.go(&address).await;
            assert!(!mallory.cookies(APP).contains_key(GATE), "{address}: {}", page.status);
        }
        assert_eq!(app.spent_tickets().await, before);
    }
}

#[tokio::test]
async fn forged_tickets_write_nothing() {
    /// This byte is read from forged tickets too: it only stops a redirect loop.
    const SECOND_TRY: usize = 5;
    let (app, ada) = signed_in(false).await;
    let back = ticket(&ada, DEEP).await;
    let good = parameter(&Url::parse(&back).unwrap(), "ticket").unwrap();
    let bytes = authflow::secret::decode(&good).unwrap();
    for byte in (0..bytes.len()).filter(|byte| *byte != SECOND_TRY) {
        let mut forged = bytes.clone();
        forged[byte] ^= 1;
        let forged = back.replace(&good, &authflow::secret::encode(&forged));
        ada.go(&forged).await.is(303);
        assert!(!ada.cookies(APP).contains_key(GATE), "byte {byte}");
    }
    assert_eq!(app.spent_tickets().await, 0);
    ada.go(&back).await.is(303);
    assert!(ada.cookies(APP).contains_key(GATE));
}

#[tokio::test]
async fn a_ticket_redirects_only_within_its_own_host() {
    let (app, ada) = signed_in(false).await;
    for (to, there) in [
        ("https://app.example.org//evil.example/x", "https://app.example.org//evil.example/x"),
        ("https://app.example.org/x?__gate=y", "https://app.example.org/x"),
        ("https://wiki.example.net/", "https://app.example.org/"),
        ("https://evil.example/", "https://app.example.org/"),
        ("//evil.example/", "https://app.example.org/"),
        ("/x", "https://app.example.org/"),
        ("https://app.example.org/.authflow/ticket", "https://app.example.org/"),
        ("", "https://app.example.org/"),
    ] {
        ada.forget_cookie(APP, GATE);
        let back = ticket(&ada, DEEP).await;
        let (address, _) = back.split_once("&to=").unwrap();
        let arrived = ada.go(&format!("{address}&{}", encode(&[("to", to)]))).await;
        assert_eq!(arrived.is(303).header("location"), there, "{to}");
        assert!(ada.cookies(APP).contains_key(GATE));
        // Again with the same ticket, and without a ticket.
        let again = ada.go(&format!("{address}&{}", encode(&[("to", to)]))).await;
        assert_eq!(again.is(303).header("location"), there, "{to}");
        let bare = ada.go(&format!("{APP}/.authflow/ticket?{}", encode(&[("to", to)]))).await;
        assert_eq!(bare.is(303).header("location"), there, "{to}");
        app.wait(11);
    }
}

/// The browser has switched accounts at authflow, while the app still has a valid token of the first account.
#[tokio::test]
async fn a_new_ticket_replaces_an_earlier_token() {
    let (app, ada) = stage(false, &[]).await;
    sign_up(&app, "bob@example.org").await;
    let login = ada.open(DEEP).await;
    ada.sign_in(&login, ADA).await.is(200);
    ada.forget_cookie(LOGIN, "__Host-authflow-refresh");
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, "bob@example.org").await.is(200);
    assert_eq!(ada.go(DEEP).await.is(200).header("remote-user"), ADA);
    let nonce = authflow::domain::gate::ticket::Nonce::parse(&ada.cookies(APP)[NONCE]).unwrap();
    let way = encode(&[("return_to", DEEP), ("nonce", &nonce.hash().to_text())]);
    let there = ada.open(&format!("{LOGIN}/gate/start?{way}")).await;
    assert_eq!(there.is(200).header("remote-user"), "bob@example.org");
}

#[tokio::test]
async fn of_many_browsers_with_one_ticket_one_signs_in() {
    let (app, ada) = signed_in(false).await;
    let back = ticket(&ada, DEEP).await;
    let nonce = ada.cookies(APP)[NONCE].clone();
    let tries = (0..20).map(|_| {
        let copy = ada.another();
        copy.set_cookie(APP, NONCE, &nonce);
        let back = back.clone();
        tokio::spawn(async move {
            let page = copy.go(&back).await;
            page.set_cookies().contains_key(GATE)
        })
    });
    let tries: Vec<_> = tries.collect();
    let mut signed_in = 0;
    for one in tries {
        signed_in += usize::from(one.await.unwrap());
    }
    assert_eq!(signed_in, 1);
    assert_eq!(app.spent_tickets().await, 1);
}
