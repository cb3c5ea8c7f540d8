//! Rules: their clauses in order, import bans and messages; never expressions themselves.

use super::{
    resolved::{Assertion, AssertionKind, DecidedBy, Decision, Node, Part, Rule},
    scope::{Names, Scope},
};
use crate::{
    diagnostic::{Diagnostic, Label, Severity},
    facts::schema::{FieldType, Kind, Scalar},
    policy::{
        outcome::{ClausePlace, RuleMetadata},
        syntax::ast::{self, Clause, ClauseKind, Codes, File, OnUnknown, Region, Template, TemplatePart},
    },
};

impl Names {
    /// Resolves a rule; what is wrong is reported.
    pub(crate) fn rule(&mut self, file: &File, package: (usize, &str), rule: &ast::Rule, default: Option<OnUnknown>) -> Rule {
        let mut scope = Scope::new(file, package.0);
        scope.rule_params = self.rule_params(file, rule);
        let mut resolved = Rule {
            identity: format!("{}/{}", package.1, rule.name.text),
            name: rule.name.text.clone(),
            severity: rule.severity,
            title: rule.title.clone(),
            documentation: rule.documentation.clone(),
            metadata: RuleMetadata::default(),
            alternative: None,
            loops: Vec::new(),
            premises: Vec::new(),
            conditions: Vec::new(),
            needs_image: false,
            assertions: Vec::new(),
            slots: 0,
            on_unknown: default,
            decisions: Vec::new(),
        };
        for clause in &rule.clauses {
            match &clause.kind {
                ClauseKind::OnUnknown(choice) => {
                    self.said_once(&scope, rule, clause, "on unknown");
                    resolved.on_unknown = Some(*choice);
                }
                ClauseKind::For(_) | ClauseKind::ForGroups(_) | ClauseKind::Where(_) => {
                    self.range(&mut scope, &mut resolved, clause)
                }
                ClauseKind::Message(template) => {
                    self.message(&mut scope, &mut resolved, clause.region, template, |assertion| &mut assertion.message)
                }
                ClauseKind::Help(template) => {
                    self.message(&mut scope, &mut resolved, clause.region, template, |assertion| &mut assertion.help)
                }
                ClauseKind::Code(code) => self.code(&scope, &mut resolved, clause.region, code),
                ClauseKind::Tags(tags) => resolved.metadata.tags.extend(tags.iter().cloned()),
                ClauseKind::Link(link) => resolved.metadata.links.push(link.clone()),
                ClauseKind::Owner(owner) => {
                    self.said_once(&scope, rule, clause, "owner");
                    resolved.metadata.owner = Some(owner.clone());
                }
                ClauseKind::Alternative(alternative) => {
                    self.said_once(&scope, rule, clause, "alternative");
                    resolved.alternative = Some(alternative.clone());
                }
                // Defined before all rules, so that the command line can change it.
                ClauseKind::Param(_) => {}
                ClauseKind::Require(..)
                | ClauseKind::Forbid(..)
                | ClauseKind::ForbidImport(_)
                | ClauseKind::Protected(_)
                | ClauseKind::Layers(_)
                | ClauseKind::Independent(_)
                | ClauseKind::Acyclic(_)
                | ClauseKind::Structure(_) => self.assertion(&mut scope, &mut resolved, clause),
            }
        }
        if resolved.assertions.is_empty() && !rule.damaged {
            let message = format!("the rule `{}` asks for nothing", rule.name.text);
            self.error(&scope, rule.name.region, "empty-rule", message, "holds neither `require` nor `forbid`".into()).help =
                Some("add a `require` or a `forbid`".into());
        }
        resolved.slots = scope.slots;
        resolved
    }

    /// Reports a clause that stands in its rule already.
    fn said_once(&mut self, scope: &Scope<'_>, rule: &ast::Rule, clause: &Clause, word: &str) {
        let is_same = |other: &&Clause| std::mem::discriminant(&other.kind) == std::mem::discriminant(&clause.kind);
        let Some(first) = rule.clauses.iter().find(is_same).filter(|first| first.region != clause.region) else { return };
        let text = |clause: &Clause| squeezed(scope.file.text(clause.region));
        let help = if text(first) == text(clause) { "remove one of them" } else { "keep the one that is meant" };
        let span = scope.file.span(first.region);
        let message = format!("`{word}` is said twice in a rule");
        let diagnostic = self.error(scope, clause.region, "repeated-clause", message, "the second time".into());
        diagnostic.labels.push(Label { span, text: "the first time".into(), primary: false });
        diagnostic.help = Some(help.into());
    }

