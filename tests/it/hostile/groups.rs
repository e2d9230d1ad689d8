//! Groups: names, members that are nobody or oneself, and what is read for an answer.

mod circles;
mod filters;
mod members;
mod names;
mod reading;
mod together;
