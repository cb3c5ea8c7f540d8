//! Small archives made byte by byte, sound ones and hostile ones; never a library's writing.

use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};
use smol_str::SmolStr;

use crate::{
    extract::{FileFacts, ZipContent, ZipFacts, zip_facts},
    facts::Completeness,
    limits::ZipLimits,
};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED: u16 = 1;

/// A member: its name, its flags, how it is compressed, and the bytes that are written for it.
struct Member<'a>(&'a str, u16, u16, Vec<u8>);

fn stored<'a>(name: &'a str, text: &str) -> Member<'a> {
    Member(name, 0, STORED, text.as_bytes().to_vec())
}

fn deflated<'a>(name: &'a str, bytes: &[u8]) -> Member<'a> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("compressed");
    Member(name, 0, DEFLATED, encoder.finish().expect("compressed"))
}

/// An archive of members; with `offset`, all of them claim to begin there.
fn archive(members: &[Member<'_>], offset: Option<u32>) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for Member(name, flags, method, data) in members {
        let at = offset.unwrap_or(bytes.len() as u32);
        let (size, length) = ((data.len() as u32).to_le_bytes(), (name.len() as u16).to_le_bytes());
        // Version, flags, method, time, date, checksum (which Python does not look at), sizes, length of the name, no extras.
        let mut common = vec![20, 0];
        [*flags, *method, 0, 0, 0, 0].iter().for_each(|word| common.extend(word.to_le_bytes()));
        for part in [&size[..], &size, &length, &[0, 0]] {
            common.extend(part);
        }
        for part in [&b"PK\x03\x04"[..], &common, name.as_bytes(), data] {
            bytes.extend(part);
        }
        for part in [&b"PK\x01\x02\x14\x00"[..], &common, &[0; 10], &at.to_le_bytes(), name.as_bytes()] {
            directory.extend(part);
        }
    }
    let (count, at) = ((members.len() as u16).to_le_bytes(), bytes.len() as u32);
    let size = (directory.len() as u32).to_le_bytes();
    for part in [&directory[..], b"PK\x05\x06\0\0\0\0", &count, &count, &size, &at.to_le_bytes(), &[0, 0]] {
        bytes.extend(part);
    }
    bytes
}

fn read_within(bytes: &[u8], limits: &ZipLimits) -> ZipFacts {
    match zip_facts(bytes, limits) {
        FileFacts::Zip(facts) => (*facts).clone(),
        other => panic!("no archive: {other:?}"),
    }
}

