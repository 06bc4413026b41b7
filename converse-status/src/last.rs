//! For how long nobody has used this client, for those who may know (XEP-0012).

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::contract::{ContactDirectory, Standing};
use converse_core::router::{Answer, Condition, Stanza};
use jid::Jid;

use crate::model::Own;
use crate::settings::SHARE_IDLE_TIME;
use crate::wire;

/// Answers who sees the presence anyway; to all others there is nobody (XEP-0012 §4).
pub(crate) fn answer(api: &Api, own: &Own, request: &Stanza) -> Answer {
    let share = api.settings().read(&SHARE_IDLE_TIME).unwrap_or(false);
    if share && may_know(api, own, request.from()) {
        Ok(Some(wire::last(api.user().idle())))
    } else {
        Err(Condition::ServiceUnavailable.into())
    }
}

fn may_know(api: &Api, own: &Own, from: Option<&Jid>) -> bool {
    let Some(from) = from else {
        return true;
    };
    let bare = from.to_bare();
    if api.session().bare_jid().as_ref() == Some(&bare) || own.is_shown_to(from) {
        return true;
    }
    let is_seen = own
        .present(&api.settings())
        .is_ok_and(|presence| presence.status.is_available());
    let standing = api
        .provided::<ContactDirectory>()
        .map(|who: Arc<_>| who.standing(&bare));
    is_seen && matches!(standing, Some(Standing::Contact(how)) if how.is_seen())
}
