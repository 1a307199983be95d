//! axe-core, the checker by Deque, on every page. `TEST_AXE` is the path of its `axe.js`; `.ci/run` installs it.

use super::super::support::pseudo::RIGHT_TO_LEFT;
use super::super::support::*;
use super::Faults;
use super::screen::{DESKTOP, PHONE, Screen, ZOOMED, ZOOMED_FAR};

const TAGS: &str = "{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }";
/// What depends on the colour scheme.
const COLOURS: &str = "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }";
/// What depends on the size of the window.
const SIZES: &str =
    "{ type: 'rule', values: ['target-size', 'scrollable-region-focusable', 'meta-viewport'] }";

/// Rules for pages with landmarks and headings, which emails are not.
const NOT_FOR_EMAILS: [&str; 3] = ["region", "landmark-one-main", "page-has-heading-one"];

/// axe-core, if `TEST_AXE` says where it is. `TEST_BROWSERS` requires it.
fn axe() -> Option<String> {
    let Ok(path) = std::env::var("TEST_AXE") else {
        assert!(
            std::env::var("TEST_BROWSERS").is_err(),
            "TEST_AXE must be set if TEST_BROWSERS is set"
        );
        left_out("the pages with axe-core", "TEST_AXE is not the path of its axe.js");
        return None;
    };
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(source.contains("axe-core") || source.contains("axe v"), "{path} is not axe-core");
    Some(source)
}

/// A script that returns what axe finds with these rules. Frames are pages of their own here.
fn run(rules: &str, without: &[&str]) -> String {
    let without: Vec<_> =
        without.iter().map(|it| format!("'{it}': {{ enabled: false }}")).collect();
    format!(
        "(async () => {{
            const found = await axe.run(document, {{
                runOnly: {rules}, rules: {{ {} }}, iframes: false, resultTypes: ['violations', 'incomplete'],
            }});
            // What axe could not decide about colours is no better than a violation.
            const undecided = found.incomplete.filter(rule => rule.id === 'color-contrast');
            return found.violations.concat(undecided).flatMap(rule => rule.nodes.map(node =>
                `${{rule.id}}: ${{rule.help}}: ${{node.target.join(' ')}}: ${{node.html.slice(0, 100)}}: ${{node.failureSummary}}`
                    .replaceAll(/\\s+/g, ' '))).join('\\n');
        }})()",
        without.join(", ")
    )
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page() {
    let Some(axe) = axe() else { return };
    let Some(screen) = Screen::set_up().await else { return };
    screen.chromium.add_script(&axe).await;
    let mut faults = Faults::default();
    for (number, state) in screen.states.all.iter().enumerate() {
        let without = if state.is_email() { &NOT_FOR_EMAILS[..] } else { &[] };
        for (look, scheme, size, rules) in [
            ("light", "light", DESKTOP, TAGS),
            ("dark", "dark", DESKTOP, COLOURS),
            ("forced colours, light", "light", DESKTOP, COLOURS),
            ("forced colours, dark", "dark", DESKTOP, COLOURS),
            ("at 200 %", "light", ZOOMED, SIZES),
            ("on a phone", "light", PHONE, TAGS),
            ("at 400 %", "light", ZOOMED_FAR, SIZES),
        ] {
            // axe takes the page of an email for white, which is dark where the program that shows it is.
            let forced = if look.starts_with("forced") { "active" } else { "none" };
            if state.is_email() && (scheme == "dark" || forced == "active") {
                continue;
            }
            screen.chromium.resize(size).await;
            let features = [("prefers-color-scheme", scheme), ("forced-colors", forced)];
            screen.chromium.prefer(&features).await;
            // Chromium keeps some of the old colors on a page that is already there when colors become forced.
            if look == "light" || forced == "active" {
                screen.show(number).await;
            }
            let found = screen.faults(&run(rules, without)).await;
            faults.add(&format!("{} ({look})", state.name), &found);
        }
    }
    faults.are_none();
}

#[tokio::test]
async fn axe_finds_nothing_from_right_to_left() {
    let Some(axe) = axe() else { return };
    let Some(screen) = Screen::set_up_in(RIGHT_TO_LEFT).await else { return };
    screen.chromium.add_script(&axe).await;
    screen.chromium.resize(DESKTOP).await;
    let mut faults = Faults::default();
    for (number, state) in screen.states.all.iter().enumerate() {
        // The language of an email is not that of the reader of the mailbox.
        if state.is_email() {
            continue;
        }
        screen.show(number).await;
        faults.add(&state.name, &screen.faults(&run(TAGS, &[])).await);
    }
    faults.are_none();
}

#[tokio::test]
async fn axe_finds_what_is_wrong() {
    let Some(axe) = axe() else { return };
    let Some(screen) = Screen::set_up().await else { return };
    screen.chromium.add_script(&axe).await;
    screen.chromium.resize(PHONE).await;
    screen
        .show_page(
            "<main><h1>A page</h1><img src=x><p style='color: #999; background: #fff'>Pale</p>
             <button style='width: 9px; height: 9px; padding: 0'>a</button><button style='width: 9px; height: 9px; padding: 0'>b</button>",
        )
        .await;
    let found = screen.faults(&run(TAGS, &[])).await;
    for rule in ["image-alt:", "color-contrast:", "target-size:"] {
        assert!(found.contains(rule), "{rule} {found}");
    }
}
