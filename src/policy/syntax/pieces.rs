//! Where the clauses of a body, and the members, facts and layers of a block begin; never what they say.

use std::ops::Range;

use super::{
    parse::{Parsing, Rule},
    scan::{Token, TokenKind},
    words::{TEST_WORDS, WAIVER_WORDS, begins_clause, nearest},
};

/// What stands between two braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Clauses of a rule.
    Rule,
    /// Clauses of a waiver.
    Waiver,
    /// Clauses of a test.
    Test,
    /// Members of a module or class.
    Members,
    /// Layers.
    Layers,
    /// Facts of a test.
    Facts,
}

impl Body {
    /// What the item begins with, up to its brace.
    pub(super) fn header(self) -> Rule {
        match self {
            Self::Waiver => Rule::waiver_header,
            Self::Test => Rule::test_header,
            Self::Rule | Self::Members | Self::Layers | Self::Facts => Rule::rule_header,
        }
    }

    /// What a piece of it parses as.
    pub(super) fn pieces(self) -> Rule {
        match self {
            Self::Rule => Rule::clauses,
            Self::Waiver => Rule::waiver_clauses,
            Self::Test => Rule::test_clauses,
            Self::Members => Rule::only_members,
            Self::Layers => Rule::only_layers,
            Self::Facts => Rule::only_facts,
        }
    }
}

