//! How an interpreter was built, by its tags and by what its build recorded; never where it came from.

use crate::{
    extract::{FileFacts, PythonRuntime},
    facts::{BuildVariables, Fact, Interpreter, Special},
    filesystem::Tree,
};

use super::installation::Installation;

/// Says in the facts of an interpreter how it was built.
pub(crate) fn say_how_built(
    facts: &mut Interpreter,
    runtime: &PythonRuntime,
    minor: Option<(u32, u32)>,
    variables: Option<&BuildVariables>,
) {
    facts.soabi = runtime.soabi.clone().into();
    (facts.debug, facts.free_threaded) = (Fact::Known(false), Fact::Known(false));
    match (runtime.implementation, &runtime.soabi) {
        ("CPython", Some(soabi)) => {
            let tag = tag(soabi);
            let flags = tag.trim_start_matches(|letter: char| letter.is_ascii_digit());
            facts.debug = Fact::Known(flags.contains('d'));
            facts.free_threaded = Fact::Known(flags.contains('t'));
            facts.abi = Fact::Known(format!("cp{tag}"));
        }
        ("CPython", None) if minor == Some((2, 7)) => {
            facts.debug = Fact::Known(runtime.counts_references);
            facts.abi = match variables.and_then(|variables| variables.pymalloc) {
                Some(pymalloc) => Fact::Known(python_2(runtime, pymalloc)),
                None => Fact::Unknown("neither its bytes nor `_sysconfigdata` say whether it has `m` in its tag".into()),
            };
        }
        ("CPython", None) => {
            let reason = || format!("the bytes of `{}` hold no tag of extension modules, or several", facts.path);
            facts.soabi = Fact::Unknown(reason().into());
            facts.abi = Fact::Unknown(reason().into());
            if runtime.counts_references {
                facts.debug = Fact::Unknown("it counts references, as debug builds do and others may".into());
            }
            if minor.is_none_or(|minor| minor >= (3, 13)) {
                facts.free_threaded = Fact::Unknown(reason().into());
            }
        }
        ("PyPy", Some(soabi)) => {
            let mut parts = soabi.split('-');
            facts.abi = match (parts.next(), parts.next()) {
                (Some(python), Some(interface)) => Fact::Known(format!("{python}_{interface}")),
                _ => Fact::Unknown(format!("`{soabi}` names no interface").into()),
            };
        }
        ("PyPy" | "Pyston" | "GraalPy", _) => {
            facts.abi = Fact::Unknown("what its wheels are named is not in its bytes".into());
            if runtime.soabi.is_none() {
                facts.soabi = Fact::Unknown("its bytes hold no tag of extension modules".into());
            }
        }
        // The others load no extension modules of C.
        _ => {}
    }
}

/// `313t` of `cpython-313t-x86_64-linux-gnu`.
fn tag(soabi: &str) -> &str {
    soabi.strip_prefix("cpython-").and_then(|rest| rest.split('-').next()).unwrap_or_default()
}

/// `cp27mu`: a debug build, its own allocator, four bytes to a character.
fn python_2(runtime: &PythonRuntime, pymalloc: bool) -> String {
    let flags = [(runtime.counts_references, "d"), (pymalloc, "m"), (runtime.wide_unicode, "u")];
    let flags: String = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).collect();
    format!("cp27{flags}")
}

/// Whether a build is free-threaded, for the names of its directories: by its tag, else by the executable's name.
pub(crate) fn is_free_threaded(runtime: &PythonRuntime, name: &str, (major, minor): (u32, u32)) -> bool {
    match &runtime.soabi {
        Some(soabi) => tag(soabi).contains('t'),
        None => name == format!("python{major}.{minor}t"),
    }
}

