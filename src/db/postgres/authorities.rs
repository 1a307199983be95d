//! The certificate authorities that are trusted for a connection to PostgreSQL.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;

use super::server_error::ServerError;
use crate::tls;

/// The authorities that are configured by another setting than `DATABASE_CA_FILE`: its name and value. The URL overrides the variable.
pub fn named_elsewhere(
    url: Option<String>,
    variable: Option<String>,
) -> Option<(&'static str, String)> {
    let url = url.map(|value| ("sslrootcert", value));
    let found = url.or_else(|| variable.map(|value| ("PGSSLROOTCERT", value)));
    found.filter(|(_, value)| value != "system")
}

/// The authorities of `DATABASE_CA_FILE`, in PEM.
pub fn of_file(file: &str) -> Result<Vec<u8>, ServerError> {
    let found =
        tls::authorities(file).map_err(|why| ServerError::Authorities("DATABASE_CA_FILE", why))?;
    Ok(to_pem(&found))
}

/// The authorities that `sslrootcert` or `PGSSLROOTCERT` names, in PEM: a file, or its text.
pub fn of_setting(name: &'static str, value: &str) -> Result<Vec<u8>, ServerError> {
    let is_text = value.trim_start().starts_with("-----BEGIN");
    let found =
        if is_text { tls::authorities_in(value.as_bytes()) } else { tls::authorities(value) };
    let what = if is_text { "PEM text" } else { value };
    let found = found.map_err(|why| match name {
        "sslrootcert" => ServerError::Url(format!("has an sslrootcert ({what}) that {why}")),
        name => ServerError::Authorities(name, format!("({what}) {why}")),
    })?;
    Ok(to_pem(&found))
}

/// The authorities that the operating system trusts, in PEM.
pub fn of_system() -> Vec<u8> {
    to_pem(tls::system_authorities())
}

fn to_pem(certificates: &[CertificateDer<'_>]) -> Vec<u8> {
    let pem = certificates.iter().map(|it| {
        let text = STANDARD.encode(it.as_ref());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    });
    pem.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_overrides_the_variable_and_system_means_the_default() {
        let some = |text: &str| Some(text.to_owned());
        for (url, variable, found) in [
            (None, None, None),
            (some("a"), some("b"), some("a").map(|it| ("sslrootcert", it))),
            (None, some("b"), some("b").map(|it| ("PGSSLROOTCERT", it))),
            (some("system"), some("b"), None),
        ] {
            assert_eq!(named_elsewhere(url, variable), found);
        }
    }

    /// sqlx adds the authorities of `webpki-roots` to the configured ones. Our replacement of that crate has none.
    #[test]
    fn sqlx_trusts_no_authorities_of_its_own() {
        let lock = include_str!("../../../Cargo.lock");
        let package = |name: &str, version: &str| {
            let head = format!("name = \"{name}\"\nversion = \"{version}");
            let mut found = lock.split("[[package]]\n").filter(|it| it.starts_with(&head));
            let package = found.next().unwrap();
            assert_eq!(found.next(), None, "two versions of {name} {version}");
            package
        };
        let ours = "0.26.99\"";
        assert!(
            !package("webpki-roots", ours).contains("source = "),
            "our replacement is in this repository"
        );
        assert!(package("sqlx-core", "").contains("\"webpki-roots 0.26.99\""));
    }
}
