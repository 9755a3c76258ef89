//! The data directory of a server: keys, secrets, policies, and where others find us.
//!
//! ```text
//! DIR/keys           whose keys are taken, with their secrets
//!     credentials    the admin's key as an AWS profile, for stock clients
//!     seal           what page tokens and job keys are sealed with
//!     policies/      Cedar policies of the user's own, besides the ready ones
//!     audit/         a record of every call
//!     uploads/       artifacts on their way in
//!     server.json    where the server is, while it is
//! ```

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use access::keys::KeyFile;
use access::seal::Sealer;
use local::controller::ACCOUNT;
use serde_json::json;

use crate::up::{greeting, profile};

/// The profile that stock clients are given, and whose key it holds.
pub(super) const PROFILE: &str = "towpath";
const ADMIN: &str = "admin";

/// The file of keys.
pub(crate) fn key_file(data: &Path) -> PathBuf {
    data.join("keys")
}

/// The directory of the record of calls.
pub(crate) fn audit_directory(data: &Path) -> PathBuf {
    data.join("audit")
}

/// A data directory that nobody else can read.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// Makes the directory, or takes others' rights to it away.
    pub(super) fn prepare(path: &Path) -> Result<Self, String> {
        let path = std::path::absolute(path).map_err(|error| fault(path, &error))?;
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|error| fault(&path, &error))?;
        let metadata = fs::metadata(&path).map_err(|error| fault(&path, &error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            let changed = fs::set_permissions(&path, Permissions::from_mode(0o700));
            changed.map_err(|error| {
                let shown = path.display();
                format!("{shown} is open to others and will hold secrets; run `chmod 700 {shown}` ({error})")
            })?;
            greeting::say_mended(&path);
        }
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn credentials(&self) -> PathBuf {
        self.0.join("credentials")
    }

    pub(super) fn audit(&self) -> PathBuf {
        audit_directory(&self.0)
    }

    /// Opens the keys, and makes the first one on the first start.
    pub(super) fn keys(&self) -> Result<KeyFile, String> {
        let opened = KeyFile::open_or_create(&key_file(&self.0), ACCOUNT, &mut crate::key::draw);
        opened.map_err(|error| local::bus::chain(&error))
    }

    /// Writes the admin's key where stock clients can be pointed at.
    pub(super) fn write_credentials(&self, keys: &KeyFile, region: &str) -> Result<(), String> {
        let (access_key, secret) = pair(keys)?;
        let text = profile::section(PROFILE, &access_key, &secret, region);
        write_whole(&self.credentials(), text.as_bytes())
    }

    /// Returns what seals tokens, with a key that is drawn on the first start.
    pub(super) fn sealer(&self) -> Result<Sealer, String> {
        let path = self.0.join("seal");
        if !path.exists() {
            let mut key = [0; 32];
            crate::key::draw(&mut key);
            write_whole(&path, &key)?;
        }
        let metadata = fs::metadata(&path).map_err(|error| fault(&path, &error))?;
        let shown = path.display();
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(format!("{shown} can be read by others; run `chmod 600 {shown}`"));
        }
        let key = fs::read(&path).map_err(|error| fault(&path, &error))?;
        let key = key.try_into().map_err(|_| {
            format!("{shown} is damaged; remove it, and tokens that are out in the world end")
        })?;
        Ok(Sealer::new(key))
    }

    /// Returns the user's own policies, by file name.
    pub(super) fn policies(&self) -> Result<Vec<(String, String)>, String> {
        let folder = self.0.join("policies");
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(fault(&folder, &error)),
        };
        let mut policies = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| fault(&folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "cedar") {
                let text = fs::read_to_string(&path).map_err(|error| fault(&path, &error))?;
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                policies.push((name, text));
            }
        }
        policies.sort();
        Ok(policies)
    }

    /// Returns where artifacts on their way in are kept. What an earlier process left there is nobody's.
    pub(super) fn uploads(&self) -> Result<PathBuf, String> {
        let path = self.0.join("uploads");
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(fault(&path, &error)),
            Ok(()) | Err(_) => {}
        }
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| fault(&path, &error))?;
        Ok(path)
    }

    /// Says to other programs where we are.
    pub(super) fn announce(&self, endpoint: &str, region: &str) -> Result<(), String> {
        let text = json!({
            "endpoint": endpoint,
            "credentials": self.credentials(),
            "region": region,
            "pid": std::process::id(),
        });
        write_whole(&self.0.join("server.json"), format!("{text:#}\n").as_bytes())
    }

    /// Says it no longer.
    pub(super) fn withdraw(&self) {
        // Should it stay, whoever reads it finds nobody there.
        let _ = fs::remove_file(self.0.join("server.json"));
    }
}

/// Writes the admin's key as a profile of the user's own. Returns the file.
pub(super) fn write_profile(name: &str, keys: &KeyFile, region: &str) -> Result<PathBuf, String> {
    let (access_key, secret) = pair(keys)?;
    profile::check_name(name)?;
    let home = std::env::home_dir().ok_or("--profile: nobody says where your home is")?;
    let folder = home.join(".aws");
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|error| fault(&folder, &error))?;
    let path = folder.join("credentials");
    let before = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(fault(&path, &error)),
    };
    let section = profile::section(name, &access_key, &secret, region);
    write_whole(&path, profile::with_section(&before, name, &section).as_bytes())?;
    Ok(path)
}

fn pair(keys: &KeyFile) -> Result<(String, String), String> {
    let pair = keys.pair_of(ADMIN).or_else(|| {
        let listed = keys.list();
        let admin = listed.iter().find(|key| key.roles.iter().any(|role| role == "Admin"))?;
        keys.pair_of(&admin.name)
    });
    pair.ok_or_else(|| "no key has the role Admin; add one with `towpath key add`".to_owned())
}

/// Writes a file for this user only, whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|error| fault(path, &error))
}

fn fault(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
