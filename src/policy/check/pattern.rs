//! Module patterns from text; never matching them.

use super::resolved::{ModulePattern, Segment};

/// Why a text is no module pattern: bytes of the text, and the reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PatternError {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) reason: &'static str,
}

/// Most segments of a pattern: a module's name has far fewer.
const MAX_SEGMENTS: usize = 64;

/// Reads `acme.**`, `acme.*.plugins`, `test_*`.
pub(crate) fn parse(text: &str) -> Result<ModulePattern, PatternError> {
    let mut segments = Vec::new();
    let mut start = 0;
    for segment in text.split('.') {
        let end = start + segment.len();
        let error = |reason| PatternError { start, end, reason };
        if segments.len() == MAX_SEGMENTS {
            return Err(error("too many segments"));
        }
        segments.push(match segment {
            "" => return Err(error("a segment is empty")),
            "**" if segments.last() == Some(&Segment::Rest) => return Err(error("`**.**` says no more than `**`")),
            "**" => Segment::Rest,
            _ if segment.contains("**") => return Err(error("`**` stands for whole segments")),
            _ if !segment.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '*') => {
                return Err(error("a segment holds letters, digits, `_` and `*`"));
            }
            _ if segment.starts_with(|letter: char| letter.is_ascii_digit()) => {
                return Err(error("a name does not begin with a digit"));
            }
            _ if segment.contains('*') => Segment::Like(segment.split('*').map(str::to_owned).collect()),
            name => Segment::Name(name.to_owned()),
        });
        start = end + 1;
    }
    Ok(ModulePattern { segments })
}

#[cfg(test)]
mod tests {
    use super::{PatternError, parse};

    #[test]
    fn names_the_wrong_segment() {
        assert!(parse("acme.*.v1.**").is_ok());
        assert_eq!(parse("a..b"), Err(PatternError { start: 2, end: 2, reason: "a segment is empty" }));
        assert_eq!(parse("a.b-c").map_err(|error| (error.start, error.end)), Err((2, 5)));
        assert_eq!(parse("a.x**").map_err(|error| error.reason), Err("`**` stands for whole segments"));
    }
}
