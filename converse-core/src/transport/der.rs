//! Just enough DER to find by which algorithm a certificate is signed (RFC 5280 §4.1.1.2).

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The object identifier of `Certificate.signatureAlgorithm.algorithm`.
pub(super) fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (_signed, rest) = element(certificate, SEQUENCE)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    let (identifier, _) = element(algorithm, OBJECT_IDENTIFIER)?;
    Some(identifier)
}

/// The contents of the element at the front, which must have this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, bytes) = bytes.split_first()?;
    let (length, bytes) = length(bytes)?;
    (*found == tag).then(|| bytes.split_at_checked(length))?
}

/// Up to four bytes of length; a certificate has no need for more.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, bytes) = bytes.split_first()?;
    match *first {
        short @ 0..=0x7f => Some((usize::from(short), bytes)),
        long @ 0x81..=0x84 => {
            let (digits, bytes) = bytes.split_at_checked(usize::from(long & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | u64::from(*digit));
            Some((usize::try_from(length).ok()?, bytes))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_algorithm_behind_what_is_signed() {
        let certificate = [0x30, 11, 0x30, 2, 5, 0, 0x30, 3, 6, 1, 42, 3, 0];
        assert_eq!(signature_algorithm(&certificate), Some(&[42][..]));
        let long = [0x30, 0x82, 0, 9, 0x30, 0x81, 0, 0x30, 4, 6, 2, 1, 2];
        assert_eq!(signature_algorithm(&long), Some(&[1, 2][..]));
    }

    #[test]
    fn truncated_or_strange_bytes_have_none() {
        let certificate = [0x30, 11, 0x30, 2, 5, 0, 0x30, 3, 6, 1, 42, 3, 0];
        for end in 0..certificate.len() {
            assert_eq!(signature_algorithm(&certificate[..end]), None);
        }
        assert_eq!(signature_algorithm(&[0x30, 0x80, 0, 0]), None);
        assert_eq!(signature_algorithm(&[0x30, 0x84, 255, 255, 255, 255]), None);
        assert_eq!(signature_algorithm(&[0x31, 0]), None);
    }
}
