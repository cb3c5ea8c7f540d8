//! What conda notes of an installed package (`conda-meta/NAME-VERSION-BUILD.json`); never the hashes of its files.

use serde::Deserialize;
use serde_json::Value;

use crate::facts::{AddressKind, normalised_address};

/// An installed package of conda and its kin (mamba, micromamba, pixi).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CondaRecord {
    /// Its name.
    pub name: String,
    /// Its version, in conda's own words.
    pub version: String,
    /// Which build of that version it is.
    pub build: Option<String>,
    /// The address of its channel, or a channel's bare name, without what lets one in.
    pub channel: Option<String>,
    /// The platform that it was built for, or `noarch`.
    pub subdir: Option<String>,
    /// Where it was downloaded from, without what lets one in.
    pub url: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// What it needs, as written.
    pub requires: Vec<String>,
    /// Whether it was asked for by name, where the record says so.
    pub requested: bool,
    /// Paths of its files, relative to the prefix.
    pub files: Vec<String>,
}

/// Why a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CondaError {
    /// It is no JSON of the expected form.
    #[error("no record of a conda package: {0}")]
    Form(String),
    /// It names no package.
    #[error("no record of a conda package: it has no `{0}`")]
    Nameless(&'static str),
}

/// The fields that are read, as they may stand there.
#[derive(Deserialize)]
struct Written {
    name: Option<String>,
    version: Option<Value>,
    build: Option<String>,
    build_string: Option<String>,
    channel: Option<Value>,
    subdir: Option<String>,
    url: Option<String>,
    license: Option<String>,
    #[serde(default)]
    depends: Vec<String>,
    requested_spec: Option<Value>,
    #[serde(default)]
    requested_specs: Vec<Value>,
    #[serde(default)]
    files: Vec<String>,
}

/// Reads a record.
pub fn conda_record(bytes: &[u8]) -> Result<CondaRecord, CondaError> {
    let written: Written = serde_json::from_slice(bytes).map_err(|error| CondaError::Form(error.to_string()))?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let subdir = filled(written.subdir);
    let url = filled(written.url).map(|url| address(&url));
    let in_url = url.as_deref().and_then(|url| url.rsplit_once('/')).map(|(channel, _)| channel);
    let channel = match (in_url, written.channel) {
        (Some(channel), _) => Some(channel.to_owned()),
        (None, Some(Value::String(channel))) => filled(Some(address(&channel))),
        _ => None,
    };
    let beneath = subdir.as_ref().map(|subdir| format!("/{subdir}"));
    let channel = channel.map(|channel| match beneath.and_then(|end| channel.strip_suffix(&end).map(str::to_owned)) {
        Some(above) => above,
        None => channel,
    });
    let asked_for = |spec: &Value| spec.as_str().is_some_and(|spec| !spec.is_empty() && spec != "None");
    Ok(CondaRecord {
        name: filled(written.name).ok_or(CondaError::Nameless("name"))?,
        version: match written.version {
            Some(Value::String(version)) if !version.is_empty() => version,
            Some(Value::Number(version)) => version.to_string(),
            _ => return Err(CondaError::Nameless("version")),
        },
        build: filled(written.build).or_else(|| filled(written.build_string)),
        channel,
        subdir,
        url,
        license: filled(written.license),
        requires: written.depends,
        requested: written.requested_spec.iter().chain(&written.requested_specs).any(asked_for),
        files: written.files,
    })
}

/// An address without credentials and without the token that private channels have in their paths (`/t/TOKEN/`).
fn address(text: &str) -> String {
    let address = normalised_address(text, AddressKind::Plain).unwrap_or_else(|| without_login(text));
    let Some((before, rest)) = address.split_once("/t/") else { return address };
    let after = rest.split_once('/').map_or("", |(_, after)| after);
    format!("{before}/{after}")
}

/// Of an address with a scheme of its own (`s3://`), all but who logs in; a channel's bare name as it is.
fn without_login(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    match text.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}/{path}").trim_end_matches('/').to_owned()
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::conda_record;

    fn channel(channel: &str, url: &str) -> (Option<String>, Option<String>) {
        let text = format!(
            "{{\"name\": \"a\", \"version\": \"1\", \"subdir\": \"noarch\", \"channel\": \"{channel}\", \"url\": \"{url}\"}}"
        );
        let record = conda_record(text.as_bytes()).unwrap();
        (record.channel, record.url)
    }

    #[test]
    fn channels_are_addresses_without_platform_and_secrets() {
        let forge = "https://conda.anaconda.org/conda-forge";
        let file = format!("{forge}/noarch/a-1-0.conda");
        for written in ["conda-forge", "https://conda.anaconda.org/conda-forge/", &format!("{forge}/noarch"), ""] {
            assert_eq!(channel(written, &file), (Some(forge.to_owned()), Some(file.clone())), "{written}");
        }
        assert_eq!(channel("https://me:pw@conda.acme.io/t/se-cret/main/noarch", "").0.unwrap(), "https://conda.acme.io/main");
        let secret = "https://conda.acme.io/t/se-cret/main/noarch/a-1-0.conda";
        assert_eq!(channel("", secret).1.unwrap(), "https://conda.acme.io/main/noarch/a-1-0.conda");
        assert_eq!(channel("s3://key:pw@bucket/main/noarch", "").0.unwrap(), "s3://bucket/main");
        assert_eq!(channel("conda-forge", ""), (Some("conda-forge".to_owned()), None));
        assert_eq!(channel("", ""), (None, None));
    }

    #[test]
    fn each_tool_marks_what_was_asked_for_in_its_own_way() {
        let requested = |fields: &str| {
            let text = format!("{{\"name\": \"a\", \"version\": \"1\"{fields}}}");
            conda_record(text.as_bytes()).unwrap().requested
        };
        assert!(requested(", \"requested_spec\": \"a >=1\""));
        assert!(requested(", \"requested_spec\": null, \"requested_specs\": [\"a\"]"));
        for not in ["", ", \"requested_spec\": \"None\"", ", \"requested_spec\": \"\"", ", \"requested_specs\": []"] {
            assert!(!requested(not), "{not}");
        }
    }

    #[test]
    fn fields_that_are_missing_or_null_are_no_mistake() {
        let record =
            conda_record(b"{\"name\": \"a\", \"version\": 9, \"license\": null, \"arch\": null, \"files\": [\"bin/a\"]}")
                .unwrap();
        assert_eq!((record.version.as_str(), record.license, record.files), ("9", None, vec!["bin/a".to_owned()]));
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        for text in ["", "[]", "{}", "{\"name\": \"a\"}", "{\"name\": \"a\", \"version\": \"1\", \"files\": 3}"] {
            assert!(conda_record(text.as_bytes()).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(conda_record(format!("{{\"name\": \"a\", \"x\": {deep}").as_bytes()).is_err());
    }
}
