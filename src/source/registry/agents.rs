//! HTTP connections: TLS with one provider, whom it trusts, and the proxy on the way; never what is asked.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, Once, OnceLock, PoisonError},
};

use ureq::{
    Agent, Proxy,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};
use url::Url;

use super::{
    access::{Patience, RegistryAccess, Secret},
    error::{AuthoritiesProblem, RegistryError},
};

/// Connections that are kept for later requests.
const IDLE: usize = 16;

/// Whom TLS trusts.
type Trusted = Arc<Vec<Certificate<'static>>>;

/// The agents of one registry: each keeps its own connections.
#[derive(Debug)]
pub(super) struct Agents {
    access: Arc<RegistryAccess>,
    trusted: OnceLock<Trusted>,
    made: Mutex<HashMap<Way, Agent>>,
}

/// What an agent is made for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Way {
    tls: bool,
    proxy: Option<Secret>,
}

impl Agents {
    pub(super) fn new(access: &Arc<RegistryAccess>) -> Self {
        Self { access: Arc::clone(access), trusted: OnceLock::new(), made: Mutex::default() }
    }

    /// The agent for an address.
    pub(super) fn of(&self, url: &Url) -> Result<Agent, RegistryError> {
        let proxy = self.access.proxies.of(url).cloned();
        let way = Way { tls: url.scheme() == "https", proxy };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(agent) = made.get(&way) {
            return Ok(agent.clone());
        }
        let agent = self.make(&way)?;
        made.insert(way, agent.clone());
        Ok(agent)
    }

    fn make(&self, way: &Way) -> Result<Agent, RegistryError> {
        let proxy = way.proxy.as_ref().map(|Secret(proxy)| Proxy::new(proxy)).transpose().map_err(|_| RegistryError::Proxy)?;
        // A proxy may be spoken to with TLS itself.
        let trusted = if way.tls || proxy.is_some() { self.trusted()? } else { Trusted::default() };
        install_provider();
        let Patience { connect, answer, read, .. } = self.access.patience;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Each redirect is looked at: where it leads decides what goes with it.
            .max_redirects(0)
            .proxy(proxy)
            .user_agent(concat!("douane/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .timeout_resolve(Some(connect))
            .timeout_connect(Some(connect))
            .timeout_send_request(Some(answer))
            .timeout_recv_response(Some(answer))
            .timeout_per_read(Some(read))
            .max_idle_connections(IDLE)
            .max_idle_connections_per_host(IDLE)
            .tls_config(TlsConfig::builder().root_certs(RootCerts::Specific(trusted)).build());
        Ok(config.build().new_agent())
    }

    /// The authorities of this machine (`SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set), and those that were given.
    fn trusted(&self) -> Result<Trusted, RegistryError> {
        if let Some(trusted) = self.trusted.get() {
            return Ok(Arc::clone(trusted));
        }
        let native = rustls_native_certs::load_native_certs().certs;
        let mut all: Vec<_> = native.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
        if let Some(path) = &self.access.authorities {
            let wrong = |problem| RegistryError::Authorities { path: path.clone(), problem };
            all.extend(certificates(path).map_err(wrong)?);
        }
        if all.is_empty() {
            return Err(RegistryError::NoAuthorities);
        }
        Ok(Arc::clone(self.trusted.get_or_init(|| Arc::new(all))))
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, AuthoritiesProblem> {
    let pem = fs::read(path)?;
    let items = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let found: Vec<_> = items.collect();
    if found.is_empty() { Err(AuthoritiesProblem::None) } else { Ok(found) }
}

/// One provider for all TLS of the process: two would make rustls panic where none is named.
fn install_provider() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Whoever uses this as a library may have chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
