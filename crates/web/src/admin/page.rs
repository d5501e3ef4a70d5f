//! Pages of a long answer. A link to the next page holds all that is needed to make it, so it can
//! be posted to again, and later, and on another node.

use admin_protocol::cmdlet::{Object, ParameterKind};
use admin_protocol::failure::Failure;
use admin_protocol::invoke::{MAX_PAGE_SIZE, Response, warning};
use admin_protocol::parameters::ResultSize;

use serde_json::Value;

use super::call::{Answer, Call};

/// Objects of a listing without `ResultSize`, as in Exchange.
const RESULT_SIZE_DEFAULT: u64 = 1_000;

/// The option of our links that says where a page begins.
const SKIP_OPTION: &str = "$skiptoken";
/// The option that chooses properties.
const SELECT_OPTION: &str = "$select";

/// Which part of an answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// Objects before the page.
    pub(crate) skip: usize,
    /// Objects of the page at most.
    pub(crate) size: usize,
    /// The properties that are wanted; all where none is named.
    select: Vec<String>,
}

impl PageRequest {
    /// Reads the query and the header `Prefer`, leniently.
    pub(crate) fn read(query: Option<&str>, prefer: Option<&str>) -> PageRequest {
        let mut request = PageRequest { skip: 0, size: page_size(prefer), select: Vec::new() };
        for option in query.unwrap_or_default().split('&') {
            let Some((name, value)) = option.split_once('=') else { continue };
            let name = name.replace("%24", "$").to_lowercase();
            let value = value.replace("%2C", ",").replace("%2c", ",").replace("%20", " ");
            match name.as_str() {
                SKIP_OPTION => request.skip = value.parse().unwrap_or(0),
                SELECT_OPTION => {
                    let names = value.split(',').map(|name| name.trim().to_owned());
                    request.select = names.filter(|name| !name.is_empty()).collect();
                }
                _ => {}
            }
        }
        request
    }

    /// Cuts the page out of an answer and marks its values.
    pub(crate) fn cut(&self, call: &Call<'_>, answer: Answer) -> Result<Response, Failure> {
        let Answer { objects, mut warnings, total } = answer;
        // Objects that were shown for this page alone begin with it.
        let before = if total.is_some() { 0 } else { self.skip };
        let mut total = total.unwrap_or(objects.len());
        if let Some(most) = most(call)?
            && total > most
        {
            total = most;
            warnings.push(warning::MORE_RESULTS.to_owned());
        }
        let end = self.skip.saturating_add(self.size).min(total);
        let length = end.saturating_sub(self.skip);
        let mut page: Vec<_> = objects.into_iter().skip(before).take(length).collect();
        page.iter_mut().for_each(|object| mark(call, object));
        let mut response = Response::new(page);
        if end < total {
            response.next_link = Some(format!("{}?{}", call.url, self.next_query(end)));
        } else {
            // Warnings belong to the whole answer: they come once, at its end.
            response.warnings = warnings;
        }
        if !self.select.is_empty() {
            let names: Vec<&str> = self.select.iter().map(String::as_str).collect();
            response.select(&names);
        }
        Ok(response)
    }

    fn next_query(&self, skip: usize) -> String {
        let mut query = format!("{SKIP_OPTION}={skip}");
        if !self.select.is_empty() {
            query.push_str(&format!("&{SELECT_OPTION}={}", self.select.join(",")));
        }
        query
    }
}

/// Adds the types of values, and the version of an object as its entity tag.
fn mark(call: &Call<'_>, object: &mut Object) {
    call.cmdlet.annotate(object);
    if let Some(version) = object.get("ObjectVersion").and_then(Value::as_str) {
        let tag = format!("W/\"{version}\"");
        object.insert("@odata.etag".to_owned(), tag.into());
    }
}

/// How many objects the caller wants at most, where the cmdlet leaves that to us.
fn most(call: &Call<'_>) -> Result<Option<usize>, Failure> {
    let known = call.cmdlet.parameter("ResultSize");
    if known.is_none_or(|known| known.kind != ParameterKind::IntegerOrUnlimited) {
        return Ok(None);
    }
    let wanted = call.parameters.integer_or_unlimited("ResultSize")?;
    let most = match wanted.unwrap_or(ResultSize::AtMost(RESULT_SIZE_DEFAULT)) {
        ResultSize::Unlimited => return Ok(None),
        ResultSize::AtMost(most) => most,
    };
    Ok(Some(usize::try_from(most).unwrap_or(usize::MAX)))
}

/// `Prefer: odata.maxpagesize=100`, also with spaces and beside other preferences.
fn page_size(prefer: Option<&str>) -> usize {
    let preferences = prefer.unwrap_or_default().split([';', ',']);
    let mut wanted = preferences.filter_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        let is_size = name == "odata.maxpagesize" || name == "maxpagesize";
        is_size.then(|| value.trim().trim_matches('"').parse().ok())?
    });
    wanted.next().unwrap_or(MAX_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_leniently() {
        assert_eq!(page_size(None), 1000);
        assert_eq!(page_size(Some("odata.maxpagesize=100")), 100);
        assert_eq!(page_size(Some("odata.maxpagesize = 50;odata.continue-on-error")), 50);
        assert_eq!(page_size(Some("odata.maxpagesize=5000")), 1000);
        assert_eq!(page_size(Some("odata.maxpagesize=0")), 1);
        assert_eq!(page_size(Some("return=minimal")), 1000);
    }

    #[test]
    fn queries_are_read_leniently() {
        let request = PageRequest::read(Some("%24select=Alias,%20Guid&$skiptoken=20"), None);
        assert_eq!(request.select, ["Alias", "Guid"]);
        assert_eq!(request.skip, 20);
        assert_eq!(request.next_query(30), "$skiptoken=30&$select=Alias,Guid");
        assert_eq!(PageRequest::read(Some(""), None).skip, 0);
    }
}
