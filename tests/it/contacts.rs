//! The **contacts** grouping.

use converse::prelude::*;

use crate::scene::{Events, Scene};

/// juliet and mercutio are contacts of romeo, in groups and with a name.
async fn scene() -> Scene {
    Scene::of(|server| {
        server
            .account("mercutio", "secret")
            .subscribed("romeo", "juliet")
            .contact("romeo", "mercutio", "Mercutio", &["Friends", "Verona"])
    })
    .await
}

#[actix::test]
async fn api_118_to_125_getting_contacts() {
    let scene = scene().await;
    let romeo = scene.online("romeo").await;
    let contacts = romeo.contacts();
    let mercutio = contacts.get("mercutio@localhost").unwrap().unwrap();
    assert_eq!(mercutio.fullname, "Mercutio");
    assert_eq!(mercutio.groups, ["Friends", "Verona"]);
    assert_eq!(contacts.get("tybalt@localhost").unwrap(), None);
    assert_eq!(
        contacts.get("Mercutio@LocalHost/x").unwrap(),
        Some(mercutio.clone())
    );
    assert_eq!(
        contacts.get("not a jid").unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );

    let some = contacts
        .get_many(["mercutio@localhost", "tybalt@localhost", "juliet@localhost"])
        .unwrap();
    let names: Vec<_> = some
        .iter()
        .map(|contact| contact.as_ref().map(|contact| contact.user_id()))
        .collect();
    assert_eq!(names, [Some("mercutio"), None, Some("juliet")]);
    assert!(contacts.get_many(Vec::<String>::new()).unwrap().is_empty());
    let all: Vec<_> = contacts
        .all()
        .iter()
        .map(|contact| contact.jid.to_string())
        .collect();
    assert_eq!(all, ["juliet@localhost", "mercutio@localhost"]);
}

#[actix::test]
async fn api_127_what_was_got_stays_as_it_was() {
    let scene = scene().await;
    let romeo = scene.online("romeo").await;
    let before = romeo.contacts().get("mercutio@localhost").unwrap().unwrap();
    let mut pushes = Events::of(&romeo, &["rosterPush"]);
    romeo
        .contacts()
        .rename("mercutio@localhost", "M.")
        .await
        .unwrap();
    let items = pushes.expect("rosterPush").await;
    assert_eq!(items[0]["name"], "M.");
    assert_eq!(before.fullname, "Mercutio");
    let after = romeo.contacts().get("mercutio@localhost").unwrap().unwrap();
    assert_eq!(
        (after.fullname.as_str(), &after.groups),
        ("M.", &before.groups)
    );
}

#[actix::test]
async fn api_130_two_strangers_become_contacts_and_part() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let benvolio = scene.online("benvolio").await;
    let mut asked = Events::of(&benvolio, &["contactRequest", "contactOnline"]);
    let mut seen = Events::of(
        &romeo,
        &[
            "contactRequest",
            "contactOnline",
            "contactRemoved",
            "contactOffline",
        ],
    );

    romeo
        .contacts()
        .add("benvolio@localhost", "Benvolio")
        .await
        .unwrap();
    let added = romeo.contacts().get("benvolio@localhost").unwrap().unwrap();
    assert_eq!(added.fullname, "Benvolio");
    assert_eq!(
        asked.expect("contactRequest").await["jid"],
        "romeo@localhost"
    );
    let request = benvolio.contacts().get("romeo@localhost").unwrap().unwrap();
    assert!(request.requesting);

    benvolio.contacts().accept("romeo@localhost").await.unwrap();
    assert_eq!(
        seen.until("contactRequest").await["jid"],
        "benvolio@localhost"
    );
    romeo.contacts().accept("benvolio@localhost").await.unwrap();
    assert_eq!(asked.expect("contactOnline").await["subscription"], "both");
    let contact = romeo.contacts().get("benvolio@localhost").unwrap().unwrap();
    assert_eq!(contact.subscription.as_str(), "both");
    assert!(contact.ask.is_none() && !contact.requesting);

    romeo.contacts().remove("benvolio@localhost").await.unwrap();
    assert_eq!(
        seen.until("contactRemoved").await["jid"],
        "benvolio@localhost"
    );
    assert_eq!(romeo.contacts().get("benvolio@localhost").unwrap(), None);
}

#[actix::test]
async fn another_client_of_the_account_sees_every_change() {
    let scene = scene().await;
    let desk = scene.online("romeo").await;
    let phone = scene.online("romeo").await;
    let mut pushes = Events::of(&phone, &["rosterPush", "contactRemoved"]);
    desk.contacts()
        .add("benvolio@localhost", None)
        .await
        .unwrap();
    assert_eq!(
        pushes.expect("rosterPush").await[0]["jid"],
        "benvolio@localhost"
    );
    desk.contacts().remove("mercutio@localhost").await.unwrap();
    assert_eq!(
        pushes.until("contactRemoved").await["jid"],
        "mercutio@localhost"
    );
    assert_eq!(phone.contacts().all().len(), 2);
}

#[test]
fn it_works_from_a_plain_tokio_program() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let scene = scene().await;
        let romeo = scene.online("romeo").await;
        let juliet = scene.online("juliet").await;
        let mut heard = Events::of(&juliet, &["messageAdded"]);
        let chat = romeo.chats().open("juliet@localhost").await.unwrap();
        chat.send_message("from another thread").await.unwrap();
        assert_eq!(
            heard.expect("messageAdded").await["message"]["body"],
            "from another thread"
        );
        assert_eq!(romeo.contacts().all().len(), 2);
    });
}
