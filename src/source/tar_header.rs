//! The fields of tar headers: numbers and PAX records; never the order of members.

use super::tar_stream::TarError;

/// A PAX record that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// The name.
    Path,
    /// The target of a link.
    LinkPath,
    /// The size.
    Size,
    /// The owner.
    Uid,
    /// The group.
    Gid,
}

impl Text {
    fn key(self) -> &'static [u8] {
        match self {
            Self::Path => b"path",
            Self::LinkPath => b"linkpath",
            Self::Size => b"size",
            Self::Uid => b"uid",
            Self::Gid => b"gid",
        }
    }
}

/// The records of one PAX header (POSIX.1-2001, pax, "pax Header Block"): `LENGTH KEY=VALUE\n`.
#[derive(Debug, Default)]
pub(crate) struct PaxRecords(Vec<(Vec<u8>, Vec<u8>)>);

/// What the records of a sparse file in one of PAX's forms say of it.
#[derive(Debug)]
pub(crate) struct PaxSparse {
    /// Its true name.
    pub(crate) name: Option<Vec<u8>>,
    /// Its true size.
    pub(crate) size: Option<u64>,
}

impl PaxRecords {
    /// Reads records by their lengths: a value may hold line ends and NULs.
    pub(crate) fn parse(content: Vec<u8>, at: u64) -> Result<Self, TarError> {
        let malformed = || TarError::Malformed { what: "PAX record", at };
        let mut records = Vec::new();
        let mut rest = content.as_slice();
        // Some writers fill up with NULs.
        while rest.iter().any(|byte| *byte != 0) {
            let space = rest.iter().position(|byte| *byte == b' ').ok_or_else(malformed)?;
            let digits = rest.get(..space).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(malformed)?;
            let length: usize = digits.parse().map_err(|_| malformed())?;
            let (record, after) = rest.split_at_checked(length).ok_or_else(malformed)?;
            let record = record.get(space + 1..).and_then(|record| record.strip_suffix(b"\n")).ok_or_else(malformed)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(malformed)?;
            let (key, value) = record.split_at(equals);
            // Of xattrs, which may be large, nothing is used.
            if !key.starts_with(b"SCHILY.xattr.") && !key.starts_with(b"LIBARCHIVE.xattr.") {
                records.push((key.to_vec(), value.strip_prefix(b"=").unwrap_or(value).to_vec()));
            }
            rest = after;
        }
        Ok(Self(records))
    }

    fn value(&self, key: &[u8]) -> Option<&[u8]> {
        // The last of several holds; an empty value takes the record back.
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_slice()).filter(|value| !value.is_empty())
    }

    pub(crate) fn text(&self, key: Text) -> Option<&[u8]> {
        self.value(key.key())
    }

    pub(crate) fn number(&self, key: Text, at: u64) -> Result<Option<u64>, TarError> {
        self.decimal(key.key(), at)
    }

    fn decimal(&self, key: &[u8], at: u64) -> Result<Option<u64>, TarError> {
        let parse = |value| std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        self.value(key).map(|value| parse(value).ok_or(TarError::Malformed { what: "number in a PAX record", at })).transpose()
    }

    /// Whole seconds of `mtime`, downwards.
    pub(crate) fn mtime(&self) -> Option<i64> {
        let text = std::str::from_utf8(self.value(b"mtime")?).ok()?;
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole: i64 = seconds.parse().ok()?;
        let below = seconds.starts_with('-') && fraction.bytes().any(|digit| digit != b'0');
        Some(whole.saturating_sub(i64::from(below)))
    }

    /// Whether the member is a sparse file in one of PAX's forms.
    pub(crate) fn sparse(&self, at: u64) -> Result<Option<PaxSparse>, TarError> {
        if !self.0.iter().any(|(key, _)| key.starts_with(b"GNU.sparse.")) {
            return Ok(None);
        }
        let size = match self.decimal(b"GNU.sparse.realsize", at)? {
            Some(size) => Some(size),
            None => self.decimal(b"GNU.sparse.size", at)?,
        };
        Ok(Some(PaxSparse { name: self.value(b"GNU.sparse.name").map(<[u8]>::to_vec), size }))
    }
}

/// A number in a header: octal digits between blanks, or GNU's base 256 (first bit set, two's complement). Empty is 0.
pub(crate) fn number(field: &[u8]) -> Option<i64> {
    let first = *field.first()?;
    if first & 0x80 != 0 {
        let negative = first & 0x40 != 0;
        let start = if negative { -1_i64 } else { 0 };
        let mut bytes = field.iter().copied();
        let low = if negative { first | 0x80 } else { first & 0x7f };
        bytes.next();
        let begin = if negative { start.checked_mul(256)?.checked_add(i64::from(low))? } else { i64::from(low) };
        return bytes.try_fold(begin, |value, byte| value.checked_mul(256)?.checked_add(i64::from(byte)));
    }
    let digits = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    digits.iter().try_fold(0_i64, |value, digit| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{PaxRecords, Text, number};

    #[test]
    fn reads_octal_and_base_256() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(number(b"12x4567\0"), None);
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]), Some(0x2_0000_0001));
        assert_eq!(number(&[0xff; 12]), Some(-1));
        assert_eq!(number(&[0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn records_go_by_length_not_by_line() {
        let content = b"17 path=a\nb\n\nc/d\n11 size=10\n19 mtime=-1.500000\n\0\0".to_vec();
        let records = PaxRecords::parse(content, 0).expect("valid");
        assert_eq!(records.text(Text::Path), Some(&b"a\nb\n\nc/d"[..]));
        assert_eq!(records.number(Text::Size, 0).expect("valid"), Some(10));
        assert_eq!(records.mtime(), Some(-2));
    }

    #[test]
    fn rejects_records_that_lie_about_their_length() {
        for content in [&b"99 path=a\n"[..], b"8 path=a\n", b"x path=a\n", b"11 no-equals\n", b"10"] {
            assert!(PaxRecords::parse(content.to_vec(), 0).is_err(), "{}", String::from_utf8_lossy(content));
        }
        let bad = PaxRecords::parse(b"11 size=-1\n".to_vec(), 0).expect("a record");
        assert!(bad.number(Text::Size, 0).is_err());
    }
}