/// What the build of an interpreter recorded in its library.
pub(crate) fn build_variables(tree: &Tree, installation: &Installation, runtime: &PythonRuntime) -> Option<BuildVariables> {
    let original = installation.origin.as_ref().and_then(|origin| origin.library.as_ref());
    let directory = tree.resolve(original.unwrap_or(&installation.library)).ok().filter(|_| installation.found)?;
    let flags = runtime.soabi.as_deref().map(tag).unwrap_or_default();
    let flags = flags.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let own = format!("_sysconfigdata_{flags}_");
    let mut names = tree.children(directory.node).filter_map(|(name, id)| {
        let name = std::str::from_utf8(name).ok()?;
        (name == "_sysconfigdata.py" || (name.starts_with(&own) && name.ends_with(".py"))).then_some(id)
    });
    names.find_map(|id| match &tree.node(id).facts {
        Some(FileFacts::Python(source)) => match source.special.as_deref() {
            Some(Special::Build(variables)) => Some(variables.clone()),
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::say_how_built;
    use crate::{
        extract::PythonRuntime,
        facts::{BuildVariables, Fact, Interpreter},
    };

    fn built(runtime: PythonRuntime, minor: (u32, u32), pymalloc: Option<bool>) -> Interpreter {
        let mut facts = Interpreter::default();
        say_how_built(&mut facts, &runtime, Some(minor), Some(&BuildVariables { prefix: None, pymalloc }));
        facts
    }

    fn cpython(soabi: &str) -> PythonRuntime {
        PythonRuntime { implementation: "CPython", soabi: Some(soabi.to_owned()), ..PythonRuntime::default() }
    }

    #[test]
    fn letters_of_the_tag_say_how_it_was_built() {
        let shown = |tag: &str, minor| {
            let facts = built(cpython(&format!("cpython-{tag}-x86_64-linux-gnu")), minor, None);
            (facts.abi, facts.debug, facts.free_threaded)
        };
        let known =
            |abi: &str, debug, free_threaded| (Fact::Known(abi.to_owned()), Fact::Known(debug), Fact::Known(free_threaded));
        assert_eq!(shown("311", (3, 11)), known("cp311", false, false));
        assert_eq!(shown("36dm", (3, 6)), known("cp36dm", true, false));
        assert_eq!(shown("313t", (3, 13)), known("cp313t", false, true));
        assert_eq!(shown("314td", (3, 14)), known("cp314td", true, true));
    }

    #[test]
    fn a_python_2_is_told_by_its_symbols_and_its_build() {
        let runtime = |counts_references| PythonRuntime {
            implementation: "CPython",
            counts_references,
            wide_unicode: true,
            ..PythonRuntime::default()
        };
        let facts = built(runtime(false), (2, 7), Some(true));
        assert_eq!((facts.abi, facts.debug, facts.soabi), (Fact::Known("cp27mu".to_owned()), Fact::Known(false), Fact::Absent));
        assert_eq!(built(runtime(true), (2, 7), Some(true)).abi, Fact::Known("cp27dmu".to_owned()));
        assert!(matches!(built(runtime(true), (2, 7), None).abi, Fact::Unknown(_)));
    }

    #[test]
    fn without_a_tag_only_what_came_before_is_sure() {
        let without = PythonRuntime { implementation: "CPython", ..PythonRuntime::default() };
        let old = built(without.clone(), (3, 12), None);
        assert_eq!((old.debug, old.free_threaded), (Fact::Known(false), Fact::Known(false)));
        assert!(matches!(built(without.clone(), (3, 13), None).free_threaded, Fact::Unknown(_)));
        assert!(matches!(built(PythonRuntime { counts_references: true, ..without }, (3, 12), None).debug, Fact::Unknown(_)));
    }

    #[test]
    fn pypy_and_others_have_tags_of_their_own() {
        let pypy = PythonRuntime { implementation: "PyPy", ..cpython("pypy39-pp73-x86_64-linux-gnu") };
        assert_eq!(built(pypy, (3, 9), None).abi, Fact::Known("pypy39_pp73".to_owned()));
        let micropython = PythonRuntime { implementation: "MicroPython", ..PythonRuntime::default() };
        let facts = built(micropython, (3, 4), None);
        assert_eq!((facts.abi, facts.soabi, facts.free_threaded), (Fact::Absent, Fact::Absent, Fact::Known(false)));
    }
}
