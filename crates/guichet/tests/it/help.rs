//! Every verb explains itself.

use crate::fake::{guichet, status, stdout};

const VERBS: [&[&str]; 27] = [
    &["user"],
    &["team"],
    &["group"],
    &["shared"],
    &["contact"],
    &["domain"],
    &["grant"],
    &["revoke"],
    &["rights"],
    &["identities"],
    &["diagnose"],
    &["trace"],
    &["audit"],
    &["queue"],
    &["token"],
    &["app-password"],
    &["app"],
    &["login"],
    &["throttle"],
    &["organization"],
    &["dns"],
    &["whoami"],
    &["report"],
    &["plan"],
    &["apply"],
    &["snapshot"],
    &["import"],
];

fn help(words: &[&str]) -> String {
    let home = tempfile::tempdir().expect("a directory");
    let output = guichet(home.path()).args(words).arg("--help").output().expect("runs");
    assert_eq!(status(&output), 0, "{words:?}");
    stdout(&output)
}

#[test]
fn every_verb_has_help() {
    let top = help(&[]);
    for verb in VERBS {
        assert!(top.contains(&format!("  {} ", verb[0])), "{verb:?} is not listed");
        let shown = help(verb);
        assert!(shown.contains("Usage: guichet"), "{verb:?}\n{shown}");
        let is_simple = verb == ["whoami"];
        assert!(is_simple || shown.contains("Example"), "{verb:?} has no example\n{shown}");
    }
}

#[test]
fn nouns_list_their_verbs() {
    for noun in ["user", "team", "group", "shared", "contact", "domain"] {
        let shown = help(&[noun]);
        for verb in ["create", "list", "show", "set", "delete"] {
            assert!(shown.contains(&format!("  {verb} ")), "{noun} {verb}\n{shown}");
            let detail = help(&[noun, verb]);
            let undocumented = detail.lines().any(|line| line.trim_end().ends_with('>'));
            assert!(!undocumented || detail.contains("Arguments:"), "{detail}");
        }
    }
    for verb in ["list", "show", "retry", "hold", "release", "drop"] {
        assert!(help(&["queue"]).contains(&format!("  {verb} ")), "queue {verb}");
    }
}
