//! How variables become a configuration.

mod api;
mod environment;
mod gate;
mod looks;
mod mail;
mod storage;

use std::path::Path;

use super::{Config, Loaded, Problems, SecretFile};
use crate::db::Location;
use crate::i18n::languages::Languages;

fn read(variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let variables =
        variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Config::read(variables, SecretFile::Look)
}

fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    read(variables).expect_err("must be refused").0
}

#[test]
fn no_variable_is_required() {
    let Loaded { config, warnings } = read(&[]).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(config.public_url.to_string(), "http://localhost:5000");
    assert_eq!(config.listen.to_string(), "127.0.0.1:5000");
    assert!(
        matches!(config.database, Location::Sqlite(path) if path == Path::new("data/authflow.db"))
    );
    assert_eq!(config.mail_from.to_string(), "authflow <no-reply@localhost>");
    assert_eq!(config.jwt.audiences.own(), "http://localhost:5000");
}

#[test]
fn administrators_need_a_second_factor_unless_this_is_a_trial() {
    use crate::domain::two_factor::policy::SecondFactorPolicy::{Admins, Everyone, Optional};
    let https = [("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")];
    let http = [("PUBLIC_URL", "http://localhost:5000"), ("MAIL_TRANSPORT", "file")];
    for (more, with_https, with_http) in [
        (None, Admins, Optional),
        (Some("optional"), Optional, Optional),
        (Some("admins"), Admins, Admins),
        (Some("everyone"), Everyone, Everyone),
    ] {
        let more = more.map(|policy| ("SECOND_FACTOR", policy));
        for (site, expected) in [(https, with_https), (http, with_http)] {
            let variables: Vec<_> = site.into_iter().chain(more).collect();
            assert_eq!(read(&variables).unwrap().config.second_factor, expected, "{variables:?}");
        }
    }
}

