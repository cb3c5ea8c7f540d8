//! The wording of syntax errors; never the finding of them.

use std::collections::BTreeSet;

use pest::error::{Error, ErrorVariant, InputLocation};

use super::{
    ast::{File, Region},
    expectations::{describe, keyword},
    parse::Rule,
    scan::{MAX_DEPTH, Problem},
    words::{CLAUSE_WORDS, ITEM_WORDS, TEST_WORDS, WAIVER_WORDS, known_elsewhere, nearest, supported_instead},
};
use crate::diagnostic::{Diagnostic, Severity, Span};

/// Most mistakes of a file that are kept; more are counted.
pub(super) const MOST_MISTAKES: usize = 10_000;

/// A syntax error without its place.
pub(super) struct Message {
    code: &'static str,
    message: String,
    label: String,
    note: Option<String>,
    help: Option<String>,
}

impl Message {
    fn new(code: &'static str, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { code, message: message.into(), label: label.into(), note: None, help: None }
    }

    fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(super) fn at(self, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::new(self.code, Severity::Error, self.message).label(span, self.label);
        Diagnostic { notes: self.note.into_iter().collect(), help: self.help, ..diagnostic }
    }
}

pub(super) fn too_large(limit: usize) -> Message {
    Message::new("policy-too-large", format!("the policy is larger than {} MB", limit >> 20), "").help("split it into packages")
}

pub(super) fn too_many(mistakes: usize) -> Message {
    Message::new("too-many-mistakes", format!("the policy has {mistakes} mistakes, more than are told"), "the file ends here")
        .note(format!("only {MOST_MISTAKES} of them are told"))
        .help("make sure that the file is a policy; else mend the first ones")
}

pub(super) fn not_yet(word: &str, instead: &str) -> Message {
    Message::new("not-yet-supported", format!("`{word}` is not supported yet"), "planned for a later version").help(instead)
}

pub(super) fn repeated(what: &str) -> Message {
    Message::new("repeated-item", format!("`{what}` is said twice"), "the second time").help("remove one of them")
}

pub(super) fn choice(what: &str, found: &str, choices: &[&str]) -> Message {
    let listed: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    let message = Message::new("unknown-choice", format!("`{found}` is no {what}"), "not known here");
    match nearest(found, choices.iter().copied()) {
        Some(near) => message.note(format!("known are {}", listed.join(", "))).help(format!("did you mean `{near}`?")),
        None => message.help(format!("use one of {}", listed.join(", "))),
    }
}

pub(super) fn escape(character: char) -> Message {
    Message::new("unknown-escape", format!("`\\{character}` is no escape"), "not known")
        .help("known are `\\\"`, `\\\\`, `\\n` and `\\t`")
}

pub(super) fn lone_brace() -> Message {
    Message::new("lone-brace", "a brace in a message has no partner", "stands alone")
        .note("`{expression}` puts a value into a message")
        .help("write `{{` or `}}` for a brace itself")
}

pub(super) fn escape_in_template() -> Message {
    Message::new("escape-in-message", "a message with values in braces cannot hold escapes", "holds both")
        .help("say it without `\\`")
}

pub(super) fn embedded() -> Message {
    Message::new("syntax", "the brackets in this value do not match", "here")
}

pub(super) fn integer() -> Message {
    Message::new("integer-too-large", "the number is too large", "beyond 64 bits").help(format!(
        "write a number between {} and {}",
        i64::MIN,
        i64::MAX
    ))
}

pub(super) fn fraction(text: &str) -> Message {
    Message::new("no-fractions", format!("`{text}` is a number with a point, and there are none"), "not a whole number")
        .note("as a number 3.10 would be 3.1: versions are written as text")
        .help(format!("write \"{text}\""))
}

pub(super) fn date(text: &str) -> Message {
    Message::new("invalid-date", format!("`{text}` is no day of the calendar"), "no such day")
}

pub(super) fn chained_comparison() -> Message {
    Message::new("chained-comparison", "comparisons cannot be chained", "a second comparison")
        .note("`a == b == c` could mean two things")
        .help("write `a == b and b == c`")
}

pub(super) fn counted() -> Message {
    Message::new("syntax", "what is counted has no name", "expected a name and `in`")
        .help("write `count(x in relation where condition)`")
}

