//! Stanza errors (RFC 6120 §8.3).

mod application;

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::xml::{Element, ElementBuilder, ElementRef};

pub use application::ApplicationCondition;

/// What the sender may do about a stanza error (RFC 6120 §8.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// Retry after providing credentials.
    Auth,
    /// Do not retry.
    Cancel,
    /// It was only a warning.
    Continue,
    /// Retry after changing the data.
    Modify,
    /// Retry after waiting.
    Wait,
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $type:ident;)*) => {
        /// A defined error condition (RFC 6120 §8.3.3).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Condition { $($(#[$doc])* $variant,)* }

        impl Condition {
            /// The element's name on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The type that the RFC associates with the condition.
            #[must_use]
            pub fn default_type(self) -> ErrorType {
                match self { $(Self::$variant => ErrorType::$type,)* }
            }

            fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

conditions! {
    /// The XML cannot be processed.
    BadRequest = "bad-request", Modify;
    /// The name or address is taken.
    Conflict = "conflict", Cancel;
    /// The feature is not there.
    FeatureNotImplemented = "feature-not-implemented", Cancel;
    /// The sender lacks the permission.
    Forbidden = "forbidden", Auth;
    /// The recipient is no longer at this address.
    Gone = "gone", Cancel;
    /// The server failed.
    InternalServerError = "internal-server-error", Cancel;
    /// The addressed thing is not there.
    ItemNotFound = "item-not-found", Cancel;
    /// An address is malformed.
    JidMalformed = "jid-malformed", Modify;
    /// The request is understood and refused.
    NotAcceptable = "not-acceptable", Modify;
    /// Nobody may do this.
    NotAllowed = "not-allowed", Cancel;
    /// Credentials are needed.
    NotAuthorized = "not-authorized", Auth;
    /// A local policy forbids it.
    PolicyViolation = "policy-violation", Modify;
    /// The recipient is not there now.
    RecipientUnavailable = "recipient-unavailable", Wait;
    /// Another address should be asked.
    Redirect = "redirect", Modify;
    /// Registration is needed first.
    RegistrationRequired = "registration-required", Auth;
    /// The remote server does not exist.
    RemoteServerNotFound = "remote-server-not-found", Cancel;
    /// The remote server does not answer.
    RemoteServerTimeout = "remote-server-timeout", Wait;
    /// The server lacks the resources.
    ResourceConstraint = "resource-constraint", Wait;
    /// The service is not offered.
    ServiceUnavailable = "service-unavailable", Cancel;
    /// A subscription is needed first.
    SubscriptionRequired = "subscription-required", Auth;
    /// None of the defined conditions.
    UndefinedCondition = "undefined-condition", Cancel;
    /// The request came at the wrong moment.
    UnexpectedRequest = "unexpected-request", Wait;
}

/// A stanza error: received as the answer to a request, or returned by a route's handler to be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct StanzaError {
    /// What the sender may do.
    pub type_: ErrorType,
    /// What is wrong.
    pub condition: Condition,
    /// A sentence for people: of who sent the error, or what its `<blocked/>` means (XEP-0191).
    pub text: Option<String>,
    /// What a protocol of its own says beside the condition (RFC 6120 §8.3.2).
    pub application: Option<Box<ApplicationCondition>>,
}

impl fmt::Display for StanzaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.condition.as_str())?;
        match &self.text {
            Some(text) => write!(f, ": {}", text.escape_debug()),
            None => Ok(()),
        }
    }
}

impl From<Condition> for StanzaError {
    fn from(condition: Condition) -> Self {
        Self {
            type_: condition.default_type(),
            condition,
            text: None,
            application: None,
        }
    }
}

impl From<StanzaError> for Error {
    fn from(error: StanzaError) -> Self {
        Self::new(
            ErrorKind::Stanza,
            format!("the request was refused: {error}"),
        )
        .with_source(error)
    }
}

impl ErrorType {
    /// The attribute's value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [
            Self::Auth,
            Self::Cancel,
            Self::Continue,
            Self::Modify,
            Self::Wait,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

impl StanzaError {
    /// The longest text that is kept of what a peer wrote, in characters.
    const LONGEST_TEXT: usize = 1024;

    /// The error inside a stanza of type `error`; a missing or unknown condition is `undefined-condition`.
    #[must_use]
    pub fn of(stanza: ElementRef<'_>) -> Self {
        let Some(error) = stanza.child("error", ns::CLIENT) else {
            return Condition::UndefinedCondition.into();
        };
        let condition = error
            .children()
            .filter(|child| child.ns() == ns::STANZA_ERRORS && child.name() != "text")
            .find_map(|child| Condition::from_name(child.name()))
            .unwrap_or(Condition::UndefinedCondition);
        let type_ = error
            .attr("type")
            .and_then(|name| ErrorType::from_name(&name))
            .unwrap_or_else(|| condition.default_type());
        let text = error
            .child("text", ns::STANZA_ERRORS)
            .map(|text| text.text().chars().take(Self::LONGEST_TEXT).collect())
            .or_else(|| {
                // XEP-0191 §3.3: the own server does not send to somebody whom the user has blocked.
                error.child("blocked", ns::BLOCKING_ERRORS)?;
                Some("the user has blocked the recipient; unblock them first".to_owned())
            });
        Self {
            type_,
            condition,
            text,
            application: ApplicationCondition::inside(error).map(Box::new),
        }
    }

    /// The application-specific condition of that namespace, if there is one.
    #[must_use]
    pub fn application(&self, ns: &str) -> Option<&ApplicationCondition> {
        let application = self.application.as_deref();
        application.filter(|application| application.ns == ns)
    }

    /// The `<error/>` element.
    pub fn to_element(&self) -> ElementBuilder {
        let mut error = Element::builder("error", ns::CLIENT)
            .attr("type", self.type_.as_str())
            .child(Element::builder(self.condition.as_str(), ns::STANZA_ERRORS));
        if let Some(text) = &self.text {
            error = error.child(Element::builder("text", ns::STANZA_ERRORS).text(text));
        }
        let application = self.application.as_deref();
        error.child_opt(application.map(ApplicationCondition::to_element))
    }
}
