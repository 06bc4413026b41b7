//! Calls of the **bookmarks** grouping.

use converse::prelude::*;
use converse_testkit::cases::Answer;
use serde_json::{Value, json};

use super::calls::{argument, done};

pub(super) fn call(api: Api, name: &str, args: &[Value]) -> Option<Answer> {
    let first = args.first().cloned().unwrap_or_default();
    let jid = first.as_str().map(str::to_owned);
    Some(match name {
        "ext.bookmarks.add" | "ext.bookmarks.set" => {
            done(async move { Ok(json!(api.bookmarks().set(bookmark(&first)?).await?)) })
        }
        "ext.bookmarks.remove" => done(async move {
            api.bookmarks().remove(argument(jid, "jid")?).await?;
            Ok(Value::Null)
        }),
        "ext.bookmarks.get" => done(async move {
            Ok(match jid {
                Some(jid) => json!(api.bookmarks().get(jid)?),
                None => json!(api.bookmarks().all()),
            })
        }),
        _ => return None,
    })
}

/// A bookmark as the cases write it.
fn bookmark(value: &Value) -> Result<Bookmark, Error> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let jid = argument(text("jid"), "jid")?;
    let jid = converse::core::api::parse_bare(&jid, "jid")?;
    let autojoin = value.get("autojoin").and_then(Value::as_bool);
    let mut bookmark = Bookmark::new(jid).autojoin(autojoin.unwrap_or_default());
    bookmark.name = text("name");
    bookmark.nick = text("nick");
    if let Some(password) = text("password") {
        bookmark = bookmark.password(password);
    }
    Ok(bookmark)
}
