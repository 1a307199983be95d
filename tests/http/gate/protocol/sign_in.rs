//! Sign-in for an app: the redirects to authflow and back, from every page on the way.

use super::*;

#[tokio::test]
async fn a_deep_link_leads_through_sign_in_and_back() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let sent = ada.go(DEEP).await;
        sent.is(if is_nginx { 303 } else { 302 });
        assert_eq!(sent.set_cookies().len(), 1);
        assert!(sent.set_cookies()[NONCE].contains("; Path=/; Max-Age=86400"));
        let way = location(&sent);
        assert!(way.as_str().starts_with(&format!("{LOGIN}/gate/start?return_to=https%3A%2F%2F")));
        assert_eq!(parameter(&way, "return_to").as_deref(), Some(DEEP));
        assert!(
            !sent.header("location").contains("=https://"),
            "common filters would block the URL"
        );
        let nonce = &ada.cookies(APP)[NONCE];
        assert!(!way.as_str().contains(nonce.as_str()), "the URL carries only its hash");

        let login = ada.follow(sent).await;
        login.says("Sign in to continue to https://app.example.org.");
        allows_forms_to_the_app(&login);
        let there = ada.sign_in(&login, ADA).await;
        reached(&there, DEEP);
        for (name, value) in [
            ("remote-user", ADA),
            ("remote-email", ADA),
            ("remote-name", "Ada Lovelace"),
            ("remote-groups", ""),
        ] {
            assert_eq!(there.header(name), value, "{name}");
            assert!(there.headers.contains_key(name), "{name} is on every 200");
        }
        assert_eq!(there.header("remote-id").len(), 36);
        assert!(
            !there.headers.contains_key("remote-token") && !there.headers.contains_key("cookie")
        );
        let refresh = ada.cookies(LOGIN).contains_key("__Host-authflow-refresh");
        assert!(refresh && !ada.cookies(APP).keys().any(|it| it.contains("refresh")));

        // Another app needs no second sign-in, and has its own token.
        let wiki = ada.open("https://wiki.example.net/x").await;
        assert_eq!(wiki.path, "https://wiki.example.net/x");
        assert_ne!(ada.cookies(WIKI)[GATE], ada.cookies(APP)[GATE]);
        let again = ada.go(DEEP).await;
        again.is(200);
        assert_eq!(ada.cookies(APP).len(), 2);
    }
}

