//! Access rules of an app: roles and the second factor.

use super::*;

#[tokio::test]
async fn a_missing_role_gets_a_page_that_names_it() {
    for is_nginx in [true, false] {
        let rules = [(APP, "role=admin"), (WIKI, "role=admin&role=family")];
        let (app, ada) = stage(is_nginx, &rules).await;
        let login = ada.open(DEEP).await;
        let refused = ada.sign_in(&login, ADA).await;
        refused.is(403).says("You are signed in as Ada Lovelace (ada@example.org).");
        refused.says("You need the role “admin” to open https://app.example.org.");
        assert_eq!(refused.path, DEEP);
        ada.open(WIKI).await.is(403).says("to open https://wiki.example.net: admin, family.");
        let policy = refused.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let script = ada.send(Method::GET, DEEP, &SCRIPT, None).await;
        script.is(403);
        assert!(!script.body.contains('<') && script.header("authflow-reason") == "role_missing");

        app.give_role(ADA, "family").await;
        let there = ada.go(WIKI).await;
        assert_eq!((there.status.as_u16(), there.header("remote-groups")), (200, "family"));
        ada.go(DEEP).await.is(403);
        app.give_role(ADA, "admin").await;
        assert_eq!(ada.go(DEEP).await.is(200).header("remote-groups"), "admin,family");
        app.take_roles(ADA).await;

        // The page offers to sign in with another account.
        let refused = ada.go(DEEP).await;
        let href = refused.select("main a").remove(0).remove("href").unwrap();
        let asks = ada.open(&href).await;
        let login = ada.press(&asks, "Sign out now", &[]).await;
        login.is(200).says("You are signed out.");
        assert!(
            login.header("content-security-policy").contains("'self' https://app.example.org;")
        );
        ada.sign_in(&login, ADA).await.is(403).says("role “admin”");
    }
}

#[tokio::test]
async fn a_missing_second_factor_is_set_up_or_requested() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[(APP, "factor=2")]).await;
        let login = ada.open(DEEP).await;
        let sets_up = ada.sign_in(&login, ADA).await;
        sets_up.is(200).says("https://app.example.org requires two-factor authentication");
        let script = ada.send(Method::GET, WIKI, &SCRIPT, None).await;
        script.is(401);
        let page = ada.open(&format!("{LOGIN}/profile/two-factor")).await;
        let authenticator = Authenticator::scan(&page);
        let done = ada.press(&page, "Turn on", &[("code", &authenticator.shows(&app, 0))]).await;
        done.is(200).says("I’ve saved them: continue to https://app.example.org");
        allows_forms_to_the_app(&done);
        let there = ada.press(&done, "I’ve saved them", &[]).await;
        reached(&there, DEEP);

        // Another browser is asked for the password and the code, and returns to the app.
        app.wait(60);
        let other = ada.another();
        let login = other.open(DEEP).await;
        let code = other.sign_in(&login, ADA).await;
        code.is(200).says("Two-factor code");
        allows_forms_to_the_app(&code);
        let wrong = other.press(&code, "Sign in", &[("code", "000000")]).await;
        assert!(
            wrong
                .is(401)
                .header("content-security-policy")
                .contains("'self' https://app.example.org;")
        );
        let there =
            other.press(&wrong, "Sign in", &[("code", &authenticator.shows(&app, 0))]).await;
        reached(&there, DEEP);
    }
}

#[tokio::test]
async fn the_role_is_checked_before_the_second_factor() {
    for is_nginx in [true, false] {
        let rules = [(APP, "role=admin&factor=2"), (WIKI, "factor=2&role=family,admin")];
        let (app, ada) = stage(is_nginx, &rules).await;
        // No one has to set up a second factor for an app that they may not open.
        let login = ada.open(DEEP).await;
        let refused = ada.sign_in(&login, ADA).await;
        refused.is(403).says("You need the role “admin” to open https://app.example.org.");
        ada.open(WIKI).await.is(403).says("to open https://wiki.example.net: family, admin.");
        let script = ada.send(Method::GET, DEEP, &SCRIPT, None).await;
        assert_eq!(script.is(403).header("authflow-reason"), "role_missing");

        app.give_role(ADA, "admin").await;
        let sets_up = ada.open(DEEP).await;
        sets_up.is(200).says("requires two-factor authentication");
        let page = ada.open(&format!("{LOGIN}/profile/two-factor")).await;
        let authenticator = Authenticator::scan(&page);
        let code = authenticator.shows(&app, 0);
        let done = ada.press(&page, "Turn on", &[("code", &code)]).await;
        reached(&ada.press(&done, "I’ve saved them", &[]).await, DEEP);

        // The second factor does not open it without the role either.
        app.take_roles(ADA).await;
        ada.open(DEEP).await.is(403).says("role “admin”");
    }
}

#[tokio::test]
async fn a_script_without_the_second_factor_gets_a_plain_401() {
    for is_nginx in [true, false] {
        let (app, ada) = signed_in_to_app(is_nginx, &[(WIKI, "factor=2")]).await;
        // Her token for this host was issued through a proxy without this rule.
        ada.open(WIKI).await.is(200).says("requires two-factor authentication");
        let plain = Traveller::playing(&app, is_nginx, &[]);
        let login = plain.open(WIKI).await;
        plain.sign_in(&login, ADA).await.is(200).says("the application");
        ada.set_cookie(WIKI, GATE, &plain.cookies(WIKI)[GATE]);
        let script = ada.send(Method::GET, WIKI, &SCRIPT, None).await;
        script.is(401).says("two-factor authentication");
        assert_eq!(script.header("authflow-reason"), "second_factor_missing");
        assert!(!script.headers.contains_key("location"));
        assert_eq!(location(&ada.go(WIKI).await).path(), "/gate/start");
    }
}
