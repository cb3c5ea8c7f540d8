//! The endings of extension modules that a Python holds as strings, in the finder's order; never those that every Python has.

use super::strings;

/// What follows the dot of the stable interface's endings.
const STABLE: [&str; 2] = ["abi3", "abi3t"];

/// Endings that begin with a tag.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Suffixes {
    /// The first of them, without its dot and `.so`: `cpython-311-x86_64-linux-gnu`.
    pub soabi: Option<String>,
    /// `.cpython-311d-x86_64-linux-gnu.so`, `.cpython-311-x86_64-linux-gnu.so`, `.abi3.so`.
    pub all: Vec<String>,
}

impl Suffixes {
    /// Those of a Python whose bytecode has that tag: `cpython-311`, `pypy39`.
    pub(super) fn of(loaded: &[&[u8]], tag: &str) -> Self {
        let mut own = Vec::new();
        for found in strings::find(loaded, format!(".{tag}").as_bytes()).filter(|found| found.whole) {
            let Some(name) = found.text.strip_prefix('.').and_then(|text| text.strip_suffix(".so")) else { continue };
            if flags(name, tag).is_some() && !own.iter().any(|known| known == name) {
                own.push(name.to_owned());
            }
        }
        // A debug build loads what is built for it before what is not.
        own.sort_by_key(|name| !flags(name, tag).unwrap_or_default().contains('d'));
        let mut stable: Vec<&str> = strings::find(loaded, b".abi3")
            .filter(|found| found.whole && found.text.ends_with(".so"))
            .map(|found| found.text)
            .collect();
        stable.sort_by_key(|text| rank(text));
        stable.dedup();
        let has_both = stable.iter().any(|text| rank(text).0 == 1);
        if has_both {
            // From 3.15 on the ending with the machine's name comes before the one without.
            stable.sort_by_key(|text| (rank(text).0, !rank(text).1));
        }
        let all = own.iter().map(|name| format!(".{name}.so")).chain(stable.into_iter().map(str::to_owned)).collect();
        Self { soabi: own.into_iter().next(), all }
    }
}

/// The letters between the tag and the first dash, which say how it was built: `td` of `cpython-313td-x86_64-linux-gnu`.
fn flags<'n>(name: &'n str, tag: &str) -> Option<&'n str> {
    let (flags, _) = name.strip_prefix(tag)?.split_once('-')?;
    flags.bytes().all(|byte| byte.is_ascii_lowercase()).then_some(flags)
}

/// Which stable interface, and whether the machine is named.
fn rank(text: &str) -> (usize, bool) {
    let name = text.trim_start_matches('.').trim_end_matches(".so");
    let (interface, machine) = name.split_once('-').map_or((name, false), |(interface, _)| (interface, true));
    (STABLE.iter().position(|known| *known == interface).unwrap_or(STABLE.len()), machine)
}

#[cfg(test)]
mod tests {
    use super::Suffixes;

    fn suffixes(tag: &str, strings: &[&str]) -> Vec<String> {
        let bytes = [b"\0".as_slice(), strings.join("\0").as_bytes(), b"\0"].concat();
        Suffixes::of(&[&bytes], tag).all
    }

    #[test]
    fn a_debug_build_loads_its_own_first() {
        let strings =
            [".abi3-x86_64-linux-gnu.so", ".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".cpython-311d-x86_64-linux-gnu.so"];
        let expected =
            [".cpython-311d-x86_64-linux-gnu.so", ".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".abi3-x86_64-linux-gnu.so"];
        assert_eq!(suffixes("cpython-311", &strings), expected);
    }

    #[test]
    fn a_python_with_both_stable_interfaces_loads_the_named_ones_first() {
        let strings = [
            ".abi3t.so",
            ".abi3.so",
            ".abi3t-x86_64-linux-gnu.so",
            ".cpython-315-x86_64-linux-gnu.so",
            ".abi3-x86_64-linux-gnu.so",
        ];
        let expected = [
            ".cpython-315-x86_64-linux-gnu.so",
            ".abi3-x86_64-linux-gnu.so",
            ".abi3.so",
            ".abi3t-x86_64-linux-gnu.so",
            ".abi3t.so",
        ];
        assert_eq!(suffixes("cpython-315", &strings), expected);
    }

    #[test]
    fn other_versions_and_longer_names_are_not_its_own() {
        assert_eq!(suffixes("cpython-31", &[".cpython-311-x86_64-linux-gnu.so", "a.cpython-31-x.so"]), [""; 0]);
    }
}
