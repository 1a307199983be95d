//! The page of roles: who has each, and which guarded apps ask for it.

use std::time::Duration;

use super::super::gate::traveller::Traveller;
use super::*;
use authflow::repositories::gate_rules;
use authflow::services::operations::retention;
use reqwest::Method;

const APPS: (&str, &str) =
    ("GATE_ORIGINS", "http://app.localhost:8081, http://wiki.localhost:8082");

const APP: &str = "app.localhost:8081";
const WIKI: &str = "wiki.localhost:8082";

/// A browser that is signed in to both apps, whose rules were recorded more than an hour ago and are forgotten.
async fn visitor(app: &TestApp, email: &str) -> Traveller {
    let rules = [APP, WIKI].map(|host| (format!("http://{host}"), "role=former"));
    let rules = rules.each_ref().map(|(origin, rule)| (origin.as_str(), *rule));
    let browser = Traveller::playing(app, false, &rules);
    let page = browser.open(rules[0].0).await;
    browser.sign_in(&page, email).await.is(403);
    browser.open(rules[1].0).await.is(403);
    recorded(app, 2).await;
    app.change("DELETE FROM gate_rules").await;
    app.wait(3_600);
    browser
}

/// Waits until this many rules are recorded.
async fn recorded(app: &TestApp, rules: i64) {
    assert!(wait_until(async || app.rows("gate_rules").await >= rules).await);
    assert_eq!(app.rows("gate_rules").await, rules);
}

/// Asks the gate as a proxy does.
async fn send(app: &TestApp, cookies: &str, host: &str, rule: &str) -> Page {
    let headers = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", host),
        ("x-forwarded-uri", "/"),
        ("cookie", cookies),
    ];
    app.browser().send(Method::GET, &format!("/gate/forward?{rule}"), &headers, None).await
}

/// Asks the gate for a signed-in visitor, and waits until it has recorded `rules` rules.
async fn ask(app: &TestApp, visitor: &Traveller, host: &str, rule: &str, rules: i64) -> Page {
    let cookies = visitor.cookie_header(&format!("http://{host}/"));
    let answer = send(app, &cookies, host, rule).await;
    recorded(app, rules).await;
    answer
}

#[tokio::test]
async fn the_page_of_roles_shows_who_has_each_and_which_apps_require_it() {
    let app = TestApp::with(&[APPS]).await;
    let root = app.person("root@example.org").await;
    root.get("/admin/roles").await.is(403);
    app.give_role("root@example.org", "admin").await;
    let page = root.get("/admin/roles").await;
    page.is(200).says("“admin” is the only role so far").says("authflow proxy … --role NAME");
    page.says("http://app.localhost:8081 Not known yet. The rule appears here after a signed-in user opens this app.");
    for email in ["a@example.org", "b@example.org", "c@example.org", "d@example.org"] {
        app.person(email).await;
        app.rename(email, &format!("Person {email}")).await;
        app.give_role(email, "family").await;
    }

    let ada = visitor(&app, "a@example.org").await;
    ask(&app, &ada, APP, "role=staff,family&token=1", 1).await.is(200);
    ask(&app, &ada, APP, "role=family&role=staff", 1).await.is(200);
    ask(&app, &ada, WIKI, "role=family&factor=2&public=/hooks", 2).await.is(401);
    ask(&app, &ada, WIKI, "", 3).await.is(200);
    let page = root.get("/admin/roles").await;
    let named = "Person a@example.org, Person b@example.org, Person c@example.org and 1 more";
    page.says("admin 1 user Ada Lovelace")
        .says("staff No one has this role http://app.localhost:8081");
    page.says(&format!(
        "family 4 users {named} http://app.localhost:8081 http://wiki.localhost:8082"
    ));
    page.says("http://app.localhost:8081 Any of the roles family staff just now");
    page.says("http://wiki.localhost:8082 Role family Two-factor authentication just now");
    page.says("http://wiki.localhost:8082 Any signed-in user just now");
    let family = page.select("a[href='/admin/users?role=family']");
    assert_eq!(family.len(), 1);
    let listed = root.get(&family[0]["href"]).await;
    listed.is(200).says("Person d@example.org");
    assert!(!page.text().contains("only role so far"));
}

#[tokio::test]
async fn what_the_gate_was_asked_is_recorded_once_an_hour_and_forgotten_after_a_month() {
    let app = TestApp::with(&[APPS]).await;
    let asked = async || gate_rules::all(&app.app.db).await.unwrap()[0].last_asked_at;
    app.person(ADA).await;
    let ada = visitor(&app, ADA).await;
    let start = app.app.clock.now();
    ask(&app, &ada, APP, "role=family", 1).await;
    app.wait(3_599);
    ask(&app, &ada, APP, "role=family", 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(asked().await, start, "not written again");
    app.wait(1);
    ask(&app, &ada, APP, "role=family", 1).await;
    assert!(wait_until(async || asked().await != start).await, "written again after an hour");

    // Neither a host that is not guarded nor a rule that the gate does not understand leaves anything.
    ask(&app, &ada, "other.localhost:8081", "role=x", 1).await.is(403);
    ask(&app, &ada, APP, "roles=x", 1).await.is(403);
    app.wait(30 * 86_400);
    retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("gate_rules").await, 1);
    app.wait(1);
    retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("gate_rules").await, 0);
}

#[tokio::test]
async fn strangers_leave_no_rules() {
    let app = TestApp::with(&[APPS]).await;
    app.person(ADA).await;
    let ada = visitor(&app, ADA).await;
    let forged = ada.cookie_header(&format!("http://{APP}/")).replace('=', "=x");
    for cookies in ["", &forged] {
        send(&app, cookies, APP, "role=invented").await.is(401);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(app.rows("gate_rules").await, 0);
    ask(&app, &ada, APP, "role=family", 1).await.is(403);
}

#[tokio::test]
async fn an_app_has_at_most_50_rules() {
    let app = TestApp::with(&[APPS]).await;
    app.person(ADA).await;
    let ada = visitor(&app, ADA).await;
    for number in 0..50 {
        ask(&app, &ada, APP, &format!("role=r{number}"), number + 1).await;
    }
    ask(&app, &ada, APP, "role=more", 50).await;
    app.wait(3_600);
    ask(&app, &ada, WIKI, "role=more", 51).await;
    ask(&app, &ada, APP, "role=more", 51).await;
    let rules = async || {
        let mut all = gate_rules::all(&app.app.db).await.unwrap();
        all.retain(|it| it.origin == format!("http://{APP}"));
        all
    };
    assert!(wait_until(async || rules().await[0].requirement.roles == "more").await);
    assert_eq!(rules().await.len(), 50);
}

#[tokio::test]
async fn users_are_counted_for_every_role_on_the_page() {
    let app = TestApp::with(&[APPS]).await;
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    let ada = visitor(&app, "root@example.org").await;
    for number in 0..150 {
        app.give_role("root@example.org", &format!("r{number:03}")).await;
    }
    // PostgreSQL may sort it after the others, depending on its locale, and then it is not among those that were read.
    app.give_role("root@example.org", "Z").await;
    ask(&app, &ada, APP, "role=Z,a", 1).await.is(200);
    let page = root.get("/admin/roles").await;
    page.says("There are more roles than these 100.");
    page.says(&format!("Z 1 user Ada Lovelace http://{APP}"));
    page.says(&format!("a No one has this role http://{APP}"));
    let rows = page.each("main table:first-of-type tbody tr");
    let unused = rows.iter().filter(|it| it.contains("No one has this role")).count();
    assert_eq!((rows.len(), unused), (100, 1), "{rows:?}");
}
