//! One repository of a registry: its manifests and blobs, verified; never what they say.

use std::{path::PathBuf, sync::Arc};

use oci_spec::image::Descriptor;
use ureq::http::HeaderName;

use super::{
    access::RegistryAccess,
    blob::RemoteBlob,
    client::{Client, Question, text},
    error::{Found, RegistryError},
    transport::{Method, Stage},
};
use crate::{
    image::{Digest, ImageName},
    limits::Limits,
    source::{
        blob_store::{Parts, is_foreign},
        error::SourceError,
        layer_blob::Stored,
    },
};

/// What manifests are taken in: images and indexes, OCI's and Docker's second schema.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// The digest of what an answer holds, by the registry.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// One repository.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) client: Client,
    name: String,
    scope: String,
}

/// An image by its name: what it is put together from.
pub(super) struct NamedImage {
    pub(super) name: ImageName,
    pub(super) path: PathBuf,
    pub(super) repository: Arc<Repository>,
}

impl Repository {
    /// A repository by its registry and its name there.
    pub(super) fn new(
        registry: &str,
        name: &str,
        access: &Arc<RegistryAccess>,
        limits: &Limits,
    ) -> Result<Self, RegistryError> {
        let client = Client::new(registry, access, limits)?;
        Ok(Self { client, name: name.to_owned(), scope: format!("repository:{name}:pull") })
    }

    /// The path of a part of it.
    pub(super) fn path(&self, part: &str) -> String {
        format!("/v2/{}/{part}", self.name)
    }

    /// A question for what is in it.
    pub(super) fn question<'a>(&'a self, path: &'a str, what: &'a str) -> Question<'a> {
        Question::new(path, what, &self.scope)
    }

    /// A manifest or an index by its tag or digest, with the digest that it has.
    pub(super) fn manifest(
        &self,
        version: &str,
        expected: Option<&Digest>,
        what: &str,
        limits: &Limits,
    ) -> Result<(Digest, Vec<u8>), RegistryError> {
        let path = self.path(&format!("manifests/{version}"));
        let advice = format!(": `douane registry ls {}/{}` lists what there is", self.client.registry(), self.name);
        let question = Question { accept: Some(MANIFESTS), where_missing: &advice, ..self.question(&path, what) };
        let (head, bytes) = self.client.document(&question, limits.document)?;
        let said = text(&head, CONTENT_DIGEST).and_then(|digest| Digest::parse(digest).ok());
        let expected = expected.or(said.as_ref());
        let digest = self.verified(expected, what, &bytes)?;
        Ok((digest, bytes))
    }

    /// A document that is kept as a blob.
    fn blob(&self, digest: &Digest, size: u64, what: &str, limits: &Limits) -> Result<Vec<u8>, RegistryError> {
        let path = self.path(&format!("blobs/{digest}"));
        if size > limits.document {
            return Err(RegistryError::TooLarge { host: self.host(), what: what.to_owned(), limit: limits.document });
        }
        let (_, bytes) = self.client.document(&self.question(&path, what), limits.document)?;
        self.sized(size, what, &bytes)?;
        self.verified(Some(digest), what, &bytes)?;
        Ok(bytes)
    }

    /// Looks whether a document is as large as its descriptor says.
    pub(super) fn sized(&self, expected: u64, what: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        let found = bytes.len() as u64;
        if found == expected {
            return Ok(());
        }
        let (host, what) = (self.host(), what.to_owned());
        Err(RegistryError::Size { host, what, expected, found: Found::Exactly(found) })
    }

    fn verified(&self, expected: Option<&Digest>, what: &str, bytes: &[u8]) -> Result<Digest, RegistryError> {
        let algorithm = expected.map_or(crate::image::Algorithm::Sha256, Digest::algorithm);
        let found = Digest::of(algorithm, bytes);
        match expected.filter(|expected| **expected != found) {
            None => Ok(found),
            Some(expected) => {
                let (host, what, expected) = (self.host(), what.to_owned(), expected.clone());
                Err(RegistryError::WrongDigest { host, what, expected, found })
            }
        }
    }

    /// Whether it has a blob.
    fn has(&self, digest: &Digest, what: &str) -> Result<bool, RegistryError> {
        let path = self.path(&format!("blobs/{digest}"));
        match self.client.ask(&Question { method: Method::Head, ..self.question(&path, what) }, Stage::First) {
            Ok(_) => Ok(true),
            Err(RegistryError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn host(&self) -> String {
        self.client.registry().to_owned()
    }
}

impl Parts for NamedImage {
    fn path(&self) -> &std::path::Path {
        &self.path
    }

    fn document(&self, descriptor: &Descriptor, what: &str, limits: &Limits) -> Result<Vec<u8>, SourceError> {
        let digest = self.digest(descriptor, what)?;
        Ok(self.repository.blob(&digest, descriptor.size(), &self.what(what), limits)?)
    }

    fn layer(&self, descriptor: &Descriptor, digest: &Digest, what: &str) -> Result<Stored, SourceError> {
        let what = self.what(what);
        if is_foreign(descriptor) && !self.repository.has(digest, &what)? {
            return Ok(Stored::Elsewhere);
        }
        let repository = Arc::clone(&self.repository);
        Ok(Stored::Remote(RemoteBlob { repository, digest: digest.clone(), size: descriptor.size(), what }))
    }
}

impl NamedImage {
    /// A part of the image, for messages.
    pub(super) fn what(&self, part: &str) -> String {
        format!("{part} of `{}`", self.name)
    }
}
