//! Which strings an expression can have, as far as the file itself decides it; never a guess: what is not sure is a constant beginning.

use ruff_python_ast::{Expr, ExprCall, FStringPart, InterpolatedStringElement, Operator};

use super::names::Names;

/// Most strings that one expression is narrowed to.
const MAX_VALUES: usize = 256;
/// Most names and operators that are followed for one expression.
const MAX_STEPS: usize = 64;

/// A string, or the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Piece {
    /// Whether it begins with the name of the module's own package (`__package__`, or `__name__` in an `__init__`).
    pub own: bool,
    /// What follows.
    pub text: String,
}

impl Piece {
    /// Both, one after the other; the name of the own package can only come first.
    fn then(&self, next: &Self) -> Option<Self> {
        if self.text.is_empty() && !self.own {
            return Some(next.clone());
        }
        (!next.own).then(|| Self { own: self.own, text: self.text.clone() + &next.text })
    }
}

/// The strings that an expression can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// One of these.
    Known(Vec<Piece>),
    /// Any string with this beginning.
    Beginning(Piece),
}

impl Text {
    fn literal(text: &str) -> Self {
        Self::Known(vec![Piece { own: false, text: text.to_owned() }])
    }

    fn own() -> Self {
        Self::Known(vec![Piece { own: true, text: String::new() }])
    }

    fn unknown() -> Self {
        Self::Beginning(Piece::default())
    }

    /// What all strings begin with.
    pub(super) fn beginning(self) -> Piece {
        match self {
            Self::Beginning(piece) => piece,
            Self::Known(pieces) => common_beginning(&pieces),
        }
    }

    fn then(self, next: Self) -> Self {
        let firsts = match self {
            Self::Known(firsts) => firsts,
            beginning @ Self::Beginning(_) => return beginning,
        };
        if let Self::Known(nexts) = &next
            && firsts.len() * nexts.len() <= MAX_VALUES
        {
            let joined: Option<Vec<_>> = firsts.iter().flat_map(|first| nexts.iter().map(|next| first.then(next))).collect();
            if let Some(pieces) = joined {
                return Self::Known(pieces);
            }
        }
        let beginning = common_beginning(&firsts);
        if firsts.len() > 1 {
            return Self::Beginning(beginning);
        }
        Self::Beginning(beginning.then(&next.beginning()).unwrap_or(beginning))
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(mut left), Self::Known(right)) if left.len() + right.len() <= MAX_VALUES => {
                for piece in right {
                    if !left.contains(&piece) {
                        left.push(piece);
                    }
                }
                Self::Known(left)
            }
            (left, right) => Self::Beginning(common_beginning(&[left.beginning(), right.beginning()])),
        }
    }
}

fn common_beginning(pieces: &[Piece]) -> Piece {
    let Some((first, rest)) = pieces.split_first() else { return Piece::default() };
    let mut common = first.clone();
    for piece in rest {
        if piece.own != common.own {
            return Piece::default();
        }
        let shared = common.text.chars().zip(piece.text.chars()).take_while(|(left, right)| left == right);
        let length = shared.map(|(letter, _)| letter.len_utf8()).sum();
        common.text.truncate(length);
    }
    common
}

/// Names bound by the loops around an expression, the innermost last; `None` where the values are not known.
pub(super) type Loops<'a> = Vec<(&'a str, Option<Text>)>;

/// Evaluates expressions of one file.
pub(super) struct Evaluator<'e, 'a> {
    pub names: &'e Names<'a>,
    pub loops: &'e [(&'a str, Option<Text>)],
}

