//! One request at a time: sent, its redirects followed, its failures told apart; never what the answer means.

use std::{
    io::{self, ErrorKind, Read},
    sync::Arc,
    thread::sleep,
    time::{Duration, SystemTime},
};

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use serde_json::Value;
use ureq::{
    Body, Error as HttpError, Timeout,
    http::{Response, StatusCode, header},
};
use url::Url;

use super::{
    access::{Patience, RegistryAccess, Secret},
    agents::Agents,
    endpoint::host,
    error::{RedirectProblem, RegistryError, Said, Unreached},
};

/// Most bytes of an error's body that are read, and most characters of it that are shown.
const SAID: (u64, usize) = (8 << 10, 200);

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Request<'a> {
    pub(super) url: &'a Url,
    /// What it is for, for messages.
    pub(super) what: &'a str,
    pub(super) method: Method<'a>,
    pub(super) accept: Option<&'a str>,
    /// The first byte that is wanted, where it is not the first of all.
    pub(super) from: u64,
}

/// How it is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method<'a> {
    Get,
    Head,
    /// With a form, encoded.
    Post(&'a str),
}

/// Why a request came to nothing this time.
#[derive(Debug)]
pub(super) enum Hitch {
    /// It may be otherwise in a moment, or after the time that was asked for.
    Passing(Box<RegistryError>, Option<Duration>),
    /// It will be the same again.
    Lasting(Box<RegistryError>),
}

/// Whether the host was reached before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// No: a host that is not there is most likely a slip.
    First,
    /// Yes: it will be there again.
    Underway,
}

/// Sends requests to a registry, and to where it redirects.
#[derive(Debug)]
pub(super) struct Transport {
    agents: Agents,
    patience: Patience,
    redirects: usize,
}

impl<'a> Request<'a> {
    pub(super) fn get(url: &'a Url, what: &'a str) -> Self {
        Self { url, what, method: Method::Get, accept: None, from: 0 }
    }
}

impl Hitch {
    pub(super) fn error(self) -> RegistryError {
        match self {
            Self::Passing(error, _) | Self::Lasting(error) => *error,
        }
    }

    pub(super) fn passing(error: RegistryError) -> Self {
        Self::Passing(Box::new(error), None)
    }

    pub(super) fn lasting(error: RegistryError) -> Self {
        Self::Lasting(Box::new(error))
    }
}

impl Transport {
    pub(super) fn new(access: &Arc<RegistryAccess>, redirects: usize) -> Self {
        Self { agents: Agents::new(access), patience: access.patience.clone(), redirects }
    }

    /// How long and how often things are tried.
    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Sends one request to one host.
    pub(super) fn send(&self, request: &Request<'_>, authorization: Option<&Secret>) -> Result<Response<Body>, Hitch> {
        let agent = self.agents.of(request.url).map_err(Hitch::lasting)?;
        let url = request.url.as_str();
        let mut headers = Vec::new();
        if let Some(Secret(value)) = authorization {
            headers.push((header::AUTHORIZATION, value.clone()));
        }
        if let Some(accept) = request.accept {
            headers.push((header::ACCEPT, accept.to_owned()));
        }
        if request.from > 0 {
            headers.push((header::RANGE, format!("bytes={}-", request.from)));
        }
        let sent = match request.method {
            Method::Get => headers.into_iter().fold(agent.get(url), |sent, (name, value)| sent.header(name, value)).call(),
            Method::Head => headers.into_iter().fold(agent.head(url), |sent, (name, value)| sent.header(name, value)).call(),
            Method::Post(form) => headers
                .into_iter()
                .fold(agent.post(url), |sent, (name, value)| sent.header(name, value))
                .content_type("application/x-www-form-urlencoded")
                .send(form),
        };
        sent.map_err(|error| self.hitch(request, error))
    }

    /// Sends a request and follows where it is redirected to. Credentials are for the first host alone: they go with a redirect only
    /// where it stays there, with its scheme and port.
    pub(super) fn follow(
        &self,
        request: &Request<'_>,
        authorization: Option<&Secret>,
    ) -> Result<(Response<Body>, Option<Url>), Hitch> {
        let mut elsewhere: Option<Url> = None;
        for _ in 0..=self.redirects {
            let url = elsewhere.as_ref().unwrap_or(request.url);
            let goes_along = authorization.filter(|_| url.origin() == request.url.origin());
            let answer = self.send(&Request { url, ..request.clone() }, goes_along)?;
            let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            if !is_redirect {
                return Ok((answer, elsewhere.filter(|url| url.origin() != request.url.origin())));
            }
            elsewhere = Some(next(url, &answer).map_err(|problem| redirect(request, problem))?);
        }
        Err(redirect(request, RedirectProblem::TooMany(self.redirects)))
    }

