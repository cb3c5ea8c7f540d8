//! Given modules: what they import and what stands in them, as their source would say it; never what an import names.

use smol_str::SmolStr;

use super::{facts::World, forms, members::Members, python::site, values::Values};
use crate::{
    facts::{ComputedImport, Fact, Import, ImportKind, ModuleKind, Owner, PythonSource, Shadowed, SourceError},
    policy::syntax::ast::{self, ImportFact, RecordFact},
};

/// A module before its edges are known.
pub(super) struct ModuleDraft {
    /// As it is given.
    pub(super) kind: Option<ModuleKind>,
    pub(super) owner: Owner,
    pub(super) distribution: Option<String>,
    /// As it is given; it may be given as absent.
    pub(super) file: Option<Option<String>>,
    /// Where distributions of its environment stand.
    pub(super) site: String,
    pub(super) layer: Option<u32>,
    pub(super) shadows: Vec<Shadowed>,
    pub(super) reachable: Fact<bool>,
    pub(super) vendored: Option<SmolStr>,
    pub(super) source: PythonSource,
}

impl World<'_> {
    /// A module of an environment, and of the distribution that it stands in.
    pub(super) fn module(&mut self, draft: usize, record: &RecordFact, distribution: Option<&str>) {
        let Some(form) = forms::form("module") else { return };
        let values = self.reader.values(record, form);
        let source = self.source(record, &values);
        let Some(name) = values.text("name") else { return };
        let Some(environment) = self.environments.get(draft).map(|draft| &draft.environment) else { return };
        let (prefix, site) = (environment.prefix.clone(), site(environment));
        self.once(&prefix, &format!("module {name}"), record.kind.region);
        let distribution = values.optional("distribution", distribution.map(str::to_owned));
        let owner = match values.text("owner").as_deref() {
            Some("stdlib") => Owner::Stdlib,
            Some("distribution") => Owner::Distribution,
            Some("os_package") => Owner::OsPackage,
            Some("conda_package") => Owner::CondaPackage,
            None if distribution.is_some() => Owner::Distribution,
            _ => Owner::Own,
        };
        let Some(draft) = self.environments.get_mut(draft) else { return };
        let file = values.has("file").then(|| values.text("file"));
        let reachable = values.truth_fact("reachable").unwrap_or_else(|| Fact::Unknown("the test does not say".into()));
        let vendored = values.text("vendored").map(SmolStr::from);
        let (layer, shadows) = (values.number("layer"), shadows(&values, &name));
        let module =
            ModuleDraft { kind: kind(&values), owner, distribution, file, site, layer, shadows, reachable, vendored, source };
        draft.modules.insert(name.into(), module);
    }

    /// What stands in a module. Each fact stands on a line of its own, as in a file.
    fn source(&mut self, record: &RecordFact, values: &Values) -> PythonSource {
        let mut source = PythonSource::default();
        let mut line = 0;
        for fact in &record.facts {
            line += 1;
            match fact {
                ast::Fact::Import(import) => self.import(import, &mut line, &mut source),
                ast::Fact::Member(member) => Members::new(&mut self.reader).member(member, &mut line, &mut source),
                ast::Fact::Record(part) if part.kind.text == "more" => self.more_of_a_module(part, &mut source),
                ast::Fact::Record(_) => {
                    self.records(std::slice::from_ref(fact), &["import", "from", "def", "class", "more"], "in a module");
                }
            }
        }
        if values.truth("parses") == Some(false) {
            source.ends_with(SourceError { message: "invalid syntax".into(), line: line + 1 });
        }
        source.lacks_what_is_computed();
        source
    }

    fn more_of_a_module(&mut self, part: &RecordFact, source: &mut PythonSource) {
        if let Some((of, reason)) = self.more(part, &["imports", "names"]) {
            let complete = if of == "imports" { &mut source.imports_complete } else { &mut source.names_complete };
            complete.lacks(reason);
        }
    }

    fn import(&mut self, fact: &ImportFact, line: &mut u32, source: &mut PythonSource) {
        let written = self.reader.file.text(fact.region);
        let statement = written.split('(').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let text: SmolStr = statement.into();
        let keyword = if fact.names.is_some() { "from " } else { "import " };
        let column = u32::try_from(keyword.len()).unwrap_or(0) + 1;
        let width = u32::try_from(fact.target.text.chars().count()).unwrap_or(1);
        if let Some(prefix) = fact.target.text.strip_suffix('?') {
            let values = forms::form("computed import").map(|form| self.reader.settings(&fact.settings, form));
            let values = values.unwrap_or_default();
            *line = values.number("line").unwrap_or(*line);
            let text = values.text("text").map_or(text, SmolStr::new);
            source.computed_imports.push(ComputedImport { prefix: prefix.into(), line: *line, column, width, text });
            return;
        }
        let values = forms::form("import").map(|form| self.reader.settings(&fact.settings, form)).unwrap_or_default();
        *line = values.number("line").unwrap_or(*line);
        let target = fact.target.text.trim_start_matches('.');
        let level = u32::try_from(fact.target.text.len() - target.len()).unwrap_or(0);
        if level > 0 && fact.names.is_none() {
            let message = "a relative import takes names";
            let help = "write `from . import name`";
            self.reader.error(fact.region, "misplaced-fact", message, "Python has no such statement", help);
        }
        source.imports.push(Import {
            target: target.into(),
            names: fact.names.iter().flatten().map(|name| SmolStr::new(&name.text)).collect(),
            bound: Vec::new(),
            level,
            line: *line,
            column,
            width,
            kind: import_kind(&values),
            text: values.text("text").map_or(text, SmolStr::new),
        });
    }
}

fn kind(values: &Values) -> Option<ModuleKind> {
    Some(match values.text("kind")?.as_str() {
        "package" => ModuleKind::Package,
        "extension" => ModuleKind::Extension,
        "bytecode" => ModuleKind::Bytecode,
        "namespace" => ModuleKind::Namespace,
        "builtin" => ModuleKind::Builtin,
        _ => ModuleKind::Source,
    })
}

fn import_kind(values: &Values) -> ImportKind {
    match values.text("kind").as_deref() {
        Some("conditional") => ImportKind::Conditional,
        Some("guarded") => ImportKind::Guarded,
        Some("function") => ImportKind::Function,
        Some("type_checking") => ImportKind::TypeChecking,
        Some("dynamic") => ImportKind::Dynamic,
        _ => ImportKind::TopLevel,
    }
}

/// What a module hides: of the standard library all of it, or none.
fn shadows(values: &Values, name: &str) -> Vec<Shadowed> {
    let stdlib = values.truth("shadows_stdlib") == Some(true);
    let usual = || if stdlib { vec![format!("/usr/lib/python3/{}.py", name.replace('.', "/"))] } else { Vec::new() };
    let paths = values.texts("shadows").unwrap_or_else(usual);
    paths.into_iter().map(|path| Shadowed { path, stdlib }).collect()
}
