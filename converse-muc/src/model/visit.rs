//! The user's own coming to a room and going from it, as the room tells (XEP-0045 §7.2, §7.6, §8.2, §9.1, §10.9).

use converse_core::Error;
use converse_core::router::{Condition, StanzaError};
use jid::BareJid;

use super::info::RoomFeature;
use super::occupant::Role;
use super::presence::{Change, Item, Removal, RoomPresence, removal};
use super::room::State;
use super::status::{ConnectionStatus, Disconnection};
use super::status_code::StatusCode;
use crate::error::{JoinError, Known, MucError};

impl State {
    /// The room shows the user's own presence. The first one ends the way in (§7.2.2).
    pub(super) fn take_own(&mut self, nick: String, item: &Item, codes: Vec<u16>) -> Vec<Change> {
        self.nick = Some(nick);
        self.note_own_id();
        self.role = item.role;
        self.affiliation = item.affiliation;
        self.codes = codes;
        if self.status == ConnectionStatus::Entered {
            return Vec::new();
        }
        self.status = ConnectionStatus::Entered;
        self.joining.succeed();
        let mut changes = vec![Change::Status];
        let told = StatusCode::all_of(&self.codes);
        let told: Vec<_> = told
            .into_iter()
            .filter(|code| *code != StatusCode::SelfPresence)
            .collect();
        if !told.is_empty() {
            self.take_codes(&told);
            changes.push(Change::Notice(told.clone()));
        }
        if told.contains(&StatusCode::Created) {
            changes.push(Change::Created);
        }
        changes
    }

    /// The room says what is true of it from now on (§10.2.1); it can be asked for the rest.
    pub(crate) fn take_codes(&mut self, codes: &[StatusCode]) {
        use RoomFeature::{NonAnonymous, SemiAnonymous};
        for code in codes {
            let (is_true, is_false) = match code {
                StatusCode::Logged => {
                    self.logged = Some(true);
                    continue;
                }
                StatusCode::NotLogged => {
                    self.logged = Some(false);
                    continue;
                }
                StatusCode::NonAnonymous | StatusCode::NowNonAnonymous => {
                    (NonAnonymous, SemiAnonymous)
                }
                StatusCode::NowSemiAnonymous => (SemiAnonymous, NonAnonymous),
                _ => continue,
            };
            if let Some(info) = &mut self.info {
                info.features.insert(is_true);
                info.features.remove(&is_false);
            }
        }
    }

    /// The user has another nick, of their own will or not.
    pub(super) fn take_own_nick(&mut self, new: &str) {
        self.nick = Some(new.to_owned());
        self.joining.wanted_nick = Some(new.to_owned());
        if let Some(renaming) = self.renaming.take_if(|renaming| renaming.nick == new) {
            // Nobody waits any more if the caller gave up.
            let _ = renaming.done.send(Ok(()));
        }
    }

    /// The user is not in the room any more (§8.2, §9.1, §10.9).
    pub(super) fn leave(
        &mut self,
        presence: &RoomPresence,
        destroyed: Option<Removal>,
    ) -> Vec<Change> {
        let left = removal(presence);
        let mut may_pass = presence.has(StatusCode::Shutdown) || presence.has(StatusCode::Error);
        self.status = ConnectionStatus::Disconnected;
        if presence.has(StatusCode::Banned) {
            self.status = ConnectionStatus::Banned;
            may_pass = false;
        }
        let mut error = None;
        self.disconnection = Some(match destroyed {
            Some(Removal { moved, reason }) => {
                self.status = ConnectionStatus::Destroyed;
                self.moved_jid.clone_from(&moved);
                error = Some(JoinError::Destroyed { to: moved });
                may_pass = false;
                Disconnection::new("destroyed", presence.item.actor.clone(), reason)
            }
            None => left.unwrap_or_else(|| {
                // Nobody has sent the user away, nor has he gone: what was left of an earlier connection has.
                may_pass |= self.joining.rejoins;
                Disconnection::new("left", None, presence.item.reason.clone())
            }),
        });
        self.joining.fail(error, may_pass);
        self.role = Role::None;
        self.affiliation = presence.item.affiliation;
        self.codes.clone_from(&presence.codes);
        self.occupants.clear();
        self.renaming = None;
        vec![Change::Status]
    }

