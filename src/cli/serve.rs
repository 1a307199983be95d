//! `authflow serve`

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::FAILED;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogFormat};
use crate::error::{Error, Result};
use crate::mail::file::FileTransport;
use crate::{routes, server, worker};

/// How long the worker may take to finish the mail it is delivering.
const WORKER_STOP: Duration = Duration::from_secs(5);

pub async fn run(config: Config, warnings: &[String]) -> ExitCode {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    match serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
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
    let mail = Arc::new(FileTransport::new(config.mail_folder()));
    let app = App::start(config, Clock::System, mail).await?;
    say_hello(&app, address);

    let (stop_worker, stopped) = watch::channel(false);
    let worker = tokio::spawn(worker::run(app.clone(), stopped));
    server::serve(listener, routes::router(&app), stop).await;
    tracing::info!("stopping");
    let _ = stop_worker.send(true);
    if tokio::time::timeout(WORKER_STOP, worker).await.is_err() {
        tracing::warn!("a mail was still on its way; it will be sent after the next start");
    }
    app.db.close().await;
    Ok(())
}

fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut terminate =
        signal(SignalKind::terminate()).map_err(Error::io("listening for signals"))?;
    let mut interrupt =
        signal(SignalKind::interrupt()).map_err(Error::io("listening for signals"))?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What a person wants to know after the first start.
fn say_hello(app: &App, address: std::net::SocketAddr) {
    let config = &app.config;
    let data = config.database.describe();
    let mails = config.mail_folder().display().to_string();
    if config.log_format == LogFormat::Json {
        tracing::info!(public_url = %config.public_url, %address, data, mails, "ready");
        return;
    }
    println!("{} is ready at {}", config.site_name, config.public_url);
    println!("  listens at  {address}");
    println!("  data        {data}");
    if config.has_mailbox() {
        println!(
            "  mails       files in {mails}, shown at {}",
            config.public_url.link("/dev/mail")
        );
    } else {
        println!("  mails       files in {mails}; nothing is sent");
    }
    if !config.public_url.is_https() && !config.public_url.is_loopback() {
        println!(
            "  Passwords cross the network unencrypted: put a proxy with https before it and set PUBLIC_URL."
        );
    }
}
