//! `authflow demo`, as a stranger meets it: with what it prints and a browser, nothing else.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Output, Stdio};

use reqwest::Method;
use tempfile::TempDir;

use super::gate::traveller::{NAVIGATION, Road, Traveller, client};
use super::support::*;

/// Settings that a demo must not take over. The port of the proxy refuses connections.
const SETTINGS: [(&str, &str); 4] = [
    ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
    ("REGISTRATION", "closed"),
    ("HTTP_PROXY", "http://127.0.0.1:1"),
    ("http_proxy", "http://127.0.0.1:1"),
];

/// A running demo.
struct Demo {
    child: Killed,
    /// Where it makes its folder.
    temporary: TempDir,
    printed: Vec<String>,
}

/// A row of the table of users.
struct Account {
    email: String,
    password: String,
    roles: String,
}

impl Demo {
    fn start() -> Self {
        // Now and then another program has the same port of ::1, which the demo refuses.
        (0..5).find_map(|_| Self::try_start()).expect("two ports should be free")
    }

    /// `None`: the ports are in use.
    fn try_start() -> Option<Self> {
        let temporary = TempDir::new().unwrap();
        let folder = temporary.path().join("work");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".env"), "PUBLIC_URL=https://login.example.org\nnonsense\n")
            .unwrap();
        let mut child = command(&folder, &SETTINGS, &["demo", "--port", "0"])
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
        let mut printed = Vec::new();
        for line in lines {
            let is_last = line == "Press Ctrl-C to stop.";
            printed.push(line);
            if is_last {
                return Some(Self { child: Killed(child), temporary, printed });
            }
        }
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        assert!(said.contains("uses port"), "{said}");
        None
    }

    /// The address beside this word.
    fn address(&self, of: &str) -> String {
        let line = self.printed.iter().find_map(|line| line.trim().strip_prefix(of));
        line.unwrap_or_else(|| panic!("{of}: {:?}", self.printed)).trim().to_owned()
    }

    /// The origin of authflow.
    fn origin(&self) -> String {
        self.address("Administration").replace("/admin", "")
    }

    fn accounts(&self) -> Vec<Account> {
        let lines = self.printed.iter().map(|line| line.trim());
        let rows = lines.filter(|line| line.split(' ').next().unwrap().contains('@'));
        let account = |row: &str| {
            let mut columns = row.split("  ").map(str::trim).filter(|it| !it.is_empty());
            let mut column = || columns.next().unwrap().to_owned();
            Account { email: column(), password: column(), roles: column() }
        };
        rows.map(account).collect()
    }

    fn account(&self, name: &str) -> Account {
        let found = self.accounts().into_iter().find(|it| it.email.starts_with(name));
        found.unwrap_or_else(|| panic!("{name}: {:?}", self.printed))
    }

    /// The folder with the data, if there is one.
    fn folders(&self) -> Vec<String> {
        let entries = self.temporary.path().read_dir().unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "work");
        names
    }

    /// What it prints at the end, and whether that was a success.
    fn end(&mut self, signal: &str) -> (String, bool) {
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args([signal, &self.child.id().to_string()]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (said, status.success())
    }
}

/// A browser that resolves `app.localhost` by itself, as browsers do.
fn browser() -> Traveller {
    let loopback = ([127, 0, 0, 1], 0).into();
    let client =
        client().no_proxy().resolve("localhost", loopback).resolve("app.localhost", loopback);
    Traveller::on(Road::Real, client.build().unwrap())
}

/// Opens the address, and signs in on the page that it leads to.
async fn sign_in(browser: &Traveller, address: &str, account: &Account) -> Page {
    let page = browser.open(address).await;
    let fields = [("email", &*account.email), ("password", &*account.password)];
    browser.press(&page, "Sign in", &fields).await
}

#[tokio::test]
async fn a_stranger_can_try_everything_that_the_demo_prints() {
    let mut demo = Demo::start();
    let app = demo.address("Sample app");
    let deep = format!("{app}/reports?year=2026");

    let grace = browser();
    let page = sign_in(&grace, &deep, &demo.account("grace")).await;
    page.is(200).says("Hello, Grace Hopper").says("GET /reports?year=2026");
    for value in ["grace@example.org", "Grace Hopper", "family"] {
        assert!(page.each("dd code").contains(&value.to_owned()), "{}", page.text());
    }
    let links = page.select("nav a");
    let account = grace.open(&links[0]["href"]).await;
    account.is(200).says("Sample app");
    let sign_out = grace.open(&links[1]["href"]).await;
    grace.press(&sign_out, "Sign out", &[]).await.is(200);
    assert!(grace.go(&deep).await.status.is_redirection(), "signing out ends the visit to the app");

    let alan = browser();
    let page = sign_in(&alan, &app, &demo.account("alan")).await;
    page.is(403).says("alan@example.org").says("family");

    let ada = browser();
    let page = sign_in(&ada, &demo.address("Administration"), &demo.account("ada")).await;
    page.is(200).says("5 users").says("The health check found no problems");
    assert!(!ada.open(&demo.origin()).await.is(200).text().contains("Finish setting up"));
    let users = ada.open(&format!("{}/users", demo.address("Administration"))).await;
    users.is(200).says("Email not confirmed").says("Disabled");
    let found = ada.open(&format!("{}?search=alan", users.path)).await;
    let user = found.select(".list a").into_iter().find_map(|mut it| it.remove("href")).unwrap();
    let page = ada.open(&(demo.origin() + &user)).await;
    ada.press(&page, "Save roles", &[("roles", "family")]).await.is(200);
    alan.open(&deep).await.is(200).says("Hello, Alan Turing");

    let (said, is_success) = demo.end("-TERM");
    assert!(is_success && said.contains("Its data is deleted."), "{said}");
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
    assert_eq!(demo.folders(), [""; 0]);
}

