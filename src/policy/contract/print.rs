//! A contract's syntax tree as the text of a policy; never of forms that contracts do not have.

use std::fmt::Write as _;

use crate::policy::syntax::ast::{
    AttributeMember, Base, Binding, Clause, ClauseKind, Expression, ExpressionKind, File, FunctionMember, Member, MemberKind,
    Presence, PythonValue, SignaturePart, Structure, Template, TemplatePart,
};

/// Columns of a line, where its parts allow it.
const WIDTH: usize = 110;

/// How tightly the operators of an expression bind, from the loosest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    Or,
    And,
    Not,
    Comparison,
    Field,
}

/// The policy that a contract is, as its text.
pub(super) fn print(file: &File, remark: &str) -> String {
    let mut text = format!("// {}\nedition 1\n", remark.replace('\n', " "));
    if let Some(package) = &file.package {
        let _ = writeln!(text, "package {}", package.text);
    }
    for rule in &file.rules {
        let _ = writeln!(text, "\nrule {} error {} {{", rule.name.text, literal(&rule.title));
        for clause in &rule.clauses {
            print_clause(&mut text, clause);
        }
        text.push_str("}\n");
    }
    text
}

fn print_clause(text: &mut String, clause: &Clause) {
    let line = match &clause.kind {
        ClauseKind::For(binding) => format!("for {}", bound(binding)),
        ClauseKind::Where(condition) => format!("where {}", expression(condition, Binds::Or)),
        ClauseKind::Require(condition, _) => format!("require {}", expression(condition, Binds::Or)),
        ClauseKind::Forbid(condition, _) => format!("forbid {}", expression(condition, Binds::Or)),
        ClauseKind::Message(message) => format!("  message {}", template(message)),
        ClauseKind::Alternative(alternative) => {
            format!("alternative {} of {}", literal(&alternative.name), literal(&alternative.group))
        }
        ClauseKind::Code(codes) => {
            let mut line = format!("  code {}", literal(&codes.missing));
            for (word, code) in [("different", &codes.different), ("unknown", &codes.unknown)] {
                if let Some(code) = code {
                    let _ = write!(line, " {word} {}", literal(code));
                }
            }
            line
        }
        ClauseKind::Structure(contract) => {
            structure(text, contract);
            return;
        }
        // INVARIANT: contracts are lowered to the clauses above and to no others.
        _ => return,
    };
    let _ = writeln!(text, "  {line}");
}

fn structure(text: &mut String, structure: &Structure) {
    let names: Vec<_> = structure.modules.patterns.iter().map(|pattern| pattern.text.as_str()).collect();
    let modules = if names.len() == 1 { names.concat() } else { format!("{{{}}}", names.join(", ")) };
    let _ = writeln!(text, "  every module {modules} has {{");
    members(text, &structure.members, 2);
    text.push_str("  }\n");
}

fn members(text: &mut String, members: &[Member], depth: usize) {
    let indent = "  ".repeat(depth);
    for member in members {
        let optional = if member.optional { "optional " } else { "" };
        match &member.kind {
            MemberKind::Attribute(member) => {
                let _ = writeln!(text, "{indent}{optional}{}", attribute(member));
            }
            MemberKind::Function(member) => {
                let _ = writeln!(text, "{indent}{optional}{}", function(member));
            }
            MemberKind::Class(class) => {
                let _ = write!(text, "{indent}{optional}class {}{}", class.name.text, bases(&class.bases));
                if class.members.is_empty() {
                    text.push('\n');
                } else {
                    text.push_str(" {\n");
                    self::members(text, &class.members, depth + 1);
                    let _ = writeln!(text, "{indent}}}");
                }
            }
        }
    }
}

