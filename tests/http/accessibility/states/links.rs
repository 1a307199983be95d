//! The pages behind links in emails and of invitations.

use super::*;

const GRACE: &str = "grace@example.org";
const NEW: &str = "ada@new.example.org";

pub async fn add(states: &mut States) {
    let app = states.server(&[]).await;
    verify(states, &app).await;
    reset(states, &app).await;
    new_address(states, &app).await;
    not_me(states, &app).await;
    let visitor = app.browser();
    let start = "/auth/invitation/";
    states.open(&visitor, "invitation link, gone", &gone(start)).await;
    states
        .open(&visitor, "first administrator link, gone", &gone("/auth/first-administrator/"))
        .await;
}

async fn verify(states: &mut States, app: &TestApp) {
    let grace = app.browser();
    send(&grace, "/auth/register", "/auth/register", &account(GRACE)).await.is(303);
    let link = app.mailed_path(GRACE).await;
    states.open(&grace, "confirmation link", &link).await;
    let elsewhere = app.browser();
    states.open(&elsewhere, "confirmation link, in another browser", &link).await;
    let at = (link.as_str(), link.as_str());
    states
        .refuse(&elsewhere, "confirmation link, wrong password", at, &[("password", "wrong")])
        .await;
    states.refuse(&elsewhere, "confirmation link, not declined", at, &[("decline", "on")]).await;
    send(&grace, &link, &link, &[]).await.goes_to("/dashboard");
    states.open(&grace, "dashboard, confirmed just now", "/dashboard").await;
    states.open(&grace, "confirmation link, signed in", &gone("/auth/verify-email/")).await;
    states.open(&elsewhere, "confirmation link, gone", &gone("/auth/verify-email/")).await;
    states.open(&elsewhere, "confirmation link, cut off", "/auth/verify-email/AAAA").await;
}

async fn reset(states: &mut States, app: &TestApp) {
    let (browser, forgot) = (app.browser(), "/auth/forgot-password");
    send(&browser, forgot, forgot, &[("email", GRACE)]).await.is(303);
    let link = app.mailed_path(GRACE).await;
    states.open(&browser, "reset link", &link).await;
    let fields = [("password", NEW_PASSWORD), ("confirm_password", "other")];
    states.refuse(&browser, "reset link, all wrong", (&link, &link), &fields).await;
    states.open(&browser, "reset link, gone", &gone("/auth/reset-password/")).await;
}

async fn new_address(states: &mut States, app: &TestApp) {
    let ada = app.person(ADA).await;
    send(&ada, "/profile/email", "/profile/email", &[("email", NEW)]).await.is(303);
    states.open(&ada, "email, change pending", "/profile/email").await;
    let link = app.mailed_path(NEW).await;
    states.open(&app.browser(), "new address link, signed out", &link).await;
    let eve = app.person("eve@example.org").await;
    states.open(&eve, "new address link, another account", &link).await;
    states.open(&ada, "new address link", &link).await;
    send(&ada, &link, &link, &[]).await.is(303);
    states.open(&ada, "email, changed just now", "/profile/email").await;
    states.open(&ada, "new address link, used", &link).await;
    states.open(&ada, "new address link, gone", &gone("/auth/confirm-email/")).await;
}

async fn not_me(states: &mut States, app: &TestApp) {
    let browser = app.browser();
    let mails = app.mails().await;
    let links = mails.iter().filter(|it| it.to == ADA).filter_map(|it| app.link_in(it));
    let link = links.into_iter().find(|it| it.starts_with("/auth/not-me/")).unwrap();
    states.open(&browser, "not-me link", &link).await;
    states.refuse(&browser, "not-me link, not ticked", (&link, &link), &[]).await;
    send(&browser, &link, &link, &[("not_me", "on")]).await.is(303);
    states.open(&browser, "sign-in, after the not-me link", "/auth/login").await;
    states.open(&browser, "not-me link, used", &link).await;
    states.open(&browser, "not-me link, gone", &gone("/auth/not-me/")).await;
}
