//! Expressions as they are written: parentheses where precedence needs them or a reader would; never their types.

use super::{Printer, document::Document, text::quoted, trivia::Stands};
use crate::policy::syntax::ast::{Binding, Expression, ExpressionKind, Presence, Region};

/// How tightly an expression holds together, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    /// `or`, and quantifiers, which take all that follows.
    Or,
    /// `and`.
    And,
    /// `not`.
    Not,
    /// Comparisons.
    Comparison,
    /// `??`.
    Fallback,
    /// Names, literals, fields.
    Postfix,
}

/// What follows an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// Another operand: a quantifier would take it for its own.
    Operand,
    /// Nothing of the same expression.
    Nothing,
}

impl Printer<'_> {
    /// An expression where at least this precedence is asked for.
    pub(super) fn expression(&self, expression: &Expression, least: Precedence) -> Document {
        self.operand(expression, least, Follows::Nothing)
    }

    /// An expression after which another one follows.
    pub(super) fn enclosed(&self, expression: &Expression, least: Precedence) -> Document {
        self.operand(expression, least, Follows::Operand)
    }

    fn operand(&self, expression: &Expression, least: Precedence, follows: Follows) -> Document {
        let taken = follows == Follows::Operand && ends_in_quantifier(expression);
        let loose = match &expression.kind {
            // It may stand wherever it is the last: only what holds tighter than `not` cannot end in one.
            ExpressionKind::Any(..) | ExpressionKind::All(..) => least > Precedence::Not,
            _ => precedence(expression) < least,
        };
        if !taken && !loose {
            return self.bare(expression);
        }
        let inside = self.bare(expression).nest();
        Document::All(vec![Document::text("("), inside, Document::text(")")])
    }

    fn bare(&self, expression: &Expression) -> Document {
        match &expression.kind {
            ExpressionKind::Or(operands) => self.chain(operands, "or ", Precedence::Not).group(),
            ExpressionKind::And(operands) => self.chain(operands, "and ", Precedence::Not).group(),
            ExpressionKind::Fallback(operands) => self.chain(operands, "?? ", Precedence::Postfix).group(),
            ExpressionKind::Not(operand) => match &operand.kind {
                ExpressionKind::Not(twice) => self.bare(twice),
                _ => Document::All(vec![Document::text("not "), self.expression(operand, Precedence::Not)]),
            },
            ExpressionKind::Compare(left, operator, right) => Document::All(vec![
                self.enclosed(left, Precedence::Postfix),
                Document::text(format!(" {} ", operator.symbol())),
                self.enclosed(right, Precedence::Postfix),
            ]),
            ExpressionKind::IsAbsent(operand, presence) => {
                let asked = if *presence == Presence::Absent { " is absent" } else { " is present" };
                Document::All(vec![self.enclosed(operand, Precedence::Postfix), Document::text(asked)])
            }
            ExpressionKind::Field(record, field) => {
                Document::All(vec![self.enclosed(record, Precedence::Postfix), Document::text(format!(".{}", field.text))])
            }
            ExpressionKind::Index(of, key) => Document::All(vec![
                self.enclosed(of, Precedence::Postfix),
                Document::text("["),
                self.expression(key, Precedence::Or),
                Document::text("]"),
            ]),
            ExpressionKind::Any(binding, body) => self.quantifier("any ", binding, body),
            ExpressionKind::All(binding, body) => self.quantifier("all ", binding, body),
            ExpressionKind::Count(relation) => call("count", vec![self.expression(relation, Precedence::Or)]),
            ExpressionKind::CountWhere(binding) => call("count", vec![self.binding(binding, Precedence::Fallback)]),
            ExpressionKind::CountDistinct(value, binding) => {
                let value = Document::All(vec![
                    Document::text("distinct "),
                    self.enclosed(value, Precedence::Or),
                    Document::text(" for "),
                    self.binding(binding, Precedence::Fallback),
                ]);
                call("count", vec![value])
            }
            ExpressionKind::Call(name, arguments) => {
                let arguments = arguments.iter().map(|argument| self.expression(argument, Precedence::Or)).collect();
                call(&name.text, arguments)
            }
            ExpressionKind::Name(name) => Document::text(name.clone()),
            ExpressionKind::Text(text) => Document::text(quoted(text)),
            ExpressionKind::Integer(number) => Document::text(number.to_string()),
            ExpressionKind::Boolean(truth) => Document::text(truth.to_string()),
            ExpressionKind::Date(date) => Document::text(date.to_string()),
            ExpressionKind::Set(items) => self.collection("{", items, "}", expression),
            ExpressionKind::List(items) => self.collection("[", items, "]", expression),
            ExpressionKind::Broken => Document::text(squeezed(self.file.text(expression.region))),
        }
    }

    /// Operands below each other where they do not fit on one line, each behind its operator. A reader need not know which of
    /// two operators holds tighter: operands of another one stand in parentheses.
    pub(super) fn chain(&self, operands: &[Expression], word: &'static str, least: Precedence) -> Document {
        let mut all = Vec::new();
        let mut before: Option<usize> = None;
        for (index, operand) in operands.iter().enumerate() {
            let follows = if index + 1 < operands.len() { Follows::Operand } else { Follows::Nothing };
            let document = self.operand(operand, least, follows);
            if let Some(before) = before {
                all.extend(self.comments_between(before, operand.region.start));
                all.extend([Document::Line, Document::text(word)]);
            }
            all.push(document);
            before = Some(operand.region.end);
        }
        Document::All(all)
    }

    /// Comments between two operands: the first behind the one, where it stands there, the others above the other.
    pub(super) fn comments_between(&self, start: usize, end: usize) -> Vec<Document> {
        let comments = self.trivia.take(start, end);
        let mut all = Vec::new();
        for comment in comments {
            all.push(match comment.stands {
                Stands::Behind => Document::Suffix(comment.text.into()),
                Stands::Alone => Document::All(vec![Document::Hard, Document::text(comment.text)]),
            });
        }
        all
    }

    fn quantifier(&self, word: &str, binding: &Binding, body: &Expression) -> Document {
        let body = Document::All(vec![Document::Line, self.expression(body, Precedence::Or)]).nest();
        let all = vec![Document::text(word), self.binding(binding, Precedence::Postfix), Document::text(":"), body];
        Document::All(all).group()
    }

    /// `x in relation where condition`.
    pub(super) fn binding(&self, binding: &Binding, relation: Precedence) -> Document {
        let mut all =
            vec![Document::text(format!("{} in ", binding.variable.text)), self.enclosed(&binding.relation, relation)];
        if let Some(condition) = &binding.condition {
            all.push(self.condition(binding.relation.region.end, condition));
        }
        Document::All(all).group()
    }

    /// `where condition` behind what ends at a place, or below it.
    pub(super) fn condition(&self, before: usize, condition: &Expression) -> Document {
        let mut all = self.comments_between(before, condition.region.start);
        all.extend([Document::Line, Document::text("where "), self.enclosed(condition, Precedence::Or).nest()]);
        Document::All(all).nest()
    }

    /// A set or list: on one line, or one level deeper, as many on each line as fit; with their comments.
    fn collection(&self, open: &'static str, items: &[Expression], close: &'static str, whole: &Expression) -> Document {
        let places: Vec<_> = items.iter().map(|item| item.region).collect();
        let documents = items.iter().map(|item| self.expression(item, Precedence::Or)).collect();
        let (items, rest) = self.listed(whole.region.start, &places, documents, whole.region.end);
        if items.is_empty() && rest.is_empty() {
            return Document::text(format!("{open}{close}"));
        }
        let comma = if items.is_empty() { Document::nothing() } else { Document::Broken(",") };
        let inside = [vec![Document::Soft, Document::Fill(items), comma], rest].concat();
        let all = vec![Document::text(open), Document::All(inside).nest(), Document::Soft, Document::text(close)];
        Document::All(all).group()
    }

    /// Items with commas between them, each with its comments; and the comments that follow the last.
    pub(super) fn listed(
        &self,
        open: usize,
        places: &[Region],
        documents: Vec<Document>,
        close: usize,
    ) -> (Vec<Document>, Vec<Document>) {
        let count = documents.len();
        let mut from = open;
        let mut items: Vec<Document> = Vec::new();
        for (index, (document, place)) in documents.into_iter().zip(places).enumerate() {
            let mut above = Vec::new();
            for comment in self.trivia.take(from, place.start) {
                match items.last_mut() {
                    Some(before) if comment.stands == Stands::Behind && above.is_empty() => {
                        before.append(Document::Suffix(comment.text.into()));
                    }
                    _ => above.extend([Document::text(comment.text), Document::Hard]),
                }
            }
            above.push(document);
            if index + 1 < count {
                above.push(Document::text(","));
            }
            items.push(Document::All(above));
            from = place.end;
        }
        let mut rest = Vec::new();
        for comment in self.trivia.take(from, close) {
            match comment.stands {
                Stands::Behind => rest.push(Document::Suffix(comment.text.into())),
                Stands::Alone => rest.extend([Document::Hard, Document::text(comment.text)]),
            }
        }
        (items, rest)
    }
}

