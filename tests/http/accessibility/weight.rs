//! How much a page weighs: its HTML and its stylesheet together, before compression.

use super::Faults;
use super::states::States;

/// The most bytes of a page.
const PAGE: usize = 30 * 1_024;
/// How many more a list of 25 rows may have. The page of a user has two.
const LIST: usize = 15 * 1_024;

#[tokio::test]
async fn every_page_is_light() {
    let states = States::collect().await;
    let style = states.files.values().find(|it| it.content_type.starts_with("text/css")).unwrap();
    let mut faults = Faults::default();
    for state in states.all.iter().filter(|it| !it.is_email()) {
        let rows = state.page.select("tbody tr").len();
        let limit = PAGE + rows / 25 * LIST;
        let weight = state.page.body.len() + style.body.len();
        if weight >= limit {
            faults.add(&state.name, &format!("{weight} bytes instead of {limit}"));
        }
    }
    faults.are_none();
}
