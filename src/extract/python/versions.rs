//! Which versions of Python can parse a source, by the newest syntax in it; never whether they could run it.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{UnsupportedSyntaxError, UnsupportedSyntaxErrorKind as Newer};
use ruff_text_size::Ranged;
use smol_str::SmolStr;

use super::{lines::Lines, parse::Syntax as Tree, python_2::obstacle};
use crate::facts::{SourceError, Syntax, SyntaxChange};

/// The versions that parse a tree without errors; `declared` says whether the source names its encoding.
pub(super) fn versions(tree: &Tree<'_>, lines: &Lines<'_>, declared: bool) -> Syntax {
    let mut syntax = Syntax::default();
    let newest = tree
        .newer
        .iter()
        .map(|newer| (minor(newer.kind), newer))
        .max_by_key(|(minor, newer)| (*minor, std::cmp::Reverse(newer.range.start())));
    let change = |minor, what: &str, at| SyntaxChange { minor, what: SmolStr::new(what), line: lines.line(at) };
    let mut modern = tree
        .newer
        .iter()
        .find(|newer| newer.kind != Newer::UnparenthesizedExceptionTypes)
        .map(|newer| (what(newer), newer.range.start()));
    syntax.since = newest.map(|(minor, newer)| change(minor, what(newer), newer.range.start()));
    let mut brackets: Vec<(TokenKind, bool)> = Vec::new();
    let mut before = TokenKind::EndOfFile;
    for token in tree.tokens {
        let kind = token.kind();
        let (version, what) = match kind {
            TokenKind::FStringStart => (6, "an f-string"),
            TokenKind::Async | TokenKind::Await => (5, "`async` and `await`"),
            TokenKind::Rarrow => (0, "an annotation"),
            TokenKind::Nonlocal => (0, "`nonlocal`"),
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                brackets.push((kind, false));
                (0, "")
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                brackets.pop();
                (0, "")
            }
            TokenKind::Equal if before == TokenKind::Rpar && brackets.last() == Some(&(TokenKind::Lpar, false)) => {
                syntax.before =
                    syntax.before.take().or_else(|| Some(change(8, "a keyword argument in parentheses", token.start())));
                (0, "")
            }
            // What follows an annotation is a default.
            TokenKind::Colon => {
                brackets.iter_mut().for_each(|(_, annotated)| *annotated = true);
                (0, "")
            }
            _ => (0, ""),
        };
        if !what.is_empty() && modern.is_none() {
            modern = Some((what, token.start()));
        }
        if version > syntax.since.as_ref().map_or(0, |since| since.minor) {
            syntax.since = Some(change(version, what, token.start()));
        }
        if !matches!(kind, TokenKind::NonLogicalNewline | TokenKind::Comment) {
            before = kind;
        }
    }
    let encoding =
        (!declared && !lines.is_ascii()).then(|| ("text beyond ASCII without a declared encoding", first_beyond_ascii(lines)));
    let kept = modern.map(|(what, at)| (what, lines.line(at))).or(encoding);
    let kept = kept.or_else(|| obstacle(tree.body, lines).map(|(what, at)| (what, lines.line(at))));
    syntax.not_python_2 = kept.map(|(what, line)| SourceError { message: format!("{what}: Python 2 has none"), line });
    syntax
}

fn first_beyond_ascii(lines: &Lines<'_>) -> u32 {
    let at = lines.text().bytes().position(|byte| !byte.is_ascii()).unwrap_or_default();
    lines.own_line(at)
}

/// The minor version that brought a syntax.
fn minor(newer: Newer) -> u32 {
    match newer {
        Newer::Walrus | Newer::StarTuple(_) | Newer::PositionalOnlyParameter => 8,
        Newer::UnparenthesizedNamedExpr(_)
        | Newer::RelaxedDecorator(_)
        | Newer::ParenthesizedContextManager
        | Newer::UnparenthesizedUnpackInFor => 9,
        Newer::Match => 10,
        Newer::ExceptStar | Newer::StarExpressionInIndex | Newer::StarAnnotation => 11,
        Newer::TypeParameterList | Newer::TypeAliasStatement | Newer::Pep701FString(_) => 12,
        Newer::TypeParamDefault => 13,
        Newer::UnparenthesizedExceptionTypes | Newer::TemplateStrings => 14,
        Newer::LazyImportStatement | Newer::UnpackingInComprehension(_) => 15,
        // It went with 3.8, and is found by its tokens.
        Newer::ParenthesizedKeywordArgumentName => 0,
    }
}

fn what(newer: &UnsupportedSyntaxError) -> &'static str {
    match newer.kind {
        Newer::Walrus => "an assignment expression (`:=`)",
        Newer::StarTuple(_) => "`*` in `return` or `yield` without parentheses",
        Newer::PositionalOnlyParameter => "positional-only parameters",
        Newer::UnparenthesizedNamedExpr(_) => "an assignment expression without parentheses",
        Newer::RelaxedDecorator(_) => "a decorator of any expression",
        Newer::ParenthesizedContextManager => "parentheses around the items of `with`",
        Newer::UnparenthesizedUnpackInFor => "`*` in `for` without parentheses",
        Newer::Match => "`match`",
        Newer::ExceptStar => "`except*`",
        Newer::StarExpressionInIndex => "`*` in a subscript",
        Newer::StarAnnotation => "`*` in an annotation",
        Newer::TypeParameterList => "type parameters",
        Newer::TypeAliasStatement => "a `type` statement",
        Newer::Pep701FString(_) => "an f-string of PEP 701",
        Newer::TypeParamDefault => "a default of a type parameter",
        Newer::UnparenthesizedExceptionTypes => "several exceptions without parentheses",
        Newer::TemplateStrings => "a t-string",
        Newer::LazyImportStatement => "a lazy import",
        Newer::UnpackingInComprehension(_) => "unpacking in a comprehension",
        Newer::ParenthesizedKeywordArgumentName => "a keyword argument in parentheses",
    }
}
