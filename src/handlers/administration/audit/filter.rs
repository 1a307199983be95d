//! The filters of the audit log, which are in the query of the page and of the download.

use std::collections::BTreeMap;

use crate::app::App;
use crate::domain::audit_event::{AuditFilter, Event, Outcome};
use crate::domain::typed_text;
use crate::error::Result;
use crate::i18n::localizer::Localizer;
use crate::i18n::message;
use crate::services::administration::audit_search;
use crate::web::forms::errors::Errors;

/// The filters as entered.
#[derive(Default)]
pub struct Fields {
    pub person: String,
    pub event: String,
    pub outcome: String,
    pub from: String,
    pub until: String,
}

/// Reads the filters.
pub fn read(query: Option<&str>) -> Fields {
    let query = query.unwrap_or_default();
    let mut fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut field = |name: &str| typed_text::visible(&fields.remove(name).unwrap_or_default());
    Fields {
        person: field("person"),
        event: field("event"),
        outcome: field("outcome"),
        from: field("from"),
        until: field("until"),
    }
}

/// Parses the filters. Days are those in the reader's time zone. If one is invalid, adds its error to `errors` and returns `None`.
pub async fn filter(
    app: &App,
    t: &Localizer,
    fields: &Fields,
    errors: &mut Errors,
) -> Result<Option<AuditFilter>> {
    let mut filter = AuditFilter::default();
    if !fields.person.is_empty() {
        filter.person = audit_search::person(app, &fields.person).await?;
        if filter.person.is_none() {
            errors.add("person", message::audit_no_such_person());
        }
    }
    if !fields.event.is_empty() {
        filter.event = Event::named(&fields.event);
        if filter.event.is_none() {
            errors.add("event", message::audit_no_such_event());
        }
    }
    if !fields.outcome.is_empty() {
        filter.outcome = Outcome::named(&fields.outcome);
        if filter.outcome.is_none() {
            errors.add("outcome", message::audit_no_such_outcome());
        }
    }
    let mut day = |name, text: &str, days| {
        if text.is_empty() {
            return None;
        }
        let day = t.midnight_of(text, days);
        if day.is_none() {
            errors.add(name, message::audit_invalid_day());
        }
        day
    };
    filter.from = day("from", &fields.from, 0);
    filter.until = day("until", &fields.until, 1);
    Ok(errors.is_empty().then_some(filter))
}

/// The query with these filters, for links to the same list.
pub fn query(fields: &Fields) -> String {
    let all = [
        ("person", &fields.person),
        ("event", &fields.event),
        ("outcome", &fields.outcome),
        ("from", &fields.from),
        ("until", &fields.until),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(all.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}
