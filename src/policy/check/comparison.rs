//! Comparisons: which types go together, and what literals become beside them.

use super::{
    expression::{Typed, described, same_scalar, same_type},
    resolved::{Comparison, ElementOrder, Node, Shown},
    scope::{Names, Scope},
};
use crate::{
    facts::schema::{FieldType, Kind, Scalar, Type, fields},
    policy::syntax::ast::{Expression, ExpressionKind, Operator, Region},
};

/// How a side is named in evidence: only what is more than a literal.
pub(super) fn shown(scope: &Scope<'_>, expression: &Expression) -> Shown {
    let literal = matches!(
        expression.kind,
        ExpressionKind::Text(_)
            | ExpressionKind::Integer(_)
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Date(_)
            | ExpressionKind::Set(_)
            | ExpressionKind::List(_)
    );
    (!literal).then(|| scope.written(expression))
}

impl Names {
    pub(super) fn comparison(
        &mut self,
        scope: &mut Scope<'_>,
        left: &Expression,
        operator: Operator,
        right: &Expression,
        region: Region,
    ) -> Typed {
        let (left_shown, right_shown) = (shown(scope, left), shown(scope, right));
        let literal_first = matches!(left.kind, ExpressionKind::Text(_)) && !matches!(right.kind, ExpressionKind::Text(_));
        let (left_typed, right_typed) = if literal_first && operator != Operator::Matches {
            let right_typed = self.expression(scope, right, None);
            let expected = right_typed.ty.and_then(|ty| single(ty.ty));
            (self.expression(scope, left, expected), right_typed)
        } else {
            let left_typed = self.expression(scope, left, None);
            let expected = left_typed.ty.and_then(|ty| match operator {
                Operator::Matches => pattern_for(ty.ty),
                _ => single(ty.ty),
            });
            let right_typed = self.expression(scope, right, expected);
            (left_typed, right_typed)
        };
        let (Some(left_type), Some(right_type)) = (left_typed.ty, right_typed.ty) else { return Typed::poison() };
        let fits = match operator {
            Operator::Equal | Operator::NotEqual => self.equality(scope, (left, left_type), (right, right_type), region),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                self.order(scope, (left, left_type), operator, (right, right_type), region)
            }
            Operator::In | Operator::NotIn => self.membership(scope, (left, left_type), (right, right_type), region),
            Operator::Has => self.possession(scope, (left, left_type), (right, right_type), region),
            Operator::Matches => self.matching(scope, (left, left_type), (right, right_type), region),
        };
        if !fits {
            return Typed::poison();
        }
        let is_set = |ty: FieldType| matches!(ty.ty, Type::Set(_));
        let order = if is_set(left_type) || is_set(right_type) { ElementOrder::IsIgnored } else { ElementOrder::Counts };
        let comparison =
            Comparison { left: left_typed.node, operator, right: right_typed.node, order, left_shown, right_shown };
        Typed::new(Node::Compare(Box::new(comparison)), FieldType::one(Scalar::Bool))
    }

    fn mismatch(
        &mut self,
        scope: &Scope<'_>,
        message: String,
        left: (&Expression, FieldType),
        right: (&Expression, FieldType),
        region: Region,
    ) -> &mut Option<String> {
        let span = scope.file.span(right.0.region);
        let diagnostic = self.error(scope, left.0.region, "type-mismatch", message, format!("`{}`", left.1));
        debug_assert!(region.start <= region.end);
        diagnostic.labels.push(crate::diagnostic::Label { span, text: format!("`{}`", right.1), primary: true });
        &mut diagnostic.help
    }

    fn equality(
        &mut self,
        scope: &Scope<'_>,
        left: (&Expression, FieldType),
        right: (&Expression, FieldType),
        region: Region,
    ) -> bool {
        if same_type(left.1.ty, right.1.ty)
            && !matches!(
                left.1.ty,
                Type::Map | Type::One(Scalar::Glob | Scalar::ModulePattern | Scalar::Requirement | Scalar::VersionRange)
            )
        {
            return true;
        }
        let message = format!("{} is never equal to {}", described(left.1), described(right.1));
        let pattern =
            matches!(right.1.ty, Type::One(Scalar::Glob | Scalar::Requirement | Scalar::VersionRange | Scalar::ModulePattern));
        let element = right.1.ty.element().is_some();
        let quoted = [left, right].into_iter().find_map(|(side, _)| match &side.kind {
            ExpressionKind::Integer(number) => Some(format!("versions and text stand in quotes: \"{number}\"")),
            ExpressionKind::Text(text) if text.parse::<i64>().is_ok() => Some(format!("numbers stand without quotes: {text}")),
            _ => None,
        });
        let fields =
            [(left, right), (right, left)].into_iter().find_map(|((side, ty), (_, other))| comparable(scope, side, ty, other));
        let instead = if pattern { Some("ask with `matches`") } else { element.then_some("ask with `in`") };
        *self.mismatch(scope, message, left, right, region) = instead.map(str::to_owned).or(fields).or(quoted);
        false
    }

    fn order(
        &mut self,
        scope: &Scope<'_>,
        left: (&Expression, FieldType),
        operator: Operator,
        right: (&Expression, FieldType),
        region: Region,
    ) -> bool {
        let ordered = |ty: FieldType| matches!(ty.ty, Type::One(Scalar::Int | Scalar::Version | Scalar::Date));
        if !ordered(left.1) || !same_type(left.1.ty, right.1.ty) {
            let message = format!("`{}` does not compare {} with {}", operator.symbol(), described(left.1), described(right.1));
            let quotes = match (left.1.ty, &right.0.kind) {
                (Type::One(Scalar::Version), ExpressionKind::Integer(number)) => {
                    Some(format!("versions stand in quotes: \"{number}\""))
                }
                (Type::One(Scalar::Int), ExpressionKind::Text(text)) if text.parse::<i64>().is_ok() => {
                    Some(format!("numbers stand without quotes: {text}"))
                }
                (Type::One(Scalar::Date), ExpressionKind::Text(text)) if text.parse::<jiff::civil::Date>().is_ok() => {
                    Some(format!("dates stand without quotes: {text}"))
                }
                _ => None,
            };
            let help = quotes.unwrap_or_else(|| "numbers, versions and dates have an order".into());
            *self.mismatch(scope, message, left, right, region) = Some(help);
            return false;
        }
        let absent = [left, right].into_iter().find(|(_, ty)| ty.optional);
        if let Some((expression, _)) = absent {
            self.may_be_absent(scope, expression.region);
        }
        absent.is_none()
    }

    fn membership(
        &mut self,
        scope: &Scope<'_>,
        left: (&Expression, FieldType),
        right: (&Expression, FieldType),
        region: Region,
    ) -> bool {
        let element = held(right.1.ty);
        match (left.1.ty, element) {
            (Type::One(left), Some(element)) if same_scalar(left, element) && !matches!(left, Scalar::Record(_)) => true,
            (_, element) => {
                let message = format!("{} is never in {}", described(left.1), described(right.1));
                *self.mismatch(scope, message, left, right, region) = match element {
                    Some(Scalar::Glob | Scalar::Requirement | Scalar::VersionRange | Scalar::ModulePattern) => {
                        Some("ask with `matches`".into())
                    }
                    Some(_) => None,
                    None if right.1.ty == Type::One(Scalar::String) => Some("ask with `contains(text, part)`".into()),
                    None => Some("the right side is a set, a list or a map".into()),
                };
                false
            }
        }
    }

    fn possession(
        &mut self,
        scope: &Scope<'_>,
        left: (&Expression, FieldType),
        right: (&Expression, FieldType),
        region: Region,
    ) -> bool {
        let element = held(left.1.ty);
        let wanted = single(right.1.ty);
        if element
            .zip(wanted)
            .is_some_and(|(element, wanted)| same_scalar(element, wanted) && !matches!(element, Scalar::Record(_)))
        {
            return true;
        }
        let message = format!("{} does not have {}", described(left.1), described(right.1));
        *self.mismatch(scope, message, left, right, region) = match element {
            None => Some("the left side is a map, a list or a set".into()),
            Some(Scalar::Record(_)) => Some(format!("ask `any x in {}: ...`", scope.file.text(left.0.region))),
            Some(_) => None,
        };
        false
    }

    fn matching(
        &mut self,
        scope: &Scope<'_>,
        left: (&Expression, FieldType),
        right: (&Expression, FieldType),
        region: Region,
    ) -> bool {
        let wanted = pattern_for(left.1.ty);
        if wanted.is_some() && wanted == single(right.1.ty) {
            return true;
        }
        let message = match wanted {
            Some(wanted) => format!(
                "{} is matched with {}, not with {}",
                described(left.1),
                described(FieldType::one(wanted)),
                described(right.1)
            ),
            None => format!("{} cannot be matched", described(left.1)),
        };
        *self.mismatch(scope, message, left, right, region) = match left.1.ty {
            Type::List(_) | Type::Set(_) => Some(format!("ask `any x in {}: x matches ...`", scope.file.text(left.0.region))),
            _ => None,
        };
        false
    }
}

