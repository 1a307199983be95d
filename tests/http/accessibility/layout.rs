//! Nothing is cut off, covered or out of reach at any zoom, and forced colours leave every control its edge.

use super::Faults;
use super::screen::{DESKTOP, PHONE, Screen, ZOOMED, ZOOMED_FAR};

/// Text that is cut off or covered, controls that the page hides, and pages that scroll sideways.
const FITS: &str = include_str!("fits.js");
/// Controls without an edge, while colours are forced.
const EDGES: &str = include_str!("edges.js");

const FORCED: [(&str, &str); 1] = [("forced-colors", "active")];

#[tokio::test]
async fn every_page_fits_at_every_zoom() {
    let Some(screen) = Screen::set_up().await else { return };
    let mut faults = Faults::default();
    for (number, state) in screen.states.all.iter().enumerate() {
        for (size, zoom) in [
            (DESKTOP, "at 100 %"),
            (ZOOMED, "at 200 %"),
            (PHONE, "on a phone"),
            (ZOOMED_FAR, "at 400 %"),
        ] {
            screen.chromium.resize(size).await;
            screen.show(number).await;
            faults.add(&format!("{} ({zoom})", state.name), &screen.faults(FITS).await);
        }
    }
    faults.are_none();
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
