//! Token by token through a Python 2 source: what is to be written otherwise for Python 3; never more than that.

use super::{Edit, Kind, MARK, Token};

/// Walks over the tokens once.
pub(super) struct Rewriter<'a> {
    text: &'a str,
    tokens: &'a [Token],
    pub(super) edits: Vec<Edit>,
    pub(super) python_2_only: bool,
    pub(super) exec: Option<usize>,
    /// Open brackets: the sign, and whether it holds the parameters of a function.
    open: Vec<(u8, bool)>,
    /// How many brackets were open at each `lambda` whose parameters are being read.
    lambdas: Vec<usize>,
    /// Indentations of the functions around.
    functions: Vec<usize>,
    indentation: usize,
    /// Parameters in parentheses so far.
    nested: usize,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        let (edits, open, lambdas, functions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { text, tokens, edits, python_2_only: false, exec: None, open, lambdas, functions, indentation: 0, nested: 0 }
    }

    fn text_of(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }

    fn kind(&self, at: usize) -> Kind {
        self.tokens.get(at).map_or(Kind::Newline, |token| token.kind)
    }

    fn edit(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.edits.push(Edit { start, end, text: text.into() });
        self.python_2_only = true;
    }

    fn replace(&mut self, at: usize, text: impl Into<String>) {
        if let Some(token) = self.tokens.get(at) {
            self.edit(token.start, token.end, text);
        }
    }

    /// Gives a keyword that is used as a name the mark; Python 3 had names `async` and `await` up to 3.6.
    fn rename(&mut self, at: usize) {
        let only = self.python_2_only;
        self.replace(at, format!("{MARK}{}", self.text_of(at)));
        self.python_2_only = only || !matches!(self.text_of(at), "async" | "await");
    }

    /// Writes indentation with blanks, as if tabs stood for up to eight.
    pub(super) fn expand_tabs(&mut self) {
        for token in self.tokens.iter().filter(|token| token.kind == Kind::Indentation) {
            let blanks = self.text.get(token.start..token.end).unwrap_or_default();
            if blanks.contains('\t') {
                self.edits.push(Edit { start: token.start, end: token.end, text: " ".repeat(width(blanks)) });
                self.python_2_only = true;
            }
        }
    }

    pub(super) fn run(&mut self) {
        let mut at = 0;
        let mut begins = true;
        while let Some(token) = self.tokens.get(at).copied() {
            let mut next = at + 1;
            match token.kind {
                Kind::Newline => {
                    self.open.clear();
                    self.lambdas.clear();
                }
                Kind::Indentation => {
                    self.indentation = width(self.text_of(at));
                    while self.functions.last().is_some_and(|outer| *outer >= self.indentation) {
                        self.functions.pop();
                    }
                }
                Kind::Number => self.number(at),
                Kind::String => self.string(at),
                Kind::Name => self.name(at, begins),
                Kind::Sign => next = self.sign(at),
            }
            begins = match token.kind {
                Kind::Newline | Kind::Indentation => true,
                Kind::Sign => self.open.is_empty() && matches!(self.text_of(at), ":" | ";"),
                _ => false,
            };
            at = next;
        }
    }

    fn number(&mut self, at: usize) {
        let text = self.text_of(at);
        let bare = text.trim_end_matches(['l', 'L']);
        let octal = bare.strip_prefix('0').filter(|digits| {
            digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) && digits.bytes().any(|digit| digit != b'0')
        });
        match octal {
            Some(digits) => self.replace(at, format!("0o{digits}")),
            // Before an attribute's dot a blank is left, lest it become a decimal point.
            None if bare.len() < text.len() && self.text_of(at + 1) == "." => self.replace(at, format!("{bare} ")),
            None if bare.len() < text.len() => self.replace(at, bare),
            None => {}
        }
    }

    fn string(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at).copied() else { return };
        let text = self.text_of(at);
        let prefix = text.split(['"', '\'']).next().unwrap_or_default().to_ascii_lowercase();
        if prefix == "ur" {
            self.edit(token.start, token.start + 2, "r");
        } else if prefix.starts_with('b') && !text.is_ascii() {
            self.edit(token.start, token.start + 1, "");
        }
        if prefix.is_empty() {
            let bytes = text.as_bytes();
            let mut offset = 0;
            while let Some(byte) = bytes.get(offset) {
                if *byte == b'\\' {
                    if matches!(bytes.get(offset + 1), Some(b'N' | b'u' | b'U')) {
                        self.edits.push(Edit { start: token.start + offset, end: token.start + offset, text: "\\".to_owned() });
                    }
                    offset += 1;
                }
                offset += 1;
            }
        }
    }

    fn name(&mut self, at: usize, begins: bool) {
        let before = at.checked_sub(1).map_or("", |before| self.text_of(before));
        let (after, after_kind) = (self.text_of(at + 1), self.kind(at + 1));
        let is_bound = matches!(before, "." | "def" | "class" | "import" | "as" | "global");
        match self.text_of(at) {
            "print" if begins && self.begins_print(at + 1) => {
                self.replace(at, "yield");
                if after == ">>" {
                    self.replace(at + 1, "");
                }
            }
            "exec" if begins && after != "(" && begins_operand(after, after_kind) => {
                self.replace(at, "yield");
                let scoped = self.rest(at).any(|(_, word)| word == "in");
                if !scoped && self.functions.is_empty() {
                    self.exec = self.exec.or(self.tokens.get(at).map(|token| token.start));
                }
            }
            "raise" if begins => self.raise(at),
            "def" if begins => self.functions.push(self.indentation),
            "lambda" => self.lambdas.push(self.open.len()),
            "for" if self.open.last().is_some_and(|(sign, _)| *sign == b'[') => self.comprehension(at),
            "async" if is_bound || !matches!(after, "def" | "with" | "for") => self.rename(at),
            "await" if is_bound || !(after == "(" || begins_operand(after, after_kind)) => self.rename(at),
            "nonlocal" if is_bound || !(begins && after_kind == Kind::Name) => self.rename(at),
            "True" | "False" if before == "." || (matches!(after, "=" | ",") && self.is_target(at)) => self.rename(at),
            _ => {}
        }
    }

    fn begins_print(&self, at: usize) -> bool {
        let text = self.text_of(at);
        text == ">>" || (text != "(" && begins_operand(text, self.kind(at)))
    }

    /// Whether a name stands on the left of a statement's first `=`.
    fn is_target(&self, at: usize) -> bool {
        let from = self.tokens.get(..at).unwrap_or_default();
        let begun = from.iter().rposition(|token| matches!(token.kind, Kind::Newline | Kind::Indentation));
        let begun = begun.map_or(0, |begun| begun + 1);
        let plain = |at: usize| self.kind(at) == Kind::Name || self.text_of(at) == ",";
        (begun..at).all(plain) && self.rest(at).find(|(at, _)| !plain(*at)).is_some_and(|(_, sign)| sign == "=")
    }

    /// The tokens after `at` to the end of its statement or bracket, without those inside of brackets.
    fn rest(&self, at: usize) -> impl Iterator<Item = (usize, &'a str)> {
        let mut depth = 0_usize;
        let inner = (at + 1..self.tokens.len()).map(|at| (at, self.kind(at), self.text_of(at)));
        let until = inner.take_while(move |(_, kind, text)| {
            let closes = matches!(*text, ")" | "]" | "}");
            if depth == 0 && (closes || *text == ";" || *kind == Kind::Newline) {
                return false;
            }
            match *text {
                "(" | "[" | "{" => depth += 1,
                _ if closes => depth -= 1,
                _ => {}
            }
            true
        });
        let mut level = 0_usize;
        until.filter_map(move |(at, _, text)| {
            let opens = matches!(text, "(" | "[" | "{");
            let closes = matches!(text, ")" | "]" | "}");
            if closes {
                level -= 1;
            }
            let shown = level == 0;
            if opens {
                level += 1;
            }
            shown.then_some((at, text))
        })
    }

    /// `raise E, value, traceback`
    fn raise(&mut self, at: usize) {
        let rest: Vec<(usize, &str)> = self.rest(at).collect();
        let (Some((first, _)), Some((last, _))) = (rest.first(), rest.last()) else { return };
        let (Some(first), Some(last)) = (self.tokens.get(*first), self.tokens.get(*last)) else { return };
        if rest.iter().any(|(_, text)| *text == ",") {
            self.edit(first.start, first.start, "(");
            self.edit(last.end, last.end, ")");
        }
    }

    /// `[x for x in 1, 2, 3]`
    fn comprehension(&mut self, at: usize) {
        let mut rest = self.rest(at).skip_while(|(_, text)| *text != "in").skip(1);
        let part: Vec<(usize, &str)> = rest.by_ref().take_while(|(_, text)| !matches!(*text, "for" | "if")).collect();
        drop(rest);
        let (Some((first, _)), Some((last, _))) = (part.first(), part.last()) else { return };
        let (Some(first), Some(last)) = (self.tokens.get(*first), self.tokens.get(*last)) else { return };
        if part.iter().any(|(_, text)| *text == ",") {
            self.edit(first.start, first.start, "(");
            self.edit(last.end, last.end, ")");
        }
    }

    /// Reads a sign; returns which token comes next.
    fn sign(&mut self, at: usize) -> usize {
        let text = self.text_of(at);
        let before = at.checked_sub(1).map_or("", |before| self.text_of(before));
        match text {
            "<>" => self.replace(at, "!="),
            "`" => {
                let closes = self.open.last().is_some_and(|(sign, _)| *sign == b'`');
                self.replace(at, if closes { ")" } else { "(" });
                if closes {
                    self.open.pop();
                } else {
                    self.open.push((b'`', false));
                }
            }
            "(" if self.takes_parameter(before) => {
                let end = self.rest(at).last().map_or(at, |(last, _)| last) + 1;
                if let (Some(start), Some(close)) = (self.tokens.get(at), self.tokens.get(end)) {
                    self.nested += 1;
                    self.edit(start.start, close.end, format!("{MARK}{}", self.nested));
                    return end + 1;
                }
            }
            "(" | "[" | "{" => {
                let defines = text == "(" && at >= 2 && self.text_of(at - 2) == "def";
                self.open.push((text.bytes().next().unwrap_or_default(), defines));
            }
            ")" | "]" | "}" => {
                self.open.pop();
                self.lambdas.retain(|depth| *depth <= self.open.len());
            }
            ":" if self.lambdas.last() == Some(&self.open.len()) => _ = self.lambdas.pop(),
            _ => {}
        }
        at + 1
    }

    /// Whether a parenthesis after `before` begins a parameter.
    fn takes_parameter(&self, before: &str) -> bool {
        let of_lambda = self.lambdas.last() == Some(&self.open.len());
        let of_function = self.open.last().is_some_and(|(_, defines)| *defines);
        match before {
            "lambda" => of_lambda,
            "," => of_lambda || of_function,
            "(" => of_function,
            _ => false,
        }
    }
}

/// How wide blanks are with tabs of eight.
fn width(blanks: &str) -> usize {
    blanks.bytes().fold(0, |width, byte| match byte {
        b'\t' => (width / 8 + 1) * 8,
        0x0c => 0,
        _ => width + 1,
    })
}

/// Whether a token can begin an expression that follows a word with nothing between.
pub(super) fn begins_operand(text: &str, kind: Kind) -> bool {
    match kind {
        Kind::Number | Kind::String => true,
        Kind::Name => !matches!(text, "in" | "is" | "and" | "or" | "if" | "else" | "for" | "as" | "import"),
        Kind::Sign => matches!(text, "(" | "[" | "{" | "`" | "~" | "-" | "+"),
        Kind::Newline | Kind::Indentation => false,
    }
}
