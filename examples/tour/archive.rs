//! The archive on the embedded server, page by page.

use converse::prelude::*;

use super::show;
use crate::Taken;

/// Romeo reads the last page of what was said with somebody, and the one before it.
pub(crate) async fn tour(romeo: &Api, with: &str) -> Taken {
    let with: BareJid = with.parse()?;
    let mut page = romeo
        .archive()
        .query(Query::new().with(with).before("").max(4))
        .await?;
    show_page("the last page", &page);
    page = romeo.archive().query(page.rsm.previous(4)).await?;
    show_page("the one before it", &page);
    Ok(())
}

fn show_page(name: &str, page: &Page) {
    let place = match (page.rsm.index, page.rsm.count) {
        (Some(index), Some(count)) => format!(", from message {} of {count} on", index + 1),
        _ => String::new(),
    };
    show::line("romeo", &format!("reads {name}{place}"));
    for message in &page.messages {
        let from = message.from().map(|from| from.to_bare().to_string());
        let said = match message.body() {
            Some(body) => body.into_owned(),
            None => payloads(message),
        };
        let from = from.unwrap_or_default();
        show::line("archive", &format!("{from}: {said}"));
    }
}

/// What is in a message that says nothing: a receipt, a marker.
fn payloads(message: &ArchivedMessage) -> String {
    let names = message.stanza.root().children().map(|child| child.name());
    format!("({})", names.collect::<Vec<_>>().join(", "))
}
