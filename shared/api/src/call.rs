//! One call that was let through, as its operation sees it.

use access::Authorized;
use access::authorize::{Action, Question, Resource};
use model::time::Timestamp;
use protocol::Fault;

use crate::Api;

/// A call of operation `O`, authorized.
pub(crate) struct Call<'a, O> {
    /// What it is performed on.
    pub(crate) api: &'a Api,
    /// The proof that the caller may.
    pub(crate) proof: Authorized<O>,
    /// The key that signed, for workers that must be the same twice.
    pub(crate) access_key: &'a str,
    /// When it came.
    pub(crate) now: Timestamp,
}

impl<O> Call<'_, O> {
    /// Returns who asks, as records and events say it.
    pub(crate) fn by(&self) -> String {
        self.proof.identity().shown_arn()
    }

    /// Asks whether the caller may do something besides the operation itself.
    pub(crate) fn also<A: Action>(&self, resource: Resource) -> Result<Authorized<A>, Fault> {
        self.also_under::<A>(resource, [])
    }

    /// Asks the same, with circumstances that policies may look at.
    pub(crate) fn also_under<A: Action>(
        &self,
        resource: Resource,
        context: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> Result<Authorized<A>, Fault> {
        let context = context.into_iter().collect();
        let question = Question { who: self.proof.identity(), resource, context };
        let answer = self.api.authorizer.authorize::<A>(&question);
        answer.map_err(|denied| Fault::new("AccessDeniedException", denied.message))
    }

    /// Returns the ARN of a pipeline (P6).
    pub(crate) fn pipeline_arn(&self, pipeline: &str) -> String {
        self.api.pipeline_arn(pipeline)
    }
}

impl Api {
    /// Returns the ARN of a pipeline (P6).
    pub(crate) fn pipeline_arn(&self, pipeline: &str) -> String {
        let place = &self.app.place;
        format!("arn:aws:codepipeline:{}:{}:{pipeline}", place.region, place.account)
    }
}
