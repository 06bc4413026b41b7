//! What a test may ask of a server.

use std::time::Duration;

/// How a test server is set up. `Options::default()` suits most tests.
#[derive(Debug, Clone)]
pub struct Options {
    /// The domain of its accounts; the other hosts are sub-domains of it. Default: `localhost`.
    pub domain: String,
    /// The certificate it presents. Default: a good one.
    pub certificate: Certificate,
    /// How long a broken session can be resumed (XEP-0198 §5). Default: 10 minutes.
    pub hibernation: Duration,
    /// Where it keeps archives, rosters and the like. Default: [`Storage::Internal`].
    pub storage: Storage,
    /// Which build of the server to run. Default: the installed one.
    pub installation: Installation,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            domain: "localhost".to_owned(),
            certificate: Certificate::Good,
            hibernation: Duration::from_secs(600),
            storage: Storage::Internal,
            installation: Installation::System,
        }
    }
}

/// The certificate a server presents. All are signed by the authority in
/// [`Server::ca_file`](super::Server::ca_file).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificate {
    /// Valid for the domain, its sub-domains in use, `127.0.0.1` and `::1`.
    #[default]
    Good,
    /// Valid, but for `wrong.invalid` only.
    WrongName,
    /// The right names, but it ended in 2021.
    Expired,
}

/// Where a server keeps its data. Accounts are always kept on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// In its private folder, so that it survives [`Server::start_again`](super::Server::start_again).
    #[default]
    Internal,
    /// In memory (Prosody; ejabberd has no such choice and keeps using its folder).
    Memory,
}

/// Which build of a server to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Installation {
    /// The one the operating system has: the oldest that people are likely to meet.
    #[default]
    System,
    /// The newer one that `cargo xtask setup` unpacked below `target/servers`, with SASL2, Bind 2
    /// and FAST. Where the system's own is new enough there is no other, and it is used.
    Newer,
}
