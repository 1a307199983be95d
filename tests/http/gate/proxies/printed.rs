//! What `authflow proxy` prints and refuses.

use super::*;

const APP: [&str; 4] = ["--app", "https://app.example.org", "--upstream", "127.0.0.1:8080"];

/// Runs `authflow proxy`. Returns its exit code, its configuration and its messages.
fn print(kind: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::TempDir::new().unwrap();
    let variables = [
        ("PUBLIC_URL", "https://login.example.org"),
        ("MAIL_TRANSPORT", "file"),
        ("REGISTRATION", "closed"),
    ];
    let output = run(folder.path(), &variables, &[&["proxy", kind], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// As with the default settings, which are for a first try without a proxy.
#[test]
fn a_site_at_the_port_of_authflow_comes_with_a_note() {
    let folder = tempfile::TempDir::new().unwrap();
    let notes = |variables: &[(&str, &str)], more: &[&str]| {
        let output = run(folder.path(), variables, &[&["proxy", "caddy"], more].concat());
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = "PUBLIC_URL has the port that authflow itself listens at";
    let same = [("PORT", "5000"), ("PUBLIC_URL", "http://localhost:5000")];
    assert!(notes(&same, &[]).contains(said));
    assert!(!notes(&same, &["--authflow", "authflow:5000"]).contains(said), "another machine");
    assert!(!notes(&[("PORT", "5000"), ("PUBLIC_URL", "http://localhost")], &[]).contains(said));
}

#[tokio::test]
async fn nginx_gets_ipv6_and_http2_only_on_request() {
    for arguments in [&[][..], &APP] {
        let (_, plain, _) = print("nginx", arguments);
        let lines = |text: &str, start: &str| {
            text.lines()
                .filter(|line| line.trim().starts_with(start))
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(lines(&plain, "listen"), "listen 443 ssl; listen 80;");
        assert_eq!(lines(&plain, "http2"), "");
        assert_eq!(lines(&plain, "return 301").matches("$request_uri").count(), 1);
        let (_, both, _) = print("nginx", &[arguments, &["--ipv6", "--http2"]].concat());
        assert_eq!(
            lines(&both, "listen"),
            "listen 443 ssl; listen [::]:443 ssl; listen 80; listen [::]:80;"
        );
        assert_eq!(lines(&both, "http2"), "http2 on;");
    }
    for kind in ["caddy", "traefik"] {
        for option in ["--ipv6", "--http2"] {
            let (code, _, said) = print(kind, &[option]);
            assert_eq!((code, said.contains("is for nginx")), (Some(2), true), "{said}");
        }
    }
}

#[tokio::test]
async fn traefik_gets_the_certificate_resolver_for_every_router() {
    for arguments in [&[][..], &APP] {
        for (labels, plain, named) in [
            (&[][..], "tls: {}", "tls: { certResolver: letsencrypt }"),
            (&["--labels"], ".tls=true'", ".tls.certresolver=letsencrypt'"),
        ] {
            let arguments = [labels, arguments].concat();
            let (_, before, said) = print("traefik", &arguments);
            assert!(said.contains("--cert-resolver NAME"), "{said}");
            let resolver = ["--cert-resolver", "letsencrypt"];
            let (_, after, said) = print("traefik", &[&arguments, &resolver[..]].concat());
            assert!(!said.contains("--cert-resolver NAME"), "{said}");
            let routers = before.matches(plain).count();
            assert!(routers > 0, "{before}");
            assert_eq!((after.matches(named).count(), after.contains(plain)), (routers, false));
        }
    }
    for (kind, name, said) in
        [("nginx", "letsencrypt", "is for Traefik"), ("traefik", "a b", "such as letsencrypt")]
    {
        let (code, printed, error) = print(kind, &["--cert-resolver", name]);
        assert_eq!((code, printed.as_str(), error.contains(said)), (Some(2), "", true), "{error}");
    }
}

#[tokio::test]
async fn public_paths_come_with_a_warning() {
    let public = ["--public", "/hooks", "--public", "/s/*"];
    for kind in [&["nginx"][..], &["caddy"], &["traefik"], &["traefik", "--labels"]] {
        let arguments = [&kind[1..], &APP, &public].concat();
        let (code, printed, said) = print(kind[0], &arguments);
        assert_eq!(code, Some(0), "{said}");
        for text in [&printed, &said] {
            assert!(text.contains("anyone can open /hooks, /s and everything below"), "{text}");
        }
        assert!(printed.contains("public=%2Fhooks&public=%2Fs"), "{printed}");
        assert!(printed.contains("--public /hooks --public '/s/*'"), "{printed}");
        let (_, private, _) = print(kind[0], &[&kind[1..], &APP].concat());
        assert!(!private.contains("public") && !private.contains("anyone can open"), "{private}");
        for (path, reason) in [
            ("hooks", "must begin with a slash"),
            ("https://app.example.org/hooks", "must begin with a slash"),
            ("/", "would open the whole app"),
            ("/*", "would open the whole app"),
            ("/.authflow/ticket", "belongs to the gate"),
            ("/a/../b", "must not contain"),
            ("/a b", "may contain only"),
            ("/hooks*", "may contain only"),
        ] {
            let (code, printed, said) = print(kind[0], &[&APP[..], &["--public", path]].concat());
            assert_eq!((code, printed.as_str()), (Some(2), ""));
            assert!(said.contains(&format!("--public {path}: the path {reason}")), "{said}");
        }
    }
    let (code, _, _) = print("nginx", &["--public", "/hooks"]);
    assert_eq!(code, Some(2), "it is about an app");
}
