//! `SECOND_FACTOR` at guarded apps: a session without the demanded second factor opens none, whatever their rules.

use super::*;

async fn demanding(policy: &str, is_nginx: bool, rules: &[(&str, &str)]) -> (TestApp, Traveller) {
    let variables = [&VARIABLES[..3], &[("SECOND_FACTOR", policy)]].concat();
    let app = TestApp::with(&variables).await;
    sign_up(&app, ADA).await;
    let ada = Traveller::playing(&app, is_nginx, rules);
    (app, ada)
}

#[tokio::test]
async fn the_way_to_an_app_leads_through_the_setup() {
    for is_nginx in [true, false] {
        let (app, ada) = demanding("everyone", is_nginx, &[(WIKI, "public=/share")]).await;
        let login = ada.open(DEEP).await;
        let page = ada.sign_in(&login, ADA).await;
        page.is(200).says("Your account must use two-factor authentication.");
        assert_eq!(page.path, format!("{LOGIN}/profile/two-factor"));
        // There is no ticket without it.
        let start = ada.go(DEEP).await;
        let start = ada.go(start.header("location")).await;
        assert!(start.is(303).header("location").ends_with("/profile/two-factor"));
        reached(&ada.open(&format!("{WIKI}/share")).await, &format!("{WIKI}/share"));

        let code = Authenticator::scan(&page).shows(&app, 0);
        let codes = ada.press(&page, "Turn on", &[("code", &code)]).await;
        codes.is(200).says("I’ve saved them: continue to https://app.example.org");
        allows_forms_to_the_app(&codes);
        reached(&ada.press(&codes, "I’ve saved them", &[]).await, DEEP);
    }
}

#[tokio::test]
async fn an_open_app_closes_until_the_factor_is_shown() {
    for is_nginx in [true, false] {
        for (rule, reason) in
            [("", "second_factor_missing"), ("role=admin", "second_factor_missing")]
        {
            let (app, ada) = demanding("admins", is_nginx, &[(APP, rule)]).await;
            let login = ada.open(WIKI).await;
            ada.sign_in(&login, ADA).await.is(200);
            ada.open(DEEP).await;
            app.give_role(ADA, "admin").await;
            for guarded in [DEEP, WIKI] {
                let script = ada.send(Method::GET, guarded, &SCRIPT, None).await;
                let page = ada.go(guarded).await;
                assert_eq!(location(&page).path(), "/gate/start", "{guarded}");
                // Without a token for the host, the gate does not know who it is.
                if guarded == WIKI || rule.is_empty() {
                    assert_eq!(script.is(401).header("authflow-reason"), reason);
                }
            }
            let page = ada.open(WIKI).await;
            page.is(200).says("Your account must use two-factor authentication.");
            app.take_roles(ADA).await;
            reached(&ada.open(WIKI).await, WIKI);
        }
    }
}

#[tokio::test]
async fn a_session_that_started_without_the_factor_adds_it_on_the_way_to_an_app() {
    for (rule, policy) in [("", "everyone"), ("factor=2", "optional")] {
        let (app, ada) = demanding(policy, false, &[(APP, rule)]).await;
        let login = ada.open(&format!("{LOGIN}/auth/login")).await;
        ada.sign_in(&login, ADA).await.is(200);
        let page = ada.open(&format!("{LOGIN}/profile/two-factor")).await;
        let authenticator = Authenticator::scan(&page);
        ada.press(&page, "Turn on", &[("code", &authenticator.shows(&app, 0))]).await.is(200);
        app.wait(60);
        app.change("UPDATE sessions SET amr = 'pwd'").await;
        let asks = ada.open(DEEP).await;
        asks.is(200).says("You are signed in as ada@example.org");
        assert_eq!(asks.path, format!("{LOGIN}/auth/two-factor"));
        allows_forms_to_the_app(&asks);
        let wrong = ada.press(&asks, "Continue", &[("code", "000000")]).await;
        allows_forms_to_the_app(wrong.is(401));
        let code = authenticator.shows(&app, 0);
        reached(&ada.press(&wrong, "Continue", &[("code", &code)]).await, DEEP);
    }
}
