//! The pages of a list show every row once, in both directions and while rows are added.

use serde_json::Value;

use super::seed::LATER;
use super::*;

#[tokio::test]
async fn pages_of_sessions_show_each_session_once_and_this_one_first() {
    let (app, ada, user) = TestApp::administered().await;
    add_sessions(&app, 1..=140, 2).await;
    let list = "/profile/sessions";
    let mut found = Vec::new();
    let mut path = Some(list.to_owned());
    while let Some(here) = path {
        let page = ada.get(&here).await;
        assert_eq!(page.is(200).text().contains("this device"), found.is_empty());
        let buttons = page.select("main button[name=id]");
        found.push(buttons.into_iter().map(|it| it["value"].clone()).collect());
        // A session that starts now is above what was shown, and pushes no row to the next page.
        let new = LATER + u32::try_from(found.len()).unwrap();
        add_sessions(&app, new..=new, 0).await;
        path = next(&page, "");
    }
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 21]);
    assert_eq!(distinct(&found).len(), 71);
    let rows = walk(&ada, &user, "#sessions").await;
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 24]);
}

#[tokio::test]
async fn a_session_ended_on_a_later_page_leads_back_to_that_page() {
    let (app, ada, _) = TestApp::administered().await;
    add_sessions(&app, 1..=26, 0).await;
    let second = next(&ada.get("/profile/sessions").await, "").unwrap();
    let page = ada.get(&second).await;
    assert_eq!(rows(&page, "").len(), 2);
    ada.press_on(&page, "End session", &[]).await.goes_to(&second);
    let page = ada.get(&second).await;
    assert_eq!(rows(page.says("The session has been ended."), "").len(), 1);
    assert!(page.text().contains("Sign out everywhere else") && page.text().contains("First page"));
    // The page has no sessions left, so the first one is shown.
    ada.press_on(&page, "End session", &[]).await.goes_to(&second);
    let page = ada.get(&second).await;
    page.says("The session has been ended.").says("this device");
    assert_eq!(rows(&page, "").len(), 25);
    assert!(!page.text().contains("First page"));
    assert!(!page.form("Sign out here").action.contains("after="));
}

#[tokio::test]
async fn pages_of_other_lists_show_each_row_once_while_rows_are_added() {
    let (app, ada, user) = TestApp::administered().await;
    add_emails(&app, 120).await;
    add_invitations(&app, 120).await;
    add_entries(&app, 120).await;
    let mut guests = 0;
    for (path, section, selector) in [
        (user.as_str(), "#emails", "#emails tbody tr"),
        ("/admin/emails?state=failed", "", ".list details"),
        ("/admin/invitations", "", ".list th a"),
        ("/admin/audit?event=signed_out", "", ".list details code"),
    ] {
        let (mut pages, mut here) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = here {
            let page = ada.get(&path).await;
            pages.push(page.is(200).each(selector));
            here = next(&page, section);
            guests += 1;
            let email = format!("another{guests}@example.org");
            let fields = [("days", "7"), ("email", &email)];
            ada.press("/admin/users/invite", "Create invitation", &fields).await.is(303);
        }
        assert!(pages[..pages.len() - 1].iter().all(|page| page.len() == 25), "{path}");
        assert!(distinct(&pages).len() >= 120, "{path}");
    }
    let activity = walk(&ada, "/profile/activity", "").await;
    assert_eq!(activity[0].len(), 25);
    assert!(activity.iter().map(Vec::len).sum::<usize>() > 120);
}

