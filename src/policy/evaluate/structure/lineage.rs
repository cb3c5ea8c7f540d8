//! A class's superclasses in the order in which Python asks them, as far as they are known; never their attributes.

use std::rc::Rc;

use super::{
    builtins,
    definition::{Defined, Definition, at},
    namespace::Namespace,
};
use crate::{
    facts::Class,
    policy::{outcome::Evidence, shape::BaseShape},
};

/// Most superclasses of one class.
const MAX_ANCESTORS: usize = 1_000;

/// The class itself, and its superclasses.
pub(super) type Lineage<'a> = Vec<Link<'a>>;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Link<'a> {
    pub(super) ancestor: Ancestor<'a>,
    /// Whether it surely is a superclass.
    pub(super) sure: bool,
}

/// A superclass.
#[derive(Debug, Clone)]
pub(super) enum Ancestor<'a> {
    /// A class of the environment.
    Class(Defined<'a>),
    /// A builtin one.
    Builtin(&'static str),
    /// One of `typing` and the like that has no attributes which a contract would ask for.
    Empty(String),
    /// One that is not known: its full name, where that is, and why.
    Foreign(String, Evidence),
}

impl Ancestor<'_> {
    fn name(&self) -> String {
        match self {
            Self::Class(class) => class.name(),
            Self::Builtin(name) => (*name).to_owned(),
            Self::Empty(name) | Self::Foreign(name, _) => name.clone(),
        }
    }
}

/// Whether a class has a superclass.
pub(super) enum Descent<'a> {
    /// It has: which.
    Found(Ancestor<'a>),
    /// It has not.
    Missing,
    /// It may have: why that is not known.
    Unknown(Vec<Evidence>),
}

impl<'a> Namespace<'a> {
    /// A class and its superclasses.
    pub(super) fn lineage(&self, class: Defined<'a>) -> Rc<Lineage<'a>> {
        let key: *const Class = class.class;
        if let Some(known) = self.lineages.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut links = Vec::new();
        self.climb(Link { ancestor: Ancestor::Class(class), sure: true }, &mut Vec::new(), &mut links);
        // A superclass that several share comes after all of them.
        let mut kept: Lineage<'a> = Vec::new();
        for link in links.into_iter().rev() {
            match kept.iter_mut().find(|known| is_same(&known.ancestor, &link.ancestor)) {
                Some(known) => known.sure |= link.sure,
                None => kept.push(link),
            }
        }
        kept.reverse();
        let lineage = Rc::new(kept);
        self.lineages.borrow_mut().insert(key, Rc::clone(&lineage));
        lineage
    }

    fn climb(&self, link: Link<'a>, path: &mut Vec<Defined<'a>>, links: &mut Lineage<'a>) {
        if links.len() >= MAX_ANCESTORS {
            if let (true, Some(class)) = (links.len() == MAX_ANCESTORS, path.first()) {
                let reason = at(class.module, Some(class.class.line), "there are too many superclasses to follow".into());
                links.push(Link { ancestor: Ancestor::Foreign(String::new(), reason), sure: true });
            }
            return;
        }
        let sure = link.sure;
        let ancestor = link.ancestor.clone();
        links.push(link);
        match ancestor {
            Ancestor::Class(class) if !path.iter().any(|known| known.is(class)) => {
                path.push(class);
                for base in &class.class.bases {
                    let definitions = self.named(class.module, base, class.class.line);
                    let sure = sure && definitions.len() == 1;
                    for definition in definitions {
                        let ancestor = superclass(class, base, definition);
                        self.climb(Link { ancestor, sure }, path, links);
                    }
                }
                path.pop();
            }
            Ancestor::Builtin(name) => {
                for above in builtins::superclasses(name).filter(|above| *above != "object") {
                    self.climb(Link { ancestor: Ancestor::Builtin(above), sure }, path, links);
                }
            }
            Ancestor::Class(_) | Ancestor::Empty(_) | Ancestor::Foreign(..) => {}
        }
    }

    /// Whether a class has the superclass that a contract asks for; a class is none of its own.
    pub(super) fn descent(&self, class: Defined<'a>, wanted: &'a BaseShape) -> Descent<'a> {
        if matches!(wanted.name.as_str(), "object" | "builtins.object") {
            return Descent::Found(Ancestor::Builtin("object"));
        }
        let same = self.full_name(&wanted.name);
        let (mut reasons, mut uncertain) = (Vec::new(), Vec::new());
        for link in self.lineage(class).iter().skip(1) {
            if is_wanted(&link.ancestor, wanted, &same) {
                if link.sure {
                    return Descent::Found(link.ancestor.clone());
                }
                let text = format!("only some definitions of a base are `{}`", wanted.name);
                uncertain.push(at(class.module, Some(class.class.line), text));
            } else if let Ancestor::Foreign(_, reason) = &link.ancestor {
                reasons.push(reason.clone());
            }
        }
        uncertain.append(&mut reasons);
        if uncertain.is_empty() { Descent::Missing } else { Descent::Unknown(uncertain) }
    }

