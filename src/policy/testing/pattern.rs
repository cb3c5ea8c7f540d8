//! Places and messages that an expectation names, perhaps with `*`; never module patterns, which rules have.

use crate::policy::outcome::Subject;

/// What a `*` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Star {
    /// Any text within a segment of a path, or of a module's name; two of them stand for any text.
    WithinSegment,
    /// Any text.
    Anything,
}

/// Whether a text is as a pattern says.
pub(super) fn is_like(pattern: &str, text: &str, star: Star) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let separator = if pattern.contains('/') { '/' } else { '.' };
    // Which beginnings of the text the pattern so far can be.
    let mut reach = vec![false; letters.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    let mut rest = pattern.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter != '*' {
            let next = reach.iter().zip(&letters).map(|(reached, found)| *reached && *found == letter);
            reach = std::iter::once(false).chain(next).collect();
            continue;
        }
        let mut anything = star == Star::Anything;
        while rest.next_if_eq(&'*').is_some() {
            anything = true;
        }
        let mut open = false;
        let mut before = None;
        for (reached, letter) in reach.iter_mut().zip(std::iter::once(None).chain(letters.iter().map(Some))) {
            let passes = letter.is_none_or(|letter| anything || *letter != separator);
            open = *reached || (open && passes && before.is_some());
            before = Some(());
            *reached = open;
        }
    }
    reach.last() == Some(&true)
}

/// Whether an expectation at a place speaks of a subject: by its identity, the module or thing that it belongs to, or its path.
pub(super) fn concerns(place: &str, subject: &Subject) -> bool {
    // As in module patterns, `acme.**` is `acme` too.
    let whole = place.strip_suffix(".**");
    names(subject).any(|name| {
        is_like(place, name, Star::WithinSegment) || whole.is_some_and(|whole| is_like(whole, name, Star::WithinSegment))
    })
}

/// What a subject goes by.
pub(super) fn names(subject: &Subject) -> impl Iterator<Item = &str> {
    let identity = subject.identity.as_str();
    let importer = identity.split_once(" ->").map(|(importer, _)| importer);
    let owner = match subject.kind {
        "distribution" | "os_package" | "conda_package" => identity.split_once(' ').map(|(name, _)| name),
        "function" | "class" | "variable" => identity.rsplit_once('.').map(|(module, _)| module),
        "parameter" => identity.split_once('(').and_then(|(function, _)| function.rsplit_once('.')).map(|(module, _)| module),
        _ => None,
    };
    [Some(identity), importer, owner, subject.path.as_deref()].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::{Star, concerns, is_like};
    use crate::policy::outcome::Subject;

    #[test]
    fn stars_stop_at_segments_and_two_do_not() {
        let like = |pattern, text| is_like(pattern, text, Star::WithinSegment);
        assert!(like("acme.*", "acme.jobs") && !like("acme.*", "acme.jobs.sync") && like("acme.**", "acme.jobs.sync"));
        assert!(like("*_test", "a_test") && !like("*_test", "a_tests") && like("**", "") && !like("", "a"));
        assert!(like("/usr/*/python*", "/usr/bin/python3") && !like("/usr/*", "/usr/bin/python3"));
        assert!(is_like("*is*", "what it is", Star::Anything) && !is_like("is*", "it is", Star::Anything));
    }

    #[test]
    fn a_subject_goes_by_more_than_its_identity() {
        let subject = |kind, identity: &str| Subject { path: Some("/app/acme/jobs.py".into()), ..Subject::new(kind, identity) };
        let import = subject("import", "acme.jobs -> pickle");
        for place in ["acme.jobs", "acme.jobs -> pickle", "/app/acme/jobs.py", "acme.**", "/app/**"] {
            assert!(concerns(place, &import), "{place}");
        }
        assert!(!concerns("acme", &import) && !concerns("pickle", &import));
        assert!(concerns("urllib3", &subject("distribution", "urllib3 1.26.5")));
        assert!(concerns("acme.jobs", &subject("parameter", "acme.jobs.run(limit)")));
        assert!(concerns("acme.**", &subject("module", "acme")));
    }
}
