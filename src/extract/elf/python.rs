//! Python runtimes by their bytes: CPython, PyPy and Pyston, in programs and libraries of any name; never a program that only loads
//! one.

use std::collections::BTreeSet;

use super::{headers::Headers, others, strings, suffixes::Suffixes};
use crate::extract::facts::PythonRuntime;

/// The rarest of them, without which a file is none of these Pythons.
const MARK: &[u8] = b"PYTHONHASHSEED";
/// Each Python has one of these.
pub(super) const MARKS: [&[u8]; 3] = [MARK, others::MICROPYTHON, others::RUSTPYTHON];
/// Names that every Python asks the environment for, C strings in all builds, which hardly anything else has together. The NUL
/// behind them is looked for apart: a program that names them in another way (this one, for example) is no Python.
const PYTHON: [&[u8]; 3] = [MARK, b"PYTHONNOUSERSITE", b"PYTHONDONTWRITEBYTECODE"];
/// What RPython's C code asks the environment for.
const PYPY: &[u8] = b"PYPYLOG";
/// The name under which every Python 3 knows its own import system.
const FROZEN: &[u8] = b"_frozen_importlib";
/// A function of `sys` in debug builds alone.
const REFERENCES: &[u8] = b"gettotalrefcount";
/// The beginning of what a Python 2 with four bytes to a character exports.
const WIDE_UNICODE: &[u8] = b"PyUnicodeUCS4_";

/// The runtime that is compiled into the file.
pub(super) fn runtime(headers: &Headers, loaded: &[&[u8]], py_version: impl FnOnce() -> Option<u32>) -> Option<PythonRuntime> {
    if !can_be(headers) {
        return None;
    }
    if !PYTHON.iter().all(|marker| strings::holds_whole(loaded, marker)) {
        return others::runtime(headers, loaded);
    }
    if strings::holds_whole(loaded, PYPY) { pypy(loaded) } else { cpython(loaded, py_version()) }
}

/// Whether it is searched. A library with another name is not: it would be a program's own copy, which no user starts.
pub(super) fn can_be(headers: &Headers) -> bool {
    let named = headers.soname.as_ref().is_none_or(|name| name.contains("python") || name.contains("pypy"));
    headers.executable || named
}

fn cpython(loaded: &[&[u8]], py_version: Option<u32>) -> Option<PythonRuntime> {
    let counts_references = strings::holds_whole(loaded, REFERENCES);
    if !strings::holds_whole(loaded, FROZEN) {
        let wide_unicode = strings::holds(loaded, WIDE_UNICODE);
        let version = release(loaded, "2.7.");
        return Some(PythonRuntime {
            implementation: "CPython",
            version,
            counts_references,
            wide_unicode,
            ..PythonRuntime::default()
        });
    }
    let Some(minor) = minor(loaded, "cpython-3") else { return others::pyston(loaded, release(loaded, "3.8.")) };
    let (minor, tag) = match minor {
        Minor::One(minor) => (format!("3.{minor}."), format!("cpython-3{minor}")),
        Minor::Several => {
            return Some(PythonRuntime { implementation: "CPython", counts_references, ..PythonRuntime::default() });
        }
    };
    let version = match py_version {
        Some(number) if number >> 24 == 3 => hexversion(number),
        _ => release(loaded, &minor),
    };
    let Suffixes { soabi, all } = Suffixes::of(loaded, &tag);
    Some(PythonRuntime {
        implementation: "CPython",
        version,
        soabi,
        extension_suffixes: all,
        counts_references,
        ..PythonRuntime::default()
    })
}

/// What the tags of bytecode say.
enum Minor {
    One(String),
    Several,
}

/// `sys.implementation.cache_tag`: `cpython-311`.
fn minor(loaded: &[&[u8]], start: &str) -> Option<Minor> {
    let tags: BTreeSet<&str> = strings::find(loaded, start.as_bytes())
        .filter(|found| found.whole)
        .filter_map(|found| found.text.strip_prefix(start))
        .filter(|minor| is_number(minor))
        .collect();
    let mut tags = tags.into_iter();
    let minor = tags.next()?;
    Some(if tags.next().is_some() { Minor::Several } else { Minor::One(minor.to_owned()) })
}

