//! Marks of what may be taken once: whoever notes one first has taken it.

use model::time::Timestamp;

use crate::error::Error;
use crate::item::{number, row};
use crate::keys::ALONE;
use crate::store::Store;

/// What the row's key begins with.
const ONCE: &str = "ONCE#";

impl Store {
    /// Notes a mark until `until`; false if it is noted already. A mark that names a secret must be a digest
    /// of it.
    pub async fn take_once(
        &self,
        mark: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let key = format!("{ONCE}{mark}");
        let mut item = row(&key, ALONE);
        // Seconds, and a mark is kept to the end of its last one. The table's own expiry goes by `ttl`.
        let expires = until.millis().div_euclid(1000) + 1;
        item.insert("expires".to_owned(), number(expires));
        item.insert("ttl".to_owned(), number(expires));
        // In words: nobody noted it, or that was so long ago that it counts no more. Expiry takes rows
        // away days late, so an expired one may still be there.
        let condition = "attribute_not_exists(PK) OR expires <= :now";
        let values = [(":now", number(now.millis().div_euclid(1000)))];
        self.put_row_if("note a mark", &key, item, condition, values).await
    }
}
