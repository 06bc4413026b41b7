//! The account's other clients.

use chrono::{DateTime, Utc};
use converse_core::contract::rfc3339;
use serde::{Serialize, Serializer};

use crate::model::{Presence, Status};

/// Another client of the own account that is online, as its presence says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OwnResource {
    /// Its resource (RFC 7622 §3.4).
    pub resource: String,
    /// What it shows.
    pub status: Status,
    /// Its status text.
    pub message: Option<String>,
    /// Its priority (RFC 6121 §4.7.2.3); a negative one gets no messages to the bare JID.
    pub priority: i8,
    /// Since when nobody has used it, if it says so (XEP-0319).
    #[serde(serialize_with = "as_text")]
    pub idle_since: Option<DateTime<Utc>>,
}

impl OwnResource {
    /// What the user says through it, if it is the user who says that.
    pub(crate) fn said(&self) -> Presence {
        Presence {
            status: self.status,
            message: self.message.clone(),
        }
    }
}

fn as_text<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339::serialize(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// Another client, and what the user last said through it.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) shown: OwnResource,
    /// Not what it shows because nobody uses it.
    said: Presence,
}

impl Client {
    /// A client that was not there before. That it came says nothing about the user.
    pub(crate) fn came(shown: OwnResource, is_late: bool) -> (Self, Option<Presence>) {
        let said = Presence::default();
        let mut client = Self { shown, said };
        let news = client.news(is_late);
        (client, news)
    }

    /// What the user says through it, if that is something else than before; if it `is_late`, it is not the user who says it.
    pub(crate) fn shows(&mut self, shown: OwnResource, is_late: bool) -> Option<Presence> {
        self.shown = shown;
        self.news(is_late)
    }

    fn news(&mut self, is_late: bool) -> Option<Presence> {
        let now = self.shown.said();
        if is_late || self.shown.idle_since.is_some() || now == self.said {
            return None;
        }
        self.said = now.clone();
        Some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, OwnResource};
    use crate::model::Status;

    fn phone(status: Status, idle: bool) -> OwnResource {
        OwnResource {
            resource: "phone".to_owned(),
            status,
            message: None,
            priority: 0,
            idle_since: idle.then(Default::default),
        }
    }

    #[test]
    fn only_what_the_user_chose_is_news() {
        let (mut client, news) = Client::came(phone(Status::Online, false), false);
        assert_eq!(news, None);
        let mut said = |status, idle| {
            let news = client.shows(phone(status, idle), false);
            news.map(|presence| presence.status)
        };
        assert_eq!(said(Status::Dnd, false), Some(Status::Dnd));
        assert_eq!(said(Status::Dnd, false), None);
        assert_eq!(said(Status::Away, true), None);
        assert_eq!(said(Status::Dnd, false), None);
        assert_eq!(said(Status::Xa, true), None);
        assert_eq!(said(Status::Online, false), Some(Status::Online));
    }

    #[test]
    fn who_comes_with_a_status_says_something() {
        let (_, news) = Client::came(phone(Status::Away, false), false);
        assert_eq!(news.map(|presence| presence.status), Some(Status::Away));
        let (_, news) = Client::came(phone(Status::Away, true), false);
        assert_eq!(news, None);
    }
}
