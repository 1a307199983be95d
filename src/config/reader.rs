//! Reads the variables into the configuration, gathering everything that is wrong.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use argon2::Params;
use ipnet::IpNet;
use lettre::Address;
use lettre::message::Mailbox;
use url::Url;

use super::risk::Risk;
use super::secret_file::{self, SECRET_LENGTH};
use super::{
    Config, JwtConfig, Lifetimes, Loaded, LogFormat, PasswordConfig, Problems, PublicUrl,
    Registration, RemoteUser, SecretFile, is_known, known,
};
use crate::db::{Location, Server};
use crate::domain::account::email::EmailAddress;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::proxy::{TrustedProxies, is_nearly_everyone, networks};
use crate::domain::sign_in::access_token::{Audiences, JwtAlgorithm};
use crate::domain::sign_in::guessable;
use crate::domain::sign_in::password;
use crate::domain::sign_in::refresh_token::Rotation;
use crate::mail::{KINDS, Kind, MailTransport, Settings};
use crate::secret::{MasterKey, Secret};

const REGISTRATIONS: [(&str, Registration); 4] = [
    ("open", Registration::Open),
    ("invite", Registration::Invite),
    ("approval", Registration::Approval),
    ("closed", Registration::Closed),
];

/// Reads one variable after the other, and goes on after each problem.
pub(super) struct Reader {
    variables: BTreeMap<String, String>,
    problems: Vec<String>,
    warnings: Vec<String>,
    /// `ACCEPT_RISKS`, and which of them there are.
    accepted: Vec<Risk>,
    met: Vec<Risk>,
}

impl Reader {
    pub(super) fn new(variables: BTreeMap<String, String>) -> Self {
        let (problems, warnings) = (Vec::new(), Vec::new());
        Self { variables, problems, warnings, accepted: Vec::new(), met: Vec::new() }
    }

