//! `guichet-bench process`: memory and CPU time of processes with all their descendants, read from
//! `/proc` (Linux only).

use std::collections::{HashMap, HashSet};
use std::fs;

use anyhow::ensure;
use serde::Serialize;

/// Linux counts CPU time in hundredths of a second towards programs, whatever its own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Which processes.
#[derive(Debug, clap::Args)]
pub(crate) struct ProcessArgs {
    /// A process at the root of a tree; several trees are added up
    #[arg(long = "pid", required = true)]
    roots: Vec<u32>,
}

/// What they use.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Usage {
    processes: usize,
    /// Resident memory, shared pages counted once for each process.
    resident_kib: u64,
    /// Resident memory, shared pages divided among those that share them.
    proportional_kib: u64,
    /// User and system time, that of descendants that ended included.
    cpu_seconds: f64,
}

/// Prints the usage.
pub(crate) fn run(args: &ProcessArgs) -> anyhow::Result<()> {
    let mut usage = Usage::default();
    for process in tree(&args.roots) {
        // A process may end between the two looks at it.
        let Ok(memory) = fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        usage.processes += 1;
        usage.resident_kib += kib(&memory, "Rss:");
        usage.proportional_kib += kib(&memory, "Pss:");
        usage.cpu_seconds += cpu_seconds(&stat);
    }
    ensure!(usage.processes > 0, "none of the processes {:?} is there", args.roots);
    println!("{}", serde_json::to_string(&usage)?);
    Ok(())
}

/// The roots and everything below them.
fn tree(roots: &[u32]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        if let Some(parent) = fields(&stat).get(1).and_then(|parent| parent.parse().ok()) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut found = HashSet::new();
    let mut waiting = roots.to_vec();
    while let Some(process) = waiting.pop() {
        if found.insert(process) {
            waiting.extend(children.get(&process).into_iter().flatten());
        }
    }
    found.into_iter().collect()
}

/// The fields behind the name in brackets, which may itself hold brackets: state, parent, ...
fn fields(stat: &str) -> Vec<&str> {
    stat.rsplit_once(')').map_or_else(Vec::new, |(_, rest)| rest.split_whitespace().collect())
}

/// utime, stime, cutime and cstime.
fn cpu_seconds(stat: &str) -> f64 {
    let ticks = fields(stat).into_iter().skip(11).take(4);
    ticks.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() as f64 / TICKS_PER_SECOND
}

fn kib(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b) S 3 7 7 0 -1 4194304 1 2 0 0 150 50 20 10 20 0 1 0 99";
        assert_eq!(fields(stat)[1], "3");
        assert!((cpu_seconds(stat) - 2.3).abs() < f64::EPSILON);
    }

    #[test]
    fn memory_is_read_by_its_key() {
        let text = "Rss:                1234 kB\nPss:                 567 kB\n";
        assert_eq!((kib(text, "Rss:"), kib(text, "Pss:"), kib(text, "Swap:")), (1234, 567, 0));
    }

    #[test]
    fn this_process_is_in_its_own_tree() {
        assert!(tree(&[std::process::id()]).contains(&std::process::id()));
    }
}
