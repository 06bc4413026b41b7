//! Reactions to a message (XEP-0444).

use jid::BareJid;
use serde::{Deserialize, Serialize};

/// How many different reactions of one person to one message are kept.
pub const MAX_EACH: usize = 32;
/// The longest emoji that is taken, in bytes; those that exist are shorter.
const LONGEST: usize = 64;

/// An emoji, and who reacted with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who reacted so.
    pub by: Vec<BareJid>,
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

/// Replaces what somebody reacted with; `false` if he has reacted so already.
pub fn replace(all: &mut Vec<Reaction>, by: &BareJid, emojis: &[String]) -> bool {
    let before: Vec<&String> = all
        .iter()
        .filter(|reaction| reaction.by.contains(by))
        .map(|reaction| &reaction.emoji)
        .collect();
    if before.len() == emojis.len() && before.iter().all(|emoji| emojis.contains(emoji)) {
        return false;
    }
    for reaction in all.iter_mut() {
        reaction.by.retain(|who| who != by);
    }
    for emoji in emojis {
        match all.iter_mut().find(|reaction| reaction.emoji == *emoji) {
            Some(reaction) => reaction.by.push(by.clone()),
            None => all.push(Reaction {
                emoji: emoji.clone(),
                by: vec![by.clone()],
            }),
        }
    }
    all.retain(|reaction| !reaction.by.is_empty());
    true
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

    #[test]
    fn the_newest_set_replaces_what_somebody_had() {
        let (otto, mara) = ("otto@heron.example", "mara@kestrel.example");
        let [otto, mara]: [BareJid; 2] = [otto, mara].map(|jid| jid.parse().unwrap());
        let mut all = Vec::new();
        assert!(replace(
            &mut all,
            &otto,
            &usable(["👍", "👍", "no", " 🐢 "])
        ));
        assert!(replace(&mut all, &mara, &usable(["👍"])));
        assert!(!replace(&mut all, &otto, &usable(["🐢", "👍"])));
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].by, [otto.clone(), mara.clone()]);
        assert!(replace(&mut all, &otto, &usable(["🐢"])));
        assert_eq!(all[0].by, [mara]);
        assert!(replace(&mut all, &otto, &[]));
        assert_eq!(all.len(), 1);
        assert!(!replace(&mut all, &otto, &[]));
        let many = (0..200).map(|n| char::from_u32(0x1f400 + n).unwrap().to_string());
        assert_eq!(usable(many).len(), MAX_EACH);
    }
}
