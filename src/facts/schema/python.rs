//! Fields of Python environments, distributions, modules and what their sources say.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{
    FieldType, Kind, Record, Scalar, Value, fact, image::fields, integer, optional_integer, optional_text, text, texts,
    types::Field,
};
use crate::facts::{
    Certainty, Completeness, Distribution, Environment, EnvironmentKind, Fact, Import, ImportKind, InstalledFile, Module,
    ModuleKind, OriginKind, Owner, ParameterKind, unresolved::Unresolved,
};

const TEXT: FieldType = FieldType::one(Scalar::String);
const LINE: FieldType = FieldType::one(Scalar::Int);
const LAYER: FieldType = FieldType::one(Scalar::Int).optional();
const MODULE_NAME: FieldType = FieldType::one(Scalar::ModuleName);

/// The words for kinds of import, as policies and the inventory spell them.
pub(crate) const IMPORT_KINDS: &[&str] = &["top_level", "conditional", "guarded", "function", "type_checking", "dynamic"];
const MODULE_KINDS: &[&str] = &["package", "source", "extension", "bytecode", "namespace", "builtin"];
const OWNERS: &[&str] = &["stdlib", "distribution", "os_package", "conda_package", "own"];
const PARAMETER_KINDS: &[&str] = &["positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword"];

fields!(ENVIRONMENT, Record::Environment(environment), {
    interpreter: TEXT, "the interpreter's path" => text(&environment.interpreter);
    prefix: TEXT, "`sys.prefix`" => text(&environment.prefix);
    kind: FieldType::one(Scalar::Choice(&["system", "venv", "conda"])), "what made it: `system`, `venv` or `conda`" => text(match environment.kind {
        EnvironmentKind::System => "system",
        EnvironmentKind::Venv => "venv",
        EnvironmentKind::Conda => "conda",
    });
    entry_point: FieldType::one(Scalar::Bool), "whether the image's entry point runs in it" => Value::Bool(environment.entry_point);
    path: FieldType::list(Scalar::String), "`sys.path` in order" => match texts(&environment.path) {
        Value::List(items, _) => Value::List(items, lacks(&environment.path_complete)),
        other => other,
    };
    distributions: FieldType::list(Scalar::Record(Kind::Distribution)), "installed distributions" => distributions(environment);
    modules: FieldType::list(Scalar::Record(Kind::Module)), "every importable module" => modules(environment);
    shadowed: FieldType::list(Scalar::Record(Kind::Distribution)), "distributions that one before them on the path hides" => {
        let hidden = environment.shadowed.iter().map(|distribution| Record::Distribution(environment, distribution));
        Value::records(hidden, &environment.path_complete)
    };
    unowned: FieldType::list(Scalar::Record(Kind::InstalledFile)), "files where distributions are installed that none and no OS package lists" =>
        Value::records(environment.unowned.iter().map(|file| Record::InstalledFile(environment, None, file)), &environment.unowned_complete);
});

fields!(DISTRIBUTION, Record::Distribution(environment, distribution), {
    name: TEXT, "its name as its metadata has it" => text(&distribution.name);
    normalized_name: TEXT, "its name normalised by PEP 503: lower case, `-` between words" => text(&distribution.normalized_name);
    version: FieldType::one(Scalar::Version).optional(), "its version" => fact(&distribution.version);
    location: TEXT, "where its metadata is" => text(&distribution.location);
    license: TEXT.optional(), "`License-Expression`, else `License`" => optional_text(&distribution.license);
    requires: FieldType::list(Scalar::String), "`Requires-Dist` as written" => texts(&distribution.requires);
    extras: FieldType::list(Scalar::String), "`Provides-Extra` as written" => texts(&distribution.extras);
    requires_python: TEXT.optional(), "`Requires-Python` as written" => optional_text(&distribution.requires_python);
    entry_points: FieldType::list(Scalar::String), "commands and plug-ins: `group: name = module:object`" =>
        texts(&distribution.entry_points);
    requested: FieldType::one(Scalar::Bool), "whether it was asked for by name; unknown where its installer does not say" =>
        match &distribution.requested {
            Fact::Known(requested) => Value::Bool(*requested),
            Fact::Absent => Value::Unknown("nothing says whether it was asked for by name".into()),
            Fact::Unknown(reason) => Value::Unknown(reason.clone()),
        };
    installer: TEXT.optional(), "what installed it" => optional_text(&distribution.installer);
    os_package: TEXT.optional(), "the operating system's package that ships it" => optional_text(&distribution.os_package);
    conda_package: TEXT.optional(), "the package of conda that ships it" => optional_text(&distribution.conda_package);
    editable: FieldType::one(Scalar::Bool), "whether it is installed in editable mode" => Value::Bool(distribution.editable);
    origin: FieldType::one(Scalar::Record(Kind::Origin)).optional(), "where it was installed from, where that is no index or channel" =>
        match &distribution.origin {
            Fact::Known(origin) => Value::Record(Record::Origin(distribution, origin)),
            Fact::Absent => Value::Absent,
            Fact::Unknown(reason) => Value::Unknown(reason.clone()),
        };
    declared: FieldType::one(Scalar::Bool), "whether the project that is checked declares it; unknown in a scan" =>
        match &distribution.declared {
            Fact::Known(declared) => Value::Bool(*declared),
            Fact::Absent => Value::Unknown("no project file that declares dependencies was read".into()),
            Fact::Unknown(reason) => Value::Unknown(reason.clone()),
        };
    layer: LAYER, "its layer" => optional_integer(distribution.layer);
    modified: FieldType::list(Scalar::Record(Kind::InstalledFile)), "its files that are not what was installed, by `RECORD`" =>
        files(environment, distribution, &distribution.modified, &distribution.modified_complete);
    missing: FieldType::list(Scalar::Record(Kind::InstalledFile)), "its files that are no longer there, by `RECORD`" =>
        files(environment, distribution, &distribution.missing, &distribution.missing_complete);
    environment: FieldType::one(Scalar::Record(Kind::Environment)), "the environment that it is installed in" =>
        Value::Record(Record::Environment(environment));
});

