//! The program itself, started as a separate process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};

use super::{Browser, wait_for};

/// A process that ends with the test.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Deref for Killed {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Killed {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

/// A running program.
pub struct Program {
    pub child: Killed,
    pub address: SocketAddr,
    pub hello: Vec<String>,
    /// What it prints after the greeting.
    more: Arc<Mutex<Vec<String>>>,
}

pub fn command(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Command {
    command_under(&[], folder, variables, arguments)
}

/// The command, appended to the arguments of another command.
pub fn command_under(
    outer: &[&str],
    folder: &Path,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> Command {
    // `TEST_BINARY` selects another build, such as a release build.
    let binary = std::env::var("TEST_BINARY");
    let binary = binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_authflow"));
    let words: Vec<&str> = outer.iter().copied().chain([binary]).collect();
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    // A free port; everything else is the default.
    command
        .current_dir(folder)
        .env_clear()
        .envs([("PORT", "0"), ("PUBLIC_URL", "http://localhost:5000")])
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(variables.iter().copied()).args(arguments);
    command
}

pub fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    command(folder, variables, arguments).output().unwrap()
}

/// Waits until the log in this folder has a line with all of these words, and returns it.
pub async fn wait_for_log(folder: &Path, words: &[&str]) -> String {
    let line = wait_for(async || {
        let log = std::fs::read_to_string(folder.join("log")).unwrap();
        log.lines().find(|line| words.iter().all(|word| line.contains(word))).map(str::to_owned)
    });
    line.await.unwrap_or_else(|| panic!("no line of the log contains {words:?}"))
}

impl Program {
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_under(&[], folder, variables)
    }

    /// Starts the program through another command, such as `unshare`.
    pub fn start_under(outer: &[&str], folder: &Path, variables: &[(&str, &str)]) -> Self {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
        let mut child = command_under(outer, folder, variables, &[])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let hello: Vec<String> = lines.by_ref().take(4).collect();
        let listens = hello.iter().find_map(|line| line.trim().strip_prefix("listens at"));
        let address = listens.unwrap_or_else(|| panic!("{hello:?}")).trim().parse().unwrap();
        let more = Arc::<Mutex<Vec<String>>>::default();
        let read = Arc::clone(&more);
        std::thread::spawn(move || lines.for_each(|line| read.lock().unwrap().push(line)));
        Self { child: Killed(child), address, hello, more }
    }

    pub fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// The path of the link for the first administrator, which is printed after the greeting.
    pub async fn first_administrator(&self) -> String {
        let link = wait_for(async || {
            let more = self.more.lock().unwrap();
            let link = more.iter().find_map(|it| it.trim().strip_prefix("http://localhost:5000"));
            link.map(str::to_owned)
        });
        link.await.expect("the link for the first administrator is printed")
    }

    /// Waits until the worker has delivered, and returns the path of the link in the newest email in the mailbox.
    pub async fn mailed_path(&self, browser: &Browser, subject: &str) -> String {
        let newest = wait_for(async || {
            let list = browser.get("/dev/mail").await;
            let first = list.select(".list a").first()?["href"].clone();
            list.text().contains(subject).then_some(first)
        });
        let newest = newest.await.unwrap_or_else(|| panic!("no email has the subject {subject:?}"));
        let mail = browser.get(&newest).await;
        let link = &mail.select("pre a")[0]["href"];
        link.strip_prefix("http://localhost:5000").unwrap().to_owned()
    }

    pub fn signal(&self, signal: &str) {
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut kill = Command::new("kill");
        assert!(kill.args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    pub fn end(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// The stdout and stderr of a command.
pub fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    format!("{out}{err}")
}
