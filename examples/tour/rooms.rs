//! A room, on the embedded server.

use converse::muc::InviteOptions;
use converse::prelude::*;

use super::guide::Watch;
use super::show;
use crate::Taken;

const GARDEN: &str = "garden@conference.localhost";

/// Romeo makes a room and invites Juliet, they talk, and he closes it.
pub(crate) async fn tour(romeo: &Api, juliet: &Api) -> Taken {
    let config = RoomConfig::new().name("Capulet's garden").moderated(true);
    let options = RoomOptions::nick("Romeo")
        .auto_configure(true)
        .roomconfig(config);
    let mut made = Watch::<RoomConfigured>::new(romeo);
    let garden = romeo.rooms().open(GARDEN, options).await?;
    garden.entered().await?;
    made.next(|_| true).await?;
    show::line("romeo", &format!("has made {GARDEN} and is its owner"));

    let mut invited = Watch::<RoomInviteReceived>::new(juliet);
    let options = InviteOptions::reason("The orchard walls are high").mediated();
    garden.invite("juliet@localhost", options).await?;
    let invitation = &invited.next(|_| true).await?.invitation;
    let reason = invitation.reason().unwrap_or("no reason");
    show::line("juliet", &format!("is invited: {reason}"));

    let mut came = Watch::<OccupantJoined>::new(romeo);
    let balcony = invitation.accept("Juliet").await?;
    balcony.entered().await?;
    came.next(|event| event.occupant.nick == "Juliet").await?;
    show_occupants(&garden)?;

    let mut at_juliet = Watch::<OccupantChanged>::new(juliet);
    garden
        .grant_voice("Juliet", Some("Speak again, bright angel!"))
        .await?;
    let with_voice = |event: &OccupantChanged| {
        event.occupant.nick == "Juliet" && event.occupant.role == Role::Participant
    };
    at_juliet.next(with_voice).await?;
    show::line("juliet", "has got voice");

    let mut heard = Watch::<RoomMessageAdded>::new(romeo);
    balcony.send_message("How camest thou hither?").await?;
    let added = heard
        .next(|event| event.message.sender == SentBy::Them)
        .await?;
    let nick = added.message.nick.as_deref().unwrap_or("somebody");
    show::line("romeo", &format!("hears {nick}: {}", added.message.body));

    let mut subjects = Watch::<RoomSubjectChanged>::new(juliet);
    garden.set_subject("Love's light wings").await?;
    let changed = subjects
        .next(|event| !event.subject.text.is_empty())
        .await?;
    show::line(
        "juliet",
        &format!("sees the subject: {}", changed.subject.text),
    );

    let mut ends = Watch::<RoomStatusChanged>::new(juliet);
    garden.destroy("It is the lark").await?;
    ends.next(|event| event.status == ConnectionStatus::Destroyed)
        .await?;
    show::line("juliet", "is told that the room is no more");
    Ok(())
}

fn show_occupants(room: &Room) -> Taken {
    for occupant in room.occupants().all()? {
        let jid = occupant.real_jid.as_ref().map(|jid| format!(", {jid}"));
        show::line(
            "romeo",
            &format!(
                "sees {}, {} and {}{}",
                occupant.nick,
                occupant.affiliation,
                occupant.role,
                jid.unwrap_or_default()
            ),
        );
    }
    Ok(())
}
