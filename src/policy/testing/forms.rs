//! How each kind of fact is written in a test: its word, what may stand behind the word, its fields; never their values.

use crate::facts::schema::{Field, FieldType, Kind, Scalar, Type, fields};

const TEXT: FieldType = FieldType::one(Scalar::String);

/// How facts of a kind are written.
pub(super) struct Form {
    /// The word that begins one.
    pub(super) word: &'static str,
    /// The kind of record whose fields can be set.
    pub(super) kind: Option<Kind>,
    /// The field that a word behind it gives.
    pub(super) identity: Option<&'static str>,
    /// The field that a text gives; where both can stand and one does, a text stands for the word in forms with `named`.
    pub(super) text: Option<&'static str>,
    /// The field that each must have.
    pub(super) named: Option<&'static str>,
    /// Fields that the schema has elsewhere.
    pub(super) more: &'static [(&'static str, FieldType)],
    /// Fields that follow from the rest, and cannot be set.
    pub(super) derived: &'static [&'static str],
    /// Fields that a scan may leave unknown.
    pub(super) unknowable: &'static [&'static str],
    /// What may stand in its braces.
    pub(super) inside: &'static [&'static str],
}

const PLAIN: Form = Form {
    word: "",
    kind: None,
    identity: None,
    text: None,
    named: None,
    more: &[],
    derived: &[],
    unknowable: &[],
    inside: &[],
};

/// Its word says what is the matter with it.
const INSTALLED_FILE: Form = Form {
    kind: Some(Kind::InstalledFile),
    text: Some("path"),
    named: Some("path"),
    derived: &["distribution", "environment"],
    ..PLAIN
};

/// Words of what may stand at the top.
pub(super) const TOP: [&str; 14] = [
    "target",
    "image",
    "layer",
    "os",
    "os_package",
    "conda_package",
    "binary",
    "file",
    "interpreter",
    "environment",
    "distribution",
    "module",
    "gap",
    "more",
];

/// Every form of fact.
pub(super) const FORMS: [Form; 24] = [
    Form { word: "target", kind: Some(Kind::Target), text: Some("reference"), inside: &["env"], ..PLAIN },
    Form {
        word: "image",
        kind: Some(Kind::Image),
        text: Some("reference"),
        more: &[("user", TEXT.optional()), ("uid", FieldType::one(Scalar::Int))],
        unknowable: &["uid"],
        inside: &["env", "label", "history"],
        ..PLAIN
    },
    Form {
        word: "env",
        kind: Some(Kind::EnvironmentVariable),
        identity: Some("name"),
        text: Some("value"),
        named: Some("name"),
        ..PLAIN
    },
    Form {
        word: "label",
        identity: Some("name"),
        text: Some("value"),
        named: Some("name"),
        more: &[("name", TEXT), ("value", TEXT)],
        ..PLAIN
    },
    Form { word: "history", kind: Some(Kind::HistoryEntry), text: Some("created_by"), ..PLAIN },
    Form { word: "layer", kind: Some(Kind::Layer), text: Some("created_by"), ..PLAIN },
    Form {
        word: "os",
        kind: Some(Kind::Os),
        identity: Some("id"),
        text: Some("version"),
        named: Some("id"),
        unknowable: &["libc"],
        inside: &["libc"],
        ..PLAIN
    },
    Form {
        word: "libc",
        kind: Some(Kind::Libc),
        identity: Some("name"),
        text: Some("version"),
        named: Some("name"),
        unknowable: &["version"],
        ..PLAIN
    },
    Form {
        word: "os_package",
        kind: Some(Kind::OsPackage),
        identity: Some("name"),
        text: Some("version"),
        named: Some("name"),
        unknowable: &["license"],
        ..PLAIN
    },
    Form {
        word: "conda_package",
        kind: Some(Kind::CondaPackage),
        identity: Some("name"),
        text: Some("version"),
        named: Some("name"),
        unknowable: &["requested"],
        ..PLAIN
    },
    Form { word: "binary", kind: Some(Kind::Binary), text: Some("path"), named: Some("path"), ..PLAIN },
    Form {
        word: "file",
        kind: Some(Kind::File),
        text: Some("path"),
        named: Some("path"),
        derived: &["name", "setuid", "setgid", "sticky", "world_writable", "executable"],
        ..PLAIN
    },
    Form {
        word: "interpreter",
        kind: Some(Kind::Interpreter),
        identity: Some("implementation"),
        text: Some("version"),
        unknowable: &[
            "version",
            "implementation_version",
            "debug",
            "free_threaded",
            "abi",
            "soabi",
            "linkage",
            "libc",
            "source",
        ],
        inside: &["libc"],
        ..PLAIN
    },
    Form {
        word: "environment",
        kind: Some(Kind::Environment),
        text: Some("prefix"),
        inside: &["distribution", "module", "unowned", "more"],
        ..PLAIN
    },
    Form {
        word: "distribution",
        kind: Some(Kind::Distribution),
        identity: Some("name"),
        text: Some("version"),
        named: Some("name"),
        derived: &["normalized_name"],
        unknowable: &["version", "origin", "declared", "requested"],
        inside: &["origin", "module", "modified", "missing", "more"],
        ..PLAIN
    },
    Form { word: "modified", ..INSTALLED_FILE },
    Form { word: "missing", ..INSTALLED_FILE },
    Form { word: "unowned", ..INSTALLED_FILE },
    Form { word: "origin", kind: Some(Kind::Origin), identity: Some("type"), text: Some("url"), named: Some("url"), ..PLAIN },
    Form {
        word: "module",
        kind: Some(Kind::Module),
        identity: Some("name"),
        named: Some("name"),
        unknowable: &["reachable"],
        inside: &["import", "more"],
        ..PLAIN
    },
    Form { word: "gap", kind: Some(Kind::Gap), identity: Some("code"), text: Some("place"), ..PLAIN },
    Form {
        word: "more",
        identity: Some("of"),
        text: Some("reason"),
        named: Some("of"),
        more: &[("of", TEXT), ("reason", TEXT)],
        ..PLAIN
    },
    Form { word: "import", kind: Some(Kind::Import), derived: &["target", "names", "resolves", "unresolved"], ..PLAIN },
    Form {
        word: "computed import",
        kind: Some(Kind::ComputedImport),
        more: &[("kind", FieldType::one(Scalar::Choice(crate::facts::schema::IMPORT_KINDS)))],
        derived: &["prefix"],
        ..PLAIN
    },
];

