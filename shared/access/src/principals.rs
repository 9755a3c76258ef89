//! Which roles an identity of IAM has here.
//!
//! Whoever deploys says it as a text: `Admin=arn:aws:iam::111122223333:role/Release,Viewer=…`. A pattern is
//! the ARN of a user or a role, with `*` for any characters after the account. The account is always
//! written out, so that the accounts that may ask at all are those of the patterns. Whoever no pattern
//! names may do nothing; without a text, that is everybody.
//!
//! A session of a role is that role ([`Principal::arn`]). The name of a session is chosen by whoever
//! assumes the role, so it is shown to people and decides nothing.

use std::collections::BTreeSet;

use crate::keys::Identity;

/// An identity of IAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user's ARN; of a session of a role, the role's, without the role's path.
    pub arn: String,
    /// The account's 12 digits.
    pub account: String,
    /// The name of the session, if it is one.
    pub session: Option<String>,
}

impl Principal {
    /// Reads the ARN that AWS has for whoever signed.
    pub fn read(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next();
        let (scheme, partition, service) = (next()?, next()?, next()?);
        let (region, account, resource) = (next()?, next()?, next()?);
        let is_partition = partition == "aws" || partition.starts_with("aws-");
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if scheme != "arn" || !is_partition || !region.is_empty() || !is_account {
            return None;
        }
        if !partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
            return None;
        }
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let of = |arn: String, session: Option<&str>| {
            let session = session.map(str::to_owned);
            Some(Self { arn, account: account.to_owned(), session })
        };
        match (service, kind) {
            ("iam", "user") if name.split('/').all(is_name) => of(arn.to_owned(), None),
            ("iam", "root") if resource == "root" => of(arn.to_owned(), None),
            ("sts", "federated-user") if is_name(name) => of(arn.to_owned(), None),
            ("sts", "assumed-role") => {
                let (role, session) = name.split_once('/')?;
                let is_session = is_name(role) && is_name(session);
                is_session.then_some(())?;
                of(format!("arn:{partition}:iam::{account}:role/{role}"), Some(session))
            }
            _ => None,
        }
    }

    /// Returns what the API knows of them. The name of a session goes before that of its role.
    pub fn identity(&self, roles: Vec<String>) -> Identity {
        let Self { arn, account, session } = self;
        let last = arn.rsplit(['/', ':']).next().unwrap_or_default();
        let name = session.clone().unwrap_or_else(|| last.to_owned());
        Identity { arn: arn.clone(), account: account.clone(), name, roles }
    }
}

/// A name in an ARN, as IAM lets names be.
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    !name.is_empty() && name.bytes().all(is_letter)
}

/// Who has which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principals {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    role: String,
    pattern: String,
    account: String,
}

impl Principals {
    /// Reads `Role=pattern` pairs with commas between them.
    pub fn read(text: &str) -> Result<Self, String> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let rules = pairs.map(Rule::read).collect::<Result<_, _>>()?;
        Ok(Self { rules })
    }

    /// Returns the roles of an identity by its ARN, which is that of a user or a role; none for whoever is
    /// not named.
    pub fn roles_of(&self, arn: &str) -> Vec<String> {
        let named = self.rules.iter().filter(|rule| matches(&rule.pattern, arn));
        named.map(|rule| rule.role.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether anybody of an account has a role.
    pub fn knows(&self, account: &str) -> bool {
        self.rules.iter().any(|rule| rule.account == account)
    }
}

impl Rule {
    fn read(pair: &str) -> Result<Self, String> {
        let unfit = |reason: &str| {
            format!(
                "`{pair}` says of nobody which role they have: {reason}; write it like \
                 `Admin=arn:aws:iam::111122223333:role/Release`"
            )
        };
        let Some((role, pattern)) = pair.split_once('=') else {
            return Err(unfit("there is no `=` between role and ARN"));
        };
        let (role, pattern) = (role.trim(), pattern.trim());
        if role.is_empty() || !role.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err(unfit("a role's name has letters, digits and `-`"));
        }
        let parts: Vec<_> = pattern.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, resource] = parts[..] else {
            return Err(unfit("the ARN has six parts with `:` between them"));
        };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !is_account {
            return Err(unfit("the account is written out, with its 12 digits"));
        }
        if scheme != "arn" || !partition.starts_with("aws") || !region.is_empty() {
            return Err(unfit("ARNs of users and roles begin with `arn:aws:iam::`"));
        }
        if resource.starts_with("assumed-role") {
            let reason = "a session is not named, since whoever assumes a role chooses its name; \
                          name the role, as `…:iam::…:role/…`";
            return Err(unfit(reason));
        }
        if resource.is_empty() || !["iam", "sts"].contains(&service) {
            return Err(unfit("it names no user and no role"));
        }
        let (role, pattern, account) = (role.to_owned(), pattern.to_owned(), account.to_owned());
        Ok(Self { role, pattern, account })
    }
}

