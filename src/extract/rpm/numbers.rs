//! Numbers and pieces of a database at an offset, if they are there; never a panic.

use super::RpmError;

/// How the bytes of a number follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

impl Order {
    /// The two bytes at an offset.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let found = bytes.get(at..)?.first_chunk().copied()?;
        Some(if self == Self::Big { u16::from_be_bytes(found) } else { u16::from_le_bytes(found) })
    }

    /// The four bytes at an offset.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let found = bytes.get(at..)?.first_chunk().copied()?;
        Some(if self == Self::Big { u32::from_be_bytes(found) } else { u32::from_le_bytes(found) })
    }
}

/// A piece of `length` bytes at an offset.
pub(super) fn piece<'bytes>(
    bytes: &'bytes [u8],
    at: usize,
    length: usize,
    what: &'static str,
) -> Result<&'bytes [u8], RpmError> {
    at.checked_add(length).and_then(|end| bytes.get(at..end)).ok_or(RpmError::Outside(what))
}

/// Pages that were read: each belongs to one thing only, so that no chain has a loop and no page is read again and again.
#[derive(Debug)]
pub(super) struct Pages(Vec<bool>);

impl Pages {
    /// None of so many.
    pub(super) fn new(number: usize) -> Self {
        Self(vec![false; number])
    }

    /// Takes a page, by its index.
    pub(super) fn take(&mut self, index: usize) -> Result<(), RpmError> {
        let taken = self.0.get_mut(index).ok_or(RpmError::Outside("a page number"))?;
        if std::mem::replace(taken, true) { Err(RpmError::Malformed("a page is used twice")) } else { Ok(()) }
    }
}