#[tokio::test]
async fn every_sample_user_is_as_printed() {
    let demo = Demo::start();
    let accounts = demo.accounts();
    assert_eq!(accounts.len(), 5);
    for account in accounts {
        let page = sign_in(&browser(), &demo.address("Sample app"), &account).await;
        let roles: Vec<&str> = account.roles.split(", ").collect();
        // The sign-in page does not tell strangers why it refuses them.
        match &account.roles {
            it if it.contains("disabled") || it.contains("unconfirmed") => {
                page.is(401).says("Wrong email, handle or password, or the account is disabled.")
            }
            _ if roles.contains(&"family") => page.is(200).says("Remote-User"),
            _ => page.is(403).says("You need the role “family”"),
        };
        assert!(page.status == 200 || !page.body.contains("Remote-User"));
    }
    let emails = browser().open(&demo.address("Emails")).await;
    emails.is(200).says("confirm your email address").says("emmy@example.org");
}

#[tokio::test]
async fn a_visitor_cannot_claim_to_be_someone_else() {
    let demo = Demo::start();
    let app = demo.address("Sample app");
    let claims = [
        ("Remote-User", "root@example.org"),
        ("remote_user", "root@example.org"),
        ("Remote.Groups", "root"),
        ("X-Forwarded-Host", "other.example.org"),
        ("X-Forwarded-Uri", "/other"),
        ("X-Forwarded-Method", "DELETE"),
    ];
    let with_claims = [&NAVIGATION[..], &claims].concat();
    let alan = browser();
    let page = alan.send(Method::GET, &app, &with_claims, None).await;
    let to_sign_in = format!("{}/gate/start?return_to=", demo.origin());
    assert!(page.header("location").starts_with(&to_sign_in), "{}", page.header("location"));
    sign_in(&alan, &app, &demo.account("alan")).await.is(403);
    alan.send(Method::GET, &app, &with_claims, None).await.is(403);

    let grace = browser();
    sign_in(&grace, &app, &demo.account("grace")).await.is(200);
    for method in [Method::GET, Method::POST] {
        let body = Some(b"a=b".to_vec());
        let page = grace.send(method, &format!("{app}/x"), &with_claims, body).await;
        page.is(200).says("grace@example.org");
        for claim in ["root@", "/other", "DELETE"] {
            assert!(!page.body.contains(claim), "{}", page.text());
        }
    }
    // Only the address of tickets leads to authflow, and only from the app's own host.
    grace.go(&format!("{app}/.authflow/other")).await.is(404);
    let by_other_name = app.replace("app.localhost", "localhost");
    grace.go(&format!("{by_other_name}/x")).await.goes_to(&app);
}

#[tokio::test]
async fn every_way_to_stop_deletes_the_data() {
    for signal in ["-INT", "-HUP", "-QUIT"] {
        let mut demo = Demo::start();
        let folders = demo.folders();
        assert!(folders.len() == 1 && folders[0].starts_with("authflow-demo-"), "{folders:?}");
        assert!(demo.end(signal).1, "{signal}");
        assert_eq!(demo.folders(), [""; 0], "{signal}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_refused_with_the_option_that_changes_it() {
    let folder = TempDir::new().unwrap();
    let refused = |port: u16| -> Output {
        let mut demo = command(folder.path(), &[], &["demo", "--port", &port.to_string()]);
        demo.env("TMPDIR", folder.path()).output().unwrap()
    };
    let used = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listener = std::net::TcpListener::bind(("127.0.0.1", used)).unwrap();
    // The port of authflow, then that of the sample app. The one before may be in use as well.
    for port in [used, used - 1] {
        let output = refused(port);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(" uses port ") && said.contains("--port"), "{said}");
        assert!(!said.contains("Press Ctrl-C"), "{said}");
        assert!(is_empty(folder.path()));
    }
    drop(listener);
    let output = command(folder.path(), &[("LOG_FORMAT", "loud")], &["demo", "--port", "0"])
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success() && is_empty(folder.path()), "{}", said(&output));
}

fn is_empty(folder: &Path) -> bool {
    folder.read_dir().unwrap().next().is_none()
}
