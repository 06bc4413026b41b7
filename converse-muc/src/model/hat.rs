//! What somebody is called in a room beyond role and affiliation.

use serde::Serialize;

/// The longest URI or title of a hat that is kept, in characters.
const LONGEST: usize = 256;

/// What an occupant is in a room beyond role and affiliation: its host, a teacher (XEP-0317 §3).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hat {
    /// What names the hat; 1 to 256 characters.
    pub uri: Box<str>,
    /// What it is called for people; 1 to 256 characters.
    pub title: Box<str>,
    /// Its colour: the hue angle in degrees, from 0 to 360 (XEP-0392).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hue: Option<f32>,
}

impl Hat {
    /// A hat as it is worn; `None` if what names it or its title is missing or too long. A colour that is none is left out.
    pub(crate) fn new(uri: &str, title: &str, hue: Option<&str>) -> Option<Self> {
        let is_usable = |text: &str| !text.is_empty() && text.chars().nth(LONGEST).is_none();
        let hue = hue.and_then(|hue| hue.trim().parse().ok());
        (is_usable(uri) && is_usable(title)).then(|| Self {
            uri: uri.into(),
            title: title.into(),
            hue: hue.filter(|hue| (0.0..=360.0).contains(hue)),
        })
    }

    /// What it takes in memory, about.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.uri.len() + self.title.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_an_angle_or_none() {
        let hue = |text| Hat::new("urn:x", "X", text).map(|hat| hat.hue);
        assert_eq!(hue(Some(" 171.5 ")), Some(Some(171.5)));
        for text in [
            None,
            Some(""),
            Some("red"),
            Some("-1"),
            Some("360.1"),
            Some("NaN"),
            Some("inf"),
        ] {
            assert_eq!(hue(text), Some(None), "{text:?}");
        }
    }

    #[test]
    fn a_hat_has_a_name_and_a_title_of_some_length() {
        let longest = "x".repeat(LONGEST);
        let longer = "x".repeat(LONGEST + 1);
        assert!(Hat::new(&longest, &longest, None).is_some());
        for (uri, title) in [
            ("", "X"),
            ("urn:x", ""),
            (longer.as_str(), "X"),
            ("urn:x", &longer),
        ] {
            assert_eq!(Hat::new(uri, title, None), None);
        }
    }
}
