//! Sending, failures and retries.

use authflow::domain::email::mail_kind::MailKind;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::*;

#[tokio::test]
async fn an_email_arrives_complete_and_its_link_works() {
    for (scheme, manner) in [("smtp", STARTTLS), ("smtps", TLS)] {
        let server = SmtpServer::start(manner).await;
        let app =
            app_at(&url(scheme, &server, ""), &server, &[("SITE_NAME", "Bücher, \"Tee\" & 🍵")])
                .await;
        let browser = app.browser();
        browser.sign_up(ADA).await.goes_to("/auth/check-mail");
        assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
        assert_eq!(state(&app).await.0, "sent");
        let [mail] = &server.received()[..] else { panic!() };
        assert_eq!((&*mail.from, &*mail.to), ("no-reply@login.example.org", ADA));
        assert!(mail.encrypted && mail.user.as_deref() == Some(USER.0));
        let text = mail.text();
        let link =
            text.lines().find_map(|line| line.strip_prefix("http://localhost:5000")).unwrap();
        browser.press(link, "Confirm and sign in", &[]).await.goes_to("/dashboard");
    }
}

#[tokio::test]
async fn one_connection_carries_several_emails() {
    let server = SmtpServer::start(STARTTLS).await;
    let app = app_at(&url("smtp", &server, ""), &server, &[]).await;
    for n in 0..5 {
        app.browser().sign_up(&format!("user{n}@example.org")).await;
    }
    deliver_all(&app.app).await;
    assert_eq!((server.received().len(), server.connections()), (5, 1));

    // A connection that the server has closed meanwhile is not reused and does not count as an attempt.
    for (trouble, mails) in [(Quirk::CloseAfterMail, 5..8), (Quirk::MailsPerConnection(1), 8..11)] {
        server.behave(|manner| manner.quirk = Some(trouble));
        for n in mails {
            app.browser().sign_up(&format!("user{n}@example.org")).await;
            assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
        }
    }
    assert_eq!(server.received().len(), 11);
    assert!(app.emails(MailKind::VerifyEmail).await.iter().all(|mail| mail.attempts <= 1));
}

#[tokio::test]
async fn greylisting_delays_one_email_and_no_other() {
    let server =
        SmtpServer::start(Manner::with(Quirk::Recipient("450 4.2.0 Greylisted, try again", 2)))
            .await;
    let app = plain_app(&server, &[]).await;
    assert_eq!(sign_up(&app).await, Delivered::One, "other emails are sent meanwhile");
    let (waiting, tries, why) = state(&app).await;
    assert_eq!((&*waiting, tries), ("waiting", 1));
    assert_eq!(why, "the server deferred the recipient: 450 4.2.0 Greylisted, try again");
    app.wait(40);
    assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
    app.wait(40);
    assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::None, "the pause grows");
    app.wait(40);
    assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
    assert_eq!(state(&app).await, ("sent".into(), 3, String::new()));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_permanent_and_names_the_recipient() {
    for (refusal, why) in [
        (
            Quirk::Recipient("550 5.1.1 No such user here", 99),
            "the server refused the recipient: 550 5.1.1 No such user here",
        ),
        (
            Quirk::Content("554 5.7.1 Looks like spam"),
            "the server refused the email: 554 5.7.1 Looks like spam",
        ),
    ] {
        let server = SmtpServer::start(Manner::with(refusal)).await;
        let app = plain_app(&server, &[]).await;
        assert_eq!(sign_up(&app).await, Delivered::One);
        assert_eq!(state(&app).await, ("failed".into(), 1, why.into()));
        app.wait(86_400);
        assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::None);

        // Once the problem is fixed, an operator can retry the email for another day.
        server.behave(|manner| manner.quirk = Some(Quirk::Greet("421 4.3.2 closing down")));
        assert_eq!(app.retry_emails().await, 1);
        assert!(matches!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::Blocked(_)));
        app.wait(60);
        server.behave(|manner| manner.quirk = None);
        assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
        assert_eq!(state(&app).await.0, "sent");
    }
}

