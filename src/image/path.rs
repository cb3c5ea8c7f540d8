//! A path inside an image: absolute, normalised, bytes; never a path of the host.

use std::fmt;

/// An absolute, normalised path inside an image, such as `/usr/bin/python3`.
///
/// INVARIANT: starts with `/`, has no empty, `.` or `..` component, no NUL and no trailing `/` (but for the root).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImagePath(Box<[u8]>);

impl ImagePath {
    /// The root directory, `/`.
    pub fn root() -> Self {
        Self(Box::from(&b"/"[..]))
    }

    /// Normalises a path as it stands in a tar header or a configuration: `./a//b/` and `/a/b` are the same.
    ///
    /// `..` takes away a component and stops at the root, as it does in a chroot. Returns `None` for a NUL byte.
    pub fn new(raw: impl AsRef<[u8]>) -> Option<Self> {
        let raw = raw.as_ref();
        if raw.contains(&0) {
            return None;
        }
        let mut path = Self::root();
        path.extend(raw);
        Some(path)
    }

    /// This path followed by a relative one (an absolute one replaces it), normalised without looking at links.
    pub fn join(&self, relative: impl AsRef<[u8]>) -> Self {
        let relative = relative.as_ref();
        let mut path = if relative.first() == Some(&b'/') { Self::root() } else { self.clone() };
        path.extend(relative);
        path
    }

    fn extend(&mut self, raw: &[u8]) {
        let mut bytes = std::mem::take(&mut self.0).into_vec();
        for component in raw.split(|byte| *byte == b'/') {
            match component {
                b"" | b"." => {}
                b".." => {
                    let cut = bytes.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                    bytes.truncate(cut.max(1));
                }
                _ => {
                    if bytes.last() != Some(&b'/') {
                        bytes.push(b'/');
                    }
                    bytes.extend_from_slice(component);
                }
            }
        }
        self.0 = bytes.into_boxed_slice();
    }

    /// The bytes, with the leading `/`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as text, where it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// The directory above, `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let cut = self.0.iter().rposition(|byte| *byte == b'/')?;
        self.0.get(..cut.max(1)).map(|bytes| Self(Box::from(bytes)))
    }

    /// The components from the top.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/').filter(|component| !component.is_empty())
    }

    /// Whether this is `/`.
    pub fn is_root(&self) -> bool {
        self.0.len() == 1
    }

    /// Whether this is `directory` or lies below it.
    pub fn starts_with(&self, directory: &ImagePath) -> bool {
        directory.is_root()
            || self.0.strip_prefix(directory.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
    }
}

/// Shows the path as text: bytes that are not UTF-8 and control characters are escaped (`\x1b`), so that no path can
/// steer a terminal.
impl fmt::Display for ImagePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                if character.is_control() {
                    write!(formatter, "\\x{:02x}", character as u32)?;
                } else {
                    write!(formatter, "{character}")?;
                }
            }
            for byte in chunk.invalid() {
                write!(formatter, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ImagePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::ImagePath;

    fn shown(raw: &str) -> String {
        ImagePath::new(raw).map(|path| path.to_string()).unwrap_or_default()
    }

    #[test]
    fn normalises_what_tar_headers_hold() {
        assert_eq!(shown("./usr//lib/"), "/usr/lib");
        assert_eq!(shown("."), "/");
        assert_eq!(shown("../../etc/passwd"), "/etc/passwd");
        assert_eq!(shown("a/../b/./c"), "/b/c");
    }

    #[test]
    fn escapes_what_could_steer_a_terminal() {
        assert_eq!(shown("a\u{1b}[31m"), "/a\\x1b[31m");
    }

    #[test]
    fn prefix_is_by_component() {
        let usr = ImagePath::new("/usr").expect("valid");
        assert!(ImagePath::new("/usr/lib").expect("valid").starts_with(&usr));
        assert!(!ImagePath::new("/usrlocal").expect("valid").starts_with(&usr));
    }
}
