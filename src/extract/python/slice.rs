//! Source text of an expression on one line; never evaluated or reformatted beyond its white space.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::{Ranged, TextRange};
use smol_str::SmolStr;

use super::lines::{Lines, MAX_TEXT, shortened};

/// The text of `range` on one line: white space and comments between tokens become one blank (none inside brackets' edges),
/// line ends inside strings become `\n`. Of more than 240 characters the first 239 and `…` are left.
pub(super) fn one_line(range: TextRange, lines: &Lines<'_>, tokens: &Tokens) -> SmolStr {
    let text = lines.slice(range);
    if is_plain(text) {
        return SmolStr::new(text);
    }
    let mut line = String::new();
    let mut previous: Option<TextRange> = None;
    for token in tokens.after(range.start()) {
        if token.start() >= range.end() || line.len() > 4 * MAX_TEXT {
            break;
        }
        match token.kind() {
            TokenKind::Comment | TokenKind::NonLogicalNewline | TokenKind::Newline => continue,
            TokenKind::Indent | TokenKind::Dedent => continue,
            kind => {
                if let Some(previous) = previous
                    && previous.end() < token.start()
                    && !line.ends_with(['(', '[', '{'])
                    && !matches!(kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::Comma)
                {
                    line.push(' ');
                }
                let token = lines.slice(token.range());
                line.extend(token.split_inclusive(['\n', '\r']).flat_map(|part| {
                    let inner = part.trim_end_matches(['\n', '\r']);
                    [inner, if part.ends_with(['\n']) || inner.len() < part.len() && part.ends_with('\r') { "\\n" } else { "" }]
                }));
            }
        }
        previous = Some(token.range());
    }
    limited(&line)
}

/// Whether the text is on one line, has no runs of blanks, and is short.
fn is_plain(text: &str) -> bool {
    text.len() <= MAX_TEXT
        && !text.bytes().any(|byte| matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c | b'\\' | b'#'))
        && !text.contains("  ")
}

fn limited(text: &str) -> SmolStr {
    let short = shortened(text);
    if short.len() == text.len() {
        return SmolStr::new(text);
    }
    let mut letters: String = short.chars().take(MAX_TEXT - 1).collect();
    letters.push('…');
    SmolStr::from(letters)
}
