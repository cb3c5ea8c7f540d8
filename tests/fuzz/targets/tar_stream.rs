//! The members of a tar stream: none lies beyond what was read, and the walk ends.

#![no_main]

use std::io::{self, Cursor, Read};

use douane::source::{Skip, TarStream};
use libfuzzer_sys::fuzz_target;

struct Bytes<'a>(Cursor<&'a [u8]>);

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Skip for Bytes<'_> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let left = (self.0.get_ref().len() as u64).saturating_sub(self.0.position());
        let passed = count.min(left);
        self.0.set_position(self.0.position() + passed);
        Ok(passed)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut stream = TarStream::new(Bytes(Cursor::new(bytes)), 1 << 16);
    let (mut before, mut members) = (0, 0);
    while let Ok(Some(member)) = stream.next_member() {
        assert!(member.offset >= before && member.offset % 512 == 0 && member.offset <= bytes.len() as u64);
        before = member.offset;
        members += 1;
        assert!(members <= bytes.len() / 512, "more members than blocks");
        if members % 2 == 0 {
            let mut content = Vec::new();
            // An end inside the member is an error, and the next header is not looked for.
            if stream.read_to_end(&mut content).is_err() {
                break;
            }
            assert!(content.len() <= bytes.len());
        }
    }
});
