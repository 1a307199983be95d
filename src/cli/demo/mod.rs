//! `authflow demo`: the real server with sample users and a sample app behind the gate, in a temporary folder.

mod accounts;
mod error;
mod greeting;
mod proxy;
mod sample_app;
mod settings;

use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;

use clap::Args;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use self::error::DemoError;
use self::proxy::DemoProxy;
use super::exit_code::{FAILED, UNUSABLE};
use super::running::Starting;
use super::{log, stop_signal};
use crate::app::App;
use crate::clock::Clock;
use crate::error::Error;
use crate::server;

#[derive(Args, Debug)]
pub struct DemoArguments {
    /// The port of authflow; the sample app uses the next one. 0: any two free ports.
    #[arg(long, default_value_t = 5000, value_parser = port)]
    port: u16,
}

fn port(text: &str) -> Result<u16, String> {
    let port = text.parse().ok().filter(|port| *port < u16::MAX);
    port.ok_or_else(|| "choose a port from 0 to 65534: the sample app uses the next one".to_owned())
}

pub async fn run(arguments: &DemoArguments) -> ExitCode {
    match Box::pin(demo(arguments.port)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(DemoError::Settings(problems)) => {
            eprint!("{problems}");
            ExitCode::from(UNUSABLE)
        }
        Err(error) => {
            eprintln!("The demo failed: {error}");
            ExitCode::from(FAILED)
        }
    }
}

/// Serves until a signal arrives. The folder is deleted when this function ends, whatever the reason.
async fn demo(port: u16) -> Result<(), DemoError> {
    let stop = stop_signal::listen_in_terminal()?;
    let next = if port == 0 { 0 } else { port + 1 };
    let (authflow, authflow_port) = listen(port).await?;
    let (sample_app, app_port) = listen(next).await?;
    let folder = TempDir::with_prefix("authflow-demo-")
        .map_err(Error::io("creating the temporary folder of the demo"))?;
    let config = settings::read(folder.path(), authflow_port, app_port)?;
    log::start(config.log_format, "warn", config.log_filter.as_deref());

    let starting = Starting::at(authflow, &config, stop.clone());
    let app = Box::pin(App::start(config, Clock::System)).await?;
    if let Err(error) = accounts::create(&app).await {
        app.db.close().await;
        return Err(error);
    }
    let proxy = DemoProxy::new(&app.config)?;
    let (_router, shown) = watch::channel(proxy.into_router());
    let stopped = stop_signal::received(stop);
    let limits = server::Limits::default();
    let sample_app = tokio::spawn(server::serve(sample_app, shown, |_| false, limits, stopped));
    let greeting = greeting::render(&app.config)?;
    let running = starting.open(app);
    // The terminal may be gone at the end, and a program that reads the output may stop early.
    let _ = writeln!(std::io::stdout(), "{greeting}");
    running.until_stopped().await?;
    sample_app.await.map_err(|error| Error::Io("serving the sample app".into(), error.into()))?;
    folder.close().map_err(Error::io("deleting the temporary folder of the demo"))?;
    let _ = writeln!(std::io::stdout(), "\nThe demo has stopped. Its data is deleted.");
    Ok(())
}

/// Listens at this port, or at any free one if it is 0. Returns the port too.
async fn listen(port: u16) -> Result<(TcpListener, u16), DemoError> {
    let unusable = |error: std::io::Error| match error.kind() {
        ErrorKind::AddrInUse => DemoError::PortInUse(port),
        _ => DemoError::PortUnusable(port, error),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(unusable)?;
    let port = listener.local_addr().map_err(Error::io("listening"))?.port();
    // Browsers may try the IPv6 address of localhost first, and would show the pages of another program.
    match TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await {
        Ok(_) => Err(DemoError::PortInUse(port)),
        Err(_) => Ok((listener, port)),
    }
}
