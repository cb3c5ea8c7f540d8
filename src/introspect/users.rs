//! The user that the image runs as: number and home directory; never its rights.

use crate::{
    extract::passwd::{PasswdEntry, passwd},
    facts::Fact,
    filesystem::Tree,
    image::ImagePath,
};

use super::context::Context;

const PASSWD: &str = "/etc/passwd";

/// The number of the image's user: from `User` itself, else from `/etc/passwd`; root where there is no `User`.
pub(crate) fn user_id(tree: &Tree, context: &Context<'_>) -> Fact<u64> {
    let Some(image) = context.image else { return Fact::Absent };
    let user = image.user.as_deref().unwrap_or_default();
    let name = user.split(':').next().unwrap_or_default();
    if name.is_empty() {
        return Fact::Known(0);
    }
    // A name of digits is looked up first, as container runtimes do; it is the number itself where nobody has that name.
    match (entries(tree).into_iter().find(|entry| entry.name == name), name.parse()) {
        (Some(entry), _) => Fact::Known(entry.uid),
        (None, Ok(number)) => Fact::Known(number),
        (None, Err(_)) => Fact::Unknown(format!("the user `{name}` is not in {PASSWD}").into()),
    }
}

/// `HOME` as a container runtime sets it.
pub(crate) fn home_directory(tree: &Tree, context: &Context<'_>) -> ImagePath {
    let home = context.variable("HOME").map(str::to_owned).or_else(|| {
        let uid = match user_id(tree, context) {
            Fact::Known(uid) => uid,
            Fact::Absent => 0,
            Fact::Unknown(_) => return None,
        };
        entries(tree).into_iter().find(|entry| entry.uid == uid).map(|entry| entry.home)
    });
    home.and_then(ImagePath::new).unwrap_or_else(ImagePath::root)
}

fn entries(tree: &Tree) -> Vec<PasswdEntry> {
    ImagePath::new(PASSWD).and_then(|path| tree.text(&path)).map(passwd).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{home_directory, user_id};
    use crate::{
        facts::{Fact, Image},
        introspect::{Context, test_tree::TestTree},
    };

    fn look_up(user: Option<&str>) -> (Fact<u64>, String) {
        let mut tree = TestTree::new();
        tree.text("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000::/home/app:/bin/sh\n");
        let image = Image { user: user.map(str::to_owned), ..Image::default() };
        let context = Context { image: Some(&image), platform: None, ..Context::default() };
        (user_id(tree.tree(), &context), home_directory(tree.tree(), &context).to_string())
    }

    #[test]
    fn a_name_is_looked_up_and_a_number_is_itself() {
        assert_eq!(look_up(Some("app:staff")), (Fact::Known(1000), "/home/app".to_owned()));
        assert_eq!(look_up(Some("65532:65532")), (Fact::Known(65532), "/".to_owned()));
        assert_eq!(look_up(None), (Fact::Known(0), "/root".to_owned()));
    }

    #[test]
    fn an_unknown_name_is_unknown() {
        assert!(matches!(look_up(Some("ghost")).0, Fact::Unknown(_)));
    }
}
