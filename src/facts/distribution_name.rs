//! Names of distributions as they are compared; never whether there is one.

use smol_str::SmolStr;

/// PEP 503: runs of `-`, `_` and `.` are one `-`, and case does not count.
pub(crate) fn normalised_name(name: &str) -> SmolStr {
    let mut normalised = String::with_capacity(name.len());
    for character in name.trim().chars() {
        let separator = matches!(character, '-' | '_' | '.');
        if separator && !normalised.ends_with('-') {
            normalised.push('-');
        } else if !separator {
            normalised.extend(character.to_lowercase());
        }
    }
    normalised.into()
}

#[cfg(test)]
mod tests {
    use super::normalised_name;

    #[test]
    fn names_are_normalised_by_pep_503() {
        assert_eq!(normalised_name("Zope._-Interface"), "zope-interface");
    }
}
