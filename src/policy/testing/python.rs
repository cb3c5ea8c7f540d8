//! Given environments, distributions and what is missing of them; never what stands in a module.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use smol_str::SmolStr;

use super::{facts::World, modules::ModuleDraft, values::Values};
use crate::{
    diagnostic::Diagnostic,
    facts::{
        Completeness, Distribution, Environment, EnvironmentKind, Fact, ImportIndex, InstalledFile, Inventory, Module,
        ModuleKind, Origin, OriginKind, Owner, PythonSource, normalised_name, parents, standard_modules,
    },
    policy::syntax::ast::RecordFact,
};

/// The prefix of the environment that modules and distributions at the top go into.
const PREFIX: &str = "/usr";

/// An environment while its modules are collected.
pub(super) struct Draft {
    pub(super) environment: Environment,
    pub(super) modules: BTreeMap<SmolStr, ModuleDraft>,
}

impl World<'_> {
    /// An environment, or something in the one that nobody named.
    pub(super) fn python(&mut self, record: &RecordFact) {
        if record.kind.text == "environment" {
            self.environment(record);
            return;
        }
        if record.kind.text == "more" {
            const KNOWN: [&str; 8] = [
                "modules",
                "distributions",
                "os_packages",
                "conda_packages",
                "binaries",
                "interpreters",
                "environments",
                "files",
            ];
            let Some((of, reason)) = self.more(record, &KNOWN) else { return };
            let inventory = &mut self.inventory;
            let complete = match of.as_str() {
                "os_packages" => Some(&mut inventory.os_packages_complete),
                "conda_packages" => Some(&mut inventory.conda_packages_complete),
                "binaries" => Some(&mut inventory.binaries_complete),
                "interpreters" => Some(&mut inventory.interpreters_complete),
                "environments" => Some(&mut inventory.environments_complete),
                "files" => Some(&mut inventory.files_complete),
                _ => None,
            };
            if let Some(complete) = complete {
                complete.lacks(reason);
                return;
            }
            let draft = self.unnamed();
            if let Some(draft) = self.environments.get_mut(draft) {
                lacks(&mut draft.environment, &of, reason);
            }
            return;
        }
        let draft = self.unnamed();
        self.part(draft, record);
    }

    /// The environment that nobody named: the first.
    fn unnamed(&mut self) -> usize {
        if self.environments.first().is_none_or(|draft| draft.environment.prefix != PREFIX) {
            let environment = empty(PREFIX, EnvironmentKind::System);
            self.environments
                .insert(0, Draft { environment: Environment { entry_point: true, ..environment }, modules: BTreeMap::new() });
        }
        0
    }

    fn environment(&mut self, record: &RecordFact) {
        let values = self.values(record);
        let prefix = values.text("prefix").unwrap_or_else(|| PREFIX.into());
        self.once("", &format!("environment {prefix:?}"), record.kind.region);
        let kind = match values.text("kind").as_deref() {
            Some("system") => EnvironmentKind::System,
            Some("conda") => EnvironmentKind::Conda,
            None if prefix == PREFIX => EnvironmentKind::System,
            _ => EnvironmentKind::Venv,
        };
        let mut environment = empty(&prefix, kind);
        environment.interpreter = values.text("interpreter").unwrap_or_default();
        environment.entry_point = values.truth("entry_point").unwrap_or(prefix == PREFIX);
        environment.path = values.texts("path").unwrap_or(environment.path);
        let at = if prefix == PREFIX { 0 } else { self.environments.len() };
        match self.environments.first_mut().filter(|draft| prefix == PREFIX && draft.environment.prefix == PREFIX) {
            Some(draft) => {
                let Environment { distributions, path_complete, modules_complete, unowned_complete, .. } =
                    std::mem::replace(&mut draft.environment, environment);
                let environment = &mut draft.environment;
                (environment.distributions, environment.path_complete) = (distributions, path_complete);
                (environment.modules_complete, environment.unowned_complete) = (modules_complete, unowned_complete);
            }
            None => self.environments.insert(at, Draft { environment, modules: BTreeMap::new() }),
        }
        for part in self.records(&record.facts, &["distribution", "module", "unowned", "more"], "in an environment") {
            match part.kind.text.as_str() {
                "more" => {
                    let more = self.more(&part, &["modules", "distributions", "unowned"]);
                    if let Some((draft, (of, reason))) = self.environments.get_mut(at).zip(more) {
                        lacks(&mut draft.environment, &of, reason);
                    }
                }
                "unowned" => {
                    let file = installed_file(&self.values(&part));
                    if let Some((draft, file)) = self.environments.get_mut(at).zip(file) {
                        draft.environment.unowned.push(file);
                    }
                }
                _ => self.part(at, &part),
            }
        }
    }

    /// `more modules "why"`: of what there may be more than is given, and why.
    pub(super) fn more(&mut self, record: &RecordFact, known: &[&str]) -> Option<(String, String)> {
        let values = self.values(record);
        let of = values.text("of")?;
        if !known.contains(&of.as_str()) {
            let help = format!("there may be more {}", super::values::listed(known));
            let message = format!("it is always known of what is given whether there are more `{of}`");
            let place = record.identity.as_ref().map_or(record.region, |identity| identity.region);
            self.reader.error(place, "unknown-choice", message, "not known here", help);
            return None;
        }
        let reason = values.text("reason").filter(|reason| !reason.is_empty());
        Some((of, reason.unwrap_or_else(|| "the test says so".into())))
    }

    /// A distribution or module of an environment.
    fn part(&mut self, draft: usize, record: &RecordFact) {
        match record.kind.text.as_str() {
            "distribution" => self.distribution(draft, record),
            _ => self.module(draft, record, None),
        }
    }

    fn distribution(&mut self, draft: usize, record: &RecordFact) {
        let values = self.values(record);
        let Some(name) = values.text("name") else { return };
        let Some(environment) = self.environments.get(draft).map(|draft| &draft.environment) else { return };
        let site = site(environment);
        let version = values.text_fact("version").unwrap_or_else(|| Fact::Known("1.0".into()));
        let shown = version.known().map(|version| format!("-{version}")).unwrap_or_default();
        let mut distribution = Distribution {
            normalized_name: normalised_name(&name),
            location: values.text("location").unwrap_or_else(|| format!("{site}/{name}{shown}.dist-info")),
            version,
            license: values.text("license"),
            requires: values.texts("requires").unwrap_or_default(),
            extras: values.texts("extras").unwrap_or_default(),
            requires_python: values.text("requires_python"),
            entry_points: values.texts("entry_points").unwrap_or_default(),
            requested: values.truth_fact("requested").unwrap_or_default(),
            installer: values.optional("installer", Some("pip".into())),
            os_package: values.text("os_package"),
            conda_package: values.text("conda_package"),
            editable: values.truth("editable").unwrap_or(false),
            origin: values.fact("origin", |_, _| None).unwrap_or_default(),
            declared: values.truth_fact("declared").unwrap_or_default(),
            layer: values.number("layer"),
            name: name.clone(),
            ..Distribution::default()
        };
        for part in self.records(&record.facts, &["origin", "module", "modified", "missing", "more"], "in a distribution") {
            match part.kind.text.as_str() {
                "module" => self.module(draft, &part, Some(&name)),
                "modified" => distribution.modified.extend(installed_file(&self.values(&part))),
                "missing" => distribution.missing.extend(installed_file(&self.values(&part))),
                "more" => {
                    let Some((of, reason)) = self.more(&part, &["modified", "missing"]) else { continue };
                    let of_modified = of == "modified";
                    let complete =
                        if of_modified { &mut distribution.modified_complete } else { &mut distribution.missing_complete };
                    complete.lacks(reason);
                }
                _ => {
                    let values = self.values(&part);
                    distribution.origin = Fact::Known(origin(&values));
                }
            }
        }
        if let Some(Draft { environment, .. }) = self.environments.get_mut(draft) {
            // As on a path, the first of a name hides the others.
            let hidden = environment.distributions.iter().any(|first| first.normalized_name == distribution.normalized_name);
            if hidden { &mut environment.shadowed } else { &mut environment.distributions }.push(distribution);
        }
    }

    /// The inventory, with the edges of what is imported.
    pub(super) fn finish(mut self) -> (Inventory, Vec<Diagnostic>) {
        let interpreter =
            self.inventory.interpreters.first().map_or_else(|| format!("{PREFIX}/bin/python3"), |first| first.path.clone());
        for Draft { mut environment, modules } in self.environments {
            if environment.interpreter.is_empty() {
                environment.interpreter.clone_from(&interpreter);
            }
            environment.modules = finished(modules);
            self.inventory.environments.push(environment);
        }
        (self.inventory, self.reader.diagnostics)
    }
}

