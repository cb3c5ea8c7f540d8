//! What files say: Python that nests without end, zip archives that are none, programs whose headers lie, texts of any size.

use std::{io::Write, path::Path};

use super::{
    super::{
        archive::{Archive, Member, gzip, header, octal},
        fixture::cpython,
        image::{digest, of_stored, of_written},
    },
    Case,
    Outcome::{Files, Gap, Said, Shown},
    case, within,
};

/// An image with a Python 3.11, its library, and what `more` adds.
fn with_python(here: &Path, more: impl FnOnce(Archive) -> Archive) -> String {
    let python = cpython("3.11.2");
    let program = Member { path: b"usr/bin/python3.11", content: python.as_bytes(), mode: 0o755, ..Member::default() };
    let base = Archive::default().member(&program).file("usr/lib/python3.11/os.py", b"");
    let layer = more(base).end();
    of_stored(here, &[(gzip(&layer), digest(&layer))])
}

fn source(here: &Path, text: &[u8]) -> String {
    with_python(here, |archive| archive.file("usr/lib/python3.11/a.py", text))
}

/// A zip archive on the path of that Python.
fn zipped(here: &Path, archive: &[u8]) -> String {
    with_python(here, |image| image.file("usr/lib/python311.zip", archive))
}

/// A member of a zip archive: its name, its data as stored, the method and flags, and where its header lies if not where it is put.
struct Zipped<'a> {
    name: &'a str,
    data: &'a [u8],
    size: u32,
    method: u16,
    flags: u16,
    shared: Option<u32>,
}

fn stored<'a>(name: &'a str, data: &'a [u8]) -> Zipped<'a> {
    Zipped { name, data, size: u32::try_from(data.len()).expect("small"), method: 0, flags: 0, shared: None }
}

fn zip(members: &[Zipped<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let at = member.shared.unwrap_or(u32::try_from(bytes.len()).expect("small"));
        let length = u16::try_from(member.name.len()).expect("short");
        let mut common = Vec::new();
        for field in [20, member.flags, member.method, 0, 0] {
            common.extend(u16::to_le_bytes(field));
        }
        for field in [0, u32::try_from(member.data.len()).expect("small"), member.size] {
            common.extend(field.to_le_bytes());
        }
        common.extend([length.to_le_bytes(), [0, 0]].concat());
        if member.shared.is_none() {
            bytes.extend([b"PK\x03\x04", common.as_slice(), member.name.as_bytes(), member.data].concat());
        }
        directory
            .extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &at.to_le_bytes(), member.name.as_bytes()].concat());
    }
    let (count, at) = (u16::try_from(members.len().min(65_535)).expect("cut"), u32::try_from(bytes.len()).expect("small"));
    let size = u32::try_from(directory.len()).expect("small");
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

pub fn cases() -> Vec<Case> {
    [python(), zips(), programs()].into_iter().flatten().collect()
}

fn python() -> Vec<Case> {
    const PLACE: &str = "/usr/lib/python3.11/a.py";
    vec![
        case("python-sum", "a source that adds up 100,000 numbers", Shown("python-syntax", PLACE), |here| {
            source(here, format!("x = 1{}\n", "+1".repeat(100_000)).as_bytes())
        }),
        case("python-brackets", "a source of a million brackets", Shown("python-syntax", PLACE), |here| {
            source(here, "(".repeat(1_000_000).as_bytes())
        }),
        case("python-blocks", "a source whose blocks nest 30,000 deep", Shown("python-syntax", PLACE), |here| {
            let text: Vec<String> = (0..3000).map(|depth| format!("{}if 1:\n", " ".repeat(depth))).collect();
            source(here, (text.concat() + &" ".repeat(3000) + &"-".repeat(30_000) + "1\n").as_bytes())
        }),
        case("python-size", "a source of 17 MB", Gap("file-too-large", PLACE), |here| source(here, &vec![b'\n'; 17 << 20])),
        case(
            "python-names",
            "a source that binds 200,000 names",
            Files(&[
                "/usr directory",
                "/usr/bin directory",
                "/usr/bin/python3.11 file",
                "/usr/lib directory",
                "/usr/lib/python3.11 directory",
                "/usr/lib/python3.11/a.py file",
                "/usr/lib/python3.11/os.py file",
            ]),
            |here| {
                let text: String = (0..200_000).map(|at| format!("n{at} = n{} = {at}\n", at * 7)).collect();
                source(here, text.as_bytes())
            },
        ),
    ]
}

