//! Keys that were given are used until shortly before they end: clients call us for each of their commands.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use model::time::Timestamp;
use serde_json::Value;

/// So long before their end, keys are given anew. AWS's clients call us again for each request once keys
/// have 15 minutes left.
const LEFT_MINUTES_MIN: i64 = 16;

/// A file for one identity at one deployment, for its user only.
#[derive(Debug)]
pub(super) struct Cache {
    path: PathBuf,
}

impl Cache {
    /// Says where the keys would be; nowhere without a home.
    pub(super) fn find(
        variable: &dyn Fn(&str) -> Option<String>,
        host: &str,
        access_key: &str,
    ) -> Option<Self> {
        let home = || Some(Path::new(&variable("HOME")?).join(".cache"));
        let base = variable("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?;
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let spell = |text: &str| text.replace(|letter| !is_plain(letter), "_");
        let name = format!("{}+{}.json", spell(host), spell(access_key));
        Some(Self { path: base.join("towpath").join("credentials").join(name) })
    }

    /// Returns keys that are good for a while yet.
    pub(super) fn read(&self, now: Timestamp) -> Option<String> {
        let text = fs::read_to_string(&self.path).ok()?;
        let keys: Value = serde_json::from_str(&text).ok()?;
        // Moments of one form and one zone are in the order of their letters.
        let until = keys["Expiration"].as_str()?;
        let needed = now.plus_minutes(LEFT_MINUTES_MIN).to_string();
        let seconds = |text: &str| text.get(..19).map(str::to_owned);
        (until.ends_with('Z') && seconds(until)? > seconds(&needed)?).then_some(keys.to_string())
    }

    /// Keeps keys. Who cannot, asks again the next time.
    pub(super) fn write(&self, keys: &str) {
        if let Err(error) = self.put(keys) {
            tracing::debug!(%error, path = %self.path.display(), "keys are not kept");
        }
    }

    fn put(&self, keys: &str) -> std::io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        // Beside it first: nobody reads half of it, and it is never anybody else's to read.
        let beside = self.path.with_extension(format!("{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let written =
            file.write_all(keys.as_bytes()).and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            fs::remove_file(&beside).ok();
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn cache(directory: &Path, key: &str) -> Cache {
        let home = directory.display().to_string();
        let variable = move |name: &str| (name == "XDG_CACHE_HOME").then(|| home.clone());
        Cache::find(&variable, "x.on.aws:443", key).unwrap()
    }

    #[test]
    fn keys_are_used_until_shortly_before_their_end_and_by_their_user_only() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path(), "AKIDONE");
        // 2026-11-26T10:00:00Z.
        let now = Timestamp::from_millis(1_795_687_200_000);
        assert_eq!(cache.read(now), None);
        cache.write(r#"{"Version":1,"Expiration":"2026-11-26T10:30:00Z"}"#);
        assert!(cache.read(now).is_some());
        assert!(cache.read(now.plus_minutes(13)).is_some());
        assert!(cache.read(now.plus_minutes(14)).is_none());
        assert_eq!(super::tests::cache(directory.path(), "AKIDTWO").read(now), None);
        let mode = fs::metadata(&cache.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        cache.write(r#"{"Version":1,"Expiration":"2026-11-26T11:30:00Z"}"#);
        assert!(cache.read(now.plus_minutes(60)).is_some(), "new ones take the place of old ones");
    }

    #[test]
    fn what_is_no_longer_readable_is_not_used() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path(), "../../x");
        assert!(
            cache.path.starts_with(directory.path())
                && !cache.path.display().to_string().contains("..")
        );
        for text in ["", "{", "{}", r#"{"Expiration":7}"#, r#"{"Expiration":"9999"}"#] {
            cache.write(text);
            assert_eq!(cache.read(Timestamp::from_millis(0)), None, "{text}");
        }
    }
}
