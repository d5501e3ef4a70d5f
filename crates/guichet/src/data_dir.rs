//! The data directory: what is in it, who may look into it, and that only one server uses it.
//!
//! Layout: `guichet.toml`, `guichet.db` (with SQLite's companions), `tls/certificate.pem`,
//! `tls/key.pem`, `admin.sock`, `lock`. The directory's mode is 0700: database and socket are as
//! secret as the passwords in it, and whoever may open the socket is administrator.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::config;

/// Only the owner may enter.
const DIR_MODE: u32 = 0o700;
/// Only the owner may read.
const FILE_MODE: u32 = 0o600;
/// Names listed of a directory that should be empty.
const NAMES_LISTED: usize = 5;

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataDirError {
    /// Nothing there.
    #[error(
        "{dir} does not exist: make it with guichet init --dir {dir}, or correct --dir",
        dir = .0.display()
    )]
    Missing(PathBuf),
    /// A file, a socket, …
    #[error("{} is not a directory: correct --dir", .0.display())]
    NotADirectory(PathBuf),
    /// Others may enter.
    #[error(
        "{dir} has mode {mode:04o}, so others could read mail and keys in it; run: chmod 700 {dir}",
        dir = path.display()
    )]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It should be empty and is not.
    #[error(
        "{dir} is not empty (there is {names}): name a new directory, or start the server that \
         is there with guichet serve --dir {dir}", dir = path.display()
    )]
    NotEmpty {
        /// The directory.
        path: PathBuf,
        /// The first few of what is in it.
        names: String,
    },
    /// Another process holds the lock.
    #[error(
        "another guichet runs on {} ({holder}): stop it first, or use another directory",
        path.display()
    )]
    Locked {
        /// The directory.
        path: PathBuf,
        /// `pid N`, or that it is not known.
        holder: String,
    },
    /// The operating system says no.
    #[error("cannot {action} {}: {source}; run guichet as the user that owns it", path.display())]
    Refused {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.to_owned();
    move |source| DataDirError::Refused { action, path, source }
}

/// A data directory that is there and that only its owner may enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataDir {
    root: PathBuf,
}

