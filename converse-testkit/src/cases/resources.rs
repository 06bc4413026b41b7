//! What the process uses: memory, processor time, files.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;

/// Clock ticks a second in `/proc`, the same on every Linux that matters.
const TICKS: u64 = 100;
const PAGE: u64 = 4096;

/// The state when the steps began, and the most memory since.
#[derive(Debug)]
pub(super) struct Resources {
    rss_before: u64,
    peak: Cell<u64>,
    cpu_before: u64,
    files: BTreeSet<String>,
    sockets: usize,
}

impl Resources {
    pub(super) fn now() -> Self {
        let rss = rss().unwrap_or(0);
        Self {
            rss_before: rss,
            peak: Cell::new(rss),
            cpu_before: cpu_ms().unwrap_or(0),
            files: files(),
            sockets: sockets().unwrap_or(0),
        }
    }

    /// Looks at the memory once more.
    pub(super) fn sample(&self) {
        let rss = rss().unwrap_or(0);
        self.peak.set(self.peak.get().max(rss));
    }

    /// By how much the resident memory grew at most; `None` where the system does not tell.
    pub(super) fn growth_mb(&self) -> Option<u64> {
        rss()?;
        self.sample();
        Some(self.peak.get().saturating_sub(self.rss_before) / (1024 * 1024))
    }

    /// The processor time since the steps began; `None` where the system does not tell.
    pub(super) fn cpu_ms(&self) -> Option<u64> {
        Some(cpu_ms()?.saturating_sub(self.cpu_before))
    }

    /// Files that are open now and were not when the steps began; `None` where the system does not tell.
    pub(super) fn new_files(&self) -> Option<Vec<String>> {
        fs::metadata("/proc/self/fd").ok()?;
        Some(files().difference(&self.files).cloned().collect())
    }

    /// By how many sockets more are open now than when the steps began; `None` where the system does not tell.
    pub(super) fn new_sockets(&self) -> Option<usize> {
        Some(sockets()?.saturating_sub(self.sockets))
    }
}

fn sockets() -> Option<usize> {
    let fds = fs::read_dir("/proc/self/fd").ok()?;
    let links = fds.flatten().filter_map(|fd| fs::read_link(fd.path()).ok());
    let is_socket = |link: &std::path::PathBuf| link.to_string_lossy().starts_with("socket:");
    Some(links.filter(is_socket).count())
}

fn rss() -> Option<u64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE)
}

fn cpu_ms() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) * 1000 / TICKS)
}

/// The regular files that are open.
fn files() -> BTreeSet<String> {
    let Ok(fds) = fs::read_dir("/proc/self/fd") else {
        return BTreeSet::new();
    };
    fds.flatten()
        .filter_map(|fd| fs::read_link(fd.path()).ok())
        .filter(|target| target.is_file())
        .map(|target| target.to_string_lossy().into_owned())
        .collect()
}
