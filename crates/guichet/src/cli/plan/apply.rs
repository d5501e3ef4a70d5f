//! Making the changes of a plan, one call after the other, each under the version of the directory
//! that the one before left.

use clap::Args;

use super::super::error::Error;
use super::super::session::Session;
use super::REMOVALS_FREE_MAX;
use super::difference::Plan;

/// What `apply` may do, and why it is done.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// Take away more than 5 rights and members, and delete what the file wants absent
    #[arg(long)]
    allow_removals: bool,
    /// Why; kept in the audit with every change that takes a reason
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Makes all changes, or stops at the first that fails and says how far it came.
pub(super) fn apply(plan: &Plan, how: &How, session: &mut Session) -> Result<(), Error> {
    check_removals(plan, how)?;
    session.expect_directory_version(Some(plan.version));
    let all = plan.changes.len();
    for (done, change) in plan.changes.iter().enumerate() {
        let (cmdlet, mut parameters) = change.call();
        let takes_reason = admin_protocol::cmdlet::find(cmdlet)
            .is_some_and(|known| known.parameter("Reason").is_some());
        if takes_reason && !parameters.has_value("Reason") {
            parameters = parameters.with_some("Reason", how.reason.clone());
        }
        if let Err(error) = session.call(cmdlet, parameters) {
            eprintln!(
                "stopped after {done} of {all} changes, at: {}; `guichet plan` shows what is left",
                change.words()
            );
            return Err(error);
        }
    }
    session.expect_directory_version(None);
    if all > 0 {
        eprintln!("applied: {all} changes, in force now");
    }
    Ok(())
}

/// A mistake in a file must not take everybody's rights away.
fn check_removals(plan: &Plan, how: &How) -> Result<(), Error> {
    if how.allow_removals {
        return Ok(());
    }
    if plan.deletions() > 0 {
        return Err(Error::Withheld(
            "objects or channels would be deleted with their mail: say --allow-removals".to_owned(),
        ));
    }
    let removals = plan.removals();
    if removals > REMOVALS_FREE_MAX {
        return Err(Error::Withheld(format!(
            "{removals} rights and members would be taken away, more than {REMOVALS_FREE_MAX}: \
             say --allow-removals"
        )));
    }
    Ok(())
}
