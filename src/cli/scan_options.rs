//! What a scan is told, from the arguments of any command that scans; never the targets.

use super::{exit::Failure, limits::LimitArguments, registries::RegistryArguments};
use crate::{limits::Limits, scan::ScanOptions};

/// The options of a scan: the limits are those of the settings, as the arguments change them.
pub(super) fn scan_options(
    platform: Option<&str>,
    mut limits: Limits,
    changed: &LimitArguments,
    registries: &RegistryArguments,
) -> Result<ScanOptions, Failure> {
    changed.apply(&mut limits)?;
    let mut options = ScanOptions::new(platform, limits).map_err(Failure::platform)?;
    options.registries = registries.access()?;
    Ok(options)
}
