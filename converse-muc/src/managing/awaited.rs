//! Messages to a room of which the user wants to know what became of them: they are answered by nothing, by what they bring
//! about, or by an error with their id (RFC 6120 §8.3).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use converse_core::Error;
use converse_core::router::StanzaError;
use tokio::sync::oneshot;

/// How many requests for voice are remembered.
const MAX_VOICE_REQUESTS: usize = 8;

/// What is awaited in one room.
#[derive(Default)]
pub(crate) struct Awaited {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    subjects: Vec<Subject>,
    voice_requests: VecDeque<String>,
}

/// A subject that was sent.
struct Subject {
    id: String,
    text: String,
    done: oneshot::Sender<Result<(), Error>>,
}

/// What an error was about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A subject; whoever waits for it knows.
    Subject,
    /// A request for voice.
    VoiceRequest,
    /// Nothing that is awaited.
    Nothing,
}

impl Awaited {
    /// A subject is being sent; the answer is what became of it.
    pub(crate) fn subject(&self, id: &str, text: &str) -> oneshot::Receiver<Result<(), Error>> {
        let (done, answer) = oneshot::channel();
        let mut inner = self.lock();
        inner.subjects.retain(|awaited| !awaited.done.is_closed());
        inner.subjects.push(Subject {
            id: id.to_owned(),
            text: text.to_owned(),
            done,
        });
        answer
    }

    /// A request for voice is being sent.
    pub(crate) fn voice_request(&self, id: &str) {
        let mut inner = self.lock();
        if inner.voice_requests.len() >= MAX_VOICE_REQUESTS {
            inner.voice_requests.pop_front();
        }
        inner.voice_requests.push_back(id.to_owned());
    }

    /// The room has that subject now. With the id it is what was sent; services that give messages ids of their own are
    /// known by the text.
    pub(crate) fn subject_is(&self, id: Option<&str>, text: &str) {
        let mut inner = self.lock();
        let mut subjects = inner.subjects.iter();
        let by_id = subjects.position(|awaited| Some(awaited.id.as_str()) == id);
        let mut subjects = inner.subjects.iter();
        let found = by_id.or_else(|| subjects.position(|awaited| awaited.text == text));
        if let Some(place) = found {
            // Nobody waits any more if the caller gave up.
            let _ = inner.subjects.remove(place).done.send(Ok(()));
        }
    }

    /// The room refused the message of that id.
    pub(crate) fn refused(&self, id: &str, error: &StanzaError) -> Refused {
        let mut inner = self.lock();
        let mut subjects = inner.subjects.iter();
        if let Some(place) = subjects.position(|awaited| awaited.id == id) {
            let subject = inner.subjects.remove(place);
            let _ = subject.done.send(Err(error.clone().into()));
            return Refused::Subject;
        }
        let mut requests = inner.voice_requests.iter();
        match requests.position(|awaited| awaited == id) {
            Some(place) => {
                inner.voice_requests.remove(place);
                Refused::VoiceRequest
            }
            None => Refused::Nothing,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
