//! What a contract asks of the distributions that a module imports, as rules over its imports; never resolving them.

use super::{
    Lowering,
    expression::{At, quoted},
};
use crate::{
    facts::{AddressKind, normalised_address},
    policy::{
        contract::admission::{Contract, Dependency, DependencyName},
        syntax::ast::{Clause, ClauseKind, Expression, ExpressionKind, Name, Operator, Region},
    },
};

impl Lowering<'_> {
    /// Rules for `dependencies` and `dependency_options`.
    pub(super) fn dependencies(&mut self, contract: &Contract) {
        for dependency in &contract.dependencies {
            self.dependency(dependency);
            self.required(dependency);
        }
        self.options(contract);
    }

    fn dependency(&mut self, dependency: &Dependency) {
        let mut asked: Vec<[Clause; 3]> = Vec::new();
        let shown = quoted(&dependency.key.text);
        asked.extend(dependency.version.as_ref().map(|range| {
            let at = At(range.region);
            let in_range = at.matches("d.version", [at.text(&range.text)]);
            let message = format!("`{{m.name}}` uses {{d.name}} {{d.version}}, and `{shown}` must be {}", quoted(&range.text));
            at.asserted(ClauseKind::Require(in_range, None), &message, "D104")
        }));
        asked.extend(dependency.declared.map(|(wanted, region)| {
            let at = At(region);
            let message = format!("`{{m.name}}` uses {{d.name}}, which the project {}", declares(wanted));
            at.asserted(ClauseKind::Require(is(at, "d.declared", wanted), None), &message, "D105")
        }));
        asked.extend(dependency.editable.map(|(wanted, region)| {
            let at = At(region);
            let state = if wanted { "is not installed in editable mode" } else { "is installed in editable mode" };
            let message = format!("`{{m.name}}` uses {{d.name}}, which {state}");
            at.asserted(ClauseKind::Require(is(at, "d.editable", wanted), None), &message, "D107")
        }));
        asked.extend(dependency.origin.iter().map(|(field, wanted)| {
            let at = At(wanted.region);
            let message = format!("`{{m.name}}` uses {{d.name}}, whose origin must have the {field} {}", quoted(&wanted.text));
            at.asserted(ClauseKind::Require(origin(field, wanted), None), &message, "D106")
        }));
        asked.extend(dependency.provenance.map(|region| {
            let at = At(region);
            let proved = at.call("evidence", vec![at.text("distribution.provenance"), at.path("d.name")]);
            at.asserted(ClauseKind::Require(proved, None), "nobody has proved where {d.name} comes from", "P101")
        }));
        let forbidden = dependency.allowed.filter(|(allowed, _)| !allowed).map(|(_, region)| region);
        match &dependency.name {
            DependencyName::Distribution(name) => self.of_distribution(dependency, name, forbidden, asked),
            DependencyName::Import(name) => self.of_import(dependency, name, forbidden, asked),
        }
    }

    fn of_distribution(&mut self, dependency: &Dependency, name: &str, forbidden: Option<Region>, asked: Vec<[Clause; 3]>) {
        let at = At(dependency.key.region);
        let mut clauses = self.imports(at);
        clauses.push(at.each("d", "i.distributions", Some(at.equal("d.normalized_name", at.text(name)))));
        let before = clauses.len();
        clauses.extend(forbidden.into_iter().flat_map(|region| {
            let at = At(region);
            let named = at.equal("d.normalized_name", at.text(name));
            at.asserted(ClauseKind::Forbid(named, None), "`{m.name}` uses {d.name}, which is not allowed", "D101")
        }));
        clauses.extend(asked.into_iter().flatten());
        if clauses.len() > before {
            self.rule(&format!("dependency-{name}"), &format!("`{name}` is as the contract says"), at, clauses);
        }
    }

    fn of_import(&mut self, dependency: &Dependency, name: &str, forbidden: Option<Region>, asked: Vec<[Clause; 3]>) {
        let at = At(dependency.key.region);
        let named = at.matches("i.target", [at.text(&format!("{name}.**"))]);
        let runs = not_for_type_checkers(at);
        let mut clauses = vec![self.subjects(at), at.each("i", "m.imports", Some(at.and(vec![named.clone(), runs])))];
        let mut before = clauses.len();
        clauses.extend(forbidden.into_iter().flat_map(|region| {
            let at = At(region);
            at.asserted(
                ClauseKind::Forbid(named.clone(), None),
                "`{m.name}` imports `{i.target}`, which is not allowed",
                "D101",
            )
        }));
        // What no distribution provides cannot be what is asked of it.
        for [assertion, _, code] in &asked {
            let owned = At(assertion.region);
            let some = owned.any(owned.binding("x", "i.distributions", None), owned.of(ExpressionKind::Boolean(true)));
            let message = "no distribution is known to provide `{i.target}`";
            clauses.extend([owned.clause(ClauseKind::Require(some, None)), owned.message(message), code.clone()]);
        }
        if clauses.len() > before {
            self.rule(&format!("import-{name}"), &format!("imports of `{name}` are as the contract says"), at, clauses.clone());
        }
        if !asked.is_empty() {
            clauses.truncate(before);
            clauses.push(at.each("d", "i.distributions", None));
            before = clauses.len();
            clauses.extend(asked.into_iter().flatten());
            debug_assert!(clauses.len() > before, "something is asked");
            let title = format!("what provides `{name}` is as the contract says");
            self.rule(&format!("provider-of-{name}"), &title, at, clauses);
        }
    }

    /// D103: something must be imported.
    fn required(&mut self, dependency: &Dependency) {
        let Some((true, region)) = dependency.required else { return };
        let at = At(region);
        let runs = Some(not_for_type_checkers(at));
        let (name, found) = match &dependency.name {
            DependencyName::Distribution(name) => {
                let one = at.any(at.binding("d", "i.distributions", None), at.equal("d.normalized_name", at.text(name)));
                (name, at.any(at.binding("i", "m.imports", runs), one))
            }
            DependencyName::Import(name) => {
                let one = at.matches("i.target", [at.text(&format!("{name}.**"))]);
                (name, at.any(at.binding("i", "m.imports", runs), one))
            }
        };
        let mut clauses = vec![self.subjects(at)];
        let message = format!("`{{m.name}}` does not import `{}`, which it must", quoted(&dependency.key.text));
        clauses.extend(at.asserted(ClauseKind::Require(found, None), &message, "D103"));
        self.rule(&format!("requires-{name}"), &format!("`{name}` is imported"), at, clauses);
    }

    fn options(&mut self, contract: &Contract) {
        let options = &contract.options;
        let unresolved = options.unresolved.unwrap_or(("deny", contract.module.region));
        if unresolved.0 == "deny" {
            let at = At(options.unresolved.map_or(self.start, |(_, region)| region));
            let mut clauses = self.imports(at);
            let message = "`{i.target}` cannot be found in the environment of `{m.name}`";
            clauses.extend(at.asserted(ClauseKind::Require(at.path("i.resolves"), None), message, "D102"));
            self.rule("imports-resolve", "imports can be resolved", at, clauses);
        }
        if let Some(("deny", region)) = options.undeclared {
            let at = At(region);
            let mut clauses = self.imports(at);
            clauses.push(at.each("d", "i.distributions", None));
            let message = "`{m.name}` uses {d.name}, which the project does not declare";
            clauses.extend(at.asserted(ClauseKind::Require(at.path("d.declared"), None), message, "D105"));
            self.rule("dependencies-are-declared", "dependencies are declared", at, clauses);
        }
        if let Some(("deny", region)) = options.unlisted {
            let at = At(region);
            let mut clauses = self.imports(at);
            clauses.push(at.each("d", "i.distributions", None));
            let listed = contract.dependencies.iter().filter_map(|dependency| match &dependency.name {
                DependencyName::Distribution(name) => Some(At(dependency.key.region).text(name)),
                DependencyName::Import(_) => None,
            });
            let listed: Vec<Expression> = listed.collect();
            let known = match listed.is_empty() {
                true => at.of(ExpressionKind::Boolean(false)),
                false => at.compare(at.path("d.normalized_name"), Operator::In, at.of(ExpressionKind::Set(listed))),
            };
            let message = "`{m.name}` uses {d.name}, which the contract does not list";
            clauses.extend(at.asserted(ClauseKind::Require(known, None), message, "D108"));
            self.rule("dependencies-are-listed", "dependencies are listed", at, clauses);
        }
    }

    /// `for m in modules ... for i in m.imports`: those that run.
    fn imports(&self, at: At) -> Vec<Clause> {
        vec![self.subjects(at), at.each("i", "m.imports", Some(not_for_type_checkers(at)))]
    }
}

/// Imports that only a type checker sees load nothing.
fn not_for_type_checkers(at: At) -> Expression {
    at.compare(at.path("i.kind"), Operator::NotEqual, at.text("type_checking"))
}

fn is(at: At, path: &str, wanted: bool) -> Expression {
    if wanted { at.path(path) } else { at.not(at.path(path)) }
}

fn declares(wanted: bool) -> &'static str {
    if wanted { "does not declare" } else { "declares" }
}

/// One field of `origin`. What an index gave has no `direct_url.json`, and neither has what no installer of today put there.
fn origin(field: &str, wanted: &Name) -> Expression {
    let at = At(wanted.region);
    match (field, wanted.text.as_str()) {
        ("type", "unknown") => at.absent("d.origin"),
        ("type", "index") => at.and(vec![at.absent("d.origin"), at.present("d.installer"), at.absent("d.os_package")]),
        (field, text) => {
            let kind = if field == "repository" { AddressKind::Repository } else { AddressKind::Plain };
            let address = normalised_address(text, kind).filter(|_| matches!(field, "url" | "repository"));
            at.equal(&format!("d.origin.{field}"), at.text(address.as_deref().unwrap_or(text)))
        }
    }
}
