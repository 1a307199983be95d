//! `authflow keys list|rotate`

use std::process::ExitCode;

use serde_json::{Value, json};

use super::FAILED;
use super::mail::look;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::signing_key::KeyState;
use crate::domain::source::Source;
use crate::error::Result;
use crate::services::administration::Actor;
use crate::services::keys::{self, ListedKey, RotateError};

/// Lists the keys, the newest first.
pub async fn list(config: &Config, as_json: bool) -> ExitCode {
    let listed: Result<_> = async {
        let db = look(config).await?;
        let listed = keys::list(&db, Clock::System.now()).await;
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
        KeyState::Over => "is over".to_owned(),
    }
}

fn to_json(key: &ListedKey) -> Value {
    let (state, at) = match key.state {
        KeyState::Published(from) => ("published", Some(from)),
        KeyState::Signs => ("signs", None),
        KeyState::Verifies(until) => ("verifies", Some(until)),
        KeyState::Over => ("over", None),
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
        let rotated = keys::rotate(&app, Actor { id: None, source: &source }).await;
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
