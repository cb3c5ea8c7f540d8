//! Small inventories with everything in them that can be in doubt.

use std::sync::Arc;

use douane::facts::{
    Binary, Certainty, Class, Completeness, ComputedImport, CondaPackage, Distribution, Environment, EnvironmentKind,
    EnvironmentValue, EnvironmentVariable, Fact, File, FilePath, FileType, Function, Gap, HistoryEntry, Image, Import,
    ImportEdge, ImportKind, InstalledFile, Interpreter, InterpreterSource, Inventory, Layer, Libc, Linkage, Mode, Module,
    ModuleKind, OperatingSystem, Origin, OriginKind, OsPackage, Owner, Parameter, ParameterKind, PythonSource, SCHEMA_VERSION,
    SourceError, Target, Variable,
};

use crate::chance::Chance;

/// Names of modules: in environments, as targets, in patterns.
pub const NAMES: [&str; 14] =
    ["a", "b", "a.b", "a.c", "a.b.c", "a.b.c.d", "b.a", "ab", "a.test_x", "a.test_x.b", "test_x", "c", "c.d", "own"];
/// Names that are in no environment.
pub const ELSEWHERE: [&str; 4] = ["pickle", "os.path", "a.gone", "x.y"];
pub const PATHS: [&str; 5] = ["/usr/bin/a", "/usr/lib/b.so", "/a", "/usr/lib/x/y", "a"];
pub const WORDS: [&str; 6] = ["a", "", "B", "x y", "app", "a.b"];
const VERSIONS: [&str; 6] = ["1.0", "1", "2.1", "3.11.2", "2.0rc1", "odd"];
const TEXTS: [&str; 3] = ["int", "a", "None"];

/// An inventory.
pub fn inventory(chance: &mut Chance<'_>) -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION,
        environments: chance.some(3, environment),
        image: chance.happens(3, 4).then(|| image(chance)),
        interpreters: chance.some(3, interpreter),
        os_packages: chance.some(2, os_package),
        os_packages_complete: completeness(chance),
        conda_packages: chance.some(2, conda_package),
        conda_packages_complete: completeness(chance),
        binaries_complete: completeness(chance),
        interpreters_complete: completeness(chance),
        environments_complete: completeness(chance),
        files: chance.some(2, file),
        files_complete: completeness(chance),
        os: chance.happens(1, 2).then(|| operating_system(chance)),
        layers: chance.some(2, |chance| Layer {
            index: chance.below(2) as u32,
            digest: chance.one(&WORDS).into(),
            diff_id: chance.one(&WORDS).into(),
            size: chance.below(3) as u64,
            created_by: text(chance, &WORDS),
        }),
        binaries: chance.some(2, |chance| Binary {
            path: chance.one(&PATHS).into(),
            platform: chance.one(&["linux/amd64", "linux/arm64"]).into(),
            executable: chance.happens(1, 2),
            layer: layer(chance),
        }),
        gaps: chance.some(2, |chance| Gap {
            place: chance.one(&PATHS).into(),
            code: chance.one(&["a", "b"]).into(),
            reason: chance.one(&WORDS).into(),
            layer: layer(chance),
        }),
        target: Target {
            reference: chance.one(&["app:1", "a"]).into(),
            source: chance.one(&["oci", "dir", "machine"]).into(),
            digest: text(chance, &WORDS),
            platform: text(chance, &["linux/amd64"]),
            ..Target::default()
        },
    }
}

/// An inventory of modules alone, which import each other.
pub fn graph(chance: &mut Chance<'_>) -> Inventory {
    let environments = (0..chance.below(3) / 2 + 1).map(|_| {
        let modules = chance.some(11, |chance| {
            let module = module(chance, Detail::Imports);
            Module { owner: *chance.pick(&[Owner::Own, Owner::Own, module.owner]), ..module }
        });
        Environment { distributions: Vec::new(), ..environment_of(chance, modules) }
    });
    let environments = environments.collect();
    Inventory { environments, ..inventory(&mut Chance::new(&[])) }
}

/// How much of a module's source is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Everything,
    Imports,
}

