//! Roles and affiliations, and the end of a room.

use converse_core::prelude::*;
use converse_core::router::{Condition, StanzaError};
use converse_muc::MucError;
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ATRIUM, Scene, play};

impl Scene {
    /// The request that the room gets; its id.
    pub(crate) async fn requested(&self, type_: &str, query: &str) -> String {
        let mut captures = Captures::default();
        let pattern = format!("<iq type='{type_}' id='{{{{id}}}}' to='{ATRIUM}'>{query}</iq>");
        self.server.expect(&pattern, &mut captures).await.unwrap();
        captures.get("id").unwrap().to_owned()
    }

    pub(crate) async fn answers(&self, id: &str, payload: &str) {
        self.says(format!(
            "<iq type='result' id='{id}' from='{ATRIUM}'>{payload}</iq>"
        ))
        .await;
    }

    pub(crate) async fn refuses(&self, id: &str, type_: &str, condition: &str) {
        self.says(format!(
            "<iq type='error' id='{id}' from='{ATRIUM}'><error type='{type_}'>\
             <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ))
        .await;
    }
}

/// A query of moderators and admins.
fn admin(item: &str) -> String {
    format!("<query xmlns='http://jabber.org/protocol/muc#admin'>{item}</query>")
}

#[test]
fn a_role_goes_by_the_nick_and_nothing_else() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let cases = [
            (Role::None, "none"),
            (Role::Visitor, "visitor"),
            (Role::Participant, "participant"),
            (Role::Moderator, "moderator"),
        ];
        for (role, word) in cases {
            let answers = async {
                let item =
                    format!("<item nick='pia' role='{word}'><reason>wet ropes</reason></item>");
                let id = scene.requested("set", &admin(&item)).await;
                let sent = scene.server.sent();
                let sent = sent.last().unwrap().what.to_text();
                assert!(
                    !sent.contains("affiliation=") && !sent.contains("jid="),
                    "{sent}"
                );
                scene.answers(&id, "").await;
            };
            let (done, ()) = tokio::join!(room.set_role("pia", role, Some("wet ropes")), answers);
            done.unwrap();
        }
    });
}

#[test]
fn what_moderators_do_has_names() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            for word in ["none", "participant", "visitor"] {
                let item = format!("<item nick='pia' role='{word}'/>");
                let id = scene.requested("set", &admin(&item)).await;
                scene.answers(&id, "").await;
            }
        };
        let calls = async {
            room.kick("pia", None).await.unwrap();
            room.grant_voice("pia", None).await.unwrap();
            room.revoke_voice("pia", Some("")).await.unwrap();
        };
        tokio::join!(calls, answers);
        for sent in scene.server.sent() {
            assert!(!sent.what.to_text().contains("reason"));
        }
    });
}

#[test]
fn a_refusal_belongs_to_the_request_that_was_refused() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            let first = scene.requested("set", &admin("<item nick='pia'/>")).await;
            let second = scene.requested("set", &admin("<item nick='rook'/>")).await;
            scene.answers(&second, "").await;
            scene.refuses(&first, "cancel", "not-allowed").await;
        };
        let (first, second, ()) =
            tokio::join!(room.kick("pia", None), room.kick("rook", None), answers);
        let error = first.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert_eq!(
            error.to_string(),
            "room.kick: the room refused: not-allowed"
        );
        let refusal = error.cause::<StanzaError>().unwrap();
        assert_eq!(refusal.condition, Condition::NotAllowed);
        second.unwrap();
    });
}

#[test]
fn only_the_room_can_answer_and_one_that_does_not_is_given_up() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            let id = scene.requested("set", &admin("<item nick='pia'/>")).await;
            for other in [
                "annex@rooms.kestrel.example",
                "atrium@rooms.kestrel.example/pia",
            ] {
                scene
                    .says(format!("<iq type='result' id='{id}' from='{other}'/>"))
                    .await;
            }
        };
        let (done, ()) = tokio::join!(room.kick("pia", None), answers);
        let error = done.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let cause: &MucError = error.cause().unwrap();
        assert!(matches!(cause, MucError::NoAnswer { .. }), "{cause:?}");
    });
}

#[test]
fn a_nick_that_cannot_be_one_is_not_sent() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for nick in ["", "\u{7}"] {
            let error = room.kick(nick, None).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{nick:?}");
        }
        scene.expect_nothing("<iq type='set'/>").await;
    });
}

#[test]
fn affiliations_go_by_bare_address_one_request_each_without_waiting() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let change = |jid: &str| {
            AffiliationChange::new(jid.parse().unwrap(), Affiliation::Outcast).reason("flooding")
        };
        let changes = [change("vex@mallard.example"), change("spam@teal.example")];
        let answers = async {
            let mut ids = Vec::new();
            for jid in ["vex@mallard.example", "spam@teal.example"] {
                let item = format!(
                    "<item affiliation='outcast' jid='{jid}'><reason>flooding</reason></item>"
                );
                ids.push(scene.requested("set", &admin(&item)).await);
            }
            scene.refuses(&ids[1], "cancel", "not-allowed").await;
            scene.answers(&ids[0], "").await;
        };
        let (done, ()) = tokio::join!(room.set_affiliations(changes), answers);
        let done = done.unwrap();
        assert!(done[0].is_ok());
        assert_eq!(done[1].as_ref().unwrap_err().kind(), ErrorKind::Stanza);
        for sent in scene.server.sent() {
            assert!(!sent.what.to_text().contains("role="));
        }
    });
}

