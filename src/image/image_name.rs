//! The name of an image in a registry: host, repository, tag and digest; never asking the registry.

use std::fmt;

use oci_spec::distribution::{ParseError, Reference};

use super::{Digest, DigestError};

/// A name such as `ghcr.io/acme/shop:1.4`, with all that may be left out filled in as Docker does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A registry, or a repository in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryPlace {
    /// The host, with its port where one was written.
    pub registry: String,
    /// The repository; none for the whole registry.
    pub repository: Option<String>,
}

/// Why a text names no image, registry or repository.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageNameError {
    /// No image's name.
    #[error("`{text}` is no image's name ({problem}): expected `HOST/NAME[:TAG][@DIGEST]`, such as `ghcr.io/acme/shop:1.4`")]
    Image {
        /// What was written.
        text: String,
        /// What is wrong with it.
        problem: ParseError,
    },
    /// A digest that is none.
    #[error("`{text}` is no image's name: {problem}")]
    Digest {
        /// What was written.
        text: String,
        /// What is wrong with it.
        problem: DigestError,
    },
    /// No registry.
    #[error("`{text}` names no registry: expected `HOST` or `HOST/NAME`, such as `ghcr.io` or `localhost:5000/shop`")]
    Place {
        /// What was written.
        text: String,
    },
}

impl ImageName {
    /// Reads a name. Without a host it is Docker Hub's, and without tag and digest the tag is `latest`.
    pub fn parse(text: &str) -> Result<Self, ImageNameError> {
        let wrong = |problem| ImageNameError::Image { text: text.to_owned(), problem };
        let reference = Reference::try_from(text).map_err(wrong)?;
        if reference.repository().contains(|character: char| character.is_ascii_uppercase()) {
            return Err(wrong(ParseError::NameContainsUppercase));
        }
        let digest = reference.digest().map(Digest::parse).transpose();
        Ok(Self {
            registry: reference.registry().to_owned(),
            repository: reference.repository().to_owned(),
            tag: reference.tag().map(str::to_owned),
            digest: digest.map_err(|problem| ImageNameError::Digest { text: text.to_owned(), problem })?,
        })
    }

    /// Reads a name that says by itself that it is one in a registry: it begins with a host.
    pub fn parse_with_host(text: &str) -> Option<Self> {
        let (host, _) = text.split_once('/')?;
        if is_host(host) { Self::parse(text).ok() } else { None }
    }

    /// The host, with its port where one was written; `docker.io` for Docker Hub.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The digest, where one was written: then the tag means nothing.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What a registry is asked for: the digest, else the tag.
    pub fn version(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(formatter, "@{digest}"))
    }
}

impl RegistryPlace {
    /// Reads `HOST` or `HOST/NAME`.
    pub fn parse(text: &str) -> Result<Self, ImageNameError> {
        let wrong = || ImageNameError::Place { text: text.to_owned() };
        let (host, repository) = match text.split_once('/') {
            Some((host, repository)) => (host, Some(repository)),
            None => (text, None),
        };
        // A name that could stand there tells whether the host is one.
        let probe = ImageName::parse_with_host(&format!("{host}/{}", repository.unwrap_or("a/a"))).ok_or_else(wrong)?;
        let is_bare = repository.is_none_or(|repository| !repository.contains([':', '@']));
        let repository = repository.map(|_| probe.repository);
        if is_bare { Ok(Self { registry: probe.registry, repository }) } else { Err(wrong()) }
    }
}

impl fmt::Display for RegistryPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.registry)?;
        self.repository.as_ref().map_or(Ok(()), |repository| write!(formatter, "/{repository}"))
    }
}

/// Whether the part before the first slash is a host and not the first part of a name on Docker Hub: Docker's own rule.
fn is_host(text: &str) -> bool {
    text == "localhost" || text.contains(['.', ':'])
}

#[cfg(test)]
mod tests {
    use super::{ImageName, RegistryPlace};

    #[test]
    fn what_may_be_left_out_is_filled_in_as_docker_does() {
        for (text, whole, version) in [
            ("python", "docker.io/library/python:latest", "latest"),
            ("acme/shop:1.4", "docker.io/acme/shop:1.4", "1.4"),
            ("localhost:5000/shop", "localhost:5000/shop:latest", "latest"),
            ("ghcr.io/a/b/c:x", "ghcr.io/a/b/c:x", "x"),
        ] {
            let name = ImageName::parse(text).expect("valid");
            assert_eq!((name.to_string().as_str(), name.version().as_str()), (whole, version));
        }
        let digest = format!("sha256:{}", "0".repeat(64));
        let both = ImageName::parse(&format!("ghcr.io/a/b:x@{digest}")).expect("valid");
        assert_eq!(both.version(), digest, "a digest goes before a tag");
    }

    #[test]
    fn what_is_no_name_is_told_with_an_example() {
        for text in ["", "UPPER/case", "a:b:c", "a@sha256:12", "ghcr.io/", "a b"] {
            let error = ImageName::parse(text).expect_err(text).to_string();
            assert!(error.contains("is no image's name"), "{error}");
        }
        let upper = format!("a@sha256:{}", "A".repeat(64));
        assert!(ImageName::parse(&upper).expect_err("upper case").to_string().contains("is not a digest"));
    }

    #[test]
    fn only_a_host_makes_a_bare_name_one_of_a_registry() {
        for text in ["ghcr.io/a/b:1", "localhost/a", "host:5000/a"] {
            assert!(ImageName::parse_with_host(text).is_some(), "{text}");
        }
        for text in ["acme/shop:1", "python:3.12", "./a/b", "../a", "/a.b/c", "~/a.tar", "build.d/A B"] {
            assert!(ImageName::parse_with_host(text).is_none(), "{text}");
        }
    }

    #[test]
    fn places_are_a_host_or_a_repository_of_one() {
        let place = |text: &str| RegistryPlace::parse(text).map(|place| (place.registry, place.repository));
        assert_eq!(place("ghcr.io"), Ok(("ghcr.io".into(), None)));
        assert_eq!(place("localhost:5000/a/b"), Ok(("localhost:5000".into(), Some("a/b".into()))));
        assert_eq!(place("docker.io/python"), Ok(("docker.io".into(), Some("library/python".into()))));
        for text in ["python", "acme/shop", "ghcr.io/", "ghcr.io/a:1", "", "http://ghcr.io/a"] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