fn file(chance: &mut Chance<'_>) -> File {
    File {
        path: FilePath::new(chance.one(&["", "/usr/bin"]).into(), chance.one(&["a", "b"])),
        kind: *chance.pick(&[FileType::File, FileType::Directory, FileType::Symlink]),
        size: chance.below(3) as u64,
        mode: Mode(*chance.pick(&[0o755, 0o4755, 0o1777])),
        uid: chance.below(2) as u64 * 1000,
        gid: 0,
        target: chance.happens(1, 2).then(|| chance.one(&PATHS).into()),
        os_package: chance.happens(1, 2).then(|| chance.one(&["bash"]).into()),
        layer: layer(chance),
    }
}

fn text(chance: &mut Chance<'_>, of: &[&str]) -> Option<String> {
    chance.happens(2, 3).then(|| chance.one(of).into())
}

fn layer(chance: &mut Chance<'_>) -> Option<u32> {
    chance.happens(1, 2).then(|| chance.below(2) as u32)
}

fn fact(chance: &mut Chance<'_>, of: &[&str]) -> Fact<String> {
    match chance.below(5) {
        0 => Fact::Absent,
        1 => Fact::Unknown("not to be told".into()),
        _ => Fact::Known(chance.one(of).into()),
    }
}

fn one_of<T: Clone>(chance: &mut Chance<'_>, of: &[T]) -> Fact<T> {
    match chance.below(5) {
        0 => Fact::Absent,
        1 => Fact::Unknown("not to be told".into()),
        _ => of.get(chance.below(of.len())).cloned().map_or(Fact::Absent, Fact::Known),
    }
}

fn completeness(chance: &mut Chance<'_>) -> Completeness {
    match chance.below(8) {
        6 => Completeness::Incomplete(vec!["a limit".into()]),
        7 => Completeness::Incomplete(Vec::new()),
        _ => Completeness::Complete,
    }
}

fn image(chance: &mut Chance<'_>) -> Image {
    Image {
        user: text(chance, &["", "root", "app", "1000"]),
        uid: match chance.below(4) {
            0 => Fact::Absent,
            1 => Fact::Unknown("no file".into()),
            other => Fact::Known((other as u64 - 2) * 1000),
        },
        env: chance.some(3, |chance| {
            let name = chance.one(&["PATH", "API_TOKEN", "DB_PASSWORD", "a"]);
            EnvironmentVariable { name: name.into(), value: EnvironmentValue::new(name, chance.one(&WORDS)) }
        }),
        labels: chance
            .some(2, |chance| (chance.one(&["a", "team"]).to_owned(), chance.one(&WORDS).to_owned()))
            .into_iter()
            .collect(),
        entrypoint: chance.some(2, |chance| chance.one(&WORDS).into()),
        cmd: chance.some(2, |chance| chance.one(&WORDS).into()),
        workdir: text(chance, &PATHS),
        exposed_ports: chance.some(2, |chance| chance.one(&["80/tcp", "53/udp"]).into()),
        created: text(chance, &["2026-10-02T10:00:00Z", "2024-02-29T00:00:00Z", "yesterday", "2026-11-01"]),
        history: chance.some(2, |chance| HistoryEntry {
            created_by: text(chance, &WORDS),
            empty_layer: chance.happens(1, 2),
            layer: layer(chance),
        }),
    }
}

fn operating_system(chance: &mut Chance<'_>) -> OperatingSystem {
    OperatingSystem {
        id: chance.one(&["debian", "alpine", ""]).into(),
        version_id: text(chance, &VERSIONS),
        name: chance.one(&WORDS).into(),
        libc: match chance.below(3) {
            0 => Fact::Absent,
            1 => Fact::Unknown("not to be told".into()),
            _ => Fact::Known(Libc {
                name: chance.one(&["glibc", "musl"]).into(),
                version: fact(chance, &VERSIONS),
                path: chance.one(&PATHS).into(),
            }),
        },
    }
}

fn os_package(chance: &mut Chance<'_>) -> OsPackage {
    OsPackage {
        name: chance.one(&["bash", "gcc"]).into(),
        version: chance.one(&VERSIONS).into(),
        architecture: text(chance, &["amd64"]),
        manager: chance.one(&["dpkg", "apk", "rpm"]).into(),
        source: text(chance, &["bash"]),
        license: fact(chance, &["MIT"]),
        layer: layer(chance),
    }
}

