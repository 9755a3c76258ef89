//! What a check says.

use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata};
use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Something does not work, or will not when it is needed.
    Wrong,
    /// Something could be better.
    Advice,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// What it is about.
    pub(crate) subject: String,
    /// What is wrong.
    pub(crate) wrong: String,
    /// What to do about it.
    pub(crate) mend: String,
}

/// What was looked at, in a few words, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looked {
    pub(crate) at: String,
    pub(crate) findings: Vec<Finding>,
}

/// The same with the name of the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) check: &'static str,
    pub(crate) at: String,
    pub(crate) findings: Vec<Finding>,
}

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unasked {
    /// The permission that it takes.
    pub(crate) permission: &'static str,
    pub(crate) why: String,
}

impl Looked {
    /// Looked at something, and found nothing yet.
    pub(crate) fn at(what: impl Into<String>) -> Self {
        Self { at: what.into(), findings: Vec::new() }
    }

    /// Adds something that does not work.
    pub(crate) fn wrong(
        &mut self,
        subject: impl Into<String>,
        wrong: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Severity::Wrong, subject.into(), wrong.into(), mend.into());
    }

    /// Adds something that could be better.
    pub(crate) fn advise(
        &mut self,
        subject: impl Into<String>,
        wrong: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Severity::Advice, subject.into(), wrong.into(), mend.into());
    }

    fn add(&mut self, severity: Severity, subject: String, wrong: String, mend: String) {
        self.findings.push(Finding { severity, subject, wrong, mend });
    }
}

impl From<Unasked> for Looked {
    fn from(unasked: Unasked) -> Self {
        let Unasked { permission, why } = unasked;
        let mut looked = Self::at("not looked at");
        looked.wrong(
            permission,
            format!("was not answered: {why}"),
            format!("Ask with a key that is allowed {permission}, or try again."),
        );
        looked
    }
}

/// Says of a question's failure what AWS says of it.
pub(crate) fn unasked<E>(permission: &'static str) -> impl Fn(E) -> Unasked
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    move |error| Unasked { permission, why: said(&error) }
}

/// Returns what AWS says of a failure, or what the SDK does where AWS said nothing.
pub(crate) fn said<E>(error: &E) -> String
where
    E: ProvideErrorMetadata + std::error::Error,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => DisplayErrorContext(error).to_string(),
    }
}

/// One finding, as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    check: &'a str,
    severity: &'a str,
    subject: &'a str,
    message: &'a str,
    mend: &'a str,
}

impl Look {
    /// Returns what is printed: a line for the check and three for each finding, or one JSON object each.
    pub(crate) fn lines(&self, is_json: bool) -> Vec<String> {
        if is_json {
            return self.objects();
        }
        let is_wrong = self.findings.iter().any(|found| found.severity == Severity::Wrong);
        let mut lines =
            vec![format!("{} {:<10} {}", if is_wrong { '✗' } else { '✓' }, self.check, self.at)];
        for found in &self.findings {
            let mark = if found.severity == Severity::Wrong { '✗' } else { '!' };
            lines.push(format!("  {mark} {}: {}", found.subject, found.wrong));
            lines.extend(found.mend.lines().map(|line| format!("      {line}")));
        }
        lines
    }

    fn objects(&self) -> Vec<String> {
        let nothing =
            Line { check: self.check, severity: "ok", subject: "", message: &self.at, mend: "" };
        let found = self.findings.iter().map(|found| Line {
            check: self.check,
            severity: match found.severity {
                Severity::Wrong => "wrong",
                Severity::Advice => "advice",
            },
            subject: &found.subject,
            message: &found.wrong,
            mend: &found.mend,
        });
        let lines: Vec<_> = found.collect();
        let lines = if lines.is_empty() { vec![nothing] } else { lines };
        // Plain data always has a JSON form.
        lines.iter().map(|line| serde_json::to_string(line).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_is_wrong_and_how_to_mend_it_in_both_forms() {
        let mut found = Looked::at("2 queues");
        found.wrong("HintsDead", "holds 3 messages", "Read them.\nSend them back.");
        let look = Look { check: "queues", at: found.at, findings: found.findings };
        assert_eq!(
            look.lines(false),
            [
                "✗ queues     2 queues",
                "  ✗ HintsDead: holds 3 messages",
                "      Read them.",
                "      Send them back."
            ]
        );
        let object: serde_json::Value = serde_json::from_str(&look.lines(true)[0]).unwrap();
        assert_eq!(object["check"], "queues");
        assert_eq!(object["severity"], "wrong");
        assert_eq!(object["mend"], "Read them.\nSend them back.");
    }

    #[test]
    fn health_is_one_line_and_what_was_not_looked_at_is_not_health() {
        let healthy = Look { check: "topic", at: "2 subscribers".to_owned(), findings: vec![] };
        assert_eq!(healthy.lines(false), ["✓ topic      2 subscribers"]);
        assert!(healthy.lines(true)[0].contains(r#""severity":"ok""#));
        let unasked = Unasked { permission: "sns:GetTopicAttributes", why: "AccessDenied".into() };
        let looked = Looked::from(unasked);
        assert_eq!(looked.findings[0].severity, Severity::Wrong);
        assert!(looked.findings[0].mend.contains("sns:GetTopicAttributes"));
    }
}
