//! Rooms that are created by entering them.

use converse_core::prelude::*;
use converse_muc::prelude::*;
use serde_json::Value;

use crate::form::{FIELDS, OWNER, field};
use crate::scene::{ATRIUM, Scene, play, play_with, presence};

impl Scene {
    /// Enters a room that was not there, and owns it.
    async fn creates(&self, options: RoomOptions) -> Room {
        let opened = self.api.rooms().open(ATRIUM, options).await.unwrap();
        let id = self.asked(ATRIUM, "").await;
        self.refuses(&id, "cancel", "item-not-found").await;
        self.expect_join(ATRIUM, "mara").await;
        let item = "affiliation='owner' role='moderator'";
        let status = "<status code='110'/><status code='201'/>";
        self.says(presence(ATRIUM, "mara", "", item, status)).await;
        opened
    }
}

fn options() -> RoomOptions {
    RoomOptions::nick("mara")
}

/// As the 3.2 document has it.
fn document(config: Value) -> RoomOptions {
    options()
        .auto_configure(true)
        .roomconfig(RoomConfig::from_json(&config).unwrap())
}

#[test]
fn api_172_a_new_room_is_configured_as_roomconfig_wants_it() {
    play(|scene| async move {
        let configured = scene.hear("roomConfigured");
        let room = scene
            .creates(document(json!({
                "changesubject": false,
                "membersonly": true,
                "publicroom": true,
                "roomdesc": "Comfy room for hanging out",
                "whois": "anyone",
            })))
            .await;
        scene.gives_form(FIELDS).await;
        let expected = [
            field("FORM_TYPE", &["http://jabber.org/protocol/muc#roomconfig"]),
            field("muc#roomconfig_roomname", &["Atrium"]),
            field("muc#roomconfig_roomdesc", &["Comfy room for hanging out"]),
            field("muc#roomconfig_membersonly", &["1"]),
            field("muc#roomconfig_publicroom", &["1"]),
            field("muc#roomconfig_whois", &["anyone"]),
            field("x-tide#ropes", &["wet", "dry"]),
        ];
        let id = scene.submitted(&expected.concat()).await;
        assert!(configured.lock().unwrap().is_empty());
        scene.answers(&id, "").await;
        // Only now can the room say what it is.
        scene.answers_info(ATRIUM, &["muc_membersonly"]).await;
        assert!(room.info().unwrap().unwrap().has(RoomFeature::MembersOnly));
        let configured = configured.lock().unwrap();
        assert_eq!(configured[0]["ignored"], json!(["changesubject"]));
        assert_eq!(room.affiliation().unwrap(), Affiliation::Owner);
    });
}

#[test]
fn api_173_without_auto_configure_roomconfig_counts_for_nothing() {
    play(|scene| async move {
        let config = RoomConfig::new().members_only(true);
        scene.creates(options().roomconfig(config)).await;
        let id = scene.submitted("").await;
        assert!(!scene.last_sent().contains("field"));
        scene.answers(&id, "").await;
        scene.answers_info(ATRIUM, &[]).await;
        scene
            .expect_nothing(format!("<iq type='get'><query xmlns='{OWNER}'/></iq>"))
            .await;
    });
}

#[test]
fn api_174_a_name_with_its_prefix_is_not_sent_with_two() {
    play(|scene| async move {
        scene
            .creates(document(json!({ "muc#roomconfig_membersonly": true })))
            .await;
        scene.gives_form(FIELDS).await;
        scene
            .submitted(&field("muc#roomconfig_membersonly", &["1"]))
            .await;
        let sent = scene.last_sent();
        assert!(!sent.contains("muc#roomconfig_muc#"), "{sent}");
    });
}

#[test]
fn api_175_lists_take_several_values() {
    play(|scene| async move {
        scene
            .creates(document(json!({
                "presencebroadcast": ["visitor", "participant"],
                "roomadmins": ["ines@heron.example", "otto@heron.example"],
            })))
            .await;
        scene.gives_form(FIELDS).await;
        let expected = [
            field(
                "muc#roomconfig_presencebroadcast",
                &["participant", "visitor"],
            ),
            field(
                "muc#roomconfig_roomadmins",
                &["ines@heron.example", "otto@heron.example"],
            ),
        ];
        scene.submitted(&expected.concat()).await;
        assert!(!scene.last_sent().contains("moderator</value>"));
    });
}

#[test]
fn api_175_lists_that_are_not_mentioned_keep_their_values() {
    play(|scene| async move {
        scene
            .creates(document(json!({ "membersonly": true })))
            .await;
        scene.gives_form(FIELDS).await;
        let kept = field(
            "muc#roomconfig_presencebroadcast",
            &["moderator", "visitor"],
        );
        scene.submitted(&kept).await;
    });
}

