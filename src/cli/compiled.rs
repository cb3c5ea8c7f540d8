//! Policies read, compiled and ready to judge; their mistakes are shown as they are found.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{
    arguments::Assignment,
    exit::Failure,
    policies::{LibraryPackage, gather},
    terminal::Terminal,
};
use crate::{
    diagnostic::{Diagnostic, Severity, SourceText, Style, render},
    facts::Inventory,
    finding::PolicyIdentity,
    limits::Limits,
    policy::{Compiled, Evaluation, compile, library},
};

/// Policies that are ready to judge.
pub(super) struct Policies {
    /// Their names and the digests of their texts.
    pub(super) identities: Vec<PolicyIdentity>,
    compiled: Compiled,
    today: jiff::civil::Date,
}

impl Policies {
    /// Reads and compiles the policies that the arguments name. Every mistake is shown on standard error.
    pub(super) fn read(
        arguments: &[String],
        parameters: &[Assignment],
        limits: &Limits,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let texts: Vec<Arc<SourceText>> = gather(arguments, &built_in(), limits.document)?.into_iter().map(Arc::new).collect();
        let parameters: Vec<(String, String)> =
            parameters.iter().map(|Assignment { name, value }| (name.clone(), value.clone())).collect();
        let identities = texts.iter().map(|text| identity(text)).collect();
        let (compiled, diagnostics) = compile(&texts, &parameters);
        show(&diagnostics, terminal);
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        match compiled {
            Some(compiled) if errors == 0 => {
                // The one place where the clock is asked: everything else is told the day.
                Ok(Self { identities, compiled, today: jiff::ZonedDateTime::now().date() })
            }
            _ => Err(Failure::Policies { errors }),
        }
    }

    /// What becomes of every rule.
    pub(super) fn evaluate(&self, inventory: &Inventory) -> Evaluation {
        self.compiled.evaluate(inventory, self.today)
    }
}

fn built_in() -> Vec<LibraryPackage> {
    library::packages().map(|(name, texts)| LibraryPackage { name: name.to_owned(), texts }).collect()
}

fn identity(text: &SourceText) -> PolicyIdentity {
    let hex: String = Sha256::digest(text.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    PolicyIdentity { name: text.name.clone(), digest: format!("sha256:{hex}") }
}

fn show(diagnostics: &[Diagnostic], terminal: &Terminal) {
    let style = if terminal.colours_talk() { Style::Coloured } else { Style::Plain };
    for diagnostic in diagnostics {
        terminal.say(&format!("{}\n\n", render(diagnostic, style)));
    }
}
