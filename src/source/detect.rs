//! From what a person wrote to the source that can read it: by scheme, or by looking at what is there.

use std::path::Path;

use super::{
    OpenOptions, OpenedImage, archive::Archive, docker_archive, error::SourceError, oci_archive, oci_layout, registry, root,
};
use crate::image::{ImageName, Reference, Scheme};

const EXPECTED: &str = "an image archive (`docker save`, or an OCI layout in a tar), an OCI layout, or a directory";

/// Opens a target: `docker-archive:PATH[:NAME]`, `oci:DIR[:TAG]`, `oci-archive:PATH[:TAG]`, `dir:PATH`,
/// `registry:HOST/NAME[:TAG][@DIGEST]`, or a path whose contents decide; where nothing is at a path that begins with the host of a
/// registry, the image of that name there. `/` is this machine.
pub fn open(reference: &str, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    let parsed = Reference::parse(reference)?;
    let mut opened = match parsed.scheme {
        Some(Scheme::Registry) => registry::open(ImageName::parse(&parsed.rest)?, options),
        Some(Scheme::Directory) => root::open(Path::new(&parsed.rest), options),
        Some(scheme) => {
            let (path, choice) = reading(&parsed);
            match scheme {
                Scheme::DockerArchive => docker_archive::open(path, choice, options),
                Scheme::Oci => oci_layout::open(path, choice, options),
                Scheme::OciArchive | Scheme::Directory | Scheme::Registry => oci_archive::open(path, choice, options),
            }
        }
        None => detect(&parsed, options),
    }?;
    reference.clone_into(&mut opened.target.reference);
    Ok(opened)
}

/// The shortest path of a reference that exists; the shortest of all, for the message, where none does.
fn reading(reference: &Reference) -> (&Path, Option<&str>) {
    let mut readings = reference.readings();
    let first = readings.next().unwrap_or((reference.rest.as_str(), None));
    let (path, choice) = std::iter::once(first).chain(readings).find(|(path, _)| Path::new(path).exists()).unwrap_or(first);
    (Path::new(path), choice)
}

/// What is no path here may be the name of an image somewhere else: in a registry, where it begins with the host of one.
fn elsewhere(target: &str, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    let looks_like_archive = Path::new(target).extension().is_some_and(|extension| extension == "tar");
    let Some(name) = ImageName::parse_with_host(target).filter(|_| !looks_like_archive) else {
        return Err(SourceError::NothingThere { target: target.to_owned() });
    };
    let neither = |error| SourceError::NeitherHereNorThere { target: target.to_owned(), error: Box::new(error) };
    registry::open(name, options).map_err(neither)
}

fn detect(reference: &Reference, options: &OpenOptions<'_>) -> Result<OpenedImage, SourceError> {
    // Here the whole text is a path before any part of it is: nobody has said that there is a choice in it.
    let found = reference.readings().rev().find(|(path, _)| Path::new(path).exists());
    let Some((path, choice)) = found else {
        return elsewhere(&reference.rest, options);
    };
    let path = Path::new(path);
    if path.is_dir() {
        if oci_layout::is_layout(path) {
            return oci_layout::open(path, choice, options);
        }
        return match choice {
            None => root::open(path, options),
            Some(_) => oci_layout::open(path, choice, options),
        };
    }
    let archive = Archive::scan(path, EXPECTED, options.limits)?;
    if archive.has("manifest.json") {
        docker_archive::open_scanned(&archive, choice, options)
    } else if archive.has("index.json") {
        oci_archive::open_scanned(&archive, choice, options)
    } else {
        let found = "a tar archive without `manifest.json` and without `index.json`; \
                     if it is an exported root file system, unpack it and check that directory";
        Err(SourceError::NotAnImage { path: path.to_owned(), found: found.to_owned(), expected: EXPECTED })
    }
}
