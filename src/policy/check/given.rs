//! Parameters that a test gives, in place of defaults and of the command line's values; never their use.

use super::{
    Packages,
    scope::{Names, Scope},
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    policy::syntax::{
        ast::{File, Region, Test},
        words::nearest,
    },
};

/// A test, with the file that it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// The file.
    pub(crate) file: &'a File,
    /// Its place in the run.
    pub(crate) number: usize,
    /// The test.
    pub(crate) test: &'a Test,
}

impl Names {
    /// Gives parameters the values of a test.
    pub(super) fn given(&mut self, given: &Given<'_>, packages: &Packages) {
        let Some(package) = packages.of_file.get(given.number) else { return };
        let mut seen: Vec<(usize, Region)> = Vec::new();
        for (name, value) in &given.test.params {
            let mut scope = Scope::new(given.file, *package);
            let Some(id) = self.param_of(&scope, given.test, &name.text) else {
                self.no_such_param(&scope, given, &name.text, name.region);
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == id) {
                let (second, first) = (given.file.span(name.region), given.file.span(*first));
                self.duplicate("parameter", &name.text, second, first);
                continue;
            }
            seen.push((id, name.region));
            let Some(ty) = self.params.get(id).and_then(|param| param.ty) else { continue };
            if let Some(constant) = self.literal_of(&mut scope, value, ty)
                && let Some(param) = self.params.get_mut(id)
            {
                param.value = Some(constant);
            }
        }
    }

    /// The parameter that a name means in a test: its package's, one of a package that it uses, or that of a rule it speaks of.
    fn param_of(&self, scope: &Scope<'_>, test: &Test, name: &str) -> Option<usize> {
        if let Some(id) = self.visible(scope).find_map(|package| package.params.get(name)) {
            return Some(*id);
        }
        let spoken_of = |owner: &str| {
            let rule = owner.rsplit_once('/').map(|(_, rule)| rule);
            test.expectations.iter().any(|expectation| expectation.rule.text.rsplit('/').next() == rule)
        };
        self.params.iter().position(|param| param.name == name && spoken_of(&param.package))
    }

    fn no_such_param(&mut self, scope: &Scope<'_>, given: &Given<'_>, name: &str, region: Region) {
        let known: Vec<&str> = self.visible(scope).flat_map(|package| package.params.keys().map(String::as_str)).collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "name the rules' package with `use`".to_owned(),
            None => format!("known are {}", known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("there is no parameter `{name}` here");
        self.diagnostics.push(
            Diagnostic::new("unknown-param", Severity::Error, message)
                .label(given.file.span(region), "not known")
                .note("a test gives the parameters of its package and of those that it uses")
                .help(help),
        );
    }
}
