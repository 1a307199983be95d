//! `authflow serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::database_problem::{help, sentences};
use super::exit_code::FAILED;
use super::running::Starting;
use super::{failure, listen_problem, stop_signal};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::domain::addresses;
use crate::error::{Error, Result};
use crate::installation::docs_page::DocsPage;
use crate::services::sign_up::first_administrator::{self, PrintedLink};

/// How long the server waits at the start for a database that does not respond.
const DATABASE_WAIT: Duration = Duration::from_mins(2);

pub async fn run(config: Config, warnings: &[String]) -> ExitCode {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    match Box::pin(serve(config)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("authflow cannot start: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// Why the server did not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error("{0}")]
    NoAddress(String),
    #[error("{why}\n{}", failure::help(*help))]
    NoDatabase { why: String, help: DocsPage },
    #[error("{why} It could not be used for {} seconds.\n{}", DATABASE_WAIT.as_secs(), failure::help(*help))]
    NoDatabaseInTime { why: String, help: DocsPage },
    #[error(transparent)]
    Failed(#[from] Error),
}

async fn serve(config: Config) -> Result<(), ServeError> {
    let stop = stop_signal::listen()?;
    let listen = config.listen;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| ServeError::NoAddress(listen_problem::explain(listen, &error)))?;
    let address = listener.local_addr().map_err(Error::io("listening"))?;
    let server = Starting::at(listener, &config, stop.clone());
    let app = tokio::select! {
        app = start(config) => app?,
        () = stop_signal::received(stop) => return Ok(()),
    };
    let server = server.open(app.clone());
    announce(&app, address, first_administrator(&app).await.as_ref());
    Ok(server.until_stopped().await?)
}

/// Starts the app. Retries for [`DATABASE_WAIT`] if the database does not respond, since it may be starting as well.
async fn start(config: Config) -> Result<App, ServeError> {
    let (setting, database) = (config.database_setting.clone(), config.database.describe());
    let help = help(&config.database);
    let begun = Instant::now();
    let mut pause = Duration::from_millis(250);
    loop {
        match Box::pin(App::start(config.clone(), Clock::System)).await {
            Err(Error::Db(error)) if error.passes_at_start() => {
                let left = DATABASE_WAIT.saturating_sub(begun.elapsed()).as_secs();
                let why = sentences(&setting, &database, &error);
                if left == 0 {
                    return Err(ServeError::NoDatabaseInTime { why, help });
                }
                tracing::warn!(
                    database,
                    setting,
                    error = error.reason(),
                    fix = error.advice().as_deref(),
                    %help,
                    seconds_left = left,
                    "the database cannot be used yet; trying again"
                );
            }
            Err(Error::Db(error)) => {
                let why = sentences(&setting, &database, &error);
                return Err(ServeError::NoDatabase { why, help });
            }
            started => return Ok(started?),
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(Duration::from_secs(5));
    }
}

/// The link that makes the first administrator, unless there is one. A server that cannot read it starts all the same.
async fn first_administrator(app: &App) -> Option<PrintedLink> {
    match first_administrator::link_to_print(app).await {
        Ok(link) => link,
        Err(error) => {
            tracing::warn!(%error, "could not create the link for the first administrator");
            None
        }
    }
}

/// Prints what the operator needs after the first start. The link for the first administrator is printed here and nowhere else.
fn announce(app: &App, address: SocketAddr, first_administrator: Option<&PrintedLink>) {
    let config = &app.config;
    let data = config.database.describe();
    let emails = config.mail.describe();
    if config.log_format == LogFormat::Json {
        let link = first_administrator.map(|link| link.url.reveal().as_str());
        let until = first_administrator.map(|link| link.expires_at.to_rfc3339());
        tracing::info!(
            public_url = %config.public_url,
            %address,
            data,
            emails,
            first_administrator = link,
            first_administrator_until = until,
            "ready"
        );
        return;
    }
    let shown = config.public_url.link(addresses::DEV_MAIL);
    let note = match (config.mail.folder(), config.mailbox()) {
        (_, Some(_)) => format!(", shown at {shown}"),
        (Some(_), None) => "; nothing is sent".to_owned(),
        (None, None) => String::new(),
    };
    let first = first_administrator.map_or_else(String::new, |link| {
        format!(
            "\nThere is no administrator yet. This link makes one. It works once, until {}:\n  {}\n",
            link.expires_at,
            link.url.reveal()
        )
    });
    // Printed at once: a program that reads only the first lines must not cause an error.
    print!(
        "{} is ready at {}\n  listens at  {address}\n  data        {data}\n  emails      {emails}{note}\n{first}",
        config.site_name, config.public_url
    );
}
