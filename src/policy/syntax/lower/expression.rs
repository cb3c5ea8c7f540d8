//! Grammar pairs to the tree: expressions; never resolving a name.

use pest::iterators::Pair;

use super::Lowering;
use crate::policy::syntax::{
    ast::{Binding, Expression, ExpressionKind, Name, Operator, Presence, Region},
    errors,
    parse::Rule,
    scan::MAX_DEPTH,
};

impl Lowering {
    /// Lowers an expression; recursion is bounded by the depth that the scan allows.
    pub(super) fn expression(&mut self, pair: Pair<'_, Rule>, base: usize) -> Expression {
        let region = self.region(&pair, base);
        let kind = match pair.as_rule() {
            Rule::expression => return self.chain(pair, base, region, ExpressionKind::Or),
            Rule::conjunction => return self.chain(pair, base, region, ExpressionKind::And),
            Rule::fallback => return self.chain(pair, base, region, ExpressionKind::Fallback),
            Rule::negation => return self.negation(pair, base, region),
            Rule::comparison => return self.comparison(pair, base, region),
            Rule::postfix => return self.postfix(pair, base),
            Rule::group => match pair.into_inner().next() {
                Some(inner) => return Expression { region, ..self.expression(inner, base) },
                None => ExpressionKind::Broken,
            },
            Rule::quantifier => self.quantifier(pair, base),
            Rule::count => self.count(pair, base),
            Rule::reference => self.reference(pair, base),
            Rule::set => ExpressionKind::Set(pair.into_inner().map(|inner| self.expression(inner, base)).collect()),
            Rule::list => ExpressionKind::List(pair.into_inner().map(|inner| self.expression(inner, base)).collect()),
            Rule::text => ExpressionKind::Text(self.text(&pair, base).0),
            Rule::boolean => ExpressionKind::Boolean(pair.as_str() == "true"),
            Rule::integer => match pair.as_str().parse() {
                Ok(number) => ExpressionKind::Integer(number),
                Err(_) => {
                    self.report(errors::integer(), region);
                    ExpressionKind::Broken
                }
            },
            Rule::fraction => {
                self.report(errors::fraction(pair.as_str()), region);
                ExpressionKind::Broken
            }
            Rule::date => match pair.as_str().parse() {
                Ok(date) => ExpressionKind::Date(date),
                Err(_) => {
                    self.report(errors::date(pair.as_str()), region);
                    ExpressionKind::Broken
                }
            },
            _ => ExpressionKind::Broken,
        };
        Expression { kind, region }
    }

    /// `a op b op c` of one associative operator: a flat list, and the operand itself where there is but one.
    fn chain(
        &mut self,
        pair: Pair<'_, Rule>,
        base: usize,
        region: Region,
        kind: fn(Vec<Expression>) -> ExpressionKind,
    ) -> Expression {
        let operands =
            pair.into_inner().filter(|inner| !matches!(inner.as_rule(), Rule::or_word | Rule::and_word | Rule::fallback_mark));
        let mut operands: Vec<_> = operands.map(|inner| self.expression(inner, base)).collect();
        match operands.pop() {
            Some(only) if operands.is_empty() => only,
            Some(last) => {
                operands.push(last);
                Expression { kind: kind(operands), region }
            }
            None => Expression { kind: ExpressionKind::Broken, region },
        }
    }