fn empty(prefix: &str, kind: EnvironmentKind) -> Environment {
    Environment {
        interpreter: String::new(),
        prefix: prefix.to_owned(),
        kind,
        entry_point: false,
        path: vec![format!("{prefix}/lib/python3/site-packages")],
        path_complete: Completeness::Complete,
        distributions: Vec::new(),
        modules: Vec::new(),
        modules_complete: Completeness::Complete,
        ..Environment::default()
    }
}

/// The directory that distributions are installed in.
pub(super) fn site(environment: &Environment) -> String {
    format!("{}/lib/python3/site-packages", environment.prefix)
}

fn installed_file(values: &Values) -> Option<InstalledFile> {
    let reason = values.text("reason").unwrap_or_else(|| "the test says so".into());
    Some(InstalledFile { path: values.text("path")?, reason, layer: values.number("layer") })
}

fn lacks(environment: &mut Environment, of: &str, reason: String) {
    let complete = match of {
        "modules" => &mut environment.modules_complete,
        "unowned" => &mut environment.unowned_complete,
        _ => &mut environment.path_complete,
    };
    complete.lacks(reason);
}

fn origin(values: &Values) -> Origin {
    let url = values.text("url").unwrap_or_default();
    let kind = match values.text("type").as_deref() {
        Some("local") => OriginKind::Local,
        Some("archive") => OriginKind::Archive,
        _ => OriginKind::Vcs,
    };
    let repository = (kind == OriginKind::Vcs).then(|| url.trim_end_matches(".git").to_owned());
    Origin { kind, repository: values.optional("repository", repository), commit: values.text("commit"), url }
}