fn conda_package(chance: &mut Chance<'_>) -> CondaPackage {
    CondaPackage {
        name: chance.one(&["openssl", "numpy"]).into(),
        version: chance.one(&VERSIONS).into(),
        channel: text(chance, &["conda-forge"]),
        license: text(chance, &["MIT"]),
        prefix: chance.one(&PATHS).into(),
        location: chance.one(&PATHS).into(),
        layer: layer(chance),
        ..CondaPackage::default()
    }
}

fn interpreter(chance: &mut Chance<'_>) -> Interpreter {
    Interpreter {
        path: chance.one(&PATHS).into(),
        aliases: chance.some(2, |chance| chance.one(&PATHS).into()),
        language: "python".into(),
        implementation: chance.one(&["CPython", "PyPy"]).into(),
        version: fact(chance, &VERSIONS),
        implementation_version: fact(chance, &VERSIONS),
        platform: chance.one(&["linux/amd64", "linux/arm64"]).into(),
        debug: one_of(chance, &[true, false]),
        free_threaded: one_of(chance, &[true, false]),
        abi: fact(chance, &["cp313", "cp313t"]),
        soabi: fact(chance, &["cpython-313-x86_64-linux-gnu"]),
        linkage: one_of(chance, &[Linkage::Static, Linkage::Shared]),
        libc: one_of(chance, &[Libc { name: "musl".into(), version: Fact::Known("1.2.4".into()), path: "/lib/ld".into() }]),
        source: one_of(chance, &[InterpreterSource::OsPackage, InterpreterSource::Uv, InterpreterSource::Build]),
        os_package: text(chance, &["bash"]),
        conda_package: text(chance, &["python"]),
        layer: layer(chance),
    }
}

fn environment(chance: &mut Chance<'_>) -> Environment {
    let modules = chance.some(6, |chance| module(chance, Detail::Everything));
    environment_of(chance, modules)
}

fn environment_of(chance: &mut Chance<'_>, mut modules: Vec<Module>) -> Environment {
    modules.sort_by(|left, right| left.name.cmp(&right.name));
    modules.dedup_by(|left, right| left.name == right.name);
    Environment {
        interpreter: chance.one(&PATHS).into(),
        prefix: chance.one(&["/usr", "/venv"]).into(),
        kind: if chance.happens(1, 2) { EnvironmentKind::Venv } else { EnvironmentKind::System },
        entry_point: chance.happens(1, 2),
        path: chance.some(2, |chance| chance.one(&PATHS).into()),
        path_complete: completeness(chance),
        distributions: chance.some(3, distribution),
        modules,
        modules_complete: completeness(chance),
        shadowed: chance.some(1, distribution),
        unowned: chance.some(2, altered),
        unowned_complete: completeness(chance),
    }
}

fn altered(chance: &mut Chance<'_>) -> InstalledFile {
    InstalledFile { path: chance.one(&PATHS).into(), reason: "it is another".into(), layer: layer(chance) }
}

fn distribution(chance: &mut Chance<'_>) -> Distribution {
    let name = chance.one(&["a", "a-b", "urllib3"]);
    Distribution {
        name: chance.one(&["A", name]).into(),
        normalized_name: name.into(),
        version: fact(chance, &VERSIONS),
        location: chance.one(&PATHS).into(),
        requires: chance.some(2, |chance| chance.one(&WORDS).into()),
        installer: text(chance, &["pip", "uv"]),
        license: text(chance, &WORDS),
        extras: chance.some(2, |chance| chance.one(&WORDS).into()),
        requires_python: text(chance, &[">=3.8", "3"]),
        entry_points: chance.some(2, |chance| chance.one(&["console_scripts: a = a.b:c"]).into()),
        requested: match chance.below(4) {
            2 => Fact::Known(true),
            3 => Fact::Known(false),
            _ => Fact::Unknown("not said".into()),
        },
        origin: match chance.below(4) {
            2 => Fact::Unknown("not to be read".into()),
            3 => Fact::Known(Origin {
                kind: *chance.pick(&[OriginKind::Vcs, OriginKind::Local, OriginKind::Archive]),
                url: chance.one(&["https://h/a", "file:///a"]).into(),
                repository: text(chance, &["https://h/a"]),
                commit: text(chance, &["1f"]),
            }),
            _ => Fact::Absent,
        },
        declared: match chance.below(4) {
            2 => Fact::Known(true),
            3 => Fact::Known(false),
            _ => Fact::Absent,
        },
        os_package: text(chance, &["bash"]),
        conda_package: text(chance, &["a"]),
        editable: chance.happens(1, 3),
        layer: layer(chance),
        modified: chance.some(2, altered),
        modified_complete: completeness(chance),
        missing: chance.some(2, altered),
        missing_complete: completeness(chance),
    }
}

