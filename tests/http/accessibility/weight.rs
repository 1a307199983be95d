//! How much a page weighs: its HTML and its stylesheet together, before compression.

use super::Faults;
use super::states::States;

/// The most bytes of a page.
const PAGE: usize = 30_000;
/// How many more a list of 25 rows may have, and others in proportion. The page of a user has several.
const LIST: usize = 15_000;

#[tokio::test]
async fn every_page_is_light() {
    let states = States::collect().await;
    let mut faults = Faults::default();
    for state in states.all.iter().filter(|it| !it.is_email()) {
        let rows = state.page.select(".list tbody tr").len();
        let limit = PAGE + rows * LIST / 25;
        // A page of the gate contains its style.
        let styles = state.page.select("link[rel=stylesheet]");
        assert!(styles.len() <= 1, "{}", state.name);
        let style: usize = styles.iter().map(|it| states.files[&it["href"]].body.len()).sum();
        let weight = state.page.body.len() + style;
        if weight >= limit {
            faults.add(&state.name, &format!("{weight} bytes instead of {limit}"));
        }
    }
    faults.are_none();
}
