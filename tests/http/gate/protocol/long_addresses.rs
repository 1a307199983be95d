//! Addresses that are too long for URLs: visitors return to them too, byte for byte.

use super::*;

/// An address of the first app with this many bytes, in spellings that must stay as they are.
fn long(bytes: usize) -> String {
    let start = "https://app.example.org/%2F%2f//a;b=c/it's/%C3%BC?q=a+b%20c&&x=%2525&long=";
    format!("{start}{}", "/".repeat(bytes - start.len()))
}

#[tokio::test]
async fn an_address_of_up_to_8_kib_comes_back_byte_for_byte() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        for bytes in [600, 900, 2_049, 8_192] {
            let deep = long(bytes);
            ada.forget_cookie(APP, GATE);
            let sent = ada.go(&deep).await;
            assert!(sent.header("location").len() < 2_500, "{bytes}");
            let login = ada.follow(sent).await;
            let there = if login.body == "the application" {
                login
            } else {
                assert!(login.path.len() < 7_500, "{bytes}");
                login.says("Sign in to continue to https://app.example.org.");
                allows_forms_to_the_app(&login);
                ada.sign_in(&login, ADA).await
            };
            reached(&there, &deep);
            app.wait(60);
        }
        assert_eq!(app.rows("return_addresses").await, 3);
    }
}

#[tokio::test]
async fn a_long_address_survives_two_factor_sign_in_and_a_new_form() {
    let (app, ada) = stage(true, &[]).await;
    let deep = long(8_000);
    let login = ada.open(&deep).await;
    let wrong = [("email", ADA), ("password", "not the right password")];
    let login = ada.press(&login, "Sign in", &wrong).await;
    reached(
        &ada.press(login.is(401), "Sign in", &[("email", ADA), ("password", PASSWORD)]).await,
        &deep,
    );

    let page = ada.open(&format!("{LOGIN}/profile/two-factor")).await;
    let authenticator = Authenticator::scan(&page);
    let code = authenticator.shows(&app, 0);
    ada.press(&page, "Turn on", &[("code", &code)]).await.is(200);
    app.wait(60);
    let other = ada.another();
    let page = other.sign_in(&other.open(&deep).await, ADA).await;
    let code = authenticator.shows(&app, 0);
    reached(&other.press(&page, "Sign in", &[("code", &code)]).await, &deep);
}

#[tokio::test]
async fn a_long_address_survives_sign_up_and_a_password_reset() {
    let (app, ada) = stage(true, &[]).await;
    let deep = long(3_000);
    let bob = ada.another();
    let login = bob.open(&deep).await;
    let page = bob.open(&link(&login, "Create an account")).await;
    let fields = [
        ("username", "Bob"),
        ("email", "bob@example.org"),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    bob.press(&page, "Create account", &fields).await.says("Check your email");
    let page = bob.open(&format!("{LOGIN}{}", app.mailed_path("bob@example.org").await)).await;
    reached(&bob.press(&page, "Confirm and sign in", &[]).await, &deep);

    let login = ada.open(&deep).await;
    let page = ada.open(&link(&login, "Forgot your password?")).await;
    ada.press(&page, "Send reset link", &[("email", ADA)]).await.says("Check your email");
    let page = ada.open(&format!("{LOGIN}{}", app.mailed_path(ADA).await)).await;
    let new = "another long password";
    let login =
        ada.press(&page, "Set password", &[("password", new), ("confirm_password", new)]).await;
    reached(&ada.press(&login, "Sign in", &[("email", ADA), ("password", new)]).await, &deep);
}

#[tokio::test]
async fn a_longer_address_is_explained() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let page = ada.open(&long(8_193)).await;
        page.is(414).says("longer than 8 KiB").says("https://app.example.org");
        let login = ada.open(&link(&page, "Continue to the start page")).await;
        let there = ada.sign_in(&login, ADA).await;
        reached(&there, "https://app.example.org/");
        reached(&ada.open(&long(8_193)).await, &long(8_193));
        assert_eq!(app.rows("return_addresses").await, 0);
    }
}

