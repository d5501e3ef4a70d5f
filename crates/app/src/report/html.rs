//! The report as a page by itself: no script, no font, no picture from anywhere. Printed, or saved
//! as PDF, it fills A4 pages in landscape with the head of the table on each.

use domain::{Directory, Language, Timestamp};

use super::rows::{ReportRow, RightState};
use super::texts::{self, texts};
use super::{ReportOrder, Summary};
use crate::dates::minute;

const STYLE: &str = "\
@page{size:A4 landscape;margin:14mm 12mm 16mm;@bottom-right{content:counter(page) \"/\" \
counter(pages);font:9px system-ui,sans-serif;color:#555}}\
*{box-sizing:border-box}\
body{font:14px/1.45 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1b1b1f;background:#fff;\
margin:2rem auto;max-width:75rem;padding:0 1rem}\
h1{font-size:1.6rem;margin:0 0 .2rem}\
h2{font-size:1.05rem;margin:1.6rem 0 .3rem;break-after:avoid}\
h2 small{font-weight:400;color:#555}\
p{margin:.2rem 0}\
.note{color:#555;font-size:.85rem}\
table{width:100%;border-collapse:collapse;font-size:.82rem}\
thead{display:table-header-group}\
tr{break-inside:avoid}\
th,td{text-align:left;vertical-align:top;padding:.28rem .5rem;border-bottom:1px solid #d9d9e0;\
overflow-wrap:anywhere}\
th{color:#444;font-weight:600;border-bottom:2px solid #8a8a94}\
tr.member td:first-child{padding-left:1.6rem;color:#444}\
.mark{display:inline-block;border:1px solid;border-radius:.6rem;padding:0 .45rem;font-size:.75rem}\
.unused{color:#8a4b00}.ended{color:#666}\
@media print{body{margin:0;max-width:none;padding:0;font-size:9.5pt}\
.mark{print-color-adjust:exact}}";

pub(super) fn begin(text: &mut String, order: &ReportOrder, directory: &Directory, now: Timestamp) {
    let said = texts(order.language);
    let organization = escaped(&directory.organization().name);
    let title = escaped(said.title);
    text.push_str(&format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title} – {organization}</title><style>{STYLE}</style></head><body>\n\
         <h1>{title}</h1><p>{organization} · {} {}</p>\n",
        order.language.tag(),
        said.made_at,
        minute(now),
    ));
}

/// The rows of one recipient, as a section with a table of its own.
pub(super) fn rows(text: &mut String, language: Language, rows: &[ReportRow<'_>]) {
    let Some(first) = rows.first() else { return };
    let recipient = first.recipient;
    text.push_str(&format!(
        "<section><h2>{} <small>{} · {}</small></h2>\n<table><thead><tr>",
        escaped(&recipient.display_name),
        escaped(&recipient.primary().to_string()),
        texts::kind(language, recipient.kind),
    ));
    for title in texts(language).columns {
        text.push_str(&format!("<th scope=\"col\">{}</th>", escaped(title)));
    }
    text.push_str("</tr></thead><tbody>\n");
    rows.iter().for_each(|row| self::row(text, language, row));
    text.push_str("</tbody></table></section>\n");
}

fn row(text: &mut String, language: Language, row: &ReportRow<'_>) {
    let said = texts(language);
    let via: Vec<&str> = row.via.iter().map(|group| group.display_name.as_str()).collect();
    let holder = format!(
        "{}<br><small>{}</small>",
        escaped(&row.holder.display_name),
        escaped(&row.holder.primary().to_string())
    );
    let until = match (row.grant.until_at, row.state) {
        (None, _) => said.no_end.to_owned(),
        (Some(at), RightState::InForce) => minute(at),
        (Some(at), RightState::Ended) => {
            format!("{} <span class=\"mark ended\">{}</span>", minute(at), said.ended)
        }
    };
    let mut last = row.last_used_at.map_or_else(|| said.never.to_owned(), minute);
    if row.is_unused {
        last.push_str(&format!(" <span class=\"mark unused\">{}</span>", said.unused));
    }
    let class = if row.via.is_empty() { "" } else { " class=\"member\"" };
    text.push_str(&format!("<tr{class}>"));
    let cells = [
        holder,
        escaped(&texts::right(language, row.grant.right)),
        escaped(&via.join(" › ")),
        minute(row.grant.granted_at),
        escaped(&row.grant.granted_by),
        escaped(row.grant.reason.as_deref().unwrap_or_default()),
        until,
        last,
    ];
    for cell in cells {
        text.push_str(&format!("<td>{cell}</td>"));
    }
    text.push_str("</tr>\n");
}

pub(super) fn end(text: &mut String, order: &ReportOrder, summary: &Summary) {
    text.push_str(&format!(
        "<hr><p><strong>{}</strong></p><p class=\"note\">{}</p>\n</body></html>\n",
        escaped(&texts::summary(order, summary)),
        escaped(texts(order.language).accuracy),
    ));
}

/// Text as HTML writes it. Control characters are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_people_typed_is_no_markup() {
        assert_eq!(escaped("<b>&\"'\u{7}"), "&lt;b&gt;&amp;&quot;&#39; ");
    }
}
