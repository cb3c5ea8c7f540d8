//! A real registry beside ours: Debian's `docker-registry` filled by `skopeo`, plain and with TLS and passwords; the same image in an
//! OCI layout must give the same inventory.
//!
//! `tests/run registry` gets both programs, names the first in `DOUANE_TEST_REGISTRY` and runs this. The registries that are started here
//! listen on this machine alone, and end with the test.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot make its fixture has failed"
)]

#[expect(dead_code, reason = "other tests make archives too")]
#[path = "command/fixture.rs"]
mod fixture;

use std::{
    fs,
    io::Read,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::Duration,
};

use fixture::{Files, Image, cpython, oci_layout};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The user `tests` with the password `granite-key`, as `htpasswd -B` writes it.
const HTPASSWD: &str = "tests:$2b$05$PLRAJtLGvB44pv.MELo9Jel6EVesFjQacAos9EW3DSgjlaZkiGi0G\n";
const LOGIN: [(&str, &str); 2] = [("DOUANE_REGISTRY_USERNAME", "tests"), ("DOUANE_REGISTRY_PASSWORD", "granite-key")];

/// A registry that ends with its value.
struct Registry {
    child: Child,
    host: String,
    directory: TempDir,
}

/// How a registry is to be reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doors {
    Open,
    TlsAndPassword,
}