    /// Whether a definition is the very superclass that a contract asks for.
    pub(super) fn is_base(&self, definition: &Definition<'a>, wanted: &'a BaseShape) -> bool {
        let ancestor = match definition {
            Definition::Class(class) => Ancestor::Class(*class),
            Definition::Builtin(name) => Ancestor::Builtin(name),
            Definition::Foreign(name, reason) => Ancestor::Foreign(name.clone(), reason.clone()),
            _ => return false,
        };
        is_wanted(&ancestor, wanted, &self.full_name(&wanted.name))
    }
}

/// What a base stands for as a superclass.
fn superclass<'a>(class: Defined<'a>, base: &str, definition: Definition<'a>) -> Ancestor<'a> {
    let reason = |text: String| at(class.module, Some(class.class.line), text);
    match definition {
        Definition::Class(above) if builtins::is_empty_base(&above.name()) => Ancestor::Empty(above.name()),
        Definition::Class(above) => Ancestor::Class(above),
        Definition::Builtin(name) => Ancestor::Builtin(name),
        Definition::Foreign(name, _) if builtins::is_empty_base(&name) => Ancestor::Empty(name),
        Definition::Foreign(name, reason) => Ancestor::Foreign(name, reason),
        Definition::Function(module, function) => {
            let name = format!("{}.{}", module.name, function.name);
            if builtins::is_empty_base(&name) {
                Ancestor::Empty(name)
            } else {
                Ancestor::Foreign(name, reason(format!("the base `{base}` is a function")))
            }
        }
        Definition::Variable(..) => Ancestor::Foreign(String::new(), reason(format!("the base `{base}` is computed"))),
        Definition::Module(_) => Ancestor::Foreign(String::new(), reason(format!("the base `{base}` is a module"))),
    }
}

fn is_same(left: &Ancestor<'_>, right: &Ancestor<'_>) -> bool {
    match (left, right) {
        (Ancestor::Class(left), Ancestor::Class(right)) => left.is(*right),
        (Ancestor::Builtin(left), Ancestor::Builtin(right)) => left == right,
        (Ancestor::Foreign(left, _), Ancestor::Foreign(right, _)) => !left.is_empty() && left == right,
        _ => false,
    }
}

/// Whether a superclass has the name that is asked for, or is what that name stands for.
fn is_wanted(ancestor: &Ancestor<'_>, wanted: &BaseShape, same: &[Definition<'_>]) -> bool {
    let name = ancestor.name();
    let is_named = match ancestor {
        Ancestor::Builtin(name) => {
            let wanted = wanted.name.strip_prefix("builtins.").unwrap_or(&wanted.name);
            builtins::builtin(wanted) == Some(name)
        }
        _ if name.is_empty() => false,
        _ if wanted.name.contains('.') => name == wanted.name,
        _ => name.rsplit('.').next() == Some(wanted.name.as_str()),
    };
    let is_same = |definition: &Definition<'_>| match (definition, ancestor) {
        (Definition::Class(wanted), Ancestor::Class(class)) => wanted.is(*class),
        (Definition::Foreign(wanted, _), Ancestor::Foreign(name, _)) => !name.is_empty() && wanted == name,
        _ => false,
    };
    is_named || same.iter().any(is_same)
}