    pub(super) fn read(mut self, secret_file: SecretFile) -> Result<Loaded, Problems> {
        self.name_the_unknown();
        self.accepted = self.parsed("ACCEPT_RISKS", "", Risk::parse_list).unwrap_or_default();
        let host = self.parsed("HOST", "127.0.0.1", |text| {
            text.parse::<IpAddr>()
                .map_err(|_| "must be an IP address, such as 127.0.0.1 or 0.0.0.0".into())
        });
        let port = self.number("PORT", 5_000, 0..=65_535);
        let public_url = self.parsed(
            "PUBLIC_URL",
            &format!("http://localhost:{}", port.unwrap_or(5_000)),
            |text| {
                let example = "such as https://login.example.org";
                PublicUrl::parse(text)
                    .map_err(|why| format!("{why}; write the address that browsers use, {example}"))
            },
        );
        let data_dir = PathBuf::from(self.text("DATA_DIR").unwrap_or("data"));
        let database = self.database(&data_dir);
        let master_key = self.master_key(&data_dir, database.as_ref(), secret_file);
        let site_name = self.site_name();
        let mail_kind = self.mail_kind(public_url.as_ref());
        let mail_from = self.mail_from(public_url.as_ref(), mail_kind, &site_name);
        let [second, minute] = [1, 60].map(Duration::from_secs);
        let mail_timeout = self.duration("MAIL_TIMEOUT", "60s", second..=10 * minute);
        let emails_per_minute = self.number("EMAILS_PER_MINUTE", 30, 1..=10_000);
        let mail =
            self.mail(mail_kind, public_url.as_ref(), mail_from.as_ref(), mail_timeout, &data_dir);
        let registration = self.choice("REGISTRATION", &REGISTRATIONS);
        let verification_required =
            self.choice("EMAIL_VERIFICATION", &[("required", true), ("off", false)]);
        let lifetimes = self.lifetimes();
        let day = Duration::from_hours(24);
        let audit_retention = self.duration("AUDIT_RETENTION", "365d", day..=36_500 * day);
        let gate_origins = self.parsed("GATE_ORIGINS", "", gate_origins);
        let gate_remote_user = self.gate_remote_user(verification_required);
        let cors_allowed_origins = self.parsed("CORS_ALLOWED_ORIGINS", "", origins);
        let (trusted_proxies, gate_proxies) = self.proxies(gate_origins.as_deref(), host);
        let algorithm = self.choice(
            "JWT_ALGORITHM",
            &[("ES256", JwtAlgorithm::Es256), ("EdDSA", JwtAlgorithm::EdDsa)],
        );
        let audiences = self.audiences(public_url.as_ref(), gate_origins.as_deref());
        let hsts_include_subdomains =
            self.choice("HSTS_INCLUDE_SUBDOMAINS", &[("off", false), ("on", true)]);
        if let Some(public_url) = &public_url {
            self.look_at_public_url(public_url, host, hsts_include_subdomains);
        }
        if let Some(origins) = &cors_allowed_origins {
            self.look_at_other_origins(origins);
        }
        if let (Some(gate_origins), Some(public_url)) = (&gate_origins, &public_url) {
            self.look_at_gate(gate_origins, gate_remote_user, public_url, verification_required);
            if hsts_include_subdomains == Some(true) {
                self.look_at_hosts_below(gate_origins, public_url);
            }
        }
        let passwords = self.passwords();
        let log_format =
            self.choice("LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)]);

        self.name_risks_that_are_not_there();

        let database_ca_file = self.text("DATABASE_CA_FILE").map(ToOwned::to_owned);
        let complete = (|| {
            Some(Config {
                listen: SocketAddr::new(host?, u16::try_from(port?).ok()?),
                public_url: public_url?,
                database: database?,
                database_ca_file,
                data_dir,
                master_key: master_key?,
                mail_from: mail_from?,
                mail: mail?,
                mail_timeout: mail_timeout?,
                emails_per_minute: emails_per_minute?.into(),
                registration: registration?,
                verification_required: verification_required?,
                lifetimes: lifetimes?,
                audit_retention: audit_retention?,
                gate_origins: gate_origins?,
                gate_remote_user: gate_remote_user?,
                cors_allowed_origins: cors_allowed_origins?,
                trusted_proxies: trusted_proxies?,
                gate_proxies: gate_proxies?,
                hsts_include_subdomains: hsts_include_subdomains?,
                jwt: JwtConfig { algorithm: algorithm?, audiences: audiences? },
                passwords: passwords?,
                site_name,
                log_format: log_format?,
            })
        })();
        match complete {
            Some(config) if self.problems.is_empty() => {
                Ok(Loaded { config, warnings: self.warnings })
            }
            _ => {
                // A misspelt variable may be why another is missing.
                self.problems.extend(self.warnings);
                Err(Problems(self.problems))
            }
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a variable, or of its default; a complaint does not repeat the value, which may be a secret.
    fn parsed<T>(
        &mut self,
        name: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(name).unwrap_or(default)) {
            Ok(value) => Some(value),
            Err(why) => {
                self.problems.push(format!("{name} {why}."));
                None
            }
        }
    }

    fn number(
        &mut self,
        name: &str,
        default: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        self.parsed(name, &default.to_string(), |text| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| {
                format!("must be a whole number from {} to {}", range.start(), range.end())
            })
        })
    }

    fn duration(
        &mut self,
        name: &str,
        default: &str,
        range: std::ops::RangeInclusive<Duration>,
    ) -> Option<Duration> {
        self.parsed(name, default, |text| {
            let duration = humantime::parse_duration(text).map_err(|_| {
                "must be a length of time with its unit, such as 90s, 5m, 12h or 30d".to_owned()
            })?;
            if range.contains(&duration) {
                Ok(duration)
            } else {
                let [least, most] =
                    [range.start(), range.end()].map(|it| humantime::format_duration(*it));
                Err(format!("must be from {least} to {most}"))
            }
        })
    }

