//! A real proxy before a server, its login and two applications, configured by what `authflow proxy` prints.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::support::*;
use super::traveller::{Road, Traveller, client, sign_up};
use super::upstream::{self, Seen};
use authflow::db::Location;

/// A proxy that can be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
    Traefik,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
        }
    }

    /// The file of a site.
    fn site(self, name: &str) -> String {
        let end = if self == Self::Traefik { "yml" } else { "conf" };
        format!("sites/{name}.{end}")
    }

    /// Where it is installed. `.ci/run` installs it, and says with `TEST_PROXIES` that it must be there.
    fn binary(self) -> Option<String> {
        let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
        let mut paths = folders.split(':').map(|folder| format!("{folder}/{}", self.name()));
        let found = paths.find(|path| Path::new(path).is_file());
        if found.is_none() {
            // Debian has no Traefik.
            let must_be_there = std::env::var("TEST_PROXIES").is_ok() && self != Self::Traefik;
            assert!(!must_be_there, "{} is not installed", self.name());
            eprintln!("\n{} was left out: it is not installed here.", self.name());
        }
        found
    }
}

/// By which version a configuration was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Printed {
    Now,
    Before,
}

/// Where things are, for the parts of the configuration that the test writes itself.
const HOSTS: [&str; 4] = ["login", "app", "wiki", "unknown"];

pub struct Stage {
    pub server: TestApp,
    pub proxy: SocketAddr,
    scheme: &'static str,
    base: &'static str,
    certificate: Certified,
    seen: Seen,
    running: Running,
    way: JoinHandle<()>,
}

struct Certified {
    pem: String,
    key: String,
}

/// A proxy, until the test ends.
struct Running {
    child: Child,
    folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stage {
    /// Puts it up: a server with Ada's account, and as many applications as there are lists of arguments. With a `base` the first
    /// application is at the login's own host.
    pub async fn set(
        kind: Kind,
        scheme: &'static str,
        base: &'static str,
        applications: &[&[&str]],
    ) -> Option<Self> {
        Self::with(kind, Printed::Now, scheme, base, applications).await
    }

    /// The same over http, with a configuration that was printed before tickets had an address of their own.
    pub async fn outdated(kind: Kind, applications: &[&[&str]]) -> Option<Self> {
        Self::with(kind, Printed::Before, "http", "", applications).await
    }

    async fn with(
        kind: Kind,
        printed: Printed,
        scheme: &'static str,
        base: &'static str,
        applications: &[&[&str]],
    ) -> Option<Self> {
        let binary = kind.binary()?;
        // Somebody else may take the port between looking and listening.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let set = Self::at(kind, printed, &binary, port, scheme, base, applications);
            if let Some(stage) = Box::pin(set).await {
                return Some(stage);
            }
        }
        panic!("{} does not start", kind.name());
    }

