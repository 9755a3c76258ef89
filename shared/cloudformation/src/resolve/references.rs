//! `Ref` and `Fn::GetAtt`: parameters, pseudo parameters and resources.

use serde_json::Value;

use super::Resolver;
use crate::node::{Node, text_of};
use crate::place::{Place, Seat, legal_bucket, legal_name};
use crate::resources::{Home, Reference, kind};

const REGION_DEFAULT: &str = "us-east-1";
const ACCOUNT_UNKNOWN: &str = "000000000000";
const STACK_UNKNOWN: &str = "stack";

/// What a property or an attribute says of a resource's name.
enum Name {
    /// The author stated it.
    Stated(String),
    /// It is made when the resource is.
    Made(String),
}

impl Resolver<'_> {
    /// Resolves `Ref`.
    pub(super) fn reference(&mut self, name: &str, place: &Place) -> Option<Value> {
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            return self.pseudo(pseudo, place);
        }
        if let Some(parameter) = self.template.parameter(name) {
            return Some(self.parameter(name, parameter, place));
        }
        if let Some(given) = self.given.get(name) {
            return Some(Value::String(given.clone()));
        }
        let Some(resource) = self.template.resource(name) else {
            let reason = format!(
                "nothing in the template is called `{name}`: declare it, or pass --parameter {name}=VALUE"
            );
            return Some(self.stand_in(name, reason, place));
        };
        let resource_type = type_of(resource);
        let kind = kind(resource_type);
        let reason = made_later(name, resource_type, name);
        match (kind.reference, self.name_of(name, resource, place)) {
            (Reference::Name, Name::Stated(stated)) => Some(Value::String(stated)),
            (Reference::Arn, Name::Stated(text) | Name::Made(text)) => {
                let arn = self.home().arn(resource_type, &text);
                Some(self.report(arn, reason, place))
            }
            // Of a type that is not known, the place tells best what is wanted.
            (Reference::Name, Name::Made(_)) if !kind.is_known => {
                Some(self.stand_in(name, reason, place))
            }
            (Reference::Name, Name::Made(made)) => Some(self.report(made, reason, place)),
        }
    }

    /// Resolves `Fn::GetAtt`.
    pub(super) fn attribute(&mut self, name: &str, attribute: &str, place: &Place) -> Value {
        let whole = format!("{name}.{attribute}");
        if let Some(given) = self.given.get(&whole) {
            return Value::String(given.clone());
        }
        let Some(resource) = self.template.resource(name) else {
            let reason = format!(
                "the template has no resource `{name}`: declare it, or pass --parameter {whole}=VALUE"
            );
            return self.stand_in(&whole, reason, place);
        };
        let resource_type = type_of(resource);
        let kind = kind(resource_type);
        let reason = made_later(name, resource_type, &whole);
        let is_name = attribute == "Name" || kind.name == Some(attribute);
        let is_arn = attribute == "Arn" && (kind.is_known || place.seat() != Seat::Role);
        if !is_name && !is_arn {
            return self.stand_in(&whole, reason, place);
        }
        match (is_arn, self.name_of(name, resource, place)) {
            (false, Name::Stated(stated)) => Value::String(stated),
            (false, Name::Made(made)) => self.report(made, reason, place),
            (true, Name::Stated(stated)) => {
                if Home::states_account(resource_type) {
                    // Only the account is not known of such an ARN.
                    self.pseudo("AccountId", &place.piece());
                }
                Value::String(self.home().arn(resource_type, &stated))
            }
            (true, Name::Made(made)) => {
                let arn = self.home().arn(resource_type, &made);
                self.report(arn, reason, place)
            }
        }
    }

    /// Returns what an ARN needs besides the resource.
    pub(super) fn home(&self) -> Home {
        let given = |name: &str| self.given.get(name).cloned();
        let region = given("AWS::Region").unwrap_or_else(|| REGION_DEFAULT.to_owned());
        let partition = given("AWS::Partition").unwrap_or_else(|| {
            match region.split('-').next() {
                Some("cn") => "aws-cn",
                Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
                _ => "aws",
            }
            .to_owned()
        });
        let account = given("AWS::AccountId").unwrap_or_else(|| ACCOUNT_UNKNOWN.to_owned());
        Home { partition, region, account }
    }

    fn pseudo(&mut self, name: &str, place: &Place) -> Option<Value> {
        let whole = format!("AWS::{name}");
        if name == "NoValue" {
            return None;
        }
        if let Some(given) = self.given.get(&whole) {
            return Some(if name == "NotificationARNs" {
                split_list(given)
            } else {
                given.clone().into()
            });
        }
        let home = self.home();
        let reason =
            format!("`{whole}` is known only to a deployed stack: pass --parameter {whole}=VALUE");
        let value = match name {
            "Region" => {
                self.note(format!(
                    "`AWS::Region` is taken as {}: pass --parameter AWS::Region=VALUE for another",
                    home.region
                ));
                home.region.into()
            }
            "Partition" => home.partition.into(),
            "URLSuffix" if home.partition == "aws-cn" => "amazonaws.com.cn".into(),
            "URLSuffix" => "amazonaws.com".into(),
            "NotificationARNs" => Value::Array(Vec::new()),
            "AccountId" => self.report(home.account, reason, place),
            "StackName" => self.report(STACK_UNKNOWN.to_owned(), reason, place),
            "StackId" => {
                let id = format!("{STACK_UNKNOWN}/00000000-0000-0000-0000-000000000000");
                let arn = home.arn("AWS::CloudFormation::Stack", &id);
                self.report(arn, reason, place)
            }
            _ => {
                let reason = format!("`{whole}` is not a pseudo parameter: correct its name");
                self.stand_in(name, reason, place)
            }
        };
        Some(value)
    }

    fn parameter(&mut self, name: &str, parameter: &Node, place: &Place) -> Value {
        let kind = parameter.get("Type").and_then(Node::as_text).unwrap_or("String");
        let is_list = kind == "CommaDelimitedList" || kind.contains("List<");
        let allowed: Vec<String> = parameter
            .get("AllowedValues")
            .map_or(&[][..], Node::elements)
            .iter()
            .filter_map(Node::scalar)
            .collect();
        let hint = format!("pass --parameter {name}=VALUE");
        // A list may be written as one, though CloudFormation wants it as text with commas.
        let default = parameter.get("Default").and_then(|default| match default {
            Node::List(elements) => {
                Some(elements.iter().filter_map(Node::scalar).collect::<Vec<_>>().join(","))
            }
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_) => {
                default.scalar()
            }
        });
        let text = match (self.given.get(name).cloned(), default) {
            (Some(given), _) => {
                if !allowed.is_empty() && !allowed.contains(&given) {
                    self.note(format!(
                        "parameter `{name}` is given `{given}`, but it allows only {}",
                        allowed.join(", ")
                    ));
                }
                given
            }
            (None, Some(key)) if kind.starts_with("AWS::SSM::Parameter::Value") => {
                let reason = format!(
                    "parameter `{name}` is read from the Parameter Store (`{key}`) at deployment: {hint}"
                );
                return self.stand_in(name, reason, place);
            }
            (None, Some(default)) => default,
            (None, None) => {
                let reason = format!("parameter `{name}` has no default: {hint}");
                return match allowed.into_iter().next() {
                    Some(first) => self.report(first, reason, place),
                    None => self.stand_in(name, reason, place),
                };
            }
        };
        if is_list { split_list(&text) } else { Value::String(text) }
    }

    /// Returns the name of a resource, the author's where the template states one.
    fn name_of(&mut self, logical_id: &str, resource: &Node, place: &Place) -> Name {
        let resource_type = type_of(resource);
        let is_bucket = resource_type == "AWS::S3::Bucket";
        let made = if is_bucket { legal_bucket(logical_id) } else { legal_name(logical_id) };
        let stated =
            kind(resource_type).name.and_then(|property| resource.get("Properties")?.get(property));
        let Some(stated) = stated else { return Name::Made(made) };
        let step = format!("name of `{logical_id}`");
        if self.under_way.contains(&step) {
            self.note(format!("the {step} rests on itself: break the circle"));
            return Name::Made(made);
        }
        self.under_way.push(step);
        let value = self.resolve(stated, &place.piece());
        self.under_way.pop();
        match value.as_ref().map(text_of) {
            Some(text) if !text.is_empty() => Name::Stated(text),
            Some(_) | None => Name::Made(made),
        }
    }
}

fn type_of(resource: &Node) -> &str {
    resource.get("Type").and_then(Node::as_text).unwrap_or_default()
}

fn made_later(name: &str, resource_type: &str, hint: &str) -> String {
    format!(
        "`{name}` ({resource_type}) exists only once the stack is deployed: pass --parameter {hint}=VALUE"
    )
}

fn split_list(text: &str) -> Value {
    text.split(',').map(|element| Value::from(element.trim())).collect()
}
