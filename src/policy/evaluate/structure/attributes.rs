//! What a class's attributes and methods stand for, its own and those of its superclasses; never what a contract asks of them.

use super::{
    builtins,
    definition::{Defined, Definition, Found, Presence, at},
    lineage::Ancestor,
    namespace::Namespace,
};
use crate::{
    facts::{Completeness, Function},
    policy::outcome::Evidence,
};

/// Whose attribute is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// The class's.
    Class,
    /// An instance's, which has those of the class as well.
    Instance,
}

impl<'a> Namespace<'a> {
    /// What `name` stands for as an attribute of a class or of its instances.
    pub(super) fn class_attribute(&self, class: Defined<'a>, name: &'a str, holder: Holder) -> Found<'a> {
        let mut definitions = Vec::new();
        let mut reasons = Vec::new();
        for link in self.lineage(class).iter() {
            match &link.ancestor {
                Ancestor::Class(above) => {
                    let own = match holder {
                        Holder::Class => self.in_class(*above, name),
                        Holder::Instance => self.of_instances(*above, name),
                    };
                    definitions.extend(own.definitions);
                    match own.presence {
                        // What comes before in the order may hide it, but takes it away in no case.
                        Presence::Sure if link.sure => return Found { definitions, presence: Presence::Sure },
                        Presence::Sure => {
                            let text = format!("`{}` is a superclass only under a condition", above.name());
                            reasons.push(at(class.module, Some(class.class.line), text));
                        }
                        Presence::Unknown(more) => reasons.extend(more),
                        Presence::Missing => {}
                    }
                }
                Ancestor::Builtin(builtin) if builtins::may_have(builtin, name) => {
                    let text = format!("`{name}` may be inherited from the builtin `{builtin}`");
                    let reason = at(class.module, Some(class.class.line), text);
                    definitions.push(Definition::Foreign(String::new(), reason.clone()));
                    reasons.push(reason);
                }
                Ancestor::Foreign(base, reason) => {
                    let from = if base.is_empty() { String::new() } else { format!(" from `{base}`") };
                    let text = format!("`{name}` may be inherited{from}: {}", reason.text);
                    let reason = Evidence { text, ..reason.clone() };
                    definitions.push(Definition::Foreign(String::new(), reason.clone()));
                    reasons.push(reason);
                }
                Ancestor::Builtin(_) | Ancestor::Empty(_) => {}
            }
        }
        reasons.extend(self.unseen(class, name, holder));
        if reasons.is_empty() {
            return Found { definitions, presence: Presence::Missing };
        }
        Found { definitions, presence: Presence::Unknown(reasons) }
    }

    /// The same without superclasses, for instances of one class.
    fn of_instances(&self, class: Defined<'a>, name: &'a str) -> Found<'a> {
        let mut body = self.in_class(class, name);
        let Some(own) = class.class.instance_attributes.iter().find(|attribute| attribute.name == name) else { return body };
        let declared = body.definitions.iter().find_map(|definition| match definition {
            Definition::Variable(_, _, annotation) => *annotation,
            _ => None,
        });
        let is_declaration = body.definitions.iter().all(|definition| {
            matches!(definition, Definition::Variable(_, variable, _) if variable.value.is_none() && variable.annotation.is_some())
        });
        let definition = Definition::Variable(class.module, own, own.annotation.as_deref().or(declared));
        match (&body.presence, is_declaration) {
            _ if !own.conditional => Found { definitions: vec![definition], presence: Presence::Sure },
            (Presence::Sure, true) => Found { definitions: vec![definition], presence: Presence::Sure },
            (Presence::Sure, false) => {
                body.definitions.push(definition);
                body
            }
            _ => {
                body.definitions.push(definition);
                let text = format!("`{name}` is set only under a condition, or by a method that may not be called");
                let reason = at(class.module, Some(own.line), text);
                Found { definitions: body.definitions, presence: Presence::Unknown(vec![reason]) }
            }
        }
    }

    /// Why an attribute that no statement binds may be there all the same.
    fn unseen(&self, class: Defined<'a>, name: &str, holder: Holder) -> Vec<Evidence> {
        let mut reasons = Vec::new();
        if builtins::of_object(name) {
            reasons.push(at(class.module, Some(class.class.line), format!("every class inherits `{name}` from `object`")));
        }
        for link in self.lineage(class).iter() {
            let Ancestor::Class(above) = link.ancestor else { continue };
            let (module, line) = (above.module, above.class.line);
            let metaclass = above.class.metaclass.as_deref().filter(|metaclass| !builtins::is_plain_metaclass(metaclass));
            if let Some(metaclass) = metaclass {
                reasons.push(at(module, Some(line), format!("the metaclass `{metaclass}` may add `{name}`")));
            }
            let is_own = std::ptr::eq(above.class, class.class);
            if let Some(hook) = above.class.methods.iter().find(|method| method.name == "__init_subclass__" && !is_own) {
                let text = format!("`__init_subclass__` of `{}` may add `{name}`", above.name());
                reasons.push(at(module, Some(hook.line), text));
            }
            for decorator in above.class.decorators.iter() {
                let adds = if builtins::makes_methods(decorator) {
                    name.starts_with("__")
                } else {
                    !builtins::leaves_alone(decorator)
                };
                if adds {
                    reasons.push(at(module, Some(line), format!("the decorator `@{decorator}` may add `{name}`")));
                }
            }
            if holder == Holder::Instance {
                if let Completeness::Incomplete(lacks) = &above.class.instance_attributes_complete {
                    reasons.extend(lacks.iter().map(|lack| at(module, None, lack.to_string())));
                }
                let answers = |method: &&Function| matches!(method.name.as_str(), "__getattr__" | "__getattribute__");
                if let Some(method) = above.class.methods.iter().find(answers) {
                    let text = format!("`{}` of `{}` may answer for `{name}`", method.name, above.name());
                    reasons.push(at(module, Some(method.line), text));
                }
            }
        }
        reasons
    }

    /// Every name of a class's attributes or of its instances', and why there may be more.
    pub(super) fn attribute_names(&self, class: Defined<'a>, holder: Holder) -> (Vec<&'a str>, Vec<Evidence>) {
        let (mut names, mut lacks) = (Vec::new(), Vec::new());
        for link in self.lineage(class).iter() {
            match &link.ancestor {
                Ancestor::Class(above) => {
                    let class = above.class;
                    names.extend(class.methods.iter().map(|method| method.name.as_str()));
                    names.extend(class.classes.iter().map(|inner| inner.name.as_str()));
                    names.extend(class.attributes.iter().map(|attribute| attribute.name.as_str()));
                    if holder == Holder::Instance {
                        names.extend(class.instance_attributes.iter().map(|attribute| attribute.name.as_str()));
                    }
                }
                Ancestor::Foreign(_, reason) => lacks.push(reason.clone()),
                Ancestor::Builtin(_) | Ancestor::Empty(_) => {}
            }
        }
        lacks.extend(self.unseen(class, "", holder));
        names.sort_unstable();
        names.dedup();
        (names, lacks)
    }
}
