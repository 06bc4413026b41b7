//! The declared name that a mistyped one probably meant.

/// The name among `known` that differs least from `name`, if it differs by no more than a third.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    if name.len() > 128 {
        return None;
    }
    let limit = name.chars().count().div_ceil(3);
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate.clone())
}

/// How many characters must be inserted, deleted or replaced, letter case aside.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_a_resembling_name_is_offered() {
        let known = ["roster".to_owned(), "rosterContactsFetched".to_owned()];
        assert_eq!(nearest("rostr", known.iter()).as_deref(), Some("roster"));
        assert_eq!(
            nearest("rostercontactsfetched", known.iter()).as_deref(),
            Some("rosterContactsFetched")
        );
        assert_eq!(nearest("messageAdded", known.iter()), None);
    }
}
