//! Nothing is cut off, covered or out of reach at any zoom, in long words or from right to left; forced colours leave every control its edge; a
//! chosen theme is that of the system; and paper has what belongs there.

use serde_json::Value;

use super::super::support::pseudo::RIGHT_TO_LEFT;
use super::Faults;
use super::screen::{DESKTOP, PHONE, Screen, USUAL_PHONE, ZOOMED, ZOOMED_FAR};

/// Text that is cut off or covered, controls that the page hides, and pages that scroll sideways.
const FITS: &str = include_str!("fits.js");
/// Controls without an edge, while colours are forced.
const EDGES: &str = include_str!("edges.js");

const FORCED: [(&str, &str); 1] = [("forced-colors", "active")];

/// What does not fit on any page at these sizes.
async fn misfits(screen: &Screen, sizes: &[((u32, u32), &str)]) -> Faults {
    let mut faults = Faults::default();
    for (number, state) in screen.states.all.iter().enumerate() {
        for (size, name) in sizes {
            screen.chromium.resize(*size).await;
            screen.show(number).await;
            faults.add(&format!("{} ({name})", state.name), &screen.faults(FITS).await);
        }
    }
    faults
}

#[tokio::test]
async fn every_page_fits_at_every_zoom() {
    let Some(screen) = Screen::set_up().await else { return };
    let sizes = [
        (DESKTOP, "at 100 %"),
        (ZOOMED, "at 200 %"),
        (PHONE, "on a phone"),
        (ZOOMED_FAR, "at 400 %"),
    ];
    misfits(&screen, &sizes).await.are_none();
}

#[tokio::test]
async fn every_page_fits_in_german() {
    let Some(screen) = Screen::set_up_in("de").await else { return };
    misfits(&screen, &[(DESKTOP, "desktop"), (USUAL_PHONE, "phone")]).await.are_none();
}

#[tokio::test]
async fn every_page_fits_from_right_to_left() {
    let Some(screen) = Screen::set_up_in(RIGHT_TO_LEFT).await else { return };
    misfits(&screen, &[(DESKTOP, "desktop"), (USUAL_PHONE, "phone")]).await.are_none();
}

/// The colours of the page, of its texts and of its edges.
const COLOURS: &str = "[...document.querySelectorAll('body, body *')].map(it => {
    const { color, backgroundColor, borderTopColor } = getComputedStyle(it);
    return [color, backgroundColor, borderTopColor].join(' ');
}).join('\\n')";

#[tokio::test]
async fn a_chosen_theme_has_the_colours_of_the_systems() {
    let Some(screen) = Screen::set_up().await else { return };
    for (theme, other) in [("dark", "light"), ("light", "dark")] {
        for number in 0..screen.states.all.len() {
            if screen.states.all[number].is_email() {
                continue;
            }
            screen.chromium.prefer(&[("prefers-color-scheme", theme)]).await;
            screen.show(number).await;
            let of_system = screen.chromium.value(COLOURS).await;
            screen.chromium.prefer(&[("prefers-color-scheme", other)]).await;
            let of_other = screen.chromium.value(COLOURS).await;
            let choose = format!("document.documentElement.dataset.theme = '{theme}'");
            screen.chromium.value(&choose).await;
            let chosen = screen.chromium.value(COLOURS).await;
            let name = &screen.states.all[number].name;
            assert_ne!(of_system, of_other, "{name}");
            assert_eq!(chosen, of_system, "{name}");
        }
    }
}

/// What can only be clicked, and what is not dark on white.
const ON_PAPER: &str = "(() => {
    const seen = it => it.checkVisibility({ visibilityProperty: true }) && it.getClientRects().length > 0;
    const name = it => it.outerHTML.replace(/\\s+/g, ' ').slice(0, 120);
    const lightness = colour => Math.max(...colour.match(/[\\d.]+/g).slice(0, 3).map(Number));
    const useless = [...document.querySelectorAll('button, input, select, nav a, .button, .flash')].filter(seen);
    const pale = [...document.querySelectorAll('main *')].filter(seen)
        .filter(it => it.innerText?.trim() && lightness(getComputedStyle(it).color) > 200);
    const ground = getComputedStyle(document.body).backgroundColor;
    return [
        ...useless.map(it => `of no use: ${name(it)}`),
        ...pale.map(it => `too pale: ${name(it)}`),
        ...(ground === 'rgb(255, 255, 255)' ? [] : [`the ground is ${ground}`]),
    ].join('\\n');
})()";

#[tokio::test]
async fn paper_has_what_belongs_there() {
    let Some(screen) = Screen::set_up().await else { return };
    let mut faults = Faults::default();
    screen.chromium.on_paper().await;
    let choose = "document.documentElement.dataset.theme = 'dark'";
    for (number, state) in screen.states.all.iter().enumerate() {
        // The program that shows an email prints it, and the gate's colors are not chosen.
        if state.page.path.starts_with("/dev/mail/") || state.name.starts_with("gate, ") {
            continue;
        }
        screen.show(number).await;
        screen.chromium.value(choose).await;
        faults.add(&state.name, &screen.faults(ON_PAPER).await);
    }
    faults.are_none();
    for (state, shown) in [
        ("recovery codes", ".codes code"),
        ("invitation, open", "main code"),
        ("sessions, many", ".list td time"),
        ("emails, failed", ".list td time"),
    ] {
        let number = screen.states.all.iter().position(|it| it.name == state).unwrap();
        screen.show(number).await;
        let height = format!("document.querySelector('{shown}').getBoundingClientRect().height");
        let height = screen.chromium.value(&height).await;
        assert!(matches!(&height, Value::Number(it) if it.as_f64() > Some(10.0)), "{state}");
    }
}

#[tokio::test]
async fn forced_colours_leave_every_control_its_edge() {
    let Some(screen) = Screen::set_up().await else { return };
    screen.chromium.resize(DESKTOP).await;
    screen.chromium.prefer(&FORCED).await;
    let mut faults = Faults::default();
    for (number, state) in screen.states.all.iter().enumerate() {
        screen.show(number).await;
        faults.add(&state.name, &screen.faults(EDGES).await);
    }
    faults.are_none();
}

#[tokio::test]
async fn what_does_not_fit_is_found() {
    let Some(screen) = Screen::set_up().await else { return };
    screen.chromium.resize(ZOOMED_FAR).await;
    for (body, fault) in [
        ("<p>A page", None),
        ("<p style='width: 400px'>Wide", Some("the page scrolls sideways")),
        ("<div style='overflow-x: auto'><p style='width: 400px'>Wide", None),
        ("<p style='overflow: hidden; height: 9px'>Low<br>and high", Some("cuts off")),
        ("<p>One text</p><p style='margin-top: -2em'>And another", Some("covers")),
        (
            "<button>Below</button><p style='position: fixed; inset: 0; background: #fff'>Above",
            Some("covered when it has the focus"),
        ),
    ] {
        screen.show_page(body).await;
        let found = screen.faults(FITS).await;
        assert_eq!(found.is_empty(), fault.is_none(), "{body}: {found}");
        assert!(found.contains(fault.unwrap_or_default()), "{body}: {found}");
    }
    screen.chromium.prefer(&FORCED).await;
    for (body, found) in [
        ("<button>A", false),
        ("<button style='border: 0'>A", true),
        ("<input aria-label=a style='border-style: none'>", true),
    ] {
        screen.show_page(body).await;
        assert_eq!(!screen.faults(EDGES).await.is_empty(), found, "{body}");
    }
}
