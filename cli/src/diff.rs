//! `towpath diff`: what `apply` would change.

use serde_json::json;

use crate::apply::{existing, secrets};
use crate::arguments::client::Diff;
use crate::client::declared::{Read, read};
use crate::client::difference::Difference;
use crate::client::{Answer, Client, printing, spelling};
use crate::ending::Ending;

/// Shows the difference; succeeds only if there is none.
pub(crate) fn diff(options: &Diff) -> Ending {
    let read = match read(&options.declared) {
        Ok(read) => read,
        Err(ending) => return ending,
    };
    crate::client::ask(&options.connection, async |client| go(&client, options, &read).await)
}

async fn go(client: &Client, options: &Diff, read: &Read) -> Answer {
    let server = existing(client, &read.name).await?.as_ref().map(spelling::json);
    let difference = Difference::new(server.as_ref(), &read.value);
    if options.json {
        printing::json(&json!({
            "isSame": difference.is_empty(),
            "server": server,
            "lines": difference.lines.iter().map(crate::view::lines::Line::text).collect::<Vec<_>>(),
        }));
    } else {
        for note in &read.notes {
            printing::say(&format!("· {note}"));
        }
        printing::lines(&difference.lines);
        secrets(&difference);
    }
    Ok(if difference.is_empty() { Ending::Succeeded } else { Ending::Failed(None) })
}
