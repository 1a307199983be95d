//! A form that is sent twice ends like a form that was sent once: after an impatient second click, and after a lost response.

mod every_form;
mod recognition;

use super::invitations::site;
use super::support::*;

const EVE: &str = "eve@example.org";
const NEW: &str = "new@example.org";
const STRONGER: &str = "a heron reads yesterday's tide tables";

/// Sends a form, then sends it again with the cookies from before the first response, as after a lost response. Returns the browser that
/// got the second response.
async fn lose_first(
    browser: &Browser,
    path: &str,
    button: &str,
    fields: &[(&str, &str)],
) -> Browser {
    let page = browser.get(path).await;
    lose_first_on(browser, page.is(200), button, fields).await
}

async fn lose_first_on(
    browser: &Browser,
    page: &Page,
    button: &str,
    fields: &[(&str, &str)],
) -> Browser {
    let second = browser.copy();
    let lost = browser.press_on(page, button, fields).await;
    let answer = second.press_on(page, button, fields).await;
    answer.goes_to(lost.is(303).header("location"));
    // An impatient click after the first response has arrived.
    browser.press_on(page, button, fields).await.goes_to(lost.header("location"));
    second
}
