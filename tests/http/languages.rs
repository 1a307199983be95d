//! Which language and time zone a page is in, and how readers choose them.

use std::sync::Arc;

use authflow::i18n::languages::Languages;
use reqwest::Method;
use tempfile::TempDir;

use super::support::*;

/// The language of a page, which its headers name as well.
#[track_caller]
fn language(page: &Page) -> String {
    let html = page.select("html").remove(0);
    let language = html["lang"].clone();
    assert_eq!(page.header("content-language"), language, "{}", page.path);
    let vary: Vec<_> = page.headers.get_all("vary").iter().map(|it| it.to_str().unwrap()).collect();
    let vary = vary.join(", ").to_lowercase();
    assert!(vary.contains("accept-language") && vary.contains("cookie"), "{}: {vary}", page.path);
    assert_eq!(html["dir"], "ltr");
    language
}

/// A page view of a browser that accepts these languages.
async fn view(browser: &Browser, path: &str, accepted: &str) -> Page {
    let headers = [("accept-language", accepted), ("sec-fetch-mode", "navigate")];
    browser.send(Method::GET, path, &headers, None).await
}

/// Presses the button of a language in the footer.
async fn choose(browser: &Browser, page: &Page, code: &str) -> Page {
    let name = page.select(&format!("footer button[value={code}]"));
    assert_eq!(name.len(), 1, "{}: {}", page.path, page.body);
    let form = page.form(&page.inside(&format!("footer button[value={code}]")));
    browser.post(&form.action, &form.filled(&[])).await
}

/// The value of a list on the profile page.
fn chosen(page: &Page, field: &str) -> Option<String> {
    let mut selected = page.select(&format!("select[name={field}] option[selected]"));
    selected.pop().map(|mut it| it.remove("value").unwrap())
}

