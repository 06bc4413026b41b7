//! SASL without I/O and without XML (RFC 6120 §6): which mechanism to use, what to answer, and whether to believe the server.
//!
//! Covers SCRAM-SHA-1, -256 and -512 with and without channel binding (RFC 5802, RFC 7677), PLAIN (RFC 4616),
//! EXTERNAL (RFC 4422, XEP-0178), ANONYMOUS (RFC 4505), channel binding types (XEP-0440) and downgrade protection (XEP-0474).
//! The session moves the payloads between the stream and an [`Exchange`].
//!
//! ```
//! use converse_core::env::SystemRandom;
//! use converse_core::sasl::{self, ChannelBindings, Credentials, Mechanism, Offer, Policy, Protection};
//!
//! let offer = Offer::new(["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]);
//! let credentials = Credentials::password("mara", "tidewrack77");
//! let bindings = ChannelBindings::default();
//! let mut exchange = sasl::select(
//!     &offer,
//!     &credentials,
//!     Protection::Tls(&bindings),
//!     &Policy::default(),
//!     &SystemRandom::new(),
//! )?;
//! assert_eq!(exchange.mechanism().name(), "SCRAM-SHA-256");
//! assert!(exchange.initial().starts_with(b"n,,n=mara,r="));
//! # Ok::<(), sasl::SaslError>(())
//! ```

mod credentials;
mod error;
mod exchange;
mod mechanism;
mod message;
mod offer;
mod payload;
mod prep;
mod scram;
mod select;

pub use crate::settings::Secret;
pub use credentials::Credentials;
pub use error::SaslError;
pub use exchange::{Exchange, Step};
pub use mechanism::{Hash, Mechanism};
pub use offer::{ChannelBindings, Offer, Policy, Protection};
pub use payload::{decode_payload, encode_payload};
pub use scram::{DerivedKey, HEAVY_ITERATIONS, KeyDerivation, MAX_ITERATIONS, MIN_ITERATIONS};
pub use select::select;
