//! The pages of signed-in users.

use authflow::domain::two_factor::policy::SecondFactorPolicy;

use super::super::super::lists;
use super::*;

pub async fn add(states: &mut States) {
    let app = states.server(&[]).await;
    let ada = app.person(ADA).await;
    ada.get("/dashboard").await.is(200);
    pages(states, &ada).await;
    refusals(states, &ada).await;
    proofs(states, &app, &ada).await;
    let demanding = app.demanding(SecondFactorPolicy::Everyone).await;
    let grace = app.person("grace@example.org").await.moved_to(demanding.address());
    states.open(&grace, "two-factor, demanded", "/profile/two-factor").await;
    second_factor(states, &app, &ada).await;
    app.forget_confirmation(ADA).await;
    states.open(&ada, "dashboard, email not confirmed", "/dashboard").await;
    states.open(&ada, "email, not confirmed", "/profile/email").await;
    long_lists(states, &app, &ada).await;
}

async fn pages(states: &mut States, ada: &Browser) {
    for (name, path) in [
        ("dashboard", "/dashboard"),
        ("profile", "/profile"),
        ("email", "/profile/email"),
        ("password", "/profile/password"),
        ("two-factor, off", "/profile/two-factor"),
        ("sessions, one", "/profile/sessions"),
        ("activity", "/profile/activity"),
        ("data", "/profile/delete"),
        ("delete the account", "/profile/delete?confirm=on"),
        ("sign-out", "/auth/logout"),
        ("forgotten password, signed in", "/auth/forgot-password"),
    ] {
        states.open(ada, name, path).await;
    }
    send(ada, "/profile", "/profile", &[("username", "Ada L.")]).await.is(303);
    states.open(ada, "profile, saved just now", "/profile").await;
}

async fn refusals(states: &mut States, ada: &Browser) {
    let wrong_password = [("password", "wrong")];
    for (name, path, fields) in [
        ("profile, empty", "/profile", &[("username", "")][..]),
        ("email, wrong", "/profile/email", &[("email", "x")]),
        ("password, empty", "/profile/password", &[]),
        (
            "password, weak",
            "/profile/password",
            &[("current_password", PASSWORD), ("password", "x"), ("confirm_password", "y")],
        ),
        ("two-factor, wrong code", "/profile/two-factor", &[("code", "000000")]),
    ] {
        states.refuse(ada, name, (path, path), fields).await;
    }
    let delete = ("/profile/delete?confirm=on", "/profile/delete");
    states.refuse(ada, "delete the account, wrong password", delete, &wrong_password).await;
}

/// The pages that ask who is there.
async fn proofs(states: &mut States, app: &TestApp, ada: &Browser) {
    app.wait(16 * 60);
    let path = "/auth/confirm-password";
    let confirm = format!("{path}?return_to=%2Fprofile%2Femail");
    states.open(ada, "confirm password", &confirm).await;
    states.refuse(ada, "confirm password, wrong", (&confirm, path), &[("password", "wrong")]).await;
    send(ada, &confirm, path, &[("password", PASSWORD)]).await.is(303);

    let (email, settings) = ("bare@example.org", "/profile/password");
    let bare = app.person(email).await;
    app.forget_password(email).await;
    states.open(&bare, "dashboard, no password", "/dashboard").await;
    let asked = bare.get(settings).await;
    let confirm = asked.is(303).header("location").to_owned();
    states.open(&bare, "confirm by email", &confirm).await;
    let sent = send(&bare, &confirm, path, &[("send", "code")]).await;
    let confirm = sent.is(303).header("location").to_owned();
    states.open(&bare, "confirm by email, code sent", &confirm).await;
    states
        .refuse(&bare, "confirm by email, wrong code", (&confirm, path), &[("code", "0000 0000")])
        .await;
    let code = app.emailed_code().await;
    send(&bare, &confirm, path, &[("code", &code)]).await.is(303);
    states.open(&bare, "password, none yet", settings).await;
}

async fn second_factor(states: &mut States, app: &TestApp, ada: &Browser) {
    let path = "/profile/two-factor";
    let page = ada.get(path).await;
    let authenticator = Authenticator::scan(&page);
    let code = authenticator.code(app);
    let form = page.form_to(path, &[("code", "")]);
    ada.post(&form.action, &form.filled(&[("code", &code)])).await.goes_to(RECOVERY_CODES);
    states.open(ada, "recovery codes", RECOVERY_CODES).await;
    states.open(ada, "dashboard, two-factor on", "/dashboard").await;
    states.open(ada, "two-factor, on", path).await;
    let wrong = [("code", "x")];
    states.refuse(ada, "two-factor, not renewed", (path, RECOVERY_CODES), &wrong).await;
    let turn_off = "/profile/two-factor?turn_off=on";
    states.open(ada, "two-factor, turn off", turn_off).await;
    let disable = (turn_off, "/profile/two-factor/disable");
    states.refuse(ada, "two-factor, not turned off", disable, &wrong).await;
    let replace = "/profile/two-factor?replace=on";
    states.open(ada, "two-factor, another app", replace).await;
    let wrong = [("current_code", ""), ("code", "x")];
    states.refuse(ada, "two-factor, another app, wrong codes", (replace, path), &wrong).await;
    app.wait(16 * 60);
    states.open(ada, "confirm password and code", "/auth/confirm-password").await;
    let confirm = ("/auth/confirm-password", "/auth/confirm-password");
    states
        .refuse(
            ada,
            "confirm password and code, wrong",
            confirm,
            &[("password", "wrong"), ("code", "x")],
        )
        .await;
    states.open(ada, "password, with two-factor", "/profile/password").await;
    states.open(ada, "delete the account, with two-factor", "/profile/delete?confirm=on").await;
}

async fn long_lists(states: &mut States, app: &TestApp, ada: &Browser) {
    lists::add_sessions(app, 1..=60, 2).await;
    lists::add_entries(app, 120).await;
    let elsewhere = app.browser();
    let wrong = [("email", ADA), ("password", "wrong")];
    send(&elsewhere, "/auth/login", "/auth/login", &wrong).await.is(401);
    states.open(ada, "sessions, many", "/profile/sessions").await;
    states.open(ada, "activity, much", "/profile/activity").await;
}
