//! `cargo xtask bench smtp` and `imap`: Guichet and Debian's Postfix with Dovecot, measured side by
//! side.
//!
//! Absolute figures say more about the machine than about a server, so both servers run on it in
//! the same minutes, take turns, and are told as ratios of medians. Every message that a server
//! accepted has to be found in a mailbox afterwards, or the run fails: a server that is fast
//! because it loses mail wins nothing. What is measured stands in `plan`, how a server is set up
//! in `tests/peers`, the load client in `crates/bench`.

mod case;
mod directory;
mod growth;
mod imap;
mod memory;
mod plan;
mod program;
mod server;
mod table;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::repository;
use case::Case;
use plan::Plan;
use program::Programs;
use server::{Product, Server};

const USAGE: &str = "\
cargo xtask bench smtp [--quick] [--growth] [--peers postfix|none] [--program FILE]
cargo xtask bench imap [--quick] [--cost] [--peers postfix|none] [--program FILE]

  --quick          one short repeat of the cases that say most (about a minute)
  --growth         instead: the rate while the store grows from 0 to 200,000 messages
  --cost           instead: what opening, listing and searching cost in folders of 10,000,
                   100,000 and 1,000,000 messages (with --quick not the last)
  --peers none     only Guichet; the default is postfix, which needs root and Debian
  --program FILE   measure this build of guichet instead of building one";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    is_imap: bool,
    is_cost: bool,
    is_quick: bool,
    is_growth: bool,
    is_alone: bool,
    program: Option<PathBuf>,
}

/// Runs the benchmark that the arguments name.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some((first, rest)) = arguments.split_first()
        && first == "directory"
    {
        return directory::run(rest);
    }
    let asked = read(arguments)?;
    let programs = Programs::build(asked.program.as_deref())?;
    print_machine(&programs)?;
    if asked.is_cost {
        return imap::cost(&programs, asked.is_quick);
    }
    if asked.is_growth {
        return growth::run(&programs);
    }
    let plan = if asked.is_quick { Plan::quick() } else { Plan::full() };
    let products: &[Product] = if asked.is_alone { &[Product::Guichet] } else { &Product::ALL };
    if asked.is_imap {
        return imap::compare(&programs, products, asked.is_quick);
    }
    memory::of_a_new_server(&programs)?;
    let servers = products.iter().map(|product| Server::start(*product, &programs));
    let servers: Vec<Server> = servers.collect::<Result<_>>()?;
    let idle = memory::of_all(&programs, &servers)?;
    table::print_heading(&servers);
    for case in &plan.cases {
        let measured = measure(case, &plan, &servers, &programs)?;
        table::print_case(case, &measured);
    }
    println!("\nMemory, resident (proportional) MiB");
    for ((server, idle), busy) in servers.iter().zip(idle).zip(memory::of_all(&programs, &servers)?)
    {
        println!("  {:<18} idle {idle}, after the load {busy}", server.product.name());
    }
    Ok(())
}

/// All repeats of a case on all servers, taking turns; one list of outcomes for each server.
fn measure(
    case: &Case,
    plan: &Plan,
    servers: &[Server],
    programs: &Programs,
) -> Result<Vec<Vec<case::Outcome>>> {
    let mut measured: Vec<Vec<case::Outcome>> = servers.iter().map(|_| Vec::new()).collect();
    for repeat in 0..plan.repeats {
        for turn in 0..servers.len() {
            // Who goes first changes too.
            let at = (turn + repeat) % servers.len();
            let outcome = case
                .run(&servers[at], programs, plan.millis)
                .with_context(|| format!("{} on {}", case.title(), servers[at].product.name()))?;
            measured[at].push(outcome);
        }
    }
    Ok(measured)
}

fn read(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked::default();
    let mut words = arguments.iter().map(String::as_str);
    asked.is_imap = match words.next() {
        Some("imap") => true,
        Some("smtp") => false,
        _ => bail!("{USAGE}"),
    };
    while let Some(word) = words.next() {
        match word {
            "--quick" => asked.is_quick = true,
            "--cost" if asked.is_imap => asked.is_cost = true,
            "--growth" if !asked.is_imap => asked.is_growth = true,
            "--peers" => match words.next() {
                Some("none") => asked.is_alone = true,
                Some("postfix") => asked.is_alone = false,
                _ => bail!("--peers takes postfix or none\n\n{USAGE}"),
            },
            "--program" => match words.next() {
                Some(file) => asked.program = Some(PathBuf::from(file)),
                None => bail!("--program takes a file\n\n{USAGE}"),
            },
            _ => bail!("`{word}` is not understood\n\n{USAGE}"),
        }
    }
    Ok(asked)
}

fn print_machine(programs: &Programs) -> Result<()> {
    let dir = std::env::temp_dir();
    let dir = dir.to_str().context("the folder for temporary files has an unreadable name")?;
    let limits = programs.bench(&["limits", "--dir", dir])?;
    let figure = |name: &str| limits[name].as_f64().unwrap_or_default();
    let load = repository::output_of("cat", &["/proc/loadavg"])?;
    println!(
        "This machine: {} processors, load {}; per second {:.0} durable 4 KiB appends, \
         {:.0} loopback round trips, {:.0} with a connection each",
        std::thread::available_parallelism()?,
        load.split_whitespace().next().unwrap_or("unknown"),
        figure("durable_appends"),
        figure("round_trips"),
        figure("connections"),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Result<Asked> {
        read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_command_line_is_read() {
        let expected = Asked { is_quick: true, is_alone: true, ..Asked::default() };
        assert_eq!(asked(&["smtp", "--quick", "--peers", "none"]).expect("right"), expected);
        for wrong in [
            &["jmap"][..],
            &["imap", "--growth"],
            &["smtp", "--fast"],
            &["smtp", "--peers", "exim"],
            &[],
        ] {
            assert!(asked(wrong).is_err(), "{wrong:?}");
        }
    }
}
