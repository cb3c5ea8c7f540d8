//! Which Python a runtime is, and the names that follow from it (directories, suffixes); never where it is installed.

use crate::facts::ModuleKind;

/// The two implementations whose layouts are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Implementation {
    CPython,
    PyPy,
}

/// A Python of one minor version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runtime {
    pub(crate) implementation: Implementation,
    pub(crate) major: u32,
    pub(crate) minor: u32,
    /// A build without the global lock, whose directories end in `t`.
    pub(crate) free_threaded: bool,
    /// Endings of extension modules that begin with a tag, in order, where the bytes hold them.
    pub(crate) extension_suffixes: Vec<String>,
    /// In OCI words.
    pub(crate) architecture: String,
}

impl Runtime {
    /// A CPython on amd64 whose bytes hold no more than its version.
    #[cfg(test)]
    pub(crate) fn cpython(major: u32, minor: u32) -> Self {
        Self {
            implementation: Implementation::CPython,
            major,
            minor,
            free_threaded: false,
            extension_suffixes: Vec::new(),
            architecture: "amd64".to_owned(),
        }
    }

    /// `python3.11`, `python3.13t`, `pypy3.9`: the library's directory under `lib`, and the prefix of site directories.
    pub(crate) fn directory(&self) -> String {
        let name = match self.implementation {
            Implementation::CPython => "python",
            Implementation::PyPy => "pypy",
        };
        format!("{name}{}.{}{}", self.major, self.minor, self.thread_flag())
    }

    /// `python311.zip`, which CPython searches first, whether it exists or not.
    pub(crate) fn zip(&self) -> Option<String> {
        (self.implementation == Implementation::CPython)
            .then(|| format!("python{}{}{}.zip", self.major, self.minor, self.thread_flag()))
    }

    fn thread_flag(&self) -> &'static str {
        if self.free_threaded { "t" } else { "" }
    }

    /// File name endings of modules in the order in which the finder tries them.
    pub(crate) fn suffixes(&self) -> Vec<(String, ModuleKind)> {
        let mut extensions = match self.implementation {
            _ if !self.extension_suffixes.is_empty() => self.extension_suffixes.clone(),
            _ if self.major == 2 => vec![".so".to_owned(), "module.so".to_owned()],
            Implementation::PyPy => self.guessed_tags(&format!("pypy{}{}-pp73", self.major, self.minor)),
            Implementation::CPython => {
                let mut tags = self.guessed_tags(&self.cpython_tag());
                tags.extend((!self.free_threaded).then(|| ".abi3.so".to_owned()));
                tags
            }
        };
        if self.implementation == Implementation::CPython && self.major > 2 {
            extensions.push(".so".to_owned());
        }
        extensions
            .into_iter()
            .map(|suffix| (suffix, ModuleKind::Extension))
            .chain([(".py".to_owned(), ModuleKind::Source), (".pyc".to_owned(), ModuleKind::Bytecode)])
            .collect()
    }

    /// `cpython-311`; up to 3.7 with `m`, for its memory allocator.
    fn cpython_tag(&self) -> String {
        let allocator = if self.major == 3 && self.minor < 8 { "m" } else { "" };
        format!("cpython-{}{}{allocator}", self.major, self.minor)
    }

    /// The tag with the triplet of the architecture, for both C libraries: an image holds wheels for its own only.
    fn guessed_tags(&self, tag: &str) -> Vec<String> {
        let flag = self.thread_flag();
        let triplets: &[&str] = match self.architecture.as_str() {
            "amd64" => &["x86_64-linux-gnu", "x86_64-linux-musl"],
            "arm64" => &["aarch64-linux-gnu", "aarch64-linux-musl"],
            "386" => &["i386-linux-gnu", "i386-linux-musl"],
            "arm" => &["arm-linux-gnueabihf", "arm-linux-gnueabi", "arm-linux-musleabihf"],
            "ppc64le" => &["powerpc64le-linux-gnu", "powerpc64le-linux-musl"],
            "s390x" => &["s390x-linux-gnu", "s390x-linux-musl"],
            "riscv64" => &["riscv64-linux-gnu", "riscv64-linux-musl"],
            _ => &[],
        };
        triplets.iter().map(|triplet| format!(".{tag}{flag}-{triplet}.so")).collect()
    }
}

/// The first two numbers of a version, or of a name such as `python3.11` or `libpython3.11.so.1.0`.
pub(crate) fn minor_version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = text.get(start..)?.split(|character: char| !character.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Implementation, Runtime, minor_version};

    fn runtime(implementation: Implementation) -> Runtime {
        Runtime { implementation, ..Runtime::cpython(3, 11) }
    }

    #[test]
    fn extensions_come_before_source_and_source_before_bytecode() {
        let suffixes: Vec<_> = runtime(Implementation::CPython).suffixes().into_iter().map(|(suffix, _)| suffix).collect();
        assert_eq!(
            suffixes,
            [".cpython-311-x86_64-linux-gnu.so", ".cpython-311-x86_64-linux-musl.so", ".abi3.so", ".so", ".py", ".pyc"]
        );
    }

    #[test]
    fn pypy_loads_only_extensions_of_its_own_tag() {
        let tag = ".pypy311-pp73-x86_64-linux-gnu.so".to_owned();
        let pypy = Runtime { extension_suffixes: vec![tag], ..runtime(Implementation::PyPy) };
        let suffixes: Vec<_> = pypy.suffixes().into_iter().map(|(suffix, _)| suffix).collect();
        assert_eq!(suffixes, [".pypy311-pp73-x86_64-linux-gnu.so", ".py", ".pyc"]);
    }

    #[test]
    fn minor_versions_are_found_in_names() {
        assert_eq!(minor_version("libpython3.11.so.1.0"), Some((3, 11)));
        assert_eq!(minor_version("3.9.16"), Some((3, 9)));
        assert_eq!(minor_version("python"), None);
    }
}
