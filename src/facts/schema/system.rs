//! Fields of the operating system, its packages, ELF files, interpreters and entries of the tree.

use smol_str::SmolStr;

use super::{
    FieldType, Kind, Record, Scalar, Value, fact, image::fields, integer, optional_integer, optional_text, text, texts,
    types::Field,
};
use crate::facts::{Completeness, Fact, File, FileType, InterpreterSource, Inventory, Linkage};

const TEXT: FieldType = FieldType::one(Scalar::String);
const LAYER: FieldType = FieldType::one(Scalar::Int).optional();
const BOOL: FieldType = FieldType::one(Scalar::Bool);
const INT: FieldType = FieldType::one(Scalar::Int);
const IMPLEMENTATIONS: &[&str] = &["CPython", "PyPy", "Pyston", "GraalPy", "Jython", "IronPython", "MicroPython", "RustPython"];
const FILE_TYPES: &[&str] = &["file", "directory", "symlink", "fifo", "character_device", "block_device"];

fields!(OS, Record::Os(os), {
    id: TEXT, "`ID` of `os-release`, such as `debian`" => text(&os.id);
    version: FieldType::one(Scalar::Version).optional(), "`VERSION_ID`" => optional_text(&os.version_id);
    name: TEXT, "`PRETTY_NAME`, else `NAME`" => text(&os.name);
    libc: FieldType::one(Scalar::Record(Kind::Libc)).optional(), "the C library" => match &os.libc {
        Fact::Known(libc) => Value::Record(Record::Libc(libc)),
        Fact::Absent => Value::Absent,
        Fact::Unknown(reason) => Value::Unknown(reason.clone()),
    };
});

fields!(LIBC, Record::Libc(libc), {
    name: FieldType::one(Scalar::Choice(&["glibc", "musl"])), "`glibc` or `musl`" => text(&libc.name);
    version: FieldType::one(Scalar::Version).optional(), "its version" => fact(&libc.version);
    path: TEXT, "the file that says so" => text(&libc.path);
});

fields!(OS_PACKAGE, Record::OsPackage(package), {
    name: TEXT, "its name" => text(&package.name);
    version: TEXT, "its version in the package manager's own words" => text(&package.version);
    architecture: TEXT.optional(), "its architecture" => optional_text(&package.architecture);
    manager: FieldType::one(Scalar::Choice(&["dpkg", "apk", "rpm"])), "`dpkg`, `apk` or `rpm`" => text(&package.manager);
    source: TEXT.optional(), "the package that it was built from, where its name differs" => optional_text(&package.source);
    license: TEXT.optional(), "its licence; unknown with dpkg, which notes none" => fact(&package.license);
    layer: LAYER, "the layer of its file list" => optional_integer(package.layer);
});

fields!(CONDA_PACKAGE, Record::CondaPackage(package), {
    name: TEXT, "its name" => text(&package.name);
    version: FieldType::one(Scalar::Version), "its version" => text(&package.version);
    build: TEXT.optional(), "which build of that version it is" => optional_text(&package.build);
    channel: TEXT.optional(), "where it came from: the channel's address without platform and secrets, such as \
        `https://conda.anaconda.org/conda-forge`" => optional_text(&package.channel);
    subdir: TEXT.optional(), "the platform it was built for, such as `linux-64`, or `noarch`" => optional_text(&package.subdir);
    url: TEXT.optional(), "the address of its archive, without secrets" => optional_text(&package.url);
    license: TEXT.optional(), "its licence" => optional_text(&package.license);
    requires: FieldType::list(Scalar::String), "what it needs, as written" => texts(&package.requires);
    requested: BOOL, "whether it was asked for by name; unknown where no package of the prefix is marked" =>
        match &package.requested {
            Fact::Known(requested) => Value::Bool(*requested),
            Fact::Absent => Value::Unknown("nothing says whether it was asked for by name".into()),
            Fact::Unknown(reason) => Value::Unknown(reason.clone()),
        };
    prefix: TEXT, "the prefix that it is installed in" => text(&package.prefix);
    location: TEXT, "the file that says so" => text(&package.location);
    layer: LAYER, "its layer" => optional_integer(package.layer);
});

fields!(BINARY, Record::Binary(binary), {
    path: TEXT, "where it is" => text(&binary.path);
    platform: TEXT, "its platform in OCI words, such as `linux/amd64`" => text(&binary.platform);
    executable: FieldType::one(Scalar::Bool), "whether it is a program rather than a library" => Value::Bool(binary.executable);
    layer: LAYER, "its layer" => optional_integer(binary.layer);
});

