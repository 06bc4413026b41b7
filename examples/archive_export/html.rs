//! A page of HTML. Nothing that somebody wrote gets into it unescaped, and it fetches nothing.

use chrono::SecondsFormat;
use converse::prelude::*;

use super::file::Known;
use super::format::Heading;

const STYLE: &str = "body{font:1rem/1.4 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}\
    article{margin:.6rem 0}time{color:#777;font-size:.8rem}b{margin-left:.5rem}\
    p{margin:.1rem 0;white-space:pre-wrap;overflow-wrap:anywhere}.event,.gap{color:#777;font-style:italic}\
    .gap{border-top:1px dashed;text-align:center}";
pub(super) const GAP: &str =
    "<div class=\"gap\">messages are missing here: the archive did not have them any more</div>\n";
pub(super) const END: &str = "</main></body></html>\n";

const ARTICLE: &str = "<article data-id=\"";
const TIME: &str = "\"><time datetime=\"";
const CLOSE: &str = "</article>\n";

pub(super) fn heading(heading: &Heading) -> String {
    let title = escaped(heading.archive.as_str());
    let filters = escaped(&heading.to_json().to_string());
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"export\" content=\"{filters}\"><style>{STYLE}</style></head>\n\
         <body><main><h1>{title}</h1>\n"
    )
}

/// A message on one line: what it begins with is what [`read`] looks for.
pub(super) fn message(message: &ArchivedMessage) -> String {
    let id = escaped(&message.archive_id);
    let time = message.time;
    let time = time.map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true));
    let time = time.unwrap_or_default();
    let shown = time.get(..19).unwrap_or_default().replace('T', " ");
    let from = message.from().map(|from| match from.resource() {
        // In a room everybody has a nick.
        Some(nick) if message.stanza.type_().as_deref() == Some("groupchat") => {
            escaped(nick.as_str())
        }
        _ => escaped(from.to_bare().as_str()),
    });
    let from = from.unwrap_or_default();
    let said = match message.body() {
        Some(body) => format!("<p dir=\"auto\">{}</p>", escaped(&body)),
        None => format!("<p class=\"event\">{}</p>", escaped(&payloads(message))),
    };
    format!("{ARTICLE}{id}{TIME}{time}\">{shown}</time><b dir=\"auto\">{from}</b>{said}{CLOSE}")
}

/// What is in a message that says nothing: a receipt, a reaction, a retraction.
fn payloads(message: &ArchivedMessage) -> String {
    let names = message.stanza.root().children().map(|child| child.name());
    names.collect::<Vec<_>>().join(", ")
}

pub(super) fn read(line: &str) -> Option<Known> {
    let line = line.strip_suffix(CLOSE)?.strip_prefix(ARTICLE)?;
    let (id, rest) = line.split_once(TIME)?;
    let (time, _) = rest.split_once('"')?;
    Some(Known {
        id: unescaped(id),
        time: time.parse().ok(),
    })
}

const ESCAPES: [(&str, &str); 7] = [
    // First when it is escaped, last when it is read.
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ("\"", "&quot;"),
    ("'", "&#39;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
];

/// A text in which nothing means anything, on one line.
fn escaped(text: &str) -> String {
    let text = text.to_owned();
    ESCAPES
        .iter()
        .fold(text, |text, (plain, escape)| text.replace(plain, escape))
}

fn unescaped(text: &str) -> String {
    let text = text.to_owned();
    let escapes = ESCAPES.iter().rev();
    escapes.fold(text, |text, (plain, escape)| text.replace(escape, plain))
}
