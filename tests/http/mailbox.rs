//! The development mailbox: emails newest first, both parts of each, and files that are not emails.

use std::fs;

use authflow::clock::Timestamp;
use authflow::domain::id::MailId;
use authflow::i18n::localizer::Localizer;
use reqwest::Method;

use super::support::*;

const HEAD: &str = "From: authflow <no-reply@localhost>\r\nTo: ada@example.org\r\nDate: Mon, 23 Nov 2026 06:30:00 +0000\r\n";
const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\r\n\r\nIn plain words.\r\n";
const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n\r\n<p><b>In colour.</b></p>\r\n";

/// Writes a file into the mailbox, and returns the path of its page.
fn put(app: &TestApp, content: &[u8]) -> String {
    let (folder, id) = (app.mail_folder(), MailId::new(app.app.clock.now()));
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

/// The emails on the page, from top to bottom.
async fn listed(browser: &Browser) -> Vec<String> {
    let links = browser.get("/dev/mail").await.is(200).select(".list a");
    links.into_iter().map(|mut link| link.remove("href").unwrap()).collect()
}

#[tokio::test]
async fn emails_are_sorted_by_creation_not_by_file_time() {
    let app = TestApp::start().await;
    let people = ["ada@example.org", "bea@example.org", "cleo@example.org"];
    for email in people {
        app.browser().sign_up(email).await.goes_to("/auth/check-mail"); // all in the same second
    }
    app.wait(90);
    app.browser().sign_up("dora@example.org").await.goes_to("/auth/check-mail");
    let mails = app.mails().await;
    for mail in &mails {
        let path = app.mail_folder().join(format!("{}.eml", mail.id));
        let bytes = fs::read(&path).unwrap();
        fs::write(path, bytes).unwrap(); // now the first email is in the file written last
    }

    let list = app.browser().get("/dev/mail").await;
    assert_eq!(list.each("header .site"), ["authflow"], "also for visitors");
    assert_eq!(
        list.is(200).each(".list .address"),
        ["dora@example.org", "cleo@example.org", "bea@example.org", "ada@example.org"]
    );
    assert!(list.each(".list a").iter().all(|it| it == "authflow: confirm your email address"));
    let english = Localizer::english(None);
    let time = list.each(".list td:last-child");
    let expected =
        [("just now", 0), ("1 minute ago", 90), ("1 minute ago", 90), ("1 minute ago", 90)];
    for (shown, (ago, seconds)) in time.iter().zip(expected) {
        let at = english.time_without_zone(Timestamp(app.app.clock.now().0 - seconds));
        assert_eq!(*shown, format!("{ago} {at}"));
    }
    assert_eq!(time.len(), 4);
}

#[tokio::test]
async fn an_email_shows_both_parts_and_the_links_of_both_work() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser.sign_up(ADA).await;
    let [mail] = &app.mails().await[..] else { panic!("expected one email") };
    let path = format!("/dev/mail/{}", mail.id);
    let page = browser.get(&path).await;
    page.is(200).says("From authflow <no-reply@localhost>").says(&format!("To {ADA}"));
    assert_eq!(page.inside("h1"), "authflow: confirm your email address");
    assert!(page.inside("pre.mail").contains("Thanks for signing up at authflow"));

    let [frame] = &page.select("iframe")[..] else { panic!("expected one frame") };
    assert_eq!(frame["src"], format!("{path}/html"));
    assert!(!frame["title"].is_empty());
    let alone = page.select(&format!("a[href='{path}/html']"));
    assert_eq!(alone.len(), 1, "browsers without frames get a link");

    let html = browser.get(&frame["src"]).await;
    html.is(200).says("Thanks for signing up at authflow");
    assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
    let in_text = page.select("pre a")[0]["href"].clone();
    assert_eq!(html.select("a")[0]["href"], in_text);
    // A click opens the page outside the frame, since our pages cannot be framed.
    assert_eq!(html.select("base")[0]["target"], "_top");
    assert!(html.select("a[target], base[href]").is_empty());

    // The browser sends a cross-site navigation from the frame, with the SameSite=Lax cookies.
    let from_frame = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-user", "?1"),
    ];
    let link = in_text.strip_prefix("http://localhost:5000").unwrap();
    let confirm = browser.send(Method::GET, link, &from_frame, None).await;
    assert!(confirm.is(200).select("input[type=password]").is_empty());
    browser.press_on(&confirm, "Confirm and sign in", &[]).await.goes_to("/dashboard");
}

