//! What was asked of the engine, in the units that DynamoDB bills.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Sub};

/// What was asked of an engine since it was opened, by operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meter(BTreeMap<String, Count>);

/// What some requests had in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many requests.
    pub requests: u64,
    /// How many of them were puts that only an absent row lets through, as the log's append is.
    pub guarded_puts: u64,
    /// How many of them failed on their condition.
    pub failed_conditions: u64,
    /// Twice the read units, since an eventually consistent read takes half a one.
    pub read_half_units: u64,
    /// The write units; a write whose condition fails takes them too.
    pub write_units: u64,
    /// The bytes of the requests' bodies.
    pub request_bytes: u64,
    /// The bytes of the answers' bodies.
    pub answer_bytes: u64,
}

impl Meter {
    /// Returns what the requests of one operation, such as `PutItem`, took.
    pub fn of(&self, operation: &str) -> Count {
        self.0.get(operation).copied().unwrap_or_default()
    }

    /// Returns the operations that were asked for.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, count)| count.requests > 0).map(|(name, _)| name.as_str())
    }

    /// Returns what all requests took.
    pub fn total(&self) -> Count {
        let mut total = Count::default();
        for count in self.0.values() {
            total += *count;
        }
        total
    }

    /// Returns how many requests asked for a transaction.
    pub fn transactions(&self) -> u64 {
        self.of("TransactWriteItems").requests + self.of("TransactGetItems").requests
    }

    /// Returns how many requests asked for a scan.
    pub fn scans(&self) -> u64 {
        self.of("Scan").requests
    }

    /// Counts one request.
    pub(super) fn add(&mut self, operation: &str, count: Count) {
        if let Some(known) = self.0.get_mut(operation) {
            *known += count;
        } else {
            self.0.insert(operation.to_owned(), count);
        }
    }
}

impl Count {
    /// Returns the read units.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts 2^53 reads in one process")]
    pub fn read_units(&self) -> f64 {
        self.read_half_units as f64 / 2.0
    }
}

impl Sub for &Meter {
    type Output = Meter;

    /// Returns what was asked after `earlier`.
    fn sub(self, earlier: &Meter) -> Meter {
        let since = self.0.iter().map(|(name, count)| (name.clone(), *count - earlier.of(name)));
        Meter(since.filter(|(_, count)| *count != Count::default()).collect())
    }
}

impl Sub for Count {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            requests: self.requests - earlier.requests,
            guarded_puts: self.guarded_puts - earlier.guarded_puts,
            failed_conditions: self.failed_conditions - earlier.failed_conditions,
            read_half_units: self.read_half_units - earlier.read_half_units,
            write_units: self.write_units - earlier.write_units,
            request_bytes: self.request_bytes - earlier.request_bytes,
            answer_bytes: self.answer_bytes - earlier.answer_bytes,
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.guarded_puts += more.guarded_puts;
        self.failed_conditions += more.failed_conditions;
        self.read_half_units += more.read_half_units;
        self.write_units += more.write_units;
        self.request_bytes += more.request_bytes;
        self.answer_bytes += more.answer_bytes;
    }
}
