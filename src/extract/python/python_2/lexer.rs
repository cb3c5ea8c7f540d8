//! The tokens of a Python 2 source, as far as rewriting needs them; never its syntax tree.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    /// With its prefix.
    String,
    Sign,
    /// The end of a logical line.
    Newline,
    /// The blanks at the start of a logical line, also where there are none.
    Indentation,
}

/// A token and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

const LONG_SIGNS: [&[u8]; 23] = [
    b"...", b"**=", b"//=", b">>=", b"<<=", b"<>", b"<=", b">=", b"==", b"!=", b"**", b"//", b">>", b"<<", b"+=", b"-=", b"*=",
    b"/=", b"%=", b"&=", b"|=", b"^=", b"@=",
];

/// All tokens; nothing where a string does not end.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, tokens: Vec::new() };
    let mut depth = 0_usize;
    let mut fresh = true;
    loop {
        if fresh && depth == 0 {
            let start = lexer.at;
            lexer.skip(|byte| matches!(byte, b' ' | b'\t' | 0x0c));
            if matches!(lexer.byte(0), Some(b'#' | b'\n' | b'\r') | None) {
                lexer.skip(|byte| !matches!(byte, b'\n' | b'\r'));
                if lexer.byte(0).is_none() {
                    return Some(lexer.tokens);
                }
                lexer.at += 1;
                continue;
            }
            lexer.push(Kind::Indentation, start);
            fresh = false;
        }
        let start = lexer.at;
        let Some(byte) = lexer.byte(0) else {
            lexer.push(Kind::Newline, start);
            return Some(lexer.tokens);
        };
        match byte {
            b' ' | b'\t' | 0x0c => lexer.at += 1,
            b'#' => lexer.skip(|byte| !matches!(byte, b'\n' | b'\r')),
            b'\\' => {
                lexer.at += 1;
                lexer.at += usize::from(lexer.byte(0) == Some(b'\r') && lexer.byte(1) == Some(b'\n')) + 1;
            }
            b'\n' | b'\r' => {
                lexer.at += 1;
                if depth == 0 {
                    lexer.push(Kind::Newline, start);
                    fresh = true;
                }
            }
            b'"' | b'\'' => lexer.string(start)?,
            b'0'..=b'9' => lexer.number(start),
            b'.' if lexer.byte(1).is_some_and(|next| next.is_ascii_digit()) => lexer.number(start),
            _ if is_letter(byte) => {
                lexer.skip(|byte| is_letter(byte) || byte.is_ascii_digit());
                let is_prefix =
                    lexer.at - start <= 2 && lexer.bytes.get(start..lexer.at)?.iter().all(|byte| b"rRuUbBfF".contains(byte));
                if is_prefix && matches!(lexer.byte(0), Some(b'"' | b'\'')) {
                    lexer.string(start)?;
                } else {
                    lexer.push(Kind::Name, start);
                }
            }
            _ => {
                let rest = lexer.bytes.get(start..)?;
                lexer.at += LONG_SIGNS.iter().find(|sign| rest.starts_with(sign)).map_or(1, |sign| sign.len());
                match byte {
                    b'(' | b'[' | b'{' => depth += 1,
                    b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                lexer.push(Kind::Sign, start);
            }
        }
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token { kind, start, end: self.at });
    }

    /// A string whose prefix is read.
    fn string(&mut self, start: usize) -> Option<()> {
        let quote = self.byte(0)?;
        let triple = self.byte(1) == Some(quote) && self.byte(2) == Some(quote);
        self.at += if triple { 3 } else { 1 };
        loop {
            match self.byte(0)? {
                b'\\' => {
                    self.at += 1 + usize::from(self.byte(1) == Some(b'\r') && self.byte(2) == Some(b'\n'));
                    self.at += 1;
                }
                b'\n' | b'\r' if !triple => return None,
                byte if byte == quote => {
                    if !triple {
                        self.at += 1;
                        break;
                    }
                    if self.byte(1) == Some(quote) && self.byte(2) == Some(quote) {
                        self.at += 3;
                        break;
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.push(Kind::String, start);
        Some(())
    }

    fn number(&mut self, start: usize) {
        if self.byte(0) == Some(b'0') && matches!(self.byte(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')) {
            self.at += 2;
            self.skip(|byte| byte.is_ascii_hexdigit() || byte == b'_');
        } else {
            self.skip(|byte| byte.is_ascii_digit() || byte == b'_');
            if self.byte(0) == Some(b'.') {
                self.at += 1;
                self.skip(|byte| byte.is_ascii_digit() || byte == b'_');
            }
            let signed = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
            if matches!(self.byte(0), Some(b'e' | b'E')) && self.byte(1 + signed).is_some_and(|byte| byte.is_ascii_digit()) {
                self.at += 1 + signed;
                self.skip(|byte| byte.is_ascii_digit() || byte == b'_');
            }
        }
        if matches!(self.byte(0), Some(b'l' | b'L' | b'j' | b'J')) {
            self.at += 1;
        }
        self.push(Kind::Number, start);
    }
}
