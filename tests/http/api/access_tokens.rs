//! Valid access tokens are accepted; forged, altered, expired and revoked ones are not.

use authflow::domain::sign_in::access_token::{Claims, JwtAlgorithm};
use authflow::services::session::access_tokens;
use authflow::services::session::session_management;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

/// The header and claims of a token.
fn parts(token: &str) -> [Value; 2] {
    let mut parts = token.split('.').map(|part| BASE64.decode(part).unwrap());
    [0, 1].map(|_| serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

fn unsigned(header: &Value, claims: &Value) -> String {
    [header, claims].map(|part| BASE64.encode(part.to_string())).join(".")
}

/// The claims that the server would sign for the session of this token.
async fn claims(app: &TestApp, token: &str) -> Claims {
    let sid = serde_json::from_value(parts(token)[1]["sid"].clone()).unwrap();
    let session = session_management::visit(&app.app, sid).await.unwrap().unwrap();
    access_tokens::claims(&app.app, &session)
}

/// Signs claims with the server's own key.
fn signed(app: &TestApp, header: &Header, claims: &Value) -> String {
    let keys = app.app.keys.current();
    let (_, key) = keys.signing(app.app.clock.now()).unwrap();
    encode(header, claims, key).unwrap()
}

fn header(app: &TestApp) -> Header {
    let keys = app.app.keys.current();
    let mut header = Header::new(keys.algorithm());
    header.typ = Some("at+jwt".into());
    header.kid = keys.signing(app.app.clock.now()).map(|(kid, _)| kid.to_owned());
    header
}

async fn opens(api: &ApiClient, token: &str) -> bool {
    api.with(token).is_signed_in().await
}

/// A valid token with its header and claims.
struct Genuine {
    app: TestApp,
    token: String,
    header: Value,
    claims: Value,
}

impl Genuine {
    /// Changed claims with a valid signature.
    fn with_claims(&self, change: impl Fn(&mut Value)) -> String {
        let mut claims = self.claims.clone();
        change(&mut claims);
        signed(&self.app, &header(&self.app), &claims)
    }

    /// The token without this claim.
    fn without(&self, claim: &str) -> String {
        self.with_claims(|it| drop(it.as_object_mut().unwrap().remove(claim)))
    }

    /// The same claims with a changed header and a valid signature.
    fn with_header(&self, change: impl Fn(&mut Header)) -> String {
        let mut header = header(&self.app);
        change(&mut header);
        signed(&self.app, &header, &self.claims)
    }

    /// The same claims without a signature, naming another algorithm.
    fn unsigned(&self, alg: &str) -> String {
        let mut header = self.header.clone();
        header["alg"] = json!(alg);
        format!("{}.", unsigned(&header, &self.claims))
    }

    /// The same claims, signed with HMAC and a public value as the secret.
    fn hmac(&self, secret: &[u8]) -> String {
        let header = Header { alg: Algorithm::HS256, ..header(&self.app) };
        encode(&header, &self.claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    /// Tokens with wrong algorithms and signatures.
    fn with_wrong_signatures(&self) -> Vec<(&'static str, String)> {
        let (body, signature) = self.token.rsplit_once('.').unwrap();
        let public = &self.app.app.keys.current().jwks(self.app.app.clock.now())["keys"][0];
        let x = public["x"].as_str().unwrap();
        let mut admin = self.claims.clone();
        admin["roles"] = json!(["admin"]);
        vec![
            ("alg none", self.unsigned("none")),
            ("alg None", self.unsigned("None")),
            ("alg none with a signature", format!("{}{signature}", self.unsigned("none"))),
            ("HMAC under the published coordinate", self.hmac(x.as_bytes())),
            ("HMAC under the decoded coordinate", self.hmac(&BASE64.decode(x).unwrap())),
            ("HMAC under the JWK", self.hmac(public.to_string().as_bytes())),
            ("no signature", format!("{body}.")),
            ("no signature and no dot", body.to_owned()),
            ("half a signature", self.token[..self.token.len() - 43].to_owned()),
            ("a changed payload", format!("{}.{signature}", unsigned(&self.header, &admin))),
            ("the token twice", format!("{0}.{0}", self.token)),
        ]
    }

    /// Tokens with a valid signature and wrong content.
    fn with_wrong_content(&self) -> Vec<(&'static str, String)> {
        const UNKNOWN: &str = "01a209db-26d8-79a3-974e-5b750aa24ee9";
        vec![
            ("an unknown kid", self.with_header(|it| it.kid = Some(UNKNOWN.into()))),
            ("no kid", self.with_header(|it| it.kid = None)),
            ("an ID token", self.with_header(|it| it.typ = Some("JWT".into()))),
            ("no type", self.with_header(|it| it.typ = None)),
            (
                "another audience",
                self.with_claims(|it| it["aud"] = json!("https://app.example.org")),
            ),
            ("several audiences", self.with_claims(|it| it["aud"] = json!([it["aud"], "x"]))),
            ("no audience", self.with_claims(|it| it["aud"] = Value::Null)),
            ("another issuer", self.with_claims(|it| it["iss"] = json!("http://localhost:5000/"))),
            ("no issuer", self.without("iss")),
            ("no expiry", self.without("exp")),
            ("an expiry that is a text", self.with_claims(|it| it["exp"] = json!("9999999999"))),
            ("no session", self.without("sid")),
            ("an unknown session", self.with_claims(|it| it["sid"] = it["jti"].clone())),
            ("another user", self.with_claims(|it| it["sub"] = it["jti"].clone())),
        ]
    }
}

#[tokio::test]
async fn only_a_token_exactly_as_issued_is_accepted() {
    for algorithm in ["ES256", "EdDSA"] {
        let app = TestApp::with(&[("JWT_ALGORITHM", algorithm)]).await;
        app.person(ADA).await;
        let api = app.signed_in_api().await;
        let token = api.access.clone().unwrap();
        let [said, claims] = parts(&token);
        assert_eq!(said["alg"], algorithm);
        let genuine = Genuine { app, token, header: said, claims };
        assert!(opens(&api, &genuine.token).await);
        assert!(opens(&api, &genuine.with_claims(|_| ())).await, "the unchanged token is valid");

        let others = [
            ("nothing", String::new()),
            ("no JWT", "x.y.z".to_owned()),
            ("a refresh token", api.refresh.clone()),
        ];
        let wrong = [genuine.with_wrong_signatures(), genuine.with_wrong_content()].concat();
        for (what, token) in wrong.iter().chain(&others) {
            assert!(!opens(&api, token).await, "{algorithm}: {what}");
        }
        assert!(opens(&api, &genuine.token).await, "no forged token has ended the session");
    }
}

#[tokio::test]
async fn a_token_signed_by_another_server_is_refused() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    app.person(ADA).await;
    let api = app.signed_in_api().await;
    let [_, claims] = parts(api.access.as_ref().unwrap());
    assert!(!opens(&api, &signed(&other, &header(&other), &claims)).await);
    assert!(!opens(&api, &signed(&other, &header(&app), &claims)).await);
}

#[tokio::test]
async fn only_the_configured_algorithm_is_accepted() {
    let mut app = TestApp::start().await;
    app.person(ADA).await;
    let api = app.signed_in_api().await;
    let before = api.access.clone().unwrap();
    app.ground.config.jwt.algorithm = JwtAlgorithm::EdDsa;
    let (_, browser) = app.another().await;
    let mut changed = api.moved_to(browser.address());
    assert!(!opens(&changed, &before).await, "its key is still published for verification");
    changed.refresh().await.is(200);
    assert_eq!(parts(changed.access.as_ref().unwrap())[0]["alg"], "EdDSA");
    assert!(changed.is_signed_in().await);
}

#[tokio::test]
async fn a_token_expires_30_seconds_after_its_lifetime() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    app.wait(300 + 29);
    assert!(api.is_signed_in().await);
    app.wait(1);
    assert!(!api.is_signed_in().await);
    api.refresh().await.is(200);
    assert!(api.is_signed_in().await);
}

#[tokio::test]
async fn session_and_account_changes_apply_at_once() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let (_, elsewhere) = app.another().await;
    // Each change alone and in SQL, so that only the check under test can refuse the token.
    for change in [
        "UPDATE users SET disabled_at = 1",
        "UPDATE sessions SET expires_at = 1",
        "UPDATE sessions SET last_seen_at = 1",
        "DELETE FROM sessions",
    ] {
        let api = app.signed_in_api().await;
        let other = api.moved_to(elsewhere.address());
        assert!(api.is_signed_in().await && other.is_signed_in().await);
        app.change(change).await;
        assert!(!api.is_signed_in().await && !other.is_signed_in().await, "{change}");
        if app.user(ADA).await.disabled_at.is_some() {
            app.enable(ADA).await;
        }
    }
    let api = app.signed_in_api().await;
    browser.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    browser
        .press("/profile/password", "Change password", &CHANGE)
        .await
        .goes_to("/profile/password");
    assert!(!api.is_signed_in().await, "another session changed the password");
}

#[tokio::test]
async fn the_profile_shows_current_account_data() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let api = app.signed_in_api().await;
    app.give_role(ADA, "editor").await;
    browser.press("/profile", "Save", &[("username", "Augusta")]).await.goes_to("/profile");
    let user = api.get("/api/auth/profile").await.value["user"].clone();
    assert_eq!((&user["username"], &user["roles"]), (&json!("Augusta"), &json!(["editor"])));
}

