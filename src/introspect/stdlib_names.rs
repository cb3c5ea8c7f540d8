//! Names of the standard library by minor version, and which of them can be compiled in; never what an image holds.

use std::collections::HashSet;

use super::runtime::{Implementation, Runtime};
use crate::facts::standard_modules;

/// `sys.builtin_module_names` of PyPy 7.3 without dotted names, and its two import modules.
const PYPY_BUILTIN: &[&str] = &[
    "__exceptions__",
    "__pypy__",
    "_abc",
    "_ast",
    "_bz2",
    "_cffi_backend",
    "_codecs",
    "_collections",
    "_continuation",
    "_cppyy",
    "_csv",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_hpy_universal",
    "_imp",
    "_io",
    "_jitlog",
    "_locale",
    "_lsprof",
    "_md5",
    "_minimal_curses",
    "_multibytecodec",
    "_multiprocessing",
    "_opcode",
    "_operator",
    "_pickle_support",
    "_posixsubprocess",
    "_pypyjson",
    "_random",
    "_rawffi",
    "_signal",
    "_socket",
    "_sre",
    "_string",
    "_struct",
    "_testing",
    "_thread",
    "_vmprof",
    "_warnings",
    "_weakref",
    "array",
    "atexit",
    "binascii",
    "builtins",
    "cmath",
    "cpyext",
    "errno",
    "faulthandler",
    "fcntl",
    "gc",
    "itertools",
    "marshal",
    "math",
    "mmap",
    "parser",
    "posix",
    "pwd",
    "pyexpat",
    "pypyjit",
    "select",
    "symbol",
    "sys",
    "termios",
    "time",
    "token",
    "unicodedata",
    "zlib",
];

/// `sys.builtin_module_names` of CPython 2.7.
const PYTHON2_BUILTIN: &[&str] = &[
    "__builtin__",
    "_ast",
    "_codecs",
    "_sre",
    "_symtable",
    "_warnings",
    "_weakref",
    "errno",
    "exceptions",
    "gc",
    "imp",
    "marshal",
    "posix",
    "pwd",
    "signal",
    "sys",
    "thread",
    "zipimport",
];

/// Every top-level name of the standard library, whether this platform has it or not.
pub(crate) fn standard_library(runtime: &Runtime) -> HashSet<&'static str> {
    let mut names: HashSet<_> = standard_modules(Some(runtime.minor)).map(|entry| entry.name).collect();
    if runtime.implementation == Implementation::PyPy {
        names.extend(PYPY_BUILTIN);
    } else if runtime.major == 2 {
        names.extend(PYTHON2_BUILTIN);
    }
    names
}

/// Top-level names that are compiled into the interpreter, inferred from the names of its shared extension modules
/// (`None` where it has no directory for them). Sorted.
pub(crate) fn builtin_modules(runtime: &Runtime, shared: Option<&HashSet<String>>) -> Vec<&'static str> {
    if runtime.implementation == Implementation::PyPy {
        return PYPY_BUILTIN.to_vec();
    }
    if runtime.major == 2 {
        return PYTHON2_BUILTIN.to_vec();
    }
    // `_asyncio` needs no foreign library: a build that has a directory of shared modules without it links them all in.
    let is_static = shared.is_some_and(|shared| !shared.contains("_asyncio"));
    standard_modules(Some(runtime.minor))
        .filter(|entry| match entry.how {
            "core" | "common" => true,
            "static" => is_static,
            _ => false,
        })
        .map(|entry| entry.name)
        .filter(|name| !shared.is_some_and(|shared| shared.contains(*name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{builtin_modules, standard_library};
    use crate::introspect::runtime::Runtime;

    #[test]
    fn the_table_has_as_many_names_as_each_version() {
        let counts: Vec<_> = (10..=14).map(|minor| standard_library(&Runtime::cpython(3, minor)).len()).collect();
        assert_eq!(counts, [303, 305, 300, 289, 297]);
    }

    #[test]
    fn what_is_a_shared_module_is_not_compiled_in() {
        let shared: HashSet<String> = ["_asyncio", "math"].map(str::to_owned).into();
        let builtin = builtin_modules(&Runtime::cpython(3, 11), Some(&shared));
        assert!(builtin.contains(&"sys") && builtin.contains(&"zlib"));
        assert!(!builtin.contains(&"math") && !builtin.contains(&"_ssl") && !builtin.contains(&"winreg"));
    }

    #[test]
    fn a_build_without_shared_modules_has_them_all_compiled_in() {
        let builtin = builtin_modules(&Runtime::cpython(3, 12), Some(&HashSet::new()));
        assert!(builtin.contains(&"_ssl") && builtin.contains(&"_asyncio"));
        assert!(!builtin.contains(&"_tkinter"));
    }
}
