//! Cases of `policies/platform.douane`.

use douane::facts::{Interpreter, Inventory};

use crate::{
    Case,
    Expected::{Accepted, NotJudged, Rejected},
    case,
    facts::{binary, clean, in_a_directory, interpreter, with},
};

/// An image for one platform with an interpreter for another.
fn python(image: &str, program: &str) -> Inventory {
    with(|inventory| {
        inventory.target.platform = Some(image.into());
        inventory.interpreters = vec![Interpreter { platform: program.into(), ..interpreter("CPython", "3.13.9") }];
    })
}

/// An image for one platform with a program for another.
fn program(image: &str, path: &str, program: &str) -> Inventory {
    with(|inventory| {
        inventory.target.platform = Some(image.into());
        inventory.binaries = vec![binary("/usr/bin/env", image), binary(path, program)];
    })
}

pub fn cases() -> Vec<Case> {
    [interpreters(), programs()].into_iter().flatten().collect()
}

fn interpreters() -> Vec<Case> {
    const RULE: &str = "douane.platform/interpreters-fit";
    vec![
        case(RULE, "the same platform passes", clean(), Accepted),
        case(RULE, "a variant of the image's is no difference", python("linux/arm64/v8", "linux/arm64"), Accepted),
        case(RULE, "32-bit x86 runs on amd64", python("linux/amd64", "linux/386"), Accepted),
        case(
            RULE,
            "amd64 does not run on 32-bit x86",
            python("linux/386", "linux/amd64"),
            Rejected(&["/usr/local/bin/python is for linux/amd64, the image for linux/386"]),
        ),
        case(
            RULE,
            "arm64 does not run on amd64",
            python("linux/amd64", "linux/arm64"),
            Rejected(&["/usr/local/bin/python is for linux/arm64, the image for linux/amd64"]),
        ),
        case(
            RULE,
            "arm64 does not run on 32-bit ARM",
            python("linux/arm", "linux/arm64"),
            Rejected(&["/usr/local/bin/python is for linux/arm64, the image for linux/arm"]),
        ),
        case(RULE, "a directory declares no platform", in_a_directory(python("linux/amd64", "linux/arm64")), NotJudged),
    ]
}

fn programs() -> Vec<Case> {
    const RULE: &str = "douane.platform/programs-fit";
    vec![
        case(RULE, "the same platform passes", clean(), Accepted),
        case(
            RULE,
            "a program that is meant to be started fails",
            program("linux/amd64", "/usr/bin/tini", "linux/arm64"),
            Rejected(&["/usr/bin/tini is for linux/arm64, the image for linux/amd64"]),
        ),
        case(
            RULE,
            "a program among a package's data passes",
            program("linux/amd64", "/opt/venv/lib/x/cli-arm64", "linux/arm64"),
            Accepted,
        ),
        case(RULE, "32-bit ARM is what its variants run", program("linux/arm/v7", "/usr/bin/tini", "linux/arm"), Accepted),
        case(
            RULE,
            "a directory declares no platform",
            in_a_directory(program("linux/amd64", "/usr/bin/x", "linux/arm64")),
            NotJudged,
        ),
    ]
}
