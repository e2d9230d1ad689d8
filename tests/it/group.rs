//! Groups and their members.

mod basic;
