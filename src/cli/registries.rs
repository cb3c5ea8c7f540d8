//! How registries are reached and as whom, by arguments and environment; the only place where either is read, and nothing is asked.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::exit::Failure;
use crate::source::registry::{Login, Patience, Proxies, RegistryAccess, Secret};

/// What may be said of registries behind every command that asks one.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Registries")]
pub(super) struct RegistryArguments {
    /// A registry that may be spoken to without TLS, as it stands in names of images, such as `registry.lan:5000`; those of this
    /// machine need no mention.
    #[arg(long = "insecure-registry", value_name = "HOST")]
    pub(super) insecure: Vec<String>,
    /// Certificates in PEM of authorities that registries' certificates may come from, beside those that this machine trusts
    /// (`SSL_CERT_FILE`).
    #[arg(long = "ca-file", value_name = "FILE")]
    pub(super) authorities: Option<PathBuf>,
}

impl RegistryArguments {
    /// These arguments, with what the environment says.
    pub(super) fn access(&self) -> Result<Arc<RegistryAccess>, Failure> {
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        access(self, &variable).map(Arc::new)
    }
}

fn access(arguments: &RegistryArguments, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<RegistryAccess, Failure> {
    let text = |name: &'static str| -> Result<Option<String>, Failure> {
        variable(name).map(|value| value.into_string().map_err(|_| Failure::NoText { variable: name })).transpose()
    };
    let first = |names: &[&'static str]| -> Result<Option<Secret>, Failure> {
        let found = names.iter().find_map(|name| text(name).transpose()).transpose();
        Ok(found?.map(Secret))
    };
    let user = text("DOUANE_REGISTRY_USERNAME")?;
    let password = text("DOUANE_REGISTRY_PASSWORD")?;
    let token = text("DOUANE_REGISTRY_TOKEN")?;
    let login = match (token, user, password) {
        (Some(token), ..) => Some(Login::Token(Secret(token))),
        (None, Some(user), Some(password)) => Some(Login::Password { user, password: Secret(password) }),
        (None, None, None) => None,
        (None, Some(_), None) => {
            return Err(Failure::HalfLogin { set: "DOUANE_REGISTRY_USERNAME", unset: "DOUANE_REGISTRY_PASSWORD" });
        }
        (None, None, Some(_)) => {
            return Err(Failure::HalfLogin { set: "DOUANE_REGISTRY_PASSWORD", unset: "DOUANE_REGISTRY_USERNAME" });
        }
    };
    let except = first(&["NO_PROXY", "no_proxy"])?.map(|Secret(hosts)| hosts.split(',').map(str::to_owned).collect());
    Ok(RegistryAccess {
        login,
        login_for: text("DOUANE_REGISTRY_HOST")?,
        login_files: login_files(variable),
        authorities: arguments.authorities.clone(),
        insecure: arguments.insecure.clone(),
        proxies: Proxies {
            https: first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?,
            http: first(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])?,
            except: except.unwrap_or_default(),
        },
        patience: Patience::default(),
    })
}

/// Where `docker login` leaves credentials, and then where `podman login` does.
fn login_files(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let place = |name: &str, below: &str| Some(Path::new(&variable(name)?).join(below));
    let docker = place("DOCKER_CONFIG", "config.json").or_else(|| place("HOME", ".docker/config.json"));
    let podman = variable("REGISTRY_AUTH_FILE").map(PathBuf::from);
    let podman = podman.or_else(|| place("XDG_RUNTIME_DIR", "containers/auth.json"));
    [docker, podman].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{Failure, Login, RegistryAccess, RegistryArguments, Secret, access};

    fn given(variables: &[(&str, &str)]) -> Result<RegistryAccess, Failure> {
        let variable = |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).into());
        access(&RegistryArguments::default(), &variable)
    }

    #[test]
    fn a_login_is_a_token_or_a_name_and_a_password() {
        let both = [("DOUANE_REGISTRY_USERNAME", "me"), ("DOUANE_REGISTRY_PASSWORD", "key")];
        assert!(matches!(given(&both).expect("whole").login, Some(Login::Password { .. })));
        let token = given(&[("DOUANE_REGISTRY_TOKEN", "t"), ("DOUANE_REGISTRY_HOST", "ghcr.io")]).expect("whole");
        assert!(matches!(&token.login, Some(Login::Token(Secret(token))) if token == "t"));
        assert_eq!(token.login_for.as_deref(), Some("ghcr.io"));
        for half in both {
            let error = given(&[half]).expect_err("half");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("is set and"), "{error}");
        }
        assert!(given(&[]).expect("nothing").login.is_none());
    }

    #[test]
    fn files_and_proxies_are_where_others_look_for_them() {
        let found = given(&[
            ("HOME", "/home/me"),
            ("XDG_RUNTIME_DIR", "/run/me"),
            ("https_proxy", "http://proxy:1"),
            ("NO_PROXY", "a.b, .c"),
        ])
        .expect("whole");
        let files: Vec<_> = found.login_files.iter().map(|path| path.display().to_string()).collect();
        assert_eq!(files, ["/home/me/.docker/config.json", "/run/me/containers/auth.json"]);
        assert_eq!(found.proxies.https, Some(Secret("http://proxy:1".into())));
        assert_eq!(found.proxies.http, None);
        assert_eq!(found.proxies.except, ["a.b", " .c"]);
        let found = given(&[("HOME", "/home/me"), ("DOCKER_CONFIG", "/d"), ("REGISTRY_AUTH_FILE", "/p.json")]).expect("whole");
        let files: Vec<_> = found.login_files.iter().map(|path| path.display().to_string()).collect();
        assert_eq!(files, ["/d/config.json", "/p.json"]);
    }
}
