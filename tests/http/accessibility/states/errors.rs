//! Error pages, and the pages of the gate.

use authflow::hasher::Hasher;
use reqwest::Method;

use super::super::super::gate::traveller::{self, Traveller};
use super::*;

const APP: &str = "https://app.example.org";

pub async fn add(states: &mut States) {
    let app = states.server(&[]).await;
    let (visitor, ada) = (app.browser(), app.person(ADA).await);
    states.open(&visitor, "no such page", "/nowhere").await;
    states.open(&ada, "no such page, signed in", "/nowhere").await;
    states.open(&ada, "not for users", "/admin/users").await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (name, method, path, headers, body) in [
        ("wrong method", Method::DELETE, "/auth/login", &[][..], None),
        ("no form", Method::POST, "/auth/login", &[], Some("email=x".to_owned())),
        ("too large a form", Method::POST, "/auth/login", &form, Some("x".repeat(70_000))),
        ("unreadable form", Method::POST, "/auth/login", &form, Some("email=%ff".to_owned())),
    ] {
        let page = visitor.send(method, path, headers, body.map(String::into_bytes)).await;
        states.add(&visitor, name, page).await;
    }
    busy(states, &app).await;
    gate(states).await;
    let form = ada.get("/profile").await.form_to("/profile", &[]);
    app.app.db.close().await;
    states.open(&ada, "no database", "/dashboard").await;
    let unsaved = ada.post(&form.action, &form.filled(&[])).await;
    states.add(&ada, "no database, form to send again", unsaved).await;
}

async fn busy(states: &mut States, app: &TestApp) {
    let mut passwords = app.app.config.passwords.clone();
    passwords.queue = 0;
    let hasher = Hasher::start(&passwords).unwrap();
    let browser = app.beside(|app| app.hasher = hasher).await;
    let path = "/auth/login";
    let page = browser.get(path).await;
    let form = page.form_to(path, &[]);
    let fields = [("email", ADA), ("password", PASSWORD)];
    let page = browser.post(path, &form.filled(&fields)).await;
    states.add(&browser, "sign-in, server busy", page).await;
}

async fn gate(states: &mut States) {
    let variables = [
        ("PUBLIC_URL", "https://login.example.org"),
        ("MAIL_TRANSPORT", "file"),
        ("GATE_ORIGINS", APP),
        ("SECOND_FACTOR", "optional"),
    ];
    let app = states.server(&variables).await;
    traveller::sign_up(&app, ADA).await;
    let ada = Traveller::playing(&app, true, &[(APP, "role=admin")]);
    let login = ada.open(APP).await;
    let refused = ada.sign_in(&login, ADA).await;
    states.add_page("gate, role missing", refused);
    // The second ticket in a row that does not work, since the browser lost the cookie that belongs to it.
    let first = ada.go(&format!("{APP}/.authflow/ticket?ticket=x")).await;
    let second = ada.go(first.is(303).header("location")).await;
    ada.forget_cookie(APP, "__Host-authflow-gate-nonce");
    let refused = ada.go(second.is(303).header("location")).await;
    states.add_page("gate, tickets that do not work", refused);
}