fields!(ORIGIN, Record::Origin(_, origin), {
    type: FieldType::one(Scalar::Choice(&["vcs", "local", "archive"])), "`vcs`, `local` (a directory) or `archive`" =>
        text(match origin.kind {
            OriginKind::Vcs => "vcs",
            OriginKind::Local => "local",
            OriginKind::Archive => "archive",
        });
    url: TEXT, "the address without credentials, query and fragment" => text(&origin.url);
    repository: TEXT.optional(), "the address of the repository, without `.git`" => optional_text(&origin.repository);
    commit: TEXT.optional(), "the commit" => optional_text(&origin.commit);
});

fields!(INSTALLED_FILE, Record::InstalledFile(environment, distribution, file), {
    path: TEXT, "where it is, or should be" => text(&file.path);
    reason: TEXT, "what tells: another size or SHA-256, or that it is not there" => text(&file.reason);
    layer: LAYER, "its layer; absent where it is not there" => optional_integer(file.layer);
    distribution: FieldType::one(Scalar::Record(Kind::Distribution)).optional(), "the distribution that lists it" =>
        distribution.map_or(Value::Absent, |distribution| Value::Record(Record::Distribution(environment, distribution)));
    environment: FieldType::one(Scalar::Record(Kind::Environment)), "the environment that it lies in" =>
        Value::Record(Record::Environment(environment));
});

