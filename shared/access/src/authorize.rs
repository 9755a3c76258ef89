//! Whether somebody may do something: Cedar policies, default deny.
//!
//! Each role has a ready policy of its name, in `policies/`. Policies of your own come beside them. All
//! of them are held against one schema when they are loaded, so that a policy with a typo, or one that
//! can never apply, is refused by name instead of being silently without effect.
//!
//! # Four eyes
//!
//! Whoever answers an approval should not be whoever started the execution or made its commits. This
//! holds for the role Approver ([`FourEyes::Approvers`]): that role exists to be somebody else. It does
//! not hold for admins, because on a machine with one user there is nobody else, and a rule that this
//! user would have to switch off on the first day protects nobody. A team says [`FourEyes::Everybody`].
//!
//! # Speed
//!
//! A decision depends on nothing but its question and the policies, which do not change. So answers to
//! questions without circumstances are remembered; and of many policies only those are evaluated whose
//! scope fits who asks, what for, and on what.

mod actions;
mod policies;
mod resource;
mod rules;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{Context, Decision, Entities, RestrictedExpression};

use crate::keys::Identity;
use crate::remembered::Remembered;
use policies::Policies;
use resource::Place;
pub use resource::Resource;

/// So many answers are remembered.
const ANSWERS_MAX: usize = 8192;

/// Something that policies speak of: an operation of the API, `passRole` or `approve`.
pub trait Action {
    /// Its name in policies, for example `GetPipeline`.
    const NAME: &'static str;
}

/// To let a pipeline use a role.
#[derive(Debug)]
pub struct PassRole;

impl Action for PassRole {
    const NAME: &'static str = "passRole";
}

/// To answer an approval, as opposed to calling the operation for it: four eyes are asked for here. The
/// question's circumstances must have `starters`, and have `committers` where these are known.
#[derive(Debug)]
pub struct Approve;

impl Action for Approve {
    const NAME: &'static str = "approve";
}

/// To read what an action printed.
#[derive(Debug)]
pub struct ReadLogs;

impl Action for ReadLogs {
    const NAME: &'static str = "readLogs";
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Who.
    pub who: &'a Identity,
    /// To what.
    pub resource: Resource,
    /// Under which circumstances: texts that policies may look at. The schema knows `starters`, the ARNs
    /// of who started the execution, and `committers`, the names of who made its commits.
    pub context: BTreeMap<String, Vec<String>>,
}

/// For whom it holds that nobody approves their own work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FourEyes {
    /// For nobody.
    Off,
    /// For whoever has the role Approver.
    #[default]
    Approvers,
    /// For everybody, admins included.
    Everybody,
}

/// The proof that somebody may do `A`. Only [`Authorizer::authorize`] makes one.
#[derive(Debug)]
pub struct Authorized<A> {
    identity: Identity,
    policies: Vec<String>,
    _action: PhantomData<fn() -> A>,
}

impl<A> Authorized<A> {
    /// Returns who was authorized.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the policies that allowed it.
    pub fn policies(&self) -> &[String] {
        &self.policies
    }
}

/// They may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Names action and resource.
    pub message: String,
    /// The policies that forbade it, if any did.
    pub policies: Vec<String>,
}

type Answer = Result<Vec<String>, Denied>;

/// The policies in force.
#[derive(Debug)]
pub struct Authorizer {
    /// None where nobody may do anything.
    rulebook: Option<Rulebook>,
    answers: Mutex<Remembered<String, Arc<Answer>>>,
}

/// Policies, and what they are about.
#[derive(Debug)]
struct Rulebook {
    place: Place,
    policies: Policies,
}

impl Authorizer {
    /// Takes the ready policies, and more in Cedar's language, each with its name.
    pub fn new(region: &str, account: &str, more: &[(String, String)]) -> Result<Self, String> {
        Self::with_four_eyes(region, account, FourEyes::default(), more)
    }

    /// Takes the same, and says for whom four eyes hold.
    pub fn with_four_eyes(
        region: &str,
        account: &str,
        four_eyes: FourEyes,
        more: &[(String, String)],
    ) -> Result<Self, String> {
        let place = Place::new(region, account);
        let policies = Policies::load(&place, four_eyes, more)?;
        Ok(Self::of(Some(Rulebook { place, policies })))
    }

    /// Takes the ready policies and no others.
    pub fn ready(region: &str, account: &str) -> Result<Self, String> {
        let place = Place::new(region, account);
        let policies = Policies::ready(FourEyes::default())?;
        Ok(Self::of(Some(Rulebook { place, policies })))
    }

