//! Calls, views and events of the groupings, by the names that the cases use.

mod archive;
mod bookmarks;
mod cache;
mod calls;
mod rooms;
mod views;

use converse::core::store::Store;
use converse::prelude::*;
use converse_testkit::cases::{Answer, Groupings};
use serde_json::Value;

/// Every grouping of the framework.
#[derive(Debug, Clone, Copy)]
pub(crate) struct All;

impl Groupings for All {
    fn has_event(&self, name: &str) -> bool {
        EVENTS.contains(&name)
    }

    fn cache(
        &self,
        store: &Arc<dyn Store>,
        account: &str,
        what: &str,
        value: &Value,
    ) -> Option<Answer> {
        cache::cache(store, account, what, value)
    }

    fn call(&self, api: &Api, name: &str, args: &[Value]) -> Option<Answer> {
        calls::call(api.clone(), name, args)
            .or_else(|| rooms::call(api.clone(), name, args))
            .or_else(|| bookmarks::call(api.clone(), name, args))
    }

    fn prepare(&self, api: &Api, what: &str, value: &Value) -> Option<Answer> {
        calls::prepare(api.clone(), what, value)
    }

    fn view(&self, api: &Api, name: &str, args: &[Value]) -> Option<Answer> {
        let state = views::view(api, name, args)?;
        Some(Box::pin(async move { state }))
    }
}

/// The events that the groupings announce.
const EVENTS: &[&str] = &[
    "afterMessagesFetched",
    "archiveCatchingUp",
    "archiveCaughtUp",
    "avatarChanged",
    "blocklistInitialized",
    "bookmarkAdded",
    "bookmarkChanged",
    "bookmarkRemoved",
    "bookmarksInitialized",
    "cachedRoster",
    "chatBoxClosed",
    "chatBoxFocused",
    "chatBoxInitialized",
    "chatBoxOpened",
    "chatBoxToggled",
    "chatBoxesFetched",
    "chatRoomOpened",
    "chatStateChanged",
    "contactBlocked",
    "contactOnline",
    "contactRemoved",
    "contactRequest",
    "contactStatusChanged",
    "contactStatusMessageChanged",
    "discoInitialized",
    "contactUnblocked",
    "ext.occupantRemoved",
    "message",
    "messageAdded",
    "messageDeliveryChanged",
    "messageRefused",
    "messageSend",
    "messageUpdateFailed",
    "messageUpdated",
    "privateChatOpened",
    "roomInviteDeclined",
    "roomInviteFailed",
    "roomInviteReceived",
    "roomInviteSent",
    "roomsPanelRendered",
    "roster",
    "rosterContactsFetched",
    "rosterGroupsFetched",
    "rosterInitialized",
    "rosterPush",
    "rosterReadyAfterReconnection",
    "serviceDiscovered",
    "statusChanged",
    "statusInitialized",
    "statusMessageChanged",
    "unreadChanged",
    "vcardUpdated",
];