    /// `for` and `where`: before what they range over is judged.
    fn range(&mut self, scope: &mut Scope<'_>, resolved: &mut Rule, clause: &Clause) {
        if !resolved.assertions.is_empty() {
            let word = if matches!(clause.kind, ClauseKind::Where(_)) { "where" } else { "for" };
            let message = format!("`{word}` stands after a `require` or `forbid`");
            let diagnostic = self.error(scope, clause.region, "misplaced-clause", message, "too late".into());
            diagnostic.notes.push("a rule says first which subjects it judges, then what they must be".into());
            diagnostic.help = Some("move it up, or make it a rule of its own".into());
        }
        scope.mentions_image = false;
        match &clause.kind {
            ClauseKind::For(written) => {
                let place = written.condition.as_ref().map(|condition| condition.region);
                let mut binding = self.ranged(scope, written);
                (scope.loop_variables, scope.mentions_variable) = (scope.variables.len(), false);
                let condition = written.condition.as_ref().map(|condition| self.condition(scope, condition));
                let mut by = DecidedBy::Loop(resolved.loops.len());
                if scope.mentions_variable {
                    binding.condition = condition;
                } else {
                    by = DecidedBy::Premise(resolved.premises.len());
                    resolved.premises.extend(condition);
                }
                resolved.loops.push(binding);
                resolved.decided(scope, by, place);
            }
            ClauseKind::ForGroups(grouping) => {
                let place = grouping.condition.as_ref().map(|condition| condition.region);
                let mut binding = self.grouping(scope, grouping);
                let mut by = DecidedBy::Loop(resolved.loops.len());
                if !scope.mentions_variable && binding.condition.is_some() {
                    by = DecidedBy::Premise(resolved.premises.len());
                    resolved.premises.extend(binding.condition.take());
                }
                resolved.decided(scope, by, place);
                resolved.loops.push(binding);
            }
            ClauseKind::Where(condition) => {
                (scope.loop_variables, scope.mentions_variable) = (scope.variables.len(), false);
                let place = Some(condition.region);
                let condition = self.condition(scope, condition);
                if scope.mentions_variable {
                    resolved.decided(scope, DecidedBy::Condition(resolved.conditions.len()), place);
                    resolved.conditions.push(condition);
                } else {
                    resolved.decided(scope, DecidedBy::Premise(resolved.premises.len()), place);
                    resolved.premises.push(condition);
                }
            }
            _ => {}
        }
        resolved.needs_image |= scope.mentions_image;
    }

    fn assertion(&mut self, scope: &mut Scope<'_>, resolved: &mut Rule, clause: &Clause) {
        let ranges_itself = !matches!(clause.kind, ClauseKind::Require(..) | ClauseKind::Forbid(..));
        if ranges_itself && !resolved.loops.is_empty() {
            let message = "this ranges over modules by itself".to_owned();
            let diagnostic = self.error(scope, clause.region, "import-ban-in-loop", message, "inside `for`".into());
            diagnostic.help = Some("make it a rule of its own".into());
        }
        scope.mentions_image = false;
        if let ClauseKind::Require(_, Some(unless)) | ClauseKind::Forbid(_, Some(unless)) = &clause.kind {
            resolved.decided(scope, DecidedBy::Unless(resolved.assertions.len()), Some(unless.region));
        }
        let whole = scope.file.text(clause.region).to_owned();
        let (kind, text) = match &clause.kind {
            ClauseKind::Require(condition, unless) => {
                let mut node = self.condition(scope, condition);
                if let Some(unless) = unless {
                    node = Node::Or(vec![node, self.condition(scope, unless)]);
                }
                (AssertionKind::Require(node), scope.written(condition))
            }
            ClauseKind::Forbid(condition, unless) => {
                let mut node = self.condition(scope, condition);
                if let Some(unless) = unless {
                    node = Node::And(vec![node, Node::Not(Box::new(self.condition(scope, unless)))]);
                }
                (AssertionKind::Forbid(node), scope.written(condition))
            }
            ClauseKind::ForbidImport(ban) => (self.ban(scope, ban), whole),
            ClauseKind::Protected(protected) => (self.protected(scope, protected), whole),
            ClauseKind::Layers(layers) => (self.layers(scope, layers), whole),
            ClauseKind::Independent(group) => (self.independent(scope, group), whole),
            ClauseKind::Acyclic(group) => (self.acyclic(scope, group), whole),
            ClauseKind::Structure(structure) => (self.structure(scope, structure), whole),
            _ => return,
        };
        resolved.assertions.push(Assertion {
            kind,
            place: place(scope.file, clause.region),
            span: scope.file.span(clause.region),
            text: squeezed(&text),
            message: None,
            help: None,
            code: None,
            needs_image: scope.mentions_image,
        });
    }

