//! The **blocking** grouping in company: who is blocked is not heard.

use converse::prelude::*;

use crate::scene::{Events, Scene, next, stanzas, within};

#[actix::test]
async fn who_is_blocked_is_not_heard_and_every_client_knows() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let phone = scene.online("romeo").await;
    let juliet = scene.online("juliet").await;
    for api in [&romeo, &phone] {
        within(api.wait_until("blocklistInitialized"))
            .await
            .unwrap();
    }
    let mut known = Events::of(&phone, &["contactBlocked", "contactUnblocked"]);
    let mut heard = Events::of(&romeo, &["message"]);
    let mut errors = stanzas(&juliet, Route::message().of_type(["error"]));

    romeo.blocking().block(["juliet@localhost"]).await.unwrap();
    assert!(romeo.blocking().is_blocked("juliet@localhost").unwrap());
    assert_eq!(
        known.expect("contactBlocked").await["jid"],
        "juliet@localhost"
    );
    juliet
        .send("<message to='romeo@localhost' type='chat' id='m1'><body>Romeo?</body></message>")
        .await
        .unwrap();
    assert_eq!(next(&mut errors).await.id().as_deref(), Some("m1"));

    // The own server says no to what is sent the other way.
    let mut refused = Events::of(&romeo, &["sendRefused"]);
    let to_juliet =
        "<message to='juliet@localhost' type='chat' id='m2'><body>Juliet?</body></message>";
    romeo.send(to_juliet).await.unwrap();
    let refusal = refused.expect("sendRefused").await;
    assert_eq!(
        (&refusal["jid"], &refusal["id"]),
        (&json!("juliet@localhost"), &json!("m2"))
    );

    phone.blocking().unblock_all().await.unwrap();
    assert_eq!(
        known.expect("contactUnblocked").await["jid"],
        "juliet@localhost"
    );
    juliet
        .send("<message to='romeo@localhost' type='chat' id='m3'><body>Romeo!</body></message>")
        .await
        .unwrap();
    let message = heard.expect("message").await;
    assert!(message.to_string().contains("Romeo!"), "{message}");
    assert!(romeo.blocking().list().is_empty());
}
