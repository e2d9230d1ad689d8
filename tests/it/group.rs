//! Groups and their members.

mod basic;
mod broken;
mod defaults;
mod leftover;
mod numbers;
mod references;
mod rename;
mod saved;
mod style;
mod styles;
mod unresolved;
mod user_side;
