//! The gate and its proxies.

use super::read;
use crate::config::Problems;

/// The networks as text.
fn gate_proxies(variables: &[(&str, &str)]) -> String {
    let networks = read(variables).unwrap().config.gate_proxies;
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[test]
fn guarded_origins_are_parsed() {
    let origins = |text: &str| {
        let loaded = read(&[
            ("PUBLIC_URL", "http://login.localhost:5000"),
            ("ACCEPT_RISKS", "plain-http"),
            ("GATE_ORIGINS", text),
        ])?;
        let apps = loaded.config.guarded_apps.iter().map(ToString::to_string);
        Ok::<_, Problems>(apps.collect::<Vec<_>>())
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
fn guarded_apps_can_have_names() {
    let apps = |text: &str| {
        let apps = read(&[("GATE_ORIGINS", text)])?.config.guarded_apps;
        Ok::<_, Problems>(apps.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let longest = "W".repeat(40);
    for (text, expected) in [
        (
            "Team Wiki = https://Wiki.example.org/ ,https://a.example.org",
            &["Team Wiki=https://wiki.example.org", "https://a.example.org"][..],
        ),
        ("Bücher & \"mehr\"=https://b.example.org", &["Bücher & \"mehr\"=https://b.example.org"]),
        // The first of two equal origins counts, and a name is not lost.
        ("A=https://a.example.org,https://a.example.org:443", &["A=https://a.example.org"]),
        ("https://a.example.org, A=https://a.example.org", &["A=https://a.example.org"]),
        ("A=https://a.example.org,A=https://a.example.org", &["A=https://a.example.org"]),
        // Two apps may share a name.
        (
            "A=https://a.example.org,A=http://a.localhost",
            &["A=https://a.example.org", "A=http://a.localhost"],
        ),
        (
            &format!("{longest}=https://a.example.org"),
            &[&*format!("{longest}=https://a.example.org")],
        ),
    ] {
        assert_eq!(apps(text).unwrap(), expected, "{text}");
    }
    for (text, why) in [
        (
            "A=https://a.example.org,B=https://a.example.org",
            "two names for https://a.example.org: A and B",
        ),
        ("=https://a.example.org", "no name before a ="),
        (" = https://a.example.org", "no name before a ="),
        (&format!("{longest}W=https://a.example.org"), "longer than 40 characters"),
        ("A\u{7}=https://a.example.org", "a control character"),
        ("Wiki=a.example.org", "each with its scheme"),
        ("A=B=https://a.example.org", "A name without = may stand before each"),
        ("Tea, cake=https://a.example.org", "A name without = may stand before each"),
        ("Wiki", "must be origins separated by commas"),
        ("App=capacitor://localhost", "are http or https"),
    ] {
        let [problem] = &apps(text).expect_err(text).0[..] else { panic!("{text}") };
        assert!(problem.starts_with("GATE_ORIGINS ") && problem.contains(why), "{text}: {problem}");
    }
    let apps = read(&[("GATE_ORIGINS", "Wiki=https://a.example.org,https://b.example.org")]);
    let labels: Vec<_> =
        apps.unwrap().config.guarded_apps.iter().map(|it| it.label().to_owned()).collect();
    assert_eq!(labels, ["Wiki", "b.example.org"]);
}

#[test]
fn a_gate_that_protects_less_than_expected_is_reported() {
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
fn apps_identify_users_by_a_claim_that_users_cannot_choose() {
    let (off, gate) = (("EMAIL_VERIFICATION", "off"), ("GATE_ORIGINS", "http://app.localhost"));
    let [id, email, handle] = ["id", "email", "handle"].map(|user| ("GATE_REMOTE_USER", user));
    for refused in [&[off, gate][..], &[off, gate, email]] {
        let problems = read(refused).unwrap_err().0.join("\n");
        for named in [
            "GATE_REMOTE_USER=email",
            "EMAIL_VERIFICATION=off",
            "GATE_ORIGINS",
            "GATE_REMOTE_USER=id",
            "GATE_REMOTE_USER=handle",
        ] {
            assert!(problems.contains(named), "{named}: {problems}");
        }
    }
    for taken in
        [&[off][..], &[off, email], &[gate], &[gate, email], &[off, gate, id], &[off, gate, handle]]
    {
        assert!(read(taken).is_ok(), "{taken:?}");
    }
    for more in [&[][..], &[gate]] {
        let all = [more, &[("GATE_REMOTE_USER", "username")]].concat();
        let problems = read(&all).unwrap_err().0.join("\n");
        for named in ["rename themselves", "GATE_REMOTE_USER=handle", "=id", "=email"] {
            assert!(problems.contains(named), "{named}: {problems}");
        }
    }
    let problems = read(&[off, ("GATE_REMOTE_USER", "username")]).unwrap_err().0.join("\n");
    assert!(problems.contains("=id.") && !problems.contains("=email"), "{problems}");
    let other = read(&[("GATE_REMOTE_USER", "name")]).unwrap_err();
    assert!(other.0[0].contains("must be one of: email, handle, id"), "{other}");
}

#[test]
fn open_sign_up_with_handles_is_warned_of() {
    let [gate, handle] = [("GATE_ORIGINS", "http://app.localhost"), ("GATE_REMOTE_USER", "handle")];
    let said = "the first to sign up gets the name";
    for (variables, is_warned) in [
        (&[gate, handle][..], true),
        (&[gate, handle, ("EMAIL_VERIFICATION", "off")], true),
        (&[gate, handle, ("REGISTRATION", "invite")], false),
        (&[gate, ("GATE_REMOTE_USER", "id")], false),
        (&[handle], false),
    ] {
        let warnings = read(variables).unwrap().warnings.join("\n");
        assert_eq!(warnings.contains(said), is_warned, "{variables:?}: {warnings}");
    }
    let problems = read(&[gate, ("EMAIL_VERIFICATION", "off")]).unwrap_err().0.join("\n");
    assert!(problems.contains(said), "{problems}");
}

#[test]
fn the_gate_and_x_forwarded_for_can_trust_different_proxies() {
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
    assert!(warnings(&[hops]).is_empty(), "only local clients can connect");
    let open = [hops, ("HOST", "0.0.0.0"), ("PUBLIC_URL", "https://login.example.org")];
    let [warning] = &warnings(&[&open[..], &[("MAIL_TRANSPORT", "file")]].concat())[..] else {
        panic!()
    };
    assert!(warning.contains("reaches HOST and PORT directly can invent its address"), "{warning}");
}
