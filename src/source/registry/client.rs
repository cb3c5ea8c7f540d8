//! Questions to one registry, with credentials where it wants some: answers, documents, whole or not at all; never what they say.

use std::{
    io::{self, Read},
    sync::Arc,
};

use ureq::{
    Body,
    http::{HeaderMap, Response, header},
};
use url::Url;

use super::{
    access::RegistryAccess,
    authentication::Authenticator,
    endpoint::{self, host},
    error::{CutProblem, RegistryError, Unreached},
    transport::{Hitch, Method, Request, Stage, Transport, is_success, said},
};
use crate::limits::Limits;

/// One registry.
#[derive(Debug)]
pub(super) struct Client {
    /// As it stands in names of images.
    registry: String,
    address: Url,
    transport: Transport,
    authenticator: Authenticator,
}

/// A question to a registry.
#[derive(Debug, Clone)]
pub(super) struct Question<'a> {
    /// The path, and the query where there is one.
    pub(super) path: &'a str,
    pub(super) what: &'a str,
    pub(super) method: Method<'a>,
    pub(super) accept: Option<&'a str>,
    /// What a token is asked for.
    pub(super) scope: &'a str,
    /// The first byte that is wanted.
    pub(super) from: u64,
    /// What to do where it is not there, after a colon.
    pub(super) where_missing: &'a str,
}

impl<'a> Question<'a> {
    pub(super) fn new(path: &'a str, what: &'a str, scope: &'a str) -> Self {
        Self { path, what, method: Method::Get, accept: None, scope, from: 0, where_missing: "" }
    }
}

impl Client {
    /// The client of a registry, as it stands in names of images.
    pub(super) fn new(registry: &str, access: &Arc<RegistryAccess>, limits: &Limits) -> Result<Self, RegistryError> {
        let transport = Transport::new(access, limits.redirects);
        let address = endpoint::address(registry, access, &transport)?;
        let authenticator = Authenticator::new(registry, &address, access, limits.token);
        Ok(Self { registry: registry.to_owned(), address, transport, authenticator })
    }

    /// The registry, as it stands in names of images.
    pub(super) fn registry(&self) -> &str {
        &self.registry
    }

    /// How long and how often things are tried.
    pub(super) fn patience(&self) -> &super::access::Patience {
        self.transport.patience()
    }

    /// The answer to a question, to be read as it comes.
    pub(super) fn ask(&self, question: &Question<'_>, stage: Stage) -> Result<Response<Body>, RegistryError> {
        self.transport.persist(stage, || self.try_once(question))
    }

    /// A whole document of at most `limit` bytes, with the head of the answer.
    pub(super) fn document(&self, question: &Question<'_>, limit: u64) -> Result<(HeaderMap, Vec<u8>), RegistryError> {
        self.transport.persist(Stage::First, || {
            let (head, body) = self.try_once(question)?.into_parts();
            let mut bytes = Vec::new();
            let read = body.into_reader().take(limit.saturating_add(1)).read_to_end(&mut bytes);
            if bytes.len() as u64 > limit {
                let (host, what) = (self.registry.clone(), question.what.to_owned());
                return Err(Hitch::lasting(RegistryError::TooLarge { host, what, limit }));
            }
            read.map_err(|error| self.broken(question, error))?;
            Ok((head.headers, bytes))
        })
    }

    /// The path and query of a link to another page, which must be of this registry; else where it leads.
    pub(super) fn link(&self, from: &str, link: &str) -> Result<String, String> {
        let here = self.address.join(from).map_err(|_| link.to_owned())?;
        let to = here.join(link).map_err(|_| link.to_owned())?;
        if to.origin() != self.address.origin() {
            return Err(host(&to));
        }
        Ok(to.query().map_or_else(|| to.path().to_owned(), |query| format!("{}?{query}", to.path())))
    }

    fn try_once(&self, question: &Question<'_>) -> Result<Response<Body>, Hitch> {
        let Question { what, method, accept, scope, from, .. } = *question;
        let missing = || RegistryError::NotFound {
            host: self.registry.clone(),
            what: what.to_owned(),
            said: Default::default(),
            advice: question.where_missing.to_owned(),
        };
        let url = self.address.join(question.path).map_err(|_| Hitch::lasting(missing()))?;
        let request = Request { url: &url, what, method, accept, from };
        let mut held = self.authenticator.held(scope);
        let mut renewed = false;
        loop {
            let (answer, elsewhere) = self.transport.follow(&request, held.as_ref().map(|held| &held.header))?;
            let at = elsewhere.as_ref().unwrap_or(&url);
            return match (answer.status().as_u16(), &elsewhere) {
                _ if is_success(answer.status()) => Ok(answer),
                // A token may have ended, or there was none yet.
                (401, None) if !renewed => {
                    self.authenticator.renew(&self.transport, scope, what, held.as_ref(), answer)?;
                    held = self.authenticator.held(scope);
                    renewed = true;
                    continue;
                }
                (401 | 403, None) => Err(Hitch::lasting(self.authenticator.denied(host(at), what, said(answer)))),
                // An address with a signature that has ended: the registry gives a new one.
                (401 | 403, Some(_)) => {
                    let status = answer.status().as_u16();
                    let error = RegistryError::Status { host: host(at), what: what.to_owned(), status, said: said(answer) };
                    Err(Hitch::passing(error))
                }
                (404, _) => {
                    let (host, what, advice) = (host(at), what.to_owned(), question.where_missing.to_owned());
                    Err(Hitch::lasting(RegistryError::NotFound { host, what, said: said(answer), advice }))
                }
                _ => Err(self.transport.refusal(&Request { url: at, ..request }, answer)),
            };
        }
    }

    /// A document whose body did not come.
    fn broken(&self, question: &Question<'_>, error: io::Error) -> Hitch {
        let (host, what) = (self.registry.clone(), question.what.to_owned());
        let problem = match self.cut(error) {
            CutProblem::Io(error) => Unreached::Io(error),
            CutProblem::Still(waited) => Unreached::TimedOut(waited),
            CutProblem::Ended | CutProblem::Slow { .. } => Unreached::Io(io::ErrorKind::UnexpectedEof.into()),
        };
        Hitch::passing(RegistryError::Unreachable { host, what, problem })
    }

    /// Why a body ended before its end.
    pub(super) fn cut(&self, error: io::Error) -> CutProblem {
        let is_timeout = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref())
            .is_some_and(|inner| matches!(inner, ureq::Error::Timeout(_)));
        match error.kind() {
            _ if is_timeout => CutProblem::Still(self.patience().read),
            io::ErrorKind::UnexpectedEof => CutProblem::Ended,
            _ => CutProblem::Io(error),
        }
    }
}

/// A header as text.
pub(super) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
