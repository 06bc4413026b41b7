//! What people say their avatar is, before anybody has seen it.

use serde::{Deserialize, Serialize};

/// An avatar as a contact's node tells of it (XEP-0084 §4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Metadata {
    /// The item's id on the data node, which is the hash.
    pub(crate) hash: String,
}

/// Both ways of telling; nothing is known where there is `None`, and `Some(None)` says that there is no avatar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Announced {
    /// XEP-0084.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "known")]
    pub(crate) metadata: Option<Option<Metadata>>,
    /// The hash in presence (XEP-0153).
    #[serde(default, skip_serializing_if = "Option::is_none", with = "known")]
    pub(crate) photo: Option<Option<String>>,
}

impl Announced {
    /// The hash of the avatar: that of the node counts more, because only it says when there is none any more.
    pub(crate) fn hash(&self) -> Option<&str> {
        let metadata = self.metadata.as_ref().and_then(Option::as_ref);
        let photo = self.photo.as_ref().and_then(Option::as_deref);
        metadata.map(|it| it.hash.as_str()).or(photo)
    }

    /// The node says something new. A picture that it takes back is not there any more, whatever presence said before: servers
    /// that tell the hash themselves (XEP-0398) do not say that there is none.
    pub(crate) fn take_metadata(&mut self, metadata: Option<Metadata>) {
        let before = self.metadata.take().flatten();
        if let (Some(before), None) = (before, &metadata)
            && self.photo.as_ref() == Some(&Some(before.hash))
        {
            self.photo = None;
        }
        self.metadata = Some(metadata);
    }

    /// Whether it is certain that there is none.
    pub(crate) fn is_none(&self) -> bool {
        self.hash().is_none() && (self.metadata.is_some() || self.photo.is_some())
    }
}

/// JSON has one `null` only: what is known is a list of none or one.
mod known {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let value = value.as_ref().map(|value| value.iter().collect::<Vec<_>>());
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        let value = Option::<Vec<T>>::deserialize(deserializer)?;
        Ok(value.map(|value| value.into_iter().next()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn the_node_counts_more_and_none_is_not_unknown() {
        let metadata = || Metadata {
            hash: "a".to_owned(),
        };
        let mut it = Announced::default();
        assert_eq!((it.hash(), it.is_none()), (None, false));
        it.photo = Some(Some("b".to_owned()));
        assert_eq!((it.hash(), it.is_none()), (Some("b"), false));
        it.metadata = Some(Some(metadata()));
        assert_eq!(it.hash(), Some("a"));
        it.take_metadata(None);
        assert_eq!(it.hash(), Some("b"), "another picture");
        it.take_metadata(Some(metadata()));
        it.photo = Some(Some("a".to_owned()));
        it.take_metadata(None);
        assert_eq!(it.photo, None, "the same picture");
        assert_eq!((it.hash(), it.is_none()), (None, true));
        for it in [it, Announced::default()] {
            let json = serde_json::to_string(&it).unwrap();
            assert_eq!(serde_json::from_str::<Announced>(&json).unwrap(), it);
        }
    }
}