fields!(INTERPRETER, Record::Interpreter(interpreter), {
    path: TEXT, "the file itself" => text(&interpreter.path);
    aliases: FieldType::list(Scalar::String), "other names that lead to it" => texts(&interpreter.aliases);
    language: FieldType::one(Scalar::Choice(&["python"])), "`python`" => text(&interpreter.language);
    implementation: FieldType::one(Scalar::Choice(IMPLEMENTATIONS)), "which Python: `CPython`, `PyPy`, `Pyston`, `GraalPy`, `Jython`, \
        `IronPython`, `MicroPython` or `RustPython`" => text(&interpreter.implementation);
    version: FieldType::one(Scalar::Version), "the language's version" => match &interpreter.version {
        Fact::Absent => Value::Unknown("the file does not say which version it is".into()),
        version => fact(version),
    };
    implementation_version: FieldType::one(Scalar::Version).optional(), "the implementation's own version, where it differs" =>
        fact(&interpreter.implementation_version);
    platform: TEXT, "its platform in OCI words; Jython and IronPython have the image's, or `any`" => text(&interpreter.platform);
    debug: BOOL, "whether it is a debug build of CPython" => truth(&interpreter.debug);
    free_threaded: BOOL, "whether it is a build of CPython without the global lock" => truth(&interpreter.free_threaded);
    abi: TEXT.optional(), "the tag of wheels that are built for it alone, such as `cp313t`" => fact(&interpreter.abi);
    soabi: TEXT.optional(), "the tag of its own extension modules, such as `cpython-311-x86_64-linux-gnu`" => fact(&interpreter.soabi);
    linkage: FieldType::one(Scalar::Choice(Linkage::WORDS)).optional(), "where it is: in the executable (`static`), or in a library \
        that this loads (`shared`)" => word(&interpreter.linkage, Linkage::word);
    libc: FieldType::one(Scalar::Record(Kind::Libc)).optional(), "the C library that it runs with" => match &interpreter.libc {
        Fact::Known(libc) => Value::Record(Record::Libc(libc)),
        Fact::Absent => Value::Absent,
        Fact::Unknown(reason) => Value::Unknown(reason.clone()),
    };
    source: FieldType::one(Scalar::Choice(InterpreterSource::WORDS)), "what brought it: `os_package`, `conda`, `uv`, `pyenv` or `build` \
        (from its sources)" => match word(&interpreter.source, InterpreterSource::word) {
            Value::Absent => Value::Unknown("nothing says what brought it".into()),
            value => value,
        };
    os_package: TEXT.optional(), "the operating system's package that owns it" => optional_text(&interpreter.os_package);
    conda_package: TEXT.optional(), "the package of conda that owns it" => optional_text(&interpreter.conda_package);
    layer: LAYER, "its layer" => optional_integer(interpreter.layer);
});

fields!(FILE, Record::File(inventory, file), {
    path: TEXT, "where it is; a file with several names is listed under each" => Value::Text(file.path.to_string().into());
    name: TEXT, "the last part of its path" => text(file.path.name());
    kind: FieldType::one(Scalar::Choice(FILE_TYPES)), "what it is" => text(match file.kind {
        FileType::File => "file",
        FileType::Directory => "directory",
        FileType::Symlink => "symlink",
        FileType::Fifo => "fifo",
        FileType::CharacterDevice => "character_device",
        FileType::BlockDevice => "block_device",
    });
    size: INT, "bytes of a regular file, else 0" => integer(file.size);
    mode: TEXT, "its permission bits as four octal digits, such as `0755`" => Value::Text(file.mode.to_string().into());
    setuid: BOOL, "whether it is a regular file that runs with its owner's rights" => Value::Bool(file.is_setuid());
    setgid: BOOL, "whether it is a regular file that runs with its group's rights" => Value::Bool(file.is_setgid());
    sticky: BOOL, "whether only owners may remove what lies in it, as in `/tmp`" => Value::Bool(file.is_sticky());
    world_writable: BOOL, "whether everybody may write to it; never for a symbolic link" => Value::Bool(file.is_world_writable());
    executable: BOOL, "whether it is a regular file that somebody may execute" => Value::Bool(file.is_executable());
    uid: INT, "the number of its owner" => integer(file.uid);
    gid: INT, "the number of its group" => integer(file.gid);
    target: TEXT.optional(), "where a symbolic link leads, as written" => optional_text(&file.target);
    os_package: TEXT.optional(), "the operating system's package that owns it; directories have none" => package_of(inventory, file);
    layer: LAYER, "the layer that brought this version of it" => optional_integer(file.layer);
});

fields!(GAP, Record::Gap(gap), {
    place: TEXT, "where: a path inside the image, or the layer" => text(&gap.place);
    code: TEXT, "a stable word for the reason" => text(&gap.code);
    reason: TEXT, "why" => text(&gap.reason);
    layer: LAYER, "its layer" => optional_integer(gap.layer);
});

/// A truth value that always is one, though it may not be known.
fn truth(fact: &Fact<bool>) -> Value<'_> {
    match fact {
        Fact::Known(value) => Value::Bool(*value),
        Fact::Absent => Value::Unknown("nothing says how it was built".into()),
        Fact::Unknown(reason) => Value::Unknown(reason.clone()),
    }
}

fn word<T: Copy>(fact: &Fact<T>, word: impl Fn(T) -> &'static str) -> Value<'_> {
    match fact {
        Fact::Known(value) => text(word(*value)),
        Fact::Absent => Value::Absent,
        Fact::Unknown(reason) => Value::Unknown(reason.clone()),
    }
}

/// The package of a file. Where not all packages are known, a file without one may have one.
fn package_of<'a>(inventory: &'a Inventory, file: &'a File) -> Value<'a> {
    match (&file.os_package, &inventory.os_packages_complete) {
        (None, Completeness::Incomplete(reasons)) if file.kind != FileType::Directory => {
            let reason = reasons.first().map_or("not all packages are known", SmolStr::as_str);
            Value::Unknown(reason.into())
        }
        (package, _) => optional_text(package),
    }
}
