//! Looking for words in what was said.

use converse_core::Error;
use converse_core::store::Search;
use converse_messages::Message;
use converse_messages::keeper::room_log;

use super::Room;

impl Room {
    pub(super) async fn search(&self, text: &str, count: usize) -> Result<Vec<Message>, Error> {
        let search = Search::new(text).limit(count);
        let Some(keeper) = self.keeper() else {
            return self.search_here(&search);
        };
        drop(self.opened.open()?);
        keeper.flush().await?;
        let search = search.log(room_log(self.jid()));
        let found = keeper.store().search(search).await?;
        let mut beside = self.opened.open()?.talk.history.beside();
        beside.widen(found.len());
        beside.restore(found.into_iter().map(|found| found.record).collect(), false);
        Ok(beside.iter().rev().cloned().collect())
    }

    /// The same in what is here.
    fn search_here(&self, search: &Search) -> Result<Vec<Message>, Error> {
        let words: Vec<String> = search.words().into_iter().map(str::to_lowercase).collect();
        let open = self.opened.open()?;
        let newest = open.talk.history.iter().rev();
        let found = newest.filter(|message| has_words(&message.body, &words));
        Ok(found.take(search.limit).cloned().collect())
    }
}

/// Whether a text has all words, the last of which may be the beginning of one.
fn has_words(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    let own: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let Some((last, others)) = words.split_last() else {
        return false;
    };
    others.iter().all(|word| own.contains(&word.as_str()))
        && own.iter().any(|word| word.starts_with(last.as_str()))
}

#[cfg(test)]
mod tests {
    use super::has_words;

    #[test]
    fn all_words_count_and_the_last_may_be_begun() {
        let has = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            has_words("But, soft! What light", &words)
        };
        assert!(has(&["soft", "li"]) && has(&["bu"]));
        assert!(!has(&["so", "light"]) && !has(&["soft", "dark"]) && !has(&[]));
    }
}
