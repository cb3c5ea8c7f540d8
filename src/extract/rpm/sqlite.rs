//! The headers in a database of SQLite (Fedora, RHEL from 9 on): the rows of its table `Packages`; never an index, never a query.
//!
//! <https://www.sqlite.org/fileformat2.html>

use super::{
    RpmError,
    numbers::{Order, Pages, piece},
};

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Bytes before the first page's own header.
const FILE_HEADER: usize = 100;
/// A page of a table with rows, and one that leads to others.
const LEAF: u8 = 0x0d;
const INTERIOR: u8 = 0x05;

/// Whether a file begins like a database of SQLite.
pub(super) fn is_sqlite(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Hands over the header of every package.
pub(super) fn blobs(bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), RpmError> {
    let size = match Order::Big.u16(bytes, 16) {
        Some(1) => 65_536,
        Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
        _ => return Err(RpmError::Malformed("its pages have no size")),
    };
    let reserved = usize::from(bytes.get(20).copied().unwrap_or_default());
    let usable = size.checked_sub(reserved).filter(|usable| *usable >= 480);
    let usable = usable.ok_or(RpmError::Malformed("its pages have no room"))?;
    let pages = bytes.len().div_ceil(size);
    let mut database = Database { bytes, size, usable, taken: Pages::new(pages), left: bytes.len() };
    let mut root = None;
    database.rows(1, &mut |row| {
        // Of the table of tables: kind, name, the table's name, the page of its root.
        if column(row, 0) == Some(b"table") && column(row, 1) == Some(b"Packages") {
            root = column(row, 3).map(|number| number.iter().fold(0, |all, byte| (all << 8) | usize::from(*byte)));
        }
    })?;
    let root = root.ok_or(RpmError::Malformed("it has no table `Packages`"))?;
    database.rows(root, &mut |row| {
        if let Some(blob) = column(row, 1) {
            each(blob);
        }
    })
}

struct Database<'bytes> {
    bytes: &'bytes [u8],
    /// Bytes of a page, and those of them that are used.
    size: usize,
    usable: usize,
    taken: Pages,
    /// Bytes that rows may still have: all together are no more than the file, where no row is read twice.
    left: usize,
}

impl<'bytes> Database<'bytes> {
    /// Takes a page, by its number from 1 on.
    fn page(&mut self, number: usize) -> Result<&'bytes [u8], RpmError> {
        let index = number.checked_sub(1).ok_or(RpmError::Outside("a page number"))?;
        self.taken.take(index)?;
        let at = index.checked_mul(self.size).ok_or(RpmError::Outside("a page number"))?;
        piece(self.bytes, at, self.usable, "a page")
    }

    /// Hands over every row of a table.
    fn rows(&mut self, root: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), RpmError> {
        let mut pending = vec![root];
        while let Some(number) = pending.pop() {
            let page = self.page(number)?;
            let start = if number == 1 { FILE_HEADER } else { 0 };
            let cut = || RpmError::Outside("a cell");
            let cells = usize::from(Order::Big.u16(page, start + 3).ok_or_else(cut)?);
            let kind = page.get(start).copied();
            let pointers = match kind {
                Some(LEAF) => start + 8,
                Some(INTERIOR) => start + 12,
                _ => return Err(RpmError::Malformed("a page of a table is of another kind")),
            };
            let cell = |position: usize| Order::Big.u16(page, pointers + 2 * position).map(usize::from).ok_or_else(cut);
            if kind == Some(LEAF) {
                for position in 0..cells {
                    let row = self.payload(page, cell(position)?)?;
                    each(&row);
                }
            } else {
                let child = |at: usize| Order::Big.u32(page, at).map(|number| number as usize).ok_or_else(cut);
                pending.push(child(start + 8)?);
                for position in (0..cells).rev() {
                    pending.push(child(cell(position)?)?);
                }
            }
        }
        Ok(())
    }

    /// The bytes of a row: those in its cell, and those on the pages behind it.
    fn payload(&mut self, page: &[u8], cell: usize) -> Result<Vec<u8>, RpmError> {
        let mut rest = page.get(cell..).ok_or(RpmError::Outside("a cell"))?;
        let length = usize::try_from(varint(&mut rest).ok_or(RpmError::Outside("a cell"))?).unwrap_or(usize::MAX);
        varint(&mut rest).ok_or(RpmError::Outside("a cell"))?;
        self.left =
            self.left.checked_sub(length.saturating_add(1)).ok_or(RpmError::Malformed("its rows are more than the file"))?;
        let local = self.local(length);
        let mut payload = Vec::with_capacity(length);
        payload.extend_from_slice(piece(rest, 0, local, "a cell")?);
        let mut next = Order::Big.u32(rest, local);
        while payload.len() < length {
            let page = self.page(next.ok_or(RpmError::Outside("a row"))? as usize)?;
            next = Order::Big.u32(page, 0);
            let wanted = (length - payload.len()).min(self.usable - 4);
            payload.extend_from_slice(piece(page, 4, wanted, "a row")?);
        }
        Ok(payload)
    }

    /// How many bytes of a row stand in its cell.
    fn local(&self, length: usize) -> usize {
        let most = self.usable - 35;
        if length <= most {
            return length;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (self.usable - 4);
        if fitting <= most { fitting } else { least }
    }
}

/// A number of one to nine bytes.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for position in 0..9 {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        if position == 8 {
            return Some((number << 8) | u64::from(*byte));
        }
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// The bytes of a column: a text's, a blob's, a number's.
fn column(row: &[u8], wanted: usize) -> Option<&[u8]> {
    let mut types = row;
    let header = usize::try_from(varint(&mut types)?).ok()?;
    let mut types = row.get(row.len() - types.len()..header)?;
    let mut at = header;
    for position in 0.. {
        let kind = varint(&mut types)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let end = at.checked_add(length)?;
        if position == wanted {
            return row.get(at..end);
        }
        at = end;
    }
    None
}
