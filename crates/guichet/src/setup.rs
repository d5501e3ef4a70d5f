//! `guichet init`: files and database of a new installation, and what its operator needs to know.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use app::command::{Password, Seed, generate_domain_keys};

use crate::clock;
use crate::init::{self, InitArgs};
use crate::serve;

/// Characters of a password that we make: 20 of 32 kinds are 100 bits.
const PASSWORD_CHARACTERS: usize = 20;

/// Makes the data directory `dir`. The administrator's password is printed once and kept nowhere.
pub(crate) async fn init(dir: &Path, args: &InitArgs) -> anyhow::Result<ExitCode> {
    let prepared = match init::prepare(dir, args, clock::system_now()) {
        Ok(prepared) => prepared,
        Err(error) if error.is_usage() => {
            eprintln!("guichet: {error}");
            return Ok(ExitCode::from(crate::STATUS_USAGE));
        }
        Err(error) => return Err(error.into()),
    };
    let keys = generate_domain_keys().await?;
    let opened = serve::open(&prepared.config).await?;
    let password = new_password();
    let seed = Seed {
        guid: clock::new_guid(),
        organization: prepared.domain.to_unicode(),
        domain: prepared.domain.to_string(),
        keys,
        administrator: prepared.admin.to_string(),
        administrator_name: "Administrator".to_owned(),
        password: Password(password.clone()),
    };
    let seeded = opened.app.seed(seed, clock::now()).await;
    let administrator = seeded.with_context(|| {
        format!("the database could not be filled: remove {} and try again", dir.display())
    })?;
    print_next_steps(&prepared, &opened.app, &password).await?;
    if let Some(token) = opened.app.offer_first_run(administrator, clock::now()).await? {
        println!("\nThen open this link, which works once and for two days:");
        let path = format!("/first-run/{token}");
        println!("  {}", opened.app.settings().page(&path));
    }
    Ok(ExitCode::SUCCESS)
}

async fn print_next_steps(
    prepared: &init::Prepared,
    app: &app::App,
    password: &str,
) -> anyhow::Result<()> {
    let dir = prepared.dir.path().display();
    println!("Guichet has a new home in {dir}:");
    for file in &prepared.files {
        println!("  {}", file.display());
    }
    println!("\nAdministrator: {}", prepared.admin);
    println!("Password:      {password}");
    println!("               (printed once; change it with guichet user set)");
    println!("\nPublish these records (guichet dns prints them again):");
    for record in app.dns_records(None).await? {
        println!("  {}. {} {}", record.name, record.kind, record.value);
    }
    println!("\nStart it:\n  guichet serve --dir {dir}");
    Ok(())
}

/// A password of letters and digits that cannot be mistaken for each other.
fn new_password() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let mut random = [0u8; PASSWORD_CHARACTERS];
    clock::fill_random(&mut random);
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}
