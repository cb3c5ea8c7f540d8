//! The resolved tree: names have become slots, accessors and constants; never text to be looked up.

use globset::GlobMatcher;
use jiff::civil::Date;
use pep440_rs::{Version, VersionSpecifiers};

use crate::{
    diagnostic::{Severity, Span},
    facts::{Inventory, Owner, schema},
    policy::{
        architecture::{Acyclic, Chain, Independent, Layers},
        outcome::{ClausePlace, RuleMetadata},
        shape::Structure,
        syntax::ast::{Alternative, Codes, OnUnknown, Operator, Presence},
        waiver::Waiver,
    },
};

/// A resolved expression.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// A literal or a parameter's value.
    Constant(Constant),
    /// A global name.
    Global(for<'a> fn(&'a Inventory) -> schema::Value<'a>),
    /// The day of the run.
    Today,
    /// A variable.
    Slot(usize),
    /// A field.
    Field(Box<Node>, for<'a> fn(schema::Record<'a>) -> schema::Value<'a>),
    /// Text read as a version.
    Version(Box<Node>),
    /// `a[b]`.
    Index(Box<Node>, Box<Node>),
    /// `or`.
    Or(Vec<Node>),
    /// `and`.
    And(Vec<Node>),
    /// `not`.
    Not(Box<Node>),
    /// A comparison.
    Compare(Box<Comparison>),
    /// `is absent`, `is present`.
    Presence(Box<Node>, Presence, Shown),
    /// `??`.
    Fallback(Vec<Node>),
    /// `any`.
    Any(Box<Binding>, Box<Node>),
    /// `all`.
    All(Box<Binding>, Box<Node>),
    /// `count(x in r where c)`.
    CountWhere(Box<Binding>),
    /// `count(r)`.
    Count(Box<Node>),
    /// `count(distinct e for x in r where c)`.
    CountDistinct(Box<Binding>, Box<Node>),
    /// A call of a function of a policy.
    Call(usize, Vec<Node>),
    /// A call of a function of the language.
    Builtin(Builtin, Vec<Node>),
    /// Something that was reported: never evaluated.
    Poison,
}

/// How a value is named in evidence: its text in the policy, where it is more than a literal.
pub(crate) type Shown = Option<String>;

/// A resolved comparison.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// The left side.
    pub(crate) left: Node,
    /// The operator.
    pub(crate) operator: Operator,
    /// The right side.
    pub(crate) right: Node,
    /// Whether the order of elements counts where both sides have some.
    pub(crate) order: ElementOrder,
    /// The left side in evidence.
    pub(crate) left_shown: Shown,
    /// The right side in evidence.
    pub(crate) right_shown: Shown,
}

/// Whether the order of elements counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElementOrder {
    /// Of two lists.
    Counts,
    /// Where one side is a set.
    IsIgnored,
}

/// A variable that ranges over a relation.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// Its slot.
    pub(crate) slot: usize,
    /// The relation.
    pub(crate) relation: Node,
    /// Which elements.
    pub(crate) condition: Option<Node>,
    /// The relation in evidence.
    pub(crate) shown: String,
    /// Where not the elements are ranged over, but groups of them: the slot is then that of what they have in common.
    pub(crate) grouping: Option<Grouping>,
}

/// How the elements of a relation fall into groups.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    /// The slot of a single element in `by`.
    pub(crate) element: usize,
    /// What elements of a group have in common.
    pub(crate) by: Node,
    /// The slot of a group's elements.
    pub(crate) items: usize,
}

/// Functions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    /// Whether a text begins with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text holds another.
    Contains,
    /// A text in lower case.
    Lower,
    /// Days from one day to a later one.
    DaysBetween,
    /// Whether somebody has proved something of a subject.
    Evidence,
}

