//! Every page with the keyboard alone.

use serde_json::{Value, json};

use super::Faults;
use super::screen::{DESKTOP, PHONE, Screen};

/// Notes each element that gets the focus, and how that shows.
const RECORD: &str = include_str!("record.js");
/// The faults of what was recorded.
const JUDGE: &str = include_str!("judge.js");
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

impl Screen {
    /// Presses a key this many times.
    async fn press(&self, key: &str, times: u64) {
        let act = |kind: &str| json!({ "type": kind, "value": key });
        let presses: Vec<Value> = (0..times).flat_map(|_| [act("keyDown"), act("keyUp")]).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": presses });
        self.chromium.ask("/actions", Some(json!({ "actions": [keyboard] }))).await;
    }

    /// Walks through the open page, from its top until the last element has had the focus.
    async fn walk(&self) -> String {
        let stops = self.chromium.value(RECORD).await;
        self.press(TAB, stops.as_u64().unwrap()).await;
        // On a busy machine, keys are lost while the focus moves into a frame or out of it.
        let has_frame = self.chromium.value("!!document.querySelector('iframe')").await == true;
        for _ in 0..if has_frame { 12 } else { 0 } {
            let faults = self.faults(JUDGE).await;
            if !faults.contains("never has the focus") {
                return faults;
            }
            self.press(TAB, 1).await;
        }
        self.faults(JUDGE).await
    }

    /// Uses the link at the top that skips the navigation.
    async fn skip(&self) -> String {
        self.chromium.value(RECORD).await;
        self.press(TAB, 1).await;
        let leads_to_content = "(() => {
            const target = document.activeElement.getAttribute('href') ?? '';
            return target.startsWith('#') && document.querySelector('main')?.matches(target);
        })()";
        if self.chromium.value(leads_to_content).await != true {
            return "the first stop does not skip to the content".into();
        }
        self.press(ENTER, 1).await;
        self.press(TAB, 1).await;
        let is_there = "(() => {
            const main = document.querySelector('main');
            const at = document.activeElement;
            return main.contains(at) || at === document.body
                || (!main.querySelector('a[href], button, input, select, summary') && !!(main.compareDocumentPosition(at) & 4));
        })()";
        let is_there = self.chromium.value(is_there).await == true;
        if is_there { String::new() } else { "the skip link does not skip".into() }
    }
}

#[tokio::test]
async fn every_page_can_be_used_with_the_keyboard_alone() {
    let Some(screen) = Screen::set_up().await else { return };
    let mut faults = Faults::default();
    // How an email shows the focus is up to the program that shows it.
    let states = screen.states.all.iter().enumerate().filter(|(_, state)| !state.is_email());
    for (number, state) in states {
        for (size, look) in [(DESKTOP, "desktop"), (PHONE, "phone")] {
            screen.chromium.resize(size).await;
            screen.show(number).await;
            faults.add(&format!("{} ({look})", state.name), &screen.walk().await);
        }
        // A page without navigation has nothing to skip.
        if !state.page.select("header nav, header form").is_empty() {
            faults.add(&state.name, &screen.skip().await);
        }
    }
    faults.are_none();
}

#[tokio::test]
async fn what_the_keyboard_does_not_reach_is_found() {
    let Some(screen) = Screen::set_up().await else { return };
    let style = "<style>:focus-visible { outline: 3px solid }</style>";
    for (body, fault) in [
        (
            "<a href=#a>a</a><button>b</button><input type=date aria-label=c><input aria-label=d>",
            None,
        ),
        ("<button>a</button><button tabindex=1>b</button>", Some("never")),
        ("<button>a</button><button style='outline: none'>b</button>", Some("does not show")),
        ("<button>a</button><button tabindex=-1>b</button>", Some("never")),
        ("<button onkeydown='event.preventDefault()'>a</button><button>b</button>", Some("never")),
    ] {
        screen.show_page(&format!("{style}{body}")).await;
        let found = screen.walk().await;
        assert_eq!(found.is_empty(), fault.is_none(), "{body}: {found}");
        assert!(found.contains(fault.unwrap_or_default()), "{body}: {found}");
    }
}