pub(super) fn lone_equals() -> Message {
    Message::new("assignment-in-condition", "`=` does not compare", "compares nothing").help("write `==`")
}

pub(super) fn long_path(limit: usize) -> Message {
    Message::new("nested-too-deeply", format!("more than {limit} fields in a row"), "too long")
}

/// What the scan found.
pub(super) fn problem(file: &File, problem: Problem) -> Diagnostic {
    let region = problem.region();
    let found = file.text(region);
    let message = match problem {
        Problem::UnterminatedText(_) => Message::new("unterminated-text", "the text has no end on its line", "begins here")
            .help("close it with `\"`; a text does not go over lines"),
        Problem::Unclosed(_) => {
            let close = match found {
                "(" => ")",
                "[" => "]",
                _ => "}",
            };
            Message::new("unclosed-bracket", format!("`{found}` is never closed"), "opened here")
                .help(format!("add the missing `{close}`"))
        }
        Problem::Unmatched(_) => Message::new("unmatched-bracket", format!("`{found}` closes nothing"), "nothing is open here")
            .help("remove it, or add what it should close"),
        Problem::TooDeep(_) => Message::new("nested-too-deeply", format!("nested more than {MAX_DEPTH} deep"), "too deep")
            .help("give the inner parts names with `fn`"),
        Problem::Unopened(_) => Message::new("unopened-rule", "the rule's clauses stand in braces", "expected `{` after this")
            .help("add the missing `{`"),
        Problem::Invisible(_) => {
            let code = found.chars().next().map_or(0, u32::from);
            let message = format!("the character U+{code:04X} cannot be seen, or hides what the line says");
            Message::new("invisible-character", message, "here").help("remove it")
        }
    };
    message.at(file.span(region))
}

/// A text that the grammar did not accept: `piece` is where the parsed text stands in the file.
pub(super) fn expected(file: &File, error: &Error<Rule>, piece: Region) -> Diagnostic {
    let offset = match error.location {
        InputLocation::Pos(offset) | InputLocation::Span((offset, _)) => offset,
    };
    let region = found_at(file, piece, piece.start + offset);
    let found = file.text(region);
    let positives = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    let text = file.text(piece);
    if text.trim().is_empty() {
        let nothing = Message::new("syntax", "there is no value between the braces", "empty");
        let braces = Region { start: piece.start.saturating_sub(1), end: piece.end + 1 };
        return nothing.help("put an expression there; a brace itself is `{{` or `}}`").at(file.span(braces));
    }
    if found == "-" && ["package", "use"].iter().any(|word| text.starts_with(word)) {
        let message = Message::new("syntax", "a package's name holds letters, digits, `_` and dots", "not expected here");
        return message.help("write `_`").at(file.span(region));
    }
    let slip = word_before(file, piece, region.start).and_then(|(word, before)| {
        earlier(word, file.text(Region { start: piece.start, end: before.start })).zip(Some(before))
    });
    if let Some((message, before)) = slip {
        return message.at(file.span(before));
    }
    let in_header = file.text(Region { start: piece.start, end: region.start }).starts_with("rule")
        && !file.text(Region { start: piece.start, end: region.start }).contains('{');
    let message = special(file, found, region, positives).unwrap_or_else(|| plain(found, positives));
    let message = match form(positives, in_header, text.starts_with("param")) {
        Some(form) if message.help.is_none() => message.help(form),
        _ => message,
    };
    message.at(file.span(region))
}

/// The word that ends right before a place of the piece.
fn word_before(file: &File, piece: Region, at: usize) -> Option<(&str, Region)> {
    let before = file.text(Region { start: piece.start, end: at }).trim_end();
    let length = before.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let end = piece.start + before.len();
    let region = Region { start: end - length, end };
    Some((file.text(region), region)).filter(|_| length > 0)
}

