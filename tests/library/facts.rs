//! Inventories and their parts, made in code; never read from an image.

use std::sync::Arc;

use douane::facts::{
    Binary, Certainty, Completeness, ComputedImport, Distribution, Environment, EnvironmentKind, EnvironmentValue,
    EnvironmentVariable, Fact, Image, Import, ImportEdge, ImportKind, Interpreter, Inventory, Module, ModuleKind, OsPackage,
    Owner, PythonSource, SCHEMA_VERSION, SourceError, Target,
};

/// An image that keeps every rule, with something for each to judge.
pub fn clean() -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION,
        target: Target {
            reference: "app:1".into(),
            source: "oci".into(),
            platform: Some("linux/amd64".into()),
            ..Target::default()
        },
        image: Some(Image {
            user: Some("1000".into()),
            uid: Fact::Known(1000),
            env: vec![variable("PATH", "/usr/bin")],
            labels: [("org.opencontainers.image.source".to_owned(), "https://example.org/app".to_owned())].into(),
            ..Image::default()
        }),
        layers: Vec::new(),
        os: None,
        os_packages: vec![package("libc6")],
        os_packages_complete: Completeness::Complete,
        binaries: vec![binary("/usr/bin/env", "linux/amd64")],
        binaries_complete: Completeness::Complete,
        interpreters: vec![interpreter("CPython", "3.13.9")],
        interpreters_complete: Completeness::Complete,
        environments: vec![environment(vec![module("shop", Owner::Own, &["json"]), module("json", Owner::Stdlib, &[])])],
        environments_complete: Completeness::Complete,
        files: Vec::new(),
        files_complete: Completeness::Complete,
        gaps: Vec::new(),
    }
}

/// The clean image after a change.
pub fn with(change: impl FnOnce(&mut Inventory)) -> Inventory {
    let mut inventory = clean();
    change(&mut inventory);
    inventory
}

/// The same on a developer's own machine, which has no image configuration.
pub fn on_a_machine(mut inventory: Inventory) -> Inventory {
    inventory.target = Target { reference: "/".into(), source: "machine".into(), ..Target::default() };
    inventory.image = None;
    inventory
}

/// The same in a directory that holds a root file system.
pub fn in_a_directory(inventory: Inventory) -> Inventory {
    let mut inventory = on_a_machine(inventory);
    inventory.target.source = "dir".into();
    inventory
}

pub fn variable(name: &str, value: &str) -> EnvironmentVariable {
    EnvironmentVariable { name: name.into(), value: EnvironmentValue::new(name, value) }
}

pub fn package(name: &str) -> OsPackage {
    OsPackage { name: name.into(), version: "12.2.0-14".into(), manager: "dpkg".into(), ..OsPackage::default() }
}

pub fn binary(path: &str, platform: &str) -> Binary {
    Binary { path: path.into(), platform: platform.into(), executable: true, layer: None }
}

/// At `/usr/local/bin/python`, brought by no package.
pub fn interpreter(implementation: &str, version: &str) -> Interpreter {
    Interpreter {
        path: "/usr/local/bin/python".into(),
        aliases: Vec::new(),
        language: "python".into(),
        implementation: implementation.into(),
        version: Fact::Known(version.into()),
        implementation_version: Fact::Absent,
        platform: "linux/amd64".into(),
        os_package: None,
        layer: None,
    }
}

pub fn environment(modules: Vec<Module>) -> Environment {
    Environment {
        interpreter: "/usr/local/bin/python".into(),
        prefix: "/usr/local".into(),
        kind: EnvironmentKind::System,
        entry_point: true,
        path: Vec::new(),
        path_complete: Completeness::Complete,
        distributions: vec![distribution("flask")],
        modules,
        modules_complete: Completeness::Complete,
    }
}

pub fn distribution(name: &str) -> Distribution {
    Distribution {
        name: name.into(),
        normalized_name: name.into(),
        location: format!("/site-packages/{name}.dist-info"),
        ..Distribution::default()
    }
}

/// A module whose imports stand at top level, one a line.
pub fn module(name: &str, owner: Owner, targets: &[&str]) -> Module {
    importing(name, owner, targets, ImportKind::TopLevel)
}

/// A module whose imports are all of one kind.
pub fn importing(name: &str, owner: Owner, targets: &[&str], kind: ImportKind) -> Module {
    let mut imports = Vec::new();
    let mut edges = Vec::new();
    for (line, target) in (1..).zip(targets) {
        imports.push(Import {
            target: (*target).into(),
            names: Vec::new(),
            bound: Vec::new(),
            level: 0,
            line,
            column: 8,
            width: 1,
            kind,
            text: format!("import {target}").into(),
        });
        let ends = target.match_indices('.').map(|(at, _)| at).chain([target.len()]);
        edges.extend(ends.filter_map(|end| target.get(..end)).map(|target| ImportEdge {
            target: target.into(),
            import: line - 1,
            certainty: Certainty::Must,
        }));
    }
    edges.sort();
    Module {
        name: name.into(),
        kind: ModuleKind::Source,
        file: Some(format!("/app/{}.py", name.replace('.', "/"))),
        owner,
        distribution: None,
        layer: None,
        source: Arc::new(PythonSource { imports, ..PythonSource::default() }),
        edges,
    }
}

/// A module of the team's own that imports a computed name with this beginning.
pub fn computing(name: &str, prefix: &str) -> Module {
    let import = ComputedImport { prefix: prefix.into(), line: 3, column: 1, width: 9, text: "import_module(name)".into() };
    let mut source = PythonSource { computed_imports: vec![import], ..PythonSource::default() };
    source.imports_complete.lacks("line 3: the target of an import is computed");
    Module { source: Arc::new(source), ..module(name, Owner::Own, &[]) }
}

/// A module of the team's own that does not parse.
pub fn broken(name: &str) -> Module {
    let error = SourceError { message: "unexpected indentation".into(), line: 9 };
    let mut source = PythonSource { error: Some(error), ..PythonSource::default() };
    source.imports_complete.lacks("line 9: unexpected indentation");
    Module { source: Arc::new(source), ..module(name, Owner::Own, &[]) }
}
