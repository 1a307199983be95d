//! How much a page weighs: its HTML and its stylesheet together, before compression.

use super::Faults;
use super::states::States;

/// The most bytes of a page.
const PAGE: usize = 30_000;
/// The most bytes of a list of 25 rows.
const LIST: usize = 45_000;

#[tokio::test]
async fn every_page_is_light() {
    let states = States::collect().await;
    let style = states.files.values().find(|it| it.content_type.starts_with("text/css")).unwrap();
    let mut faults = Faults::default();
    for state in states.all.iter().filter(|it| !it.is_email()) {
        let rows = state.page.select("tbody tr").len();
        assert!(rows <= 100, "{}", state.name);
        let limit = if rows > 20 { LIST } else { PAGE };
        let weight = state.page.body.len() + style.body.len();
        if weight >= limit {
            faults.add(&state.name, &format!("{weight} bytes instead of {limit}"));
        }
    }
    faults.are_none();
}
