//! XEP-0045 §7.10, §7.13, §8 to §10: running a room with lists, commands and forms.

use converse::muc::commands::CommandOutcome;
use converse::muc::{AffiliationChange, MucError};
use converse::prelude::*;
use tokio::sync::mpsc;

use super::assembly::{Assembly, handle};
use crate::client::{Host, within};

/// Lists show what was changed, and of several changes none is lost.
pub(crate) async fn lists(server: &impl Host) {
    let Some(party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let his = party.his();
    let people = ["mercutio", "benvolio", "rosaline"];
    let jid = |name: &str| format!("{name}@{}", party.romeo.jid().domain());
    let changes = people.map(|name| {
        AffiliationChange::new(jid(name).parse().unwrap(), Affiliation::Member).reason("a friend")
    });
    let done = within("the changes", his.set_affiliations(changes)).await;
    for change in done.unwrap() {
        change.unwrap();
    }
    let members = within("the members", his.members()).await.unwrap();
    assert!(members.refused.is_empty(), "{:?}", members.refused);
    for name in people {
        let found = members.affiliation(&jid(name).parse().unwrap());
        assert_eq!(found, Affiliation::Member, "{name}");
    }
    let romeo = party.romeo.jid().to_bare();
    assert_eq!(members.affiliation(&romeo), Affiliation::Owner);
    // The last owner stays one, and nobody bans himself.
    let last = his.set_affiliation(&romeo, Affiliation::None, None);
    let refused = within("the refusal", last).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Stanza);
    let refused = within("the refusal", his.ban(&romeo, None)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);

    let moderators = within("the moderators", his.role_holders(Role::Moderator)).await;
    let moderators: Vec<String> = moderators
        .unwrap()
        .into_iter()
        .map(|one| one.nick)
        .collect();
    assert_eq!(moderators, ["Romeo"]);
    party.part().await;
}

/// What is typed is done.
pub(crate) async fn commands(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let (his, room) = (party.his(), party.room.clone());
    for typed in [
        "/topic Fire burn",
        "/topic Fire burn",
        "/topic Cauldron bubble",
    ] {
        let done = within(typed, his.run_command(typed)).await.unwrap();
        assert_eq!(done, CommandOutcome::Done);
    }
    assert_eq!(his.subject().unwrap().unwrap().text, "Cauldron bubble");
    within("the end of the subject", his.set_subject(""))
        .await
        .unwrap();

    let role = |nick: &'static str, role: Role| {
        let room = room.clone();
        move |api: &Api| {
            let occupant = handle(api, &room).occupants().get(nick).unwrap();
            occupant.is_some_and(|occupant| occupant.role == role)
        }
    };
    let steps = [
        ("/op Tybalt", Role::Moderator),
        ("/deop Tybalt", Role::Participant),
        ("/mute Tybalt no brawls", Role::Visitor),
        ("/voice Tybalt", Role::Participant),
    ];
    for (typed, then) in steps {
        within(typed, his.run_command(typed)).await.unwrap();
        party.romeo.holds(typed, role("Tybalt", then)).await;
    }
    // Romeo sees whose nick it is.
    within("the membership", his.run_command("/member Tybalt"))
        .await
        .unwrap();
    let tybalt = party.tybalt.jid().to_bare();
    let members = within("the members", his.affiliations(Affiliation::Member)).await;
    let members = members.unwrap();
    assert!(members.iter().any(|one| one.jid == tybalt), "{members:?}");
    within("the ban", his.run_command("/ban Juliet the feud"))
        .await
        .unwrap();
    party.is_gone("Juliet").await;
    party.part().await;
}

/// Who may not talk asks for it, and hears what becomes of it.
pub(crate) async fn asking_for_voice(server: &impl Host) {
    // With ejabberd everybody has voice unless told otherwise.
    let config = RoomConfig::new()
        .moderated(true)
        .set("members_by_default", false)
        .set("allow_voice_requests", true);
    let Some(mut party) = Assembly::inside(server, config).await else {
        return;
    };
    let (seen, mut requests) = mpsc::unbounded_channel();
    let listen = party.romeo.api.listen();
    listen.subscribe_sync(move |event: &VoiceRequested| {
        // A test that has ended hears nothing.
        let _ = seen.send(event.request.clone());
        Ok(())
    });
    let (tybalts, room) = (party.tybalts(), party.room.clone());
    within("the request", tybalts.request_voice())
        .await
        .unwrap();
    let request = within("the request", requests.recv()).await.unwrap();
    assert_eq!(request.nick, "Tybalt");
    let approval = party.his().approve_voice(&request).await;
    approval.unwrap();
    let talks = |api: &Api| handle(api, &room).role().unwrap() == Role::Participant;
    party.tybalt.holds("his voice", talks).await;

    // A visitor cannot set the subject, and hears that.
    let his = party.his();
    within("the end of it", his.revoke_voice("Tybalt", None))
        .await
        .unwrap();
    let refused = within("the refusal", tybalts.set_subject("Peace")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);
    party.part().await;
}

/// A nick is registered where rooms do that.
pub(crate) async fn registering(server: &impl Host) {
    let Some(party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let tybalts = party.tybalts();
    let registered = within("the registration", tybalts.register_nick("Prince of cats")).await;
    match registered {
        Ok(()) => {
            let known = within("the registration", tybalts.registration()).await;
            let known = known.unwrap().registered;
            assert_eq!(known.as_deref(), Some("Prince of cats"));
        }
        // Some rooms let nobody register, and some want to know more.
        Err(error) => {
            let kinds = [ErrorKind::Stanza, ErrorKind::InvalidArgument];
            assert!(kinds.contains(&error.kind()), "{error:?}");
            assert!(error.cause::<MucError>().is_none(), "{error:?}");
        }
    }
    party.part().await;
}