#[tokio::test]
async fn an_error_of_the_server_keeps_every_email_queued() {
    let closing = "421 4.3.2 shutting down";
    for (trouble, why) in [
        (Quirk::Greet("554 5.3.2 not now"), "554 5.3.2 not now"),
        (Quirk::Greet("HTTP/1.1 400 Bad Request"), "it does not speak SMTP"),
        (Quirk::Sender(closing), "the server accepts no email: 421"),
        (
            Quirk::Sender("553 5.7.1 Not your address"),
            "the server refuses the sender (MAIL_FROM): 553 5.7.1 Not your address",
        ),
        (
            Quirk::Recipient("530 5.7.0 Authentication required", 99),
            "the server accepts no email: 530",
        ),
        (Quirk::Endless, "its reply does not end"),
    ] {
        let server = SmtpServer::start(Manner::with(trouble)).await;
        let app = plain_app(&server, &[]).await;
        let outcome = sign_up(&app).await;
        assert!(
            matches!(outcome, Delivered::Blocked(pause) if pause.as_secs() < 10),
            "{outcome:?}"
        );
        let (waiting, tries, found) = state(&app).await;
        assert!(waiting == "waiting" && tries == 1 && found.contains(why), "{found}");
    }
    // A wrong password is an error of the server, not of the email. It must not appear in the error.
    let server = SmtpServer::start(Manner { user: Some((USER.0, "another")), ..PLAIN }).await;
    let app = app_at(&url("smtp", &server, ""), &server, &[]).await;
    assert!(matches!(sign_up(&app).await, Delivered::Blocked(_)));
    let (waiting, _, why) = state(&app).await;
    assert!(
        waiting == "waiting" && why.contains("signing in as ada@example.org failed: 535 5.7.8"),
        "{why}"
    );
    assert!(!why.contains("p@ss"));
    server.behave(|manner| manner.user = Some(USER));
    app.wait(10);
    assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
}

#[tokio::test]
async fn a_silent_server_times_out_and_the_retry_is_the_same_email() {
    for (trouble, why, copies) in [
        (Quirk::StallInData, "the server did not respond to the email", 2),
        (
            Quirk::HangUpAfterData(1),
            "the connection was lost during the email: the connection was closed",
            2,
        ),
        (Quirk::Mute, "it accepts connections, but sends no greeting", 1),
    ] {
        let server = SmtpServer::start(Manner::with(trouble)).await;
        let app = plain_app(&server, &[("MAIL_TIMEOUT", "1s")]).await;
        sign_up(&app).await;
        let (_, _, found) = state(&app).await;
        assert!(found.contains(why), "{found}");
        server.behave(|manner| manner.quirk = None);
        app.wait(40);
        assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
        // The first email may have been delivered, so both are identical, including the Message-ID.
        let received = server.received();
        assert_eq!(received.len(), copies);
        assert_eq!(received[0].data, received.last().unwrap().data);
        assert!(received[0].message_id().ends_with("@login.example.org"));
    }
}

#[tokio::test]
async fn an_email_that_makes_the_server_hang_up_delays_no_other() {
    for trouble in [Quirk::HangUpOn(ADA), Quirk::StallAt(ADA)] {
        let server = SmtpServer::start(Manner::with(trouble)).await;
        let app = plain_app(&server, &[("MAIL_TIMEOUT", "1s")]).await;
        assert_eq!(sign_up(&app).await, Delivered::One);
        app.browser().sign_up("grace@example.org").await.goes_to("/auth/check-mail");
        assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
        assert_eq!(server.received().last().unwrap().to, "grace@example.org");
    }
    // A whole day plus the longest pause that can start within it.
    let server = SmtpServer::start(Manner::with(Quirk::HangUpOn(ADA))).await;
    let app = plain_app(&server, &[]).await;
    sign_up(&app).await;
    for _ in 0..160 {
        app.wait(600);
        deliver_all(&app.app).await;
    }
    assert_eq!(state(&app).await.0, "failed");
    let copies = server.received().len();
    assert!((20..40).contains(&copies), "{copies}");
}

#[tokio::test]
async fn pauses_grow_regardless_of_the_number_of_queued_emails() {
    let server = SmtpServer::start(Manner { user: Some((USER.0, "another")), ..PLAIN }).await;
    let app = app_at(&url("smtp", &server, ""), &server, &[]).await;
    for n in 0..8 {
        app.browser().sign_up(&format!("user{n}@example.org")).await;
    }
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let Delivered::Blocked(pause) = delivery::deliver_next(&app.app).await.unwrap() else {
            panic!()
        };
        pauses.push(pause.as_secs());
        app.wait(pause.as_secs());
    }
    assert!(pauses[0] < 10 && pauses[5] > 90, "{pauses:?}");
    // Once one email is sent, all are, and the next failure starts with a short pause again.
    server.behave(|manner| manner.user = Some(USER));
    app.wait(150);
    deliver_all(&app.app).await;
    assert_eq!(server.received().len(), 8);
    app.browser().sign_up(ADA).await;
    server.behave(|manner| manner.quirk = Some(Quirk::Sender("421 4.3.2 later")));
    let outcome = delivery::deliver_next(&app.app).await.unwrap();
    assert!(matches!(outcome, Delivered::Blocked(pause) if pause.as_secs() < 10), "{outcome:?}");
}

