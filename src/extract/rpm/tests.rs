//! Databases of rpm built in code, in each format; what rpm itself wrote is held against rpm in `tests/rpm`.

use super::{RpmDatabase, RpmError, rpm_database};
use crate::limits::RpmLimits;

/// A header with these tags: number, kind, values.
fn header(tags: &[(u32, u32, &[&[u8]])]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, kind, values) in tags {
        let offset = data.len() as u32;
        for value in *values {
            data.extend_from_slice(value);
            if [6, 8, 9].contains(kind) {
                data.push(0);
            }
        }
        for number in [*tag, *kind, offset, values.len() as u32] {
            index.extend(number.to_be_bytes());
        }
    }
    let mut header = (tags.len() as u32).to_be_bytes().to_vec();
    header.extend((data.len() as u32).to_be_bytes());
    [header, index, data].concat()
}

fn named(name: &str) -> Vec<u8> {
    header(&[(1000, 6, &[name.as_bytes()]), (1001, 6, &[b"1.0"]), (1002, 6, &[b"2.fc40"])])
}

/// A database of rpm's own format.
fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let mut slots = b"RpmP\0\0\0\0\x01\0\0\0\x01\0\0\0\x09\0\0\0".to_vec();
    slots.resize(32, 0);
    let mut blobs = Vec::new();
    for (position, header) in headers.iter().enumerate() {
        let number = position as u32 + 1;
        let mut blob = b"BlbS".to_vec();
        for value in [number, 1, header.len() as u32] {
            blob.extend(value.to_le_bytes());
        }
        blob.extend(header);
        blob.resize((blob.len() + 12).div_ceil(16) * 16, 0);
        slots.extend(b"Slot");
        for value in [number, (4096 + blobs.len() as u32) / 16, blob.len() as u32 / 16] {
            slots.extend(value.to_le_bytes());
        }
        blobs.extend(blob);
    }
    while slots.len() < 4096 {
        slots.extend(b"Slot\0\0\0\0\0\0\0\0\0\0\0\0");
    }
    [slots, blobs].concat()
}

/// A hash of Berkeley DB with one header on a page of its own, and one on two pages behind it.
fn berkeley(small: &[u8], large: &[u8], big_endian: bool) -> Vec<u8> {
    let u16 = |number: usize| if big_endian { (number as u16).to_be_bytes() } else { (number as u16).to_le_bytes() };
    let u32 = |number: usize| if big_endian { (number as u32).to_be_bytes() } else { (number as u32).to_le_bytes() };
    let put = |page: &mut [u8], at: usize, bytes: &[u8]| page[at..at + bytes.len()].copy_from_slice(bytes);
    let mut file = vec![0; 512 * 4];
    put(&mut file, 12, &u32(0x61561));
    put(&mut file, 20, &u32(512));
    file[25] = 8;
    let page = &mut file[512..1024];
    page[25] = 2;
    let elsewhere = [&[3, 0, 0, 0][..], &u32(2), &u32(large.len())].concat();
    let key = |number: usize| [&[1][..], &u32(number)].concat();
    let items = [key(0), [&[1][..], &u32(9)].concat(), key(1), [&[1][..], small].concat(), key(2), elsewhere];
    let mut end = 512;
    for (position, item) in items.iter().enumerate() {
        end -= item.len();
        put(page, end, item);
        put(page, 26 + 2 * position, &u16(end));
    }
    put(page, 20, &u16(items.len()));
    for (number, part) in large.chunks(486).enumerate() {
        let page = &mut file[512 * (number + 2)..][..512];
        page[25] = 7;
        put(page, 16, &u32(if number == 0 { 3 } else { 0 }));
        put(page, 22, &u16(part.len()));
        put(page, 26, part);
    }
    file
}

fn read(bytes: &[u8]) -> Result<RpmDatabase, RpmError> {
    rpm_database(bytes, &RpmLimits::default())
}

fn names(found: &RpmDatabase) -> Vec<&str> {
    found.packages.iter().map(|package| package.name.as_str()).collect()
}

#[test]
fn a_header_says_what_rpm_says() {
    let found = read(&ndb(&[header(&[
        (1000, 6, &[b"bash"]),
        (1001, 6, &[b"5.1.8"]),
        (1002, 6, &[b"6.el9"]),
        (1003, 4, &[&[0, 0, 0, 2]]),
        (1014, 6, &[b"GPLv3+"]),
        (1022, 6, &[b"x86_64"]),
        (1029, 1, &[&[0], &[0], &[1], &[2], &[3]]),
        (1030, 3, &[&[0x81, 0xed], &[0x41, 0xed], &[0x81, 0xa4], &[0x81, 0xa4], &[0x81, 0xa4]]),
        (1044, 6, &[b"bash-lib-5.1.8-6.el9.src.rpm"]),
        (1116, 4, &[&[0, 0, 0, 0], &[0, 0, 0, 1], &[0, 0, 0, 1], &[0, 0, 0, 1], &[0, 0, 0, 1]]),
        (1117, 8, &[b"bash", b"bash", b"replaced", b"left-out", b"README"]),
        (1118, 8, &[b"/usr/bin/", b"/usr/share/doc/"]),
    ])]))
    .unwrap();
    let [bash] = found.packages.as_slice() else { panic!("one, not {found:?}") };
    assert_eq!((bash.name.as_str(), bash.version.as_str()), ("bash", "2:5.1.8-6.el9"));
    assert_eq!((bash.architecture.as_deref(), bash.license.as_deref()), (Some("x86_64"), Some("GPLv3+")));
    assert_eq!(bash.source.as_deref(), Some("bash-lib"));
    // The second is a directory, the third another package's now, the fourth was left out.
    assert_eq!(bash.files().collect::<Vec<_>>(), [&b"/usr/bin/bash"[..], b"/usr/share/doc/README"]);
    assert!(found.complete.is_complete());
}

