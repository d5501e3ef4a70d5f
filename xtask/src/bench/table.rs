//! The tables: medians over the repeats, the spread beside them, ratios and aims.

use super::case::{Case, Kind, Outcome};
use super::server::Server;

/// Prints the names of the columns.
pub(super) fn print_heading(servers: &[Server]) {
    println!("\nMessages per second, median (lowest-highest); ratio of the medians");
    print!("{:<62}", "");
    for server in servers {
        print!("{:>30}", server.product.name());
    }
    println!("{:>8}  aim", "ratio");
}

/// Prints the rows of a case. `measured` has a list for each server, ours first.
pub(super) fn print_case(case: &Case, measured: &[Vec<Outcome>]) {
    let word = if case.kind == Kind::Refusal { "refused" } else { "accepted" };
    let title = format!("{}: {word}", case.title());
    print_row(&title, measured, case.aim, |outcome| outcome.answered_per_second);
    if case.kind == Kind::Submission && case.per_connection.is_none() {
        let aim = case.readable_aim;
        print_row("  readable", measured, aim, |outcome| outcome.readable_per_second);
    }
    let side = |outcomes: &Vec<Outcome>| {
        format!(
            "{:.2} / {:.2} ms, {:.2} s",
            median(outcomes, |outcome| outcome.median_ms),
            median(outcomes, |outcome| outcome.p99_ms),
            median(outcomes, |outcome| outcome.cpu_seconds_per_1000)
        )
    };
    print!("{:<62}", "  latency 50th / 99th, CPU for 1,000");
    for outcomes in measured {
        print!("{:>30}", side(outcomes));
    }
    println!();
}

fn print_row(
    title: &str,
    measured: &[Vec<Outcome>],
    aim: Option<f64>,
    figure: impl Fn(&Outcome) -> f64 + Copy,
) {
    print!("{title:<62}");
    for outcomes in measured {
        let (low, high) = spread(outcomes, figure);
        let text = format!("{:.0} ({low:.0}-{high:.0})", median(outcomes, figure));
        print!("{text:>30}");
    }
    if let [ours, theirs] = measured {
        let ratio = median(ours, figure) / median(theirs, figure);
        let aim = aim.map_or_else(String::new, |aim| {
            format!("  {aim:.0} {}", if ratio >= aim { "reached" } else { "missed" })
        });
        print!("{ratio:>8.1}{aim}");
    }
    println!();
}

fn median(outcomes: &[Outcome], figure: impl Fn(&Outcome) -> f64) -> f64 {
    let mut figures: Vec<f64> = outcomes.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(outcomes: &[Outcome], figure: impl Fn(&Outcome) -> f64) -> (f64, f64) {
    let figures = outcomes.iter().map(figure);
    figures.fold((f64::INFINITY, 0.0), |(low, high), figure| (low.min(figure), high.max(figure)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disturbed_repeat_does_not_move_the_median() {
        let outcomes: Vec<Outcome> = [90.0, 2.0, 100.0]
            .into_iter()
            .map(|rate| Outcome {
                answered_per_second: rate,
                readable_per_second: rate,
                median_ms: 1.0,
                p99_ms: 1.0,
                cpu_seconds_per_1000: 1.0,
            })
            .collect();
        assert_eq!(median(&outcomes, |outcome| outcome.answered_per_second), 90.0);
        assert_eq!(spread(&outcomes, |outcome| outcome.answered_per_second), (2.0, 100.0));
    }
}
