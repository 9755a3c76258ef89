//! What help ends with: examples to learn from.

/// For the command itself.
pub(super) const TOWPATH: &str = "\
Begin with:
  towpath demo                          watch a change travel a pipeline; needs only Git and a shell
  towpath lint pipeline.yaml            see whether a pipeline of yours is in order
  towpath run pipeline.yaml --repository NAME=PATH
  towpath up --repository NAME=PATH     serve the API; then, in the same directory:
  towpath apply pipeline.yaml           create a pipeline; go on with watch, why, approve

Exit status:
  0  succeeded
  1  an execution failed, or this machine did
  2  the execution was stopped, superseded or cancelled, or you interrupted it
  3  an approval is needed and nobody is there to give it
  5  bad input: a file, an option or a directory that cannot be used; the message says how to mend it

Environment:
  NO_COLOR      leave colours out
  TOWPATH_LOG   say more on standard error, for example TOWPATH_LOG=info";

/// For `demo`.
pub(super) const DEMO: &str = "\
Examples:
  towpath demo                          asks for approvals on the terminal
  towpath demo --yes                    approves by itself
  towpath demo --yes --json             the same for programs
  towpath demo --data /tmp/demo         keeps the repository, the host and the logs to look at";

/// For `run`.
pub(super) const RUN: &str = "\
Examples:
  Watch a repository, and run for every commit until Ctrl-C:
    towpath run pipeline.yaml --repository web-app=../web-app --host production=/srv/host

  Run once in a script, approve everything, and keep the events:
    towpath run pipeline.yaml --repository web-app=. --once --yes --events events.jsonl

  A template with parameters, one of its pipelines, and a function:
    towpath run template.yaml --resource Pipeline --parameter Stage=beta \\
        --repository app=. --function notify='python3 notify.py'

  See what builds print while they run:
    towpath run pipeline.yaml --repository web-app=. --once --logs

Ctrl-C leaves running actions alone; run the same command again and everything goes on, in the same
data directory. An approval is answered on the terminal with y or n and Enter.";

/// For `lint`.
pub(super) const LINT: &str = "\
Examples:
  towpath lint pipeline.yaml
  towpath lint pipeline.json other.yaml
  towpath lint template.yaml --parameter Stage=beta
  towpath lint --json pipeline.yaml     a finding a line: file, path, message, rule, fix

Exit status: 0 if no pipeline is refused (warnings are printed), 5 otherwise.";

/// For `up`.
pub(super) const UP: &str = "\
Examples:
  towpath up --repository web-app=../web-app --host production=/srv/host
      then, in another terminal, what it prints; and for example
  aws codepipeline create-pipeline --cli-input-json file://pipeline.json
  aws codepipeline get-pipeline-state --name web-app

  towpath up --data /srv/towpath --port 7477 --events /srv/towpath/events.jsonl
  towpath key add ada --role Approver     a key for somebody who only approves
  towpath audit verify                    whether the record of calls is whole

Only this machine is served, and every request must be signed with a key of the data directory.
Killed or ended at any moment, the server goes on where it stood when you start it again.";

/// For `doctor`.
pub(super) const DOCTOR: &str = "\
Examples:
  towpath doctor --stack towpath --region eu-west-1
  towpath doctor --quick --json         for a script: what is wrong, one object a line

It asks with your key: AWS_ACCESS_KEY_ID, or AWS_PROFILE in your credentials file.

Exit status:
  0  nothing is wrong
  1  something is; each finding says how to mend it
  5  there is no such deployment, or no key to ask with";
