//! Registries as a user meets them: targets, lists, credentials and exit codes, beside a registry of the tests' own.

use std::{collections::HashMap, fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};

use crate::{
    INCOMPLETE, Image, PASS, Run, USAGE, VIOLATIONS, command, oci_layout, run, scratch,
    server::{Asked, Reply, Server},
};

/// A registry that holds a layout as `app:1`.
fn serving(layout: &Path, hook: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Server {
    let index = fs::read(layout.join("index.json")).expect("an index");
    let mut held = HashMap::new();
    held.insert("/v2/app/manifests/1".to_owned(), ("application/vnd.oci.image.index.v1+json".to_owned(), index));
    for entry in fs::read_dir(layout.join("blobs/sha256")).expect("blobs") {
        let path = entry.expect("a blob").path();
        let (name, bytes) = (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("read"));
        for kind in ["manifests", "blobs"] {
            held.insert(format!("/v2/app/{kind}/sha256:{name}"), ("application/octet-stream".to_owned(), bytes.clone()));
        }
    }
    Server::start(held, hook)
}

/// The command with these variables of the environment, and nobody's credentials.
fn douane(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command();
    for name in ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"] {
        command.env_remove(name);
    }
    run(command.args(arguments).env("HOME", "/no/home").envs(variables.iter().copied()))
}

fn images() -> [Image<'static>; 1] {
    [Image {
        layers: &[
            &[("etc/os-release", "ID=debian\nVERSION_ID=12\n"), ("srv/app/a.py", "import os\n")],
            &[("srv/app/b.py", "import a\n")],
        ],
        ..Image::default()
    }]
}

#[test]
fn an_image_in_a_registry_is_read_as_the_same_image_in_a_layout_is() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &images());
    let server = serving(&layout, |_| None);
    let inventory = |target: &str| {
        let run = douane(&["inspect", target, "-f", "json", "--modules", "**", "--files", "**"], &[]);
        assert_eq!(run.code, PASS, "{}", run.stderr);
        let mut inventory = run.json();
        let target = inventory.as_object_mut().expect("an object").remove("target").expect("a target");
        (target, inventory.to_string())
    };
    let (here, from_layout) = inventory(layout.to_str().expect("UTF-8"));
    let name = format!("registry:{}/app:1", server.host());
    let (there, from_registry) = inventory(&name);
    assert_eq!(from_registry, from_layout);
    assert_eq!((&there["digest"], &there["platform"]), (&here["digest"], &here["platform"]));
    assert_eq!((&there["source"], &there["reference"]), (&json!("registry"), &json!(name)));
    let bare = douane(&["inspect", &format!("{}/app:1", server.host())], &[]);
    assert!(bare.stdout.contains("· from a registry\n"), "{}", bare.stdout);
}