    /// The first choice is the default.
    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.parsed(name, choices[0].0, |text| {
            let chosen = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            chosen.ok_or_else(|| {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                format!("must be one of: {}", words.join(", "))
            })
        })
    }

    fn name_the_unknown(&mut self) {
        for name in self.variables.keys() {
            if !is_known(name) {
                let bare = name.strip_prefix("AUTHFLOW_").unwrap_or(name);
                let near = known().find(|known| bare == *known || is_misspelt(bare, known));
                if let Some(near) = near {
                    self.warnings.push(format!("{name} is not a variable of authflow and has no effect; did you mean {near}?"));
                } else if bare != name {
                    self.warnings
                        .push(format!("{name} is not a variable of authflow and has no effect."));
                }
            }
        }
    }

    fn database(&mut self, data_dir: &Path) -> Option<Location> {
        let Some(text) = self.text("DATABASE_URL") else {
            return Some(Location::Sqlite(data_dir.join("authflow.db")));
        };
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        if let Some(path) = path.filter(|path| !path.is_empty() && !path.contains(['?', ':'])) {
            Some(Location::Sqlite(PathBuf::from(path)))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let text = text.to_owned();
            let connections = self.number("DATABASE_CONNECTIONS", 16, 2..=1_000)?;
            match Server::read(&text, connections, self.text("DATABASE_CA_FILE")) {
                Ok(server) => {
                    let notes = server.notes().iter();
                    self.warnings.extend(notes.map(|note| format!("DATABASE_URL {note}.")));
                    Some(Location::Postgres(Box::new(server)))
                }
                Err(why) => {
                    self.problems.push(why.sentence("DATABASE_URL"));
                    None
                }
            }
        } else {
            self.problems.push(
                "DATABASE_URL must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE."
                    .into(),
            );
            None
        }
    }

    fn master_key(
        &mut self,
        data_dir: &Path,
        database: Option<&Location>,
        file: SecretFile,
    ) -> Option<MasterKey> {
        if let Some(text) = self.text("SECRET_KEY") {
            if text.len() >= SECRET_LENGTH {
                let text = Secret::new(text.to_owned());
                return Some(self.strong(&text, "SECRET_KEY"));
            }
            let mend = "make one with: openssl rand -base64 48";
            self.problems
                .push(format!("SECRET_KEY must have at least {SECRET_LENGTH} characters; {mend}."));
            return None;
        }
        let database = match database? {
            Location::Sqlite(path) => path,
            Location::Postgres(_) => {
                let file = data_dir.join("secret.key");
                let mend = if file.exists() {
                    format!("after a move from SQLite it is the text in {}", file.display())
                } else {
                    "make one with: openssl rand -base64 48".to_owned()
                };
                let why = "with PostgreSQL, where all instances share one";
                self.problems.push(format!("SECRET_KEY is required {why}; {mend}."));
                return None;
            }
        };
        let path = data_dir.join("secret.key");
        match secret_file::load(&path, database, file) {
            Ok((text, warning)) => {
                self.warnings.extend(warning);
                Some(self.strong(&text, &format!("The key in {}", path.display())))
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// The key, which should be hard to guess. `what` names it.
    fn strong(&mut self, text: &Secret<String>, what: &str) -> MasterKey {
        if let Some(why) = guessable::why(text.reveal()) {
            self.risk(
                Risk::WeakSecret,
                &format!("{what} can be guessed ({why}), and anyone who guesses it can sign in as every user"),
                "For a new installation make one with: openssl rand -base64 48; everything in an existing database hangs on the key that \
                 it has",
            );
        }
        MasterKey::new(text.reveal().as_bytes().to_vec())
    }

    /// Refuses a risk unless the operator insists; then it is named at each start.
    fn risk(&mut self, risk: Risk, what: &str, fix: &str) {
        let word = risk.word();
        if self.accepted.contains(&risk) {
            self.warnings.push(format!("{what}. ACCEPT_RISKS has {word}, so this is allowed."));
        } else {
            self.problems
                .push(format!("{what}. {fix}; if you accept that, add {word} to ACCEPT_RISKS."));
        }
        self.met.push(risk);
    }

    fn name_risks_that_are_not_there(&mut self) {
        for risk in &self.accepted {
            if !self.met.contains(risk) {
                self.warnings.push(format!(
                    "ACCEPT_RISKS has {}, which has no effect: there is no such risk in this configuration.",
                    risk.word()
                ));
            }
        }
    }

    /// `TRUSTED_PROXIES` and `GATE_PROXIES`.
    fn proxies(
        &mut self,
        gate_origins: Option<&[GateOrigin]>,
        host: Option<IpAddr>,
    ) -> (Option<TrustedProxies>, Option<Vec<IpNet>>) {
        let trusted = self.parsed("TRUSTED_PROXIES", "127.0.0.0/8,::1/128", TrustedProxies::parse);
        let fix = "Name the networks that your proxies connect from";
        match &trusted {
            Some(TrustedProxies::Networks(networks)) if is_nearly_everyone(networks) => self.risk(
                Risk::AnyProxy,
                "TRUSTED_PROXIES takes in nearly every address, so that clients can invent theirs and no limit of a network holds",
                fix,
            ),
            Some(TrustedProxies::Hops(_)) if host.is_some_and(|host| !host.is_loopback()) => {
                self.warnings.push(
                    "TRUSTED_PROXIES=hops:N believes whoever connects: make sure that only your proxy can. A client that reaches HOST \
                     and PORT directly can invent its address."
                        .into(),
                );
            }
            _ => {}
        }
        if self.text("GATE_PROXIES").is_none() {
            let networks = trusted.as_ref().map(TrustedProxies::gate_default);
            return (trusted, networks);
        }
        let gate = self.parsed("GATE_PROXIES", "", networks);
        if gate.is_some() && gate_origins.is_some_and(<[_]>::is_empty) {
            self.warnings.push("GATE_PROXIES has no effect without GATE_ORIGINS.".into());
        }
        if gate.as_deref().is_some_and(is_nearly_everyone) {
            self.risk(
                Risk::AnyProxy,
                "GATE_PROXIES takes in nearly every address, so that anyone may ask the gate in the name of any application",
                fix,
            );
        }
        (trusted, gate)
    }

    fn audiences(
        &mut self,
        public_url: Option<&PublicUrl>,
        gate_origins: Option<&[GateOrigin]>,
    ) -> Option<Audiences> {
        if self.text("JWT_AUDIENCE").is_none() {
            return Some(Audiences::new(public_url?.to_string(), Vec::new()));
        }
        let audiences = self.parsed("JWT_AUDIENCE", "", audiences)?;
        let gate_origins = gate_origins.unwrap_or_default();
        if audiences.all().any(|it| gate_origins.iter().any(|origin| origin.as_str() == it)) {
            self.problems.push(
                "JWT_AUDIENCE has one of GATE_ORIGINS: the tokens that this application gets from the gate and those that clients ask for \
                 could not be told apart; choose another."
                    .into(),
            );
        }
        let public_url = public_url?.to_string();
        if audiences.all().all(|it| it == audiences.own()) && audiences.own() != public_url {
            let own = audiences.own();
            self.warnings.push(format!(
                "JWT_AUDIENCE has one audience, which is then that of authflow's own API as well: a service that verifies these tokens can \
                 use them there. Give each an audience of its own: JWT_AUDIENCE={public_url},{own}."
            ));
        }
        Some(audiences)
    }

    /// What can go wrong between browsers and us.
    fn look_at_public_url(
        &mut self,
        public_url: &PublicUrl,
        host: Option<IpAddr>,
        hsts_include_subdomains: Option<bool>,
    ) {
        if !public_url.is_https() && !public_url.is_loopback() {
            self.risk(
                Risk::PlainHttp,
                &format!("PUBLIC_URL is {public_url}, so that passwords and cookies cross the network unencrypted"),
                "Put a reverse proxy with https before authflow (authflow proxy prints its configuration) and set PUBLIC_URL to its address",
            );
        }
        if public_url.is_loopback() && host.is_some_and(|host| !host.is_loopback()) {
            self.warnings.push(format!(
                "HOST lets other machines connect, but PUBLIC_URL is {public_url}, which only this machine can open: links in emails lead \
                 nowhere else."
            ));
        }
        if hsts_include_subdomains == Some(true) && !public_url.is_https() {
            self.warnings.push(
                "HSTS_INCLUDE_SUBDOMAINS=on has no effect without an https PUBLIC_URL.".into(),
            );
        }
    }

    /// What can go wrong with pages of `CORS_ALLOWED_ORIGINS`.
    fn look_at_other_origins(&mut self, origins: &[String]) {
        for origin in origins.iter().filter(|it| it.starts_with("http://")) {
            if GateOrigin::parse(origin).is_some_and(|origin| !origin.is_loopback()) {
                self.warnings.push(format!(
                    "CORS_ALLOWED_ORIGINS has {origin}: its pages can be changed on the way, and then act for their visitors at the API; \
                     use https there."
                ));
            }
        }
    }

    fn site_name(&mut self) -> String {
        let name = self.text("SITE_NAME").unwrap_or("authflow").to_owned();
        if !is_name(&name) {
            self.problems.push(format!("SITE_NAME is {NO_NAME}."));
        }
        name
    }

    fn mail_from(
        &mut self,
        public_url: Option<&PublicUrl>,
        kind: Option<&Kind>,
        site_name: &str,
    ) -> Option<Mailbox> {
        let public_url = public_url?;
        let own = public_url.domain().map(|domain| format!("no-reply@{domain}"));
        let own = own.filter(|own| EmailAddress::parse(own).is_ok() && !public_url.is_loopback());
        if let Some(kind) = kind.filter(|kind| kind.sends)
            && own.is_none()
            && self.text("MAIL_FROM").is_none()
        {
            let name = kind.name;
            self.problems.push(format!(
                "MAIL_FROM is required with MAIL_TRANSPORT={name}, since no mail can come from the host in PUBLIC_URL; write an \
                 address that your mail server may send from."
            ));
            return None;
        }
        let default = own.unwrap_or_else(|| "no-reply@localhost".to_owned());
        let mailbox = self.parsed("MAIL_FROM", &default, |text| {
            let why = "is no email address; write noreply@example.org or \"My Site\" <noreply@example.org> (the quotes are \
                       needed around a name with a comma or brackets)";
            let mailbox = Mailbox::from_str(text).map_err(|_| why)?;
            if mailbox.name.as_deref().is_some_and(|name| !is_name(name)) {
                return Err(format!("has a name that is {NO_NAME}"));
            }
            let email = EmailAddress::parse(mailbox.email.as_ref());
            let email = email.ok().and_then(|email| email.as_str().parse().ok());
            Ok(Mailbox::new(mailbox.name, email.ok_or(why)?))
        })?;
        let name = mailbox.name.filter(|name| !name.trim().is_empty());
        Some(Mailbox::new(Some(name.unwrap_or_else(|| site_name.to_owned())), mailbox.email))
    }

    fn mail_kind(&mut self, public_url: Option<&PublicUrl>) -> Option<&'static Kind> {
        let kinds = KINDS.each_ref().map(|kind| (kind.name, kind));
        if self.text("MAIL_TRANSPORT").is_none() && public_url.is_some_and(PublicUrl::is_https) {
            self.problems.push(
                "MAIL_TRANSPORT is not set, and with an https PUBLIC_URL mails would silently stay in files under DATA_DIR/mail. \
                 Set it to smtp or resend; or if that is what you want, say so: MAIL_TRANSPORT=file."
                    .into(),
            );
            return None;
        }
        let kind = self.choice("MAIL_TRANSPORT", &kinds)?;
        for other in KINDS.iter().filter(|other| other.name != kind.name) {
            for name in other.variables {
                if self.text(name).is_some() {
                    self.warnings.push(format!(
                        "{name} has no effect with MAIL_TRANSPORT={}; did you mean MAIL_TRANSPORT={}?",
                        kind.name, other.name
                    ));
                }
            }
        }
        Some(kind)
    }

    fn mail(
        &mut self,
        kind: Option<&Kind>,
        public_url: Option<&PublicUrl>,
        from: Option<&Mailbox>,
        timeout: Option<Duration>,
        data_dir: &Path,
    ) -> Option<Arc<dyn MailTransport>> {
        // What is wrong elsewhere does not keep this from being looked at.
        let nobody = Mailbox::new(None, Address::new("nobody", "localhost").ok()?);
        let settings = Settings {
            variable: &|name| self.text(name),
            data_dir,
            public_url: public_url?,
            from: from.unwrap_or(&nobody),
            timeout: timeout.unwrap_or_default(),
        };
        match (kind?.make)(&settings) {
            Ok(mail) => {
                if let Some(risk) = mail.risk() {
                    self.warnings.push(format!("{risk}."));
                }
                Some(mail)
            }
            Err(why) => {
                self.problems.push(format!("{why}."));
                None
            }
        }
    }

    fn lifetimes(&mut self) -> Option<Lifetimes> {
        let [minute, hour, day] = [60, 3_600, 86_400].map(Duration::from_secs);
        let second = Duration::from_secs(1);
        let access_token = self.duration("ACCESS_TOKEN_TTL", "5m", 10 * second..=hour);
        let session = self.duration("REFRESH_TOKEN_TTL", "30d", minute..=400 * day);
        let idle = self.duration("SESSION_IDLE_TTL", "7d", minute..=400 * day);
        let reset_token = self.duration("RESET_TOKEN_TTL", "30m", minute..=day);
        let after = self.duration("ROTATE_AFTER", "10m", minute..=30 * day);
        let grace = self.duration("ROTATION_GRACE", "60s", 5 * second..=hour);
        let rotation = Rotation { after: after?, grace: grace? };
        if rotation.after <= rotation.grace {
            self.problems.push("ROTATE_AFTER must be longer than ROTATION_GRACE.".into());
        }
        Some(Lifetimes {
            access_token: access_token?,
            session: session?,
            idle: idle?,
            reset_token: reset_token?,
            rotation,
        })
    }

    /// What is wrong with the gate as a whole, or probably not as meant.
    fn look_at_gate(
        &mut self,
        origins: &[GateOrigin],
        remote_user: Option<RemoteUser>,
        public_url: &PublicUrl,
        verification_required: Option<bool>,
    ) {
        if origins.is_empty() {
            return;
        }
        if public_url.base().is_empty()
            && origins.iter().any(|it| it.as_str() == public_url.origin())
        {
            self.problems.push(
                "GATE_ORIGINS has the origin of PUBLIC_URL, and there the login answers every address itself; give the login a host \
                 of its own, or a path such as /id."
                    .into(),
            );
        }
        if !public_url.base().is_empty()
            && origins.iter().any(|it| it.as_str() == public_url.origin())
        {
            self.warnings.push(format!(
                "GATE_ORIGINS has {}, where the login lies too: to browsers both are one, so scripts of that application can act for the \
                 people who are signed in. Good only where you trust it with every account.",
                public_url.origin()
            ));
        }
        for origin in origins.iter().filter(|it| !it.is_https() && !it.is_loopback()) {
            self.risk(
                Risk::PlainHttp,
                &format!("GATE_ORIGINS has {origin}, where the gate's cookie crosses the network unencrypted"),
                "Use https there",
            );
        }
        if public_url.is_https() {
            for origin in origins.iter().filter(|it| !it.is_https() && it.is_loopback()) {
                self.warnings.push(format!(
                    "GATE_ORIGINS has {origin}, where the gate's cookie is not Secure; use https there too."
                ));
            }
        }
        if verification_required == Some(false) && remote_user == Some(RemoteUser::Email) {
            self.problems.push(
                "GATE_REMOTE_USER=email cannot be used with EMAIL_VERIFICATION=off and GATE_ORIGINS: anyone could sign up with somebody \
                 else's email address and be taken for them. Set GATE_REMOTE_USER=id, or EMAIL_VERIFICATION=required."
                    .into(),
            );
        }
    }

    /// Applications that browsers would look for by https alone.
    fn look_at_hosts_below(&mut self, origins: &[GateOrigin], public_url: &PublicUrl) {
        let Some(domain) = public_url.domain().filter(|_| public_url.is_https()) else { return };
        let below = format!(".{domain}");
        let is_below = |it: &&GateOrigin| it.site().trim_end_matches('.').ends_with(&below);
        for origin in origins.iter().filter(|it| !it.is_https()).filter(is_below) {
            self.warnings.push(format!(
                "HSTS_INCLUDE_SUBDOMAINS=on makes browsers use https for {origin}, which GATE_ORIGINS has with http: they would not reach \
                 it any more. Use https there."
            ));
        }
    }

    fn gate_remote_user(&mut self, verification_required: Option<bool>) -> Option<RemoteUser> {
        const NAME: &str = "GATE_REMOTE_USER";
        if self.text(NAME) == Some("username") {
            // Addresses that no one confirms are chosen like names.
            let instead = if verification_required == Some(false) {
                ""
            } else {
                " or GATE_REMOTE_USER=email"
            };
            self.problems.push(format!(
                "{NAME}=username is not available any more: people choose their names, so they could rename themselves into others. Set \
                 {NAME}=id{instead}."
            ));
            return None;
        }
        self.choice(NAME, &[("email", RemoteUser::Email), ("id", RemoteUser::Id)])
    }

    fn passwords(&mut self) -> Option<PasswordConfig> {
        let cores = std::thread::available_parallelism()
            .map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let most = u32::try_from(password::MAX_LENGTH / 2).unwrap_or(u32::MAX);
        let min_length = self.number("PASSWORD_MIN_LENGTH", 8, 8..=most);
        let memory = self.number("ARGON2_MEMORY_KIB", 19_456, 7_168..=4_194_304);
        let passes = self.number("ARGON2_ITERATIONS", 2, 1..=64);
        let workers = self.number("HASH_WORKERS", cores, 1..=1_024);
        let queue = self.number("HASH_QUEUE", 64, 1..=100_000);
        let (memory, passes) = (memory?, passes?);
        // ASVS 5.0, appendix C: 46 MiB once, 19 MiB twice, 12 MiB three times, 9 MiB four times or 7 MiB five times.
        let least = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];
        if let Some((_, least)) = least
            .into_iter()
            .rev()
            .find(|(from, _)| passes >= *from)
            .filter(|(_, least)| memory < *least)
        {
            self.problems.push(format!(
                "ARGON2_MEMORY_KIB must be at least {least} with ARGON2_ITERATIONS={passes}; less is too easy to crack."
            ));
        }
        Some(PasswordConfig {
            min_length: usize::try_from(min_length?).ok()?,
            argon2: Params::new(memory, passes, 1, None).ok()?,
            workers: usize::try_from(workers?).ok()?,
            queue: usize::try_from(queue?).ok()?,
        })
    }
}

