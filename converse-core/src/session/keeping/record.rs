//! What the store has of a session.
//!
//! The secret `sm` says which session it is and how far it got; the stanzas that nobody has confirmed and the presences that
//! stand are too large for a secret and lie beside it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jid::Jid;
use serde::{Deserialize, Serialize};

use super::standing::{PRESENCES, Standing};
use crate::env::RandomSource;
use crate::error::Error;
use crate::router::Outgoing;
use crate::session::sm::{Granted, Unacked};
use crate::store::{AccountStore, Change, Namespace, Scan, SecretBytes, StoreError};
use crate::xml::Element;

/// The secret that names the session: who knows the id can take it over.
pub(super) const SECRET: &str = "sm";
/// By their number in the count of what was sent, as eight hexadecimal digits.
pub(super) const UNACKED: Namespace = Namespace::new("session.unacked", 20_000);
/// The only form so far.
const VERSION: u32 = 1;

/// The secret's content.
#[derive(Serialize, Deserialize)]
pub(super) struct Secret {
    pub(super) version: u32,
    pub(super) jid: Jid,
    /// The setting `server` of the login.
    pub(super) server: Option<String>,
    pub(super) id: String,
    pub(super) location: Option<String>,
    /// How long the server keeps it without a connection, in seconds.
    pub(super) max: Option<u64>,
    pub(super) received: u32,
    pub(super) acknowledged: u32,
    /// What groupings have noted about the session.
    pub(super) notes: BTreeMap<String, String>,
    /// When the connection was up for the last time that is known, in milliseconds since 1970.
    pub(super) alive_at: i64,
}

/// A stanza that nobody has confirmed.
#[derive(Serialize, Deserialize)]
struct Sent {
    xml: String,
    /// In milliseconds since 1970.
    sent_at: i64,
}

/// A session as the store has it.
pub(super) struct Record {
    /// Nothing if only stanzas are left, which go out with the next session.
    pub(super) secret: Option<Secret>,
    pub(super) unacked: Vec<(u32, Unacked)>,
    pub(super) standing: Standing,
}

impl Secret {
    pub(super) fn new(jid: Jid, server: Option<String>, granted: &Granted) -> Option<Self> {
        Some(Self {
            version: VERSION,
            jid,
            server,
            id: granted.id.clone()?,
            location: granted.location.clone(),
            max: granted.max.map(|max| max.as_secs()),
            received: 0,
            acknowledged: 0,
            notes: BTreeMap::new(),
            alive_at: 0,
        })
    }

    pub(super) fn granted(&self) -> Granted {
        Granted {
            id: Some(self.id.clone()),
            location: self.location.clone(),
            max: self.max.map(Duration::from_secs),
        }
    }

    /// Whether the server has given it up: longer ago than it said that it would wait.
    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        let elapsed = now.timestamp_millis().saturating_sub(self.alive_at);
        self.max.is_some_and(|max| {
            elapsed > i64::try_from(max).unwrap_or(i64::MAX).saturating_mul(1000)
        })
    }

    pub(super) fn write(&self) -> Option<SecretBytes> {
        serde_json::to_vec(self).ok().map(SecretBytes::new)
    }
}

/// How a stanza is kept until it is confirmed.
pub(super) fn put(number: u32, entry: &Unacked) -> Option<Change> {
    let sent = Sent {
        xml: entry.stanza.xml().to_owned(),
        sent_at: entry.sent_at.timestamp_millis(),
    };
    let value = serde_json::to_vec(&sent).ok()?;
    Some(Change::put(UNACKED, key(number), value))
}

pub(super) fn delete(number: u32) -> Change {
    Change::delete(UNACKED, key(number))
}

fn key(number: u32) -> String {
    format!("{number:08x}")
}

/// Reads what is kept.
pub(super) async fn load(store: &AccountStore, random: &dyn RandomSource) -> Result<Record, Error> {
    let secret = store.secret(SECRET).await?;
    let secret = secret.and_then(|secret| {
        let secret = serde_json::from_slice::<Secret>(secret.expose());
        // What serde says about it would quote it.
        let secret = secret.ok().filter(|secret| secret.version == VERSION);
        if secret.is_none() {
            tracing::info!("a kept session of another version of this program is not resumed");
        }
        secret
    });
    let mut unacked = Vec::new();
    each(store, UNACKED, |key, value| {
        let number = u32::from_str_radix(key, 16).ok();
        let entry = serde_json::from_slice::<Sent>(value).ok();
        let entry = entry.and_then(|sent| restored(&sent, random));
        unacked.extend(number.zip(entry));
    })
    .await?;
    if let Some(secret) = &secret {
        // Some may have been confirmed, and not removed before the process ended.
        unacked.retain(|(number, _)| is_after(*number, secret.acknowledged));
        unacked.sort_by_key(|(number, _)| number.wrapping_sub(secret.acknowledged));
    }
    let mut presences = HashMap::new();
    each(store, PRESENCES, |key, value| {
        let text = std::str::from_utf8(value).ok();
        if let Some(Ok(presence)) = text.map(Element::parse) {
            presences.insert(key.to_owned(), presence);
        }
    })
    .await?;
    Ok(Record {
        secret,
        unacked,
        standing: Standing::of_store(presences),
    })
}

/// Removes what is kept. What is beside the secret comes first: it means nothing to a session that is over, and without the
/// secret it would go out with the next one.
pub(super) async fn forget(store: &AccountStore) -> Result<(), StoreError> {
    store.write(cleared()).await?;
    store.put_secret(SECRET, None).await
}

/// Removes what lies beside the secret.
pub(super) fn cleared() -> Vec<Change> {
    vec![
        Change::delete_prefix(UNACKED, ""),
        Change::delete_prefix(PRESENCES, ""),
    ]
}

/// Whether one number comes after another, in a count that starts over at 2³².
pub(super) fn is_after(number: u32, other: u32) -> bool {
    let ahead = number.wrapping_sub(other);
    ahead != 0 && ahead < 1 << 31
}

fn restored(sent: &Sent, random: &dyn RandomSource) -> Option<Unacked> {
    let element = Element::parse(&sent.xml).ok()?;
    Some(Unacked {
        stanza: Outgoing::new(&element, random).ok()?,
        sent_at: DateTime::from_timestamp_millis(sent.sent_at)?,
    })
}

async fn each(
    store: &AccountStore,
    space: Namespace,
    mut take: impl FnMut(&str, &[u8]),
) -> Result<(), Error> {
    let mut scan = Scan::all();
    loop {
        let page = store.scan(space, scan.clone()).await?;
        for entry in &page.entries {
            take(&entry.key, &entry.value);
        }
        match page.entries.last() {
            Some(last) if page.more => scan = scan.after(&last.key),
            _ => return Ok(()),
        }
    }
}
