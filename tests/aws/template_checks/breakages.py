"""Ways to break the templates that a check must notice: what is broken, which check tells, and how."""


def properties(project, name, path=None):
    body = project.nested[path] if path else project.main
    return body["Resources"][name]["Properties"]


def without(name, *keys, path=None):
    """Takes a member away; the last key names it, those before lead to it."""

    def break_it(project):
        place = properties(project, name, path)
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]

    return break_it


def with_value(name, value, *keys, path=None):
    def break_it(project):
        place = properties(project, name, path)
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return break_it


def removed(name, path=None):
    def break_it(project):
        del (project.nested[path] if path else project.main)["Resources"][name]

    return break_it


def statements(project, role):
    return properties(project, role)["Policies"][0]["PolicyDocument"]["Statement"]


def allowing(role, action, resource):
    def break_it(project):
        statements(project, role).append({"Effect": "Allow", "Action": action, "Resource": resource})

    return break_it


def statement_changed(role, sid, key, value=None):
    def break_it(project):
        for statement in statements(project, role):
            if statement.get("Sid") == sid:
                if value is None:
                    del statement[key]
                else:
                    statement[key] = value

    return break_it


def policy_cleared(project):
    statement = properties(project, "CompletionsPolicy")["PolicyDocument"]["Statement"][0]
    statement["Condition"]["ArnLike"]["aws:SourceArn"] = [{"Fn::GetAtt": ["StackSettled", "Arn"]}]


def resource_key(name, key, path):
    def break_it(project):
        del project.nested[path]["Resources"][name][key]

    return break_it


def name_taken(project):
    project.main["Parameters"]["ApiUrl"] = {"Type": "String", "Default": "", "Description": "x", "AllowedValues": [""]}


def urls_knotted(project):
    variables = properties(project, "Webhook")["Environment"]["Variables"]
    variables["TOWPATH_API_URL"] = {"Fn::GetAtt": ["ApiUrl", "FunctionUrl"]}


def undescribed(project):
    del project.main["Parameters"]["LogLevel"]["Description"]


def undeployed(project):
    del project.source["Resources"]["Sweep"]


def unbuilt(project):
    project.source["Resources"]["Sweep"]["Metadata"]["BuildMethod"] = "makefile"


def dashboard_dimmed(project):
    body = properties(project, "Dashboard", "infra/alarms.yaml")["DashboardBody"]
    body["Fn::Sub"] = body["Fn::Sub"].replace("WaitingExecutions", "Waiting")


ANYTHING = "*"
BUCKET, TABLE = "Artifacts", "Table"
DATA, BUS, ALARMS = "infra/data.yaml", "infra/bus.yaml", "infra/alarms.yaml"
TARGET = ("Targets", 0)
CODE = {"Fn::GetAtt": ["ApiRole", "Arn"]}

