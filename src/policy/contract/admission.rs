//! What ImportSpy 0.5 added: dependencies, the runtime and evidence; never the structure of modules.

use pep440_rs::VersionSpecifiers;
use pep508_rs::PackageName;

use super::{
    Needs,
    fields::{Fields, Reader},
    spy_model::{Deployment, MODULE_KEYS, Module},
};
use crate::policy::{
    syntax::ast::{Name, Region},
    tree::{Entry, Node, Value, message::Message, scalar::Scalar},
};

/// Keys that only contracts of 0.5 have.
const ADMISSION_KEYS: [&str; 6] =
    ["schema_version", "policy_id", "runtime", "dependencies", "dependency_options", "evidence_requirements"];

const ORIGINS: [&str; 5] = ["unknown", "index", "vcs", "local", "archive"];

/// Which generation of ImportSpy a contract is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// 0.4: the structure of a module and its deployments.
    SpyModel,
    /// 0.5: with dependencies, the runtime and evidence.
    Admission,
}

/// A whole contract.
#[derive(Debug, Clone)]
pub(super) struct Contract {
    pub(super) generation: Generation,
    pub(super) policy_id: Option<Name>,
    pub(super) module: Module,
    pub(super) deployments: Vec<Deployment>,
    /// Where `deployments` stands.
    pub(super) deployments_region: Region,
    pub(super) runtime: Runtime,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) options: Options,
    pub(super) evidence: Vec<EvidenceRequirement>,
}

/// `runtime`: one host.
#[derive(Debug, Clone, Default)]
pub(super) struct Runtime {
    /// A range of versions.
    pub(super) python: Option<Name>,
    pub(super) os: Allowed,
    pub(super) architecture: Allowed,
    pub(super) implementation: Allowed,
    /// Names, and values where a value is asked for.
    pub(super) environment: Vec<(Name, Option<Name>)>,
}

/// A list of what is allowed; empty allows all.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowed {
    pub(super) region: Region,
    pub(super) values: Vec<Name>,
}

/// Whom an entry of `dependencies` speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DependencyName {
    /// A distribution, by its normalised name.
    Distribution(String),
    /// `import:NAME`: whatever provides this top-level module.
    Import(String),
}

/// An entry of `dependencies`.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    pub(super) key: Name,
    pub(super) name: DependencyName,
    pub(super) allowed: Option<(bool, Region)>,
    pub(super) required: Option<(bool, Region)>,
    pub(super) version: Option<Name>,
    pub(super) declared: Option<(bool, Region)>,
    pub(super) editable: Option<(bool, Region)>,
    /// `origin`: field names and what they must be.
    pub(super) origin: Vec<(&'static str, Name)>,
    /// Whether provenance must be proved.
    pub(super) provenance: Option<Region>,
}

