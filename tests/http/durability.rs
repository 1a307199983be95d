//! If the process is killed, everything it has confirmed in a response is stored.
//!
//! Several people at a time sign up, confirm, sign in and out, and reset passwords. Meanwhile the server is killed with -9 at random
//! moments and restarted. A person who gets no response stops, and only changes with a response are checked at the end. There are 5
//! rounds, or 50 with `TEST_NIGHTLY`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use authflow::mail::file;
use tempfile::TempDir;

use super::support::*;

const CLIENTS: u64 = 4;

/// What the server has confirmed to a person.
#[derive(Default)]
struct Person {
    email: String,
    password: &'static str,
    is_confirmed: bool,
    asked_for_reset: bool,
    was_reset: bool,
    /// Refresh tokens of sessions that must be valid, and of those that must have ended.
    live: Vec<String>,
    ended: Vec<String>,
}

/// Runs one person after another until the server does not respond.
async fn live(
    program: SocketAddr,
    mails: PathBuf,
    client: u64,
    round: u64,
    finished: Arc<AtomicUsize>,
) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0.. {
        let network = format!("10.{round}.{client}.{n}");
        let headers = [("x-forwarded-for", network.as_str())];
        let browser = Browser::behind(program, &headers);
        let email = format!("person-{round}-{client}-{n}@example.org");
        let mut person = Person { email, password: PASSWORD, ..Person::default() };
        let life = run_once(&browser, &mails, &mut person).await;
        // A sign-up without a response leaves nothing to check.
        if !person.password.is_empty() {
            people.push(person);
        }
        if life.is_err() {
            return people;
        }
        finished.fetch_add(1, Ordering::SeqCst);
    }
    people
}

async fn run_once(browser: &Browser, mails: &Path, person: &mut Person) -> reqwest::Result<()> {
    let email = person.email.clone();
    let token = |browser: &Browser| browser.cookie("authflow-refresh").unwrap();
    person.password = "";
    let fields = [
        ("username", "Ada"),
        ("email", &email),
        ("password", PASSWORD),
        ("confirm_password", PASSWORD),
    ];
    let page = browser.try_press("/auth/register", "Create account", &fields).await?;
    page.goes_to("/auth/check-mail");
    person.password = PASSWORD;

    let link = mailed(browser, mails, &email, "confirm your email address").await?;
    let page = browser.try_press(&link, "Confirm and sign in", &[]).await?;
    page.goes_to("/dashboard");
    person.is_confirmed = true;
    person.live.push(token(browser));

    // A request without a response may or may not have taken effect.
    let session = person.live.pop().unwrap();
    let page = browser.try_press("/dashboard", "Sign out", &[]).await?;
    page.goes_to("/auth/login");
    person.ended.push(session);

    let sign_in = [("email", email.as_str()), ("password", PASSWORD)];
    browser.try_press("/auth/login", "Sign in", &sign_in).await?.goes_to("/dashboard");
    person.live.push(token(browser));

    let asked = [("email", email.as_str())];
    let page = browser.try_press("/auth/forgot-password", "Send reset link", &asked).await?;
    page.goes_to("/auth/check-mail");
    person.asked_for_reset = true;
    let link = mailed(browser, mails, &email, "reset your password").await?;
    let live = std::mem::take(&mut person.live);
    person.password = "";
    let fields = [("password", NEW_PASSWORD), ("confirm_password", NEW_PASSWORD)];
    let page = browser.try_press(&link, "Set password", &fields).await;
    if page.is_err() {
        person.password = "unknown";
    }
    page?.goes_to("/auth/login");
    person.password = NEW_PASSWORD;
    person.was_reset = true;
    person.ended.extend(live);

    let sign_in = [("email", email.as_str()), ("password", NEW_PASSWORD)];
    browser.try_press("/auth/login", "Sign in", &sign_in).await?.goes_to("/dashboard");
    person.live.push(token(browser));
    Ok(())
}

