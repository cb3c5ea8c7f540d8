//! Types and names, right and wrong.