/// A slip that the grammar notices one word too late: it took the word for a name.
fn earlier(word: &str, before: &str) -> Option<Message> {
    match word {
        "count" => {
            return Some(
                Message::new("syntax", "what is counted stands in parentheses", "counts nothing").help("write `count(...)`"),
            );
        }
        "exists" | "some" | "exist" => {
            return Some(
                Message::new("misspelt-word", format!("`{word}` is not known"), "not known")
                    .help("write `any x in list: condition`"),
            );
        }
        "each" => {
            return Some(
                Message::new("misspelt-word", format!("`{word}` is not known"), "not known")
                    .help("write `all x in list: condition`"),
            );
        }
        _ => {}
    }
    (before.trim_end().ends_with("forbid") && nearest(word, ["import"]).is_some()).then(|| {
        Message::new("misspelt-word", format!("`{word}` is not expected here"), "not known").help("did you mean `import`?")
    })
}

/// A word that begins a line outside of every item, and is near to one that begins an item.
pub(super) fn misspelt_item(word: &str) -> Option<Message> {
    nearest(word, ITEM_WORDS).map(|near| {
        Message::new("misspelt-word", format!("`{word}` begins nothing"), "not known").help(format!("did you mean `{near}`?"))
    })
}

/// The word, text or mark at a place; the end of the piece where nothing follows.
fn found_at(file: &File, piece: Region, start: usize) -> Region {
    let rest = file.text(Region { start, end: piece.end });
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let mark =
        ["->*", "&&", "||", "->", "=>", "::", "/*", "=="].iter().find(|mark| rest.starts_with(**mark)).map(|mark| mark.len());
    let length = if word > 0 { word } else { mark.or(rest.chars().next().map(char::len_utf8)).unwrap_or(0) };
    Region { start, end: start + length }
}

/// Slips that deserve their own words.
fn special(file: &File, found: &str, region: Region, positives: &[Rule]) -> Option<Message> {
    let begins = positives.contains(&Rule::clauses) || positives.contains(&Rule::require_word);
    if let Some(instead) = supported_instead(found).filter(|_| begins) {
        return Some(not_yet(found, instead));
    }
    if begins && ITEM_WORDS.contains(&found) && !CLAUSE_WORDS.contains(&found) {
        let message = Message::new("syntax", format!("`{found}` stands outside of rules"), "not in a rule");
        return Some(message.help("close the rule before it with `}`, or move it out of the rule"));
    }
    let operates = positives.iter().any(|rule| describe(*rule) == Some("an operator"));
    let word = match found {
        "/" if positives.contains(&Rule::except_word) => {
            return Some(
                Message::new("syntax", "module names are joined with dots", "not expected here").help("write `os.path`"),
            );
        }
        "&&" => Some("and"),
        "||" => Some("or"),
        "!" => Some("not"),
        "'" => return Some(Message::new("syntax", "text stands in double quotes", "not a quote here").help("write `\"`")),
        "“" | "”" | "„" | "‘" | "’" | "`" => {
            return Some(
                Message::new("syntax", "text stands in straight double quotes", "not a quote here").help("write `\"`"),
            );
        }
        "#" | "/*" => return Some(Message::new("syntax", "comments begin with `//`", "not a comment here").help("write `//`")),
        "+" | "*" | "%" | "/" | "-" if operates => {
            return Some(
                Message::new("syntax", "there is no arithmetic", "not an operator")
                    .help("compare the values themselves, or put the result into a `param`"),
            );
        }
        "~" => {
            return Some(
                Message::new("syntax", "`~` is written as a word", "not an operator").help("write `matches` and a glob"),
            );
        }
        "," if operates => {
            return Some(
                Message::new("syntax", "several values stand in a set", "not expected here").help("write `{\"a\", \"b\"}`"),
            );
        }
        "==" if positives.contains(&Rule::assign) => {
            return Some(Message::new("syntax", "a definition has one `=`", "compares").help("write `=`"));
        }
        "\"" if positives
            .iter()
            .any(|rule| matches!(rule, Rule::patterns | Rule::pattern | Rule::dotted | Rule::rule_name | Rule::segment)) =>
        {
            return Some(
                Message::new("syntax", "names and module patterns stand without quotes", "not expected here")
                    .help("remove the quotes"),
            );
        }
        ";" => return Some(Message::new("syntax", "there are no semicolons", "not needed").help("remove it")),
        _ => None,
    };
    if let Some(word) = word {
        return Some(
            Message::new("syntax", format!("`{found}` is written as a word"), "not an operator")
                .help(format!("write `{word}`")),
        );
    }
    if let Some(here) = known_elsewhere(found) {
        return Some(
            Message::new("misspelt-word", format!("`{found}` is not a word of the language here"), "not known").help(here),
        );
    }
    if found.len() > 1
        && found.starts_with(|first: char| first.is_ascii_digit())
        && found.ends_with(|last: char| last.is_ascii_alphabetic())
    {
        return Some(
            Message::new("syntax", "numbers have no units", "not a number").help("write the number alone, sizes in bytes"),
        );
    }
    let expects = |rules: [Rule; 2]| rules.iter().any(|rule| positives.contains(rule));
    let of_waiver = expects([Rule::waiver_clauses, Rule::reason_word]);
    let of_test = expects([Rule::test_clauses, Rule::given_word]);
    if begins || of_waiver || of_test {
        let near = match (of_waiver, of_test) {
            (true, _) => nearest(found, WAIVER_WORDS),
            (_, true) => nearest(found, TEST_WORDS),
            _ => nearest(found, CLAUSE_WORDS),
        };
        let message = |near: &str| {
            Message::new("misspelt-word", format!("`{found}` begins no clause"), "not known")
                .help(format!("did you mean `{near}`?"))
        };
        if let Some(near) = near.filter(|_| !found.is_empty()) {
            return Some(message(near));
        }
    }
    let spelt: Vec<_> = positives.iter().filter_map(|rule| keyword(*rule)).collect();
    let continues = found.len() >= 2 && file.text(region) == found;
    nearest(found, spelt).filter(|_| continues && found.len() > 2).map(|near| {
        Message::new("misspelt-word", format!("`{found}` is not expected here"), "not known")
            .help(format!("did you mean `{near}`?"))
    })
}

