//! An account whose stacks change when the test says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use model::outcome::StoredArtifact;

use crate::wire::bucket::Buckets;
use crate::wire::{Answer, Asked};

/// How many events a page has: few, so that there are pages.
const PAGE_EVENTS: usize = 3;

/// A request as its form says it.
pub(super) type Form = BTreeMap<String, String>;

#[derive(Clone, Default)]
pub(super) struct Account(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    pub(super) stacks: Vec<Stack>,
    pub(super) sets: Vec<Set>,
    pub(super) buckets: Buckets,
    /// Actions that are refused, each with a status, a code and a message.
    pub(super) refuses: BTreeMap<&'static str, (u16, &'static str, &'static str)>,
    /// The answer to the next call of this action gets lost.
    pub(super) loses: Option<&'static str>,
}

#[derive(Clone, Default)]
pub(super) struct Stack {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) status: String,
    pub(super) outputs: Vec<(&'static str, &'static str)>,
    pub(super) form: Form,
    pub(super) change_set_id: String,
    token: String,
    events: Vec<String>,
}

#[derive(Clone, Default)]
pub(super) struct Set {
    name: String,
    id: String,
    pub(super) status: &'static str,
    pub(super) execution_status: &'static str,
    pub(super) reason: &'static str,
    pub(super) form: Form,
}

impl Stack {
    fn begin(&mut self, status: &str, token: &str) {
        token.clone_into(&mut self.token);
        self.pass("web", status, "User Initiated");
    }

    /// Takes the stack, or a resource of it, to a status.
    pub(super) fn pass(&mut self, logical_id: &str, status: &str, reason: &str) {
        let (token, id) = (&self.token, &self.id);
        let (physical, kind) = if logical_id == self.name {
            status.clone_into(&mut self.status);
            (id.clone(), "AWS::CloudFormation::Stack")
        } else {
            (format!("physical-{logical_id}"), "AWS::S3::Bucket")
        };
        self.events.push(format!(
            "<member><StackId>{id}</StackId><EventId>e</EventId><StackName>web</StackName>\
             <LogicalResourceId>{logical_id}</LogicalResourceId><PhysicalResourceId>{physical}\
             </PhysicalResourceId><ResourceType>{kind}</ResourceType><Timestamp>2027-01-15T07:59:30Z\
             </Timestamp><ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{reason}\
             </ResourceStatusReason><ClientRequestToken>{token}</ClientRequestToken></member>"
        ));
    }

    /// Somebody else changes the stack, from beginning to end.
    pub(super) fn meddle(&mut self, beginning: &str, end: &str) {
        self.begin(beginning, "somebody-else");
        self.pass("web", end, "");
    }

    fn is_gone(&self) -> bool {
        self.status == "DELETE_COMPLETE"
    }

    fn cannot_be_updated(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS")
            || self.status == "ROLLBACK_COMPLETE"
            || self.status.ends_with("_FAILED")
    }
}

impl Account {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn input(&self, name: &str, files: &[(&str, &str)]) -> StoredArtifact {
        self.state().buckets.input(name, files)
    }

    /// Puts a stack into the account that somebody created.
    pub(super) fn with_stack(self, status: &str) -> Self {
        let mut stack = Stack { id: id_of(0), name: "web".to_owned(), ..Stack::default() };
        stack.meddle("CREATE_IN_PROGRESS", status);
        self.state().stacks.push(stack);
        self
    }

    /// Does something to the newest stack.
    pub(super) fn stack(&self, work: impl FnOnce(&mut Stack)) {
        work(self.state().stacks.last_mut().unwrap());
    }

    pub(super) fn answer(&self, asked: &Asked) -> Answer {
        let mut state = self.state();
        if let Some(answer) = state.buckets.answer(asked) {
            return answer;
        }
        let form: Form = url::form_urlencoded::parse(&asked.bytes).into_owned().collect();
        let action = form["Action"].clone();
        let refusal = state.refuses.get(action.as_str()).copied();
        let answer = match refusal {
            Some(refusal) => Err(refusal),
            None => state.perform(&action, form),
        };
        if state.loses.take_if(|lost| *lost == action).is_some() {
            return Answer::Broken;
        }
        let (status, body) = match answer {
            Ok(inner) => (
                200,
                format!(
                    "<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"
                ),
            ),
            Err((status, code, message)) => (
                status,
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}\
                     </Message></Error><RequestId>r</RequestId></ErrorResponse>"
                ),
            ),
        };
        Answer::Said { status, headers: Vec::new(), body: body.into_bytes() }
    }
}

type Refusal = (u16, &'static str, &'static str);

