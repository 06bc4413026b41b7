//! Exporting an archive to a file: what is independent of who asks for it.

pub(crate) mod export;
pub(crate) mod file;
pub(crate) mod format;
mod html;
mod jsonl;
