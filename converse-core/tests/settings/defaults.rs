//! Every option of the 3.2 document, with its default; and the one whose default is another.

use converse_core::settings::{Settings, json, settings};

#[test]
fn the_options_of_the_document_are_known_with_their_defaults() {
    let expected = settings! {
        "authentication": "login", "allow_bookmarks": true, "allow_chat_pending_contacts": false,
        "allow_contact_removal": true, "allow_contact_requests": true, "allow_dragresize": true,
        "allow_muc": true, "allow_muc_invitations": true, "allow_non_roster_messaging": false,
        "allow_otr": true, "allow_registration": true, "animate": true,
        "archived_messages_page_size": 50, "auto_list_rooms": false, "auto_login": false,
        "auto_away": 0, "auto_xa": 0, "auto_subscribe": false,
        "auto_join_on_invite": false, "auto_join_rooms": [], "bosh_service_url": null,
        "cache_otr_key": false, "chatstate_notification_blacklist": [], "connection_options": {},
        "credentials_url": null, "csi_waiting_time": 0, "debug": false, "default_domain": null,
        "registration_domain": "", "default_state": "online",
        "domain_placeholder": "e.g. conversejs.org", "emojione_image_path": null,
        "expose_rid_and_sid": false, "filter_by_resource": false, "forward_messages": false,
        "fullname": null, "hide_muc_server": false, "hide_offline_users": false,
        "hide_open_bookmarks": false, "include_offline_state": false, "i18n": null, "jid": null,
        "keepalive": true, "locked_domain": null, "message_archiving": null,
        "message_archiving_timeout": 8000, "message_carbons": true, "message_storage": "session",
        "muc_disable_moderator_commands": false, "muc_domain": null,
        "muc_history_max_stanzas": null, "muc_instant_rooms": true, "muc_nickname_from_jid": false,
        "muc_show_join_leave": true, "notify_all_room_messages": false,
        "notification_icon": "/logo/conversejs.png", "ping_interval": 180, "play_sounds": false,
        "prebind_url": null, "priority": 0, "providers_link": "https://xmpp.net/directory.php",
        "roster_groups": true, "show_chatstate_notifications": false,
        "show_controlbox_by_default": false, "show_desktop_notifications": true,
        "use_emojione": true, "show_only_online_users": false, "show_send_button": false,
        "sounds_path": "/sounds/", "storage": "session", "sticky_controlbox": false,
        "strict_plugin_dependencies": false, "synchronize_availability": true,
        "time_format": "HH:mm", "use_otr_by_default": false, "use_vcards": true,
        "visible_toolbar_buttons": {
            "call": false, "clear": true, "emoji": true, "toggle_occupants": true
        },
        "websocket_url": null, "blacklisted_plugins": [], "whitelisted_plugins": [],
        "xhr_custom_status": false, "xhr_custom_status_url": "", "xhr_user_search": false,
        "xhr_user_search_url": "",
    };
    let settings = Settings::default();
    settings.finish().unwrap();
    for key in expected.keys() {
        assert_eq!(settings.get(key).as_ref(), expected.get(key), "{key}");
    }
}

#[test]
fn auto_reconnect_is_on_where_the_document_has_it_off() {
    let settings = Settings::default();
    assert_eq!(settings.get("auto_reconnect"), Some(json!(true)));
}

#[test]
fn the_values_that_the_document_allows_are_accepted() {
    let settings = Settings::new(settings! {
        "synchronize_availability": "desk",
        "notify_all_room_messages": ["garden@chat.example"],
        "message_archiving": "roster",
        "muc_history_max_stanzas": 0,
        "auto_away": -1,
        "auto_join_rooms": [{ "jid": "room@example.org", "nick": "WizardKing69" }],
        "default_state": "chat",
        "storage": "local",
    });
    settings.finish().unwrap();
}

#[test]
fn auto_login_follows_the_credentials_unless_it_is_given() {
    let settings = Settings::new(settings! { "jid": "romeo@montague.example" });
    assert_eq!(settings.get("auto_login"), Some(json!(false)));
    settings.set("password", "secret").unwrap();
    assert_eq!(settings.get("auto_login"), Some(json!(true)));
    settings.set("auto_login", false).unwrap();
    assert_eq!(settings.get("auto_login"), Some(json!(false)));

    let given = settings! { "jid": "a@b.example", "password": "p", "auto_login": false };
    assert_eq!(Settings::new(given).get("auto_login"), Some(json!(false)));
}

#[test]
fn what_needs_a_user_interface_is_marked() {
    let declared = Settings::default().declarations();
    let headless = |key: &str| {
        declared
            .iter()
            .find(|found| found.key == key)
            .unwrap()
            .headless
    };
    for key in [
        "i18n",
        "show_controlbox_by_default",
        "hide_muc_server",
        "play_sounds",
    ] {
        assert!(!headless(key), "{key}");
    }
    for key in ["jid", "ping_interval", "auto_join_rooms"] {
        assert!(headless(key), "{key}");
    }
}
