//! Three in a room: two with the framework, the third with slixmpp, which says what it saw.

#[cfg(feature = "mam")]
mod archives;
mod assembly;
mod changing;
mod configuring;
mod destroying;
mod entering;
mod finding;
mod inviting;
mod managing;
mod rejoining;
mod running;
mod showing;
mod talking;
mod whispering;

#[cfg(feature = "mam")]
pub(crate) use archives::everything as archived_everything;

/// What holds only where rooms have archives.
#[cfg(feature = "mam")]
mod archived {
    use super::archives;

    #[actix::test]
    async fn prosody() {
        crate::on_prosody(async |server| archives::everything(server).await).await;
    }

    #[actix::test]
    async fn newer_prosody() {
        crate::on_newer_prosody(async |server| archives::everything(server).await).await;
    }
}

rules! {
    loopback;
    [entering] making_and_entering
    [entering] passwords
    [entering] nicks
    [talking] messages_and_history
    [talking] subjects
    [changing] changes
    [changing] moderation
    [whispering] private_messages
    [whispering] those_who_go
    [whispering] nobody
    [showing] availability
    [managing] kicks
    [managing] bans
    [managing] voice
    [running] lists
    [running] commands
    [running] asking_for_voice
    [running] registering
    [configuring] configurations
    [configuring] closed_rooms
    [finding] public_rooms
    [inviting] through_the_room
    [inviting] directly
    [destroying] destructions
    [rejoining] after_a_cut
    [rejoining] after_a_loss
}