#[tokio::test]
async fn every_list_is_the_same_forward_and_backward() {
    let (app, ada, user) = TestApp::administered().await;
    add_sessions(&app, 1..=80, 0).await;
    add_emails(&app, 80).await;
    add_invitations(&app, 80).await;
    add_entries(&app, 80).await;
    add_users(&app, 80).await;
    let orders = ["name", "email", "last-sign-in"].map(|it| format!("/admin/users?sort={it}"));
    let filters = ["person=ada%40example.org", "event=signed_out", "from=2020-01-01"];
    let filters = filters.map(|it| format!("/admin/audit?{it}"));
    let narrowed = orders.iter().chain(&filters).map(|path| (path.as_str(), ""));
    for (path, section) in lists(&user).into_iter().chain(narrowed) {
        let forward = walk(&ada, path, section).await;
        assert!(forward.len() >= 3, "{path}");
        let mut last = path.to_owned();
        while let Some(next) = next(&ada.get(&last).await, section) {
            last = next;
        }
        let mut backward = walk_by(&ada, &last, section, "prev").await;
        backward.reverse();
        assert_eq!(backward.concat(), forward.concat(), "{path}");
        assert!(step(&ada.get(path).await, section, "prev").is_none(), "{path}");
    }
}

#[tokio::test]
async fn the_page_before_follows_the_rows_that_were_added_or_deleted() {
    let (app, ada, _) = TestApp::administered().await;
    add_invitations(&app, 60).await;
    let list = "/admin/invitations";
    let first = ada.get(list).await;
    let second = ada.get(&next(&first, "").unwrap()).await;
    let back = step(&second, "", "prev").unwrap();
    assert_eq!(rows(&ada.get(&back).await, ""), rows(&first, ""));
    // With new rows above, the page before has the rows that it had, and there is another page before it.
    for n in 0..3 {
        let email = format!("another{n}@example.org");
        let fields = [("days", "7"), ("email", &*email)];
        ada.press("/admin/users/invite", "Create invitation", &fields).await.is(303);
    }
    let page = ada.get(&back).await;
    assert_eq!(rows(&page, ""), rows(&first, ""));
    let newest = ada.get(&step(&page, "", "prev").unwrap()).await;
    assert_eq!(rows(&newest, "").len(), 25, "a first page is full");
    assert!(rows(&newest, "")[0].contains("another2") && step(&newest, "", "prev").is_none());
    // Without the rows above, it is the first page.
    app.change("DELETE FROM invitations WHERE created_at > 0 AND email NOT LIKE 'guest1@%'").await;
    let page = ada.get(&back).await;
    assert_eq!(rows(&page, "").len(), 1);
    let after = ada.get(&next(&first, "").unwrap()).await;
    assert_eq!(rows(&after, ""), rows(&page, ""), "a page without rows is the first one");
}

#[tokio::test]
async fn readers_choose_how_many_rows_a_page_has() {
    let (app, ada, user) = TestApp::administered().await;
    add_sessions(&app, 1..=120, 0).await;
    add_emails(&app, 120).await;
    add_invitations(&app, 120).await;
    add_entries(&app, 120).await;
    add_users(&app, 120).await;
    for (path, section) in lists(&user) {
        let page = ada.get(path).await;
        let sizes = page.each(&format!("{section} .pager li"));
        assert!(sizes.ends_with(&["50".into(), "100".into(), "Next page".into()]), "{sizes:?}");
        for (size, count) in [("50", 50), ("100", 100)] {
            let links = page.select(&format!("{section} .pager a[href*='per_page={size}']"));
            let larger = ada.get(&links[0]["href"]).await;
            assert_eq!(rows(&larger, section).len(), count, "{path}");
            assert!(larger.each(&format!("{section} .pager [aria-current]")) == [size]);
            // Pages and filters keep it.
            let next = next(&larger, section).unwrap();
            assert!(next.contains(&format!("per_page={size}")), "{next}");
            let kept = larger.select("form[role=search] input[name=per_page]");
            assert!(kept.iter().all(|it| it["value"] == size), "{path}");
            assert_eq!(kept.len(), larger.select("form[role=search]").len(), "{path}");
        }
        let mark = if path.contains('?') { '&' } else { '?' };
        for size in ["", "0", "10", "26", "1000", "-50", "x"] {
            let page = ada.get(&format!("{path}{mark}per_page={size}")).await;
            assert_eq!(rows(page.is(200), section).len(), 25, "{path} {size}");
        }
    }
    // A session that is ended on a page of 50 leads back to it.
    let page = ada.get("/profile/sessions?per_page=50").await;
    let second = next(&page, "").unwrap();
    let page = ada.get(&second).await;
    ada.press_on(&page, "End session", &[]).await.goes_to(&second);
}

