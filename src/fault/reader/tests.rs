//! What a reader takes, and how it words what it refuses.

use std::path::Path;

use super::*;
use crate::fault::Places;

fn document(text: &str) -> Document {
    Document::parse(Path::new("/etc/b/f.toml"), text).unwrap()
}

fn faults(document: Document) -> Vec<String> {
    document.into_faults().iter().map(ToString::to_string).collect()
}

#[test]
fn takes_every_type() {
    let document = document(
        "s = \"x\"\nb = true\nn = 5\nd = \"200ms\"\nz = \"2KiB\"\np = \"tls/key.pem\"\nl = [\"a\", \"b\"]\no = \"on\"\n\
         [t]\nx = \"y\"\n[[many]]\na = \"1\"\n[[many]]\na = \"2\"\n",
    );
    let mut reader = document.reader();
    assert_eq!(reader.take_str("s").as_deref(), Some("x"));
    assert!(reader.bool_or("b", false));
    assert_eq!(reader.u64_or("n", 1, 1..=9), 5);
    assert_eq!(reader.duration_or("d", Duration::ZERO, Duration::ZERO..=Duration::MAX), Duration::from_millis(200));
    assert_eq!(reader.size_or("z", 1, 1..=4096), 2048);
    assert_eq!(reader.take_path("p"), Some("/etc/b/tls/key.pem".into()));
    assert_eq!(reader.strings("l"), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(reader.one_of("o", &[("on", 1), ("off", 0)]), Some(1));
    assert_eq!(reader.table("t").and_then(|mut t| t.take_str("x")).as_deref(), Some("y"));
    let many: Vec<_> = reader.table_list("many").iter_mut().filter_map(|t| t.take_str("a")).collect();
    assert_eq!(many, ["1", "2"]);
    assert_eq!(reader.u64_or("absent", 7, 1..=9), 7);
    reader.finish();
    assert_eq!(faults(document), [""; 0]);
}

#[test]
fn collects_all_faults_with_their_lines() {
    let document = document("n = 50\nd = \"5 weeks\"\no = \"of\"\ns = 3\nlisetn = \"x\"\nl = [\"a\", 1]\n");
    let mut reader = document.reader();
    reader.u64_or("n", 1, 1..=9);
    reader.duration_or("d", Duration::ZERO, Duration::ZERO..=Duration::from_secs(5));
    reader.one_of("o", &[("on", 1), ("off", 0)]);
    reader.take_str("s");
    reader.opt_str("listen");
    reader.strings("l");
    reader.take_path("absent");
    reader.finish();
    assert_eq!(
        faults(document),
        [
            "/etc/b/f.toml: `absent` is missing, expected a path",
            "/etc/b/f.toml:1: `n`: found `50`, expected a whole number from 1 to 9",
            "/etc/b/f.toml:2: `d`: found `5 weeks`, expected a duration from `0s` to `5s`\n  \
             hint: write a number and `ms`, `s`, `min`, `h` or `d`",
            "/etc/b/f.toml:3: `o`: found `of`, expected one of `on`, `off`\n  hint: did you mean `off`?",
            "/etc/b/f.toml:4: `s`: found a whole number, expected a string",
            "/etc/b/f.toml:5: `lisetn`: found an unknown key, expected one of `absent`, `d`, `l`, `listen`, `n`, `o`, \
             `s`\n  hint: did you mean `listen`?",
            "/etc/b/f.toml:6: `l[1]`: found a whole number, expected a string",
        ]
    );
}

#[test]
fn a_missing_key_is_at_its_table() {
    let document = document("\n[endpoint.hr]\npath = \"/x\"\n");
    let mut reader = document.reader();
    for (name, mut table) in reader.tables("endpoint") {
        assert_eq!((name.as_str(), table.path()), ("hr", "endpoint.hr"));
        table.opt_str("path");
        table.take_str("base");
        table.finish();
    }
    assert_eq!(faults(document), ["/etc/b/f.toml:2: `endpoint.hr.base` is missing, expected a string"]);
}

#[test]
fn named_tables_keep_the_order_of_the_file() {
    let document = document("[x.b]\n[x.a]\n[x.\"c.d\"]\n");
    let names: Vec<_> = document.reader().tables("x").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["b", "a", "c.d"]);
}

#[test]
fn environment_text_becomes_what_the_key_wants() {
    let mut places = Places::default();
    let mut table = toml::Table::new();
    for (key, value) in [("s", "0389"), ("n", "12"), ("b", "true"), ("l", "a, b"), ("m", "a,b\n c\n"), ("bad", "x")] {
        places.set_environment(key, format!("PREFIX_{}", key.to_uppercase()));
        table.insert(key.to_owned(), Value::String(value.to_owned()));
    }
    let document = Document::merged(Path::new("f.toml"), table, places);
    let mut reader = document.reader();
    assert_eq!(reader.take_str("s").as_deref(), Some("0389"));
    assert_eq!(reader.opt_u64("n", 0..=99), Some(12));
    assert_eq!(reader.opt_bool("b"), Some(true));
    assert_eq!(reader.strings("l"), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(reader.lines("m"), Some(vec!["a,b".to_owned(), "c".to_owned()]));
    reader.opt_u64("bad", 0..=99);
    assert_eq!(
        faults(document),
        ["environment variable PREFIX_BAD: `bad`: found `x`, expected a whole number from 0 to 99"]
    );
}

#[test]
fn text_in_a_file_does_not_become_a_number() {
    let document = document("n = \"5\"\nb = \"true\"\n");
    let mut reader = document.reader();
    assert_eq!((reader.opt_u64("n", 0..=9), reader.opt_bool("b")), (None, None));
    assert_eq!(faults(document).len(), 2);
}
