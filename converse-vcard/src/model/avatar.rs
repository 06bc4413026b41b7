//! A picture, checked before anybody sees it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::digest;

/// Bytes of the largest picture that is taken or published, 512 KiB. XEP-0153 recommends 8 KiB; photographs of current clients
/// have up to a few hundred.
pub const MAX_IMAGE_BYTES: usize = 512 * 1024;

/// Base64 as it is met: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The formats of pictures that are taken. The first bytes of a picture decide, not what is said about it (XEP-0153 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageType {
    /// `image/png`.
    Png,
    /// `image/jpeg`.
    Jpeg,
    /// `image/gif`.
    Gif,
    /// `image/webp`.
    Webp,
}

impl ImageType {
    /// What the first bytes say; nothing for any other format.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            _ => None,
        }
    }

    /// The media type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The format of that media type.
    #[must_use]
    pub fn from_media_type(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "image/jpg" => Some(Self::Jpeg),
            name => [Self::Png, Self::Jpeg, Self::Gif, Self::Webp]
                .into_iter()
                .find(|type_| type_.as_str() == name),
        }
    }
}

impl fmt::Display for ImageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a picture was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// There is nothing in it.
    #[error("the picture is empty")]
    Empty,
    /// It is larger than [`MAX_IMAGE_BYTES`].
    #[error("the picture has more than {MAX_IMAGE_BYTES} bytes")]
    TooLarge,
    /// It is not Base64.
    #[error("the picture is not in Base64")]
    NotBase64,
    /// It is in none of the formats of [`ImageType`].
    #[error("the picture is no PNG, JPEG, GIF or WebP")]
    UnknownType,
    /// It is said to be in one format and is in another.
    #[error("the picture is {found}, not {declared}")]
    OtherType {
        /// What it is said to be.
        declared: String,
        /// What it is.
        found: ImageType,
    },
    /// It is not the one that was announced.
    #[error("the picture's hash is {found}, not {announced}")]
    WrongHash {
        /// The hash that was announced.
        announced: String,
        /// The hash it has.
        found: String,
    },
}

/// A picture with its format and its hash; cloning it is cheap.
///
/// ```
/// use converse_vcard::{Avatar, ImageType};
///
/// let pixel = b"\x89PNG\r\n\x1a\n and the rest";
/// let avatar = Avatar::new(pixel.to_vec())?;
/// assert_eq!(avatar.type_, ImageType::Png);
/// assert_eq!(avatar.hash.len(), 40);
/// assert!(Avatar::new(b"<svg/>".to_vec()).is_err());
/// # Ok::<(), converse_vcard::ImageError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Avatar {
    /// The picture. Its first bytes have been looked at, nothing more: it comes from a stranger.
    pub bytes: Arc<[u8]>,
    /// Its format.
    pub type_: ImageType,
    /// The SHA-1 of the bytes, in lower-case hexadecimal.
    pub hash: String,
}

impl Avatar {
    /// A picture that may be shown: not too large, in a known format.
    ///
    /// # Errors
    ///
    /// Why it may not.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Result<Self, ImageError> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(ImageError::Empty);
        }
        if bytes.len() > MAX_IMAGE_BYTES {
            return Err(ImageError::TooLarge);
        }
        let type_ = ImageType::of(&bytes).ok_or(ImageError::UnknownType)?;
        let hash = sha1(&bytes);
        Ok(Self { bytes, type_, hash })
    }

    /// The picture in Base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.bytes)
    }

    /// The picture in this text, where white space is ignored.
    pub(crate) fn from_base64(text: &str) -> Result<Self, ImageError> {
        // A third more than the picture, and line ends.
        if text.len() > MAX_IMAGE_BYTES * 3 / 2 {
            return Err(ImageError::TooLarge);
        }
        let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = BASE64.decode(text).map_err(|_| ImageError::NotBase64)?;
        Self::new(bytes)
    }

    /// The same picture, if it is the one that was announced.
    pub(crate) fn expect_hash(self, announced: &str) -> Result<Self, ImageError> {
        if self.hash == announced {
            return Ok(self);
        }
        Err(ImageError::WrongHash {
            announced: announced.to_owned(),
            found: self.hash,
        })
    }

    /// The same picture, if it is in this format.
    pub(crate) fn expect_type(self, declared: &str) -> Result<Self, ImageError> {
        if ImageType::from_media_type(declared) == Some(self.type_) {
            return Ok(self);
        }
        Err(ImageError::OtherType {
            declared: declared.to_owned(),
            found: self.type_,
        })
    }
}

/// The picture may be private and is left out.
impl fmt::Debug for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Avatar")
            .field("bytes", &self.bytes.len())
            .field("type_", &self.type_)
            .field("hash", &self.hash)
            .finish()
    }
}

fn sha1(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    hash.as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A hash as it is compared: forty hexadecimal digits in lower case, or it is none.
pub(crate) fn hash(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hash = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

    #[test]
    fn the_first_bytes_decide() {
        for (bytes, type_) in [
            (PNG, Some(ImageType::Png)),
            (b"\xff\xd8\xff\xe0JFIF", Some(ImageType::Jpeg)),
            (b"GIF89a.", Some(ImageType::Gif)),
            (b"GIF87a.", Some(ImageType::Gif)),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some(ImageType::Webp)),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"%PDF-1.7", None),
            (b"\x89PN", None),
            (b"MZ", None),
        ] {
            assert_eq!(ImageType::of(bytes), type_);
        }
    }

    #[test]
    fn what_may_not_be_shown_is_refused() {
        let large = [PNG, &vec![0; MAX_IMAGE_BYTES]].concat();
        assert_eq!(Avatar::new(large), Err(ImageError::TooLarge));
        assert_eq!(Avatar::new(Vec::new()), Err(ImageError::Empty));
        assert_eq!(Avatar::new(b"text".to_vec()), Err(ImageError::UnknownType));
        let just_right = [PNG, &vec![0; MAX_IMAGE_BYTES - PNG.len()]].concat();
        assert!(Avatar::new(just_right).is_ok());
    }

    #[test]
    fn base64_has_line_ends_and_may_lack_its_padding() {
        let avatar = Avatar::new(PNG.to_vec()).unwrap();
        let text = avatar.to_base64();
        let (start, end) = text.split_at(5);
        for text in [
            format!("\r\n  {start}\n\t{end}\n"),
            text.trim_end_matches('=').to_owned(),
        ] {
            assert_eq!(Avatar::from_base64(&text).as_ref(), Ok(&avatar));
        }
        assert_eq!(Avatar::from_base64("!"), Err(ImageError::NotBase64));
        let endless = "A".repeat(MAX_IMAGE_BYTES * 2);
        assert_eq!(Avatar::from_base64(&endless), Err(ImageError::TooLarge));
    }

    #[test]
    fn hash_and_type_are_as_announced() {
        // The example of FIPS 180: SHA-1 of "abc".
        assert_eq!(sha1(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let avatar = Avatar::new(PNG.to_vec()).unwrap();
        assert!(avatar.clone().expect_hash(&avatar.hash).is_ok());
        assert!(avatar.clone().expect_hash(&"0".repeat(40)).is_err());
        assert!(avatar.clone().expect_type("image/PNG").is_ok());
        assert!(avatar.expect_type("image/jpeg").is_err());
        assert_eq!(hash(&"AB".repeat(20)), Some("ab".repeat(20)));
        for text in ["", "x", &"g".repeat(40), &"a".repeat(41)] {
            assert_eq!(hash(text), None);
        }
    }
}
