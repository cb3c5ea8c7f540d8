//! The arguments as written; never what they lead to.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{limits::LimitArguments, registries::RegistryArguments, registry_ls::RegistryCommand};
use crate::report::{FilePattern, ModulePattern};

const EXAMPLES: &str = "\
Examples:
  douane check /                        this machine against the built-in policies
  douane check app.tar                  an image that `docker save` or `skopeo copy` wrote
  douane check oci:build:1.4 -p rules/  an OCI layout against your own policies
  douane check ghcr.io/acme/shop:1.4    an image in a registry
  douane inspect app.tar                what is inside an image

Exit codes: 0 pass, 1 violations, 2 wrong arguments or policies, 3 scan not completed";

const CHECK_EXAMPLES: &str = "\
Targets:
  PATH                        an image archive, an OCI layout or a root file system
  /                           this machine
  docker-archive:PATH[:NAME]  what `docker save` wrote
  oci-archive:PATH[:TAG]      an OCI layout in a tar archive
  oci:DIRECTORY[:TAG]         an OCI layout
  dir:DIRECTORY               a root file system
  registry:HOST/NAME[:TAG]    an image in a registry, also with @DIGEST after it
  HOST/NAME[:TAG]             the same, where no file here has that name
  MODULE.py                   a Python module, against its contract, or policies where `-p` names them
  DIRECTORY                   a package or a project of Python sources, run where `--in` says
  .venv                       a virtual environment, or an interpreter's prefix, of this machine
  code:PATH, env:DIRECTORY    the same, where looking cannot tell them from a root file system

Examples:
  douane check app.tar
  douane check app.tar -p rules/ -p douane.image
  douane check oci:build:1.4 --platform linux/arm64 --strict
  douane check app.tar -f json | jq '.findings[].message'
  douane check app.tar -o json=findings.json
  douane check app.tar --param floor=3.12
  douane check app.tar --config ci/douane.toml
  douane check plugin.py --contract plugin.importspy.yml --in app.tar
  douane check registry:localhost:5000/shop:1.4

Credentials for registries are those of `docker login`, or DOUANE_REGISTRY_USERNAME and
DOUANE_REGISTRY_PASSWORD, or DOUANE_REGISTRY_TOKEN: for all of them, or DOUANE_REGISTRY_HOST alone.

Exit codes: 0 pass, 1 violations, 2 wrong arguments or policies, 3 scan not completed";

const INSPECT_EXAMPLES: &str = "\
Examples:
  douane inspect app.tar
  douane inspect app.tar --modules 'shop.**'
  douane inspect app.tar --files '/usr/local/bin/*'
  douane inspect app.tar -f json --modules '**' > inventory.json";

const TEST_EXAMPLES: &str = "\
Examples:
  douane policy test rules/
  douane policy test rules/ --filter pickle
  douane policy test rules/ --coverage --fail-under 90
  douane policy test rules/ -o junit=tests.xml

Exit codes: 0 all tests pass, 1 some do not, 2 wrong arguments, policies or tests, or no tests";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  douane policy explain python-floor
  douane policy explain billing-layers -p rules/ --desugar
  douane policy explain acme.platform/python-floor -p rules/ app.tar";

/// What is really in this container image, and is it allowed?
///
/// douane opens images, root file systems and this machine without running anything in them, and checks what is inside
/// against policies.
#[derive(Debug, Parser)]
#[command(name = "douane", version, after_help = EXAMPLES, arg_required_else_help = true, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colour; `auto` is on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(super) color: Color,
    /// Show no progress.
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check targets against policies.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Show what is inside a target.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArguments),
    /// Work on policies.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Ask registries.
    Registry {
        #[command(subcommand)]
        command: RegistryCommand,
    },
    /// Explain the code of a mistake, such as `may-be-absent`; without one, list them all.
    Explain(ExplainArguments),
    /// List what bounds a scan.
    Limits,
    /// Print the JSON Schema of a document.
    Schema(SchemaArguments),
}

