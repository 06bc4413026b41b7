//! XEP-0045 §7.8.2: invitations by way of the room.

use converse_testkit::loopback::Affiliation;

use crate::client::{Client, condition, verona};
use crate::rooms::{ROOM, USER, configure, garden};

fn invites(to: &str) -> String {
    format!(
        "<message to='{ROOM}' id='i'><x xmlns='{USER}'><invite to='{to}'>\
         <reason>masks</reason><continue thread='t'/></invite></x></message>"
    )
}

fn declines(to: &str) -> String {
    format!(
        "<message to='{ROOM}' id='d'><x xmlns='{USER}'>\
         <decline to='{to}'><reason>feud</reason></decline></x></message>"
    )
}

#[tokio::test]
async fn an_invitation_goes_there_and_a_refusal_back() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let protected = [("passwordprotectedroom", "1"), ("roomsecret", "rosemary")];
    configure(&mut romeo, &protected).await;
    romeo.drain().await;
    let mut tybalt = Client::online(&server, "tybalt/street").await;
    romeo.send(&invites("tybalt@localhost")).await;
    let heard = tybalt.recv().await;
    assert_eq!(
        (heard.attr("from"), heard.attr("id")),
        (Some(ROOM), Some("i"))
    );
    let user = heard.get_child("x", USER).unwrap();
    let invite = user.get_child("invite", USER).unwrap();
    assert_eq!(invite.attr("from"), Some("romeo@localhost/orchard"));
    assert_eq!(invite.attr("to"), None);
    assert_eq!(invite.get_child("reason", USER).unwrap().text(), "masks");
    assert_eq!(
        invite.get_child("continue", USER).unwrap().attr("thread"),
        Some("t")
    );
    assert_eq!(user.get_child("password", USER).unwrap().text(), "rosemary");
    tybalt.send(&declines("romeo@localhost")).await;
    let heard = romeo.recv().await;
    assert_eq!(heard.attr("from"), Some(ROOM));
    let decline = heard
        .get_child("x", USER)
        .unwrap()
        .get_child("decline", USER)
        .unwrap();
    assert_eq!(decline.attr("from"), Some("tybalt@localhost"));
    assert_eq!(decline.get_child("reason", USER).unwrap().text(), "feud");
    // Nobody refuses twice, or what they were not asked.
    for to in ["romeo@localhost", "juliet@localhost"] {
        tybalt.send(&declines(to)).await;
        assert_eq!(condition(&tybalt.recv().await), "item-not-found");
    }
    juliet.drain().await;
    tybalt.send(&invites("juliet@localhost")).await;
    assert_eq!(condition(&tybalt.recv().await), "not-acceptable");
    romeo.send(&invites("nobody@localhost")).await;
    romeo.hears_nothing().await;
    romeo.send(&invites("@@")).await;
    assert_eq!(condition(&romeo.recv().await), "jid-malformed");
}

#[tokio::test]
async fn who_is_invited_to_a_closed_room_belongs_to_it() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let members = "<item affiliation='member' jid='juliet@localhost'/>";
    crate::rooms::administer(&mut romeo, members).await;
    configure(&mut romeo, &[("membersonly", "1")]).await;
    juliet.drain().await;
    juliet.send(&invites("tybalt@localhost")).await;
    assert_eq!(condition(&juliet.recv().await), "forbidden");
    configure(&mut romeo, &[("allowinvites", "1")]).await;
    juliet.drain().await;
    juliet.send(&invites("tybalt@localhost")).await;
    juliet.hears_nothing().await;
    let room = &server.rooms()[0];
    let known: Vec<_> = room
        .affiliations
        .iter()
        .filter(|(_, known)| *known == Affiliation::Member)
        .map(|(jid, _)| jid.to_string())
        .collect();
    assert_eq!(known, ["juliet@localhost", "tybalt@localhost"]);
    // It waits for whoever is not there.
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    tybalt.send("<presence/>").await;
    let heard = tybalt.drain().await;
    assert!(
        heard.iter().any(|one| one.has_child("x", USER)),
        "{heard:?}"
    );
}