    /// Takes no policies, so nobody may do anything. For a program at whose door nobody shows a key: it does
    /// not carry the language of policies along, which is larger than the rest of it.
    pub fn closed() -> Self {
        Self::of(None)
    }

    fn of(rulebook: Option<Rulebook>) -> Self {
        Self { rulebook, answers: Mutex::new(Remembered::new(ANSWERS_MAX)) }
    }

    /// Asks the policies.
    pub fn authorize<A: Action>(&self, question: &Question<'_>) -> Result<Authorized<A>, Denied> {
        let policies = self.ask(A::NAME, question)?;
        Ok(Authorized { identity: question.who.clone(), policies, _action: PhantomData })
    }

    /// Says what the policies say, by the action's name, without a proof: to show what somebody may do.
    /// Returns the policies that allow it.
    pub fn ask(&self, action: &str, question: &Question<'_>) -> Result<Vec<String>, Denied> {
        let Some(rulebook) = &self.rulebook else {
            let message = format!(
                "User: {} is not authorized to perform: {} because there are no policies here",
                question.who.arn,
                shown(action),
            );
            return Err(Denied { message, policies: Vec::new() });
        };
        if !question.context.is_empty() {
            return rulebook.decide(action, question);
        }
        let key = key_of(action, question);
        if let Some(answer) = self.answers().get(&key) {
            return Answer::clone(answer);
        }
        let answer = Arc::new(rulebook.decide(action, question));
        self.answers().put(key, Arc::clone(&answer));
        Answer::clone(&answer)
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, Remembered<String, Arc<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rulebook {
    fn decide(&self, action: &str, question: &Question<'_>) -> Answer {
        let named = self.place.name(&question.resource);
        let refused = |because: &str, policies: Vec<String>| Denied {
            message: format!(
                "User: {} is not authorized to perform: {} on resource: {} {because}",
                question.who.arn,
                shown(action),
                named.shown,
            ),
            policies,
        };
        // Whatever goes wrong on the way to a decision, the decision is no.
        let failed = |error: String| {
            refused(&format!("because the policies cannot be asked: {error}"), Vec::new())
        };
        let asker = self.place.asker(question.who);
        let context = context_of(&question.context).map_err(&failed)?;
        let request = self.policies.request(action, &asker, &named, context).map_err(&failed)?;
        let rules = self.policies.rules.fitting(action, &asker, &named).map_err(&failed)?;
        let entities = asker.entities.iter().chain(&named.entities).cloned();
        let entities =
            Entities::from_entities(entities, None).map_err(|error| failed(error.to_string()))?;
        let response = cedar_policy::Authorizer::new().is_authorized(&request, &rules, &entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(failed(error.to_string()));
        }
        let mut policies: Vec<String> =
            response.diagnostics().reason().map(ToString::to_string).collect();
        policies.sort();
        match response.decision() {
            Decision::Allow => Ok(policies),
            Decision::Deny if policies.is_empty() => {
                let because = format!("because no policy allows the {} action", shown(action));
                Err(refused(&because, policies))
            }
            Decision::Deny => {
                let because = format!("with an explicit deny in policy {}", policies.join(", "));
                Err(refused(&because, policies))
            }
        }
    }
}

/// Returns how AWS would call the action: to pass a role is IAM's to permit.
fn shown(action: &str) -> String {
    let service = if action == PassRole::NAME { "iam" } else { "codepipeline" };
    let action = if action == PassRole::NAME { "PassRole" } else { action };
    format!("{service}:{action}")
}

/// Returns everything that an answer depends on. Each part has its length before it, so that no two
/// questions are spelled alike.
fn key_of(action: &str, question: &Question<'_>) -> String {
    let Identity { arn, account, name, roles } = question.who;
    let mut key = format!("{:?}", question.resource);
    let parts = [action, arn, account, name].into_iter().chain(roles.iter().map(String::as_str));
    for part in parts {
        write!(key, "|{}:{part}", part.len()).expect("a text takes what is written");
    }
    key
}

fn context_of(context: &BTreeMap<String, Vec<String>>) -> Result<Context, String> {
    let pair = |(name, texts): (&String, &Vec<String>)| {
        let texts = texts.iter().cloned().map(RestrictedExpression::new_string);
        (name.clone(), RestrictedExpression::new_set(texts))
    };
    Context::from_pairs(context.iter().map(pair)).map_err(|error| error.to_string())
}
