//! Every constraint of every request of the API: fits at the bound, and is refused one past it.
//!
//! Goal: no member of any operation escapes. Method: build the fullest request that each shape
//! allows, then change one place at a time, as the shape of that place suggests.

use std::fmt::Write as _;

use model::shape::{Range, Shape, Text};
use protocol::{Operation, shapes, validate};
use serde_json::{Value, json};

use crate::sample::{full, minimal, text_of};

/// What a changed request must meet.
enum Verdict {
    Fits,
    /// A `ValidationException` with these words.
    Refused(String),
    /// A `SerializationException` that begins with this path.
    Mistyped(String),
}

/// One place of a request changed.
struct Case {
    pointer: String,
    /// What stands there; nothing, if the member is taken out.
    value: Option<Value>,
    verdict: Verdict,
}

/// Where the cases are made.
#[derive(Clone, Default)]
struct Spot {
    pointer: String,
    path: String,
    member_path: String,
    /// The path of the map of which this is a value.
    map: Option<String>,
}

impl Spot {
    fn below(&self, step: &str, path: &str, member: &str) -> Self {
        let dot = if self.path.is_empty() || path.starts_with('[') { "" } else { "." };
        let member_dot = if self.path.is_empty() { "" } else { "." };
        Self {
            pointer: format!("{}/{step}", self.pointer),
            path: format!("{}{dot}{path}", self.path),
            member_path: format!("{}{member_dot}{member}", self.member_path),
            map: None,
        }
    }
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, spot: &Spot, value: impl Into<Value>, verdict: Verdict) {
        let value = Some(value.into());
        self.0.push(Case { pointer: spot.pointer.clone(), value, verdict });
    }

    fn refuse(&mut self, spot: &Spot, value: impl Into<Value>, words: &str) {
        let words = match &spot.map {
            Some(map) => format!(
                "Value at '{map}' failed to satisfy constraint: Map value must satisfy constraint: ["
            ),
            None => format!(
                "at '{}' failed to satisfy constraint: Member must {words}",
                spot.member_path
            ),
        };
        self.add(spot, value, Verdict::Refused(words));
    }

    fn shape(&mut self, shape: &Shape, spot: &Spot) {
        let wrong = if matches!(shape, Shape::Boolean) { json!(1) } else { json!(true) };
        self.add(spot, wrong, Verdict::Mistyped(spot.path.clone()));
        match shape {
            Shape::Structure(members) => {
                self.add(
                    &spot.below("aMemberOfTomorrow", "", ""),
                    json!([{"x": null}]),
                    Verdict::Fits,
                );
                for member in *members {
                    let here = spot.below(member.name, member.name, member.name);
                    let words = format!(
                        "Value null at '{}' failed to satisfy constraint: Member must not be null",
                        here.member_path
                    );
                    for value in [None, Some(Value::Null)] {
                        let verdict = if member.is_required {
                            Verdict::Refused(words.clone())
                        } else {
                            Verdict::Fits
                        };
                        self.0.push(Case { pointer: here.pointer.clone(), value, verdict });
                    }
                    self.shape(member.shape, &here);
                }
            }
            Shape::List { element, size } => {
                self.size(*size, spot, |count| vec![full(element); count].into());
                self.shape(element, &spot.below("0", "[0]", "1.member"));
            }
            Shape::Map { key, value, size } => self.map(key, value, *size, spot),
            Shape::Text(text) => self.text(text, spot),
            Shape::Integer { minimum, maximum } => {
                let maximum = maximum.unwrap_or(i64::from(i32::MAX));
                self.add(spot, *minimum, Verdict::Fits);
                self.add(spot, maximum, Verdict::Fits);
                let below = format!("have value greater than or equal to {minimum}");
                self.refuse(spot, minimum - 1, &below);
                self.refuse(
                    spot,
                    maximum + 1,
                    &format!("have value less than or equal to {maximum}"),
                );
                self.add(spot, 1.5, Verdict::Mistyped(spot.path.clone()));
            }
            Shape::Boolean => self.add(spot, false, Verdict::Fits),
            Shape::Moment => {
                self.add(spot, 0, Verdict::Fits);
                self.add(spot, 1e12, Verdict::Mistyped(spot.path.clone()));
            }
        }
    }

    fn size(&mut self, size: Range, spot: &Spot, of_size: impl Fn(usize) -> Value) {
        self.add(spot, of_size(size.minimum), Verdict::Fits);
        if size.minimum > 0 {
            let words = format!("have length greater than or equal to {}", size.minimum);
            self.refuse(spot, of_size(size.minimum - 1), &words);
        }
        if let Some(maximum) = size.maximum {
            self.add(spot, of_size(maximum), Verdict::Fits);
            let words = format!("have length less than or equal to {maximum}");
            self.refuse(spot, of_size(maximum + 1), &words);
        }
    }

    fn map(&mut self, key: &Text, value: &Shape, size: Range, spot: &Spot) {
        let element = full(value);
        let named = |name: &str| json!({ name: element });
        self.size(size, spot, |count| {
            let names =
                (0..count).map(|n| format!("{}{n}", text_of(key, key.length.minimum.max(4))));
            names.map(|name| (name, element.clone())).collect::<serde_json::Map<_, _>>().into()
        });
        let words = format!(
            "Value at '{}' failed to satisfy constraint: Map keys must satisfy constraint: [",
            spot.member_path
        );
        if let Some(maximum) = key.length.maximum {
            self.add(spot, named(&text_of(key, maximum)), Verdict::Fits);
            self.add(spot, named(&text_of(key, maximum + 1)), Verdict::Refused(words.clone()));
        }
        if key.length.minimum > 0 {
            let short = text_of(key, key.length.minimum - 1);
            self.add(spot, named(&short), Verdict::Refused(words.clone()));
        }
        if key.pattern.is_some() {
            self.add(spot, named("a\n"), Verdict::Refused(words));
        }
        let name = text_of(key, key.length.minimum.max(1));
        let mut here = spot.below(&name, &name, &format!("{name}.member"));
        if matches!(value, Shape::Text(_)) {
            here.map = Some(spot.member_path.clone());
        }
        self.shape(value, &here);
    }

    fn text(&mut self, text: &Text, spot: &Spot) {
        for word in text.words {
            self.add(spot, *word, Verdict::Fits);
        }
        if !text.words.is_empty() {
            for wrong in ["", "no such word", &text.words[0].to_uppercase().repeat(2)] {
                let words = format!("satisfy enum value set: [{}]", text.words.join(", "));
                self.refuse(spot, wrong, &words);
            }
            return;
        }
        if let Some(pattern) = text.pattern {
            let words = format!("satisfy regular expression pattern: {}", pattern.text);
            for wrong in ["\n".repeat(text.length.minimum.max(1)), text_of(text, 5) + "\n"] {
                self.refuse(spot, wrong, &words);
            }
        }
        if let Some(maximum) = text.length.maximum {
            self.add(spot, text_of(text, maximum), Verdict::Fits);
            let words = format!("have length less than or equal to {maximum}");
            self.refuse(spot, text_of(text, maximum + 1), &words);
        }
        if text.length.minimum > 0 {
            if text.pattern.is_none_or(|pattern| pattern.is_match("a")) {
                self.add(spot, text_of(text, text.length.minimum), Verdict::Fits);
            }
            let words = format!("have length greater than or equal to {}", text.length.minimum);
            self.refuse(spot, "a".repeat(text.length.minimum - 1), &words);
        }
        if text.is_path_part && text.pattern.is_none_or(|pattern| pattern.is_match("..")) {
            self.refuse(spot, "..", "not be a path segment");
        }
    }
}