impl Parsing<'_> {
    /// The pieces of a body, each of which parses on its own, or not.
    pub(super) fn pieces(&self, body: Body, inside: Range<usize>) -> Vec<Range<usize>> {
        match body {
            Body::Rule | Body::Waiver | Body::Test => self.clauses(body, inside),
            Body::Members | Body::Facts => self.lines(body, inside),
            Body::Layers => self.rows(inside),
        }
    }

    /// Clauses: each begins with a clause's word at the start of a line, outside of brackets.
    ///
    /// Where a brace was forgotten, what can only be a clause is one inside of braces too.
    fn clauses(&self, body: Body, inside: Range<usize>) -> Vec<Range<usize>> {
        let forgotten =
            self.lone(&inside).any(|token| token.kind == TokenKind::Open(b'{')) || self.is_lone(inside.start.saturating_sub(1));
        let mut pieces = Vec::new();
        let (mut depth, mut awaited, mut start) = (0_usize, 0_usize, None);
        for index in inside.clone() {
            let Some(token) = self.scan.tokens.get(index) else { break };
            match token.kind {
                TokenKind::Open(_) if !self.is_lone(index) => depth += 1,
                // What closes nothing stands for the brace of the body, unless more follows.
                TokenKind::Close(_) if depth == 0 && (index + 1 == inside.end || !self.is_lone(index)) => {
                    pieces.extend(start.take().map(|start| start..index));
                    return pieces;
                }
                TokenKind::Close(_) if !self.is_lone(index) => depth = depth.saturating_sub(1),
                TokenKind::Mark(b':') if depth == 0 => awaited = awaited.saturating_sub(1),
                TokenKind::Word => {
                    let word = self.word(index);
                    let surely = (depth == 0 || forgotten) && self.is_surely_clause(body, index);
                    let perhaps = depth == 0 && body.begins(word) && !(word == "where" && awaited > 0);
                    if token.first_on_line && (surely || perhaps)
                        || surely && body != Body::Rule && self.follows(&inside, index)
                    {
                        pieces.extend(start.replace(index).map(|start| start..index));
                        (awaited, depth) = (0, 0);
                    } else if depth == 0 && matches!(word, "any" | "all") {
                        awaited += 1;
                    }
                }
                _ => {}
            }
            start = start.or(Some(index));
        }
        pieces.extend(start.map(|start| start..inside.end));
        pieces
    }

    /// Whether a word in the middle of a line may begin a clause: not where it names a field.
    fn follows(&self, inside: &Range<usize>, index: usize) -> bool {
        let before = index.checked_sub(1).filter(|before| *before >= inside.start).and_then(|at| self.scan.tokens.get(at));
        before.is_none_or(|before| !matches!(before.kind, TokenKind::Mark(_)))
    }

    /// Whether nothing but a clause reads like this: its word, and what must follow that.
    fn is_surely_clause(&self, body: Body, index: usize) -> bool {
        let word = self.word(index);
        let next = self.scan.tokens.get(index + 1).filter(|next| !next.first_on_line);
        let (kind, after) = (next.map(|next| next.kind), self.word(index + 1));
        let text = kind == Some(TokenKind::Text);
        let set = kind == Some(TokenKind::Open(b'{'));
        let is_word = kind == Some(TokenKind::Word);
        let pattern = is_word || set || kind == Some(TokenKind::Mark(b'*'));
        match (body, word) {
            (Body::Rule, "for") => is_word,
            (Body::Rule, "message" | "help" | "code" | "owner" | "link" | "alternative") => text,
            (Body::Rule, "tags") => text || set,
            (Body::Rule, "on") => after == "unknown",
            (Body::Rule, "every") => after == "module",
            (Body::Rule, "layers") => set || after == "in",
            (Body::Rule, "protected" | "independent" | "acyclic") => pattern,
            (Body::Rule, "require" | "forbid" | "where") => {
                is_word || matches!(kind, Some(TokenKind::Open(b'(' | b'{') | TokenKind::Text))
            }
            (Body::Rule, "param" | "fn" | "data" | "use") => is_word,
            (Body::Waiver, "owner" | "reason") => text,
            (Body::Waiver, "expires") | (Body::Test, "today") => after.starts_with(|first: char| first.is_ascii_digit()),
            (Body::Waiver, "at") => after == "most",
            (Body::Waiver, "only") => matches!(after, "import" | "module" | "path" | "subject"),
            (Body::Test, "given") => set,
            (Body::Test, "expect" | "param") => is_word,
            _ => false,
        }
    }

    /// Members or facts: each begins a line outside of brackets, or with a word that only begins one.
    fn lines(&self, body: Body, inside: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let (mut depth, mut start) = (0_usize, None::<usize>);
        // The first token of the line, or of the piece where that begins later.
        let mut first = inside.start;
        for index in inside.clone() {
            let Some(token) = self.scan.tokens.get(index) else { break };
            match start {
                Some(begun) if depth == 0 && self.begins_line(body, (begun, first), index, token) => {
                    pieces.push(begun..index);
                    (start, first) = (Some(index), index);
                }
                None => (start, first) = (Some(index), index),
                Some(_) if token.first_on_line => first = index,
                Some(_) => {}
            }
            match token.kind {
                TokenKind::Open(_) if !self.is_lone(index) => depth += 1,
                TokenKind::Close(_) if !self.is_lone(index) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        pieces.extend(start.map(|start| start..inside.end));
        pieces
    }

    /// Whether a member or fact begins at a token, where another began at `begun` and the line before goes on from `first`.
    fn begins_line(&self, body: Body, (begun, first): (usize, usize), index: usize, token: &Token) -> bool {
        let (word, before) = (self.word(index), self.word(index - 1));
        let modifies = matches!(before, "optional" | "async" | "class" | "def" | "import" | "from");
        // A decorator belongs to what follows it.
        if modifies || self.word(first) == "@" {
            return false;
        }
        if !token.first_on_line {
            return body == Body::Members && matches!(word, "def" | "class" | "optional" | "async");
        }
        let before = self.scan.tokens.get(index - 1).map(|token| token.kind);
        let goes_on = matches!(before, Some(TokenKind::Mark(mark)) if !matches!(mark, b'*' | b'.' | b'?' | b'/'))
            && !(body == Body::Members && matches!(word, "def" | "class" | "optional" | "async" | "@"));
        let unfinished_import =
            word == "import" && self.word(begun) == "from" && !(begun..index).any(|at| self.word(at) == "import");
        match token.kind {
            TokenKind::Word => !goes_on && !unfinished_import,
            TokenKind::Mark(mark) => !goes_on && matches!(mark, b'@' | b'*'),
            _ => false,
        }
    }

    /// Layers: what stands between two `>`; where nothing does, the mark itself.
    fn rows(&self, inside: Range<usize>) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let mut start = inside.start;
        for index in inside.clone() {
            if self.word(index) == ">" {
                pieces.push(if start == index { index..index + 1 } else { start..index });
                start = index + 1;
            }
        }
        pieces.push(if start >= inside.end { inside.end..inside.end + 1 } else { start..inside.end });
        pieces
    }
}

impl Body {
    /// Whether a word at the start of a line begins a clause: one of the words for it, or a slip of the pen near to one.
    fn begins(self, word: &str) -> bool {
        let near =
            |words: &[&'static str]| words.contains(&word) || word.len() >= 4 && nearest(word, words.iter().copied()).is_some();
        match self {
            Self::Waiver => near(&WAIVER_WORDS),
            Self::Test => near(&TEST_WORDS),
            Self::Rule | Self::Members | Self::Layers | Self::Facts => begins_clause(word),
        }
    }
}