    /// A message or help speaks for the clauses above it that have none.
    fn message(
        &mut self,
        scope: &mut Scope<'_>,
        resolved: &mut Rule,
        region: Region,
        template: &Template,
        field: fn(&mut Assertion) -> &mut Option<Vec<Part>>,
    ) {
        let before = scope.variables.len();
        match resolved.assertions.last().map(|assertion| &assertion.kind) {
            Some(AssertionKind::Ban(_) | AssertionKind::Chain(_)) => {
                scope.declare("importer", Some(FieldType::one(Scalar::Record(Kind::Module))));
                scope.declare("imported", Some(FieldType::one(Scalar::ModuleName)));
            }
            Some(AssertionKind::Structure(_)) => {
                scope.declare("module", Some(FieldType::one(Scalar::Record(Kind::Module))));
            }
            _ => {}
        }
        let mut parts = Vec::new();
        for part in &template.parts {
            parts.push(match part {
                TemplatePart::Text(text) => Part::Text(text.clone()),
                TemplatePart::Value(value) => Part::Value(self.expression(scope, value, None).node),
            });
        }
        scope.variables.truncate(before);
        let mut spoken = false;
        for assertion in resolved.assertions.iter_mut().rev() {
            let slot = field(assertion);
            if slot.is_some() {
                break;
            }
            *slot = Some(parts.clone());
            spoken = true;
        }
        if !spoken {
            let diagnostic = self.error(
                scope,
                region,
                "misplaced-clause",
                "this speaks for no `require` or `forbid`".into(),
                "nothing above it needs it".into(),
            );
            diagnostic.help = Some("put it below the clause that it explains".into());
        }
    }

    /// A code speaks for the clauses above it that have none.
    fn code(&mut self, scope: &Scope<'_>, resolved: &mut Rule, region: Region, code: &Codes) {
        let mut spoken = false;
        for assertion in resolved.assertions.iter_mut().rev().take_while(|assertion| assertion.code.is_none()) {
            assertion.code = Some(code.clone());
            spoken = true;
        }
        if !spoken {
            let message = "this speaks for no `require` or `forbid`".to_owned();
            let diagnostic = self.error(scope, region, "misplaced-clause", message, "nothing above it needs it".into());
            diagnostic.help = Some("put it below the clause that it names".into());
        }
    }

    /// Reports what is defined twice in one package.
    pub(crate) fn duplicate(
        &mut self,
        what: &str,
        name: &str,
        second: crate::diagnostic::Span,
        first: crate::diagnostic::Span,
    ) {
        self.diagnostics.push(
            Diagnostic::new("duplicate-name", Severity::Error, format!("the {what} `{name}` is defined twice"))
                .label(second, "the second time")
                .context(first, "the first time")
                .help("rename one of them"),
        );
    }
}

impl Rule {
    /// Notes where a condition stands, if there is one.
    fn decided(&mut self, scope: &Scope<'_>, by: DecidedBy, place: Option<Region>) {
        self.decisions.extend(place.map(|region| Decision { by, span: scope.file.span(region) }));
    }
}

/// Where a clause stands: its first line.
pub(super) fn place(file: &File, region: Region) -> ClausePlace {
    let at = file.lines.line_column(&file.source.text, region.start);
    let first_line = file.text(region).lines().next().unwrap_or("").trim_end();
    ClausePlace {
        file: file.source.name.clone(),
        line: at.line,
        column: at.column,
        width: u32::try_from(first_line.chars().count()).unwrap_or(u32::MAX),
        text: file.lines.line_text(&file.source.text, at.line).to_owned(),
    }
}

/// A condition on one line.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