fields!(MODULE, Record::Module(environment, module), {
    name: MODULE_NAME, "its full dotted name" => text(&module.name);
    kind: FieldType::one(Scalar::Choice(MODULE_KINDS)), "what the import system would load" => text(match module.kind {
        ModuleKind::Package => "package",
        ModuleKind::Source => "source",
        ModuleKind::Extension => "extension",
        ModuleKind::Bytecode => "bytecode",
        ModuleKind::Namespace => "namespace",
        ModuleKind::Builtin => "builtin",
    });
    file: TEXT.optional(), "the file that is loaded" => optional_text(&module.file);
    owner: FieldType::one(Scalar::Choice(OWNERS)), "who it belongs to; `own` is the team's code" => text(match module.owner {
        Owner::Stdlib => "stdlib",
        Owner::Distribution => "distribution",
        Owner::OsPackage => "os_package",
        Owner::CondaPackage => "conda_package",
        Owner::Own => "own",
    });
    distribution: TEXT.optional(), "the distribution that owns it" => optional_text(&module.distribution);
    layer: LAYER, "the layer of its file" => optional_integer(module.layer);
    shadows: FieldType::list(Scalar::String), "the files that would be the module were it not there" =>
        Value::List(module.shadows.iter().map(|shadowed| text(&shadowed.path)).collect(), lacks(&environment.path_complete));
    shadows_stdlib: FieldType::one(Scalar::Bool), "whether it hides the standard library's module of its name" =>
        Value::Bool(module.shadows_stdlib());
    reachable: FieldType::one(Scalar::Bool), "whether imports lead to it from what the image starts; unknown where names are computed" =>
        match &module.reachable {
            Fact::Known(reachable) => Value::Bool(*reachable),
            Fact::Absent => Value::Unknown("nothing says what is started there".into()),
            Fact::Unknown(reason) => Value::Unknown(reason.clone()),
        };
    vendored: TEXT.optional(), "of a copy of another project inside of a package (`pip._vendor.urllib3`), that project's module" =>
        optional_text(&module.vendored);
    imports: FieldType::list(Scalar::Record(Kind::Import)), "its imports; incomplete where it does not parse or computes names" =>
        Value::List(imports_of(environment, module).map(Value::Record).collect(), imports_lack(module));
    computed_imports: FieldType::list(Scalar::Record(Kind::ComputedImport)), "imports whose target is computed" =>
        structure(module, module.source.computed_imports.iter().map(|import| Record::ComputedImport(environment, module, import)));
    functions: FieldType::list(Scalar::Record(Kind::Function)), "functions at top level" =>
        structure(module, module.source.functions.iter().map(|function| Record::Function(module, function)));
    classes: FieldType::list(Scalar::Record(Kind::Class)), "classes at top level" =>
        structure(module, module.source.classes.iter().map(|class| Record::Class(module, class)));
    variables: FieldType::list(Scalar::Record(Kind::Variable)), "variables at top level" =>
        structure(module, module.source.variables.iter().map(|variable| Record::Variable(module, variable)));
    parses: FieldType::one(Scalar::Bool), "whether its source could be read without an error" => Value::Bool(module.source.error.is_none());
    environment: FieldType::one(Scalar::Record(Kind::Environment)), "the environment that it is found in" =>
        Value::Record(Record::Environment(environment));
});

fields!(IMPORT, Record::Import(environment, module, import), {
    target: MODULE_NAME, "the module named, with leading dots resolved" => Value::Text(target(module, import).into());
    names: FieldType::list(Scalar::String), "names taken by `from ... import`" => texts(&import.names);
    kind: FieldType::one(Scalar::Choice(IMPORT_KINDS)), "how it is imported" => text(import_kind(import.kind));
    resolves: FieldType::one(Scalar::Bool), "whether the environment has it; of an absolute name, its top-level module" =>
        resolves(environment, module, import);
    unresolved: FieldType::one(Scalar::Choice(Unresolved::WORDS)).optional(), "why it does not resolve, where it does not: \
        `other_platform`, `other_version`, `type_checking`, `optional` or `not_installed`" =>
        match resolves(environment, module, import) {
            Value::Bool(false) => text(Unresolved::why(&target(module, import), import).word()),
            Value::Unknown(reason) => Value::Unknown(reason),
            _ => Value::Absent,
        };
    distributions: FieldType::list(Scalar::Record(Kind::Distribution)), "the distributions that own what it names" =>
        owners(environment, module, import);
    line: LINE, "its line" => integer(import.line);
    text: TEXT, "the source line" => text(&import.text);
    module: FieldType::one(Scalar::Record(Kind::Module)), "the importing module" => Value::Record(Record::Module(environment, module));
});

fields!(COMPUTED_IMPORT, Record::ComputedImport(environment, module, import), {
    prefix: TEXT, "the constant beginning of the target" => text(&import.prefix);
    line: LINE, "its line" => integer(import.line);
    text: TEXT, "the source line" => text(&import.text);
    module: FieldType::one(Scalar::Record(Kind::Module)), "the importing module" => Value::Record(Record::Module(environment, module));
});

fields!(FUNCTION, Record::Function(module, function), {
    name: TEXT, "its name" => text(&function.name);
    parameters: FieldType::list(Scalar::Record(Kind::Parameter)), "parameters in order" => Value::records(
        function.parameters.iter().map(|parameter| Record::Parameter(module, function, parameter)), &Completeness::Complete);
    returns: TEXT.optional(), "the return annotation as text" => optional_text(&function.returns);
    decorators: FieldType::list(Scalar::String), "decorators without `@`" => texts(&function.decorators);
    async: FieldType::one(Scalar::Bool), "whether it is `async def`" => Value::Bool(function.is_async);
    line: LINE, "the line of `def`" => integer(function.line);
    conditional: FieldType::one(Scalar::Bool), "whether it stands under a condition, or is deleted later" => Value::Bool(function.conditional);
});

