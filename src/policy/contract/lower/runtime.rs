//! What a contract asks of the interpreter, its platform and the environment variables; never whose they are.

use super::{
    Lowering,
    expression::{At, quoted},
};
use crate::policy::{
    contract::{
        admission::{Allowed, Runtime},
        spy_model::{Deployment, LiteralKind, Python, System},
    },
    syntax::ast::{Alternative, Clause, ClauseKind, Expression, Name, Operator, Region},
};

/// Architectures as kernels call them, and as OCI does.
const ARCHITECTURES: [(&str, &str); 8] = [
    ("x86_64", "amd64"),
    ("x64", "amd64"),
    ("aarch64", "arm64"),
    ("armv7l", "arm"),
    ("armv6l", "arm"),
    ("i386", "386"),
    ("i686", "386"),
    ("ppc64el", "ppc64le"),
];

impl Lowering<'_> {
    /// Rules for `runtime`.
    pub(super) fn runtime(&mut self, runtime: &Runtime) {
        let mut clauses = Vec::new();
        let all = [
            ("operating system", &runtime.os, platforms as fn(&Name) -> Vec<String>),
            ("architecture", &runtime.architecture, architectures),
        ];
        for (what, allowed, globs) in all {
            clauses.extend(listed(what, allowed, |value| {
                let at = At(value.region);
                globs(value).iter().map(|glob| at.text(glob)).collect()
            }));
        }
        clauses.extend(runtime.python.as_ref().into_iter().flat_map(|range| {
            let at = At(range.region);
            let message = format!("`{{m.name}}` runs with {{i.implementation}} {{i.version}}, not {}", quoted(&range.text));
            at.asserted(ClauseKind::Require(at.matches("i.version", [at.text(&range.text)]), None), &message, "R102")
        }));
        clauses.extend(implementations(&runtime.implementation));
        if let Some(first) = clauses.first() {
            let at = At(first.region);
            let mut whole = vec![self.subjects(at), at.each("i", "interpreters", Some(self.of_module(at)))];
            whole.append(&mut clauses);
            self.rule("runtime", "the module runs where the contract says", at, whole);
        }
        let mut clauses = Vec::new();
        for (name, value) in &runtime.environment {
            clauses.extend(variable(name, value.as_ref().map(|value| (value.text.as_str(), value.region)), "R103"));
        }
        if let Some(first) = clauses.first() {
            let at = At(first.region);
            let mut whole = vec![self.subjects(at)];
            whole.append(&mut clauses);
            self.rule("environment", "the environment is as the contract says", at, whole);
        }
    }

    /// Rules for `deployments`: one for each alternative, and one that asks that there is an alternative for this target.
    pub(super) fn deployments(&mut self, deployments: &[Deployment], region: Region) {
        let mut hosts = Vec::new();
        let mut number = 0_usize;
        for deployment in deployments {
            for system in &deployment.systems {
                for python in &system.pythons {
                    number += 1;
                    let host = host(deployment, system, python);
                    self.alternative(number, system, python, &host);
                    hosts.push(host);
                }
            }
        }
        if region == Region::default() || deployments.is_empty() {
            return;
        }
        let at = At(region);
        let at = At(Region { start: at.0.start, end: at.0.start + "deployments".len() });
        let some = at.or(hosts);
        let host = at.any(at.binding("i", "interpreters", Some(self.of_module(at))), some);
        let mut clauses = vec![self.subjects(at)];
        clauses.extend(at.asserted(ClauseKind::Require(host, None), "no deployment is for where `{m.name}` runs", "R104"));
        self.rule("deployment", "a deployment of the contract is for this target", at, clauses);
    }

    fn alternative(&mut self, number: usize, system: &System, python: &Python, host: &Expression) {
        let at = At(host.region);
        let runs = at.any(at.binding("i", "interpreters", Some(self.of_module(at))), host.clone());
        let alternative = Alternative { name: number.to_string(), group: "deployments".to_owned() };
        let group = at.clause(ClauseKind::Alternative(alternative));
        let title = "the module is as its deployment says";
        let structure: Vec<Clause> = python.modules.iter().flat_map(|module| self.structure(module)).collect();
        if !structure.is_empty() {
            let own = at.equal("i.path", at.path("n.environment.interpreter"));
            let some = at.any(at.binding("i", "interpreters", Some(own)), host.clone());
            let named = at.matches("n.name", [at.text(&self.subject)]);
            let applies = at.any(at.binding("n", "modules", Some(named)), some);
            let mut clauses = vec![at.clause(ClauseKind::Where(applies)), group.clone()];
            clauses.extend(structure);
            self.rule(&format!("deployment-{number:02}"), title, at, clauses);
        }
        let mut asked: Vec<Clause> =
            python.modules.iter().filter_map(|module| module.filename.as_ref()).flat_map(filename).collect();
        for wanted in &system.variables {
            let value = wanted.value.as_ref().and_then(|value| match &value.kind {
                LiteralKind::None => None,
                LiteralKind::Bool(true) => Some(("True", value.region)),
                LiteralKind::Bool(false) => Some(("False", value.region)),
                LiteralKind::Number(text) | LiteralKind::Text(text) => Some((text.as_str(), value.region)),
            });
            asked.extend(variable(&wanted.name, value, "R103"));
        }
        for secret in &system.secrets {
            asked.extend(variable(secret, None, "R103"));
        }
        if asked.is_empty() {
            // An alternative that asks for nothing else is kept where it applies.
            asked.extend(at.asserted(ClauseKind::Require(runs.clone(), None), "the deployment is for another target", "R104"));
        }
        let mut clauses = vec![self.subjects(at), at.clause(ClauseKind::Where(runs)), group];
        clauses.append(&mut asked);
        self.rule(&format!("deployment-{number:02}-environment"), title, at, clauses);
    }

    /// `i` is the interpreter of the environment of `m`.
    fn of_module(&self, at: At) -> Expression {
        at.equal("i.path", at.path("m.environment.interpreter"))
    }
}

