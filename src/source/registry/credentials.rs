//! Whose name goes with requests to a registry: what the environment gives, else what `docker login` left; never sending it.

use std::{fs::File, io::BufReader, path::Path};

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

use super::{
    access::{Login, RegistryAccess, Secret},
    error::RegistryError,
};

/// What Docker Hub's credentials are kept under: as Docker names it, and as others do.
const DOCKER_HUB: [&str; 3] = ["https://index.docker.io/v1/", "index.docker.io", "docker.io"];

/// What helpers say of a registry that they know nothing of.
const UNKNOWN: &str = "credentials not found";

/// The login for a registry; none where nobody gave one.
pub(super) fn login(registry: &str, access: &RegistryAccess) -> Result<Option<Login>, RegistryError> {
    if access.login.is_some() && access.login_for.as_deref().is_none_or(|only| only == registry) {
        return Ok(access.login.clone());
    }
    let one = [registry];
    let names: &[&str] = if registry == "docker.io" { &DOCKER_HUB } else { &one };
    for path in &access.login_files {
        for name in names {
            let found = in_file(path, name);
            let found = found.map_err(|error| RegistryError::Credentials {
                registry: registry.to_owned(),
                path: path.clone(),
                error,
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

fn in_file(path: &Path, name: &str) -> Result<Option<Login>, CredentialRetrievalError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(CredentialRetrievalError::ConfigReadError),
    };
    match get_credential_from_reader(BufReader::new(file), name) {
        Ok(DockerCredential::UsernamePassword(user, password)) if user.is_empty() && password.is_empty() => Ok(None),
        Ok(DockerCredential::UsernamePassword(user, password)) => {
            Ok(Some(Login::Password { user, password: Secret(password) }))
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Login::Identity(Secret(token)))),
        Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
        Err(CredentialRetrievalError::HelperFailure { stdout, stderr, .. })
            if stdout.contains(UNKNOWN) || stderr.contains(UNKNOWN) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Login, RegistryAccess, Secret, login};

    fn found(config: &str, registry: &str) -> String {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("config.json");
        fs::write(&path, config).expect("written");
        let access = RegistryAccess { login_files: vec!["/no/such/file".into(), path], ..RegistryAccess::default() };
        match login(registry, &access) {
            Ok(None) => "nobody".to_owned(),
            Ok(Some(Login::Password { user, password: Secret(password) })) => format!("{user}:{password}"),
            Ok(Some(Login::Identity(Secret(token)) | Login::Token(Secret(token)))) => token,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn files_of_docker_login_are_read() {
        let config = r#"{"auths": {
            "r.example.com:5000": {"auth": "bWU6c2VjcmV0"}, "https://index.docker.io/v1/": {"auth": "aHViOmtleQ=="},
            "token.example.com": {"auth": "eDp5", "identitytoken": "id"}, "empty.example.com": {}}}"#;
        assert_eq!(found(config, "r.example.com:5000"), "me:secret");
        assert_eq!(found(config, "r.example.com"), "nobody", "another port is another registry");
        assert_eq!(found(config, "docker.io"), "hub:key");
        assert_eq!(found(config, "token.example.com"), "id");
        assert_eq!(found(config, "empty.example.com"), "nobody");
        assert_eq!(found("{}", "r.example.com"), "nobody");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_said_and_nothing_of_it_is_shown() {
        let error = found(r#"{"auths": {"r.example.com": {"auth": "!!secret!!"}}}"#, "r.example.com");
        assert!(error.starts_with("cannot read credentials for `r.example.com`") && !error.contains("!!secret!!"), "{error}");
        assert!(found("{", "r.example.com").contains("it cannot be read, or is no JSON"), "{}", found("{", "r.example.com"));
        let helper = r#"{"credHelpers": {"r.example.com": "no-such-helper-of-douane"}}"#;
        let error = found(helper, "r.example.com");
        assert!(error.ends_with("cannot be started; mend it, or log in again with `docker login r.example.com`"), "{error}");
        assert_eq!(found(helper, "other.example.com"), "nobody");
    }

    #[test]
    fn what_the_environment_gives_goes_first_but_only_where_it_belongs() {
        let password = || Login::Password { user: "env".into(), password: Secret("x".into()) };
        let access = RegistryAccess { login: Some(password()), ..RegistryAccess::default() };
        assert!(login("any.example.com", &access).expect("no file").is_some());
        let access = RegistryAccess { login_for: Some("one.example.com".into()), ..access };
        assert!(login("one.example.com", &access).expect("no file").is_some());
        assert!(login("other.example.com", &access).expect("no file").is_none());
        assert!(!format!("{access:?}").contains("\"x\""), "secrets are not shown");
    }
}
