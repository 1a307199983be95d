//! The data for the templates of all proxies.

use url::{Url, form_urlencoded};

use super::address::{host_and_port, reachable};
use super::arguments::{ProxyArguments, ProxyKind};
use super::command_line::command;
use super::notes::notes;
use crate::config::Config;
use crate::domain::account::role;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::gate::public_path::PublicPath;

/// The gate's identity headers.
const CLAIMS: [&str; 6] =
    ["Remote-User", "Remote-Id", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Token"];

/// The site of a configuration: authflow's own, a guarded app's, or both.
#[expect(clippy::struct_excessive_bools, reason = "each switches a part of a template")]
pub struct Site {
    pub heading: String,
    pub command: String,
    pub notes: Vec<String>,
    /// A part of names in the configuration.
    pub id: String,
    pub origin: String,
    pub scheme: &'static str,
    pub host: String,
    pub port: u16,
    pub is_https: bool,
    /// The address of authflow.
    pub authflow: String,
    /// The path of authflow.
    pub base: String,
    pub login_host: String,
    pub login_id: String,
    /// Whether authflow serves its pages here.
    pub has_login: bool,
    pub guarded: Option<Guarded>,
    pub tls: Option<Tls>,
    /// The name of Traefik's certificate resolver.
    pub cert_resolver: Option<String>,
    /// Whether nginx also listens on IPv6.
    pub ipv6: bool,
    /// Whether nginx uses HTTP/2.
    pub http2: bool,
    /// Headers that a client must not send.
    pub claims: Vec<IdentityHeader>,
    /// Headers that the gate sets.
    pub identity: Vec<IdentityHeader>,
}

/// A header that tells the app who the user is.
#[derive(Clone)]
pub struct IdentityHeader {
    pub name: &'static str,
    /// A spelling that many apps treat as the same header.
    pub look_alike: String,
    /// Its name in nginx variables.
    pub variable: String,
}

/// A guarded app.
pub struct Guarded {
    pub upstream: String,
    /// The query of the gate's address.
    pub rule: String,
    /// The paths that need no sign-in.
    pub public: Vec<PublicPath>,
}

/// Files on the proxy's machine.
pub struct Tls {
    pub certificate: String,
    pub key: String,
}

impl Site {
    /// `Err`: which argument is wrong, as a sentence.
    pub fn new(config: &Config, arguments: &ProxyArguments) -> Result<Self, String> {
        let login =
            GateOrigin::parse(&config.public_url.origin()).ok_or("PUBLIC_URL has no origin")?;
        let (origin, guarded) = match guarded(arguments)? {
            Some((origin, guarded)) => (origin, Some(guarded)),
            None => (login.clone(), None),
        };
        if let Some(guarded) = &guarded
            && origin == login
        {
            refuse_own_pages(&guarded.public, config.public_url.base())?;
        }
        if guarded.is_some() && origin == login && config.public_url.base().is_empty() {
            return Err(
                "--app: this is authflow's own origin. Give the app another host, or authflow a path.".into()
            );
        }
        let authflow = match &arguments.authflow {
            Some(address) => host_and_port(address).ok_or_else(|| {
                format!("--authflow {address}: expected host and port, such as authflow:5000")
            })?,
            None => reachable(config.listen).to_string(),
        };
        let url = Url::parse(origin.as_str()).map_err(|error| error.to_string())?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let tls = tls(arguments, &origin, &host)?;
        let claims: Vec<IdentityHeader> = CLAIMS.into_iter().map(IdentityHeader::new).collect();
        let identity = claims.iter().filter(|it| arguments.token || it.name != "Remote-Token");
        Ok(Self {
            heading: match &guarded {
                Some(_) => format!("{origin}, guarded by authflow at {}.", config.public_url),
                None => format!("authflow at {}.", config.public_url),
            },
            command: command(arguments),
            notes: notes(config, arguments, &origin, guarded.as_ref().map(|it| &*it.public)),
            ipv6: arguments.ipv6,
            http2: arguments.http2,
            id: id(&origin),
            login_id: id(&login),
            scheme: if origin.is_https() { "https" } else { "http" },
            is_https: origin.is_https(),
            has_login: origin == login,
            origin: origin.to_string(),
            host,
            port: url.port_or_known_default().unwrap_or(443),
            authflow,
            base: config.public_url.base().to_owned(),
            login_host: authority(&config.public_url.origin()).to_owned(),
            guarded,
            tls,
            cert_resolver: cert_resolver(arguments)?,
            identity: identity.cloned().collect(),
            claims,
        })
    }
}

impl Site {
    /// Whether plain HTTP is redirected: HTTPS is on its default port.
    pub fn is_redirected(&self) -> bool {
        self.is_https && self.port == 443
    }

    /// A page that the proxy itself sends, on one line. It needs no stylesheet, and no character that is special inside double quotes in
    /// the proxies' configurations.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    pub fn page(&self, title: &str, text: &str) -> String {
        format!(
            "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'>\
             <meta name='color-scheme' content='light dark'><title>{title}</title></head>\
             <body style='font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem'>\
             <h1 style='font-size:1.5rem'>{title}</h1><p>{text}</p></body></html>"
        )
    }

    /// The page while authflow cannot be reached.
    pub fn away(&self) -> String {
        self.page(
            "We will be right back",
            "Sign-in cannot be reached right now. Try again in a few seconds.",
        )
    }

    /// The page for an address that belongs to the gate.
    pub fn nothing(&self) -> String {
        self.page("Page not found", "This page does not exist. Check the address for typos.")
    }
}

