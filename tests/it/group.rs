//! Groups and their members.

mod basic;
mod leftover;
mod numbers;
mod style;
mod styles;
