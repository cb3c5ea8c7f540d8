//! The interpreter line of a script; never what the interpreter is.

use std::borrow::Cow;

/// Longest line that is kept, in bytes; Linux itself reads 256 (`BINPRM_BUF_SIZE`).
const MAX_LINE: usize = 256;

/// What follows `#!` on the first line, trimmed.
pub fn interpreter_line(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let line = bytes.strip_prefix(b"#!")?;
    let line = line.get(..MAX_LINE).unwrap_or(line);
    let line = line.split(|byte| matches!(byte, b'\n' | b'\r' | 0)).next()?.trim_ascii();
    (!line.is_empty()).then(|| String::from_utf8_lossy(line))
}

#[cfg(test)]
mod tests {
    use super::interpreter_line;

    #[test]
    fn line_is_trimmed_and_bounded() {
        assert_eq!(interpreter_line(b"#! /usr/bin/env  python3 \r\nx").as_deref(), Some("/usr/bin/env  python3"));
        let long = [b"#!".as_slice(), &[b'x'; 1000]].concat();
        assert_eq!(interpreter_line(&long).map(|line| line.len()), Some(256));
    }

    #[test]
    fn other_files_have_none() {
        assert_eq!(interpreter_line(b"# !/bin/sh\n"), None);
        assert_eq!(interpreter_line(b"#!\n/bin/sh"), None);
    }
}
