//! What no decent client sends. Each request is answered with a clear SCIM error, or with a right result that reads
//! back exactly; no other entry is shown or touched.

mod bodies;
mod fences;
mod filters;
mod groups;
mod unicode;