impl DataDir {
    /// Opens a directory that is there.
    pub(crate) fn open(path: &Path) -> Result<DataDir, DataDirError> {
        let metadata = fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DataDirError::Missing(path.to_owned()),
            _ => refused("look at", path)(source),
        })?;
        if !metadata.is_dir() {
            return Err(DataDirError::NotADirectory(path.to_owned()));
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & !DIR_MODE != 0 {
            return Err(DataDirError::Open { path: path.to_owned(), mode });
        }
        Ok(DataDir { root: path.to_owned() })
    }

    /// Makes a directory, with those above it, or takes an empty one. What is in it already is
    /// never touched.
    pub(crate) fn create(path: &Path) -> Result<DataDir, DataDirError> {
        match fs::read_dir(path) {
            Ok(_) => {
                if let Some(names) = names_in(path)? {
                    return Err(DataDirError::NotEmpty { path: path.to_owned(), names });
                }
                let permissions = fs::Permissions::from_mode(DIR_MODE);
                fs::set_permissions(path, permissions).map_err(refused("set the mode of", path))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_dir(path)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(DataDirError::NotADirectory(path.to_owned()));
            }
            Err(error) => return Err(refused("read", path)(error)),
        }
        DataDir::open(path)
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.root
    }

    /// The configuration.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.root.join(config::FILE_NAME)
    }

    /// Certificate and key as `guichet init` writes them.
    pub(crate) fn tls_files(&self) -> (PathBuf, PathBuf) {
        (self.root.join("tls/certificate.pem"), self.root.join("tls/key.pem"))
    }

    /// Whoever may open it is administrator.
    pub(crate) fn admin_socket(&self) -> PathBuf {
        self.root.join("admin.sock")
    }

    /// Takes the directory for this process, until the lock is dropped or the process ends.
    pub(crate) fn lock(&self) -> Result<DirLock, DataDirError> {
        let path = self.root.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .open(&path)
            .map_err(refused("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Who holds it is only for the message; the lock itself does not depend on it.
                let known = file.read_to_string(&mut pid).is_ok() && !pid.trim().is_empty();
                let holder =
                    if known { format!("pid {}", pid.trim()) } else { "pid unknown".into() };
                return Err(DataDirError::Locked { path: self.root.clone(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(refused("lock", &path)(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(refused("write", &path))?;
        Ok(DirLock { file })
    }

    /// Writes a new file that only the owner may read, and makes it durable. The directories
    /// between are made.
    pub(crate) fn write_new(&self, path: &Path, text: &str) -> Result<(), DataDirError> {
        if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
            make_dir(parent)?;
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .map_err(refused("write", path))
    }
}

/// Holds the directory. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DirLock {
    file: File,
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // Closing is not enough: a program that is just being started still has a copy of the
        // descriptor, and with it the lock. What cannot be unlocked ends with the process.
        let _ = self.file.unlock();
    }
}

fn make_dir(path: &Path) -> Result<(), DataDirError> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIR_MODE)
        .create(path)
        .map_err(refused("make the directory", path))
}

/// The first few names in a directory, or nothing if there are none.
fn names_in(path: &Path) -> Result<Option<String>, DataDirError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(refused("read", path))? {
        let entry = entry.map_err(refused("read", path))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    if names.is_empty() {
        return Ok(None);
    }
    names.sort();
    let more = names.len().saturating_sub(NAMES_LISTED);
    let mut text = names[..names.len() - more].join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temporary() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary directory")
    }

    #[test]
    fn a_new_directory_is_for_its_owner_alone() {
        let parent = temporary();
        let path = parent.path().join("srv/mail");
        let dir = DataDir::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, DIR_MODE);
        let (_, key) = dir.tls_files();
        dir.write_new(&key, "secret").unwrap();
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, FILE_MODE);
        let tls = key.parent().unwrap();
        assert_eq!(fs::metadata(tls).unwrap().permissions().mode() & 0o777, DIR_MODE);
        assert!(dir.write_new(&key, "another").is_err(), "a file that is there is not replaced");
    }

    #[test]
    fn an_empty_directory_is_taken_and_closed() {
        let parent = temporary();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
        DataDir::create(parent.path()).unwrap();
        assert_eq!(fs::metadata(parent.path()).unwrap().permissions().mode() & 0o777, DIR_MODE);
    }

    #[test]
    fn a_directory_with_something_in_it_is_refused_by_name() {
        let parent = temporary();
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            fs::write(parent.path().join(name), "").unwrap();
        }
        let error = DataDir::create(parent.path()).unwrap_err().to_string();
        assert!(error.contains("a, b, c, d, e and 2 more"), "{error}");
    }

    #[test]
    fn a_directory_open_to_others_is_refused_with_the_command() {
        let dir = temporary();
        for mode in [0o755, 0o710, 0o701, 0o720] {
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
            let error = DataDir::open(dir.path()).unwrap_err().to_string();
            assert!(error.contains("chmod 700"), "{error}");
        }
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(DataDir::open(dir.path()).is_ok());
    }

    #[test]
    fn what_is_no_directory_is_told_apart() {
        let dir = temporary();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(DataDir::open(&file), Err(DataDirError::NotADirectory(_))));
        assert!(matches!(DataDir::create(&file), Err(DataDirError::NotADirectory(_))));
        assert!(matches!(DataDir::open(&dir.path().join("x")), Err(DataDirError::Missing(_))));
    }

    #[test]
    fn the_second_lock_is_refused_with_the_pid_until_the_first_is_gone() {
        let parent = temporary();
        let dir = DataDir::create(parent.path()).unwrap();
        let lock = dir.lock().unwrap();
        let error = dir.lock().unwrap_err().to_string();
        assert!(error.contains(&format!("pid {}", std::process::id())), "{error}");
        // As a program that is being started has it.
        let copy = lock.file.try_clone().unwrap();
        drop(lock);
        dir.lock().unwrap();
        drop(copy);
    }
}
