//! Reactions to a message (XEP-0444).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use jid::Jid;
use serde::{Deserialize, Serialize};

use super::whose::Whose;
use crate::error::ContentError;

/// How many different reactions of one person to one message are kept.
pub const MAX_EACH: usize = 32;
/// How many people's reactions to one message are kept; those of more are not.
pub(crate) const MAX_REACTORS: usize = 500;
/// The longest emoji that is taken, in bytes; those that exist are shorter.
const LONGEST: usize = 64;

/// An emoji, and who reacted with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who reacted so: the bare address of somebody in a chat, that of an occupant in a room, as it was then.
    pub by: Vec<Jid>,
}

/// All that one person reacts with to one message, since when.
#[derive(Debug, Clone)]
pub(crate) struct Reactor {
    pub(crate) whose: Whose,
    pub(crate) jid: Jid,
    pub(crate) time: DateTime<Utc>,
    pub(crate) emojis: Vec<String>,
}

impl Reactor {
    /// What it takes in memory, about.
    pub(crate) fn size(&self) -> usize {
        let emojis = self.emojis.iter().map(|emoji| 24 + emoji.len());
        size_of::<Self>() + 2 * self.jid.as_str().len() + emojis.sum::<usize>()
    }
}

/// What the user reacts with, each once.
///
/// # Errors
///
/// [`ContentError::NoEmoji`] for what is not one emoji, and [`ContentError::TooManyReactions`] for more than [`MAX_EACH`].
pub fn distinct<T: AsRef<str>>(
    emojis: impl IntoIterator<Item = T>,
) -> Result<Vec<String>, ContentError> {
    let mut all: Vec<String> = Vec::new();
    for emoji in emojis {
        let emoji = emoji.as_ref();
        if !is_emoji(emoji) {
            let text = emoji.to_owned();
            return Err(ContentError::NoEmoji { text });
        }
        if !all.iter().any(|other| other == emoji) {
            all.push(emoji.to_owned());
        }
    }
    if all.len() > MAX_EACH {
        return Err(ContentError::TooManyReactions { max: MAX_EACH });
    }
    Ok(all)
}

/// The reactions of one person to one message: all that he has, each once, at most 32.
pub fn usable<T: AsRef<str>>(emojis: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for emoji in emojis {
        let emoji = emoji.as_ref().trim();
        if kept.len() < MAX_EACH && is_emoji(emoji) && !kept.iter().any(|other| other == emoji) {
            kept.push(emoji.to_owned());
        }
    }
    kept
}

/// Whether two people, or one at two times, have the same reactions in whatever order.
pub(crate) fn is_same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|emoji| other.contains(emoji))
}

/// The reactions of all of them: those of `before` that are still there in their order, and then the new ones.
pub(crate) fn gather(before: &[Reaction], reactors: &[Reactor]) -> Vec<Reaction> {
    let mut all: Vec<Reaction> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let known = before.iter().map(|reaction| (&reaction.emoji, None));
    let given = reactors.iter().flat_map(|reactor| {
        let emojis = reactor.emojis.iter();
        emojis.map(|emoji| (emoji, Some(&reactor.jid)))
    });
    for (emoji, by) in known.chain(given) {
        let place = *places.entry(emoji).or_insert_with(|| {
            all.push(Reaction {
                emoji: emoji.clone(),
                by: Vec::new(),
            });
            all.len() - 1
        });
        if let (Some(reaction), Some(by)) = (all.get_mut(place), by) {
            reaction.by.push(by.clone());
        }
    }
    all.retain(|reaction| !reaction.by.is_empty());
    all
}

/// Whether a text is one emoji by its form (UTS #51 §1.4.9, `possible_emoji`), which needs no table of those that exist:
/// a flag, a keycap, or pictographs joined to one.
pub fn is_emoji(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let letters: Vec<char> = text.chars().collect();
    match letters.as_slice() {
        ['0'..='9' | '#' | '*', '\u{fe0f}', '\u{20e3}'] | ['0'..='9' | '#' | '*', '\u{20e3}'] => {
            true
        }
        [first, second] if is_regional(*first) && is_regional(*second) => true,
        letters => is_joined(letters),
    }
}

