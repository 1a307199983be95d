//! w3m, a text browser, driven by its keys. Its pages are read from the sources that it saves.

use std::io::Write;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use scraper::{Html, Selector};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What the key that goes to the next link stops at.
const STOPS: &str = "a[href], input:not([type=hidden]), button, select, textarea";
/// w3m asks for a command at this key, which is none of its own.
const KEYMAP: &str = "keymap : COMMAND\n";
const FIRST_LINK: &str = "[";
const NEXT_LINK: &str = "\t";
const CLEAR_LINE: &str = "\u{15}";

struct W3m {
    _child: Killed,
    keys: ChildStdin,
    folder: TempDir,
    origin: String,
    saved: u32,
}

/// Whether Debian's `w3m` is installed. `.ci/run` installs it and requires it with `TEST_BROWSERS`.
fn is_installed() -> bool {
    let is_there = Path::new("/usr/bin/w3m").is_file();
    if !is_there {
        assert!(
            std::env::var("TEST_BROWSERS").is_err(),
            "w3m must be installed if TEST_BROWSERS is set"
        );
        left_out("the pages in w3m", "it is not installed");
    }
    is_there
}

/// A server at the address of its `PUBLIC_URL`.
async fn site() -> (TestApp, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let app = TestApp::with(&[("PUBLIC_URL", &origin)]).await;
    let server = app.address;
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (app, origin)
}