impl<'a> Evaluator<'_, 'a> {
    /// The strings that `expression` can have.
    pub(super) fn text(&self, expression: &'a Expr) -> Text {
        self.evaluate(expression, &mut 0)
    }

    fn evaluate(&self, expression: &'a Expr, steps: &mut usize) -> Text {
        *steps += 1;
        if *steps > MAX_STEPS {
            return Text::unknown();
        }
        match expression {
            Expr::StringLiteral(string) => Text::literal(string.value.to_str()),
            Expr::Name(name) => self.name(name.id.as_str(), steps),
            Expr::BinOp(operation) if operation.op == Operator::Add => {
                let left = self.evaluate(&operation.left, steps);
                left.then(self.evaluate(&operation.right, steps))
            }
            Expr::BinOp(operation) if operation.op == Operator::Mod => match operation.left.as_ref() {
                Expr::StringLiteral(template) => self.percent(template.value.to_str(), &operation.right, steps),
                _ => Text::unknown(),
            },
            Expr::If(choice) => self.evaluate(&choice.body, steps).or(self.evaluate(&choice.orelse, steps)),
            Expr::Named(named) => self.evaluate(&named.value, steps),
            Expr::FString(string) => {
                let mut text = Text::literal("");
                for part in string.value.as_slice() {
                    match part {
                        FStringPart::Literal(literal) => text = text.then(Text::literal(&literal.value)),
                        FStringPart::FString(inner) => {
                            for element in &inner.elements {
                                text = text.then(self.element(element, steps));
                            }
                        }
                    }
                }
                text
            }
            Expr::Attribute(attribute) => match attribute.value.as_ref() {
                Expr::Name(name) if name.id == "__spec__" && matches!(attribute.attr.id.as_str(), "parent" | "name") => {
                    Text::own()
                }
                _ => Text::unknown(),
            },
            Expr::Subscript(subscript) => {
                if is_parent_of_name(&subscript.value) {
                    return Text::own();
                }
                self.any_of(self.items(&subscript.value), steps)
            }
            Expr::Call(call) => self.call(call, steps),
            _ => Text::unknown(),
        }
    }

    fn name(&self, name: &str, steps: &mut usize) -> Text {
        if let Some((_, values)) = self.loops.iter().rev().find(|(bound, _)| *bound == name) {
            return values.clone().unwrap_or_else(Text::unknown);
        }
        match self.names.bindings(name) {
            None if matches!(name, "__name__" | "__package__") => Text::own(),
            Some(bindings) if !bindings.opaque => self.any_of(Some(bindings.values.clone()), steps),
            _ => Text::unknown(),
        }
    }

    fn any_of(&self, expressions: Option<Vec<&'a Expr>>, steps: &mut usize) -> Text {
        let mut texts = expressions.into_iter().flatten().map(|expression| {
            *steps = steps.saturating_sub(usize::from(expression.is_string_literal_expr()));
            self.evaluate(expression, steps)
        });
        let Some(first) = texts.next() else { return Text::unknown() };
        texts.fold(first, Text::or)
    }

    fn element(&self, element: &'a InterpolatedStringElement, steps: &mut usize) -> Text {
        match element {
            InterpolatedStringElement::Literal(literal) => Text::literal(&literal.value),
            InterpolatedStringElement::Interpolation(value)
                if value.format_spec.is_none() && value.conversion.is_none() && value.debug_text.is_none() =>
            {
                self.evaluate(&value.expression, steps)
            }
            InterpolatedStringElement::Interpolation(_) => Text::unknown(),
        }
    }

    /// `"plugins.%s" % name`
    fn percent(&self, template: &str, operand: &'a Expr, steps: &mut usize) -> Text {
        let mut operands = match operand {
            Expr::Tuple(tuple) => tuple.elts.iter().collect::<Vec<_>>().into_iter(),
            single => vec![single].into_iter(),
        };
        let mut text = Text::literal("");
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('%') {
            text = text.then(Text::literal(before));
            if let Some(after) = after.strip_prefix('%') {
                text = text.then(Text::literal("%"));
                rest = after;
            } else if let (Some(after), Some(operand)) = (after.strip_prefix('s'), operands.next()) {
                text = text.then(self.evaluate(operand, steps));
                rest = after;
            } else {
                return text.then(Text::unknown());
            }
        }
        text.then(Text::literal(rest))
    }

    fn call(&self, call: &'a ExprCall, steps: &mut usize) -> Text {
        match call.func.as_ref() {
            Expr::Attribute(method) => match (method.attr.id.as_str(), method.value.as_ref()) {
                ("format", Expr::StringLiteral(template)) => self.format(template.value.to_str(), call, steps),
                ("join", Expr::StringLiteral(separator)) => {
                    let parts = call.arguments.args.first();
                    let Some(parts) = parts.and_then(display) else { return Text::unknown() };
                    let mut text = Text::literal("");
                    for (index, part) in parts.iter().enumerate() {
                        if index > 0 {
                            text = text.then(Text::literal(separator.value.to_str()));
                        }
                        text = text.then(self.evaluate(part, steps));
                    }
                    text
                }
                ("get", table) => {
                    let found = self.any_of(self.items(table), steps);
                    match call.arguments.args.get(1) {
                        Some(default) => found.or(self.evaluate(default, steps)),
                        None => found,
                    }
                }
                _ => Text::unknown(),
            },
            Expr::Name(name) if name.id == "str" => match &*call.arguments.args {
                [value] if call.arguments.keywords.is_empty() => self.evaluate(value, steps),
                _ => Text::unknown(),
            },
            _ => Text::unknown(),
        }
    }

    /// `"plugins.{}".format(name)`
    fn format(&self, template: &str, call: &'a ExprCall, steps: &mut usize) -> Text {
        let mut text = Text::literal("");
        let mut next = 0;
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(at);
            text = text.then(Text::literal(before));
            if let Some(after) = after.strip_prefix("{{") {
                text = text.then(Text::literal("{"));
                rest = after;
                continue;
            }
            if let Some(after) = after.strip_prefix("}}") {
                text = text.then(Text::literal("}"));
                rest = after;
                continue;
            }
            let Some((field, after)) = after.strip_prefix('{').and_then(|field| field.split_once('}')) else {
                return text.then(Text::unknown());
            };
            let value = if field.is_empty() {
                next += 1;
                call.arguments.args.get(next - 1)
            } else if let Ok(index) = field.parse::<usize>() {
                call.arguments.args.get(index)
            } else {
                call.arguments.find_keyword(field).map(|keyword| &keyword.value)
            };
            text = text.then(match value {
                Some(value) if !value.is_starred_expr() => self.evaluate(value, steps),
                _ => Text::unknown(),
            });
            rest = after;
        }
        text.then(Text::literal(rest))
    }

    /// What a loop over `iterable` yields.
    fn elements(&self, iterable: &'a Expr) -> Option<Vec<&'a Expr>> {
        match iterable {
            Expr::Name(name) => self.names.constant(name.id.as_str()).and_then(|value| match value {
                Expr::Name(_) => None,
                value => self.elements(value),
            }),
            Expr::Dict(dict) => dict.items.iter().map(|item| item.key.as_ref()).collect(),
            Expr::Call(call) => match call.func.as_ref() {
                Expr::Name(name)
                    if matches!(name.id.as_str(), "sorted" | "list" | "tuple" | "set" | "frozenset" | "reversed") =>
                {
                    self.elements(call.arguments.args.first()?)
                }
                Expr::Attribute(method) => match method.attr.id.as_str() {
                    "keys" => self.elements(&method.value),
                    "values" => self.items(&method.value),
                    _ => None,
                },
                _ => None,
            },
            _ => display(iterable),
        }
    }

    /// What a subscript of `table` can give.
    fn items(&self, table: &'a Expr) -> Option<Vec<&'a Expr>> {
        let value = match table {
            Expr::Name(name) => self.names.constant(name.id.as_str())?,
            value => value,
        };
        match value {
            Expr::Dict(dict) => dict.items.iter().map(|item| item.key.is_some().then_some(&item.value)).collect(),
            value => display(value),
        }
    }

    /// The names that a loop binds, with their values. `Some` values hold for the whole loop.
    pub(super) fn loop_names(&self, target: &'a Expr, iterable: &'a Expr) -> Loops<'a> {
        match target {
            Expr::Name(name) => {
                let values = self.elements(iterable).map(|elements| self.any_of(Some(elements), &mut 0));
                vec![(name.id.as_str(), values)]
            }
            Expr::Tuple(tuple) => {
                let rows = self.rows(iterable);
                let column = |index: usize| -> Option<Text> {
                    let cells = rows.as_ref()?.iter().map(|row| row.get(index).copied()).collect::<Option<Vec<_>>>()?;
                    Some(self.any_of(Some(cells), &mut 0))
                };
                let names = tuple.elts.iter().enumerate();
                names.filter_map(|(index, element)| Some((element.as_name_expr()?.id.as_str(), column(index)))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn rows(&self, iterable: &'a Expr) -> Option<Vec<Vec<&'a Expr>>> {
        if let Expr::Call(call) = iterable
            && let Expr::Attribute(method) = call.func.as_ref()
            && method.attr.id == "items"
        {
            let Expr::Dict(dict) = (match method.value.as_ref() {
                Expr::Name(name) => self.names.constant(name.id.as_str())?,
                value => value,
            }) else {
                return None;
            };
            return dict.items.iter().map(|item| Some(vec![item.key.as_ref()?, &item.value])).collect();
        }
        self.elements(iterable)?.into_iter().map(display).collect()
    }

    /// The strings of the elements of `iterable`.
    pub(super) fn each(&self, iterable: &'a Expr) -> Text {
        self.any_of(self.elements(iterable), &mut 0)
    }
}

/// The elements of a tuple, list or set that is written out.
fn display(expression: &Expr) -> Option<Vec<&Expr>> {
    let elements = match expression {
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::List(list) => &list.elts,
        Expr::Set(set) => &set.elts,
        _ => return None,
    };
    elements.iter().map(|element| (!element.is_starred_expr()).then_some(element)).collect()
}

/// `__name__.rpartition(".")` and `__name__.rsplit(".", 1)`, whose first part is the package.
fn is_parent_of_name(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    let Expr::Attribute(method) = call.func.as_ref() else { return false };
    matches!(method.value.as_ref(), Expr::Name(name) if name.id == "__name__")
        && matches!(method.attr.id.as_str(), "rpartition" | "rsplit")
}
