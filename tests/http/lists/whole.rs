//! What takes all rows of a list takes each of them once.

use authflow::domain::audit_event::Event;
use serde_json::Value;

use super::*;

#[tokio::test]
async fn an_export_has_every_row_of_a_long_history() {
    let (app, ada, _) = TestApp::administered().await;
    add_sessions(&app, 1..=1_100, 2).await;
    add_emails(&app, 2_100).await;
    add_entries(&app, 1_000).await;
    let entries = app.count("SELECT COUNT(*) FROM audit_events WHERE subject_id IS NOT NULL").await;
    let file = ada.get("/profile/export").await;
    let data: Value = serde_json::from_str(&file.is(200).body).unwrap();
    let rows = |list: &str| data[list].as_array().unwrap().len();
    assert_eq!(rows("sessions"), 1_101);
    assert_eq!(
        rows("mails"),
        1_050 + app.emails_to(ADA).await.iter().filter(|it| it.last_error.is_none()).count()
    );
    assert_eq!(i64::try_from(rows("auditEntries")).unwrap(), entries + 1, "and the export itself");
}

#[tokio::test]
async fn all_of_many_failed_emails_are_retried() {
    let (app, ..) = TestApp::administered().await;
    add_emails(&app, 1_200).await;
    assert_eq!(app.retry_emails().await, 1_200);
    let entries = app.audit_entries(Event::EmailsRetried).await;
    let counts: Vec<_> = entries.iter().map(|it| it.detail.as_deref().unwrap()).collect();
    assert_eq!(counts, ["200", "500", "500"]);
}
