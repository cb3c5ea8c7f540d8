//! Lists of a registry, page by page, and those that have no end.

use std::{collections::HashMap, sync::Arc};

use super::list;
use crate::{
    image::RegistryPlace,
    limits::Limits,
    source::registry::{
        RegistryAccess,
        server::{Asked, Reply, Server},
    },
};

fn listed(
    repository: Option<&str>,
    limits: &Limits,
    hook: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> Result<Vec<String>, String> {
    let server = Server::start(HashMap::new(), hook);
    let place = RegistryPlace { registry: server.host(), repository: repository.map(str::to_owned) };
    list(&place, &Arc::<RegistryAccess>::default(), limits).map_err(|error| error.to_string().replace(&server.host(), "HOST"))
}

#[test]
fn pages_are_joined_and_names_sorted() {
    let names = listed(None, &Limits::default(), |asked| match asked.path.as_str() {
        "/v2/_catalog?n=1000" => {
            Some(Reply::new(200, r#"{"repositories":["b","c"]}"#).with("link", r#"</v2/_catalog?last=c&n=2>; rel="next""#))
        }
        "/v2/_catalog?last=c&n=2" => Some(Reply::new(200, r#"{"repositories":["a","b"]}"#)),
        _ => None,
    });
    assert_eq!(names, Ok(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    let tags = listed(Some("app"), &Limits::default(), |asked| {
        (asked.path == "/v2/app/tags/list?n=1000").then(|| Reply::new(200, r#"{"name":"app","tags":null}"#))
    });
    assert_eq!(tags, Ok(Vec::new()));
}

#[test]
fn lists_that_cannot_be_read_whole_are_errors() {
    let page = |link: &'static str| move |_: &Asked| Some(Reply::new(200, r#"{"tags":["a"]}"#).with("link", link));
    let error = listed(Some("app"), &Limits::default(), page(r#"</v2/app/tags/list?n=1000>; rel="next""#));
    assert_eq!(
        error,
        Err("the list of tags of `HOST/app` of `HOST` cannot be read: its pages lead to each other without an end".into())
    );
    let error = listed(Some("app"), &Limits::default(), page(r#"<https://elsewhere.example.com/>; rel="next""#));
    assert!(error.expect_err("elsewhere").ends_with("its next page is at another registry, `elsewhere.example.com`"));
    let few = Limits { listed: 1, ..Limits::default() };
    let two = listed(Some("app"), &few, |_| Some(Reply::new(200, r#"{"tags":["a","b"]}"#)));
    assert!(two.expect_err("too many").ends_with("it has more than 1 names, which is the limit"));
    let form = listed(Some("app"), &Limits::default(), |_| Some(Reply::new(200, r#"["a"]"#)));
    assert!(form.expect_err("another form").contains("it is not of the form that the OCI distribution specification gives"));
    let gone = listed(None, &Limits::default(), |_| None);
    assert!(
        gone.expect_err("no catalogue")
            .contains("`HOST` has not got its catalogue (it says: no such thing): not every registry")
    );
}
