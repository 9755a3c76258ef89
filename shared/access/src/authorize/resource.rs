//! Who asks and what is asked about, as policies know them: entities by ARN (contract P6).

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};

use crate::keys::Identity;

/// What something is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Everything: for lists.
    Account,
    /// A pipeline, by name.
    Pipeline(String),
    /// A stage: pipeline, stage.
    Stage(String, String),
    /// An action: pipeline, stage, action.
    Action(String, String, String),
    /// A webhook, by name.
    Webhook(String),
    /// An action type: `Owner/Category/Provider/Version`.
    ActionType(String),
    /// A role, by ARN.
    Role(String),
    /// Whatever an ARN names.
    Arn(String),
}

/// Where we are: what the ARNs of our resources have in common.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) account: String,
    /// What comes before the name.
    pub(super) prefix: String,
    types: Types,
}

/// The types of the schema, read once.
#[derive(Debug)]
struct Types {
    user: EntityTypeName,
    role: EntityTypeName,
    account: EntityTypeName,
    pipeline: EntityTypeName,
    stage: EntityTypeName,
    action: EntityTypeName,
    webhook: EntityTypeName,
    action_type: EntityTypeName,
    deploy_role: EntityTypeName,
    foreign: EntityTypeName,
}

/// Whoever asks.
#[derive(Debug)]
pub(super) struct Asker {
    /// The user first, then the roles.
    pub(super) uids: Vec<EntityUid>,
    pub(super) entities: Vec<Entity>,
}

/// What is asked about.
#[derive(Debug)]
pub(super) struct Named {
    /// As it is said to people.
    pub(super) shown: String,
    /// The resource first, then what it is in.
    pub(super) uids: Vec<EntityUid>,
    pub(super) entities: Vec<Entity>,
}

impl Place {
    pub(super) fn new(region: &str, account: &str) -> Self {
        Self {
            account: account.to_owned(),
            prefix: format!("arn:aws:codepipeline:{region}:{account}:"),
            types: Types {
                user: type_name("User"),
                role: type_name("Role"),
                account: type_name("Account"),
                pipeline: type_name("Pipeline"),
                stage: type_name("Stage"),
                action: type_name("StageAction"),
                webhook: type_name("Webhook"),
                action_type: type_name("ActionType"),
                deploy_role: type_name("DeployRole"),
                foreign: type_name("Foreign"),
            },
        }
    }

    /// Returns the entities of whoever asks.
    pub(super) fn asker(&self, who: &Identity) -> Asker {
        let user = uid(&self.types.user, &who.arn);
        let roles: Vec<EntityUid> =
            who.roles.iter().map(|role| uid(&self.types.role, role)).collect();
        let attributes = [("arn", &who.arn), ("name", &who.name), ("account", &who.account)];
        let entity = entity(user.clone(), &attributes, roles.iter().cloned().collect());
        Asker { uids: [vec![user], roles].concat(), entities: vec![entity] }
    }

    /// Returns the entities of what is asked about, up to the account.
    pub(super) fn name(&self, resource: &Resource) -> Named {
        let Self { prefix, types, .. } = self;
        // From the inside out: what, by which id, called what.
        let mut chain: Vec<(&EntityTypeName, String, &str)> = Vec::new();
        let mut is_ours = true;
        match resource {
            Resource::Account => {}
            Resource::Pipeline(pipeline) => self.push_path(&mut chain, &[pipeline]),
            Resource::Stage(pipeline, stage) => self.push_path(&mut chain, &[pipeline, stage]),
            Resource::Action(pipeline, stage, action) => {
                self.push_path(&mut chain, &[pipeline, stage, action]);
            }
            Resource::Webhook(name) => {
                chain.push((&types.webhook, format!("{prefix}webhook:{name}"), name));
            }
            Resource::ActionType(id) => {
                chain.push((&types.action_type, format!("{prefix}actiontype:{id}"), id));
            }
            Resource::Role(arn) => {
                is_ours = false;
                let name = arn.rsplit('/').next().unwrap_or_default();
                chain.push((&types.deploy_role, arn.clone(), name));
            }
            Resource::Arn(arn) => {
                if let Some(resource) = self.meant_by(arn) {
                    return self.name(&resource);
                }
                is_ours = false;
                chain.push((&types.foreign, arn.clone(), arn));
            }
        }
        let shown = match chain.first() {
            Some((_, arn, _)) => arn.clone(),
            None => format!("{prefix}*"),
        };
        if is_ours {
            chain.push((&types.account, self.account.clone(), &self.account));
        }
        let uids: Vec<EntityUid> = chain.iter().map(|(kind, id, _)| uid(kind, id)).collect();
        let entities = chain.iter().enumerate().map(|(place, (_, _, name))| {
            let parent = uids.get(place + 1).cloned().into_iter().collect();
            entity(uids[place].clone(), &[("name", name)], parent)
        });
        Named { shown, entities: entities.collect(), uids }
    }