impl Registry {
    fn start(doors: Doors) -> Self {
        let program = std::env::var_os("DOUANE_TEST_REGISTRY").expect("`DOUANE_TEST_REGISTRY` names `docker-registry`");
        let directory = tempfile::tempdir().expect("a directory");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let host = format!("127.0.0.1:{port}");
        let at = directory.path();
        let mut config = json!({
            "version": "0.1",
            "log": { "level": "error", "accesslog": { "disabled": true } },
            "storage": { "filesystem": { "rootdirectory": at.join("storage") } },
            "http": { "addr": host },
        });
        if doors == Doors::TlsAndPassword {
            certificates(at);
            fs::write(at.join("htpasswd"), HTPASSWD).expect("written");
            config["http"]["tls"] = json!({ "certificate": at.join("server.crt"), "key": at.join("server.key") });
            config["auth"] = json!({ "htpasswd": { "realm": "tests", "path": at.join("htpasswd") } });
        }
        // JSON is YAML.
        fs::write(at.join("config.yml"), config.to_string()).expect("written");
        let child = Command::new(program)
            .arg("serve")
            .arg(at.join("config.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry starts");
        let registry = Self { child, host, directory };
        for _ in 0..100 {
            if TcpStream::connect(&registry.host).is_ok() {
                return registry;
            }
            sleep(Duration::from_millis(100));
        }
        panic!("docker-registry does not listen at {}", registry.host);
    }

    fn authority(&self) -> PathBuf {
        self.directory.path().join("ca.crt")
    }

    /// Copies an image out of a layout.
    fn push(&self, layout: &Path, name: &str, arguments: &[&str]) {
        let destination = format!("docker://{}/{name}", self.host);
        let source = format!("oci:{}:latest", layout.display());
        let mut skopeo = Command::new("skopeo");
        skopeo.args(["--insecure-policy", "copy", "--quiet"]).args(arguments);
        if self.authority().exists() {
            // Its own directory: of one with keys skopeo would present them.
            let trusted = self.directory.path().join("trusted");
            fs::create_dir_all(&trusted).expect("made");
            fs::copy(self.authority(), trusted.join("ca.crt")).expect("copied");
            skopeo.arg("--dest-creds=tests:granite-key").arg(format!("--dest-cert-dir={}", trusted.display()));
        } else {
            skopeo.arg("--dest-tls-verify=false");
        }
        succeeded(skopeo.arg(source).arg(destination));
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn succeeded(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// An authority, and the certificate of a server on this machine that it made.
fn certificates(directory: &Path) {
    let openssl = |words: &str| {
        succeeded(Command::new("openssl").current_dir(directory).args(words.split_whitespace()));
    };
    fs::write(directory.join("names"), "subjectAltName=IP:127.0.0.1\n").expect("written");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.crt -days 2 -subj /CN=tests-authority"));
    openssl(&format!("req {key} -keyout server.key -out server.csr -subj /CN=tests"));
    openssl("x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names");
}

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn douane(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_douane"));
    for name in ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "SSL_CERT_DIR"] {
        command.env_remove(name);
    }
    let output = command.args(arguments).env("HOME", "/no/home").envs(variables.iter().copied()).output().expect("it runs");
    Run {
        code: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The target, the layers, and all else as it was printed.
fn inventory(target: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (Value, Value, String) {
    let all = ["inspect", target, "-f", "json", "--modules", "**", "--files", "**"];
    let run = douane(&[&all[..], arguments].concat(), variables);
    assert_eq!(run.code, 0, "{target}: {}", run.stderr);
    let mut inventory: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let members = inventory.as_object_mut().expect("an object");
    let (target, layers) = (members.remove("target").expect("a target"), members.remove("layers").expect("layers"));
    (target, layers, inventory.to_string())
}

/// A layout of one image with an interpreter and code, for each of these platforms.
fn layout(directory: &Path, architectures: &[&str]) -> PathBuf {
    let python = cpython("3.12.4");
    let base: Files<'_> = &[("etc/os-release", "ID=debian\nVERSION_ID=12\n"), ("usr/bin/python3.12", &python)];
    let noise: String = (0..60_000).map(|at| format!("# {}\n", at * 7919 % 104_729)).collect();
    let code: Files<'_> = &[("srv/app/a.py", "import os\n"), ("usr/lib/python3.12/os.py", &noise)];
    let layers = [base, code, &[("srv/app/b.py", "import a\n")]];
    let images = architectures.iter().map(|architecture| Image {
        layers: &layers,
        modes: &[("usr/bin/python3.12", 0o755)],
        platform: ("linux", architecture),
        ..Image::default()
    });
    oci_layout(directory, &images.collect::<Vec<_>>())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Puts a blob into a layout, and describes it.
fn put(layout: &Path, media_type: &str, bytes: &[u8]) -> Value {
    fs::write(layout.join("blobs/sha256").join(sha256(bytes)), bytes).expect("written");
    json!({ "mediaType": media_type, "digest": format!("sha256:{}", sha256(bytes)), "size": bytes.len() })
}

/// Gives a layout one document under its tag.
fn finish(layout: &Path, mut descriptor: Value) {
    descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": "latest" });
    let index = json!({ "schemaVersion": 2, "manifests": [descriptor] });
    fs::write(layout.join("index.json"), index.to_string()).expect("written");
}

fn blob(layout: &Path, descriptor: &Value) -> Vec<u8> {
    let digest = descriptor["digest"].as_str().expect("text").trim_start_matches("sha256:");
    fs::read(layout.join("blobs/sha256").join(digest)).expect("read")
}

/// The only image of a layout with its layers compressed by zstd.
fn with_zstd(layout: &Path, directory: &Path) -> PathBuf {
    fs::create_dir_all(directory.join("blobs/sha256")).expect("made");
    fs::copy(layout.join("oci-layout"), directory.join("oci-layout")).expect("copied");
    let index: Value = serde_json::from_slice(&fs::read(layout.join("index.json")).expect("read")).expect("JSON");
    let mut manifest: Value = serde_json::from_slice(&blob(layout, &index["manifests"][0])).expect("JSON");
    put(directory, "", &blob(layout, &manifest["config"]));
    for layer in manifest["layers"].as_array_mut().expect("layers") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*blob(layout, layer)).read_to_end(&mut plain).expect("gzip");
        let zstd = zstd::encode_all(&*plain, 3).expect("compressed");
        *layer = put(directory, "application/vnd.oci.image.layer.v1.tar+zstd", &zstd);
    }
    finish(directory, put(directory, "application/vnd.oci.image.manifest.v1+json", manifest.to_string().as_bytes()));
    directory.to_owned()
}

#[test]
#[ignore = "needs docker-registry and skopeo: tests/run registry"]
fn the_same_image_is_the_same_whatever_form_it_has_in_a_registry() {
    let scratch = tempfile::tempdir().expect("a directory");
    let layout = layout(scratch.path(), &["amd64"]);
    let registry = Registry::start(Doors::Open);
    let (target, layers, here) = inventory(layout.to_str().expect("UTF-8"), &[], &[]);
    registry.push(&layout, "team/app:oci", &[]);
    let name = format!("registry:{}/team/app:oci", registry.host);
    let (pushed, pushed_layers, there) = inventory(&name, &[], &[]);
    assert_eq!(there, here);
    assert_eq!(pushed_layers, layers);
    assert_eq!(pushed["digest"], target["digest"]);
    let by_digest = format!("{}/team/app@{}", registry.host, target["digest"].as_str().expect("text"));
    assert_eq!(inventory(&by_digest, &[], &[]).2, here, "by its digest, and without a scheme");
    // Docker's second schema, and layers compressed anew: other documents, the same content.
    registry.push(&layout, "team/app:docker", &["--format=v2s2"]);
    registry.push(&with_zstd(&layout, &scratch.path().join("zstd")), "team/app:zstd", &[]);
    let raw = format!("docker://{}/team/app:zstd", registry.host);
    let raw = succeeded(Command::new("skopeo").args(["inspect", "--tls-verify=false", "--raw", &raw])).stdout;
    assert_eq!(String::from_utf8_lossy(&raw).matches(".tar+zstd").count(), 3);
    for tag in ["docker", "zstd"] {
        let (target, found, there) = inventory(&format!("registry:{}/team/app:{tag}", registry.host), &[], &[]);
        assert_eq!(there, here, "{tag}");
        assert_ne!(target["digest"], pushed["digest"], "{tag}");
        let diff_ids = |layers: &Value| {
            layers.as_array().expect("layers").iter().map(|layer| layer["diff_id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(diff_ids(&found), diff_ids(&layers), "{tag}");
    }
    assert_eq!(douane(&["registry", "ls", &registry.host], &[]).stdout, "team/app\n");
    assert_eq!(douane(&["registry", "ls", &format!("{}/team/app", registry.host)], &[]).stdout, "docker\noci\nzstd\n");
    let gone = douane(&["check", &format!("registry:{}/team/app:gone", registry.host)], &[]);
    assert_eq!(gone.code, 3, "{}", gone.stdout);
    assert!(gone.stdout.contains("manifest unknown"), "{}", gone.stdout);
}

#[test]
#[ignore = "needs docker-registry and skopeo: tests/run registry"]
fn an_index_holds_an_image_for_each_platform() {
    let scratch = tempfile::tempdir().expect("a directory");
    let layout = layout(scratch.path(), &["arm64", "s390x"]);
    // One index under one tag, as a registry has it.
    let index = fs::read(layout.join("index.json")).expect("read");
    finish(&layout, put(&layout, "application/vnd.oci.image.index.v1+json", &index));
    let registry = Registry::start(Doors::Open);
    registry.push(&layout, "app:1", &["--all"]);
    let name = format!("registry:{}/app:1", registry.host);
    for platform in ["linux/arm64", "linux/s390x"] {
        let here = inventory(layout.to_str().expect("UTF-8"), &["--platform", platform], &[]);
        let there = inventory(&name, &["--platform", platform], &[]);
        assert_eq!((there.0["platform"].as_str(), &there.0["digest"]), (Some(platform), &here.0["digest"]));
        assert_eq!((there.1, there.2), (here.1, here.2));
    }
    let other = douane(&["inspect", &name, "--platform", "linux/mips"], &[]);
    assert_eq!(other.code, 3);
    assert!(other.stderr.contains("it has `linux/arm64`, `linux/s390x`"), "{}", other.stderr);
}

#[test]
#[ignore = "needs docker-registry and skopeo: tests/run registry"]
fn a_registry_with_tls_and_passwords_is_trusted_and_entered_only_where_somebody_says_so() {
    let scratch = tempfile::tempdir().expect("a directory");
    let layout = layout(scratch.path(), &["amd64"]);
    let registry = Registry::start(Doors::TlsAndPassword);
    registry.push(&layout, "app:1", &[]);
    let name = format!("registry:{}/app:1", registry.host);
    let authority = registry.authority().display().to_string();
    let trusting = ["--ca-file", &authority];

    let stranger = douane(&["inspect", &name], &LOGIN);
    assert_eq!(stranger.code, 3);
    assert!(stranger.stderr.contains("is not trusted") && stranger.stderr.contains("--ca-file"), "{}", stranger.stderr);
    let anonymous = douane(&[&["inspect", &name][..], &trusting].concat(), &[]);
    assert_eq!(anonymous.code, 3);
    assert!(
        anonymous.stderr.contains("someone without credentials (it says: authentication required)"),
        "{}",
        anonymous.stderr
    );
    let wrong = [LOGIN[0], ("DOUANE_REGISTRY_PASSWORD", "marble-key")];
    let wrong = douane(&[&["inspect", &name][..], &trusting].concat(), &wrong);
    assert_eq!(wrong.code, 3);
    assert!(wrong.stderr.contains("the user `tests`") && !wrong.stderr.contains("marble"), "{}", wrong.stderr);

    let (_, layers, here) = inventory(layout.to_str().expect("UTF-8"), &[], &[]);
    let (_, found, there) = inventory(&name, &trusting, &LOGIN);
    assert_eq!((found, there), (layers, here.clone()));
    let by_environment = [&LOGIN[..], &[("SSL_CERT_FILE", &authority)]].concat();
    assert_eq!(inventory(&name, &[], &by_environment).2, here);
    let login = scratch.path().join("auth.json");
    succeeded(
        Command::new("skopeo")
            .args(["login", "--username=tests", "--password=granite-key", &registry.host])
            .arg(format!("--authfile={}", login.display()))
            .arg(format!("--cert-dir={}", registry.directory.path().join("trusted").display())),
    );
    assert_eq!(inventory(&name, &trusting, &[("REGISTRY_AUTH_FILE", login.to_str().expect("UTF-8"))]).2, here);
    let list = douane(&[&["registry", "ls", &registry.host][..], &trusting].concat(), &LOGIN);
    assert_eq!((list.code, list.stdout.as_str()), (0, "app\n"), "{}", list.stderr);
}