fn read(members: &[Member<'_>]) -> ZipFacts {
    read_within(&archive(members, None), &ZipLimits::default())
}

fn reasons(complete: &Completeness) -> &[SmolStr] {
    match complete {
        Completeness::Complete => &[],
        Completeness::Incomplete(reasons) => reasons,
    }
}

/// Each member with what it imports, or why that is not known.
fn shown(facts: &ZipFacts) -> Vec<String> {
    let content = |content: &ZipContent| match content {
        ZipContent::Directory => "directory".to_owned(),
        ZipContent::Bytecode { unchecked } => format!("bytecode {unchecked}"),
        ZipContent::Source(source) => match reasons(&source.imports_complete).first() {
            Some(reason) => reason.to_string(),
            None => source.imports.iter().map(|import| import.target.to_string()).collect::<Vec<_>>().join(" "),
        },
    };
    facts.members.iter().map(|member| format!("{}: {}", member.path, content(&member.content))).collect()
}

#[test]
fn sources_are_read_whether_stored_or_deflated() {
    let facts = read(&[
        deflated("shop/__init__.py", b"import json\nimport os\n"),
        stored("__main__.py", "import shop\n"),
        stored("shop/", ""),
        stored("shop/data.txt", "import nothing"),
    ]);
    assert!(facts.complete.is_complete());
    assert_eq!(shown(&facts), ["__main__.py: shop", "shop/: directory", "shop/__init__.py: json os"]);
    assert_eq!(facts.interpreter, None);
}

#[test]
fn a_program_has_an_interpreter_line_before_its_archive() {
    let whole = [b"#!/usr/bin/env python3\n".as_slice(), &archive(&[stored("__main__.py", "import shop\n")], None)].concat();
    let facts = read_within(&whole, &ZipLimits::default());
    assert_eq!(facts.interpreter.as_deref(), Some("/usr/bin/env python3"));
    assert_eq!(shown(&facts), ["__main__.py: shop"]);
}

#[test]
fn what_is_no_archive_is_a_script_or_says_so() {
    let limits = ZipLimits::default();
    assert_eq!(zip_facts(b"#!/bin/sh\necho\n", &limits), FileFacts::Script("/bin/sh".into()));
    let whole = archive(&[stored("a.py", "")], None);
    let cut = read_within(&whole[..whole.len() - 30], &limits);
    assert!(!cut.complete.is_complete() && cut.members.is_empty());
}

#[test]
fn the_last_of_two_members_with_one_name_counts() {
    assert_eq!(shown(&read(&[stored("a.py", "import first\n"), stored("a.py", "import last\n")])), ["a.py: last"]);
}

#[test]
fn bytecode_says_whether_its_source_is_compared_with_it() {
    let unchecked = [0xa7, 0x0d, b'\r', b'\n', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let checked = [0xa7, 0x0d, b'\r', b'\n', 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let facts = read(&[deflated("a.pyc", &unchecked), deflated("b.pyc", &checked), stored("c.pyc", "short")]);
    assert_eq!(shown(&facts), ["a.pyc: bytecode true", "b.pyc: bytecode false", "c.pyc: bytecode false"]);
}

#[test]
fn a_member_that_inflates_out_of_proportion_is_not_read() {
    let facts = read(&[deflated("bomb.py", &vec![b'#'; 8 << 20]), stored("good.py", "import os\n")]);
    assert_eq!(shown(&facts).len(), 2);
    assert!(shown(&facts)[0].contains("inflate to more than 200 times as many"), "{:?}", shown(&facts));
    assert_eq!(shown(&facts)[1], "good.py: os");
}

#[test]
fn all_members_together_inflate_to_a_limit() {
    let limits = ZipLimits { inflated: 1000, ..ZipLimits::default() };
    let text = format!("import os\n{}", "#".repeat(600));
    let whole = archive(&[stored("a.py", &text), stored("b.py", &text), stored("c.py", &text)], None);
    let shown = shown(&read_within(&whole, &limits));
    assert_eq!(shown[0], "a.py: os");
    assert!(shown[1..].iter().all(|said| said.contains("its archive inflates to more than 1000 bytes")), "{shown:?}");
    let limits = ZipLimits { member: 100, ..ZipLimits::default() };
    assert!(self::shown(&read_within(&whole, &limits))[0].contains("more than 100 bytes"));
}

#[test]
fn too_many_members_are_none() {
    let limits = ZipLimits { members: 2, ..ZipLimits::default() };
    let facts = read_within(&archive(&[stored("a.py", ""), stored("b.py", ""), stored("c.py", "")], None), &limits);
    assert!(facts.members.is_empty());
    assert!(reasons(&facts.complete)[0].contains("more than 2 members"));
}

#[test]
fn members_that_share_bytes_are_none() {
    let facts =
        read_within(&archive(&[stored("a.py", "import os\n"), stored("b.py", "import os\n")], Some(0)), &ZipLimits::default());
    assert!(facts.members.is_empty());
    assert!(reasons(&facts.complete)[0].contains("share bytes"));
}

#[test]
fn encrypted_members_and_strange_methods_are_modules_that_cannot_be_read() {
    let facts = read(&[Member("a.py", ENCRYPTED, STORED, b"import os\n".to_vec()), Member("b.py", 0, 12, b"BZh".to_vec())]);
    assert!(facts.complete.is_complete());
    let shown = shown(&facts);
    assert!(shown[0].contains("encrypted") && shown[1].contains("does not read (12)"), "{shown:?}");
}

#[test]
fn names_that_leave_the_archive_are_skipped_and_said() {
    let facts = read(&[stored("../up.py", ""), stored("/etc/x.py", ""), stored("a/../b.py", ""), stored("..x/c.py", "")]);
    assert_eq!(shown(&facts), ["..x/c.py: "]);
    assert_eq!(reasons(&facts.complete).len(), 3);
    assert!(reasons(&facts.complete)[0].contains("`../up.py`"));
}
