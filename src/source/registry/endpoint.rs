//! From a registry's name to the address that is asked, with TLS or without; never asking for more than whether it answers.

use std::net::Ipv4Addr;

use ureq::{
    Body,
    http::{Response, header},
};
use url::Url;

use super::{
    access::RegistryAccess,
    error::{RegistryError, Unreached},
    transport::{Request, Transport},
};

/// What Docker Hub's images are named with, and where they are.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// The address of a registry: `https`, but for this machine's own registries and those that are said to be without TLS, which
/// are asked whether they answer `http`.
pub(super) fn address(registry: &str, access: &RegistryAccess, transport: &Transport) -> Result<Url, RegistryError> {
    let host = if registry == DOCKER_HUB.0 { DOCKER_HUB.1 } else { registry };
    let secure = parse("https", host)?;
    let insecure = access.insecure.iter().any(|insecure| insecure == registry);
    if !insecure && !secure.host_str().is_some_and(is_loopback) {
        return Ok(secure);
    }
    // As with Docker, `localhost:5000` is most often a registry without TLS. No credentials go with the question.
    let plain = parse("http", host)?;
    let probe = plain.join("/v2/").unwrap_or_else(|_| plain.clone());
    match transport.send(&Request::get(&probe, "an answer"), None) {
        // What a server that expects TLS says, and one that sends everybody to where there is some.
        Ok(answer) if answer.status() == 400 || leads_to_tls(&answer) => Ok(secure),
        Ok(_) => Ok(plain),
        Err(hitch) => match hitch.error() {
            error @ RegistryError::Unreachable { problem: Unreached::Refused | Unreached::NoSuchHost, .. } => Err(error),
            // Whatever it was, it was no HTTP.
            RegistryError::Unreachable { .. } => Ok(secure),
            error => Err(error),
        },
    }
}

fn leads_to_tls(answer: &Response<Body>) -> bool {
    let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    answer.status().is_redirection() && location.is_some_and(|location| location.starts_with("https:"))
}

fn parse(scheme: &str, host: &str) -> Result<Url, RegistryError> {
    Url::parse(&format!("{scheme}://{host}/")).map_err(|_| RegistryError::Unreachable {
        host: host.to_owned(),
        what: "anything".to_owned(),
        problem: Unreached::NoSuchHost,
    })
}

/// Whether a host is this machine: `localhost`, `127.0.0.0/8` and `::1`.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// The host of an address with its port, for messages and comparisons.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