/// Modules with the packages that they lie in and with their edges, sorted by name.
fn finished(drafts: BTreeMap<SmolStr, ModuleDraft>) -> Vec<Module> {
    let given: HashSet<&str> = drafts.keys().map(SmolStr::as_str).collect();
    let standard: HashSet<&'static str> = standard_modules(None).map(|module| module.name).collect();
    // What nobody gave is in no index: a name that is taken from such a package may be anything.
    let index = ImportIndex::new(drafts.iter().map(|(name, draft)| (name.as_str(), &draft.source)), standard);
    let mut modules: BTreeMap<SmolStr, Module> = BTreeMap::new();
    for (name, draft) in &drafts {
        for package in parents(name) {
            if !given.contains(package) {
                modules.entry(package.into()).or_insert_with(|| draft.package(package));
            }
        }
        let kind = draft.kind.unwrap_or_else(|| {
            let below = SmolStr::from(format!("{name}."));
            let holds = drafts.range(below.clone()..).next().is_some_and(|(other, _)| other.starts_with(below.as_str()));
            if holds { ModuleKind::Package } else { ModuleKind::Source }
        });
        let is_package = matches!(kind, ModuleKind::Package | ModuleKind::Namespace);
        let resolved = index.edges(name, is_package, &draft.source);
        let mut source = draft.source.clone();
        if let Some(line) = resolved.beyond_top {
            source.imports_complete.lacks(format!("line {line}: a relative import goes beyond the top-level package"));
        }
        if let (ModuleKind::Extension, Owner::Own | Owner::Distribution | Owner::OsPackage | Owner::CondaPackage) =
            (kind, draft.owner)
        {
            source.imports_complete.lacks("an extension module: what it imports is compiled into it");
        }
        if kind == ModuleKind::Bytecode {
            source.imports_complete.lacks("there is only bytecode, no source");
        }
        modules.insert(name.clone(), draft.module(name, kind, source, resolved.edges));
    }
    modules.into_values().collect()
}

impl ModuleDraft {
    /// A package that nobody gave, for what lies in it: with an empty `__init__.py`.
    fn package(&self, name: &str) -> Module {
        let empty = Self {
            kind: None,
            owner: self.owner,
            distribution: self.distribution.clone(),
            file: None,
            site: self.site.clone(),
            layer: None,
            shadows: Vec::new(),
            reachable: self.reachable.clone(),
            vendored: self.vendored.clone(),
            source: PythonSource::default(),
        };
        empty.module(name, ModuleKind::Package, PythonSource::default(), Vec::new())
    }

    fn module(&self, name: &str, kind: ModuleKind, source: PythonSource, edges: Vec<crate::facts::ImportEdge>) -> Module {
        Module {
            name: name.into(),
            kind,
            file: self.file.clone().unwrap_or_else(|| self.default_file(name, kind)),
            owner: self.owner,
            distribution: self.distribution.clone(),
            layer: self.layer,
            shadows: self.shadows.clone(),
            reachable: self.reachable.clone(),
            vendored: self.vendored.clone(),
            source: Arc::new(source),
            edges,
        }
    }

    /// Where such a module would stand.
    fn default_file(&self, name: &str, kind: ModuleKind) -> Option<String> {
        let ending = match kind {
            ModuleKind::Package => "/__init__.py",
            ModuleKind::Source => ".py",
            ModuleKind::Extension => ".cpython-312-x86_64-linux-gnu.so",
            ModuleKind::Bytecode => ".pyc",
            ModuleKind::Namespace | ModuleKind::Builtin => return None,
        };
        let directory = match self.owner {
            Owner::Own => "/app",
            Owner::Stdlib => "/usr/lib/python3",
            Owner::OsPackage => "/usr/lib/python3/dist-packages",
            Owner::Distribution | Owner::CondaPackage => &self.site,
        };
        Some(format!("{directory}/{}{ending}", name.replace('.', "/")))
    }
}
