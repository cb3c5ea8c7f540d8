//! Names that lead elsewhere, types that replace each other, links in circles, whiteouts of what should stay.

use std::path::Path;

use super::{
    super::{
        archive::{Archive, Member, record},
        image::of_layers,
    },
    Case,
    Outcome::{Files, Gap},
    case,
};

fn one(here: &Path, archive: Archive) -> String {
    of_layers(here, &[archive.end()])
}

fn two(here: &Path, lower: Archive, upper: Archive) -> String {
    of_layers(here, &[lower.end(), upper.end()])
}

fn new() -> Archive {
    Archive::default()
}

pub fn cases() -> Vec<Case> {
    [names(), types(), links(), whiteouts()].into_iter().flatten().collect()
}

fn names() -> Vec<Case> {
    vec![
        case(
            "dot-dot",
            "names that would climb out of the root",
            Files(&["/etc directory", "/etc/passwd file", "/x file"]),
            |here| one(here, new().file("../../../etc/passwd", b"").file("a/../../x", b"")),
        ),
        case(
            "absolute",
            "absolute names, and names with `./` and `//`",
            Files(&["/a file", "/b file", "/c directory", "/c/d file"]),
            |here| one(here, new().file("/a", b"").file("./././b", b"").file("//c//./d", b"")),
        ),
        case("nul", "a NUL byte in a name", Gap("nul-in-name", "layer 0"), |here| {
            one(here, new().pax(&record("path", b"a\0b")).file("short", b"").file("ok", b""))
        }),
        case(
            "no-text",
            "a name that is no UTF-8, one with a backslash, one with a line end",
            Files(&["/\\x0a file", "/\\xff file", "/a\\b file"]),
            |here| {
                let member = Member { path: b"\xff", ..Member::default() };
                one(here, new().member(&member).file("a\\b", b"").file("\n", b""))
            },
        ),
        case(
            "near-names",
            "names that differ by case or by Unicode form only",
            Files(&["/A file", "/a file", "/a\u{301} file", "/\u{e1} file"]),
            |here| one(here, new().file("a", b"").file("A", b"").file("\u{e1}", b"").file("a\u{301}", b"")),
        ),
        case("empty-name", "a file without a name, which would be the root", Gap("root-replaced", "/"), |here| {
            one(here, new().file("", b"").file("ok", b""))
        }),
        case("root-link", "a symbolic link in place of the root", Gap("root-replaced", "/"), |here| {
            one(here, new().symlink("./", "/etc").file("ok", b""))
        }),
    ]
}

fn types() -> Vec<Case> {
    vec![
        case(
            "replaced-within",
            "a directory, a file and a link of one name in one layer: the last holds",
            Files(&["/a symlink b", "/b directory", "/b/y file"]),
            |here| one(here, new().directory("a").file("a/x", b"").file("a", b"").symlink("a", "b").file("a/y", b"")),
        ),
        case(
            "replaced-across",
            "a directory that is a file in the next layer, and a file that is a directory",
            Files(&["/d file", "/f directory", "/f/x file"]),
            |here| two(here, new().file("d/below", b"").file("f", b""), new().file("d", b"").file("f/x", b"")),
        ),
        case(
            "write-through",
            "a file that is written through a symbolic link to a directory outside",
            Files(&["/etc directory", "/etc/shadow file", "/l symlink ../../../etc"]),
            |here| two(here, new().symlink("l", "../../../etc"), new().file("l/shadow", b"x")),
        ),
        case(
            "devices",
            "devices and pipes with the names of sources: none is opened",
            Files(&["/block.py block_device", "/character.py character_device", "/pipe.py fifo"]),
            |here| one(here, new().kind(b'3', "character.py", "").kind(b'4', "block.py", "").kind(b'6', "pipe.py", "")),
        ),
        case("unknown-type", "a member of a type that no image has", Gap("unknown-entry-type", "/v"), |here| {
            one(here, new().kind(b'V', "v", ""))
        }),
        case("duplicates", "the same file a thousand times: the last holds", Files(&["/a.py file"]), |here| {
            one(here, (0..1000).fold(new(), |archive, _| archive.file("a.py", b"import os\n")))
        }),
    ]
}