    async fn at(
        kind: Kind,
        printed: Printed,
        binary: &str,
        port: u16,
        scheme: &'static str,
        base: &'static str,
        applications: &[&[&str]],
    ) -> Option<Self> {
        let proxy = SocketAddr::from(([127, 0, 0, 1], port));
        let origin = |host: &str| format!("{scheme}://{host}.localhost:{port}");
        let first = usize::from(base.is_empty());
        let guarded: Vec<String> =
            (0..applications.len()).map(|at| origin(HOSTS[first + at])).collect();
        let (public_url, gate_origins) = (origin("login") + base, guarded.join(","));
        let variables = [
            ("PUBLIC_URL", public_url.as_str()),
            ("MAIL_TRANSPORT", "file"),
            ("GATE_ORIGINS", &gate_origins),
        ];
        let server = TestApp::with(&variables).await;
        sign_up(&server, ADA).await;

        let (authflow, way) = way_to(server.address).await;
        let authflow = authflow.to_string();
        let certificate = certify();
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        fs::write(at("certificate.pem"), &certificate.pem).unwrap();
        fs::write(at("key.pem"), &certificate.key).unwrap();
        fs::create_dir(at("sites")).unwrap();
        let print = |name: &str, arguments: &[&str]| {
            let (certificate, key) = (at("certificate.pem"), at("key.pem"));
            let mut all = vec!["proxy", kind.name(), "--authflow", &authflow];
            if scheme == "https" {
                all.extend(["--certificate", &certificate, "--key", &key]);
            }
            all.extend(arguments);
            let printed = run(folder.path(), &variables, &all);
            assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
            let mut text = String::from_utf8(printed.stdout).unwrap();
            if TcpListener::bind("[::1]:0").is_err() {
                // A machine without IPv6; nothing else is changed.
                text = text
                    .lines()
                    .filter(|line| !line.contains("listen [::]"))
                    .collect::<Vec<_>>()
                    .join("\n");
            }
            fs::write(at(&kind.site(name)), text).unwrap();
        };
        let (upstream, seen) = upstream::start().await;
        let upstream = upstream.to_string();
        for (guarded, arguments) in guarded.iter().zip(applications) {
            let name = guarded.split("://").nth(1).unwrap();
            print(name, &[&["--app", guarded, "--upstream", &upstream][..], arguments].concat());
            let file = at(&kind.site(name));
            match printed {
                Printed::Now => open_a_path(kind, &file, &upstream, &at("access")),
                Printed::Before => take_back(kind, &file),
            }
        }
        print("unknown", &["--app", &origin("unknown"), "--upstream", &upstream]);
        if base.is_empty() {
            print("login", &[]);
        }
        let child = start(kind, binary, folder.path(), proxy, scheme);
        let mut running = Running { child, folder };
        for _ in 0..400 {
            if running.child.try_wait().unwrap().is_some() {
                let log = fs::read_to_string(running.folder.path().join("log")).unwrap_or_default();
                assert!(
                    log.contains("in use"),
                    "{} does not like what is printed: {log}",
                    kind.name()
                );
                return None;
            }
            if std::net::TcpStream::connect(proxy).is_ok() {
                let stage = Self { server, proxy, scheme, base, certificate, seen, running, way };
                // Traefik listens before it has read its files.
                let (client, page) = (stage.client(), stage.login("/auth/login"));
                let is_ready =
                    async || client.get(&page).send().await.is_ok_and(|page| page.status() != 404);
                while kind == Kind::Traefik && !is_ready().await {
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                return Some(stage);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        None
    }

    /// The proxy reaches the server no more, as if it had stopped.
    pub async fn cut_the_way(&mut self) {
        self.way.abort();
        let _ = (&mut self.way).await;
    }

    /// Nothing of a ticket has reached the application, or a log of the proxy.
    pub fn shows_no_ticket(&self) {
        self.shows_the_application_no_ticket();
        let folder = self.running.folder.path();
        let [access, errors] =
            ["access", "log"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
        assert!(!access.is_empty());
        for text in [access, errors] {
            assert!(!text.contains("ticket=") && !text.contains("__gate"), "{text}");
        }
    }

    /// Nothing of a ticket has reached the application.
    pub fn shows_the_application_no_ticket(&self) {
        let seen = self.seen.lock().unwrap();
        assert!(!seen.is_empty());
        assert!(!seen.contains("ticket=") && !seen.contains("__gate"), "{seen}");
    }

    /// What `authflow doctor` says, run as the operator runs it.
    pub async fn examine(&self) -> std::process::Output {
        let config = &self.server.app.config;
        let origins: Vec<String> = config.gate_origins.iter().map(ToString::to_string).collect();
        let mut variables = vec![
            ("PUBLIC_URL", config.public_url.to_string()),
            ("GATE_ORIGINS", origins.join(",")),
            ("DATA_DIR", config.data_dir.display().to_string()),
            ("REGISTRATION", "closed".into()),
        ];
        if let Location::Postgres(server) = &config.database {
            variables.push(("DATABASE_URL", server.url().reveal().clone()));
            variables.push(("SECRET_KEY", SECRET_KEY.into()));
        }
        let asked = tokio::task::spawn_blocking(move || {
            let folder = TempDir::new().unwrap();
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            run(folder.path(), &variables, &["doctor"])
        });
        asked.await.unwrap()
    }

    fn at_host(&self, host: &str) -> String {
        format!("{}://{host}.localhost:{}", self.scheme, self.proxy.port())
    }

    /// The origin of an application.
    pub fn app(&self, number: usize) -> String {
        self.at_host(HOSTS[number + usize::from(self.base.is_empty())])
    }

    /// A path of the login.
    pub fn login(&self, path: &str) -> String {
        self.at_host("login") + self.base + path
    }

    /// A path of the login's host.
    pub fn origin(&self, path: &str) -> String {
        self.at_host("login") + path
    }

    /// An application that the proxy has and `GATE_ORIGINS` has not.
    pub fn unknown(&self) -> String {
        self.at_host("unknown")
    }

    /// A browser that knows where the hosts are.
    pub fn browser(&self) -> Traveller {
        Traveller::on(Road::Real, self.client())
    }

    fn client(&self) -> reqwest::Client {
        let mut client = client()
            .tls_certs_only([
                reqwest::Certificate::from_pem(self.certificate.pem.as_bytes()).unwrap()
            ]);
        for host in HOSTS {
            client = client.resolve(&format!("{host}.localhost"), self.proxy);
        }
        client.build().unwrap()
    }

    /// TLS to the first application.
    pub async fn tls(&self, stream: TcpStream) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.certificate.pem.as_bytes()).unwrap())
            .unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("app.localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

/// A way to the server that can be cut.
async fn way_to(server: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let way = tokio::spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let (mut from, _) = listener.accept().await.unwrap();
            from.set_nodelay(true).unwrap();
            open.spawn(async move {
                let Ok(mut to) = TcpStream::connect(server).await else { return };
                to.set_nodelay(true).unwrap();
                let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
            });
        }
    });
    (address, way)
}

/// What operators add to what is printed: a path past the gate, below `/open/`, and an access log.
fn open_a_path(kind: Kind, file: &str, upstream: &str, log: &str) {
    let printed = fs::read_to_string(file).unwrap();
    if kind == Kind::Traefik {
        // With the line that the printed configuration has ready for those who keep an access log.
        let id = printed.lines().find_map(|line| line.trim().strip_suffix("-ticket:")).unwrap();
        let (_, rule) = printed.split_once("rule: 'Host(`").unwrap();
        let (host, _) = rule.split_once('`').unwrap();
        let is_https = printed.contains("websecure");
        let (entry_point, tls) =
            if is_https { ("websecure", "      tls: {}\n") } else { ("web", "") };
        let open = format!(
            "  routers:\n    {id}-open:\n      rule: 'Host(`{host}`) && PathPrefix(`/open/`)'\n      priority: 500\n      \
             entryPoints: [{entry_point}]\n{tls}      service: {id}\n"
        );
        let text = printed.replace("# observability:", "observability:");
        fs::write(file, text.replacen("  routers:\n", &open, 1)).unwrap();
        return;
    }
    let (place, more) = match kind {
        // A regular expression, which wins over prefixes; and one that would like to have everything.
        Kind::Nginx => (
            "    # The gate decides.",
            format!(
                "    location ~ /open/ {{ proxy_pass http://{upstream}; }}\n    location ~ ^/[.]authflow/ {{ proxy_pass http://{upstream}; }}\n"
            ),
        ),
        Kind::Caddy | Kind::Traefik => (
            "\t# This prefix belongs to the gate",
            format!(
                "\tlog {{\n\t\toutput file {log}\n\t}}\n\thandle /open/* {{\n\t\treverse_proxy {upstream}\n\t}}\n"
            ),
        ),
    };
    let (head, tail) = printed.split_once(place).unwrap();
    fs::write(file, format!("{head}{more}{place}{tail}")).unwrap();
}

/// Takes the reserved path out of what is printed.
fn take_back(kind: Kind, file: &str) {
    let printed = fs::read_to_string(file).unwrap();
    let (from, to) = match kind {
        Kind::Nginx => ("    location = /.authflow/ticket", "    # What nginx says when"),
        Kind::Caddy => ("\thandle /.authflow/*", "\n\thandle {\n"),
        Kind::Traefik => ("    # This prefix", "-ticket\n"),
    };
    let (head, tail) = printed.split_once(from).unwrap();
    let (_, tail) = tail.split_once(to).unwrap();
    let to = if kind == Kind::Traefik { "" } else { to };
    fs::write(file, format!("{head}{to}{tail}")).unwrap();
}

fn certify() -> Certified {
    let names = HOSTS.map(|host| format!("{host}.localhost"));
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    Certified { pem: certificate.pem(), key: key.serialize_pem() }
}

/// Starts it with what it needs beside the sites.
fn start(kind: Kind, binary: &str, folder: &Path, proxy: SocketAddr, scheme: &str) -> Child {
    let path = folder.to_str().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut command = Command::new(binary);
    let (file, text) = match kind {
        Kind::Nginx => (
            "nginx.conf",
            format!(
                "user root; daemon off; master_process off; pid {path}/pid; error_log stderr;\n\
                 events {{ worker_connections 256; }}\n\
                 http {{ access_log {path}/access; client_body_temp_path {path}/1; proxy_temp_path {path}/2; fastcgi_temp_path {path}/3;\n\
                 uwsgi_temp_path {path}/4; scgi_temp_path {path}/5; include {path}/sites/*.conf; }}\n"
            ),
        ),
        Kind::Caddy => (
            "Caddyfile",
            format!(
                "{{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}}\nimport {path}/sites/*.conf\n"
            ),
        ),
        Kind::Traefik => (
            "sites/certificate.yml",
            format!(
                "tls:\n  stores:\n    default:\n      defaultCertificate:\n        certFile: {path}/certificate.pem\n        \
                 keyFile: {path}/key.pem\n"
            ),
        ),
    };
    let file = folder.join(file);
    fs::write(&file, text).unwrap();
    let entry_point = if scheme == "https" { "websecure" } else { "web" };
    match kind {
        Kind::Nginx => command.arg("-c").arg(&file),
        Kind::Caddy => command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file),
        Kind::Traefik => command.args([
            &format!("--entryPoints.{entry_point}.address={proxy}"),
            &format!("--providers.file.directory={path}/sites"),
            &format!("--accessLog.filePath={path}/access"),
            "--global.checkNewVersion=false",
        ]),
    };
    let log = fs::File::create(folder.join("log")).unwrap();
    command.env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder).env("HOME", folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}
