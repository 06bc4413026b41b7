//! Addresses as arguments: one, several, or none for all.

use jid::{BareJid, Jid};

use crate::error::{Error, ErrorKind};

/// An address given as text or as a JID.
pub trait JidSelector {
    /// The bare JID, normalised (RFC 7622).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID; `argument` names it in the error.
    fn bare(&self, argument: &str) -> Result<BareJid, Error>;

    /// The address as it was given, of which nothing is certain: whoever knows it by just this text need not parse it.
    fn as_given(&self) -> &str;
}

/// The bare JID in `text`; a resource is ignored.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`] when it is not a JID; `argument` names it in the error.
///
/// ```
/// use converse_core::api::parse_bare;
///
/// assert_eq!(parse_bare("Otto@Heron.example/oar", "contacts.get")?.as_str(), "otto@heron.example");
/// assert!(parse_bare("not a jid", "contacts.get").is_err());
/// # Ok::<(), converse_core::Error>(())
/// ```
pub fn parse_bare(text: &str, argument: &str) -> Result<BareJid, Error> {
    Jid::new(text).map(|jid| jid.to_bare()).map_err(|error| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("{argument}: `{}` is not a JID", text.escape_debug()),
        )
        .with_source(error)
    })
}

impl JidSelector for str {
    fn bare(&self, argument: &str) -> Result<BareJid, Error> {
        parse_bare(self, argument)
    }

    fn as_given(&self) -> &str {
        self
    }
}

impl JidSelector for String {
    fn bare(&self, argument: &str) -> Result<BareJid, Error> {
        parse_bare(self, argument)
    }

    fn as_given(&self) -> &str {
        self
    }
}

impl JidSelector for BareJid {
    fn bare(&self, _: &str) -> Result<BareJid, Error> {
        Ok(self.clone())
    }

    fn as_given(&self) -> &str {
        self.as_str()
    }
}

impl JidSelector for Jid {
    fn bare(&self, _: &str) -> Result<BareJid, Error> {
        Ok(self.to_bare())
    }

    fn as_given(&self) -> &str {
        self.as_str()
    }
}

impl<T: JidSelector + ?Sized> JidSelector for &T {
    fn bare(&self, argument: &str) -> Result<BareJid, Error> {
        (*self).bare(argument)
    }

    fn as_given(&self) -> &str {
        (**self).as_given()
    }
}
