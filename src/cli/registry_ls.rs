//! `douane registry ls`: the repositories of a registry, or the tags of one.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    arguments::Format, exit::Failure, output::print, progress::Progress, registries::RegistryArguments, terminal::Terminal,
};
use crate::{
    finding::ScanFailure,
    image::RegistryPlace,
    limits::Limits,
    report::{sanitise, write_json},
    source::registry::list,
};

const EXAMPLES: &str = "\
Examples:
  douane registry ls registry.example.com             its repositories, where it lists them
  douane registry ls ghcr.io/acme/shop                the tags of a repository
  douane registry ls localhost:5000/shop -f json

Credentials are those of `docker login`, or DOUANE_REGISTRY_USERNAME and DOUANE_REGISTRY_PASSWORD,
or DOUANE_REGISTRY_TOKEN: for all registries, or DOUANE_REGISTRY_HOST alone.

Exit codes: 0 listed, 2 wrong arguments, 3 not listed, or not all of it";

#[derive(Debug, Subcommand)]
pub(super) enum RegistryCommand {
    /// List the repositories of a registry, or the tags of a repository.
    #[command(after_help = EXAMPLES)]
    Ls(RegistryLsArguments),
}

#[derive(Debug, Args)]
pub(super) struct RegistryLsArguments {
    /// A registry, or a repository in it.
    #[arg(value_name = "HOST[/NAME]")]
    place: String,
    /// The format on standard output, for people or for programs.
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    registries: RegistryArguments,
}

pub(super) fn run(arguments: &RegistryLsArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let place = RegistryPlace::parse(&arguments.place).map_err(Failure::RegistryPlace)?;
    let access = arguments.registries.access()?;
    let progress = Progress::start(terminal, "asking", &place.registry);
    let names =
        list(&place, &access, &Limits::default()).map_err(|error| Failure::Scan(ScanFailure::of(error.code(), &error)))?;
    drop(progress);
    print(terminal, |out| match arguments.format {
        Format::Human => names.iter().try_for_each(|name| writeln!(out, "{}", sanitise(name))),
        Format::Json => {
            let document = match &place.repository {
                Some(repository) => json!({ "registry": place.registry, "repository": repository, "tags": names }),
                None => json!({ "registry": place.registry, "repositories": names }),
            };
            write_json(&document, out)?;
            writeln!(out)
        }
    })?;
    Ok(0)
}
