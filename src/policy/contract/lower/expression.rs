//! Parts of syntax trees that stand at places of the YAML; never which of them a contract needs.

use crate::policy::syntax::ast::{
    Binding, Clause, ClauseKind, Codes, Expression, ExpressionKind, Name, Operator, Presence, Region, Template, TemplatePart,
};

/// Makes expressions that stand at one place: evidence names them by the text that is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct At(pub(super) Region);

impl At {
    pub(super) fn of(self, kind: ExpressionKind) -> Expression {
        Expression { kind, region: self.0 }
    }

    pub(super) fn word(self, text: &str) -> Name {
        Name { text: text.to_owned(), region: self.0 }
    }

    pub(super) fn name(self, text: &str) -> Expression {
        self.of(ExpressionKind::Name(text.to_owned()))
    }

    pub(super) fn text(self, text: &str) -> Expression {
        self.of(ExpressionKind::Text(text.to_owned()))
    }

    /// `a.b.c` of a variable or global and its fields.
    pub(super) fn path(self, path: &str) -> Expression {
        let mut names = path.split('.');
        let first = self.name(names.next().unwrap_or_default());
        names.fold(first, |base, field| self.of(ExpressionKind::Field(Box::new(base), self.word(field))))
    }

    pub(super) fn compare(self, left: Expression, operator: Operator, right: Expression) -> Expression {
        self.of(ExpressionKind::Compare(Box::new(left), operator, Box::new(right)))
    }

    pub(super) fn equal(self, left: &str, right: Expression) -> Expression {
        self.compare(self.path(left), Operator::Equal, right)
    }

    /// `path matches {texts}`.
    pub(super) fn matches(self, path: &str, texts: impl IntoIterator<Item = Expression>) -> Expression {
        let mut texts: Vec<Expression> = texts.into_iter().collect();
        let pattern = if texts.len() == 1 { texts.pop() } else { None };
        let pattern = pattern.unwrap_or_else(|| self.of(ExpressionKind::Set(texts)));
        self.compare(self.path(path), Operator::Matches, pattern)
    }

    pub(super) fn present(self, path: &str) -> Expression {
        self.of(ExpressionKind::IsAbsent(Box::new(self.path(path)), Presence::Present))
    }

    pub(super) fn absent(self, path: &str) -> Expression {
        self.of(ExpressionKind::IsAbsent(Box::new(self.path(path)), Presence::Absent))
    }

    pub(super) fn not(self, expression: Expression) -> Expression {
        self.of(ExpressionKind::Not(Box::new(expression)))
    }

    pub(super) fn and(self, operands: Vec<Expression>) -> Expression {
        self.joined(operands, ExpressionKind::And, true)
    }

    pub(super) fn or(self, operands: Vec<Expression>) -> Expression {
        self.joined(operands, ExpressionKind::Or, false)
    }

    fn joined(self, mut operands: Vec<Expression>, join: fn(Vec<Expression>) -> ExpressionKind, empty: bool) -> Expression {
        match operands.len() {
            0 => self.of(ExpressionKind::Boolean(empty)),
            1 => operands.remove(0),
            _ => self.of(join(operands)),
        }
    }

    pub(super) fn call(self, function: &str, arguments: Vec<Expression>) -> Expression {
        self.of(ExpressionKind::Call(self.word(function), arguments))
    }

    /// `variable in path where condition`.
    pub(super) fn binding(self, variable: &str, path: &str, condition: Option<Expression>) -> Binding {
        Binding { variable: self.word(variable), relation: Box::new(self.path(path)), condition: condition.map(Box::new) }
    }

    pub(super) fn any(self, binding: Binding, condition: Expression) -> Expression {
        self.of(ExpressionKind::Any(binding, Box::new(condition)))
    }

    pub(super) fn clause(self, kind: ClauseKind) -> Clause {
        Clause { kind, region: self.0 }
    }

    /// `for variable in path where condition`.
    pub(super) fn each(self, variable: &str, path: &str, condition: Option<Expression>) -> Clause {
        self.clause(ClauseKind::For(self.binding(variable, path, condition)))
    }

    /// An assertion with what to say, and ImportSpy's code for it.
    pub(super) fn asserted(self, assertion: ClauseKind, message: &str, code: &str) -> [Clause; 3] {
        [self.clause(assertion), self.message(message), self.code(code)]
    }

    /// A message; `{a.b}` in it is a value.
    pub(super) fn message(self, message: &str) -> Clause {
        self.clause(ClauseKind::Message(self.template(message)))
    }

    pub(super) fn code(self, code: &str) -> Clause {
        self.clause(ClauseKind::Code(Codes { missing: code.to_owned(), different: None, unknown: None }))
    }

    fn template(self, message: &str) -> Template {
        let mut parts = Vec::new();
        let mut rest = message;
        while let Some((before, after)) = rest.split_once('{') {
            let (path, after) = after.split_once('}').unwrap_or((after, ""));
            parts.push(TemplatePart::Text(before.to_owned()));
            parts.push(TemplatePart::Value(self.path(path)));
            rest = after;
        }
        parts.push(TemplatePart::Text(rest.to_owned()));
        parts.retain(|part| !matches!(part, TemplatePart::Text(text) if text.is_empty()));
        Template { parts }
    }
}

/// Text of a contract in a message, without what would mean something there.
pub(super) fn quoted(text: &str) -> String {
    text.chars()
        .filter(|letter| !"{}\\".contains(*letter))
        .map(|letter| if letter == '"' || letter.is_control() { '\'' } else { letter })
        .collect()
}
