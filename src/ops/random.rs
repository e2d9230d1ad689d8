//! The only place that draws the randomness of requests.

/// Octets that nobody can foresee.
///
/// # Panics
///
/// When the system has none to give, as it has from soon after its start.
pub fn octets<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).expect("the system gives random octets");
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_draw_is_like_another() {
        assert_ne!(octets::<32>(), octets::<32>());
    }
}
