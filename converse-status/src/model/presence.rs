//! What the user says about himself.

use crate::model::Status;

/// A status, and a text if there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) status: Status,
    pub(crate) message: Option<String>,
}

impl Presence {
    /// With another status; `None` leaves the text as it is, an empty one takes it away.
    pub(crate) fn with(&self, status: Status, message: Option<String>) -> Self {
        Self {
            status,
            message: message
                .or_else(|| self.message.clone())
                .filter(|message| !message.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Presence;
    use crate::model::Status;

    #[test]
    fn the_text_stays_until_it_is_replaced_or_taken_away() {
        let busy = Presence::default().with(Status::Dnd, Some("weeding".to_owned()));
        let online = busy.with(Status::Online, None);
        assert_eq!(online.message.as_deref(), Some("weeding"));
        assert_eq!(
            online.with(Status::Online, Some(String::new())).message,
            None
        );
    }
}
