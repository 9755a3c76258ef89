//! The condition rules that pipelines can use.

use access::authorize::Resource;
use model::catalog::custom::Counts;
use model::catalog::{RULES, RuleType, VERSION};
use protocol::Fault;
use serde::{Deserialize, Serialize};

use super::Operation;
use crate::call::Call;

/// How many artifacts a rule may take, where it takes any (contract §5.7).
const INPUTS_MAX: usize = 5;

/// The operation.
#[derive(Debug)]
pub(crate) struct ListRuleTypes;

/// What is asked. Every rule is AWS's and in every Region, so the filters take nothing out.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    rule_types: Vec<Item>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    id: RuleTypeId,
    rule_configuration_properties: Vec<Property>,
    input_artifact_details: Counts,
}

#[derive(Debug, Serialize)]
struct RuleTypeId {
    category: &'static str,
    owner: &'static str,
    provider: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct Property {
    name: &'static str,
    required: bool,
    key: bool,
    secret: bool,
}

impl Operation for ListRuleTypes {
    const OPERATION: protocol::Operation = protocol::Operation::ListRuleTypes;
    type Request = Request;
    type Response = Response;

    fn resource(_request: &Request) -> Resource {
        Resource::Account
    }

    async fn perform(_call: Call<'_, Self>, _request: Request) -> Result<Response, Fault> {
        Ok(Response { rule_types: RULES.iter().map(item).collect() })
    }
}

fn item(rule: &RuleType) -> Item {
    let RuleType { provider, settings, may_skip: _ } = rule;
    let property = |setting: &model::catalog::Setting| Property {
        name: setting.key,
        required: setting.is_required,
        key: setting.is_required && !setting.is_secret,
        secret: setting.is_secret,
    };
    // Rules that run something take the artifacts that it works on.
    let maximum_count = match *provider {
        "CodeBuild" | "Commands" => INPUTS_MAX,
        _ => 0,
    };
    Item {
        id: RuleTypeId { category: "Rule", owner: "AWS", provider, version: VERSION },
        rule_configuration_properties: settings.iter().map(property).collect(),
        input_artifact_details: Counts { minimum_count: 0, maximum_count },
    }
}
