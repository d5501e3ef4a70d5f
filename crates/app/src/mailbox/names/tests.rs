//! Names of the sample organisation and of awkward ones.

use super::*;
use crate::mailbox::rights::tests::{self, JEAN, NOW, PAUL, SUPPORT};

fn roots(directory: &Directory, person: RecipientId) -> Vec<String> {
    named(directory, person, NOW).into_iter().map(|mailbox| mailbox.root).collect()
}

#[test]
fn everybody_sees_the_own_mailbox_groups_channels_and_what_is_shared() {
    let directory = tests::contoso();
    let expected =
        ["", "Shared/Facturation", "Groups/Support/Channels/Incidents", "Groups/Support"];
    assert_eq!(roots(&directory, JEAN), expected);
    assert_eq!(roots(&directory, PAUL), [""]);
}

#[test]
fn equal_names_and_delimiters_are_told_apart() {
    let mut directory = tests::contoso();
    tests::rename(&mut directory, SUPPORT, "A/B * support");
    assert!(roots(&directory, JEAN).contains(&"Groups/A-B _ support".to_owned()));
    tests::add_group(&mut directory, 77, "night", "a-b _ SUPPORT", &[JEAN]);
    let roots = roots(&directory, JEAN);
    assert!(roots.contains(&"Groups/A-B _ support (support)".to_owned()), "{roots:?}");
    assert!(roots.contains(&"Groups/a-b _ SUPPORT (night)".to_owned()), "{roots:?}");
}

#[test]
fn a_name_means_one_folder() {
    let directory = tests::contoso();
    let mailboxes = named(&directory, JEAN, NOW);
    let meant = |name: &str| {
        resolve(&mailboxes, name).map(|(mailbox, folder)| {
            let folder = match folder {
                FolderName::Inbox => "(inbox)".to_owned(),
                FolderName::Named(name) => name.to_owned(),
            };
            format!("{} {folder}", mailbox.reached.mailbox.alias)
        })
    };
    let is = |name: &str, expected: &str| assert_eq!(meant(name).as_deref(), Some(expected));
    is("inbox", "jean.dupont (inbox)");
    is("Sent", "jean.dupont Sent");
    is("INBOX/x", "jean.dupont INBOX/x");
    is("Groups/Support", "support (inbox)");
    is("Groups/Support/Sent", "support Sent");
    is("Groups/Support/Sent/2026", "support Sent/2026");
    is("Groups/Support/Channels/Incidents", "incidents.support (inbox)");
    is("Shared/Facturation/Trash", "facturation Trash");
    for none in [
        "Groups",
        "Shared",
        "groups/x",
        "Groups/Nobody",
        "Groups/SupportX",
        "Groups/Support/Channels",
    ] {
        assert_eq!(meant(none), None, "{none}");
    }
}

#[test]
fn folder_names_have_levels_that_can_be_written() {
    for good in ["a", "a/b", "é/漢字 x", &"a".repeat(FOLDER_NAME_OCTETS_MAX)] {
        assert!(is_valid(good), "{good}");
    }
    let deep = ["a"; FOLDER_DEPTH_MAX].join("/");
    assert!(is_valid(&deep));
    let too_long = "a".repeat(FOLDER_NAME_OCTETS_MAX + 1);
    for bad in
        ["", "/", "a//b", "a/", "/a", "a*", "a%", " a", "a\t", &too_long, &format!("{deep}/a")]
    {
        assert!(!is_valid(bad), "{bad}");
    }
}