/// `dependency_options`.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    /// `deny` where nothing is said.
    pub(super) unresolved: Option<(&'static str, Region)>,
    /// `allow` where nothing is said.
    pub(super) undeclared: Option<(&'static str, Region)>,
    /// `allow` where nothing is said.
    pub(super) unlisted: Option<(&'static str, Region)>,
}

/// An item of `evidence_requirements`.
#[derive(Debug, Clone)]
pub(super) struct EvidenceRequirement {
    pub(super) region: Region,
    pub(super) kind: Name,
    pub(super) subject: Name,
    pub(super) provider: Option<Name>,
}

impl Contract {
    /// What it takes to judge it.
    pub(super) fn needs(&self) -> Needs {
        let runtime = &self.runtime;
        let host =
            [&runtime.os, &runtime.architecture, &runtime.implementation].iter().any(|allowed| !allowed.values.is_empty());
        let denies = |option: Option<(&str, Region)>, default: &str| option.map_or(default, |(choice, _)| choice) == "deny";
        let options = &self.options;
        let distributions = denies(options.undeclared, "allow") || denies(options.unlisted, "allow");
        if host || runtime.python.is_some() || !self.deployments.is_empty() || !self.dependencies.is_empty() || distributions {
            Needs::Environment
        } else if self.generation == Generation::Admission && denies(options.unresolved, "deny") {
            Needs::Imports
        } else {
            Needs::Module
        }
    }
}

impl Reader {
    /// A whole contract; mistakes are collected, and what they touch is left out.
    pub(super) fn contract(&mut self, node: &Node) -> Option<Contract> {
        let known: Vec<&'static str> = ADMISSION_KEYS.iter().chain(&MODULE_KEYS).chain(&["deployments"]).copied().collect();
        let fields = self.fields(node, "a contract", &known)?;
        let is_new = ADMISSION_KEYS.iter().any(|key| fields.entry(key).is_some());
        self.schema_version(&fields);
        Some(Contract {
            generation: if is_new { Generation::Admission } else { Generation::SpyModel },
            policy_id: self.optional_text(&fields, "policy_id"),
            module: self.module(&fields),
            deployments: self.list(&fields, "deployments", Self::deployment),
            deployments_region: fields.entry("deployments").map(Entry::region).unwrap_or_default(),
            runtime: self.runtime(&fields),
            dependencies: self.dependencies(&fields),
            options: self.options(&fields),
            evidence: self.list(&fields, "evidence_requirements", Self::evidence_requirement),
        })
    }

    fn schema_version(&mut self, fields: &Fields<'_>) {
        let Some(entry) = fields.entry("schema_version") else { return };
        let is_one = matches!(&entry.value.value, Value::Plain(text) if Scalar::of(text) == Scalar::Integer("1".into()));
        if !is_one {
            let message = Message::new("unknown-edition", entry.value.region, "this schema of contracts is not known", "not 1");
            self.mistakes.push(message.help("write `schema_version: 1`"));
        }
    }

    fn runtime(&mut self, fields: &Fields<'_>) -> Runtime {
        let Some(entry) = fields.entry("runtime") else { return Runtime::default() };
        let known = ["python", "os", "architecture", "implementation", "environment"];
        let Some(fields) = self.fields(&entry.value, "a runtime", &known) else { return Runtime::default() };
        let python = self.optional_text(&fields, "python").filter(|range| self.range(range));
        let environment = match fields.entry("environment") {
            Some(entry) => self.environment(&entry.value),
            None => Vec::new(),
        };
        let mut allowed = |name: &'static str| Allowed {
            region: fields.entry(name).map(Entry::region).unwrap_or_default(),
            values: self.list(&fields, name, |reader, node| reader.text(node, name)),
        };
        Runtime {
            python,
            os: allowed("os"),
            architecture: allowed("architecture"),
            implementation: allowed("implementation"),
            environment,
        }
    }

    fn environment(&mut self, node: &Node) -> Vec<(Name, Option<Name>)> {
        let entries = self.mapping(node, "an environment").unwrap_or_default();
        let mut variables = Vec::new();
        for Entry { key, value } in entries {
            if super::fields::is_null(value) {
                variables.push((key.clone(), None));
            } else if let Some(text) = self.text(value, &key.text) {
                variables.push((key.clone(), Some(text)));
            }
        }
        variables
    }

    fn dependencies(&mut self, fields: &Fields<'_>) -> Vec<Dependency> {
        let Some(entry) = fields.entry("dependencies") else { return Vec::new() };
        let entries = self.mapping(&entry.value, "`dependencies`").unwrap_or_default();
        let mut found: Vec<Dependency> = Vec::new();
        for entry in entries {
            let name = self.dependency_name(&entry.key);
            let Some((name, dependency)) = name.zip(self.dependency(entry)) else { continue };
            if let Some(first) = found.iter().find(|known| known.name == name) {
                let message = format!("`{}` and `{}` name the same distribution", first.key.text, entry.key.text);
                let message = Message::new("duplicate-name", entry.key.region, message, "the second time");
                self.mistakes.push(message.context(first.key.region, "the first time").help("join them"));
                continue;
            }
            found.push(Dependency { name, ..dependency });
        }
        found
    }

    fn dependency_name(&mut self, key: &Name) -> Option<DependencyName> {
        if let Some(module) = key.text.strip_prefix("import:") {
            let is_name = module.chars().enumerate().all(|(index, letter)| {
                letter == '_' || if index == 0 { letter.is_alphabetic() } else { letter.is_alphanumeric() }
            });
            if is_name && !module.is_empty() {
                return Some(DependencyName::Import(module.to_owned()));
            }
            let message = format!("`{module}` is not the name of a top-level module");
            let message = Message::new("invalid-dependency", key.region, message, "not one name");
            self.mistakes.push(message.help("write `import:` and a name without points, such as `import:yaml`"));
            return None;
        }
        if let Ok(name) = PackageName::new(key.text.clone()) {
            return Some(DependencyName::Distribution(name.to_string()));
        }
        let message = format!("`{}` is not the name of a distribution", key.text);
        let message = Message::new("invalid-dependency", key.region, message, "not a name");
        self.mistakes.push(message.help("write the name of a distribution, such as `requests`, or `import:` and a module"));
        None
    }

    fn dependency(&mut self, entry: &Entry) -> Option<Dependency> {
        let known = ["allowed", "required", "version", "declared", "origin", "editable", "provenance"];
        let fields = self.fields(&entry.value, "a dependency", &known)?;
        Some(Dependency {
            key: entry.key.clone(),
            name: DependencyName::Distribution(String::new()),
            allowed: self.truth(&fields, "allowed"),
            required: self.truth(&fields, "required"),
            version: self.optional_text(&fields, "version").filter(|range| self.range(range)),
            declared: self.truth(&fields, "declared"),
            editable: self.truth(&fields, "editable"),
            origin: self.origin(&fields),
            provenance: self.provenance(&fields),
        })
    }

    fn provenance(&mut self, fields: &Fields<'_>) -> Option<Region> {
        let entry = fields.get("provenance")?;
        let inner = match &entry.value.value {
            Value::Map(_) => self.fields(&entry.value, "provenance", &["required"])?,
            _ => *fields,
        };
        let name = if matches!(entry.value.value, Value::Map(_)) { "required" } else { "provenance" };
        let (required, region) = self.truth(&inner, name)?;
        required.then_some(region)
    }

    fn origin(&mut self, fields: &Fields<'_>) -> Vec<(&'static str, Name)> {
        let Some(entry) = fields.get("origin") else { return Vec::new() };
        let known = ["type", "repository", "url", "commit"];
        let Some(fields) = self.fields(&entry.value, "an origin", &known) else { return Vec::new() };
        let mut asked = Vec::new();
        if let Some(entry) = fields.get("type")
            && let Some((kind, region)) = self.choice(&entry.value, "type", &ORIGINS)
        {
            asked.push(("type", Name { text: kind.to_owned(), region }));
        }
        for name in ["repository", "url"] {
            let Some(url) = self.optional_text(&fields, name) else { continue };
            if is_url(&url.text) {
                asked.push((name, url));
            } else {
                let message = format!("`{name}` is the whole address of where a distribution comes from");
                let message = Message::new("invalid-url", url.region, message, "no such address");
                self.mistakes.push(message.help("write one such as \"https://github.com/acme/tool\""));
            }
        }
        asked.extend(self.optional_text(&fields, "commit").map(|commit| ("commit", commit)));
        asked
    }

    fn options(&mut self, fields: &Fields<'_>) -> Options {
        let Some(entry) = fields.entry("dependency_options") else { return Options::default() };
        let known = ["unresolved", "undeclared", "unlisted"];
        let Some(fields) = self.fields(&entry.value, "`dependency_options`", &known) else { return Options::default() };
        let mut option = |name| {
            let entry = fields.entry(name)?;
            let (choice, _) = self.choice(&entry.value, name, &["allow", "deny"])?;
            Some((choice, entry.region()))
        };
        Options { unresolved: option("unresolved"), undeclared: option("undeclared"), unlisted: option("unlisted") }
    }

    fn evidence_requirement(&mut self, node: &Node) -> Option<EvidenceRequirement> {
        let fields = self.fields(node, "a requirement of evidence", &["kind", "subject", "provider", "status"])?;
        let kind = self.required_text(&fields, "kind");
        let subject = self.required_text(&fields, "subject");
        let provider = self.optional_text(&fields, "provider");
        if let Some(entry) = fields.get("status") {
            self.choice(&entry.value, "status", &["verified", "observed"]);
        }
        Some(EvidenceRequirement { region: fields.region, kind: kind?, subject: subject?, provider })
    }

    /// Whether a text is a range of versions; a mistake where it is none.
    fn range(&mut self, range: &Name) -> bool {
        let Err(error) = range.text.parse::<VersionSpecifiers>() else { return true };
        let reason = error.to_string();
        let reason = reason.lines().next().unwrap_or("").trim_end_matches([':', '.']).to_owned();
        let message = format!("`{}` is no range of versions: {reason}", range.text);
        let message = Message::new("invalid-version", range.region, message, "no range of versions");
        self.mistakes.push(message.help("ranges look like \">=3.11,<4\" (PEP 440)"));
        false
    }
}

/// Whether a text is an address with one of the schemes that distributions come from.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = ["https", "http", "ssh", "git", "file", "ftp"].contains(&scheme.to_ascii_lowercase().as_str());
    known && !text.chars().any(|letter| letter <= ' ') && (scheme.eq_ignore_ascii_case("file") || !rest.starts_with('/'))
}
