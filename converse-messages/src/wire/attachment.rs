//! Files in a message (XEP-0066, XEP-0447).

use std::str::FromStr;

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};

use crate::model::{Attachment, Disposition, FileHash, is_usable, safe_file_name};

/// How many addresses or hashes of one file are read.
const MAX_PARTS: usize = 8;
/// How many files of one message are read.
const MAX_FILES: usize = 32;
/// The longest text that describes a file, in bytes.
const LONGEST_TEXT: usize = 1024;

/// The files that are shared, and the links that are no such files. Those with no address that can be used are left out.
pub(super) fn read(files: &[ElementRef<'_>], links: &[ElementRef<'_>]) -> Vec<Attachment> {
    let mut all: Vec<Attachment> = files.iter().filter_map(|file| read_file(*file)).collect();
    for link in links {
        let Some(url) = child_text(*link, "url", ns::OOB).filter(|url| is_usable(url)) else {
            continue;
        };
        if !all.iter().any(|file| file.urls.contains(&url)) {
            let mut file = Attachment::at(vec![url]);
            file.description = child_text(*link, "desc", ns::OOB);
            all.push(file);
        }
    }
    all.truncate(MAX_FILES);
    all
}

fn read_file(share: ElementRef<'_>) -> Option<Attachment> {
    let sources = share.child("sources", ns::FILE_SHARING)?;
    let urls: Vec<String> = sources
        .children_named("url-data", ns::URL_DATA)
        .filter_map(|source| source.attr("target"))
        .filter(|url| is_usable(url))
        .take(MAX_PARTS)
        .map(std::borrow::Cow::into_owned)
        .collect();
    if urls.is_empty() {
        return None;
    }
    let mut file = Attachment::at(urls);
    let disposition = share.attr("disposition");
    file.disposition = disposition.and_then(|name| Disposition::from_name(&name));
    if let Some(metadata) = share.child("file", ns::FILE_METADATA) {
        read_metadata(metadata, &mut file);
    }
    Some(file)
}

fn read_metadata(metadata: ElementRef<'_>, file: &mut Attachment) {
    let text = |name| child_text(metadata, name, ns::FILE_METADATA);
    file.name = text("name").and_then(|name| safe_file_name(&name));
    file.media_type = text("media-type");
    file.description = text("desc");
    file.size = number(metadata, "size");
    file.width = number(metadata, "width");
    file.height = number(metadata, "height");
    file.length = number(metadata, "length");
    file.hashes = metadata
        .children_named("hash", ns::HASHES)
        .take(MAX_PARTS)
        .filter_map(|hash| {
            let value = hash.text().trim().to_owned();
            let algorithm = hash.attr("algo")?.into_owned();
            let is_short = value.len() <= LONGEST_TEXT && algorithm.len() <= LONGEST_TEXT;
            (is_short && !value.is_empty()).then_some(FileHash { algorithm, value })
        })
        .collect();
}

fn child_text(parent: ElementRef<'_>, name: &str, ns: &str) -> Option<String> {
    let text = parent.child_text(name, ns)?;
    let text = text.trim();
    // Addresses have their own limit.
    let is_short = text.len() <= LONGEST_TEXT || name == "url";
    (is_short && !text.is_empty()).then(|| text.to_owned())
}

fn number<T: FromStr>(parent: ElementRef<'_>, name: &str) -> Option<T> {
    let text = parent.child_text(name, ns::FILE_METADATA)?;
    text.trim().parse().ok()
}

/// A file as it is shared (XEP-0447 §3.1), and its link for those who know only links.
pub(super) fn write(message: ElementBuilder, file: &Attachment) -> ElementBuilder {
    let text = |name, text: Option<String>| {
        let text = text?;
        Some(Element::builder(name, ns::FILE_METADATA).text(text))
    };
    let metadata = Element::builder("file", ns::FILE_METADATA)
        .child_opt(text("media-type", file.media_type.clone()))
        .child_opt(text("name", file.name.clone()))
        .child_opt(text("size", file.size.map(|size| size.to_string())))
        .child_opt(text("width", file.width.map(|width| width.to_string())))
        .child_opt(text("height", file.height.map(|height| height.to_string())))
        .child_opt(text("length", file.length.map(|length| length.to_string())))
        .child_opt(text("desc", file.description.clone()))
        .children(file.hashes.iter().map(|hash| {
            Element::builder("hash", ns::HASHES)
                .attr("algo", hash.algorithm.clone())
                .text(hash.value.clone())
        }));
    let sources = Element::builder("sources", ns::FILE_SHARING).children(
        file.urls
            .iter()
            .map(|url| Element::builder("url-data", ns::URL_DATA).attr("target", url.clone())),
    );
    let share = Element::builder("file-sharing", ns::FILE_SHARING)
        .attr_opt("disposition", file.disposition.map(Disposition::as_str))
        .child(metadata)
        .child(sources);
    let link = Element::builder("url", ns::OOB).text(file.url().to_owned());
    message
        .child(share)
        .child(Element::builder("x", ns::OOB).child(link))
}