/// What an alternative asks of the interpreter `i`.
fn host(deployment: &Deployment, system: &System, python: &Python) -> Expression {
    let (arch, os) = (deployment.arch, system.os);
    let at = At(python.region);
    let platform = format!("{}/{}", os.0, architecture(arch.0));
    let globs = [platform.clone(), format!("{platform}/*")];
    let mut asked = vec![At(arch.1).matches("i.platform", globs.iter().map(|glob| At(arch.1).text(glob)))];
    asked.extend(python.version.as_ref().map(|version| {
        let at = At(version.region);
        at.compare(at.path("i.version"), Operator::Equal, at.text(&version.text))
    }));
    asked.extend(python.interpreter.map(|(name, region)| At(region).matches("i.implementation", [At(region).text(name)])));
    at.and(asked)
}

/// An environment variable is there, perhaps with a value, which no message shows.
fn variable(name: &Name, value: Option<(&str, Region)>, code: &str) -> [Clause; 3] {
    let at = At(name.region);
    let named = at.equal("v.name", at.text(&name.text));
    let (wanted, what) = match value {
        None => (named, "is not set"),
        Some((value, region)) => {
            let valued = At(region).equal("v.value", At(region).text(value));
            (at.and(vec![named, valued]), "is not set to what the contract says")
        }
    };
    let found = at.any(at.binding("v", "target.env", None), wanted);
    at.asserted(ClauseKind::Require(found, None), &format!("the variable `{}` {what}", quoted(&name.text)), code)
}

/// The base name of the module's file.
pub(super) fn filename(name: &Name) -> [Clause; 3] {
    let at = At(name.region);
    let globs = [name.text.clone(), format!("**/{}", name.text)];
    let is = at.matches("m.file", globs.iter().map(|glob| at.text(&escaped(glob))));
    let message = format!("`{{m.name}}` is in {{m.file}}, not in a file `{}`", quoted(&name.text));
    at.asserted(ClauseKind::Require(is, None), &message, "S102")
}

/// A list of what is allowed, as globs on the platform of `i`.
fn listed(what: &str, allowed: &Allowed, globs: impl Fn(&Name) -> Vec<Expression>) -> Vec<Clause> {
    if allowed.values.is_empty() {
        return Vec::new();
    }
    let at = At(allowed.region);
    let is = at.matches("i.platform", allowed.values.iter().flat_map(globs));
    let names: Vec<_> = allowed.values.iter().map(|value| quoted(&value.text)).collect();
    let message = format!("`{{m.name}}` runs on {{i.platform}}; the {what} must be {}", names.join(" or "));
    at.asserted(ClauseKind::Require(is, None), &message, "R101").into()
}

fn implementations(allowed: &Allowed) -> Vec<Clause> {
    if allowed.values.is_empty() {
        return Vec::new();
    }
    let at = At(allowed.region);
    let is = at.matches("i.implementation", allowed.values.iter().map(|value| At(value.region).text(&escaped(&value.text))));
    let names: Vec<_> = allowed.values.iter().map(|value| quoted(&value.text)).collect();
    let message = format!("`{{m.name}}` runs with {{i.implementation}}, not with {}", names.join(" or "));
    at.asserted(ClauseKind::Require(is, None), &message, "R101").into()
}

fn platforms(os: &Name) -> Vec<String> {
    vec![format!("{}/**", escaped(&os.text.to_lowercase()))]
}

fn architectures(name: &Name) -> Vec<String> {
    let name = escaped(architecture(&name.text.to_lowercase()));
    vec![format!("*/{name}"), format!("*/{name}/*")]
}

fn architecture(name: &str) -> &str {
    ARCHITECTURES.iter().find(|(kernel, _)| *kernel == name).map_or(name, |(_, oci)| oci)
}

/// Text as a glob that matches only itself.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if "?[]{}\\!".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
