//! Where a page is in its result set (XEP-0059).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use super::query::Query;

/// Where a page is in its result set, and the way to the pages beside it: the query that was asked, and what the archive
/// said about its answer.
///
/// [`next`](Self::next) and [`previous`](Self::previous) keep the query's `with`, `start`, `end` and `groupchat`. Each
/// gives the new query and also makes it this object's own, so both ways of the 3.2 document work:
/// `query(rsm.next(10))`, and `rsm.previous(5)` followed by `query(&rsm)`.
///
/// As a serde value it can be kept and used in another session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rsm {
    /// What was asked; after `next` or `previous` what is to be asked.
    pub query: Query,
    /// The archive id of the page's first message; none for an empty page.
    pub first: Option<String>,
    /// The archive id of the page's last message; none for an empty page.
    pub last: Option<String>,
    /// The place of the first message in the whole result, counted from 0, if the archive tells.
    pub index: Option<u64>,
    /// How many messages there are in all, if the archive tells.
    pub count: Option<u64>,
    /// Nothing is left in the direction of the query (XEP-0313 §4.3).
    pub complete: bool,
}

impl Rsm {
    /// The query for at most `max` messages that follow this page. After the last page there are none: that query gives
    /// an empty page, or what has been archived meanwhile.
    pub fn next(&mut self, max: u32) -> Query {
        let after = self.last.as_deref().or(self.query.cursor_after());
        let after = after.map(ToOwned::to_owned);
        self.turn(max, None, after)
    }

    /// The query for at most `max` messages that precede this page. Before the first page there are none: that query
    /// gives an empty page.
    pub fn previous(&mut self, max: u32) -> Query {
        // What precedes an empty page after everything is the end.
        let before = self.first.as_deref().or(self.query.before.as_deref());
        let before = before.unwrap_or_default().to_owned();
        self.turn(max, Some(before), None)
    }

    fn turn(&mut self, max: u32, before: Option<String>, after: Option<String>) -> Query {
        self.query.max = Some(max);
        self.query.before = before;
        self.query.after = after;
        self.query.index = None;
        self.query.clone()
    }
}

impl From<Rsm> for Query {
    fn from(rsm: Rsm) -> Self {
        rsm.query
    }
}

impl From<&Rsm> for Query {
    fn from(rsm: &Rsm) -> Self {
        rsm.query.clone()
    }
}

/// What the archive said; a request has an `index` too, which the answer's takes the place of.
#[derive(Serialize, Deserialize)]
struct Answered {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(default)]
    complete: bool,
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    query: &'a Query,
    #[serde(flatten)]
    answered: Answered,
}

#[derive(Deserialize)]
struct Read {
    #[serde(flatten)]
    answered: Answered,
    #[serde(flatten)]
    query: Map<String, Value>,
}

impl Serialize for Rsm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut query = self.query.clone();
        query.index = None;
        let answered = Answered {
            first: self.first.clone(),
            last: self.last.clone(),
            index: self.index,
            count: self.count,
            complete: self.complete,
        };
        Written {
            query: &query,
            answered,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rsm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read {
            answered,
            mut query,
        } = Read::deserialize(deserializer)?;
        for name in ["first", "last", "index", "count", "complete"] {
            query.remove(name);
        }
        Ok(Self {
            query: Query::try_from(query).map_err(de::Error::custom)?,
            first: answered.first,
            last: answered.last,
            index: answered.index,
            count: answered.count,
            complete: answered.complete,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    fn page(query: Query, ids: Option<(&str, &str)>) -> Rsm {
        Rsm {
            query,
            first: ids.map(|(first, _)| first.to_owned()),
            last: ids.map(|(_, last)| last.to_owned()),
            ..Rsm::default()
        }
    }

    #[test]
    fn the_pages_beside_a_page() {
        let mut middle = page(Query::new().after("a"), Some(("b", "c")));
        assert_eq!(middle.next(2), Query::new().max(2).after("c"));
        assert_eq!(middle.previous(3), Query::new().max(3).before("b"));
        assert_eq!(Query::from(&middle), Query::new().max(3).before("b"));
    }

    #[test]
    fn beside_an_empty_page_nothing_comes_twice() {
        let mut end = page(Query::new().after("z"), None);
        assert_eq!(end.clone().next(2), Query::new().max(2).after("z"));
        assert_eq!(end.previous(2), Query::new().max(2).before(""));
        let mut start = page(Query::new().before("a"), None);
        assert_eq!(start.clone().previous(2), Query::new().max(2).before("a"));
        assert_eq!(start.next(2), Query::new().max(2));
    }

    #[test]
    fn it_can_be_kept() {
        let start: chrono::DateTime<chrono::Utc> = "2026-01-10T08:00:00.123456Z".parse().unwrap();
        let mut rsm = page(Query::new().start(start).max(4).index(2), Some(("b", "c")));
        rsm.index = Some(7);
        let value = json!(rsm);
        assert_eq!(value["index"], 7);
        assert_eq!(value["max"], 4);
        assert_eq!(value["last"], "c");
        let mut kept: Rsm = serde_json::from_value(value).unwrap();
        assert_eq!(kept.next(10), rsm.next(10));
        assert_eq!(kept, rsm);
    }
}
