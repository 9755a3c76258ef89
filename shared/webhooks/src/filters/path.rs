//! `JSONPath` as people write it for CodePipeline, made into `JSONPath` of the standard (RFC 9535).
//!
//! CodePipeline takes the dialect of the Java library `JsonPath`. It is nearly the standard: names after
//! a dot may hold characters that the standard wants quoted, and the `$` in front may be missing.
//! This reads a path just far enough to write it as the standard has it; whether the result is a path
//! is for the library to say.
//!
//! A path is also bounded here, since whoever sends a message chooses what it is asked about: one
//! `..`, no filter in a filter, few alternatives. Then asking takes time that the message's size bounds.

use serde_json_path::JsonPath;

/// How many alternatives the brackets of a path may multiply to.
const ALTERNATIVES_MAX: usize = 8;

/// Compiles a path.
pub(super) fn compile(written: &str) -> Result<JsonPath, String> {
    let standard = translate(written)?;
    JsonPath::parse(&standard).map_err(|error| {
        format!("{written:?} is not a JSONPath: {}; write one like $.ref", error.message())
    })
}

fn translate(written: &str) -> Result<String, String> {
    let mut reading = Reading { rest: written.trim(), standard: String::new(), ..Reading::START };
    reading.standard.push('$');
    match reading.peek() {
        None => return Err("it is empty; write a path like $.ref".to_owned()),
        Some('$' | '@') => reading.skip(1),
        Some('[') => {}
        // Java's library lets the beginning away.
        Some(_) => reading.name()?,
    }
    reading.segments(Place::Outside)?;
    match reading.peek() {
        None => Ok(reading.standard),
        Some(_) => Err(format!("{:?} does not continue a path", reading.rest)),
    }
}

/// Where a path stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is the whole one.
    Outside,
    /// It begins with `@`, in a filter.
    AtElement,
    /// It begins with `$`, in a filter: asked again for each element, so it must find one thing only.
    AtRoot,
}

struct Reading<'a> {
    rest: &'a str,
    standard: String,
    descents: usize,
    alternatives: usize,
}

impl Reading<'_> {
    const START: Self = Self { rest: "", standard: String::new(), descents: 0, alternatives: 1 };

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn copy(&mut self, bytes: usize) {
        self.standard.push_str(&self.rest[..bytes]);
        self.skip(bytes);
    }

    fn segments(&mut self, place: Place) -> Result<(), String> {
        loop {
            if self.rest.starts_with("..") {
                self.descents += 1;
                if self.descents > 1 {
                    return Err("it has more than one `..`; name the way to it".to_owned());
                }
                singular(place)?;
                self.skip(2);
                self.standard.push_str("..");
                self.after_dot(place)?;
            } else if self.rest.starts_with('.') {
                self.skip(1);
                self.after_dot(place)?;
            } else if self.rest.starts_with('[') {
                self.bracket(place)?;
            } else {
                return Ok(());
            }
        }
    }

    fn after_dot(&mut self, place: Place) -> Result<(), String> {
        match self.peek() {
            Some('*') => {
                singular(place)?;
                self.skip(1);
                self.standard.push_str("[*]");
                Ok(())
            }
            Some('[') => self.bracket(place),
            Some(_) | None => self.name(),
        }
    }

    /// Reads a name after a dot, and writes it quoted.
    fn name(&mut self) -> Result<(), String> {
        let is_end =
            |letter: char| letter.is_whitespace() || ".[]()'\"=<>!&|,*?@$".contains(letter);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        if name.is_empty() {
            return Err("a dot is followed by no name".to_owned());
        }
        if self.rest[end..].starts_with('(') {
            return Err(format!("it calls the function {name}, and none can be called here"));
        }
        self.standard.push_str("['");
        for letter in name.chars() {
            if letter == '\\' {
                self.standard.push('\\');
            }
            self.standard.push(letter);
        }
        self.standard.push_str("']");
        self.skip(end);
        Ok(())
    }

    fn bracket(&mut self, place: Place) -> Result<(), String> {
        self.copy(1);
        self.skip_space();
        match self.peek() {
            Some('?') if place == Place::Outside => self.filter()?,
            Some('?') => return Err("it has a filter in a filter".to_owned()),
            Some('(') => return Err("it has a script in brackets; write a number".to_owned()),
            Some(_) | None => self.selectors(place)?,
        }
        self.skip_space();
        if self.peek() != Some(']') {
            return Err("a bracket is not closed".to_owned());
        }
        self.copy(1);
        Ok(())
    }

    fn selectors(&mut self, place: Place) -> Result<(), String> {
        let mut count = 0;
        loop {
            count += 1;
            self.skip_space();
            match self.peek() {
                Some('\'' | '"') => self.quoted()?,
                Some('*') => {
                    singular(place)?;
                    self.copy(1);
                }
                Some(_) | None => {
                    let is_number =
                        |letter: char| letter.is_ascii_digit() || "-: ".contains(letter);
                    let end = self.rest.find(|letter| !is_number(letter));
                    let end = end.unwrap_or(self.rest.len());
                    if self.rest[..end].contains(':') {
                        singular(place)?;
                    }
                    self.copy(end);
                }
            }
            self.skip_space();
            if self.peek() != Some(',') {
                break;
            }
            singular(place)?;
            self.copy(1);
        }
        self.alternatives = self.alternatives.saturating_mul(count);
        if self.alternatives > ALTERNATIVES_MAX {
            return Err(format!("its brackets have more than {ALTERNATIVES_MAX} alternatives"));
        }
        Ok(())
    }

    fn quoted(&mut self) -> Result<(), String> {
        let quote = self.rest.as_bytes()[0];
        let mut is_escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| {
            let ends = byte == quote && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        let end = end.ok_or("a text is not closed")?;
        self.copy(end + 2);
        Ok(())
    }

    /// Reads what follows `?`, up to the bracket that closes the filter.
    fn filter(&mut self) -> Result<(), String> {
        self.copy(1);
        loop {
            if self.rest.starts_with("=~") {
                return Err("it compares with a regular expression; compare with a text".to_owned());
            }
            match self.peek() {
                None | Some(']') => return Ok(()),
                Some('\'' | '"') => self.quoted()?,
                Some(root @ ('@' | '$')) => {
                    self.copy(1);
                    self.segments(if root == '@' { Place::AtElement } else { Place::AtRoot })?;
                }
                Some(letter) if letter.is_alphabetic() => self.word()?,
                Some(letter) if letter.is_ascii_digit() || letter == '-' => self.number(),
                Some(letter) if "()=!<>&| ".contains(letter) => self.copy(1),
                Some(other) => return Err(format!("{other:?} cannot stand in a filter")),
            }
        }
    }

    fn word(&mut self) -> Result<(), String> {
        let end = self.rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let end = end.unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        if !["true", "false", "null"].contains(&word) {
            return Err(format!(
                "{word:?} cannot stand in a filter; use == != < <= > >= && || ! and texts in quotes"
            ));
        }
        self.copy(end);
        Ok(())
    }

    fn number(&mut self) {
        let is_number = |letter: char| letter.is_ascii_digit() || "-+.eE".contains(letter);
        let end = self.rest.find(|letter| !is_number(letter)).unwrap_or(self.rest.len());
        self.copy(end);
    }
}

/// Refuses what finds several things where one must be found.
fn singular(place: Place) -> Result<(), String> {
    match place {
        Place::Outside | Place::AtElement => Ok(()),
        Place::AtRoot => {
            Err("a path from $ in a filter must lead to one place: names and numbers only"
                .to_owned())
        }
    }
}
