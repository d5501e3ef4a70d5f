//! Memory and processor time of servers, as the load client reads them.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result};

use super::program::Programs;
use super::server::{Product, Server};

/// How long a server is left alone before its idle memory is read.
const SETTLE_PAUSE: Duration = Duration::from_secs(2);
/// What a new server should not exceed, in MiB.
const IDLE_MIB_AIM: f64 = 25.0;
/// KiB in a MiB.
const KIB_PER_MIB: f64 = 1024.0;

/// What the processes of a server use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Usage {
    resident_mib: f64,
    proportional_mib: f64,
    processes: u64,
    pub(super) cpu_seconds: f64,
}

impl Usage {
    /// What it uses of the memory, with shared pages counted in part.
    pub(super) fn proportional_mib(&self) -> f64 {
        self.proportional_mib
    }

    /// The usage of some processes and all below them, now.
    pub(super) fn of(programs: &Programs, processes: &[String]) -> Result<Usage> {
        let mut arguments = vec!["process"];
        for process in processes {
            arguments.extend(["--pid", process]);
        }
        let printed = programs.bench(&arguments)?;
        let number = |name: &str| printed[name].as_f64().with_context(|| format!("no `{name}`"));
        Ok(Usage {
            resident_mib: number("resident_kib")? / KIB_PER_MIB,
            proportional_mib: number("proportional_kib")? / KIB_PER_MIB,
            processes: printed["processes"].as_u64().unwrap_or_default(),
            cpu_seconds: number("cpu_seconds")?,
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resident, proportional) = (self.resident_mib, self.proportional_mib);
        write!(form, "{resident:.1} ({proportional:.1}) in {} processes", self.processes)
    }
}

/// What each server uses now.
pub(super) fn of_all(programs: &Programs, servers: &[Server]) -> Result<Vec<Usage>> {
    std::thread::sleep(SETTLE_PAUSE);
    servers.iter().map(|server| Usage::of(programs, &server.processes()?)).collect()
}

/// Prints the memory of a server as `guichet init` makes it.
pub(super) fn of_a_new_server(programs: &Programs) -> Result<()> {
    let server = Server::start_as(Product::Guichet, programs, "init")?;
    std::thread::sleep(SETTLE_PAUSE);
    let usage = Usage::of(programs, &server.processes()?)?;
    let is_reached = usage.resident_mib <= IDLE_MIB_AIM;
    println!(
        "Guichet after `init` and `serve`, idle: resident {:.1} MiB \
         (aim: at most {IDLE_MIB_AIM:.0}: {})",
        usage.resident_mib,
        if is_reached { "reached" } else { "missed" }
    );
    Ok(())
}
