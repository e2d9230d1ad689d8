//! Turns a panic inside a future into a value: the LDAP library panics on octets that it does not expect, in its
//! driver and in the task that reads a result.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that ends with the panic's message when the one inside panics.
pub(super) struct Guard<F>(Pin<Box<F>>);

impl<F: Future> Guard<F> {
    /// Guards a future. What it holds is dropped after a panic, so that nothing half-changed is seen.
    pub(super) fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<F: Future> Future for Guard<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(message(payload.as_ref()))),
        }
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_value() {
        let failing = async {
            tokio::task::yield_now().await;
            Vec::<u8>::new().pop().expect("octet")
        };
        assert_eq!(Guard::new(failing).await, Err("octet".to_owned()));
        assert_eq!(Guard::new(async { 1 }).await, Ok(1));
    }
}
