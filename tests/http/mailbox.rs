//! The mailbox of development: mails newest first, and files that are none.

use std::fs;

use authflow::clock::Timestamp;
use authflow::domain::id::MailId;

use super::support::*;

const HEAD: &str = "From: authflow <no-reply@localhost>\r\nTo: ada@example.org\r\nDate: Mon, 23 Nov 2026 06:30:00 +0000\r\n";
const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\r\n\r\nIn plain words.\r\n";
const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n\r\n<p><b>In colour.</b></p>\r\n";

/// Puts a file into the mailbox; gives the path of its page.
fn put(app: &TestApp, content: &[u8]) -> String {
    let (folder, id) = (app.app.config.mail_folder(), MailId::new(app.app.clock.now()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{id}.eml")), content).unwrap();
    format!("/dev/mail/{id}")
}

fn mail(subject: &str, parts: [&str; 2]) -> Vec<u8> {
    let [first, second] = parts;
    let kind = "Content-Type: multipart/alternative; boundary=x\r\n\r\n";
    format!("{HEAD}Subject: {subject}\r\n{kind}--x\r\n{first}\r\n--x\r\n{second}\r\n--x--\r\n")
        .into()
}

/// What the page lists, from top to bottom.
async fn listed(browser: &Browser) -> Vec<String> {
    let links = browser.get("/dev/mail").await.is(200).select(".mails a");
    links.into_iter().map(|mut link| link.remove("href").unwrap()).collect()
}

#[tokio::test]
async fn the_latest_mail_stands_first_whenever_its_file_was_written() {
    let app = TestApp::start().await;
    let people = ["ada@example.org", "bea@example.org", "cleo@example.org"];
    for email in people {
        app.browser().sign_up(email).await.goes_to("/auth/check-mail"); // all within one second
    }
    app.wait(90);
    app.browser().sign_up("dora@example.org").await.goes_to("/auth/check-mail");
    let mails = app.mails().await;
    for mail in &mails {
        let path = app.app.config.mail_folder().join(format!("{}.eml", mail.id));
        let bytes = fs::read(&path).unwrap();
        fs::write(path, bytes).unwrap(); // now the first mail is the file that was written last
    }

    let list = app.browser().get("/dev/mail").await;
    assert_eq!(
        list.is(200).each(".mails .address"),
        ["to dora@example.org", "to cleo@example.org", "to bea@example.org", "to ada@example.org"]
    );
    assert!(list.each(".mails a").iter().all(|it| it == "authflow: confirm your email address"));
    let minute = |ago| Timestamp(app.app.clock.now().0 - ago).to_string();
    let time = list.each(".mails .hint");
    for (shown, ago) in time.iter().zip([0, 90, 90, 90]) {
        let minute = minute(ago);
        assert!(shown.starts_with(minute.trim_end_matches(" UTC")), "{shown}, not {minute}");
        assert!(shown.ends_with(" UTC"), "{shown}");
    }
    assert_eq!(time.len(), 4);
}

#[tokio::test]
async fn a_broken_file_hides_no_mail() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let oldest = put(&app, &mail("First", [PLAIN, HTML]));
    let empty = put(&app, b"");
    let noise = put(&app, &[0xff, 0, 0x1b, b'\n', 0x80].repeat(100));
    let no_mail = put(&app, b"Subject: a note\r\n\r\nThat nobody sent.\r\n");
    let torn = put(&app, &mail("Torn", [PLAIN, HTML])[..300]);
    let newest = put(&app, &mail("Last", [PLAIN, HTML]));
    let folder = app.app.config.mail_folder();
    let id = MailId::new(app.app.clock.now());
    fs::create_dir(folder.join(format!("{id}.eml"))).unwrap();
    for name in ["notes.eml", "notes.txt", &format!(".{id}.eml"), &format!("{id}.txt")] {
        fs::write(folder.join(name), mail("Hidden", [PLAIN, HTML])).unwrap();
    }

    assert_eq!(listed(&browser).await, [newest.clone(), torn.clone(), oldest]);
    let list = browser.get("/dev/mail").await;
    assert_eq!(list.select(".mails li").len(), 7);
    assert!(!list.text().contains("Hidden"));
    for path in [empty, noise, no_mail, format!("/dev/mail/{id}")] {
        let says =
            format!("{}.eml cannot be read as a mail", path.strip_prefix("/dev/mail/").unwrap());
        list.says(&says);
        let page = browser.get(&path).await;
        page.is(404).says(&says);
        assert_eq!(page.select("main a")[0]["href"], "/dev/mail");
    }
    browser.get(&torn).await.is(200).says("In plain words.");
    fs::remove_dir_all(&folder).unwrap();
    browser.get(&newest).await.is(404).says("There is no mail at this address");
    browser.get("/dev/mail").await.is(200).says("There is no mail yet.");
}
