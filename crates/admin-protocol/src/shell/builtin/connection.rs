//! Connect-ExchangeOnline and its like: the connection is there before the shell begins.

use crate::shell::bind::Binding;
use crate::shell::evaluate::Evaluator;
use crate::shell::fault::Fault;
use crate::shell::value::Value;

/// Connect-ExchangeOnline.
pub(super) fn connect(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let server = evaluator.host.server();
    let ignored: Vec<String> = binding.ignored.iter().map(|name| format!("-{name}")).collect();
    let mut text = format!("connected to {server} already");
    if !ignored.is_empty() {
        text.push_str(&format!("; {} changes nothing", ignored.join(", ")));
    }
    evaluator.host.warn(&text);
    Ok(Vec::new())
}

/// Disconnect-ExchangeOnline.
pub(super) fn disconnect(
    _: &mut Evaluator<'_>,
    _: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    Ok(Vec::new())
}

/// Import-Module: of the module that has the cmdlets nothing needs to be done.
pub(super) fn import(
    evaluator: &mut Evaluator<'_>,
    binding: &Binding,
    _: Option<Vec<Value>>,
) -> Result<Vec<Value>, Fault> {
    let _ = binding;
    evaluator.host.warn("all cmdlets are there already; no module is loaded");
    Ok(Vec::new())
}
