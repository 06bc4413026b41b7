//! A login that fails once at each of its steps, and then succeeds.

use std::collections::BTreeSet;
use std::time::Duration;

use converse_core::session::SessionState;
use serde_json::{Value, json};

use super::Bare;
use crate::cases::calls;
use crate::cases::trouble::{Done, Trouble};
use crate::cases::world::{ACCOUNT, PASSWORD, World};
use crate::clock::settle;
use crate::scripted::{Captures, Rule, Until};

/// Longer than any wait between two attempts.
const NEXT_ATTEMPT: Duration = Duration::from_secs(300);

pub(super) async fn step(world: &mut World<'_>, value: &Value) -> Done {
    Bare::check(value)?;
    world.api.connection().disconnect().await?;
    world.server.forget_session();
    let mut reasons = BTreeSet::new();
    // DNS
    world.server.fail_lookups(true);
    let options = json!({ "jid": ACCOUNT, "password": PASSWORD });
    calls::call(world, "user.login", &[options], Some("(again)"))?;
    note(world, &mut reasons, "lookup").await?;
    world.server.fail_lookups(false);
    // TCP
    world.server.decide(Rule::Refuse, NEXT_ATTEMPT).await?;
    note(world, &mut reasons, "connection").await?;
    // TLS
    accept(
        world,
        Until::Proceed,
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    )
    .await?;
    world.server.drop_connection();
    note(world, &mut reasons, "TLS").await?;
    // Stream features
    let opened = "<stream xmlns='http://etherx.jabber.org/streams' from='mara@kestrel.example'/>";
    accept(world, Until::Secured, opened).await?;
    world.server.send("<message/>").await?;
    note(world, &mut reasons, "features").await?;
    // SASL
    world
        .server
        .plan(|plan| plan.refuse_auth = Some("temporary-auth-failure".to_owned()));
    accept(
        world,
        Until::Online,
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    )
    .await?;
    note(world, &mut reasons, "authentication").await?;
    world.server.plan(|plan| plan.refuse_auth = None);
    // Resource binding
    let bind = "<iq id='{{bind}}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    let captures = accept(world, Until::Authenticated, bind).await?;
    let refused = "<iq type='error' id='{{bind}}'><error type='wait'>\
         <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
    world.server.send(&captures.fill(refused)?).await?;
    note(world, &mut reasons, "binding").await?;
    // What follows the binding
    accept(world, Until::Authenticated, bind).await?;
    world
        .server
        .send(
            "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
         <internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        )
        .await?;
    note(world, &mut reasons, "session").await?;
    world.server.proceed(Until::Online);
    super::login::come_back(world).await
}

/// Lets the client come so far.
async fn accept(world: &World<'_>, until: Until, seen: &str) -> Result<Captures, Trouble> {
    world.server.plan(|plan| plan.until = until);
    world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
    let mut captures = Captures::default();
    world.server.forget_sent();
    world.server.expect(seen, &mut captures).await?;
    Ok(captures)
}

/// The attempt has failed, for a reason that no other step gives.
async fn note(world: &World<'_>, reasons: &mut BTreeSet<String>, what: &str) -> Done {
    let suspended = world.until(Duration::from_secs(60), || {
        match world.api.connection().state() {
            SessionState::Suspended { reason, .. } => Some(reason),
            _ => None,
        }
    });
    let reason = suspended.await.ok_or_else(|| {
        Trouble::failed(format!("{what}: it is {}", world.api.connection().state()))
    })?;
    // It leaves this state before the next attempt is decided about.
    settle().await;
    if reasons.insert(reason.clone()) {
        Ok(())
    } else {
        Err(Trouble::failed(format!(
            "{what}: `{reason}` was the reason of another step as well"
        )))
    }
}
