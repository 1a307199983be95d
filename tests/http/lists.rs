//! Lists with very many rows: no response grows with them, and their pages show every row once.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use authflow::db::{Db, Result, query};
use authflow::domain::audit_event::Event;
use authflow::transaction;
use serde_json::Value;

use super::support::*;

/// The most that a page of a list may have.
const PAGE: usize = 100_000;
/// The most that a response of the API may have.
const ANSWER: usize = 64_000;
/// The number of rows that are added after others. It is a multiple of 3,600, so that they were seen last.
const LATER: u32 = 3_600_000;

/// Adds rows in the database, with the numbers in `rows`. In `values`, `n` is the number of the row, `@id` and `@hash` come from it, `@user`
/// is Ada and `@now` the time.
async fn fill(app: &TestApp, rows: RangeInclusive<u32>, columns: &str, values: &str) {
    let is_sqlite = matches!(app.app.db, Db::Sqlite { .. });
    let (id, hash, user) = if is_sqlite {
        ("unhex(printf('%032x', n))", "unhex(printf('%064x', n))", "$1")
    } else {
        let id = "CAST(lpad(to_hex(n), 32, '0') AS UUID)";
        (id, "decode(lpad(to_hex(n), 64, '0'), 'hex')", "CAST($1 AS UUID)")
    };
    let values = values
        .replace("@id", id)
        .replace("@hash", hash)
        .replace("@user", user)
        .replace("@now", &app.app.clock.now().0.to_string());
    let (first, last) = (rows.start(), rows.end());
    // The parameter is used even if no value has it.
    let sql = format!(
        "INSERT INTO {columns}
         WITH RECURSIVE series (n) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT n + 1 FROM series WHERE n < {last})
         SELECT {values} FROM series WHERE {user} IS NOT NULL"
    );
    let (sql, ada): (&'static str, _) = (Box::leak(sql.into_boxed_str()), app.user(ADA).await.id);
    let added =
        transaction!(app.app.db, |tx| -> Result<_> { query(tx, sql).bind(ada).execute().await });
    assert_eq!(added.unwrap(), u64::from(last - first + 1));
}

/// Adds sessions. Every `ended`th has ended; 0: none. Not by signing in, which ends sessions of an account that has many.
pub async fn add_sessions(app: &TestApp, rows: RangeInclusive<u32>, ended: u32) {
    let ended =
        if ended == 0 { "NULL".into() } else { format!("CASE WHEN n % {ended} = 0 THEN @now END") };
    let values = format!(
        "@id, @user, @hash, 1, @now, TRUE, 'pwd', @now - 9000, @now - 9000, @now - n % 3600, @now + 90000,
         '192.0.2.' || n % 256, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', {ended}"
    );
    let columns = "sessions (id, user_id, seed, generation, generation_at, remember, amr, created_at,
                             authenticated_at, last_seen_at, expires_at, address, user_agent, ended_at)";
    fill(app, rows, columns, &values).await;
}

/// Adds failed emails, of which every other one is to the address without an account.
pub async fn add_emails(app: &TestApp, rows: u32) {
    let values = "@id, 'reset_password', CASE WHEN n % 2 = 0 THEN @user END, 'ada@example.org', '192.0.2.1', 'failed', 9,
                  @now, @now - 9000 + n % 90, @now, 'email ' || n || ' refused: 550 5.7.1 ' || @long";
    let values = values.replace("@long", &format!("'{}'", "so it was refused ".repeat(10)));
    let columns = "outbox (id, kind, user_id, recipient, address, state, attempts, due_at, created_at, finished_at, last_error)";
    fill(app, 1..=rows, columns, &values).await;
}

pub async fn add_invitations(app: &TestApp, rows: u32) {
    let columns = "invitations (id, hash, email, roles, created_at, created_by, expires_at)";
    let email = format!("'guest' || n || '@{}.example.org'", "long".repeat(15));
    let values = format!("@id, @hash, {email}, 'family', @now, @user, @now + 604800");
    fill(app, 1..=rows, columns, &values).await;
}

pub async fn add_entries(app: &TestApp, rows: u32) {
    let columns = "audit_events (id, at, event, outcome, actor_id, subject_id, address, user_agent, request_id)";
    let values = "@id, @now - 9000 + n % 90, 'signed_out', 'success', @user, @user, '192.0.2.1', @agent, 'request ' || n";
    let values = values.replace("@agent", &format!("'{}'", "Lynx/2.9 ".repeat(44)));
    fill(app, 1..=rows, columns, &values).await;
}

