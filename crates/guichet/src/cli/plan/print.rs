//! A plan as people read it, and as JSON.

use serde_json::{Value, json};

use super::super::error::Error;
use super::super::output::Output;
use super::change::{Action, Change, Effect, Target};
use super::difference::Plan;

/// Prints the changes under the objects that they are about, and the counts.
pub(super) fn print(output: &mut Output, plan: &Plan) -> Result<(), Error> {
    if plan.changes.is_empty() {
        return output.line("nothing to change: the directory is as the files want it");
    }
    let mut targets: Vec<&Target> = Vec::new();
    for change in &plan.changes {
        if !targets.contains(&&change.target) {
            targets.push(&change.target);
        }
    }
    for target in targets {
        let of_target: Vec<&Change> =
            plan.changes.iter().filter(|change| change.target == *target).collect();
        let whole = of_target
            .iter()
            .find(|change| matches!(change.action, Action::Create(_) | Action::Delete));
        let effect = whole.map_or(Effect::Changes, |change| change.effect());
        let heading = format!("{} {}", effect.mark(), name(target));
        output.coloured(effect_colour(effect), &heading)?;
        for change in of_target {
            let effect = change.effect();
            let line = format!("    {} {}", effect.mark(), change.words());
            output.coloured(effect_colour(effect), &line)?;
        }
    }
    output.line("")?;
    output.line(&counts(plan))
}

fn counts(plan: &Plan) -> String {
    let count = |wanted| plan.changes.iter().filter(|change| change.effect() == wanted).count();
    format!(
        "{} to add, {} to change, {} to remove",
        count(Effect::Adds),
        count(Effect::Changes),
        count(Effect::Removes)
    )
}

/// The plan as one object.
pub(super) fn to_json(plan: &Plan) -> Value {
    let changes: Vec<Value> = plan.changes.iter().map(Change::to_json).collect();
    json!({
        "version": plan.version,
        "changes": changes,
        "removals": plan.removals(),
        "deletions": plan.deletions(),
    })
}

fn name(target: &Target) -> String {
    match target {
        Target::Organization => "organization".to_owned(),
        Target::Object { kind, address } => format!("{} {address}", kind.noun()),
    }
}

/// Green, yellow, red, as everybody's diff.
fn effect_colour(effect: Effect) -> u8 {
    match effect {
        Effect::Adds => 32,
        Effect::Changes => 33,
        Effect::Removes => 31,
    }
}
