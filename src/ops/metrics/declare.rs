//! Declares metrics in a registry and keeps the list of what was declared.

use prometheus::core::Collector;
use prometheus::{Counter, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};

/// What the name of every metric of our own starts with.
const PREFIX: &str = "scim_ldap_bridge_";

/// One declared metric, as `docs/metrics.md` lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// The full name.
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// The label names.
    pub labels: Vec<&'static str>,
    /// What it means.
    pub help: &'static str,
}

/// A registry under construction.
#[derive(Default)]
pub(super) struct Declare {
    pub(super) registry: Registry,
    pub(super) catalog: Vec<Declared>,
}

impl Declare {
    pub(super) fn counter(&mut self, name: &str, labels: &[&'static str], help: &'static str) -> IntCounterVec {
        let opts = self.opts("counter", name, labels, help);
        let family = self.register(IntCounterVec::new(opts, labels));
        if labels.is_empty() {
            family.with_label_values::<&str>(&[]);
        }
        family
    }

    pub(super) fn gauge(&mut self, name: &str, labels: &[&'static str], help: &'static str) -> IntGaugeVec {
        let opts = self.opts("gauge", name, labels, help);
        self.register(IntGaugeVec::new(opts, labels))
    }

    pub(super) fn time(&mut self, name: &str, labels: &[&'static str], help: &'static str) -> GaugeVec {
        let opts = self.opts("gauge", name, labels, help);
        self.register(GaugeVec::new(opts, labels))
    }

    pub(super) fn histogram(
        &mut self,
        name: &str,
        labels: &[&'static str],
        buckets: &[f64],
        help: &'static str,
    ) -> HistogramVec {
        let opts = self.opts("histogram", name, labels, help);
        self.register(HistogramVec::new(HistogramOpts::from(opts).buckets(buckets.to_vec()), labels))
    }

    /// A counter under a name that all programs share.
    pub(super) fn shared_counter(&mut self, name: &str, help: &'static str) -> Counter {
        let opts = self.list("counter", name.to_owned(), &[], help);
        self.register(Counter::with_opts(opts))
    }

    /// A gauge under a name that all programs share.
    pub(super) fn shared_gauge(&mut self, name: &str, help: &'static str) -> Gauge {
        let opts = self.list("gauge", name.to_owned(), &[], help);
        self.register(Gauge::with_opts(opts))
    }

    fn opts(&mut self, kind: &'static str, name: &str, labels: &[&'static str], help: &'static str) -> Opts {
        self.list(kind, format!("{PREFIX}{name}"), labels, help)
    }

    fn list(&mut self, kind: &'static str, name: String, labels: &[&'static str], help: &'static str) -> Opts {
        self.catalog.push(Declared { name: name.clone(), kind, labels: labels.to_vec(), help });
        Opts::new(name, help)
    }

    /// A wrong or doubled declaration is a mistake in this program, which every test that makes metrics would find.
    fn register<C: Collector + Clone + 'static>(&self, family: prometheus::Result<C>) -> C {
        let family = family.expect("metric declarations are well formed");
        self.registry.register(Box::new(family.clone())).expect("metric names are declared once");
        family
    }
}
