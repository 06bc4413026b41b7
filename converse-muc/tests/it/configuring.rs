//! The configuration of a room.

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::ManagingError;
use converse_muc::prelude::*;

use crate::form::{FIELDS, OWNER, field};
use crate::scene::{ATRIUM, play};

#[test]
fn the_configuration_is_read_as_far_as_it_can_be() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let (read, ()) = tokio::join!(room.configuration(), scene.gives_form(FIELDS));
        let read = read.unwrap();
        assert_eq!(read.name(), Some("Atrium"));
        assert_eq!(read.description(), None);
        assert_eq!(read.language(), Some("en"));
        assert_eq!(read.members_only(), Some(false));
        assert_eq!(read.public(), Some(true));
        assert_eq!(read.moderated(), None, "neither yes nor no");
        assert_eq!(read.persistent(), None, "not there");
        assert_eq!(read.password_protected(), Some(true));
        assert_eq!(read.password().unwrap().expose(), "cauldronburn");
        assert_eq!(read.shows_addresses(), Some(false));
        assert_eq!(read.max_users(), Some(20));
        assert_eq!(read.max_history(), Some(50));
        assert_eq!(read.slow_mode(), Some(Duration::from_secs(15)));
        assert_eq!(read.presence_broadcast(), ["moderator", "visitor"]);
        assert!(read.member_list_readers().is_empty());
        assert_eq!(read.admins().len(), 1);
        assert!(read.field("x-tide#ropes").is_some());
        assert!(read.field("muc#roomconfig_whois").is_some());
        assert!(!format!("{read:?}").contains("cauldronburn"));
    });
}

#[test]
fn what_is_not_changed_goes_back_as_it_came() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let config = RoomConfig::new()
            .members_only(true)
            .description("Comfy")
            .set("presencebroadcast", ["participant", "moderator"]);
        let server = async {
            scene.gives_form(FIELDS).await;
            let expected = [
                field("FORM_TYPE", &["http://jabber.org/protocol/muc#roomconfig"]),
                field("muc#roomconfig_roomname", &["Atrium"]),
                field("muc#roomconfig_roomdesc", &["Comfy"]),
                field("muc#roomconfig_membersonly", &["1"]),
                field("muc#roomconfig_publicroom", &["true"]),
                field("muc#roomconfig_moderatedroom", &["perhaps"]),
                field("muc#roomconfig_roomsecret", &["cauldronburn"]),
                field(
                    "muc#roomconfig_presencebroadcast",
                    &["moderator", "participant"],
                ),
                field(
                    "muc#roomconfig_roomadmins",
                    &["ines@heron.example", "not a jid"],
                ),
                field("x-tide#ropes", &["wet", "dry"]),
            ]
            .concat();
            let id = scene.submitted(&expected).await;
            let sent = scene.last_sent();
            for never in ["About the room", "nameless", "visitor"] {
                assert!(!sent.contains(never), "{never} in {sent}");
            }
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.configure(config), server);
        done.unwrap();
    });
}

#[test]
fn a_list_that_is_emptied_says_so() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let server = async {
            scene.gives_form(FIELDS).await;
            let id = scene
                .submitted("<field var='muc#roomconfig_roomadmins'/>")
                .await;
            assert!(!scene.last_sent().contains("ines@heron.example"));
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.configure(RoomConfig::new().admins([])), server);
        done.unwrap();
    });
}

#[test]
fn what_does_not_fit_the_form_changes_nothing() {
    let configs = [
        RoomConfig::new().persistent(true),
        RoomConfig::new().set("whois", "nobody"),
        RoomConfig::new().set("membersonly", "perhaps"),
        RoomConfig::new().set("roomname", ["one", "two"]),
        RoomConfig::new().set("roomadmins", "not a jid"),
        RoomConfig::new().set("FORM_TYPE", "other"),
    ];
    for config in configs {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let (done, ()) = tokio::join!(room.configure(config.clone()), scene.gives_form(FIELDS));
            let error = done.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{config:?}");
            let cause = error.cause::<ManagingError>();
            assert!(
                matches!(cause, Some(ManagingError::Unfit { .. })),
                "{cause:?}"
            );
            scene.expect_nothing("<iq type='set'/>").await;
        });
    }
}

#[test]
fn names_are_the_same_with_the_prefix_and_without() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let config = RoomConfig::new()
            .set("muc#roomconfig_membersonly", true)
            .set("maxhistoryfetch", 10_u32)
            .set("x-tide#ropes", "dry");
        let server = async {
            scene.gives_form(FIELDS).await;
            let expected = [
                field("muc#roomconfig_membersonly", &["1"]),
                field("muc#maxhistoryfetch", &["10"]),
                field("x-tide#ropes", &["dry"]),
            ];
            let id = scene.submitted(&expected.concat()).await;
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.configure(config), server);
        done.unwrap();
    });
}