    /// The room does not want what was asked (§7.2, §7.6). Who is in the room stays there.
    pub(super) fn take_refusal(
        &mut self,
        presence: &RoomPresence,
        error: StanzaError,
        moved: Option<BareJid>,
    ) -> Vec<Change> {
        if self.status == ConnectionStatus::Entered {
            return self.take_refused_change(presence, error);
        }
        let is_other =
            presence.nick.is_some() && presence.nick.as_deref() != self.joining.requested();
        if is_other {
            return Vec::new();
        }
        if error.condition == Condition::Conflict {
            return vec![Change::NickTaken(error)];
        }
        self.refuse(error, moved);
        vec![Change::Status]
    }

    /// A change of nick or of presence was refused; where no change of nick was asked for, the room may not know the user any more.
    fn take_refused_change(&mut self, presence: &RoomPresence, error: StanzaError) -> Vec<Change> {
        let refused = self.renaming.take_if(|renaming| {
            presence.nick.is_none() || presence.nick.as_deref() == Some(&renaming.nick)
        });
        let Some(renaming) = refused else {
            let is_own = presence.nick.is_none() || presence.nick == self.nick;
            return if is_own {
                vec![Change::Doubt]
            } else {
                Vec::new()
            };
        };
        let error = match error.condition {
            Condition::Conflict => MucError::NickTaken.into(),
            _ => Error::from(error),
        };
        let _ = renaming.done.send(Err(error));
        Vec::new()
    }

    /// The room does not let the user in.
    pub(crate) fn refuse(&mut self, error: StanzaError, moved: Option<BareJid>) {
        self.status = match error.condition {
            Condition::Conflict | Condition::NotAcceptable | Condition::JidMalformed => {
                ConnectionStatus::NicknameRequired
            }
            Condition::NotAuthorized => ConnectionStatus::PasswordRequired,
            Condition::Forbidden => ConnectionStatus::Banned,
            Condition::Gone => ConnectionStatus::Destroyed,
            _ => ConnectionStatus::Disconnected,
        };
        let known = Known {
            exists: self.info.is_some(),
            password_given: self.joining.password.is_some(),
        };
        let cause = JoinError::of(&error, moved.clone(), known);
        // The nick of the last visit is maybe still held by what is left of that visit, for as long as the room has not noticed.
        let is_ghost = cause == JoinError::NickConflict
            && self.nick.is_some()
            && self.nick.as_deref() == self.joining.requested();
        // Whatever else is needed, only somebody can give it.
        let is_out = self.status == ConnectionStatus::Disconnected;
        let may_pass = is_ghost || (is_out && cause.may_pass(error.type_));
        self.joining.fail(Some(cause), may_pass);
        let condition = error.condition.as_str();
        self.disconnection = Some(Disconnection::new(condition, None, error.text));
        self.moved_jid = moved;
        self.occupants.clear();
    }

    /// The attempt to enter ended without the room having refused the user.
    pub(crate) fn give_up(&mut self, error: JoinError) {
        let (status, may_pass) = match error {
            JoinError::NickMissing => (ConnectionStatus::NicknameRequired, false),
            JoinError::NoAnswer => (ConnectionStatus::Disconnected, true),
            _ => (ConnectionStatus::Disconnected, false),
        };
        self.status = status;
        if error == JoinError::NoAnswer {
            let condition = Condition::RemoteServerTimeout.as_str();
            self.disconnection = Some(Disconnection::new(condition, None, None));
        }
        self.joining.fail(Some(error), may_pass);
        self.occupants.clear();
    }
}