#[tokio::test]
async fn the_html_part_is_sandboxed_and_only_the_mailbox_may_frame_it() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let path = put(&app, &mail("Hello", [PLAIN, HTML]));

    let page = browser.get(&path).await;
    assert_eq!(page.select("iframe")[0]["sandbox"], "allow-top-navigation-by-user-activation");
    let (pages, list) = (page.header("content-security-policy"), browser.get("/dev/mail").await);
    let others = list.is(200).header("content-security-policy");
    assert_eq!(pages, format!("{others}; frame-src 'self'"));
    assert!(others.contains("frame-ancestors 'none'") && !others.contains("frame-src"));
    assert_eq!(page.header("x-frame-options"), "DENY");

    let html = browser.get(&format!("{path}/html")).await;
    let policy = html.header("content-security-policy");
    let mut rules: Vec<_> = policy.split("; ").collect();
    rules.sort_unstable();
    assert_eq!(
        rules,
        [
            "base-uri 'none'",
            "default-src 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "img-src data:",
            "sandbox allow-top-navigation-by-user-activation",
            "style-src 'unsafe-inline'",
        ]
    );
    assert_eq!(html.headers.get_all("content-security-policy").iter().count(), 1);
    for (name, value) in [
        ("x-frame-options", "SAMEORIGIN"),
        ("cross-origin-opener-policy", "unsafe-none"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(html.header(name), value, "{name}");
    }
    // Errors at the same address are pages of the site, which cannot be framed.
    let gone = browser.get(&format!("/dev/mail/{}/html", MailId::new(app.app.clock.now()))).await;
    assert_eq!(gone.is(404).header("content-security-policy"), others);
    assert_eq!(gone.header("x-frame-options"), "DENY");
}

#[tokio::test]
async fn content_of_an_email_is_escaped_on_pages() {
    const EVIL: &str = "<script>alert(1)</script>";
    let app = TestApp::start().await;
    let browser = app.browser();
    let html = format!("Content-Type: text/html\r\n\r\n<p>{EVIL}</p>");
    let plain = format!(
        "Content-Type: text/plain\r\n\r\n{EVIL} javascript:alert(1) http://localhost:5000/\"onclick=\"alert(1)\r\n"
    );
    let mut bytes = mail(EVIL, [&plain, &html]);
    let from = b"From: \"<i>\" <no-reply@localhost>\r\n";
    bytes.splice(..HEAD.find("\r\n").unwrap() + 2, from.iter().copied());
    let path = put(&app, &bytes);

    browser.get("/dev/mail").await.is(200).says(EVIL);
    let page = browser.get(&path).await;
    page.is(200).says("<i> <no-reply@localhost>");
    assert_eq!(page.inside("h1"), EVIL);
    assert!(page.inside("pre.mail").starts_with(EVIL));
    assert_eq!(page.select("pre a").len(), 1);
    for page in [page, browser.get("/dev/mail").await] {
        assert!(
            page.select("script, i, [onclick], [href^=javascript]").is_empty(),
            "{}",
            page.body
        );
    }

    // The HTML part is unescaped, but the sandbox blocks scripts.
    let html = browser.get(&format!("{path}/html")).await;
    assert!(html.is(200).body.starts_with(&format!("<p>{EVIL}</p>")), "{}", html.body);
    assert!(!html.header("content-security-policy").contains("script"));
}

#[tokio::test]
async fn a_missing_part_is_reported_not_invented() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let plain = put(&app, format!("{HEAD}{PLAIN}").as_bytes());
    let page = browser.get(&plain).await;
    page.is(200).says("In plain words.").says("This email has no HTML part.");
    assert_eq!(page.inside("h1"), "(no subject)");
    assert!(page.select("iframe, [href$=html]").is_empty());
    let html = browser.get(&format!("{plain}/html")).await;
    html.is(404).says("This email has no HTML part.");
    assert_eq!(html.select("main a")[0]["href"], plain);

    let coloured = put(&app, format!("{HEAD}{HTML}").as_bytes());
    let page = browser.get(&coloured).await;
    page.is(200).says("This email has no text part.");
    assert!(page.select("pre").is_empty());
    browser.get(&format!("{coloured}/html")).await.is(200).says("In colour.");
}

