//! The site itself: its listening address, its URL, its name and its log.

use std::net::IpAddr;
use std::str::FromStr;

use super::reader::Reader;
use crate::config::risk::Risk;
use crate::config::settings::LogFormat;
use crate::domain::public_url::PublicUrl;
use crate::i18n::languages::Languages;
use crate::i18n::zone::Zone;
use crate::installation::authflow;

pub struct SiteSettings {
    pub host: Option<IpAddr>,
    pub port: Option<u16>,
    pub public_url: Option<PublicUrl>,
    /// The URL for checks of other variables. It is a placeholder if `PUBLIC_URL` has a problem, so that theirs are reported as well.
    pub assumed_url: PublicUrl,
    pub name: String,
    pub default_language: Option<String>,
    pub default_time_zone: Option<Zone>,
    pub hsts_include_subdomains: Option<bool>,
    pub log_format: Option<LogFormat>,
    pub log_filter: Option<String>,
}

impl SiteSettings {
    pub fn read(reader: &mut Reader) -> Self {
        let host = reader.parsed("HOST", |text| {
            text.parse().map_err(|_| "must be an IP address, such as 127.0.0.1 or 0.0.0.0".into())
        });
        let port = reader.number("PORT");
        let port = port.and_then(|port| u16::try_from(port).ok());
        // A placeholder for a port with a problem, so that this variable is checked as well.
        let default = format!("http://localhost:{}", port.unwrap_or(1));
        let public_url = reader.parsed_or("PUBLIC_URL", &default, |text| {
            let example = "such as https://login.example.org";
            PublicUrl::parse(text)
                .map_err(|why| format!("{why}; write the address that browsers use, {example}"))
        });
        let assumed_url = public_url.clone().unwrap_or_else(|| {
            let is_http = reader.text("PUBLIC_URL").is_some_and(|text| text.starts_with("http:"));
            let placeholder = if is_http { "http://localhost" } else { "https://authflow.invalid" };
            PublicUrl::parse(placeholder).expect("both are valid")
        });
        let name = reader.text_or_default("SITE_NAME").to_owned();
        if !is_name(&name) {
            reader.problem(format!("SITE_NAME is {NO_NAME}."));
        }
        let on_or_off = [("off", false), ("on", true)];
        let hsts_include_subdomains = reader.choice("HSTS_INCLUDE_SUBDOMAINS", &on_or_off);
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let site = Self {
            host,
            port,
            public_url,
            assumed_url,
            name,
            default_language: reader.parsed("DEFAULT_LANGUAGE", language),
            default_time_zone: reader.parsed("DEFAULT_TIME_ZONE", |text| {
                let example = "must be the name of a time zone, such as Europe/Berlin";
                Zone::from_str(text).map_err(|_| example.to_owned())
            }),
            hsts_include_subdomains,
            log_format: reader.choice("LOG_FORMAT", &formats),
            log_filter: reader.text("RUST_LOG").map(ToOwned::to_owned),
        };
        site.judge(reader);
        site
    }

    /// Reports problems that browsers would have with this site.
    fn judge(&self, reader: &mut Reader) {
        let Some(public_url) = &self.public_url else { return };
        if self.port == Some(0) && reader.text("PUBLIC_URL").is_none() {
            reader.problem("PORT=0 takes any free port, so PUBLIC_URL has to be set.");
        }
        if !public_url.is_https() && !public_url.is_loopback() {
            reader.risk(
                Risk::PlainHttp,
                &format!("PUBLIC_URL is {public_url}, so that passwords and cookies cross the network unencrypted"),
                &format!(
                    "Put a reverse proxy with https before authflow ({} proxy prints its configuration) and set PUBLIC_URL to its address",
                    authflow()
                ),
            );
        }
        if public_url.is_loopback() && self.host.is_some_and(|host| !host.is_loopback()) {
            reader.warn(format!(
                "HOST lets other machines connect, but PUBLIC_URL is {public_url}, which only this machine can open: links in emails lead \
                 nowhere else."
            ));
        }
        // Browsers ignore HSTS at IP addresses (RFC 6797, section 8.1).
        let has_hsts = public_url.is_https() && public_url.domain().is_some();
        if self.hsts_include_subdomains == Some(true) && !has_hsts {
            reader.warn(
                "HSTS_INCLUDE_SUBDOMAINS=on has no effect without an https PUBLIC_URL with a host name.",
            );
        }
    }
}

/// The code of a language that this program has.
fn language(text: &str) -> Result<String, String> {
    let languages = Languages::embedded();
    let found = languages.find(text).map(|it| it.code.clone());
    found.ok_or_else(|| {
        let all: Vec<_> = languages.all().iter().map(|it| it.code.as_str()).collect();
        format!("must be one of {}", all.join(", "))
    })
}

/// Whether a name can be used in pages and email headers.
pub fn is_name(text: &str) -> bool {
    text.chars().count() <= 60 && !text.chars().any(char::is_control)
}

/// The problem with a name for which [`is_name`] is false.
pub const NO_NAME: &str = "longer than 60 characters, or contains a control character";
