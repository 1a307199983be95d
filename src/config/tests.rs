//! What variables make of the configuration.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let variables =
        variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Config::read(variables, SecretFile::Look)
}

fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    read(variables).expect_err("must be refused").0
}

#[test]
fn nothing_has_to_be_set() {
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
fn all_problems_are_named_at_once_without_their_values() {
    let found = problems(&[
        ("HOST", "localhost"),
        ("PORT", "99999"),
        ("PUBLIC_URL", "ftp://x"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("SECRET_KEY", "hunter2"),
        ("MAIL_TRANSPORT", "pigeon"),
        ("EMAILS_PER_MINUTE", "0"),
        ("REGISTRATION", "maybe"),
        ("ROTATE_AFTER", "10"),
        ("RESET_TOKEN_TTL", "1y"),
        ("TRUSTED_PROXIES", "everyone"),
        ("CORS_ALLOWED_ORIGINS", "https://app.example.org, *"),
        ("JWT_ALGORITHM", "none"),
        ("ARGON2_MEMORY_KIB", "8000"),
        ("SITE_NAME", "a\u{1}"),
        ("LOG_FORMAT", "xml"),
        ("GATE_PROXIES", "hops:1"),
        ("HSTS_INCLUDE_SUBDOMAINS", "yes"),
        ("JWT_AUDIENCE", "my api"),
        ("ACCEPT_RISKS", "everything"),
    ]);
    let named = [
        "HOST",
        "PORT",
        "PUBLIC_URL",
        "DATABASE_URL",
        "SECRET_KEY",
        "MAIL_TRANSPORT",
        "EMAILS_PER_MINUTE",
        "REGISTRATION",
        "ROTATE_AFTER",
        "RESET_TOKEN_TTL",
        "TRUSTED_PROXIES",
        "CORS_ALLOWED_ORIGINS",
        "JWT_ALGORITHM",
        "ARGON2_MEMORY_KIB",
        "SITE_NAME",
        "LOG_FORMAT",
        "GATE_PROXIES",
        "HSTS_INCLUDE_SUBDOMAINS",
        "JWT_AUDIENCE",
        "ACCEPT_RISKS",
    ];
    for name in named {
        assert!(
            found.iter().any(|problem| problem.starts_with(name)),
            "{name} is missing in {found:#?}"
        );
    }
    assert_eq!(found.len(), named.len(), "{found:#?}");
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn rules_between_variables() {
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
fn how_mails_leave() {
    let url = ("PUBLIC_URL", "https://login.example.org");
    let described = |variables: &[(&str, &str)]| {
        let config = read(variables).unwrap().config;
        (config.mail.describe(), config.mail_from.to_string())
    };
    let from = "authflow <no-reply@login.example.org>".to_owned();
    let smtp = ("MAIL_TRANSPORT", "smtp");
    assert_eq!(
        described(&[url, smtp, ("SMTP_URL", "smtp://ada:hunter2@mail.example.org")]),
        ("SMTP to mail.example.org:587, STARTTLS".to_owned(), from.clone())
    );
    assert_eq!(
        described(&[url, smtp, ("SMTP_URL", "smtp://[2001:db8::1]?tls=off")]).0,
        "SMTP to [2001:db8::1]:25, UNENCRYPTED"
    );
    let resend = ("MAIL_TRANSPORT", "resend");
    assert_eq!(
        described(&[url, resend, ("RESEND_API_KEY", "re_hunter2")]),
        ("Resend by https://api.resend.com".to_owned(), from.clone())
    );
    // Where no mail can come from, nobody has to say so unless mails are sent.
    for site in ["http://10.0.0.1", "https://my_login.example.org", "http://localhost:5000"] {
        let risk = ("ACCEPT_RISKS", "plain-http");
        let file = [("PUBLIC_URL", site), ("MAIL_TRANSPORT", "file"), risk];
        assert_eq!(described(&file).1, "authflow <no-reply@localhost>", "{site}");
    }
    let dot = ("PUBLIC_URL", "https://login.example.org.");
    assert_eq!(described(&[dot, resend, ("RESEND_API_KEY", "x")]).1, from);
    for (written, read) in [
        ("ada@Example.org", "authflow <ada@example.org>"),
        ("\"\" <ada@example.org>", "authflow <ada@example.org>"),
        ("\"Müller, Köln\" <ada@bücher.example>", "\"Müller, Köln\" <ada@xn--bcher-kva.example>"),
    ] {
        assert_eq!(described(&[("MAIL_FROM", written)]).1, read);
    }
    for wrong in
        ["ada", "Müller, Köln <ada@example.org>", "nö@example.org", "a\u{7}b <ada@example.org>"]
    {
        let found = problems(&[("MAIL_FROM", wrong)]);
        assert!(found[0].starts_with("MAIL_FROM ") && found.len() == 1, "{wrong}: {found:?}");
    }
    for name in ["\"a\u{7}b\"".to_owned(), "ä".repeat(61)] {
        let found = problems(&[("MAIL_FROM", &format!("{name} <ada@example.org>"))]);
        assert!(found[0].starts_with("MAIL_FROM has a name that is longer"), "{found:?}");
    }
    let config = read(&[url, resend, ("RESEND_API_KEY", "re_hunter2")]).unwrap().config;
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    assert!(config.mailbox().is_none());
    assert!(read(&[]).unwrap().config.mailbox().is_some());

    for (variables, problem) in [
        (&[url, smtp][..], "SMTP_URL is required with MAIL_TRANSPORT=smtp"),
        (&[url, smtp, ("SMTP_URL", "mail.example.org")], "SMTP_URL is no URL"),
        (
            &[url, smtp, ("SMTP_URL", "smtps://x"), ("SMTP_CA_FILE", "/nowhere")],
            "SMTP_CA_FILE cannot be read",
        ),
        (
            &[url, smtp, ("SMTP_URL", "smtps://x"), ("SMTP_CA_FILE", "/dev/null")],
            "SMTP_CA_FILE holds no certificates",
        ),
        (&[url, resend], "RESEND_API_KEY is required"),
        (&[url, resend, ("RESEND_API_KEY", "re hunter2")], "RESEND_API_KEY holds characters"),
        (
            &[url, resend, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "http://example.org")],
            "RESEND_API_URL must begin with https://",
        ),
        (
            &[url, resend, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "http://127.evil.example")],
            "RESEND_API_URL must begin with https://",
        ),
        (
            &[url, resend, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "https://u:hunter2@x")],
            "RESEND_API_URL must begin with https://",
        ),
        (&[url, ("MAIL_TRANSPORT", "pigeon")], "MAIL_TRANSPORT must be one of: file, smtp, resend"),
        (&[smtp, ("SMTP_URL", "smtp://mail.example.org")], "MAIL_FROM is required"),
        (
            &[url, smtp, ("SMTP_URL", "smtp://x"), ("MAIL_TIMEOUT", "1h")],
            "MAIL_TIMEOUT must be from 1s to 10m",
        ),
    ] {
        let found = problems(variables);
        assert!(found.len() == 1 && found[0].starts_with(problem), "{problem}: {found:?}");
        assert!(!found[0].contains("hunter2"));
    }
    let warnings = read(&[("SMTP_URL", "smtp://x"), ("SMTP_ULR", "smtp://x")]).unwrap().warnings;
    let expected =
        "SMTP_URL has no effect with MAIL_TRANSPORT=file; did you mean MAIL_TRANSPORT=smtp?";
    assert!(warnings.contains(&expected.to_owned()), "{warnings:?}");
    assert!(warnings.iter().any(|it| it.ends_with("did you mean SMTP_URL?")), "{warnings:?}");
}

#[test]
fn origins_of_other_pages_are_as_browsers_send_them() {
    let origins = |text: &str| {
        read(&[("CORS_ALLOWED_ORIGINS", text)]).map(|it| it.config.cors_allowed_origins)
    };
    assert!(origins("").unwrap().is_empty());
    assert_eq!(
        origins("https://App.Example.org/ , http://localhost:5173,https://bücher.example:443,capacitor://localhost,").unwrap(),
        [
            "https://app.example.org",
            "http://localhost:5173",
            "https://xn--bcher-kva.example",
            "capacitor://localhost"
        ]
    );
    for text in [
        "*",
        "null",
        "app.example.org",
        "https://",
        "https://*.example.org",
        "https://app.example.org/path",
        "https://app.example.org?x",
        "https://app.example.org#x",
        "https://ada@app.example.org",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://a.example https://b.example",
        "https:a.example",
        "wss://a.example",
    ] {
        let problems = origins(text).expect_err(text).0;
        assert!(problems[0].starts_with("CORS_ALLOWED_ORIGINS must be origins"), "{text}");
    }
}

#[test]
fn slips_are_named() {
    let warnings = read(&[
        ("AUTHFLOW_PORT", "tcp://10.0.0.1:80"),
        ("AUTHFLOW_COLOUR", "blue"),
        ("PUBLIC_ULR", "https://x"),
        ("PATH", "/bin"),
        ("SPORT", "tennis"),
    ])
    .unwrap()
    .warnings;
    assert_eq!(
        warnings,
        [
            "AUTHFLOW_COLOUR is not a variable of authflow and has no effect.",
            "AUTHFLOW_PORT is not a variable of authflow and has no effect; did you mean PORT?",
            "PUBLIC_ULR is not a variable of authflow and has no effect; did you mean PUBLIC_URL?",
        ]
    );
}

#[test]
fn guarded_origins_are_read() {
    let origins = |text: &str| {
        let loaded = read(&[
            ("PUBLIC_URL", "http://login.localhost:5000"),
            ("ACCEPT_RISKS", "plain-http"),
            ("GATE_ORIGINS", text),
        ])?;
        let origins = loaded.config.gate_origins.iter().map(ToString::to_string);
        Ok::<_, Problems>(origins.collect::<Vec<_>>())
    };
    assert!(origins("").unwrap().is_empty());
    assert_eq!(
        origins("https://App.example.org:443/ , http://nas.lan:8080,https://app.example.org")
            .unwrap(),
        ["https://app.example.org", "http://nas.lan:8080"]
    );
    for text in [
        "app.example.org",
        "https://app.example.org/path",
        "https://*.example.org",
        "wss://x.example",
        "capacitor://localhost",
    ] {
        let problems = origins(text).expect_err(text).0;
        assert!(problems[0].starts_with("GATE_ORIGINS "), "{text}: {problems:?}");
    }
    let problems = origins("http://login.localhost:5000").unwrap_err().0;
    assert!(problems[0].contains("a path such as /id"), "{problems:?}");
    assert!(
        read(&[("PUBLIC_URL", "http://localhost/id"), ("GATE_ORIGINS", "http://localhost")])
            .is_ok()
    );
}

#[test]
fn a_gate_that_is_open_wider_than_it_looks_is_named() {
    let gate = ("GATE_ORIGINS", "https://app.example.org,http://nas.localhost");
    let https = [("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")];
    let warnings = read(&[https[0], https[1], gate]).unwrap().warnings.join("\n");
    assert!(warnings.contains("GATE_ORIGINS has http://nas.localhost, where the gate's"));
    for (login, origin, is_below) in [
        ("https://example.org", "http://nas.example.org:8080", true),
        ("https://example.org.", "http://nas.example.org", true),
        ("https://example.org", "https://nas.example.org", false),
        ("https://login.example.org", "http://nas.example.org", false),
        ("https://example.org", "http://nasexample.org", false),
        ("https://192.0.2.7", "http://nas.example.org", false),
    ] {
        let accepted = ("ACCEPT_RISKS", "plain-http");
        let [hsts, gate] = [("HSTS_INCLUDE_SUBDOMAINS", "on"), ("GATE_ORIGINS", origin)];
        let from = ("MAIL_FROM", "no-reply@example.org");
        let all = [("PUBLIC_URL", login), https[1], gate, hsts, accepted, from];
        let warnings = read(&all).unwrap().warnings.join("\n");
        let said = "=on makes browsers use https for http://nas.example.org";
        assert_eq!(warnings.contains(said), is_below, "{login} {origin}: {warnings}");
    }
    for audience in ["https://app.example.org", "api, https://app.example.org"] {
        let audience = read(&[https[0], https[1], gate, ("JWT_AUDIENCE", audience)]);
        assert!(audience.unwrap_err().0[0].starts_with("JWT_AUDIENCE has one of GATE_ORIGINS"));
    }
}

#[test]
fn applications_know_people_by_what_nobody_can_choose() {
    let (off, gate) = (("EMAIL_VERIFICATION", "off"), ("GATE_ORIGINS", "http://app.localhost"));
    let (id, email) = (("GATE_REMOTE_USER", "id"), ("GATE_REMOTE_USER", "email"));
    for refused in [&[off, gate][..], &[off, gate, email]] {
        let problems = read(refused).unwrap_err().0.join("\n");
        for named in [
            "GATE_REMOTE_USER=email",
            "EMAIL_VERIFICATION=off",
            "GATE_ORIGINS",
            "GATE_REMOTE_USER=id",
        ] {
            assert!(problems.contains(named), "{named}: {problems}");
        }
    }
    for taken in [&[off][..], &[off, email], &[gate], &[gate, email], &[off, gate, id]] {
        assert!(read(taken).is_ok(), "{taken:?}");
    }
    for more in [&[][..], &[gate]] {
        let all = [more, &[("GATE_REMOTE_USER", "username")]].concat();
        let problems = read(&all).unwrap_err().0.join("\n");
        for named in ["rename themselves", "GATE_REMOTE_USER=id", "GATE_REMOTE_USER=email"] {
            assert!(problems.contains(named), "{named}: {problems}");
        }
    }
    let problems = read(&[off, ("GATE_REMOTE_USER", "username")]).unwrap_err().0.join("\n");
    assert!(problems.contains("=id.") && !problems.contains("=email"), "{problems}");
    let other = read(&[("GATE_REMOTE_USER", "name")]).unwrap_err();
    assert!(other.0[0].contains("must be one of: email, id"), "{other}");
}

/// The networks as a person writes them.
fn gate_proxies(variables: &[(&str, &str)]) -> String {
    let networks = read(variables).unwrap().config.gate_proxies;
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[test]
fn who_may_ask_the_gate_need_not_be_who_tells_the_clients_address() {
    let gate = ("GATE_ORIGINS", "http://app.localhost");
    let any_proxy = ("ACCEPT_RISKS", "any-proxy");
    for (variables, networks) in [
        (&[gate][..], "127.0.0.0/8,::1/128"),
        (&[gate, ("TRUSTED_PROXIES", "10.0.0.0/8")], "10.0.0.0/8"),
        (&[gate, ("TRUSTED_PROXIES", "hops:2")], "127.0.0.0/8,::1/128"),
        (&[gate, ("TRUSTED_PROXIES", "0.0.0.0/0"), any_proxy], "127.0.0.0/8,::1/128"),
        (&[gate, ("TRUSTED_PROXIES", "10.0.0.0/8,::/0"), any_proxy], "127.0.0.0/8,::1/128"),
        (
            &[gate, ("TRUSTED_PROXIES", "0.0.0.0/0"), ("GATE_PROXIES", "10.1.0.0/16"), any_proxy],
            "10.1.0.0/16",
        ),
        (&[gate, ("TRUSTED_PROXIES", "hops:2"), ("GATE_PROXIES", "10.1.0.0/16")], "10.1.0.0/16"),
        (&[gate, ("TRUSTED_PROXIES", "10.0.0.0/8"), ("GATE_PROXIES", "::1")], "::1/128"),
    ] {
        assert_eq!(gate_proxies(variables), networks, "{variables:?}");
    }
    let warnings = |variables: &[(&str, &str)]| read(variables).unwrap().warnings;
    assert_eq!(
        warnings(&[("GATE_PROXIES", "10.0.0.0/8")]),
        ["GATE_PROXIES has no effect without GATE_ORIGINS."]
    );
    let hops = ("TRUSTED_PROXIES", "hops:1");
    assert!(warnings(&[hops]).is_empty(), "only this machine can connect");
    let open = [hops, ("HOST", "0.0.0.0"), ("PUBLIC_URL", "https://login.example.org")];
    let [warning] = &warnings(&[&open[..], &[("MAIL_TRANSPORT", "file")]].concat())[..] else {
        panic!()
    };
    assert!(warning.contains("reaches HOST and PORT directly can invent its address"), "{warning}");
}

#[test]
fn what_hardly_anyone_means_is_refused_until_they_insist() {
    let key = "changeme-changeme-changeme-changeme";
    for (variables, word, named) in [
        (&[("PUBLIC_URL", "http://login.lan")][..], "plain-http", "PUBLIC_URL is http://login.lan"),
        (&[("GATE_ORIGINS", "http://nas.lan")], "plain-http", "GATE_ORIGINS has http://nas.lan"),
        (&[("TRUSTED_PROXIES", "0.0.0.0/0")], "any-proxy", "TRUSTED_PROXIES takes in"),
        (&[("TRUSTED_PROXIES", "0.0.0.0/1, 128.0.0.0/1")], "any-proxy", "TRUSTED_PROXIES takes in"),
        (&[("TRUSTED_PROXIES", "::ffff:0:0/96")], "any-proxy", "TRUSTED_PROXIES takes in"),
        (
            &[("GATE_ORIGINS", "http://app.localhost"), ("GATE_PROXIES", "::/0")],
            "any-proxy",
            "GATE_PROXIES takes in",
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

    // What the file holds counts as well.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.key"), key).unwrap();
    let data_dir = ("DATA_DIR", folder.path().to_str().unwrap());
    let found = problems(&[data_dir]);
    assert!(found[0].contains("secret.key can be guessed"), "{found:?}");
    assert!(read(&[data_dir, ("ACCEPT_RISKS", "weak-secret")]).is_ok());
}

#[test]
fn a_configuration_that_others_would_stumble_over_is_noted() {
    let https = [("PUBLIC_URL", "https://login.example.org"), ("MAIL_TRANSPORT", "file")];
    for (variables, expected) in [
        (&[("HOST", "0.0.0.0")][..], "which only this machine can open"),
        (&[("HSTS_INCLUDE_SUBDOMAINS", "on")], "has no effect without an https PUBLIC_URL"),
        (&[("CORS_ALLOWED_ORIGINS", "http://app.example.org")], "its pages can be changed"),
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

#[test]
fn several_audiences_are_read() {
    let audiences = |text: &str| {
        let config = read(&[("JWT_AUDIENCE", text)]).unwrap().config;
        config.jwt.audiences.all().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(audiences("https://api.example.org"), ["https://api.example.org"]);
    assert_eq!(audiences(" a , b,a,, c"), ["a", "b", "c"]);
    assert_eq!(audiences(""), ["http://localhost:5000"]);
    assert!(problems(&[("JWT_AUDIENCE", ",")])[0].starts_with("JWT_AUDIENCE must name"));
}

#[test]
fn postgres_elsewhere_without_proof_of_who_it_is_is_named() {
    let key = ("SECRET_KEY", "as long as it has to be, and then some");
    let warnings = |url: &str| read(&[("DATABASE_URL", url), key]).unwrap().warnings.join("; ");
    assert_eq!(warnings("postgres://ada:hunter2@db.example.org/x"), "");
    assert_eq!(warnings("postgres://ada:hunter2@localhost/x?sslmode=disable"), "");
    let risky = warnings("postgres://ada:hunter2@db.example.org/x?sslmode=require");
    assert!(
        risky.starts_with(
            "DATABASE_URL leads to db.example.org with sslmode=require: the connection"
        ) && !risky.contains("hunter2"),
        "{risky}"
    );
    let url = ("DATABASE_URL", "postgres://ada:hunter2@db.example.org/x");
    let found = problems(&[url, key, ("DATABASE_CA_FILE", "/nowhere")]);
    assert!(
        found.len() == 1 && found[0].starts_with("DATABASE_CA_FILE cannot be read"),
        "{found:?}"
    );
}