#[tokio::test]
async fn a_broken_file_hides_no_email() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let oldest = put(&app, &mail("First", [PLAIN, HTML]));
    let empty = put(&app, b"");
    let noise = put(&app, &[0xff, 0, 0x1b, b'\n', 0x80].repeat(100));
    let no_mail = put(&app, b"Subject: a note\r\n\r\nNo sender.\r\n");
    let torn = put(&app, &mail("Torn", [PLAIN, HTML])[..300]);
    let newest = put(&app, &mail("Last", [PLAIN, HTML]));
    let folder = app.mail_folder();
    let id = MailId::new(app.app.clock.now());
    fs::create_dir(folder.join(format!("{id}.eml"))).unwrap();
    for name in ["notes.eml", "notes.txt", &format!(".{id}.eml"), &format!("{id}.txt")] {
        fs::write(folder.join(name), mail("Hidden", [PLAIN, HTML])).unwrap();
    }

    assert_eq!(listed(&browser).await, [newest.clone(), torn.clone(), oldest]);
    let list = browser.get("/dev/mail").await;
    assert_eq!(list.select(".list tbody tr").len(), 7);
    assert!(!list.text().contains("Hidden"));
    for path in [empty, noise, no_mail, format!("/dev/mail/{id}")] {
        let says = format!("The file {}.eml", path.strip_prefix("/dev/mail/").unwrap());
        list.says(&says);
        for path in [path.clone(), format!("{path}/html")] {
            let page = browser.get(&path).await;
            page.is(404).says(&says);
            assert_eq!(page.select("main a")[0]["href"], "/dev/mail");
        }
    }
    browser.get(&torn).await.is(200).says("In plain words.");
    fs::remove_dir_all(&folder).unwrap();
    browser.get(&newest).await.is(404).says("This email does not exist");
    browser.get("/dev/mail").await.is(200).says("No emails yet.");
}

#[tokio::test]
async fn the_mailbox_is_open_only_to_this_machine() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let path = put(&app, &mail("Hello", [PLAIN, HTML]));
    let nowhere = browser.get("/nothing-here").await.is(404).text();
    for path in ["/dev/mail", &path, &format!("{path}/html")] {
        let ask = async |method, headers: &[(&str, &str)]| {
            browser.send(method, path, headers, None).await
        };
        ask(Method::GET, &[("host", "localhost:5000")]).await.is(200);
        for closed in [("host", "evil.example"), ("x-forwarded-for", "198.51.100.7")] {
            assert_eq!(
                ask(Method::GET, &[closed]).await.is(404).text(),
                nowhere,
                "{path} {closed:?}"
            );
        }
        let head = ask(Method::HEAD, &[]).await;
        assert_eq!(head.is(200).body, "");
        assert_eq!(ask(Method::POST, &[]).await.is(405).header("allow"), "GET,HEAD");
    }
    for (url, base) in [("https://localhost/id", "/id"), ("http://192.168.1.5:5000", "")] {
        let risk = ("ACCEPT_RISKS", "plain-http");
        let app = TestApp::with(&[("PUBLIC_URL", url), ("MAIL_TRANSPORT", "file"), risk]).await;
        let path = put(&app, &mail("Hello", [PLAIN, HTML]));
        for path in ["/dev/mail", &path, &format!("{path}/html")] {
            app.browser().get(&format!("{base}{path}")).await.is(404);
        }
    }
}

#[tokio::test]
async fn the_mailbox_is_below_the_path_of_the_site() {
    let app = TestApp::with(&[("PUBLIC_URL", "http://localhost:5000/id")]).await;
    let browser = app.browser();
    let path = put(&app, &mail("Hello", [PLAIN, HTML]));
    let list = browser.get("/id/dev/mail").await;
    let page = browser.get(&list.is(200).select(".list a")[0]["href"]).await;
    assert_eq!(page.is(200).path, format!("/id{path}"));
    for (selector, attribute) in [("main a", "href"), ("iframe", "src")] {
        for element in page.select(selector) {
            browser.get(&element[attribute]).await.is(200);
        }
    }
}
