//! The first page of the administration: the figures of the whole site, and whether anything needs attention.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::doctor::{self, VerdictRow};
use crate::app::App;
use crate::domain::account::user_list::UserStanding;
use crate::domain::addresses::{self, Address};
use crate::domain::email::mail_state::MailState;
use crate::domain::paging::{MOST_COUNTED, Total};
use crate::domain::sign_in::sign_in_counts::SignInDay;
use crate::error::Result;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::services::operations::finding::Severity;
use crate::services::operations::site_overview::{self, SiteOverview};
use crate::web::http::client::Client;
use crate::web::pages::chart::{self, Chart};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::wording::administration::counted_users;

/// How many days the chart shows.
const DAYS: i64 = 30;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/overview.html")]
struct View {
    page: Page,
    verdict: VerdictRow,
    accounts: Localized,
    /// The state of accounts, and their number.
    standings: Vec<(String, Figure)>,
    sign_ins: SignInFigures,
    waiting_emails: Figure,
    failed_emails: Figure,
    is_postgres: bool,
    key_created_at: Option<String>,
    last_backup_at: Option<String>,
}

/// A number, and the list of what it counts.
struct Figure {
    count: Localized,
    href: String,
    /// Whether an administrator has something to do about them.
    is_to_do: bool,
}

/// The sign-ins of the last days.
struct SignInFigures {
    succeeded: Localized,
    failed: Localized,
    /// The chart in words.
    summary: Localized,
    chart: Chart,
    /// The number of the highest bar.
    most: Localized,
    days: Vec<DayFigures>,
}

/// The sign-ins of one day.
struct DayFigures {
    day: String,
    succeeded: Localized,
    failed: Localized,
}

/// `GET /admin`
pub async fn show(
    State(app): State<App>,
    _administrator: Administrator,
    client: Client,
    page: Page,
    headers: HeaderMap,
) -> Result<Response> {
    let t = &page.t;
    let (findings, _) = doctor::examine(&app, &client, &headers).await?;
    let SiteOverview {
        accounts,
        sign_ins,
        waiting_emails,
        failed_emails,
        is_postgres,
        key_created_at,
        last_backup_at,
    } = site_overview::look(&app, &t.last_midnights(DAYS)).await?;
    let figure = |list: Address, filter: (&str, &str), count: Total, is_to_do: bool| Figure {
        count: match count {
            Total::Exactly(count) => t.number(count),
            Total::Many => t.list_many(t.number(MOST_COUNTED).plain()),
        },
        href: app.config.public_url.path(list.with(&[filter])),
        is_to_do: is_to_do && count > Total::default(),
    };
    let standing = |(it, count): &(UserStanding, Total)| {
        let filter = ("status", it.name());
        let figure = figure(addresses::USERS, filter, *count, *it == UserStanding::Waiting);
        (t.say(&(*it).into()).plain(), figure)
    };
    let emails = |state: MailState, count| {
        figure(addresses::EMAILS, ("state", state.name()), count, state == MailState::Failed)
    };
    let view = View {
        verdict: doctor::verdict(t, &findings),
        accounts: t.say(&counted_users(
            accounts.iter().fold(Total::default(), |sum, (_, it)| sum.and(*it)),
        )),
        standings: accounts.iter().map(standing).collect(),
        sign_ins: sign_in_figures(t, &sign_ins),
        waiting_emails: emails(MailState::Waiting, waiting_emails),
        failed_emails: emails(MailState::Failed, failed_emails),
        is_postgres,
        key_created_at: key_created_at.map(|at| t.time_ago(at)),
        last_backup_at: last_backup_at.map(|at| t.time_ago(at)),
        page,
    };
    Ok(view.into_response())
}

fn sign_in_figures(t: &Localizer, days: &[SignInDay]) -> SignInFigures {
    let succeeded: i64 = days.iter().map(|it| it.succeeded).sum();
    let failed: i64 = days.iter().map(|it| it.failed).sum();
    let most = days.iter().map(SignInDay::total).max().unwrap_or_default();
    let pairs: Vec<(i64, i64)> = days.iter().map(|it| (it.succeeded, it.failed)).collect();
    SignInFigures {
        succeeded: t.overview_succeeded_total(succeeded),
        failed: t.overview_failed_total(failed),
        summary: t.overview_chart(DAYS, failed, most, succeeded),
        chart: chart::draw(&pairs),
        most: t.number(most),
        days: days.iter().map(|it| day_figures(t, it)).collect(),
    }
}

fn day_figures(t: &Localizer, day: &SignInDay) -> DayFigures {
    let (succeeded, failed) = (t.number(day.succeeded), t.number(day.failed));
    DayFigures { day: t.day(day.start), succeeded, failed }
}