/// What the whole form looks like, where a part of it is missing.
fn form(positives: &[Rule], in_header: bool, in_param: bool) -> Option<&'static str> {
    let expects = |rule| positives.contains(&rule);
    if in_header {
        return Some("a rule begins like `rule name error \"title\" {`");
    }
    if expects(Rule::arrow) || expects(Rule::patterns) {
        return Some("write `forbid import A -> B`: who must not import, and what");
    }
    if expects(Rule::in_word) && expects(Rule::open) {
        return Some("write `layers in package { high > low }`");
    }
    if expects(Rule::group_word) && !expects(Rule::in_word) {
        return Some("write `for key, items in list group x by x.field`");
    }
    if expects(Rule::module_word) && expects(Rule::patterns) == expects(Rule::only_word) {
        return Some("write `every module name has { ... }`");
    }
    if expects(Rule::only_word) {
        return Some("write `protected A only from B`");
    }
    if expects(Rule::in_word) {
        return Some("write `for x in list`");
    }
    if expects(Rule::colon) && (expects(Rule::where_word) || expects(Rule::operator) || expects(Rule::or_word)) {
        return Some("write `any x in list where condition: condition`");
    }
    if expects(Rule::colon) && in_param {
        return Some("write `param name: Type = value`");
    }
    None
}

fn plain(found: &str, positives: &[Rule]) -> Message {
    let mut expected: BTreeSet<&str> = positives.iter().filter_map(|rule| describe(*rule)).collect();
    if expected.contains("a clause") {
        // A rule's own parameter is a clause as any other.
        expected.remove("`param`");
    }
    if positives == [Rule::date] {
        expected = BTreeSet::from(["a day such as `2027-03-31`"]);
    }
    let expected: Vec<&str> = expected.into_iter().collect();
    let found = if found.is_empty() { "nothing more".to_owned() } else { format!("`{found}`") };
    match expected.as_slice() {
        [] => Message::new("syntax", format!("{found} is not expected here"), "not expected"),
        [only] => Message::new("syntax", format!("expected {only}, found {found}"), format!("expected {only}")),
        [first @ .., last] if first.len() < 5 => {
            let listed = format!("{} or {last}", first.join(", "));
            Message::new("syntax", format!("expected {listed}, found {found}"), "not expected here")
        }
        _ => Message::new("syntax", format!("{found} is not expected here"), "not expected"),
    }
}