#[tokio::test]
async fn each_redirect_of_a_sign_in_has_its_headers() {
    for is_nginx in [true, false] {
        let (_app, ada) = signed_in_to_app(is_nginx, &[]).await;
        ada.forget_cookie(APP, GATE);
        let start = ada.go(DEEP).await;
        let start = ada.go(start.header("location")).await;
        start.is(303);
        let back = start.header("location").to_owned();
        assert!(back.starts_with(&format!("{APP}/.authflow/ticket?ticket=")), "{back}");
        assert!(
            back.ends_with(
                "&to=https%3A%2F%2Fapp.example.org%2Fdeep%2Flink%3Fa%3Db%26c%3D%252F%2Bx%26a%3D2"
            ),
            "{back}"
        );
        assert_eq!(start.header("referrer-policy"), "no-referrer");
        assert_eq!(start.header("cache-control"), "no-store");
        let arrived = ada.go(&back).await;
        arrived.is(303);
        assert_eq!(arrived.header("location"), DEEP, "the redirect drops the ticket");
        assert_eq!(arrived.header("referrer-policy"), "no-referrer");
        assert_eq!(arrived.header("cache-control"), "no-store");
        let cookies = arrived.set_cookies();
        assert_eq!(cookies.len(), 1);
        assert!(cookies[GATE].ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookies:?}");
        ada.go(DEEP).await.is(200);

        // The ticket is spent, but her token is valid.
        let again = ada.go(&back).await;
        assert_eq!(again.is(303).header("location"), DEEP);
        assert!(again.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn staying_signed_in_keeps_the_gate_cookie_as_long_as_the_session() {
    let (app, ada) = stage(false, &[]).await;
    let login = ada.open(DEEP).await;
    let form = login.form("Sign in");
    assert_eq!(form.action, "/auth/login");
    let fields = [("email", ADA), ("password", PASSWORD), ("remember", "on")];
    ada.press(&login, "Sign in", &fields).await.is(200);
    ada.forget_cookie(APP, GATE);
    app.wait(86_400);
    let start = ada.go(DEEP).await;
    let back = ada.go(start.header("location")).await;
    let arrived = ada.go(back.header("location")).await;
    let days = 29 * 86_400;
    let cookie = &arrived.set_cookies()[GATE];
    assert!(cookie.contains(&format!("; Max-Age={days}")), "{cookie}");
}

#[tokio::test]
async fn a_sign_up_leads_back_to_the_app() {
    for verification in ["required", "off"] {
        // With EMAIL_VERIFICATION=off, apps can identify users only by id.
        let more = [("EMAIL_VERIFICATION", verification), ("GATE_REMOTE_USER", "id")];
        let variables = [&VARIABLES[..], &more].concat();
        let app = TestApp::with(&variables).await;
        let bob = Traveller::playing(&app, true, &[]);
        let login = bob.open(DEEP).await;
        let form = bob.open(&link(&login, "Create an account")).await;
        // Links between the pages and forms with errors keep the return address.
        let login = bob.open(&link(&form, "Sign in")).await;
        login.says("Sign in to continue to https://app.example.org.");
        let mut page = bob.open(&link(&login, "Create an account")).await;
        for (password, status) in [("short", 422), (PASSWORD, 200)] {
            allows_forms_to_the_app(&page);
            let fields = [
                ("username", "Bob"),
                ("email", "bob@example.org"),
                ("password", password),
                ("confirm_password", password),
            ];
            page = bob.press(&page, "Create account", &fields).await;
            page.is(status);
        }
        if verification == "required" {
            page.says("Check your email");
            let page =
                bob.open(&format!("{LOGIN}{}", app.mailed_path("bob@example.org").await)).await;
            allows_forms_to_the_app(&page);
            let there = bob.press(&page, "Confirm and sign in", &[]).await;
            reached(&there, DEEP);
            assert!(!bob.open(&format!("{LOGIN}/dashboard")).await.text().contains("Welcome!"));
        } else {
            reached(&page, DEEP);
            assert_eq!(page.header("remote-user"), page.header("remote-id"));
            assert_eq!(page.header("remote-email"), "", "the address is not confirmed");
            assert!(page.headers.contains_key("remote-email"), "it is on every 200");
        }
    }
}

#[tokio::test]
async fn a_password_reset_leads_back_to_the_app() {
    let (app, ada) = stage(true, &[]).await;
    let login = ada.open(DEEP).await;
    let page = ada.open(&link(&login, "Forgot your password?")).await;
    let login = ada.open(&link(&page, "Back to sign-in")).await;
    login.says("Sign in to continue to https://app.example.org.");
    let page = ada.press(&page, "Send reset link", &[("email", "nonsense")]).await;
    let page = ada.press(page.is(422), "Send reset link", &[("email", ADA)]).await;
    page.says("Check your email");
    let page = ada.open(&format!("{LOGIN}{}", app.mailed_path(ADA).await)).await;
    let fields =
        [("password", "another long password"), ("confirm_password", "another long password")];
    let login = ada.press(&page, "Set password", &fields).await;
    login.says("Your password has been reset");
    let fields = [("email", ADA), ("password", "another long password")];
    let there = ada.press(&login, "Sign in", &fields).await;
    reached(&there, DEEP);

    // A return address on another site is ignored.
    let other = ada.another();
    let page =
        other.open(&format!("{LOGIN}/auth/forgot-password?return_to=https://evil.example/")).await;
    // The choice of a language leads back to this very page.
    let (content, _) = page.body.split_once("<footer").unwrap();
    assert!(!content.contains("evil"));
}

#[tokio::test]
async fn a_form_sent_after_the_session_expired_leads_back_to_the_form() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[]).await;
        let post = async |referer: &str| {
            let mut headers = NAVIGATION.to_vec();
            headers.push(("referer", referer));
            ada.send(
                Method::POST,
                "https://app.example.org/save?x=1",
                &headers,
                Some(b"a=b".into()),
            )
            .await
        };
        for (referer, back) in [
            ("https://app.example.org/form?id=7", "https://app.example.org/form?id=7"),
            ("https://app.example.org/", "https://app.example.org/"),
            ("https://wiki.example.net/form", "https://app.example.org/"),
            ("https://evil.example/", "https://app.example.org/"),
        ] {
            let sent = post(referer).await;
            sent.is(303);
            assert_eq!(parameter(&location(&sent), "return_to").as_deref(), Some(back));
            let login = ada.follow(sent).await;
            login.says("your changes were not saved. Sign in and submit them again.");
        }
        let login = ada.follow(post("https://app.example.org/form").await).await;
        let there = ada.sign_in(&login, ADA).await;
        assert_eq!(there.path, "https://app.example.org/form");
        assert_eq!(post("https://app.example.org/form").await.is(200).body, "the application");
        assert_eq!(app.rows("sessions").await, 2);
    }
}

