//! One page of a list (XEP-0059).

use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, name};

/// The part of a list that somebody asks for with `<set/>`, and the one that says where it lies; all of it where nobody asks.
pub(super) fn page<'a>(
    all: &'a [String],
    query: &Element,
) -> Result<(&'a [String], Option<Element>), DefinedCondition> {
    let Some(set) = query.get_child("set", ns::RSM) else {
        return Ok((all, None));
    };
    let text = |name: &str| set.get_child(name, ns::RSM).map(Element::text);
    let most = text("max").map(|max| max.trim().parse::<usize>());
    let most = most
        .transpose()
        .map_err(|_| DefinedCondition::BadRequest)?
        .unwrap_or(all.len());
    let place = |known: &str| all.iter().position(|item| item == known);
    let (mut start, mut end) = (0, all.len());
    if let Some(after) = text("after").filter(|after| !after.is_empty()) {
        start = place(&after).ok_or(DefinedCondition::ItemNotFound)? + 1;
    }
    match text("before") {
        Some(before) => {
            if !before.is_empty() {
                end = place(&before).ok_or(DefinedCondition::ItemNotFound)?;
            }
            start = start.max(end.saturating_sub(most));
        }
        None => end = end.min(start.saturating_add(most)),
    }
    let part = all.get(start..end).unwrap_or_default();
    let field = |name: &str, text: &str| Element::bare(name, ns::RSM).saying(text);
    let mut place = Element::bare("set", ns::RSM);
    if let (Some(first), Some(last)) = (part.first(), part.last()) {
        place.append_child(field("first", first).with(name::INDEX, &start.to_string()));
        place.append_child(field("last", last));
    }
    place.append_child(field("count", &all.len().to_string()));
    Ok((part, Some(place)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn pages(set: &str) -> Result<String, DefinedCondition> {
        let all = ["a", "b", "c", "d", "e"].map(str::to_owned);
        let query = format!(
            "<query xmlns='{}'><set xmlns='{}'>{set}</set></query>",
            ns::DISCO_ITEMS,
            ns::RSM
        );
        let query = query.parse().unwrap();
        page(&all, &query).map(|(part, _)| part.concat())
    }

    #[test]
    fn a_list_is_read_forwards_and_backwards() {
        for (set, expected) in [
            ("", "abcde"),
            ("<max>2</max>", "ab"),
            ("<max>2</max><after>b</after>", "cd"),
            ("<max>2</max><after>d</after>", "e"),
            ("<max>2</max><after>e</after>", ""),
            ("<max>2</max><before/>", "de"),
            ("<max>2</max><before>d</before>", "bc"),
            ("<max>0</max>", ""),
        ] {
            assert_eq!(pages(set).unwrap(), expected, "{set}");
        }
        assert_eq!(
            pages("<after>z</after>"),
            Err(DefinedCondition::ItemNotFound)
        );
        assert_eq!(pages("<max>-1</max>"), Err(DefinedCondition::BadRequest));
    }
}
