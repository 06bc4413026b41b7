//! Looking for words in what was said.

use converse_core::Error;
use converse_core::store::{Search, Sought};
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
        let Some(sought) = Sought::of(&search.text) else {
            return Ok(Vec::new());
        };
        let open = self.opened.open()?;
        let newest = open.talk.history.iter().rev();
        let found = newest.filter(|message| sought.is_in(&message.body));
        Ok(found.take(search.limit).cloned().collect())
    }
}
