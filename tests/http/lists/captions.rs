//! What lists say about themselves: how many rows they have, which of them are shown, and in which time zone.

use super::*;

#[tokio::test]
async fn lists_say_how_many_rows_they_have() {
    let (app, ada, _) = TestApp::administered().await;
    let count = async |path: &str| ada.get(path).await.each("h1 .count");
    assert_eq!(count("/admin/users").await, ["1"]);
    assert!(count("/admin/users?search=unknown").await.is_empty(), "the page says that in words");
    add_users(&app, 1_311).await;
    assert_eq!(count("/admin/users").await, ["1,312"]);
    ada.get("/admin/users").await.says("25 of 1,312");
    ada.get("/admin/users?per_page=100").await.says("100 of 1,312");
    assert_eq!(count("/admin/users?search=user13").await, ["23"], "13, 130 to 139, 1300 to 1311");
    let short = ada.get("/admin/users?search=user13").await;
    assert!(short.select(".pager li").is_empty(), "all of them are here");
    short.says("Times are in the time zone UTC.");
    assert!(short.is(200).select("a[rel=next]").is_empty());
    add_sessions(&app, 1..=30, 0).await;
    assert_eq!(count("/profile/sessions").await, ["31"]);
    let second = next(&ada.get("/profile/sessions").await, "").unwrap();
    assert_eq!(count(&second).await, ["31"]);
}

#[tokio::test]
async fn pages_say_which_rows_they_have() {
    let (app, ada, _) = TestApp::administered().await;
    add_invitations(&app, 62).await;
    let first = ada.get("/admin/invitations").await;
    let second = ada.get(&next(first.says("1–25 of 62"), "").unwrap()).await;
    let last = ada.get(&next(second.says("25 of 62"), "").unwrap()).await;
    last.says("51–62 of 62").says("First page");
    // The list becomes short while its reader is on a later page, from which the others can still be reached.
    app.change("DELETE FROM invitations WHERE email LIKE 'guest2%' OR email LIKE 'guest3%' OR email LIKE 'guest4%'").await;
    app.change("DELETE FROM invitations WHERE email LIKE 'guest5%' OR email LIKE 'guest6%'").await;
    let page = ada.get(&second.path).await;
    assert_eq!(rows(&page, "").len(), 14, "1, 7 to 9 and 10 to 19");
    let back = step(&page, "", "prev").expect("a link to the rows before");
    assert!(next(&page, "").is_none() && rows(&ada.get(&back).await, "").len() == 14);
}

#[tokio::test]
async fn times_in_lists_are_also_for_programs_and_name_their_zone_once() {
    let app = TestApp::with(&[("DEFAULT_TIME_ZONE", "Europe/Berlin")]).await;
    let ada = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let user = format!("/admin/users/{}", app.user(ADA).await.id);
    add_invitations(&app, 1).await;
    let now = app.app.clock.now().to_rfc3339();
    for (path, section) in lists(&user) {
        let page = ada.get(path).await;
        let cells = page.select(&format!("{section} .list time"));
        let is_long = path.starts_with("/admin/audit");
        let expected = if is_long { now.clone() } else { format!("{}Z", &now[..16]) };
        if rows(page.is(200), section).is_empty() {
            continue; // no email has failed
        }
        assert!(cells.iter().any(|it| it["datetime"] == expected), "{path}: {cells:?}");
        page.says("Times are in the time zone Europe/Berlin.");
        for row in rows(&page, section) {
            assert!(!row.contains("CET") && !row.contains("CEST"), "{path}: {row}");
        }
    }
    let audit = ada.get("/admin/audit").await;
    let shown = audit.each(".list time small");
    assert!(shown.iter().all(|it| it.split(':').count() == 3), "with seconds: {shown:?}");
}