/// Adds entries as a browser causes them.
pub async fn add_requests(app: &TestApp, rows: u32) {
    let columns = "audit_events (id, at, event, outcome, actor_id, subject_id, address, user_agent, request_id)";
    let values = "@id, @now - 9000 + n % 90, 'password_confirmed', CASE WHEN n % 4 = 0 THEN 'refused' ELSE 'success' END,
                  @user, @user, '192.0.2.' || n, @agent, '019adf6b-1c40-7000-8000-0000000000' || (10 + n)";
    let agent = "'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'";
    fill(app, 1..=rows, columns, &values.replace("@agent", agent)).await;
}

pub async fn add_users(app: &TestApp, rows: u32) {
    let columns = "users (id, email, email_key, username, name_key, credential_version, created_at, activated_at)";
    let values = "@id, 'user' || n || '@example.org', 'user' || n || '@example.org', 'User ' || n, 'user ' || n, 1,
                  @now - n, @now";
    fill(app, 1..=rows, columns, values).await;
}

/// Ada is an administrator.
async fn site() -> (TestApp, Browser, String) {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let user = format!("/admin/users/{}", app.user(ADA).await.id);
    (app, ada, user)
}

/// Where the link to the next page of the list in this section leads.
fn next(page: &Page, section: &str) -> Option<String> {
    step(page, section, "next")
}

fn step(page: &Page, section: &str, rel: &str) -> Option<String> {
    let links = page.select(&format!("{section} a[rel={rel}]"));
    links.into_iter().next().map(|it| it["href"].clone())
}

/// The rows of all pages of a list, page by page.
async fn walk(browser: &Browser, path: &str, section: &str) -> Vec<Vec<String>> {
    walk_by(browser, path, section, "next").await
}

async fn walk_by(browser: &Browser, path: &str, section: &str, rel: &str) -> Vec<Vec<String>> {
    let (mut pages, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(here) = path {
        let page = browser.get(&here).await;
        pages.push(rows(page.is(200), section));
        path = step(&page, section, rel);
        assert!(pages.len() < 100, "the pages never end");
    }
    pages
}

/// The rows of the list in this section, without what differs each time.
fn rows(page: &Page, section: &str) -> Vec<String> {
    page.each(&format!("{section} .list tbody tr"))
}

/// Every list of the pages, with its section.
fn lists(user: &str) -> [(&str, &'static str); 9] {
    [
        ("/profile/sessions", ""),
        ("/profile/activity", ""),
        ("/admin/users", ""),
        ("/admin/invitations", ""),
        ("/admin/emails", ""),
        ("/admin/emails?state=failed", ""),
        ("/admin/audit", ""),
        (user, "#sessions"),
        (user, "#emails"),
    ]
}

/// The rows of all pages, which have to be different.
fn distinct(pages: &[Vec<String>]) -> BTreeSet<&String> {
    let all: BTreeSet<_> = pages.iter().flatten().collect();
    assert_eq!(all.len(), pages.iter().map(Vec::len).sum::<usize>(), "a row appears twice");
    all
}

#[tokio::test]
async fn no_response_grows_with_the_rows_behind_it() {
    let (app, ada, user) = site().await;
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
async fn pages_of_sessions_show_each_session_once_and_this_one_first() {
    let (app, ada, user) = site().await;
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
    let (app, ada, _) = site().await;
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
    let (app, ada, user) = site().await;
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
    let (app, ada, user) = site().await;
    add_sessions(&app, 1..=80, 0).await;
    add_emails(&app, 80).await;
    add_invitations(&app, 80).await;
    add_entries(&app, 80).await;
    add_users(&app, 80).await;
    let orders = ["name", "address", "last-sign-in"].map(|it| format!("/admin/users?sort={it}"));
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
    let (app, ada, _) = site().await;
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
    let (app, ada, user) = site().await;
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
async fn lists_say_how_many_rows_they_have() {
    let (app, ada, _) = site().await;
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
    let (app, ada, _) = site().await;
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

/// The most that a page with a list of 25 rows may weigh, with its style sheet.
const WEIGHT: usize = 45_000;
/// How many bytes more another list of 25 rows may have.
const ANOTHER: usize = 15_000;

#[tokio::test]
async fn a_page_of_25_rows_is_light() {
    let (app, ada, user) = site().await;
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

#[tokio::test]
async fn paging_one_list_of_a_user_leaves_the_other_where_it_is() {
    let (app, ada, user) = site().await;
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
    let (app, ada, user) = site().await;
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

#[tokio::test]
async fn an_export_has_every_row_of_a_long_history() {
    let (app, ada, _) = site().await;
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
    let (app, ..) = site().await;
    add_emails(&app, 1_200).await;
    assert_eq!(app.retry_emails().await, 1_200);
    let entries = app.audit_entries(Event::EmailsRetried).await;
    let counts: Vec<_> = entries.iter().map(|it| it.detail.as_deref().unwrap()).collect();
    assert_eq!(counts, ["200", "500", "500"]);
}
