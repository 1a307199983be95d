//! Counts password attempts, for the requester, the network and the account together.

use std::time::Duration;

use super::counting::{count, count_all, forget, take_back};
use super::limits::ATTACK;
use super::subject::{Counter, Requester, Subject};
use crate::app::App;
use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::error::Result;
use crate::repositories::throttles;

/// Counts a password attempt. `Err`: the time to wait.
pub async fn count_sign_in(
    app: &App,
    tx: &mut Tx,
    email: &EmailKey,
    requester: Requester<'_>,
) -> Result<Result<(), Duration>> {
    let Requester::Stranger(source) = requester else {
        return count(app, tx, Subject::SignIn(email, requester)).await;
    };
    let of_account = if is_attacked(app, tx, email).await? {
        Subject::SignInAttacked(email, requester)
    } else {
        Subject::SignIn(email, requester)
    };
    let all = [Subject::SignInNetwork(source), of_account, Subject::SignInAccount(email)];
    count_all(app, tx, &all).await
}

/// Removes a password attempt from the counts, because the password was not checked.
pub async fn take_back_sign_in(
    app: &App,
    tx: &mut Tx,
    email: &EmailKey,
    requester: Requester<'_>,
) -> Result<()> {
    if let Requester::Stranger(source) = requester {
        take_back(app, tx, Subject::SignInNetwork(source)).await?;
    }
    take_back(app, tx, Subject::SignIn(email, requester)).await?;
    if let Requester::Stranger(_) = requester {
        take_back(app, tx, Subject::SignInAccount(email)).await?;
    }
    Ok(())
}

/// After the right password, resets the count of the requester, and removes one attempt from those of the network and the account.
pub async fn forget_sign_in(
    app: &App,
    tx: &mut Tx,
    email: &EmailKey,
    requester: Requester<'_>,
) -> Result<()> {
    if let Requester::Stranger(source) = requester {
        take_back(app, tx, Subject::SignInNetwork(source)).await?;
    }
    forget(app, tx, Subject::SignIn(email, requester)).await?;
    if let Requester::Stranger(_) = requester {
        take_back(app, tx, Subject::SignInAccount(email)).await?;
    }
    Ok(())
}

/// Whether an account is under attack: too many wrong passwords in a day, from browsers that it does not know.
pub async fn is_attacked(app: &App, tx: &mut Tx, email: &EmailKey) -> Result<bool> {
    for Counter { id, limit } in Subject::SignInAccount(email).counters(app) {
        let count = throttles::find(&mut *tx, &id).await?;
        if limit.tries(count, app.clock.now()) > ATTACK {
            return Ok(true);
        }
    }
    Ok(false)
}