/// Where settings come from.
#[derive(Debug, Args)]
pub(super) struct SettingsArguments {
    /// The settings file; without it, the first `douane.toml` in this directory and those above it.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no settings file.
    #[arg(long)]
    pub(super) no_config: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// What to check: each is reported in turn, and the worst verdict decides the exit code.
    #[arg(required = true, value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// A policy file, a directory of them, or a package of the built-in library such as `douane.python`; without any, those of the
    /// settings file, or the library but for `douane.installed`.
    #[arg(short, long = "policy", value_name = "POLICY")]
    pub(super) policies: Vec<String>,
    /// A value for a parameter of the policies.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<Assignment>,
    /// Which image of an index, such as `linux/arm64`.
    #[arg(long, value_name = "OS/ARCHITECTURE")]
    pub(super) platform: Option<String>,
    /// The contract of a module (ImportSpy's YAML, or a policy); without one, `MODULE.importspy.yml` beside it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["policies", "parameters"])]
    pub(super) contract: Option<PathBuf>,
    /// Where code is to run: an image, a root file system or a virtual environment; without one, in its project's `.venv`, else
    /// with this machine's Python.
    #[arg(long = "in", value_name = "TARGET")]
    pub(super) home: Option<String>,
    /// What cannot be settled, rules that match nothing, waivers to mend, and gaps fail; `--strict=false` where the settings say
    /// otherwise.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false")]
    pub(super) strict: Option<bool>,
    #[command(flatten)]
    pub(super) config: SettingsArguments,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    /// The format on standard output, for people or for programs.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    pub(super) format: Format,
    /// A report in a file besides, such as `json=findings.json`.
    #[arg(short, long = "output", value_name = "FORMAT=FILE")]
    pub(super) outputs: Vec<OutputFile>,
    #[command(flatten)]
    pub(super) registries: RegistryArguments,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// What to look into.
    #[arg(value_name = "TARGET")]
    pub(super) target: String,
    /// The format on standard output, for people or for programs.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    pub(super) format: Format,
    /// List these modules with their imports: `**` all, `django.**` a package and all below it, `*` within one segment.
    #[arg(long, value_name = "PATTERN")]
    pub(super) modules: Vec<ModulePattern>,
    /// List these files with their modes and owners: `**` all, `/etc/**` all below a directory, `**/id_rsa` all of a name.
    #[arg(long, value_name = "GLOB")]
    pub(super) files: Vec<FilePattern>,
    /// Hold installed files against what lists them: which were changed, which are gone, which nobody lists.
    #[arg(long)]
    pub(super) integrity: bool,
    /// Which image of an index, such as `linux/arm64`.
    #[arg(long, value_name = "OS/ARCHITECTURE")]
    pub(super) platform: Option<String>,
    /// Where code is to run, as with `check`.
    #[arg(long = "in", value_name = "TARGET")]
    pub(super) home: Option<String>,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    #[command(flatten)]
    pub(super) registries: RegistryArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Parse and type-check policies, and show every mistake in them.
    Check(PolicyCheckArguments),
    /// Lay out policies: one way to write each form, comments kept.
    Fmt(PolicyFmtArguments),
    /// Write a page about policies for those who do not write them.
    Doc(PolicyDocArguments),
    /// Run the tests that stand in policies, or beside them.
    #[command(after_help = TEST_EXAMPLES)]
    Test(PolicyTestArguments),
    /// Print a contract of ImportSpy as a policy.
    Convert(PolicyConvertArguments),
    /// Explain a rule: what it says, how it is decided, and what it comes to at a target.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(PolicyExplainArguments),
    /// Write a policy to begin with, or a contract from what a module is today.
    New(PolicyNewArguments),
}

#[derive(Debug, Args)]
pub(super) struct PolicyConvertArguments {
    /// The contract.
    #[arg(value_name = "CONTRACT")]
    pub(super) contract: PathBuf,
    /// A file that does not exist yet, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct PolicyExplainArguments {
    /// The rule, alone or with its package: `acme.platform/python-floor`.
    #[arg(value_name = "RULE")]
    pub(super) rule: String,
    /// What the rule is to be tried on.
    #[arg(value_name = "TARGET")]
    pub(super) target: Option<String>,
    /// A policy file, a directory of them, or a package of the built-in library; without any, those of the settings file, or the
    /// library but for `douane.installed`.
    #[arg(short, long = "policy", value_name = "POLICY")]
    pub(super) policies: Vec<String>,
    /// A value for a parameter of the policies.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<Assignment>,
    /// Show the rule in kernel terms too: `for`, `where`, `require` and `forbid`.
    #[arg(long)]
    pub(super) desugar: bool,
    #[command(flatten)]
    pub(super) config: SettingsArguments,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    /// Which image of an index, such as `linux/arm64`.
    #[arg(long, value_name = "OS/ARCHITECTURE")]
    pub(super) platform: Option<String>,
    #[command(flatten)]
    pub(super) registries: RegistryArguments,
}

#[derive(Debug, Args)]
pub(super) struct PolicyNewArguments {
    /// The package of the policy, such as `acme.platform`.
    #[arg(value_name = "NAME", required_unless_present = "from", conflicts_with = "from")]
    pub(super) name: Option<String>,
    /// The module that a contract is made from.
    #[arg(long, value_name = "MODULE.py")]
    pub(super) from: Option<PathBuf>,
    /// A file that does not exist yet, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct PolicyCheckArguments {
    /// Policy files, directories of them, or packages of the built-in library; without any, those of the settings file.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) config: SettingsArguments,
    /// A value for a parameter of the policies.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<Assignment>,
    /// Take warnings for mistakes: exit with 2 where there are any.
    #[arg(long)]
    pub(super) deny_warnings: bool,
}

