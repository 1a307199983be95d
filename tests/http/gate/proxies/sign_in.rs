//! Sign-in, sign-out and rules, over https, over http and below a path.

use super::*;

in_each! {
    sign_in_and_sign_out_work
    roles_and_the_second_factor_are_enforced
    plain_http_works
    authflow_below_a_path_of_an_app_works
}

async fn sign_in_and_sign_out_work(kind: Kind) {
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

    // Another app needs no second sign-in.
    let there = ada.open(&format!("{wiki}/x")).await;
    assert_eq!(Got::from(&there).uri(), "/x");

    // The app receives its own cookies, both short and long ones.
    let long = "x".repeat(6_000);
    ada.set_cookie(&app, "theme", "dark");
    ada.set_cookie(&app, "aaa", &long);
    let got = Got::from(&ada.go(&deep).await);
    assert_eq!(got.header("cookie").join("; "), format!("aaa={long}; theme=dark"));

    stage.shows_no_ticket();

    // Signing out ends access to both apps, and so does disabling the account.
    let asks = ada.open(&stage.login("/auth/logout")).await;
    ada.press(&asks, "Sign out now", &[]).await.says("You are signed out.");
    for guarded in [&deep, &wiki] {
        ada.open(guarded).await.is(200).says("Sign in");
        let refused = ada.send(Method::GET, guarded, &SCRIPT, None).await;
        assert_eq!(refused.is(401).header("authflow-reason"), "not_signed_in");
    }
    let login = ada.open(&deep).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    Got::from(&ada.open(&wiki).await);
    stage.server.disable(ADA).await;
    for guarded in [&deep, &wiki] {
        ada.open(guarded).await.is(200).says("Sign in");
        ada.send(Method::GET, guarded, &SCRIPT, None).await.is(401);
    }
}

async fn roles_and_the_second_factor_are_enforced(kind: Kind) {
    let rules: [&[&str]; 2] = [&["--role", "admin", "--role", "the family"], &["--factor", "2"]];
    let Some((stage, ada)) = set(kind, &rules).await else { return };
    let (family, safe) = (stage.app(0), stage.app(1));
    let login = ada.open(&format!("{family}/x")).await;
    let refused = ada.sign_in(&login, ADA).await;
    refused.is(403).says(": admin, the family.");
    refused.says("You are signed in as Ada Lovelace (ada@example.org)");
    assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
    assert!(refused.header("content-security-policy").contains("'sha256-"));
    ada.send(Method::GET, &family, &SCRIPT, None).await.is(403);
    // No form accepts a role with a space, but the printed configuration has to quote one.
    stage
        .server
        .change("INSERT INTO user_roles (user_id, role) SELECT id, 'the family' FROM users")
        .await;
    assert_eq!(Got::from(&ada.go(&family).await).header("remote-groups"), ["the family"]);

    let deep = format!("{safe}/deep?a=b");
    let sets_up = ada.open(&deep).await;
    sets_up.is(200).says("requires two-factor authentication");
    let authenticator = Authenticator::scan(&sets_up);
    let code = authenticator.shows(&stage.server, 0);
    let done = ada.press(&sets_up, "Turn on", &[("code", &code)]).await;
    let there = ada.press(done.is(200), "I’ve saved them", &[]).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (deep.as_str(), "/deep?a=b"));

    let other = stage.browser();
    stage.server.wait(60);
    let login = other.open(&deep).await;
    let asks = other.sign_in(&login, ADA).await;
    let code = authenticator.shows(&stage.server, 0);
    let there = other.press(&asks, "Sign in", &[("code", &code)]).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (deep.as_str(), "/deep?a=b"));
}

async fn plain_http_works(kind: Kind) {
    let Some(stage) = Stage::set(kind, "http", "", &[&[], &[]]).await else { return };
    // The doctor finds no problem with the printed configuration.
    let examined = stage.examine().await;
    let text = String::from_utf8_lossy(&examined.stdout);
    assert!(examined.status.success() && !text.contains("BAD"), "{text}");
    assert_eq!(text.matches("sends visitors to the sign-in page").count(), 2, "{text}");
    assert_eq!(text.matches("passes /.authflow/ to authflow").count(), 2, "{text}");
    for said in [
        "Browsers use HTTP, as PUBLIC_URL says",
        "Set and sent back: ",
        "The client’s address is 127.0.0.1",
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

async fn authflow_below_a_path_of_an_app_works(kind: Kind) {
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
    // Traefik leaves the redirect to authflow.
    let below = if kind == Kind::Traefik { "/id/dashboard" } else { "/id/" };
    assert_eq!(
        ada.go(&stage.origin("/id")).await.header("location").trim_start_matches(&stage.origin("")),
        below
    );
    for path in ["/gate/nginx", "/gate/forward"] {
        let page = ada.go(&stage.login(path)).await;
        if kind == Kind::Traefik {
            Got::from(&page); // a path that authflow does not serve goes to the app
        } else {
            page.is(404);
        }
    }
    for path in ["/.authflow/x", "/id/.authflow/ticket"] {
        ada.go(&stage.origin(path)).await.is(404);
    }
    stage.shows_no_ticket();
}
