//! An authenticator app and recovery codes.

use super::*;

const STEP: &str = "/auth/two-factor";

#[tokio::test]
async fn two_factor_is_turned_on_used_and_turned_off() {
    let app = TestApp::start().await;
    let Some(ada) = Visitor::of(&app).await else { return };
    ada.signs_up(&app, ADA).await;
    ada.goes_to("/profile/two-factor").await;
    let page = ada.chromium.sees("[name=code]").await;
    let authenticator = Authenticator::scan(&page);
    ada.sends("/profile/two-factor", &[("code", "000000")]).await;
    ada.is_refused().await;
    ada.sends("/profile/two-factor", &[("code", &authenticator.code(&app))]).await;
    let codes = ada.is_at(RECOVERY_CODES).await.each("main li code");
    assert_eq!(codes.len(), 10, "{codes:?}");
    ada.sends("/profile/two-factor/recovery-codes/saved", &[]).await;
    ada.is_at("/profile/two-factor").await;
    ada.signs_out().await;

    ada.signs_in(ADA, PASSWORD).await;
    ada.is_at(STEP).await;
    ada.sends(STEP, &[("code", "000000")]).await;
    ada.is_refused().await;
    ada.sends(STEP, &[("code", &authenticator.code(&app))]).await;
    ada.is_at("/dashboard").await;
    ada.signs_out().await;

    // The app is lost.
    ada.signs_in(ADA, PASSWORD).await;
    ada.is_at(STEP).await;
    ada.chromium.click("summary").await;
    ada.chromium.fill("form:has([name=recovery]) [name=code]", &codes[0]).await;
    ada.chromium.click("form:has([name=recovery]) button").await;
    ada.is_at("/dashboard").await;
    ada.goes_to("/profile/two-factor?turn_off=on").await;
    let fields = [("password", PASSWORD), ("code", codes[1].as_str())];
    let asks_for_password =
        !ada.chromium.sees("main").await.select("[action$='/disable'] [name=password]").is_empty();
    ada.sends("/profile/two-factor/disable", &fields[usize::from(!asks_for_password)..]).await;
    ada.chromium.sees("[role=status]").await;
    assert_eq!(app.rows("totp").await, 0);
}
