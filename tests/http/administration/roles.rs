//! The page of roles: who has each, and which guarded apps ask for it.

use std::time::Duration;

use super::*;
use authflow::services::operations::retention;
use reqwest::Method;

const APPS: (&str, &str) =
    ("GATE_ORIGINS", "http://app.localhost:8081, http://wiki.localhost:8082");

/// Asks the gate as a proxy does, and waits until it has recorded `rules` rules.
async fn ask(app: &TestApp, host: &str, rule: &str, rules: i64) -> Page {
    let headers = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", host),
        ("x-forwarded-uri", "/"),
    ];
    let path = format!("/gate/forward?{rule}");
    let answer = app.browser().send(Method::GET, &path, &headers, None).await;
    for _ in 0..400 {
        if app.rows("gate_rules").await >= rules {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(app.rows("gate_rules").await, rules, "{rule}");
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
    page.says("http://app.localhost:8081 Not known yet.");
    for email in ["a@example.org", "b@example.org", "c@example.org", "d@example.org"] {
        app.person(email).await;
        app.rename(email, &format!("Person {email}")).await;
        app.give_role(email, "family").await;
    }

    ask(&app, "app.localhost:8081", "role=staff,family&token=1", 1).await.is(401);
    ask(&app, "app.localhost:8081", "role=family&role=staff", 1).await.is(401);
    ask(&app, "wiki.localhost:8082", "role=family&factor=2&public=/hooks", 2).await.is(401);
    ask(&app, "wiki.localhost:8082", "", 3).await.is(401);
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
    let asked = async || {
        let db = &app.app.db;
        let found =
            authflow::repositories::gate_rules::of_origin(db, "http://app.localhost:8081", 100);
        found.await.unwrap()[0].last_asked_at
    };
    let start = app.app.clock.now();
    ask(&app, "app.localhost:8081", "role=family", 1).await;
    app.wait(3_599);
    ask(&app, "app.localhost:8081", "role=family", 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(asked().await, start, "not written again");
    app.wait(1);
    ask(&app, "app.localhost:8081", "role=family", 1).await;
    while asked().await == start {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    // Neither a host that is not guarded nor a rule that the gate does not understand leaves anything.
    ask(&app, "other.localhost:8081", "role=x", 1).await.is(403);
    ask(&app, "app.localhost:8081", "roles=x", 1).await.is(403);
    app.wait(30 * 86_400);
    retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("gate_rules").await, 1);
    app.wait(1);
    retention::clean_up(&app.app).await.unwrap();
    assert_eq!(app.rows("gate_rules").await, 0);
}

#[tokio::test]
async fn an_app_has_at_most_50_rules() {
    let app = TestApp::with(&[APPS]).await;
    for number in 0..50 {
        ask(&app, "app.localhost:8081", &format!("role=r{number}"), number + 1).await;
    }
    ask(&app, "app.localhost:8081", "role=more", 50).await;
    app.wait(3_600);
    ask(&app, "wiki.localhost:8082", "role=more", 51).await;
    ask(&app, "app.localhost:8081", "role=more", 51).await;
    let rules = authflow::repositories::gate_rules::of_origin;
    let db = &app.app.db;
    while rules(db, "http://app.localhost:8081", 1).await.unwrap()[0].requirement.roles != "more" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(rules(db, "http://app.localhost:8081", 1_000).await.unwrap().len(), 50);
}
