//! Messages like those that people write: few words are in most of them, most words in few.

use converse_core::store::{Change, Place, Record};

pub(crate) const ACCOUNTS: [&str; 2] = ["mara@kestrel.example", "otto@heron.example"];
/// What the name of a chat's log begins with; a number follows.
pub(crate) const CHAT: &str = "chat/";

const WORDS: f64 = 50_000.0;
const CHATS: f64 = 1_000.0;
/// Until then each message has one word, and none after it.
const OLD: usize = 500_000;

/// A word that is only in old messages, in each of them.
pub(crate) fn old_word() -> &'static str {
    "yesteryear"
}

/// The word of a rank: the least are the commonest.
pub(crate) fn word(rank: usize) -> String {
    let mut word = String::new();
    let mut rest = rank;
    for _ in 0..=rank.ilog(70) {
        word.push(char::from(b"bdfgklmnprstvz"[rest % 14]));
        word.push(char::from(b"aeiou"[rest / 14 % 5]));
        rest /= 70;
    }
    word
}

/// All messages, one after the other, the same at each run.
pub(crate) struct Texts {
    state: u64,
    count: usize,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            state: 0x9e37_79b9_7f4a_7c15,
            count: 0,
        }
    }
}

impl Texts {
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    /// A number from 1, small ones oftener than large ones.
    fn rank(&mut self, most: f64) -> usize {
        let fraction = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        most.powf(fraction) as usize
    }

    pub(crate) fn next_change(&mut self) -> Change {
        self.count += 1;
        let count = self.count;
        let mut text = String::new();
        for _ in 0..3 + self.next() % 14 {
            text.push_str(&word(self.rank(WORDS)));
            text.push(' ');
        }
        if count < OLD {
            text.push_str(old_word());
        }
        let seconds = 1_600_000_000 + i64::try_from(count).unwrap() * 120;
        let record = Record {
            key: format!("{:016x}-{count}", 0x1234_5678_u64),
            names: vec![format!("s:{:032x}", self.next()), format!("o:{:032x}", self.next())],
            place: Place::new(seconds * 1_000_000, 1 << 31),
            value: format!(
                r#"{{"message":{{"body":"{text}","delivery":"sent","stamp":{seconds}}},"whose":"theirs"}}"#
            )
            .into_bytes(),
            text: Some(text),
        };
        let chat = self.rank(CHATS) - 1;
        Change::put_record(format!("{CHAT}{chat}"), record)
    }
}
