//! Fields of the operating system, its packages, ELF files and interpreters.

use super::{
    FieldType, Kind, Record, Scalar, Value, fact, image::fields, optional_integer, optional_text, text, texts, types::Field,
};
use crate::facts::Fact;

const TEXT: FieldType = FieldType::one(Scalar::String);
const LAYER: FieldType = FieldType::one(Scalar::Int).optional();

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
    manager: FieldType::one(Scalar::Choice(&["dpkg", "apk"])), "`dpkg` or `apk`" => text(&package.manager);
    layer: LAYER, "the layer of its file list" => optional_integer(package.layer);
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
    implementation: FieldType::one(Scalar::Choice(&["CPython", "PyPy"])), "`CPython` or `PyPy`" => text(&interpreter.implementation);
    version: FieldType::one(Scalar::Version), "the language's version" => match &interpreter.version {
        Fact::Absent => Value::Unknown("the file does not say which version it is".into()),
        version => fact(version),
    };
    implementation_version: FieldType::one(Scalar::Version).optional(), "the implementation's own version, where it differs" =>
        fact(&interpreter.implementation_version);
    platform: TEXT, "its platform in OCI words" => text(&interpreter.platform);
    os_package: TEXT.optional(), "the operating system's package that owns it" => optional_text(&interpreter.os_package);
    layer: LAYER, "its layer" => optional_integer(interpreter.layer);
});

fields!(GAP, Record::Gap(gap), {
    place: TEXT, "where: a path inside the image, or the layer" => text(&gap.place);
    code: TEXT, "a stable word for the reason" => text(&gap.code);
    reason: TEXT, "why" => text(&gap.reason);
    layer: LAYER, "its layer" => optional_integer(gap.layer);
});