    /// `not not a` is `a`: a chain of any length stays flat.
    fn negation(&mut self, pair: Pair<'_, Rule>, base: usize, region: Region) -> Expression {
        let mut negated = false;
        let mut operand = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::not_word => negated = !negated,
                _ => operand = Some(self.expression(inner, base)),
            }
        }
        match operand {
            Some(operand) if negated => Expression { kind: ExpressionKind::Not(Box::new(operand)), region },
            Some(operand) => operand,
            None => Expression { kind: ExpressionKind::Broken, region },
        }
    }

    fn comparison(&mut self, pair: Pair<'_, Rule>, base: usize, region: Region) -> Expression {
        let mut parts = pair.into_inner();
        let Some(first) = parts.next() else { return Expression { kind: ExpressionKind::Broken, region } };
        let left = self.expression(first, base);
        let tails: Vec<_> = parts.collect();
        if let Some(second) = tails.get(1) {
            let at = self.region(second, base);
            self.report(errors::chained_comparison(), at);
            return Expression { kind: ExpressionKind::Broken, region };
        }
        let Some(tail) = tails.into_iter().next() else { return left };
        let (mut operator, mut right) = (None, None);
        for part in tail.into_inner() {
            match part.as_rule() {
                Rule::is_test => {
                    let mut words: Vec<_> = part.into_inner().map(|word| word.as_rule()).collect();
                    let presence = if words.pop() == Some(Rule::absent_word) { Presence::Absent } else { Presence::Present };
                    let presence = match (presence, words.contains(&Rule::not_word)) {
                        (Presence::Absent, false) | (Presence::Present, true) => Presence::Absent,
                        (Presence::Absent, true) | (Presence::Present, false) => Presence::Present,
                    };
                    return Expression { kind: ExpressionKind::IsAbsent(Box::new(left), presence), region };
                }
                Rule::operator => operator = Some(self.operator(&part, base)),
                _ => right = Some(self.expression(part, base)),
            }
        }
        let kind = match (operator, right) {
            (Some(operator), Some(right)) => ExpressionKind::Compare(Box::new(left), operator, Box::new(right)),
            _ => ExpressionKind::Broken,
        };
        Expression { kind, region }
    }

    fn operator(&mut self, pair: &Pair<'_, Rule>, base: usize) -> Operator {
        match pair.as_str() {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            "in" => Operator::In,
            "matches" => Operator::Matches,
            "has" => Operator::Has,
            "=" => {
                let region = self.region(pair, base);
                self.report(errors::lone_equals(), region);
                Operator::Equal
            }
            _ => Operator::NotIn,
        }
    }

    fn postfix(&mut self, pair: Pair<'_, Rule>, base: usize) -> Expression {
        let mut parts = pair.into_inner();
        let Some(first) = parts.next() else {
            return Expression { kind: ExpressionKind::Broken, region: Region::default() };
        };
        let mut built = self.expression(first, base);
        for (count, part) in parts.enumerate() {
            let region = Region { start: built.region.start, end: self.region(&part, base).end };
            if count == MAX_DEPTH {
                self.report(errors::long_path(MAX_DEPTH), region);
                return Expression { kind: ExpressionKind::Broken, region };
            }
            let rule = part.as_rule();
            let kind = match (rule, part.into_inner().next()) {
                (Rule::access, Some(field)) => ExpressionKind::Field(Box::new(built), self.name(&field, base)),
                (_, Some(key)) => {
                    let key = self.expression(key, base);
                    ExpressionKind::Index(Box::new(built), Box::new(key))
                }
                _ => ExpressionKind::Broken,
            };
            built = Expression { kind, region };
        }
        built
    }

    fn quantifier(&mut self, pair: Pair<'_, Rule>, base: usize) -> ExpressionKind {
        let (mut any, mut binding, mut body) = (true, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::all_word => any = false,
                Rule::binding => binding = self.binding(inner, base),
                Rule::expression => body = Some(Box::new(self.expression(inner, base))),
                _ => {}
            }
        }
        match (binding, body) {
            (Some(binding), Some(body)) if any => ExpressionKind::Any(binding, body),
            (Some(binding), Some(body)) => ExpressionKind::All(binding, body),
            _ => ExpressionKind::Broken,
        }
    }

    /// `count(r)`, `count(x in r where c)`, `count(distinct e for x in r where c)`.
    fn count(&mut self, pair: Pair<'_, Rule>, base: usize) -> ExpressionKind {
        let mut distinct = false;
        let mut inner = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::distinct_mark => distinct = true,
                Rule::expression => inner.push(self.expression(part, base)),
                _ => {}
            }
        }
        let mut inner = inner.into_iter();
        let value = if distinct { inner.next() } else { None };
        let (Some(counted), condition) = (inner.next(), inner.next()) else { return ExpressionKind::Broken };
        let region = counted.region;
        match (counted.kind, condition, value) {
            (ExpressionKind::Compare(variable, Operator::In, relation), condition, value) => {
                let ExpressionKind::Name(name) = variable.kind else {
                    self.report(errors::counted(), region);
                    return ExpressionKind::Broken;
                };
                let variable = Name { text: name, region: variable.region };
                let binding = Binding { variable, relation, condition: condition.map(Box::new) };
                match value {
                    Some(value) => ExpressionKind::CountDistinct(Box::new(value), binding),
                    None => ExpressionKind::CountWhere(binding),
                }
            }
            (kind, None, None) => ExpressionKind::Count(Box::new(Expression { kind, region })),
            _ => {
                self.report(errors::counted(), region);
                ExpressionKind::Broken
            }
        }
    }

    /// `x in relation where condition`, also as a `for` clause.
    pub(super) fn binding(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Binding> {
        let (mut variable, mut relation, mut condition) = (None, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => variable = Some(self.name(&inner, base)),
                Rule::postfix => relation = Some(Box::new(self.expression(inner, base))),
                Rule::expression => condition = Some(Box::new(self.expression(inner, base))),
                _ => {}
            }
        }
        Some(Binding { variable: variable?, relation: relation?, condition })
    }

    fn reference(&mut self, pair: Pair<'_, Rule>, base: usize) -> ExpressionKind {
        let (mut name, mut arguments) = (None::<Name>, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name => name = Some(self.name(&inner, base)),
                _ => arguments = Some(inner.into_inner().map(|argument| self.expression(argument, base)).collect()),
            }
        }
        match (name, arguments) {
            (Some(name), Some(arguments)) => ExpressionKind::Call(name, arguments),
            (Some(name), None) => ExpressionKind::Name(name.text),
            _ => ExpressionKind::Broken,
        }
    }
}
