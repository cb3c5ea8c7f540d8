//! The only door to the Python parser: text to syntax tree on a stack that is deep enough; never a crash on deep nesting.

use ruff_python_ast::{PythonVersion, Stmt, token::TokenKind, token::Tokens};
use ruff_python_parser::{Mode, ParseOptions, UnsupportedSyntaxError, lexer::lex, parse_unchecked};
use ruff_text_size::{Ranged, TextSize};

use super::nesting::{Nesting, rough};

/// The deepest tree that is read. No CPython compiles half of it: the recursion limit of its symbol table is 3,000 by default.
pub(super) const MAX_NESTING: usize = 20_000;

/// Stack for each level of the tree while it is parsed or dropped, and while it is visited; both measured generously with
/// unoptimised code.
const DROP_FRAME: usize = 1 << 10;
const VISIT_FRAME: usize = 8 << 10;
/// Stack that any of it takes at least.
const BASE: usize = 512 << 10;

/// A parsed module.
pub(super) struct Syntax<'a> {
    /// The statements; where there is an error, also what the parser made of the text after it.
    pub body: &'a [Stmt],
    /// The tokens.
    pub tokens: &'a Tokens,
    /// The first error.
    pub error: Option<SyntaxError>,
    /// Syntax that Python 3.7 does not have.
    pub newer: &'a [UnsupportedSyntaxError],
}

/// What the parser does not understand, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// In the parser's words.
    pub message: String,
    /// The offset.
    pub at: TextSize,
}

/// Parses `text` with the newest grammar and hands the tree to `read`; an error where the nesting is too deep.
pub(super) fn parse<R>(text: &str, read: impl FnOnce(&Syntax<'_>) -> R) -> Result<R, SyntaxError> {
    let mut bound = rough(text);
    if bound > MAX_NESTING {
        bound = exact(text)?;
    }
    grow(bound.saturating_mul(DROP_FRAME), || {
        let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY37);
        let Some(parsed) = parse_unchecked(text, options).try_into_module() else {
            return Err(SyntaxError { message: "not a module".to_owned(), at: TextSize::new(0) });
        };
        let mut nesting = Nesting::new();
        let mut depth = 0;
        for token in parsed.tokens().iter() {
            depth = nesting.token(token.kind());
            if depth > MAX_NESTING {
                return Err(too_deep(token.start()));
            }
        }
        let error = parsed
            .errors()
            .iter()
            .min_by_key(|error| error.location.start())
            .map(|error| SyntaxError { message: error.error.to_string(), at: error.location.start() });
        let syntax = Syntax { body: parsed.suite(), tokens: parsed.tokens(), error, newer: parsed.unsupported_syntax_errors() };
        Ok(grow(depth.saturating_mul(VISIT_FRAME), || read(&syntax)))
    })
}

/// The bound of the depth by the lexer alone.
fn exact(text: &str) -> Result<usize, SyntaxError> {
    let mut lexer = lex(text, Mode::Module);
    let mut nesting = Nesting::new();
    loop {
        let kind = lexer.next_token();
        let depth = nesting.token(kind);
        if depth > MAX_NESTING {
            // The lexer does not tell where it is: the error stands for the whole file.
            return Err(too_deep(TextSize::new(0)));
        }
        if kind == TokenKind::EndOfFile {
            return Ok(depth);
        }
    }
}

fn too_deep(at: TextSize) -> SyntaxError {
    SyntaxError { message: format!("nested more than {MAX_NESTING} levels deep, more than any Python compiles"), at }
}

fn grow<R>(needed: usize, run: impl FnOnce() -> R) -> R {
    let needed = needed.saturating_add(BASE);
    stacker::maybe_grow(needed, needed.saturating_add(BASE), run)
}