#[tokio::test]
async fn paging_one_list_of_a_user_leaves_the_other_where_it_is() {
    let (app, ada, user) = TestApp::administered().await;
    add_sessions(&app, 1..=60, 0).await;
    add_emails(&app, 60).await;
    let (sessions, emails) = ("#sessions tbody tr", "#emails tbody tr");
    let first = ada.get(&user).await;
    let second = ada.get(&next(&first, "#sessions").unwrap()).await;
    let both = ada.get(&next(&second, "#emails").unwrap()).await;
    both.is(200);
    assert_eq!(both.each(sessions), second.each(sessions));
    assert_ne!(both.each(sessions), first.each(sessions));
    assert_ne!(both.each(emails), second.each(emails));
    let last = ada.get(&next(&both, "#sessions").unwrap()).await;
    assert_eq!(last.each(emails), both.each(emails));
    assert_ne!(last.each(sessions), both.each(sessions));
}

#[tokio::test]
async fn text_that_is_not_a_cursor_shows_the_first_page() {
    let (app, ada, user) = TestApp::administered().await;
    add_sessions(&app, 1..=30, 0).await;
    add_emails(&app, 30).await;
    let long = "9".repeat(3_000);
    for (list, section) in [
        ("/profile/sessions", ""),
        ("/profile/activity", ""),
        ("/admin/users", ""),
        ("/admin/invitations", ""),
        ("/admin/emails", ""),
        ("/admin/audit", ""),
        (user.as_str(), "sessions_"),
        (user.as_str(), "emails_"),
        ("/dev/mail", ""),
    ] {
        let first = rows(ada.get(list).await.is(200), "").len();
        for text in ["", "x", ".", "1.x", "1", "'", "%3Cb%3E", "%F0%9F%92%A9", &long] {
            for cursor in ["after", "before"] {
                let page = ada.get(&format!("{list}?{section}{cursor}={text}")).await;
                assert_eq!(rows(page.is(200), "").len(), first, "{list} {text}");
            }
        }
    }
}

#[tokio::test]
async fn programs_list_sessions_page_by_page() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let api = app.signed_in_api().await;
    add_sessions(&app, 1..=300, 3).await;
    let ids = |value: &Value| -> Vec<String> {
        let sessions = value["sessions"].as_array().unwrap();
        sessions.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    // Programs that know nothing of pages get as many as before, up to the limit.
    let first = api.get("/api/auth/sessions").await;
    assert_eq!(ids(&first.is(200).value).len(), 100);
    let (mut pages, mut path) = (Vec::new(), "/api/auth/sessions?limit=30".to_owned());
    loop {
        let page = api.get(&path).await;
        pages.push(ids(&page.is(200).value));
        let new = LATER + u32::try_from(pages.len()).unwrap();
        add_sessions(&app, new..=new, 0).await;
        let Some(next) = page.value["next"].as_str() else { break };
        path = format!("/api/auth/sessions?limit=30&after={next}");
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [30, 30, 30, 30, 30, 30, 22]);
    assert_eq!(distinct(&pages).len(), 202);

    for (query, field) in [
        ("after=", "after"),
        ("after=x", "after"),
        ("after=1.x", "after"),
        ("limit=", "limit"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
    ] {
        let answer = api.get(&format!("/api/auth/sessions?{query}")).await;
        answer.refuses(422, "invalid_fields");
        assert!(answer.value["fields"][field].is_string(), "{query}");
    }
    let both = api.get("/api/auth/sessions?limit=0&after=0").await;
    assert_eq!(both.value["fields"].as_object().unwrap().len(), 2);
    let past_the_end = "1.00000000-0000-0000-0000-000000000000";
    let answer = api.get(&format!("/api/auth/sessions?after={past_the_end}")).await;
    assert!(answer.is(200).value["sessions"].as_array().unwrap().is_empty());
}