#[tokio::test]
async fn the_browsers_languages_count_by_weight() {
    let app = TestApp::start().await;
    for (accepted, expected) in [
        ("de", "de"),
        ("de-AT", "de"),
        ("de-CH, fr;q=0.9", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr, de;q=0.7, en;q=0.3", "de"),
        ("en;q=0.3, de;q=0.7", "de"),
        ("de;q=0", "en"),
        ("de;q=0, *", "en"),
        ("*", "en"),
        ("fr, *;q=0.5", "en"),
        ("", "en"),
        ("nonsense, ;;;q=, de_DE_DE_DE_DE_DE_DE", "en"),
    ] {
        let page = view(&app.browser(), "/auth/login", accepted).await;
        assert_eq!(language(page.is(200)), expected, "{accepted:?}");
    }
    let page = app.browser().get("/auth/login").await;
    assert_eq!(language(&page), "en", "without the header");
}

#[tokio::test]
async fn without_a_known_language_the_default_counts() {
    let app = TestApp::with(&[("DEFAULT_LANGUAGE", "de")]).await;
    for (accepted, expected) in [("fr", "de"), ("*", "de"), ("en", "en"), ("de;q=0, fr", "de")] {
        let page = view(&app.browser(), "/auth/login", accepted).await;
        assert_eq!(language(&page), expected, "{accepted}");
    }
    app.browser().get("/auth/login").await.says("Anmelden");
}

#[tokio::test]
async fn setting_choice_and_link_come_before_the_browsers_languages() {
    let app = TestApp::start().await;
    let browser = app.person(ADA).await;
    app.change("UPDATE users SET language = NULL").await;
    // From the last to the first: each stronger one contradicts the one before.
    assert_eq!(language(&view(&browser, "/profile", "de").await), "de");
    assert_eq!(language(&view(&browser, "/profile?ui_locales=fr+en", "de").await), "en");
    browser.set_cookie("authflow-language", "de");
    assert_eq!(language(&view(&browser, "/profile?ui_locales=en", "en").await), "de");
    app.change("UPDATE users SET language = 'en'").await;
    assert_eq!(language(&view(&browser, "/profile?ui_locales=de", "de").await), "en");
    // A later version may have had this language.
    app.change("UPDATE users SET language = 'tlh'").await;
    assert_eq!(language(&view(&browser, "/profile", "en").await), "de");
    browser.set_cookie("authflow-language", "tlh");
    assert_eq!(language(&view(&browser, "/profile", "en").await), "en");
}

#[tokio::test]
async fn a_link_in_another_language_counts_until_the_form_is_answered() {
    let app = TestApp::start().await;
    for path in [
        "/auth/login?ui_locales=de-AT%20en",
        "/auth/login?return_to=%2Foauth2%2Fauthorize%3Fclient_id%3Dx%26ui_locales%3Dde",
    ] {
        let browser = app.browser();
        let page = view(&browser, path, "en").await;
        assert_eq!(language(&page), "de");
        let wrong = [("email", ADA), ("password", "wrong, surely wrong")];
        let refused = browser.press_on(&page, "Anmelden", &wrong).await;
        assert_eq!(language(refused.is(401)), "de");
        assert_eq!(language(&browser.get("/auth/forgot-password").await), "de");
        // A newer link counts, and a choice in this browser counts more than any link.
        let english = view(&browser, "/auth/login?ui_locales=en", "de").await;
        assert_eq!(language(&english), "en");
        choose(&browser, &english, "de").await.is(303);
        assert_eq!(language(&view(&browser, "/auth/login?ui_locales=en", "en").await), "de");
    }
    let unknown = view(&app.browser(), "/auth/login?ui_locales=fr", "de").await;
    assert_eq!(language(&unknown), "de");
    assert!(!unknown.set_cookies().contains_key("authflow-language"));
}

#[test]
fn the_environment_of_the_server_does_not_count() {
    let folder = TempDir::new().unwrap();
    let german = [("LANGUAGE", "de"), ("LANG", "de_DE.UTF-8"), ("LC_ALL", "de_DE.UTF-8")];
    let program = Program::start(folder.path(), &german);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let page = runtime.block_on(async { program.browser().get("/auth/login").await });
    assert_eq!(language(&page), "en");
    assert!(said(&run(folder.path(), &german, &["user", "list"])).contains("No"));
}

#[tokio::test]
async fn visitors_choose_a_language_in_the_footer() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let here = "/auth/login?return_to=%2Fprofile%3Fa%3Db%26c";
    let page = browser.get(here).await;
    let choices = "footer form[action$='/language']";
    assert_eq!(page.each(&format!("{choices} li")), ["English", "Deutsch"]);
    assert_eq!(page.each(&format!("{choices} [aria-current]")), ["English"]);
    let button = page.select("footer button").remove(0);
    assert_eq!((button["lang"].as_str(), button["dir"].as_str()), ("de", "ltr"));
    let answer = choose(&browser, &page, "de").await;
    answer.goes_to(here);
    let cookie = &answer.set_cookies()["authflow-language"];
    assert!(cookie.starts_with("authflow-language=de; "), "{cookie}");
    let mut attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=Lax"]);
    let page = browser.get(here).await;
    assert_eq!(language(&page), "de");
    assert_eq!(page.value("return_to").as_deref(), Some("/profile?a=b&c"));
    // Back again.
    choose(&browser, &page, "en").await.goes_to(here);
    assert_eq!(language(&view(&browser, here, "de").await), "en");
}