fn module(chance: &mut Chance<'_>, detail: Detail) -> Module {
    let name = chance.one(&NAMES);
    let kind = match chance.below(10) {
        0..=4 => ModuleKind::Source,
        5 | 6 => ModuleKind::Package,
        7 => ModuleKind::Extension,
        8 => ModuleKind::Namespace,
        _ => *chance.pick(&[ModuleKind::Bytecode, ModuleKind::Builtin]),
    };
    let file = match (kind, chance.below(6)) {
        (ModuleKind::Namespace | ModuleKind::Builtin, _) | (_, 5) => None,
        (ModuleKind::Package, 4) => Some(format!("/app/{name}.so")),
        (_, 3) => Some(format!("/venv/{name}.py")),
        _ => Some(format!("/app/{name}.py")),
    };
    let has_source = !file.as_deref().is_some_and(|file| file.ends_with(".so"));
    let source = if has_source { source(chance, kind, detail) } else { PythonSource::default() };
    let edges = edges(chance, name, kind, &source);
    Module {
        name: name.into(),
        kind,
        file,
        owner: *chance.pick(&[Owner::Own, Owner::Distribution, Owner::Stdlib, Owner::OsPackage, Owner::CondaPackage]),
        distribution: text(chance, &["a"]),
        layer: layer(chance),
        shadows: Vec::new(),
        vendored: chance.happens(1, 3).then(|| chance.one(&["a", "urllib3"]).into()),
        reachable: match chance.below(3) {
            0 => Fact::Known(true),
            1 => Fact::Known(false),
            _ => Fact::Unknown("computed".into()),
        },
        source: Arc::new(source),
        edges,
    }
}

fn source(chance: &mut Chance<'_>, kind: ModuleKind, detail: Detail) -> PythonSource {
    if !matches!(kind, ModuleKind::Source | ModuleKind::Package) {
        return PythonSource::default();
    }
    let mut source = PythonSource {
        imports: (1..).zip(chance.some(4, |chance| import(chance))).map(|(line, import)| Import { line, ..import }).collect(),
        ..PythonSource::default()
    };
    if detail == Detail::Everything {
        source.functions = chance.some(2, function);
        source.variables = chance.some(2, variable);
        source.classes = chance.some(1, class);
    }
    if chance.happens(1, 4) {
        source.computed_imports = chance.some(2, |chance| ComputedImport {
            prefix: chance.one(&["", "a.", "a.b", "pick", "pickle.x", ".", ".b", "test", "x.y.z", "zz."]).into(),
            line: chance.below(4) as u32 + 10,
            column: 1,
            width: 1,
            text: "import_module(name)".into(),
        });
        if !source.computed_imports.is_empty() {
            source.imports_complete.lacks("computes names");
        }
    }
    if chance.happens(1, 8) {
        source.error = Some(SourceError { message: "odd".into(), line: 2 });
        source.imports_complete.lacks("does not parse");
    }
    if chance.happens(1, 10) {
        source.imports_complete.lacks("a limit");
    }
    source
}

