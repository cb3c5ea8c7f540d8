//! Contracts on structure as conditions on what modules define: near to what is judged, and never all of it.

use super::make::{all_of, any, compare, expression, field, patterns, text, word};
use crate::policy::syntax::ast::{
    AttributeMember, Binding, ClassMember, ClauseKind, Expression, ExpressionKind, FunctionMember, Member, MemberKind, Name,
    Operator, PythonValue, SignaturePart, Structure,
};

/// What the conditions leave out.
pub(super) const NOTE: &str = "near to the contract, not all of it: the contract also follows re-exports and superclasses, compares the \
                               order, kinds and defaults of parameters, and says what cannot be told";

/// `for m in modules where m.name matches ...`, and a `require` for each member that must be there.
pub(super) fn clauses(structure: &Structure) -> Vec<ClauseKind> {
    let named: Vec<Expression> = structure.modules.patterns.iter().map(|name| module(&name.text)).collect();
    let condition = match named.len() {
        1 => named.into_iter().next(),
        _ => Some(expression(ExpressionKind::Or(named))),
    };
    let relation = Box::new(expression(ExpressionKind::Name("modules".to_owned())));
    let binding = Binding { variable: word("m"), relation, condition: condition.map(Box::new) };
    let mut clauses = vec![ClauseKind::For(binding)];
    let asked = structure.members.iter().filter(|member| !member.optional);
    clauses.extend(asked.map(|member| ClauseKind::Require(of_module(member), None)));
    clauses
}

/// Whether a module is what a pattern or class names.
fn module(pattern: &str) -> Expression {
    match pattern {
        "own" | "stdlib" => compare(field("m", "owner"), Operator::Equal, text(pattern)),
        "third_party" => {
            let kinds = vec![text("distribution"), text("os_package"), text("conda_package")];
            compare(field("m", "owner"), Operator::In, expression(ExpressionKind::Set(kinds)))
        }
        pattern => compare(field("m", "name"), Operator::Matches, text(pattern)),
    }
}

fn of_module(member: &Member) -> Expression {
    match &member.kind {
        MemberKind::Class(class) => of_class("m", "classes", class, member, 0),
        MemberKind::Function(function) => of_function("m", "functions", function, member),
        MemberKind::Attribute(attribute) => of_attribute("m", "variables", attribute),
    }
}

fn of_class(of: &str, relation: &str, class: &ClassMember, member: &Member, depth: usize) -> Expression {
    let variable = if depth == 0 { "c".to_owned() } else { format!("c{depth}") };
    let mut conditions = vec![called(&variable, &class.name)];
    conditions.extend(class.bases.iter().map(|base| compare(field(&variable, "bases"), Operator::Has, text(&base.name.text))));
    conditions.extend(decorated(&variable, member));
    for member in class.members.iter().filter(|member| !member.optional) {
        conditions.push(match &member.kind {
            MemberKind::Class(inner) => of_class(&variable, "classes", inner, member, depth + 1),
            MemberKind::Function(method) => of_function(&variable, "methods", method, member),
            MemberKind::Attribute(attribute) if attribute.instance => of_attribute(&variable, "instance_attributes", attribute),
            MemberKind::Attribute(attribute) => of_attribute(&variable, "attributes", attribute),
        });
    }
    any(&variable, field(of, relation), all_of(conditions))
}

fn of_function(of: &str, relation: &str, function: &FunctionMember, member: &Member) -> Expression {
    let mut conditions = vec![called("f", &function.name)];
    if function.is_async {
        conditions.push(field("f", "async"));
    }
    conditions.extend(decorated("f", member));
    for part in function.signature.iter().flat_map(|signature| &signature.parts) {
        if let SignaturePart::Parameter(parameter) = part {
            let mut asked = vec![called("p", &parameter.name)];
            asked.extend(annotated("p", "annotation", parameter.annotation.as_ref()));
            conditions.push(any("p", field("f", "parameters"), all_of(asked)));
        }
    }
    conditions.extend(annotated("f", "returns", function.returns.as_ref()));
    any("f", field(of, relation), all_of(conditions))
}

fn of_attribute(of: &str, relation: &str, attribute: &AttributeMember) -> Expression {
    let mut conditions = vec![called("v", &attribute.name)];
    conditions.extend(annotated("v", "annotation", attribute.annotation.as_ref()));
    let value = match &attribute.value {
        Some(PythonValue::None) => Some("None".to_owned()),
        Some(PythonValue::Boolean(truth)) => Some(if *truth { "True" } else { "False" }.to_owned()),
        Some(PythonValue::Number(number)) => Some(number.clone()),
        Some(PythonValue::Text(text)) => Some(format!("'{text}'")),
        Some(PythonValue::Any) | None => None,
    };
    conditions.extend(value.map(|value| compare(field("v", "value"), Operator::Equal, text(&value))));
    any("v", field(of, relation), all_of(conditions))
}

fn called(variable: &str, name: &Name) -> Expression {
    let operator = if name.text.contains('*') { Operator::Matches } else { Operator::Equal };
    compare(field(variable, "name"), operator, text(&name.text))
}

fn annotated(variable: &str, of: &str, annotation: Option<&Name>) -> Option<Expression> {
    annotation.map(|annotation| compare(field(variable, of), Operator::Equal, text(&annotation.text)))
}

fn decorated(variable: &str, member: &Member) -> Vec<Expression> {
    let has = |name: &Name| compare(field(variable, "decorators"), Operator::Has, text(&name.text));
    member.decorators.iter().map(has).collect()
}

/// A module that must be there.
pub(super) fn there(name: &str) -> ClauseKind {
    let modules = expression(ExpressionKind::Name("modules".to_owned()));
    let named = compare(field("m", "name"), Operator::Matches, text(name));
    ClauseKind::Require(any("m", modules, named), None)
}

/// `pattern.**`: a module with all below it.
pub(super) fn whole(pattern: &str) -> String {
    if pattern == "**" || pattern.ends_with(".**") { pattern.to_owned() } else { format!("{pattern}.**") }
}

/// The same as a side of a ban.
pub(super) fn whole_side(pattern: &str) -> crate::policy::syntax::ast::Patterns {
    patterns([whole(pattern)])
}
