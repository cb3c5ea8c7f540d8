//! Behaviour of the ELF reader on files built here.

use std::io::Write;

use super::{ElfError, elf, elf_without_runtime};
use crate::extract::facts::{ElfFacts, PythonRuntime};

/// A file of one loaded segment that is the whole file; addresses are offsets.
struct Builder {
    class: u8,
    little: bool,
    machine: u16,
    kind: u16,
    interpreter: Option<&'static str>,
    soname: Option<&'static str>,
    needed: Vec<&'static str>,
    pie: bool,
    data: Vec<u8>,
}

impl Builder {
    fn new(kind: u16) -> Self {
        Self {
            class: 2,
            little: true,
            machine: 62,
            kind,
            interpreter: None,
            soname: None,
            needed: Vec::new(),
            pie: false,
            data: Vec::new(),
        }
    }

    fn program(strings: &[&str]) -> Vec<u8> {
        Self { interpreter: Some("/lib/ld.so"), data: strings.join("\0").into_bytes(), ..Self::new(2) }.build()
    }

    fn half(&self, value: u16) -> Vec<u8> {
        if self.little { value.to_le_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
    }

    fn int(&self, value: u32) -> Vec<u8> {
        if self.little { value.to_le_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
    }

    fn word(&self, value: usize) -> Vec<u8> {
        let value = value as u64;
        match (self.class, self.little) {
            (1, _) => self.int(value as u32),
            (_, true) => value.to_le_bytes().to_vec(),
            (_, false) => value.to_be_bytes().to_vec(),
        }
    }

    fn segment(&self, kind: u32, offset: usize, size: usize) -> Vec<u8> {
        let word = |value| self.word(value);
        let flags = self.int(4);
        let fields = if self.class == 1 {
            [self.int(kind), word(offset), word(offset), word(offset), word(size), word(size), flags, word(1)]
        } else {
            [self.int(kind), flags, word(offset), word(offset), word(offset), word(size), word(size), word(1)]
        };
        fields.concat()
    }

    fn build(&self) -> Vec<u8> {
        let (header, entry) = if self.class == 1 { (52, 32) } else { (64, 56) };
        let mut strings = vec![0_u8];
        let mut add = |text: &str| {
            let at = strings.len();
            strings.extend(text.as_bytes());
            strings.push(0);
            at
        };
        let interpreter = self.interpreter.map(&mut add);
        let soname = self.soname.map(&mut add);
        let needed: Vec<_> = self.needed.iter().map(|name| add(name)).collect();
        let base = header + 3 * entry;
        let mut dynamic = vec![(5, base)];
        dynamic.extend(soname.map(|at| (14, at)));
        dynamic.extend(needed.iter().map(|at| (1, *at)));
        dynamic.extend(self.pie.then_some((0x6fff_fffb, 0x0800_0000)));
        dynamic.push((0, 0));
        let dynamic: Vec<u8> = dynamic.iter().flat_map(|(tag, value)| [self.word(*tag), self.word(*value)].concat()).collect();
        let tail = base + strings.len();
        let size = tail + dynamic.len() + 1 + self.data.len() + 1;
        let loader = interpreter.map_or((0, 0, 0), |at| (3, base + at, self.interpreter.unwrap().len() + 1));
        let mut file = [b"\x7fELF".as_slice(), &[self.class, if self.little { 1 } else { 2 }, 1], &[0; 9]].concat();
        file.extend([self.half(self.kind), self.half(self.machine), self.int(1)].concat());
        file.extend([self.word(0x10), self.word(header), self.word(0), self.int(0)].concat());
        for value in [header, entry, 3, 0, 0, 0] {
            file.extend(self.half(value as u16));
        }
        file.extend(self.segment(1, 0, size));
        file.extend(self.segment(loader.0, loader.1, loader.2));
        file.extend(self.segment(2, tail, dynamic.len()));
        file.extend([strings, dynamic, vec![0], self.data.clone(), vec![0]].concat());
        assert_eq!(file.len(), size);
        file
    }
}

fn read(file: &[u8]) -> ElfFacts {
    elf(file).unwrap()
}

const CPYTHON: [&str; 4] = ["PYTHONHASHSEED", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "_frozen_importlib"];

fn cpython(strings: &[&str]) -> Option<PythonRuntime> {
    read(&Builder::program(&[&CPYTHON, strings].concat())).python
}

#[test]
fn reads_headers_of_every_class_and_byte_order() {
    let machines = [
        (2, true, 62, "amd64"),
        (1, true, 3, "386"),
        (2, false, 22, "s390x"),
        (1, false, 8, "mips"),
        (2, true, 21, { "ppc64le" }),
        (2, true, 9999, "elf-machine-9999"),
    ];
    for (class, little, machine, name) in machines {
        let builder = Builder {
            class,
            little,
            machine,
            interpreter: Some("/lib/ld-linux.so.2"),
            needed: vec!["libm.so.6", "libc.so.6"],
            ..Builder::new(3)
        };
        let facts = read(&builder.build());
        assert_eq!(facts.architecture, name);
        assert_eq!(facts.loader.as_deref(), Some("/lib/ld-linux.so.2"));
        assert_eq!(facts.needed, ["libm.so.6", "libc.so.6"]);
        assert!(facts.executable);
    }
}

#[test]
fn libraries_are_no_programs() {
    let library = Builder { soname: Some("libx.so.1"), ..Builder::new(3) };
    assert_eq!(read(&library.build()).soname.as_deref(), Some("libx.so.1"));
    assert!(!read(&library.build()).executable);
    assert!(!read(&Builder { soname: Some("libc.so.6"), interpreter: Some("/ld"), ..Builder::new(3) }.build()).executable);
    assert!(!read(&Builder::new(1).build()).executable);
    assert!(read(&Builder { pie: true, ..Builder::new(3) }.build()).executable);
    assert!(read(&Builder::new(2).build()).executable);
}

#[test]
fn malformed_files_are_errors() {
    assert_eq!(elf(b"\x7fELE"), Err(ElfError::Magic));
    assert_eq!(elf(b"\x7fELF\x05"), Err(ElfError::Class(5)));
    assert!(matches!(elf(b"\x7fELF\x02\x01\x01"), Err(ElfError::Malformed(_))));
    let whole = Builder::program(&CPYTHON);
    for end in 0..whole.len() {
        assert!(elf(&whole[..end]).is_err(), "{end} bytes");
    }
    for at in 0..whole.len() {
        for value in [0, 0x7f, 0xff] {
            let mut broken = whole.clone();
            broken[at] = value;
            let _ = elf(&broken);
        }
    }
}

#[test]
fn libc_announces_its_version() {
    let banner = "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopyright";
    let glibc = Builder { soname: Some("libc.so.6"), data: banner.into(), ..Builder::new(3) };
    let found = read(&glibc.build()).libc.unwrap();
    assert_eq!((found.name, found.version.as_str()), ("glibc", "2.36"));
    let musl = b"x1.9.9\x001.2.4\0musl libc (x86_64)\nVersion %s\n".to_vec();
    let musl = Builder { soname: Some("libc.musl-x86_64.so.1"), data: musl, ..Builder::new(3) };
    let found = read(&musl.build()).libc.unwrap();
    assert_eq!((found.name, found.version.as_str()), ("musl", "1.2.4"));
    assert_eq!(read(&Builder::program(&[banner])).libc, None);
}

#[test]
fn cpython_version_comes_from_the_bytes() {
    let runtime = cpython(&["cpython-311", "3.2.0", "3.11.2", ".cpython-311-x86_64-linux-gnu.so"]).unwrap();
    assert_eq!((runtime.implementation, runtime.version.as_deref()), ("CPython", Some("3.11.2")));
    assert_eq!(runtime.soabi.as_deref(), Some("cpython-311-x86_64-linux-gnu"));
    assert_eq!(cpython(&["cpython-313", "3.13.0rc1+"]).unwrap().version.as_deref(), Some("3.13.0rc1"));
    assert_eq!(cpython(&["cpython-36", "/opt/3.6.15", "Python-3.6.15"]).unwrap().version.as_deref(), Some("3.6.15"));
    assert_eq!(cpython(&["cpython-311", "/opt/3.11.0", "3.11.2"]).unwrap().version.as_deref(), Some("3.11.2"));
}

#[test]
fn undecided_version_is_unknown() {
    assert_eq!(cpython(&["cpython-311", "3.11.2", "3.11.4"]).unwrap().version, None);
    assert_eq!(cpython(&["cpython-311", "3.10.1"]).unwrap().version, None);
}

#[test]
fn python_2_has_no_frozen_importlib() {
    let file = Builder::program(&["PYTHONHASHSEED", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "2.7.18"]);
    assert_eq!(read(&file).python.unwrap().version.as_deref(), Some("2.7.18"));
}

#[test]
fn a_debug_build_counts_references_and_has_its_own_tag() {
    let tags = [".cpython-311-x86_64-linux-gnu.so", ".cpython-311d-x86_64-linux-gnu.so"];
    let runtime = cpython(&["cpython-311", "3.11.2", tags[0], tags[1], ".abi3.so", "gettotalrefcount"]).unwrap();
    assert!(runtime.counts_references);
    assert_eq!(runtime.soabi.as_deref(), Some("cpython-311d-x86_64-linux-gnu"));
    assert_eq!(runtime.extension_suffixes, [tags[1], tags[0], ".abi3.so"]);
    assert!(!cpython(&["cpython-311", "3.11.2"]).unwrap().counts_references);
}

/// Its strings are those of its sources: no Pyston is at hand.
#[test]
fn pyston_is_no_cpython() {
    let words = ["pyston-23", "3.8.12", ".pyston-23-x86_64-linux-gnu.so", "%s [Pyston 2.3.5, GCC 9.4.0]"];
    let runtime = cpython(&words).unwrap();
    assert_eq!((runtime.implementation, runtime.version.as_deref()), ("Pyston", Some("3.8.12")));
    assert_eq!(runtime.implementation_version.as_deref(), Some("2.3.5"));
    assert_eq!(runtime.soabi.as_deref(), Some("pyston-23-x86_64-linux-gnu"));
}

#[test]
fn micropython_has_two_versions() {
    let micropython = |strings: &[&str]| read(&Builder::program(&[&["MICROPYPATH"], strings].concat())).python;
    let versions = |strings: &[&str]| {
        let found = micropython(strings)?;
        assert_eq!(found.implementation, "MicroPython");
        Some((found.version, found.implementation_version?))
    };
    let known = |own: &str| Some((Some("3.4.0".to_owned()), own.to_owned()));
    assert_eq!(versions(&["3.4.0; MicroPython v1.26.1+ds-1 on 2025-09-13"]), known("1.26.1"));
    assert_eq!(versions(&["3.4.0", "MicroPython v1.14 on 2021-02-02; linux version"]), known("1.14"));
    let preview = "3.4.0; MicroPython v1.27.0-preview.5.gabcdef0 on 2025-10-01";
    assert_eq!(versions(&[preview]), known("1.27.0-preview.5"));
    assert_eq!(versions(&["MicroPython v1.20.0 on 2023-04-26"]), Some((None, "1.20.0".to_owned())));
    assert_eq!(micropython(&["a program that runs MicroPython"]), None);
}

/// Its strings are those of its sources, and end in no NUL: no RustPython is at hand.
#[test]
fn rustpython_says_no_more_than_its_own_version() {
    let words = ["xRUSTPYTHONPATHx", "\n[RustPython 0.5.0 with rustc 1.90"];
    let runtime = read(&Builder::program(&words)).python.unwrap();
    assert_eq!((runtime.implementation, runtime.version), ("RustPython", None));
    assert_eq!(runtime.implementation_version.as_deref(), Some("0.5.0"));
    assert_eq!(read(&Builder::program(&["RUSTPYTHONPATH"])).python, None, "a program that only sets it");
}

#[test]
fn words_alone_do_not_make_a_runtime() {
    assert_eq!(read(&Builder::program(&["cpython-311", "3.11.2", "PYTHONHASHSEED"])).python, None);
    let data = [&CPYTHON[..], &["cpython-311", "3.11.2"]].concat().join("\0").into_bytes();
    let library = Builder { soname: Some("libother.so"), data: data.clone(), ..Builder::new(3) };
    assert_eq!(read(&library.build()).python, None);
    let library = Builder { soname: Some("libpython3.11.so.1.0"), data, ..Builder::new(3) };
    assert!(read(&library.build()).python.is_some());
}

#[test]
fn pypy_has_two_versions() {
    let banner = "H\u{1}\u{0}3.9.16 (7.3.11+dfsg-2, Dec 30 2024, 22:36:23)\n[PyPy 7.3.11 with ";
    let runtime = read(&Builder::program(&[&CPYTHON[..], &["PYPYLOG", ".pypy39-pp73-x86_64-linux-gnu.so", banner]].concat()))
        .python
        .unwrap();
    assert_eq!((runtime.implementation, runtime.version.as_deref()), ("PyPy", Some("3.9.16")));
    assert_eq!(runtime.implementation_version.as_deref(), Some("7.3.11"));
    assert_eq!(runtime.soabi.as_deref(), Some("pypy39-pp73-x86_64-linux-gnu"));
}

#[test]
fn a_pypy_banner_without_a_version_leaves_it_unknown() {
    let banner = "of no kind (a test)\n[PyPy 7.3.11 with ";
    let runtime = read(&Builder::program(&[&CPYTHON[..], &["PYPYLOG", banner]].concat())).python.unwrap();
    assert_eq!((runtime.implementation, runtime.version), ("PyPy", None));
}

/// What is read of an open file with these bytes.
fn in_part(bytes: &[u8]) -> Option<ElfFacts> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    elf_without_runtime(&file)
}

#[test]
fn parts_of_a_file_say_what_all_of_it_says() {
    for (class, little) in [(1, true), (1, false), (2, true), (2, false)] {
        let builder = Builder {
            class,
            little,
            soname: Some("liba.so.1"),
            needed: vec!["libb.so.2", "libc.so.6"],
            data: vec![b'x'; 600_000],
            ..Builder::new(3)
        };
        let file = builder.build();
        assert_eq!(in_part(&file), Some(read(&file)));
    }
    let program = Builder::program(&["PYTHONHOME"]);
    assert_eq!(in_part(&program), Some(read(&program)));
}

#[test]
fn what_may_be_a_runtime_or_is_malformed_has_to_be_read_whole() {
    let libc = Builder { soname: Some("libc.so.6"), ..Builder::new(3) };
    assert_eq!(in_part(&libc.build()), None);
    let musl = Builder { data: b"musl libc (x86_64)".to_vec(), ..Builder::new(3) };
    assert_eq!(in_part(&musl.build()), None);
    // Wherever the mark lies across the windows of the search.
    for before in ((256 << 10) - 500..(256 << 10) + 20).step_by(7) {
        let padding = "x".repeat(before);
        assert_eq!(in_part(&Builder::program(&[&padding, "PYTHONHASHSEED"])), None, "{before}");
    }
    let whole = Builder::program(&[]);
    assert_eq!(in_part(&whole[..whole.len() - 1]), None);
    assert_eq!(in_part(b"\x7fELF\x05"), None);
}
