//! Which files `--files` asks for; a glob as policies have it, never more.

use globset::{GlobBuilder, GlobMatcher};

use crate::limits::is_glob_small;

/// A glob over whole paths: `*` and `?` stay within one name, `**` stands for any number of directories.
#[derive(Debug, Clone)]
pub struct FilePattern(GlobMatcher);

/// Why a text is no pattern for files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no glob for whole paths: write one such as `/etc/*.conf`, `/usr/**` or `**/id_rsa`")]
pub struct FilePatternError(String);

impl std::str::FromStr for FilePattern {
    type Err = FilePatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Paths begin with `/`: a pattern that cannot would list nothing, and look as if there were nothing.
        let begins = text.starts_with(['/', '*', '{', '[', '?']);
        if !begins || !is_glob_small(text) {
            return Err(FilePatternError(text.to_owned()));
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build().ok();
        glob.map(|glob| Self(glob.compile_matcher())).ok_or_else(|| FilePatternError(text.to_owned()))
    }
}

impl FilePattern {
    /// Whether the pattern names this path.
    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::FilePattern;

    #[test]
    fn a_glob_that_is_too_large_is_refused() {
        assert!(format!("/{}b{}", "{a,".repeat(1000), "}".repeat(1000)).parse::<FilePattern>().is_err());
        assert!(format!("/{}", "a*".repeat(100_000)).parse::<FilePattern>().is_err());
    }

    #[test]
    fn a_star_stays_in_its_directory_and_two_do_not() {
        let matches = |pattern: &str, path: &str| pattern.parse::<FilePattern>().expect("valid").matches(path);
        assert!(matches("/etc/*.conf", "/etc/a.conf") && !matches("/etc/*.conf", "/etc/b/a.conf"));
        assert!(matches("**/id_rsa", "/root/.ssh/id_rsa") && matches("**", "/") && matches("/usr/**", "/usr/bin/env"));
    }

    #[test]
    fn what_can_match_no_path_is_refused() {
        for pattern in ["etc/passwd", "", "/etc/[a"] {
            assert!(pattern.parse::<FilePattern>().is_err(), "{pattern}");
        }
    }
}