#[test]
fn keys_are_no_packages_and_a_damaged_package_hides_no_other() {
    let nameless = header(&[(1001, 6, &[b"1"])]);
    let found = read(&ndb(&[named("a"), named("gpg-pubkey"), nameless, vec![255; 40], named("b")])).unwrap();
    assert_eq!(names(&found), ["a", "b"]);
    assert!(!found.complete.is_complete());
    assert_eq!(found.packages[0].version, "1.0-2.fc40");
}

#[test]
fn files_whose_directory_is_none_and_those_beyond_the_limit_are_lacking() {
    let tags: [(u32, u32, &[&[u8]]); 6] = [
        (1000, 6, &[b"a"]),
        (1001, 6, &[b"1"]),
        (1002, 6, &[b"1"]),
        (1116, 4, &[&[0, 0, 0, 0], &[0, 0, 0, 9], &[0, 0, 0, 0]]),
        (1117, 8, &[b"one", b"two", b"three"]),
        (1118, 8, &[b"/d/"]),
    ];
    let database = ndb(&[header(&tags)]);
    let listed = |limits: RpmLimits| {
        let found = rpm_database(&database, &limits).unwrap();
        assert!(!found.complete.is_complete());
        found.packages[0].files().map(|file| String::from_utf8_lossy(file).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(RpmLimits::default()), ["/d/one", "/d/three"]);
    assert_eq!(listed(RpmLimits { paths: 8, ..RpmLimits::default() }), ["/d/one"]);
}

#[test]
fn no_more_packages_are_read_than_allowed() {
    let limits = RpmLimits { packages: 1, ..RpmLimits::default() };
    let found = rpm_database(&ndb(&[named("a"), named("b")]), &limits).unwrap();
    assert_eq!(names(&found), ["a"]);
    assert!(!found.complete.is_complete());
}

#[test]
fn a_hash_is_read_in_both_orders_and_over_pages() {
    let padding = vec![b'x'; 600];
    let large = header(&[(1000, 6, &[b"large"]), (1001, 6, &[b"1"]), (1002, 6, &[b"1"]), (1014, 6, &[&padding])]);
    for big_endian in [false, true] {
        let mut file = berkeley(&named("small"), &large, big_endian);
        let found = read(&file).unwrap();
        assert_eq!(names(&found), ["small", "large"]);
        assert_eq!(found.packages[1].license.as_ref().map(String::len), Some(600));
        // The second page leads back to the first: what was read before stays, and the rest is lacking.
        let next = 512 * 2 + 16;
        file[next..next + 4].copy_from_slice(&if big_endian { [0, 0, 0, 2] } else { [2, 0, 0, 0] });
        let found = read(&file).unwrap();
        assert_eq!(names(&found), ["small"]);
        assert!(!found.complete.is_complete());
    }
}

#[test]
fn packages_that_overlap_and_slots_that_lie_are_errors() {
    let good = ndb(&[named("a"), named("b")]);
    assert!(read(&good).is_ok());
    let slot = |position: usize, field: usize| 32 + 16 * position + field;
    let changed = |at: usize, value: u32| {
        let mut file = good.clone();
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        file
    };
    let first = u32::from_le_bytes(good[slot(0, 8)..slot(0, 12)].try_into().unwrap());
    assert_eq!(names(&read(&changed(slot(1, 8), first)).unwrap()).len(), 1, "two slots lead to one blob");
    for (at, value) in [(12, u32::MAX), (12, 1000), (slot(0, 8), 1), (slot(0, 4), 77), (slot(0, 12), u32::MAX), (slot(0, 0), 0)]
    {
        assert!(read(&changed(at, value)).is_err(), "{at} {value}");
    }
}

#[test]
fn what_is_no_database_is_an_error() {
    for bytes in [&b""[..], b"RpmP", b"SQLite format 3\0", &[0; 4096], b"PK\x03\x04 and more"] {
        assert!(read(bytes).is_err());
    }
}

#[test]
fn no_damage_to_a_database_is_more_than_an_error() {
    let padding = vec![b'x'; 600];
    let large = header(&[(1000, 6, &[b"large"]), (1001, 6, &[b"1"]), (1002, 6, &[b"1"]), (1014, 6, &[&padding])]);
    for good in [ndb(&[named("a"), large.clone()]), berkeley(&named("small"), &large, false)] {
        for at in (0..good.len()).step_by(3) {
            for value in [0, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = value;
                let _ = read(&bad);
                let _ = read(&bad[..at]);
            }
        }
    }
}
