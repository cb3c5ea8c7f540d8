//! What evaluating the rules yields: verdicts with their subjects and evidence; never how they are shown.

use jiff::civil::Date;

use crate::diagnostic::Severity;

/// What became of every rule, in a stable order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// One for each rule, sorted by identity.
    pub rules: Vec<RuleOutcome>,
    /// One for each waiver, sorted by rule, day of expiry, owner, reason and place.
    pub waivers: Vec<WaiverOutcome>,
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleOutcome {
    /// Package and name: `douane.imports/no-unsafe-deserialisation`.
    pub rule: String,
    /// The rule's short name: `no-unsafe-deserialisation`.
    pub name: String,
    /// The rule's severity.
    pub severity: Severity,
    /// The title after the severity.
    pub title: String,
    /// The `///` documentation.
    pub documentation: String,
    /// What the rule says of itself.
    pub metadata: RuleMetadata,
    /// How many subjects were looked at; none means that the rule is vacuous.
    pub subjects: u64,
    /// Subjects that break the rule, or may break it; sorted, without repeats.
    pub violations: Vec<Violation>,
}

/// What a rule says of itself, for those who sort and answer findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleMetadata {
    /// `tags {"supply-chain"}`, in order.
    pub tags: Vec<String>,
    /// `owner "security@acme.example"`: who answers for the rule.
    pub owner: Option<String>,
    /// `link "https://..."`, in order.
    pub links: Vec<String>,
}

/// One subject that breaks a rule, or may break it.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Whether it does, or may.
    pub certainty: ViolationCertainty,
    /// Whether an unknown one counts as a failure (`on unknown`, or the default for the clause); always true for `Broken`.
    pub fails: bool,
    /// What was judged.
    pub subject: Subject,
    /// Why, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What the verdict rests on, the most telling first.
    pub evidence: Vec<Evidence>,
    /// The clause that is broken, in the policy's text.
    pub clause: ClausePlace,
    /// `code "..."` of the clause: the author's own name for this mistake, such as ImportSpy's `S101`.
    pub code: Option<String>,
    /// The waiver that takes it; then it fails nothing, whatever `fails` says.
    pub waived: Option<Waived>,
    /// How many it stands for: more than one where modules beyond a limit are counted, and not told one by one.
    pub stands_for: u64,
}

/// The waiver that takes a violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is in force.
    pub expires: Date,
    /// Days from the day of the run to that day; 0 on the day itself.
    pub days_left: i64,
    /// Where the waiver stands.
    pub clause: ClausePlace,
}

/// What became of one waiver.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiverOutcome {
    /// Package and name of the rule.
    pub rule: String,
    /// The rule's short name.
    pub name: String,
    /// Who answers for it, until when, and where it stands.
    pub waiver: Waived,
    /// What it came to.
    pub status: WaiverStatus,
    /// How many violations it speaks of; 0 where it is not for this target.
    pub matched: u64,
    /// How many of them are waived: by this waiver, or by another one that sorts before it.
    pub waived: u64,
    /// `at most`: how many it may take.
    pub at_most: Option<u64>,
}

/// What a waiver came to.
#[derive(Debug, Clone, PartialEq)]
pub enum WaiverStatus {
    /// It takes what it speaks of.
    InForce,
    /// It takes what it speaks of, which is less than it may take.
    Loose,
    /// It speaks of more than it may take: the first are waived, the others are not.
    OverUsed,
    /// Its day has passed.
    Expired,
    /// It lasts longer than `max_waiver_days` allows, which is this many days, and takes nothing.
    TooLong(i64),
    /// It is for this target, and speaks of nothing here.
    Stale,
    /// Whether it is for this target cannot be told, and it takes nothing: why.
    Undecided(Vec<Evidence>),
    /// Its `where` does not hold, or speaks of an image where there is none.
    NotForThisTarget,
}

/// Whether a violation is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViolationCertainty {
    /// The facts break the rule.
    Broken,
    /// The facts do not decide: the reasons are in the evidence.
    Undecided,
}

/// What a rule judged: its kind and identity, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The kind of record: `image`, `interpreter`, `environment`, `distribution`, `module`, `import`, `os_package`, `binary`...
    pub kind: &'static str,
    /// A stable identity within the image: a module's name, a path, a distribution's name and version...
    pub identity: String,
    /// The file inside the image, where there is one.
    pub path: Option<String>,
    /// 1-based line in that file.
    pub line: Option<u32>,
    /// 1-based column.
    pub column: Option<u32>,
    /// Characters to underline.
    pub width: Option<u32>,
    /// The source line itself.
    pub text: Option<String>,
    /// The layer of the file.
    pub layer: Option<u32>,
}

impl Subject {
    /// A subject without a place.
    pub fn new(kind: &'static str, identity: impl Into<String>) -> Self {
        Self { kind, identity: identity.into(), path: None, line: None, column: None, width: None, text: None, layer: None }
    }
}

/// One fact that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The fact, as a sentence: "`shop.store` imports `pickle`", "the target of an import is computed when the program runs".
    pub text: String,
    /// The file inside the image, where there is one.
    pub path: Option<String>,
    /// 1-based line.
    pub line: Option<u32>,
    /// The layer.
    pub layer: Option<u32>,
}

/// Where in the policy a clause stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ClausePlace {
    /// The policy file's name.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column.
    pub column: u32,
    /// Characters to underline.
    pub width: u32,
    /// The line's text.
    pub text: String,
}
