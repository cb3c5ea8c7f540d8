//! Structure contracts from the tree to what is asked of a module; never the judging.

use super::{
    resolved::AssertionKind,
    rule::place,
    scope::{Names, Scope},
};
use crate::{
    facts::ParameterKind,
    policy::{
        shape::{
            BaseShape, ClassShape, FunctionShape, Literal, Member, MemberKind, MemberPresence, NamePattern, OtherParameters,
            ParameterOrder, ParameterShape, ParametersShape, Structure, ValueShape, VariableShape,
        },
        syntax::ast::{self, Name, PythonValue, SignaturePart},
    },
};

/// Where members stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Module,
    Class,
}

impl Names {
    /// `every module A has { ... }`.
    pub(super) fn structure(&mut self, scope: &mut Scope<'_>, structure: &ast::Structure) -> AssertionKind {
        let modules = self.side(scope, &structure.modules);
        let slot = scope.variables.len();
        scope.slots = scope.slots.max(slot + 1);
        if structure.members.is_empty() {
            let message = "the contract asks for nothing".to_owned();
            let diagnostic = self.error(scope, structure.modules.region, "empty-contract", message, "must have nothing".into());
            diagnostic.help = Some("name what these modules must have, such as `def run() -> None`".into());
        }
        AssertionKind::Structure(Structure { modules, slot, members: self.members(scope, &structure.members, Owner::Module) })
    }

    fn members(&mut self, scope: &Scope<'_>, members: &[ast::Member], owner: Owner) -> Vec<Member> {
        members.iter().map(|member| self.member(scope, member, owner)).collect()
    }

    fn member(&mut self, scope: &Scope<'_>, member: &ast::Member, owner: Owner) -> Member {
        let decorators = member.decorators.iter().map(name_pattern).collect();
        let kind = match &member.kind {
            ast::MemberKind::Class(class) => MemberKind::Class(ClassShape {
                name: name_pattern(&class.name),
                bases: self.bases(scope, &class.bases),
                decorators,
                members: self.members(scope, &class.members, Owner::Class),
            }),
            ast::MemberKind::Function(function) => MemberKind::Function(FunctionShape {
                name: name_pattern(&function.name),
                parameters: function.signature.as_ref().map(|signature| self.parameters(scope, signature)),
                returns: function.returns.as_ref().map(|returns| returns.text.clone()),
                is_async: function.is_async.then_some(true),
                decorators,
            }),
            ast::MemberKind::Attribute(attribute) => {
                if let Some(decorator) = member.decorators.first() {
                    let message = "only functions and classes have decorators".to_owned();
                    self.error(scope, decorator.region, "misplaced-decorator", message, "on a variable".into()).help =
                        Some("remove it".into());
                }
                let shape = VariableShape {
                    name: name_pattern(&attribute.name),
                    annotation: attribute.annotation.as_ref().map(|annotation| annotation.text.clone()),
                    value: value(attribute.value.as_ref()),
                };
                if attribute.instance && owner == Owner::Module {
                    let message = format!("`self.{}` stands outside of a class", attribute.name.text);
                    self.error(scope, member.region, "self-outside-class", message, "a module has no instances".into()).help =
                        Some("put it into a `class`, or remove `self.`".into());
                }
                if attribute.instance { MemberKind::InstanceAttribute(shape) } else { MemberKind::Variable(shape) }
            }
        };
        let presence = if member.optional { MemberPresence::Optional } else { MemberPresence::Required };
        Member { kind, presence, place: place(scope.file, member.region) }
    }

    fn bases(&mut self, scope: &Scope<'_>, bases: &[ast::Base]) -> Vec<BaseShape> {
        let bases = bases.iter().map(|base| BaseShape {
            name: base.name.text.clone(),
            members: self.members(scope, &base.members, Owner::Class),
            bases: self.bases(scope, &base.bases),
        });
        bases.collect()
    }

    fn parameters(&mut self, scope: &Scope<'_>, signature: &ast::Signature) -> ParametersShape {
        let mut shape = ParametersShape {
            parameters: Vec::new(),
            order: if signature.by_name { ParameterOrder::Any } else { ParameterOrder::AsWritten },
            others: if signature.by_name { OtherParameters::Any } else { OtherParameters::LeftOut },
        };
        let mut kind = ParameterKind::PositionalOrKeyword;
        let (mut slash, mut last) = (false, false);
        for part in &signature.parts {
            let wrong = match part {
                SignaturePart::Others(region) if signature.by_name => {
                    Some((*region, "`with` lets others be already", "says it again"))
                }
                SignaturePart::Others(_) => {
                    shape.others = OtherParameters::Any;
                    None
                }
                SignaturePart::Slash(region) | SignaturePart::Star(region) if signature.by_name => {
                    Some((*region, "`with` names parameters, whatever their kind", "asks for a kind"))
                }
                SignaturePart::Slash(region) if slash || kind == ParameterKind::KeywordOnly || last => {
                    Some((*region, "`/` stands once, before all that is keyword only", "too late"))
                }
                SignaturePart::Slash(_) => {
                    slash = true;
                    for parameter in &mut shape.parameters {
                        parameter.kind = Some(ParameterKind::PositionalOnly);
                    }
                    None
                }
                SignaturePart::Star(region) if kind == ParameterKind::KeywordOnly || last => {
                    Some((*region, "`*` stands once", "the second time"))
                }
                SignaturePart::Star(_) => {
                    kind = ParameterKind::KeywordOnly;
                    None
                }
                SignaturePart::Parameter(parameter) => {
                    let repeated = shape.parameters.iter().any(|known| known.name == parameter.name.text);
                    let wrong = if last {
                        Some((parameter.name.region, "nothing follows `**`", "too late"))
                    } else if repeated {
                        Some((parameter.name.region, "two parameters have one name", "the second one"))
                    } else {
                        None
                    };
                    let own_kind = match parameter.stars {
                        0 => kind,
                        1 => ParameterKind::VarPositional,
                        _ => ParameterKind::VarKeyword,
                    };
                    match parameter.stars {
                        1 => kind = ParameterKind::KeywordOnly,
                        2 => last = true,
                        _ => {}
                    }
                    shape.parameters.push(ParameterShape {
                        name: parameter.name.text.clone(),
                        kind: (!signature.by_name || parameter.stars > 0).then_some(own_kind),
                        annotation: parameter.annotation.as_ref().map(|annotation| annotation.text.clone()),
                        default: value(parameter.default.as_ref()),
                    });
                    wrong
                }
            };
            if let Some((region, message, label)) = wrong {
                self.error(scope, region, "invalid-signature", message.to_owned(), label.to_owned()).help =
                    Some("write the parameters as Python does".into());
            }
        }
        shape
    }
}

fn name_pattern(name: &Name) -> NamePattern {
    NamePattern { text: name.text.clone() }
}

fn value(value: Option<&PythonValue>) -> ValueShape {
    match value {
        None => ValueShape::Anything,
        Some(PythonValue::Any) => ValueShape::Present,
        Some(PythonValue::None) => ValueShape::Literal(Literal::None),
        Some(PythonValue::Boolean(value)) => ValueShape::Literal(Literal::Bool(*value)),
        Some(PythonValue::Number(number)) => ValueShape::Literal(Literal::Number(number.clone())),
        Some(PythonValue::Text(text)) => ValueShape::Literal(Literal::Text(text.clone())),
    }
}
