//! Finding what is asked for in an archive (XEP-0059 §2, XEP-0313 §4.3).

use std::collections::BTreeSet;

use xmpp_parsers::stanza_error::DefinedCondition;

use super::query::{Position, Query};
use super::{Archive, Entry};

/// A page: some of the messages that match, the oldest first.
#[derive(Debug)]
pub(in super::super) struct Page<'a> {
    pub(super) entries: Vec<&'a Entry>,
    /// How many that match come before them.
    pub(super) index: usize,
    /// How many match.
    pub(super) count: usize,
    /// Whether there are no more in the direction in which they are read.
    pub(super) is_complete: bool,
}

impl Archive {
    /// The page that is asked for, of the messages that `fits` accepts as well, and of at most so many.
    pub(in super::super) fn page(
        &self,
        query: &Query,
        most: usize,
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<Page<'_>, DefinedCondition> {
        match self.find(query, most, fits) {
            Err(DefinedCondition::ItemNotFound) if query.is_lenient => Ok(Page {
                entries: Vec::new(),
                index: 0,
                count: self.entries.len(),
                is_complete: true,
            }),
            found => found,
        }
    }

    fn find(
        &self,
        query: &Query,
        most: usize,
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<Page<'_>, DefinedCondition> {
        let found = self.matching(query, fits)?;
        let most = query.most.unwrap_or(most).min(most);
        let place = |id: &str| self.index(id).ok_or(DefinedCondition::ItemNotFound);
        let up_to = |end: usize| (end.saturating_sub(most), end);
        let from = |start: usize| (start, found.len().min(start.saturating_add(most)));
        let ((start, end), backwards) = match &query.position {
            Position::Start => (from(0), false),
            Position::After(id) => {
                let place = place(id)?;
                (from(found.partition_point(|one| *one <= place)), false)
            }
            Position::Before(id) => {
                let place = place(id)?;
                (up_to(found.partition_point(|one| *one < place)), true)
            }
            Position::End => (up_to(found.len()), true),
            Position::Index(index) => (from(found.len().min(*index)), false),
        };
        let page = found.get(start..end).unwrap_or_default();
        let entries = page.iter().filter_map(|place| self.entries.get(*place));
        Ok(Page {
            entries: entries.collect(),
            index: start,
            count: found.len(),
            is_complete: match backwards {
                true => start == 0,
                false => end == found.len(),
            },
        })
    }

