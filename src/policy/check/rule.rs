//! Rules: their clauses in order, import bans and messages; never expressions themselves.

use super::{
    pattern,
    resolved::{Assertion, AssertionKind, Ban, Class, Node, Part, Rule, Side},
    scope::{Names, Scope},
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    facts::{
        ImportKind,
        schema::{FieldType, IMPORT_KINDS, Kind, Scalar},
    },
    policy::{
        outcome::{ClausePlace, RuleMetadata},
        syntax::{
            ast::{self, Clause, ClauseKind, File, ImportBan, Name, OnUnknown, Patterns, Region, Template, TemplatePart},
            words::nearest,
        },
    },
};

impl Names {
    /// Resolves a rule; what is wrong is reported.
    pub(crate) fn rule(&mut self, file: &File, package: (usize, &str), rule: &ast::Rule, default: Option<OnUnknown>) -> Rule {
        let mut scope = Scope::new(file, package.0);
        let mut resolved = Rule {
            identity: format!("{}/{}", package.1, rule.name.text),
            name: rule.name.text.clone(),
            severity: rule.severity,
            title: rule.title.clone(),
            documentation: rule.documentation.clone(),
            metadata: RuleMetadata::default(),
            loops: Vec::new(),
            premises: Vec::new(),
            conditions: Vec::new(),
            needs_image: false,
            assertions: Vec::new(),
            slots: 0,
            on_unknown: default,
        };
        let mut said_unknown = None;
        for clause in &rule.clauses {
            match &clause.kind {
                ClauseKind::OnUnknown(choice) => {
                    if said_unknown.replace(clause.region).is_some() {
                        self.error(
                            &scope,
                            clause.region,
                            "repeated-clause",
                            "`on unknown` is said twice in a rule".into(),
                            "the second time".into(),
                        );
                    }
                    resolved.on_unknown = Some(*choice);
                }
                ClauseKind::For(_) | ClauseKind::Where(_) => self.range(&mut scope, &mut resolved, clause),
                ClauseKind::Message(template) => {
                    self.message(&mut scope, &mut resolved, clause.region, template, |assertion| &mut assertion.message)
                }
                ClauseKind::Help(template) => {
                    self.message(&mut scope, &mut resolved, clause.region, template, |assertion| &mut assertion.help)
                }
                ClauseKind::Require(..) | ClauseKind::Forbid(..) | ClauseKind::ForbidImport(_) => {
                    self.assertion(&mut scope, &mut resolved, clause);
                }
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

    /// `for` and `where`: before what they range over is judged.
    fn range(&mut self, scope: &mut Scope<'_>, resolved: &mut Rule, clause: &Clause) {
        if !resolved.assertions.is_empty() {
            let word = if matches!(clause.kind, ClauseKind::For(_)) { "for" } else { "where" };
            let message = format!("`{word}` stands after a `require` or `forbid`");
            let diagnostic = self.error(scope, clause.region, "misplaced-clause", message, "too late".into());
            diagnostic.notes.push("a rule says first which subjects it judges, then what they must be".into());
            diagnostic.help = Some("move it up, or make it a rule of its own".into());
        }
        scope.mentions_image = false;
        match &clause.kind {
            ClauseKind::For(written) => {
                let mut binding = self.ranged(scope, written);
                (scope.loop_variables, scope.mentions_variable) = (scope.variables.len(), false);
                let condition = written.condition.as_ref().map(|condition| self.condition(scope, condition));
                if scope.mentions_variable {
                    binding.condition = condition;
                } else {
                    resolved.premises.extend(condition);
                }
                resolved.loops.push(binding);
            }
            ClauseKind::Where(condition) => {
                (scope.loop_variables, scope.mentions_variable) = (scope.variables.len(), false);
                let condition = self.condition(scope, condition);
                let list = if scope.mentions_variable { &mut resolved.conditions } else { &mut resolved.premises };
                list.push(condition);
            }
            _ => {}
        }
        resolved.needs_image |= scope.mentions_image;
    }

    fn assertion(&mut self, scope: &mut Scope<'_>, resolved: &mut Rule, clause: &Clause) {
        scope.mentions_image = false;
        let (kind, text) = match &clause.kind {
            ClauseKind::Require(condition, unless) => {
                let mut node = self.condition(scope, condition);
                if let Some(unless) = unless {
                    node = Node::Or(vec![node, self.condition(scope, unless)]);
                }
                (AssertionKind::Require(node), condition.region)
            }
            ClauseKind::Forbid(condition, unless) => {
                let mut node = self.condition(scope, condition);
                if let Some(unless) = unless {
                    node = Node::And(vec![node, Node::Not(Box::new(self.condition(scope, unless)))]);
                }
                (AssertionKind::Forbid(node), condition.region)
            }
            ClauseKind::ForbidImport(ban) => {
                if !resolved.loops.is_empty() {
                    let diagnostic = self.error(
                        scope,
                        clause.region,
                        "import-ban-in-loop",
                        "an import ban ranges over modules by itself".into(),
                        "inside `for`".into(),
                    );
                    diagnostic.help = Some("make it a rule of its own".into());
                }
                (AssertionKind::Ban(self.ban(scope, ban)), clause.region)
            }
            _ => return,
        };
        resolved.assertions.push(Assertion {
            kind,
            place: place(scope.file, clause.region),
            text: squeezed(scope.file.text(text)),
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
        let ban = resolved.assertions.last().and_then(|assertion| match &assertion.kind {
            AssertionKind::Ban(_) => Some(()),
            _ => None,
        });
        let before = scope.variables.len();
        if ban.is_some() {
            scope.declare("importer", Some(FieldType::one(Scalar::Record(Kind::Module))));
            scope.declare("imported", Some(FieldType::one(Scalar::ModuleName)));
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

    fn ban(&mut self, scope: &mut Scope<'_>, ban: &ImportBan) -> Ban {
        let from = self.side(scope, &ban.from);
        let to = self.side(scope, &ban.to);
        let exceptions = ban
            .exceptions
            .iter()
            .map(|(from, to, region)| (self.side(scope, from), self.side(scope, to), scope.file.span(*region)))
            .collect();
        let ignoring = ban.ignoring.iter().filter_map(|kind| self.import_kind(scope, kind)).collect();
        let first = scope.variables.len();
        scope.slots = scope.slots.max(first + 2);
        Ban { from, to, exceptions, ignoring, slots: (first, first + 1) }
    }

    fn import_kind(&mut self, scope: &Scope<'_>, kind: &Name) -> Option<ImportKind> {
        Some(match kind.text.as_str() {
            "top_level" => ImportKind::TopLevel,
            "conditional" => ImportKind::Conditional,
            "guarded" => ImportKind::Guarded,
            "function" => ImportKind::Function,
            "type_checking" => ImportKind::TypeChecking,
            "dynamic" => ImportKind::Dynamic,
            other => {
                let listed: Vec<_> = IMPORT_KINDS.iter().map(|kind| format!("`{kind}`")).collect();
                let help = match nearest(other, IMPORT_KINDS.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("use one of {}", listed.join(", ")),
                };
                let message = format!("`{other}` is no kind of import");
                self.error(scope, kind.region, "unknown-choice", message, "not known here".into()).help = Some(help);
                return None;
            }
        })
    }

    fn side(&mut self, scope: &Scope<'_>, patterns: &Patterns) -> Side {
        let mut side = Side::default();
        for name in &patterns.patterns {
            match name.text.as_str() {
                "own" => side.classes.push(Class::Own),
                "third_party" => side.classes.push(Class::ThirdParty),
                "stdlib" => side.classes.push(Class::Stdlib),
                text => match pattern::parse(text) {
                    Ok(pattern) => {
                        side.patterns.push(self.patterns.number(pattern));
                        side.places.push(scope.file.span(name.region));
                    }
                    Err(error) => {
                        let start = name.region.start + error.start;
                        let end = (name.region.start + error.end).max(start + 1);
                        let message = format!("`{text}` is no module pattern: {}", error.reason);
                        let diagnostic =
                            self.error(scope, Region { start, end }, "invalid-module-pattern", message, error.reason.into());
                        diagnostic.help = Some(
                            "patterns look like `acme`, `acme.*` or `acme.**`; `own`, `third_party` and `stdlib` are classes"
                                .into(),
                        );
                    }
                },
            }
        }
        side
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

/// Where a clause stands: its first line.
fn place(file: &File, region: Region) -> ClausePlace {
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
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
