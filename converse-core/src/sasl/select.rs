//! Which of the offered mechanisms is used.

use super::credentials::Proof;
use super::exchange::Exchange;
use super::scram::{Binding, Scram};
use super::{ChannelBindings, Credentials, Mechanism, Offer, Policy, Protection, SaslError, error};
use crate::env::RandomSource;

/// Begins the login with the strongest mechanism that the server, the credentials, the connection and the policy allow.
///
/// The order is that of [`Mechanism::all`]: SCRAM with channel binding (SHA-512, -256, -1), SCRAM without (the same),
/// PLAIN. EXTERNAL and ANONYMOUS are used when, and only when, the credentials ask for them.
///
/// Channel binding needs a type that the server announced by XEP-0440 and this connection has. A server that announces
/// `-PLUS` mechanisms but no types is not trusted to know what it says (some announce them for a TLS version in which
/// they have none): the plain variant is used, and the flag in the message is `n`. The flag `y`, "you seem not to
/// support it, though I do", is only sent if no `-PLUS` mechanism was announced (RFC 5802 §6).
///
/// # Errors
/// [`SaslError::NoMechanism`] if nothing fits, [`SaslError::Weaker`] if only weaker ones than the policy's minimum do,
/// [`SaslError::Downgrade`] if the offer contradicts itself (XEP-0440 §3), [`SaslError::Prohibited`] if the credentials
/// cannot be prepared.
pub fn select(
    offer: &Offer,
    credentials: &Credentials,
    protection: Protection<'_>,
    policy: &Policy,
    random: &dyn RandomSource,
) -> Result<Exchange, SaslError> {
    match &credentials.proof {
        Proof::Certificate => {
            let Protection::Tls(_) = protection else {
                return Err(no_mechanism(offer));
            };
            only(Mechanism::External, offer, policy)?;
            Exchange::external(credentials.authzid.as_deref())
        }
        Proof::Nothing => {
            only(Mechanism::Anonymous, offer, policy)?;
            Ok(Exchange::anonymous())
        }
        Proof::Password { user, password } => {
            let none = ChannelBindings::default();
            let bindings = match protection {
                Protection::Tls(bindings) => bindings,
                Protection::PlaintextLoopback => &none,
            };
            let mechanism = strongest(offer, bindings, policy)?;
            let authzid = credentials.authzid.as_deref();
            let Mechanism::Scram { hash, plus } = mechanism else {
                return Exchange::plain(authzid, user, password);
            };
            let binding = binding(plus, offer, bindings, policy)?;
            let scram = Scram::new(hash, binding, authzid, user, password, random)?;
            Ok(Exchange::scram(mechanism, scram.protected_by(offer)))
        }
    }
}

/// The strongest password mechanism.
fn strongest(
    offer: &Offer,
    bindings: &ChannelBindings,
    policy: &Policy,
) -> Result<Mechanism, SaslError> {
    let can_bind = bindings.common(offer).is_some();
    let best = Mechanism::all()
        .filter(|mechanism| match mechanism {
            Mechanism::Scram { plus, .. } => !plus || can_bind,
            Mechanism::Plain => true,
            Mechanism::External | Mechanism::Anonymous => false,
        })
        .find(|mechanism| offer.has(*mechanism) && policy.allows(*mechanism))
        .ok_or_else(|| no_mechanism(offer))?;
    match policy.shortfall(best) {
        Some(required) => Err(SaslError::Weaker { best, required }),
        None => {
            check_consistency(offer, bindings, policy)?;
            Ok(best)
        }
    }
}

/// XEP-0440 §3, rules 4 and 5: an offer from which somebody cut out one half.
///
/// Rule 5 is applied to servers with SCRAM only: one whose user database can do nothing but PLAIN has no mechanism
/// with channel binding, whatever types its TLS library knows.
fn check_consistency(
    offer: &Offer,
    bindings: &ChannelBindings,
    policy: &Policy,
) -> Result<(), SaslError> {
    if policy.allow_weaker || bindings.is_empty() {
        return Ok(());
    }
    let announces_types = offer
        .channel_bindings
        .as_ref()
        .is_some_and(|types| !types.is_empty());
    if offer.sasl2 && offer.has_plus() && !announces_types {
        return Err(SaslError::Downgrade(
            "mechanisms with channel binding, but no channel binding types",
        ));
    }
    if announces_types && !offer.has_plus() && offer.has_scram() {
        return Err(SaslError::Downgrade(
            "channel binding types, but no mechanism with channel binding",
        ));
    }
    Ok(())
}

/// The flag of the first message (RFC 5802 §6, XEP-0440 §3).
fn binding(
    plus: bool,
    offer: &Offer,
    bindings: &ChannelBindings,
    policy: &Policy,
) -> Result<Binding, SaslError> {
    if plus {
        let (name, data) = bindings.common(offer).ok_or_else(|| no_mechanism(offer))?;
        return Ok(Binding::Used {
            name,
            data: data.to_vec(),
        });
    }
    if bindings.is_empty() {
        return Ok(Binding::Unsupported);
    }
    if !offer.has_plus() {
        return Ok(Binding::NotOffered);
    }
    // Types were announced, none is ours, and the one every server must have is not among them: only the server's
    // hash of its own list can show that nobody shortened it (XEP-0474 §4).
    let suspicious = offer.channel_bindings.is_some()
        && bindings.common(offer).is_none()
        && !offer.announces_binding("tls-server-end-point");
    if suspicious && !policy.allow_weaker {
        return Ok(Binding::UnsupportedIfProven);
    }
    Ok(Binding::Unsupported)
}

fn only(mechanism: Mechanism, offer: &Offer, policy: &Policy) -> Result<(), SaslError> {
    if offer.has(mechanism) && policy.allows(mechanism) {
        Ok(())
    } else {
        Err(no_mechanism(offer))
    }
}

fn no_mechanism(offer: &Offer) -> SaslError {
    let offered = match offer.mechanisms.as_slice() {
        [] => "none".to_owned(),
        names => error::printable(&names.join(", ")),
    };
    SaslError::NoMechanism { offered }
}
