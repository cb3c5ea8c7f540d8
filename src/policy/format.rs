//! A policy's text laid out, with proof that nothing but its layout has changed; never reading or writing a file.

use std::sync::Arc;

use super::{
    compiled::PolicyText,
    syntax::{self, ast::File},
};
use crate::diagnostic::{Diagnostic, Severity, SourceText};

/// Why a policy stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unformatted {
    /// It has these mistakes: what cannot be read cannot be laid out.
    Mistakes(Vec<Diagnostic>),
    /// Laid out, it would say something else or lose a comment: a defect of the printer, which is not to cost anybody a policy.
    WouldChange,
}

/// Lays out a policy. The result means the same, has the same comments, and is not changed by a second time.
pub fn format(policy: &PolicyText) -> Result<String, Unformatted> {
    let before = read(&policy.name, &policy.text).map_err(Unformatted::Mistakes)?;
    let text = syntax::format(&before);
    let after = read(&policy.name, &text).map_err(|_| Unformatted::WouldChange)?;
    let same = syntax::print(&before) == syntax::print(&after)
        && comments(&before) == comments(&after)
        && syntax::format(&after) == text;
    if same { Ok(text) } else { Err(Unformatted::WouldChange) }
}

fn read(name: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    let (file, diagnostics) = syntax::parse(&Arc::new(SourceText { name: name.into(), text: text.into() }));
    let mistaken = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if mistaken { Err(diagnostics) } else { Ok(file) }
}

fn comments(file: &File) -> Vec<&str> {
    let mut comments: Vec<_> = file.comments.iter().map(|comment| file.text(*comment)).collect();
    comments.sort_unstable();
    comments
}

#[cfg(test)]
mod tests {
    use super::{Unformatted, format};
    use crate::policy::PolicyText;

    fn formatted(text: &str) -> Result<String, Unformatted> {
        format(&PolicyText { name: "a.douane".into(), text: text.into() })
    }

    #[test]
    fn a_text_is_laid_out() {
        let text = "\u{feff}edition 1\r\npackage a\r\nparam   x:Int=1 // one\r\n";
        assert_eq!(formatted(text).as_deref(), Ok("edition 1\npackage a\n\nparam x: Int = 1 // one\n"));
        assert_eq!(formatted("// alone").as_deref(), Ok("// alone\n"));
        assert_eq!(formatted("").as_deref(), Ok(""));
    }

    #[test]
    fn a_text_with_mistakes_is_refused() {
        let Err(Unformatted::Mistakes(mistakes)) = formatted("rule r error \"t\" {\n  require a = b\n}\n") else { panic!() };
        assert_eq!(mistakes.iter().map(|mistake| mistake.code).collect::<Vec<_>>(), ["assignment-in-condition"]);
    }
}