fn zips() -> Vec<Case> {
    vec![
        case(
            "zip-overlap",
            "a zip archive whose members share their bytes",
            Gap("zip-out-of-bounds", "/usr/lib/python311.zip"),
            |here| {
                let code = deflated(&vec![b'\n'; 1 << 20]);
                let member = |name, shared| Zipped { name, data: &code, size: 1 << 20, method: 8, flags: 0, shared };
                let names: Vec<String> = (0..1000).map(|at| format!("m{at}.py")).collect();
                let members: Vec<_> =
                    names.iter().enumerate().map(|(at, name)| member(name.as_str(), (at > 0).then_some(0))).collect();
                zipped(here, &zip(&members))
            },
        ),
        case(
            "zip-ratio",
            "a source in a zip archive that inflates a thousand times",
            Gap("zip-out-of-bounds", "/usr/lib/python311.zip"),
            |here| {
                let code = deflated(&vec![b'\n'; 15 << 20]);
                zipped(here, &zip(&[Zipped { name: "a.py", data: &code, size: 15 << 20, method: 8, flags: 0, shared: None }]))
            },
        ),
        case(
            "zip-size",
            "a source in a zip archive that inflates to 17 MB",
            Gap("zip-out-of-bounds", "/usr/lib/python311.zip"),
            |here| {
                let code = deflated(
                    &(0..17_u32 << 18)
                        .flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes().map(|byte| b' ' + byte % 8))
                        .collect::<Vec<_>>(),
                );
                zipped(here, &zip(&[Zipped { name: "a.py", data: &code, size: 17 << 20, method: 8, flags: 0, shared: None }]))
            },
        ),
        within(
            &["--limit", "zip-total=1MiB"],
            ("zip-total", "zip archives that inflate to more than all of a target may"),
            Gap("zip-out-of-bounds", "/usr/lib/python311.zip"),
            |here| {
                let code = vec![b'\n'; 700 << 10];
                let archive = zip(&[stored("a.py", &code), stored("b.py", &code)]);
                zipped(here, &archive)
            },
        ),
        case("zip-members", "a zip archive of 50,001 members", Said("more than 50000 members"), |here| {
            let names: Vec<String> = (0..50_001).map(|at| format!("m{at}.py")).collect();
            zipped(here, &zip(&names.iter().map(|name| stored(name, b"")).collect::<Vec<_>>()))
        }),
        case(
            "zip-nested",
            "a zip archive in a zip archive: no Python imports from it, and nothing opens it",
            Files(&[
                "/usr directory",
                "/usr/bin directory",
                "/usr/bin/python3.11 file",
                "/usr/lib directory",
                "/usr/lib/python3.11 directory",
                "/usr/lib/python3.11/os.py file",
                "/usr/lib/python311.zip file",
            ]),
            |here| {
                let inner = (0..20).fold(zip(&[stored("a.py", b"import os\n")]), |inner, _| zip(&[stored("b.zip", &inner)]));
                zipped(here, &inner)
            },
        ),
        case("zip-climbs", "a member of a zip archive whose name leaves it", Said("its name leaves the archive"), |here| {
            zipped(here, &zip(&[stored("../../etc/a.py", b"")]))
        }),
        case("zip-encrypted", "an encrypted source in a zip archive", Said("it is encrypted in its archive"), |here| {
            zipped(here, &zip(&[Zipped { flags: 1, ..stored("a.py", b"import os\n") }]))
        }),
        case("zip-truncated", "a zip archive without its end", Said("no whole zip archive"), |here| {
            let mut archive = zip(&[stored("a.py", b"import os\n")]);
            archive.truncate(archive.len() - 10);
            zipped(here, &archive)
        }),
    ]
}

fn programs() -> Vec<Case> {
    vec![
        case("elf-offsets", "a program whose headers lie beyond its end", Shown("file-unreadable", "/bin/tool"), |here| {
            let mut file = b"\x7fELF\x02\x01\x01".to_vec();
            file.resize(16, 0);
            file.extend([3, 0, 62, 0, 1, 0, 0, 0]);
            file.extend([0xff; 40]);
            let member = Member { path: b"bin/tool", content: &file, mode: 0o755, ..Member::default() };
            let layer = Archive::default().member(&member).end();
            of_stored(here, &[(gzip(&layer), digest(&layer))])
        }),
        within(
            &["--limit", "elf-size=64"],
            ("elf-size", "a library beyond its limit: honest images have those of gigabytes"),
            Shown("binary-too-large", "/usr/bin/python3.11"),
            |here| with_python(here, |archive| archive),
        ),
        case("metadata-size", "a METADATA of 65 MB", Gap("file-too-large", "/s/a-1.dist-info/METADATA"), |here| {
            of_written(here, |layer| {
                let member = Member { path: b"s/a-1.dist-info/METADATA", size: Some(octal(65 << 20)), ..Member::default() };
                layer.write_all(&header(&member)).expect("in memory");
                for _ in 0..65 {
                    layer.write_all(&[b'\n'; 1 << 20]).expect("in memory");
                }
            })
        }),
        case(
            "record-lines",
            "a RECORD of a million lines",
            Files(&[
                "/s directory",
                "/s/a-1.dist-info directory",
                "/s/a-1.dist-info/METADATA file",
                "/s/a-1.dist-info/RECORD file",
            ]),
            |here| {
                let layer = Archive::default()
                    .file("s/a-1.dist-info/METADATA", b"Metadata-Version: 2.1\nName: a\nVersion: 1\n")
                    .file("s/a-1.dist-info/RECORD", "a/b.py,,\n".repeat(1_000_000).as_bytes())
                    .end();
                of_stored(here, &[(gzip(&layer), digest(&layer))])
            },
        ),
        case(
            "passwd-lines",
            "an `/etc/passwd` of a million users, and a user of the image that is none of them",
            Files(&["/etc directory", "/etc/passwd file"]),
            |here| {
                let layer = Archive::default().file("etc/passwd", "a:x:1:1::/:/bin/sh\n".repeat(1_000_000).as_bytes()).end();
                of_stored(here, &[(gzip(&layer), digest(&layer))])
            },
        ),
    ]
}
