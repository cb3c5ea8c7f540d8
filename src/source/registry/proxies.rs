//! Which proxy a request goes through, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; never reading the environment.

use std::net::IpAddr;

use url::{Host, Url};

use super::{access::Secret, endpoint::is_loopback};

/// Proxies, and where none is used.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// For `https`; it may hold a password.
    pub https: Option<Secret>,
    /// For `http`.
    pub http: Option<Secret>,
    /// Hosts that are reached directly: names with all below them, addresses, networks such as `10.0.0.0/8`, or `*` for all.
    pub except: Vec<String>,
}

impl Proxies {
    /// The proxy for an address. This machine itself is never reached through one.
    pub(super) fn of(&self, url: &Url) -> Option<&Secret> {
        let proxy = if url.scheme() == "https" { self.https.as_ref() } else { self.http.as_ref() };
        let host = url.host_str()?;
        let direct = is_loopback(host) || self.except.iter().any(|except| covers(except.trim(), url, host));
        proxy.filter(|_| !direct)
    }
}

/// Whether an entry of `NO_PROXY` means a host.
fn covers(entry: &str, url: &Url, host: &str) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        _ => None,
    };
    if let (Some((network, bits)), Some(address)) = (entry.split_once('/'), address) {
        return network.parse().is_ok_and(|network| bits.parse().is_ok_and(|bits| is_within(address, network, bits)));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, Some(port)),
        _ => (entry, None),
    };
    if port.is_some_and(|port| port.parse().ok() != url.port_or_known_default()) {
        return false;
    }
    let name = name.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    host == name || address.is_none() && host.strip_suffix(&name).is_some_and(|left| left.ends_with('.'))
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let other = address.to_bits() ^ network.to_bits();
            bits <= 32 && other.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let other = address.to_bits() ^ network.to_bits();
            bits <= 128 && other.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Proxies, Secret};

    #[test]
    fn exceptions_are_names_addresses_networks_and_ports() {
        let goes_direct = |except: &str, url: &str| {
            let except = except.split(',').map(str::to_owned).collect();
            let proxies = Proxies { https: Some(Secret("http://proxy:1".into())), http: None, except };
            proxies.of(&Url::parse(url).expect("valid")).is_none()
        };
        for (except, url) in [
            ("", "https://localhost:5000/"),
            ("", "https://127.8.9.1/"),
            ("", "http://ghcr.io/"),
            ("*", "https://ghcr.io/"),
            ("a.b, ghcr.io", "https://ghcr.io/"),
            ("example.com", "https://r.Example.com/"),
            (".example.com", "https://r.example.com/"),
            ("*.example.com", "https://r.example.com/"),
            ("example.com:5000", "https://example.com:5000/"),
            ("10.0.0.0/8", "https://10.1.2.3/"),
            ("10.1.2.3", "https://10.1.2.3:5000/"),
        ] {
            assert!(goes_direct(except, url), "{except} {url}");
        }
        for (except, url) in [
            ("", "https://ghcr.io/"),
            ("hcr.io", "https://ghcr.io/"),
            ("r.example.com", "https://example.com/"),
            ("example.com:5000", "https://example.com/"),
            ("10.0.0.0/8", "https://11.1.2.3/"),
            ("10.0.0.0/99", "https://11.1.2.3/"),
        ] {
            assert!(!goes_direct(except, url), "{except} {url}");
        }
    }
}
