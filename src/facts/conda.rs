//! Packages that conda, mamba or pixi installed into a prefix; plain types, never reading.

use schemars::JsonSchema;
use serde::Serialize;

use super::known::Fact;

/// A package of conda in one prefix: a Python distribution, a library, a compiler, or Python itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CondaPackage {
    /// The prefix that it is installed in.
    pub prefix: String,
    /// Its name.
    pub name: String,
    /// Its version, in conda's own words.
    pub version: String,
    /// Which build of that version it is, such as `py311h64a7726_0`.
    pub build: Option<String>,
    /// Where it came from: the channel's address without platform, credentials and token, or a bare name where only that is noted.
    pub channel: Option<String>,
    /// The platform that it was built for in conda's words (`linux-64`), or `noarch`.
    pub subdir: Option<String>,
    /// The address of its archive, without credentials and token.
    pub url: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// What it needs, as written.
    pub requires: Vec<String>,
    /// Whether it was asked for by name, rather than needed by another; unknown where no package of the prefix is marked.
    pub requested: Fact<bool>,
    /// The file that says so.
    pub location: String,
    /// Its layer.
    pub layer: Option<u32>,
}