/// A constant.
#[derive(Debug, Clone)]
pub(crate) enum Constant {
    /// True or false.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
    /// A version.
    Version(Box<Version>),
    /// A day.
    Date(Date),
    /// A glob with its text.
    Glob(Box<GlobMatcher>),
    /// A distribution's name (normalised) and versions, with the text.
    Requirement(Box<Requirement>),
    /// A range of versions, and as it is written.
    Range(Box<VersionSpecifiers>, String),
    /// A module pattern: its number in the automaton, and its text.
    Pattern(usize, String),
    /// A set or list.
    Collection(Vec<Constant>),
    /// Text by text.
    Map(std::collections::BTreeMap<String, String>),
}

/// A distribution's name and versions.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    /// The name normalised by PEP 503.
    pub(crate) name: String,
    /// The versions; every one where there are none.
    pub(crate) versions: VersionSpecifiers,
    /// As written.
    pub(crate) text: String,
}

/// A resolved rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Package and name.
    pub(crate) identity: String,
    /// Its name.
    pub(crate) name: String,
    /// Its severity.
    pub(crate) severity: Severity,
    /// Its title.
    pub(crate) title: String,
    /// `///`.
    pub(crate) documentation: String,
    /// Tags, owner, links.
    pub(crate) metadata: RuleMetadata,
    /// The alternative that it belongs to.
    pub(crate) alternative: Option<Alternative>,
    /// `for`, from the outermost.
    pub(crate) loops: Vec<Binding>,
    /// Conditions of `where` and `for` without a variable: decided once, before anything is ranged over.
    pub(crate) premises: Vec<Node>,
    /// The other conditions of `where`.
    pub(crate) conditions: Vec<Node>,
    /// Whether loops or conditions need the image's configuration.
    pub(crate) needs_image: bool,
    /// What must hold.
    pub(crate) assertions: Vec<Assertion>,
    /// Variables in all.
    pub(crate) slots: usize,
    /// What an undecided verdict counts as.
    pub(crate) on_unknown: Option<OnUnknown>,
    /// Where its conditions stand.
    pub(crate) decisions: Vec<Decision>,
}

/// Where a condition stands that decides what a rule judges, or what it lets be.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Which it is.
    pub(crate) by: DecidedBy,
    /// Where it stands.
    pub(crate) span: Span,
}

/// Which condition of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecidedBy {
    /// `where` of a loop.
    Loop(usize),
    /// A condition that is decided once.
    Premise(usize),
    /// A condition that is decided for each subject.
    Condition(usize),
    /// `unless` of an assertion: the last operand of its condition.
    Unless(usize),
}

/// `require` or `forbid`.
#[derive(Debug, Clone)]
pub(crate) struct Assertion {
    /// What it asks.
    pub(crate) kind: AssertionKind,
    /// Where it stands.
    pub(crate) place: ClausePlace,
    /// The same as bytes of the text.
    pub(crate) span: Span,
    /// The condition as written.
    pub(crate) text: String,
    /// The message.
    pub(crate) message: Option<Vec<Part>>,
    /// What to do.
    pub(crate) help: Option<Vec<Part>>,
    /// The author's own name for the mistake.
    pub(crate) code: Option<Codes>,
    /// Whether it needs the image's configuration.
    pub(crate) needs_image: bool,
}

/// What an assertion asks.
#[derive(Debug, Clone)]
pub(crate) enum AssertionKind {
    /// This must hold.
    Require(Node),
    /// This must not hold.
    Forbid(Node),
    /// These imports must not be.
    Ban(Ban),
    /// These chains of imports must not be.
    Chain(Chain),
    /// Lower layers must not import higher ones.
    Layers(Layers),
    /// These must not import each other.
    Independent(Independent),
    /// These must not be on a cycle.
    Acyclic(Acyclic),
    /// These modules must have this structure.
    Structure(Structure),
}

/// Modules that may import others all the same, and where the policy says so.
pub(crate) type Exception = (Side, Side, Span);

impl AssertionKind {
    /// Whether it asks about imports, so that it is decided for all rules at once.
    pub(crate) fn is_over_imports(&self) -> bool {
        matches!(self, Self::Ban(_) | Self::Chain(_) | Self::Layers(_) | Self::Independent(_) | Self::Acyclic(_))
    }

