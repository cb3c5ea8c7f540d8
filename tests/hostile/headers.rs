//! Tar headers that contradict each other or themselves.

use super::{
    super::{
        archive::{Archive, Member, base_256, gzip, header, record, sum},
        image::{digest, of_layers, of_stored},
    },
    Case,
    Outcome::{Error, Files, Gap},
    case,
};

/// An archive that is to stay unseen inside a file's content.
fn inner() -> Vec<u8> {
    Archive::default().file("hidden", b"").0
}

fn sized(size: [u8; 12]) -> Vec<u8> {
    Archive::default().member(&Member { size: Some(size), ..Member::default() }).end()
}

pub fn cases() -> Vec<Case> {
    vec![
        case(
            "pax-size",
            "a PAX size against the header's, over an archive in the content (CVE-2025-62518)",
            Files(&["/a file", "/b file"]),
            |here| {
                let inner = inner();
                let records = record("size", inner.len().to_string().as_bytes());
                let member = Member { size: Some(*b"00000000000\0"), content: &inner, ..Member::default() };
                of_layers(here, &[Archive::default().pax(&records).member(&member).file("b", b"").end()])
            },
        ),
        case(
            "pax-size-of-directory",
            "a PAX size of a directory, whose content is no content",
            Files(&["/d directory", "/hidden file"]),
            |here| {
                let records = record("size", b"512");
                of_layers(here, &[Archive::default().pax(&records).directory("d").file("hidden", b"").end()])
            },
        ),
        case("pax-global", "global PAX records that would rename all that follows", Files(&["/a file", "/b file"]), |here| {
            let records = [record("path", b"evil"), record("size", b"99")].concat();
            let global = Member { path: b"g", kind: b'g', content: &records, ..Member::default() };
            of_layers(here, &[Archive::default().member(&global).file("a", b"").file("b", b"").end()])
        }),
        case("pax-line-ends", "a record after an attribute with line ends in it", Files(&["/true file"]), |here| {
            let records = [record("SCHILY.xattr.user.a", b"\n9 path=x\n"), record("path", b"true")].concat();
            of_layers(here, &[Archive::default().pax(&records).file("false", b"").end()])
        }),
        case("pax-unterminated", "a PAX record that is longer than its header", Error("malformed-tar-header"), |here| {
            of_layers(here, &[Archive::default().pax(b"99 path=a\n").file("a", b"").end()])
        }),
        case("pax-huge", "PAX records of 5 MB for one file", Error("tar-headers-too-large"), |here| {
            of_layers(here, &[Archive::default().pax(&record("comment", &vec![b'x'; 5 << 20])).file("a", b"").end()])
        }),
        case("pax-alone", "PAX records without a member", Error("archive-truncated"), |here| {
            of_layers(here, &[Archive::default().pax(&record("path", b"a")).end()])
        }),
        case("pax-claims", "PAX records that claim 8 GB and are not there", Error("tar-headers-too-large"), |here| {
            let lie = Member {
                path: b"pax",
                kind: b'x',
                size: Some(super::super::archive::octal((8 << 30) - 1)),
                ..Member::default()
            };
            of_layers(here, &[Archive::default().member(&lie).end()])
        }),
        case("long-names", "10,000 long names for one file", Error("tar-headers-too-large"), |here| {
            let many = (0..10_000).fold(Archive::default(), |archive, _| archive.long_name(&[b'n'; 400]));
            let layer = many.file("a", b"").end();
            of_stored(here, &[(gzip(&layer), digest(&layer))])
        }),
        case("long-name-wins", "a long name and a PAX path for one file: Go's reading", Files(&["/long file"]), |here| {
            of_layers(here, &[Archive::default().pax(&record("path", b"pax")).long_name(b"long").file("short", b"").end()])
        }),
        case("size-huge", "a size of 2^62 bytes", Error("layer-too-large"), |here| {
            of_layers(here, &[sized(base_256(1 << 62))])
        }),
        case("size-overflow", "a size of 2^80 bytes", Error("invalid-tar-number"), |here| {
            of_layers(here, &[sized(base_256(1 << 80))])
        }),
        case("size-negative", "a negative size", Error("invalid-tar-number"), |here| of_layers(here, &[sized([0xff; 12])])),
        case("size-no-number", "a size that is no number", Error("invalid-tar-number"), |here| {
            of_layers(here, &[sized(*b"12x45678901\0")])
        }),
        case("size-beyond", "a file that is longer than its archive", Error("archive-truncated"), |here| {
            of_layers(here, &[sized(*b"00000100000\0")])
        }),
        case("truncated", "an archive that ends inside a header", Error("archive-truncated"), |here| {
            let mut layer = Archive::default().file("a", b"").file("b", b"").0;
            layer.truncate(700);
            of_layers(here, &[layer])
        }),
        case("no-end", "an archive without the blocks of zeros at its end", Files(&["/a file"]), |here| {
            of_layers(here, &[Archive::default().file("a", b"").0])
        }),
        case(
            "concatenated",
            "a second archive behind the end of the first: no reader of layers sees it",
            Files(&["/a file"]),
            |here| {
                of_layers(here, &[[Archive::default().file("a", b"").end(), Archive::default().file("b", b"").end()].concat()])
            },
        ),
        case("zero-block", "a member behind a single block of zeros", Error("no-tar-header"), |here| {
            of_layers(here, &[Archive::default().file("a", b"").raw(&[0; 512]).file("b", b"").end()])
        }),
        case("checksum", "a header with a wrong checksum", Error("no-tar-header"), |here| {
            let mut layer = Archive::default().file("a", b"").file("b", b"").end();
            layer[512] ^= 1;
            of_layers(here, &[layer])
        }),
        case("sparse-map", "a sparse map whose parts overlap", Error("malformed-tar-header"), |here| {
            let mut header = header(&Member { kind: b'S', content: &[0; 1024], ..Member::default() });
            header[257..265].copy_from_slice(b"ustar  \0");
            for (at, field) in
                [(386, b"00000000000\0"), (398, b"00000001000\0"), (410, b"00000000000\0"), (422, b"00000001000\0")]
            {
                header[at..at + 12].copy_from_slice(field);
            }
            header[483..495].copy_from_slice(b"00000010000\0");
            of_layers(here, &[Archive(sum(header).to_vec()).raw(&[0; 1024]).end()])
        }),
        case("sparse-chain", "a sparse map that goes on for 20,000 blocks", Error("tar-headers-too-large"), |here| {
            let mut header = header(&Member { kind: b'S', ..Member::default() });
            header[257..265].copy_from_slice(b"ustar  \0");
            header[482] = 1;
            let mut block = [0; 512];
            block[504] = 1;
            let layer = (0..20_000).fold(Archive(sum(header).to_vec()), |archive, _| archive.raw(&block)).end();
            of_stored(here, &[(gzip(&layer), digest(&layer))])
        }),
        case("sparse-pax", "a Python source that hides in a sparse file of PAX's", Gap("sparse-file", "/a.py"), |here| {
            let records =
                [record("GNU.sparse.major", b"1"), record("GNU.sparse.name", b"a.py"), record("GNU.sparse.realsize", b"9")];
            of_layers(here, &[Archive::default().pax(&records.concat()).file("GNUSparseFile.0/a.py", b"0\n").end()])
        }),
    ]
}
