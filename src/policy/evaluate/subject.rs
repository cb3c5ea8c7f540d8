//! Records as subjects and as evidence: their identity and place; never a judgement.

use crate::{
    facts::schema::Record,
    policy::outcome::{Evidence, Subject},
};

/// A record as the subject of a verdict.
pub(crate) fn subject(record: Record<'_>) -> Subject {
    let mut subject = Subject::new(record.kind().subject(), identity(record));
    match record {
        Record::Target(_) | Record::Image(..) | Record::User(_) | Record::EnvironmentVariable(_) | Record::Os(_) => {}
        Record::HistoryEntry(entry) => subject.layer = entry.layer,
        Record::Layer(layer) => subject.layer = Some(layer.index),
        Record::Libc(libc) => subject.path = Some(libc.path.clone()),
        Record::OsPackage(package) => subject.layer = package.layer,
        Record::CondaPackage(package) => (subject.path, subject.layer) = (Some(package.location.clone()), package.layer),
        Record::Binary(binary) => (subject.path, subject.layer) = (Some(binary.path.clone()), binary.layer),
        Record::Interpreter(interpreter) => (subject.path, subject.layer) = (Some(interpreter.path.clone()), interpreter.layer),
        Record::File(_, file) => (subject.path, subject.layer) = (Some(file.path.to_string()), file.layer),
        Record::Gap(gap) => (subject.path, subject.layer) = (Some(gap.place.clone()), gap.layer),
        Record::Environment(environment) => subject.path = Some(environment.prefix.clone()),
        Record::Distribution(_, distribution) => {
            (subject.path, subject.layer) = (Some(distribution.location.clone()), distribution.layer);
        }
        Record::Origin(distribution, _) => {
            (subject.path, subject.layer) = (Some(distribution.location.clone()), distribution.layer);
        }
        Record::InstalledFile(_, _, file) => (subject.path, subject.layer) = (Some(file.path.clone()), file.layer),
        Record::Module(_, module) => (subject.path, subject.layer) = (module.file.clone(), module.layer),
        Record::Import(_, module, import) => {
            (subject.path, subject.layer) = (module.file.clone(), module.layer);
            (subject.line, subject.column, subject.width) = (Some(import.line), Some(import.column), Some(import.width));
            subject.text = Some(import.text.to_string());
        }
        Record::ComputedImport(_, module, import) => {
            (subject.path, subject.layer) = (module.file.clone(), module.layer);
            (subject.line, subject.column, subject.width) = (Some(import.line), Some(import.column), Some(import.width));
            subject.text = Some(import.text.to_string());
        }
        Record::Function(module, function) | Record::Parameter(module, function, _) => {
            (subject.path, subject.layer, subject.line) = (module.file.clone(), module.layer, Some(function.line));
        }
        Record::Class(module, class) => {
            (subject.path, subject.layer, subject.line) = (module.file.clone(), module.layer, Some(class.line));
        }
        Record::Variable(module, variable) => {
            (subject.path, subject.layer, subject.line) = (module.file.clone(), module.layer, Some(variable.line));
        }
    }
    subject
}

/// A stable identity of a record within the image.
pub(crate) fn identity(record: Record<'_>) -> String {
    match record {
        Record::Target(inventory) | Record::Image(inventory, _) => inventory.target.reference.clone(),
        Record::User(image) => image.user.clone().filter(|user| !user.is_empty()).unwrap_or_else(|| "root".into()),
        Record::EnvironmentVariable(variable) => variable.name.clone(),
        Record::HistoryEntry(entry) => entry.created_by.clone().unwrap_or_else(|| "an instruction without text".into()),
        Record::Layer(layer) => layer.diff_id.clone(),
        Record::Os(os) => os.name.clone(),
        Record::Libc(libc) => libc.name.clone(),
        Record::OsPackage(package) => format!("{} {}", package.name, package.version),
        Record::CondaPackage(package) => format!("{} {}", package.name, package.version),
        Record::Binary(binary) => binary.path.clone(),
        Record::Interpreter(interpreter) => interpreter.path.clone(),
        Record::File(_, file) => file.path.to_string(),
        Record::Gap(gap) => format!("{} {}", gap.code, gap.place),
        Record::Environment(environment) => environment.prefix.clone(),
        Record::Distribution(_, distribution) => match distribution.version.known() {
            Some(version) => format!("{} {version}", distribution.normalized_name),
            None => distribution.normalized_name.to_string(),
        },
        Record::Origin(_, origin) => origin.url.clone(),
        Record::InstalledFile(_, _, file) => file.path.clone(),
        Record::Module(_, module) => module.name.to_string(),
        Record::Import(_, module, import) => {
            format!("{} -> {}{}", module.name, ".".repeat(import.level as usize), import.target)
        }
        Record::ComputedImport(_, module, import) => format!("{} -> {}?", module.name, import.prefix),
        Record::Function(module, function) => format!("{}.{}", module.name, function.name),
        Record::Parameter(module, function, parameter) => format!("{}.{}({})", module.name, function.name, parameter.name),
        Record::Class(module, class) => format!("{}.{}", module.name, class.name),
        Record::Variable(module, variable) => format!("{}.{}", module.name, variable.name),
    }
}

/// A fact about a record, at its place.
pub(crate) fn evidence(record: Record<'_>, text: impl Into<String>) -> Evidence {
    let subject = subject(record);
    Evidence { text: text.into(), path: subject.path, line: subject.line, layer: subject.layer }
}
