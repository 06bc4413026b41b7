//! Lines as they are read.

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use super::TransferError;
use crate::store::MAX_VALUE_BYTES;

/// The longest line: a value that consists of nothing but characters that JSON writes as six, with its key and names.
const LONGEST: u64 = 6 * MAX_VALUE_BYTES as u64 + 1024 * 1024;

/// The lines of an export, each with its number.
pub(super) struct Reader<R> {
    from: R,
    line: Vec<u8>,
    number: u64,
}

impl<R: AsyncBufRead + Unpin> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            line: Vec::new(),
            number: 0,
        }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Reads the next line, without its end; `None` if there is none.
    pub(super) async fn next(&mut self) -> Result<Option<&[u8]>, TransferError> {
        self.line.clear();
        let mut part = (&mut self.from).take(LONGEST + 1);
        part.read_until(b'\n', &mut self.line).await?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        match self.line.pop() {
            Some(b'\n') => Ok(Some(&self.line)),
            _ if self.line.len() as u64 >= LONGEST => {
                Err(TransferError::TooLong { line: self.number })
            }
            // The last thing that is written of a line is its end.
            _ => Err(TransferError::CutOff { line: self.number }),
        }
    }
}
