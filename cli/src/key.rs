//! `towpath key`: who may ask.

use std::io::Write;

use access::keys::{KeyFile, KeyFileError};
use local::controller::ACCOUNT;

use crate::arguments::serving::{Key, KeyVerb};
use crate::ending::Ending;
use crate::up::key_file;

/// Changes or lists the keys of a data directory. A server that runs on it takes the change at once.
pub(crate) fn key(options: &Key) -> Ending {
    let path = key_file(&options.data);
    if !path.exists() {
        let shown = options.data.display();
        return Ending::BadInput(format!(
            "{shown} has no keys yet: `towpath up --data {shown}` makes the first one"
        ));
    }
    let done = KeyFile::open(&path, ACCOUNT).and_then(|keys| perform(&keys, &options.verb));
    match done {
        Ok(text) => {
            // Whoever reads us may have gone; then there is nobody to tell.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ending::Succeeded
        }
        Err(error) => Ending::BadInput(local::bus::chain(&error)),
    }
}

fn perform(keys: &KeyFile, verb: &KeyVerb) -> Result<String, KeyFileError> {
    match verb {
        KeyVerb::Add { name, roles } => {
            let (access_key, secret) = keys.add(name, roles, &mut draw)?;
            Ok(format!("aws_access_key_id = {access_key}\naws_secret_access_key = {secret}\n"))
        }
        KeyVerb::List => {
            let lines = keys
                .list()
                .into_iter()
                .map(|key| format!("{}  {}  {}\n", key.access_key, key.name, key.roles.join(", ")));
            Ok(lines.collect())
        }
        KeyVerb::Remove { access_key } => {
            keys.remove(access_key)?;
            Ok(format!("{access_key} is refused from now on\n"))
        }
    }
}

/// Draws random bytes, for keys.
pub(crate) fn draw(bytes: &mut [u8]) {
    rand::fill(bytes);
}
