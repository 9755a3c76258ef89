//! Four eyes.

use std::collections::BTreeMap;

use access::authorize::{Approve, Denied, FourEyes, Question};
use access::{Authorized, Authorizer, Identity};

use crate::people::{ACCOUNT, REGION, ask, authorizer, person, usual};

fn approve(
    authorizer: &Authorizer,
    who: &Identity,
    circumstances: &[(&str, &str)],
) -> Result<Authorized<Approve>, Denied> {
    let pair = |(name, text): &(&str, &str)| ((*name).to_owned(), vec![(*text).to_owned()]);
    let context: BTreeMap<_, _> = circumstances.iter().map(pair).collect();
    authorizer.authorize(&Question { who, resource: usual("approve"), context })
}

#[test]
fn nobody_answers_for_their_own_work_where_four_eyes_hold() {
    let (approver, admin) = (person("ann", &["Approver"]), person("ann", &["Admin"]));
    let ann = approver.arn.clone();
    let stranger = person("bob", &[]).arn;
    let rows = [
        (FourEyes::Off, true, true),
        (FourEyes::Approvers, false, true),
        (FourEyes::Everybody, false, false),
    ];
    for (four_eyes, approver_may, admin_may) in rows {
        let authorizer = Authorizer::with_four_eyes(REGION, ACCOUNT, four_eyes, &[])
            .expect("the ready policies");
        let own: [&[(&str, &str)]; 3] = [
            &[("starters", &ann)],
            &[("starters", &stranger), ("committers", &ann)],
            &[("starters", &stranger), ("committers", "ann")],
        ];
        for circumstances in own {
            for (who, may) in [(&approver, approver_may), (&admin, admin_may)] {
                let answer = approve(&authorizer, who, circumstances);
                assert_eq!(answer.is_ok(), may, "{four_eyes:?} {:?} {circumstances:?}", who.roles);
                if let Err(denied) = answer {
                    assert_eq!(denied.policies, ["FourEyes"]);
                }
            }
        }
        for circumstances in [
            &[("starters", stranger.as_str())][..],
            &[("starters", stranger.as_str()), ("committers", "bob@example.com")],
        ] {
            for who in [&approver, &admin] {
                let proof = approve(&authorizer, who, circumstances).expect("somebody else's work");
                assert_eq!(proof.policies(), who.roles);
                assert_eq!(proof.identity(), who);
            }
        }
    }
}

/// The default is for one person on one machine: the admin of the first start approves what they started.
#[test]
fn the_admin_of_a_single_machine_approves_their_own_runs() {
    let admin = person("admin", &["Admin"]);
    approve(&authorizer(&[]), &admin, &[("starters", &admin.arn)]).expect("nobody else is there");
}

/// Were it let through, forgetting to say who started something would switch four eyes off.
#[test]
fn who_started_it_must_be_said() {
    let authorizer = authorizer(&[]);
    for circumstances in [&[][..], &[("committers", "bob")], &[("starter", "bob")]] {
        let denied = approve(&authorizer, &person("ann", &["Admin"]), circumstances).unwrap_err();
        assert!(denied.message.contains("because the policies cannot be asked"));
    }
}

#[test]
fn an_answer_for_one_starter_is_not_remembered_for_another() {
    let authorizer = authorizer(&[]);
    let ann = person("ann", &["Approver"]);
    for _ in 0..3 {
        approve(&authorizer, &ann, &[("starters", "bob")]).expect("bob's work");
        approve(&authorizer, &ann, &[("starters", &ann.arn)]).expect_err("her own work");
    }
}

#[test]
fn calling_the_operation_takes_no_more_than_the_role() {
    let authorizer = authorizer(&[]);
    ask(&authorizer, &person("ann", &["Approver"]), "PutApprovalResult").expect("an approver");
    ask(&authorizer, &person("ann", &["Operator"]), "PutApprovalResult").expect_err("no approver");
}
