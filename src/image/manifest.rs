//! Manifests and indexes, OCI and Docker: which of the two a document is; never where it came from.

use oci_spec::image::{ImageIndex, ImageManifest};
use serde_json::Value;

/// A document that an index or a layout names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// An OCI image index, or a Docker manifest list.
    Index(Box<ImageIndex>),
    /// An OCI or Docker image manifest.
    Manifest(Box<ImageManifest>),
}

/// Why a document is neither.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON.
    #[error("it is not JSON ({0})")]
    Json(serde_json::Error),
    /// JSON, but not of the form that its media type promises.
    #[error("it is not of the form that the OCI image specification gives ({0})")]
    Form(serde_json::Error),
    /// Both `manifests` and `layers`: readers disagree about such a document (CVE-2021-41190), so it is refused.
    #[error("it is both an index (`manifests`) and a manifest (`layers`), which the OCI image specification forbids")]
    Ambiguous,
    /// Neither `manifests` nor `config` with `layers`.
    #[error("it is neither an index (`manifests`) nor an image manifest (`config` and `layers`)")]
    Neither,
    /// Docker's first manifest schema.
    #[error(
        "it is a Docker manifest of schema 1, which no longer has a use: push or save the image again with a current Docker"
    )]
    SchemaOne,
}

impl Document {
    /// Reads a document; its fields decide what it is, for media types are often absent.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let mut value: Value = serde_json::from_slice(bytes).map_err(DocumentError::Json)?;
        let has = |field: &str| value.get(field).is_some_and(|value| !value.is_null());
        let (index, manifest) = (has("manifests"), has("layers") || has("config"));
        if value.get("schemaVersion").and_then(Value::as_u64) == Some(1) {
            return Err(DocumentError::SchemaOne);
        }
        if index && manifest {
            return Err(DocumentError::Ambiguous);
        }
        if index {
            serde_json::from_value(value).map(Box::new).map(Self::Index).map_err(DocumentError::Form)
        } else if manifest {
            // An image without layers is written with `null` by Go programs.
            if let Some(layers) = value.get_mut("layers").filter(|layers| layers.is_null()) {
                *layers = Value::Array(Vec::new());
            }
            serde_json::from_value(value).map(Box::new).map(Self::Manifest).map_err(DocumentError::Form)
        } else {
            Err(DocumentError::Neither)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, DocumentError};

    const DESCRIPTOR: &str = r#"{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,
        "digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}"#;

    fn parse(text: &str) -> Result<Document, DocumentError> {
        Document::parse(text.replace("DESCRIPTOR", DESCRIPTOR).as_bytes())
    }

    #[test]
    fn fields_decide() {
        assert!(matches!(parse(r#"{"schemaVersion":2,"manifests":[DESCRIPTOR]}"#), Ok(Document::Index(_))));
        assert!(matches!(parse(r#"{"schemaVersion":2,"config":DESCRIPTOR,"layers":null}"#), Ok(Document::Manifest(_))));
    }

    #[test]
    fn refuses_a_document_that_is_both() {
        let both = r#"{"schemaVersion":2,"manifests":[],"config":DESCRIPTOR,"layers":[]}"#;
        assert!(matches!(parse(both), Err(DocumentError::Ambiguous)));
    }

    #[test]
    fn says_what_is_wrong_with_others() {
        assert!(matches!(parse("{"), Err(DocumentError::Json(_))));
        assert!(matches!(parse("{}"), Err(DocumentError::Neither)));
        assert!(matches!(parse(r#"{"schemaVersion":1,"fsLayers":[]}"#), Err(DocumentError::SchemaOne)));
        assert!(matches!(parse(r#"{"schemaVersion":2,"manifests":7}"#), Err(DocumentError::Form(_))));
    }
}