/// Whether a text is what a pattern stands for; `*` stands for any characters. Linear in the text for each
/// star, so nobody's name takes long.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(place) = rest.find(piece) else { return false };
        rest = &rest[place + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/Release";

    #[test]
    fn a_session_is_its_role_and_its_name_is_for_people() {
        let session = "arn:aws:sts::111122223333:assumed-role/Release/ann@example.com";
        let principal = Principal::read(session).unwrap();
        assert_eq!(principal.arn, ROLE);
        assert_eq!(principal.session.as_deref(), Some("ann@example.com"));
        let identity = principal.identity(Vec::new());
        assert_eq!((identity.name.as_str(), identity.arn.as_str()), ("ann@example.com", ROLE));
        assert_eq!(identity.shown_arn(), session);
        let user = Principal::read("arn:aws:iam::111122223333:user/team/ann").unwrap();
        assert_eq!(user.identity(Vec::new()).name, "ann");
        assert_eq!(user.arn, "arn:aws:iam::111122223333:user/team/ann");
        assert_eq!(user.identity(Vec::new()).shown_arn(), user.arn);
        let root = Principal::read("arn:aws:iam::111122223333:root").unwrap();
        assert_eq!(root.identity(Vec::new()).name, "root");
    }

    #[test]
    fn what_is_no_identity_of_a_user_or_a_session_is_nobody() {
        let wrong = [
            "",
            "arn:aws:iam::111122223333:role/Release",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:user/a//b",
            "arn:aws:iam::11112222333:user/ann",
            "arn:aws:iam::11112222333x:user/ann",
            "arn:aws:iam:us-east-1:111122223333:user/ann",
            "arn:AWS:iam::111122223333:user/ann",
            "arn:aws evil:iam::111122223333:user/ann",
            "arn:aws:sts::111122223333:assumed-role/Release",
            "arn:aws:sts::111122223333:assumed-role//ann",
            "arn:aws:sts::111122223333:assumed-role/Release/",
            "arn:aws:sts::111122223333:assumed-role/Release/a/b",
            "arn:aws:sts::111122223333:assumed-role/Release/a\nb",
            "arn:aws:sts::111122223333:assumed-role/Release/*",
            "arn:aws:iam::111122223333:root/x",
            "arn:aws:s3:::bucket/key",
        ];
        for arn in wrong {
            assert_eq!(Principal::read(arn), None, "{arn}");
        }
    }

    #[test]
    fn who_is_named_has_the_role_and_nobody_else_has_any() {
        let text = "Admin=arn:aws:iam::111122223333:role/Release, \
                    Viewer=arn:aws:iam::111122223333:*,Editor=arn:aws:iam::444455556666:user/dev-*";
        let principals = Principals::read(text).unwrap();
        assert_eq!(principals.roles_of(ROLE), ["Admin", "Viewer"]);
        assert_eq!(principals.roles_of("arn:aws:iam::111122223333:role/Release2"), ["Viewer"]);
        assert_eq!(principals.roles_of("arn:aws:iam::444455556666:user/dev-1"), ["Editor"]);
        assert!(principals.roles_of("arn:aws:iam::444455556666:user/ops").is_empty());
        assert!(principals.roles_of("arn:aws:iam::999999999999:role/Release").is_empty());
        assert!(principals.knows("444455556666") && !principals.knows("999999999999"));
    }

    #[test]
    fn without_a_text_nobody_has_a_role() {
        let nobody = Principals::read(" , ").unwrap();
        assert_eq!(nobody, Principals::default());
        assert!(nobody.roles_of(ROLE).is_empty() && !nobody.knows("111122223333"));
    }

    #[test]
    fn a_rule_that_could_mean_more_than_it_says_is_refused_with_the_way_to_write_it() {
        let wrong = [
            "Admin",
            "Admin=*",
            "=arn:aws:iam::111122223333:role/Release",
            "Ad min=arn:aws:iam::111122223333:role/Release",
            "Admin=arn:aws:iam::*:role/Release",
            "Admin=arn:*:role/Release",
            "Admin=arn:aws:iam::111122223333:",
            "Admin=arn:aws:s3::111122223333:role/Release",
            "Admin=arn:aws:sts::111122223333:assumed-role/Release/ann",
        ];
        for text in wrong {
            let message = Principals::read(text).unwrap_err();
            assert!(message.contains("write it like"), "{message}");
        }
    }

    #[test]
    fn a_star_stands_for_any_characters_and_nothing_else_does() {
        for (pattern, text, is_like) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "abcd", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c", false),
            ("a.c", "abc", false),
            ("a?c", "abc", false),
            ("abc", "abcd", false),
            ("a*bc*c", "abc", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), is_like, "{pattern} {text}");
        }
    }
}
