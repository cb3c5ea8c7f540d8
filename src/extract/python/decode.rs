//! From a source file's bytes to its text, as CPython's tokenizer decodes them; never guesses an encoding.

use std::borrow::Cow;

use memchr::memchr;

use super::codec::{Codec, codec};
use crate::facts::SourceError;

/// The byte order mark that Python accepts.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whether `bytes` declare their encoding, by a mark or a cookie.
pub(super) fn declares(bytes: &[u8]) -> bool {
    bytes.starts_with(BOM) || cookie(bytes).is_some()
}

/// Decodes `bytes` by their byte order mark and PEP 263 cookie; UTF-8 where there is neither. The mark is not part of the text.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SourceError> {
    let (body, marked) = bytes.strip_prefix(BOM).map_or((bytes, false), |body| (body, true));
    let cookie = cookie(body);
    let codec = match &cookie {
        None => Codec::Utf8,
        Some(cookie) if marked && cookie.name != "utf-8" => {
            return Err(error(format!("encoding problem: `{}` with a UTF-8 byte order mark", cookie.name), cookie.line));
        }
        Some(cookie) => {
            codec(&cookie.name).ok_or_else(|| error(format!("encoding `{}` cannot be read", cookie.name), cookie.line))?
        }
    };
    if let Some(offset) = memchr(0, body) {
        return Err(error("source code cannot contain null bytes", line_of(body, offset)));
    }
    codec.decode(body).map_err(|failure| {
        let byte = body.get(failure.offset).copied().unwrap_or_default();
        let message = match cookie {
            None => format!("byte 0x{byte:02x} is not UTF-8, and no encoding is declared"),
            Some(cookie) => format!("byte 0x{byte:02x} is not `{}`, the declared encoding", cookie.name),
        };
        error(message, line_of(body, failure.offset))
    })
}

/// An encoding declaration.
#[derive(Debug, PartialEq, Eq)]
struct Cookie {
    /// The encoding, with `utf-8...` and `latin-1...` reduced as CPython's `get_normal_name` does.
    name: String,
    line: u32,
}

/// The declaration on one of the first two lines; the second counts only below a blank line or a comment.
fn cookie(body: &[u8]) -> Option<Cookie> {
    let (first, rest) = split_line(body);
    if let Some(name) = declaration(first) {
        return Some(Cookie { name, line: 1 });
    }
    let bare = first.iter().find(|byte| !is_blank(**byte)).is_none_or(|byte| *byte == b'#');
    if !bare {
        return None;
    }
    declaration(split_line(rest).0).map(|name| Cookie { name, line: 2 })
}

/// `^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)` (PEP 263).
fn declaration(line: &[u8]) -> Option<String> {
    let start = line.iter().position(|byte| !is_blank(*byte))?;
    let comment = line.get(start..)?.strip_prefix(b"#")?;
    memchr::memmem::find_iter(comment, b"coding").find_map(|at| {
        let value = comment.get(at + b"coding".len()..)?;
        let value = value.strip_prefix(b":").or_else(|| value.strip_prefix(b"="))?;
        let name: String = value
            .iter()
            .skip_while(|byte| matches!(byte, b' ' | b'\t'))
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .map(|byte| char::from(*byte))
            .collect();
        (!name.is_empty()).then(|| normal_name(name))
    })
}

/// CPython's `get_normal_name`: only the first twelve characters count.
fn normal_name(name: String) -> String {
    let start: String =
        name.chars().take(12).map(|letter| if letter == '_' { '-' } else { letter.to_ascii_lowercase() }).collect();
    let is = |known: &str| start.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if is("utf-8") {
        "utf-8".to_owned()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_owned()
    } else {
        name
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

/// The first line without its end, and what follows.
fn split_line(body: &[u8]) -> (&[u8], &[u8]) {
    let Some(end) = memchr::memchr2(b'\n', b'\r', body) else { return (body, &[]) };
    let (line, rest) = body.split_at(end);
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).or_else(|| rest.strip_prefix(b"\r"));
    (line, rest.unwrap_or_default())
}

/// The 1-based line that holds `offset`.
fn line_of(body: &[u8], offset: usize) -> u32 {
    let before = body.get(..offset).unwrap_or(body);
    let mut ends = 0_u32;
    for at in memchr::memchr2_iter(b'\n', b'\r', before) {
        if !(before.get(at) == Some(&b'\r') && body.get(at + 1) == Some(&b'\n')) {
            ends = ends.saturating_add(1);
        }
    }
    ends.saturating_add(1)
}

fn error(message: impl Into<String>, line: u32) -> SourceError {
    SourceError { message: message.into(), line }
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).unwrap().into_owned()
    }

    #[test]
    fn utf8_is_the_default_and_the_mark_is_dropped() {
        assert_eq!(text("é = 1".as_bytes()), "é = 1");
        assert_eq!(text(b"\xef\xbb\xbfx"), "x");
    }

    #[test]
    fn latin_1_is_not_windows_1252() {
        assert_eq!(text(b"# coding: latin-1\n'\x80\xe9'"), "# coding: latin-1\n'\u{80}é'");
        assert_eq!(text(b"# coding: cp1252\n'\x80'"), "# coding: cp1252\n'€'");
        assert_eq!(text(b"# coding: iso-8859-15\n'\xa4'"), "# coding: iso-8859-15\n'€'");
    }

    #[test]
    fn cookie_counts_on_the_first_two_lines_only() {
        assert_eq!(text(b"#!/bin/sh\r# vim: set fileencoding=latin-1 :\r'\xe9'"), {
            "#!/bin/sh\r# vim: set fileencoding=latin-1 :\r'é'"
        });
        assert_eq!(decode(b"\n\n# coding: latin-1\n'\xe9'").unwrap_err().line, 4);
        assert_eq!(decode(b"x = 1\n# coding: latin-1\n'\xe9'").unwrap_err().line, 3);
    }

    #[test]
    fn emacs_suffixes_are_ignored() {
        assert_eq!(text(b"# -*- coding: Latin_1-unix -*-\n'\xe9'"), "# -*- coding: Latin_1-unix -*-\n'é'");
        assert_eq!(text("# coding: utf-8-unix\n'é'".as_bytes()), "# coding: utf-8-unix\n'é'");
    }

    #[test]
    fn mark_with_another_cookie_is_an_error() {
        let error = decode(b"\xef\xbb\xbf# coding: latin-1\n").unwrap_err();
        assert_eq!((error.line, error.message.as_str()), {
            (1, "encoding problem: `iso-8859-1` with a UTF-8 byte order mark")
        });
        assert!(decode(b"\xef\xbb\xbf# coding: utf-8\n").is_ok());
    }

    #[test]
    fn unreadable_encodings_are_errors() {
        for name in ["utf-7", "klingon", "rot13", "utf-16"] {
            let error = decode(format!("#\n# coding: {name}\n").as_bytes()).unwrap_err();
            assert_eq!((error.line, error.message), (2, format!("encoding `{name}` cannot be read")));
        }
    }

    #[test]
    fn invalid_bytes_are_errors_on_their_line() {
        let error = decode(b"a\r\nb\r'\xe9'").unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (3, "byte 0xe9 is not UTF-8, and no encoding is declared"));
        assert_eq!(decode(b"# coding: ascii\n'\xe9'").unwrap_err().line, 2);
        assert_eq!(decode(b"# coding: cp1252\n'\x81'").unwrap_err().line, 2);
        assert_eq!(decode(b"x\n\0").unwrap_err().line, 2);
    }
}
