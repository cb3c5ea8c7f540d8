//! The way to a registry: with TLS or without, through a proxy, to whom it is allowed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use url::Url;

use super::{
    Login, Patience, Proxies, RegistryAccess, RegistryError, Secret,
    client::{Client, Question},
    server::{Asked, Reply, Server},
    transport::{Request, Stage, Transport},
};
use crate::limits::Limits;

fn asked(registry: &str, access: RegistryAccess) -> Result<u16, RegistryError> {
    let client = Client::new(registry, &Arc::new(access), &Limits::default())?;
    let question = Question::new("/v2/", "an answer", "registry:catalog:*");
    client.ask(&question, Stage::First).map(|answer| answer.status().as_u16())
}

fn server(hook: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Server {
    Server::start(HashMap::from([("/v2/".to_owned(), (String::new(), Vec::new()))]), hook)
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_never_told_credentials_of_the_registry() {
    // Behind the answer to `CONNECT`, the server itself is at the other end of the tunnel.
    let proxy = server(|asked| (asked.method == "CONNECT").then(|| Reply::new(200, "")));
    let through = |except: &[&str]| RegistryAccess {
        insecure: vec!["registry.invalid:5000".into()],
        proxies: Proxies {
            http: Some(Secret(format!("http://me:key@{}", proxy.host()))),
            https: None,
            except: except.iter().map(|&host| host.to_owned()).collect(),
        },
        ..RegistryAccess::default()
    };
    assert_eq!(asked("registry.invalid:5000", through(&[])).expect("an answer"), 200);
    let first = &proxy.asked()[0];
    assert_eq!((first.method.as_str(), first.path.as_str()), ("CONNECT", "registry.invalid:5000"));
    assert_eq!(first.header("proxy-authorization").map(str::to_ascii_lowercase).as_deref(), Some("basic bwu6a2v5"));
    let direct = asked("registry.invalid:5000", through(&["registry.invalid"])).expect_err("no such host").to_string();
    assert!(direct.starts_with("cannot reach `registry.invalid:5000` for an answer: "), "{direct}");
    let no_proxy =
        RegistryAccess { proxies: Proxies { http: Some(Secret("http://[".into())), ..Proxies::default() }, ..through(&[]) };
    assert!(
        asked("registry.invalid:5000", no_proxy)
            .expect_err("no address")
            .to_string()
            .contains("the proxy that the environment names")
    );
}

#[test]
fn a_registry_elsewhere_is_never_spoken_to_without_tls_unless_it_is_said() {
    let plain = server(|_| None);
    let transport = Transport::new(&Arc::default(), 5);
    let url = Url::parse(&format!("https://{}/v2/", plain.host())).expect("valid");
    let error = transport.send(&Request::get(&url, "an answer"), None).expect_err("no TLS").error();
    assert!(matches!(error, RegistryError::NotTls { .. }), "{error}");
    assert!(error.to_string().contains(&format!("--insecure-registry {}", plain.host())), "{error}");
    assert_eq!(asked(&plain.host(), RegistryAccess::default()).expect("this machine's own"), 200);
    // Its name has a port that nobody can have.
    let error = asked("registry.invalid:99999", RegistryAccess::default()).expect_err("no address").to_string();
    assert!(error.contains("no host has this name"), "{error}");
}

#[test]
fn what_expects_tls_on_this_machine_is_spoken_to_with_tls() {
    let server = server(|_| Some(Reply::new(400, "Client sent an HTTP request to an HTTPS server.")));
    let error = asked(&server.host(), RegistryAccess::default()).expect_err("it only says so");
    assert!(matches!(error, RegistryError::NotTls { .. }), "{error}");
}

#[test]
fn a_registry_that_sends_everybody_to_tls_is_asked_there_at_once() {
    let server = server(|asked| {
        let host = asked.header("host").expect("a host");
        Some(Reply::new(301, "").with("location", format!("https://{host}{}", asked.path)))
    });
    let error = asked(&server.host(), RegistryAccess::default()).expect_err("it only says so");
    assert!(!matches!(error, RegistryError::Redirect { .. }) && server.asked().len() == 1, "{error}");
}

#[test]
fn a_host_that_was_reached_before_is_tried_again_and_one_that_never_was_is_not() {
    let access = RegistryAccess {
        patience: Patience { pause: Duration::from_millis(1), ..Patience::default() },
        ..RegistryAccess::default()
    };
    let transport = Transport::new(&Arc::new(access), 5);
    let nobody = Url::parse("http://127.0.0.1:1/").expect("valid");
    let mut tries = 0;
    for (stage, expected) in [(Stage::First, 1), (Stage::Underway, 6)] {
        let error = transport.persist(stage, || {
            tries += 1;
            transport.send(&Request::get(&nobody, "an answer"), None)
        });
        assert!(error.expect_err("nobody").to_string().contains("nobody listens there"));
        assert_eq!(tries, expected);
    }
}

#[test]
fn nothing_secret_is_in_what_is_shown_of_a_client() {
    let proxy = Proxies { http: Some(Secret("http://me:granite@127.0.0.1:1".into())), ..Proxies::default() };
    let login = Some(Login::Token(Secret("marble".into())));
    let access =
        RegistryAccess { proxies: proxy, login, insecure: vec!["registry.invalid".into()], ..RegistryAccess::default() };
    let transport = Transport::new(&Arc::new(access.clone()), 5);
    let url = Url::parse("http://registry.invalid/").expect("valid");
    let _ = transport.send(&Request::get(&url, "an answer"), None);
    let shown = format!("{transport:?} {access:?}");
    assert!(!shown.contains("granite") && !shown.contains("marble"), "{shown}");
}

#[test]
fn authorities_come_from_a_file_that_holds_some() {
    let plain = server(|_| None);
    let url = Url::parse(&format!("https://{}/v2/", plain.host())).expect("valid");
    let file = tempfile::NamedTempFile::new().expect("a file");
    for (path, words) in [(file.path(), "it holds no certificate in PEM"), ("/no/such/file".as_ref(), "No such file")] {
        let access = RegistryAccess { authorities: Some(path.to_owned()), ..RegistryAccess::default() };
        let transport = Transport::new(&Arc::new(access), 5);
        let error = transport.send(&Request::get(&url, "an answer"), None).expect_err("no authorities").error().to_string();
        assert!(error.contains(words), "{error}");
    }
}
