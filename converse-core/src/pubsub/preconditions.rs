//! Publishing on conditions (XEP-0060 §7.1.5), also at services that know few of them.

use super::{PublishOptions, Pubsub, condition};
use crate::error::{Error, ErrorKind};
use crate::router::Condition;
use crate::session::IqResult;
use crate::xml::ElementBuilder;

/// What became of configuring a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Configured {
    Done,
    /// There is no such node yet.
    Missing,
    Refused,
}

impl Pubsub {
    /// Publishes on conditions.
    pub(super) async fn publish_on(
        &self,
        node: &str,
        options: &PublishOptions,
        publication: impl Fn(Option<&PublishOptions>) -> ElementBuilder,
    ) -> IqResult {
        let error = match self.set(publication(Some(options))).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if condition(&error) == Some(Condition::Conflict) {
            // The one reason for a conflict: a precondition is not met.
            tracing::debug!(node, "the node is not as it is to be; it is reconfigured");
            self.configure(node, options).await?;
            return self.set(publication(Some(options))).await;
        }
        // A service must refuse conditions that it does not know, and some know hardly any (XEP-0060 §7.1.5). They know those
        // by which the item is kept from others; the rest is configured.
        let Some(essential) = options.essential().filter(|_| is_unknown_option(&error)) else {
            return Err(error);
        };
        let configured = self.configure_as_far_as_possible(node, options).await?;
        if configured == Configured::Refused && options.keeps_all() {
            // The item could take the place of another one.
            return Err(error);
        }
        let answer = self.set(publication(Some(&essential))).await?;
        if configured != Configured::Done {
            // The publication may have created the node.
            self.configure_as_far_as_possible(node, options).await?;
        }
        Ok(answer)
    }

    /// Configures a node with what need not be so for the item to be kept from others.
    async fn configure_as_far_as_possible(
        &self,
        node: &str,
        options: &PublishOptions,
    ) -> Result<Configured, Error> {
        match self.configure(node, options).await {
            Ok(()) => Ok(Configured::Done),
            Err(error) if condition(&error) == Some(Condition::ItemNotFound) => {
                Ok(Configured::Missing)
            }
            Err(error) if error.kind() == ErrorKind::Stanza => {
                tracing::debug!(node, %error, "the node cannot be configured");
                Ok(Configured::Refused)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether a publication may have been refused because of a condition that the service does not know; XEP-0060 does not
/// say with which error.
fn is_unknown_option(error: &Error) -> bool {
    matches!(
        condition(error),
        Some(
            Condition::BadRequest
                | Condition::FeatureNotImplemented
                | Condition::NotAcceptable
                | Condition::ResourceConstraint
        )
    )
}
