//! Tar archives with any header, true or false, byte by byte; never a check of what is asked for.

use std::io::Write;

const BLOCK: usize = 512;

/// An archive that grows member by member, without its end.
#[derive(Default)]
pub struct Archive(pub Vec<u8>);

/// One member as its header has it.
pub struct Member<'a> {
    pub path: &'a [u8],
    pub kind: u8,
    pub link: &'a [u8],
    pub mode: u32,
    pub content: &'a [u8],
    /// The size field, where it is not the content's.
    pub size: Option<[u8; 12]>,
}

impl Default for Member<'_> {
    fn default() -> Self {
        Self { path: b"a", kind: b'0', link: b"", mode: 0o644, content: b"", size: None }
    }
}

/// A header with a right checksum.
pub fn header(member: &Member<'_>) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, most: usize, bytes: &[u8]| {
        let length = bytes.len().min(most);
        header[at..at + length].copy_from_slice(&bytes[..length]);
    };
    put(0, 100, member.path);
    put(100, 8, format!("{:07o}\0", member.mode).as_bytes());
    put(108, 8, b"0000000\0");
    put(116, 8, b"0000000\0");
    let size = member.size.unwrap_or_else(|| octal(member.content.len() as u64));
    put(124, 12, &size);
    put(136, 12, b"00000000000\0");
    put(148, 8, b"        ");
    put(156, 1, &[member.kind]);
    put(157, 100, member.link);
    put(257, 8, b"ustar\x0000");
    // Devices have numbers, and nothing else looks at them.
    put(329, 8, b"0000001\0");
    put(337, 8, b"0000003\0");
    sum(header)
}

/// A header with its checksum made right.
pub fn sum(mut header: [u8; BLOCK]) -> [u8; BLOCK] {
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A size as most writers have it.
pub fn octal(size: u64) -> [u8; 12] {
    format!("{size:011o}\0").into_bytes().try_into().expect("twelve bytes")
}

/// A size of GNU's, for what has no room in octal digits.
pub fn base_256(size: i128) -> [u8; 12] {
    let mut field: [u8; 12] = size.to_be_bytes()[4..].try_into().expect("twelve bytes");
    field[0] |= 0x80;
    field
}

/// One PAX record.
pub fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + rest.to_string().len();
    length = rest + length.to_string().len();
    [length.to_string().as_bytes(), b" ", key.as_bytes(), b"=", value, b"\n"].concat()
}

impl Archive {
    pub fn member(mut self, member: &Member<'_>) -> Self {
        self.0.extend(header(member));
        self.raw(member.content)
    }

    /// Bytes, filled up to a block.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
        self
    }

    pub fn file(self, path: &str, content: &[u8]) -> Self {
        self.member(&Member { path: path.as_bytes(), content, ..Member::default() })
    }

    pub fn kind(self, kind: u8, path: &str, link: &str) -> Self {
        let mode = if kind == b'5' { 0o755 } else { 0o644 };
        self.member(&Member { path: path.as_bytes(), kind, link: link.as_bytes(), mode, ..Member::default() })
    }

    pub fn directory(self, path: &str) -> Self {
        self.kind(b'5', path, "")
    }

    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.kind(b'2', path, target)
    }

    pub fn hard_link(self, path: &str, target: &str) -> Self {
        self.kind(b'1', path, target)
    }

    /// PAX records for the member that follows.
    pub fn pax(self, records: &[u8]) -> Self {
        self.member(&Member { path: b"pax", kind: b'x', content: records, ..Member::default() })
    }

    /// GNU's long name for the member that follows.
    pub fn long_name(self, name: &[u8]) -> Self {
        self.member(&Member { path: b"././@LongLink", kind: b'L', content: &[name, b"\0"].concat(), ..Member::default() })
    }

    /// With the two blocks of zeros at the end.
    pub fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * BLOCK, 0);
        self.0
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// A gzip stream of one member that begins with `start` and goes on with `times` times 8 MiB of zeros. Its end is missing.
pub fn gzip_of_zeros(start: &[u8], times: usize) -> Vec<u8> {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    stream.extend(flushed(start));
    // A flush begins a block that needs nothing of what was before it.
    let zeros = flushed(&vec![0; 8 << 20]);
    for _ in 0..times {
        stream.extend(&zeros);
    }
    stream
}

fn flushed(bytes: &[u8]) -> Vec<u8> {
    let mut compress = flate2::Compress::new(flate2::Compression::best(), false);
    let mut out = Vec::with_capacity(bytes.len() / 500 + 4096);
    compress.compress_vec(bytes, &mut out, flate2::FlushCompress::Full).expect("in memory");
    assert_eq!(compress.total_in(), bytes.len() as u64);
    out
}
