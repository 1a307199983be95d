//! `authflow keys list|rotate|revoke`

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::database_problem::report;
use super::existing_database;
use super::failure::failed;
use crate::app::App;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::domain::sign_in::signing_key::KeyState;
use crate::domain::source::Source;
use crate::error::Result;
use crate::installation::docs_page::DocsPage;
use crate::services::audit::Actor;
use crate::services::operations::key_rotation::{self, ListedKey, RevokeError, RotateError};

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys and their states, newest first.
    #[command(after_help = "Example: authflow keys list --json")]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Create a new key while the servers run.
    ///
    /// The key is published at once. It starts signing ten minutes later, when every service that caches the public keys has fetched them
    /// again. The previous key verifies tokens until its last one expires. No one is signed out.
    #[command(after_help = "Example: authflow keys rotate")]
    Rotate {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a leaked key while the servers run.
    ///
    /// This installation refuses all tokens signed by the key within a minute. Services that verify tokens themselves refuse them once
    /// they fetch the public keys again. If the key is in use, another one signs at once. Sessions continue: browsers and API clients get
    /// new access tokens.
    #[command(after_help = "Example: authflow keys revoke 019ab2c4-5d6e-7f80-9a1b-2c3d4e5f6070")]
    Revoke {
        /// The key ID shown by `authflow keys list`.
        #[arg(value_parser = |text: &str| text.parse::<Uuid>().map_err(|_| "not a key ID; `keys list` shows them"))]
        id: Uuid,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(config: &Config, command: KeysCommand) -> ExitCode {
    match command {
        KeysCommand::List { json } => list(config, json).await,
        KeysCommand::Rotate { json } => rotate(config, json).await,
        KeysCommand::Revoke { id, json } => revoke(config, id, json).await,
    }
}

async fn list(config: &Config, as_json: bool) -> ExitCode {
    let listed: Result<_> = async {
        let db = existing_database::open(config).await?;
        let listed = key_rotation::list(&db, Clock::System.now()).await;
        db.close().await;
        listed
    }
    .await;
    let keys = match listed {
        Ok(keys) => keys,
        Err(error) => {
            return report(config, &error);
        }
    };
    if as_json {
        println!("{}", Value::Array(keys.iter().map(to_json).collect()));
    } else if keys.is_empty() {
        println!("There are no keys. The server creates the first one when it starts.");
    } else {
        for key in &keys {
            let state = in_words(key.state);
            println!("{}  {}  created {}  {state}", key.kid, key.algorithm, key.created_at);
        }
    }
    ExitCode::SUCCESS
}

fn in_words(state: KeyState) -> String {
    match state {
        KeyState::Published(from) => format!("signs from {from} on"),
        KeyState::Signs => "signs".to_owned(),
        KeyState::Verifies(until) => format!("verifies until {until}"),
        KeyState::Over => "has expired".to_owned(),
        KeyState::Revoked(at) => format!("revoked on {at}"),
    }
}

fn to_json(key: &ListedKey) -> Value {
    let (state, at) = match key.state {
        KeyState::Published(from) => ("published", Some(from)),
        KeyState::Signs => ("signs", None),
        KeyState::Verifies(until) => ("verifies", Some(until)),
        KeyState::Over => ("over", None),
        KeyState::Revoked(at) => ("revoked", Some(at)),
    };
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "created_at": key.created_at.to_rfc3339(),
        "state": state,
        "until": at.map(Timestamp::to_rfc3339),
    })
}

async fn rotate(config: &Config, as_json: bool) -> ExitCode {
    let source = Source::command_line();
    let rotated = async {
        existing_database::open(config).await?.close().await;
        let app = Box::pin(App::start(config.clone(), Clock::System)).await?;
        let rotated = key_rotation::rotate(&app, Actor { id: None, source: &source }).await;
        app.db.close().await;
        rotated
    };
    match rotated.await {
        Ok(it) if as_json => {
            let (signs_from, until) = (it.signs_from.to_rfc3339(), it.former_until.to_rfc3339());
            let report = json!({ "kid": it.kid, "signs_from": signs_from, "former_until": until });
            println!("{report}");
            ExitCode::SUCCESS
        }
        Ok(it) => {
            println!("The new key {} is published now.", it.kid);
            println!(
                "It signs from {} on. Running servers pick it up automatically.",
                it.signs_from
            );
            println!("The previous key verifies until {}.", it.former_until);
            ExitCode::SUCCESS
        }
        Err(RotateError::Failed(error)) => report(config, &error),
        Err(refusal) => failed(refusal, DocsPage::VerifyTokens),
    }
}

async fn revoke(config: &Config, id: Uuid, as_json: bool) -> ExitCode {
    let source = Source::command_line();
    let revoked = async {
        existing_database::open(config).await?.close().await;
        let app = Box::pin(App::start(config.clone(), Clock::System)).await?;
        let revoked = key_rotation::revoke(&app, Actor { id: None, source: &source }, id).await;
        app.db.close().await;
        revoked
    };
    match revoked.await {
        Ok(it) if as_json => {
            println!(
                "{}",
                json!({
                    "kid": id.to_string(),
                    "signs": it.signs,
                    "algorithm": it.algorithm.name(),
                    "is_new": it.is_new,
                })
            );
            ExitCode::SUCCESS
        }
        Ok(it) => {
            println!("The key {id} is revoked. Running servers refuse its tokens within a minute.");
            let new = if it.is_new { "new " } else { "" };
            let (algorithm, used) = (it.algorithm, config.jwt.algorithm);
            if algorithm == used {
                println!("The {new}key {} signs access tokens now. Sessions continue.", it.signs);
            } else {
                println!(
                    "The {new}key {} replaces it for {}, which signs nothing with JWT_ALGORITHM={}.",
                    it.signs,
                    algorithm.name(),
                    used.name()
                );
            }
            println!(
                "Services that verify tokens themselves may cache the public keys for five minutes more. If that is too long, restart them \
                 after that minute."
            );
            ExitCode::SUCCESS
        }
        Err(RevokeError::Failed(error)) => report(config, &error),
        Err(refusal) => failed(refusal, DocsPage::VerifyTokens),
    }
}
