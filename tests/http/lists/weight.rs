//! No response grows with the rows behind it, and a page of a list is light.

use super::*;

/// The most that a page of a list may have.
const PAGE: usize = 100_000;
/// The most that a response of the API may have.
const ANSWER: usize = 64_000;
/// The most that a page with a list of 25 rows may weigh, with its style sheet.
const WEIGHT: usize = 45_000;
/// How many bytes more another list of 25 rows may have.
const ANOTHER: usize = 15_000;

#[tokio::test]
async fn no_response_grows_with_the_rows_behind_it() {
    let (app, ada, user) = TestApp::administered().await;
    let api = app.signed_in_api().await;
    add_sessions(&app, 1..=100_000, 2).await;
    add_emails(&app, 20_000).await;
    add_invitations(&app, 20_000).await;
    add_entries(&app, 20_000).await;
    add_users(&app, 20_000).await;
    for (path, section) in lists(&user) {
        let first = ada.get(path).await;
        let following = next(first.is(200), section).expect(path);
        let second = ada.get(&following).await;
        for page in [&first, second.is(200)] {
            assert_eq!(rows(page, section).len(), 25, "{path}");
            assert!(page.body.len() < PAGE, "{path}: {} bytes", page.body.len());
        }
        if !path.ends_with("/sessions") && section != "#sessions" {
            first.says("25 of more than 10,000").says("10,000+");
        }
    }
    for path in ["/dashboard", "/profile/delete", "/admin/doctor"] {
        let page = ada.get(path).await;
        assert!(page.is(200).body.len() < PAGE, "{path}: {} bytes", page.body.len());
    }

    let answer = api.get("/api/auth/sessions").await;
    assert_eq!(answer.is(200).value["sessions"].as_array().unwrap().len(), 100);
    let length = answer.value.to_string().len();
    assert!(length < ANSWER, "{length} bytes");
}

#[tokio::test]
async fn a_page_of_25_rows_is_light() {
    let (app, ada, user) = TestApp::administered().await;
    add_sessions(&app, 1..=30, 0).await;
    add_emails(&app, 30).await;
    app.change(
        "UPDATE outbox SET last_error = 'the server refused the email: 550 5.1.1 <ada@example.org>: User unknown'
         WHERE state = 'failed'",
    )
    .await;
    add_invitations(&app, 30).await;
    add_requests(&app, 30).await;
    add_users(&app, 30).await;
    let style = &ada.get("/admin/users").await.select("link[rel=stylesheet]")[0]["href"];
    let style = ada.get(style).await.is(200).body.len();
    let mut heavy = Vec::new();
    for language in ["en", "de"] {
        app.change("UPDATE users SET language = NULL").await;
        ada.set_cookie("authflow-language", language);
        for (path, section) in lists(&user) {
            if section.is_empty() {
                let page = ada.get(path).await;
                assert_eq!(rows(page.is(200), section).len(), 25, "{path}");
                if page.body.len() + style >= WEIGHT {
                    heavy.push(format!("{path} ({language}): {} + {style}", page.body.len()));
                }
            }
        }
        let page = ada.get(&user).await;
        let (sessions, emails) = (rows(page.is(200), "#sessions"), rows(&page, "#emails"));
        assert_eq!((sessions.len(), emails.len()), (25, 25));
        if page.body.len() + style >= WEIGHT + ANOTHER {
            heavy.push(format!("{user} ({language}): {} + {style}", page.body.len()));
        }
    }
    assert!(heavy.is_empty(), "{}", heavy.join("\n"));
}
