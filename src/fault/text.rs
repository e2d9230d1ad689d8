//! Durations and sizes as an administrator writes them, and the nearest known name to a misspelt one.

use std::time::Duration;

/// Units of time, largest first; `m` and `min` are both minutes.
const TIMES: &[(&str, u64)] =
    &[("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Units of size, largest first.
const SIZES: &[(&str, u64)] = &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads `200ms`, `5s`, `15min`, `2h` or `365d`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    parse(text, TIMES).map(Duration::from_millis)
}

/// Writes a duration so that [`parse_duration`] reads the same one (to the millisecond).
pub fn show_duration(duration: Duration) -> String {
    show(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), TIMES, "s")
}

/// Reads `512KiB`, `1MiB`, `64B` or a bare number of bytes.
pub fn parse_size(text: &str) -> Option<u64> {
    text.trim().parse().ok().or_else(|| parse(text, SIZES))
}

/// Writes a size so that [`parse_size`] reads the same one.
pub fn show_size(size: u64) -> String {
    show(size, SIZES, "B")
}

/// The number in front times the unit behind it.
fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// The largest unit that divides the number without a rest.
fn show(number: u64, units: &[(&str, u64)], zero: &str) -> String {
    if number == 0 {
        return format!("0{zero}");
    }
    let fitting = units.iter().find(|(_, factor)| number.is_multiple_of(*factor));
    fitting.map_or_else(|| number.to_string(), |(name, factor)| format!("{}{name}", number / factor))
}

/// The known name that is most like `name`, when one is near enough to be what was meant.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (name.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|candidate| (distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, left out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back() {
        for (text, millis) in [("200ms", 200), ("5s", 5_000), ("15min", 900_000), ("2h", 7_200_000), ("0s", 0)] {
            let duration = parse_duration(text);
            assert_eq!(duration, Some(Duration::from_millis(millis)), "{text}");
            assert_eq!(duration.map(show_duration).as_deref(), Some(text));
        }
        assert_eq!(parse_duration("15m"), parse_duration("15min"));
        assert_eq!(parse_duration("3 s"), Some(Duration::from_secs(3)));
        for text in ["", "5", "s", "-5s", "1.5s", "5 parsecs", "99999999999999999999s", "999999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_read_back() {
        for (text, size) in [("1MiB", 1 << 20), ("512KiB", 1 << 19), ("7B", 7), ("0B", 0), ("2GiB", 2 << 30)] {
            assert_eq!(parse_size(text), Some(size), "{text}");
            assert_eq!(show_size(size), text);
        }
        assert_eq!(parse_size("100"), Some(100));
        assert_eq!(parse_size("1MB"), None);
    }

    #[test]
    fn finds_what_was_meant() {
        let known = ["listen", "certificate", "private_key", "base"];
        assert_eq!(nearest("lisetn", known), Some("listen"));
        assert_eq!(nearest("Certifcate", known), Some("certificate"));
        assert_eq!(nearest("bsae", known), Some("base"));
        assert_eq!(nearest("weather", known), None);
        assert_eq!(nearest("", known), None);
    }
}
