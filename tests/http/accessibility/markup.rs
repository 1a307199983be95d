//! What the HTML of every page says to screen readers and password managers.

use scraper::{ElementRef, Html, Selector};

use super::super::support::*;
use super::Faults;
use super::states::{State, States};

/// The elements of a page that match.
fn each<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn is_inside(element: ElementRef<'_>, selector: &str) -> bool {
    let selector = Selector::parse(selector).unwrap();
    element.ancestors().filter_map(ElementRef::wrap).any(|it| selector.matches(&it))
}

fn text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The tag alone.
fn tag(element: ElementRef<'_>) -> String {
    let html = element.html();
    html.split_inclusive('>').next().unwrap().to_owned()
}

/// The label and all descriptions of a field.
fn description(html: &Html, field: ElementRef<'_>) -> String {
    let id = field.attr("id").unwrap_or_default();
    let labels = each(html, &format!("label[for='{id}']")).into_iter().map(text);
    let hints = field.attr("aria-describedby").unwrap_or_default().split_whitespace();
    let hints = hints.flat_map(|id| each(html, &format!("[id='{id}']"))).map(text);
    labels.chain(hints).collect::<Vec<_>>().join(" ")
}

/// The fields that people fill in, of all states.
const FIELDS: &str = "input:not([type=hidden]):not([hidden]), select, textarea";

/// Judges every element that matches, on every page of ours: what is wrong with it, if anything.
async fn judge(selector: &str, judge: impl Fn(&State, &Html, ElementRef<'_>) -> Option<String>) {
    let mut faults = Faults::default();
    let mut judged = 0;
    for state in States::collect().await.all.iter().filter(|it| !it.is_email()) {
        let html = Html::parse_document(&state.page.body);
        for element in each(&html, selector) {
            judged += 1;
            if let Some(fault) = judge(state, &html, element) {
                faults.add(&state.name, &format!("{fault}: {}", tag(element)));
            }
        }
    }
    assert!(judged > 0, "nothing matches {selector}");
    faults.are_none();
}

#[tokio::test]
async fn every_field_has_a_label_with_text() {
    judge(FIELDS, |_, html, field| {
        let id = field.attr("id").unwrap_or_default();
        let labels = each(html, &format!("label[for='{id}']"));
        let has_text = labels.len() == 1 && !text(labels[0]).is_empty();
        (!has_text).then(|| format!("it has {} labels", labels.len()))
    })
    .await;
}

#[tokio::test]
async fn optional_fields_say_so() {
    // A list always has a value, and every filter of a list is optional.
    const TYPED: &str =
        "input:not([type=hidden]):not([hidden]):not([type=checkbox]):not([type=radio]), textarea";
    judge(TYPED, |_, html, field| {
        let is_filter = is_inside(field, "form[role=search], form[method=get]");
        let says_so = field.attr("required").is_some()
            || description(html, field).to_lowercase().contains("optional");
        let is_silent = !is_filter && !says_so;
        is_silent.then(|| "it is not required, and not called optional".into())
    })
    .await;
}

/// The token for a field that password managers and browsers understand.
fn token(state: &State, field: ElementRef<'_>) -> &'static str {
    let path = state.page.path.split('?').next().unwrap();
    let starts = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    let is_new = starts(&["/auth/register", "/auth/invitation/", "/auth/first-administrator/"]);
    let is_changed = path == "/profile/password" || path.starts_with("/auth/reset-password/");
    let id = field.attr("id").unwrap_or_default();
    match field.attr("name").unwrap_or_default() {
        "code" if id == "recovery_code" => "off",
        "code" | "current_code" => "one-time-code",
        "username" => "name",
        "password" if is_new || is_changed => "new-password",
        "confirm_password" => "new-password",
        "password" | "current_password" => "current-password",
        // What people will sign in with is what a password manager stores beside the password.
        "email" if starts(&["/auth/"]) => "username",
        "email" if path == "/profile/email" => "email",
        // The address of the account, which is hidden beside its password.
        "" if field.attr("hidden").is_some() => "username",
        _ => "off",
    }
}

#[tokio::test]
async fn fields_carry_the_tokens_that_password_managers_understand() {
    const TYPED: &str =
        "input[type=text], input[type=email], input[type=password], input[type=search]";
    judge(TYPED, |state, _, field| {
        let (expected, is) = (token(state, field), field.attr("autocomplete").unwrap_or_default());
        (expected != is).then(|| format!("autocomplete should be {expected}"))
    })
    .await;
}

#[tokio::test]
async fn no_tooltip_carries_what_the_page_does_not_say() {
    // Those of frames are their names.
    judge("html, body [title]:not(iframe):not(svg)", |_, _, element| {
        (element.value().name() != "html").then(|| "a tooltip".into())
    })
    .await;
}

#[tokio::test]
async fn a_message_about_what_was_done_is_announced() {
    let states = &States::collect().await.all;
    let just_now = |it: &&State| it.name.contains("just now");
    // Screen readers say the title of a page first; they know only of later changes to what has the role.
    let is_said = |it: &&State| {
        let said = it.page.each("[role=status]");
        said.len() == 1 && it.page.inside("title").starts_with(&said[0])
    };
    let silent = states.iter().filter(just_now).filter(|it| !is_said(it));
    let silent: Vec<_> = silent.map(|it| &it.name).collect();
    assert!(silent.is_empty(), "{silent:?}");
    assert!(states.iter().filter(just_now).count() > 3);
}

#[tokio::test]
async fn a_refusal_is_said_in_words_and_not_by_colour_alone() {
    let app = TestApp::start().await;
    let ada = app.person(ADA).await;
    app.give_role(ADA, "admin").await;
    let fields = [
        ("current_password", "wrong"),
        ("password", NEW_PASSWORD),
        ("confirm_password", NEW_PASSWORD),
    ];
    let page = ada.get("/profile/password").await;
    let form = page.form_to("/profile/password", &fields);
    ada.post(&form.action, &form.filled(&fields)).await.is(401);
    let event = "Password not changed: wrong password";
    for path in ["/profile/activity", "/admin/audit"] {
        let rows = ada.get(path).await.each("main li, main tbody tr");
        assert!(rows.iter().any(|row| row.contains(event)), "{path}: {rows:?}");
    }
    // The audit log has a word for the outcome, which its filter uses too.
    let page = ada.get("/admin/audit?outcome=refused").await;
    let word = page.inside("select[name=outcome] option[value=refused]").to_lowercase();
    let rows = page.each("main li, main tbody tr");
    let row = rows.iter().find(|row| row.contains(event)).unwrap();
    assert!(row.to_lowercase().contains(&word), "{row} does not say {word}");
}
