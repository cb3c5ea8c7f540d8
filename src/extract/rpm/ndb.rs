//! The headers in rpm's own database (SUSE): slots that lead to blobs; never its indexes.

use super::{
    RpmError,
    numbers::{Order, piece},
};

const MAGIC: &[u8] = b"RpmP";
const SLOT_MAGIC: &[u8] = b"Slot";
const BLOB_MAGIC: &[u8] = b"BlbS";
/// Bytes of a slot, of a block, and of what stands before and behind a blob.
const SLOT: usize = 16;
const BLOCK: usize = 16;
const BEFORE: usize = 16;
const BEHIND: usize = 12;
/// Bytes of a page of slots; the first two slots are the file's header.
const PAGE: usize = 4096;
const FIRST_SLOT: usize = 32;

/// Whether a file begins like a database of rpm's own.
pub(super) fn is_ndb(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Hands over the header of every package.
pub(super) fn blobs(bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), RpmError> {
    let number = |bytes: &[u8], at| Order::Little.u32(bytes, at).map(|number| number as usize);
    if number(bytes, 4) != Some(0) {
        return Err(RpmError::Malformed("its version is not the one that there is"));
    }
    let pages = number(bytes, 12).ok_or(RpmError::Outside("the number of slots"))?;
    let end = pages.checked_mul(PAGE).filter(|end| *end >= FIRST_SLOT).ok_or(RpmError::Outside("the number of slots"))?;
    let slots = piece(bytes, FIRST_SLOT, end - FIRST_SLOT, "the number of slots")?;
    let mut found = Vec::new();
    for slot in slots.chunks_exact(SLOT) {
        if !slot.starts_with(SLOT_MAGIC) {
            return Err(RpmError::Malformed("a slot is none"));
        }
        if let (Some(package), Some(block @ 1..), Some(blocks)) = (number(slot, 4), number(slot, 8), number(slot, 12)) {
            found.push((block, blocks, package));
        }
    }
    // INVARIANT: blobs do not overlap, so that no byte is read twice.
    found.sort_unstable();
    let mut free = end / BLOCK;
    for (block, blocks, package) in found {
        if block < free {
            return Err(RpmError::Malformed("two packages overlap"));
        }
        free = block.saturating_add(blocks);
        let (at, length) = (block.saturating_mul(BLOCK), blocks.saturating_mul(BLOCK));
        let whole = piece(bytes, at, length, "a package")?;
        if !whole.starts_with(BLOB_MAGIC) || number(whole, 4) != Some(package) {
            return Err(RpmError::Malformed("a slot leads to no package of its own"));
        }
        let room = whole.len().saturating_sub(BEFORE + BEHIND);
        let length = number(whole, 12).filter(|length| *length <= room).ok_or(RpmError::Outside("a package"))?;
        each(piece(whole, BEFORE, length, "a package")?);
    }
    Ok(())
}
