//! `authflow serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::exit_code::FAILED;
use super::stop_signal;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::domain::addresses;
use crate::domain::proxy::is_within;
use crate::error::{Error, Result};
use crate::{routes, server, worker};

/// How long a starting server waits for a database that does not respond.
const DATABASE_WAIT: Duration = Duration::from_mins(2);
/// How long the worker may take to finish the email it is delivering.
const WORKER_STOP: Duration = Duration::from_secs(5);

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
    #[error("{database} could not be used for {} s: {why}", DATABASE_WAIT.as_secs())]
    NoDatabase { database: String, why: Error },
    #[error(transparent)]
    Failed(#[from] Error),
}

async fn serve(config: Config) -> Result<(), ServeError> {
    let stop = stop_signal::listen()?;
    let listen = config.listen;
    let listener =
        TcpListener::bind(listen).await.map_err(Error::io(format!("listening at {listen}")))?;
    let address = listener.local_addr().map_err(Error::io("listening"))?;
    // The server listens before it has a database: clients are told to retry, and monitoring sees a live process.
    let (router, shown) = watch::channel(routes::starting(&Arc::new(config.clone())));
    let (proxies, gate_proxies) = (config.trusted_proxies.clone(), config.gate_proxies.clone());
    let is_trusted_proxy = move |peer| proxies.trusts(peer) || is_within(peer, &gate_proxies);
    let limits = server::Limits::default();
    let stopped = stop_signal::received(stop.clone());
    let server = tokio::spawn(server::serve(listener, shown, is_trusted_proxy, limits, stopped));

    let app = tokio::select! {
        app = start(config) => app?,
        () = stop_signal::received(stop) => return Ok(()),
    };
    drop(router.send_replace(routes::router(&app)));
    say_hello(&app, address);
    let (stop_worker, stopped) = watch::channel(false);
    let worker = tokio::spawn(worker::run(app.clone(), stopped));
    tokio::spawn(check_mail(app.clone()));
    server.await.map_err(|error| Error::Io("serving".into(), error.into()))?;
    tracing::info!("stopping");
    let _ = stop_worker.send(true);
    if tokio::time::timeout(WORKER_STOP, worker).await.is_err() {
        tracing::warn!("an email was still being delivered; it will be sent after the next start");
    }
    app.db.close().await;
    Ok(())
}

/// Starts the app. A database that does not respond may be starting too, so this retries for [`DATABASE_WAIT`].
async fn start(config: Config) -> Result<App, ServeError> {
    let database = config.database.describe();
    let begun = Instant::now();
    let mut pause = Duration::from_millis(250);
    loop {
        match Box::pin(App::start(config.clone(), Clock::System)).await {
            Err(error) if error.is_passing() && begun.elapsed() < DATABASE_WAIT => {
                let left = DATABASE_WAIT.saturating_sub(begun.elapsed()).as_secs();
                tracing::warn!(
                    database,
                    %error,
                    seconds_left = left,
                    "the database cannot be used yet; trying again"
                );
            }
            Err(why) if why.is_passing() => return Err(ServeError::NoDatabase { database, why }),
            started => return Ok(started?),
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(Duration::from_secs(5));
    }
}

/// Logs whether emails can be sent, so that a wrong password is noticed before a user waits for an email.
async fn check_mail(app: App) {
    let transport = app.mail.describe();
    match app.mail.check().await {
        Ok(found) if app.mail.folder().is_none() => {
            tracing::info!(transport, found, "emails can be sent");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(transport, %error, "emails cannot be sent at the moment");
        }
    }
}

/// Prints what the operator needs after the first start.
fn say_hello(app: &App, address: SocketAddr) {
    let config = &app.config;
    let data = config.database.describe();
    let emails = config.mail.describe();
    if config.log_format == LogFormat::Json {
        tracing::info!(public_url = %config.public_url, %address, data, emails, "ready");
        return;
    }
    println!("{} is ready at {}", config.site_name, config.public_url);
    println!("  listens at  {address}");
    println!("  data        {data}");
    let shown = config.public_url.link(addresses::DEV_MAIL);
    let note = match (config.mail.folder(), config.mailbox()) {
        (_, Some(_)) => format!(", shown at {shown}"),
        (Some(_), None) => "; nothing is sent".to_owned(),
        (None, None) => String::new(),
    };
    println!("  emails      {emails}{note}");
}