#[test]
fn a_room_that_was_there_is_not_configured() {
    play(|scene| async move {
        let options = document(json!({ "membersonly": true }));
        scene.api.rooms().open(ATRIUM, options).await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        scene
            .expect_nothing(format!("<iq><query xmlns='{OWNER}'/></iq>"))
            .await;
    });
}

#[test]
fn without_instant_rooms_somebody_has_to_configure() {
    play_with(
        settings! { "muc_instant_rooms": false },
        |scene| async move {
            let required = scene.hear("roomConfigurationRequired");
            scene.creates(options()).await;
            assert_eq!(required.lock().unwrap()[0]["chatbox"]["jid"], ATRIUM);
            scene
                .expect_nothing(format!("<iq><query xmlns='{OWNER}'/></iq>"))
                .await;
        },
    );
}

#[test]
fn auto_configure_does_not_need_instant_rooms() {
    play_with(
        settings! { "muc_instant_rooms": false },
        |scene| async move {
            scene
                .creates(document(json!({ "membersonly": true })))
                .await;
            scene.gives_form(FIELDS).await;
            scene
                .submitted(&field("muc#roomconfig_membersonly", &["1"]))
                .await;
        },
    );
}

#[test]
fn a_room_that_was_to_be_closed_is_not_opened_to_all() {
    let without = FIELDS
        .replace("membersonly", "other")
        .replace("roomsecret", "another");
    let choices = FIELDS.replace("<option><value>moderators</value></option>", "");
    let cases = [
        (json!({ "membersonly": true }), &without),
        (json!({ "roomsecret": "balcony" }), &without),
        (json!({ "whois": "moderators" }), &choices),
    ];
    for (config, form) in cases {
        play(|scene| async move {
            let failed = scene.hear("roomConfigurationFailed");
            let room = scene.creates(document(config.clone())).await;
            scene.gives_form(form).await;
            scene.expect_nothing("<iq type='set'/>").await;
            let error = failed.lock().unwrap()[0]["error"].to_string();
            assert!(error.contains("form"), "{error}");
            assert!(!error.contains("balcony"));
            assert_eq!(room.affiliation().unwrap(), Affiliation::Owner);
        });
    }
}

#[test]
fn what_a_room_does_not_take_is_told() {
    let refuse_form = true;
    for refuse in [refuse_form, !refuse_form] {
        play(|scene| async move {
            let failed = scene.hear("roomConfigurationFailed");
            scene
                .creates(document(json!({ "membersonly": true })))
                .await;
            if refuse {
                let id = scene
                    .requested("get", &format!("<query xmlns='{OWNER}'/>"))
                    .await;
                scene.refuses(&id, "auth", "forbidden").await;
            } else {
                scene.gives_form(FIELDS).await;
                let id = scene.submitted("").await;
                scene.refuses(&id, "modify", "not-acceptable").await;
            }
            assert_eq!(failed.lock().unwrap().len(), 1);
        });
    }
}

#[test]
fn a_configuration_that_xml_cannot_carry_is_told() {
    play(|scene| async move {
        let failed = scene.hear("roomConfigurationFailed");
        scene
            .creates(document(json!({ "roomdesc": "\u{1}" })))
            .await;
        scene.gives_form(FIELDS).await;
        scene.expect_nothing("<iq type='set'/>").await;
        assert_eq!(failed.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_room_with_nothing_to_configure_is_taken_as_it_is() {
    play(|scene| async move {
        let configured = scene.hear("roomConfigured");
        scene
            .creates(document(json!({ "roomdesc": "Comfy" })))
            .await;
        let id = scene
            .requested("get", &format!("<query xmlns='{OWNER}'/>"))
            .await;
        scene
            .answers(&id, &format!("<query xmlns='{OWNER}'/>"))
            .await;
        let id = scene.submitted("").await;
        scene.answers(&id, "").await;
        assert_eq!(
            configured.lock().unwrap()[0]["ignored"],
            json!(["roomdesc"])
        );
    });
}

#[test]
fn answers_that_come_too_late_configure_nothing() {
    play(|scene| async move {
        let room = scene
            .creates(document(json!({ "membersonly": true })))
            .await;
        let id = scene
            .requested("get", &format!("<query xmlns='{OWNER}'/>"))
            .await;
        room.close().await.unwrap();
        let form = format!(
            "<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='form'>{FIELDS}</x></query>"
        );
        scene.answers(&id, &form).await;
        scene.expect_nothing("<iq type='set'/>").await;
    });
}
