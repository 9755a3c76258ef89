//! What the help of the client verbs ends with.

/// For `apply`.
pub(super) const APPLY: &str = "\
Examples:
  towpath apply pipeline.yaml                       shows what changes, and asks
  towpath apply pipeline.yaml --yes --tag team=web
  towpath apply template.yaml --resource Pipeline --parameter Stage=beta

An update starts nothing, but ends what is under way by the old declaration (SUPERSEDED, QUEUED).
Secrets stay what they are where the file holds **** in their place.";

/// For `start`.
pub(super) const START: &str = "\
Examples:
  towpath start web-app
  towpath start web-app -v Target=beta --watch
  towpath start web-app --revision Commit=9049085e5c1cf3da8a5b7cb9bba5a1bb67de65ac

Exit status with --watch: 0 succeeded, 1 failed, 2 stopped, superseded or cancelled.";

/// For `watch`.
pub(super) const WATCH: &str = "\
Examples:
  towpath watch web-app                             the newest execution
  towpath watch web-app --exit-status --compact     for a script
  towpath watch web-app --execution 3f9a12c4
  towpath watch web-app --exit-status --no-wait     3 if an approval is all that is missing";

/// For `logs`.
pub(super) const LOGS: &str = "\
Examples:
  towpath logs web-app                              all actions of the newest execution
  towpath logs web-app Build/Compile -f
  towpath logs web-app --failed --execution 3f9a12c4";

/// For `stop`.
pub(super) const STOP: &str = "\
Examples:
  towpath stop web-app --reason 'wrong commit'
  towpath stop web-app --abandon --hold             nobody follows until `towpath resume`

A stopped execution frees its stage, and whoever waits enters at once. --hold pauses that stage
before, with the same reason, so that nobody does.";

/// For `credentials`.
pub(super) const CREDENTIALS: &str = "\
Examples:
  towpath credentials --endpoint https://abc123.lambda-url.eu-west-1.on.aws --profile work

In ~/.aws/config, so that every client of AWS's signs with them:
  [profile towpath]
  region = eu-west-1
  credential_process = towpath credentials --endpoint https://abc123.lambda-url.eu-west-1.on.aws --profile work
  services = towpath
  [services towpath]
  codepipeline =
    endpoint_url = https://abc123.lambda-url.eu-west-1.on.aws";

/// For `completion`.
pub(super) const COMPLETION: &str = "\
Examples:
  towpath completion bash > ~/.local/share/bash-completion/completions/towpath
  towpath completion zsh > ~/.zfunc/_towpath
  towpath completion fish > ~/.config/fish/completions/towpath.fish";
