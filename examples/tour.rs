//! scratch
use converse::prelude::*;
use converse_testkit::loopback::Loopback;

#[actix::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().with_env_filter("debug").init();
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .subscribed("romeo", "juliet")
        .start()
        .await?;
    let addr = server.addr().to_string();
    let start = |user: &str| {
        Converse::initialize(
            settings! { "jid": format!("{user}@localhost"), "password": "secret", "server": addr.clone(), "security": "plaintext_loopback" },
        )
    };
    let romeo = start("romeo").await?;
    let juliet = start("juliet").await?;
    println!("{:?} {:?}", romeo.user().jid(), juliet.user().jid());
    juliet.hear_sync(Route::message(), |m| {
        println!("juliet got {:?} {:?}", m, m.body());
        Ok(())
    })?;
    juliet.send("<presence/>").await?;
    let ack = romeo
        .send("<message to='juliet@localhost' type='chat'><body>Hi &amp; there</body></message>")
        .await?;
    ack.acknowledged().await?;
    println!("acked");
    let pong = romeo
        .iq("<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await?;
    println!("{pong:?}");
    romeo.connection().disconnect().await?;
    Ok(())
}