    fn push_path<'a>(
        &'a self,
        chain: &mut Vec<(&'a EntityTypeName, String, &'a str)>,
        names: &[&'a String],
    ) {
        let types = [&self.types.pipeline, &self.types.stage, &self.types.action];
        for length in (1..=names.len()).rev() {
            let path: Vec<&str> = names[..length].iter().map(|name| name.as_str()).collect();
            let arn = format!("{}{}", self.prefix, path.join("/"));
            chain.push((types[length - 1], arn, path[length - 1]));
        }
    }

    /// Returns what of ours an ARN names.
    pub(super) fn meant_by(&self, arn: &str) -> Option<Resource> {
        let rest = arn.strip_prefix(&self.prefix)?;
        if let Some(name) = rest.strip_prefix("webhook:") {
            return (!name.is_empty()).then(|| Resource::Webhook(name.to_owned()));
        }
        if let Some(id) = rest.strip_prefix("actiontype:") {
            let is_whole = id.split('/').count() == 4 && !id.split('/').any(str::is_empty);
            return is_whole.then(|| Resource::ActionType(id.to_owned()));
        }
        let path: Vec<&str> = rest.split('/').collect();
        if rest.contains(':') || path.iter().any(|name| name.is_empty()) {
            return None;
        }
        let owned = |place: usize| path[place].to_owned();
        match path.len() {
            1 => Some(Resource::Pipeline(owned(0))),
            2 => Some(Resource::Stage(owned(0), owned(1))),
            3 => Some(Resource::Action(owned(0), owned(1), owned(2))),
            _ => None,
        }
    }

    pub(super) fn role_of(&self, uid: &EntityUid) -> Option<String> {
        (uid.type_name() == &self.types.role).then(|| uid.id().unescaped().to_owned())
    }

    /// Returns why nothing could ever have this id, if so: a policy about it would be dead.
    pub(super) fn why_dead(&self, uid: &EntityUid) -> Option<String> {
        let types = &self.types;
        let (kind, id) = (uid.type_name(), uid.id().unescaped());
        let has_kind = |resource: &Resource| self.name(resource).uids[0].type_name() == kind;
        let ours = [
            (&types.pipeline, "PIPELINE"),
            (&types.stage, "PIPELINE/STAGE"),
            (&types.action, "PIPELINE/STAGE/ACTION"),
            (&types.webhook, "webhook:NAME"),
            (&types.action_type, "actiontype:OWNER/CATEGORY/PROVIDER/VERSION"),
        ];
        if let Some((_, form)) = ours.iter().find(|(ours, _)| *ours == kind) {
            let is_alive = self.meant_by(id).is_some_and(|meant| has_kind(&meant));
            return (!is_alive).then(|| format!("its id must be {}{form}", self.prefix));
        }
        if kind == &types.account {
            return (id != self.account).then(|| format!("the account is {}", self.account));
        }
        let is_role = id.starts_with("arn:") && id.contains(":role/");
        if kind == &types.deploy_role && !is_role {
            return Some("its id must be the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME".into());
        }
        if kind == &types.user && !id.starts_with("arn:") {
            return Some("its id must be an ARN, like arn:aws:iam::ACCOUNT:user/NAME".into());
        }
        None
    }
}

fn type_name(name: &str) -> EntityTypeName {
    EntityTypeName::from_str(&format!("Towpath::{name}")).expect("a name of the schema")
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn entity(
    uid: EntityUid,
    attributes: &[(&str, impl AsRef<str>)],
    parents: HashSet<EntityUid>,
) -> Entity {
    let attribute = |(name, text): &(&str, _)| {
        let text: &str = AsRef::<str>::as_ref(text);
        ((*name).to_owned(), RestrictedExpression::new_string(text.to_owned()))
    };
    let attributes: HashMap<String, RestrictedExpression> =
        attributes.iter().map(attribute).collect();
    Entity::new(uid, attributes, parents).expect("texts need no evaluation that could fail")
}
