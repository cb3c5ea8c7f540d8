//! Members of well-formed and of lying archives.

use std::io::{self, Cursor, Read};

use tar::EntryType;

use super::{BLOCK, Member, MemberKind, Skip, Storage, TarError, TarStream};
use crate::source::fixture::{Tar, record};

impl Skip for Cursor<Vec<u8>> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        io::copy(&mut self.by_ref().take(count), &mut io::sink())
    }
}

fn stream(bytes: Vec<u8>) -> TarStream<Cursor<Vec<u8>>> {
    TarStream::new(Cursor::new(bytes), 1 << 20)
}

fn members(bytes: Vec<u8>) -> Result<Vec<Member>, TarError> {
    let mut stream = stream(bytes);
    let mut members = Vec::new();
    while let Some(member) = stream.next_member()? {
        members.push(member);
    }
    Ok(members)
}

fn names(bytes: Vec<u8>) -> Vec<String> {
    let members = members(bytes).expect("an archive");
    members.iter().map(|member| String::from_utf8_lossy(&member.path).into_owned()).collect()
}

#[test]
fn contents_are_read_or_passed_over() {
    let mut stream = stream(Tar::new().file("a", "first").file("b", &"x".repeat(1000)).file("c", "last").bytes());
    let read = |stream: &mut TarStream<_>| {
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("text");
        text
    };
    stream.next_member().expect("a").expect("a");
    assert_eq!(read(&mut stream), "first");
    stream.next_member().expect("b").expect("b");
    stream.next_member().expect("c").expect("c");
    assert_eq!(read(&mut stream), "last");
    assert!(stream.next_member().expect("the end").is_none());
}

#[test]
fn long_names_are_whole() {
    let long = "d/".repeat(80) + "file";
    let target = "t/".repeat(100);
    let bytes = Tar::new().file(&long, "").symlink("link", &target).bytes();
    let members = members(bytes).expect("an archive");
    assert_eq!(members[0].path, long.as_bytes());
    assert_eq!(members[1].link, target.as_bytes());
}

#[test]
fn an_attribute_with_line_ends_hides_no_record_after_it() {
    let records = [record("SCHILY.xattr.user.note", b"a\n\nb\n"), record("path", b"true\nname"), record("size", b"3")].concat();
    let members = members(Tar::new().pax(&records, "short", b"abc").file("next", "").bytes()).expect("an archive");
    assert_eq!(members[0].path, b"true\nname");
    assert_eq!(members[1].path, b"next");
}

#[test]
fn a_size_in_a_directory_is_no_content() {
    let mut bytes = Tar::new().directory("d").file("inside", "").bytes();
    bytes[124..135].copy_from_slice(b"00000001000");
    bytes[148..156].copy_from_slice(b"        ");
    let sum: u32 = bytes[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
    bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(names(bytes), ["d", "inside"]);
}

#[test]
fn a_missing_end_is_tolerated_and_a_cut_member_is_not() {
    let bytes = Tar::new().file("a", &"x".repeat(600)).bytes();
    for cut in [BLOCK * 3, BLOCK + 600, BLOCK + 601] {
        assert_eq!(names(bytes[..cut].to_vec()), ["a"], "{cut}");
    }
    for cut in [BLOCK + 599, BLOCK * 2, BLOCK + 1, 100] {
        let error = members(bytes[..cut].to_vec()).expect_err("truncated");
        assert!(matches!(error, TarError::Truncated { at } if at == cut as u64), "{cut}: {error}");
    }
    assert!(names(Vec::new()).is_empty());
}

#[test]
fn nothing_hides_behind_a_block_of_zeros() {
    let mut bytes = vec![0; BLOCK];
    bytes.extend(Tar::new().file("hidden", "").bytes());
    assert!(matches!(members(bytes), Err(TarError::NoHeader { at: 0 })));
}

#[test]
fn what_is_no_header_is_an_error() {
    let mut bytes = Tar::new().file("a", "").file("b", "").bytes();
    bytes[BLOCK] ^= 1;
    assert!(matches!(members(bytes), Err(TarError::NoHeader { at }) if at == BLOCK as u64));
}

#[test]
fn extended_headers_have_a_limit() {
    let records = record("comment", &vec![b'x'; 5000]);
    let bytes = Tar::new().pax(&records, "a", b"").bytes();
    let mut stream = TarStream::new(Cursor::new(bytes), 4096);
    assert!(matches!(stream.next_member(), Err(TarError::HeadersTooLarge { at: 0, limit: 4096 })));
}

#[test]
fn extended_headers_without_a_member_are_an_error() {
    let bytes = Tar::new().member(EntryType::XHeader, "pax", 0o644, &record("path", b"x"), "").bytes();
    assert!(matches!(members(bytes), Err(TarError::Truncated { .. })));
}

#[test]
fn sparse_files_tell_where_their_parts_are() {
    let mut header = tar::Header::new_gnu();
    header.set_path("sparse").expect("short");
    header.set_entry_type(EntryType::GNUSparse);
    header.set_size(512);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let gnu = header.as_gnu_mut().expect("a GNU header");
    gnu.realsize = *b"00000002000\0";
    gnu.sparse[0].offset = *b"00000001000\0";
    gnu.sparse[0].numbytes = *b"00000001000\0";
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend([b'x'; 512]);
    let members = members(bytes).expect("an archive");
    assert_eq!((members[0].size, members[0].kind), (1024, MemberKind::File));
    assert_eq!(members[0].storage, Storage::Sparse(vec![(512, 512)]));
}

#[test]
fn sparse_files_of_pax_have_their_own_name_and_size() {
    let records =
        [record("GNU.sparse.major", b"1"), record("GNU.sparse.name", b"true"), record("GNU.sparse.realsize", b"4096")];
    let members =
        members(Tar::new().pax(&records.concat(), "GNUSparseFile.0/true", b"1\n0\n10\n").bytes()).expect("an archive");
    assert_eq!((members[0].path.as_slice(), members[0].size), (&b"true"[..], 4096));
    assert_eq!(members[0].storage, Storage::Unread);
}
