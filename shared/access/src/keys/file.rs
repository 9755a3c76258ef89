//! Static keys of one machine, in a file that its user alone can read.

mod disk;
mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::time::Timestamp;

use super::letters::{draw_access_key, draw_secret};
use super::{Draw, Key, Keys, NoKey};
use disk::Stamp;
use record::Record;

/// A file holds at most so many keys; one machine has few users.
pub(super) const KEYS_MAX: usize = 1000;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file system refused.
    #[error("the key file {} cannot be {doing}", path.display())]
    Disk {
        /// What we were doing to it.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// Its permissions let others in.
    #[error(
        "{} may be used by others (mode {mode:03o}), and it guards secrets: run `chmod {wanted:03o} {}`",
        path.display(),
        path.display()
    )]
    OpenToOthers {
        /// The file, or its directory.
        path: PathBuf,
        /// The permissions it has.
        mode: u32,
        /// The permissions it should have.
        wanted: u32,
    },
    /// It is not what we wrote.
    #[error("the key file {} is not readable as keys: {reason}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is one already, and whoever holds its keys relies on it.
    #[error("the key file {} exists already; open it, or take it away first", path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// The name or a role is not one.
    #[error("`{field}` {reason}")]
    Invalid {
        /// What was wrong: `name` or `roles`.
        field: &'static str,
        /// Why, and what is right.
        reason: String,
    },
    /// Nobody has this key.
    #[error("there is no key {access_key} in {}", path.display())]
    NoSuchKey {
        /// The key that was to go.
        access_key: String,
        /// Which file.
        path: PathBuf,
    },
    /// Without this one nobody could make another.
    #[error(
        "{access_key} is the last key with the role Admin; add another one before you remove it"
    )]
    LastAdmin {
        /// The key that was to go.
        access_key: String,
    },
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Names the key.
    pub access_key: String,
    /// Whose it is.
    pub name: String,
    /// What they may do.
    pub roles: Vec<String>,
}

/// The keys in a file. What somebody else writes to the file is in force at once.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    account: String,
    loaded: Mutex<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    /// How the file looked when it was read; nothing while it cannot be read.
    stamp: Option<Stamp>,
    keys: BTreeMap<String, Arc<Key>>,
}

impl KeyFile {
    /// Opens a file that is there.
    pub fn open(path: &Path, account: &str) -> Result<Self, KeyFileError> {
        let (stamp, records) = disk::read(path)?;
        let loaded = Loaded { stamp: Some(stamp), keys: keys_of(&records, account) };
        Ok(Self { path: path.to_owned(), account: account.to_owned(), loaded: Mutex::new(loaded) })
    }

    /// Makes a file with one key, whose role is Admin, in a directory for this user only.
    pub fn create(path: &Path, account: &str, draw: Draw<'_>) -> Result<Self, KeyFileError> {
        disk::make_directory(path)?;
        let lock = disk::lock(path)?;
        if path.exists() {
            return Err(KeyFileError::Exists { path: path.to_owned() });
        }
        let admin = Record::draw("admin", &["Admin".to_owned()], draw)?;
        disk::replace(path, &[admin])?;
        drop(lock);
        Self::open(path, account)
    }

    /// Opens the file, or makes it on the first start.
    pub fn open_or_create(
        path: &Path,
        account: &str,
        draw: Draw<'_>,
    ) -> Result<Self, KeyFileError> {
        match Self::create(path, account, draw) {
            Err(KeyFileError::Exists { .. }) => Self::open(path, account),
            made => made,
        }
    }

    /// Adds a key, and returns the access key and the secret, which is shown this once.
    pub fn add(
        &self,
        name: &str,
        roles: &[String],
        draw: Draw<'_>,
    ) -> Result<(String, String), KeyFileError> {
        let added = Record::draw(name, roles, draw)?;
        let pair = (added.access_key.clone(), added.secret.clone());
        self.change(|records| {
            if records.len() >= KEYS_MAX {
                let reason = format!("would be number {}: {KEYS_MAX} are the limit", KEYS_MAX + 1);
                return Err(KeyFileError::Invalid { field: "keys", reason });
            }
            records.push(added);
            Ok(())
        })?;
        Ok(pair)
    }

    /// Removes a key; it is refused from now on.
    pub fn remove(&self, access_key: &str) -> Result<(), KeyFileError> {
        self.change(|records| {
            let place = records.iter().position(|record| record.access_key == access_key);
            let place = place.ok_or_else(|| KeyFileError::NoSuchKey {
                access_key: access_key.to_owned(),
                path: self.path.clone(),
            })?;
            records.remove(place);
            if !records.iter().any(Record::is_admin) {
                return Err(KeyFileError::LastAdmin { access_key: access_key.to_owned() });
            }
            Ok(())
        })
    }

    /// Returns the keys, without their secrets, by access key.
    pub fn list(&self) -> Vec<Listed> {
        let loaded = self.refreshed();
        let listed = |(access_key, key): (&String, &Arc<Key>)| Listed {
            access_key: access_key.clone(),
            name: key.identity.name.clone(),
            roles: key.identity.roles.clone(),
        };
        loaded.keys.iter().map(listed).collect()
    }

    /// Returns an access key and its secret, by the name of whose it is: for a profile file.
    pub fn pair_of(&self, name: &str) -> Option<(String, String)> {
        let loaded = self.refreshed();
        let (access_key, key) = loaded.keys.iter().find(|(_, key)| key.identity.name == name)?;
        Some((access_key.clone(), key.secret.clone()))
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Vec<Record>) -> Result<(), KeyFileError>,
    ) -> Result<(), KeyFileError> {
        // Whoever else changes the file waits here, so that no change is lost.
        let lock = disk::lock(&self.path)?;
        let (_, mut records) = disk::read(&self.path)?;
        change(&mut records)?;
        disk::replace(&self.path, &records)?;
        drop(lock);
        Ok(())
    }

    /// Returns the keys as the file has them now. A file that went away, that others can read, or that
    /// cannot be understood, has no keys: a door whose list is lost stays shut.
    fn refreshed(&self) -> MutexGuard<'_, Loaded> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(&self.path);
        if stamp.is_none() || loaded.stamp != stamp {
            *loaded = match disk::read(&self.path) {
                Ok((stamp, records)) => {
                    Loaded { stamp: Some(stamp), keys: keys_of(&records, &self.account) }
                }
                Err(_) => Loaded { stamp: None, keys: BTreeMap::new() },
            };
        }
        loaded
    }
}

impl Keys for KeyFile {
    fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        _now: Timestamp,
    ) -> Result<Arc<Key>, NoKey> {
        let key = self.refreshed().keys.get(access_key).cloned().ok_or(NoKey::Unknown)?;
        // A static key has no session; a token beside it was meant for another key.
        if session_token.is_some() { Err(NoKey::BadToken) } else { Ok(key) }
    }
}

fn keys_of(records: &[Record], account: &str) -> BTreeMap<String, Arc<Key>> {
    let key = |record: &Record| (record.access_key.clone(), Arc::new(record.key(account)));
    records.iter().map(key).collect()
}

impl Record {
    /// Draws a new key for somebody.
    fn draw(name: &str, roles: &[String], draw: Draw<'_>) -> Result<Self, KeyFileError> {
        record::check_name("name", name)?;
        roles.iter().try_for_each(|role| record::check_name("roles", role))?;
        Ok(Self {
            access_key: draw_access_key(draw),
            secret: draw_secret(draw),
            name: name.to_owned(),
            roles: roles.to_vec(),
        })
    }
}