#[tokio::test]
async fn using_a_token_keeps_the_session_active() {
    let app = TestApp::with(&[("ACCESS_TOKEN_TTL", "1h")]).await;
    app.person(ADA).await;
    let api = app.signed_in_api().await;
    let begun = app.last_seen().await;
    app.wait(59);
    api.get("/api/auth/profile").await.is(200);
    assert_eq!(app.last_seen().await, begun, "at most once a minute");
    app.wait(1);
    api.get("/api/auth/profile").await.is(200);
    assert_eq!(app.last_seen().await.0, begun.0 + 60);
}

#[tokio::test]
async fn the_audience_is_configurable() {
    let app = TestApp::with(&[("JWT_AUDIENCE", "https://api.example.org")]).await;
    app.person(ADA).await;
    let api = app.signed_in_api().await;
    assert!(api.is_signed_in().await);
    let mut claims =
        serde_json::to_value(claims(&app, api.access.as_ref().unwrap()).await).unwrap();
    assert_eq!(claims["aud"], "https://api.example.org");
    claims["aud"] = claims["iss"].clone();
    assert!(!opens(&api, &signed(&app, &header(&app), &claims)).await);
}

/// A service that receives a token to verify can't use it at authflow.
#[tokio::test]
async fn a_token_for_another_service_is_refused() {
    let app = TestApp::with(&[("JWT_AUDIENCE", "https://login.example.org, wiki,mail")]).await;
    app.person(ADA).await;
    let api = app.api().await;
    let audience = |answer: &Answer| parts(answer.text("accessToken"))[1]["aud"].clone();
    let login = async |audience: Value| {
        let body = json!({ "email": ADA, "password": PASSWORD, "audience": audience });
        api.post("/api/auth/login", body).await
    };
    let refresh = async |token: &str, audience: Value| {
        let body = json!({ "refreshToken": token, "audience": audience });
        api.post("/api/auth/refresh", body).await
    };
    for none in [json!(null), json!(""), json!("https://login.example.org")] {
        let answer = login(none).await;
        assert_eq!(audience(answer.is(200)), "https://login.example.org");
        assert!(opens(&api, answer.text("accessToken")).await);
    }
    let answer = login(json!("wiki")).await;
    assert_eq!(audience(answer.is(200)), "wiki");
    for path in ["/api/auth/profile", "/api/auth/sessions"] {
        let refused = api.with(answer.text("accessToken")).get(path).await;
        refused.refuses(401, "invalid_token");
    }
    // Each call is independent of the others.
    let token = answer.text("refreshToken");
    for (asked, given) in [
        (json!(null), "https://login.example.org"),
        (json!("mail"), "mail"),
        (json!("wiki"), "wiki"),
        (json!("https://login.example.org"), "https://login.example.org"),
    ] {
        let answer = refresh(token, asked).await;
        assert_eq!(audience(answer.is(200)), given);
        let is_own = given == "https://login.example.org";
        assert_eq!(opens(&api, answer.text("accessToken")).await, is_own, "{given}");
    }
    let sessions = app.rows("sessions").await;
    for wrong in [json!("calendar"), json!("wiki,mail"), json!("Wiki"), json!(7), json!(["wiki"])] {
        login(wrong.clone()).await.refuses(422, "invalid_fields").names(&["audience"]);
        refresh(token, wrong).await.refuses(422, "invalid_fields").names(&["audience"]);
    }
    assert_eq!(app.rows("sessions").await, sessions);
}

