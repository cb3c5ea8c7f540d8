//! Images of registries that fail in every way: what is recovered, and what the error says.

use std::{
    collections::HashMap,
    io::Read,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Login, Patience, RegistryAccess, Secret,
    server::{Asked, Reply, Sending, Server, part},
};
use crate::{
    image::Platform,
    limits::Limits,
    source::{
        Contents, LayerBlob, OpenOptions, OpenedImage, SourceError,
        fixture::{Tar, config, for_platform, gzip, sha256},
        open,
    },
};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// What a registry holds, by path.
#[derive(Default)]
struct Held(HashMap<String, (String, Vec<u8>)>);

impl Held {
    fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = sha256(bytes).to_string();
        self.0.insert(format!("/v2/app/blobs/{digest}"), ("application/octet-stream".into(), bytes.to_vec()));
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    fn manifest(&mut self, media_type: &str, document: &Value, tag: Option<&str>) -> Value {
        let bytes = document.to_string().into_bytes();
        let digest = sha256(&bytes).to_string();
        for version in [Some(digest.as_str()), tag].into_iter().flatten() {
            self.0.insert(format!("/v2/app/manifests/{version}"), (media_type.into(), bytes.clone()));
        }
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    /// An image of one layer.
    fn image(&mut self, architecture: &str, stored: &[u8], tar: &[u8], tag: Option<&str>) -> Value {
        let config = self.blob("application/vnd.oci.image.config.v1+json", &config(architecture, &[tar]));
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar+gzip", stored);
        self.manifest(MANIFEST, &json!({"schemaVersion": 2, "config": config, "layers": [layer]}), tag)
    }
}

/// A layer large enough to be cut off in its midst: text that hardly shrinks.
fn layer() -> (Vec<u8>, Vec<u8>) {
    let mut state = 1_u64;
    let noise = (0..40_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'A' + u8::try_from(state >> 59).expect("below 32"))
    });
    let tar = Tar::new().file("etc/noise", &noise.collect::<String>()).bytes();
    (gzip(&tar), tar)
}

