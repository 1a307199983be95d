//! `authflow serve`

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::FAILED;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::domain::proxy::is_within;
use crate::error::{Error, Result};
use crate::{routes, server, worker};

/// How long to wait at the start for a database that does not answer.
const DATABASE_WAIT: Duration = Duration::from_mins(2);
/// How long the worker may take to finish the mail it is delivering.
const WORKER_STOP: Duration = Duration::from_secs(5);

pub async fn run(config: Config, warnings: &[String]) -> ExitCode {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let database = config.database.describe();
    match Box::pin(serve(config)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_passing() => {
            let waited = DATABASE_WAIT.as_secs();
            eprintln!(
                "authflow cannot start: {database} could not be used for {waited} s: {error}"
            );
            ExitCode::from(FAILED)
        }
        Err(error) => {
            eprintln!("authflow cannot start: {error}");
            ExitCode::from(FAILED)
        }
    }
}

async fn serve(config: Config) -> Result<()> {
    let stop = stop_signal()?;
    let listen = config.listen;
    let listener =
        TcpListener::bind(listen).await.map_err(Error::io(format!("listening at {listen}")))?;
    let address = listener.local_addr().map_err(Error::io("listening"))?;
    // Listening before there is a database: whoever asks is told to come back, and a monitor sees a process that lives.
    let (router, shown) = watch::channel(routes::starting(&Arc::new(config.clone())));
    let (proxies, gate_proxies) = (config.trusted_proxies.clone(), config.gate_proxies.clone());
    let is_trusted_proxy = move |peer| proxies.trusts(peer) || is_within(peer, &gate_proxies);
    let limits = server::Limits::default();
    let stopped = told(stop.clone());
    let server = tokio::spawn(server::serve(listener, shown, is_trusted_proxy, limits, stopped));

    let app = tokio::select! {
        app = start(config) => app?,
        () = told(stop) => return Ok(()),
    };
    drop(router.send_replace(routes::router(&app)));
    say_hello(&app, address);
    let (stop_worker, stopped) = watch::channel(false);
    let worker = tokio::spawn(worker::run(app.clone(), stopped));
    tokio::spawn(try_mail(app.clone()));
    server.await.map_err(|error| Error::Io("serving".into(), error.into()))?;
    tracing::info!("stopping");
    let _ = stop_worker.send(true);
    if tokio::time::timeout(WORKER_STOP, worker).await.is_err() {
        tracing::warn!("a mail was still on its way; it will be sent after the next start");
    }
    app.db.close().await;
    Ok(())
}

/// Puts the server together, waiting a while for a database that does not answer yet: it may be starting as well.
async fn start(config: Config) -> Result<App> {
    let place = config.database.describe();
    let begun = Instant::now();
    let mut pause = Duration::from_millis(250);
    loop {
        match Box::pin(App::start(config.clone(), Clock::System)).await {
            Err(error) if error.is_passing() && begun.elapsed() < DATABASE_WAIT => {
                let left = DATABASE_WAIT.saturating_sub(begun.elapsed()).as_secs();
                tracing::warn!(
                    "the database ({place}) cannot be used yet: {error}; trying again for {left} s"
                );
            }
            started => return started,
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(Duration::from_secs(5));
    }
}

/// Turns true when the process is told to end.
pub fn stop_signal() -> Result<watch::Receiver<bool>> {
    let mut terminate =
        signal(SignalKind::terminate()).map_err(Error::io("listening for signals"))?;
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(Error::io("listening for signals"))?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let _ = stop.send(true);
    });
    Ok(stopped)
}

/// Waits for that.
pub async fn told(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|is_told| *is_told).await;
}

/// Says in the log whether mails can leave: a wrong password should be noticed before somebody waits for a mail.
async fn try_mail(app: App) {
    let mails = app.mail.describe();
    match app.mail.check().await {
        Ok(found) if app.mail.folder().is_none() => tracing::info!(mails, found, "mails can leave"),
        Ok(_) => {}
        Err(error) => {
            tracing::error!(mails, %error, "mails cannot leave at present");
        }
    }
}

/// What a person wants to know after the first start.
fn say_hello(app: &App, address: std::net::SocketAddr) {
    let config = &app.config;
    let data = config.database.describe();
    let mails = config.mail.describe();
    if config.log_format == LogFormat::Json {
        tracing::info!(public_url = %config.public_url, %address, data, mails, "ready");
        return;
    }
    println!("{} is ready at {}", config.site_name, config.public_url);
    println!("  listens at  {address}");
    println!("  data        {data}");
    let shown = config.public_url.link("/dev/mail");
    let note = match (config.mail.folder(), config.mailbox()) {
        (_, Some(_)) => format!(", shown at {shown}"),
        (Some(_), None) => "; nothing is sent".to_owned(),
        (None, None) => String::new(),
    };
    println!("  mails       {mails}{note}");
}