ALL = [
    # Roles.
    ("two functions share a role", "every_function_has_a_role_of_its_own", with_value("ApiIam", CODE, "Role")),
    ("a managed policy", "nothing_is_allowed_wholesale", with_value("ApiRole", ["arn:aws:iam::aws:policy/X"], "ManagedPolicyArns")),
    ("an action with a star", "nothing_is_allowed_wholesale", allowing("SweepRole", "dynamodb:*", {"Ref": "x"})),
    ("any resource", "nothing_is_allowed_wholesale", statement_changed("ApiRole", "TakeTurns", "Resource", ANYTHING)),
    ("all but something", "nothing_is_allowed_wholesale", statement_changed("ApiRole", "Hint", "NotAction", "iam:*")),
    ("a queue for everybody", "no_policy_of_a_resource_lets_everybody_in",
     with_value("ChangesPolicy", ANYTHING, "PolicyDocument", "Statement", 0, "Principal")),
    ("a queue for any rule", "no_policy_of_a_resource_lets_everybody_in",
     without("ChangesPolicy", "PolicyDocument", "Statement", 0, "Condition")),
    ("a scan", "each_role_allows_what_its_function_does_and_no_more", allowing("ApiRole", "dynamodb:Scan", {"Ref": "x"})),
    ("another's queue", "each_statement_names_what_is_its_functions",
     statement_changed("SourceChangeRole", "TakeChanges", "Resource", {"Fn::GetAtt": ["Hints", "Arn"]})),
    ("another's log", "each_statement_names_what_is_its_functions",
     statement_changed("SourceChangeRole", "WriteItsLog", "Resource", {"Fn::GetAtt": ["ApiLog", "Arn"]})),
    ("every row", "some_functions_reach_some_rows_only", statement_changed("NotifyRole", "Note", "Condition")),
    ("the sweep becomes roles", "only_two_functions_become_other_roles", allowing("SweepRole", "sts:AssumeRole", "arn:x")),
    ("roles without an external id", "only_two_functions_become_other_roles",
     statement_changed("StartActionRole", "BecomePipelineRoles", "Condition")),
    ("roles of any name", "only_two_functions_become_other_roles",
     statement_changed("ActionCompletionRole", "BecomePipelineRoles", "Resource", "arn:aws:iam::*:role/x*")),
    ("PassRole", "nobody_passes_a_role", allowing("StartActionRole", "iam:PassRole", "arn:x")),
    ("a role for everybody", "nobody_takes_on_a_role_that_is_not_for_them",
     with_value("ApiRole", {"AWS": "*"}, "AssumeRolePolicyDocument", "Statement", 0, "Principal")),
    ("a scheduler of any account", "nobody_takes_on_a_role_that_is_not_for_them",
     without("EveryMinuteRole", "AssumeRolePolicyDocument", "Statement", 0, "Condition")),
    ("the API becomes a pipeline's role", "only_two_functions_become_other_roles",
     with_value("HandOnArtifacts", "arn:aws:iam::*:role/x", "PolicyDocument", "Statement", 0, "Resource")),
    ("artifacts for every function", "nobody_takes_on_a_role_that_is_not_for_them",
     with_value("JobArtifactsRole", {"AWS": {"Fn::GetAtt": ["SweepRole", "Arn"]}}, "AssumeRolePolicyDocument", "Statement", 0, "Principal")),
    ("artifacts without an external id", "nobody_takes_on_a_role_that_is_not_for_them",
     without("JobArtifactsRole", "AssumeRolePolicyDocument", "Statement", 0, "Condition")),
    # Deliveries.
    ("a rule without a dead-letter queue", "every_target_of_a_rule_has_a_queue_for_what_fails",
     without("CommitPushed", *TARGET, "DeadLetterConfig")),
    ("a rule that gives up as it likes", "every_target_of_a_rule_has_a_queue_for_what_fails",
     without("CommitPushed", *TARGET, "RetryPolicy")),
    ("a rule that a queue does not let in", "every_target_of_a_rule_has_a_queue_for_what_fails", policy_cleared),
    ("a rule whose dead-letter queue does not let it in", "every_target_of_a_rule_has_a_queue_for_what_fails",
     removed("ChangesDeadPolicy")),
    ("a replay that starts pipelines", "nothing_that_is_replayed_starts_a_pipeline",
     without("WebhookTaken", "EventPattern", "replay-name")),
    ("a queue without a dead-letter queue", "every_queue_has_a_queue_for_what_fails", without("Hints", "RedrivePolicy")),
    ("dead letters for bad luck", "every_queue_has_a_queue_for_what_fails",
     with_value("Hints", {"deadLetterTargetArn": {"Fn::GetAtt": ["HintsDead", "Arn"]}, "maxReceiveCount": 3}, "RedrivePolicy")),
    ("dead letters that vanish", "every_queue_has_a_queue_for_what_fails", with_value("HintsDead", 60, "MessageRetentionPeriod")),
    ("a queue in the clear", "every_queue_is_encrypted", without("Hints", "SqsManagedSseEnabled")),
    ("a message seen twice", "a_message_stays_hidden_while_it_is_worked_on", with_value("Hints", 60, "VisibilityTimeout")),
    ("whole batches fail", "batches_fail_one_by_one", without("NotifyNotices", "FunctionResponseTypes")),
    ("no ceiling", "batches_fail_one_by_one", without("StartActionHints", "ScalingConfig")),
    ("a shard that stops", "the_stream_is_read_in_order_and_to_its_end", with_value("PublishRecords", -1, "MaximumRetryAttempts")),
    ("a batch that is not split", "the_stream_is_read_in_order_and_to_its_end", without("PublishRecords", "BisectBatchOnFunctionError")),
    ("records dropped in silence", "the_stream_is_read_in_order_and_to_its_end", without("PublishRecords", "DestinationConfig")),
    ("records out of order", "the_stream_is_read_in_order_and_to_its_end", with_value("PublishRecords", 10, "ParallelizationFactor")),
    ("every row of the table", "the_stream_is_read_in_order_and_to_its_end", without("PublishRecords", "FilterCriteria")),
    ("the stream's present only", "the_stream_is_read_in_order_and_to_its_end", with_value("PublishRecords", "LATEST", "StartingPosition")),
    ("no stream at all", "the_stream_is_read_in_order_and_to_its_end", removed("PublishRecords")),
    ("a schedule without a dead-letter queue", "every_schedule_can_begin_and_says_when_it_could_not",
     without("EveryMinute", "Target", "DeadLetterConfig")),
    ("a schedule that may not begin", "every_schedule_can_begin_and_says_when_it_could_not",
     statement_changed("EveryMinuteRole", "BeginSweeps", "Resource", {"Fn::GetAtt": ["Api", "Arn"]})),
    ("sweeps that fail in silence", "every_schedule_can_begin_and_says_when_it_could_not", removed("SweepEventInvokeConfig")),
    ("a URL that nobody may call", "every_function_url_may_be_called", removed("ApiURLInvokeAllowPublicAccess")),
    ("a function that anybody may invoke past its URL", "every_function_url_may_be_called",
     without("ApiIamPermission", "InvokedViaFunctionUrl")),
    ("everybody past IAM", "every_function_url_may_be_called", with_value("ApiIamUrlPermission", ANYTHING, "Principal")),
    # Functions.
    ("a function that is not deployed", "every_function_of_the_tree_is_deployed", undeployed),
    ("a function nobody can build", "every_function_is_built_by_cargo_lambda", unbuilt),
    ("a log for ever", "every_function_is_traced_and_keeps_a_log_for_a_time", without("ApiLog", "RetentionInDays")),
    ("lines that Lambda judges", "every_function_is_traced_and_keeps_a_log_for_a_time",
     with_value("Api", "WARN", "LoggingConfig", "ApplicationLogLevel")),
    ("no traces", "every_function_is_traced_and_keeps_a_log_for_a_time", without("Api", "TracingConfig")),
    ("the wrong processor", "every_function_runs_where_it_was_built_for", with_value("Api", ["arm64"], "Architectures")),
    ("a setting that is missing", "every_function_gets_the_settings_it_reads", without("Notify", "Environment", "Variables", "TOWPATH_TOPIC")),
    ("two URLs that wait for each other", "no_function_is_kept_by_one_that_waits_for_it", urls_knotted),
    ("a parameter named as a resource", "no_name_is_given_twice", name_taken),
    ("a parameter without a word", "parameters_and_outputs_explain_themselves", undescribed),
    # What is kept.
    ("a table that goes", "what_holds_something_stays_when_the_stack_goes", resource_key(TABLE, "DeletionPolicy", DATA)),
    ("a bucket that is replaced", "what_holds_something_stays_when_the_stack_goes", resource_key(BUCKET, "UpdateReplacePolicy", DATA)),
    ("a table without a stream", "the_table_is_as_the_store_expects_it", without(TABLE, "StreamSpecification", path=DATA)),
    ("a table that cannot be recovered", "the_table_is_as_the_store_expects_it", without(TABLE, "PointInTimeRecoverySpecification", path=DATA)),
    ("garbage for ever", "the_table_is_as_the_store_expects_it", without(TABLE, "TimeToLiveSpecification", path=DATA)),
    ("a bucket without versions", "artifacts_are_private_versioned_encrypted_and_forgotten", without(BUCKET, "VersioningConfiguration", path=DATA)),
    ("artifacts for ever", "artifacts_are_private_versioned_encrypted_and_forgotten", without(BUCKET, "LifecycleConfiguration", path=DATA)),
    ("a public bucket", "artifacts_are_private_versioned_encrypted_and_forgotten", without(BUCKET, "PublicAccessBlockConfiguration", path=DATA)),
    ("a bucket without TLS", "artifacts_are_private_versioned_encrypted_and_forgotten", removed("ArtifactsPolicy", DATA)),
    ("a bus without an archive", "the_bus_has_an_archive", removed("Archive", BUS)),
    # Watching.
    ("dead letters that nobody is told of", "every_queue_is_watched", removed("HintsDeadLetters", ALARMS)),
    ("a queue that nobody reads", "every_queue_is_watched", removed("ChangesOld", ALARMS)),
    ("a queue whose name the alarms do not get", "every_queue_is_watched", without("Watch", "Parameters", "Hints")),
    ("no heartbeat", "the_stream_the_sweep_and_the_doors_are_watched", removed("NoHeartbeat", ALARMS)),
    ("silence taken for health", "the_stream_the_sweep_and_the_doors_are_watched",
     with_value("NoHeartbeat", "notBreaching", "TreatMissingData", path=ALARMS)),
    ("an alarm that tells nobody", "every_alarm_tells_somebody_what_to_do", without("LogBehind", "AlarmActions", path=ALARMS)),
    ("a dashboard without waits", "the_dashboard_shows_what_matters", dashboard_dimmed),
]
