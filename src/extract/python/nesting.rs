//! How deep a source's syntax tree can be, from its tokens; never less than it is.

use memchr::memmem;
use ruff_python_ast::token::TokenKind;

/// An upper bound of the tree's depth that needs no tokens: every operator, bracket, prefix keyword and indentation counts.
pub(super) fn rough(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes.len() <= SHORT {
        // Each level takes a character at least.
        return bytes.len();
    }
    // Of so few at a time that a byte holds their number: then many are compared at once.
    let signs: usize = bytes
        .chunks(usize::from(u8::MAX))
        .map(|chunk| usize::from(chunk.iter().fold(0_u8, |count, byte| count + u8::from(is_sign(*byte)))))
        .sum();
    let words = if bytes.len() < 1 << 16 {
        bytes.len() / 4
    } else {
        ["not", "lambda", "await", "yield", "else"].iter().map(|word| memmem::find_iter(bytes, word).count()).sum()
    };
    // A block that is `n` deep is indented by at least 1 + 2 + ... + n characters.
    signs + words + (2 * bytes.len()).isqrt()
}

/// Longest text whose length is bound enough.
const SHORT: usize = 4096;

/// One of `( [ { + - * / % @ ~ . < > | & ^`, without a branch.
fn is_sign(byte: u8) -> bool {
    let within = |from: u8, count: u8| byte.wrapping_sub(from) < count;
    // `%&`, `*+`, `-./`, and the rest one by one.
    within(b'%', 2)
        | within(b'*', 2)
        | within(b'-', 3)
        | (byte == b'(')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'@')
        | (byte == b'[')
        | (byte == b'^')
        | within(b'{', 2)
        | (byte == b'~')
}

/// The expression that is being read inside one pair of brackets, up to the last comma.
#[derive(Debug, Default)]
struct Level {
    opener: Option<TokenKind>,
    chain: usize,
    nested: usize,
    deepest: usize,
    lambda: bool,
}

impl Level {
    fn depth(&self) -> usize {
        self.deepest.max(self.chain + self.nested)
    }
}

/// Counts, token by token, how deep the tree can become.
#[derive(Debug)]
pub(super) struct Nesting {
    current: Level,
    outer: Vec<Level>,
    indentation: usize,
    deepest: usize,
}

impl Nesting {
    pub(super) fn new() -> Self {
        Self { current: Level::default(), outer: Vec::new(), indentation: 0, deepest: 0 }
    }

    /// Takes the next token; returns the greatest depth so far.
    pub(super) fn token(&mut self, kind: TokenKind) -> usize {
        match kind {
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Colon
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None => {}
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace | TokenKind::FStringStart | TokenKind::TStringStart => {
                self.open(kind);
            }
            TokenKind::Rpar => self.close_matching(TokenKind::Lpar),
            TokenKind::Rsqb => self.close_matching(TokenKind::Lsqb),
            TokenKind::Rbrace => self.close_matching(TokenKind::Lbrace),
            TokenKind::FStringEnd => self.close_matching(TokenKind::FStringStart),
            TokenKind::TStringEnd => self.close_matching(TokenKind::TStringStart),
            // The commas of a lambda's parameters do not end its nesting.
            TokenKind::Comma if !self.current.lambda => {
                let deepest = self.current.depth();
                self.current = Level { opener: self.current.opener, deepest, ..Level::default() };
            }
            TokenKind::Newline | TokenKind::Semi | TokenKind::EndOfFile => self.end_line(),
            TokenKind::Indent => self.indentation += 1,
            TokenKind::Dedent => self.indentation = self.indentation.saturating_sub(1),
            _ => {
                self.current.lambda |= kind == TokenKind::Lambda;
                self.current.chain += 1;
            }
        }
        self.deepest
    }

    fn open(&mut self, kind: TokenKind) {
        self.current.chain += 1;
        let inner = Level { opener: Some(kind), ..Level::default() };
        self.outer.push(std::mem::replace(&mut self.current, inner));
    }

    fn close_matching(&mut self, opener: TokenKind) {
        if self.current.opener == Some(opener) {
            self.close();
        } else {
            self.current.chain += 1;
        }
    }

    fn close(&mut self) {
        if let Some(mut outer) = self.outer.pop() {
            outer.nested = outer.nested.max(self.current.depth() + 1);
            self.current = outer;
        }
    }

    fn end_line(&mut self) {
        while !self.outer.is_empty() {
            self.close();
        }
        self.deepest = self.deepest.max(self.current.depth() + self.indentation);
        self.current = Level::default();
    }
}

#[cfg(test)]
mod tests {
    use super::is_sign;

    #[test]
    fn signs_are_the_operators_and_opening_brackets() {
        let signs: Vec<u8> = (0..=u8::MAX).filter(|byte| is_sign(*byte)).collect();
        assert_eq!(signs, b"%&(*+-./<>@[^{|~");
    }
}
