//! Cases of `policies/contents.douane`.

use douane::facts::{Completeness, Inventory};

use crate::{
    Case,
    Expected::{Accepted, NotJudged, Open, Rejected},
    case,
    facts::{binary, clean, distribution, in_a_directory, on_a_machine, package, with},
};

fn installed(name: &str) -> Inventory {
    with(|inventory| inventory.environments[0].distributions.push(distribution(name)))
}

fn packaged(names: &[&str]) -> Inventory {
    with(|inventory| inventory.os_packages.extend(names.iter().map(|name| package(name))))
}

fn program(path: &str) -> Inventory {
    with(|inventory| inventory.binaries.push(binary(path, "linux/amd64")))
}

fn with_unsure_path() -> Inventory {
    with(|inventory| inventory.environments[0].path_complete = Completeness::Incomplete(vec!["`/x.pth` runs code".into()]))
}

pub fn cases() -> Vec<Case> {
    [debuggers(), test_frameworks(), compilers(), build_programs()].into_iter().flatten().collect()
}

fn debuggers() -> Vec<Case> {
    const RULE: &str = "douane.contents/no-debuggers";
    vec![
        case(RULE, "ordinary distributions pass", clean(), Accepted),
        case(RULE, "a debugger in an image fails", installed("debugpy"), Rejected(&["debugpy is a debugger"])),
        case(
            RULE,
            "a debugger in a root file system fails",
            in_a_directory(installed("ipdb")),
            Rejected(&["ipdb is a debugger"]),
        ),
        case(RULE, "a machine may hold debuggers", on_a_machine(installed("debugpy")), NotJudged),
        case(RULE, "a name that only begins like a debugger's passes", installed("ipdb-stubs"), Accepted),
        case(
            RULE,
            "distributions that may be elsewhere leave it open",
            with_unsure_path(),
            Open(&["there may be more in `distributions` than is known"]),
        ),
        case(RULE, "a machine leaves nothing open", on_a_machine(with_unsure_path()), NotJudged),
    ]
}

fn test_frameworks() -> Vec<Case> {
    const RULE: &str = "douane.contents/no-test-frameworks";
    vec![
        case(RULE, "ordinary distributions pass", clean(), Accepted),
        case(RULE, "pytest fails", installed("pytest"), Rejected(&["pytest serves tests only"])),
        case(RULE, "a plugin of pytest fails", installed("pytest-django"), Rejected(&["pytest-django serves tests only"])),
        case(RULE, "a machine may hold test frameworks", on_a_machine(installed("pytest")), NotJudged),
        case(RULE, "what has a test framework's name inside its own passes", installed("opentelemetry-test-utils"), Accepted),
    ]
}

fn compilers() -> Vec<Case> {
    const RULE: &str = "douane.contents/no-compilers";
    vec![
        case(RULE, "a C library is no compiler", clean(), Accepted),
        case(
            RULE,
            "gcc-12-base, which every Debian image has, is no compiler",
            packaged(&["gcc-12-base", "libgcc-s1"]),
            Accepted,
        ),
        case(RULE, "gcc-12 is one", packaged(&["gcc-12"]), Rejected(&["the package gcc-12 12.2.0-14 is installed"])),
        case(
            RULE,
            "build-base, Alpine's, is one",
            packaged(&["build-base"]),
            Rejected(&["the package build-base 12.2.0-14 is installed"]),
        ),
        case(RULE, "a package of documentation is none", packaged(&["clang-14-doc", "make-doc", "golang-1.19-doc"]), Accepted),
        case(
            RULE,
            "Go's compiler with its version in its name is one",
            packaged(&["golang-1.19-go"]),
            Rejected(&["the package golang-1.19-go 12.2.0-14 is installed"]),
        ),
        case(RULE, "a machine may hold compilers", on_a_machine(packaged(&["gcc-12"])), NotJudged),
    ]
}

fn build_programs() -> Vec<Case> {
    const RULE: &str = "douane.contents/no-build-programs";
    let not_executable = with(|inventory| {
        let library = binary("/usr/local/go/bin/go", "linux/amd64");
        inventory.binaries.push(douane::facts::Binary { executable: false, ..library });
    });
    vec![
        case(RULE, "ordinary programs pass", clean(), Accepted),
        case(
            RULE,
            "Go under /usr/local fails",
            program("/usr/local/go/bin/go"),
            Rejected(&["/usr/local/go/bin/go builds programs"]),
        ),
        case(RULE, "a program that cargo installed is the application", program("/usr/local/cargo/bin/ripgrep"), Accepted),
        case(
            RULE,
            "cargo itself fails",
            program("/usr/local/cargo/bin/cargo"),
            Rejected(&["/usr/local/cargo/bin/cargo builds programs"]),
        ),
        case(RULE, "what cannot be started builds nothing", not_executable, Accepted),
        case(RULE, "a machine may hold build programs", on_a_machine(program("/usr/local/go/bin/go")), NotJudged),
    ]
}
