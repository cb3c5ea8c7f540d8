//! Structure contracts as they are written; never a judgement.

use super::{
    Printer,
    document::Document,
    text::quoted,
    trivia::{Distance, Row},
};
use crate::policy::syntax::ast::{
    AttributeMember, Base, ClassMember, FunctionMember, Member, MemberKind, ParameterMember, PythonValue, Signature,
    SignaturePart, Structure,
};

impl Printer<'_> {
    pub(super) fn structure(&self, structure: &Structure) -> Document {
        let head = vec![Document::text("every module "), self.patterns(&structure.modules), Document::text(" has")];
        Document::All(vec![Document::All(head), self.members(&structure.members, Empty::Braces)])
    }

    /// ` { members }`: one alone on the line, where it fits; several on lines of their own.
    fn members(&self, members: &[Member], empty: Empty) -> Document {
        let (Some(first), Some(last)) = (members.first(), members.last()) else {
            return Document::text(if empty == Empty::Braces { " {}" } else { "" });
        };
        let open = self.trivia.opened_before(first.region.start);
        let close = self.trivia.closed_after(last.region.end);
        let rows = members.iter().map(|member| self.member_row(member)).collect();
        self.inside(open, rows, close)
    }

    /// ` { rows }`: one alone on the line, where it fits; several on lines of their own.
    pub(super) fn inside(&self, open: usize, rows: Vec<Row>, close: usize) -> Document {
        let line = if rows.len() > 1 { Document::Hard } else { Document::Line };
        let (behind, rows) = self.trivia.rows(open, rows, close);
        let inside = Document::All(vec![line.clone(), rows]).nest();
        Document::All(vec![Document::text(" {"), behind, inside, line, Document::text("}")]).group()
    }

    pub(super) fn member_row(&self, member: &Member) -> Row {
        Row { region: member.region, document: self.member(member), distance: Distance::AsWritten }
    }

    fn member(&self, member: &Member) -> Document {
        let mut all = Vec::new();
        if member.optional {
            all.push(Document::text("optional "));
        }
        for decorator in &member.decorators {
            all.extend([Document::text(format!("@{}", decorator.text)), Document::Hard]);
        }
        all.push(match &member.kind {
            MemberKind::Class(class) => self.class(class),
            MemberKind::Function(function) => function_member(function),
            MemberKind::Attribute(attribute) => Document::text(attribute_member(attribute)),
        });
        Document::All(all)
    }

    fn class(&self, class: &ClassMember) -> Document {
        let name = Document::text(format!("class {}", class.name.text));
        let members = self.members(&class.members, Empty::Nothing);
        Document::All(vec![name, self.bases(&class.bases), members])
    }

    fn bases(&self, bases: &[Base]) -> Document {
        if bases.is_empty() {
            return Document::nothing();
        }
        let bases = bases.iter().map(|base| {
            let name = Document::text(base.name.text.clone());
            Document::All(vec![name, self.bases(&base.bases), self.members(&base.members, Empty::Nothing)])
        });
        parenthesised(bases.collect())
    }
}

/// What stands where there are no members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Empty {
    Braces,
    Nothing,
}

/// `(a, b)`: on one line, or one a line.
pub(super) fn parenthesised(parts: Vec<Document>) -> Document {
    if parts.is_empty() {
        return Document::text("()");
    }
    let between = Document::All(vec![Document::text(","), Document::Line]);
    let inside = vec![Document::Soft, Document::joined(parts, &between), Document::Broken(",")];
    Document::All(vec![Document::text("("), Document::All(inside).nest(), Document::Soft, Document::text(")")]).group()
}

fn function_member(function: &FunctionMember) -> Document {
    let word = if function.is_async { "async def" } else { "def" };
    let mut all = vec![Document::text(format!("{word} {}", function.name.text))];
    if let Some(signature) = &function.signature {
        all.push(parameters(signature));
    }
    if let Some(returns) = &function.returns {
        all.push(Document::text(format!(" -> {}", returns.text)));
    }
    Document::All(all)
}

fn parameters(signature: &Signature) -> Document {
    let parts = signature.parts.iter().map(|part| {
        Document::text(match part {
            SignaturePart::Others(_) => "...".to_owned(),
            SignaturePart::Slash(_) => "/".to_owned(),
            SignaturePart::Star(_) => "*".to_owned(),
            SignaturePart::Parameter(parameter) => parameter_member(parameter),
        })
    });
    let parts = parenthesised(parts.collect());
    if signature.by_name { Document::All(vec![Document::text(" with "), parts]) } else { parts }
}

fn parameter_member(parameter: &ParameterMember) -> String {
    let stars = "*".repeat(usize::from(parameter.stars));
    let annotation = parameter.annotation.as_ref().map(|annotation| annotation.text.as_str());
    format!("{stars}{}{}", parameter.name.text, typed(annotation, parameter.default.as_ref()))
}

fn attribute_member(attribute: &AttributeMember) -> String {
    let of = if attribute.instance { "self." } else { "" };
    let annotation = attribute.annotation.as_ref().map(|annotation| annotation.text.as_str());
    format!("{of}{}{}", attribute.name.text, typed(annotation, attribute.value.as_ref()))
}

/// `: annotation = value`.
fn typed(annotation: Option<&str>, value: Option<&PythonValue>) -> String {
    let annotation = annotation.map(|annotation| format!(": {annotation}")).unwrap_or_default();
    let value = value.map(|value| format!(" = {}", python_value(value))).unwrap_or_default();
    annotation + &value
}

fn python_value(value: &PythonValue) -> String {
    match value {
        PythonValue::Any => "...".into(),
        PythonValue::None => "None".into(),
        PythonValue::Boolean(true) => "True".into(),
        PythonValue::Boolean(false) => "False".into(),
        PythonValue::Number(number) => number.clone(),
        PythonValue::Text(text) => quoted(text),
    }
}