    /// Tries until it succeeds, fails for good, or was tried often enough.
    pub(super) fn persist<T>(&self, stage: Stage, mut attempt: impl FnMut() -> Result<T, Hitch>) -> Result<T, RegistryError> {
        let mut pause = self.patience.pause;
        let mut times = 1;
        loop {
            let (error, asked) = match attempt() {
                Ok(done) => return Ok(done),
                Err(Hitch::Passing(error, asked)) => (error, asked),
                Err(Hitch::Lasting(error)) if stage == Stage::Underway && error.is_unreachable() => (error, None),
                Err(Hitch::Lasting(error)) => return Err(*error),
            };
            if times >= self.patience.attempts {
                return Err(RegistryError::Persistent { times, error });
            }
            sleep(asked.unwrap_or(pause));
            pause = pause.saturating_mul(2).min(self.patience.longest_pause);
            times += 1;
        }
    }

    /// What an answer that is no success comes to.
    pub(super) fn refusal(&self, request: &Request<'_>, answer: Response<Body>) -> Hitch {
        let (host, what, status) = (host(request.url), request.what.to_owned(), answer.status());
        let wait = retry_after(&answer);
        let said = said(answer);
        let error = RegistryError::Status { host: host.clone(), what: what.clone(), status: status.as_u16(), said };
        if !matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504) {
            return Hitch::lasting(error);
        }
        let longest = self.patience.longest_pause;
        match wait {
            Some(wait) if wait > longest => Hitch::lasting(RegistryError::Busy { host, what, wait, longest }),
            wait => Hitch::Passing(Box::new(error), wait),
        }
    }

    /// What an error of the connection comes to.
    fn hitch(&self, request: &Request<'_>, error: HttpError) -> Hitch {
        let host = host(request.url);
        let unreachable = |problem| RegistryError::Unreachable { host: host.clone(), what: request.what.to_owned(), problem };
        match error {
            HttpError::HostNotFound => Hitch::lasting(unreachable(Unreached::NoSuchHost)),
            HttpError::Timeout(phase) => {
                let waited = match phase {
                    Timeout::Resolve | Timeout::Connect => self.patience.connect,
                    Timeout::PerRead => self.patience.read,
                    _ => self.patience.answer,
                };
                Hitch::passing(unreachable(Unreached::TimedOut(waited)))
            }
            HttpError::Rustls(error) => Hitch::lasting(of_tls(&host, error, unreachable)),
            HttpError::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(tls) => Hitch::lasting(of_tls(&host, tls.clone(), unreachable)),
                None if error.kind() == ErrorKind::ConnectionRefused => Hitch::lasting(unreachable(Unreached::Refused)),
                None if is_passing(&error) => Hitch::passing(unreachable(Unreached::Io(error))),
                None => Hitch::lasting(unreachable(Unreached::Io(error))),
            },
            other => Hitch::lasting(unreachable(Unreached::Http(Box::new(other)))),
        }
    }
}

fn of_tls(host: &str, error: rustls::Error, unreachable: impl Fn(Unreached) -> RegistryError) -> RegistryError {
    match error {
        error @ rustls::Error::InvalidCertificate(_) => RegistryError::Untrusted { host: host.to_owned(), error },
        error @ rustls::Error::InvalidMessage(_) => RegistryError::NotTls { host: host.to_owned(), error },
        other => unreachable(Unreached::Io(io::Error::other(other))),
    }
}

/// Whether a connection that failed so may succeed in a moment.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock
            | ErrorKind::Interrupted
    )
}

fn redirect(request: &Request<'_>, problem: RedirectProblem) -> Hitch {
    Hitch::lasting(RegistryError::Redirect { host: host(request.url), what: request.what.to_owned(), problem })
}

/// Where a redirect leads.
fn next(from: &Url, answer: &Response<Body>) -> Result<Url, RedirectProblem> {
    let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok()).ok_or(RedirectProblem::NoAddress)?;
    match (from.scheme(), to.scheme()) {
        ("https", "http") => Err(RedirectProblem::Downgrade(host(&to))),
        (_, "http" | "https") => Ok(to),
        _ => Err(RedirectProblem::NoAddress),
    }
}

/// The pause that an answer asks for: seconds, or a date.
fn retry_after(answer: &Response<Body>) -> Option<Duration> {
    let value = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(value).ok()?;
    let now = Timestamp::try_from(SystemTime::now()).ok()?;
    Duration::try_from(at.duration_since(now)).ok().or(Some(Duration::ZERO))
}

/// The words of an error, as the specification has them: `{"errors":[{"code":...,"message":...}]}`.
pub(super) fn said(answer: Response<Body>) -> Said {
    let mut body = Vec::new();
    if answer.into_body().into_reader().take(SAID.0).read_to_end(&mut body).is_err() {
        return Said::default();
    }
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    let first = value.pointer("/errors/0");
    let text = |field: &str| first.and_then(|error| error.get(field)).and_then(Value::as_str).filter(|text| !text.is_empty());
    let words = text("message").or_else(|| text("code")).or_else(|| value.get("details").and_then(Value::as_str));
    Said(words.map(|words| words.chars().take(SAID.1).collect()))
}

/// Whether an answer brings what was asked for.
pub(super) fn is_success(status: StatusCode) -> bool {
    matches!(status.as_u16(), 200 | 206)
}