#[test]
fn a_ban_takes_the_resource_off_and_never_bans_the_room() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            let item = "<item affiliation='outcast' jid='vex@mallard.example'/>";
            let id = scene.requested("set", &admin(item)).await;
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.ban("vex@mallard.example/x9", None), answers);
        done.unwrap();

        let occupant = format!("{ATRIUM}/pia");
        for wrong in [occupant.as_str(), "not a jid"] {
            let error = room.ban(wrong, None).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{wrong}");
        }
        scene.expect_nothing("<iq type='set'/>").await;
    });
}

#[test]
fn a_list_leaves_out_what_does_not_belong_to_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            let id = scene
                .requested("get", &admin("<item affiliation='member'/>"))
                .await;
            let list = admin(
                "<item affiliation='member' jid='ines@heron.example' nick='ines'><reason>rows</reason></item>\
                 <item affiliation='member' jid='not a jid'/><item affiliation='member'/>\
                 <item affiliation='owner' jid='rook@heron.example'/>\
                 <item affiliation='emperor' jid='vex@heron.example'/>\
                 <item jid='vex@heron.example'/><other/>\
                 <item affiliation='member' jid='teal.example'/>",
            );
            scene.answers(&id, &list).await;
        };
        let (list, ()) = tokio::join!(room.affiliations(Affiliation::Member), answers);
        let list = list.unwrap();
        let jids: Vec<&str> = list.iter().map(|one| one.jid.as_str()).collect();
        assert_eq!(jids, ["ines@heron.example", "teal.example"]);
        assert_eq!(list[0].nick.as_deref(), Some("ines"));
        assert_eq!(list[0].reason.as_deref(), Some("rows"));
        let none = room.affiliations(Affiliation::None).await.unwrap_err();
        assert_eq!(none.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn the_members_are_known_as_far_as_the_room_shows_them() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            let mut ids = Vec::new();
            for list in ["member", "owner", "admin"] {
                let item = format!("<item affiliation='{list}'/>");
                ids.push(scene.requested("get", &admin(&item)).await);
            }
            let members = "<item affiliation='member' jid='ines@heron.example'/>\
                           <item affiliation='member' jid='teal.example'/>";
            scene.answers(&ids[0], &admin(members)).await;
            let owner = "<item affiliation='owner' jid='mara@kestrel.example'/>";
            scene.answers(&ids[1], &admin(owner)).await;
            scene.refuses(&ids[2], "auth", "forbidden").await;
        };
        let (members, ()) = tokio::join!(room.members(), answers);
        let members = members.unwrap();
        let of = |jid: &str| members.affiliation(&jid.parse().unwrap());
        assert_eq!(of("ines@heron.example"), Affiliation::Member);
        assert_eq!(of("mara@kestrel.example"), Affiliation::Owner);
        assert_eq!(of("anybody@teal.example"), Affiliation::Member);
        assert_eq!(of("vex@mallard.example"), Affiliation::None);
        assert_eq!(members.of(Affiliation::Owner).count(), 1);
        assert_eq!(members.refused.len(), 1);
        assert_eq!(members.refused[0].0, Affiliation::Admin);
    });
}

#[test]
fn the_voice_list_has_nicks_with_their_roles() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            let id = scene
                .requested("get", &admin("<item role='participant'/>"))
                .await;
            let list = admin(
                "<item affiliation='none' jid='polonius@hamlet/castle' nick='Polo' role='participant'/>\
                 <item nick='' role='participant'/><item role='participant'/>\
                 <item nick='rook' role='moderator'/><item nick='vex' role='emperor'/>",
            );
            scene.answers(&id, &list).await;
        };
        let (list, ()) = tokio::join!(room.role_holders(Role::Participant), answers);
        let list = list.unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].nick, "Polo");
        assert_eq!(list[0].affiliation, Some(Affiliation::None));
        assert_eq!(
            list[0].jid.as_ref().unwrap().as_str(),
            "polonius@hamlet/castle"
        );
    });
}

#[test]
fn a_room_is_destroyed_with_a_reason_and_an_address_to_go_to() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let end = Destruction::because("Macbeth doth come.")
            .alternative("coven@chat.example".parse().unwrap())
            .password("cauldronburn");
        assert!(!format!("{end:?}").contains("cauldronburn"));
        let answers = async {
            let query = "<query xmlns='http://jabber.org/protocol/muc#owner'>\
                         <destroy jid='coven@chat.example'><password>cauldronburn</password>\
                         <reason>Macbeth doth come.</reason></destroy></query>";
            let id = scene.requested("set", query).await;
            scene.answers(&id, "").await;
        };
        let (done, ()) = tokio::join!(room.destroy(end), answers);
        done.unwrap();

        room.close().await.unwrap();
        let closed = room.destroy(()).await.unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::Closed);
    });
}
