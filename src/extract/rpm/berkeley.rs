//! The headers in a hash of Berkeley DB (RHEL until 8): what stands on its pages and behind them; never its buckets.

use super::{
    RpmError,
    numbers::{Order, Pages, piece},
};

/// What stands in the first page, and says how bytes follow each other.
const MAGIC: u32 = 0x0006_1561;
/// Bytes before what a page holds.
const PAGE_HEADER: usize = 26;
/// Kinds of pages: with items, sorted or not; the rest of an item that is too large for one.
const ITEMS: [u8; 2] = [2, 13];
const OVERFLOW: u8 = 7;
/// Kinds of items: on the page, and elsewhere.
const HERE: u8 = 1;
const ELSEWHERE: u8 = 3;

/// Whether a file begins like a hash of Berkeley DB.
pub(super) fn is_berkeley(bytes: &[u8]) -> bool {
    order(bytes).is_some()
}

fn order(bytes: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big].into_iter().find(|order| order.u32(bytes, 12) == Some(MAGIC))
}

/// Hands over the header of every package.
pub(super) fn blobs(bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), RpmError> {
    let order = order(bytes).ok_or(RpmError::Format)?;
    if bytes.get(24).is_some_and(|encryption| *encryption != 0) {
        return Err(RpmError::Malformed("it is encrypted"));
    }
    let size =
        order.u32(bytes, 20).map(|size| size as usize).filter(|size| size.is_power_of_two() && (512..=65_536).contains(size));
    let size = size.ok_or(RpmError::Malformed("its pages have no size"))?;
    let mut database = Database { bytes, order, size, taken: Pages::new(bytes.len() / size) };
    // Pages that are free have no kind, so that all others are of use.
    for number in 1..bytes.len() / size {
        let page = database.page(number)?;
        if page.get(25).is_some_and(|kind| ITEMS.contains(kind)) {
            database.items(page, each)?;
        }
    }
    Ok(())
}

struct Database<'bytes> {
    bytes: &'bytes [u8],
    order: Order,
    size: usize,
    /// Pages with the rest of an item.
    taken: Pages,
}

impl<'bytes> Database<'bytes> {
    fn page(&self, number: usize) -> Result<&'bytes [u8], RpmError> {
        piece(self.bytes, number.saturating_mul(self.size), self.size, "a page number")
    }

    /// The items of a page, which lie from its end to its beginning: a key, then what it stands for.
    fn items(&mut self, page: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), RpmError> {
        let number = usize::from(self.order.u16(page, 20).unwrap_or_default());
        let mut key: Option<&[u8]> = None;
        let mut end = page.len();
        for position in 0..number {
            let start = self.order.u16(page, PAGE_HEADER + 2 * position).map(usize::from);
            let item = start.and_then(|start| page.get(start..end)).ok_or(RpmError::Outside("an item"))?;
            end = start.unwrap_or_default();
            match (key.take(), item.split_first()) {
                (None, Some((_, rest))) => key = Some(rest),
                // What has the number 0 is the highest number.
                (Some(key), _) if key.iter().all(|byte| *byte == 0) => {}
                (Some(_), Some((&HERE, header))) => each(header),
                (Some(_), Some((&ELSEWHERE, _))) => {
                    let header = self.elsewhere(item)?;
                    each(&header);
                }
                _ => return Err(RpmError::Malformed("an item is of no kind that rpm writes")),
            }
        }
        Ok(())
    }

    /// An item that lies on pages of its own.
    fn elsewhere(&mut self, item: &[u8]) -> Result<Vec<u8>, RpmError> {
        let number = |bytes: &[u8], at| self.order.u32(bytes, at).map(|number| number as usize);
        let length = number(item, 8).filter(|length| *length <= self.bytes.len()).ok_or(RpmError::Outside("an item"))?;
        let mut next = number(item, 4).ok_or(RpmError::Outside("an item"))?;
        let mut whole = Vec::with_capacity(length);
        while whole.len() < length {
            self.taken.take(next)?;
            let page = self.page(next)?;
            if page.get(25) != Some(&OVERFLOW) {
                return Err(RpmError::Malformed("an item goes on on a page of another kind"));
            }
            let here = usize::from(self.order.u16(page, 22).unwrap_or_default()).min(length - whole.len());
            whole.extend_from_slice(piece(page, PAGE_HEADER, here, "an item")?);
            next = self.order.u32(page, 16).unwrap_or_default() as usize;
        }
        Ok(whole)
    }
}
