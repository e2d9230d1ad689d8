//! What the kernel says of this process, under the names that Prometheus' client libraries agree on.

use std::fs;
use std::sync::{Mutex, PoisonError};

use prometheus::{Counter, Gauge};
use rustix::param::{clock_ticks_per_second, page_size};

use super::declare::Declare;

/// All but the start is read anew for each scrape. What cannot be read keeps the value it had.
pub(super) struct Process {
    cpu: Mutex<Counter>,
    memory: Gauge,
    files: Gauge,
    /// When the process started, in seconds since 1970. Told by whoever starts it: where `/proc` is reduced to processes,
    /// the boot time that the kernel counts from is hidden.
    pub(super) start: Gauge,
}

impl Process {
    pub(super) fn declare(d: &mut Declare) -> Self {
        Self {
            cpu: Mutex::new(d.shared_counter("process_cpu_seconds_total", "CPU time used, user and system")),
            memory: d.shared_gauge("process_resident_memory_bytes", "memory in use that is not swapped out"),
            files: d.shared_gauge("process_open_fds", "file descriptors open, sockets included"),
            start: d.shared_gauge("process_start_time_seconds", "when the process started, in seconds since 1970"),
        }
    }

    /// Takes over what holds now.
    pub(super) fn refresh(&self) {
        let ticks = clock_ticks_per_second() as f64;
        if let Some(stat) = fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(Stat::parse) {
            // one reader at a time: two would both add what is new since the last scrape
            let cpu = self.cpu.lock().unwrap_or_else(PoisonError::into_inner);
            cpu.inc_by((stat.cpu_ticks as f64 / ticks - cpu.get()).max(0.0));
            self.memory.set((stat.resident_pages * page_size() as u64) as f64);
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            self.files.set(open.count().saturating_sub(1) as f64); // one is the folder that is being read
        }
    }
}

/// The fields of `/proc/[pid]/stat` that are of use here, see proc_pid_stat(5).
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_ticks: u64,
    resident_pages: u64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // the second field is the name of the executable, which may hold spaces and parentheses
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self { cpu_ticks: field(14)? + field(15)?, resident_pages: field(24)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let text = "7 (a) b (c)) S 1 7 7 0 -1 4194304 10 0 0 0 250 50 0 0 20 0 4 0 12345 1000000 512 184467 1 1 0\n";
        assert_eq!(Stat::parse(text), Some(Stat { cpu_ticks: 300, resident_pages: 512 }));
        assert_eq!(Stat::parse("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_has_sensible_values() {
        let mut declare = Declare::default();
        let process = Process::declare(&mut declare);
        let end = std::time::Instant::now() + std::time::Duration::from_millis(50);
        while std::time::Instant::now() < end {} // uses CPU time that can be seen
        process.refresh();
        let cpu = process.cpu.lock().unwrap().get();
        assert!(cpu > 0.0 && cpu < 3600.0, "{cpu}");
        assert!((1e6..1e10).contains(&process.memory.get()), "{}", process.memory.get());
        assert!((3.0..1e5).contains(&process.files.get()), "{}", process.files.get());
        process.refresh();
        assert!(process.cpu.lock().unwrap().get() >= cpu);
    }
}
