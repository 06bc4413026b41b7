//! The known name that a mistyped one was most likely meant to be.

/// Longer names than any setting has are not compared in full.
const MAX_CHARS: usize = 64;

/// The name nearest to `wanted`, unless even that one differs in more than a third of its characters.
///
/// Case and the choice between `-` and `_` do not count; a swap of neighbours counts once.
pub(crate) fn nearest<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = plain(wanted);
    let allowed = (wanted.len() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&wanted, &plain(name)), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn plain(name: &str) -> Vec<char> {
    name.chars()
        .take(MAX_CHARS)
        .flat_map(char::to_lowercase)
        .map(|c| if c == '-' { '_' } else { c })
        .collect()
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i);
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KNOWN: [&str; 4] = ["auto_away", "auto_login", "jid", "password"];

    #[test]
    fn a_slip_of_the_hand_finds_the_name() {
        assert_eq!(nearest("passwrod", KNOWN), Some("password"));
        assert_eq!(nearest("autoLogin", KNOWN), Some("auto_login"));
        assert_eq!(nearest("auto-away", KNOWN), Some("auto_away"));
        assert_eq!(nearest("jdi", KNOWN), Some("jid"));
    }

    #[test]
    fn a_name_unlike_any_other_finds_nothing() {
        assert_eq!(nearest("colour_of_the_sky", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
        assert_eq!(nearest(&"x".repeat(100_000), KNOWN), None);
    }
}
