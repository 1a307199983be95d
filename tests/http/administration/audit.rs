//! Administrators read, filter and export the audit log.

use authflow::clock::Timestamp;
use authflow::domain::audit_event::{Event, Outcome};
use authflow::domain::id;
use authflow::domain::source::Source;
use authflow::error::Result;
use authflow::repositories::audit_events::{self, NewEvent};
use authflow::transaction;
use serde_json::Value;

use super::*;

/// The names of all entries of a list, over all its pages.
async fn listed(root: &Browser, query: &str) -> Vec<String> {
    let (mut all, mut path) = (Vec::new(), format!("/admin/audit?{query}"));
    loop {
        let page = root.get(&path).await;
        all.extend(page.is(200).each(".list th strong"));
        let next = page.select("a[rel=next]").into_iter().next();
        let Some(next) = next else { return all };
        path.clone_from(&next["href"]);
    }
}

async fn file(root: &Browser, name: &str, query: &str) -> String {
    let page = root.get(&format!("/admin/audit/export/{name}?{query}")).await;
    page.is(200);
    assert_eq!(page.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    assert_eq!(page.header("cache-control"), "no-store");
    page.body
}

#[tokio::test]
async fn the_log_is_filtered_by_person_event_outcome_and_time() {
    const REFUSED: &str = "Failed sign-in";
    let (app, _) = site().await;
    app.wait(86_400);
    let ada = app.person(ADA).await;
    app.browser().sign_in(ADA, "a wrong password of some length").await.is(401);
    let root = app.browser();
    root.sign_in("root@example.org", PASSWORD).await.goes_to("/dashboard");

    let page = root.get("/admin/audit").await;
    page.is(200).says("Signed in").says("Refused").says(ADA).says("root@example.org");
    let failed = root.get("/admin/audit?outcome=refused").await;
    assert_eq!(failed.each(".list tbody th"), [format!("{REFUSED} Refused")]);
    assert!(
        failed.inside(".list details").contains("Wrong password, or the account is not confirmed")
    );
    let all = listed(&root, "").await;
    assert_eq!(i64::try_from(all.len()).unwrap(), app.rows("audit_events").await);
    assert_eq!(listed(&root, "person=ada%40example.org&outcome=refused").await, [REFUSED]);
    assert_eq!(listed(&root, "outcome=refused").await, [REFUSED]);
    assert!(listed(&root, "event=registered").await.len() == 2);
    assert_eq!(listed(&root, "event=registered&person=Ada%40Example.org").await, ["Signed up"]);
    assert_eq!(listed(&root, "event=signed_in&outcome=refused").await.len(), 1);
    assert!(listed(&root, "event=password_changed").await.is_empty());
    let today = &app.app.clock.now().to_rfc3339()[..10];
    let yesterday =
        &app.app.clock.now().before(std::time::Duration::from_hours(24)).to_rfc3339()[..10];
    let of_today = listed(&root, &format!("from={today}")).await;
    let of_yesterday = listed(&root, &format!("until={yesterday}")).await;
    assert_eq!(of_today.len() + of_yesterday.len(), all.len());
    assert!(!of_yesterday.is_empty() && !of_today.is_empty());
    assert_eq!(
        listed(&root, &format!("from={yesterday}&until={yesterday}&event=registered")).await.len(),
        1
    );

    // Actions by an administrator and on an account are found even after the account is deleted.
    let user = root.get("/admin/users?search=ada").await.select(".list th a")[0]["href"].clone();
    let id = user.rsplit('/').next().unwrap().to_owned();
    root.press(&format!("{user}/delete"), "Delete account", &[]).await.goes_to("/admin/users");
    let page = root.get(&format!("/admin/audit?person={id}")).await;
    page.is(200).says("Account deleted by an administrator").says("root@example.org").says(&id);
    assert!(
        listed(&root, "person=root%40example.org")
            .await
            .contains(&"Account deleted by an administrator".to_owned())
    );
    assert!(!ada.is_signed_in().await);

    // An invalid filter is reported next to its field and keeps its value.
    let wrong = "person=ada%40example.org&event=x&outcome=y&from=yesterday&until=2026-02-30";
    let page = root.get(&format!("/admin/audit?{wrong}")).await;
    page.is(422)
        .says("No account has this email or handle")
        .says("There is no such event")
        .says("There is no such outcome");
    assert_eq!(page.each("p.error").len(), 5, "{}", page.text());
    assert_eq!(page.value("person").as_deref(), Some(ADA));
    assert_eq!(page.value("from").as_deref(), Some("yesterday"));
    root.get(&format!("/admin/audit/export/audit.csv?{wrong}")).await.is(422);
}

#[tokio::test]
async fn the_days_of_the_filter_are_those_of_the_readers_time_zone() {
    const DAY: i64 = 86_400;
    // 14 hours ahead of UTC.
    let app = TestApp::with(&[("DEFAULT_TIME_ZONE", "Pacific/Kiritimati")]).await;
    let until_noon = (12 * 3_600 - app.app.clock.now().0).rem_euclid(DAY);
    app.wait(until_noon.try_into().unwrap());
    let root = app.person("root@example.org").await;
    app.give_role("root@example.org", "admin").await;
    let in_utc = app.app.clock.now();
    let there = Timestamp(in_utc.0 + DAY).to_rfc3339()[..10].to_owned();
    let in_utc = in_utc.to_rfc3339()[..10].to_owned();
    root.get("/admin/audit").await.says("In your time zone, Pacific/Kiritimati");
    let found = async |query: String| listed(&root, &query).await.len();
    assert!(found(format!("from={there}&until={there}")).await > 0, "it is tomorrow there");
    assert_eq!(found(format!("from={in_utc}&until={in_utc}")).await, 0);
    let exported = |day: String| format!("from={day}&until={day}");
    assert!(file(&root, "audit.csv", &exported(there)).await.lines().count() > 1);
    assert_eq!(file(&root, "audit.csv", &exported(in_utc)).await.lines().count(), 1, "the header");
}

#[tokio::test]
async fn pages_skip_and_repeat_no_entry_while_entries_arrive() {
    let (app, root) = site().await;
    many(&app, 35).await;
    let first = root.get("/admin/audit?event=signed_out").await;
    assert_eq!(first.is(200).each(".list tbody tr").len(), 25);
    let next = first.select("a[rel=next]").into_iter().next();
    many(&app, 7).await;
    let second = root.get(&next.unwrap()["href"]).await;
    assert_eq!(second.is(200).each(".list tbody tr").len(), 10);
    let both = [first.each(".list details code"), second.each(".list details code")].concat();
    let expected: Vec<_> = (0..35).rev().map(|n| format!("request {n}")).collect();
    assert_eq!(both, expected);
    second.says("First page");
}

#[tokio::test]
async fn a_long_log_is_exported_in_full_without_formulas() {
    let (app, root) = site().await;
    let user_agent = "=HYPERLINK(\"https://evil.example\",\"x\"), \"quoted\"";
    let fields = [("email", ADA), ("password", "wrong password, that")];
    let login = root.copy();
    login.forget_cookie("authflow-refresh");
    let page = login.get("/auth/login").await;
    let form = page.form("Sign in");
    let headers =
        [("user-agent", user_agent), ("content-type", "application/x-www-form-urlencoded")];
    let body = encode(&form.filled(&fields)).into_bytes();
    login.send(reqwest::Method::POST, "/auth/login", &headers, Some(body)).await.is(401);
    many(&app, 5_000).await;

    let lines = file(&root, "audit.jsonl", "").await;
    let entries: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = usize::try_from(app.rows("audit_events").await).unwrap();
    assert_eq!(entries.len(), count, "every entry, including this download");
    assert!(
        entries.windows(2).all(|pair| pair[0]["id"].as_str() > pair[1]["id"].as_str()),
        "newest first"
    );
    assert_eq!(entries[0]["event"], "audit_exported");
    assert_eq!(
        (&entries[0]["actor"], &entries[0]["detail"]),
        (&"root@example.org".into(), &"everything".into())
    );

    let csv = file(&root, "audit.csv", "outcome=refused").await;
    assert!(csv.starts_with("id,at,event,outcome,actor_id,actor,subject_id,subject,detail,address,user_agent,request_id,count\r\n"));
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.contains("\"'=HYPERLINK(\"\"https://evil.example\"\""), "{csv}");
    let mut exports = app.audit_entries(Event::AuditExported).await;
    exports.retain(|entry| entry.detail.as_deref() == Some("outcome=refused"));
    assert_eq!(exports.len(), 1);

    app.wait(16 * 60);
    let confirm = root.get("/admin/audit/export/audit.csv?outcome=refused").await;
    confirm.goes_to("/auth/confirm-password?return_to=%2Fadmin%2Faudit%3Foutcome%3Drefused");
    root.get("/admin/audit/export/audit.xml").await.is(404);
}

