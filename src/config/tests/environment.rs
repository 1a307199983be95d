//! Where values come from: the environment, and the files of `NAME_FILE`.

use std::collections::BTreeMap;

use super::{problems, read};
use crate::config::env_file::EnvFile;
use crate::config::variables::is_known;
use crate::config::{Config, SecretFile};

const KEY: &str = "as long as it has to be, and then some";

#[test]
fn every_variable_can_be_given_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let url = file("url", "https://login.example.org\n");
    let mail = file("mail", "smtp\r\n");
    let smtp = file("smtp", "\u{feff}smtps://ada:hunter2@mail.example.org\n");
    let loaded = read(&[
        ("PUBLIC_URL_FILE", &url),
        ("MAIL_TRANSPORT_FILE", &mail),
        ("SMTP_URL_FILE", &smtp),
        ("SMTP_URL", ""),
        ("SECRET_KEY_FILE", ""),
    ])
    .unwrap();
    assert_eq!(loaded.warnings, [""; 0]);
    assert_eq!(loaded.config.public_url.to_string(), "https://login.example.org");
    assert_eq!(loaded.config.mail.describe(), "SMTP to mail.example.org:465, TLS");

    // The path of a file with authorities can itself be in a file.
    let authorities = file("authorities", "/nowhere/authorities.pem\n");
    let found = problems(&[
        ("PUBLIC_URL_FILE", &url),
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL_FILE", &smtp),
        ("SMTP_CA_FILE_FILE", &authorities),
    ]);
    let [problem] = &found[..] else { panic!("{found:?}") };
    assert!(
        problem.starts_with(&format!("{authorities}: SMTP_CA_FILE cannot be read")),
        "{problem}"
    );

    // A problem with the value names the file.
    let port = file("port", "hunter2");
    let expected = format!("{port}: PORT must be a whole number from 0 to 65535.");
    assert_eq!(problems(&[("PORT_FILE", &port)]), [expected]);
}

