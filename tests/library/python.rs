//! Cases of `policies/python.douane`.

use douane::facts::{Fact, Interpreter, Inventory};

use crate::{
    Case,
    Expected::{Accepted, NotJudged, Open, Rejected},
    case,
    facts::{clean, interpreter, on_a_machine, with},
};

fn python(interpreter: Interpreter) -> Inventory {
    with(|inventory| inventory.interpreters = vec![interpreter])
}

fn packaged(package: &str, interpreter: Interpreter) -> Inventory {
    python(Interpreter { os_package: Some(package.into()), ..interpreter })
}

fn of_unknown_version(implementation: &str) -> Inventory {
    let reason = Fact::Unknown("no version string in the file".into());
    python(Interpreter { version: reason, ..interpreter(implementation, "") })
}

pub fn cases() -> Vec<Case> {
    [cpython(), pypy()].into_iter().flatten().collect()
}

fn cpython() -> Vec<Case> {
    const RULE: &str = "douane.python/supported-python";
    const OLD: &[&str] = &["/usr/local/bin/python is CPython 3.8.18; security fixes reach 3.11 and newer"];
    let old = || interpreter("CPython", "3.8.18");
    vec![
        case(RULE, "a new one passes", clean(), Accepted),
        case(RULE, "the floor itself passes", python(interpreter("CPython", "3.11.0")), Accepted),
        case(RULE, "an old one fails", python(old()), Rejected(OLD)),
        case(RULE, "an old one on a machine fails", on_a_machine(python(old())), Rejected(OLD)),
        case(
            RULE,
            "3.9 is older than 3.11",
            python(interpreter("CPython", "3.9.2")),
            Rejected(&["/usr/local/bin/python is CPython 3.9.2; security fixes reach 3.11 and newer"]),
        ),
        case(
            RULE,
            "a candidate for the floor is older than it",
            python(interpreter("CPython", "3.11.0rc1")),
            Rejected(&["/usr/local/bin/python is CPython 3.11.0rc1; security fixes reach 3.11 and newer"]),
        ),
        case(
            RULE,
            "the distribution mends what dpkg brought",
            packaged("python3.11-minimal", interpreter("CPython", "3.11.2")),
            Accepted,
        ),
        case(
            RULE,
            "even where it is older than the floor",
            packaged("python3.9-minimal", interpreter("CPython", "3.9.2")),
            Accepted,
        ),
        case(RULE, "PyPy has a rule of its own", python(interpreter("PyPy", "3.9.16")), Accepted),
        case(
            RULE,
            "a version that cannot be read leaves it open",
            of_unknown_version("CPython"),
            Open(&["it is not known whether `i.version < floor`, which is forbidden"]),
        ),
        case(
            RULE,
            "without an interpreter there is nothing to judge",
            with(|inventory| inventory.interpreters.clear()),
            NotJudged,
        ),
    ]
}

fn pypy() -> Vec<Case> {
    const RULE: &str = "douane.python/supported-pypy";
    vec![
        case(RULE, "a new one passes", python(interpreter("PyPy", "3.11.13")), Accepted),
        case(
            RULE,
            "an old one fails",
            python(interpreter("PyPy", "3.9.16")),
            Rejected(&["/usr/local/bin/python is PyPy for Python 3.9.16; releases are made for 3.11 and newer"]),
        ),
        case(RULE, "the distribution mends what dpkg brought", packaged("pypy3", interpreter("PyPy", "3.9.16")), Accepted),
        case(RULE, "CPython has a rule of its own", python(interpreter("CPython", "3.8.18")), Accepted),
        case(
            RULE,
            "a version that cannot be read leaves it open",
            of_unknown_version("PyPy"),
            Open(&["it is not known whether `i.version < pypy_floor`, which is forbidden"]),
        ),
    ]
}