/// The form that a word begins.
pub(super) fn form(word: &str) -> Option<&'static Form> {
    // `static` promotion: the table is a constant without interior.
    const TABLE: &[Form] = &FORMS;
    TABLE.iter().find(|form| form.word == word)
}

/// What a field of a fact takes.
pub(super) enum Slot {
    /// A value of this type.
    Value(FieldType),
    /// A record, which stands in the braces; here it can only be unknown or absent.
    Record(FieldType),
    /// Nothing: it follows from the rest, or stands in the braces.
    Elsewhere,
}

impl Form {
    /// What a field takes; nothing where there is none of that name.
    pub(super) fn slot(&self, name: &str) -> Option<(&'static str, Slot)> {
        if let Some((name, ty)) = self.more.iter().find(|(known, _)| *known == name) {
            return Some((name, Slot::Value(*ty)));
        }
        let field = self.fields().iter().find(|field| field.name == name)?;
        let slot = match field.ty.ty {
            _ if self.derived.contains(&field.name) => Slot::Elsewhere,
            Type::One(Scalar::Record(_)) if self.unknowable.contains(&field.name) => Slot::Record(field.ty),
            Type::One(Scalar::Record(_)) | Type::List(Scalar::Record(_)) | Type::Set(Scalar::Record(_)) => Slot::Elsewhere,
            _ => Slot::Value(field.ty),
        };
        Some((field.name, slot))
    }

    /// The names that can be set.
    pub(super) fn settable(&self) -> impl Iterator<Item = &'static str> {
        let more = self.more.iter().map(|(name, _)| *name);
        let elsewhere = |name: &&str| !self.more.iter().any(|(known, _)| known == name);
        let fields = self.fields().iter().map(|field| field.name).filter(elsewhere);
        more.chain(fields.filter(|name| matches!(self.slot(name), Some((_, Slot::Value(_) | Slot::Record(_))))))
    }

    fn fields(&self) -> &'static [Field] {
        self.kind.map_or(&[], fields)
    }
}
