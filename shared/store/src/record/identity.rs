//! Ids as 22 characters instead of 36, and the table of those that a text refers to.

use model::ids::ExecutionId;
use uuid::Uuid;

/// The alphabet of base64url.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// 22 digits of 6 bits hold the 128 bits of an id.
const DIGITS: u32 = 22;

/// Returns an id as 22 characters of base64url, the most significant first.
pub(super) fn render(id: Uuid) -> String {
    let bits = id.as_u128();
    // The first digit holds the two bits that are left over.
    (0..DIGITS)
        .rev()
        .map(|place| char::from(ALPHABET[usize::from(sextet(bits >> (6 * place)))]))
        .collect()
}

fn sextet(bits: u128) -> u8 {
    u8::try_from(bits & 63).expect("six bits are less than a byte")
}

/// Reads 22 characters back.
pub(super) fn parse(text: &str) -> Result<Uuid, String> {
    let wrong = || format!("{text:?} is not an id of 22 characters");
    if text.len() != DIGITS as usize {
        return Err(wrong());
    }
    let mut bits: u128 = 0;
    for character in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == character).ok_or_else(wrong)?;
        if bits >> 122 != 0 {
            return Err(wrong());
        }
        bits = bits << 6 | digit as u128;
    }
    Ok(Uuid::from_u128(bits))
}

/// Reads an execution's id back.
pub(super) fn parse_execution(text: &str) -> Result<ExecutionId, String> {
    parse(text).map(ExecutionId::new)
}

/// The executions that a record refers to by their place, each written once with its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Subjects(Vec<Subject>);

/// An execution, and its number in the pipeline; 0 where only the id is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) id: ExecutionId,
    pub(super) number: u64,
}

impl Subjects {
    /// Returns the place of an execution, giving it one if it has none. A number of 0 asks for the id
    /// alone.
    pub(super) fn place(&mut self, id: ExecutionId, number: u64) -> usize {
        let is_meant = |known: &Subject| {
            known.id == id && (number == 0 || known.number == 0 || known.number == number)
        };
        // A record refers to a handful of executions, 50 at most.
        if let Some(place) = self.0.iter().position(is_meant) {
            self.0[place].number = self.0[place].number.max(number);
            return place;
        }
        self.0.push(Subject { id, number });
        self.0.len() - 1
    }

    /// Returns the place of an execution under exactly this number, giving it one if it has none.
    pub(super) fn exact_place(&mut self, subject: Subject) -> usize {
        if let Some(place) = self.0.iter().position(|known| *known == subject) {
            return place;
        }
        self.0.push(subject);
        self.0.len() - 1
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the execution at a place that a text refers to.
    pub(super) fn at(&self, place: usize) -> Result<Subject, String> {
        entry(&self.0, place)
    }

    /// Writes all but the first few: an id each, and its number behind a `#` if it is known.
    pub(super) fn render(&self, from: usize) -> Vec<String> {
        let text = |subject: &Subject| {
            let Subject { id, number } = subject;
            let id = render(id.uuid());
            if *number == 0 { id } else { format!("{id}#{number}") }
        };
        self.0[from..].iter().map(text).collect()
    }

    /// Reads more of them.
    pub(super) fn parse(&mut self, texts: &[String]) -> Result<(), String> {
        for text in texts {
            let (id, number) = text.split_once('#').unwrap_or((text, "0"));
            let number = number.parse().map_err(|_| format!("{text:?} is not an execution"))?;
            self.0.push(Subject { id: parse_execution(id)?, number });
        }
        Ok(())
    }
}

/// Whether a member has the value that is left out.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Returns the entry at a place that a text refers to.
pub(super) fn entry<T: Copy>(entries: &[T], place: usize) -> Result<T, String> {
    entries
        .get(place)
        .copied()
        .ok_or_else(|| format!("it refers to entry {place}, which is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_survives_and_nothing_else_is_one() {
        for bits in [0, 1, 63, 64, u128::MAX, u128::MAX - 1, 1 << 127, 0x0192_f3a4 << 90] {
            let id = Uuid::from_u128(bits);
            let text = render(id);
            assert_eq!(text.len(), 22);
            assert_eq!(parse(&text), Ok(id), "{text}");
        }
        // The 22 digits hold four bits more than an id has.
        for wrong in ["", "A", "EAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA=", "é"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
