//! What cargo knows about the workspace and what it links: `cargo metadata`, read once.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::repository;

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Linked, or run while building.
    Normal,
    /// For tests only.
    Dev,
}

/// A line of a manifest's dependency tables.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// A package: ours or from outside.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The SPDX expression, if the package has one.
    pub(crate) licence: Option<String>,
    /// The manifest, relative to the top folder, for packages of the workspace.
    pub(crate) manifest: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// All packages that a build on this kind of machine sees.
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

impl Metadata {
    /// Asks cargo. Packages for other systems are left out, so that nothing is fetched for them.
    pub(crate) fn load() -> Result<Metadata> {
        let version = repository::output_of("rustc", &["-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("`rustc -vV` names no host")?;
        let arguments =
            ["metadata", "--format-version", "1", "--locked", "--filter-platform", host];
        let printed = repository::output_of("cargo", &arguments)?;
        Metadata::read(&printed, &repository::root()?.display().to_string())
    }

    /// Reads the output of `cargo metadata`.
    pub(crate) fn read(printed: &str, root: &str) -> Result<Metadata> {
        let value: Value = serde_json::from_str(printed).context("`cargo metadata` is no JSON")?;
        let packages = value["packages"].as_array().context("`cargo metadata` has no packages")?;
        let packages = packages.iter().map(|package| read_package(package, root));
        Ok(Metadata { packages: packages.collect::<Result<_>>()? })
    }
}

fn read_package(package: &Value, root: &str) -> Result<Package> {
    let text = |key: &str| package[key].as_str().map(str::to_owned);
    let manifest = text("manifest_path").context("a package has no manifest")?;
    let manifest = manifest.strip_prefix(root).map(|path| path.trim_start_matches('/').to_owned());
    let dependencies = package["dependencies"].as_array().context("a package has no list")?;
    Ok(Package {
        name: text("name").context("a package has no name")?,
        version: text("version").unwrap_or_default(),
        licence: text("license"),
        manifest: manifest.filter(|_| package["source"].is_null()),
        dependencies: dependencies.iter().map(read_dependency).collect::<Result<_>>()?,
    })
}

fn read_dependency(dependency: &Value) -> Result<Dependency> {
    let name = dependency["name"].as_str().context("a dependency has no name")?.to_owned();
    let kind = if dependency["kind"] == "dev" { Kind::Dev } else { Kind::Normal };
    Ok(Dependency { name, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read() {
        let printed = r#"{"packages": [
            {"name": "a", "version": "1.0.0", "license": "MIT", "source": null,
             "manifest_path": "/top/crates/a/Cargo.toml",
             "dependencies": [{"name": "b", "kind": null}, {"name": "c", "kind": "dev"}]},
            {"name": "b", "version": "2.0.0", "license": null, "source": "registry+x",
             "manifest_path": "/elsewhere/b/Cargo.toml", "dependencies": []}]}"#;
        let packages = Metadata::read(printed, "/top").expect("readable").packages;
        assert_eq!(packages[0].manifest.as_deref(), Some("crates/a/Cargo.toml"));
        assert_eq!(packages[0].dependencies[0].kind, Kind::Normal);
        assert_eq!(packages[0].dependencies[1].kind, Kind::Dev);
        assert_eq!(packages[1].manifest, None);
        assert_eq!(packages[1].licence, None);
        assert!(Metadata::read("{}", "/top").is_err());
    }
}