#[tokio::test]
async fn a_link_quoted_by_the_server_is_not_stored() {
    let long = format!("554 {}http://x/auth/verify-email/{{}}", "spam ".repeat(50));
    let long: &'static str = Box::leak(long.into_boxed_str());
    for said in
        ["554 5.7.1 http://x/auth/verify-email/{} is bad", "450-4.7.1 {half}\r\n450 {rest}", long]
    {
        let server = SmtpServer::start(Manner::with(Quirk::QuoteToken(said))).await;
        let app = plain_app(&server, &[]).await;
        sign_up(&app).await;
        let (_, _, why) = state(&app).await;
        let token = server.received()[0].token();
        assert!(why.contains('…') || said == long, "{why}");
        assert!(
            !token.as_bytes().windows(8).any(|it| why.contains(str::from_utf8(it).unwrap())),
            "{why}"
        );
    }
    // The same when the server accepts the email.
    let server = SmtpServer::start(Manner::with(Quirk::QuoteToken("250 2.0.0 seen {}"))).await;
    let folder = TempDir::new().unwrap();
    let url = format!("smtp://localhost:{}", server.port);
    let variables = [("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", url.as_str()), FROM];
    let program = Program::start(folder.path(), &variables);
    program.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    wait_for_log(folder.path(), &["email sent", "250 2.0.0 seen …"]).await;
}

/// A Python with aiosmtpd (Debian's `python3-aiosmtpd`), if installed.
fn python() -> Option<&'static str> {
    let found = ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut tried = std::process::Command::new(python);
        let tried = tried.args(["-c", "import aiosmtpd.controller"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    });
    if found.is_none() {
        left_out("emails to aiosmtpd", "no python3 here has it (Debian: python3-aiosmtpd)");
    }
    found
}

#[tokio::test]
async fn aiosmtpd_accepts_our_emails() {
    let Some(python) = python() else { return };
    for (way, scheme) in [("starttls", "smtp"), ("tls", "smtps")] {
        let folder = TempDir::new().unwrap();
        let certificate = Certificate::for_names("the authority of a test", &["localhost"]);
        for (name, pem) in [("chain", &certificate.chain), ("key", &certificate.key)] {
            std::fs::write(folder.path().join(name), pem).unwrap();
        }
        std::fs::write(folder.path().join("authority"), &certificate.authority).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut smtpd = std::process::Command::new(python);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/support/smtpd.py");
        let mut smtpd = smtpd
            .args([script, way, "chain", "key", &free_port().to_string()])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(smtpd.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines.next().expect("a port");

        let [user, password] =
            [USER.0, USER.1].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        let url = format!("{scheme}://{user}:{password}@localhost:{port}?tls=required");
        let authority = folder.path().join("authority");
        let app = TestApp::with(&[
            ("MAIL_TRANSPORT", "smtp"),
            ("SMTP_URL", &url),
            ("SMTP_CA_FILE", authority.to_str().unwrap()),
            ("SITE_NAME", "Bücher, \"Tee\" & 🍵"),
            FROM,
        ])
        .await;
        assert!(
            app.app
                .mail
                .check()
                .await
                .unwrap()
                .ends_with("encrypted, signed in as ada@example.org")
        );
        let browser = app.browser();
        browser.sign_up(ADA).await.goes_to("/auth/check-mail");
        browser.sign_up("grace@example.org").await.goes_to("/auth/check-mail");
        for to in [ADA, "grace@example.org"] {
            assert_eq!(delivery::deliver_next(&app.app).await.unwrap(), Delivered::One);
            let mail: serde_json::Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
            assert_eq!(mail["from"], "no-reply@login.example.org");
            assert_eq!(mail["to"], serde_json::json!([to]));
            assert_eq!((&mail["encrypted"], &mail["signed_in"]), (&true.into(), &true.into()));
            let data = mail["data"].as_str().unwrap();
            let message = mail_parser::MessageParser::default().parse(data).unwrap();
            assert_eq!(message.subject(), Some("Bücher, \"Tee\" & 🍵: confirm your email address"));
            assert!(
                message.body_text(0).unwrap().contains("http://localhost:5000/auth/verify-email/")
            );
        }
        drop(smtpd.stdin.take());
        smtpd.wait().unwrap();
    }
}
