//! Contracts as a whole: what is read of them, and what is wrong with them.
