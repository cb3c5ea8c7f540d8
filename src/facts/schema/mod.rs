//! What a policy can say about an inventory: records, fields, their types and how each is read; never judging.
//!
//! The tables are the only place where a field's name, type, documentation and accessor stand, so they cannot disagree.

mod image;
mod python;
mod record;
mod system;
mod types;

pub(crate) use python::{IMPORT_KINDS, is_of_integrity, target, unread};
pub use record::{Kind, Record};
pub use types::{Field, FieldType, Global, Scalar, Type, Value};

use super::{Completeness, Fact, Inventory};

/// The type of the one global that a scan has to be asked for.
pub(crate) const FILES: FieldType = FieldType::list(Scalar::Record(Kind::File));

/// Every global name of the policy language but `today`.
pub const GLOBALS: &[Global] = &[
    Global {
        name: "target",
        ty: FieldType::one(Scalar::Record(Kind::Target)),
        doc: "what is being checked: an image, a root file system or a machine",
        get: |inventory| Value::Record(Record::Target(inventory)),
    },
    Global {
        name: "image",
        ty: FieldType::one(Scalar::Record(Kind::Image)),
        doc: "the image; where the target has no image configuration, clauses that speak of `image` have no subject",
        get: |inventory| match &inventory.image {
            Some(image) => Value::Record(Record::Image(inventory, image)),
            None => Value::Unknown("the target has no image configuration".into()),
        },
    },
    Global {
        name: "os",
        ty: FieldType::one(Scalar::Record(Kind::Os)).optional(),
        doc: "the operating system; absent where there is no `os-release`",
        get: |inventory| inventory.os.as_ref().map_or(Value::Absent, |os| Value::Record(Record::Os(os))),
    },
    Global {
        name: "layers",
        ty: FieldType::list(Scalar::Record(Kind::Layer)),
        doc: "the layers from the bottom",
        get: |inventory| Value::records(inventory.layers.iter().map(Record::Layer), &Completeness::Complete),
    },
    Global {
        name: "os_packages",
        ty: FieldType::list(Scalar::Record(Kind::OsPackage)),
        doc: "packages of the operating system's package manager",
        get: |inventory| Value::records(inventory.os_packages.iter().map(Record::OsPackage), &inventory.os_packages_complete),
    },
    Global {
        name: "conda_packages",
        ty: FieldType::list(Scalar::Record(Kind::CondaPackage)),
        doc: "packages of conda in every prefix",
        get: |inventory| {
            Value::records(inventory.conda_packages.iter().map(Record::CondaPackage), &inventory.conda_packages_complete)
        },
    },
    Global {
        name: "binaries",
        ty: FieldType::list(Scalar::Record(Kind::Binary)),
        doc: "every ELF file",
        get: |inventory| Value::records(inventory.binaries.iter().map(Record::Binary), &inventory.binaries_complete),
    },
    Global {
        name: "interpreters",
        ty: FieldType::list(Scalar::Record(Kind::Interpreter)),
        doc: "every language interpreter",
        get: |inventory| {
            Value::records(inventory.interpreters.iter().map(Record::Interpreter), &inventory.interpreters_complete)
        },
    },
    Global {
        name: "environments",
        ty: FieldType::list(Scalar::Record(Kind::Environment)),
        doc: "every Python environment",
        get: |inventory| {
            Value::records(inventory.environments.iter().map(Record::Environment), &inventory.environments_complete)
        },
    },
    Global {
        name: "distributions",
        ty: FieldType::list(Scalar::Record(Kind::Distribution)),
        doc: "the Python distributions of all environments",
        get: |inventory| across(inventory, python::distributions),
    },
    Global {
        name: "modules",
        ty: FieldType::list(Scalar::Record(Kind::Module)),
        doc: "the Python modules of all environments",
        get: |inventory| across(inventory, python::modules),
    },
    Global {
        name: "imports",
        ty: FieldType::list(Scalar::Record(Kind::Import)),
        doc: "the imports of the Python modules of all environments",
        get: |inventory| across(inventory, python::imports),
    },
    Global {
        name: "files",
        ty: FILES,
        doc: "every file, directory, link and device",
        get: |inventory| {
            Value::records(inventory.files.iter().map(|file| Record::File(inventory, file)), &inventory.files_complete)
        },
    },
    Global {
        name: "gaps",
        ty: FieldType::list(Scalar::Record(Kind::Gap)),
        doc: "what could not be read",
        get: |inventory| Value::records(inventory.gaps.iter().map(Record::Gap), &Completeness::Complete),
    },
];

/// The fields of a kind of record.
pub fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Target => image::TARGET,
        Kind::Image => image::IMAGE,
        Kind::User => image::USER,
        Kind::EnvironmentVariable => image::ENVIRONMENT_VARIABLE,
        Kind::HistoryEntry => image::HISTORY_ENTRY,
        Kind::Layer => image::LAYER,
        Kind::Os => system::OS,
        Kind::Libc => system::LIBC,
        Kind::OsPackage => system::OS_PACKAGE,
        Kind::CondaPackage => system::CONDA_PACKAGE,
        Kind::Binary => system::BINARY,
        Kind::Interpreter => system::INTERPRETER,
        Kind::File => system::FILE,
        Kind::Gap => system::GAP,
        Kind::Environment => python::ENVIRONMENT,
        Kind::Distribution => python::DISTRIBUTION,
        Kind::Origin => python::ORIGIN,
        Kind::InstalledFile => python::INSTALLED_FILE,
        Kind::Module => python::MODULE,
        Kind::Import => python::IMPORT,
        Kind::ComputedImport => python::COMPUTED_IMPORT,
        Kind::Function => python::FUNCTION,
        Kind::Parameter => python::PARAMETER,
        Kind::Class => python::CLASS,
        Kind::Variable => python::VARIABLE,
    }
}