#[tokio::test]
async fn the_cookie_of_the_language_is_as_protected_as_the_others() {
    let https = [("PUBLIC_URL", "https://login.example.org/id"), ("MAIL_TRANSPORT", "file")];
    let app = TestApp::with(&https).await;
    let page = app.browser().get("/id/auth/login?ui_locales=de").await;
    let cookie = &page.set_cookies()["__Secure-authflow-language"];
    assert_eq!(page.select("footer form")[0]["action"], "/id/language");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/id"] {
        assert!(cookie.split("; ").any(|it| it == attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Max-Age"), "only a choice is kept: {cookie}");
}

#[tokio::test]
async fn a_form_that_is_shown_again_leads_back_to_its_page() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = app.browser();
    let page = browser.get("/auth/login?return_to=%2Fprofile%2Femail").await;
    let wrong = [("email", ADA), ("password", "wrong, surely wrong")];
    let refused = browser.press_on(&page, "Sign in", &wrong).await;
    let back = choose(&browser, &refused, "de").await;
    back.goes_to("/auth/login?return_to=%2Fprofile%2Femail");
    // The token of an emailed link is part of the path.
    browser.post("/auth/forgot-password", &[]).await.is(403);
    let page = browser.get("/auth/forgot-password").await;
    let button = page.inside("main button");
    browser.press_on(&page, &button, &[("email", ADA)]).await.is(303);
    let link = app.mailed_path(ADA).await;
    let page = browser.get(&link).await;
    let button = page.inside("main form button");
    let fields = [("password", "short"), ("confirm_password", "short")];
    let refused = browser.press_on(&page, &button, &fields).await;
    assert_eq!(language(refused.is(422)), "de");
    choose(&browser, &refused, "en").await.goes_to(&link);
}

#[tokio::test]
async fn a_choice_that_is_not_valid_changes_nothing() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let page = browser.get("/auth/login").await;
    let token = page.value("csrf_token").unwrap();
    let send = async |language: &str, return_to: &str, token: &str| {
        let fields = [("language", language), ("return_to", return_to), ("csrf_token", token)];
        browser.post("/language", &fields).await
    };
    for code in ["", "fr", "de-AT", "../de", "en\u{0}"] {
        let refused = send(code, "/auth/register", &token).await;
        assert!(matches!(refused.status.as_u16(), 422 | 400), "{code:?}: {}", refused.status);
        assert!(!refused.set_cookies().contains_key("authflow-language"), "{code:?}");
    }
    let refused = send("fr", "/auth/register", &token).await;
    refused.is(422).says("not available in that language");
    assert_eq!(refused.select("main a.button")[0]["href"], "/auth/register");
    let stale = send("de", "/auth/register", "x").await;
    stale.is(403).says("the language was not changed");
    assert_eq!(stale.inside("h1"), "This page had expired");
    assert!(!stale.set_cookies().contains_key("authflow-language"));
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
    {
        send("de", elsewhere, &token).await.goes_to("/");
    }
    browser.get("/language").await.is(405);
    let elsewhere = [("sec-fetch-site", "cross-site"), FORM];
    let body = encode(&[("language", "en"), ("csrf_token", &token)]).into_bytes();
    browser.send(Method::POST, "/language", &elsewhere, Some(body)).await.is(403);
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn error_pages_are_in_the_readers_language() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let german = ("accept-language", "de");
    let large = "x".repeat(70_000);
    for (method, path, headers, body, status, says) in [
        (Method::GET, "/nothing", &[german][..], "", 404, "Diese Seite gibt es nicht."),
        (Method::GET, "/auth/login?a=%ff", &[german], "", 400, "kein gültiger Text"),
        (Method::GET, "/gate/start", &[german], "", 403, "gehört zu keiner App"),
        (Method::DELETE, "/auth/login", &[german], "", 405, "Gehen Sie zurück"),
        (Method::POST, "/auth/login", &[german, FORM], &large, 413, "größer als 64 KiB"),
        (Method::POST, "/auth/login", &[german, FORM], "a=1&a=2", 422, "doppelt gesendet"),
        (Method::POST, "/auth/login", &[german], "a=1", 415, "nimmt nur Formulare an"),
    ] {
        let body = (!body.is_empty()).then(|| body.as_bytes().to_vec());
        let page = browser.send(method, path, headers, body).await;
        assert_eq!(language(page.is(status).says(says)), "de", "{path}");
    }
    let many: Vec<_> = (0..300).map(|_| ("x-many", "x")).chain([german]).collect();
    let page = browser.send(Method::GET, "/auth/login", &many, None).await;
    assert_eq!(language(page.is(431).says("mehr als 100 Header")), "de");
    // A setting counts on error pages as well, also where no route is.
    let browser = app.person(ADA).await;
    app.change("UPDATE users SET language = 'de'").await;
    for (path, status) in [("/nothing", 404), ("/dev/mail/x", 404), ("/admin/users", 403)] {
        assert_eq!(language(view(&browser, path, "en").await.is(status)), "de", "{path}");
    }
    // Programs get English, and no header that speaks of languages.
    let api = browser.send(Method::GET, "/api/nothing", &[german], None).await;
    api.is(404).says("There is nothing at this address.");
    assert!(!api.headers.contains_key("content-language") && !api.headers.contains_key("vary"));
}

