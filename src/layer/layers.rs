//! All layers of an image in parallel, the largest first; the result is in the image's order, whatever came first.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{Builder, available_parallelism, scope},
};

use super::{
    error::{LayerError, LayerProblem},
    pass::{LayerOptions, ReadLayer, read_layer},
};
use crate::source::LayerBlob;

/// Reads every layer. Of several that fail, the lowest is told of. A layer that occurs twice is read once.
pub fn read_layers(blobs: &[LayerBlob], options: &LayerOptions<'_>) -> Result<Vec<ReadLayer>, LayerError> {
    let mut first_of = HashMap::new();
    let mut distinct: Vec<(usize, &LayerBlob)> = Vec::new();
    for (index, blob) in blobs.iter().enumerate() {
        first_of.entry((&blob.diff_id, &blob.digest)).or_insert_with(|| {
            distinct.push((index, blob));
            index
        });
    }
    distinct.sort_by_key(|(index, blob)| (std::cmp::Reverse(blob.size), *index));
    let next = AtomicUsize::new(0);
    let results: Mutex<HashMap<usize, Result<ReadLayer, LayerError>>> = Mutex::new(HashMap::new());
    let work = || {
        while let Some((index, blob)) = distinct.get(next.fetch_add(1, Ordering::Relaxed)) {
            let read = read_layer(blob, options);
            results.lock().unwrap_or_else(PoisonError::into_inner).insert(*index, read);
        }
    };
    scope(|scope| {
        let threads = distinct.len().min(available_parallelism().map_or(1, usize::from));
        for _ in 1..threads {
            // Fewer threads than wished for do the same work.
            if Builder::new().name("layer".to_owned()).spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut entries = 0_usize;
    let mut layers: Vec<ReadLayer> = Vec::with_capacity(blobs.len());
    for (index, blob) in blobs.iter().enumerate() {
        let first = first_of.get(&(&blob.diff_id, &blob.digest)).copied().unwrap_or(index);
        let mut layer = match results.remove(&index) {
            Some(read) => read?,
            None => layers.get(first).cloned().ok_or_else(|| LayerError {
                layer: blob.index,
                diff_id: blob.diff_id.clone(),
                problem: LayerProblem::Internal("a layer was not read".to_owned()),
            })?,
        };
        // A layer may be named any number of times: what is read once would fill the memory by its copies.
        entries = entries.saturating_add(layer.index.entries.len());
        if entries > options.limits.entries {
            let problem = LayerProblem::TooManyEntries { limit: options.limits.entries };
            return Err(LayerError { layer: blob.index, diff_id: blob.diff_id.clone(), problem });
        }
        layer.summary.layer = blob.index;
        layers.push(layer);
    }
    Ok(layers)
}
