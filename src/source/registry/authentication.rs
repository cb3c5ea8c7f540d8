//! Answers a registry's question who asks: basic credentials, or a token for what is wanted, renewed when it ends; never more than
//! the right to read.

use std::{
    collections::HashMap,
    io::Read,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use ureq::{
    Body,
    http::{Response, header},
};
use url::{Url, form_urlencoded::Serializer};

use super::{
    access::{Login, RegistryAccess, Secret},
    challenge::Challenge,
    credentials::login,
    endpoint::{host, is_loopback},
    error::{ChallengeProblem, RegistryError, Said, Who},
    transport::{Hitch, Method, Request, Transport, said},
};

/// What is sent as the name of the program that asks for tokens.
const CLIENT: &str = "douane";

/// Credentials of one registry, and the tokens that were got for them.
#[derive(Debug)]
pub(super) struct Authenticator {
    registry: String,
    address: Url,
    access: Arc<RegistryAccess>,
    /// Largest answer of a token server.
    limit: u64,
    /// Looked for when the registry asks: open ones need none, and helpers may ask a person.
    login: OnceLock<Option<Login>>,
    /// One thread asks for a token, and the others that need it wait.
    held: Mutex<HashMap<String, Held>>,
}

/// What goes with requests for one scope.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// How many there were before it.
    generation: u64,
    /// The value of `Authorization`.
    pub(super) header: Secret,
}

/// The answer of a token server; others call the token `access_token`.
#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

impl Authenticator {
    pub(super) fn new(registry: &str, address: &Url, access: &Arc<RegistryAccess>, limit: u64) -> Self {
        let (registry, address) = (registry.to_owned(), address.clone());
        Self { registry, address, access: Arc::clone(access), limit, login: OnceLock::new(), held: Mutex::default() }
    }

