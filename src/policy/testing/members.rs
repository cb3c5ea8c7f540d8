//! Given functions, classes and variables, as their source would say them; never whether a contract wants them.

use smol_str::SmolStr;

use super::values::Reader;
use crate::{
    facts::{Class, Completeness, Function, Parameter, ParameterKind, PythonSource, Variable},
    policy::syntax::ast::{
        AttributeMember, ClassMember, FunctionMember, Member, MemberKind, Name, PythonValue, Region, Signature, SignaturePart,
    },
};

/// Reads members of modules and classes.
pub(super) struct Members<'r, 'f> {
    reader: &'r mut Reader<'f>,
}

impl<'r, 'f> Members<'r, 'f> {
    pub(super) fn new(reader: &'r mut Reader<'f>) -> Self {
        Self { reader }
    }

    /// A member of a module.
    pub(super) fn member(&mut self, member: &Member, line: &mut u32, source: &mut PythonSource) {
        self.is_a_fact(member);
        match &member.kind {
            MemberKind::Class(class) => {
                let class = self.class(class, &member.decorators, line);
                source.classes.push(class);
            }
            MemberKind::Function(function) => source.functions.push(self.function(function, &member.decorators, *line)),
            MemberKind::Attribute(attribute) if attribute.instance => {
                let message = format!("`self.{}` stands outside of a class", attribute.name.text);
                let help = "put it into a `class`, or remove `self.`";
                self.reader.error(member.region, "self-outside-class", message, "a module has no instances", help);
            }
            MemberKind::Attribute(attribute) => source.variables.push(self.variable(attribute, &member.decorators, *line)),
        }
    }

    /// What is given is there: nothing of it is optional.
    fn is_a_fact(&mut self, member: &Member) {
        if member.optional {
            let help = "leave `optional` out, or give it in one test and not in another";
            self.reader.error(member.region, "misplaced-fact", "a fact is there or not", "is `optional`", help);
        }
    }

    fn name(&mut self, name: &Name) -> SmolStr {
        if name.text.contains('*') {
            let message = format!("`{}` is a pattern, and a fact has a name", name.text);
            self.reader.error(name.region, "misplaced-fact", message, "holds `*`", "write a name");
        }
        SmolStr::new(&name.text)
    }

    fn class(&mut self, class: &ClassMember, decorators: &[Name], line: &mut u32) -> Class {
        let mut made = Class {
            name: self.name(&class.name),
            bases: Vec::new(),
            metaclass: None,
            decorators: texts(decorators),
            methods: Vec::new(),
            classes: Vec::new(),
            attributes: Vec::new(),
            instance_attributes: Vec::new(),
            instance_attributes_complete: Completeness::Complete,
            alternatives: Vec::new(),
            line: *line,
            conditional: false,
        };
        for base in &class.bases {
            if !base.bases.is_empty() || !base.members.is_empty() {
                let message = "what a superclass has stands in a `class` of its own";
                self.reader.error(base.name.region, "misplaced-fact", message, "holds more than a name", "move it there");
            }
            made.bases.push(SmolStr::new(&base.name.text));
        }
        for member in &class.members {
            *line += 1;
            self.is_a_fact(member);
            match &member.kind {
                MemberKind::Class(inner) => {
                    let inner = self.class(inner, &member.decorators, line);
                    made.classes.push(inner);
                }
                MemberKind::Function(function) => made.methods.push(self.function(function, &member.decorators, *line)),
                MemberKind::Attribute(attribute) => {
                    let instance = attribute.instance;
                    let variable = self.variable(attribute, &member.decorators, *line);
                    if instance { &mut made.instance_attributes } else { &mut made.attributes }.push(variable);
                }
            }
        }
        made
    }

    fn function(&mut self, function: &FunctionMember, decorators: &[Name], line: u32) -> Function {
        Function {
            name: self.name(&function.name),
            parameters: function.signature.as_ref().map(|signature| self.parameters(signature)).unwrap_or_default(),
            returns: function.returns.as_ref().map(|returns| SmolStr::new(&returns.text)),
            decorators: texts(decorators),
            is_async: function.is_async,
            line,
            conditional: false,
        }
    }

    fn parameters(&mut self, signature: &Signature) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut kind = ParameterKind::PositionalOrKeyword;
        for part in &signature.parts {
            match part {
                SignaturePart::Others(region) => self.no_such_parameter(*region),
                SignaturePart::Slash(_) => {
                    parameters.iter_mut().for_each(|parameter| parameter.kind = ParameterKind::PositionalOnly);
                }
                SignaturePart::Star(_) => kind = ParameterKind::KeywordOnly,
                SignaturePart::Parameter(parameter) => {
                    if signature.by_name {
                        self.no_such_parameter(parameter.name.region);
                    }
                    let own = match parameter.stars {
                        0 => kind,
                        1 => ParameterKind::VarPositional,
                        _ => ParameterKind::VarKeyword,
                    };
                    if parameter.stars == 1 {
                        kind = ParameterKind::KeywordOnly;
                    }
                    parameters.push(Parameter {
                        name: SmolStr::new(&parameter.name.text),
                        kind: own,
                        annotation: parameter.annotation.as_ref().map(|annotation| SmolStr::new(&annotation.text)),
                        default: parameter.default.as_ref().map(value),
                    });
                }
            }
        }
        parameters
    }

    fn no_such_parameter(&mut self, region: Region) {
        let message = "a given function has these parameters and no others";
        self.reader.error(region, "invalid-signature", message, "leaves something open", "write the parameters as Python does");
    }

    fn variable(&mut self, attribute: &AttributeMember, decorators: &[Name], line: u32) -> Variable {
        if let Some(decorator) = decorators.first() {
            let message = "only functions and classes have decorators";
            self.reader.error(decorator.region, "misplaced-decorator", message, "on a variable", "remove it");
        }
        Variable {
            name: self.name(&attribute.name),
            annotation: attribute.annotation.as_ref().map(|annotation| SmolStr::new(&annotation.text)),
            value: attribute.value.as_ref().map(value),
            line,
            conditional: false,
        }
    }
}

fn texts(names: &[Name]) -> Vec<SmolStr> {
    names.iter().map(|name| SmolStr::new(&name.text)).collect()
}

/// A value as a source file has it.
fn value(value: &PythonValue) -> SmolStr {
    match value {
        PythonValue::Any => "...".into(),
        PythonValue::None => "None".into(),
        PythonValue::Boolean(true) => "True".into(),
        PythonValue::Boolean(false) => "False".into(),
        PythonValue::Number(number) => number.into(),
        PythonValue::Text(text) => format!("{text:?}").into(),
    }
}
