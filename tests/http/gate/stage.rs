//! A real proxy in front of a server and two apps, with the configuration that `authflow proxy` prints.

use std::net::SocketAddr;
use std::sync::Arc;

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
use super::proxy::{Configuration, Kind, RunningProxy, Version};
use super::traveller::{Road, Traveller, client, sign_up};
use super::upstream::{self, Seen};
use authflow::db::Location;

/// The hosts behind the proxy: authflow, the guarded apps, and one that authflow does not know.
const HOSTS: [&str; 4] = ["login", "app", "wiki", "unknown"];

/// The parameters of a stage.
#[derive(Clone, Copy)]
struct Setting<'a> {
    kind: Kind,
    version: Version,
    scheme: &'static str,
    base: &'static str,
    /// Arguments of `authflow proxy` for each app.
    apps: &'a [&'a [&'a str]],
}

pub struct Stage {
    pub kind: Kind,
    pub server: TestApp,
    pub proxy: SocketAddr,
    scheme: &'static str,
    base: &'static str,
    certificate: String,
    seen: Seen,
    running: RunningProxy,
    way: JoinHandle<()>,
}

impl Stage {
    /// A server with Ada's account behind a proxy, with an app for each list of arguments. With a `base`, the first app has the host
    /// of authflow itself. `None` where the proxy is not installed.
    pub async fn set(
        kind: Kind,
        scheme: &'static str,
        base: &'static str,
        apps: &[&[&str]],
    ) -> Option<Self> {
        Self::with(Setting { kind, version: Version::This, scheme, base, apps }).await
    }

    /// A stage over http, with a configuration that an earlier version printed.
    pub async fn outdated(kind: Kind, apps: &[&[&str]]) -> Option<Self> {
        let version = Version::Earlier;
        Self::with(Setting { kind, version, scheme: "http", base: "", apps }).await
    }

    async fn with(setting: Setting<'_>) -> Option<Self> {
        let binary = setting.kind.binary()?;
        // Another run of the tests may take the port before the proxy listens on it.
        for _ in 0..5 {
            let port = free_port();
            if let Some(stage) = Box::pin(Self::at(setting, &binary, port)).await {
                return Some(stage);
            }
        }
        panic!("{} did not start", setting.kind.name());
    }

    async fn at(setting: Setting<'_>, binary: &str, port: u16) -> Option<Self> {
        let Setting { kind, version, scheme, base, apps } = setting;
        let proxy = SocketAddr::from(([127, 0, 0, 1], port));
        let origin = |host: &str| format!("{scheme}://{host}.localhost:{port}");
        let first = usize::from(base.is_empty());
        let guarded: Vec<String> = (0..apps.len()).map(|at| origin(HOSTS[first + at])).collect();
        let (public_url, gate_origins) = (origin("login") + base, guarded.join(","));
        let variables = [
            ("PUBLIC_URL", public_url.as_str()),
            ("MAIL_TRANSPORT", "file"),
            ("GATE_ORIGINS", &gate_origins),
        ];
        let server = TestApp::with(&variables).await;
        sign_up(&server, ADA).await;

        let (authflow, way) = relay_to(server.address).await;
        let (upstream, seen) = upstream::start().await;
        let configuration = Configuration::new(kind, scheme, &variables, authflow, upstream);
        let (certificate, key) = certify();
        configuration.certificate(&certificate, &key);
        for (origin, arguments) in guarded.iter().zip(apps) {
            configuration.add_operated_app(version, origin, arguments);
        }
        configuration.add_app(&origin("unknown"), &[]);
        if base.is_empty() {
            configuration.add_authflow();
        }
        let running = configuration.start(binary, proxy).await?;
        let stage = Self { kind, server, proxy, scheme, base, certificate, seen, running, way };
        stage.wait_until_ready().await;
        Some(stage)
    }

    /// Traefik listens before it has read its files.
    async fn wait_until_ready(&self) {
        let (client, page) = (self.client(), self.login("/auth/login"));
        let is_ready =
            async || client.get(&page).send().await.is_ok_and(|page| page.status() != 404);
        assert!(self.kind != Kind::Traefik || wait_until(is_ready).await, "Traefik reads no file");
    }

    /// Cuts the proxy off from the server, as if the server had stopped.
    pub async fn cut_off_server(&mut self) {
        self.way.abort();
        let _ = (&mut self.way).await;
    }

    /// No ticket has reached the app or a log of the proxy.
    pub fn shows_no_ticket(&self) {
        self.shows_the_app_no_ticket();
        let (access, errors) = (self.running.read("access"), self.running.read("log"));
        assert!(!access.is_empty());
        for text in [access, errors] {
            assert!(!text.contains("ticket=") && !text.contains("__gate"), "{text}");
        }
    }

    /// No ticket has reached the app.
    pub fn shows_the_app_no_ticket(&self) {
        let seen = self.seen.lock().unwrap();
        assert!(!seen.is_empty());
        assert!(!seen.contains("ticket=") && !seen.contains("__gate"), "{seen}");
    }

    /// Waits until the head of this request has reached the app.
    pub async fn app_has_seen(&self, request: &str) {
        let seen = wait_until(async || self.seen.lock().unwrap().contains(request)).await;
        assert!(seen, "{request} did not reach the app");
    }

    /// The output of `authflow doctor`.
    pub async fn examine(&self) -> std::process::Output {
        let config = &self.server.app.config;
        let apps: Vec<String> = config.guarded_apps.iter().map(ToString::to_string).collect();
        let mut variables = vec![
            ("PUBLIC_URL", config.public_url.to_string()),
            ("GATE_ORIGINS", apps.join(",")),
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

    /// The origin of an app.
    pub fn app(&self, number: usize) -> String {
        self.at_host(HOSTS[number + usize::from(self.base.is_empty())])
    }

    /// The URL of a page of authflow.
    pub fn login(&self, path: &str) -> String {
        self.at_host("login") + self.base + path
    }

    /// Any path of authflow's host.
    pub fn origin(&self, path: &str) -> String {
        self.at_host("login") + path
    }

    /// An app that the proxy serves but `GATE_ORIGINS` does not list.
    pub fn unknown(&self) -> String {
        self.at_host("unknown")
    }

    /// A browser that resolves all hosts to the proxy.
    pub fn browser(&self) -> Traveller {
        Traveller::on(Road::Real, self.client())
    }

    fn client(&self) -> reqwest::Client {
        let mut client = client()
            .tls_certs_only([reqwest::Certificate::from_pem(self.certificate.as_bytes()).unwrap()]);
        for host in HOSTS {
            client = client.resolve(&format!("{host}.localhost"), self.proxy);
        }
        client.build().unwrap()
    }

    /// TLS to the first app.
    pub async fn tls(&self, stream: TcpStream) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("app.localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }
}

/// A relay to the server that can be cut.
async fn relay_to(server: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
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

/// A certificate for all hosts and its key, in PEM.
fn certify() -> (String, String) {
    let names = HOSTS.map(|host| format!("{host}.localhost"));
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}
