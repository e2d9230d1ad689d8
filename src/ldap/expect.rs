//! Which answers to a write count as success.

use super::ResultCode;

/// The result codes that a step of a plan takes as success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect(Vec<ResultCode>);

impl Expect {
    /// Only success is success.
    pub fn success() -> Self {
        Self(vec![ResultCode::Success])
    }

    /// This code is fine too.
    pub fn or(mut self, code: ResultCode) -> Self {
        if !self.accepts(code) {
            self.0.push(code);
        }
        self
    }

    /// Whether a code counts as success.
    pub fn accepts(&self, code: ResultCode) -> bool {
        self.0.contains(&code)
    }

    /// The accepted codes.
    pub fn codes(&self) -> &[ResultCode] {
        &self.0
    }
}

impl Default for Expect {
    fn default() -> Self {
        Self::success()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_codes_are_accepted() {
        let expect = Expect::success().or(ResultCode::NoSuchObject).or(ResultCode::Success);
        assert!(expect.accepts(ResultCode::Success) && expect.accepts(ResultCode::NoSuchObject));
        assert!(!expect.accepts(ResultCode::Busy));
        assert_eq!(expect.codes().len(), 2);
    }
}