/// Puts what the case says into a request.
fn change(request: &mut Value, case: &Case) {
    let (parent, last) = case.pointer.rsplit_once('/').expect("each case is below the top");
    let parent = request.pointer_mut(parent).expect("the fullest request has every member");
    match (parent, &case.value) {
        (Value::Object(members), Some(value)) => {
            members.insert(last.to_owned(), value.clone());
        }
        (Value::Object(members), None) => {
            members.remove(last);
        }
        (Value::Array(values), Some(value)) => {
            values[last.parse::<usize>().expect("an index")] = value.clone();
        }
        (parent, _) => panic!("{} is below {parent}", case.pointer),
    }
}

#[test]
fn every_constraint_of_every_operation_holds_at_its_bound_and_refuses_past_it() {
    let mut table = String::new();
    for operation in Operation::ALL {
        let shape = shapes::input(*operation);
        let fullest = full(shape);
        for request in [&fullest, &minimal(shape)] {
            let mut fitted = request.clone();
            assert_eq!(validate(*operation, &mut fitted), Ok(()), "{operation}");
            assert_eq!(&fitted, request, "{operation}");
        }
        let mut cases = Cases::default();
        cases.shape(shape, &Spot::default());
        // The first case is the body itself, which decoding holds to be an object.
        let cases = &cases.0[1..];
        for case in cases {
            check(*operation, &fullest, case);
        }
        writeln!(table, "{operation:36} {:5} cases", cases.len()).unwrap();
    }
    println!("{table}");
}

fn check(operation: Operation, fullest: &Value, case: &Case) {
    let mut request = fullest.clone();
    change(&mut request, case);
    let answer = validate(operation, &mut request);
    let Case { pointer, value, .. } = case;
    let told = format!("{operation} {pointer} {value:?}: {answer:?}");
    match (&case.verdict, answer) {
        (Verdict::Fits, Ok(())) => assert_eq!(request.pointer(pointer), kept(case), "{told}"),
        (Verdict::Refused(words), Err(fault)) => {
            assert_eq!(fault.code, "ValidationException", "{told}");
            assert!(fault.message.contains(words), "{told}\nexpected {words}");
            assert!(fault.message.starts_with("1 validation error detected: "), "{told}");
        }
        (Verdict::Mistyped(path), Err(fault)) => {
            assert_eq!(fault.code, "SerializationException", "{told}");
            assert!(fault.message.starts_with(&format!("{path} should be ")), "{told}");
        }
        (Verdict::Fits | Verdict::Refused(_) | Verdict::Mistyped(_), _) => panic!("{told}"),
    }
}

/// Returns what must be left of what was put in.
fn kept(case: &Case) -> Option<&Value> {
    if case.pointer.ends_with("/aMemberOfTomorrow") {
        return None;
    }
    case.value.as_ref().filter(|value| !value.is_null())
}