#[test]
fn what_a_registry_lacks_or_changes_is_never_a_pass() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &images());
    let index: Value = serde_json::from_slice(&fs::read(layout.join("index.json")).expect("read")).expect("JSON");
    let blob = |digest: &Value| layout.join("blobs").join(digest.as_str().expect("a digest").replace(':', "/"));
    let manifest: Value =
        serde_json::from_slice(&fs::read(blob(&index["manifests"][0]["digest"])).expect("read")).expect("JSON");
    let top = manifest["layers"][1].clone();
    let is_top = format!("/v2/app/blobs/{}", top["digest"].as_str().expect("a digest"));
    let size = usize::try_from(top["size"].as_u64().expect("a size")).expect("small");
    let answer = move |reply: fn(usize) -> Reply| {
        let path = is_top.clone();
        serving(&layout, move |asked| (asked.path == path).then(|| reply(size)))
    };
    let check = |server: &Server| douane(&["check", &format!("registry:{}/app:1", server.host())], &[]);
    check(&answer(|size| Reply::new(200, vec![0; size])))
        .refused(INCOMPLETE, &["layer 1", "do not match its digest", "save or push"]);
    check(&answer(|size| Reply::new(200, vec![0; size + 1]))).refused(INCOMPLETE, &["layer 1", "bytes", "were expected"]);
    check(&answer(|_| Reply::new(404, ""))).refused(INCOMPLETE, &["layer 1", "has not got"]);
    let server = answer(|_| Reply::new(403, r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#));
    let refused = douane(&["check", &format!("registry:{}/app:1", server.host()), "-f", "json"], &[]);
    assert_eq!(refused.json()["verdict"], json!("error"), "{}", refused.stdout);
    refused.refused(INCOMPLETE, &["layer 1", "not yours", "docker login"]);
    let gone = douane(&["check", "registry:127.0.0.1:1/app"], &[]);
    gone.refused(INCOMPLETE, &["cannot reach `127.0.0.1:1`", "nobody listens there"]);
}

#[test]
fn a_foreign_layer_that_is_not_there_leaves_a_gap_and_nothing_whole() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &images());
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).expect("read")).expect("JSON") };
    let index = read(&layout.join("index.json"));
    let mut manifest =
        read(&layout.join("blobs").join(index["manifests"][0]["digest"].as_str().expect("text").replace(':', "/")));
    manifest["layers"][0]["mediaType"] = json!("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    manifest["layers"][0]["urls"] = json!(["http://127.0.0.1:1/never"]);
    let is_gone = format!("/v2/app/blobs/{}", manifest["layers"][0]["digest"].as_str().expect("text"));
    let server = serving(&layout, move |asked| match asked.path.as_str() {
        "/v2/app/manifests/1" => Some(Reply::new(200, manifest.to_string())),
        path if path == is_gone => Some(Reply::new(404, "")),
        _ => None,
    });
    let target = format!("registry:{}/app:1", server.host());
    let inventory = douane(&["inspect", &target, "-f", "json", "--files", "**"], &[]).json();
    assert_eq!((&inventory["gaps"][0]["code"], &inventory["gaps"][0]["place"]), (&json!("foreign-layer"), &json!("layer 0")));
    assert_eq!(inventory["layers"].as_array().map(Vec::len), Some(2));
    for list in ["files_complete", "interpreters_complete", "environments_complete", "binaries_complete"] {
        assert_ne!(inventory[list], json!("complete"), "{list}: {}", inventory[list]);
    }
    assert_eq!(douane(&["check", &target, "-p", "douane.image", "--strict"], &[]).code, VIOLATIONS);
}

