//! What a structure contract asks of a module: the same for `has { ... }` and for ImportSpy's YAML; never the judging.

use crate::facts::ParameterKind;

use super::outcome::ClausePlace;

/// What a name must be: text with `*` for anything between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamePattern {
    /// As written: `run`, `*Plugin`.
    pub(crate) text: String,
}

impl NamePattern {
    /// The one name that it stands for, where it has no `*`.
    pub(crate) fn name(&self) -> Option<&str> {
        (!self.text.contains('*')).then_some(&self.text)
    }

    /// Whether a name has its parts in order, the first at its start and the last at its end.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.text.split_once('*') else { return name == self.text };
        let Some(mut name) = name.strip_prefix(first) else { return false };
        let mut parts = rest.split('*');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            match name.split_once(part) {
                Some((_, after)) => name = after,
                None => return false,
            }
        }
        name.ends_with(last)
    }
}

/// Something that a module or class must have. Of several definitions that a pattern matches one must fit. What a module
/// imports and what a class inherits is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// What.
    pub(crate) kind: MemberKind,
    /// Whether it may be missing; where it is there, it must fit all the same.
    pub(crate) presence: MemberPresence,
    /// Where the contract says so.
    pub(crate) place: ClausePlace,
}

/// Whether a member may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberPresence {
    /// It must be there.
    Required,
    /// `optional`.
    Optional,
}

/// What a module or class must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A variable of a module, or an attribute of a class.
    Variable(VariableShape),
    /// `self.name`: an attribute that instances have: from a method, from `__slots__`, from the class's body, or as a property.
    /// Only in classes.
    InstanceAttribute(VariableShape),
    /// A function or method.
    Function(FunctionShape),
    /// A class.
    Class(ClassShape),
}

/// A variable. One that is only declared (`name: str`) is there as well, but has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VariableShape {
    /// Its name.
    pub(crate) name: NamePattern,
    /// Its annotation as text, compared without white space and without the quotes of string annotations.
    pub(crate) annotation: Option<String>,
    /// Its value.
    pub(crate) value: ValueShape,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueShape {
    /// Nothing is said.
    Anything,
    /// `= ...`: there is one.
    Present,
    /// `= 2`: this one.
    Literal(Literal),
}

/// A literal of Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// A number as written, such as `-2`, `1.5`.
    Number(String),
    /// Text, without quotes and escapes.
    Text(String),
}

/// A function or method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionShape {
    /// Its name.
    pub(crate) name: NamePattern,
    /// Its parameters; `None` where nothing is said of them.
    pub(crate) parameters: Option<ParametersShape>,
    /// The return annotation, compared as annotations are.
    pub(crate) returns: Option<String>,
    /// `async def`: it must be one; `None` where nothing is said.
    pub(crate) is_async: Option<bool>,
    /// Decorators that it must have, among others: by their text before any `(`.
    pub(crate) decorators: Vec<NamePattern>,
}

/// Parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParametersShape {
    /// Each of them.
    pub(crate) parameters: Vec<ParameterShape>,
    /// Whether their order counts.
    pub(crate) order: ParameterOrder,
    /// Which others there may be.
    pub(crate) others: OtherParameters,
}

/// Whether the order of parameters counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParameterOrder {
    /// Those that are named stand in this order (keyword-only ones in any), and where others may only be left out, none of
    /// these stands before one that arguments reach by position.
    AsWritten,
    /// By name alone (ImportSpy).
    Any,
}

/// Which parameters there may be beside those that are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherParameters {
    /// Only such as a call may leave out: with a default, `*args`, `**kwargs`.
    LeftOut,
    /// Any (`...` at the end of the list; ImportSpy).
    Any,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParameterShape {
    /// Its name, without `*`. That of `*args` and `**kwargs` does not count, nor that of a leading `self` or `cls`.
    pub(crate) name: String,
    /// How arguments reach it: one that they reach by position and by name fits where either is asked for. `None` where nothing
    /// is said (ImportSpy).
    pub(crate) kind: Option<ParameterKind>,
    /// Its annotation, compared as annotations are.
    pub(crate) annotation: Option<String>,
    /// Its default.
    pub(crate) default: ValueShape,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClassShape {
    /// Its name.
    pub(crate) name: NamePattern,
    /// Superclasses that it must have, directly or through others.
    pub(crate) bases: Vec<BaseShape>,
    /// Decorators that it must have, among others: by their text before any `(`.
    pub(crate) decorators: Vec<NamePattern>,
    /// What it must have itself, or inherit.
    pub(crate) members: Vec<Member>,
}

/// A superclass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseShape {
    /// Its name: full (`acme.sdk.BasePlugin`, through re-exports too), or where it has no dot the last segment of one.
    pub(crate) name: String,
    /// What it must have in turn (ImportSpy's nested superclasses).
    pub(crate) members: Vec<Member>,
    /// Superclasses of its own that it must have.
    pub(crate) bases: Vec<BaseShape>,
}

/// `every module A where c has { ... }`: every module of A has these members.
#[derive(Debug, Clone)]
pub(crate) struct Structure {
    /// The modules: patterns and classes.
    pub(crate) modules: super::check::resolved::Side,
    /// The slot of `module` in messages.
    pub(crate) slot: usize,
    /// What they must have.
    pub(crate) members: Vec<Member>,
}

#[cfg(test)]
mod tests {
    use super::NamePattern;

    #[test]
    fn a_star_stands_for_anything_between() {
        let matches = |pattern: &str, name: &str| NamePattern { text: pattern.into() }.matches(name);
        assert!(matches("run", "run") && !matches("run", "runs") && !matches("run", ""));
        assert!(matches("*", "") && matches("*Plugin", "Plugin") && matches("*Plugin", "AuditPlugin"));
        assert!(
            !matches("*Plugin", "PluginA") && matches("a*b*c", "axbxbc") && !matches("a*a", "a") && !matches("a*b*c", "acb")
        );
    }
}
