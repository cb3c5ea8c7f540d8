//! What is printed: nothing of an image steers a terminal or leaves its place in XML, and no secret is told, in any format.
