//! `douane schema`: the JSON Schema of the documents that others build on.

use schemars::{Schema, schema_for};

use super::{
    arguments::{Document, SchemaArguments},
    exit::Failure,
    output::print,
    terminal::Terminal,
};
use crate::{
    finding::{CheckReport, TestReport},
    report::InventoryDocument,
};

pub(super) fn run(arguments: &SchemaArguments, terminal: &Terminal) -> Result<u8, Failure> {
    let schema = schema(arguments.document);
    print(terminal, |out| {
        serde_json::to_writer_pretty(&mut *out, &schema)?;
        writeln!(out)
    })?;
    Ok(0)
}

fn schema(document: Document) -> Schema {
    match document {
        Document::Inventory => schema_for!(InventoryDocument<'static>),
        Document::Check => schema_for!(CheckReport),
        Document::Test => schema_for!(TestReport),
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, schema};

    #[test]
    fn schemas_name_what_others_build_on() {
        let inventory = schema(Document::Inventory).to_value();
        for field in ["schema_version", "target", "image", "layers", "os", "interpreters", "environments", "gaps"] {
            assert!(!inventory["properties"][field].is_null(), "{field}");
        }
        for field in ["name", "kind", "file", "distribution", "layer", "imports", "functions", "classes"] {
            assert!(!inventory["$defs"]["Module"]["properties"][field].is_null(), "{field}");
        }
        let check = schema(Document::Check).to_value();
        for field in ["verdict", "findings", "waivers", "policies", "gaps"] {
            assert!(!check["properties"][field].is_null(), "{field}");
        }
    }
}