#[tokio::test]
async fn pages_while_the_server_starts_are_in_the_readers_language() {
    use tower::ServiceExt;
    let default = [("DEFAULT_LANGUAGE", "de")];
    let config = Arc::new(Ground::on(None, &default).config);
    for (path, accepted, says) in [
        ("/auth/login", "de", "Der Server wartet auf seine Datenbank."),
        ("/auth/login", "tlh", "Der Server wartet auf seine Datenbank."),
        ("/auth/login", "en", "The server is waiting for its database."),
        ("/gate/forward", "de", "Die Anmeldung wurde eben gestartet"),
    ] {
        let request = axum::http::Request::get(path).header("accept-language", accepted);
        let request = request.header("sec-fetch-mode", "navigate");
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = authflow::routes::starting(&config).oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        let html = String::from_utf8(body.to_vec()).unwrap();
        let page = Page { headers, ..Page::of(path, &html) };
        assert_eq!(language(page.says(says)), if accepted == "en" { "en" } else { "de" });
    }
}

#[tokio::test]
async fn the_button_of_a_region_shows_its_places_and_keeps_what_was_typed() {
    let app = TestApp::with(&[("DEFAULT_TIME_ZONE", "America/New_York")]).await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    let berlin = "option[value='Europe/Berlin']";
    assert_eq!(page.select("option[value='America/Bogota']").len(), 1, "the region of the default");
    assert_eq!(page.select(berlin).len(), 0);
    // The button of a region keeps what was typed in the other form, which it sends.
    let button = page.select("form button[name=region][value=Europe]");
    assert_eq!(button.len(), 1);
    let form = page.form("Save");
    let mut typed = form.filled(&[("username", "Not saved yet"), ("language", "de")]);
    typed.push(("region", "Europe"));
    let page = browser.post("/profile", &typed).await;
    assert_eq!(page.is(200).value("username").as_deref(), Some("Not saved yet"));
    assert_eq!(chosen(&page, "language").as_deref(), Some("de"));
    assert_eq!((page.select(berlin).len(), page.select("[selected]").len()), (1, 1));
    assert!(page.select("#time_zone")[0].contains_key("autofocus"));
    let saved = browser.get("/profile").await;
    assert_eq!(saved.value("username").as_deref(), Some("Ada Lovelace"), "nothing was saved");
}

