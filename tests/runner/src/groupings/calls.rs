//! Calls.

use std::future::Future;

use converse::prelude::*;
use converse_testkit::cases::Answer;
use serde_json::{Value, json};

pub(super) fn call(api: Api, name: &str, args: &[Value]) -> Option<Answer> {
    let text = |index: usize| args.get(index).and_then(Value::as_str).map(str::to_owned);
    let (first, second) = (text(0), text(1));
    Some(match name {
        "archive.query" => {
            let query = super::archive::query(args.first());
            done(async move { Ok(json!(api.archive().query(query?).await?)) })
        }
        "ext.mam.fetch" => done(async move {
            let chat = api.chats().open(&argument(first, "jid")?).await?;
            Ok(json!(chat.messages().load_newest().await?))
        }),
        // Behind what the next session begins to ask; without anything, at the beginning of all time.
        "ext.mam.catch_up_anchor" => done(async move {
            let up_to = api.chats().archive_progress()?.up_to;
            let time = up_to.as_ref().and_then(|up_to| up_to.time);
            let time = time.unwrap_or_default().to_rfc3339();
            let id = up_to.map(|up_to| up_to.id);
            Ok(json!({ "kind": "archive_id", "id": id, "time": time }))
        }),
        "ext.mam.fetch_room" => done(async move {
            let room = argument(first, "jid")?;
            let query = Query::try_from(json!({ "with": room, "groupchat": true }));
            Ok(json!(api.archive().query(query?).await?))
        }),
        "contacts.get" => done(async move {
            let jid = argument(first, "jid")?;
            Ok(json!(api.contacts().get(&jid)?))
        }),
        "contacts.add" => done(async move {
            let jid = argument(first, "jid")?;
            api.contacts().add(&jid, second.as_deref()).await?;
            Ok(Value::Null)
        }),
        "chats.get" => done(async move {
            let jid = argument(first, "jid")?;
            Ok(json!(api.chats().get(&jid)?))
        }),
        "chats.open" => done(async move {
            let jid = argument(first, "jid")?;
            Ok(json!(api.chats().open(&jid).await?))
        }),
        "chat.close" => on_chat(api, first, |chat| async move { chat.close().await }),
        "chat.minimize" => on_chat(api, first, |chat| async move { chat.minimize() }),
        "chat.maximize" => on_chat(api, first, |chat| async move { chat.maximize() }),
        "chat.focus" => on_chat(api, first, |chat| async move { chat.focus() }),
        "chat.show" => on_chat(api, first, |chat| async move { chat.show() }),
        "ext.chat.send" => done(async move {
            let body = argument(second, "body")?;
            let jid = argument(first, "jid")?;
            Ok(json!(api.chats().send_message(&jid, body).await?))
        }),
        "ext.chat.typing" => on_chat(api, first, |chat| async move { chat.composing() }),
        "ext.activity" => done(async move {
            api.user().active();
            Ok(Value::Null)
        }),
        "ext.chat.correct" => {
            let body = text(2);
            on_chat(api, first, |chat| async move {
                let id = argument(second, "id")?;
                chat.correct(&id, argument(body, "body")?).await.map(drop)
            })
        }
        "ext.files.safe_name" => done(async move {
            let name = argument(first, "name")?;
            Ok(json!(converse::chat::safe_file_name(&name)))
        }),
        "user.status.get" => done(async move { Ok(json!(api.user().status().get()?)) }),
        "user.status.set" => done(async move {
            let status: Status = argument(first, "status")?.as_str().try_into()?;
            api.user().status().set(status, second.as_deref()).await?;
            Ok(Value::Null)
        }),
        "user.status.message.get" => {
            done(async move { Ok(json!(api.user().status().message().get()?)) })
        }
        "user.status.message.set" => done(async move {
            let message = argument(first, "message")?;
            api.user().status().message().set(message).await?;
            Ok(Value::Null)
        }),
        _ => return None,
    })
}

/// What a case takes for granted.
pub(super) fn prepare(api: Api, what: &str, value: &Value) -> Option<Answer> {
    if what != "chats" {
        return None;
    }
    let jid = value["jid"].as_str().map(str::to_owned);
    Some(done(async move {
        Ok(json!(api.chats().open(&argument(jid, "jid")?).await?))
    }))
}

pub(super) fn done(call: impl Future<Output = Result<Value, Error>> + 'static) -> Answer {
    Box::pin(call)
}

pub(super) fn argument<T>(value: Option<T>, name: &str) -> Result<T, Error> {
    let missing = || {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("the case gives no `{name}`"),
        )
    };
    value.ok_or_else(missing)
}

/// Something done with a chat that is open.
fn on_chat<F>(api: Api, jid: Option<String>, act: impl FnOnce(Chat) -> F + 'static) -> Answer
where
    F: Future<Output = Result<(), Error>> + 'static,
{
    done(async move {
        let jid = argument(jid, "jid")?;
        let chat = api.chats().get(&jid)?;
        let closed = || Error::new(ErrorKind::Closed, format!("no chat with `{jid}` is open"));
        act(chat.ok_or_else(closed)?).await.map(|()| Value::Null)
    })
}