    /// What goes with a request for a scope, where something was asked for before.
    pub(super) fn held(&self, scope: &str) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(scope).cloned()
    }

    /// Answers the challenge to a request for `what` that went with `seen`, so that the next one may succeed.
    pub(super) fn renew(
        &self,
        transport: &Transport,
        scope: &str,
        what: &str,
        seen: Option<&Held>,
        refused: Response<Body>,
    ) -> Result<(), Hitch> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let current = held.get(scope).map(|held| held.generation);
        if current != seen.map(|seen| seen.generation) {
            // Another thread has renewed it meanwhile.
            return Ok(());
        }
        let header = self.answer(transport, scope, what, refused)?;
        held.insert(scope.to_owned(), Held { generation: current.unwrap_or(0).saturating_add(1), header });
        Ok(())
    }

    /// The error of an answer that refuses who asks.
    pub(super) fn denied(&self, host: String, what: &str, said: Said) -> RegistryError {
        let who = match self.login.get() {
            Some(Some(Login::Password { user, .. })) => Who::User(user.clone()),
            Some(Some(Login::Token(_) | Login::Identity(_))) => Who::Token,
            Some(None) | None => Who::Anonymous,
        };
        RegistryError::Denied { host, registry: self.registry.clone(), what: what.to_owned(), who, said }
    }

    fn answer(&self, transport: &Transport, scope: &str, what: &str, refused: Response<Body>) -> Result<Secret, Hitch> {
        let values = refused.headers().get_all(header::WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<Challenge> = values.flat_map(Challenge::parse).collect();
        // What is read to its end leaves a connection for the next request.
        let said = said(refused);
        let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        let login = match self.login.get() {
            Some(login) => login,
            None => {
                let found = login(&self.registry, &self.access).map_err(Hitch::lasting)?;
                self.login.get_or_init(|| found)
            }
        };
        let problem = match (of("bearer"), of("basic"), login) {
            (Some(_), _, Some(Login::Token(token))) => return Ok(bearer(token)),
            (Some(challenge), ..) => return self.token(transport, challenge, scope, what, login.as_ref()),
            (None, Some(_), Some(Login::Password { user, password })) => return Ok(basic(user, password)),
            (None, Some(_), _) => return Err(Hitch::lasting(self.denied(host(&self.address), what, said))),
            (None, None, _) => challenges.first().map(|other| ChallengeProblem::Scheme(other.scheme.clone())),
        };
        Err(self.challenge(problem.unwrap_or(ChallengeProblem::Unreadable)))
    }

    fn challenge(&self, problem: ChallengeProblem) -> Hitch {
        Hitch::lasting(RegistryError::Challenge { host: host(&self.address), problem })
    }

    /// A token for a scope from the token server that a challenge names.
    fn token(
        &self,
        transport: &Transport,
        challenge: &Challenge,
        scope: &str,
        what: &str,
        login: Option<&Login>,
    ) -> Result<Secret, Hitch> {
        let mut realm = self.realm(challenge.parameter("realm").unwrap_or_default())?;
        let service = challenge.parameter("service");
        let scope = challenge.parameter("scope").unwrap_or(scope);
        let (mut authorization, mut form) = (None, None);
        if let Some(Login::Identity(Secret(token))) = login {
            let mut fields = Serializer::new(String::new());
            fields.append_pair("grant_type", "refresh_token").append_pair("client_id", CLIENT);
            fields.append_pair("service", service.unwrap_or_default()).append_pair("scope", scope);
            form = Some(fields.append_pair("refresh_token", token).finish());
        } else {
            let mut query = realm.query_pairs_mut();
            query.extend_pairs(service.map(|service| ("service", service)));
            query.extend_pairs(scope.split_whitespace().map(|scope| ("scope", scope)));
            if let Some(Login::Password { user, password }) = login {
                query.append_pair("account", user);
                authorization = Some(basic(user, password));
            }
            query.append_pair("client_id", CLIENT);
        }
        let method = form.as_deref().map_or(Method::Get, Method::Post);
        let request = Request { method, ..Request::get(&realm, what) };
        let answer = transport.send(&request, authorization.as_ref())?;
        match answer.status().as_u16() {
            200 => self.read(&realm, answer),
            // The registry's own words come from its token server.
            400 | 401 | 403 | 404 => Err(Hitch::lasting(self.denied(host(&realm), what, said(answer)))),
            _ => Err(transport.refusal(&request, answer)),
        }
    }

    /// The address of a token server. Without TLS it must be this machine's, or one that may be spoken to so.
    fn realm(&self, text: &str) -> Result<Url, Hitch> {
        let unusable = || self.challenge(ChallengeProblem::Realm(text.to_owned()));
        let realm = Url::parse(text).map_err(|_| unusable())?;
        let name = realm.host_str().ok_or_else(unusable)?;
        let is_trusted = is_loopback(name) || self.access.insecure.contains(&host(&realm));
        match realm.scheme() {
            "https" => Ok(realm),
            "http" if self.address.scheme() == "http" && is_trusted => Ok(realm),
            "http" => Err(self.challenge(ChallengeProblem::PlainRealm(host(&realm)))),
            _ => Err(unusable()),
        }
    }

    fn read(&self, realm: &Url, answer: Response<Body>) -> Result<Secret, Hitch> {
        let none = || RegistryError::Token { host: host(realm), limit: self.limit };
        let mut body = Vec::new();
        let read = answer.into_body().into_reader().take(self.limit.saturating_add(1)).read_to_end(&mut body);
        if read.is_err() {
            return Err(Hitch::passing(none()));
        }
        if body.len() as u64 > self.limit {
            return Err(Hitch::lasting(none()));
        }
        let answer: Option<Answer> = serde_json::from_slice(&body).ok();
        let tokens = answer.into_iter().flat_map(|answer| [answer.token, answer.access_token]).flatten();
        // What is no token would put other headers into requests.
        let is_token = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        let token = tokens.into_iter().find(is_token).ok_or_else(|| Hitch::lasting(none()))?;
        Ok(bearer(&Secret(token)))
    }
}

fn bearer(Secret(token): &Secret) -> Secret {
    Secret(format!("Bearer {token}"))
}

fn basic(user: &str, Secret(password): &Secret) -> Secret {
    Secret(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}
