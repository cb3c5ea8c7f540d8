//! A registry of a few lines for tests, on this machine's own address: what it holds, whom it lets in, and how it fails; never more
//! of HTTP than that takes.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: String,
    /// Requests for the same path before this one.
    pub before: usize,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte that is wanted.
    pub fn from(&self) -> usize {
        let range = self.header("range").and_then(|range| range.strip_prefix("bytes="));
        range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0)
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub sending: Sending,
}

/// How a body is sent.
#[derive(Debug, Clone, Copy)]
pub enum Sending {
    /// With its length.
    Whole,
    /// With its length, but the connection ends after so many bytes.
    CutAfter(usize),
    /// With its length, but nothing more comes after so many bytes.
    StillAfter(usize),
    /// With its length, so many bytes at a time with a pause after each.
    Slowly(usize, Duration),
    /// Without its length: it ends with the connection.
    Undeclared,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), sending: Sending::Whole }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn sent(mut self, sending: Sending) -> Self {
        self.sending = sending;
        self
    }
}

/// Answers requests; `None` leaves them to what is held.
pub type Hook = dyn Fn(&Asked) -> Option<Reply> + Send + Sync;

/// A server that ends with its value.
pub struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server that holds documents by path, each with its media type.
    pub fn start(
        held: HashMap<String, (String, Vec<u8>)>,
        hook: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, ended) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicBool>::default());
        let (requests, stop) = (Arc::clone(&asked), Arc::clone(&ended));
        let answering = Arc::new((held, Box::new(hook) as Box<Hook>));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (answering, requests) = (Arc::clone(&answering), Arc::clone(&requests));
                thread::spawn(move || {
                    let (held, hook) = &*answering;
                    // A client that goes away is no failure of the server.
                    let _ = serve(stream, held, hook, &requests);
                });
            }
        });
        Self { address, asked, ended }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    stream: TcpStream,
    held: &HashMap<String, (String, Vec<u8>)>,
    hook: &Hook,
    requests: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut asked = match request(&mut reader) {
            Ok(Some(asked)) => asked,
            Ok(None) => return Ok(()),
            // TLS, for one.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return stream.write_all(b"HTTP/1.1 400 x\r\nconnection: close\r\n\r\n");
            }
            Err(error) => return Err(error),
        };
        let reply = {
            let mut requests = requests.lock().expect("no panic");
            asked.before = requests.iter().filter(|other| other.path == asked.path && other.method == asked.method).count();
            requests.push(asked.clone());
            drop(requests);
            hook(&asked).unwrap_or_else(|| from_held(held, &asked))
        };
        if !send(&mut stream, &asked, &reply)? {
            return Ok(());
        }
    }
}

fn request(reader: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0_usize);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Asked { method, path, headers, body: String::from_utf8_lossy(&body).into_owned(), before: 0 }))
}

/// What is held, from the byte that is wanted.
fn from_held(held: &HashMap<String, (String, Vec<u8>)>, asked: &Asked) -> Reply {
    let Some((media_type, content)) = held.get(&asked.path) else {
        return Reply::new(404, r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no such thing"}]}"#);
    };
    part(content, asked.from()).with("content-type", media_type.as_str())
}

/// Content from a byte on.
pub fn part(content: &[u8], from: usize) -> Reply {
    match content.get(from..) {
        Some(rest) if from > 0 && !rest.is_empty() => {
            let range = format!("bytes {from}-{}/{}", content.len() - 1, content.len());
            Reply::new(206, rest).with("content-range", range)
        }
        _ if from > 0 => Reply::new(416, ""),
        _ => Reply::new(200, content),
    }
}

/// Whether the connection can be used again.
fn send(stream: &mut TcpStream, asked: &Asked, reply: &Reply) -> std::io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} x\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let declares = !matches!(reply.sending, Sending::Undeclared);
    head += &if declares {
        format!("content-length: {}\r\n\r\n", reply.body.len())
    } else {
        "connection: close\r\n\r\n".to_owned()
    };
    stream.write_all(head.as_bytes())?;
    if asked.method == "HEAD" {
        return Ok(true);
    }
    match reply.sending {
        Sending::Whole => stream.write_all(&reply.body)?,
        Sending::Undeclared => stream.write_all(&reply.body)?,
        Sending::CutAfter(count) => stream.write_all(&reply.body[..count.min(reply.body.len())])?,
        Sending::StillAfter(count) => {
            stream.write_all(&reply.body[..count.min(reply.body.len())])?;
            stream.flush()?;
            // Until the other side has had enough.
            let _ = stream.read(&mut [0; 1]);
        }
        Sending::Slowly(count, pause) => {
            for piece in reply.body.chunks(count) {
                stream.write_all(piece)?;
                stream.flush()?;
                thread::sleep(pause);
            }
        }
    }
    stream.flush()?;
    Ok(matches!(reply.sending, Sending::Whole))
}
