//! Paths that need no sign-in.

use super::*;

const RULE: [(&str, &str); 1] = [(APP, "public=%2Fhooks&public=%2Fshare&role=admin")];

#[tokio::test]
async fn public_paths_need_no_sign_in_and_get_no_identity() {
    for is_nginx in [true, false] {
        let (app, ada) = stage(is_nginx, &RULE).await;
        app.give_role(ADA, "admin").await;
        for path in ["/hooks", "/hooks/", "/hooks/a/b?c=../admin", "/share/x.html?y"] {
            for (method, headers) in [
                (Method::GET, &NAVIGATION[..]),
                (Method::POST, &NAVIGATION),
                (Method::DELETE, &SCRIPT),
                (Method::OPTIONS, &[]),
            ] {
                let page = ada.send(method, &format!("{APP}{path}"), headers, None).await;
                page.is(200);
                for name in ["remote-user", "remote-id", "remote-email", "remote-groups"] {
                    assert_eq!(page.header(name), "", "{path}");
                    assert!(page.headers.contains_key(name), "it replaces the client's own");
                }
            }
        }
        ada.open(DEEP).await.is(200).says("Sign in");
        let login = ada.open(DEEP).await;
        reached(&ada.sign_in(&login, ADA).await, DEEP);
        let page = ada.go(&format!("{APP}/hooks/x")).await;
        assert_eq!(page.is(200).header("remote-user"), "");
        assert!(!page.headers.contains_key("cookie"), "the gate's cookies are not for the app");
        // They need no database.
        app.app.db.close().await;
        ada.go(&format!("{APP}/hooks/x")).await.is(200);
        ada.go(DEEP).await.is(503);
    }
}

#[tokio::test]
async fn a_rule_from_the_request_opens_nothing() {
    let app = TestApp::with(&VARIABLES).await;
    let ask = async |query: &str, uri: &str| {
        let headers = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example.org"),
            ("x-forwarded-uri", uri),
        ];
        app.browser().send(Method::GET, &format!("/gate/forward?{query}"), &headers, None).await
    };
    ask("public=%2Fhooks", "/hooks/x").await.is(200);
    ask("public=%2Fhooks", "/admin").await.is(401);
    ask("public=%2Fadmin", "/admin?public=%2Fadmin").await.is(403).says("uri /gate/forward?");
    for wrong in ["public=", "public=/", "public=hooks", "public=%2F.authflow", "public=%2Fa%2F.."]
    {
        let refused = ask(wrong, "/").await;
        assert_eq!(refused.is(403).header("authflow-reason"), "unknown_rule", "{wrong}");
    }
    ask("public=%2Fhooks", "/.authflow/ticket?ticket=x").await.is(403);
    ask("public=%2Fhooks", "/hooks/../.authflow/ticket?ticket=x").await.is(403);
}
