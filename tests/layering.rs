//! The fences between the layers: visits every path in the code and refuses those that a layer may not use.
//!
//! The table is the one in `src/lib.rs`. Code for tests (`#[cfg(test)]`) may use `lab` besides what its layer may use.

use proc_macro2::{Span, TokenStream, TokenTree};
use std::path::{Path, PathBuf};
use syn::visit::Visit;

/// The layers and what each may use besides itself; `*` is everything.
const LAYERS: &[(&str, &str)] = &[
    ("scim", ""),
    ("ldap", ""),
    ("fault", ""),
    ("entra", ""),
    ("lab", ""),
    ("ops", "scim ldap"),
    ("vendor", "ldap"),
    ("mapping", "scim ldap vendor fault"),
    ("plan", "scim ldap vendor mapping"),
    ("directory", "ldap ops"),
    ("service", "scim ldap vendor mapping plan directory ops"),
    ("http", "scim service ops"),
    ("config", "fault ldap vendor mapping directory service http ops"),
    ("app", "scim ldap fault ops vendor mapping plan directory service http config"),
    ("cli", "*"),
];

/// Crates that only one folder may name.
const CRATES: &[(&str, &str)] = &[("ldap3", "directory/conn"), ("axum", "http"), ("clap", "cli")];

/// What code for tests may use everywhere.
const FOR_TESTS: &str = "lab";

#[test]
fn every_layer_uses_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = Vec::new();
    for file in files(&root.join("src")) {
        let text = std::fs::read_to_string(&file).expect("a readable source file");
        let name = file.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
        faults.extend(check(&name, &text));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_module_is_in_the_table() {
    let lib = syn::parse_file(include_str!("../src/lib.rs")).expect("lib.rs parses");
    let modules = lib.items.iter().filter_map(|item| match item {
        syn::Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    });
    let mut modules: Vec<String> = modules.collect();
    let mut layers: Vec<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    modules.sort();
    layers.sort();
    assert_eq!(modules, layers);
}

/// The faults of one source file; `name` is its path from the root, as it is printed.
fn check(name: &str, text: &str) -> Vec<String> {
    let inside = name.strip_prefix("src/").unwrap_or(name).trim_end_matches(".rs");
    let mut place: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if place.last().is_some_and(|last| last == "mod") {
        place.pop();
    }
    if place == ["main"] || place == ["lib"] {
        return Vec::new();
    }
    let for_tests = place.iter().any(|part| part == "tests");
    let mut walk = Walk { file: name, folder: inside, place, for_tests, faults: Vec::new() };
    walk.visit_file(&syn::parse_file(text).expect("source that parses"));
    walk.faults.dedup();
    walk.faults
}

/// A walk over one file.
struct Walk<'a> {
    file: &'a str,
    /// Path of the file below `src`, without its ending.
    folder: &'a str,
    /// The module being visited, from the crate's root.
    place: Vec<String>,
    /// Whether this is code for tests.
    for_tests: bool,
    faults: Vec<String>,
}

impl Walk<'_> {
    /// Judges one path, given as its segments.
    fn path(&mut self, segments: &[(String, Span)]) {
        let Some((first, span)) = segments.first() else { return };
        let named: Vec<&str> = segments.iter().map(|(name, _)| name.as_str()).collect();
        let base = match first.as_str() {
            "crate" => Some((0, 1)),
            "super" => {
                let up = named.iter().take_while(|name| **name == "super").count();
                Some((self.place.len().saturating_sub(up), up))
            }
            "self" | "Self" => None,
            _ => return self.foreign(first, *span),
        };
        // only a path that starts at the root of the crate can reach another layer
        if let Some((0, skip)) = base {
            match named.get(skip) {
                Some(&"*") | None => self.fault(*span, "imports the whole crate"),
                Some(layer) => self.layer(layer, segments[skip].1),
            }
        }
    }

    /// Judges the use of a layer.
    fn layer(&mut self, layer: &str, span: Span) {
        let own = self.place[0].clone();
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == own) else {
            return self.fault(span, &format!("'{own}' is not in the table of layers"));
        };
        let known = LAYERS.iter().any(|(name, _)| *name == layer);
        let may = *allowed == "*" || own == layer || allowed.split(' ').any(|name| name == layer);
        if known && !may && !(self.for_tests && layer == FOR_TESTS) {
            self.fault(span, &format!("'{own}' may not use '{layer}'"));
        }
    }

    /// Judges the use of another crate.
    fn foreign(&mut self, name: &str, span: Span) {
        if let Some((_, home)) = CRATES.iter().find(|(krate, _)| *krate == name)
            && self.folder != *home
            && !self.folder.starts_with(&format!("{home}/"))
        {
            self.fault(span, &format!("'{name}' may only be used in '{home}'"));
        }
    }

    /// Follows a `use` tree to its leaves.
    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<(String, Span)>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push((path.ident.to_string(), path.ident.span()));
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
            syn::UseTree::Glob(glob) => self.leaf("*", glob.star_token.spans[0], before),
            syn::UseTree::Name(name) => self.leaf(&name.ident.to_string(), name.ident.span(), before),
            syn::UseTree::Rename(name) => self.leaf(&name.ident.to_string(), name.ident.span(), before),
        }
    }

    /// Judges one leaf of a `use` tree; `{self}` stands for what is before it.
    fn leaf(&mut self, name: &str, span: Span, before: &mut Vec<(String, Span)>) {
        if name != "self" || before.is_empty() {
            before.push((name.to_owned(), span));
            self.path(before);
            before.pop();
        } else {
            self.path(before);
        }
    }

    /// Looks for paths in what a macro or an attribute is given, which is no syntax tree yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut run: Vec<(String, Span)> = Vec::new();
        let mut joined = false;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => joined = true,
                TokenTree::Ident(ident) => {
                    if !joined {
                        self.run(&mut run);
                    }
                    run.push((ident.to_string(), ident.span()));
                    joined = false;
                }
                other => {
                    self.run(&mut run);
                    joined = false;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.run(&mut run);
    }

    /// Judges a run of names joined by `::`.
    fn run(&mut self, run: &mut Vec<(String, Span)>) {
        if run.len() > 1 {
            self.path(run);
        }
        run.clear();
    }

    /// Notes a fault.
    fn fault(&mut self, span: Span, text: &str) {
        self.faults.push(format!("{}:{}: {text}", self.file, span.start().line));
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|s| (s.ident.to_string(), s.ident.span())).collect();
        if segments.len() > 1 {
            self.path(&segments);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &mut Vec::new());
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.foreign(&item.ident.to_string(), item.ident.span());
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let outer = self.for_tests;
        self.for_tests |= item.attrs.iter().any(is_cfg_test);
        self.place.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.place.pop();
        self.for_tests = outer;
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {
        // `pub(in crate::…)` opens nothing
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        syn::visit::visit_macro(self, item);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.tokens(list.tokens.clone());
    }
}

