//! Forged headers and cookies of a client are ignored.

use super::*;

in_each! {
    forged_headers_never_reach_the_app
}

/// Names under which apps read an identity, as a client may spell them.
const FORGED: [&str; 13] = [
    "Remote-User",
    "remote-user",
    "REMOTE-USER",
    "Remote_User",
    "remote_user",
    "Remote-Id",
    "Remote-Email",
    "Remote_Email",
    "Remote-Name",
    "Remote-Groups",
    "Remote_Groups",
    "Remote-Token",
    "Remote_Token",
];

async fn forged_headers_never_reach_the_app(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&["--token"]]).await else { return };
    let login = ada.open(&stage.app(0)).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    forged_identities_are_replaced(&stage, &ada).await;
    identity_headers_cannot_be_removed(&stage, &ada).await;
    cookies_of_the_gate_are_removed(&stage, &ada).await;
    forwarded_headers_are_replaced(&stage, &ada).await;
}

/// A client cannot claim to be another user.
async fn forged_identities_are_replaced(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    for forged in FORGED {
        for (method, body) in [(Method::GET, None), (Method::POST, Some(b"a=b".to_vec()))] {
            let headers = [(forged, "forged"), NAVIGATION[0], NAVIGATION[1]];
            let page = ada.send(method, &app, &headers, body).await;
            let got = Got::from(&page);
            for name in IDENTITY.into_iter().chain(["remote-id", "remote-token"]) {
                assert!(!got.header(name).contains(&"forged"), "{forged}: {:?}", got.header(name));
                assert!(got.header(name).len() <= 1, "{forged}");
            }
            assert_eq!(got.header("remote-user"), [ADA]);
            assert_eq!(got.header("remote-token")[0].split('.').count(), 3);
        }
    }
}

/// `Connection` names headers that a proxy must not pass on. That removes no header that the proxy itself adds.
async fn identity_headers_cannot_be_removed(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    for named in [
        "Remote-User",
        "remote-groups, Remote-Email",
        "close, Remote-Token",
        "Cookie",
        "X-Forwarded-Host",
    ] {
        let headers = [("connection", named), SCRIPT[0], SCRIPT[1]];
        let page = ada.send(Method::GET, &app, &headers, None).await;
        if page.status != 401 {
            let got = Got::from(&page);
            assert_eq!(
                (got.header("remote-user"), got.header("remote-email")),
                (vec![ADA], vec![ADA]),
                "{named}"
            );
            assert_eq!(got.header("remote-token").len(), 1, "{named}");
        }
    }
}

/// The app receives its own cookies, wherever those of the gate stand among them.
async fn cookies_of_the_gate_are_removed(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    let own = ada.cookies(&app);
    let ours = |name: &str| format!("{name}={}", own[name]);
    let (gate, nonce) = (ours(GATE), ours(NONCE));
    for (sent, left) in [
        (format!("{gate}; {nonce}"), ""),
        (format!("a=b; {gate}; c=d; {nonce}; e=\"f g\""), "a=b; c=d; e=\"f g\""),
        (format!("{nonce}; {gate}; {nonce}; a=b"), "a=b"),
        (format!("a=b; {gate}"), "a=b"),
        (format!("{gate}; xauthflow-gate=1; x=authflow-gate"), "xauthflow-gate=1; x=authflow-gate"),
        (
            format!("a=1;{gate};b=2;__Secure-authflow-refresh=x;authflow-session=y;c=3"),
            "a=1;b=2;c=3",
        ),
    ] {
        let headers = [("cookie", sent.as_str()), SCRIPT[0], SCRIPT[1]];
        let got = stage.browser().send(Method::GET, &app, &headers, None).await;
        let got = Got::from(&got);
        let arrived = got.header("cookie").join("; ").replace("; ", ";");
        assert_eq!(arrived.trim_matches(';'), left.replace("; ", ";"), "{sent}");
    }
}

/// No client header signs a visitor in or changes the host.
async fn forwarded_headers_are_replaced(stage: &Stage, ada: &Traveller) {
    let app = stage.app(0);
    let stranger = stage.browser();
    for (name, value) in [
        ("Remote-User", ADA),
        ("X-Original-URL", "https://evil.example/"),
        ("X-Original-Method", "POST"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Uri", "/other"),
        ("X-Forwarded-Method", "POST"),
        ("X-Forwarded-For", "192.0.2.1"),
    ] {
        let headers = [(name, value), NAVIGATION[0], NAVIGATION[1]];
        let sent = stranger.send(Method::GET, &format!("{app}/x"), &headers, None).await;
        assert!(sent.status.is_redirection(), "{name}: {}", sent.status);
        let way = url::Url::parse(sent.header("location")).unwrap();
        let back = way.query_pairs().find(|(it, _)| it == "return_to").unwrap().1.into_owned();
        assert_eq!(back, format!("{app}/x"), "{name}");
        let headers = [(name, value), SCRIPT[0], SCRIPT[1]];
        stranger.send(Method::GET, &format!("{app}/x"), &headers, None).await.is(401);
        let got = ada.send(Method::GET, &format!("{app}/x"), &headers, None).await;
        assert_eq!(Got::from(&got).header("remote-user"), [ADA], "{name}");
    }
}
