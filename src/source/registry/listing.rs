//! Lists of a registry: its repositories, and the tags of one, page by page; never what they lead to.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use ureq::http::header;

use super::{
    access::RegistryAccess,
    client::{Client, Question, text},
    error::{ListingProblem, RegistryError},
    repository::Repository,
};
use crate::{image::RegistryPlace, limits::Limits};

/// Names that a page is asked to hold.
const PAGE: usize = 1000;

/// What a registry is asked for a list of repositories with.
const CATALOGUE_SCOPE: &str = "registry:catalog:*";

/// A page of the catalogue.
#[derive(Deserialize)]
struct Repositories {
    repositories: Option<Vec<String>>,
}

/// A page of tags.
#[derive(Deserialize)]
struct Tags {
    tags: Option<Vec<String>>,
}

/// The repositories of a registry, or the tags of a repository: sorted, each once.
pub fn list(place: &RegistryPlace, access: &Arc<RegistryAccess>, limits: &Limits) -> Result<Vec<String>, RegistryError> {
    match &place.repository {
        None => {
            let client = Client::new(&place.registry, access, limits)?;
            let advice = ": not every registry lists its repositories; name one, as in `HOST/NAME`, for its tags";
            let question =
                Question { where_missing: advice, ..Question::new("/v2/_catalog", "its catalogue", CATALOGUE_SCOPE) };
            pages(&client, question, limits, |page: Repositories| page.repositories)
        }
        Some(name) => {
            let repository = Repository::new(&place.registry, name, access, limits)?;
            let path = repository.path("tags/list");
            let what = format!("the list of tags of `{place}`");
            pages(&repository.client, repository.question(&path, &what), limits, |page: Tags| page.tags)
        }
    }
}

fn pages<P: DeserializeOwned>(
    client: &Client,
    question: Question<'_>,
    limits: &Limits,
    names: impl Fn(P) -> Option<Vec<String>>,
) -> Result<Vec<String>, RegistryError> {
    let (host, what) = (client.registry(), question.what);
    let wrong = |problem| RegistryError::Listing { host: host.to_owned(), what: what.to_owned(), problem };
    let mut path = format!("{}?n={PAGE}", question.path);
    let mut seen = BTreeSet::new();
    let mut all = BTreeSet::new();
    loop {
        let (head, bytes) = client.document(&Question { path: &path, ..question.clone() }, limits.document)?;
        let page: P = serde_json::from_slice(&bytes).map_err(|error| wrong(ListingProblem::Form(error)))?;
        all.extend(names(page).unwrap_or_default());
        if all.len() > limits.listed {
            return Err(wrong(ListingProblem::TooMany(limits.listed)));
        }
        let Some(next) = text(&head, header::LINK).and_then(next) else { return Ok(all.into_iter().collect()) };
        let next = client.link(&path, next).map_err(|elsewhere| wrong(ListingProblem::Elsewhere(elsewhere)))?;
        if !seen.insert(std::mem::replace(&mut path, next)) || seen.contains(&path) {
            return Err(wrong(ListingProblem::Circle));
        }
    }
}

/// The address of the next page, in a header such as `</v2/_catalog?last=x&n=100>; rel="next"` (RFC 8288).
fn next(link: &str) -> Option<&str> {
    link.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |parameter: &str| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        };
        parameters.split(';').any(is_next).then_some(address)
    })
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod page_tests;

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_page_is_found_among_links() {
        assert_eq!(next(r#"</v2/_catalog?last=b&n=2>; rel="next""#), Some("/v2/_catalog?last=b&n=2"));
        assert_eq!(next("<https://r/a>; rel=prev, <https://r/b>;rel=next"), Some("https://r/b"));
        assert_eq!(next("</a>; rel=prev"), None);
        assert_eq!(next("rubbish"), None);
    }
}
