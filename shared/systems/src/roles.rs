//! Becomes the role of a job: the pipeline's, and from there the action's own (PR1).
//!
//! Every role asks for the deployment's id as external id, so that nobody else's Towpath can become it.
//! The first session is tagged with what it is for; the tags and the source identity go along to the
//! second by themselves, and AWS refuses to have them said twice.

mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::types::Tag;
use aws_types::SdkConfig;
use aws_types::region::Region;
use model::time::Timestamp;
use providers::{Error, Job};
use tokio::sync::Mutex;

/// How long a session lasts. A session that another session asked for may not last longer.
const SESSION_SECONDS: i32 = 3600;

/// How long before its end a session is not used any more.
const SPARE_MINUTES: i64 = 5;

/// How many sessions are remembered.
const SESSIONS_MAX: usize = 256;

/// How many characters the name of a session may have.
const NAME_CHARACTERS_MAX: usize = 64;

/// Assumes roles, and remembers the sessions as long as they are good. Clones remember together.
#[derive(Clone)]
pub struct Roles {
    own: SdkConfig,
    external_id: String,
    sessions: Arc<Mutex<BTreeMap<Purpose, Session>>>,
}

/// All that tells one session from another. Two purposes that differ in anything share nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Purpose {
    /// The roles on the way, the last of which is meant.
    chain: Vec<String>,
    region: String,
    name: String,
    tags: Vec<(&'static str, String)>,
    /// Narrows what the last role may do.
    policy: Option<String>,
}

#[derive(Clone)]
struct Session {
    credentials: Credentials,
    ends: Timestamp,
}

impl Roles {
    /// Takes the function's own identity, and what every role's trust policy asks of us.
    pub fn new(own: SdkConfig, external_id: impl Into<String>) -> Self {
        Self { own, external_id: external_id.into(), sessions: Arc::default() }
    }

    /// Returns the credentials of a job's role.
    pub async fn of(&self, job: &Job, now: Timestamp) -> Result<SharedCredentialsProvider, Error> {
        let session = self.session(Purpose::of(job)?, now).await?;
        Ok(SharedCredentialsProvider::new(session.credentials))
    }

    /// Returns credentials of a job's role that may do no more than a policy says, for handing on.
    pub(crate) async fn narrowed(
        &self,
        job: &Job,
        policy: String,
        now: Timestamp,
    ) -> Result<Credentials, Error> {
        let purpose = Purpose { policy: Some(policy), ..Purpose::of(job)? };
        Ok(self.session(purpose, now).await?.credentials)
    }

    async fn session(&self, purpose: Purpose, now: Timestamp) -> Result<Session, Error> {
        // Held while STS is asked, so that those who come meanwhile find the answer.
        let mut sessions = self.sessions.lock().await;
        sessions.retain(|_, session| session.ends.plus_minutes(-SPARE_MINUTES) > now);
        if let Some(session) = sessions.get(&purpose) {
            return Ok(session.clone());
        }
        let session = self.become_last(&purpose).await?;
        if sessions.len() >= SESSIONS_MAX {
            sessions.clear();
        }
        sessions.insert(purpose, session.clone());
        Ok(session)
    }

    /// Goes along the chain to its last role.
    async fn become_last(&self, purpose: &Purpose) -> Result<Session, Error> {
        let mut session: Option<Session> = None;
        for index in 0..purpose.chain.len() {
            session = Some(self.assume(purpose, index, session).await?);
        }
        // `Purpose::of` leaves no chain empty.
        session.ok_or_else(|| Error::Refused(refusal::no_role()))
    }

    /// Assumes one role of the chain, from the session before it or from our own identity.
    async fn assume(
        &self,
        purpose: &Purpose,
        index: usize,
        before: Option<Session>,
    ) -> Result<Session, Error> {
        let role = &purpose.chain[index];
        let mut settings = self.own.to_builder().region(Region::new(purpose.region.clone()));
        let is_first = before.is_none();
        if let Some(session) = before {
            let credentials = SharedCredentialsProvider::new(session.credentials);
            settings.set_credentials_provider(Some(credentials));
        }
        settings.set_identity_cache(Some(aws_sdk_sts::config::IdentityCache::no_cache()));
        let client = aws_sdk_sts::Client::new(&settings.build());
        let mut asked = client
            .assume_role()
            .role_arn(role)
            .role_session_name(&purpose.name)
            .external_id(&self.external_id)
            .duration_seconds(SESSION_SECONDS);
        if index + 1 == purpose.chain.len() {
            asked = asked.set_policy(purpose.policy.clone());
        }
        if is_first {
            asked = asked
                .set_tags(Some(purpose.session_tags()?))
                .set_transitive_tag_keys(Some(purpose.tag_keys()))
                .source_identity(&purpose.name);
        }
        let refused = |error: &_| {
            let before = index.checked_sub(1).map(|before| purpose.chain[before].as_str());
            refusal::error(error, role, before, &self.external_id)
        };
        let answer = asked.send().await.map_err(|error| refused(&error))?;
        session(answer.credentials(), role)
    }
}

fn session(
    answered: Option<&aws_sdk_sts::types::Credentials>,
    role: &str,
) -> Result<Session, Error> {
    let unreadable =
        || Error::Unreachable(format!("STS answered without usable credentials for {role}"));
    let answered = answered.ok_or_else(unreadable)?;
    let millis = answered.expiration().to_millis().map_err(|_| unreadable())?;
    let ends = u64::try_from(millis).map_err(|_| unreadable())?;
    let credentials = Credentials::new(
        answered.access_key_id(),
        answered.secret_access_key(),
        Some(answered.session_token().to_owned()),
        Some(UNIX_EPOCH + Duration::from_millis(ends)),
        "towpath",
    );
    Ok(Session { credentials, ends: Timestamp::from_millis(millis) })
}

impl Purpose {
    fn of(job: &Job) -> Result<Purpose, Error> {
        let named = [&job.pipeline_role_arn, &job.role_arn];
        let mut chain: Vec<String> =
            named.into_iter().flatten().filter(|role| !role.is_empty()).cloned().collect();
        // An action that names the pipeline's own role is done under it; a role need not trust itself.
        chain.dedup();
        // Invariant: nothing of a pipeline is ever done with the function's own identity.
        if chain.is_empty() {
            return Err(Error::Refused(refusal::no_role()));
        }
        let tags = [
            ("pipeline", &job.pipeline),
            ("execution", &job.execution_id),
            ("stage", &job.stage),
            ("action", &job.action),
        ];
        Ok(Purpose {
            chain,
            region: job.region.clone(),
            name: session_name(&job.run_id),
            tags: tags.map(|(key, value)| (key, value.clone())).into(),
            policy: None,
        })
    }

    fn session_tags(&self) -> Result<Vec<Tag>, Error> {
        let tags = self.tags.iter().map(|(key, value)| {
            let tag = Tag::builder().key(*key).value(value).build();
            tag.map_err(|error| Error::Refused(format!("a session cannot be tagged: {error}")))
        });
        tags.collect()
    }

    fn tag_keys(&self) -> Vec<String> {
        self.tags.iter().map(|(key, _)| (*key).to_owned()).collect()
    }
}

/// Names a session by the attempt it is for, in the letters that STS takes.
fn session_name(run_id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_=,.@-".contains(c) { c } else { '-' };
    format!("towpath-{run_id}").chars().map(plain).take(NAME_CHARACTERS_MAX).collect()
}
