//! What rooms say with a number (XEP-0045 §15.6).

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal;)*) => {
        /// A status code: what a room says about itself, or about what happened to an occupant (XEP-0045 §15.6). By name it is its
        /// number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum StatusCode { $($(#[$doc])* $variant,)* }

        impl StatusCode {
            /// The number on the wire.
            #[must_use]
            pub fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)* }
            }

            /// What a number stands for, if it is registered.
            #[must_use]
            pub fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

codes! {
    /// On entering: every occupant may see the user's real address.
    NonAnonymous = 100;
    /// The user's affiliation was changed while the user was not in the room.
    AffiliationChangedOutside = 101;
    /// Members who are not there are shown from now on.
    ShowsUnavailable = 102;
    /// Members who are not there are not shown any more.
    HidesUnavailable = 103;
    /// The configuration changed in a way that does not touch privacy.
    ConfigurationChanged = 104;
    /// The presence is the user's own.
    SelfPresence = 110;
    /// What is said goes to a public archive.
    Logged = 170;
    /// What is said does not go to a public archive any more.
    NotLogged = 171;
    /// From now on every occupant may see the others' real addresses.
    NowNonAnonymous = 172;
    /// From now on only moderators may see the others' real addresses.
    NowSemiAnonymous = 173;
    /// From now on nobody may see the others' real addresses; of older versions of the XEP.
    NowFullyAnonymous = 174;
    /// The room was created by the user's entering it.
    Created = 201;
    /// The room gave the user another nick than was asked for.
    NickAssigned = 210;
    /// Somebody was banned.
    Banned = 301;
    /// Somebody has another nick.
    NewNick = 303;
    /// Somebody was kicked.
    Kicked = 307;
    /// Somebody must go because the affiliation changed.
    AffiliationChanged = 321;
    /// Somebody must go because only members may stay.
    MembersOnly = 322;
    /// Everybody must go because the service shuts down.
    Shutdown = 332;
    /// Somebody is gone because of a technical problem.
    Error = 333;
}

impl StatusCode {
    /// Those among `numbers` that are registered.
    pub(crate) fn all_of(numbers: &[u16]) -> Vec<Self> {
        numbers
            .iter()
            .filter_map(|number| Self::from_number(*number))
            .collect()
    }

    /// Whether the room is another one from now on and should be asked what it is (XEP-0045 §10.2.1).
    pub(crate) fn is_about_configuration(self) -> bool {
        matches!(
            self,
            Self::ShowsUnavailable
                | Self::HidesUnavailable
                | Self::ConfigurationChanged
                | Self::Logged
                | Self::NotLogged
                | Self::NowNonAnonymous
                | Self::NowSemiAnonymous
                | Self::NowFullyAnonymous
        )
    }
}

impl Serialize for StatusCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_number_has_a_name() {
        let registered = [
            100, 101, 102, 103, 104, 110, 170, 171, 172, 173, 174, 201, 210, 301, 303, 307, 321,
            322, 332, 333,
        ];
        for number in registered {
            let code = StatusCode::from_number(number);
            assert_eq!(code.map(StatusCode::number), Some(number));
        }
        assert_eq!(StatusCode::from_number(999), None);
        assert_eq!(StatusCode::all_of(&[110, 7, 100]).len(), 2);
    }
}
