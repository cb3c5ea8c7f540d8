//! The command: arguments, exit codes, a file for each command; the only place where things are printed, and no logic.

mod arguments;
mod check;
mod compiled;
mod difference;
mod exit;
mod explain;
mod inspect;
mod limits;
mod modules;
mod output;
mod policies;
mod policy_check;
mod policy_convert;
mod policy_doc;
mod policy_explain;
mod policy_fmt;
mod policy_new;
mod policy_test;
mod progress;
mod registries;
mod registry_ls;
mod scan_options;
mod schema;
mod settings;
mod targets;
mod terminal;

use std::process::ExitCode;

use arguments::{Arguments, Command, PolicyCommand};
use clap::Parser;
use registry_ls::RegistryCommand;
use terminal::Terminal;

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = Terminal::new(arguments.color, arguments.quiet);
    let ran = match &arguments.command {
        Command::Check(check) => check::run(check, &terminal),
        Command::Inspect(inspect) => inspect::run(inspect, &terminal),
        Command::Policy { command: PolicyCommand::Check(check) } => policy_check::run(check, &terminal),
        Command::Policy { command: PolicyCommand::Doc(doc) } => policy_doc::run(doc, &terminal),
        Command::Policy { command: PolicyCommand::Fmt(fmt) } => policy_fmt::run(fmt, &terminal),
        Command::Policy { command: PolicyCommand::Test(test) } => policy_test::run(test, &terminal),
        Command::Policy { command: PolicyCommand::Convert(convert) } => policy_convert::run(convert, &terminal),
        Command::Policy { command: PolicyCommand::Explain(explain) } => policy_explain::run(explain, &terminal),
        Command::Policy { command: PolicyCommand::New(new) } => policy_new::run(new, &terminal),
        Command::Registry { command: RegistryCommand::Ls(ls) } => registry_ls::run(ls, &terminal),
        Command::Explain(explain) => explain::run(explain, &terminal),
        Command::Limits => limits::run(&terminal),
        Command::Schema(schema) => schema::run(schema, &terminal),
    };
    match ran {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            terminal.say_error(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
