//! Choosing one image among several by name or platform; never reading them.

use std::path::Path;

use super::error::SourceError;
use crate::image::Platform;

/// Whether a person who writes `wanted` means the image that is tagged `tag`.
///
/// As Docker has it: `app` is `docker.io/library/app:latest`, and so on for every part that may be left out.
pub(super) fn same_name(tag: &str, wanted: &str) -> bool {
    full_name(tag) == full_name(wanted)
}

/// Whether `wanted` has no tag, and is the repository of `tag`.
pub(super) fn same_repository(tag: &str, wanted: &str) -> bool {
    let (repository, _) = split_tag(short_name(tag));
    split_tag(short_name(wanted)) == (repository, None)
}

fn full_name(name: &str) -> (&str, &str) {
    let (repository, tag) = split_tag(short_name(name));
    (repository, tag.unwrap_or("latest"))
}

fn short_name(name: &str) -> &str {
    let name = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"]
        .iter()
        .find_map(|registry| name.strip_prefix(registry))
        .unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

/// A colon before the last slash belongs to a registry's port.
fn split_tag(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    }
}

/// Chooses by platform among `candidates`: what was asked for, else the only one, else this machine's.
pub(super) fn by_platform<T>(
    path: &Path,
    candidates: Vec<(Platform, T)>,
    wanted: Option<&Platform>,
) -> Result<(Platform, T), SourceError> {
    let mut available: Vec<String> = candidates.iter().map(|(platform, _)| platform.to_string()).collect();
    available.sort();
    available.dedup();
    let path = path.to_owned();
    let only = candidates.len() == 1;
    match wanted {
        Some(wanted) => {
            let found = candidates.into_iter().find(|(platform, _)| platform.matches(wanted));
            found.ok_or_else(|| SourceError::NoSuchPlatform { path, wanted: wanted.clone(), available })
        }
        None => {
            let host = Platform::host();
            let found = candidates.into_iter().find(|(platform, _)| only || platform.matches(&host));
            found.ok_or(SourceError::PlatformNeeded { path, host, available })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{by_platform, same_name, same_repository};
    use crate::{image::Platform, source::SourceError};

    #[test]
    fn names_may_leave_out_what_docker_fills_in() {
        for wanted in ["app", "app:latest", "library/app", "docker.io/library/app:latest", "index.docker.io/library/app"] {
            assert!(same_name("docker.io/library/app:latest", wanted), "{wanted}");
            assert!(same_name("app:latest", wanted), "{wanted}");
        }
        assert!(!same_name("app:1", "app"));
        assert!(same_repository("app:1", "docker.io/library/app"));
        assert!(!same_repository("app:1", "app:2"));
        assert!(same_name("host:5000/app:latest", "host:5000/app"));
        assert!(!same_name("other/app:1", "app:1"));
    }

    fn candidates(platforms: &[&str]) -> Vec<(Platform, ())> {
        platforms.iter().map(|text| (Platform::parse(text).expect("valid"), ())).collect()
    }

    #[test]
    fn the_only_platform_needs_no_choice_but_must_be_the_one_asked_for() {
        let here = std::path::Path::new("x");
        let (platform, ()) = by_platform(here, candidates(&["linux/s390x"]), None).expect("the only one");
        assert_eq!(platform.to_string(), "linux/s390x");
        let wanted = Platform::parse("linux/arm64").expect("valid");
        let error = by_platform(here, candidates(&["linux/s390x"]), Some(&wanted)).expect_err("not there");
        assert_eq!(error.to_string(), "`x` has no image for linux/arm64: it has `linux/s390x`");
    }

    #[test]
    fn of_several_the_host_is_taken_or_the_error_lists_them() {
        let here = std::path::Path::new("x");
        let host = Platform::host().to_string();
        let (platform, ()) = by_platform(here, candidates(&["linux/mips", &host]), None).expect("the host's");
        assert_eq!(platform.to_string(), host);
        let error = by_platform(here, candidates(&["linux/mips", "linux/ppc"]), None).expect_err("a choice is needed");
        assert!(matches!(error, SourceError::PlatformNeeded { ref available, .. } if available.len() == 2), "{error}");
    }
}
