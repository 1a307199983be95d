//! The first page of the administration: figures of the whole site, and whether anything needs attention.

use super::*;

/// The rows of the table below the chart: a day, the sign-ins that succeeded, and those that failed.
fn days(page: &Page) -> Vec<(String, String, String)> {
    let (days, counts) = (page.each("table.days tbody th"), page.each("table.days tbody td"));
    let row = |(day, counts): (String, &[String])| (day, counts[0].clone(), counts[1].clone());
    days.into_iter().zip(counts.chunks(2)).map(row).collect()
}

#[tokio::test]
async fn the_overview_counts_accounts_sign_ins_and_emails() {
    let (app, root) = site().await;
    app.person(ADA).await;
    app.browser().sign_up("eve@example.org").await;
    app.browser().sign_up("bob@example.org").await;
    app.disable("bob@example.org").await;
    let page = root.get("/admin").await;
    page.is(200).says("4 users").says("2 Active").says("1 Email not confirmed").says("1 Disabled");
    page.says("0 Awaiting approval").says("Successful: 2").says("Failed attempts: 0");
    assert_eq!(page.select("a[href='/admin/users?status=disabled']").len(), 1);
    assert_eq!(page.inside("nav a[aria-current]"), "Administration");
    assert_eq!(page.each(".sections a[aria-current]"), ["Overview"]);
    assert!(page.select(".figures .warn").is_empty(), "no one awaits approval");

    // Refused attempts of one minute are one entry, which counts them.
    let stranger = app.browser();
    for _ in 0..3 {
        stranger.sign_in(ADA, "wrong").await.is(401);
    }
    let page = root.get("/admin").await;
    page.says("Successful: 2").says("Failed attempts: 3");
    let label = &page.select(".chart svg[role=img]")[0]["aria-label"];
    assert!(
        label.contains("2 successful sign-ins and 3 failed attempts, at most 5 in one day"),
        "{label}"
    );
    let rows = days(&page);
    let counts: Vec<_> = rows.iter().map(|(_, done, failed)| (&**done, &**failed)).collect();
    assert!(counts.len() == 30 && counts[0] == ("2", "3") && counts[1] == ("0", "0"), "{rows:?}");
    // A wrong code after the right password is a failed attempt as well.
    app.put_totp(app.user(ADA).await.id).await;
    let other = app.browser();
    other.sign_in(ADA, PASSWORD).await;
    other.press("/auth/two-factor", "Sign in", &[("code", "000000")]).await.is(401);
    root.get("/admin").await.says("Successful: 2").says("Failed attempts: 4");

    let log = root.get("/admin/audit?outcome=refused").await;
    assert_eq!(log.is(200).each(".list tbody tr").len(), 2, "by person and minute");
    assert_eq!(page.select("a[href='/admin/audit?outcome=refused']").len(), 1);

    app.change("UPDATE audit_events SET at = at - 30 * 86400 WHERE outcome = 'refused'").await;
    root.get("/admin").await.says("Successful: 2").says("Failed attempts: 0");

    app.mails().await;
    app.change("UPDATE outbox SET state = 'failed', finished_at = due_at WHERE recipient = 'eve@example.org'").await;
    app.change("UPDATE users SET awaits_approval_since = 1 WHERE email = 'ada@example.org'").await;
    let page = root.get("/admin").await;
    page.says("0 Waiting").says("1 Failed").says("1 Awaiting approval");
    assert_eq!(page.each(".figures .warn"), ["1"]);
    for link in ["/admin/emails?state=failed", "/admin/users?status=waiting", "/admin/doctor"] {
        assert!(!page.select(&format!("main a[href='{link}']")).is_empty(), "{link}");
    }
}

#[tokio::test]
async fn days_begin_at_midnight_of_the_reader() {
    let (app, root) = site().await;
    // Half an hour before midnight in UTC, which is the afternoon of the next day in Kiritimati.
    let now = app.app.clock.now().0;
    let at = now - now % 86_400 - 1_800;
    app.change(format!("UPDATE audit_events SET at = {at} WHERE event = 'signed_in'").leak()).await;
    let day = async |zone: &str| {
        app.change(format!("UPDATE users SET time_zone = '{zone}'").leak()).await;
        let rows = days(root.get("/admin").await.is(200));
        let busy: Vec<_> = rows.iter().filter(|(_, succeeded, _)| succeeded == "1").collect();
        assert_eq!(busy.len(), 1, "{rows:?}");
        busy[0].0.split(' ').next().unwrap().parse::<u8>().unwrap()
    };
    let (utc, kiritimati) = (day("UTC").await, day("Pacific/Kiritimati").await);
    assert!(kiritimati == utc + 1 || kiritimati == 1, "{utc} {kiritimati}");
}

#[tokio::test]
async fn the_overview_knows_the_installation_and_what_the_health_check_found() {
    let (app, root) = site().await;
    let verdict = async |path: &str| root.get(path).await.is(200).inside(".verdict strong");
    let before = verdict("/admin").await;
    assert_eq!(before, verdict("/admin/doctor").await);
    let page = root.get("/admin").await;
    page.says(&format!("Version {}", env!("CARGO_PKG_VERSION")));
    page.says("Signing key Created just now").says("Last backup None in the audit log.");
    let database = if app.app.db.is_shared() { "PostgreSQL" } else { "SQLite" };
    page.says(&format!("Database {database}"));

    app.change("UPDATE audit_events SET event = 'backup_made' WHERE event = 'email_verified'")
        .await;
    app.wait(86_400 * 2);
    root.sign_in("root@example.org", PASSWORD).await;
    let page = root.get("/admin").await;
    page.says("Signing key Created 2 days ago").says("Last backup 2 days ago");

    app.app.mail_check_failed.store(true, std::sync::atomic::Ordering::Relaxed);
    let after = verdict("/admin").await;
    assert!(after != before && after == verdict("/admin/doctor").await, "{before}, {after}");
    root.get("/admin/doctor").await.says("The mail server could not be used when authflow started");
}

#[tokio::test]
async fn the_overview_is_light() {
    let (app, root) = site().await;
    let series = "WITH RECURSIVE days (n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM days WHERE n < 29)";
    for (first, outcome, count) in [(1, "success", "1"), (100, "refused", "1000000 + n * 12345")] {
        // An ID that sorts like its number, on both databases.
        let id = if app.app.db.is_shared() {
            format!("CAST(LPAD(TO_HEX(n + {first}), 32, '0') AS UUID)")
        } else {
            format!("UNHEX(PRINTF('%032x', n + {first}))")
        };
        let at = app.app.clock.now().0;
        let sql = format!(
            "INSERT INTO audit_events (id, at, event, outcome, address, user_agent, request_id, count)
             {series} SELECT {id}, {at} - n * 86400, 'signed_in', '{outcome}', '', '', '', {count} FROM days"
        );
        app.change(sql.leak()).await;
    }
    let page = root.get("/admin").await;
    page.is(200).says("1,000,00").says("1,358,005");
    let style = root.get(&page.select("link[rel=stylesheet]")[0]["href"]).await;
    let weight = page.body.len() + style.body.len();
    assert!(weight < 30_000, "{} + {}", page.body.len(), style.body.len());
}