fn bases(bases: &[Base]) -> String {
    if bases.is_empty() {
        return String::new();
    }
    let each = bases.iter().map(|base| {
        let inner: Vec<String> = base
            .members
            .iter()
            .map(|member| {
                let mut line = String::new();
                members(&mut line, std::slice::from_ref(member), 0);
                line.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect();
        let has = if inner.is_empty() { String::new() } else { format!(" {{ {} }}", inner.join("  ")) };
        format!("{}{}{has}", base.name.text, self::bases(&base.bases))
    });
    format!("({})", each.collect::<Vec<_>>().join(", "))
}

fn attribute(member: &AttributeMember) -> String {
    let mut text = format!("{}{}", if member.instance { "self." } else { "" }, member.name.text);
    typed(&mut text, member.annotation.as_ref().map(|annotation| annotation.text.as_str()), member.value.as_ref());
    text
}

fn function(member: &FunctionMember) -> String {
    let mut text = format!("{}def {}", if member.is_async { "async " } else { "" }, member.name.text);
    if let Some(signature) = &member.signature {
        let parts = signature.parts.iter().map(|part| match part {
            SignaturePart::Others(_) => "...".to_owned(),
            SignaturePart::Slash(_) => "/".to_owned(),
            SignaturePart::Star(_) => "*".to_owned(),
            SignaturePart::Parameter(parameter) => {
                let mut text = format!("{}{}", "*".repeat(parameter.stars.into()), parameter.name.text);
                let annotation = parameter.annotation.as_ref().map(|annotation| annotation.text.as_str());
                typed(&mut text, annotation, parameter.default.as_ref());
                text
            }
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        let _ = write!(text, "{}({parts})", if signature.by_name { " with " } else { "" });
    }
    if let Some(returns) = &member.returns {
        let _ = write!(text, " -> {}", annotation(&returns.text));
    }
    text
}

fn typed(text: &mut String, annotated: Option<&str>, value: Option<&PythonValue>) {
    if let Some(annotated) = annotated {
        let _ = write!(text, ": {}", annotation(annotated));
    }
    if let Some(value) = value {
        text.push_str(" = ");
        text.push_str(&match value {
            PythonValue::Any => "...".to_owned(),
            PythonValue::None => "None".to_owned(),
            PythonValue::Boolean(true) => "True".to_owned(),
            PythonValue::Boolean(false) => "False".to_owned(),
            PythonValue::Number(number) => number.clone(),
            PythonValue::Text(text) => literal(text),
        });
    }
}

/// An annotation: in quotes where the language has no words for it, which means the same.
fn annotation(text: &str) -> String {
    let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.,[]| ".contains(letter));
    let named = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if plain && named { text.to_owned() } else { literal(text) }
}

fn template(template: &Template) -> String {
    let mut text = String::from("\"");
    for part in &template.parts {
        match part {
            TemplatePart::Text(part) => {
                let escaped = literal(&part.replace('{', "{{").replace('}', "}}"));
                text.push_str(escaped.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&escaped));
            }
            TemplatePart::Value(value) => {
                let _ = write!(text, "{{{}}}", expression(value, Binds::Or));
            }
        }
    }
    text.push('"');
    text
}

fn bound(binding: &Binding) -> String {
    let condition = binding.condition.as_ref().map(|condition| format!(" where {}", expression(condition, Binds::Or)));
    format!("{} in {}{}", binding.variable.text, expression(&binding.relation, Binds::Field), condition.unwrap_or_default())
}

/// An expression, in parentheses where what surrounds it binds more tightly.
fn expression(node: &Expression, around: Binds) -> String {
    let (text, binds) = match &node.kind {
        ExpressionKind::Or(operands) => (joined(operands, " or ", Binds::And), Binds::Or),
        ExpressionKind::And(operands) => (joined(operands, " and ", Binds::Not), Binds::And),
        ExpressionKind::Not(operand) => (format!("not {}", expression(operand, Binds::Comparison)), Binds::Not),
        ExpressionKind::Compare(left, operator, right) => {
            let (left, right) = (expression(left, Binds::Field), expression(right, Binds::Field));
            (format!("{left} {} {right}", operator.symbol()), Binds::Comparison)
        }
        ExpressionKind::IsAbsent(operand, presence) => {
            let word = if *presence == Presence::Absent { "absent" } else { "present" };
            (format!("{} is {word}", expression(operand, Binds::Field)), Binds::Comparison)
        }
        // A quantifier reaches to the end of what it stands in.
        ExpressionKind::Any(binding, body) => (format!("any {}: {}", bound(binding), expression(body, Binds::Or)), Binds::Or),
        ExpressionKind::All(binding, body) => (format!("all {}: {}", bound(binding), expression(body, Binds::Or)), Binds::Or),
        ExpressionKind::Field(base, name) => (format!("{}.{}", expression(base, Binds::Field), name.text), Binds::Field),
        ExpressionKind::Call(name, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|argument| expression(argument, Binds::Or)).collect();
            (format!("{}({})", name.text, arguments.join(", ")), Binds::Field)
        }
        ExpressionKind::Set(items) => {
            let items: Vec<_> = items.iter().map(|item| expression(item, Binds::Or)).collect();
            (format!("{{{}}}", items.join(", ")), Binds::Field)
        }
        ExpressionKind::Name(name) => (name.clone(), Binds::Field),
        ExpressionKind::Text(text) => (literal(text), Binds::Field),
        ExpressionKind::Boolean(value) => (value.to_string(), Binds::Field),
        ExpressionKind::Integer(number) => (number.to_string(), Binds::Field),
        // INVARIANT: contracts are lowered to the expressions above and to no others.
        _ => (String::new(), Binds::Field),
    };
    if binds < around { format!("({text})") } else { text }
}

fn joined(operands: &[Expression], word: &str, around: Binds) -> String {
    let parts: Vec<_> = operands.iter().map(|operand| expression(operand, around)).collect();
    let line = parts.join(word);
    if line.len() <= WIDTH { line } else { parts.join(&format!("\n     {word}")) }
}

/// A text in quotes.
fn literal(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