#[tokio::test]
async fn users_choose_language_and_time_zone_in_their_profile() {
    let app = TestApp::with(&[("DEFAULT_TIME_ZONE", "America/New_York")]).await;
    let browser = app.person(ADA).await;
    let page = browser.get("/profile").await;
    let choices = page.select("footer form[action$='/language']");
    assert!(choices.is_empty(), "they have a setting");
    let chosen_now = (chosen(&page, "language"), chosen(&page, "time_zone"));
    assert_eq!(chosen_now, (Some("en".into()), None), "the language of the sign-up page");
    let first = page.each("select[name=time_zone] option").remove(0);
    assert_eq!(first, "Site default (America/New_York)");
    let languages = page.select("select[name=language] option[lang]");
    assert_eq!(languages.iter().map(|it| &it["lang"]).collect::<Vec<_>>(), ["en", "de"]);
    let zone = [("time_zone", "Europe/Berlin")];
    browser.press_on(&page, "Save", &zone).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    assert_eq!(page.value("username").as_deref(), Some("Ada Lovelace"), "only the time zone");
    browser.press_on(&page, "Save", &[("language", "de")]).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    page.is(200).says("Ihr Profil wurde gespeichert.");
    assert_eq!(language(&page), "de");
    assert_eq!(chosen(&page, "language").as_deref(), Some("de"));
    assert_eq!(chosen(&page, "time_zone").as_deref(), Some("Europe/Berlin"));
    let app_entries = app.rows("audit_events").await;

    // A page from an earlier version has no such fields.
    let token = page.value("csrf_token").unwrap();
    let old = [("username", "Countess"), ("csrf_token", &token)];
    browser.post("/profile", &old).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    assert_eq!(page.value("username").as_deref(), Some("Countess"));
    assert_eq!(chosen(&page, "time_zone").as_deref(), Some("Europe/Berlin"));
    assert_eq!(app.rows("audit_events").await, app_entries + 1, "the new name");

    for (button, field, value, says) in [
        ("Speichern", "language", "fr", "Wählen Sie eine Sprache aus der Liste."),
        ("Speichern", "time_zone", "Europe/Atlantis", "Wählen Sie eine Zeitzone aus der Liste."),
    ] {
        let refused = browser.press_on(&page, button, &[(field, value)]).await;
        refused.is(422).says(says);
        assert!(refused.inside("title").starts_with("Fehler: "), "{}", refused.inside("title"));
    }
    let page = browser.get("/profile").await;
    assert_eq!(chosen(&page, "time_zone").as_deref(), Some("Europe/Berlin"));

    // Back to the browser and the default.
    let nothing = [("time_zone", ""), ("language", "")];
    browser.press_on(&page, "Speichern", &nothing).await.goes_to("/profile");
    let page = browser.get("/profile").await;
    page.says("Your profile has been saved.");
    assert_eq!((chosen(&page, "language"), chosen(&page, "time_zone")), (None, None));
    let set = "SELECT COUNT(*) FROM users WHERE language IS NOT NULL OR time_zone IS NOT NULL";
    assert_eq!(app.count(set).await, 0);
    assert_eq!(app.rows("audit_events").await, app_entries + 1, "settings are not in the log");
}

#[tokio::test]
async fn a_language_from_right_to_left_turns_the_page() {
    let app = TestApp::start().await;
    let arabic = "language-name = العربية\nlanguage-direction = rtl\nsign-in-title = تسجيل الدخول\n\
                  profile-handle = اسمك هو { $handle }\n";
    let english = "language-name = English\nlanguage-direction = ltr\n";
    let languages = Languages::read(&[("en", [english]), ("ar", [arabic])]).unwrap();
    let languages = Box::leak(Box::new(languages));
    let browser = app.beside(|app| app.languages = languages).await;
    let page = view(&browser, "/auth/login", "ar-EG").await;
    let html = page.select("html").remove(0);
    assert_eq!((html["lang"].as_str(), html["dir"].as_str()), ("ar", "rtl"));
    assert_eq!(page.inside("h1"), "تسجيل الدخول");
    assert_eq!(page.select("footer button")[0]["dir"], "ltr", "English in an Arabic page");
    // What is written from left to right is laid out by itself.
    let ada = app.person(ADA).await.carried_to(&browser);
    app.change("UPDATE users SET language = 'ar'").await;
    let page = ada.get("/profile").await;
    let handle = page.select("main p bdi");
    assert_eq!(handle.len(), 1, "{}", page.body);
}
