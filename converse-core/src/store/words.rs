//! What a search takes for words, the same in every backend.

use std::borrow::Cow;

/// Letters of a word that count; what follows is not looked at.
const MAX_LETTERS: usize = 64;
/// Words of a text that count.
const MAX_WORDS: usize = 10_000;

/// The words of a text, in small letters: what stands between characters that are neither letters nor digits. Ideographs and
/// kana, which are written without spaces, are a word each.
///
/// The first 64 letters of a word count, and the first 10,000 words of a text.
///
/// ```
/// use converse_core::store::words;
///
/// let found: Vec<_> = words("It is the EAST! 東京、light-hearted").collect();
/// assert_eq!(found, ["it", "is", "the", "east", "東", "京", "light", "hearted"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    Words { rest: text }.take(MAX_WORDS)
}

struct Words<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Words<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        let begin = self.rest.find(char::is_alphanumeric)?;
        let (_, rest) = self.rest.split_at(begin);
        let mut end = rest.len();
        let mut counts = rest.len();
        for (letters, (at, letter)) in rest.char_indices().enumerate() {
            let alone = stands_alone(letter);
            if !letter.is_alphanumeric() || (alone && at > 0) {
                end = at;
                break;
            }
            if alone {
                end = letter.len_utf8();
                break;
            }
            if letters == MAX_LETTERS {
                counts = at;
            }
        }
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        let (word, _) = word.split_at(counts.min(word.len()));
        let is_small = |c: char| !c.is_uppercase() && (c.is_ascii() || c.to_lowercase().eq([c]));
        if word.chars().all(is_small) {
            return Some(Cow::Borrowed(word));
        }
        Some(Cow::Owned(word.to_lowercase()))
    }
}

/// Whether a character is a word by itself: kana and ideographs.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// What a search looks for: whole words, and the last one, which may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// The words before the last.
    pub whole: Vec<String>,
    /// The last one, which may be the beginning of a word.
    pub last: String,
}

impl Sought {
    /// What `text` asks for; `None` if there is no word in it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut whole: Vec<String> = words(text).map(Cow::into_owned).collect();
        let last = whole.pop()?;
        whole.sort_unstable();
        whole.dedup();
        Some(Self { whole, last })
    }

    /// Whether a text has all words.
    ///
    /// ```
    /// use converse_core::store::Sought;
    ///
    /// let sought = Sought::of("Soft LIG").unwrap();
    /// assert!(sought.is_in("But, soft! what light through yonder window breaks?"));
    /// assert!(!sought.is_in("softly, light"));
    /// ```
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        // Most texts do not have the last word, and no other one is looked for then.
        if !words(text).any(|word| word.starts_with(&self.last)) {
            return false;
        }
        let has = |wanted: &String| words(text).any(|word| word == wanted.as_str());
        self.whole.iter().all(has)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LETTERS, Sought, words};

    #[test]
    fn words_are_found_in_every_script() {
        for (text, expected) in [
            ("", &[][..]),
            (" -- ", &[]),
            ("ÖSTERREICH ist schön", &["österreich", "ist", "schön"]),
            ("ΣΊΣΥΦΟΣ", &["σίσυφος"]),
            ("Привет, МИР", &["привет", "мир"]),
            ("x2y 3.14", &["x2y", "3", "14"]),
            ("a東京b", &["a", "東", "京", "b"]),
            ("ひらカタ", &["ひ", "ら", "カ", "タ"]),
            ("안녕하세요 세계", &["안녕하세요", "세계"]),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn a_long_word_counts_as_its_beginning() {
        let long = "ä".repeat(1_000);
        let text = format!("{long} next");
        let found: Vec<_> = words(&text).collect();
        assert_eq!(found, [&long[..2 * MAX_LETTERS], "next"]);
        assert!(Sought::of(&long).is_some_and(|sought| sought.is_in(&text)));
    }

    #[test]
    fn many_words_end() {
        let text = "a ".repeat(20_000);
        assert_eq!(words(&text).count(), 10_000);
    }
}
