//! Real PostgreSQL: a database per test on the server at `TEST_POSTGRES_URL`, and separate servers that a test can stop.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Url;
use sqlx::Connection;
use tempfile::TempDir;

use super::left_out::left_out;
use super::{Certificate, free_port, wait_until};

/// A database that lives as long as its test, if `TEST_POSTGRES_URL` names a server.
pub struct PostgresDatabase {
    server: String,
    name: String,
    pub url: String,
}

impl PostgresDatabase {
    pub async fn make() -> Option<Self> {
        let server = std::env::var("TEST_POSTGRES_URL").ok()?;
        let name = format!(
            "authflow_test_{}",
            uuid::Uuid::from_bytes(authflow::secret::random()).simple()
        );
        let mut url = Url::parse(&server).unwrap();
        url.set_path(&name);
        let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
        sqlx::query(&format!("CREATE DATABASE {name}")).execute(&mut connection).await.unwrap();
        Some(Self { server, name, url: url.into() })
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
                let sql = format!("DROP DATABASE {name} WITH (FORCE)");
                sqlx::query(&sql).execute(&mut connection).await.unwrap();
            });
        });
        let _ = dropped.join();
    }
}

#[test]
fn a_run_without_postgresql_says_so() {
    if std::env::var("TEST_POSTGRES_URL").is_err() {
        let why = "TEST_POSTGRES_URL=postgres://USER@HOST/DATABASE names no server where databases may be created";
        left_out("the server on PostgreSQL", why);
    }
}

/// A PostgreSQL server that one test starts and stops.
pub struct Cluster {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Creates a stopped cluster, if this run tests PostgreSQL. PostgreSQL's programs must then be installed.
    pub fn make() -> Option<Self> {
        std::env::var("TEST_POSTGRES_URL").ok()?;
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        if is_root() {
            chown(&data, Some(NOBODY), Some(NOBODY)).unwrap(); // PostgreSQL refuses to run as root
        }
        let cluster = Self { folder, port: free_port(), server: None };
        let mut initdb = cluster.command("initdb");
        initdb.args(["--auth=trust", "--username=authflow", "--encoding=UTF8", "--no-sync", "-D"]);
        let made = initdb.arg(&data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(cluster)
    }

    /// Creates and starts a cluster.
    pub async fn running() -> Option<Self> {
        let mut cluster = Self::make()?;
        cluster.start().await;
        Some(cluster)
    }

    pub fn url(&self) -> String {
        format!("postgres://authflow@127.0.0.1:{}/postgres", self.port)
    }

    pub async fn start(&mut self) {
        self.start_with(&[]).await;
    }

    /// Starts the cluster with TLS and additional settings.
    pub async fn start_with_tls(&mut self, certificate: &Certificate, settings: &[String]) {
        let files = [("server.crt", &*certificate.chain), ("server.key", &certificate.key)];
        let [certificate, key] = self.with_files(&files);
        let ssl = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={certificate}"),
            format!("ssl_key_file={key}"),
        ];
        self.start_with(&[&ssl, settings].concat()).await;
    }

    /// Writes files that the server may read, and returns their paths.
    pub fn with_files<const N: usize>(&self, files: &[(&str, &str); N]) -> [String; N] {
        files.map(|(name, text)| {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            if is_root() {
                chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            path.to_str().unwrap().to_owned()
        })
    }

    async fn start_with(&mut self, settings: &[String]) {
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.folder.path().join("data"));
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
        ]
        .iter()
        .chain(settings)
        {
            postgres.args(["-c", setting]);
        }
        let log =
            fs::File::options().create(true).append(true).open(self.folder.path().join("log"));
        self.server = Some(postgres.stdout(Stdio::null()).stderr(log.unwrap()).spawn().unwrap());
        let log = || fs::read_to_string(self.folder.path().join("log")).unwrap();
        let responds = wait_until(async || answers(&self.url()).await).await;
        assert!(responds, "{}", log());
    }

    /// Stops as for a restart: connections are closed and all data is written.
    pub fn stop(&mut self) {
        self.end("-INT");
    }

    /// Stops as in a power failure.
    pub fn crash(&mut self) {
        self.end("-QUIT");
    }

    /// Acts as if the network dropped every packet: no response arrives, and no connection closes.
    pub fn freeze(&self) {
        self.signal_all("-STOP");
    }

    pub fn thaw(&self) {
        self.signal_all("-CONT");
    }

    fn end(&mut self, signal: &str) {
        let mut server = self.server.take().unwrap();
        kill(signal, server.id());
        server.wait().unwrap();
    }

    fn signal_all(&self, signal: &str) {
        let main = self.server.as_ref().unwrap().id();
        for child in children(main) {
            kill(signal, child);
        }
        kill(signal, main);
    }

    fn command(&self, program: &str) -> Command {
        #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
        let mut command = Command::new(programs().join(program));
        command.current_dir(self.folder.path()).env_clear().env("LC_ALL", "C").process_group(0);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let main = server.id();
            for process in children(main).into_iter().chain([main]) {
                kill("-CONT", process);
            }
            kill("-QUIT", main);
            let _ = server.wait();
        }
    }
}

/// Whether a server responds, even if it rejects the connection.
async fn answers(url: &str) -> bool {
    match sqlx::PgConnection::connect(url).await {
        Ok(_) => true,
        Err(error) => {
            error.as_database_error().is_some_and(|it| it.code().is_some_and(|it| it == "28000"))
        }
    }
}

pub(super) const NOBODY: u32 = 65_534;

/// Whether the tests run as root, to whom no permissions apply.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The folder of PostgreSQL's programs: on the path, or where Debian installs them.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(std::env::split_paths(&path));
    let found = folders
        .into_iter()
        .rev()
        .find(|it| it.join("initdb").exists() && it.join("postgres").exists());
    found.expect("initdb and postgres must be installed, or TEST_POSTGRES_URL unset")
}

fn kill(signal: &str, process: u32) {
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut kill = Command::new("kill");
    let _ = kill.args([signal, &process.to_string()]).stderr(Stdio::null()).status();
}

/// The child processes of a process.
fn children(parent: u32) -> Vec<u32> {
    let is_child = |stat: &str| {
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        after_name.split_whitespace().nth(1).and_then(|it| it.parse().ok()) == Some(parent)
    };
    let processes = fs::read_dir(Path::new("/proc")).unwrap().flatten();
    let processes = processes.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok());
    let stat = |process: &u32| fs::read_to_string(format!("/proc/{process}/stat"));
    processes.filter(|process| stat(process).is_ok_and(|stat| is_child(&stat))).collect()
}