/// Pictographs with joiners between them.
fn is_joined(letters: &[char]) -> bool {
    letters.split(|letter| *letter == '\u{200d}').all(|part| {
        let [base, marks @ ..] = part else {
            return false;
        };
        let end = marks.iter().position(|mark| !is_variation(*mark));
        let (variations, tags) = marks.split_at(end.unwrap_or(marks.len()));
        let is_tagged =
            matches!(tags, [named @ .., '\u{e007f}'] if named.iter().all(|tag| is_tag(*tag)));
        is_pictograph(*base) && variations.len() <= 2 && (tags.is_empty() || is_tagged)
    })
}

/// Emoji presentation and skin tones.
fn is_variation(letter: char) -> bool {
    matches!(letter, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_tag(letter: char) -> bool {
    matches!(letter, '\u{e0020}'..='\u{e007e}')
}

fn is_regional(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

/// The blocks that hold `Extended_Pictographic` and the gender and medical signs.
fn is_pictograph(letter: char) -> bool {
    !is_regional(letter)
        && matches!(letter,
            '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2194}'..='\u{21aa}' | '\u{231a}'..='\u{23ff}' | '\u{24c2}'
            | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2934}' | '\u{2935}'
            | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn emojis_are_told_by_their_form() {
        for emoji in [
            "👍",
            "👍🏽",
            "❤️",
            "❤",
            "👨‍👩‍👧‍👦",
            "🏳️‍🌈",
            "🇫🇷",
            "1️⃣",
            "#⃣",
            "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            "🧑🏽‍⚕️",
            "☠️",
            "🫶",
        ] {
            assert!(is_emoji(emoji), "{emoji}");
        }
        for text in [
            "",
            " ",
            "a",
            "1",
            "ok",
            "👍👍",
            "👍 ",
            "<b>",
            "\u{200d}",
            "👍\u{200d}",
            "🇫",
            "\u{fe0f}",
            "👍\n",
            "é",
            "漢",
        ] {
            assert!(!is_emoji(text), "{text:?}");
        }
        let long = vec!["👍"; 40].join("\u{200d}");
        assert!(!is_emoji(&long));
    }

    fn reactor(jid: &str, emojis: &[&str]) -> Reactor {
        Reactor {
            whose: Whose::Nick(jid.to_owned()),
            jid: jid.parse().unwrap(),
            time: DateTime::UNIX_EPOCH,
            emojis: usable(emojis),
        }
    }

    #[test]
    fn reactions_stand_in_the_order_in_which_each_came_first() {
        let mut reactors = vec![reactor("otto@heron.example", &["👍", "👍", "no", " 🐢 "])];
        let first = gather(&[], &reactors);
        reactors.push(reactor("mara@kestrel.example", &["👍"]));
        let both = gather(&first, &reactors);
        let emojis: Vec<&str> = both.iter().map(|one| one.emoji.as_str()).collect();
        assert_eq!(emojis, ["👍", "🐢"]);
        assert_eq!(both[0].by.len(), 2);
        reactors[0] = reactor("otto@heron.example", &["🐢"]);
        let changed = gather(&both, &reactors);
        assert_eq!(changed[0].emoji, "👍");
        assert_eq!(changed[0].by, [reactors[1].jid.clone()]);
        assert!(gather(&changed, &[]).is_empty());
        assert!(is_same(&usable(["🐢", "👍"]), &usable(["👍", "🐢"])));
        assert!(!is_same(&usable(["🐢"]), &usable(["👍", "🐢"])));
        let many = (0..200).map(|n| char::from_u32(0x1f400 + n).unwrap().to_string());
        assert_eq!(usable(many).len(), MAX_EACH);
    }
}
