//! Fields of the target, the image's configuration and its layers.

use super::{
    FieldType, Kind, Record, Scalar, Type, Value, integer, optional_integer, optional_text, text, texts, types::Field,
};
use crate::facts::{Completeness, Fact, Image};

const TEXT: FieldType = FieldType::one(Scalar::String);

/// Declares a table of fields: `name: type, "documentation" => value;`.
macro_rules! fields {
    ($(#[$meta:meta])* $table:ident, $record:pat, { $($name:ident: $ty:expr, $doc:literal => $value:expr;)* }) => {
        $(#[$meta])*
        pub(super) const $table: &[Field] = &[$(Field {
            name: stringify!($name),
            ty: $ty,
            doc: $doc,
            get: |record| match record {
                #[allow(unused_variables, reason = "the pattern is shared by all fields of a record")]
                $record => $value,
                _ => Value::Absent,
            },
        }),*];
    };
}
pub(super) use fields;

fields!(TARGET, Record::Target(inventory), {
    reference: TEXT, "the reference as given on the command line" => text(&inventory.target.reference);
    source: TEXT, "where it was found: `docker-archive`, `oci`, `oci-archive`, `registry`, `dir`, `machine`" => text(&inventory.target.source);
    digest: TEXT.optional(), "digest of the image's manifest" => optional_text(&inventory.target.digest);
    platform: TEXT.optional(), "`os/architecture[/variant]`" => optional_text(&inventory.target.platform);
    env: FieldType::list(Scalar::Record(Kind::EnvironmentVariable)), "variables that a process starts with: the image's, or unknown" =>
        match (&inventory.image, &inventory.target.env) {
            (Some(Image { env, .. }), _) | (None, Some(env)) =>
                Value::records(env.iter().map(Record::EnvironmentVariable), &Completeness::Complete),
            (None, None) => Value::List(Vec::new(), vec!["nothing says which environment programs are started with here".into()]),
        };
});

fields!(IMAGE, Record::Image(inventory, image), {
    reference: TEXT, "the reference as given on the command line" => text(&inventory.target.reference);
    digest: TEXT.optional(), "digest of the image's manifest" => optional_text(&inventory.target.digest);
    platform: TEXT.optional(), "the declared platform: `os/architecture[/variant]`" => optional_text(&inventory.target.platform);
    user: FieldType::one(Scalar::Record(Kind::User)), "the user that the image runs as" => Value::Record(Record::User(image));
    env: FieldType::list(Scalar::Record(Kind::EnvironmentVariable)), "environment variables in order" =>
        Value::records(image.env.iter().map(Record::EnvironmentVariable), &Completeness::Complete);
    labels: FieldType { ty: Type::Map, optional: false }, "labels by name" => Value::Map(&image.labels);
    entrypoint: FieldType::list(Scalar::String), "the entry point" => texts(&image.entrypoint);
    cmd: FieldType::list(Scalar::String), "default arguments" => texts(&image.cmd);
    workdir: TEXT.optional(), "the working directory" => optional_text(&image.workdir);
    exposed_ports: FieldType::list(Scalar::String), "exposed ports, such as `8080/tcp`" => texts(&image.exposed_ports);
    created: FieldType::one(Scalar::Date).optional(), "the day on which the image was made" => created(image);
    history: FieldType::list(Scalar::Record(Kind::HistoryEntry)), "the instructions that made it" =>
        Value::records(image.history.iter().map(Record::HistoryEntry), &Completeness::Complete);
});

fields!(USER, Record::User(image), {
    name: TEXT.optional(), "`USER` as written; absent where none is set, which means root" =>
        image.user.as_deref().filter(|user| !user.is_empty()).map_or(Value::Absent, text);
    uid: FieldType::one(Scalar::Int), "the numeric user; 0 is root" => uid(image);
});

fields!(ENVIRONMENT_VARIABLE, Record::EnvironmentVariable(variable), {
    name: TEXT, "its name" => text(&variable.name);
    value: TEXT, "its value; never printed where the name says it is a secret" => Value::Secret(&variable.value);
});

fields!(HISTORY_ENTRY, Record::HistoryEntry(entry), {
    created_by: TEXT.optional(), "the instruction as the builder wrote it" => optional_text(&entry.created_by);
    empty_layer: FieldType::one(Scalar::Bool), "whether it made no layer" => Value::Bool(entry.empty_layer);
    layer: FieldType::one(Scalar::Int).optional(), "the index of the layer that it made" => optional_integer(entry.layer);
});

fields!(LAYER, Record::Layer(layer), {
    index: FieldType::one(Scalar::Int), "from 0 at the bottom" => integer(layer.index);
    digest: TEXT, "digest of the blob as stored" => text(&layer.digest);
    diff_id: TEXT, "digest of the uncompressed archive" => text(&layer.diff_id);
    size: FieldType::one(Scalar::Int), "bytes of the uncompressed archive" => integer(layer.size);
    created_by: TEXT.optional(), "the instruction that made it" => optional_text(&layer.created_by);
});

/// Without a user an image runs as root; one that no file names is not known.
fn uid(image: &Image) -> Value<'_> {
    match (&image.user, &image.uid) {
        (_, Fact::Known(uid)) => integer(*uid),
        (_, Fact::Unknown(reason)) => Value::Unknown(reason.clone()),
        (Some(user), Fact::Absent) if !user.is_empty() => {
            Value::Unknown(format!("no file says who the user `{user}` is").into())
        }
        (_, Fact::Absent) => Value::Int(0),
    }
}

/// The day of the RFC 3339 time.
fn created(image: &Image) -> Value<'_> {
    let Some(created) = &image.created else { return Value::Absent };
    match created.get(..10).and_then(|day| day.parse().ok()) {
        Some(day) => Value::Date(day),
        None => Value::Unknown(format!("`{}` is no time", created.escape_debug()).into()),
    }
}
