//! The tour on a real account.

use std::net::SocketAddr;

use converse::prelude::*;
use converse_testkit::servers::Proxy;

use super::embedded::show_contacts;
use super::guide::Watch;
use super::options::Account;
use super::show;
use crate::Taken;

pub(crate) async fn tour(account: Account) -> Taken {
    show::stop("Plugins start, then the session");
    // A connection through a proxy of ours can be cut; the certificate is checked for the account's domain all the same.
    let proxy = match &account.server {
        Some(server) => Some(Proxy::start(address_of(server).await?).await?),
        None => None,
    };
    let mut settings = settings! {
        "jid": account.jid,
        "password": account.password,
        "reconnect_min": 200,
        "whitelisted_plugins": ["tour-guide"],
    };
    if let Some(proxy) = &proxy {
        settings.insert("server", proxy.addr().to_string());
    }
    if let Some(ca) = account.ca {
        settings.insert("tls_roots", json!([ca]));
    }
    let api = Converse::initialize(settings).await?;
    api.wait_until("rosterContactsFetched").await?;
    let own = api.user().jid().ok_or("a session without an address")?;
    show::line("you", &format!("are {own}"));

    show::stop("Contacts and their presence");
    show_contacts("you", &api);

    show::stop("A message to yourself and back");
    let note = format!("A note to myself, {}", api.environment().random.stanza_id());
    note_to_self(&api, &own, &note).await?;

    if let Some(proxy) = &proxy {
        show::stop("A cut connection: nothing lost");
        let mut back = Watch::<Reconnected>::new(&api);
        proxy.cut().await;
        show::line("proxy", "cuts the connection as a failing network would");
        let reconnected = back.next(|_| true).await?;
        show::line(
            "you",
            if reconnected.resumed {
                "resumed the session"
            } else {
                "got a new session"
            },
        );
        note_to_self(&api, &own, &format!("{note}, again")).await?;
    }

    show::stop("A named promise");
    api.emit("tour-greeted", ()).await?;
    api.wait_until("tour-greeted").await?;
    show::line("you", "kept the promise `tour-greeted`");

    show::stop("The end");
    api.user().logout().await?;
    show::end("That was the tour.");
    Ok(())
}

/// Sends a message to the own full address, which the server brings back, and waits for it.
async fn note_to_self(api: &Api, own: &Jid, note: &str) -> Taken {
    let (seen, mut came) = tokio::sync::mpsc::unbounded_channel();
    let expected = note.to_owned();
    let route = api.hear_sync(Route::message().from(Sender::Contact), move |message| {
        if message.body().as_deref() == Some(expected.as_str()) {
            // The tour may have gone on.
            let _ = seen.send(());
        }
        Ok(())
    })?;
    let message = Element::builder("message", converse::ns::CLIENT)
        .attr("to", own.as_str())
        .attr("type", "chat")
        .child(Element::builder("body", converse::ns::CLIENT).text(note));
    api.send(message).await?.acknowledged().await?;
    show::line("you", &format!("sent, and the server has it: {note}"));
    came.recv().await.ok_or("the instance has ended")?;
    show::line("you", "got it back");
    api.end_route(route);
    Ok(())
}

async fn address_of(server: &str) -> Result<SocketAddr, BoxError> {
    let server = if server.contains(':') {
        server.to_owned()
    } else {
        format!("{server}:5222")
    };
    let mut addresses = tokio::net::lookup_host(&server).await?;
    addresses
        .next()
        .ok_or_else(|| format!("`{server}` has no address").into())
}
