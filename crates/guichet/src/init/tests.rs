use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::*;

/// 2026-01-01, a fixed clock.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn args(domain: &str, admin: &str, hostname: Option<&str>) -> InitArgs {
    InitArgs {
        database: None,
        domain: domain.to_owned(),
        admin: admin.to_owned(),
        hostname: hostname.map(str::to_owned),
    }
}

#[test]
fn a_fresh_directory_passes_its_own_check() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("guichet");
    let prepared = prepare(&path, &args("Contoso.com", "admin@contoso.com", None), now()).unwrap();
    assert_eq!(prepared.config.hostname.as_str(), "mail.contoso.com");
    assert_eq!(prepared.domain.as_str(), "contoso.com");
    assert_eq!(prepared.admin.to_string(), "admin@contoso.com");
    assert_eq!(config::file_problems(&prepared.config), vec![]);
    for file in &prepared.files {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    // A second run must not touch what the first made.
    let again = prepare(&path, &args("contoso.com", "admin@contoso.com", None), now());
    let error = again.unwrap_err();
    assert!(error.to_string().contains("guichet.toml"), "{error}");
    assert!(!error.is_usage());
}

#[test]
fn wrong_arguments_leave_no_trace() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("guichet");
    let wrong = [
        args("contoso", "admin@contoso", None),
        args("192.0.2.1", "admin@192.0.2.1", None),
        args("[192.0.2.1]", "admin@[192.0.2.1]", None),
        args("contoso.com", "admin", None),
        args("contoso.com", "admin@fabrikam.com", None),
        args("contoso.com", "admin@mail.contoso.com", None),
        args("contoso.com", "admin@contoso.com", Some("mail")),
        args("contoso.com", "admin@contoso.com", Some("mail contoso.com")),
    ];
    for args in wrong {
        let error = prepare(&path, &args, now()).unwrap_err();
        assert!(error.is_usage(), "{args:?}: {error}");
        assert!(!path.exists(), "{args:?}");
    }
}

#[test]
fn the_host_name_can_be_another() {
    let parent = tempfile::tempdir().unwrap();
    let wanted = args("contoso.com", "admin@contoso.com", Some("MX1.fabrikam.net"));
    let prepared = prepare(&parent.path().join("d"), &wanted, now()).unwrap();
    assert_eq!(prepared.config.hostname.as_str(), "mx1.fabrikam.net");
}
