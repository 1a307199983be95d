//! The URL of a PostgreSQL server: its parameters, and the errors caused by a password that is not percent-encoded.

use std::fmt::Display;

use url::Url;

use super::server_error::ServerError;

/// The parameters that sqlx reads. It logs any other parameter with its value, which may be a mistyped password.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// The names of `sslmode`.
pub const SSLMODE: [&str; 2] = ["sslmode", "ssl-mode"];
/// The names of `sslrootcert`.
pub const SSLROOTCERT: [&str; 3] = ["sslrootcert", "ssl-root-cert", "ssl-ca"];

/// Parameters of libpq that are not needed: there are timeouts already, and a verified certificate proves more.
const UNNEEDED: [&str; 2] = ["connect_timeout", "channel_binding"];

/// A URL of a server, without the parameters that sqlx does not know.
pub struct ServerUrl {
    url: Url,
    known: Vec<(String, String)>,
    unknown: Vec<String>,
}

impl ServerUrl {
    /// Parses a URL. The error never contains a secret.
    pub fn parse(text: &str) -> Result<Self, ServerError> {
        if names_several_hosts(text) {
            return Err(several_hosts());
        }
        if let Some(socket) = socket_without_host(text) {
            return Err(ServerError::Url(format!(
                "has a user name and no host after the @, which authflow cannot read. For a socket write {socket}"
            )));
        }
        let mut url = Url::parse(text).map_err(|why| unreadable(&why))?;
        // Both mean that the password was cut short: the rest of it would be taken for the name of the database.
        if url.fragment().is_some() || url.path().contains('@') {
            return Err(unreadable(&"it has a # or an @ behind the host"));
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (known, unknown): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| {
            PARAMETERS.contains(&name.as_str()) || name.starts_with("options[")
        });
        url.set_query(None);
        for (name, value) in &known {
            url.query_pairs_mut().append_pair(name, value);
        }
        let unknown = unknown.into_iter().map(|(name, _)| name).collect();
        Ok(Self { url, known, unknown })
    }

    /// The URL for sqlx.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The value of the parameter with one of these names. The last one counts.
    pub fn parameter(&self, names: &[&str]) -> Option<String> {
        let found = self.known.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
        found.map(|(_, value)| value.clone())
    }

    /// A warning about parameters that are given twice.
    pub fn note_about_repeated(&self) -> Option<String> {
        let names = self.known.iter().map(|(name, _)| name.as_str());
        let repeated = |(n, name): &(usize, &str)| names.clone().take(*n).any(|it| it == *name);
        let (_, name) = names.clone().enumerate().find(repeated)?;
        (!name.starts_with("options")).then(|| format!("has {name} twice; the last one counts"))
    }

    /// A warning about unknown parameters. If a password contains a `?`, the rest of it looks like a parameter. The warning then names no
    /// parameters.
    pub fn note_about_unknown(&self) -> Option<String> {
        let is_plain =
            |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if !self.unknown.iter().all(is_plain) {
            let text =
                "has parameters that have no effect; if the password has a ? in it, write %3F";
            return Some(text.to_owned());
        }
        let names = self.unknown.iter().map(String::as_str);
        let names: Vec<&str> = names.filter(|name| !UNNEEDED.contains(name)).collect();
        (!names.is_empty())
            .then(|| format!("has parameters that have no effect: {}", names.join(", ")))
    }
}

/// The URL of a socket that works, if the text has a user but no host, as libpq allows: `postgres://USER@/DATABASE?host=/DIRECTORY`. Never
/// contains the user or the password.
fn socket_without_host(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let behind = &rest[authority.len()..];
    let (_, host) = authority.rsplit_once('@')?;
    if !(host.is_empty() || host.starts_with(':')) || behind.contains('@') {
        return None;
    }
    let plain = |it: &&str| {
        !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || "/._-%".contains(c))
    };
    let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
    let database = Some(path.trim_start_matches('/')).filter(plain).unwrap_or("DATABASE");
    let folder = query.split('&').find_map(|it| it.strip_prefix("host=")).filter(plain);
    let folder = folder.unwrap_or("/DIRECTORY");
    Some(format!("{scheme}://USER:PASSWORD@localhost{host}/{database}?host={folder}"))
}

/// The error for a URL that cannot be parsed, most often because of its password.
pub fn unreadable(why: &dyn Display) -> ServerError {
    let fix = "percent-encode what is special in it: / as %2F, # as %23, + as %2B";
    ServerError::Url(format!("cannot be read ({why}); {fix}"))
}

/// The error for a list of hosts, which libpq supports and sqlx does not.
pub fn several_hosts() -> ServerError {
    let text = "names several hosts, but authflow connects to one. Name one that is always the primary, such as an address that moves \
                with it";
    ServerError::Url(text.to_owned())
}

/// How to turn TLS off in this URL, which overrides the variable.
pub fn without_tls(url: &str) -> &'static str {
    let query = url.split_once('?').map(|(_, query)| query);
    let parameters = query.unwrap_or_default().split('&');
    let mut names = parameters.map(|it| it.split('=').next().unwrap_or_default());
    if names.any(|name| SSLMODE.contains(&name)) {
        "write sslmode=disable in the URL"
    } else if query.is_some() {
        "add &sslmode=disable to the URL or set PGSSLMODE=disable"
    } else {
        "add ?sslmode=disable to the URL or set PGSSLMODE=disable"
    }
}

/// Whether the text has a list of hosts with ports, which cannot be parsed as a URL. Passwords may contain commas.
fn names_several_hosts(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let hosts = match authority.rsplit_once('@') {
        Some((_, hosts)) => hosts,
        None if rest.contains('@') => "",
        None => authority,
    };
    hosts.contains(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_host_gets_the_form_that_works() {
        for (url, form) in [
            (
                "postgres://ada:hunter2@/x?host=/run/postgresql",
                "postgres://USER:PASSWORD@localhost/x?host=/run/postgresql",
            ),
            (
                "postgresql://ada@:5433/x?sslmode=disable&host=%2Frun",
                "postgresql://USER:PASSWORD@localhost:5433/x?host=%2Frun",
            ),
            (
                "postgres://ada:hunter2@?password=hunter2",
                "postgres://USER:PASSWORD@localhost/DATABASE?host=/DIRECTORY",
            ),
        ] {
            let Err(ServerError::Url(why)) = ServerUrl::parse(url) else { panic!("{url}") };
            assert!(why.ends_with(&format!("write {form}")), "{why}");
            assert!(!why.contains("hunter") && !why.contains("ada"), "{why}");
            let works = form.replace("/DIRECTORY", "/run");
            assert!(ServerUrl::parse(&works).is_ok(), "{works}");
        }
        // The password is cut short there, so nothing of it is repeated.
        for url in ["postgres://ada:hun@/ter2@db/x", "postgres://ada@db/x", "postgres:///x?host=/y"]
        {
            assert_eq!(socket_without_host(url), None, "{url}");
        }
    }

    #[test]
    fn the_advice_to_turn_tls_off_fits_the_url() {
        for (url, advice) in [
            ("postgres://db/x", "add ?sslmode=disable to the URL or set PGSSLMODE=disable"),
            (
                "postgres://db/x?user=ada",
                "add &sslmode=disable to the URL or set PGSSLMODE=disable",
            ),
            ("postgres://db/x?sslmode=require", "write sslmode=disable in the URL"),
            ("postgres://db/x?user=a&ssl-mode=verify-full", "write sslmode=disable in the URL"),
        ] {
            assert_eq!(without_tls(url), advice, "{url}");
        }
    }
}
