//! The words of the language and what they are near to; never a place in a text.

/// Words that begin a top-level item, with those that a later edition will know.
pub const ITEM_WORDS: [&str; 12] =
    ["edition", "package", "use", "param", "fn", "rule", "on", "data", "waive", "test", "audit", "contract"];

/// Words that begin a clause.
pub const CLAUSE_WORDS: [&str; 18] = [
    "for",
    "where",
    "require",
    "forbid",
    "message",
    "help",
    "on",
    "every",
    "layers",
    "protected",
    "independent",
    "acyclic",
    "code",
    "tags",
    "owner",
    "link",
    "param",
    "alternative",
];

/// Words that begin a clause of a waiver.
pub const WAIVER_WORDS: [&str; 6] = ["only", "where", "owner", "reason", "expires", "at"];

/// Words that begin a clause of a test.
pub const TEST_WORDS: [&str; 4] = ["given", "expect", "today", "param"];

/// Words that continue an expression or a clause on a new line.
const CONTINUATIONS: [&str; 20] = [
    "and", "or", "not", "in", "matches", "has", "is", "unless", "except", "ignoring", "any", "all", "count", "import", "true",
    "false", "via", "only", "from", "group",
];

/// What is planned and not there yet: the word, and what to do until then.
const LATER: [(&str, &str); 2] =
    [("audit", "check the images one by one"), ("contract", "write `every module name has { ... }` in a rule")];

/// What people write who know another language: the word, and what stands for it here.
const ELSEWHERE: [(&str, &str); 23] = [
    ("if", "write `where` before the clauses, or `unless` behind a condition"),
    ("when", "write `where`"),
    ("deny", "write `forbid`"),
    ("must", "write `require`"),
    ("assert", "write `require`"),
    ("allow", "write `require`"),
    ("default", "write `on unknown fail`, or `??` for a value that may be absent"),
    ("foreach", "write `for x in ...`"),
    ("of", "write `in`"),
    ("let", "write `param name: Type = ...`, or `fn` for what is computed"),
    ("const", "write `param name: Type = ...`"),
    ("var", "write `param name: Type = ...`"),
    ("def", "write `fn name(x: Type) -> Type = ...`"),
    ("function", "write `fn name(x: Type) -> Type = ...`"),
    ("import", "write `use` and a package, or `forbid import` in a rule"),
    ("like", "write `matches`"),
    ("None", "write `absent`"),
    ("null", "write `absent`"),
    ("on_unknown", "write `on unknown`"),
    ("Rule", "write `rule`"),
    ("policy", "write `rule`"),
    ("unless", "write it behind the condition of a `require` or `forbid`"),
    ("through", "write `via`"),
];

/// What stands here for a word of another language.
pub fn known_elsewhere(word: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(known, _)| *known == word).map(|(_, here)| *here)
}

/// What to do instead of a form that is not supported yet.
pub fn supported_instead(word: &str) -> Option<&'static str> {
    LATER.iter().find(|(later, _)| *later == word).map(|(_, instead)| *instead)
}

/// Whether a word at the start of a line begins a clause: one of the clause words, or a slip of the pen near to one.
pub fn begins_clause(word: &str) -> bool {
    CLAUSE_WORDS.contains(&word)
        || (word.len() >= 4 && !CONTINUATIONS.contains(&word) && nearest(word, CLAUSE_WORDS.iter().copied()).is_some())
}

/// The candidate that a misspelt word is nearest to: at most two edits away, and fewer than half of its letters.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 2 && *distance * 2 < candidate.len().max(word.len()))
        .min_by(|left, right| left.cmp(right))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::{begins_clause, nearest};

    #[test]
    fn slips_are_near() {
        assert_eq!(nearest("verison", ["version", "path"]), Some("version"));
        assert_eq!(nearest("xy", ["path", "os"]), None);
    }

    #[test]
    fn continuations_begin_no_clause() {
        assert!(begins_clause("requrie") && begins_clause("forbid"));
        assert!(!begins_clause("except") && !begins_clause("or"));
    }
}