/// Waits for an email in the folder while the server responds.
async fn mailed(
    browser: &Browser,
    mails: &Path,
    to: &str,
    subject: &str,
) -> reqwest::Result<String> {
    loop {
        let written = file::list(mails.to_owned(), 100_000).await.unwrap_or_default();
        let mut mails = written.iter().flatten();
        let found = mails.find(|mail| mail.to == to && mail.subject.contains(subject));
        if let Some(mail) = found {
            let link =
                mail.text.lines().find(|line| line.contains("/auth/") && line.starts_with("http"));
            return Ok(link.unwrap().strip_prefix("http://localhost:5000").unwrap().to_owned());
        }
        browser.try_send(reqwest::Method::GET, "/health", &[], None).await?;
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// Runs rounds of work, each ended by a kill. Afterwards everything confirmed must be stored.
async fn kill_and_check(variables: &[(&str, &str)]) {
    let rounds = if std::env::var("TEST_NIGHTLY").is_ok() { 50 } else { 5 };
    let folder = TempDir::new().unwrap();
    let cheap = [("ARGON2_MEMORY_KIB", "7168"), ("ARGON2_ITERATIONS", "5")];
    let variables: Vec<_> = variables.iter().copied().chain(cheap).collect();
    let people = work_and_kill(folder.path(), &variables, rounds).await;

    let program = Program::start(folder.path(), &variables);
    // An email that was being sent is due again after two minutes.
    let deadline = Instant::now() + Duration::from_mins(4);
    let after = Aftermath { program, mails: folder.path().join("data/mail"), deadline };
    let (mut confirmed, mut reset, mut sessions) = (0, 0, 0);
    for (n, person) in people.iter().enumerate() {
        after.keeps_everything_confirmed(n, person).await;
        confirmed += usize::from(person.is_confirmed);
        reset += usize::from(person.was_reset);
        sessions += person.live.len() + person.ended.len();
    }
    // Some requests must have succeeded.
    let said = format!(
        "{} people, {confirmed} confirmed, {reset} resets, {sessions} sessions",
        people.len()
    );
    assert!(people.len() >= 4 && confirmed > 0 && reset > 0 && sessions > 1, "{said}");
    println!("{rounds} rounds: {said}");
}

/// Lets several people work in parallel, kills the server at a random moment, and restarts it.
async fn work_and_kill(folder: &Path, variables: &[(&str, &str)], rounds: u64) -> Vec<Person> {
    let mut people = Vec::new();
    let finished = Arc::new(AtomicUsize::new(0));
    for round in 0..rounds {
        let mut program = Program::start(folder, variables);
        let clients = (0..CLIENTS).map(|client| {
            let (mails, finished) = (folder.join("data/mail"), Arc::clone(&finished));
            tokio::spawn(live(program.address, mails, client, round, finished))
        });
        let clients: Vec<_> = clients.collect();
        let begun = Instant::now();
        // On a slow machine too, at least one person finishes.
        while finished.load(Ordering::SeqCst) == 0 && begun.elapsed() < Duration::from_mins(2) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let [high, low] = authflow::secret::random::<2>();
        let moment = u64::from(u16::from_be_bytes([high, low])) % 2_500;
        tokio::time::sleep(Duration::from_millis(moment)).await;
        program.child.kill().unwrap(); // SIGKILL
        program.end();
        for client in clients {
            people.extend(client.await.unwrap());
        }
    }
    people
}

/// The server after the last kill.
struct Aftermath {
    program: Program,
    mails: PathBuf,
    deadline: Instant,
}

impl Aftermath {
    async fn keeps_everything_confirmed(&self, n: usize, person: &Person) {
        let network = format!("11.0.{}.{}", n / 250, n % 250);
        let headers = [("x-forwarded-for", network.as_str())];
        let browser = Browser::behind(self.program.address, &headers);
        let email = person.email.as_str();
        assert_eq!(self.mails_to(email, "confirm your email address").await, 1, "{email}");
        if !person.is_confirmed {
            return;
        }
        self.mails_to(email, "your account is ready").await;
        if person.asked_for_reset {
            assert_eq!(self.mails_to(email, "reset your password").await, 1, "{email}");
        }
        for token in &person.live {
            assert!(self.is_signed_in(token).await, "{email} should be signed in");
        }
        for token in &person.ended {
            assert!(!self.is_signed_in(token).await, "{email} should be signed out");
        }
        if person.password != "unknown" {
            browser.sign_in(email, person.password).await.goes_to("/dashboard");
        }
        if person.was_reset {
            self.mails_to(email, "password was changed").await;
            browser.forget_cookie("authflow-refresh");
            browser.sign_in(email, PASSWORD).await.is(401);
        }
    }

    /// Waits for an email, and counts how often it was sent.
    async fn mails_to(&self, to: &str, subject: &str) -> usize {
        loop {
            let mails = file::list(self.mails.clone(), 100_000).await.unwrap();
            let mails = mails.iter().flatten();
            let found = mails.filter(|it| it.to == to && it.subject.contains(subject)).count();
            if found > 0 {
                return found;
            }
            assert!(Instant::now() < self.deadline, "the email {subject:?} to {to} is lost");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn is_signed_in(&self, token: &str) -> bool {
        let browser = Browser::at(self.program.address);
        browser.set_cookie("authflow-refresh", token);
        browser.is_signed_in().await
    }
}

#[tokio::test]
async fn sqlite_keeps_everything_it_confirmed() {
    kill_and_check(&[]).await;
}

#[tokio::test]
async fn postgres_keeps_everything_it_confirmed() {
    let Some(database) = PostgresDatabase::make().await else { return };
    kill_and_check(&[("DATABASE_URL", &database.url), ("SECRET_KEY", SECRET_KEY)]).await;
}
