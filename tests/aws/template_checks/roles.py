"""Who may do what: one role for each function, and nothing in it that the function does not do."""

from .project import leaves, listed, pointed_at

# Actions that have no resource to name, each with the reason. Nothing else may say `Resource: "*"`.
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments": "X-Ray has no resources that a policy could name",
    "xray:PutTelemetryRecords": "X-Ray has no resources that a policy could name",
}

# Policies of resources may say more, since they lie on the resource.
OF_RESOURCES = {
    "ArtifactKey": "a key's policy names no resource but itself, and without its account nobody could manage it",
}

LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACE = set(WITHOUT_RESOURCE)
READ = {"dynamodb:GetItem", "dynamodb:Query"}
# Whoever takes turns appends; fewer change or take away rows beside the log.
APPEND = READ | {"dynamodb:PutItem"}
CHANGE = {"dynamodb:UpdateItem"}
DELETE = {"dynamodb:DeleteItem"}
TURN = APPEND | CHANGE | DELETE
TAKE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
HINT = {"sqs:SendMessage"}
UNSEAL = {"secretsmanager:GetSecretValue"}
BECOME = {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
OPEN = {"kms:Decrypt"}
# The API sees what job workers stored, and becomes the role that carries artifacts for them.
HAND_ON = {"s3:GetObject", "s3:GetObjectVersion", "sts:AssumeRole"} | OPEN

# What each function does, all of it. A statement more, or one less, is a finding.
DOES = {
    "SourceChange": LOG | TRACE | TAKE | APPEND | CHANGE | HINT,
    "ActionCompletion": LOG | TRACE | TAKE | TURN | HINT | BECOME,
    "StartAction": LOG | TRACE | TAKE | TURN | HINT | BECOME,
    "Sweep": LOG | TRACE | APPEND | DELETE | HINT,
    "Publish": LOG
    | TRACE
    | {"dynamodb:GetItem"}
    | {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
    | {"events:PutEvents", "sqs:SendMessage"},
    "Notify": LOG | TRACE | TAKE | READ | UNSEAL | {"dynamodb:PutItem", "sns:Publish", "sqs:SendMessage"},
    "Deliver": LOG | TRACE | TAKE | UNSEAL | {"sqs:ChangeMessageVisibility"},
    "Webhook": LOG | TRACE | APPEND | HINT | UNSEAL | {"events:PutEvents"},
    "Api": LOG | TRACE | TURN | HINT | UNSEAL | HAND_ON,
    "ApiIam": LOG | TRACE | TURN | HINT | UNSEAL | HAND_ON,
}

# To which queues each may send.
SENDS_TO = {
    "SourceChange": {"Hints"},
    "ActionCompletion": {"Hints"},
    "StartAction": {"Hints"},
    "Sweep": {"Hints", "SweepDead"},
    "Publish": {"PublishDead"},
    "Notify": {"Deliveries"},
    "Webhook": {"Hints"},
    "Api": {"Hints"},
    "ApiIam": {"Hints"},
}

# Roles that no function has.
OF_OTHERS = {
    "EveryMinuteRole": {"lambda:InvokeFunction", "sqs:SendMessage"},
    "JobArtifactsRole": {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:AbortMultipartUpload"}
    | {"kms:Decrypt", "kms:GenerateDataKey"},
}
# Who may take on a role that no service does.
TAKEN_ON_BY = {"JobArtifactsRole": {"ApiRole", "ApiIamRole"}}


def statements(project, role):
    """Yields the statements of a role that allow something, those that only stand there under a condition too."""
    policies = list(project.properties(role).get("Policies", []))
    policies += [
        policy
        for _, policy in project.of("AWS::IAM::Policy")
        if role in map(pointed_at, policy["Roles"])
    ]
    for policy in policies:
        for statement in listed(policy["PolicyDocument"]["Statement"]):
            statement = statement["Fn::If"][1] if "Fn::If" in statement else statement
            if statement["Effect"] == "Allow":
                yield statement


def actions(statement):
    return set(listed(statement.get("Action")))


def every_function_has_a_role_of_its_own(project):
    used = {}
    for name, function in project.of("AWS::Lambda::Function"):
        role = pointed_at(function["Role"])
        if role in used:
            yield f"{name} has the role of {used[role]}"
        used[role] = name
        if role != f"{name}Role":
            yield f"{name} must have the role {name}Role"
    for role, _ in project.of("AWS::IAM::Role"):
        if role not in used and role not in OF_OTHERS:
            yield f"{role} is nobody's"


def nothing_is_allowed_wholesale(project):
    for path, name, resource in project.everywhere("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
        if resource["Type"] != "AWS::IAM::Role":
            yield f"{path} {name}: policies stand in the role that they are for"
        if listed(resource["Properties"].get("ManagedPolicyArns")):
            yield f"{path} {name}: managed policies allow what nobody here wrote"
    for role, _ in project.of("AWS::IAM::Role"):
        for statement in statements(project, role):
            sid = f"{role} {statement.get('Sid')}"
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{sid} allows everything but something"
            for action in actions(statement):
                if "*" in action:
                    yield f"{sid} allows {action}"
                if "*" in listed(statement.get("Resource")) and action not in WITHOUT_RESOURCE:
                    yield f"{sid} allows {action} on everything"


def no_policy_of_a_resource_lets_everybody_in(project):
    kinds = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::KMS::Key")
    for path, name, resource in project.everywhere(*kinds):
        document = resource["Properties"].get("PolicyDocument") or resource["Properties"].get("KeyPolicy")
        for statement in listed(document["Statement"]):
            if statement["Effect"] != "Allow" or name in OF_RESOURCES:
                continue
            if "*" in leaves(statement.get("Principal")):
                yield f"{path} {name} lets everybody in"
            if any("*" in action for action in actions(statement)):
                yield f"{path} {name} allows more than one thing at once"
            if "aws:SourceArn" not in leaves(statement.get("Condition", {})):
                yield f"{path} {name} does not say for whom the service acts (aws:SourceArn)"


def each_role_allows_what_its_function_does_and_no_more(project):
    for name, expected in [*DOES.items(), *((role, does) for role, does in OF_OTHERS.items())]:
        role = name if name in OF_OTHERS else f"{name}Role"
        allowed = set().union(*(actions(statement) for statement in statements(project, role)))
        for action in sorted(allowed - expected):
            yield f"{role} allows {action}, which {name} does not do"
        for action in sorted(expected - allowed):
            yield f"{role} does not allow {action}, which {name} does"
    for name, _ in project.of("AWS::Lambda::Function"):
        if name not in DOES:
            yield f"{name} is not in DOES: say there what it does"


def each_statement_names_what_is_its_functions(project):
    reads = {}
    for _, mapping in project.of("AWS::Lambda::EventSourceMapping"):
        reads.setdefault(pointed_at(mapping["FunctionName"]), set()).add(pointed_at(mapping["EventSourceArn"]))
    for name in DOES:
        for statement in statements(project, f"{name}Role"):
            where = {pointed_at(resource) for resource in listed(statement["Resource"])}
            does = actions(statement)
            if does & TAKE and not where <= reads.get(name, set()):
                yield f"{name} takes from {where}, which it does not read"
            if "sqs:SendMessage" in does and not where <= SENDS_TO.get(name, set()):
                yield f"{name} sends to {where}"
            if does & LOG and where != {f"{name}Log"}:
                yield f"{name} writes into the log {where}"


# Rows that a function may not reach beyond, by their partition keys.
ROWS = {
    ("Publish", "dynamodb:GetItem"): {"PIPELINE#*", "EXECUTION#*"},
    ("Notify", "dynamodb:PutItem"): {"NOTICE#*"},
}


def some_functions_reach_some_rows_only(project):
    for (name, action), expected in ROWS.items():
        for statement in statements(project, f"{name}Role"):
            keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
            if action in actions(statement) and set(listed(keys)) != expected:
                yield f"{name} may {action} other rows than {', '.join(sorted(expected))}"


def only_two_functions_become_other_roles(project):
    for role, _ in project.of("AWS::IAM::Role"):
        for statement in statements(project, role):
            becomes = {action for action in actions(statement) if action.startswith("sts:")}
            if becomes and role in TAKEN_ON_BY["JobArtifactsRole"]:
                if pointed_at(statement["Resource"]) != "JobArtifactsRole":
                    yield f"{role} may become another role than that of artifacts"
                continue
            if becomes and role not in ("StartActionRole", "ActionCompletionRole"):
                yield f"{role} may become another role"
            text = " ".join(leaves(statement))
            if becomes and "PipelineRolePattern" not in text:
                yield f"{role} may become roles whatever their name"
            if "sts:AssumeRole" in becomes and "sts:ExternalId" not in text:
                yield f"{role} becomes roles without an external id"


def nobody_passes_a_role(project):
    for role, _ in project.of("AWS::IAM::Role"):
        for statement in statements(project, role):
            for action in actions(statement):
                if action.lower().startswith("iam:"):
                    yield f"{role} allows {action}"


def nobody_takes_on_a_role_that_is_not_for_them(project):
    for role, properties in project.of("AWS::IAM::Role"):
        for statement in properties["AssumeRolePolicyDocument"]["Statement"]:
            principal, text = statement["Principal"], set(leaves(statement.get("Condition", {})))
            if role in TAKEN_ON_BY:
                if {pointed_at(one) for one in listed(principal.get("AWS"))} != TAKEN_ON_BY[role]:
                    yield f"{role} may be taken on by {principal}"
                if "sts:ExternalId" not in text:
                    yield f"{role} does not ask for the external id"
                continue
            expected = "scheduler.amazonaws.com" if role in OF_OTHERS else "lambda.amazonaws.com"
            if principal != {"Service": expected}:
                yield f"{role} may be taken on by {principal}"
            if role in OF_OTHERS and "aws:SourceAccount" not in text:
                yield f"{role} does not say in which account the scheduler must be"


CHECKS = [
    every_function_has_a_role_of_its_own,
    nothing_is_allowed_wholesale,
    no_policy_of_a_resource_lets_everybody_in,
    each_role_allows_what_its_function_does_and_no_more,
    each_statement_names_what_is_its_functions,
    some_functions_reach_some_rows_only,
    only_two_functions_become_other_roles,
    nobody_passes_a_role,
    nobody_takes_on_a_role_that_is_not_for_them,
]
