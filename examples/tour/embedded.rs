//! The tour on the embedded server.

use converse::prelude::*;
use converse_testkit::loopback::Loopback;

use super::guide::Watch;
use super::{rooms, show};
use crate::Taken;

pub(crate) async fn tour() -> Taken {
    show::stop("A server in this process");
    let server = Loopback::builder("localhost")
        .account("romeo", "wherefore")
        .account("juliet", "balcony")
        .subscribed("romeo", "juliet")
        .start()
        .await?;
    show::line("server", &format!("listens on {}", server.addr()));

    show::stop("Plugins start, then the session");
    let romeo = log_in(&server, "romeo", "wherefore").await?;
    romeo.wait_until("rosterContactsFetched").await?;

    show::stop("Contacts and their presence");
    show_contacts("romeo", &romeo);
    let mut seen = Watch::<ContactStatusChanged>::new(&romeo);
    let juliet = log_in(&server, "juliet", "balcony").await?;
    juliet.wait_until("rosterContactsFetched").await?;
    seen.next(|event| event.contact.chat_status == ChatStatus::Online)
        .await?;
    juliet.user().status().set("away", "At the balcony").await?;
    seen.next(|event| event.contact.chat_status == ChatStatus::Away)
        .await?;
    show_contacts("romeo", &romeo);

    show::stop("A chat, both ways");
    let mut at_juliet = Watch::<MessageAdded>::new(&juliet);
    let mut at_romeo = Watch::<MessageAdded>::new(&romeo);
    let (to_juliet, to_romeo) = (
        romeo.chats().open("juliet@localhost").await?,
        juliet.chats().open("romeo@localhost").await?,
    );
    to_juliet
        .send_message("But, soft! what light through yonder window breaks?")
        .await?;
    receive("juliet", &mut at_juliet).await?;
    to_romeo
        .send_message("O Romeo, Romeo! wherefore art thou Romeo?")
        .await?;
    receive("romeo", &mut at_romeo).await?;

    show::stop("A room");
    rooms::tour(&romeo, &juliet).await?;

    show::stop("A cut connection: nothing lost, nothing twice");
    let mut back = Watch::<Reconnected>::new(&romeo);
    let cut = server.cut("romeo");
    show::line(
        "server",
        &format!("cuts {cut} connection as a failing network would"),
    );
    for line in ["Deny thy father", "and refuse thy name."] {
        to_romeo.send_message(line).await?;
        show::line("juliet", &format!("writes meanwhile: {line}"));
    }
    let reconnected = back.next(|_| true).await?;
    show::line(
        "romeo",
        if reconnected.resumed {
            "resumed the session"
        } else {
            "got a new session"
        },
    );
    for _ in 0..2 {
        receive("romeo", &mut at_romeo).await?;
    }

    #[cfg(feature = "mam")]
    {
        show::stop("The archive, page by page");
        super::archive::tour(&romeo, "juliet@localhost").await?;
    }

    show::stop("A named promise");
    let waiter = tokio::task::spawn_local({
        let romeo = romeo.clone();
        async move { romeo.wait_until("tour-greeted").await }
    });
    romeo.emit("tour-greeted", ("romeo", "juliet")).await?;
    waiter.await??;
    show::line(
        "romeo",
        "kept the promise `tour-greeted`; whoever asks for it later gets it at once",
    );
    romeo.wait_until("tour-greeted").await?;

    show::stop("The end");
    romeo.connection().disconnect().await?;
    juliet.user().logout().await?;
    server.stop().await;
    show::end("That was the tour. Now with your own account: --jid you@your.server --password …");
    Ok(())
}

async fn log_in(server: &Loopback, user: &str, password: &str) -> Result<Api, Error> {
    Converse::initialize(settings! {
        "jid": format!("{user}@localhost"),
        "password": password,
        "server": server.addr().to_string(),
        // The embedded server is on this machine only, so there is nothing to encrypt.
        "security": "plaintext_loopback",
        "reconnect_min": 200,
        "whitelisted_plugins": ["tour-guide"],
        "tour_name": user,
    })
    .await
}

pub(crate) fn show_contacts(who: &str, api: &Api) {
    let contacts = api.contacts().all();
    if contacts.is_empty() {
        show::line(who, "has no contacts");
    }
    for contact in contacts {
        let status = contact
            .status
            .as_deref()
            .map(|status| format!(" ({status})"))
            .unwrap_or_default();
        show::line(
            who,
            &format!(
                "has {}, who is {}{status}",
                contact.fullname, contact.chat_status
            ),
        );
    }
}

/// Shows the next message that came from the other side.
pub(crate) async fn receive(who: &str, messages: &mut Watch<MessageAdded>) -> Taken {
    let added = messages
        .next(|event| event.message.sender == SentBy::Them)
        .await?;
    show::line(
        who,
        &format!("gets from {}: {}", added.chatbox.jid(), added.message.body),
    );
    Ok(())
}