fn links() -> Vec<Case> {
    vec![
        case(
            "hard-link-to-nothing",
            "a hard link to a file that is not there",
            Gap("hard-link-target-missing", "/l"),
            |here| one(here, new().hard_link("l", "gone")),
        ),
        case(
            "hard-link-outside",
            "a hard link that would lead out of the root",
            Gap("hard-link-target-missing", "/l"),
            |here| one(here, new().hard_link("l", "../../../../etc/shadow")),
        ),
        case("hard-link-to-directory", "a hard link to a directory", Gap("hard-link-target-missing", "/l"), |here| {
            one(here, new().directory("d").hard_link("l", "d"))
        }),
        case(
            "hard-link-later",
            "a hard link before its target, and a chain of them",
            Files(&["/a file", "/b file", "/c file"]),
            |here| one(here, new().hard_link("a", "b").hard_link("b", "c").file("c", b"")),
        ),
        case(
            "hard-link-removed",
            "a hard link to what its own layer removes from the one below",
            Files(&["/l file"]),
            |here| two(here, new().file("t", b""), new().hard_link("l", "t").file(".wh.t", b"")),
        ),
        case("hard-link-circle", "hard links to each other", Gap("hard-link-target-missing", "/a"), |here| {
            one(here, new().hard_link("a", "b").hard_link("b", "a"))
        }),
        case("hard-link-self", "a hard link to itself", Gap("hard-link-target-missing", "/a"), |here| {
            one(here, new().hard_link("a", "a"))
        }),
        case(
            "hard-links-reversed",
            "20,000 hard links, each to the one after it",
            Gap("hard-link-target-missing", "/l0"),
            |here| {
                let chain =
                    (0..20_000).fold(new(), |archive, at| archive.hard_link(&format!("l{at}"), &format!("l{}", at + 1)));
                one(here, chain)
            },
        ),
        case("link-circle", "a file below symbolic links that lead in a circle", Gap("symlink-loop", "/a"), |here| {
            one(here, new().symlink("a", "b").symlink("b", "a").file("a/x", b""))
        }),
        case("link-chain", "a file below a chain of 50 symbolic links", Gap("symlink-loop", "/l0"), |here| {
            let chain = (0..50).fold(new(), |archive, at| archive.symlink(&format!("l{at}"), &format!("l{}", at + 1)));
            one(here, chain.file("l0/x", b""))
        }),
        case("link-bomb", "symbolic links each of which goes twice through the next", Gap("symlink-loop", "/l0"), |here| {
            let chain = (0..40).fold(new(), |archive, at| archive.symlink(&format!("l{at}"), &format!("l{0}/../l{0}", at + 1)));
            one(here, chain.directory("l40").file("l0/x", b""))
        }),
    ]
}

fn whiteouts() -> Vec<Case> {
    vec![
        case(
            "whiteout-without-name",
            "`.wh.`, which removes nothing that has a name",
            Gap("invalid-whiteout", "/.wh."),
            |here| one(here, new().file(".wh.", b"")),
        ),
        case(
            "whiteout-of-dots",
            "`.wh...`, which would remove the directory above",
            Gap("invalid-whiteout", "/d/.wh..."),
            |here| two(here, new().file("d/x", b""), new().file("d/.wh...", b"")),
        ),
        case("whiteout-of-own", "a whiteout of what its own layer brings: it stays", Files(&["/a file"]), |here| {
            one(here, new().file("a", b"").file(".wh.a", b""))
        }),
        case("whiteout-through-link", "a whiteout through a symbolic link", Files(&["/d directory", "/l symlink d"]), |here| {
            two(here, new().file("d/x", b"").symlink("l", "d"), new().file("l/.wh.x", b""))
        }),
        case("whiteout-outside", "a whiteout that would remove a file above the root", Files(&["/a file"]), |here| {
            two(here, new().file("a", b"").file("etc", b""), new().file("../../.wh.etc", b""))
        }),
        case("opaque-root", "an opaque root, which hides all that is below", Files(&["/b file"]), |here| {
            two(here, new().file("a", b""), new().file(".wh..wh..opq", b"").file("b", b""))
        }),
        case("opaque-file", "an opaque mark in what is a file", Files(&["/a file"]), |here| {
            two(here, new().file("a", b""), new().file("a/.wh..wh..opq", b""))
        }),
    ]
}
