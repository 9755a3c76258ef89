//! The link under which a person finds an approval in a message, and what makes it theirs.
//!
//! A link is `<public address>a/<pipeline>/<execution>/<stage>/<action>/<attempt>#<token>`. Scanners of mail
//! open every link they see, and proxies keep lists of what was opened. So the token stands behind the `#`,
//! which no browser and no scanner sends to anybody: opening the link asks for a page, which changes nothing,
//! and only the page's own button hands the token over (security §5.2).
//!
//! The token is not the one that `PutApprovalResult` takes (R79): whoever reads a mail learns nothing that
//! the API accepts. It is a keyed digest, under a label of its own, of the secret of the pipeline and the id
//! of the attempt. So it is bound to one attempt of one action of one execution of one pipeline, and it lies
//! nowhere: both sides derive it. It opens only an approval that is open ([`opened_by`]); once that is
//! answered, superseded, stopped or overdue, or is asked for again, the link is dead. Nothing has to be
//! remembered for that, and answering twice is refused where every answer is (R81).

use std::fmt;

use engine::state::RunKey;
use hmac::{Hmac, KeyInit, Mac};
use model::ids::{ActionRunId, ExecutionId, PipelineName};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::App;
use crate::address::{OpenApproval, open_approvals};

/// What the digest is for; nothing else that is derived from a pipeline's secret begins like this.
const LABEL: &[u8] = b"towpath/approval-link/1\0";

/// What the path of a link begins with.
const FIRST: &str = "a";

/// What a link's fragment holds: 256 bits, as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// Derives the token of the link to the approval that `run` waits for. `secret` is the pipeline's.
    pub fn derive(secret: Uuid, run: ActionRunId) -> Self {
        let mut digest = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .expect("a key of this digest may have any length");
        digest.update(LABEL);
        digest.update(run.uuid().as_bytes());
        Self(hex::encode(digest.finalize().into_bytes()))
    }

    /// Whether somebody presented this token. How long that takes tells nothing about how much of it is
    /// right.
    pub fn is(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }

    /// Returns the token as a link has it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A token is as good as the right to answer, so it is never printed by accident.
impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

/// Which approval a link is about: what stands before the `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its pipeline.
    pub pipeline: PipelineName,
    /// The attempt that waits for an answer.
    pub run: RunKey,
}

impl Target {
    /// Returns the path of the approval's page, without a slash before it. Names are made of characters that
    /// a path may hold (contract §1.8), but for those that are checked here.
    pub fn path(&self) -> String {
        let Self { pipeline, run: RunKey { execution, stage, action, attempt } } = self;
        format!("{FIRST}/{pipeline}/{execution}/{stage}/{action}/{attempt}")
    }

    /// Reads a path back; a slash before it and one behind it are not minded.
    pub fn read(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut parts = path.split('/');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        if next()? != FIRST {
            return None;
        }
        let pipeline = PipelineName::from(next()?);
        let execution: ExecutionId = next()?.parse().ok()?;
        let (stage, action) = (next()?.into(), next()?.into());
        let attempt = next()?.parse().ok()?;
        let target = Self { pipeline, run: RunKey { execution, stage, action, attempt } };
        parts.next().is_none().then_some(target)
    }

    /// Returns the whole link.
    pub fn link(&self, public_url: &str, token: &LinkToken) -> String {
        let base = public_url.trim_end_matches('/');
        format!("{base}/{}#{}", self.path(), token.reveal())
    }
}

/// Returns the approval that a link opens: the very attempt that it names, if that still waits for an answer
/// and the token is its own. A wrong token and an approval that is over get the same answer.
pub async fn opened_by(
    app: &App,
    target: &Target,
    presented: &str,
) -> Result<Option<OpenApproval>, store::Error> {
    let Target { pipeline, run } = target;
    let open = open_approvals(app, pipeline, &run.stage, &run.action).await?;
    Ok(open.into_iter().find(|open| open.run == *run && open.link_token.is(presented)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(attempt: u32) -> Target {
        let run = RunKey {
            execution: ExecutionId::new(Uuid::from_u128(7)),
            stage: "Prod.eu".into(),
            action: "Sign-off_@Ana".into(),
            attempt,
        };
        Target { pipeline: "web-app".into(), run }
    }

    fn token(secret: u128, attempt: u32) -> LinkToken {
        LinkToken::derive(Uuid::from_u128(secret), target(attempt).run.id())
    }

    #[test]
    fn a_token_is_bound_to_the_pipelines_secret_and_to_one_attempt() {
        assert_eq!(token(1, 1), token(1, 1));
        assert_ne!(token(1, 1), token(2, 1), "another pipeline");
        assert_ne!(token(1, 1), token(1, 2), "another attempt");
        assert_eq!(token(1, 1).reveal().len(), 64, "256 bits");
        let run = target(1).run.id();
        let of_api = model::ids::ApprovalToken::derive(Uuid::from_u128(1), run);
        assert!(!token(1, 1).reveal().contains(&of_api.uuid().simple().to_string()), "R79");
    }

    #[test]
    fn only_the_whole_token_is_accepted() {
        let right = token(1, 1);
        assert!(right.is(right.reveal()));
        assert!(!right.is(""));
        assert!(!right.is(&right.reveal()[..63]));
        assert!(!right.is(&format!("{}0", right.reveal())));
        assert!(!right.is(&right.reveal().to_uppercase()));
        assert!(!right.is(token(1, 2).reveal()));
    }

    #[test]
    fn a_token_is_not_printed_by_accident() {
        assert!(!format!("{:?}", token(1, 1)).contains(&token(1, 1).reveal()[..8]));
    }

    #[test]
    fn a_link_keeps_its_token_behind_the_hash_and_its_path_is_read_back() {
        for public_url in ["https://x.on.aws", "https://x.on.aws/"] {
            let link = target(3).link(public_url, &token(1, 3));
            let (page, fragment) = link.split_once('#').expect("it has a fragment");
            assert_eq!(fragment, token(1, 3).reveal());
            let path = page.strip_prefix("https://x.on.aws").expect("it begins with the address");
            assert_eq!(Target::read(path), Some(target(3)));
            assert!(!page.contains(&fragment[..8]), "what is sent does not hold the token");
        }
    }

    #[test]
    fn what_is_no_path_of_an_approval_names_none() {
        let whole = target(1).path();
        assert!(Target::read(&format!("/{whole}/")).is_some());
        for path in ["", "/", "a", "a//", "b/x", "//a/x"] {
            assert_eq!(Target::read(path), None, "{path}");
        }
        for cut in 1..whole.split('/').count() {
            let part: Vec<_> = whole.split('/').take(cut).collect();
            assert_eq!(Target::read(&part.join("/")), None, "{part:?}");
        }
        assert_eq!(Target::read(&format!("{whole}/more")), None);
        assert_eq!(Target::read(&whole.replace("/1", "/-1")), None);
        assert_eq!(Target::read(&whole.replace("Prod.eu", "")), None);
    }
}
