//! Charts, drawn on the server as SVG: no script, colours by the style sheet's classes, every
//! value in a title that is read out and in the table beside it.
//!
//! [`bars`] stand over days, several series on top of each other; [`levels`] lie beside their
//! names. Series differ in lightness and in their outline, so that they are apart in print and for
//! whoever does not see colours.

use std::fmt::Write as _;

use crate::escape::escaped;

/// The drawing, in units of its own: it is scaled to the page.
const WIDTH: u64 = 720;
const HEIGHT: u64 = 220;
/// Room for the numbers on the left and the days below.
const LEFT: u64 = 48;
const BOTTOM: u64 = 28;
const TOP: u64 = 8;
/// A day's width at most.
const STEP_MAX: u64 = 48;
/// Days that are named below.
const NAMES_MAX: usize = 8;
/// Series that can be told apart; what is beyond is drawn like the last.
pub(super) const SERIES_MAX: usize = 6;

/// Values of one kind, one a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) values: Vec<u64>,
}

/// What a chart says beside its bars.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    /// For the page's own references; letters and hyphens.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    /// The chart in a sentence, for whoever does not see it.
    pub(super) summary: &'a str,
}

/// Bars over days. All series have a value for each day.
pub(super) fn bars(words: Words<'_>, days: &[String], series: &[Series]) -> String {
    let sums: Vec<u64> = (0..days.len())
        .map(|day| series.iter().filter_map(|of| of.values.get(day)).sum())
        .collect();
    let top = nice_top(sums.iter().copied().max().unwrap_or(0));
    let mut svg = begin(words, "chart", (WIDTH, HEIGHT));
    axis(&mut svg, top);
    let plot = WIDTH - LEFT;
    let step = plot / u64::try_from(days.len().max(1)).unwrap_or(plot).max(1);
    let step = step.clamp(2, STEP_MAX);
    let each = (days.len().div_ceil(NAMES_MAX)).max(1);
    for (day, name) in days.iter().enumerate() {
        let x = LEFT + u64::try_from(day).unwrap_or_default() * step;
        let mut y = HEIGHT - BOTTOM;
        for (place, of) in series.iter().enumerate() {
            let value = of.values.get(day).copied().unwrap_or_default();
            if value == 0 {
                continue;
            }
            let height = scaled(value, top);
            y = y.saturating_sub(height);
            // Writing to a String cannot fail, here and below.
            let _ = write!(
                svg,
                "<rect class=\"series-{}\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\">\
                 <title>{}: {} {value}</title></rect>",
                place.min(SERIES_MAX - 1),
                (step - step / 4).max(1),
                escaped(name),
                escaped(&of.name)
            );
        }
        if day % each == 0 {
            let _ = write!(
                svg,
                "<text class=\"axis\" x=\"{x}\" y=\"{}\">{}</text>",
                HEIGHT - 8,
                escaped(short(name))
            );
        }
    }
    svg.push_str("</svg>");
    legend(&mut svg, series);
    svg
}

/// Lines at quarters of the top, with their values.
fn axis(svg: &mut String, top: u64) {
    for quarter in 0..=4u64 {
        let y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * quarter / 4;
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>\
             <text class=\"axis end\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 6,
            y + 4,
            top * quarter / 4
        );
    }
}

/// Bars that lie beside their names, one a line.
pub(super) fn levels(words: Words<'_>, values: &[(String, u64)]) -> String {
    const LINE: u64 = 28;
    const NAMES: u64 = 180;
    const NUMBERS: u64 = 60;
    const WIDTH: u64 = 480;
    let height = LINE * u64::try_from(values.len().max(1)).unwrap_or(1);
    let most = values.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
    let mut svg = begin(words, "chart levels", (WIDTH, height));
    for (place, (name, value)) in values.iter().enumerate() {
        let y = LINE * u64::try_from(place).unwrap_or_default();
        let plot = u128::from(WIDTH - NAMES - NUMBERS);
        let width = u64::try_from(u128::from(*value) * plot / u128::from(most)).unwrap_or(0);
        let width = if *value > 0 { width.max(1) } else { 0 };
        let name = escaped(name);
        let _ = write!(
            svg,
            "<text class=\"name end\" x=\"{}\" y=\"{}\">{name}</text>\
             <rect class=\"series-0\" x=\"{NAMES}\" y=\"{}\" width=\"{width}\" height=\"{}\">\
             <title>{name}: {value}</title></rect>\
             <text class=\"name\" x=\"{}\" y=\"{}\">{value}</text>",
            NAMES - 8,
            y + LINE / 2 + 5,
            y + 4,
            LINE - 8,
            NAMES + width + 6,
            y + LINE / 2 + 5,
        );
    }
    svg.push_str("</svg>");
    svg
}