#[test]
fn credentials_come_from_the_environment_or_from_docker_login_and_are_never_shown() {
    let scratch = scratch();
    let layout = oci_layout(scratch.path(), &images());
    let server = serving(&layout, |asked| {
        let challenge = Reply::new(401, "").with("www-authenticate", r#"Basic realm="tests""#);
        (asked.header("authorization") != Some("Basic bWU6Z3Jhbml0ZS1rZXk=")).then_some(challenge)
    });
    let target = format!("registry:{}/app:1", server.host());
    let inspect = |variables: &[(&str, &str)]| douane(&["inspect", &target], variables);
    inspect(&[]).refused(INCOMPLETE, &["someone without credentials", "docker login"]);
    let environment = [("DOUANE_REGISTRY_USERNAME", "me"), ("DOUANE_REGISTRY_PASSWORD", "granite-key")];
    assert_eq!(inspect(&environment).code, PASS);
    let elsewhere = [&environment[..], &[("DOUANE_REGISTRY_HOST", "ghcr.io")]].concat();
    inspect(&elsewhere).refused(INCOMPLETE, &["someone without credentials"]);
    let wrong = [("DOUANE_REGISTRY_USERNAME", "me"), ("DOUANE_REGISTRY_PASSWORD", "marble-key")];
    let refused = inspect(&wrong);
    refused.refused(INCOMPLETE, &["the user `me`"]);
    assert!(!format!("{}{}", refused.stdout, refused.stderr).contains("marble"));
    inspect(&environment[..1]).refused(USAGE, &["DOUANE_REGISTRY_USERNAME is set and DOUANE_REGISTRY_PASSWORD is not"]);
    let config = json!({ "auths": { server.host(): { "auth": "bWU6Z3Jhbml0ZS1rZXk=" } } });
    fs::write(scratch.path().join("config.json"), config.to_string()).expect("written");
    assert_eq!(inspect(&[("DOCKER_CONFIG", scratch.path().to_str().expect("UTF-8"))]).code, PASS);
}

#[test]
fn credential_helpers_are_asked_where_docker_login_says_so() {
    let scratch = scratch();
    let layout = oci_layout(&scratch.path().join("layout"), &images());
    let server = serving(&layout, |asked| {
        let challenge = Reply::new(401, "").with("www-authenticate", r#"Basic realm="tests""#);
        (asked.header("authorization") != Some("Basic bWU6Z3Jhbml0ZS1rZXk=")).then_some(challenge)
    });
    let at = |name: &str| scratch.path().join(name);
    let helper = |name: &str, script: &str| {
        let path = at(&format!("docker-credential-{name}"));
        fs::write(&path, format!("#!/bin/sh\nread registry\n{script}\n")).expect("written");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("executable");
    };
    let known = format!(r#"[ "$registry" = {} ] && echo '{{"Username":"me","Secret":"granite-key"}}'"#, server.host());
    helper("known", &known);
    helper("empty", "echo 'credentials not found in native keychain'; exit 1");
    helper("broken", "echo 'the vault is locked'; exit 1");
    let path = format!("{}:{}", scratch.path().display(), std::env::var("PATH").expect("a path"));
    let directory = scratch.path().to_str().expect("UTF-8");
    let inspect = |config: Value| {
        fs::write(at("config.json"), config.to_string()).expect("written");
        let target = format!("registry:{}/app:1", server.host());
        douane(&["inspect", &target], &[("DOCKER_CONFIG", directory), ("PATH", &path)])
    };
    let known = inspect(json!({ "credHelpers": { server.host(): "known" } }));
    assert_eq!(known.code, PASS, "{}", known.stderr);
    assert_eq!(inspect(json!({ "credsStore": "known" })).code, PASS);
    inspect(json!({ "credsStore": "empty" })).refused(INCOMPLETE, &["someone without credentials"]);
    inspect(json!({ "credsStore": "broken" })).refused(INCOMPLETE, &["the vault is locked", "cannot read credentials"]);
    inspect(json!({ "credsStore": "missing" })).refused(INCOMPLETE, &["cannot read credentials", "config.json"]);
}

#[test]
fn registries_are_listed_for_people_and_for_programs() {
    let server = Server::start(HashMap::new(), |asked| match asked.path.as_str() {
        "/v2/_catalog?n=1000" => Some(Reply::new(200, r#"{"repositories":["shop","app"]}"#)),
        "/v2/app/tags/list?n=1000" => Some(Reply::new(200, r#"{"name":"app","tags":["2","1"]}"#)),
        _ => None,
    });
    let host = server.host();
    let list = |arguments: &[&str]| douane(&[&["registry", "ls"], arguments].concat(), &[]);
    assert_eq!(list(&[&host]).stdout, "app\nshop\n");
    assert_eq!(list(&[&host, "-f", "json"]).json(), json!({ "registry": host, "repositories": ["app", "shop"] }));
    let app = format!("{host}/app");
    assert_eq!(list(&[&app]).stdout, "1\n2\n");
    assert_eq!(list(&[&app, "-f", "json"]).json(), json!({ "registry": host, "repository": "app", "tags": ["1", "2"] }));
    list(&[&format!("{host}/gone")]).refused(INCOMPLETE, &["has not got the list of tags"]);
    list(&["shop"]).refused(USAGE, &["`shop` names no registry", "HOST/NAME"]);
}