/// A registry with `app:1` for one platform, and its layer's bytes.
fn started(hook: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> (Server, Vec<u8>) {
    let (stored, tar) = layer();
    let mut held = Held::default();
    held.image("s390x", &stored, &tar, Some("1"));
    (Server::start(held.0, hook), stored)
}

fn is_layer(asked: &Asked) -> bool {
    asked.path == format!("/v2/app/blobs/{}", sha256(&layer().0))
}

fn hasty() -> Patience {
    Patience {
        connect: Duration::from_secs(5),
        answer: Duration::from_secs(5),
        read: Duration::from_millis(300),
        attempts: 3,
        pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        resumptions: 6,
        slow: Duration::from_millis(200),
        least: 4096,
    }
}

fn access() -> RegistryAccess {
    RegistryAccess { patience: hasty(), ..RegistryAccess::default() }
}

fn with_password() -> RegistryAccess {
    RegistryAccess { login: Some(Login::Password { user: "me".into(), password: Secret("key".into()) }), ..access() }
}

fn opened_as(target: &str, platform: Option<&str>, access: RegistryAccess) -> Result<OpenedImage, SourceError> {
    let platform = platform.map(|text| Platform::parse(text).expect("valid"));
    open(target, &OpenOptions { platform, limits: &Limits::default(), registries: &Arc::new(access) })
}

fn opened(server: &Server, access: RegistryAccess) -> Result<OpenedImage, SourceError> {
    opened_as(&format!("registry:{}/app:1", server.host()), None, access)
}

fn layers(image: OpenedImage) -> Vec<LayerBlob> {
    let Contents::Layers(layers) = image.contents else { panic!("no layers") };
    layers
}

/// The bytes of the only layer, or the error of reading them.
fn read(server: &Server, access: RegistryAccess) -> Result<Vec<u8>, String> {
    let layers = layers(opened(server, access).map_err(|error| error.to_string())?);
    let mut bytes = Vec::new();
    let read = layers[0].open().and_then(|mut stream| stream.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| error.to_string())
}

fn failure(server: &Server) -> String {
    read(server, access()).map(|bytes| bytes.len()).expect_err("a fault").replace(&server.host(), "HOST")
}

#[test]
fn an_image_is_found_by_tag_and_by_digest_and_by_its_bare_name() {
    let (server, stored) = started(|_| None);
    let host = server.host();
    let image = opened(&server, access()).expect("an image");
    let digest = image.target.digest.clone().expect("a digest");
    assert_eq!(image.target.source, "registry");
    assert_eq!(image.target.platform.as_deref(), Some("linux/s390x"));
    assert_eq!(read(&server, access()).expect("a layer"), stored);
    for target in
        [format!("registry:{host}/app@{digest}"), format!("registry:{host}/app:gone@{digest}"), format!("{host}/app:1")]
    {
        let image = opened_as(&target, None, access()).unwrap_or_else(|error| panic!("{target}: {error}"));
        assert_eq!(image.target.digest.as_deref(), Some(digest.as_str()), "{target}");
        assert_eq!(image.target.reference, target);
    }
    assert!(server.asked().iter().all(|asked| asked.header("authorization").is_none()));
    let accepted = server.asked().into_iter().find(|asked| asked.path.contains("/manifests/")).expect("asked");
    assert!(accepted.header("accept").expect("some").contains("vnd.docker.distribution.manifest.v2+json"));
}

#[test]
fn of_an_index_only_the_manifest_that_is_chosen_is_read() {
    let (stored, tar) = layer();
    let mut held = Held::default();
    let arm = held.image("arm64", &stored, &tar, None);
    let mips = held.image("mips", &stored, &tar, None);
    let bare = held.image("riscv64", &stored, &tar, None);
    let mut attestation = for_platform(arm.clone(), "unknown");
    attestation["platform"]["os"] = json!("unknown");
    let entries = [attestation, for_platform(arm.clone(), "arm64"), for_platform(mips.clone(), "mips"), bare.clone()];
    held.manifest(INDEX, &json!({"schemaVersion": 2, "manifests": entries}), Some("1"));
    let server = Server::start(held.0, |_| None);
    let target = format!("registry:{}/app:1", server.host());
    for (platform, manifest) in [("linux/arm64", &arm), ("linux/riscv64", &bare)] {
        let image = opened_as(&target, Some(platform), access()).expect("an image");
        assert_eq!(image.target.digest.as_deref(), manifest["digest"].as_str());
    }
    let path = format!("/v2/app/manifests/{}", mips["digest"].as_str().expect("text"));
    assert!(server.asked().iter().all(|asked| asked.path != path), "what was not chosen was not read");
    let error = opened_as(&target, Some("linux/s390x"), access()).expect_err("no such platform").to_string();
    assert!(error.contains("has no image for linux/s390x: it has `linux/arm64`, `linux/mips`, `linux/riscv64`"), "{error}");
}

#[test]
fn foreign_layers_are_taken_from_the_registry_or_from_nowhere() {
    let (stored, tar) = layer();
    let mut held = Held::default();
    let config = held.blob("application/vnd.docker.container.image.v1+json", &config("amd64", &[&tar, &tar]));
    let kept = held.blob("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", &stored);
    let trap = Server::start(HashMap::new(), |_| None);
    let urls = json!([format!("http://{}/layer", trap.host())]);
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let gone = json!({"mediaType": foreign, "digest": sha256(b"gone").to_string(), "size": 4, "urls": urls});
    held.manifest(MANIFEST, &json!({"schemaVersion": 2, "config": config, "layers": [kept, gone]}), Some("1"));
    let server = Server::start(held.0, |_| None);
    let layers = layers(opened(&server, access()).expect("an image"));
    assert_eq!(layers.iter().map(LayerBlob::is_elsewhere).collect::<Vec<_>>(), [false, true]);
    assert!(trap.asked().is_empty());
}

#[test]
fn a_blob_that_is_cut_off_is_taken_up_where_it_ended() {
    let cut = |asked: &Asked| {
        let (stored, _) = layer();
        let reply = part(&stored, asked.from()).sent(Sending::CutAfter(9000));
        (is_layer(asked) && asked.before < 2).then_some(reply)
    };
    let (server, stored) = started(cut);
    assert_eq!(read(&server, access()).expect("recovered"), stored);
    let ranges: Vec<_> = server.asked().iter().filter(|asked| is_layer(asked)).map(Asked::from).collect();
    assert_eq!(ranges, [0, 9000, 18000]);
}

#[test]
fn a_registry_without_ranges_begins_anew_and_what_was_read_is_passed_over() {
    let whole = |asked: &Asked| {
        let reply = Reply::new(200, layer().0);
        is_layer(asked).then(|| if asked.before == 0 { reply.sent(Sending::CutAfter(9000)) } else { reply })
    };
    let (server, stored) = started(whole);
    assert_eq!(read(&server, access()).expect("recovered"), stored);
}

#[test]
fn a_blob_that_is_cut_off_again_and_again_is_an_error() {
    let (server, _) = started(|asked| is_layer(asked).then(|| part(&layer().0, asked.from()).sent(Sending::CutAfter(10))));
    let error = failure(&server);
    assert!(error.starts_with("layer 0 of `HOST/app:1` of `HOST` was cut off 3 times, after 30 of"), "{error}");
    // With progress it is more often, but not without an end.
    let (server, _) = started(|asked| is_layer(asked).then(|| part(&layer().0, asked.from()).sent(Sending::CutAfter(5000))));
    let error = failure(&server);
    assert!(server.asked().iter().filter(|asked| is_layer(asked)).count() <= 7, "{error}");
}

#[test]
fn bodies_that_stand_still_or_crawl_are_given_up() {
    let (server, _) = started(|asked| is_layer(asked).then(|| part(&layer().0, asked.from()).sent(Sending::StillAfter(10))));
    assert!(failure(&server).ends_with("nothing came for 0 s"), "{}", failure(&server));
    let pause = Duration::from_millis(10);
    let (server, _) =
        started(move |asked| is_layer(asked).then(|| part(&layer().0, asked.from()).sent(Sending::Slowly(10, pause))));
    assert!(failure(&server).ends_with("fewer than 4096 bytes came in 0 s"), "{}", failure(&server));
}

#[test]
fn bodies_longer_or_shorter_than_their_descriptor_are_refused() {
    let longer =
        |sending| move |asked: &Asked| is_layer(asked).then(|| Reply::new(200, [layer().0, vec![0]].concat()).sent(sending));
    let (server, stored) = started(longer(Sending::Whole));
    let size = stored.len();
    assert_eq!(
        failure(&server),
        format!("`HOST` has {} bytes of layer 0 of `HOST/app:1`: {size} were expected; push the image again", size + 1)
    );
    let (server, _) = started(longer(Sending::Undeclared));
    assert!(failure(&server).contains(&format!("has more than {size} bytes")), "{}", failure(&server));
    let (server, _) = started(|asked| is_layer(asked).then(|| Reply::new(200, &layer().0[..100])));
    assert!(failure(&server).contains("has 100 bytes of layer 0"), "{}", failure(&server));
    let short = |asked: &Asked| is_layer(asked).then(|| part(&layer().0[..100], asked.from()).sent(Sending::Undeclared));
    let (server, _) = started(short);
    assert!(failure(&server).contains("has 100 bytes of layer 0"), "{}", failure(&server));
}

#[test]
fn another_part_than_was_asked_for_is_refused() {
    let (server, _) = started(|asked| {
        let reply = Reply::new(206, &layer().0[100..]).with("content-range", "bytes 100-200/201");
        is_layer(asked).then(|| if asked.from() == 0 { part(&layer().0, 0).sent(Sending::CutAfter(9000)) } else { reply })
    });
    assert!(failure(&server).contains("answers with another part of layer 0"), "{}", failure(&server));
}

#[test]
fn a_registry_that_is_busy_is_waited_for_within_bounds() {
    let busy = |wait: &'static str, times| {
        move |asked: &Asked| (is_layer(asked) && asked.before < times).then(|| Reply::new(429, "").with("retry-after", wait))
    };
    let (server, stored) = started(busy("0", 2));
    assert_eq!(read(&server, access()).expect("after a while"), stored);
    let (server, _) = started(busy("Wed, 21 Oct 2015 07:28:00 GMT", 2));
    assert!(read(&server, access()).is_ok(), "a date that has passed");
    let (server, _) = started(busy("3600", 2));
    assert!(failure(&server).contains("asks to wait 3600 s before it gives layer 0"), "{}", failure(&server));
    let (server, _) = started(|asked| {
        let error = Reply::new(500, r#"{"errors":[{"code":"UNKNOWN","message":"the disk is full"}]}"#);
        asked.path.contains("/manifests/").then_some(error)
    });
    assert_eq!(
        failure(&server),
        "`HOST` answers 500 when asked for the manifest of `HOST/app:1` (it says: the disk is full); tried 3 times"
    );
}

#[test]
fn documents_are_whole_and_what_their_digest_says_or_an_error() {
    let documents = |part: &'static str, reply: fn(Vec<u8>) -> Reply| {
        let (stored, tar) = layer();
        let mut held = Held::default();
        held.image("s390x", &stored, &tar, Some("1"));
        let content = held.0.clone();
        let skip = format!("/v2/app/blobs/{}", sha256(&stored));
        Server::start(held.0, move |asked| {
            let bytes = content.get(&asked.path)?.1.clone();
            (asked.path.contains(part) && asked.path != skip).then(|| reply(bytes))
        })
    };
    let cut = |bytes| Reply::new(200, bytes).sent(Sending::CutAfter(20));
    let error = failure(&documents("/manifests/", cut));
    assert!(
        error.starts_with("cannot reach `HOST` for the manifest of `HOST/app:1`") && error.ends_with("tried 3 times"),
        "{error}"
    );
    let half = |bytes: Vec<u8>| Reply::new(200, &bytes[..20]);
    assert!(failure(&documents("/manifests/", half)).contains("it is not JSON"), "a tag has no digest to hold it to");
    let error = failure(&documents("/blobs/", half));
    assert!(error.contains("has 20 bytes of the image configuration of `HOST/app:1`"), "{error}");
    let other = |bytes: Vec<u8>| Reply::new(200, vec![b' '; bytes.len()]);
    assert!(
        failure(&documents("/blobs/", other)).contains("does not match its digest"),
        "{}",
        failure(&documents("/blobs/", other))
    );
    let said = |bytes: Vec<u8>| Reply::new(200, bytes).with("docker-content-digest", sha256(b"other").to_string());
    assert!(failure(&documents("/manifests/", said)).contains("does not match its digest"));
    let large = |_| Reply::new(200, vec![b' '; (16 << 20) + 1]);
    assert!(failure(&documents("/manifests/", large)).contains("has more than 16777216 bytes"));
    let old = |_| Reply::new(200, r#"{"schemaVersion":1,"fsLayers":[]}"#);
    assert!(failure(&documents("/manifests/", old)).contains("a Docker manifest of schema 1"));
}

#[test]
fn what_is_not_there_says_where_to_look() {
    let (server, _) = started(|_| None);
    let host = server.host();
    let error = opened_as(&format!("registry:{host}/app:2"), None, access()).expect_err("no tag").to_string();
    let expected = "`HOST` has not got the manifest of `HOST/app:2` (it says: no such thing): `douane registry ls HOST/app` lists what there is";
    assert_eq!(error.replace(&host, "HOST"), expected);
    drop(server);
    let error = opened_as("registry:127.0.0.1:1/app", None, access()).expect_err("nobody").to_string();
    assert_eq!(error, "cannot reach `127.0.0.1:1` for an answer: nobody listens there");
    let error = opened_as("127.0.0.1:1/app", None, access()).expect_err("nobody").to_string();
    assert!(
        error.starts_with("there is no file or directory `127.0.0.1:1/app`, and as the name of an image in a registry: "),
        "{error}"
    );
    let error = opened_as("registry:A B", None, access()).expect_err("no name").to_string();
    assert!(error.starts_with("`A B` is no image's name"), "{error}");
}

#[test]
fn credentials_stay_with_the_registry_when_it_redirects() {
    let (stored, _) = layer();
    let elsewhere = Server::start(HashMap::from([("/signed?key=1".to_owned(), (String::new(), stored.clone()))]), |_| None);
    let location = format!("http://{}/signed?key=1", elsewhere.host());
    let (server, _) = started(move |asked| {
        if asked.header("authorization") != Some("Basic bWU6a2V5") {
            return Some(Reply::new(401, "").with("www-authenticate", r#"Basic realm="here""#));
        }
        is_layer(asked).then(|| Reply::new(307, "").with("location", location.as_str()))
    });
    assert_eq!(read(&server, with_password()).expect("a layer"), stored);
    assert_eq!(elsewhere.asked().len(), 1);
    assert!(elsewhere.asked()[0].header("authorization").is_none());
    let (server, _) = started(|asked| is_layer(asked).then(|| Reply::new(302, "").with("location", asked.path.as_str())));
    assert!(failure(&server).contains("redirects the request for layer 0 of `HOST/app:1` more than 5 times"));
    let (server, _) = started(|asked| is_layer(asked).then(|| Reply::new(302, "").with("location", "file:///etc/passwd")));
    assert!(failure(&server).contains("to no address that can be read"), "{}", failure(&server));
}

/// A registry whose tokens are good for so many requests each.
fn with_tokens(good_for: usize) -> (Server, Vec<u8>) {
    let tokens = Mutex::new((0_usize, 0_usize));
    started(move |asked| {
        let mut tokens = tokens.lock().expect("no panic");
        let host = asked.header("host").expect("a host").to_owned();
        if asked.path.starts_with("/token?") {
            tokens.0 += 1;
            tokens.1 = 0;
            return Some(Reply::new(200, json!({"token": format!("t{}", tokens.0)}).to_string()));
        }
        tokens.1 += 1;
        let is_good = tokens.1 <= good_for && asked.header("authorization") == Some(&format!("Bearer t{}", tokens.0));
        let challenge = format!(r#"Bearer realm="http://{host}/token",service="tests",scope="repository:app:pull""#);
        let cut = is_layer(asked).then(|| part(&layer().0, asked.from()).sent(Sending::CutAfter(9000)));
        if is_good { cut } else { Some(Reply::new(401, "{}").with("www-authenticate", challenge)) }
    })
}

#[test]
fn tokens_are_asked_for_and_renewed_when_they_end_in_the_midst_of_a_blob() {
    let (server, stored) = with_tokens(2);
    assert_eq!(read(&server, with_password()).expect("a layer"), stored);
    let asked = server.asked();
    let tokens: Vec<_> = asked.iter().filter(|asked| asked.path.starts_with("/token?")).collect();
    assert!(tokens.len() >= 2, "one was renewed");
    assert_eq!(tokens[0].path, "/token?service=tests&scope=repository%3Aapp%3Apull&account=me&client_id=douane");
    assert_eq!(tokens[0].header("authorization"), Some("Basic bWU6a2V5"));
    let (server, _) = with_tokens(100);
    assert!(read(&server, access()).is_ok(), "anonymous tokens");
    assert!(
        server
            .asked()
            .iter()
            .filter(|asked| asked.path.starts_with("/token?"))
            .all(|asked| asked.header("authorization").is_none())
    );
    let identity = RegistryAccess { login: Some(Login::Identity(Secret("id/1".into()))), ..access() };
    let (server, _) = started(|asked| match (asked.method.as_str(), asked.header("authorization")) {
        ("POST", _) if asked.body.contains("grant_type=refresh_token") && asked.body.ends_with("refresh_token=id%2F1") => {
            Some(Reply::new(200, r#"{"access_token":"x"}"#))
        }
        (_, Some("Bearer x")) => None,
        _ => {
            let realm = format!(r#"Bearer realm="http://{}/token""#, asked.header("host").expect("a host"));
            Some(Reply::new(401, "").with("www-authenticate", realm))
        }
    });
    assert!(read(&server, identity).is_ok());
}

#[test]
fn who_may_not_read_is_told_what_to_do() {
    let challenge = |value: &'static str| move |_: &Asked| Some(Reply::new(401, "").with("www-authenticate", value));
    let (server, _) = started(challenge(r#"Basic realm="x""#));
    let error = failure(&server);
    assert!(
        error.starts_with("`HOST` does not give the manifest of `HOST/app:1` to someone without credentials: log in with"),
        "{error}"
    );
    let error = read(&server, with_password()).expect_err("wrong password");
    assert!(error.contains("to the user `me`: look whether the credentials are right"), "{error}");
    let (server, _) = started(challenge("Negotiate"));
    assert!(failure(&server).contains("by `negotiate`: only `Basic` and `Bearer` are known"), "{}", failure(&server));
    let (server, _) = started(challenge("=x"));
    assert!(failure(&server).contains("does not say how"), "{}", failure(&server));
    let (server, _) = started(challenge(r#"Bearer realm="http://token.example.com/""#));
    assert!(failure(&server).contains("`token.example.com`, a token server without TLS"), "{}", failure(&server));
    let (server, _) = started(|asked| {
        let realm = format!(r#"Bearer realm="http://{}/token""#, asked.header("host").expect("a host"));
        let hostile = Reply::new(200, r#"{"token":"a\r\nX-Other: b"}"#);
        Some(if asked.path.starts_with("/token") { hostile } else { Reply::new(401, "").with("www-authenticate", realm) })
    });
    assert!(failure(&server).contains("answers with no token"), "{}", failure(&server));
}