fields!(PARAMETER, Record::Parameter(_, _, parameter), {
    name: TEXT, "its name without `*`" => text(&parameter.name);
    kind: FieldType::one(Scalar::Choice(PARAMETER_KINDS)), "how arguments reach it" => text(match parameter.kind {
        ParameterKind::PositionalOnly => "positional_only",
        ParameterKind::PositionalOrKeyword => "positional_or_keyword",
        ParameterKind::VarPositional => "var_positional",
        ParameterKind::KeywordOnly => "keyword_only",
        ParameterKind::VarKeyword => "var_keyword",
    });
    annotation: TEXT.optional(), "the annotation as text" => optional_text(&parameter.annotation);
    default: TEXT.optional(), "the default as text" => optional_text(&parameter.default);
});

fields!(CLASS, Record::Class(module, class), {
    name: TEXT, "its name" => text(&class.name);
    bases: FieldType::list(Scalar::String), "base classes as text" => texts(&class.bases);
    metaclass: TEXT.optional(), "what `metaclass=` says as text" => optional_text(&class.metaclass);
    decorators: FieldType::list(Scalar::String), "decorators without `@`" => texts(&class.decorators);
    methods: FieldType::list(Scalar::Record(Kind::Function)), "methods in its body" => Value::records(
        class.methods.iter().map(|method| Record::Function(module, method)), &Completeness::Complete);
    classes: FieldType::list(Scalar::Record(Kind::Class)), "classes in its body" => Value::records(
        class.classes.iter().map(|inner| Record::Class(module, inner)), &Completeness::Complete);
    attributes: FieldType::list(Scalar::Record(Kind::Variable)), "variables bound in its body" => Value::records(
        class.attributes.iter().map(|attribute| Record::Variable(module, attribute)), &Completeness::Complete);
    instance_attributes: FieldType::list(Scalar::Record(Kind::Variable)), "attributes that its methods give to `self`" => Value::records(
        class.instance_attributes.iter().map(|attribute| Record::Variable(module, attribute)), &class.instance_attributes_complete);
    line: LINE, "the line of `class`" => integer(class.line);
    conditional: FieldType::one(Scalar::Bool), "whether it stands under a condition, or is deleted later" => Value::Bool(class.conditional);
});

fields!(VARIABLE, Record::Variable(_, variable), {
    name: TEXT, "its name" => text(&variable.name);
    annotation: TEXT.optional(), "the annotation as text" => optional_text(&variable.annotation);
    value: TEXT.optional(), "the value as text" => optional_text(&variable.value);
    line: LINE, "its line" => integer(variable.line);
    conditional: FieldType::one(Scalar::Bool), "whether it stands under a condition, or is deleted later" => Value::Bool(variable.conditional);
});

/// Whether a field tells of installed files, which are looked at only where something asks.
pub(crate) fn is_of_integrity(kind: Kind, field: &str) -> bool {
    match kind {
        Kind::Distribution => matches!(field, "modified" | "missing"),
        Kind::Environment => field == "unowned",
        _ => false,
    }
}

fn files<'a>(
    environment: &'a Environment,
    distribution: &'a Distribution,
    files: &'a [InstalledFile],
    complete: &Completeness,
) -> Value<'a> {
    Value::records(files.iter().map(|file| Record::InstalledFile(environment, Some(distribution), file)), complete)
}

/// An environment's distributions: as complete as its path is sure.
pub(super) fn distributions(environment: &Environment) -> Value<'_> {
    let records = environment.distributions.iter().map(|distribution| Record::Distribution(environment, distribution));
    Value::records(records, &environment.path_complete)
}

/// An environment's modules.
pub(super) fn modules(environment: &Environment) -> Value<'_> {
    Value::records(environment.modules.iter().map(|module| Record::Module(environment, module)), &environment.modules_complete)
}

/// The imports of all of an environment's modules; of modules whose imports are not all known, one reason for each cause.
pub(super) fn imports(environment: &Environment) -> Value<'_> {
    let mut items = Vec::new();
    let mut causes: BTreeMap<SmolStr, (&str, usize)> = BTreeMap::new();
    for module in &environment.modules {
        items.extend(imports_of(environment, module).map(Value::Record));
        // What differs from module to module (the line of an import, of an error) is the modules' own to tell.
        let cause = match imports_lack(module).into_iter().next() {
            None => continue,
            Some(_) if module.source.error.is_some() => "it does not parse".into(),
            Some(_) if !module.source.computed_imports.is_empty() => "the target of an import is computed when it runs".into(),
            Some(reason) => reason,
        };
        causes.entry(cause).or_insert((module.name.as_str(), 0)).1 += 1;
    }
    let told = causes.into_iter().map(|(cause, (first, number))| match number {
        1 => format!("what `{first}` imports is not all known: {cause}").into(),
        _ => format!("what `{first}` and {} more import is not all known: {cause}", number - 1).into(),
    });
    let lacks = lacks(&environment.modules_complete).into_iter().chain(told).collect();
    Value::List(items, lacks)
}