impl IdentityHeader {
    fn new(name: &'static str) -> Self {
        let look_alike = name.replace('-', "_");
        Self { name, variable: look_alike.to_lowercase(), look_alike }
    }
}

/// The app in the arguments, if any, and its origin.
fn guarded(arguments: &ProxyArguments) -> Result<Option<(GateOrigin, Guarded)>, String> {
    let (Some(app), Some(upstream)) = (&arguments.app, &arguments.upstream) else {
        return Ok(None);
    };
    let origin = GateOrigin::parse(app).ok_or_else(|| {
        format!("--app {app}: expected scheme, host and optionally port, such as https://app.example.org")
    })?;
    let upstream = host_and_port(upstream).ok_or_else(|| {
        format!("--upstream {upstream}: expected host and port, such as 127.0.0.1:8080")
    })?;
    let public: Result<Vec<PublicPath>, String> = arguments
        .public
        .iter()
        .map(|path| {
            PublicPath::parse(path).map_err(|why| format!("--public {path}: the path {why}"))
        })
        .collect();
    let public = public?;
    let rule = rule(arguments, &public)?;
    Ok(Some((origin, Guarded { upstream, rule, public })))
}

/// authflow's own pages are never behind the gate.
fn refuse_own_pages(public: &[PublicPath], base: &str) -> Result<(), String> {
    let is_own = |path: &str| path == base || path.starts_with(&format!("{base}/"));
    match public.iter().find(|path| is_own(path.as_str())) {
        Some(path) if !base.is_empty() => Err(format!(
            "--public {}: the path belongs to authflow, whose pages need no rule",
            path.as_str()
        )),
        _ => Ok(()),
    }
}

fn rule(arguments: &ProxyArguments, public: &[PublicPath]) -> Result<String, String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for list in &arguments.role {
        let roles = role::names(list);
        if roles.is_empty() || list.contains(char::is_control) {
            return Err("--role: write the names of roles, separated by commas".into());
        }
        for role in roles {
            query.append_pair("role", role);
        }
    }
    if arguments.factor.is_some() {
        query.append_pair("factor", "2");
    }
    if arguments.token {
        query.append_pair("token", "1");
    }
    for path in public {
        query.append_pair("public", path.as_str());
    }
    Ok(query.finish())
}

/// For nginx, the files of certbot unless the arguments name others. The other proxies obtain certificates themselves.
fn tls(arguments: &ProxyArguments, origin: &GateOrigin, host: &str) -> Result<Option<Tls>, String> {
    for file in [&arguments.certificate, &arguments.key].into_iter().flatten() {
        if !file.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@+".contains(c)) {
            return Err(format!("{file}: file names may not contain spaces or quotes"));
        }
    }
    let certbot = |file: &str| format!("/etc/letsencrypt/live/{host}/{file}");
    Ok(match (&arguments.certificate, &arguments.key) {
        (Some(certificate), Some(key)) => {
            Some(Tls { certificate: certificate.clone(), key: key.clone() })
        }
        _ if origin.is_https() && arguments.proxy == ProxyKind::Nginx => {
            Some(Tls { certificate: certbot("fullchain.pem"), key: certbot("privkey.pem") })
        }
        _ => None,
    })
}

fn cert_resolver(arguments: &ProxyArguments) -> Result<Option<String>, String> {
    let Some(name) = &arguments.cert_resolver else { return Ok(None) };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(format!(
            "--cert-resolver {name}: write its name in Traefik's configuration, such as letsencrypt"
        ));
    }
    Ok(Some(name.clone()))
}

/// A name for the configuration: only letters, digits and underscores.
fn id(origin: &GateOrigin) -> String {
    authority(origin.as_str()).replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// Host and port of an origin.
pub fn authority(origin: &str) -> &str {
    origin.split("://").last().unwrap_or_default()
}
