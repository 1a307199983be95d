//! The languages of the gate's pages.

use super::*;

const GERMAN: (&str, &str) = ("accept-language", "de-AT, en;q=0.5");

#[track_caller]
fn is_german(page: &Page) {
    let html = page.select("html").remove(0);
    assert_eq!((html["lang"].as_str(), html["dir"].as_str()), ("de", "ltr"), "{}", page.body);
    assert_eq!(page.header("content-language"), "de");
    assert!(page.header("vary").contains("Accept-Language"), "{:?}", page.headers);
}

#[tokio::test]
async fn refusals_are_in_the_language_of_the_browser() {
    let app = TestApp::with(&VARIABLES).await;
    let browser = app.browser();
    let ask = async |path: &str, host: &str, more: &[(&str, &str)]| {
        let request = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", host),
            ("x-forwarded-uri", "/"),
            GERMAN,
        ];
        browser.send(Method::GET, path, &[&request, more].concat(), None).await
    };
    let unknown = ask("/gate/forward", "other.example.org", &NAVIGATION).await;
    unknown.is(403).says("Diese App ist nicht erreichbar").says("GATE_ORIGINS");
    is_german(&unknown);
    let missing = ask("/.authflow/nothing", "app.example.org", &NAVIGATION).await;
    is_german(missing.is(404));
    let refused = ask("/.authflow/ticket?ticket=%ff", "app.example.org", &NAVIGATION).await;
    is_german(refused.is(403).says("kein gültiger Text"));
    // Programs get English.
    let plain = ask("/gate/forward", "other.example.org", &SCRIPT).await;
    assert_eq!(plain.is(403).header("content-type"), "text/plain; charset=utf-8");
    assert!(plain.body.contains("is not in GATE_ORIGINS"), "{}", plain.body);
    assert!(!plain.headers.contains_key("content-language"));
}

#[tokio::test]
async fn a_refused_user_reads_the_language_of_their_account() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &[(APP, "role=admin"), (WIKI, "role=a&role=b")]).await;
        let login = ada.open(DEEP).await;
        ada.sign_in(&login, ADA).await.is(403).says("You are signed in as Ada Lovelace");
        app.change("UPDATE users SET language = 'de'").await;
        let refused = ada.open(DEEP).await;
        refused.is(403).says("Sie sind als Ada Lovelace (ada@example.org) angemeldet.");
        refused.says("brauchen Sie die Rolle „admin“").says("Mit einem anderen Konto anmelden");
        is_german(&refused);
        ada.open(WIKI).await.is(403).says("eine dieser Rollen: a, b.");
        // Without its database the gate knows no account.
        app.app.db.close().await;
        let closed =
            ada.send(Method::GET, DEEP, &[&NAVIGATION[..], &[GERMAN]].concat(), None).await;
        closed.is(503).says("Die Anmeldung antwortet gerade nicht.");
        is_german(&closed);
    }
}