fn imports_of<'a>(environment: &'a Environment, module: &'a Module) -> impl Iterator<Item = Record<'a>> {
    module.source.imports.iter().map(move |import| Record::Import(environment, module, import))
}

/// Why a module's imports are not all known.
fn imports_lack(module: &Module) -> Vec<SmolStr> {
    let lacks = lacks(&module.source.imports_complete);
    if lacks.is_empty() { unread(module).into_iter().collect() } else { lacks }
}

/// Whether an import can be followed. What lies below a top-level module may be made when the program runs (`six.moves`).
fn resolves<'a>(environment: &Environment, module: &Module, import: &Import) -> Value<'a> {
    let target = target(module, import);
    let wanted = if import.level == 0 { target.split('.').next().unwrap_or_default() } else { target.as_str() };
    if environment.module(wanted).is_some() {
        return Value::Bool(true);
    }
    match lacks(&environment.modules_complete).into_iter().next() {
        Some(reason) if import.level == 0 => Value::Unknown(reason),
        _ => Value::Bool(false),
    }
}

/// The distributions of the modules that an import surely names.
fn owners<'a>(environment: &'a Environment, module: &Module, import: &Import) -> Value<'a> {
    let position = module.source.imports.iter().position(|other| std::ptr::eq(other, import));
    let named = module.edges.iter().filter(|edge| Some(edge.import as usize) == position && edge.certainty == Certainty::Must);
    let (mut distributions, mut any): (Vec<&Distribution>, _) = (Vec::new(), false);
    for target in named.filter_map(|edge| environment.module(&edge.target)) {
        any = true;
        let owner = environment.distributions.iter().find(|known| Some(&known.name) == target.distribution.as_ref());
        let Some(owner) = owner else { continue };
        if !distributions.iter().any(|known| std::ptr::eq(*known, owner)) {
            distributions.push(owner);
        }
    }
    let complete = if any { &Completeness::Complete } else { &environment.modules_complete };
    Value::records(distributions.into_iter().map(|owner| Record::Distribution(environment, owner)), complete)
}

/// Why nothing is known of a module's inside, where it has no source; nothing where its source was read.
pub(crate) fn unread(module: &Module) -> Option<SmolStr> {
    match module.kind {
        ModuleKind::Extension => Some("an extension module has no source".into()),
        ModuleKind::Bytecode => Some("only the byte code of the module is there".into()),
        ModuleKind::Package if module.file.as_deref().is_some_and(|file| file.ends_with(".so") || file.ends_with(".pyc")) => {
            Some("the package's `__init__` has no source".into())
        }
        ModuleKind::Package | ModuleKind::Source | ModuleKind::Namespace | ModuleKind::Builtin => None,
    }
}

/// A list of what stands in the source: incomplete where the source was not read whole.
fn structure<'a>(module: &'a Module, records: impl Iterator<Item = Record<'a>>) -> Value<'a> {
    let error = module.source.error.as_ref().map(|error| error.to_string().into());
    let builtin = (module.kind == ModuleKind::Builtin).then(|| "a builtin module has no source".into());
    let lacks = error.or_else(|| unread(module)).or(builtin);
    Value::List(records.map(Value::Record).collect(), lacks.into_iter().collect())
}

pub(super) fn lacks(completeness: &Completeness) -> Vec<SmolStr> {
    match Value::records(std::iter::empty(), completeness) {
        Value::List(_, lacks) => lacks,
        _ => Vec::new(),
    }
}

/// The absolute name of an import's target: leading dots count packages upwards.
pub(crate) fn target(module: &Module, import: &Import) -> String {
    if import.level == 0 {
        return import.target.to_string();
    }
    let up = import.level as usize - usize::from(matches!(module.kind, ModuleKind::Package | ModuleKind::Namespace));
    let segments: Vec<&str> = module.name.split('.').collect();
    let kept = segments.len().saturating_sub(up);
    let mut name = segments.get(..kept).unwrap_or_default().join(".");
    if !import.target.is_empty() {
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&import.target);
    }
    name
}

/// The word for a kind of import.
pub(crate) fn import_kind(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::TopLevel => "top_level",
        ImportKind::Conditional => "conditional",
        ImportKind::Guarded => "guarded",
        ImportKind::Function => "function",
        ImportKind::TypeChecking => "type_checking",
        ImportKind::Dynamic => "dynamic",
    }
}