/// What may stand in pages and in the head of a mail.
fn is_name(text: &str) -> bool {
    text.chars().count() <= 60 && !text.chars().any(char::is_control)
}

const NO_NAME: &str = "longer than 60 characters, or holds a control character";

/// Whether `name` is most likely a slip for `known`. Short names are left alone: too much else is called nearly `PORT`.
fn is_misspelt(name: &str, known: &str) -> bool {
    known.len() >= 8 && strsim::damerau_levenshtein(name, known) <= 2
}

/// Names or addresses of services with commas between them, ours first.
fn audiences(text: &str) -> Result<Audiences, String> {
    let mut all: Vec<String> = Vec::new();
    for audience in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        if audience.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(
                "must be names or addresses with commas between them, without blanks".into()
            );
        }
        if !all.iter().any(|it| it == audience) {
            all.push(audience.to_owned());
        }
    }
    if all.is_empty() {
        return Err("must name an audience".into());
    }
    let others = all.split_off(1);
    Ok(Audiences::new(all.concat(), others))
}

/// Origins of web applications, none twice.
fn gate_origins(text: &str) -> Result<Vec<GateOrigin>, String> {
    let mut guarded = Vec::new();
    for text in origins(text)? {
        let origin = Url::parse(&text).ok().and_then(|url| GateOrigin::of(&url));
        let origin =
            origin.ok_or_else(|| format!("has {text}; guarded applications are http or https"))?;
        if !guarded.contains(&origin) {
            guarded.push(origin);
        }
    }
    Ok(guarded)
}

/// Origins as browsers send them: scheme, host and port, nothing else. They are compared letter by letter.
fn origins(text: &str) -> Result<Vec<String>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(origin).collect()
}

fn origin(text: &str) -> Result<String, String> {
    let wrong = || {
        "must be origins with commas between them, such as https://app.example.org,http://localhost:5173: each with its scheme, \
         without a path, and none with a *"
            .to_owned()
    };
    let url = Url::parse(text).ok().filter(|_| text.contains("://")).ok_or_else(wrong)?;
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let host = url.host_str().filter(|host| is_bare && !host.is_empty() && !host.contains('*'));
    let host = host.ok_or_else(wrong)?;
    match url.scheme() {
        "http" | "https" => return Ok(url.origin().ascii_serialization()),
        "ws" | "wss" | "ftp" | "file" => return Err(wrong()),
        _ => {}
    }
    // Programs with a browser inside have schemes of their own, such as capacitor://localhost.
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}", url.scheme()))
}
