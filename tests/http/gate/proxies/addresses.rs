//! Addresses in real proxies: long ones come back, and public ones need no sign-in.

use super::*;

in_each! {
    a_long_address_comes_back
    public_paths_open_nothing_else
    refusals_need_no_other_file
}

async fn a_long_address_comes_back(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[]]).await else { return };
    let app = stage.app(0);
    let path = |bytes: usize| {
        let start = "/%2F//a;b=c/%C3%BC?q=a+b%20c&&x=%2525&long=";
        format!("{start}{}", "/".repeat(bytes - start.len()))
    };
    let deep = path(8_100);
    let login = ada.open(&format!("{app}{deep}")).await;
    login.says("Sign in to continue to");
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!(Got::from(&there).uri(), deep);
    // The same for a page of authflow.
    let own = stage.browser();
    let page = stage.login(&format!("/profile/activity?x={}", "/".repeat(8_000)));
    let login = own.open(&page).await;
    assert_eq!(own.sign_in(&login, ADA).await.path, page);
    // nginx does not take longer ones.
    let longer = stage.browser().open(&format!("{app}{}", path(8_500))).await;
    longer.is(414).says("8 KiB").says("start page");
}

const PUBLIC: [&str; 4] = ["/hooks", "/hooks/", "/hooks/a/b.c?d=/../admin", "/share/%C3%BC%20x"];

/// Paths that one of the programs may confuse with a public one.
const PRIVATE: [&str; 24] = [
    "/admin",
    "/hooks2",
    "/shared-secrets",
    "/Hooks/x",
    "/hooks/../admin",
    "/hooks/%2e%2e/admin",
    "/hooks/.%2E/admin",
    "/hooks/..%2fadmin",
    "/hooks%2f..%2fadmin",
    "/hooks/..%5cadmin",
    "/hooks/..\\admin",
    "/hooks/..;/admin",
    "/hooks/..%3b/admin",
    "/hooks/%252e%252e/admin",
    "/hooks/%252e%252e%252fadmin",
    "/hooks//../admin",
    "//hooks/../admin",
    "/hooks/./../admin",
    "/hooks/x/../../admin",
    "/admin/../hooks/x",
    "/admin/%2e%2e/hooks",
    "/admin/..%2fhooks",
    "/hooks/%c0%ae%c0%ae/admin",
    "/admin?/hooks/",
];

async fn public_paths_open_nothing_else(kind: Kind) {
    let rules: [&[&str]; 2] = [&["--public", "/hooks", "--public", "/share/*"], &[]];
    let Some((stage, ada)) = set(kind, &rules).await else { return };
    let app = stage.app(0);
    let forged = [("remote-user", "root"), ("remote_groups", "admin"), SCRIPT[0], SCRIPT[1]];
    for path in PUBLIC {
        for method in [Method::GET, Method::POST] {
            let headers = if kind == Kind::Nginx { &forged[..] } else { &forged[2..] };
            let page = ada.send(method.clone(), &format!("{app}{path}"), headers, None).await;
            let got = Got::from(&page);
            assert_eq!((got.0["method"].as_str().unwrap(), got.uri()), (method.as_str(), path));
            for name in IDENTITY {
                assert!(got.header(name).join("").is_empty(), "{name}");
            }
        }
    }
    let host = app.split("://").nth(1).unwrap();
    let ask = async |path: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        raw(&stage, &request).await
    };
    assert!(ask("/hooks/x").await.contains("\"uri\":\"/hooks/x\""));
    for path in PRIVATE {
        let answer = ask(path).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let absolute = ask(&format!("{app}/hooks/../admin")).await;
    assert!(!absolute.contains("\"uri\""), "{absolute}");
    let query_only = ask(&format!("{app}?x=/hooks/y")).await;
    assert!(!query_only.contains("\"uri\""), "{query_only}");
    // Other apps stay private, and the signed-in user's cookies stay here.
    ada.send(Method::GET, &format!("{}/hooks", stage.app(1)), &SCRIPT, None).await.is(401);
    let login = ada.open(&format!("{app}/x")).await;
    assert_eq!(Got::from(&ada.sign_in(&login, ADA).await).header("remote-user"), [ADA]);
    let got = Got::from(&ada.go(&format!("{app}/hooks/x")).await);
    assert_eq!(got.header("cookie").join(""), "");
    assert_eq!(got.header("remote-user").join(""), "");
    stage.shows_no_ticket();
}

/// The page has its style in itself: the guarded host serves no file of authflow.
#[track_caller]
fn stands_alone(page: &Page) {
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.path);
    assert!(page.body.contains("<style>") || page.body.contains("<body style="), "{}", page.body);
    assert!(page.body.contains("name=\"viewport\"") || page.body.contains("name='viewport'"));
    assert!(!page.body.contains("<link") && !page.body.contains("/static/"), "{}", page.body);
}

async fn refusals_need_no_other_file(kind: Kind) {
    let Some((mut stage, ada)) = set(kind, &[&["--role", "admin"]]).await else { return };
    let app = stage.app(0);
    stands_alone(ada.go(&stage.unknown()).await.is(403));
    stands_alone(ada.go(&format!("{app}/.authflow/x")).await.is(404));
    let login = ada.open(&app).await;
    let refused = ada.sign_in(&login, ADA).await;
    stands_alone(refused.is(403));
    stage.server.app.db.close().await;
    stands_alone(ada.go(&app).await.is(503).says("We’ll be right back"));
    let script = ada.send(Method::GET, &app, &SCRIPT, None).await;
    assert!(script.is(503).header("content-type").starts_with("text/plain"));
    stage.cut_off_server().await;
    if kind != Kind::Traefik {
        stands_alone(ada.go(&app).await.is(503).says("We will be right back"));
        let login = ada.go(&stage.login("/auth/login")).await;
        stands_alone(login.is(503).says("We will be right back"));
        assert_eq!((login.header("retry-after"), login.header("cache-control")), ("5", "no-store"));
    }
    if kind == Kind::Nginx {
        let cookie = format!("a={}", "x".repeat(9_000));
        let large = ada.send(Method::GET, &app, &[("cookie", &cookie)], None).await;
        stands_alone(large.is(431).says("more cookies than this site takes"));
    }
    if kind != Kind::Traefik {
        stands_alone(ada.go(&format!("{app}/.authflow/ticket?ticket=x")).await.is(503));
    }
}
