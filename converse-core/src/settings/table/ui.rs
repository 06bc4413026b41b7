//! What only a user interface can follow.

use serde_json::{Value, json};

use super::{CORE, Section};
use crate::settings::declaration::Declaration;
use crate::settings::kind::Kind;

pub(super) fn section() -> Section {
    let about = "Accepted and readable, for an application that has a user interface; nothing in \
                 the framework reads them.";
    let all = appearance()
        .into_iter()
        .chain(notifications())
        .map(Declaration::ui);
    Section::new("User interface", CORE, about, all)
}

fn appearance() -> Vec<Declaration> {
    vec![
        Declaration::new(
            "i18n",
            Kind::Any,
            Value::Null,
            "Language, or a map of translations; without it the system's.",
        ),
        Declaration::bool("allow_dragresize", true, "Let the user resize chats."),
        Declaration::bool("allow_logout", true, "Offer to log out."),
        Declaration::bool("animate", true, "Show animations."),
        Declaration::text(
            "domain_placeholder",
            "e.g. conversejs.org",
            "Example of a server for the registration form.",
        ),
        Declaration::text(
            "providers_link",
            "https://xmpp.net/directory.php",
            "List of public servers for the registration form.",
        ),
        Declaration::bool(
            "show_controlbox_by_default",
            false,
            "Open the contacts from the start.",
        ),
        Declaration::bool(
            "sticky_controlbox",
            false,
            "Do not let the user close the contacts.",
        ),
        Declaration::bool("show_send_button", false, "Show a button that sends."),
        Declaration::text("time_format", "HH:mm", "How to show the time of a message."),
        Declaration::bool("use_emojione", true, "Show emoji as images."),
        Declaration::optional_text(
            "emojione_image_path",
            "URL of the images for `use_emojione`.",
        ),
        Declaration::new(
            "visible_toolbar_buttons",
            Kind::Map,
            json!({ "call": false, "clear": true, "emoji": true, "toggle_occupants": true }),
            "Buttons of a chat's toolbar.",
        ),
    ]
}

fn notifications() -> Vec<Declaration> {
    vec![
        Declaration::bool(
            "play_sounds",
            false,
            "Play a sound for a message to the user.",
        ),
        Declaration::text("sounds_path", "/sounds/", "Where the sounds are."),
        Declaration::bool(
            "show_desktop_notifications",
            true,
            "Notify the user of messages and requests.",
        ),
        Declaration::bool(
            "show_chatstate_notifications",
            false,
            "Notify the user of contacts' status changes.",
        ),
        Declaration::texts(
            "chatstate_notification_blacklist",
            "JIDs whose status changes are not notified.",
        ),
        Declaration::new(
            "notify_all_room_messages",
            Kind::Either(&[Kind::Bool, Kind::List]),
            false,
            "Notify of every message in a room, not only of mentions; a list names the rooms.",
        ),
        Declaration::text(
            "notification_icon",
            "/logo/conversejs.png",
            "Picture of a notification.",
        ),
    ]
}
