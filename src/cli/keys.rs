//! `authflow keys list|rotate|revoke`

use std::process::ExitCode;

use serde_json::{Value, json};
use uuid::Uuid;

use super::FAILED;
use super::mail::look;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::sign_in::signing_key::KeyState;
use crate::domain::source::Source;
use crate::error::Result;
use crate::services::audit::Actor;
use crate::services::operations::key_rotation::{self, ListedKey, RevokeError, RotateError};

/// Lists the keys, the newest first.
pub async fn list(config: &Config, as_json: bool) -> ExitCode {
    let listed: Result<_> = async {
        let db = look(config).await?;
        let listed = key_rotation::list(&db, Clock::System.now()).await;
        db.close().await;
        listed
    }
    .await;
    let keys = match listed {
        Ok(keys) => keys,
        Err(error) => {
            eprintln!("{}: {error}", config.database.describe());
            return ExitCode::from(FAILED);
        }
    };
    if as_json {
        println!("{}", Value::Array(keys.iter().map(to_json).collect()));
    } else if keys.is_empty() {
        println!("There are no keys: the first is made when the server starts.");
    } else {
        for key in &keys {
            let state = in_words(key.state);
            println!("{}  {}  made {}  {state}", key.kid, key.algorithm, key.created_at);
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
        "until": at.map(crate::clock::Timestamp::to_rfc3339),
    })
}

/// Makes a new key, which takes over by itself.
pub async fn rotate(config: &Config, as_json: bool) -> ExitCode {
    let source = Source::command_line();
    let rotated = async {
        look(config).await?.close().await;
        let app = Box::pin(App::start(config.clone(), Clock::System)).await?;
        let rotated = key_rotation::rotate(&app, Actor { id: None, source: &source }).await;
        app.db.close().await;
        rotated
    };
    match rotated.await {
        Ok(it) if as_json => {
            let (signs_from, until) = (it.signs_from.to_rfc3339(), it.former_until.to_rfc3339());
            let told = json!({ "kid": it.kid, "signs_from": signs_from, "former_until": until });
            println!("{told}");
            ExitCode::SUCCESS
        }
        Ok(it) => {
            println!("The new key {} is published now.", it.kid);
            println!("It signs from {} on; running servers notice by themselves.", it.signs_from);
            println!("The one before it verifies until {}.", it.former_until);
            ExitCode::SUCCESS
        }
        Err(RotateError::Failed(error)) => {
            eprintln!("{}: {error}", config.database.describe());
            ExitCode::from(FAILED)
        }
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::from(FAILED)
        }
    }
}

/// Takes a leaked key out of use.
pub async fn revoke(config: &Config, id: Uuid, as_json: bool) -> ExitCode {
    let source = Source::command_line();
    let revoked = async {
        look(config).await?.close().await;
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
                println!("The {new}key {} signs access tokens now. Sessions go on.", it.signs);
            } else {
                println!(
                    "The {new}key {} takes its place for {}, which signs nothing with JWT_ALGORITHM={}.",
                    it.signs,
                    algorithm.name(),
                    used.name()
                );
            }
            println!(
                "Services that verify tokens themselves may keep the public keys for five minutes after that. Restart them after that \
                 minute if that is too long."
            );
            ExitCode::SUCCESS
        }
        Err(RevokeError::Failed(error)) => {
            eprintln!("{}: {error}", config.database.describe());
            ExitCode::from(FAILED)
        }
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::from(FAILED)
        }
    }
}