#[test]
fn all_problems_are_reported_at_once_without_their_values() {
    let variables = [
        ("HOST", "localhost"),
        ("PORT", "99999"),
        ("PUBLIC_URL", "ftp://x"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("SECRET_KEY", "hunter2"),
        ("MAIL_TRANSPORT", "pigeon"),
        ("EMAILS_PER_MINUTE", "0"),
        ("REGISTRATION", "maybe"),
        ("SECOND_FACTOR", "admin"),
        ("ROTATE_AFTER", "10"),
        ("RESET_TOKEN_TTL", "1y"),
        ("TRUSTED_PROXIES", "everyone"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example.org, *"),
        ("JWT_ALGORITHM", "none"),
        ("ARGON2_MEMORY_KIB", "8000"),
        ("SITE_NAME", "a\u{1}"),
        ("SITE_LOGO", "/nowhere/logo.svg"),
        ("ACCENT_COLOR", "blue"),
        ("SUPPORT_EMAIL", "example.org"),
        ("FOOTER_LINKS", "Imprint"),
        ("DEFAULT_LANGUAGE", "tlh"),
        ("DEFAULT_TIME_ZONE", "Europe/Atlantis"),
        ("LOG_FORMAT", "xml"),
        ("GATE_PROXIES", "hops:1"),
        ("HSTS_INCLUDE_SUBDOMAINS", "yes"),
        ("JWT_AUDIENCE", "my api"),
        ("ACCEPT_RISKS", "everything"),
    ];
    let found = problems(&variables);
    for (name, _) in variables {
        assert!(
            found.iter().any(|problem| problem.starts_with(name)),
            "{name} is missing in {found:#?}"
        );
    }
    assert_eq!(found.len(), variables.len(), "{found:#?}");
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn variables_that_contradict_each_other_are_reported() {
    assert_eq!(
        problems(&[("ROTATE_AFTER", "1m"), ("ROTATION_GRACE", "1m")]),
        ["ROTATE_AFTER must be longer than ROTATION_GRACE."]
    );
    let [problem] = &problems(&[("PUBLIC_URL", "https://login.example.org")])[..] else { panic!() };
    assert!(problem.contains("MAIL_TRANSPORT=file"));
    assert!(
        read(&[("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")]).is_ok()
    );
    let [problem] = &problems(&[("DATABASE_URL", "postgres://localhost/x")])[..] else { panic!() };
    assert!(problem.starts_with("SECRET_KEY is required"));
    let key = ("SECRET_KEY", "as long as it has to be, and then some");
    let [problem] = &problems(&[("DATABASE_URL", "postgres://ada:hunter#2@localhost/x"), key])[..]
    else {
        panic!()
    };
    assert!(problem.contains("percent-encode") && !problem.contains("hunter"), "{problem}");
    let weak = problems(&[("ARGON2_MEMORY_KIB", "19456"), ("ARGON2_ITERATIONS", "1")]);
    assert!(weak[0].contains("47104"), "{weak:?}");
    assert!(read(&[("ARGON2_MEMORY_KIB", "12288"), ("ARGON2_ITERATIONS", "3")]).is_ok());
    assert!(read(&[("ARGON2_MEMORY_KIB", "12288"), ("ARGON2_ITERATIONS", "9")]).is_ok());
}

#[test]
fn language_and_time_zone_have_names_that_the_program_knows() {
    let config = read(&[]).unwrap().config;
    assert_eq!((config.default_language.as_str(), config.default_time_zone.name()), ("en", "UTC"));
    let config = read(&[("DEFAULT_LANGUAGE", "DE"), ("DEFAULT_TIME_ZONE", "europe/berlin")]);
    let config = config.unwrap().config;
    let chosen = (config.default_language.as_str(), config.default_time_zone.name());
    assert_eq!(chosen, ("de", "Europe/Berlin"));
    let all: Vec<_> = Languages::embedded().all().iter().map(|it| it.code.as_str()).collect();
    let expected = format!("DEFAULT_LANGUAGE must be one of {}.", all.join(", "));
    for language in ["German", "tlh", "de_DE.UTF-8", "../de"] {
        let [problem] = &problems(&[("DEFAULT_LANGUAGE", language)])[..] else { panic!() };
        assert_eq!(*problem, expected, "{language}");
    }
    for zone in ["CEST+2", "+02:00", "Berlin", "../../etc/passwd", "Etc/Unknown"] {
        let [problem] = &problems(&[("DEFAULT_TIME_ZONE", zone)])[..] else { panic!("{zone}") };
        assert!(problem.starts_with("DEFAULT_TIME_ZONE ") && problem.contains("Europe/Berlin"));
    }
}

#[test]
fn misspelled_variables_are_reported() {
    let warnings = read(&[
        ("AUTHFLOW_PORT", "tcp://10.0.0.1:80"),
        ("AUTHFLOW_COLOUR", "blue"),
        ("PUBLIC_ULR", "https://x"),
        ("PATH", "/bin"),
        ("SPORT", "tennis"),
        ("PROT", "8080"),
        ("TRUSTED_PROXY", "10.0.0.0/8"),
    ])
    .unwrap()
    .warnings;
    assert_eq!(
        warnings,
        [
            "AUTHFLOW_COLOUR is not a variable of authflow and has no effect.",
            "AUTHFLOW_PORT is not a variable of authflow and has no effect; did you mean PORT?",
            "PROT is not a variable of authflow and has no effect; did you mean PORT?",
            "PUBLIC_ULR is not a variable of authflow and has no effect; did you mean PUBLIC_URL?",
            "TRUSTED_PROXY is not a variable of authflow and has no effect; did you mean TRUSTED_PROXIES?",
        ]
    );
}

#[test]
fn risky_settings_are_refused_until_the_operator_accepts_the_risk() {
    let key = "changeme-changeme-changeme-changeme";
    for (variables, word, named) in [
        (&[("PUBLIC_URL", "http://login.lan")][..], "plain-http", "PUBLIC_URL is http://login.lan"),
        (&[("GATE_ORIGINS", "http://nas.lan")], "plain-http", "GATE_ORIGINS has http://nas.lan"),
        (&[("TRUSTED_PROXIES", "0.0.0.0/0")], "any-proxy", "TRUSTED_PROXIES covers"),
        (&[("TRUSTED_PROXIES", "0.0.0.0/1, 128.0.0.0/1")], "any-proxy", "TRUSTED_PROXIES covers"),
        (&[("TRUSTED_PROXIES", "::ffff:0:0/96")], "any-proxy", "TRUSTED_PROXIES covers"),
        (
            &[("GATE_ORIGINS", "http://app.localhost"), ("GATE_PROXIES", "::/0")],
            "any-proxy",
            "GATE_PROXIES covers",
        ),
        (&[("SECRET_KEY", key)], "weak-secret", "SECRET_KEY can be guessed"),
    ] {
        let [problem] = &problems(variables)[..] else { panic!("{variables:?}") };
        let insist = format!("; if you accept that, add {word} to ACCEPT_RISKS.");
        assert!(problem.starts_with(named) && problem.ends_with(&insist), "{problem}");
        assert!(!problem.contains("changeme"), "{problem}");
        let accepted = [variables, &[("ACCEPT_RISKS", word)]].concat();
        let [warning] = &read(&accepted).unwrap().warnings[..] else { panic!("{accepted:?}") };
        assert!(warning.starts_with(named) && warning.contains(word), "{warning}");
        let others: Vec<_> = ["plain-http", "any-proxy", "weak-secret"]
            .into_iter()
            .filter(|it| *it != word)
            .collect();
        let others = others.join(" , ");
        assert!(read(&[variables, &[("ACCEPT_RISKS", &others)]].concat()).is_err());
    }
    let [warning] = &read(&[("ACCEPT_RISKS", "plain-http")]).unwrap().warnings[..] else {
        panic!()
    };
    assert!(warning.starts_with("ACCEPT_RISKS has plain-http, which has no effect"), "{warning}");

    // The content of the file is checked as well.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.key"), key).unwrap();
    let data_dir = ("DATA_DIR", folder.path().to_str().unwrap());
    let found = problems(&[data_dir]);
    assert!(found[0].contains("secret.key can be guessed"), "{found:?}");
    assert!(read(&[data_dir, ("ACCEPT_RISKS", "weak-secret")]).is_ok());
}

#[test]
fn likely_mistakes_are_warnings() {
    let https = [("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")];
    for (variables, expected) in [
        (&[("HOST", "0.0.0.0")][..], "which only this machine can open"),
        (&[("HSTS_INCLUDE_SUBDOMAINS", "on")], "has no effect without an https PUBLIC_URL"),
        (&[("CORS_ALLOWED_ORIGINS", "http://app.example.org")], "can change its pages"),
        (
            &[https[0], https[1], ("JWT_AUDIENCE", "https://api.example.org")],
            "JWT_AUDIENCE=https://login.example.org,https://api.example.org.",
        ),
        (
            &[
                https[0],
                ("MAIL_TRANSPORT", "smtp"),
                ("SMTP_URL", "smtp://mail.example.org?tls=off"),
            ],
            "SMTP_URL leads to mail.example.org with ?tls=off",
        ),
    ] {
        let warnings = read(variables).unwrap().warnings;
        assert!(warnings.len() == 1 && warnings[0].contains(expected), "{expected}: {warnings:?}");
    }
    for variables in [
        &[https[0], https[1], ("HOST", "0.0.0.0"), ("HSTS_INCLUDE_SUBDOMAINS", "on")][..],
        &[https[0], ("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", "smtp://10.0.0.5?tls=off")],
        &[https[0], ("MAIL_TRANSPORT", "smtp"), ("SMTP_URL", "smtp://postfix?tls=off")],
        &[https[0], https[1], ("JWT_AUDIENCE", "https://login.example.org")],
        &[https[0], https[1], ("JWT_AUDIENCE", "login,https://api.example.org")],
        &[(
            "CORS_ALLOWED_ORIGINS",
            "https://app.example.org,http://localhost:5173,capacitor://localhost",
        )],
    ] {
        assert!(read(variables).unwrap().warnings.is_empty(), "{variables:?}");
    }
}
