//! The user's own avatar in presence (XEP-0153).

use std::sync::{PoisonError, RwLock};

/// What presence says about the own avatar (XEP-0153 §4.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Photo {
    /// It is not known yet, or the server says it (XEP-0398 §4): an empty element.
    #[default]
    Unknown,
    /// There is none: an empty `<photo/>`.
    None,
    /// Its hash.
    Hash(String),
}

/// The photo of now: only the actor changes it, presence reads it.
#[derive(Debug, Default)]
pub(crate) struct OwnPhoto {
    photo: RwLock<Photo>,
}

impl OwnPhoto {
    pub(crate) fn get(&self) -> Photo {
        let photo = self.photo.read().unwrap_or_else(PoisonError::into_inner);
        photo.clone()
    }

    /// Whether presence would say something else that is worth telling: that there is a picture, or none any more.
    pub(crate) fn set(&self, photo: Photo) -> bool {
        let mut now = self.photo.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, photo);
        match (&before, &*now) {
            (Photo::Unknown, Photo::None) | (Photo::None, Photo::Unknown) => false,
            (before, now) => before != now,
        }
    }
}

/// What other clients of the account say in their presence (XEP-0153 §4.3).
#[derive(Debug, Default)]
pub(crate) struct Others {
    /// What was settled by looking at the vCard: said again, it is no reason to look again.
    settled: Option<Photo>,
}

impl Others {
    /// Whether the vCard must be looked at again because another client says `theirs`.
    pub(crate) fn contradicts(&mut self, own: &Photo, theirs: &Photo) -> bool {
        let differs = match (own, theirs) {
            // Who is not ready says nothing, and who does not know yet is going to look anyway.
            (_, Photo::Unknown) | (Photo::Unknown, _) => false,
            (own, theirs) => own != theirs,
        };
        if !differs || self.settled.as_ref() == Some(theirs) {
            return false;
        }
        self.settled = Some(theirs.clone());
        true
    }

    /// A new session, or a new picture of the own.
    pub(crate) fn forget(&mut self) {
        self.settled = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> Photo {
        Photo::Hash(text.to_owned())
    }

    #[test]
    fn only_pictures_are_worth_a_presence() {
        let own = OwnPhoto::default();
        assert!(!own.set(Photo::None));
        assert!(own.set(hash("a")));
        assert!(!own.set(hash("a")));
        assert!(own.set(hash("b")));
        assert!(own.set(Photo::Unknown));
        assert!(own.set(hash("b")));
        assert!(own.set(Photo::None));
    }

    #[test]
    fn another_client_is_believed_once() {
        let mut others = Others::default();
        assert!(!others.contradicts(&hash("a"), &hash("a")));
        assert!(!others.contradicts(&hash("a"), &Photo::Unknown));
        assert!(!others.contradicts(&Photo::Unknown, &hash("a")));
        assert!(others.contradicts(&hash("a"), &hash("b")));
        assert!(!others.contradicts(&hash("a"), &hash("b")));
        assert!(others.contradicts(&hash("a"), &Photo::None));
        others.forget();
        assert!(others.contradicts(&hash("a"), &Photo::None));
    }
}
