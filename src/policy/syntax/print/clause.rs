//! Rules and their clauses as they are written; never what they mean.

use super::{
    Printer,
    document::Document,
    expression::Precedence,
    on_unknown,
    text::{quoted, quoted_set},
    trivia::{Distance, Row},
};
use crate::{
    diagnostic::Severity,
    policy::syntax::ast::{ClauseKind, Expression, ExpressionKind, Grouping, Region, Rule},
};

impl Printer<'_> {
    pub(super) fn rule(&self, rule: &Rule) -> Document {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let header = format!("rule {} {severity} {} ", rule.name.text, quoted(&rule.title));
        let region = self.trivia.item(rule.name.region);
        let clauses = rule.clauses.iter().filter_map(|clause| {
            let document = self.clause(&clause.kind)?;
            Some(Row { region: clause.region, document, distance: Distance::AsWritten })
        });
        self.braced(header, self.trivia.opened_after(rule.name.region.end), clauses.collect(), region.end)
    }

    /// `header { rows }`, each row on lines of its own.
    pub(super) fn braced(&self, header: String, open: usize, rows: Vec<Row>, close: usize) -> Document {
        let is_empty = rows.is_empty();
        let (behind, rows) = self.trivia.rows(open, rows, close);
        let inside =
            if is_empty && !rows.is_forced() { Document::nothing() } else { Document::All(vec![Document::Hard, rows]).nest() };
        Document::All(vec![Document::text(header), Document::text("{"), behind, inside, Document::Hard, Document::text("}")])
    }

    /// A clause; nothing where it says nothing.
    fn clause(&self, kind: &ClauseKind) -> Option<Document> {
        Some(match kind {
            ClauseKind::For(binding) => Document::All(vec![Document::text("for "), self.binding(binding, Precedence::Postfix)]),
            ClauseKind::ForGroups(grouping) => self.grouping(grouping),
            ClauseKind::Where(condition) => self.asked("where ", condition, None),
            ClauseKind::Require(condition, unless) => self.asked("require ", condition, unless.as_ref()),
            ClauseKind::Forbid(condition, unless) => self.asked("forbid ", condition, unless.as_ref()),
            ClauseKind::ForbidImport(ban) => self.ban(ban),
            ClauseKind::Protected(protected) => self.protected(protected),
            ClauseKind::Layers(layers) => self.layers(layers),
            ClauseKind::Independent(group) => self.group("independent ", group),
            ClauseKind::Acyclic(group) => self.group("acyclic ", group),
            ClauseKind::Structure(structure) => self.structure(structure),
            ClauseKind::Message(template) => Document::text(format!("message {}", self.template(template))),
            ClauseKind::Help(template) => Document::text(format!("help {}", self.template(template))),
            ClauseKind::OnUnknown(choice) => Document::text(on_unknown(*choice)),
            ClauseKind::Code(codes) => {
                let also = |word: &str, code: &Option<String>| {
                    code.as_ref().map(|code| format!(" {word} {}", quoted(code))).unwrap_or_default()
                };
                let (different, unknown) = (also("different", &codes.different), also("unknown", &codes.unknown));
                Document::text(format!("code {}{different}{unknown}", quoted(&codes.missing)))
            }
            ClauseKind::Alternative(alternative) => {
                Document::text(format!("alternative {} of {}", quoted(&alternative.name), quoted(&alternative.group)))
            }
            ClauseKind::Tags(tags) if tags.is_empty() => return None,
            ClauseKind::Tags(tags) => Document::text(format!("tags {}", quoted_set(tags.iter().map(String::as_str)))),
            ClauseKind::Owner(owner) => Document::text(format!("owner {}", quoted(owner))),
            ClauseKind::Link(link) => Document::text(format!("link {}", quoted(link))),
            ClauseKind::Param(param) => self.documented(&param.documentation, self.param(param)),
        })
    }

    /// `word condition unless exception`: the exception below, where either is more than one condition.
    pub(super) fn asked(&self, word: &'static str, condition: &Expression, unless: Option<&Expression>) -> Document {
        let mut all = vec![Document::text(word), self.body(condition).nest()];
        if let Some(unless) = unless {
            let below = is_chain(condition) || is_chain(unless);
            let line = if below { Document::Hard } else { Document::Line };
            let mut exception = self.comments_between(condition.region.end, unless.region.start);
            exception.extend([line, Document::text("unless "), self.body(unless).nest()]);
            all.push(Document::All(exception).nest());
        }
        Document::All(all).group()
    }

    /// An expression that stands for itself: its operands are not set deeper than it.
    pub(super) fn body(&self, expression: &Expression) -> Document {
        self.expression(expression, Precedence::Or)
    }

    /// `for key, items in relation group x by value where condition`.
    fn grouping(&self, grouping: &Grouping) -> Document {
        let Grouping { key, items, relation, element, by, condition } = grouping;
        let mut all = vec![
            Document::text(format!("for {}, {} in ", key.text, items.text)),
            self.enclosed(relation, Precedence::Postfix),
            Document::text(format!(" group {} by ", element.text)),
            self.enclosed(by, Precedence::Fallback),
        ];
        if let Some(condition) = condition {
            all.push(self.condition(by.region.end, condition));
        }
        Document::All(all).group()
    }
}

fn is_chain(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Or(_) | ExpressionKind::And(_))
}

/// From the first place to the last.
pub(super) fn across(first: Region, last: Region) -> Region {
    Region { start: first.start.min(last.start), end: first.end.max(last.end) }
}
