//! Rooms (XEP-0045), at the service `conference.` of the server's domain.
//!
//! A room takes what an occupant sends and says who gets what of it ([`Turn`]); it neither waits nor writes. Where a stanza comes
//! from and how it gets to a session is the business of the [router](delivering).
//!
//! | what | where |
//! |---|---|
//! | entering, leaving, nicks, presence, messages, history, subject, private messages | XEP-0045 §7 |
//! | kicks, voice, requests for voice | XEP-0045 §8 |
//! | affiliations and their lists, registration with a room | XEP-0045 §9, §10, §7.10 |
//! | making a room, its configuration, its end | XEP-0045 §10 |
//! | finding rooms, page by page | XEP-0030, XEP-0059 |
//! | the archive of a room | XEP-0313 |
//! | messages that their authors or moderators take back | XEP-0424, XEP-0425 |
//! | ids of messages and of occupants | XEP-0359, XEP-0421 |
//! | the question whether one is still there | XEP-0410 |

mod admin;
mod announcing;
mod archiving;
mod configuring;
mod delivering;
mod disco;
mod entering;
mod form;
mod history;
mod info;
mod inviting;
mod leaving;
mod messages;
mod moderating;
mod owner;
mod paging;
mod rank;
mod reading;
mod registering;
mod relaying;
mod requests;
mod roles;
mod room;
mod rooms;
mod standing;
mod subject;
mod turn;
mod voice;

pub use info::{OccupantInfo, RoomInfo};
pub use rank::{Affiliation, Role};
pub(super) use rooms::Rooms;

use turn::Turn;

const ADMIN: &str = "http://jabber.org/protocol/muc#admin";
const OWNER: &str = "http://jabber.org/protocol/muc#owner";
const CONFIG: &str = "http://jabber.org/protocol/muc#roomconfig";
const INFO: &str = "http://jabber.org/protocol/muc#roominfo";
const REGISTER: &str = "http://jabber.org/protocol/muc#register";
const REQUEST: &str = "http://jabber.org/protocol/muc#request";
