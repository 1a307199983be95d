//! PgBouncer, the connection pooler, in front of the server at `TEST_POSTGRES_URL`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Url;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tempfile::TempDir;

use super::left_out::left_out;
use super::postgres::{NOBODY, is_root};
use super::{free_port, wait_until};

/// A running PgBouncer.
pub struct PgBouncer {
    /// The address of the database behind it.
    pub url: String,
    process: Child,
    folder: TempDir,
}

impl PgBouncer {
    /// The path of the program, if it is installed. `TEST_PGBOUNCER` requires it.
    pub fn program() -> Option<PathBuf> {
        let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
        let mut paths = folders.split(':').map(|folder| Path::new(folder).join("pgbouncer"));
        let found = paths.find(|path| path.is_file());
        if found.is_none() {
            let must_be_there = std::env::var("TEST_PGBOUNCER").is_ok();
            assert!(!must_be_there, "pgbouncer must be installed if TEST_PGBOUNCER is set");
            left_out("the server behind PgBouncer", "pgbouncer is not installed");
        }
        found
    }

    /// Whether this version supports prepared statements in transaction mode, as 1.21 and later do.
    pub fn has_prepared_statements(program: &Path) -> bool {
        let version = command(program).arg("--version").output().unwrap().stdout;
        let version = String::from_utf8_lossy(&version).into_owned();
        let numbers = version.split_whitespace().nth(1).unwrap_or_default();
        let mut numbers = numbers.split('.').map(|it| it.parse::<u32>().unwrap());
        (numbers.next(), numbers.next()) >= (Some(1), Some(21))
    }

    /// Starts PgBouncer in front of this database, with its default settings except `settings`.
    pub async fn start(program: &Path, database: &str, settings: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let port = free_port();
        let server: PgConnectOptions = database.parse().unwrap();
        let mut behind = format!(
            "host={} port={} user={}",
            server.get_host(),
            server.get_port(),
            server.get_username()
        );
        let mut url = Url::parse(database).unwrap();
        if let Some(password) = url.password() {
            behind = format!("{behind} password={password}");
        }
        let own = format!(
            "[databases]\n* = {behind}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\n{settings}\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, own).unwrap();
        let mut run = command(program);
        run.arg(&file).stdout(Stdio::null());
        if is_root() {
            for path in [folder.path(), &file] {
                fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            run.uid(NOBODY).gid(NOBODY); // PgBouncer refuses to run as root
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = run.stderr(log).spawn().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let started = Self { url: url.into(), process, folder };
        let listens = async || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        let log = || fs::read_to_string(started.folder.path().join("log")).unwrap();
        assert!(wait_until(listens).await, "{}", log());
        started
    }

    /// A connection that sends no parameter that PgBouncer refuses.
    pub async fn connection(&self) -> PgConnection {
        let options: PgConnectOptions = self.url.parse().unwrap();
        PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(program: &Path) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    Command::new(program)
}
