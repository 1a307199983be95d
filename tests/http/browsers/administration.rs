//! Administrators and the accounts of others.

use authflow::domain::email::mail_state::MailState;

use super::super::invitations::site;
use super::*;

const ROOT: &str = "root@example.org";
/// The Enter key, as `WebDriver` names it.
const ENTER: char = '\u{e007}';

#[tokio::test]
async fn an_administrator_approves_disables_enables_and_deletes_a_user() {
    let (app, _) = site("approval", &[]).await;
    let Some(root) = Visitor::of(&app).await else { return };
    root.goes_to("/auth/register").await;
    root.sends("/auth/register", &account(ADA)).await;
    root.is_at("/auth/check-mail").await;
    root.opens_mailed_link(&app, "/auth/verify-email/").await;
    root.confirms().await;
    root.is_at("/auth/awaiting-approval").await;

    let user = format!("/admin/users/{}", app.user(ADA).await.id);
    let ada = app.browser();
    root.signs_in(ROOT, PASSWORD).await;
    root.is_at("/dashboard").await;
    root.goes_to("/admin/users").await;
    root.follows(&user).await;
    root.sends(&format!("{user}/approve"), &[]).await;
    root.chromium.sees("[role=status]").await;
    ada.sign_in(ADA, PASSWORD).await.goes_to("/dashboard");
    for (act, may_sign_in) in [("disable", false), ("enable", true)] {
        root.goes_to(&user).await;
        root.sends(&format!("{user}/{act}"), &[]).await;
        root.chromium.sees("[role=status]").await;
        let status = app.browser().sign_in(ADA, PASSWORD).await.status;
        assert_eq!(status == 303, may_sign_in, "{act}");
    }
    root.goes_to(&user).await;
    root.follows(&format!("{user}/delete")).await;
    root.sends(&format!("{user}/delete"), &[]).await;
    root.is_at("/admin/users").await;
    assert_eq!(app.rows("users").await, 1);
}

#[tokio::test]
async fn a_guest_signs_up_by_invitation() {
    let (app, _) = site("invite", &[]).await;
    let Some(root) = Visitor::of(&app).await else { return };
    root.signs_in(ROOT, PASSWORD).await;
    root.is_at("/dashboard").await;
    root.goes_to("/admin/invitations").await;
    root.follows("/admin/users/invite").await;
    root.sends("/admin/users/invite", &[("email", "guest@"), ("roles", "family")]).await;
    root.is_refused().await;
    root.sends("/admin/users/invite", &[("email", ADA), ("by_mail", "on")]).await;
    root.chromium.sees("form[action$='/revoke']").await.says(ADA);
    root.signs_out().await;

    let guest = root;
    guest.opens_mailed_link(&app, "/auth/invitation/").await;
    let page = guest.chromium.sees("[name=email]").await;
    assert_eq!(page.value("email").as_deref(), Some(ADA));
    let path = page.path.replace(SITE, "");
    guest.sends(&path, &account(ADA)).await;
    guest.is_at("/auth/check-mail").await;
    guest.opens_mailed_link(&app, "/auth/verify-email/").await;
    guest.confirms().await;
    guest.is_at("/dashboard").await.says("family");
}

#[tokio::test]
async fn an_administrator_retries_a_failed_email() {
    let (app, _) = site("approval", &[]).await;
    let Some(root) = Visitor::of(&app).await else { return };
    app.browser().sign_up(ADA).await.goes_to("/auth/check-mail");
    app.change(
        "UPDATE outbox SET state = 'failed', attempts = 9, finished_at = created_at, last_error = 'refused'
         WHERE recipient = 'ada@example.org'",
    )
    .await;
    root.signs_in(ROOT, PASSWORD).await;
    root.is_at("/dashboard").await;
    root.goes_to("/admin").await;
    root.follows("/admin/emails").await;
    let list = root.chromium.sees(".list button").await;
    list.says(ADA).says("1 email could not be sent.");
    root.chromium.click(".list button").await;
    root.chromium.sees("[role=status]").await.says("We are trying to send this email again");
    assert!(app.emails_in(MailState::Failed).await.is_empty());
    app.mails().await;
    assert_eq!(app.subjects(ADA).await.len(), 1, "it was sent");
}

#[tokio::test]
async fn an_administrator_filters_and_exports_the_audit_log() {
    let (app, _) = site("open", &[]).await;
    let Some(root) = Visitor::of(&app).await else { return };
    root.chromium.resize((1280, 1024)).await;
    app.person(ADA).await;
    app.browser().sign_in(ADA, "a wrong password of some length").await.is(401);
    root.signs_in(ROOT, PASSWORD).await;
    root.is_at("/dashboard").await;
    root.goes_to("/admin").await;
    root.follows("/admin/audit").await;
    root.chromium.fill("#outcome", "Refused").await;
    // The filters are in sight, although WebDriver takes what is in closed details for hidden.
    let on_top = "(() => { const box = document.querySelector('[role=search] button').getBoundingClientRect();
                           return document.elementFromPoint(box.x + 9, box.y + 9).tagName })()";
    assert_eq!(root.chromium.value(on_top).await, "BUTTON");
    root.chromium.fill("#person", &format!("{ADA}{ENTER}")).await;
    let page = root.chromium.sees("[role=search] .apply a").await;
    assert_eq!(page.each(".list tbody th"), ["Failed sign-in Refused"]);
    let file = root.chromium.download("a[href*='audit.csv']", "audit.csv").await;
    assert_eq!(file.lines().count(), 2, "{file}");
    assert!(file.contains(ADA) && file.contains("signed_in,refused"), "{file}");

    // On a phone the filters are folded, until one is set.
    root.chromium.narrow(360).await;
    root.goes_to("/admin/audit").await;
    root.chromium.click(".filters summary").await;
    root.chromium.fill("#outcome", "Succeeded").await;
    root.chromium.click("[role=search] button").await;
    root.chromium.sees(".filters[open] .apply a").await.says(ROOT);
}
