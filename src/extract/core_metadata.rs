//! `METADATA` and `PKG-INFO`: core metadata of a Python distribution; never its description.

use mailparse::{MailHeader, MailHeaderMap};

/// What introspection needs of the core metadata.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoreMetadata {
    /// `Name`.
    pub name: Option<String>,
    /// `Version`.
    pub version: Option<String>,
    /// `Requires-Dist`, in order.
    pub requires: Vec<String>,
    /// `Provides-Extra`, in order.
    pub extras: Vec<String>,
    /// `License-Expression`, else `License`.
    pub license: Option<String>,
    /// `Requires-Python`.
    pub requires_python: Option<String>,
}

/// Reads the headers, up to the first empty line; `UNKNOWN`, as old tools write it, is no value.
pub fn core_metadata(bytes: &[u8]) -> Result<CoreMetadata, mailparse::MailParseError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (headers, _) = mailparse::parse_headers(bytes)?;
    let one = |name: &str| headers.get_first_header(name).and_then(value);
    let all = |name: &str| headers.get_all_headers(name).into_iter().filter_map(value).collect();
    Ok(CoreMetadata {
        name: one("Name"),
        version: one("Version"),
        requires: all("Requires-Dist"),
        extras: all("Provides-Extra"),
        license: one("License-Expression").or_else(|| one("License")),
        requires_python: one("Requires-Python"),
    })
}

fn value(header: &MailHeader<'_>) -> Option<String> {
    let raw = String::from_utf8_lossy(header.get_value_raw());
    let folded: Vec<&str> = raw.split_whitespace().collect();
    let value = folded.join(" ");
    (!value.is_empty() && value != "UNKNOWN").then_some(value)
}

#[cfg(test)]
mod tests {
    use super::core_metadata;

    #[test]
    fn headers_are_read_whatever_their_order_and_case() {
        let found = core_metadata(
            b"Metadata-Version: 2.1\r\nname: Foo.Bar\r\nVersion: 1.0\r\nAuthor: \xe9\xff\r\nLicense: MIT\r\n        licence\r\n\
              Requires-Dist: a>=1;\r\n  extra == 'x'\r\nRequires-Dist: b\r\nProvides-Extra: x\r\nRequires-Python: >=3.8\r\n\r\nVersion: 9\r\n",
        )
        .unwrap();
        assert_eq!((found.name.as_deref(), found.version.as_deref()), (Some("Foo.Bar"), Some("1.0")));
        assert_eq!(found.requires, ["a>=1; extra == 'x'", "b"]);
        assert_eq!(found.extras, ["x"]);
        assert_eq!((found.license.as_deref(), found.requires_python.as_deref()), (Some("MIT licence"), Some(">=3.8")));
    }

    #[test]
    fn unknown_is_no_value() {
        let found = core_metadata(b"Name: x\nVersion: UNKNOWN\nLicense: MIT\nLicense-Expression: MIT OR Apache-2.0\n").unwrap();
        assert_eq!((found.version, found.license.as_deref()), (None, Some("MIT OR Apache-2.0")));
    }

    #[test]
    fn nonsense_has_no_name() {
        for nonsense in [&b""[..], b"\n", b"no colon here\n", b"\xff\xfe\0\0", b": x\n"] {
            assert!(core_metadata(nonsense).map_or(true, |found| found.name.is_none()));
        }
    }
}
