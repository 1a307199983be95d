//! Requests with the same form take turns, so that the second one finds what the first one has done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::domain::submission::SubmissionKey;

type Locks = Mutex<HashMap<SubmissionKey, Arc<tokio::sync::Mutex<()>>>>;

/// The forms that this process is answering. Those of other instances are recognised by their rows in the database.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Locks>);

/// The turn of one request. It ends when this is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    key: SubmissionKey,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits until no other request with this form is being answered.
    pub async fn take(&self, key: SubmissionKey) -> Turn {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(key).or_default())
        };
        let mut turn = Turn { turns: self.clone(), key, guard: None };
        turn.guard = Some(lock.lock_owned().await);
        turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard = None;
        let mut locks = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Only the map has it: no request holds it or waits for it.
        if locks.get(&self.key).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::submission::new_form_id;
    use crate::secret::MasterKey;

    fn key() -> SubmissionKey {
        let mac = MasterKey::new(vec![1; 32]).mac_key(&[], "submission");
        let fields = BTreeMap::from([("form".to_owned(), new_form_id())]);
        SubmissionKey::compute(&mac, "browser", "/", &fields).unwrap()
    }

    #[tokio::test]
    async fn requests_with_the_same_form_take_turns_and_leave_nothing_behind() {
        let turns = Turns::default();
        let (key, other) = (key(), key());
        let first = turns.take(key).await;
        let elsewhere = turns.take(other).await;
        let mut second = Box::pin(turns.take(key));
        assert!(futures_poll(&mut second).await.is_none(), "it waits for the first");
        drop(first);
        let second = second.await;
        assert_eq!(turns.0.lock().unwrap().len(), 2);
        drop((second, elsewhere));
        assert!(turns.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_request_that_gives_up_waiting_leaves_nothing_behind() {
        let turns = Turns::default();
        let key = key();
        let first = turns.take(key).await;
        let mut waiting = Box::pin(turns.take(key));
        assert!(futures_poll(&mut waiting).await.is_none());
        drop(waiting);
        drop(first);
        assert!(turns.0.lock().unwrap().is_empty());
    }

    /// Polls once.
    async fn futures_poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
                std::task::Poll::Ready(value) => Some(value),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
