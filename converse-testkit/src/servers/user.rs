//! Users that do not meet.

use ring::rand::{SecureRandom, SystemRandom};

/// A user name nobody else has: `name`, a hyphen and 16 random hex digits.
#[must_use]
pub fn unique_user(name: &str) -> String {
    let mut bytes = [0; 8];
    // Without randomness nothing else works either; the name is then not unique, which shows.
    let _ = SystemRandom::new().fill(&mut bytes);
    format!("{name}-{:016x}", u64::from_ne_bytes(bytes))
}
