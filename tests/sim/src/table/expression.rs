//! Condition and update expressions, as far as the store writes them.

use std::cmp::Ordering;

use serde_json::Value;

use super::Item;

/// What the names and values in an expression stand for.
pub(super) struct Context<'a> {
    names: &'a Value,
    values: &'a Value,
}

impl<'a> Context<'a> {
    /// Takes the names and values of a request.
    pub(super) fn of(body: &'a Value) -> Self {
        let (names, values) = ("ExpressionAttributeNames", "ExpressionAttributeValues");
        Self { names: &body[names], values: &body[values] }
    }

    /// Returns the partition that a key condition names, and the first and last sort key.
    pub(super) fn range(&self, text: &str) -> Result<(String, String, String), String> {
        let words = words(text);
        let words: Vec<&str> = words.iter().map(|word| self.name(word)).collect();
        let value = |name: &str| {
            let value = self.values[name]["S"].as_str().map(str::to_owned);
            value.ok_or_else(|| format!("no text stands for {name}"))
        };
        match words.as_slice() {
            ["PK", "=", partition] => Ok((value(partition)?, String::new(), char::MAX.to_string())),
            ["PK", "=", partition, "AND", "SK", "BETWEEN", low, "AND", high] => {
                Ok((value(partition)?, value(low)?, value(high)?))
            }
            ["PK", "=", partition, "AND", "begins_with", "(", "SK", ",", prefix, ")"] => {
                let low = value(prefix)?;
                let high = format!("{low}{}", char::MAX);
                Ok((value(partition)?, low, high))
            }
            _ => Err(format!("the simulated table does not know the key condition {text}")),
        }
    }

    fn name<'n>(&'n self, word: &'n str) -> &'n str {
        self.names[word].as_str().unwrap_or(word)
    }
}

/// Says whether a condition holds for a row, or for the absence of one.
pub(super) fn condition(
    text: &str,
    context: &Context<'_>,
    item: Option<&Item>,
) -> Result<bool, String> {
    let mut reader = Reader { words: words(text), at: 0, context, item };
    let holds = reader.any()?;
    reader.end()?;
    Ok(holds)
}

/// Changes a row as an update expression says.
pub(super) fn update(text: &str, context: &Context<'_>, item: &mut Item) -> Result<(), String> {
    let former = item.clone();
    let mut reader = Reader { words: words(text), at: 0, context, item: Some(&former) };
    let mut is_removing = false;
    while let Some(word) = reader.next() {
        match word.as_str() {
            "SET" => is_removing = false,
            "REMOVE" => is_removing = true,
            "," => {}
            name => {
                let name = context.name(name).to_owned();
                if is_removing {
                    item.remove(&name);
                    continue;
                }
                reader.expect("=")?;
                let value = reader.operand()?.ok_or_else(|| format!("nothing to set in {text}"))?;
                item.insert(name, value);
            }
        }
    }
    Ok(())
}

/// Splits an expression into its words.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let stands_alone = matches!(c, '(' | ')' | ',' | '=' | '<' | '>' | '+');
        if (c.is_whitespace() || stands_alone) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match (c, words.last().map(String::as_str)) {
            ('=' | '>', Some("<")) | ('=', Some(">")) => {
                if let Some(last) = words.last_mut() {
                    last.push(c);
                }
            }
            _ if stands_alone => words.push(c.to_string()),
            _ if c.is_whitespace() => {}
            _ => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

struct Reader<'a> {
    words: Vec<String>,
    at: usize,
    context: &'a Context<'a>,
    item: Option<&'a Item>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn accept(&mut self, word: &str) -> bool {
        let is_next = self.words.get(self.at).is_some_and(|next| next == word);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        let found = self.words.get(self.at).cloned().unwrap_or_default();
        if self.accept(word) { Ok(()) } else { Err(format!("{found} stands where {word} should")) }
    }

    fn end(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("{word} stands after the end of the expression")),
        }
    }

    fn any(&mut self) -> Result<bool, String> {
        let mut holds = self.all()?;
        while self.accept("OR") {
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut holds = self.one()?;
        while self.accept("AND") {
            holds &= self.one()?;
        }
        Ok(holds)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.accept("NOT") {
            return Ok(!self.one()?);
        }
        if self.accept("(") {
            let holds = self.any()?;
            self.expect(")")?;
            return Ok(holds);
        }
        for (function, should_exist) in
            [("attribute_exists", true), ("attribute_not_exists", false)]
        {
            if self.accept(function) {
                self.expect("(")?;
                let exists = self.operand()?.is_some();
                self.expect(")")?;
                return Ok(exists == should_exist);
            }
        }
        let left = self.operand()?;
        let operator = self.next().unwrap_or_default();
        let right = self.operand()?;
        let order = order(left.as_ref(), right.as_ref());
        match operator.as_str() {
            "=" => Ok(order == Some(Ordering::Equal)),
            "<>" => Ok(order != Some(Ordering::Equal)),
            "<" => Ok(order.is_some_and(Ordering::is_lt)),
            "<=" => Ok(order.is_some_and(Ordering::is_le)),
            ">" => Ok(order.is_some_and(Ordering::is_gt)),
            ">=" => Ok(order.is_some_and(Ordering::is_ge)),
            other => Err(format!("{other} is no operator that the simulated table knows")),
        }
    }

    fn operand(&mut self) -> Result<Option<Value>, String> {
        let word = self.next().ok_or("the expression ends too early")?;
        if word == "if_not_exists" {
            self.expect("(")?;
            let present = self.operand()?;
            self.expect(",")?;
            let other = self.operand()?;
            self.expect(")")?;
            return Ok(present.or(other));
        }
        if word.starts_with(':') {
            let value = self.context.values.get(&word);
            return value.cloned().map(Some).ok_or_else(|| format!("no value stands for {word}"));
        }
        let name = self.context.name(&word);
        Ok(self.item.and_then(|item| item.get(name)).cloned())
    }
}

/// Compares two values of one type.
fn order(left: Option<&Value>, right: Option<&Value>) -> Option<Ordering> {
    let (left, right) = (left?, right?);
    if let (Some(left), Some(right)) = (left["S"].as_str(), right["S"].as_str()) {
        return Some(left.cmp(right));
    }
    let number = |value: &Value| value["N"].as_str()?.parse::<i128>().ok();
    Some(number(left)?.cmp(&number(right)?))
}
