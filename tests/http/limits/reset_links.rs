//! Reset links requested by strangers do not cost owners theirs.

use super::*;

#[tokio::test]
async fn reset_requests_by_strangers_never_leave_the_owner_without_a_working_link() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let strangers = ["198.51.100.7", "203.0.113.9", "2001:db8::7"].map(|at| app.browser_at(at));
    let owner = app.browser_at("192.0.2.200");
    // Over a day, strangers request links as often as they can, and the owner at irregular times.
    let mut links = Vec::new();
    for round in 0..30 {
        for stranger in &strangers {
            forgot(stranger, ADA).await;
        }
        app.wait(300 + 60 * (round % 7));
        forgot(&owner, ADA).await;
        let link = app.path_in(ADA, RESET).await;
        owner.get(&link).await.is(200);
        links.push(link);
        app.wait(19 * 60); // shortly before the shortest validity of a link
        owner.get(links.last().unwrap()).await.is(200);
        app.wait(60 * (round % 11));
    }
    let hours = 24;
    assert!(count_of(&app, ADA, RESET).await <= hours * 6, "at most one every 10 minutes");
}

#[tokio::test]
async fn short_lived_links_are_sent_more_often() {
    let app = TestApp::with(&[("RESET_TOKEN_TTL", "4m")]).await;
    app.person(ADA).await;
    let (stranger, owner) = (app.browser_at("198.51.100.7"), app.browser());
    forgot(&stranger, ADA).await;
    app.mails().await;
    app.wait(119);
    forgot(&owner, ADA).await;
    assert_eq!(count_of(&app, ADA, RESET).await, 1);
    app.wait(1);
    forgot(&owner, ADA).await;
    assert_eq!(count_of(&app, ADA, RESET).await, 2);
}

#[tokio::test]
async fn after_a_reset_the_next_link_is_sent_at_once() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let owner = app.browser();
    forgot(&owner, ADA).await;
    let first = app.path_in(ADA, RESET).await;
    owner.press(&first, "Set password", &NEW).await.goes_to("/auth/login");
    forgot(&owner, ADA).await;
    let second = app.path_in(ADA, RESET).await;
    assert_ne!(first, second);
    owner.get(&second).await.is(200);
}

#[tokio::test]
async fn a_stranger_in_the_owners_network_cannot_block_a_reset_link() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (stranger, owner) = (app.browser(), app.browser());
    for n in 0..30 {
        forgot(&stranger, &format!("user{n}@example.org")).await;
    }
    for _ in 0..59 {
        stranger.sign_up_as("Eve", "eve@example.org", "password1").await.is(422);
    }
    stranger.sign_up_as("Eve", "eve@example.org", "password1").await.is(429);
    app.wait(60); // past the network's limit on forms
    forgot(&owner, ADA).await;
    let link = app.path_in(ADA, RESET).await;
    // A flood of forms from the network blocks requests with invalid links, but not with valid ones.
    let page = owner.get(&link).await;
    for _ in 0..260 {
        stranger.post("/auth/login", &[]).await;
    }
    stranger.post("/auth/login", &[]).await.is(429);
    stranger
        .post("/auth/reset-password/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &[])
        .await
        .is(429);
    owner.press_on(&page, "Set password", &NEW).await.goes_to("/auth/login");
}

#[tokio::test]
async fn reset_links_of_sign_ups_count_as_emails_of_strangers() {
    let app = TestApp::start().await;
    for n in 0..3 {
        let browser = app.browser_at(&format!("198.51.{n}.7"));
        browser.sign_up_as("Eve", &format!("ada+{n}@example.org"), PASSWORD).await.is(303);
    }
    deliver_all(&app.app).await;
    for n in 0..3 {
        forgot(&app.browser(), &format!("ada+{n}@example.org")).await;
    }
    for n in 0..3 {
        assert_eq!(count_of(&app, &format!("ada+{n}@example.org"), RESET).await, 0, "{n}");
    }
    // A person who forgot the password of an unconfirmed sign-up gets one link.
    app.browser().sign_up_as("Bob", "bob@example.org", PASSWORD).await.is(303);
    forgot(&app.browser(), "bob@example.org").await;
    assert_eq!(count_of(&app, "bob@example.org", RESET).await, 1);
}