/// Fills the log with as many entries as years of use.
async fn many(app: &TestApp, count: i64) {
    let now = app.app.clock.now();
    let put = transaction!(app.app.db, |tx| -> Result<_> {
        for n in 0..count {
            let source = Source::new([192, 0, 2, 7].into(), "x", format!("request {n}"));
            let event = NewEvent {
                event: Event::SignedOut,
                outcome: Outcome::Success,
                actor: None,
                subject: None,
                detail: None,
                source: &source,
                merge_key: None,
            };
            audit_events::put(tx, id::new(now), &event, now).await?;
        }
        Ok(())
    });
    put.unwrap();
}

/// Checks the SQL in the source: log entries are only added, and deleted by age. The one exception is the statement that adds: it
/// may raise the count of an entry.
#[test]
fn no_statement_changes_a_log_entry() {
    let mut found = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            for words in [
                "UPDATE audit_events",
                "DELETE FROM audit_events",
                "TRUNCATE audit_events",
                "DROP TABLE audit_events",
            ] {
                for _ in 0..text.matches(words).count() {
                    found.push(format!("{name}: {words}"));
                }
            }
        }
    }
    assert_eq!(found, ["audit_events.rs: DELETE FROM audit_events"]);
}

#[tokio::test]
async fn an_event_of_a_later_version_is_shown_by_its_name() {
    let (app, root) = site().await;
    app.change("UPDATE audit_events SET event = 'moved_house', detail = 'to Kent' WHERE event = 'email_verified'").await;
    let user = format!("/admin/users/{}", app.user("root@example.org").await.id);
    for path in ["/admin/audit", "/profile/activity", &user] {
        root.get(path).await.is(200).says("Unknown event: moved_house");
    }
    root.get("/admin/audit").await.says("to Kent");
    assert!(file(&root, "audit.csv", "").await.contains(",moved_house,success,"));
    assert!(file(&root, "audit.jsonl", "").await.contains("\"event\":\"moved_house\""));
    root.get("/profile/export").await.is(200).says("moved_house");
}