    /// The modules that it judges, where it names them.
    pub(crate) fn judged(&self) -> Option<&Side> {
        match self {
            Self::Ban(ban) => Some(&ban.from),
            Self::Chain(chain) => Some(&chain.from),
            Self::Layers(layers) => layers.containers.as_ref(),
            Self::Independent(independent) => Some(&independent.members),
            Self::Acyclic(acyclic) => Some(&acyclic.modules),
            Self::Structure(structure) => Some(&structure.modules),
            Self::Require(_) | Self::Forbid(_) => None,
        }
    }

    /// What it allows all the same.
    pub(crate) fn exceptions(&self) -> &[Exception] {
        match self {
            Self::Ban(ban) => &ban.exceptions,
            Self::Chain(Chain { exempt, .. })
            | Self::Layers(Layers { exempt, .. })
            | Self::Independent(Independent { exempt, .. })
            | Self::Acyclic(Acyclic { exempt, .. }) => &exempt.exceptions,
            Self::Require(_) | Self::Forbid(_) | Self::Structure(_) => &[],
        }
    }

    /// The slots of `importer` and `imported` in its messages, where it has them.
    pub(crate) fn slots(&self) -> Option<(usize, usize)> {
        match self {
            Self::Ban(ban) => Some(ban.slots),
            Self::Chain(chain) => Some(chain.slots),
            _ => None,
        }
    }
}

/// A part of a message.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// Text.
    Text(String),
    /// A value.
    Value(Node),
}

/// A resolved import ban.
#[derive(Debug, Clone)]
pub(crate) struct Ban {
    /// Importing modules.
    pub(crate) from: Side,
    /// Imported modules.
    pub(crate) to: Side,
    /// Importers that may (`protected A only from B`: those of B, and of A itself); empty elsewhere.
    pub(crate) spared: Side,
    /// What is allowed all the same.
    pub(crate) exceptions: Vec<(Side, Side, Span)>,
    /// Kinds of import that do not count.
    pub(crate) ignoring: Vec<crate::facts::ImportKind>,
    /// The slots of `importer` and `imported` in messages.
    pub(crate) slots: (usize, usize),
}

/// Modules by pattern or class.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side {
    /// Numbers of patterns.
    pub(crate) patterns: Vec<usize>,
    /// Where each of them stands.
    pub(crate) places: Vec<Span>,
    /// Classes.
    pub(crate) classes: Vec<Class>,
}

impl Side {
    /// Whether it names nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.classes.is_empty()
    }

    /// Whether it names classes alone.
    pub(crate) fn is_classes(&self) -> bool {
        self.patterns.is_empty()
    }
}

/// A class of modules by owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Neither in the standard library nor installed.
    Own,
    /// Installed.
    ThirdParty,
    /// The standard library.
    Stdlib,
}

impl From<Owner> for Class {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Stdlib => Self::Stdlib,
            Owner::Distribution | Owner::OsPackage | Owner::CondaPackage => Self::ThirdParty,
            Owner::Own => Self::Own,
        }
    }
}

/// All rules of a run, resolved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved {
    /// The rules.
    pub(crate) rules: Vec<Rule>,
    /// The waivers.
    pub(crate) waivers: Vec<Waiver>,
    /// The bodies of functions, with the number of their slots.
    pub(crate) functions: Vec<(Node, usize)>,
    /// The module patterns.
    pub(crate) patterns: Vec<ModulePattern>,
    /// Whether anything asks for the list of all files.
    pub(crate) needs_files: bool,
    /// Whether anything asks for the integrity of installed files.
    pub(crate) needs_integrity: bool,
}

/// A module pattern: its segments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ModulePattern {
    /// From the left.
    pub(crate) segments: Vec<Segment>,
}

/// A segment of a module pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    /// This name.
    Name(String),
    /// Any one name that has these parts with anything between.
    Like(Vec<String>),
    /// Any number of names.
    Rest,
}
