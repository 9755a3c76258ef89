"""Functions are what the tree says, and run as they should."""

from .project import ROOT, leaves, pointed_at

# What every function reads from its environment, and what only some do.
EVERY = {
    "TOWPATH_TABLE",
    "TOWPATH_HINTS_QUEUE",
    "TOWPATH_DEPLOYMENT",
    "TOWPATH_ACCOUNT",
    "TOWPATH_LOG",
    "SSL_CERT_FILE",
}
API = {"TOWPATH_API_URL", "TOWPATH_PUBLIC_URL", "TOWPATH_SECRET", "TOWPATH_PRINCIPALS", "TOWPATH_JOB_ROLE"}
DELIVERIES = {"TOWPATH_SUBSCRIBERS", "TOWPATH_DELIVERIES_QUEUE"}
SOME = {
    "ActionCompletion": {"TOWPATH_PUBLIC_URL"},
    "StartAction": {"TOWPATH_PUBLIC_URL"},
    "Publish": {"TOWPATH_BUS", "TOWPATH_LEVELS", "TOWPATH_EVENT_MARKS"},
    "Notify": {"TOWPATH_TOPIC", "TOWPATH_PUBLIC_URL"} | DELIVERIES,
    "Deliver": DELIVERIES,
    "Webhook": {"TOWPATH_BUS", "TOWPATH_PUBLIC_URL", "TOWPATH_SECRET"},
    "Api": API,
    "ApiIam": API | {"TOWPATH_IDENTITY"},
}


def every_function_of_the_tree_is_deployed(project):
    built = {
        resource["Metadata"]["BuildProperties"]["Binary"]
        for resource in project.source["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    there = {f"function-{path.name}" for path in (ROOT / "functions").iterdir() if path.is_dir()}
    for name in sorted(there ^ built):
        yield f"{name} is {'not deployed' if name in there else 'deployed and does not exist'}"


def every_function_is_built_by_cargo_lambda(project):
    for name, resource in project.source["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            if resource.get("Metadata", {}).get("BuildMethod") != "rust-cargolambda":
                yield f"{name} says not how it is built"


def every_function_is_traced_and_keeps_a_log_for_a_time(project):
    for name, function in project.of("AWS::Lambda::Function"):
        if function.get("TracingConfig", {}).get("Mode") != "Active":
            yield f"{name} is not traced"
        logging = function.get("LoggingConfig", {})
        log = project.properties(pointed_at(logging.get("LogGroup")) or "")
        if logging.get("LogFormat") != "JSON" or not log.get("RetentionInDays"):
            yield f"{name} must write JSON into a log group of ours that forgets"
        # Metrics and records of calls have no level, and Lambda takes them for INFO: what it lets through must be
        # more than that, whatever the functions themselves are told to write.
        if logging.get("ApplicationLogLevel") != "TRACE":
            yield f"{name} would lose lines that Lambda judges: its ApplicationLogLevel must be TRACE"
        if not function.get("Description"):
            yield f"{name} does not say what it is for"


def every_function_runs_where_it_was_built_for(project):
    for name, function in project.of("AWS::Lambda::Function"):
        if function["Runtime"] != "provided.al2023" or function["Architectures"] != [{"Ref": "Architecture"}]:
            yield f"{name} must run on provided.al2023, on the processor of the parameter"


def every_function_gets_the_settings_it_reads(project):
    for name, function in project.of("AWS::Lambda::Function"):
        given = set(function["Environment"]["Variables"])
        expected = EVERY | SOME.get(name, set())
        for variable in sorted(given ^ expected):
            yield f"{name} {'needs' if variable in expected else 'does not read'} {variable}"


def no_function_is_kept_by_one_that_waits_for_it(project):
    """Function URLs are made after functions, so two functions that name each other's can never be made."""
    waits = {}
    for name, function in project.of("AWS::Lambda::Function"):
        texts = set(leaves(function["Environment"]))
        waits[name] = {
            pointed_at(url["TargetFunctionArn"])
            for made, url in project.of("AWS::Lambda::Url")
            if made in texts
        }
    for name, others in waits.items():
        for other in others:
            if other == name or name in waits[other]:
                yield f"{name} and {other} wait for each other's URL"


def no_name_is_given_twice(project):
    for path, body in project.templates():
        for name in sorted(set(body.get("Parameters", {})) & set(body["Resources"])):
            yield f"{path}: {name} is a parameter and a resource"


def parameters_and_outputs_explain_themselves(project):
    for path, body in project.templates():
        for name, parameter in body.get("Parameters", {}).items():
            if not parameter.get("Description"):
                yield f"{path}: {name} has no description"
    for name, parameter in project.main["Parameters"].items():
        if "Default" not in parameter:
            yield f"{name} has no default: sam deploy must work without answers"
        if parameter["Type"] == "String" and not parameter.keys() & {"AllowedPattern", "AllowedValues"}:
            yield f"{name} takes anything"
        if "AllowedPattern" in parameter and not parameter.get("ConstraintDescription"):
            yield f"{name} does not say in words what it takes"
    for name, output in project.main["Outputs"].items():
        if not output.get("Description"):
            yield f"the output {name} has no description"


CHECKS = [
    every_function_of_the_tree_is_deployed,
    every_function_is_built_by_cargo_lambda,
    every_function_is_traced_and_keeps_a_log_for_a_time,
    every_function_runs_where_it_was_built_for,
    every_function_gets_the_settings_it_reads,
    no_function_is_kept_by_one_that_waits_for_it,
    no_name_is_given_twice,
    parameters_and_outputs_explain_themselves,
]