impl State {
    fn perform(&mut self, action: &str, form: Form) -> Result<String, Refusal> {
        match action {
            "DescribeStacks" => self.find(&form).map(|stack| described(stack)),
            "DescribeStackEvents" => {
                let from: usize = form.get("NextToken").map_or(0, |it| it.parse().unwrap());
                let events = &self.find(&form)?.events;
                let page = events.iter().rev().skip(from).take(PAGE_EVENTS).cloned();
                let page: String = page.collect();
                let next = from + PAGE_EVENTS;
                let more = (next < events.len()).then(|| format!("<NextToken>{next}</NextToken>"));
                Ok(format!("<StackEvents>{page}</StackEvents>{}", more.unwrap_or_default()))
            }
            "CreateStack" => self.create(form),
            "UpdateStack" => self.update(form),
            "DeleteStack" => {
                let token = form["ClientRequestToken"].clone();
                let stack = self.find(&form)?;
                stack.begin("DELETE_IN_PROGRESS", &token);
                stack.form = form;
                Ok(String::new())
            }
            "CancelUpdateStack" => {
                self.find(&form)?.pass("web", "UPDATE_ROLLBACK_IN_PROGRESS", "cancelled");
                Ok(String::new())
            }
            "CreateChangeSet" => self.create_set(form),
            "DescribeChangeSet" => self.set(&form).map(|set| {
                let Set { name, id, status, execution_status, reason, form } = set;
                format!(
                    "<ChangeSetName>{name}</ChangeSetName><ChangeSetId>{id}</ChangeSetId>\
                     <Description>{}</Description><Status>{status}</Status><StatusReason>{reason}\
                     </StatusReason><ExecutionStatus>{execution_status}</ExecutionStatus>\
                     <Changes><member><Type>Resource</Type></member></Changes>",
                    form["Description"]
                )
            }),
            "DeleteChangeSet" => {
                let id = self.set(&form)?.id.clone();
                self.sets.retain(|set| set.id != id);
                Ok(String::new())
            }
            "ExecuteChangeSet" => {
                let id = self.set(&form)?.id.clone();
                self.sets.retain(|set| set.id != id);
                let stack = self.find(&form)?;
                let is_new = stack.status == "REVIEW_IN_PROGRESS";
                let status = if is_new { "CREATE_IN_PROGRESS" } else { "UPDATE_IN_PROGRESS" };
                stack.begin(status, &form["ClientRequestToken"]);
                stack.change_set_id = id;
                Ok(String::new())
            }
            other => panic!("nobody asks CloudFormation for {other}"),
        }
    }

    fn find(&mut self, form: &Form) -> Result<&mut Stack, Refusal> {
        let name = &form["StackName"];
        let found = self
            .stacks
            .iter_mut()
            .rev()
            .find(|stack| stack.id == *name || (stack.name == *name && !stack.is_gone()));
        found.ok_or((400, "ValidationError", "Stack with id web does not exist"))
    }

    fn create(&mut self, form: Form) -> Result<String, Refusal> {
        let token = form["ClientRequestToken"].clone();
        if let Ok(stack) = self.find(&form) {
            if stack.token != token {
                return Err((400, "AlreadyExistsException", "Stack [web] already exists"));
            }
            return Ok(format!("<StackId>{}</StackId>", stack.id));
        }
        let id = id_of(self.stacks.len());
        let mut stack = Stack { id, name: form["StackName"].clone(), form, ..Stack::default() };
        stack.begin("CREATE_IN_PROGRESS", &token);
        let answer = format!("<StackId>{}</StackId>", stack.id);
        self.stacks.push(stack);
        Ok(answer)
    }

    fn update(&mut self, form: Form) -> Result<String, Refusal> {
        let token = form["ClientRequestToken"].clone();
        let stack = self.find(&form)?;
        let answer = format!("<StackId>{}</StackId>", stack.id);
        if stack.token == token {
            return Ok(answer);
        }
        if stack.cannot_be_updated() {
            let is_busy = stack.status.ends_with("_IN_PROGRESS");
            let busy = "Stack:web is in UPDATE_IN_PROGRESS state and can not be updated.";
            let failed = "Stack:web is in ROLLBACK_COMPLETE state and can not be updated.";
            return Err((400, "ValidationError", if is_busy { busy } else { failed }));
        }
        let said = |form: &Form| {
            let mut said = form.clone();
            said.retain(|key, _| key != "ClientRequestToken" && key != "Action");
            said
        };
        if said(&form) == said(&stack.form) {
            return Err((400, "ValidationError", "No updates are to be performed."));
        }
        stack.form = form;
        stack.begin("UPDATE_IN_PROGRESS", &token);
        Ok(answer)
    }

    fn set(&mut self, form: &Form) -> Result<&mut Set, Refusal> {
        let name = &form["ChangeSetName"];
        let found = self.sets.iter_mut().find(|set| set.id == *name || set.name == *name);
        found.ok_or((404, "ChangeSetNotFound", "ChangeSet [next] does not exist"))
    }

    fn create_set(&mut self, form: Form) -> Result<String, Refusal> {
        if self.set(&form).is_ok() {
            return Err((400, "AlreadyExistsException", "ChangeSet next already exists"));
        }
        if self.find(&form).is_err() {
            assert_eq!(form["ChangeSetType"], "CREATE");
            let id = id_of(self.stacks.len());
            let mut stack = Stack { id, name: "web".to_owned(), ..Stack::default() };
            stack.begin("REVIEW_IN_PROGRESS", "");
            self.stacks.push(stack);
        }
        let name = form["ChangeSetName"].clone();
        let id = format!(
            "arn:aws:cloudformation:us-east-1:123456789012:changeSet/{name}/{}",
            form["ClientToken"]
        );
        let answer = format!("<Id>{id}</Id>");
        let status = "CREATE_IN_PROGRESS";
        let execution_status = "UNAVAILABLE";
        self.sets.push(Set { name, id, status, execution_status, reason: "", form });
        Ok(answer)
    }
}

fn described(stack: &Stack) -> String {
    let Stack { name, id, status, change_set_id, .. } = stack;
    let outputs = stack.outputs.iter().map(|(key, value)| {
        format!("<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>")
    });
    let outputs: String = outputs.collect();
    format!(
        "<Stacks><member><StackName>{name}</StackName><StackId>{id}</StackId><StackStatus>{status}\
         </StackStatus><ChangeSetId>{change_set_id}</ChangeSetId><Outputs>{outputs}</Outputs>\
         <CreationTime>2027-01-15T07:59:30Z</CreationTime></member></Stacks>"
    )
}

fn id_of(number: usize) -> String {
    format!("arn:aws:cloudformation:us-east-1:123456789012:stack/web/{number}")
}