impl W3m {
    /// Starts it in a terminal, which `script` provides.
    fn at(origin: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_str().unwrap();
        std::fs::write(folder.path().join("keymap"), KEYMAP).unwrap();
        let shown = std::fs::File::create(folder.path().join("terminal")).unwrap();
        let options = "-cookie -o accept_cookie=1 -o confirm_qq=0";
        let w3m = format!(
            "stty rows 60 cols 120; exec w3m -config /dev/null {options} -o keymap_file={path}/keymap {origin}/"
        );
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut command = Command::new("script");
        let mut child = command
            .args(["--quiet", "--flush", "--return", "--command", &w3m, "/dev/null"])
            .env_clear()
            .envs([("HOME", path), ("TERM", "vt100"), ("LANG", "C.UTF-8")])
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(shown)
            .spawn()
            .unwrap();
        let keys = child.stdin.take().unwrap();
        Self { _child: Killed(child), keys, folder, origin: origin.to_owned(), saved: 0 }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The page that is open once all keys have been read.
    async fn page(&mut self) -> Page {
        self.saved += 1;
        let file = self.folder.path().join(format!("page-{}", self.saved));
        self.types(&format!(":SAVE {}\n", file.display()));
        let saved = wait_for(async || {
            let html = std::fs::read_to_string(&file).unwrap_or_default();
            html.trim_end().ends_with("</html>").then_some(html)
        });
        if let Some(html) = saved.await {
            return Page::of(&self.origin, &html);
        }
        let shown = std::fs::read(self.folder.path().join("terminal")).unwrap();
        let shown = String::from_utf8_lossy(&shown).replace('\0', "");
        panic!(
            "w3m saved no page: {}",
            shown.chars().rev().take(2_000).collect::<Vec<_>>().iter().rev().collect::<String>()
        );
    }

    async fn goes_to(&mut self, url: &str) -> Page {
        let url =
            if url.starts_with('/') { format!("{}{url}", self.origin) } else { url.to_owned() };
        self.types(&format!(":GOTO {url}\n"));
        self.page().await
    }

    /// Puts the cursor on the element, and presses Enter.
    async fn enters(&mut self, css: &str) {
        let page = self.page().await;
        let html = Html::parse_document(&page.body);
        let wanted = html.select(&Selector::parse(css).unwrap()).next();
        let wanted = wanted.unwrap_or_else(|| panic!("there is no {css} on {}", page.body)).id();
        let stops = Selector::parse(STOPS).unwrap();
        let before = html.select(&stops).position(|it| it.id() == wanted).unwrap();
        self.types(&format!("{FIRST_LINK}{}\n", NEXT_LINK.repeat(before)));
    }

    /// Fills in the form that is sent to this path and has these fields, presses its button, and returns the next page.
    async fn sends(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let has = having(fields);
        let form = format!("form[action='{path}']{has}");
        for (name, value) in fields {
            self.enters(&format!("{form} [name='{name}']")).await;
            self.types(&format!("{CLEAR_LINE}{value}\n"));
        }
        self.enters(&format!("{form} button")).await;
        self.page().await
    }

    /// Opens the newest email in the mailbox with a link that starts like this, follows it, and returns the path of the link.
    async fn opens_mailed_link(&mut self, app: &TestApp, start: &str) -> String {
        app.mails().await;
        let list = self.goes_to("/dev/mail").await;
        let link = format!("main a[href^='{}{start}']", self.origin);
        for mail in list.select("main a[href^='/dev/mail/']") {
            let page = self.goes_to(&mail["href"]).await;
            if let Some(found) = page.select(&link).first() {
                self.enters(&link).await;
                return found["href"].replace(&self.origin, "");
            }
        }
        panic!("no email has a link to {start}");
    }
}

fn is_dashboard(page: &Page) -> bool {
    page.select("main a[href='/profile']").len() == 1
}

#[tokio::test]
async fn w3m_walks_through_every_flow() {
    if !is_installed() {
        return;
    }
    let (app, origin) = site().await;
    let mut w3m = W3m::at(&origin);

    // Sign up and confirm.
    w3m.goes_to("/auth/register").await;
    let refused = w3m.sends("/auth/register", &[("email", "ada@")]).await;
    assert_eq!(refused.select("[role=alert]").len(), 1);
    w3m.sends("/auth/register", &account(ADA)).await;
    let confirm = w3m.opens_mailed_link(&app, "/auth/verify-email/").await;
    let dashboard = w3m.sends(&confirm, &[]).await;
    assert!(is_dashboard(dashboard.says("Ada Lovelace")), "{}", dashboard.body);

    // Sign out and in.
    w3m.sends("/auth/logout", &[]).await.form_to("/auth/login", &[]);
    assert_eq!(app.active_sessions().await, 0);
    let wrong = [("email", ADA), ("password", "wrong, surely wrong")];
    let refused = w3m.sends("/auth/login", &wrong).await;
    assert_eq!(refused.select("[role=alert]").len(), 1);
    let right = [("email", ADA), ("password", PASSWORD)];
    assert!(is_dashboard(&w3m.sends("/auth/login", &right).await));

    // Two-factor authentication.
    let page = w3m.goes_to("/profile/two-factor").await;
    let authenticator = Authenticator::scan(&page);
    let code = authenticator.code(&app);
    let codes = w3m.sends("/profile/two-factor", &[("code", &code)]).await.each("main li code");
    assert_eq!(codes.len(), 10);
    w3m.sends("/auth/logout", &[]).await;
    w3m.sends("/auth/login", &right).await.form_to("/auth/two-factor", &[("code", "")]);
    let code = authenticator.code(&app);
    assert!(is_dashboard(&w3m.sends("/auth/two-factor", &[("code", &code)]).await));
    w3m.sends("/auth/logout", &[]).await;

    // A forgotten password.
    w3m.goes_to("/auth/forgot-password").await;
    w3m.sends("/auth/forgot-password", &[("email", ADA)]).await;
    let reset = w3m.opens_mailed_link(&app, "/auth/reset-password/").await;
    let code = authenticator.code(&app);
    let new = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD), ("code", &code)];
    w3m.sends(&reset, &new).await.form_to("/auth/login", &[]);
    w3m.sends("/auth/login", &[("email", ADA), ("password", NEW_PASSWORD)]).await;
    let recovery = [("recovery", ""), ("code", codes[0].as_str())];
    w3m.page().await.form_to("/auth/two-factor", &recovery);
    w3m.enters("form:has([name=recovery]) [name=code]").await;
    w3m.types(&format!("{}\n", codes[0]));
    w3m.enters("form:has([name=recovery]) button").await;
    assert!(is_dashboard(&w3m.page().await));
    w3m.sends("/auth/logout", &[]).await.form_to("/auth/login", &[]);
    assert_eq!(app.active_sessions().await, 0);
}
