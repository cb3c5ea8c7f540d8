//! Which modules `--modules` asks for; never a policy's pattern, which knows owners too.

/// A pattern over dotted module names: `**` stands for any number of segments, `*` for any characters within one, and
/// `django.**` is `django` and all below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModulePattern {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// `**`.
    Any,
    /// The parts between the stars of one segment.
    Parts(Vec<String>),
}

/// Why a text is no module pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no module pattern: write dotted names with `*` and `**`, such as `django.**`, `shop.*.models` or `**`")]
pub struct ModulePatternError(String);

impl std::str::FromStr for ModulePattern {
    type Err = ModulePatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segments = text.split('.').map(|segment| match segment {
            "**" => Ok(Segment::Any),
            _ if segment.is_empty() || segment.contains("**") || segment.contains(char::is_whitespace) => {
                Err(ModulePatternError(text.to_owned()))
            }
            _ => Ok(Segment::Parts(segment.split('*').map(str::to_owned).collect())),
        });
        Ok(Self { segments: segments.collect::<Result<_, _>>()? })
    }
}

impl ModulePattern {
    /// Whether the pattern names this module.
    pub fn matches(&self, module: &str) -> bool {
        let names: Vec<&str> = module.split('.').collect();
        // `reached` holds, for each number of names, whether the segments so far match exactly that many.
        let mut reached = vec![false; names.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for segment in &self.segments {
            reached = match segment {
                Segment::Any => {
                    let mut seen = false;
                    reached
                        .iter()
                        .map(|here| {
                            seen |= *here;
                            seen
                        })
                        .collect()
                }
                Segment::Parts(parts) => {
                    let next = reached.iter().zip(&names).map(|(here, name)| *here && segment_matches(parts, name));
                    std::iter::once(false).chain(next).collect()
                }
            };
        }
        reached.last() == Some(&true)
    }
}

/// Whether a name is the parts in order with anything between them.
fn segment_matches(parts: &[String], name: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == name);
    };
    let Some(mut rest) = name.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part.as_str()) else { return false };
        rest = behind;
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::ModulePattern;

    fn matches(pattern: &str, module: &str) -> bool {
        pattern.parse::<ModulePattern>().expect("valid").matches(module)
    }

    #[test]
    fn two_stars_are_any_number_of_segments() {
        assert!(matches("**", "a.b.c"));
        assert!(matches("django.**", "django"));
        assert!(matches("django.**", "django.db.models"));
        assert!(matches("**.models", "models"));
        assert!(matches("shop.**.models", "shop.a.b.models"));
        assert!(!matches("django.**", "djangoish"));
    }

    #[test]
    fn one_star_stays_within_a_segment() {
        assert!(matches("*", "a"));
        assert!(!matches("*", "a.b"));
        assert!(matches("shop.test_*", "shop.test_x"));
        assert!(matches("a*b*c", "axbxxc"));
        assert!(!matches("a*a", "a"));
    }

    #[test]
    fn rejects_what_names_nothing() {
        for text in ["", "a..b", "a.***", "a b"] {
            assert!(text.parse::<ModulePattern>().is_err(), "{text}");
        }
    }
}