/// `PY_VERSION_HEX` in words: 0x030b02f0 is 3.11.2, 0x030d00c1 is 3.13.0rc1.
fn hexversion(number: u32) -> Option<String> {
    let [major, minor, micro, level] = number.to_be_bytes();
    let level = match (level >> 4, level & 0xf) {
        (0xf, _) => String::new(),
        (0xa, serial) => format!("a{serial}"),
        (0xb, serial) => format!("b{serial}"),
        (0xc, serial) => format!("rc{serial}"),
        _ => return None,
    };
    Some(format!("{major}.{minor}.{micro}{level}"))
}

/// The string `PY_VERSION` of the given minor version. A linker may have merged it with the end of a path that ends in the
/// same words; then that is the only place where it is.
fn release(loaded: &[&[u8]], minor: &str) -> Option<String> {
    let mut whole = BTreeSet::new();
    let mut tails = BTreeSet::new();
    for found in strings::find(loaded, minor.as_bytes()) {
        let Some(version) = is_release(found.text, minor) else { continue };
        if found.whole {
            whole.insert(version);
        } else if !(found.before.is_ascii_alphanumeric() || found.before == b'.') {
            tails.insert(version);
        }
    }
    let candidates = if whole.is_empty() { tails } else { whole };
    let mut candidates = candidates.into_iter();
    match (candidates.next(), candidates.next()) {
        (Some(version), None) => Some(version.to_owned()),
        _ => None,
    }
}

/// `3.11.2`, `3.13.0rc1`, `3.12.0a7+` (of which the `+` is left out).
fn is_release<'a>(text: &'a str, minor: &str) -> Option<&'a str> {
    let version = text.strip_suffix('+').unwrap_or(text);
    let micro = version.strip_prefix(minor)?;
    let number = micro.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_numbered = number.len() < micro.len();
    let serial = ["a", "b", "rc"].into_iter().find_map(|level| number.strip_prefix(level));
    (is_numbered && (number.is_empty() || serial.is_some_and(is_number))).then_some(version)
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `3.9.16 (7.3.11+dfsg-2, Dec 30 2024, 22:36:23)`, and on the next line `[PyPy 7.3.11 with `.
fn pypy(loaded: &[&[u8]]) -> Option<PythonRuntime> {
    let (language, own) = loaded.iter().find_map(|segment| {
        memchr::memmem::find_iter(segment, b"\n[PyPy ").find_map(|at| {
            let own = segment.get(at + b"\n[PyPy ".len()..)?;
            let own = own.get(..own.iter().take(32).position(|byte| *byte == b' ')?)?;
            let line = segment.get(at.saturating_sub(256)..at)?;
            let start = line.iter().rposition(|byte| !(b' '..=b'~').contains(byte)).map_or(0, |at| at + 1);
            let line = str::from_utf8(line.get(start..)?).ok()?;
            // Not NUL but a length may stand before RPython's strings: its last byte can be printable.
            let language = line.split(" (").next()?;
            let language = language
                .get(language.rfind(|letter: char| !(letter.is_ascii_digit() || letter == '.')).map_or(0, |at| at + 1)..)?;
            Some((language.to_owned(), str::from_utf8(own).ok()?.to_owned()))
        })
    })?;
    let mut parts = language.split('.');
    let tag = format!("pypy{}{}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Suffixes { soabi, all } = Suffixes::of(loaded, &tag);
    let is_version = language.split('.').count() == 3 && language.split('.').all(is_number);
    Some(PythonRuntime {
        implementation: "PyPy",
        version: is_version.then_some(language),
        implementation_version: Some(own),
        soabi,
        extension_suffixes: all,
        ..PythonRuntime::default()
    })
}
