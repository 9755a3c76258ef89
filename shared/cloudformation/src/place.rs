//! Where a value will stand in the declaration, and the text that may stand in for it there.

/// A text that stands for a value known only once a stack is deployed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placeholder {
    /// Where it stands in the declaration, such as
    /// `pipeline.stages[0].actions[1].configuration.BucketName`.
    pub path: String,
    /// The text that was put there, alone or as a part of the value.
    pub text: String,
    /// Why the value is not known, and what to pass instead.
    pub reason: String,
}

/// A place in the declaration under construction.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    path: String,
    seat: Seat,
    verbatim: bool,
}

/// What a value must look like to be legal in its place (contract §1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// The ARN of a role.
    Role,
    /// The name of a bucket.
    Bucket,
    /// The code of a Region.
    Region,
    /// The twelve digits of an account.
    Account,
    /// The ARN of a connection to a Git host.
    Connection,
    /// A number, with one that is always in range.
    Number(u32),
    /// A version of at most nine characters.
    Version,
    /// A name, or any text.
    Name,
    /// A part of a longer text, which rarely wants to be an ARN.
    Piece,
}

impl Place {
    /// Returns the declaration's own place, named as the findings of validation name it.
    pub(crate) fn pipeline() -> Self {
        Place { path: "pipeline".to_owned(), seat: Seat::Name, verbatim: false }
    }

    /// Returns a place outside of any declaration, for values that decide conditions.
    pub(crate) fn outside(path: String) -> Self {
        Place { path, seat: Seat::Piece, verbatim: true }
    }

    /// Returns the place of a member, and the member's name in the declaration.
    ///
    /// Keys inside a configuration belong to the provider and keep their spelling.
    pub(crate) fn member(&self, key: &str) -> (Self, String) {
        let name = if self.verbatim { key.to_owned() } else { lower_camel(key) };
        let path = format!("{}.{name}", self.path);
        let verbatim = self.verbatim || name == "configuration";
        let seat = seat(&path, &name, self.verbatim);
        (Place { path, seat, verbatim }, name)
    }

    /// Returns the place of an element, which is judged as its list is.
    pub(crate) fn element(&self, index: usize) -> Self {
        let path = format!("{}[{index}]", self.path);
        Place { path, seat: self.seat, verbatim: self.verbatim }
    }

    /// Returns the same place for a part of a longer text.
    pub(crate) fn piece(&self) -> Self {
        Place { path: self.path.clone(), seat: Seat::Piece, verbatim: self.verbatim }
    }

    /// Returns the same place for the part that follows `before` in a longer text.
    ///
    /// An ARN whose account or Region is not known stays a legal ARN this way.
    pub(crate) fn part_after(&self, before: &str) -> Self {
        let is_field = before.starts_with("arn:") && before.ends_with(':');
        let seat = match before.matches(':').count() {
            3 if is_field => Seat::Region,
            4 if is_field => Seat::Account,
            _ => Seat::Piece,
        };
        Place { seat, ..self.clone() }
    }

    /// Returns the same place for data of a function, whose keys keep their spelling.
    pub(crate) fn data(&self) -> Self {
        Place { path: self.path.clone(), seat: self.seat, verbatim: true }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn seat(&self) -> Seat {
        self.seat
    }
}

fn seat(path: &str, name: &str, in_configuration: bool) -> Seat {
    match (in_configuration, name) {
        (false, "roleArn") | (true, "RoleArn") => Seat::Role,
        (true, "BucketName" | "S3Bucket") => Seat::Bucket,
        (true, "ConnectionArn") => Seat::Connection,
        (false, "location") if path.starts_with("pipeline.artifactStore") => Seat::Bucket,
        (false, "region") => Seat::Region,
        (false, "runOrder") => Seat::Number(1),
        (false, "timeoutInMinutes") => Seat::Number(60),
        (false, "version") => Seat::Version,
        (_, _) => Seat::Name,
    }
}

/// Turns `RoleArn` into `roleArn`, which is the whole difference between the two shapes' members.
fn lower_camel(key: &str) -> String {
    let mut characters = key.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Makes a name of letters, digits and `-`, which is legal for everything that has a name.
pub(crate) fn legal_name(text: &str) -> String {
    const NAME_CHARACTERS_MAX: usize = 100;
    let name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(NAME_CHARACTERS_MAX)
        .collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "placeholder".to_owned() } else { name.to_owned() }
}

/// Makes a bucket's name: lower case, 3 to 63 characters.
pub(crate) fn legal_bucket(text: &str) -> String {
    const BUCKET_CHARACTERS_MAX: usize = 63;
    let mut name = legal_name(text).to_ascii_lowercase();
    name.truncate(BUCKET_CHARACTERS_MAX);
    let name = name.trim_end_matches('-');
    if name.len() < 3 { format!("{name}-bucket") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_renamed_until_the_provider_owns_the_keys() {
        let (stages, name) = Place::pipeline().member("Stages");
        assert_eq!(name, "stages");
        let (configuration, name) = stages.element(0).member("Configuration");
        assert_eq!(name, "configuration");
        let (bucket, name) = configuration.member("BucketName");
        assert_eq!((name.as_str(), bucket.seat()), ("BucketName", Seat::Bucket));
        assert_eq!(bucket.path(), "pipeline.stages[0].configuration.BucketName");
    }

    #[test]
    fn names_that_stand_in_are_legal_whatever_they_are_made_from() {
        for (text, name, bucket) in [
            ("MyBucket", "MyBucket", "mybucket"),
            ("A", "A", "a-bucket"),
            ("Höhe::x/", "H-he--x", "h-he--x"),
            ("", "placeholder", "placeholder"),
            ("::", "placeholder", "placeholder"),
        ] {
            assert_eq!((legal_name(text).as_str(), legal_bucket(text).as_str()), (name, bucket));
        }
        assert_eq!(legal_name(&"x".repeat(200)).len(), 100);
        assert_eq!(legal_bucket(&"x".repeat(200)).len(), 63);
    }
}
