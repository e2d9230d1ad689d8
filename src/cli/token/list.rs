//! The table that `token list` prints.

use jiff::Timestamp;

use crate::http::token::{Token, TokenSet};

/// One line a token, columns aligned.
pub(super) fn table(set: &TokenSet, now: Timestamp) -> String {
    let header = ["NAME", "ENDPOINT", "ALLOWS", "CREATED", "EXPIRES", "DESCRIPTION"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(header).chain(set.list().iter().map(|token| row(token, now))).collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String; 6], widths: &[usize; 6]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
    format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
}

fn row(token: &Token, now: Timestamp) -> [String; 6] {
    let day = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
    let expired = if token.expired(now) { " (expired)" } else { "" };
    [
        token.name.to_string(),
        token.endpoint.clone(),
        token.allow.to_string(),
        day(token.created),
        format!("{}{expired}", day(token.expires)),
        one_line(token.description.as_deref().unwrap_or_default()),
    ]
}

/// A text that stays in its row.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::token::{Allow, NewToken, TokenName, TokenText};

    #[test]
    fn columns_are_aligned_and_hashes_are_not_shown() {
        let mut set = TokenSet::default();
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        for (name, expires) in [("entra-hr", None), ("old", Some(now))] {
            let name = TokenName::new(name).unwrap();
            let description = Some("by\nhand".to_owned());
            let new = NewToken { name, endpoint: "hr".to_owned(), allow: Allow::Write, description, expires };
            set.add(new, &TokenText::generate().unwrap(), now).unwrap();
        }
        assert_eq!(
            table(&set, now),
            "NAME      ENDPOINT  ALLOWS  CREATED     EXPIRES               DESCRIPTION\n\
             entra-hr  hr        write   2026-11-22  -                     by hand\n\
             old       hr        write   2026-11-22  2026-11-22 (expired)  by hand\n"
        );
    }
}
