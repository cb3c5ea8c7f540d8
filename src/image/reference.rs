//! What a person names on the command line: a scheme, a place and a choice in it; never looking whether it is there.

/// A target as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The scheme, where one was written.
    pub scheme: Option<Scheme>,
    /// All that follows the scheme.
    pub rest: String,
}

/// How to read a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `docker-archive:PATH[:NAME]`: what `docker save` writes.
    DockerArchive,
    /// `oci:DIR[:TAG]`: an OCI image layout.
    Oci,
    /// `oci-archive:PATH[:TAG]`: an OCI image layout in a tar archive.
    OciArchive,
    /// `dir:PATH`: a root file system.
    Directory,
    /// `registry:HOST/NAME[:TAG][@DIGEST]`: an image in a registry.
    Registry,
}

/// Why a target cannot be read as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing at all.
    #[error("the target is empty: expected an image archive, an OCI layout, a directory or an image in a registry")]
    Empty,
    /// A scheme without a place.
    #[error("`{scheme}:` names nothing: expected `{scheme}:{expected}`")]
    NoPath {
        /// The scheme.
        scheme: &'static str,
        /// What follows it.
        expected: &'static str,
    },
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 5] = [Self::DockerArchive, Self::Oci, Self::OciArchive, Self::Directory, Self::Registry];

    /// The word before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerArchive => "docker-archive",
            Self::Oci => "oci",
            Self::OciArchive => "oci-archive",
            Self::Directory => "dir",
            Self::Registry => "registry",
        }
    }

    /// What follows the colon.
    fn expected(self) -> &'static str {
        match self {
            Self::DockerArchive | Self::Oci | Self::OciArchive | Self::Directory => "PATH",
            Self::Registry => "HOST/NAME",
        }
    }
}

impl Reference {
    /// Reads a target. Without a known scheme all of it is a place, to be looked at by the source.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let scheme = text
            .split_once(':')
            .and_then(|(word, rest)| Scheme::ALL.into_iter().find(|scheme| scheme.name() == word).map(|scheme| (scheme, rest)));
        match scheme {
            Some((scheme, "")) => Err(ReferenceError::NoPath { scheme: scheme.name(), expected: scheme.expected() }),
            Some((scheme, rest)) => Ok(Self { scheme: Some(scheme), rest: rest.to_owned() }),
            None => Ok(Self { scheme: None, rest: text.to_owned() }),
        }
    }

    /// Every way to part the rest into a path and a choice, the shortest path first and the whole as a path last.
    ///
    /// Paths and names may both hold colons; which reading is meant only the file system can tell.
    pub fn readings(&self) -> impl DoubleEndedIterator<Item = (&str, Option<&str>)> {
        let parted = self.rest.match_indices(':').filter_map(|(at, _)| {
            let (path, choice) = self.rest.split_at_checked(at)?;
            let choice = choice.strip_prefix(':')?;
            (!path.is_empty() && !choice.is_empty()).then_some((path, Some(choice)))
        });
        parted.collect::<Vec<_>>().into_iter().chain(std::iter::once((self.rest.as_str(), None)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, ReferenceError, Scheme};

    #[test]
    fn known_schemes_are_taken_off() {
        let reference = Reference::parse("oci:build/out:1.4").expect("valid");
        assert_eq!(reference.scheme, Some(Scheme::Oci));
        assert_eq!(reference.readings().collect::<Vec<_>>(), [("build/out", Some("1.4")), ("build/out:1.4", None)]);
    }

    #[test]
    fn names_with_colons_have_several_readings() {
        let reference = Reference::parse("docker-archive:a.tar:host:5000/app:1").expect("valid");
        let readings: Vec<_> = reference.readings().collect();
        assert_eq!(readings.first(), Some(&("a.tar", Some("host:5000/app:1"))));
        assert_eq!(readings.len(), 4);
    }

    #[test]
    fn an_unknown_word_before_a_colon_is_part_of_the_place() {
        assert_eq!(Reference::parse("python:3.12").expect("valid").scheme, None);
        assert_eq!(Reference::parse("dir:"), Err(ReferenceError::NoPath { scheme: "dir", expected: "PATH" }));
        assert_eq!(Reference::parse("registry:a.b/c:1").expect("valid").scheme, Some(Scheme::Registry));
        assert_eq!(Reference::parse(""), Err(ReferenceError::Empty));
    }
}
