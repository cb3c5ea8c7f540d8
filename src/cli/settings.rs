//! Which settings file applies, and what it comes to beside the command line; never what its keys mean.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    arguments::{Assignment, SettingsArguments},
    compiled::show,
    exit::Failure,
    policies::read,
    terminal::Terminal,
};
use crate::{
    diagnostic::SourceText,
    limits::Limits,
    policy::{self, GivenParam, Settings, Undeclared, library},
};

/// The name of a settings file.
const NAME: &str = "douane.toml";

/// What a command works with: its own arguments before what a settings file says.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// What would stand behind `-p`.
    pub(super) policies: Vec<String>,
    /// Values for parameters: those of the command line last.
    pub(super) params: Vec<GivenParam>,
    /// Whether what is left open fails.
    pub(super) strict: bool,
    /// What bounds a scan.
    pub(super) limits: Limits,
    /// The settings file.
    pub(super) settings: Option<String>,
}

impl Selection {
    /// Reads the settings file that applies, and joins it with what the command line says. Every mistake is shown on standard
    /// error.
    pub(super) fn new(
        config: &SettingsArguments,
        policies: &[String],
        parameters: &[Assignment],
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let given: Vec<_> = parameters.iter().map(|given| GivenParam::on_command_line(&given.name, &given.value)).collect();
        let Some(path) = config.file() else {
            return Ok(Self { policies: policies.to_vec(), params: given, ..Self::default() });
        };
        let directory = path.parent().unwrap_or(Path::new(""));
        let Settings { policies: own, strict, mut params, limits: given_limits } = read_settings(&path, directory, terminal)?;
        let mut limits = Limits::default();
        given_limits.iter().try_for_each(|(name, value)| limits.set(name, value))?;
        params.retain(|param| !given.iter().any(|given| given.name.text == param.name.text));
        if !policies.is_empty() {
            // The values are for the policies of the file, and these are others.
            params.iter_mut().for_each(|param| param.undeclared = Undeclared::Slip);
        }
        params.extend(given);
        let policies = match (policies, own) {
            ([], Some(own)) => own.into_iter().map(|policy| placed(policy, directory)).collect(),
            (named, _) => named.to_vec(),
        };
        let settings = Some(path.display().to_string());
        Ok(Self { policies, params, strict: strict.unwrap_or_default(), limits, settings })
    }

    /// The same for commands that speak of no policy but those that are named.
    pub(super) fn of_named(
        config: &SettingsArguments,
        policies: &[String],
        parameters: &[Assignment],
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let selection = Self::new(config, policies, parameters, terminal)?;
        match selection.policies.is_empty() {
            true => Err(Failure::NothingNamed),
            false => Ok(selection),
        }
    }
}

impl SettingsArguments {
    /// The file that applies: the one that is named, or the first one on the way up.
    fn file(&self) -> Option<PathBuf> {
        match &self.config {
            Some(named) => Some(named.clone()),
            None if self.no_config => None,
            None => on_the_way_up(std::env::current_dir().ok().as_deref()),
        }
    }
}

/// The settings file in a directory or the nearest one above, as a path from there: it reads the same on every machine.
fn on_the_way_up(directory: Option<&Path>) -> Option<PathBuf> {
    let directory = directory?;
    let above = directory.ancestors().count();
    let mut candidates = (0..above).map(|up| PathBuf::from("../".repeat(up)).join(NAME));
    candidates.find(|candidate| directory.join(candidate).is_file())
}

fn read_settings(path: &Path, directory: &Path, terminal: &Terminal) -> Result<Settings, Failure> {
    let unread = |error| Failure::UnreadSettings { path: path.to_owned(), error };
    let text = read(path, Limits::default().document).map_err(|failure| match failure {
        Failure::UnreadPolicy { error, .. } => unread(error),
        Failure::LargePolicy { limit, .. } => unread(io::Error::other(format!("it has more than {limit} bytes"))),
        other => other,
    })?;
    let source = Arc::new(SourceText { name: text.name, text: text.text });
    policy::settings(&source, &|policy| directory.join(policy).exists()).map_err(|mistakes| {
        show(&mistakes, terminal);
        Failure::Settings { path: path.to_owned(), mistakes: mistakes.len() }
    })
}

/// A policy of a settings file as it would stand behind `-p`: paths begin in the file's directory.
fn placed(policy: String, directory: &Path) -> String {
    if library::find(&policy).is_some() { policy } else { directory.join(policy).display().to_string() }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{on_the_way_up, placed};

    #[test]
    fn the_nearest_file_applies() {
        let root = tempfile::tempdir().expect("a directory");
        let deep = root.path().join("a/b");
        fs::create_dir_all(&deep).expect("made");
        fs::write(root.path().join("douane.toml"), "").expect("written");
        assert_eq!(on_the_way_up(Some(&deep)).as_deref(), Some(Path::new("../../douane.toml")));
        // A directory of that name is none.
        fs::create_dir(deep.join("douane.toml")).expect("made");
        assert_eq!(on_the_way_up(Some(&deep)).as_deref(), Some(Path::new("../../douane.toml")));
        fs::write(root.path().join("a/douane.toml"), "").expect("written");
        assert_eq!(on_the_way_up(Some(&deep)).as_deref(), Some(Path::new("../douane.toml")));
        assert_eq!(on_the_way_up(Some(root.path())).as_deref(), Some(Path::new("douane.toml")));
        assert_eq!(on_the_way_up(None), None);
    }

    #[test]
    fn packages_stay_and_paths_begin_beside_the_file() {
        let placed = |policy: &str, directory: &str| placed(policy.to_owned(), Path::new(directory));
        assert_eq!(placed("douane.image", "../.."), "douane.image");
        assert_eq!(placed("rules/", ""), "rules/");
        assert_eq!(placed("rules", "../.."), "../../rules");
        assert_eq!(placed("/etc/rules", "../.."), "/etc/rules");
    }
}