#[derive(Debug, Args)]
pub(super) struct PolicyFmtArguments {
    /// Policy files, directories of them, or `-` for standard input, which goes to standard output.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<String>,
    /// Change nothing: list what would change, and exit with 1 where anything would.
    #[arg(long)]
    pub(super) check: bool,
    /// Change nothing: show what would change line by line, and exit with 1 where anything would.
    #[arg(long)]
    pub(super) diff: bool,
}

#[derive(Debug, Args)]
pub(super) struct PolicyDocArguments {
    /// Policy files, directories of them, or packages of the built-in library; without any, those of the settings file.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) config: SettingsArguments,
    /// The format of the page.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = DocFormat::Markdown)]
    pub(super) format: DocFormat,
    /// A file instead of standard output; or a directory, for a file about each package.
    #[arg(short, long, value_name = "FILE|DIRECTORY")]
    pub(super) output: Option<PathBuf>,
}

/// The format of a page about policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DocFormat {
    Markdown,
    Html,
}

#[derive(Debug, Args)]
pub(super) struct PolicyTestArguments {
    /// Files with tests and the policies that they are about, directories of them, or packages of the built-in library; without
    /// any, those of the settings file.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) config: SettingsArguments,
    /// Run only tests whose title, or whose file's name, holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(super) filter: Option<String>,
    /// A value for a parameter of the policies; what a test gives goes before it.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(super) parameters: Vec<Assignment>,
    /// The format on standard output, for people or for programs.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = TestFormat::Human)]
    pub(super) format: TestFormat,
    /// A report in a file besides, such as `junit=tests.xml`.
    #[arg(short, long = "output", value_name = "FORMAT=FILE")]
    pub(super) outputs: Vec<OutputFile<TestFormat>>,
    /// List every rule, and every clause of which tests have not shown all.
    #[arg(long)]
    pub(super) coverage: bool,
    /// Fail where tests have shown less than this of a hundred outcomes of clauses.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) fail_under: Option<u8>,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The code, as it stands in the brackets of a message.
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// What `inspect -f json` prints, what `check -f json` prints for one target, or what `policy test -f json` prints.
    #[arg(value_enum)]
    pub(super) document: Document,
}

/// A document that others build on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Document {
    Inventory,
    Check,
    Test,
}

/// A report's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

/// The format of a report of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    Human,
    Json,
    Junit,
}

/// `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self { name: name.to_owned(), value: value.to_owned() }),
            _ => Err("expected `NAME=VALUE`, such as `floor=3.12`".to_owned()),
        }
    }
}

/// `FORMAT=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputFile<F = Format> {
    pub(super) format: F,
    pub(super) path: PathBuf,
}

impl<F: ValueEnum> FromStr for OutputFile<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names =
            F::value_variants().iter().filter_map(|format| Some(format!("`{}`", format.to_possible_value()?.get_name())));
        let names = names.collect::<Vec<_>>().join(", ");
        let expected = || format!("expected `FORMAT=FILE`, such as `json=findings.json`; the formats are {names}");
        let (format, path) = text.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or_else(expected)?;
        let format = F::from_str(format, false).map_err(|_| expected())?;
        Ok(Self { format, path: path.into() })
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Arguments, Command, Format};

    fn parsed(words: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from([&["douane"], words].concat())
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_check_takes_all_that_is_documented() {
        let words = "check a.tar b.tar -p rules -p douane.image --param floor=3.12 --platform linux/arm64 --strict -f json \
                     -o human=out.txt -q --color never";
        let arguments = parsed(&words.split_whitespace().collect::<Vec<_>>()).expect("valid");
        let Command::Check(check) = arguments.command else { panic!("not a check") };
        assert_eq!((check.targets.len(), check.policies.len(), check.strict, check.format), (2, 2, Some(true), Format::Json));
        assert_eq!((check.parameters[0].name.as_str(), check.parameters[0].value.as_str()), ("floor", "3.12"));
        assert_eq!(check.outputs[0].format, Format::Human);
        assert!(arguments.quiet);
    }

    #[test]
    fn wrong_arguments_exit_with_two() {
        for words in [
            &["check"][..],
            &["check", "a.tar", "-o", "yaml=x"],
            &["check", "a.tar", "-o", "json="],
            &["check", "a.tar", "--param", "floor"],
            &["check", "a.tar", "--limit", "layer-sise=1GiB"],
            &["check", "a.tar", "--limit", "time=soon"],
            &["inspect", "a.tar", "--limit", "time"],
            &["inspect", "a.tar", "--modules", "a..b"],
            &["inspect", "a.tar", "--files", "etc/passwd"],
        ] {
            assert_eq!(parsed(words).expect_err("wrong").exit_code(), 2, "{words:?}");
        }
    }
}
