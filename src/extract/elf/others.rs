//! Pythons that are neither CPython nor PyPy, by their bytes: Pyston, MicroPython, RustPython; never what they would import.

use super::{headers::Headers, python::is_number, strings, suffixes::Suffixes};
use crate::extract::facts::PythonRuntime;

/// What MicroPython's program for Unix asks the environment for.
pub(super) const MICROPYTHON: &[u8] = b"MICROPYPATH";
/// What RustPython's program asks the environment for. Its strings do not end in NUL.
pub(super) const RUSTPYTHON: &[u8] = b"RUSTPYTHONPATH";
/// The tag of Pyston's bytecode.
const PYSTON: &str = "pyston-";

/// The runtime that is compiled into a program; a library is somebody else's.
pub(super) fn runtime(headers: &Headers, loaded: &[&[u8]]) -> Option<PythonRuntime> {
    if !headers.executable {
        return None;
    }
    if strings::holds_whole(loaded, MICROPYTHON) {
        return micropython(loaded);
    }
    strings::holds(loaded, RUSTPYTHON).then(|| rustpython(loaded)).flatten()
}

/// `3.4.0; MicroPython v1.26.1+ds-1 on 2025-09-13`, or the two of them apart. 3.4 is the language of every release.
fn micropython(loaded: &[&[u8]]) -> Option<PythonRuntime> {
    let own = strings::find(loaded, b"MicroPython v").find_map(|found| {
        let text = found.text.strip_prefix("MicroPython v")?.split(' ').next()?;
        // What follows `+` is the packager's, `.g` begins a commit.
        let text = text.split('+').next()?.split(".g").next()?.trim_end_matches("-dirty");
        text.starts_with(|letter: char| letter.is_ascii_digit()).then(|| text.to_owned())
    })?;
    let language = strings::find(loaded, b"3.").filter(|found| found.whole).find_map(|found| {
        let text = found.text.split("; MicroPython").next()?;
        let parts: Vec<&str> = text.split('.').collect();
        (parts.len() == 3 && parts.into_iter().all(is_number)).then(|| text.to_owned())
    });
    Some(PythonRuntime {
        implementation: "MicroPython",
        version: language,
        implementation_version: Some(own),
        ..PythonRuntime::default()
    })
}

/// `[RustPython 0.5.0 with rustc ...`: what of `sys.version` is one string, of newer releases. The language's version is put together
/// of numbers, and cannot be read.
fn rustpython(loaded: &[&[u8]]) -> Option<PythonRuntime> {
    strings::holds(loaded, b"RustPython").then(|| {
        let own = strings::after(loaded, b"[RustPython ").map(str::to_owned);
        PythonRuntime { implementation: "RustPython", implementation_version: own, ..PythonRuntime::default() }
    })
}

/// Pyston is CPython 3.8 with another tag, `pyston-23`, and says in `sys.version` which release it is: `[Pyston 2.3.5, GCC`.
pub(super) fn pyston(loaded: &[&[u8]], version: Option<String>) -> Option<PythonRuntime> {
    let tag = strings::find(loaded, PYSTON.as_bytes())
        .filter(|found| found.whole)
        .find_map(|found| found.text.strip_prefix(PYSTON).filter(|number| is_number(number)).map(|_| found.text))?;
    let Suffixes { soabi, all } = Suffixes::of(loaded, tag);
    let own = strings::after(loaded, b"[Pyston ").map(str::to_owned);
    Some(PythonRuntime {
        implementation: "Pyston",
        version,
        implementation_version: own,
        soabi,
        extension_suffixes: all,
        ..PythonRuntime::default()
    })
}
