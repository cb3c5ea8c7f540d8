//! Structure contracts: grammar pairs to the tree; never a judgement.

use pest::iterators::Pair;

use super::Lowering;
use crate::policy::syntax::{
    ast::{
        AttributeMember, Base, ClassMember, FunctionMember, Member, MemberKind, Name, ParameterMember, PythonValue, Region,
        Signature, SignaturePart, Structure,
    },
    parse::Rule,
};

impl Lowering {
    /// `every module A has { ... }`.
    pub(super) fn structure(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Structure> {
        let (mut modules, mut members) = (None, Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::patterns => modules = Some(self.patterns(inner, base)),
                Rule::members => members = self.members(inner, base),
                _ => {}
            }
        }
        Some(Structure { modules: modules?, members })
    }

    fn members(&mut self, pair: Pair<'_, Rule>, base: usize) -> Vec<Member> {
        let members = pair.into_inner().filter(|inner| inner.as_rule() == Rule::member);
        members.filter_map(|member| self.member(member, base)).collect()
    }

    /// A class, function or attribute.
    pub(in crate::policy::syntax) fn member(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<Member> {
        let region = self.region(&pair, base);
        let (mut optional, mut decorators, mut kind) = (false, Vec::new(), None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::optional_member => optional = true,
                Rule::decorator => decorators.extend(inner.into_inner().next().map(|path| self.name(&path, base))),
                Rule::class_member => kind = self.class(inner, base).map(MemberKind::Class),
                Rule::function_member => kind = self.function_member(inner, base).map(MemberKind::Function),
                Rule::attribute_member => kind = self.attribute(inner, base).map(MemberKind::Attribute),
                _ => {}
            }
        }
        Some(Member { optional, decorators, kind: kind?, region })
    }

    fn class(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<ClassMember> {
        let (mut name, mut bases, mut members) = (None, Vec::new(), Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::member_name => name = Some(self.name(&inner, base)),
                Rule::bases => bases = self.bases(inner, base),
                Rule::members => members = self.members(inner, base),
                _ => {}
            }
        }
        Some(ClassMember { name: name?, bases, members })
    }

    /// Superclasses, and theirs; as deep as brackets may nest.
    fn bases(&mut self, pair: Pair<'_, Rule>, base: usize) -> Vec<Base> {
        let mut bases = Vec::new();
        for written in pair.into_inner().filter(|inner| inner.as_rule() == Rule::base) {
            let (mut name, mut inner_bases, mut members) = (None, Vec::new(), Vec::new());
            for inner in written.into_inner() {
                match inner.as_rule() {
                    Rule::dotted => name = Some(self.name(&inner, base)),
                    Rule::bases => inner_bases = self.bases(inner, base),
                    Rule::members => members = self.members(inner, base),
                    _ => {}
                }
            }
            bases.extend(name.map(|name| Base { name, bases: inner_bases, members }));
        }
        bases
    }

    fn function_member(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<FunctionMember> {
        let (mut name, mut is_async, mut signature, mut returns) = (None, false, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::async_mark => is_async = true,
                Rule::member_name => name = Some(self.name(&inner, base)),
                Rule::signature => signature = Some(self.signature(inner, base)),
                Rule::annotation => returns = Some(self.squeezed(&inner, base)),
                _ => {}
            }
        }
        Some(FunctionMember { name: name?, is_async, signature, returns })
    }

    fn signature(&mut self, pair: Pair<'_, Rule>, base: usize) -> Signature {
        let mut signature = Signature { by_name: false, parts: Vec::new() };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::with_mark => signature.by_name = true,
                Rule::signature_part => signature.parts.extend(self.signature_part(inner, base)),
                _ => {}
            }
        }
        signature
    }

    fn signature_part(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<SignaturePart> {
        let region = self.region(&pair, base);
        let (mut name, mut stars, mut annotation, mut default) = (None, 0, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::any_value => return Some(SignaturePart::Others(region)),
                Rule::slash => return Some(SignaturePart::Slash(region)),
                Rule::stars => stars = if inner.as_str() == "**" { 2 } else { 1 },
                Rule::name_of_parameter => name = Some(self.name(&inner, base)),
                Rule::annotation => annotation = Some(self.squeezed(&inner, base)),
                Rule::python_value => default = self.python_value(inner, base),
                _ => {}
            }
        }
        match name {
            Some(name) => Some(SignaturePart::Parameter(ParameterMember { name, stars, annotation, default })),
            None => Some(SignaturePart::Star(region)),
        }
    }

    fn attribute(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<AttributeMember> {
        let (mut name, mut instance, mut annotation, mut value) = (None, false, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::self_mark => instance = true,
                Rule::member_name => name = Some(self.name(&inner, base)),
                Rule::annotation => annotation = Some(self.squeezed(&inner, base)),
                Rule::python_value => value = self.python_value(inner, base),
                _ => {}
            }
        }
        Some(AttributeMember { name: name?, instance, annotation, value })
    }

    fn python_value(&mut self, pair: Pair<'_, Rule>, base: usize) -> Option<PythonValue> {
        let inner = pair.into_inner().next()?;
        Some(match inner.as_rule() {
            Rule::any_value => PythonValue::Any,
            Rule::text => PythonValue::Text(self.text(&inner, base).0),
            Rule::python_number => PythonValue::Number(inner.as_str().to_owned()),
            _ => match inner.as_str() {
                "None" => PythonValue::None,
                word => PythonValue::Boolean(word == "True"),
            },
        })
    }

    /// A name of several words, such as an annotation, on one line and without comments.
    fn squeezed(&self, pair: &Pair<'_, Rule>, base: usize) -> Name {
        let region = self.region(pair, base);
        let first = self.file.comments.partition_point(|comment| comment.start < region.start);
        let inside = self.file.comments.iter().skip(first).take_while(|comment| comment.start < region.end);
        let (mut text, mut start) = (String::new(), region.start);
        for comment in inside {
            text.push_str(self.file.text(Region { start, end: comment.start }));
            start = comment.end;
        }
        text.push_str(self.file.text(Region { start, end: region.end }));
        Name { text: text.split_whitespace().collect::<Vec<_>>().join(" "), region }
    }
}
