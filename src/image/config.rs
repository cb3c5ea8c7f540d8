//! An image's configuration as facts: user, environment, command, history; never looking into layers.

use oci_spec::image::ImageConfiguration;
use serde_json::Value;

use super::{Digest, DigestError, Platform};
use crate::facts::{
    EnvironmentValue, EnvironmentVariable, Fact, HistoryEntry, Image, REDACTED, without_passwords, without_secrets,
};

/// An image's configuration, read.
#[derive(Debug, Clone)]
pub struct ImageConfig {
    /// What it says of the image.
    pub image: Image,
    /// The platform that it declares.
    pub platform: Platform,
    /// The digests of the uncompressed layers, from the bottom.
    pub diff_ids: Vec<Digest>,
    /// The instruction that made each layer, as far as the history says.
    pub created_by: Vec<Option<String>>,
    /// Why the history could not be matched with the layers, where it could not.
    pub history_mismatch: Option<String>,
}

/// Why a configuration cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or not of the specified form.
    #[error("it is not of the form that the OCI image specification gives ({0})")]
    Form(#[from] serde_json::Error),
    /// A diff id that is no digest.
    #[error("`rootfs.diff_ids` is wrong: {0}")]
    DiffId(#[from] DigestError),
}

impl ImageConfig {
    /// Reads a configuration, OCI's or Docker's.
    pub fn parse(bytes: &[u8]) -> Result<Self, ConfigError> {
        let mut value: Value = serde_json::from_slice(bytes)?;
        // An image without layers is written with `null` by Go programs.
        if let Some(ids) = value.pointer_mut("/rootfs/diff_ids").filter(|ids| ids.is_null()) {
            *ids = Value::Array(Vec::new());
        }
        Self::read(&serde_json::from_value(value)?)
    }

    fn read(config: &ImageConfiguration) -> Result<Self, ConfigError> {
        let diff_ids = config.rootfs().diff_ids().iter().map(|id| Digest::parse(id)).collect::<Result<Vec<_>, _>>()?;
        let (history, history_mismatch) = history(config, diff_ids.len());
        let mut created_by = vec![None; diff_ids.len()];
        for entry in &history {
            if let Some(slot) = entry.layer.and_then(|layer| created_by.get_mut(layer as usize)) {
                slot.clone_from(&entry.created_by);
            }
        }
        let (os, architecture) = (config.os().to_string(), config.architecture().to_string());
        let platform = Platform::new(&os, &architecture, config.variant().as_deref());
        let image = Image { history, created: config.created().clone(), ..execution(config) };
        Ok(Self { image, platform, diff_ids, created_by, history_mismatch })
    }
}

fn execution(config: &ImageConfiguration) -> Image {
    let Some(config) = config.config() else {
        return Image { uid: Fact::Known(0), ..Image::default() };
    };
    let user = config.user().clone().filter(|user| !user.is_empty());
    let mut exposed_ports = config.exposed_ports().clone().unwrap_or_default();
    exposed_ports.sort();
    Image {
        uid: uid(user.as_deref()),
        user,
        env: config.env().iter().flatten().map(|entry| variable(entry)).collect(),
        labels: config
            .labels()
            .iter()
            .flatten()
            .map(|(name, value)| (name.clone(), without_passwords(value).into_owned()))
            .collect(),
        entrypoint: arguments(config.entrypoint().as_deref()),
        cmd: arguments(config.cmd().as_deref()),
        workdir: config.working_dir().clone().filter(|directory| !directory.is_empty()),
        exposed_ports,
        ..Image::default()
    }
}

/// The numeric user, where the configuration alone tells it; a name needs `/etc/passwd`, which is not looked at here.
fn uid(user: Option<&str>) -> Fact<u64> {
    let Some(user) = user else {
        return Fact::Known(0);
    };
    let name = user.split(':').next().unwrap_or(user);
    match name.parse::<u32>() {
        Ok(uid) => Fact::Known(u64::from(uid)),
        Err(_) if name.is_empty() || name == "root" => Fact::Known(0),
        Err(_) => Fact::Unknown("the configuration names the user, and `/etc/passwd` was not read".into()),
    }
}

/// The words of a command, none with a secret in it; `--password` and its value are two of them.
fn arguments(words: Option<&[String]>) -> Vec<String> {
    let mut secret_next = false;
    let kept = words.unwrap_or_default().iter().map(|word| {
        let follows = std::mem::replace(&mut secret_next, is_secret_flag(word));
        if follows && !word.starts_with(['-', '$']) { REDACTED.to_owned() } else { without_secrets(word).into_owned() }
    });
    kept.collect()
}

fn is_secret_flag(word: &str) -> bool {
    let probe = format!("{word} x");
    word.starts_with("--") && without_secrets(&probe).ends_with(REDACTED)
}

fn variable(entry: &str) -> EnvironmentVariable {
    let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
    EnvironmentVariable { name: name.to_owned(), value: EnvironmentValue::new(name, value) }
}

/// The history, each entry that made a layer with that layer's index; and why there are no indexes, where they do not fit.
fn history(config: &ImageConfiguration, layers: usize) -> (Vec<HistoryEntry>, Option<String>) {
    let entries = config.history().as_deref().unwrap_or_default();
    let made = entries.iter().filter(|entry| entry.empty_layer() != Some(true)).count();
    let fits = made == layers;
    let mut next = 0_u32;
    let history = entries
        .iter()
        .map(|entry| {
            let empty_layer = entry.empty_layer() == Some(true);
            let layer = (fits && !empty_layer).then(|| {
                let layer = next;
                next = next.saturating_add(1);
                layer
            });
            let created_by = entry.created_by().as_deref().map(|text| without_secrets(text).into_owned());
            HistoryEntry { created_by, empty_layer, layer }
        })
        .collect();
    // Builders may leave the history out; then there is nothing to disagree with.
    let mismatch = (!fits && !entries.is_empty()).then(|| {
        format!("the history tells of {made} layers and the image has {layers}: no layer can be given its instruction")
    });
    (history, mismatch)
}

#[cfg(test)]
mod tests {
    use super::ImageConfig;
    use crate::facts::Fact;

    #[test]
    fn secrets_of_history_and_command_are_never_kept() {
        let config = config(
            0,
            r#","history":[{"created_by":"ENV DB_PASSWORD=hunter2","empty_layer":true}],
               "config":{"Cmd":["serve","--token","hunter2","--password=hunter2","--port","80"],"Env":["DB_PASSWORD=hunter2"]}"#,
        );
        assert!(!serde_json::to_string(&config.image).expect("JSON").contains("hunter2"), "{:?}", config.image);
        assert_eq!(config.image.cmd, ["serve", "--token", "<redacted>", "--password=<redacted>", "--port", "80"]);
    }

    const ID: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn config(layers: usize, rest: &str) -> ImageConfig {
        let ids = vec![format!("{ID:?}"); layers].join(",");
        let text = format!(r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":[{ids}]}}{rest}}}"#);
        ImageConfig::parse(text.as_bytes()).expect("valid")
    }

    #[test]
    fn each_layer_gets_the_instruction_that_made_it() {
        let config =
            config(2, r#","history":[{"created_by":"ADD"},{"created_by":"ENV","empty_layer":true},{"created_by":"RUN"}]"#);
        assert_eq!(config.created_by, [Some("ADD".to_owned()), Some("RUN".to_owned())]);
        assert_eq!(config.image.history.iter().map(|entry| entry.layer).collect::<Vec<_>>(), [Some(0), None, Some(1)]);
        assert_eq!(config.history_mismatch, None);
    }

    #[test]
    fn a_history_that_does_not_fit_gives_no_layer_an_instruction() {
        let config = config(2, r#","history":[{"created_by":"ADD"}]"#);
        assert_eq!(config.created_by, [None, None]);
        assert!(config.history_mismatch.expect("a reason").contains("1 layers and the image has 2"));
    }

    #[test]
    fn a_missing_history_is_no_contradiction() {
        assert_eq!(config(2, "").history_mismatch, None);
    }

    #[test]
    fn the_user_is_a_number_where_the_configuration_says_so() {
        let uid = |user: &str| config(0, &format!(r#","config":{{"User":{user:?}}}"#)).image.uid;
        assert_eq!(uid("1000:1000"), Fact::Known(1000));
        assert_eq!(uid(""), Fact::Known(0));
        assert_eq!(uid("root"), Fact::Known(0));
        assert!(matches!(uid("app:staff"), Fact::Unknown(_)));
    }

    #[test]
    fn takes_what_docker_and_go_write() {
        let config = config(
            0,
            r#","config":{"User":"","Env":["A=b=c","EMPTY","X_TOKEN=s"],"Entrypoint":null,"Cmd":["sh"],"Labels":null,
               "ExposedPorts":{"8080/tcp":{},"443/tcp":{}},"WorkingDir":"/srv","OnBuild":null},"docker_version":"20""#,
        );
        let image = config.image;
        assert_eq!(image.user, None);
        let shown: Vec<_> = image.env.iter().map(|each| (each.name.as_str(), each.value.shown())).collect();
        assert_eq!(shown, [("A", "b=c"), ("EMPTY", ""), ("X_TOKEN", "<redacted>")]);
        assert_eq!(image.exposed_ports, ["443/tcp", "8080/tcp"]);
        assert_eq!(image.workdir.as_deref(), Some("/srv"));
        let text = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null}}"#;
        assert!(ImageConfig::parse(text.as_bytes()).expect("valid").diff_ids.is_empty());
    }
}