#[test]
fn a_password_is_set_and_taken_away_with_its_switch() {
    let configs = [
        (RoomConfig::new().password("balcony"), "1", "balcony"),
        (RoomConfig::new().without_password(), "0", ""),
    ];
    for (config, protected, secret) in configs {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            assert!(!format!("{config:?}").contains("balcony"));
            let server = async {
                scene.gives_form(FIELDS).await;
                let expected = [
                    field("muc#roomconfig_passwordprotectedroom", &[protected]),
                    field("muc#roomconfig_roomsecret", &[secret]),
                ];
                let id = scene.submitted(&expected.concat()).await;
                scene.answers(&id, "").await;
            };
            let (done, ()) = tokio::join!(room.configure(config), server);
            done.unwrap();
        });
    }
}

#[test]
fn a_password_needs_no_switch_where_there_is_none() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let form = field("muc#roomconfig_roomsecret", &[""]);
        let (read, ()) = tokio::join!(room.configuration(), scene.gives_form(&form));
        assert_eq!(read.unwrap().password_protected(), Some(false));
        let server = async {
            scene.gives_form(&form).await;
            let id = scene
                .submitted(&field("muc#roomconfig_roomsecret", &["balcony"]))
                .await;
            scene.answers(&id, "").await;
        };
        let config = RoomConfig::new().password("balcony");
        let (done, ()) = tokio::join!(room.configure(config), server);
        done.unwrap();
    });
}

#[test]
fn a_room_may_have_nothing_to_configure_or_no_form_that_can_be_read() {
    let answers = [
        (format!("<query xmlns='{OWNER}'/>"), ErrorKind::Unsupported),
        (String::new(), ErrorKind::InvalidResponse),
        (
            "<query xmlns='jabber:iq:other'/>".to_owned(),
            ErrorKind::InvalidResponse,
        ),
        (
            format!("<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='soup'/></query>"),
            ErrorKind::InvalidResponse,
        ),
        (
            format!("<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='cancel'/></query>"),
            ErrorKind::InvalidResponse,
        ),
    ];
    for (answer, kind) in answers {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let server = async {
                let id = scene
                    .requested("get", &format!("<query xmlns='{OWNER}'/>"))
                    .await;
                scene.answers(&id, &answer).await;
            };
            let (read, ()) = tokio::join!(room.configuration(), server);
            assert_eq!(read.unwrap_err().kind(), kind, "{answer}");
        });
    }
}

#[test]
fn who_is_no_owner_is_refused() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let server = async {
            let id = scene
                .requested("get", &format!("<query xmlns='{OWNER}'/>"))
                .await;
            scene.refuses(&id, "auth", "forbidden").await;
        };
        let (read, ()) = tokio::join!(room.configure(RoomConfig::new()), server);
        let error = read.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert!(error.to_string().contains("forbidden"));
    });
}

#[test]
fn the_form_can_be_filled_out_by_hand() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let (read, ()) = tokio::join!(room.configuration(), scene.gives_form(FIELDS));
        let mut submission = read.unwrap().fill();
        submission.set("muc#roomconfig_whois", "anyone").unwrap();
        let server = async {
            let expected = field("muc#roomconfig_whois", &["anyone"]);
            let id = scene.submitted(&expected).await;
            scene.refuses(&id, "modify", "not-acceptable").await;
        };
        let (done, ()) = tokio::join!(room.submit_configuration(&submission), server);
        assert_eq!(done.unwrap_err().kind(), ErrorKind::Stanza);
    });
}

#[test]
fn a_new_room_is_taken_as_it_is_or_given_up() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let form = |type_: &str| {
            format!("<query xmlns='{OWNER}'><x xmlns='jabber:x:data' type='{type_}'/></query>")
        };
        let server = async {
            let id = scene.requested("set", &form("submit")).await;
            assert!(!scene.last_sent().contains("field"));
            scene.answers(&id, "").await;
            let id = scene.requested("set", &form("cancel")).await;
            scene.answers(&id, "").await;
        };
        let calls = async {
            room.accept_defaults().await.unwrap();
            room.cancel_configuration().await.unwrap();
        };
        tokio::join!(calls, server);
    });
}

#[test]
fn a_map_of_the_3_2_document_is_a_configuration() {
    let config = RoomConfig::from_json(&json!({
        "changesubject": false,
        "muc#roomconfig_membersonly": true,
        "maxusers": 30,
        "presencebroadcast": ["moderator", "visitor"],
        "roomdesc": null,
    }));
    let expected = RoomConfig::new()
        .occupants_change_subject(false)
        .members_only(true)
        .max_users(30)
        .set("presencebroadcast", ["moderator", "visitor"]);
    assert_eq!(config.unwrap(), expected);
    for wrong in [
        json!([1]),
        json!({ "whois": { "who": "anyone" } }),
        json!({ "a": [[1]] }),
    ] {
        let error = RoomConfig::from_json(&wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
