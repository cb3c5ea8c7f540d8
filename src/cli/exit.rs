//! Why a command ends before it has a verdict, and what the process exits with; never a verdict.

use std::{io, path::PathBuf};

use crate::{finding::ScanFailure, image::ImageNameError, scan::ModuleError};

/// The process's exit code for a policy that does not compile, or wrong arguments.
const USAGE: u8 = 2;
/// The process's exit code for a scan that could not be completed, or a report that could not be written.
const INCOMPLETE: u8 = 3;

/// Why a command ends before it has a verdict.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A policy argument that leads nowhere.
    #[error(
        "`{argument}` is no policy: expected a file, a directory or a package of the built-in library{}; the library has {library}",
        did_you_mean(.suggestion.as_deref())
    )]
    NoSuchPolicy {
        /// What was given.
        argument: String,
        /// The packages that there are.
        library: String,
        /// A package with nearly this name.
        suggestion: Option<String>,
    },
    /// A directory without policies.
    #[error("`{}` holds no policy: expected files that end in `.douane`", path.display())]
    NoPolicies {
        /// The directory.
        path: PathBuf,
    },
    /// A policy that cannot be read.
    #[error("cannot read the policy `{}`: {error}", path.display())]
    UnreadPolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A policy beyond the limit.
    #[error("the policy `{}` has more than {limit} bytes, which no policy should", path.display())]
    LargePolicy {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Directories deeper than anybody keeps policies in.
    #[error("`{}` lies more than {limit} directories deep: give the directory that holds the policies", path.display())]
    DeepPolicies {
        /// The directory.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// A command on policies that names none.
    #[error("name policies: files, directories of them, or packages of the built-in library; or name them in a `douane.toml`")]
    NothingNamed,
    /// A settings file that cannot be read.
    #[error("cannot read the settings `{}`: {error}", path.display())]
    UnreadSettings {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A settings file with mistakes; each was shown already.
    #[error("{} in `{}`: nothing was done", counted(*.mistakes, "mistake"), path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// How many mistakes there are.
        mistakes: usize,
    },
    /// Policies that do not compile; each mistake was shown already.
    #[error("{} in the policies: nothing was checked", counted(*.errors, "mistake"))]
    Policies {
        /// How many mistakes there are.
        errors: usize,
    },
    /// Warnings of policies where none are allowed; each was shown already.
    #[error("{} in the policies, and `--deny-warnings` takes each for a mistake", counted(*.warnings, "warning"))]
    Warnings {
        /// How many there are.
        warnings: usize,
    },
    /// A package of the library where a file is asked for.
    #[error("`{argument}` is a package of the built-in library, and no file: give the path of a policy")]
    BuiltIn {
        /// What was given.
        argument: String,
    },
    /// A policy that cannot be written.
    #[error("cannot write the policy `{}`: {error}", path.display())]
    UnwrittenPolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Policies that stay as they are; the mistakes in them were shown already.
    #[error("{}", left_alone(*.files))]
    Unformatted {
        /// How many.
        files: usize,
    },
    /// Policies without a rule would let everything pass.
    #[error("the policies hold no rule: nothing was checked")]
    NoRules,
    /// Policies without a test would pass whatever they say.
    #[error("there is no test in {}: write `test \"title\" {{ given {{ ... }} expect rule fails }}`", listed(paths))]
    NoTests {
        /// Where none was found.
        paths: Vec<String>,
    },
    /// A filter that leaves every test out.
    #[error("no test's title or file holds `{filter}`: nothing was tested")]
    NoSuchTest {
        /// What was asked for.
        filter: String,
    },
    /// A module that cannot be judged.
    #[error(transparent)]
    Module(ModuleError),
    /// A target whose scheme names what is not there.
    #[error("`{}` is not what its scheme says: expected {expected}", path.display())]
    NoTarget {
        /// What was named.
        path: PathBuf,
        /// What was expected there.
        expected: &'static str,
    },
    /// A module without a contract.
    #[error(
        "`{}` has no contract: expected `{}` beside it, `--contract FILE`, or `-p POLICY` to judge it by policies",
        module.display(),
        beside.display()
    )]
    NoContract {
        /// The module.
        module: PathBuf,
        /// Where its contract would be.
        beside: PathBuf,
    },
    /// A module whose source says nothing that a contract could be made of.
    #[error("`{}` cannot be read: line {line}: {message}", path.display())]
    UnreadableModule {
        /// The module.
        path: PathBuf,
        /// The line.
        line: u32,
        /// What is wrong there.
        message: String,
    },
    /// A module that a contract could ask nothing of.
    #[error("`{}` defines nothing public that a contract could hold it to", module.display())]
    NothingToKeep {
        /// The module.
        module: PathBuf,
    },
    /// No Python to run a module with.
    #[error("there is no `python3` on the PATH that the module could run with: say where it is to run with `--in`")]
    NoPython,
    /// A code that no diagnostic has.
    #[error("there is no code `{code}`{}; `douane explain` lists them all", did_you_mean(*.suggestion))]
    NoSuchCode {
        /// What was given.
        code: String,
        /// A code that is nearly the same.
        suggestion: Option<&'static str>,
    },
    /// A rule that no policy has.
    #[error("there is no rule `{rule}` in the policies{}", did_you_mean(.suggestion.as_deref()))]
    NoSuchRule {
        /// What was given.
        rule: String,
        /// A rule that is nearly called so.
        suggestion: Option<String>,
    },
    /// A rule of several packages.
    #[error("several packages have a rule `{rule}`: say which of {}", listed(rules))]
    SeveralRules {
        /// What was given.
        rule: String,
        /// Their packages and names.
        rules: Vec<String>,
    },
    /// A name that no package can have.
    #[error("`{name}` cannot be the name of a package: expected words of letters, digits and `_`, such as `acme.platform`")]
    NoPackageName {
        /// What was given.
        name: String,
    },
    /// Half of a login.
    #[error("{set} is set and {unset} is not: a login to a registry needs both, or DOUANE_REGISTRY_TOKEN")]
    HalfLogin {
        /// The variable that is there.
        set: &'static str,
        /// The one that is not.
        unset: &'static str,
    },
    /// A variable that is no text.
    #[error("the environment variable {variable} is no text in UTF-8")]
    NoText {
        /// Which.
        variable: &'static str,
    },
    /// No registry or repository.
    #[error(transparent)]
    RegistryPlace(ImageNameError),
    /// A platform that is none.
    #[error("{0}")]
    Platform(String),
    /// A file for a report that cannot be made.
    #[error("cannot write to `{}`: {error}", path.display())]
    OutputFile {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A report that cannot be written.
    #[error("cannot write the report: {0}")]
    Output(#[from] io::Error),
    /// A target that cannot be scanned.
    #[error("{}", .0.message)]
    Scan(ScanFailure),
}

impl Failure {
    /// What the process exits with.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::NoSuchPolicy { .. }
            | Self::NoPolicies { .. }
            | Self::UnreadPolicy { .. }
            | Self::LargePolicy { .. }
            | Self::DeepPolicies { .. }
            | Self::NothingNamed
            | Self::UnreadSettings { .. }
            | Self::Settings { .. }
            | Self::Policies { .. }
            | Self::Warnings { .. }
            | Self::BuiltIn { .. }
            | Self::UnwrittenPolicy { .. }
            | Self::Unformatted { .. }
            | Self::NoRules
            | Self::NoTests { .. }
            | Self::NoSuchTest { .. }
            | Self::Module(_)
            | Self::NoTarget { .. }
            | Self::NoContract { .. }
            | Self::UnreadableModule { .. }
            | Self::NothingToKeep { .. }
            | Self::NoPython
            | Self::NoSuchCode { .. }
            | Self::NoSuchRule { .. }
            | Self::SeveralRules { .. }
            | Self::NoPackageName { .. }
            | Self::HalfLogin { .. }
            | Self::NoText { .. }
            | Self::RegistryPlace(_)
            | Self::Platform(_)
            | Self::OutputFile { .. } => USAGE,
            Self::Output(_) | Self::Scan(_) => INCOMPLETE,
        }
    }

    /// The failure of a `--platform` that is none.
    pub(super) fn platform(error: impl std::fmt::Display) -> Self {
        Self::Platform(error.to_string())
    }

    /// What led to it, the nearest cause first.
    pub(super) fn causes(&self) -> &[String] {
        match self {
            Self::Scan(failure) => &failure.causes,
            _ => &[],
        }
    }
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

fn listed(paths: &[String]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn left_alone(files: usize) -> String {
    match files {
        1 => "1 policy has mistakes, and stays as it is".to_owned(),
        _ => format!("{files} policies have mistakes, and stay as they are"),
    }
}
