//! Groups and their members.

mod basic;
mod leftover;
mod numbers;
mod references;
mod rename;
mod style;
mod styles;
