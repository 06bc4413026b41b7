/// How much is read at once, and what an idle stream keeps.
const READ: usize = 64 * 1024;
/// With less room than this the buffer is tidied up before the next read.
const LOW: usize = READ / 4;
/// A buffer above this size is given back as soon as little is left in it.
const KEPT: usize = 4 * READ;

/// Bytes that have been read and not yet used. All of it is initialised, so that readers can write
/// into it without `unsafe`.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    head: usize,
    tail: usize,
}

impl Buffer {
    /// What is there to be used.
    pub(super) fn data(&self) -> &[u8] {
        &self.bytes[self.head..self.tail]
    }

    /// Drops the first `count` bytes of [`data`](Self::data).
    pub(super) fn consume(&mut self, count: usize) {
        self.head = (self.head + count).min(self.tail);
    }

    /// Room for the next read; `expected` is the size above which growing faster than needed is
    /// pointless.
    ///
    /// Bytes are moved only when at least as many have been used since, and a buffer that grew for a
    /// large element shrinks after it.
    pub(super) fn space(&mut self, expected: usize) -> &mut [u8] {
        let pending = self.tail - self.head;
        if self.bytes.len() > KEPT && pending <= READ {
            let mut small = Vec::with_capacity(2 * READ);
            small.extend_from_slice(self.data());
            small.resize(2 * READ, 0);
            self.bytes = small;
            (self.head, self.tail) = (0, pending);
        }
        if pending == 0 {
            (self.head, self.tail) = (0, 0);
        }
        let full_grown = self.bytes.len() >= expected;
        let worth_moving = self.head > 0 && (self.head >= pending || full_grown);
        if self.bytes.len() - self.tail < LOW && worth_moving {
            self.bytes.copy_within(self.head..self.tail, 0);
            (self.head, self.tail) = (0, pending);
        }
        if self.bytes.len() - self.tail < LOW {
            let doubled = (2 * self.bytes.len()).min(expected.saturating_add(READ));
            let length = doubled.max(self.tail + READ);
            self.bytes.reserve_exact(length - self.bytes.len());
            self.bytes.resize(length, 0);
        }
        &mut self.bytes[self.tail..]
    }

    /// Takes the first `count` bytes of [`space`](Self::space) as read.
    pub(super) fn advance(&mut self, count: usize) {
        self.tail = (self.tail + count).min(self.bytes.len());
    }

    /// Bytes that this buffer takes up.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