    /// Where the messages are that match, in order.
    fn matching(
        &self,
        query: &Query,
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<usize>, DefinedCondition> {
        let place = |id: &String| self.index(id).ok_or(DefinedCondition::ItemNotFound);
        let after = query.after_id.as_ref().map(place).transpose()?;
        let before = query.before_id.as_ref().map(place).transpose()?;
        let ids = query.ids.as_ref();
        let ids = ids.map(|ids| ids.iter().map(place).collect::<Result<BTreeSet<_>, _>>());
        let ids = ids.transpose()?;
        let start = after.map_or(0, |after| after + 1);
        let end = before.unwrap_or(self.entries.len()).max(start);
        let entries = self.entries.iter().enumerate().take(end).skip(start);
        let entries = entries.filter(|(place, entry)| {
            ids.as_ref().is_none_or(|ids| ids.contains(place))
                && query.start.is_none_or(|start| entry.stamp >= start)
                && query.end.is_none_or(|end| entry.stamp <= end)
                && fits(entry)
        });
        Ok(entries.map(|(place, _)| place).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use chrono::DateTime;
    use xmpp_parsers::minidom::Element;

    use super::super::super::limits::Limits;
    use super::super::settings::Archives;
    use super::*;

    /// Messages `a` to `g`, a second apart, of which the first two are forgotten.
    fn archive() -> Archive {
        let mut archive = Archive::default();
        let limits = Limits {
            archived_messages: 5,
            ..Limits::default()
        };
        for (second, id) in ["a", "b", "c", "d", "e", "f", "g"].into_iter().enumerate() {
            let stamp = DateTime::from_timestamp(1_000_000 + second as i64, 0).unwrap();
            let message = Element::bare("message", "jabber:client");
            archive.keep(id, stamp, &message, None, &limits);
        }
        archive
    }

    /// The ids of a page, the index of its first and the count, and whether it is complete.
    fn page(payload: &str) -> Result<(String, usize, usize, bool), DefinedCondition> {
        let query = format!("<query xmlns='urn:xmpp:mam:2'>{payload}</query>");
        let query = Query::read(&query.parse().unwrap(), &Archives::default())?;
        let archive = archive();
        let page = archive.page(&query, 4, |_| true)?;
        let ids = page.entries.iter().map(|entry| entry.id.as_str()).collect();
        Ok((ids, page.index, page.count, page.is_complete))
    }

    fn set(payload: &str) -> String {
        format!("<set xmlns='http://jabber.org/protocol/rsm'>{payload}</set>")
    }

    fn form(fields: &[(&str, &[&str])]) -> String {
        let field = |(var, values): &(&str, &[&str])| {
            let values: String = values
                .iter()
                .map(|value| format!("<value>{value}</value>"))
                .collect();
            format!("<field var='{var}'>{values}</field>")
        };
        let fields: String = fields.iter().map(field).collect();
        format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>")
    }

    #[test]
    fn pages_lie_where_they_are_asked_for() {
        for (asked, expected) in [
            ("", ("cdef", 0, 5, false)),
            ("<max>2</max>", ("cd", 0, 5, false)),
            ("<max>99</max>", ("cdef", 0, 5, false)),
            ("<max>0</max>", ("", 0, 5, false)),
            ("<after>d</after>", ("efg", 2, 5, true)),
            ("<max>2</max><after>d</after>", ("ef", 2, 5, false)),
            ("<after>g</after>", ("", 5, 5, true)),
            ("<max>2</max><before/>", ("fg", 3, 5, false)),
            ("<max>2</max><before>f</before>", ("de", 1, 5, false)),
            ("<max>9</max><before>f</before>", ("cde", 0, 5, true)),
            ("<before>c</before>", ("", 0, 5, true)),
            ("<max>2</max><index>2</index>", ("ef", 2, 5, false)),
            ("<max>2</max><index>9</index>", ("", 5, 5, true)),
        ] {
            let (ids, index, count, is_complete) = page(&set(asked)).unwrap();
            assert_eq!((&*ids, index, count, is_complete), expected, "{asked}");
        }
    }

    #[test]
    fn filters_leave_what_matches() {
        let second = |second: i64| {
            let stamp = DateTime::from_timestamp(1_000_000 + second, 0).unwrap();
            stamp.to_rfc3339()
        };
        let (two, three) = (second(2), second(3));
        let (two, three) = ([two.as_str()], [three.as_str()]);
        for (fields, expected) in [
            (&[("after-id", &["c"][..])][..], "defg"),
            (&[("before-id", &["e"])], "cd"),
            (&[("after-id", &["c"]), ("before-id", &["e"])], "d"),
            (&[("after-id", &["e"]), ("before-id", &["c"])], ""),
            (&[("ids", &["g", "c", "g"])], "cg"),
            (&[("start", &three)], "defg"),
            (&[("end", &three)], "cd"),
            (&[("start", &three), ("end", &three)], "d"),
            (&[("start", &three), ("end", &two)], ""),
        ] {
            assert_eq!(page(&form(fields)).unwrap().0, expected, "{fields:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_said_not_to_be() {
        for payload in [
            set("<after>a</after>"),
            set("<before>unknown</before>"),
            form(&[("after-id", &["b"])]),
            form(&[("before-id", &["unknown"])]),
            form(&[("ids", &["c", "b"])]),
        ] {
            assert_eq!(page(&payload), Err(DefinedCondition::ItemNotFound));
        }
    }
}
