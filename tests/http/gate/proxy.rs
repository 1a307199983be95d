//! An installed proxy: the configuration that `authflow proxy` prints for it, and its process.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::super::support::*;

/// A supported proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
    Traefik,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
        }
    }

    /// The configuration file of a site.
    fn site(self, name: &str) -> String {
        let end = if self == Self::Traefik { "yml" } else { "conf" };
        format!("sites/{name}.{end}")
    }

    /// The path of the binary, if installed. `TEST_PROXIES` requires nginx and Caddy.
    pub fn binary(self) -> Option<String> {
        let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
        let mut paths = folders.split(':').map(|folder| format!("{folder}/{}", self.name()));
        let found = paths.find(|path| Path::new(path).is_file());
        if found.is_none() {
            // Debian has no Traefik.
            let must_be_there = std::env::var("TEST_PROXIES").is_ok() && self != Self::Traefik;
            assert!(!must_be_there, "{} must be installed if TEST_PROXIES is set", self.name());
            left_out(&format!("the gate behind {}", self.name()), "it is not installed");
        }
        found
    }
}

/// Which version printed a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    This,
    /// From before tickets had a dedicated path.
    Earlier,
}

/// A folder with the configuration of a proxy, before it starts.
pub struct Configuration<'a> {
    kind: Kind,
    scheme: &'a str,
    folder: TempDir,
    /// The server's variables, which `authflow proxy` reads too.
    variables: &'a [(&'a str, &'a str)],
    /// The addresses of authflow and the apps.
    authflow: String,
    upstream: String,
}

impl<'a> Configuration<'a> {
    pub fn new(
        kind: Kind,
        scheme: &'a str,
        variables: &'a [(&'a str, &'a str)],
        authflow: SocketAddr,
        upstream: SocketAddr,
    ) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("sites")).unwrap();
        let (authflow, upstream) = (authflow.to_string(), upstream.to_string());
        Self { kind, scheme, folder, variables, authflow, upstream }
    }

    /// The certificate of all sites, and its key, in PEM.
    pub fn certificate(&self, certificate: &str, key: &str) {
        fs::write(self.path("certificate.pem"), certificate).unwrap();
        fs::write(self.path("key.pem"), key).unwrap();
    }

    /// Adds authflow's own site as printed.
    pub fn add_authflow(&self) {
        self.print("login", &[]);
    }

    /// Adds the site of an app as printed.
    pub fn add_app(&self, origin: &str, arguments: &[&str]) {
        let name = origin.split("://").nth(1).unwrap();
        self.print(name, &[&["--app", origin, "--upstream", &self.upstream], arguments].concat());
    }

    /// Adds the site of an app with an operator's changes, or as an earlier version printed it.
    pub fn add_operated_app(&self, version: Version, origin: &str, arguments: &[&str]) {
        self.add_app(origin, arguments);
        let file = self.path(&self.kind.site(origin.split("://").nth(1).unwrap()));
        match version {
            Version::This => open_a_path(self.kind, &file, &self.upstream, &self.path("access")),
            Version::Earlier => remove_reserved_path(self.kind, &file),
        }
    }

    /// Adds sites that are already written.
    pub fn add_written(&self, sites: &str) {
        fs::write(self.path(&self.kind.site("written")), sites).unwrap();
    }

    fn print(&self, name: &str, arguments: &[&str]) {
        let (certificate, key) = (self.path("certificate.pem"), self.path("key.pem"));
        let mut all = vec!["proxy", self.kind.name(), "--authflow", &self.authflow];
        if self.scheme == "https" {
            all.extend(["--certificate", &certificate, "--key", &key]);
        }
        all.extend(arguments);
        let printed = run(self.folder.path(), self.variables, &all);
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        fs::write(self.path(&self.kind.site(name)), printed.stdout).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Starts the proxy, and waits until it listens. `None` if another process has taken the port.
    pub async fn start(self, binary: &str, address: SocketAddr) -> Option<RunningProxy> {
        let child = start(self.kind, binary, self.folder.path(), address, self.scheme);
        let mut running = RunningProxy { child: Killed(child), folder: self.folder };
        let listens = wait_for(async || {
            if running.child.try_wait().unwrap().is_some() {
                let (name, log) = (self.kind.name(), running.read("log"));
                assert!(log.contains("in use"), "{name} refuses its configuration: {log}");
                return Some(false);
            }
            std::net::TcpStream::connect(address).is_ok().then_some(true)
        });
        (listens.await == Some(true)).then_some(running)
    }
}

/// A running proxy, until the test ends.
pub struct RunningProxy {
    child: Killed,
    folder: TempDir,
}

impl RunningProxy {
    /// A log of the proxy: `access`, or `log` with its errors.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// Adds an unguarded path, `/open/`, and an access log, as operators do.
fn open_a_path(kind: Kind, file: &str, upstream: &str, log: &str) {
    let printed = fs::read_to_string(file).unwrap();
    if kind == Kind::Traefik {
        // The printed configuration contains a line to enable for an access log.
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
        // Regular expressions, which win over prefixes. One of them matches the reserved path.
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

/// Removes the reserved path from the printed configuration.
fn remove_reserved_path(kind: Kind, file: &str) {
    let printed = fs::read_to_string(file).unwrap();
    let (from, to) = match kind {
        Kind::Nginx => ("    location = /.authflow/ticket", "    # The gate's error page"),
        Kind::Caddy => ("\thandle /.authflow/*", "\n\thandle {\n"),
        Kind::Traefik => ("    # This prefix", "-ticket\n"),
    };
    let (head, tail) = printed.split_once(from).unwrap();
    let (_, tail) = tail.split_once(to).unwrap();
    let to = if kind == Kind::Traefik { "" } else { to };
    fs::write(file, format!("{head}{to}{tail}")).unwrap();
}

/// Starts the proxy with the configuration it needs besides the sites.
fn start(kind: Kind, binary: &str, folder: &Path, proxy: SocketAddr, scheme: &str) -> Child {
    let path = folder.to_str().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the rule is for the server")]
    let mut command = Command::new(binary);
    // For sites whose address names no port.
    let default_port =
        if scheme == "http" { format!("\thttp_port {}\n", proxy.port()) } else { String::new() };
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
                "{{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n{default_port}}}\nimport {path}/sites/*.conf\n"
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