#[tokio::test]
async fn saved_addresses_are_limited_per_network_and_expire() {
    let (app, ada) = stage(false, &[]).await;
    let one = format!("{}first", long(3_000));
    let saved = ada.go(&one).await.header("location").to_owned();
    assert!(saved.contains("return_to=https%3A%2F%2Fapp.example.org%2F&saved="), "{saved}");
    for _ in 0..200 {
        assert_eq!(ada.go(&one).await.header("location"), saved, "a reload saves nothing new");
    }
    for n in 1..120 {
        ada.go(&format!("{}{n}", long(3_000))).await.is(302);
    }
    assert_eq!(app.rows("return_addresses").await, 120);
    let page = ada.open(&format!("{}over", long(3_000))).await;
    page.is(429).says("too many such addresses");
    let login = ada.open(&link(&page, "Continue to the start page")).await;
    login.is(200).says("Sign in to continue to https://app.example.org.");
    assert_eq!(app.rows("return_addresses").await, 120);
    assert_eq!(ada.go(&one).await.header("location"), saved, "known addresses still work");

    app.wait(86_401);
    let late = ada.open(&saved).await;
    late.is(410).says("kept for one day");
    authflow::services::operations::retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("return_addresses").await, 0);
}

#[tokio::test]
async fn a_saved_address_leads_only_where_any_return_address_may() {
    let (app, ada) = stage(false, &[]).await;
    let sent = ada.go(&long(3_000)).await;
    let saved = parameter(&location(&sent), "saved").unwrap();
    let start = |to: &str, saved: &str| {
        format!("{LOGIN}/gate/start?{}", encode(&[("return_to", to), ("saved", saved)]))
    };
    let login = ada.open(&format!("{LOGIN}/auth/login")).await;
    ada.sign_in(&login, ADA).await.is(200);
    assert_eq!(ada.go(&start(APP, &saved)).await.is(303).header("location"), long(3_000));
    // It belongs to one app, and other ids lead nowhere.
    ada.go(&start(WIKI, &saved)).await.is(410);
    ada.go(&start(APP, &"A".repeat(22))).await.is(410);
    ada.go(&start("https://evil.example/", &saved)).await.is(403);
    let general = |saved: &str| format!("{LOGIN}/auth/return?saved={saved}");
    assert_eq!(ada.go(&general(&saved)).await.is(303).header("location"), long(3_000));
    for wrong in ["", "x", &"A".repeat(22), "https://evil.example/"] {
        ada.go(&general(wrong)).await.is(410);
    }
    // The app has left GATE_ORIGINS, or the row was changed.
    for change in [
        "UPDATE return_addresses SET address = 'https://evil.example/x'",
        "UPDATE return_addresses SET address = '//evil.example/'",
        "UPDATE return_addresses SET address = 'javascript:alert(1)'",
    ] {
        app.change(change).await;
        ada.go(&general(&saved)).await.is(410);
        ada.go(&start(APP, &saved)).await.is(410);
    }
}

#[tokio::test]
async fn long_addresses_of_our_own_pages_come_back_too() {
    let (app, ada) = stage(true, &[]).await;
    let page = |bytes: usize| {
        let start = "/profile/activity?q=a+b%20c&&x=%2F&long=";
        format!("{start}{}", "/".repeat(bytes - start.len()))
    };
    for bytes in [500, 3_000, 8_192] {
        let browser = ada.another();
        let sent = browser.go(&format!("{LOGIN}{}", page(bytes))).await;
        assert!(sent.header("location").len() < 2_500);
        let login = browser.follow(sent).await;
        login.says("Sign in to see this page.");
        let there = browser.sign_in(&login, ADA).await;
        assert_eq!(there.path, format!("{LOGIN}{}", page(bytes)));
        there.is(200);
    }
    let refused = ada.open(&format!("{LOGIN}{}", page(8_193))).await;
    refused.is(414).says("longer than 8 KiB");
    assert_eq!(link(&refused, "Sign in"), format!("{LOGIN}/auth/login"));

    // A link to the sign-in page with a long address.
    let with = |to: &str| format!("{LOGIN}/auth/login?{}", encode(&[("return_to", to)]));
    let deep = long(2_900);
    let login = ada.open(&with(&deep)).await;
    login.says("Sign in to continue to https://app.example.org.");
    allows_forms_to_the_app(&login);
    assert!(link(&login, "Create an account").len() < 500);
    reached(&ada.sign_in(&login, ADA).await, &deep);
    reached(&ada.open(&with(&deep)).await, &deep);
    let plain = |bytes| format!("https://app.example.org/{}", "a".repeat(bytes));
    ada.another().open(&with(&plain(8_300))).await.is(414).says("longer than 8 KiB");
    assert_eq!(app.rows("return_addresses").await, 3);
}
