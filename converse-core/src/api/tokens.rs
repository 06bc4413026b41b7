//! The **tokens** grouping of the 3.2 document.

use crate::api::Api;

/// The ids of a BOSH session.
#[derive(Debug, Clone)]
pub struct Tokens {
    api: Api,
}

impl Tokens {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    /// The token `"rid"` or `"sid"` of the present BOSH session, in upper or lower case.
    ///
    /// `None` unless the setting `expose_rid_and_sid` is on and the session runs over BOSH; over TCP there are no such
    /// tokens.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! { "expose_rid_and_sid": true }).await?;
    /// assert_eq!(api.tokens().get("rid"), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn get(&self, id: &str) -> Option<String> {
        let exposed = self
            .api
            .settings()
            .read(&crate::settings::keys::EXPOSE_RID_AND_SID)
            .unwrap_or(false);
        let known = ["rid", "sid"]
            .iter()
            .any(|known| id.eq_ignore_ascii_case(known));
        // The transport that has them answers here once it is compiled in.
        if exposed && known {
            self.api.session().bosh_token(id)
        } else {
            None
        }
    }
}
