//! Keys that were given are used until shortly before they end: clients call us for each of their commands.

use model::time::Timestamp;
use serde_json::Value;

use crate::client::kept::Kept;
use crate::client::place::Environment;

/// So long before their end, keys are given anew. AWS's clients call us again for each request once keys
/// have 15 minutes left.
const LEFT_MINUTES_MIN: i64 = 16;

/// Says where the keys of one identity at one deployment are kept.
pub(crate) fn find(variable: Environment<'_>, host: &str, access_key: &str) -> Option<Kept> {
    Kept::find(variable, "credentials", &format!("{host}+{access_key}"))
}

/// Returns keys that are good for a while yet.
pub(super) fn read(kept: &Kept, now: Timestamp) -> Option<String> {
    let keys: Value = serde_json::from_str(&kept.read()?).ok()?;
    // Moments of one form and one zone are in the order of their letters.
    let until = keys["Expiration"].as_str()?;
    let needed = now.plus_minutes(LEFT_MINUTES_MIN).to_string();
    let seconds = |text: &str| text.get(..19).map(str::to_owned);
    (until.ends_with('Z') && seconds(until)? > seconds(&needed)?).then_some(keys.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    fn cache(directory: &Path, key: &str) -> Kept {
        let home = directory.display().to_string();
        let variable = move |name: &str| (name == "XDG_CACHE_HOME").then(|| home.clone());
        find(&variable, "x.on.aws:443", key).unwrap()
    }

    #[test]
    fn keys_are_used_until_shortly_before_their_end_and_by_their_user_only() {
        let directory = tempfile::tempdir().unwrap();
        let cache = cache(directory.path(), "AKIDONE");
        // 2026-11-26T10:00:00Z.
        let now = Timestamp::from_millis(1_795_687_200_000);
        assert_eq!(read(&cache, now), None);
        cache.write(r#"{"Version":1,"Expiration":"2026-11-26T10:30:00Z"}"#);
        assert!(read(&cache, now).is_some());
        assert!(read(&cache, now.plus_minutes(13)).is_some());
        assert!(read(&cache, now.plus_minutes(14)).is_none());
        assert_eq!(read(&super::tests::cache(directory.path(), "AKIDTWO"), now), None);
        let mode = std::fs::metadata(&cache.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        cache.write(r#"{"Version":1,"Expiration":"2026-11-26T11:30:00Z"}"#);
        assert!(
            read(&cache, now.plus_minutes(60)).is_some(),
            "new ones take the place of old ones"
        );
        cache.forget();
        assert_eq!(read(&cache, now), None);
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
            assert_eq!(read(&cache, Timestamp::from_millis(0)), None, "{text}");
        }
    }
}