#[tokio::test]
async fn head_is_redirected_like_get() {
    for is_nginx in [true, false] {
        let (_app, ada) = stage(is_nginx, &[]).await;
        let sent = ada.send(Method::HEAD, DEEP, &NAVIGATION[..1], None).await;
        sent.is(if is_nginx { 303 } else { 302 });
        assert_eq!(parameter(&location(&sent), "return_to").as_deref(), Some(DEEP));
    }
}

#[tokio::test]
async fn sign_in_redirects_only_to_guarded_apps() {
    let (_app, ada) = stage(false, &[]).await;
    let start = |to: &str| {
        format!("{LOGIN}/gate/start?{}", encode(&[("return_to", to), ("nonce", &"A".repeat(43))]))
    };
    let elsewhere =
        ["https://evil.example/", "http://app.example.org/", "//app.example.org", "/dashboard", ""];
    for to in elsewhere {
        ada.go(&start(to)).await.is(403).says("is not one of the apps of this site");
    }
    ada.go(&format!("{LOGIN}/gate/start")).await.is(403);
    let login = ada.open(&start(DEEP)).await;
    ada.sign_in(&login, ADA).await;
    for to in elsewhere {
        ada.go(&start(to)).await.is(403).says("is not one of the apps of this site");
    }
    // Without a nonce there is no ticket.
    let bare = format!("{LOGIN}/gate/start?{}", encode(&[("return_to", DEEP)]));
    assert_eq!(ada.go(&bare).await.is(303).header("location"), DEEP);
    // The sign-in page redirects to apps too, and to no other site.
    let login = |to: &str| format!("{LOGIN}/auth/login?{}", encode(&[("return_to", to)]));
    assert_eq!(ada.go(&login(DEEP)).await.header("location"), DEEP);
    assert_eq!(ada.go(&login("https://evil.example/")).await.header("location"), "/dashboard");
}

#[tokio::test]
async fn authflow_can_be_served_below_a_path_of_a_guarded_host() {
    for is_nginx in [true, false] {
        let variables = [
            ("PUBLIC_URL", "https://example.org/id"),
            ("MAIL_TRANSPORT", "file"),
            ("GATE_ORIGINS", "https://example.org,https://app.example.org"),
        ];
        let app = TestApp::with(&variables).await;
        sign_up(&app, ADA).await;
        let ada = Traveller::playing(&app, is_nginx, &[]);
        let page = "https://example.org/page?x=y";
        let login = ada.open(page).await;
        assert!(login.path.starts_with("https://example.org/id/auth/login?"), "{}", login.path);
        let there = ada.sign_in(&login, ADA).await;
        reached(&there, page);
        assert!(ada.cookies("https://example.org/id/x").contains_key("__Secure-authflow-refresh"));
        assert!(!ada.cookies(page).keys().any(|name| name.contains("refresh")));
        ada.open(DEEP).await.is(200).says("the application");
    }
}
