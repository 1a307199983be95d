//! The identity that an app receives.

use super::*;

#[tokio::test]
async fn an_unconfirmed_email_address_identifies_no_user() {
    for is_nginx in [true, false] {
        let (app, ada) =
            signed_in_to_app(is_nginx, &[(WIKI, "role=staff"), (APP, "token=1")]).await;
        app.forget_confirmations().await;
        let page = ada.go(DEEP).await;
        page.is(403).says("Confirm your email").says(ADA);
        page.says("The administrator can also confirm it for you.");
        assert_eq!(page.header("authflow-reason"), "email_unconfirmed");
        for name in ["remote-user", "remote-email", "remote-token"] {
            assert!(!page.headers.contains_key(name), "{name}");
        }
        let script = ada.send(Method::GET, DEEP, &SCRIPT, None).await;
        assert_eq!(script.is(403).header("authflow-reason"), "email_unconfirmed");
        assert!(!script.body.contains('<'));
        ada.open(WIKI).await.is(403).says("You need the role “staff”");

        // The page links to the confirmation of the address, which returns to the app.
        let own = ada.open(&link(&page, "Confirm email")).await;
        own.is(200).says("have not confirmed this email yet");
        let sent = ada.press(&own, "Send confirmation link", &[]).await;
        sent.is(200).says("We sent a link to ada@example.org");
        let mailed = format!("{LOGIN}{}", app.mailed_path(ADA).await);
        let confirms = ada.open(&mailed).await;
        confirms.says("Enter your password to confirm.");
        assert!(!confirms.text().contains("different browser"), "she is signed in");
        ada.another().open(&mailed).await.says("Enter your password to confirm");
        ada.press(&confirms, "Confirm and sign in", &[("password", PASSWORD)]).await.is(200);
        let there = ada.open(DEEP).await;
        assert_eq!(there.is(200).header("remote-user"), ADA);
        assert_eq!(there.header("remote-email"), ADA);
        let own = ada.open(&format!("{LOGIN}/profile/email")).await;
        assert!(!own.text().contains("Send confirmation link"));
    }
}

#[tokio::test]
async fn an_app_can_ask_for_a_token_that_it_verifies() {
    let (app, ada) = stage(false, &[(APP, "token=1")]).await;
    let login = ada.open(DEEP).await;
    let there = ada.sign_in(&login, ADA).await;
    let token = there.header("remote-token").to_owned();
    let claims: Vec<_> = token.split('.').collect();
    assert_eq!(claims.len(), 3);
    let payload = authflow::secret::decode(claims[1]).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["aud"], APP);
    assert_eq!((&payload["iss"], &payload["email"]), (&LOGIN.into(), &ADA.into()));
    assert_eq!(payload["sub"], there.header("remote-id"));
    let jwks: serde_json::Value =
        serde_json::from_str(&app.browser().get("/.well-known/jwks.json").await.body).unwrap();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(jwks).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(header.alg);
    rules.set_audience(&[APP]);
    rules.set_issuer(&[LOGIN]);
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode::<serde_json::Value>(&token, &key, &rules).unwrap();
    // The API of authflow itself does not accept it.
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    let profile = format!("{LOGIN}/api/auth/profile");
    ada.send(Method::GET, &profile, &headers, None).await.is(401);
}

#[tokio::test]
async fn an_app_that_knows_users_by_handle_needs_no_confirmed_address() {
    let variables = [&VARIABLES[..], &[("GATE_REMOTE_USER", "handle")]].concat();
    let app = TestApp::with(&variables).await;
    sign_up(&app, ADA).await;
    let ada = Traveller::playing(&app, false, &[]);
    let login = ada.open(DEEP).await;
    assert_eq!(ada.sign_in(&login, "ada").await.is(200).header("remote-user"), "ada");
    app.forget_confirmations().await;
    let there = ada.open(DEEP).await;
    assert_eq!(there.is(200).header("remote-user"), "ada");
    assert_eq!(there.header("remote-email"), "");
    // Never an empty name. (No account in use is without a handle.)
    app.change("UPDATE users SET handle = NULL").await;
    ada.open(DEEP).await.is(503);
}

#[tokio::test]
async fn remote_user_is_the_configured_claim() {
    for (user, expected) in [("id", None), ("email", Some(ADA)), ("handle", Some("ada"))] {
        let mut variables = VARIABLES.to_vec();
        variables.push(("GATE_REMOTE_USER", user));
        let app = TestApp::with(&variables).await;
        sign_up(&app, ADA).await;
        let ada = Traveller::playing(&app, false, &[]);
        let login = ada.open(DEEP).await;
        let there = ada.sign_in(&login, ADA).await;
        let expected = expected.unwrap_or(there.header("remote-id"));
        assert_eq!(there.header("remote-user"), expected);
    }
    let (app, ada) = stage(false, &[]).await;
    app.rename(ADA, "Zoë 100%").await;
    let login = ada.open(DEEP).await;
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!(there.header("remote-name"), "Zo%C3%AB 100%25");
}
