//! `guichet-bench limits`: what the machine itself can do, as a yardstick for what servers do on
//! it: durable writes to a file and round trips over loopback, one at a time.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

/// Octets of one durable write: a page of the database and of the file system.
const BLOCK_OCTETS: usize = 4096;

/// Where and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct LimitsArgs {
    /// A folder on the disk to measure; a file is made in it and removed
    #[arg(long)]
    dir: PathBuf,
    /// Milliseconds for each figure
    #[arg(long, default_value_t = 1000)]
    millis: u64,
}

/// Figures per second.
#[derive(Debug, Serialize)]
struct Limits {
    durable_appends: f64,
    round_trips: f64,
    connections: f64,
}

/// Measures and prints.
pub(crate) fn run(args: &LimitsArgs) -> anyhow::Result<()> {
    let time = Duration::from_millis(args.millis);
    let server = echo()?;
    let limits = Limits {
        durable_appends: durable_appends(args, time).context("cannot write to the folder")?,
        round_trips: round_trips(server, time)?,
        connections: rate(time, || exchange(&mut TcpStream::connect(server)?))?,
    };
    println!("{}", serde_json::to_string(&limits)?);
    Ok(())
}

fn durable_appends(args: &LimitsArgs, time: Duration) -> io::Result<f64> {
    let path = args.dir.join(format!("guichet-bench-{}", std::process::id()));
    let mut file = OpenOptions::new().create_new(true).append(true).open(&path)?;
    let block = [0x5a; BLOCK_OCTETS];
    let measured = rate(time, || {
        file.write_all(&block)?;
        file.sync_data()
    });
    fs::remove_file(&path)?;
    measured
}

fn round_trips(server: SocketAddr, time: Duration) -> io::Result<f64> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    rate(time, || exchange(&mut stream))
}

/// Starts a server that sends back what it gets, for as long as the process lives.
fn echo() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut octets = [0; 64];
            // The client ends each connection; a failed read means just that.
            while stream.read_exact(&mut octets).is_ok() && stream.write_all(&octets).is_ok() {}
        }
    });
    Ok(address)
}

fn exchange(stream: &mut TcpStream) -> io::Result<()> {
    let mut octets = [7; 64];
    stream.write_all(&octets)?;
    stream.read_exact(&mut octets)
}

/// How often per second `work` can be done.
fn rate(time: Duration, mut work: impl FnMut() -> io::Result<()>) -> io::Result<f64> {
    let started = Instant::now();
    let mut done = 0_u32;
    while started.elapsed() < time {
        work()?;
        done += 1;
    }
    Ok(f64::from(done) / started.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_echo_answers_and_failures_end_a_measurement() {
        let server = echo().expect("loopback");
        assert!(round_trips(server, Duration::from_millis(5)).expect("it answers") > 0.0);
        let failing = rate(Duration::from_millis(5), || Err(io::Error::other("no")));
        assert!(failing.is_err());
    }
}
