//! Groups and their members.

mod basic;
mod leftover;
