//! The file that an export grows in. It can end anywhere, as a program and a computer can.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use chrono::{DateTime, Utc};
use converse::prelude::*;

use super::format::{Format, Heading, Line};

/// A message that is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its id in the archive.
    pub(crate) id: String,
    pub(crate) time: Option<DateTime<Utc>>,
}

/// The file of one export.
#[derive(Debug)]
pub(crate) struct ExportFile {
    file: File,
    format: Format,
    messages: u64,
    last: Option<Known>,
    /// Whether the last line is a gap.
    ends_in_gap: bool,
}

impl ExportFile {
    /// Opens a file to go on with it, or makes a new one. What is torn at its end goes; a file that is something else stays as it
    /// is.
    pub(crate) fn open(path: &Path, format: Format, heading: &Heading) -> Result<Self, BoxError> {
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = options.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        let mut export = Self {
            file,
            format,
            messages: 0,
            last: None,
            ends_in_gap: false,
        };
        let heading = format.heading(heading);
        let whole = export
            .read(&heading)
            .map_err(|error| format!("{} is left as it is: {error}", path.display()))?;
        export.file.set_len(whole)?;
        export.file.seek(SeekFrom::Start(whole))?;
        if whole == 0 {
            export.file.write_all(heading.as_bytes())?;
        }
        Ok(export)
    }

    /// Reads what is there; gives where it stops being whole.
    fn read(&mut self, heading: &str) -> Result<u64, BoxError> {
        let mut lines = BufReader::new(&self.file);
        let mut found = Vec::new();
        let most = heading.len() as u64;
        lines.by_ref().take(most).read_to_end(&mut found)?;
        if found != heading.as_bytes() {
            return match heading.as_bytes().starts_with(&found) {
                true => Ok(0),
                false => Err("it is no export of this archive with these filters".into()),
            };
        }
        let mut whole = most;
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let length = lines.read_until(b'\n', &mut bytes)? as u64;
            let text = str::from_utf8(&bytes).ok();
            match text.and_then(|line| self.format.read(line)) {
                Some(Line::Message(known)) => {
                    self.messages += 1;
                    self.last = Some(known);
                    self.ends_in_gap = false;
                }
                Some(Line::Gap) => self.ends_in_gap = true,
                // The end, or what was being written when something ended the program: nothing can follow it.
                None if lines.fill_buf()?.is_empty() => return Ok(whole),
                None => return Err(format!("byte {whole} and what follows cannot be read").into()),
            }
            whole += length;
        }
    }

    /// How many messages it has.
    pub(crate) fn messages(&self) -> u64 {
        self.messages
    }

    /// The last message it has.
    pub(crate) fn last(&self) -> Option<&Known> {
        self.last.as_ref()
    }

    /// Adds messages. They are the system's when this returns.
    pub(crate) fn append(&mut self, messages: &[ArchivedMessage]) -> Result<(), BoxError> {
        let mut lines = String::new();
        for message in messages {
            lines += &self.format.message(message)?;
        }
        self.file.write_all(lines.as_bytes())?;
        self.messages += messages.len() as u64;
        if let Some(last) = messages.last() {
            self.ends_in_gap = false;
            self.last = Some(Known {
                id: last.archive_id.clone(),
                time: last.time,
            });
        }
        Ok(())
    }

    /// Notes that messages are missing; gives the last one before them, if there is one.
    pub(crate) fn mark_gap(&mut self) -> Result<Option<&Known>, BoxError> {
        if self.last.is_some() && !self.ends_in_gap {
            self.file.write_all(self.format.gap().as_bytes())?;
            self.ends_in_gap = true;
        }
        Ok(self.last.as_ref())
    }

    /// Ends the file, which can be gone on with all the same, and brings it to the disk.
    pub(crate) fn finish(&mut self) -> Result<(), BoxError> {
        self.file.write_all(self.format.end().as_bytes())?;
        Ok(self.file.sync_data()?)
    }
}