/// The fields of a record that can be compared with a value of this type.
fn comparable(scope: &Scope<'_>, side: &Expression, ty: FieldType, other: FieldType) -> Option<String> {
    let Type::One(Scalar::Record(kind)) = ty.ty else { return None };
    let text = scope.file.text(side.region);
    let fitting = fields(kind).iter().filter(|field| same_type(field.ty.ty, other.ty)).take(4);
    let listed: Vec<_> = fitting.map(|field| format!("`{text}.{}`", field.name)).collect();
    (!listed.is_empty()).then(|| format!("compare one of its fields, such as {}", listed.join(", ")))
}

/// The single type of a value or of the elements of a collection.
fn single(ty: Type) -> Option<Scalar> {
    match ty {
        Type::One(scalar) | Type::List(scalar) | Type::Set(scalar) => Some(scalar),
        Type::Map => Some(Scalar::String),
    }
}

/// What a value is matched with.
fn pattern_for(ty: Type) -> Option<Scalar> {
    match ty {
        Type::One(Scalar::String | Scalar::Choice(_)) => Some(Scalar::Glob),
        Type::One(Scalar::ModuleName | Scalar::Record(Kind::Module)) => Some(Scalar::ModulePattern),
        Type::One(Scalar::Version) => Some(Scalar::VersionRange),
        Type::One(Scalar::Record(Kind::Distribution)) => Some(Scalar::Requirement),
        _ => None,
    }
}

/// What a collection holds, as `in` and `has` ask for it: of a map, its keys.
fn held(collection: Type) -> Option<Scalar> {
    match collection {
        Type::Map => Some(Scalar::String),
        other => other.element(),
    }
}
