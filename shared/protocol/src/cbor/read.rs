//! From bytes to a value.

use serde_json::{Map, Number, Value};

use super::{MOMENT, major};
use crate::wire::{DEPTH_MAX, VALUES_MAX, shorten};

const BREAK: u8 = 0xff;

/// Reads a body; nothing at all means an object without members. The error says what is wrong where.
///
/// Takes lengths that are said and lengths that are not, every width of numbers, and moments with
/// their tag; null and undefined are null. Refuses other tags, byte strings, numbers that are not
/// finite, keys that are not text or stand twice, and whatever follows the value.
pub fn read(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut reader = Reader { body, position: 0, values: 0 };
    let value = reader.value(0)?;
    if reader.position < body.len() {
        return Err(reader.wrong("something follows the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    body: &'a [u8],
    position: usize,
    /// How many values were begun.
    values: usize,
}

/// What the head of an item says.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    /// The low five bits: how the argument is written.
    width: u8,
    argument: u64,
}

impl Head {
    fn is_indefinite(self) -> bool {
        self.width == 31
    }
}

impl<'a> Reader<'a> {
    fn wrong(&self, what: &str) -> String {
        format!("{what} at byte {}", self.position)
    }

    fn wrong_before(&self, what: &str) -> String {
        format!("{what} before byte {}", self.position)
    }

    fn remaining(&self) -> usize {
        self.body.len() - self.position
    }

    /// Takes so many bytes, if they are there; what is claimed is never allocated before it is seen.
    fn take(&mut self, count: u64) -> Result<&'a [u8], String> {
        match usize::try_from(count) {
            Ok(count) if count <= self.remaining() => {
                let taken = &self.body[self.position..self.position + count];
                self.position += count;
                Ok(taken)
            }
            Ok(_) | Err(_) => {
                let remaining = self.remaining();
                Err(self.wrong(&format!("{count} bytes are claimed and {remaining} are there")))
            }
        }
    }

    fn head(&mut self) -> Result<Head, String> {
        let first = self.take(1)?[0];
        let (major, width) = (first >> 5, first & 0x1f);
        let argument = match width {
            0..24 => u64::from(width),
            24..28 => {
                let bytes = self.take(1 << (width - 24))?;
                bytes.iter().fold(0, |argument, byte| argument << 8 | u64::from(*byte))
            }
            31 if matches!(major, major::TEXT | major::LIST | major::MAP) => 0,
            _ => {
                self.position -= 1;
                return Err(self.wrong("an item has no legal beginning"));
            }
        };
        Ok(Head { major, width, argument })
    }

    /// Reads a value that stands `depth` maps and lists deep.
    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if self.values == VALUES_MAX {
            return Err(self.wrong(&format!("there are more than {VALUES_MAX} values")));
        }
        self.values += 1;
        let head = self.head()?;
        match head.major {
            major::POSITIVE => Ok(Value::from(head.argument)),
            major::NEGATIVE => match i64::try_from(head.argument) {
                Ok(argument) => Ok(Value::from(-1 - argument)),
                Err(_) => Err(self.wrong_before("a number does not fit into 64 bits")),
            },
            major::TEXT => Ok(Value::String(self.text(head)?)),
            major::LIST | major::MAP if depth == DEPTH_MAX => {
                let what = format!("maps and lists are nested more than {DEPTH_MAX} deep");
                Err(self.wrong_before(&what))
            }
            major::LIST => self.list(head, depth + 1),
            major::MAP => self.map(head, depth + 1),
            major::TAG => self.tagged(head),
            // No member of the API is one.
            major::BYTES => Err(self.wrong_before("a byte string stands where none is taken")),
            _ => self.other(head),
        }
    }

    fn text(&mut self, head: Head) -> Result<String, String> {
        if !head.is_indefinite() {
            return self.chunk(head).map(str::to_owned);
        }
        let mut text = String::new();
        while !self.ends()? {
            let head = self.head()?;
            if head.major != major::TEXT || head.is_indefinite() {
                return Err(self.wrong_before("a text in chunks has a chunk that is no text"));
            }
            text.push_str(self.chunk(head)?);
        }
        Ok(text)
    }

    fn chunk(&mut self, head: Head) -> Result<&'a str, String> {
        let bytes = self.take(head.argument)?;
        std::str::from_utf8(bytes).map_err(|_| self.wrong_before("a text is not UTF-8"))
    }

    /// Takes the mark that ends what has no length, if it stands here.
    fn ends(&mut self) -> Result<bool, String> {
        match self.body.get(self.position) {
            Some(&BREAK) => {
                self.position += 1;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Err(self.wrong("the body ends in the middle of a value")),
        }
    }

    /// Refuses a length that cannot be true, since each element has at least `bytes_each` bytes.
    fn check_length(&self, head: Head, bytes_each: u64) -> Result<(), String> {
        let remaining = self.remaining();
        let is_possible = usize::try_from(head.argument.saturating_mul(bytes_each))
            .is_ok_and(|bytes| bytes <= remaining);
        if is_possible {
            return Ok(());
        }
        let claimed = head.argument;
        Err(self.wrong(&format!("{claimed} elements are claimed and {remaining} bytes are there")))
    }

    fn list(&mut self, head: Head, depth: usize) -> Result<Value, String> {
        self.check_length(head, 1)?;
        let mut values = Vec::new();
        let mut left = head.argument;
        while if head.is_indefinite() { !self.ends()? } else { left > 0 } {
            values.push(self.value(depth)?);
            left = left.saturating_sub(1);
        }
        Ok(Value::Array(values))
    }

    fn map(&mut self, head: Head, depth: usize) -> Result<Value, String> {
        self.check_length(head, 2)?;
        let mut members = Map::new();
        let mut left = head.argument;
        while if head.is_indefinite() { !self.ends()? } else { left > 0 } {
            let key = self.head()?;
            if key.major != major::TEXT {
                return Err(self.wrong_before("a key is not a text"));
            }
            let name = self.text(key)?;
            if members.contains_key(&name) {
                return Err(self.wrong_before(&format!("`{}` is written twice", shorten(&name))));
            }
            let value = self.value(depth)?;
            members.insert(name, value);
            left = left.saturating_sub(1);
        }
        Ok(Value::Object(members))
    }

    /// Reads a moment, the only thing with a tag.
    fn tagged(&mut self, tag: Head) -> Result<Value, String> {
        if tag.argument != MOMENT {
            return Err(self.wrong_before(&format!("tag {} is not known", tag.argument)));
        }
        let is_number = self.body.get(self.position).is_some_and(|first| {
            matches!(first >> 5, major::POSITIVE | major::NEGATIVE) || matches!(first, 0xf9..=0xfb)
        });
        if !is_number {
            return Err(self.wrong("a moment is not a number"));
        }
        self.value(DEPTH_MAX)
    }

    fn other(&mut self, head: Head) -> Result<Value, String> {
        let number = match (head.width, head.argument) {
            (20, _) => return Ok(Value::Bool(false)),
            (21, _) => return Ok(Value::Bool(true)),
            (22 | 23, _) => return Ok(Value::Null),
            (25, bits) => half(bits),
            (26, bits) => f64::from(f32::from_bits(u32::try_from(bits).unwrap_or(u32::MAX))),
            (27, bits) => f64::from_bits(bits),
            _ => return Err(self.wrong_before("a simple value is not known")),
        };
        match Number::from_f64(number) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.wrong_before("a number is not finite")),
        }
    }
}

/// Returns a number of 16 bits: one of sign, five of exponent, ten of fraction.
fn half(bits: u64) -> f64 {
    let fraction = f64::from(u16::try_from(bits & 0x3ff).unwrap_or(0));
    let magnitude = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => {
            let exponent = i32::try_from(exponent).unwrap_or(0);
            (fraction + 1024.0) * 2f64.powi(exponent - 25)
        }
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