fn class(chance: &mut Chance<'_>) -> Class {
    Class {
        name: chance.one(&["a", "b"]).into(),
        bases: chance.some(2, |chance| chance.one(&TEXTS).into()),
        decorators: chance.some(1, |chance| chance.one(&TEXTS).into()),
        methods: chance.some(2, function),
        attributes: chance.some(2, variable),
        instance_attributes: chance.some(2, variable),
        instance_attributes_complete: completeness(chance),
        metaclass: text(chance, &TEXTS).map(Into::into),
        classes: Vec::new(),
        alternatives: Vec::new(),
        conditional: chance.happens(1, 4),
        line: chance.below(3) as u32 + 1,
    }
}

fn import(chance: &mut Chance<'_>) -> Import {
    let level = if chance.happens(1, 4) { chance.below(2) as u32 + 1 } else { 0 };
    let target = match chance.below(4) {
        3 => chance.one(&ELSEWHERE),
        _ if level > 0 => chance.one(&["", "b", "c.d"]),
        _ => chance.one(&NAMES),
    };
    let names = match (target, chance.below(3)) {
        ("", _) => vec![chance.one(&["a", "b"]).into()],
        (_, 0) => Vec::new(),
        _ => chance.some(2, |chance| chance.one(&["b", "c", "*", "test_x"]).into()),
    };
    let kinds = [
        ImportKind::TopLevel,
        ImportKind::Function,
        ImportKind::TypeChecking,
        ImportKind::Guarded,
        ImportKind::Conditional,
        ImportKind::Dynamic,
    ];
    Import {
        target: target.into(),
        bound: Vec::new(),
        names,
        level,
        line: 1,
        column: 8,
        width: target.len() as u32,
        kind: *chance.pick(&kinds),
        text: format!("import {target}").into(),
    }
}

/// The edges that the imports make: the module named and the packages that it lies in, and the names taken from it where they
/// are, or may be, modules.
fn edges(chance: &mut Chance<'_>, name: &str, kind: ModuleKind, source: &PythonSource) -> Vec<ImportEdge> {
    let mut edges: Vec<ImportEdge> = Vec::new();
    for (number, import) in (0..).zip(&source.imports) {
        let up = (import.level as usize).saturating_sub(usize::from(kind == ModuleKind::Package));
        let segments: Vec<&str> = name.split('.').collect();
        let base = match (import.level, segments.len().checked_sub(up)) {
            (0, _) => Vec::new(),
            (_, Some(kept)) if kept > 0 => segments[..kept].to_vec(),
            _ => continue,
        };
        let target: Vec<&str> = base.into_iter().chain(import.target.split('.').filter(|part| !part.is_empty())).collect();
        let mut add = |target: String, certainty| edges.push(ImportEdge { target: target.into(), import: number, certainty });
        for end in 1..=target.len() {
            add(target[..end].join("."), Certainty::Must);
        }
        for taken in import.names.iter().filter(|taken| *taken != "*") {
            match chance.below(3) {
                0 => add(format!("{}.{taken}", target.join(".")), Certainty::Must),
                1 => add(format!("{}.{taken}", target.join(".")), Certainty::May),
                _ => {}
            }
        }
    }
    edges.sort();
    edges.dedup_by(|later, earlier| later.target == earlier.target && later.import == earlier.import);
    edges
}

fn function(chance: &mut Chance<'_>) -> Function {
    Function {
        name: chance.one(&["a", "run"]).into(),
        parameters: chance.some(2, |chance| Parameter {
            name: chance.one(&["a", "b"]).into(),
            kind: *chance.pick(&[ParameterKind::PositionalOrKeyword, ParameterKind::KeywordOnly, ParameterKind::VarKeyword]),
            annotation: text(chance, &TEXTS).map(Into::into),
            default: text(chance, &TEXTS).map(Into::into),
        }),
        returns: text(chance, &TEXTS).map(Into::into),
        decorators: chance.some(1, |chance| chance.one(&TEXTS).into()),
        is_async: chance.happens(1, 2),
        conditional: chance.happens(1, 4),
        line: chance.below(3) as u32 + 1,
    }
}

fn variable(chance: &mut Chance<'_>) -> Variable {
    Variable {
        name: chance.one(&["a", "API"]).into(),
        annotation: text(chance, &TEXTS).map(Into::into),
        value: text(chance, &TEXTS).map(Into::into),
        conditional: chance.happens(1, 4),
        line: chance.below(3) as u32 + 1,
    }
}