#[tokio::test]
async fn a_token_never_outlives_its_session() {
    let app = TestApp::with(&[("REFRESH_TOKEN_TTL", "1h"), ("SESSION_IDLE_TTL", "1h")]).await;
    app.person(ADA).await;
    let mut api = app.signed_in_api().await;
    app.wait(3_600 - 100);
    assert_eq!(api.refresh().await.is(200).value["expiresIn"], 100);
    app.wait(100);
    assert!(!api.is_signed_in().await, "no leeway after the session's end");
    api.refresh().await.refuses(401, "invalid_refresh_token");
}

/// The API ignores everything that a browser sends automatically, so other sites cannot forge requests (CSRF).
#[tokio::test]
async fn the_api_ignores_cookies() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    let api = app.api().await;
    let cookies = browser.cookie_header();
    assert!(cookies.contains("authflow-refresh="));
    let id = app.sessions(ADA).await[0].id;
    for (method, path) in [
        (Method::GET, "/api/auth/profile".to_owned()),
        (Method::GET, "/api/auth/sessions".to_owned()),
        (Method::POST, "/api/auth/logout".to_owned()),
        (Method::DELETE, format!("/api/auth/sessions/{id}")),
    ] {
        let answer = api.send(method, &path, &[("cookie", &cookies)], None).await;
        answer.refuses(401, "token_required");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(app.active_sessions().await, 1);
    // A browser that signs in through the API gets no cookies either.
    let headers = [("cookie", cookies.as_str()), ("content-type", "application/json")];
    let body = json!({ "email": ADA, "password": PASSWORD }).to_string();
    api.send(Method::POST, "/api/auth/login", &headers, Some(body.into())).await.is(200);
    assert_eq!(app.active_sessions().await, 2, "the browser's session continues");
    assert!(browser.is_signed_in().await);
}