#[test]
fn a_file_that_cannot_be_used_is_the_only_problem_of_its_variable() {
    let url = [("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "smtp")];
    for (file, why) in [
        ("/hunter2", "SMTP_URL_FILE names a file that cannot be read: No such file"),
        ("/", "SMTP_URL_FILE names a folder"),
        ("/dev/null", "SMTP_URL_FILE names an empty file"),
    ] {
        let found = problems(&[url[0], url[1], ("SMTP_URL_FILE", file)]);
        assert!(found.len() == 1 && found[0].starts_with(why), "{found:?}");
        assert!(!found[0].contains("hunter2"), "{found:?}");
    }
    let both = [("SECRET_KEY", KEY), ("SECRET_KEY_FILE", "/dev/null")];
    assert_eq!(
        problems(&both),
        ["SECRET_KEY_FILE and SECRET_KEY are both set. Remove one of them."]
    );
}

#[test]
fn quotation_marks_that_belong_to_a_value_are_reported_by_name() {
    for (name, value) in [
        ("PUBLIC_URL", "\"http://localhost:5000\""),
        ("PUBLIC_URL", "'http://localhost:5000'"),
        ("SITE_NAME", "\"My Site\""),
        ("LOG_FORMAT", "\"json\""),
        ("DATABASE_URL", "\"sqlite://x.db\""),
        ("GATE_PROXIES_FILE", "\"\""),
    ] {
        let found = problems(&[(name, value)]);
        let start = format!("{name} has quotation marks around its value");
        assert!(found.len() == 1 && found[0].starts_with(&start), "{found:?}");
    }
    for (name, value) in [("MAIL_FROM", "\"My Site\" <no-reply@example.org>"), ("SITE_NAME", "\"")]
    {
        assert!(read(&[(name, value)]).is_ok(), "{name}={value}");
    }
    // An existing database needs the key as it is.
    let [warning] = &read(&[("SECRET_KEY", &format!("\"{KEY}\""))]).unwrap().warnings[..] else {
        panic!()
    };
    assert!(warning.starts_with("SECRET_KEY has quotation marks"), "{warning}");
}

#[test]
fn a_wrong_variable_hides_no_problem_of_another_one() {
    let wrong = [
        ("SMTP_CA_FILE", "/nowhere"),
        ("MAIL_FROM", "ada"),
        ("GATE_ORIGINS", "https://app.example.org"),
        ("EMAIL_VERIFICATION", "off"),
        ("JWT_AUDIENCE", "https://app.example.org,https://login.example.org"),
        ("DATABASE_URL", "postgres://ada:hunter#2@localhost/x"),
        ("DATABASE_CONNECTIONS", "1"),
        ("DATABASE_CA_FILE", "/nowhere"),
    ];
    let named = |found: &[String]| -> Vec<String> {
        found.iter().map(|it| it.split([' ', '=']).next().unwrap().to_owned()).collect()
    };
    let all = [
        "DATABASE_CONNECTIONS",
        "DATABASE_URL",
        "DATABASE_CA_FILE",
        "MAIL_FROM",
        "SMTP_URL",
        "SMTP_CA_FILE",
        "GATE_REMOTE_USER",
        "JWT_AUDIENCE",
        "SECRET_KEY",
    ];
    for url in ["login.example.org", "https://x:99999", "https://login.example.org"] {
        let site = [("PUBLIC_URL", url), ("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", "x")];
        let found = problems(&[&site[..], &wrong].concat());
        let mut found = named(&found);
        found.retain(|name| name != "PUBLIC_URL");
        assert_eq!(found, all, "{url}");
        // Without a usable transport, the variables of each one are checked.
        for transport in ["pigeon", ""] {
            let site = [("PUBLIC_URL", url), ("MAIL_TRANSPORT", transport), ("SMTP_URL", "x")];
            let found = named(&problems(&[&site[..], &wrong].concat()));
            for name in all.iter().chain(&["MAIL_TRANSPORT"]) {
                assert!(found.iter().any(|it| it == name), "{name}: {found:?}");
            }
        }
    }
    let resend = [("PUBLIC_URL", "x"), ("MAIL_TRANSPORT", "resend"), ("RESEND_API_URL", "x")];
    assert_eq!(named(&problems(&resend)), ["PUBLIC_URL", "RESEND_API_KEY", "RESEND_API_URL"]);
}

#[test]
fn settings_without_effect_are_warnings() {
    let https = [("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")];
    let smtp = ("MAIL_TRANSPORT", "smtp");
    let authorities = tempfile::NamedTempFile::new().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    std::fs::write(&authorities, certificate.pem()).unwrap();
    let authorities = authorities.path().to_str().unwrap();
    for (variables, expected) in [
        (&[("DATABASE_CONNECTIONS", "8")][..], "DATABASE_CONNECTIONS has no effect with SQLite"),
        (&[("DATABASE_CA_FILE", "/x")], "DATABASE_CA_FILE has no effect with SQLite, except"),
        (&[("GATE_REMOTE_USER", "id")], "GATE_REMOTE_USER has no effect without GATE_ORIGINS"),
        (&[("MAIL_TIMEOUT", "9s")], "MAIL_TIMEOUT has no effect with MAIL_TRANSPORT=file"),
        (&[("SMTP_URL", "x")], "SMTP_URL has no effect with MAIL_TRANSPORT=file"),
        (
            &[("SESSION_IDLE_TTL", "31d")],
            "SESSION_IDLE_TTL has no effect: it is longer than REFRESH_TOKEN_TTL",
        ),
        (
            &[("TRUSTED_PROXIES", "10.0.0.5/8")],
            "TRUSTED_PROXIES has 10.0.0.5/8, which takes in all of 10.0.0.0/8. Write 10.0.0.5",
        ),
        (
            &[("PUBLIC_URL", "https://192.0.2.7"), https[1], ("HSTS_INCLUDE_SUBDOMAINS", "on")],
            "HSTS_INCLUDE_SUBDOMAINS=on has no effect",
        ),
        (
            &[
                https[0],
                smtp,
                ("SMTP_URL", "smtp://10.0.0.5?tls=off"),
                ("SMTP_CA_FILE", authorities),
            ],
            "SMTP_CA_FILE has no effect: SMTP_URL has ?tls=off",
        ),
        (
            &[("secret_key", KEY)],
            "secret_key is not a variable of authflow and has no effect; did you mean SECRET_KEY?",
        ),
        (
            &[("SECRT_KEY_FILE", "/x")],
            "SECRT_KEY_FILE is not a variable of authflow and has no effect; did you mean SECRET_KEY_FILE?",
        ),
        (&[("AUTHFLOW_SMTP_URL_FILE", "/x")], "did you mean SMTP_URL_FILE?"),
    ] {
        let warnings = read(variables).unwrap().warnings;
        assert!(warnings.len() == 1 && warnings[0].contains(expected), "{expected}: {warnings:?}");
    }
    let exact = ("TRUSTED_PROXIES", "10.0.0.0/8,10.0.0.5,::ffff:10.0.0.0/104");
    assert_eq!(read(&[exact]).unwrap().warnings, [""; 0]);
    let [problem] = &problems(&[("PORT", "0")])[..] else { panic!() };
    assert!(problem.starts_with("PORT=0 takes any free port"), "{problem}");
    let [problem] = &problems(&[("DATABASE_URL", "sqlite://x.db?mode=ro")])[..] else { panic!() };
    assert!(problem.starts_with("DATABASE_URL has a ? and parameters"), "{problem}");
}

#[test]
fn nothing_is_created_for_settings_with_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let variables = [("DATA_DIR", data.to_str().unwrap()), ("LOG_FORMAT", "xml")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert!(Config::read(variables.into(), SecretFile::Create).is_err());
    assert!(!data.exists());
}

/// The settings that the Debian package installs, and those of an installation from source.
#[test]
fn every_line_of_the_installed_settings_can_be_uncommented() {
    let installed = include_str!("../../../deploy/systemd/authflow.env");
    assert!(installed.lines().all(|line| line.is_empty() || line.starts_with('#')));
    let settings = installed.lines().filter_map(|line| line.strip_prefix('#'));
    let settings: Vec<_> = settings.filter(|it| !it.is_empty() && !it.starts_with(' ')).collect();
    let EnvFile { entries, faults } =
        EnvFile::parse(settings.join("\n").as_bytes(), &BTreeMap::new());
    assert_eq!(faults, []);
    assert_eq!(entries.len(), settings.len());
    for entry in entries {
        assert!(is_known(&entry.name), "{} is not a variable", entry.name);
    }
}
