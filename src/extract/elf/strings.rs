//! NUL-terminated strings in the loaded bytes of a file; never in its debugging sections.

use memchr::memmem::Finder;

/// Longest string that is looked at.
const MAX_STRING: usize = 512;

/// Whether one of the segments holds `needle`.
pub(super) fn holds(segments: &[&[u8]], needle: &[u8]) -> bool {
    let finder = Finder::new(needle);
    segments.iter().any(|segment| finder.find(segment).is_some())
}

/// Whether one of the segments holds a string that ends with `needle` and a NUL.
pub(super) fn holds_whole(segments: &[&[u8]], needle: &[u8]) -> bool {
    let finder = Finder::new(needle);
    let ends = |segment: &&[u8], start: usize| segment.get(start + needle.len()) == Some(&0);
    segments.iter().any(|segment| finder.find_iter(segment).any(|start| ends(segment, start)))
}

/// A string that ends with NUL, and whether it also begins after one: linkers merge a string with the end of a longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// From the needle on.
    pub text: &'a str,
    /// Whether the needle is the beginning of the whole string.
    pub whole: bool,
    /// The byte before the needle.
    pub before: u8,
}

/// Every occurrence of `needle`, with what follows up to the next NUL.
pub(super) fn find<'a>(segments: &'a [&'a [u8]], needle: &[u8]) -> impl Iterator<Item = Found<'a>> {
    let finder = Finder::new(needle).into_owned();
    segments.iter().flat_map(move |segment| {
        let starts: Vec<usize> = finder.find_iter(segment).take(MAX_OCCURRENCES).collect();
        starts.into_iter().filter_map(move |start| {
            let rest = segment.get(start..)?;
            let end = memchr::memchr(0, rest.get(..MAX_STRING).unwrap_or(rest))?;
            let text = str::from_utf8(rest.get(..end)?).ok()?;
            let before = start.checked_sub(1).and_then(|at| segment.get(at)).copied().unwrap_or_default();
            Some(Found { text, whole: before == 0, before })
        })
    })
}

/// The number behind `needle`, such as `2.3.5`, wherever its string ends.
pub(super) fn after<'a>(segments: &[&'a [u8]], needle: &[u8]) -> Option<&'a str> {
    let finder = Finder::new(needle);
    segments.iter().find_map(|segment| {
        finder.find_iter(segment).find_map(|start| {
            let rest = segment.get(start + needle.len()..)?;
            let length = rest.iter().take(MAX_STRING).position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
            let number = str::from_utf8(rest.get(..length)?).ok()?.trim_end_matches('.');
            number.contains('.').then_some(number)
        })
    })
}

/// Most occurrences of one needle in one segment that are looked at.
const MAX_OCCURRENCES: usize = 10_000;
