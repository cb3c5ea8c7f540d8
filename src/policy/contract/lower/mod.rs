//! Contracts to the syntax tree of policies, every node at its place in the YAML; never checking or judging.

mod dependencies;
mod expression;
mod runtime;
mod structure;

use self::{expression::At, runtime::filename};
use super::admission::{Contract, Generation};
use crate::{
    diagnostic::Severity,
    policy::syntax::ast::{Clause, ClauseKind, Expression, File, Name, Region, Rule},
};

/// Lowers one contract into its file.
pub(super) struct Lowering<'f> {
    file: &'f mut File,
    /// The pattern of the modules that the contract is about.
    subject: String,
    /// The contract's first line.
    start: Region,
}

/// Puts into `file` what `contract` asks of the modules that `subject` names.
pub(super) fn lower(file: &mut File, contract: &Contract, subject: String, start: Region) {
    let mut lowering = Lowering { file, subject, start };
    lowering.source();
    let structure = lowering.structure(&contract.module);
    if let Some(first) = structure.first() {
        let at = At(first.region);
        lowering.rule("structure", "the module has the structure that the contract says", at, structure);
    }
    if let Some(name) = &contract.module.filename {
        let at = At(name.region);
        let mut clauses = vec![lowering.subjects(at)];
        clauses.extend(filename(name));
        lowering.rule("filename", "the module's file has its name", at, clauses);
    }
    lowering.deployments(&contract.deployments, contract.deployments_region);
    lowering.runtime(&contract.runtime);
    if contract.generation == Generation::Admission {
        lowering.dependencies(contract);
    }
    lowering.evidence(contract);
}

impl Lowering<'_> {
    /// S001: what cannot be read cannot be judged.
    fn source(&mut self) {
        let at = At(self.start);
        let mut clauses = vec![self.subjects(at)];
        let message = "the source of `{m.name}` cannot be read: {m.file}";
        clauses.extend(at.asserted(ClauseKind::Require(at.path("m.parses"), None), message, "S001"));
        self.rule("source", "the module's source can be read", at, clauses);
    }

    fn evidence(&mut self, contract: &Contract) {
        let mut clauses = Vec::new();
        for required in &contract.evidence {
            let at = At(required.region);
            let arguments = vec![
                At(required.kind.region).text(&required.kind.text),
                At(required.subject.region).text(&required.subject.text),
            ];
            let whose = required.provider.as_ref().map_or("nobody", |provider| provider.text.as_str());
            let message = format!("`{}` gave no evidence of `{}` for `{}`", whose, required.kind.text, required.subject.text);
            let message = expression::quoted(&message);
            clauses.extend(at.asserted(ClauseKind::Require(at.call("evidence", arguments), None), &message, "P101"));
        }
        if let Some(first) = contract.evidence.first() {
            self.rule("evidence", "the evidence that the contract asks for is there", At(first.region), clauses);
        }
    }

    /// `for m in modules where m.name matches SUBJECT`.
    fn subjects(&self, at: At) -> Clause {
        at.each("m", "modules", Some(self.named(at)))
    }

    fn named(&self, at: At) -> Expression {
        at.matches("m.name", [at.text(&self.subject)])
    }

    fn rule(&mut self, name: &str, title: &str, at: At, clauses: Vec<Clause>) {
        self.file.rules.push(Rule {
            name: Name { text: name.to_owned(), region: at.0 },
            severity: Severity::Error,
            title: title.to_owned(),
            documentation: String::new(),
            clauses,
            damaged: false,
        });
    }
}
