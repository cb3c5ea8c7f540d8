//! Platforms in OCI words, such as `linux/arm64/v8`: parsing and matching; never what an ELF file says.

use std::fmt;

use oci_spec::image::{Arch, Os};

/// An operating system and an architecture, with a variant where one is given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// Why a text is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform: expected `os/architecture` or `os/architecture/variant`, such as `linux/amd64`")]
pub struct PlatformError(pub String);

impl Platform {
    /// Reads `os/architecture[/variant]`. `x86_64` and `aarch64` are taken for `amd64` and `arm64`.
    pub fn parse(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        };
        match parts.as_slice() {
            [os, architecture] if word(os) && word(architecture) => Ok(Self::new(os, architecture, None)),
            [os, architecture, variant] if word(os) && word(architecture) && word(variant) => {
                Ok(Self::new(os, architecture, Some(variant)))
            }
            _ => Err(PlatformError(text.to_owned())),
        }
    }

    /// A platform from its parts; an empty variant is none.
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let lower = architecture.to_ascii_lowercase();
        let architecture = match lower.as_str() {
            "x86_64" | "x86-64" => "amd64",
            "aarch64" => "arm64",
            "i386" => "386",
            other => other,
        };
        Self {
            os: os.to_ascii_lowercase(),
            architecture: architecture.to_owned(),
            variant: variant.filter(|variant| !variant.is_empty()).map(str::to_ascii_lowercase),
        }
    }

    /// Linux on this machine's architecture: what images are run on here.
    pub fn host() -> Self {
        Self::new(&Os::Linux.to_string(), &Arch::default().to_string(), None)
    }

    /// Whether an image for `self` is what someone means who asks for `wanted`: a variant that either leaves out matches
    /// any, and `arm64` is `arm64/v8`.
    pub fn matches(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && match (self.known_variant(), wanted.known_variant()) {
                (Some(mine), Some(theirs)) => mine == theirs,
                _ => true,
            }
    }

    fn known_variant(&self) -> Option<&str> {
        match (&self.variant, self.architecture.as_str()) {
            (Some(variant), _) => Some(variant),
            (None, "arm64") => Some("v8"),
            (None, _) => None,
        }
    }

    /// The operating system.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(formatter, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Platform;

    fn matches(image: &str, wanted: &str) -> bool {
        Platform::parse(image).expect("valid").matches(&Platform::parse(wanted).expect("valid"))
    }

    #[test]
    fn variants_match_when_left_out_and_arm64_is_v8() {
        assert!(matches("linux/arm64/v8", "linux/arm64"));
        assert!(matches("linux/arm64", "linux/arm64/v8"));
        assert!(!matches("linux/arm64", "linux/arm64/v9"));
        assert!(matches("linux/arm/v7", "linux/arm"));
        assert!(!matches("linux/arm/v6", "linux/arm/v7"));
        assert!(!matches("linux/amd64", "linux/arm64"));
        assert!(matches("linux/amd64", "linux/x86_64"));
    }

    #[test]
    fn rejects_what_is_no_platform() {
        for text in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"] {
            assert!(Platform::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_host_is_in_oci_words() {
        assert!(!["x86_64", "aarch64"].contains(&Platform::host().architecture()));
    }
}
