//! The limits by name, to be listed and set; never what reaching one means.

use std::time::Duration;

use super::{Limits, quantity::Unit};

/// A limit that can be set.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// Its name: `layer-size`.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// What it bounds, for a person.
    pub about: &'static str,
    get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

/// A limit that holds whatever anybody says.
#[derive(Debug, Clone, Copy)]
pub struct Fixed {
    /// Its value.
    pub value: &'static str,
    /// What it bounds, for a person.
    pub about: &'static str,
}

/// Why a limit is not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// There is no such limit.
    #[error("there is no limit `{name}`: `douane limits` lists them")]
    Unknown {
        /// What was written.
        name: String,
    },
    /// The value is none.
    #[error("`{value}` is no value of the limit `{name}`: expected {expected}")]
    Value {
        /// The limit.
        name: &'static str,
        /// What was written.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
}

/// A limit on a field of any integer type.
macro_rules! limit {
    ($unit:ident $name:literal, $($field:ident).+, $about:literal) => {
        Named {
            name: $name,
            unit: Unit::$unit,
            about: $about,
            get: |limits| u64::try_from(limits.$($field).+).unwrap_or(u64::MAX),
            // What is more than this machine can count is no limit at all.
            set: |limits, value| limits.$($field).+ = value.try_into().unwrap_or(!0),
        }
    };
}

/// Every limit that can be set, from the outside of an image to the inside.
pub const NAMED: [Named; 31] = [
    Named {
        name: "time",
        unit: Unit::Seconds,
        about: "how long one target may take to be read",
        get: |limits| Unit::seconds(limits.time),
        set: |limits, value| limits.time = Duration::from_secs(value),
    },
    limit!(Bytes "document-size", document, "largest manifest, index, image configuration, policy or settings file"),
    limit!(Bytes "token-size", token, "largest answer of a registry's token server"),
    limit!(Count "listed-names", listed, "most names that a registry may list"),
    limit!(Count "redirects", redirects, "most redirects of one request to a registry"),
    limit!(Count "archive-members", members, "most members of an image archive"),
    limit!(Count "manifests", manifests, "most manifests that an index and those inside it name"),
    limit!(Count "index-depth", index_depth, "how deep indexes stand inside indexes"),
    limit!(Count "layers", layers, "most layers of an image"),
    limit!(Bytes "layer-size", layer, "largest layer, inflated"),
    limit!(Count "layer-ratio", layer_ratio, "how many times its compressed size a layer may inflate to"),
    limit!(Bytes "layer-ratio-from", layer_small, "inflated size of a layer up to which any ratio will do"),
    limit!(Bytes "member-headers", member_headers, "largest long name and PAX records of one entry"),
    limit!(Count "entries", entries, "most entries of an image's layers, or of a root file system"),
    limit!(Count "path-length", path_length, "longest path, in bytes"),
    limit!(Count "path-depth", path_depth, "most directories in a path"),
    limit!(Count "link-hops", link_hops, "most symbolic links on the way to one file"),
    limit!(Bytes "python-size", python_source, "largest Python source that is read"),
    limit!(Bytes "text-size", text, "largest metadata, package database or configuration that is read"),
    limit!(Bytes "elf-size", elf, "largest program or library that is read"),
    limit!(Bytes "in-flight", in_flight, "bytes of files that wait to be read at once"),
    limit!(Bytes "rpm-size", rpm.database, "largest database of rpm that is read"),
    limit!(Count "rpm-packages", rpm.packages, "most packages of a database of rpm"),
    limit!(Bytes "rpm-paths", rpm.paths, "paths of all files of a database of rpm together"),
    limit!(Bytes "zip-size", zip.archive, "largest zip archive that is opened"),
    limit!(Count "zip-members", zip.members, "most members of a zip archive"),
    limit!(Bytes "zip-member-size", zip.member, "largest member of a zip archive, inflated"),
    limit!(Bytes "zip-inflated", zip.inflated, "inflated bytes of one zip archive"),
    limit!(Bytes "zip-total", zip.total, "inflated bytes of all zip archives of a target"),
    limit!(Count "zip-ratio", zip.ratio, "how many times its compressed size a member may inflate to"),
    limit!(Bytes "zip-ratio-from", zip.small, "inflated size of a member up to which any ratio will do"),
];

/// What bounds the rest.
pub const FIXED: [Fixed; 6] = [
    Fixed { value: "128", about: "how deep JSON documents nest" },
    Fixed { value: "20000", about: "how deep Python sources nest: more than any Python compiles" },
    Fixed {
        value: "1",
        about: "how deep archives are looked into inside a layer: a zip in a zip is not opened, as no Python imports from one",
    },
    Fixed { value: "128MiB", about: "largest window of a zstd stream" },
    Fixed { value: "8", about: "most links from one member of an image archive to another" },
    Fixed { value: "16KiB", about: "longest glob of a policy" },
];

impl Named {
    /// The limit of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        NAMED.iter().find(|limit| limit.name == name)
    }

    /// What it is set to, as one would write it.
    pub fn show(&self, limits: &Limits) -> String {
        self.unit.show((self.get)(limits))
    }
}

impl Limits {
    /// Sets the limit of a name.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), LimitError> {
        let limit = Named::find(name).ok_or_else(|| LimitError::Unknown { name: name.to_owned() })?;
        let wrong = || LimitError::Value { name: limit.name, value: value.to_owned(), expected: limit.unit.expected() };
        (limit.set)(self, limit.unit.parse(value).ok_or_else(wrong)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{LimitError, NAMED, Named};
    use crate::limits::Limits;

    #[test]
    fn each_name_sets_what_it_shows_and_nothing_else() {
        let names: BTreeSet<_> = NAMED.iter().map(|limit| limit.name).collect();
        assert_eq!(names.len(), NAMED.len());
        for limit in &NAMED {
            let mut limits = Limits::default();
            limits.set(limit.name, "7").expect("a number is a value of every limit");
            assert_eq!(limit.show(&limits), limit.unit.show(7));
            let changed = NAMED.iter().filter(|other| other.show(&limits) != other.show(&Limits::default()));
            assert_eq!(changed.map(|other| other.name).collect::<Vec<_>>(), [limit.name]);
        }
    }

    #[test]
    fn every_field_has_a_name() {
        // Those of zip archives and of rpm's databases stand in fields of their own.
        let shown = format!("{:?}", Limits::default());
        assert_eq!(shown.matches(": ").count() - 2, NAMED.len());
    }

    #[test]
    fn mistakes_say_what_is_expected() {
        let mut limits = Limits::default();
        let unknown = limits.set("layer-sise", "1").expect_err("no such limit");
        assert_eq!(unknown, LimitError::Unknown { name: "layer-sise".to_owned() });
        let wrong = limits.set("time", "soon").expect_err("no time");
        assert_eq!(wrong.to_string(), "`soon` is no value of the limit `time`: expected a time, such as `90s` or `30min`");
        assert!(Named::find("entries").is_some() && Named::find("").is_none());
    }
}
