//! Reads appspecs for AWS Lambda and Amazon ECS.

use super::Appspec;
use super::document::{Node, Reader};
use crate::{EcsSpec, FunctionHook, LambdaSpec, NetworkConfiguration};

const LAMBDA_EVENTS: &[&str] = &["BeforeAllowTraffic", "AfterAllowTraffic"];
const ECS_EVENTS: &[&str] = &[
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
];

pub(super) fn read(reader: &mut Reader, root: &Node<'_>, resources: &Node<'_>) -> Option<Appspec> {
    reader.note_unknown_in_any_case(root, &["version", "Resources", "Hooks"]);
    read_version(reader, &root.child_in_any_case("version"));
    let (name, resource) = read_resource(reader, resources)?;
    let hooks = root.child_in_any_case("Hooks");
    let properties = resource.child_in_any_case("Properties");
    match reader.text(&resource.child_in_any_case("Type"))?.as_str() {
        "AWS::Lambda::Function" => {
            let hooks = read_hooks(reader, &hooks, LAMBDA_EVENTS);
            read_lambda(reader, name, &properties, hooks).map(Appspec::Lambda)
        }
        "AWS::ECS::Service" => {
            let hooks = read_hooks(reader, &hooks, ECS_EVENTS);
            read_ecs(reader, name, &properties, hooks).map(Appspec::Ecs)
        }
        other => {
            let message = format!("is {other:?}, which CodeDeploy does not deploy");
            let fix = "write AWS::Lambda::Function or AWS::ECS::Service";
            reader.refuse(resource.child_in_any_case("Type").path, message, fix);
            None
        }
    }
}

fn read_version(reader: &mut Reader, node: &Node<'_>) {
    let is_right = node.number() == Some(0.0) || node.scalar().as_deref() == Some("0.0");
    if !is_right {
        let message = match node.scalar() {
            Some(text) => format!("is {text}, not 0.0"),
            None => "is missing".to_owned(),
        };
        reader.refuse(&node.path, message, "write 0.0, the only version there is");
    }
}

/// Returns the one resource with its name.
fn read_resource<'a>(reader: &mut Reader, node: &Node<'a>) -> Option<(String, Node<'a>)> {
    let items = reader.items(node)?;
    let [item] = items.as_slice() else {
        let message = format!("has {} resources; a deployment is of one", items.len());
        reader.refuse(&node.path, message, "name one function or service");
        return None;
    };
    let mut entries = reader.entries(item)?;
    if entries.len() != 1 {
        let message = format!("has {} names; the resource is below its one name", entries.len());
        reader.refuse(&item.path, message, "indent Type and Properties below the name");
        return None;
    }
    let (name, resource) = entries.pop()?;
    reader.entries(&resource)?;
    reader.note_unknown_in_any_case(&resource, &["Type", "Properties"]);
    Some((name, resource))
}

fn read_lambda(
    reader: &mut Reader,
    resource: String,
    properties: &Node<'_>,
    hooks: Vec<FunctionHook>,
) -> Option<LambdaSpec> {
    reader.entries(properties)?;
    reader.note_unknown_in_any_case(
        properties,
        &["Name", "Alias", "CurrentVersion", "TargetVersion"],
    );
    let mut property = |key| reader.text(&properties.child_in_any_case(key));
    let (name, alias) = (property("Name"), property("Alias"));
    let (current, target) = (property("CurrentVersion"), property("TargetVersion"));
    Some(LambdaSpec {
        resource,
        name: name?,
        alias: alias?,
        current_version: current?,
        target_version: target?,
        hooks,
        notes: std::mem::take(&mut reader.notes),
    })
}

fn read_ecs(
    reader: &mut Reader,
    resource: String,
    properties: &Node<'_>,
    hooks: Vec<FunctionHook>,
) -> Option<EcsSpec> {
    reader.entries(properties)?;
    let known = [
        "TaskDefinition",
        "LoadBalancerInfo",
        "PlatformVersion",
        "NetworkConfiguration",
        "CapacityProviderStrategy",
    ];
    reader.note_unknown_in_any_case(properties, &known);
    let task_definition = reader.text(&properties.child_in_any_case("TaskDefinition"));
    let balancer = properties.child_in_any_case("LoadBalancerInfo");
    let container = reader.entries(&balancer).and_then(|_| {
        let name = reader.text(&balancer.child_in_any_case("ContainerName"));
        let port = read_port(reader, &balancer.child_in_any_case("ContainerPort"));
        Some((name?, port?))
    });
    let platform_version = reader.optional_text(&properties.child_in_any_case("PlatformVersion"));
    let network = read_network(reader, &properties.child_in_any_case("NetworkConfiguration"));
    let (container_name, container_port) = container?;
    Some(EcsSpec {
        resource,
        task_definition: task_definition?,
        container_name,
        container_port,
        platform_version,
        network,
        hooks,
        notes: std::mem::take(&mut reader.notes),
    })
}

fn read_port(reader: &mut Reader, node: &Node<'_>) -> Option<u16> {
    let text = reader.text(node)?;
    let port = text.parse::<u16>().ok().filter(|port| *port > 0);
    if port.is_none() {
        let message = format!("is {text:?}, not a port");
        reader.refuse(&node.path, message, "write a number from 1 to 65535");
    }
    port
}

fn read_network(reader: &mut Reader, node: &Node<'_>) -> Option<NetworkConfiguration> {
    if node.is_absent() {
        return None;
    }
    reader.entries(node)?;
    let inner = node.child_in_any_case("AwsvpcConfiguration");
    reader.entries(&inner)?;
    let public_ip = inner.child_in_any_case("AssignPublicIp");
    let assign_public_ip = reader.optional_text(&public_ip);
    if let Some(answer) = &assign_public_ip
        && !["ENABLED", "DISABLED"].contains(&answer.as_str())
    {
        let message = format!("is {answer:?}");
        reader.refuse(&public_ip.path, message, "write ENABLED or DISABLED");
    }
    Some(NetworkConfiguration {
        subnets: reader.texts(&inner.child_in_any_case("Subnets")),
        security_groups: reader.texts(&inner.child_in_any_case("SecurityGroups")),
        assign_public_ip,
    })
}

fn read_hooks(reader: &mut Reader, node: &Node<'_>, events: &[&str]) -> Vec<FunctionHook> {
    let mut hooks = Vec::new();
    for item in reader.items(node).unwrap_or_default() {
        for (event, entry) in reader.entries(&item).unwrap_or_default() {
            if !events.contains(&event.as_str()) {
                let fix = format!("use one of {}", events.join(", "));
                reader.refuse(&entry.path, "is not an event of this kind of deployment", fix);
            }
            if let Some(function) = reader.text(&entry) {
                hooks.push(FunctionHook { event, function });
            }
        }
    }
    hooks
}