/// `f(a, b)`: on one line, or one argument a line.
fn call(name: &str, arguments: Vec<Document>) -> Document {
    if arguments.is_empty() {
        return Document::text(format!("{name}()"));
    }
    let between = Document::All(vec![Document::text(","), Document::Line]);
    let inside = Document::All(vec![Document::Soft, Document::joined(arguments, &between)]).nest();
    Document::All(vec![Document::text(format!("{name}(")), inside, Document::Soft, Document::text(")")]).group()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn precedence(expression: &Expression) -> Precedence {
    match &expression.kind {
        ExpressionKind::Or(_) | ExpressionKind::Any(..) | ExpressionKind::All(..) => Precedence::Or,
        ExpressionKind::And(_) => Precedence::And,
        ExpressionKind::Not(operand) => match &operand.kind {
            ExpressionKind::Not(twice) => precedence(twice),
            _ => Precedence::Not,
        },
        ExpressionKind::Compare(..) | ExpressionKind::IsAbsent(..) => Precedence::Comparison,
        ExpressionKind::Fallback(_) => Precedence::Fallback,
        _ => Precedence::Postfix,
    }
}

/// Whether what follows an expression would be taken for a part of it.
fn ends_in_quantifier(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Any(..) | ExpressionKind::All(..) => true,
        ExpressionKind::Not(operand) => is_open(operand),
        ExpressionKind::Or(operands) | ExpressionKind::And(operands) => operands.last().is_some_and(is_open),
        _ => false,
    }
}

/// The same for an operand: one of another operator stands in parentheses.
fn is_open(operand: &Expression) -> bool {
    !matches!(operand.kind, ExpressionKind::Or(_) | ExpressionKind::And(_)) && ends_in_quantifier(operand)
}