/// The drawing's beginning, with what is read out.
fn begin(words: Words<'_>, class: &str, (width, height): (u64, u64)) -> String {
    let Words { id, title, summary } = words;
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{}</title>\
         <desc id=\"{id}-desc\">{}</desc>",
        escaped(title),
        escaped(summary)
    )
}

fn legend(svg: &mut String, series: &[Series]) {
    if series.len() < 2 {
        return;
    }
    svg.push_str("<ul class=\"legend\">");
    for (place, of) in series.iter().enumerate() {
        let place = place.min(SERIES_MAX - 1);
        let _ = write!(
            svg,
            "<li><svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">\
             <rect class=\"series-{place}\" width=\"10\" height=\"10\"/></svg> {}</li>",
            escaped(&of.name)
        );
    }
    svg.push_str("</ul>");
}

/// The month and day of a date.
fn short(date: &str) -> &str {
    date.split_once('-').map_or(date, |(_, rest)| rest)
}

/// Never nothing for something, and never beyond the plot.
fn scaled(value: u64, top: u64) -> u64 {
    let plot = u128::from(HEIGHT - BOTTOM - TOP);
    let height = u128::from(value) * plot / u128::from(top.max(1));
    u64::try_from(height.clamp(1, plot)).unwrap_or(1)
}

/// The least number of the form 4, 8 or 20 times a power of ten that is not below a value: its
/// quarters are whole.
fn nice_top(value: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for digit in [4, 8, 20] {
            let top = unit.saturating_mul(digit);
            if top >= value {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, Series, Words, bars, nice_top, scaled};

    const WORDS: Words<'_> = Words { id: "x", title: "A & B", summary: "<two>" };

    #[test]
    fn the_top_is_a_number_that_people_count_in() {
        let tops = [(0, 4), (1, 4), (4, 4), (5, 8), (9, 20), (21, 40), (41, 80), (100, 200)];
        for (value, top) in tops {
            assert_eq!(nice_top(value), top, "{value}");
        }
        assert!(nice_top(u64::MAX) == u64::MAX);
    }

    #[test]
    fn one_message_among_millions_is_still_seen() {
        assert_eq!(scaled(1, 8_000_000), 1);
        assert!(scaled(u64::MAX, u64::MAX) < HEIGHT);
        assert!(scaled(5, 1) < HEIGHT, "no bar leaves the chart");
    }

    #[test]
    fn names_are_text_and_every_value_can_be_read_out() {
        let days = ["2026-11-22".to_owned(), "2026-11-23".to_owned()];
        let series = [
            Series { name: "<sent>".to_owned(), values: vec![3, 0] },
            Series { name: "received".to_owned(), values: vec![1, 2] },
        ];
        let svg = bars(WORDS, &days, &series);
        assert_eq!(svg.matches("<rect class=\"series-0\" x").count(), 1, "nothing has no bar");
        assert_eq!(svg.matches("<rect class=\"series-1\" x").count(), 2);
        assert!(svg.contains("<title>2026-11-22: &lt;sent&gt; 3</title>"), "{svg}");
        assert!(svg.contains("<title id=\"x-title\">A &amp; B</title>"));
        assert!(!svg.contains("style="), "the policy of the pages forbids it");
        assert!(bars(WORDS, &[], &[]).contains("</svg>"));
    }

    #[test]
    fn a_bar_for_every_day_of_a_quarter_fits() {
        let days: Vec<String> = (0..92).map(|day| format!("2026-01-{day}")).collect();
        let values = vec![1; 92];
        let svg = bars(WORDS, &days, &[Series { name: String::new(), values }]);
        let last = svg.rsplit("x=\"").find_map(|rest| rest.split('"').next()?.parse::<u64>().ok());
        assert!(last.is_some_and(|x| x < 720), "{last:?}");
    }
}
