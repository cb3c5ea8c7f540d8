//! By which words and at which place a record stands in a verdict; as the reports of the program name them.

use douane::facts::schema::Record;

/// A subject of a verdict: kind, identity, path and line.
pub type Subject = (String, String, Option<String>, Option<u32>);

/// A record's identity within the image.
pub fn of(record: Record<'_>) -> String {
    match record {
        Record::Target(inventory) | Record::Image(inventory, _) => inventory.target.reference.clone(),
        Record::User(image) => match image.user.as_deref() {
            None | Some("") => "root".into(),
            Some(user) => user.into(),
        },
        Record::EnvironmentVariable(variable) => variable.name.clone(),
        Record::HistoryEntry(entry) => entry.created_by.clone().unwrap_or("an instruction without text".into()),
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

/// A record as a subject.
pub fn subject(record: Record<'_>) -> Subject {
    let (path, line) = match record {
        Record::Libc(libc) => (Some(libc.path.clone()), None),
        Record::CondaPackage(package) => (Some(package.location.clone()), None),
        Record::Binary(binary) => (Some(binary.path.clone()), None),
        Record::Interpreter(interpreter) => (Some(interpreter.path.clone()), None),
        Record::File(_, file) => (Some(file.path.to_string()), None),
        Record::Gap(gap) => (Some(gap.place.clone()), None),
        Record::Environment(environment) => (Some(environment.prefix.clone()), None),
        Record::Distribution(_, distribution) | Record::Origin(distribution, _) => (Some(distribution.location.clone()), None),
        Record::InstalledFile(_, _, file) => (Some(file.path.clone()), None),
        Record::Module(_, module) => (module.file.clone(), None),
        Record::Import(_, module, import) => (module.file.clone(), Some(import.line)),
        Record::ComputedImport(_, module, import) => (module.file.clone(), Some(import.line)),
        Record::Function(module, function) | Record::Parameter(module, function, _) => {
            (module.file.clone(), Some(function.line))
        }
        Record::Class(module, class) => (module.file.clone(), Some(class.line)),
        Record::Variable(module, variable) => (module.file.clone(), Some(variable.line)),
        _ => (None, None),
    };
    (record.kind().subject().into(), of(record), path, line)
}
