//! The pages of visitors without a session.

use authflow::services::sign_up::first_administrator;

use super::*;

pub async fn add(states: &mut States) {
    let app = states.server(&[]).await;
    let visitor = app.browser();
    states.open(&visitor, "mailbox, empty", "/dev/mail").await;
    first_start(states, &app, &visitor).await;
    sign_in(states, &app, &visitor).await;
    sign_up(states, &app, &visitor).await;
    let forgot = "/auth/forgot-password";
    states.open(&visitor, "forgotten password", forgot).await;
    states.refuse(&visitor, "forgotten password, empty", (forgot, forgot), &[("email", "")]).await;
    second_step(states, &app).await;
    mailbox(states, &app, &visitor).await;
}

async fn first_start(states: &mut States, app: &TestApp, visitor: &Browser) {
    let link = first_administrator::link_to_print(&app.app).await.unwrap().unwrap();
    let link = link.url.reveal().strip_prefix("http://localhost:5000").unwrap().to_owned();
    states.open(visitor, "first administrator", &link).await;
    states.refuse(visitor, "first administrator, empty", (&link, &link), &[("email", "")]).await;
}

async fn sign_in(states: &mut States, app: &TestApp, visitor: &Browser) {
    let path = "/auth/login";
    states.open(visitor, "sign-in", path).await;
    states.open(visitor, "sign-in, before a page", "/auth/login?return_to=/profile").await;
    states.refuse(visitor, "sign-in, empty", (path, path), &[]).await;
    let wrong = [("email", ADA), ("password", "wrong")];
    states.refuse(visitor, "sign-in, wrong password", (path, path), &wrong).await;
    let outdated = visitor.post(path, &wrong).await;
    states.add(visitor, "sign-in, outdated form", outdated).await;
    for _ in 0..30 {
        let page = send(visitor, path, path, &wrong).await;
        if page.status == 429 {
            states.add(visitor, "sign-in, too many attempts", page).await;
            break;
        }
    }
    assert!(states.all.last().unwrap().name.ends_with("attempts"));
    app.wait(86_400);
    let gone = app.person("gone@example.org").await;
    send(&gone, "/profile", "/auth/logout", &[]).await.is(303);
    states.open(&gone, "sign-in, after the sign-out", path).await;
}

async fn sign_up(states: &mut States, app: &TestApp, visitor: &Browser) {
    let path = "/auth/register";
    states.open(visitor, "sign-up", path).await;
    states.refuse(visitor, "sign-up, empty", (path, path), &[]).await;
    let weak = [("username", "Grace"), ("email", "x"), ("password", "password1234")];
    states.refuse(visitor, "sign-up, all wrong", (path, path), &weak).await;
    send(visitor, path, path, &account(ADA)).await.goes_to("/auth/check-mail");
    states.open(visitor, "check your email", "/auth/check-mail").await;
    app.mails().await;

    let closed = states.server(&[("REGISTRATION", "closed")]).await;
    states.open(&closed.browser(), "sign-up, closed", path).await;
    let approval = states.server(&[("REGISTRATION", "approval")]).await;
    states.open(&approval.browser(), "sign-up, with approval", path).await;
    states.open(&approval.browser(), "awaiting approval", "/auth/awaiting-approval").await;
}

async fn second_step(states: &mut States, app: &TestApp) {
    let owner = app.person("safe@example.org").await;
    owner.enable_two_factor(app).await;
    let browser = app.browser();
    let fields = [("email", "safe@example.org"), ("password", PASSWORD)];
    let path = "/auth/two-factor";
    send(&browser, "/auth/login", "/auth/login", &fields).await.goes_to(path);
    states.open(&browser, "two-factor step", path).await;
    let wrong = [("code", "000000")];
    states.refuse(&browser, "two-factor step, wrong code", (path, path), &wrong).await;
    let wrong = [("recovery", "on"), ("code", "xxxx-xxxx-xxxx")];
    states.refuse(&browser, "two-factor step, wrong recovery code", (path, path), &wrong).await;
}

async fn mailbox(states: &mut States, app: &TestApp, visitor: &Browser) {
    states.open(visitor, "mailbox", "/dev/mail").await;
    let mail = app.mails().await.remove(0);
    states.open(visitor, "an email", &format!("/dev/mail/{}", mail.id)).await;
    states.open(visitor, "an email alone", &format!("/dev/mail/{}/html", mail.id)).await;
}
