//! Who asks, and which roles they have today.

use std::sync::Arc;

use access::keys::{Key, Keys, NoKey, SessionKeys};
use access::sigv4::Signed;
use access::{Principal, Principals};
use model::time::Timestamp;

use crate::event::Iam;

/// Session keys, with the roles that their owners have now: a role that was taken away is gone at once, not
/// when the session ends.
#[derive(Clone, Debug)]
pub struct Mapped {
    sessions: SessionKeys,
    principals: Principals,
}

impl Mapped {
    /// Takes the keys, and who has which role.
    pub fn new(sessions: SessionKeys, principals: Principals) -> Self {
        Self { sessions, principals }
    }
}

impl Keys for Mapped {
    fn find(
        &self,
        access_key: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Key>, NoKey> {
        let key = self.sessions.find(access_key, session_token, now)?;
        let roles = self.principals.roles_of(&key.identity.arn);
        if key.identity.roles == roles {
            return Ok(key);
        }
        let mut identity = key.identity.clone();
        identity.roles = roles;
        Ok(Arc::new(Key::new(key.secret.clone(), identity, key.scope.clone())))
    }
}

/// Returns who asks, where AWS has identified them. Nothing if what AWS says names nobody.
pub(crate) fn identified(iam: &Iam, region: &str, principals: &Principals) -> Option<Signed> {
    let principal = Principal::read(&iam.user_arn)?;
    let is_whole = principal.account == iam.account_id && !iam.access_key.is_empty();
    is_whole.then(|| Signed {
        access_key: iam.access_key.clone(),
        identity: principal.identity(principals.roles_of(&principal.arn)),
        region: region.to_owned(),
        scope: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_aws_identified_is_their_role_and_has_what_the_deployment_says() {
        let principals =
            Principals::read("Operator=arn:aws:iam::111122223333:role/Release").unwrap();
        let mut iam = Iam {
            access_key: "ASIAEXAMPLE".into(),
            account_id: "111122223333".into(),
            user_arn: "arn:aws:sts::111122223333:assumed-role/Release/ann".into(),
        };
        let signed = identified(&iam, "eu-west-1", &principals).unwrap();
        assert_eq!(signed.identity.roles, ["Operator"]);
        assert_eq!(signed.identity.arn, "arn:aws:iam::111122223333:role/Release");
        iam.user_arn = "arn:aws:sts::111122223333:assumed-role/Other/Release".into();
        assert!(identified(&iam, "eu-west-1", &principals).unwrap().identity.roles.is_empty());
        iam.account_id = "999999999999".into();
        assert!(identified(&iam, "eu-west-1", &principals).is_none(), "the two must agree");
        iam.user_arn = "somebody".into();
        assert!(identified(&iam, "eu-west-1", &principals).is_none());
    }
}