/// Whether an attribute is `#[cfg(test)]`.
fn is_cfg_test(attr: &syn::Attribute) -> bool {
    matches!(&attr.meta, syn::Meta::List(list) if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
}

/// All source files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a readable folder").flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            _ => {}
        }
    }
    found.sort();
    found
}

#[test]
fn a_use_of_another_layer_is_caught_in_every_shape() {
    let expected = ["src/service/users.rs:2: 'service' may not use 'http'"];
    for sample in [
        "\nuse crate::http::Router;",
        "\nuse crate::{http, ldap::Dn};",
        "\nuse crate::{ldap::Dn, http::{self, Router}};",
        "\nuse super::super::http as web;",
        "\nfn f() -> crate::http::Router { todo() }",
        "\nfn f() { let _ = crate::http::router::<u8>(1); }",
        "\nfn f() { println!(\"{}\", crate::http::NAME); }",
        "\nfn f() { vec![(1, super::super::http::NAME)]; }",
        "\n#[derive(crate::http::Thing)] struct S;",
        "\nimpl From<crate::http::Error> for E {}",
        "\nmacro_rules! m { () => { $crate::http::x() } }",
        "\nmod inner { use super::super::super::http::Router; }",
        "\npub use crate::http::*;",
    ] {
        assert_eq!(check("src/service/users.rs", sample), expected, "{sample}");
    }
}

#[test]
fn uses_within_a_layer_and_of_what_it_may_use_pass() {
    for sample in [
        "use crate::ldap::Dn; use super::audit; use super::super::plan; use self::http::X; mod http {}",
        "use std::fmt; fn f() { ::http::Uri::default(); http::Uri::default(); }",
        "pub(in crate::service) fn f() {}",
        "#[cfg(test)] mod tests { use crate::lab::Slapd; }",
    ] {
        assert_eq!(check("src/service/users.rs", sample), [""; 0], "{sample}");
    }
    assert_eq!(check("src/cli/demo.rs", "use crate::{http, lab, entra}; use clap::Parser;"), [""; 0]);
    assert_eq!(check("src/main.rs", "use scim_ldap_bridge::cli;"), [""; 0]);
}

#[test]
fn a_laboratory_is_for_tests_only_and_the_whole_crate_for_nobody() {
    assert_eq!(check("src/http/listen.rs", "use crate::lab::Ca;"), ["src/http/listen.rs:1: 'http' may not use 'lab'"]);
    assert_eq!(check("src/http/tests.rs", "use crate::lab::Ca;"), [""; 0]);
    for sample in ["use crate::*;", "use crate as root;", "use super::*;", "use super::{self as root};"] {
        assert_eq!(check("src/app.rs", sample), ["src/app.rs:1: imports the whole crate"], "{sample}");
    }
}

#[test]
fn a_crate_is_named_in_its_own_folder_only() {
    assert_eq!(check("src/directory/conn/mod.rs", "use ldap3::Ldap;"), [""; 0]);
    assert_eq!(check("src/directory/conn.rs", "use ldap3::Ldap;"), [""; 0]);
    let pool = "fn f(_: ldap3::Ldap) {}";
    assert_eq!(
        check("src/directory/pool.rs", pool),
        ["src/directory/pool.rs:1: 'ldap3' may only be used in 'directory/conn'"]
    );
    let derived = "#[derive(clap::Parser)] struct Args;";
    assert_eq!(check("src/config/mod.rs", derived), ["src/config/mod.rs:1: 'clap' may only be used in 'cli'"]);
    assert_eq!(check("src/app.rs", "extern crate axum;"), ["src/app.rs:1: 'axum' may only be used in 'http'"]);
}