/// One relation of every environment, joined: incomplete too where there may be more environments.
fn across(inventory: &Inventory, relation: for<'a> fn(&'a super::Environment) -> Value<'a>) -> Value<'_> {
    let mut items = Vec::new();
    let mut lacks = python::lacks(&inventory.environments_complete);
    for environment in &inventory.environments {
        if let Value::List(some, missing) = relation(environment) {
            items.extend(some);
            lacks.extend(missing);
        }
    }
    lacks.sort();
    lacks.dedup();
    Value::List(items, lacks)
}

fn text(text: &str) -> Value<'_> {
    Value::Text(text.into())
}

fn optional_text<S: AsRef<str>>(text: &Option<S>) -> Value<'_> {
    text.as_ref().map_or(Value::Absent, |text| Value::Text(text.as_ref().into()))
}

fn fact(fact: &Fact<String>) -> Value<'_> {
    match fact {
        Fact::Known(text) => Value::Text(text.as_str().into()),
        Fact::Absent => Value::Absent,
        Fact::Unknown(reason) => Value::Unknown(reason.clone()),
    }
}

fn integer(number: impl TryInto<i64>) -> Value<'static> {
    Value::Int(number.try_into().unwrap_or(i64::MAX))
}

fn optional_integer(number: Option<u32>) -> Value<'static> {
    number.map_or(Value::Absent, |number| Value::Int(number.into()))
}

fn texts<S: AsRef<str>>(texts: &[S]) -> Value<'_> {
    Value::List(texts.iter().map(|text| Value::Text(text.as_ref().into())).collect(), Vec::new())
}

#[cfg(test)]
mod tests {
    use schemars::schema_for;

    use super::{Field, GLOBALS, Kind, fields};
    use crate::facts::Inventory;

    /// What the inventory holds and a policy reads under another name, or not at all.
    const ELSEWHERE: [&str; 29] = [
        "Inventory.schema_version",
        "Inventory.os_packages_complete",
        "Inventory.conda_packages_complete",
        "Inventory.binaries_complete",
        "Inventory.interpreters_complete",
        "Inventory.environments_complete",
        "Inventory.files_complete",
        "Image.uid",
        "Environment.path_complete",
        "Environment.modules_complete",
        "Environment.distributions_complete",
        "Environment.unowned_complete",
        "Distribution.modified_complete",
        "Distribution.missing_complete",
        "Module.imports_complete",
        "Module.edges",
        "Module.error",
        "Module.syntax",
        "Module.alternatives",
        "Module.names_complete",
        "Class.alternatives",
        "Class.instance_attributes_complete",
        "Import.bound",
        "Import.level",
        "Import.column",
        "Import.width",
        "ComputedImport.column",
        "ComputedImport.width",
        "OperatingSystem.version_id",
    ];

    #[test]
    fn every_field_of_the_inventory_can_be_said() {
        let schema = schema_for!(Inventory);
        let schema = schema.as_value();
        let names = |fields: &[Field]| fields.iter().map(|field| field.name).collect::<Vec<_>>();
        let pairs = [
            ("Image", Kind::Image),
            ("EnvironmentVariable", Kind::EnvironmentVariable),
            ("HistoryEntry", Kind::HistoryEntry),
            ("Layer", Kind::Layer),
            ("OperatingSystem", Kind::Os),
            ("Libc", Kind::Libc),
            ("OsPackage", Kind::OsPackage),
            ("CondaPackage", Kind::CondaPackage),
            ("Binary", Kind::Binary),
            ("Interpreter", Kind::Interpreter),
            ("Environment", Kind::Environment),
            ("Distribution", Kind::Distribution),
            ("Origin", Kind::Origin),
            ("InstalledFile", Kind::InstalledFile),
            ("Module", Kind::Module),
            ("Import", Kind::Import),
            ("ComputedImport", Kind::ComputedImport),
            ("Function", Kind::Function),
            ("Parameter", Kind::Parameter),
            ("Class", Kind::Class),
            ("Variable", Kind::Variable),
            ("File", Kind::File),
            ("Gap", Kind::Gap),
            ("Target", Kind::Target),
        ];
        let said = |owner: &str, value: &serde_json::Value, known: &[&str]| {
            let properties = value["properties"].as_object().expect("an object").keys();
            let missing = properties
                .filter(|name| !known.contains(&name.as_str()) && !ELSEWHERE.contains(&format!("{owner}.{name}").as_str()));
            assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new(), "{owner}");
        };
        for (owner, kind) in pairs {
            said(owner, &schema["$defs"][owner], &names(fields(kind)));
        }
        said("Inventory", schema, &GLOBALS.iter().map(|global| global.name).collect::<Vec<_>>());
    }
}
