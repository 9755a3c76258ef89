"""What is handed over arrives, or lies where somebody is told of it."""

from .project import leaves, listed, pointed_at
from .roles import statements

VISIBILITY_PER_TIMEOUT = 6
# AWS advises at least 5 where a function reads the queue: a process that dies has failed nothing.
RECEIVES = range(5, 13)
DEAD_KEPT_SECONDS = 14 * 24 * 3600
STREAM_ATTEMPTS_MAX = 100


def queues(project):
    return dict(project.of("AWS::SQS::Queue"))


def dead_of(queue):
    return pointed_at(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))


def named_dead(name):
    return name.endswith("Dead")


def rules_let_into(project, queue):
    """Returns the rules that a queue's policies let send to it."""
    found = set()
    for _, policy in project.of("AWS::SQS::QueuePolicy"):
        for statement in listed(policy["PolicyDocument"]["Statement"]):
            if pointed_at(statement["Resource"]) == queue and pointed_at(policy["Queues"][0]) == queue:
                sources = statement.get("Condition", {}).get("ArnLike", {}).get("aws:SourceArn")
                found |= {pointed_at(source) for source in listed(sources)}
    return found


def every_target_of_a_rule_has_a_queue_for_what_fails(project):
    for name, rule in project.of("AWS::Events::Rule"):
        for target in rule["Targets"]:
            dead = pointed_at(target.get("DeadLetterConfig", {}).get("Arn"))
            if not dead:
                yield f"{name} drops what it cannot hand over"
            if not target.get("RetryPolicy"):
                yield f"{name} does not say how often it tries again"
            for queue in filter(None, (pointed_at(target["Arn"]), dead)):
                if name not in rules_let_into(project, queue):
                    yield f"{queue} does not let {name} in"


def nothing_that_is_replayed_starts_a_pipeline(project):
    """What people replay of the own bus is for whoever listens: marks are kept for a day, the archive for longer."""
    for name, rule in project.of("AWS::Events::Rule"):
        starts = any(pointed_at(target["Arn"]) == "Changes" for target in rule["Targets"])
        if starts and "EventBusName" in rule and rule["EventPattern"].get("replay-name") != [{"exists": False}]:
            yield f"{name} starts again what the archive holds"


def every_queue_has_a_queue_for_what_fails(project):
    every = queues(project)
    for name, queue in every.items():
        if named_dead(name):
            if queue.get("MessageRetentionPeriod") != DEAD_KEPT_SECONDS:
                yield f"{name} must keep messages for 14 days"
            continue
        if dead_of(queue) not in every:
            yield f"{name} has no queue for what fails again and again"
        elif not named_dead(dead_of(queue)):
            yield f"{name}: {dead_of(queue)} must be named ...Dead"
        if queue.get("RedrivePolicy", {}).get("maxReceiveCount") not in RECEIVES:
            yield f"{name} must hand a message over {RECEIVES[0]} to {RECEIVES[-1]} times"


def every_queue_is_encrypted(project):
    for name, queue in queues(project).items():
        if queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"


def a_message_stays_hidden_while_it_is_worked_on(project):
    for name, mapping in project.of("AWS::Lambda::EventSourceMapping"):
        queue = queues(project).get(pointed_at(mapping["EventSourceArn"]))
        function = project.properties(pointed_at(mapping["FunctionName"]))
        if queue and queue.get("VisibilityTimeout", 30) < VISIBILITY_PER_TIMEOUT * function["Timeout"]:
            yield f"{name}: the queue's visibility must be {VISIBILITY_PER_TIMEOUT} times the function's timeout"


def batches_fail_one_by_one(project):
    for name, mapping in project.of("AWS::Lambda::EventSourceMapping"):
        if "ReportBatchItemFailures" not in listed(mapping.get("FunctionResponseTypes")):
            yield f"{name} fails whole batches"
        if pointed_at(mapping["EventSourceArn"]) in queues(project):
            if not mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
                yield f"{name} may take every concurrent execution that the account has"


def the_stream_is_read_in_order_and_to_its_end(project):
    streams = [
        (name, mapping)
        for name, mapping in project.of("AWS::Lambda::EventSourceMapping")
        if "Outputs.StreamArn" in leaves(mapping["EventSourceArn"])
    ]
    if len(streams) != 1:
        yield "one mapping must read the table's stream"
    for name, mapping in streams:
        if mapping.get("ParallelizationFactor") != 1:
            yield f"{name} must read one batch of a shard at a time"
        if mapping.get("BisectBatchOnFunctionError") is not True:
            yield f"{name} must single out what fails"
        if not 1 <= mapping.get("MaximumRetryAttempts", -1) <= STREAM_ATTEMPTS_MAX:
            yield f"{name} must try again, and not for ever: one record would stop its shard"
        if pointed_at(mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")) not in queues(project):
            yield f"{name} must say what it stepped over"
        if not any("LOG#" in text for text in leaves(mapping.get("FilterCriteria", {}))):
            yield f"{name} must leave rows alone that are not of a log"
        if mapping.get("StartingPosition") != "TRIM_HORIZON":
            yield f"{name} must begin with the first record, or what came before it is never told"


def every_schedule_can_begin_and_says_when_it_could_not(project):
    permitted = {
        role: {
            (action, pointed_at(resource))
            for statement in statements(project, role)
            for resource in listed(statement["Resource"])
            for action in listed(statement["Action"])
        }
        for role, _ in project.of("AWS::IAM::Role")
    }
    invoked = set()
    for name, schedule in project.of("AWS::Scheduler::Schedule"):
        target = schedule["Target"]
        dead = pointed_at(target.get("DeadLetterConfig", {}).get("Arn"))
        can = permitted.get(pointed_at(target["RoleArn"]), set())
        invoked.add(pointed_at(target["Arn"]))
        if not dead or not target.get("RetryPolicy"):
            yield f"{name} must say how often it tries, and what could not be begun"
        if ("lambda:InvokeFunction", pointed_at(target["Arn"])) not in can:
            yield f"{name} may not begin what it is for"
        if dead and ("sqs:SendMessage", dead) not in can:
            yield f"{name} may not say what it could not begin"
    configured = {
        pointed_at(config["FunctionName"]): config for _, config in project.of("AWS::Lambda::EventInvokeConfig")
    }
    for function in invoked:
        destination = configured.get(function, {}).get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if pointed_at(destination) not in queues(project):
            yield f"{function} is not waited for and says nowhere that it failed"


def every_function_url_may_be_called(project):
    for name, url in project.of("AWS::Lambda::Url"):
        function = pointed_at(url["TargetFunctionArn"])
        given = {}
        for _, permission in project.of("AWS::Lambda::Permission"):
            if pointed_at(permission["FunctionName"]) == function:
                given[permission["Action"]] = permission
        to_url, to_function = given.get("lambda:InvokeFunctionUrl"), given.get("lambda:InvokeFunction")
        if not to_url or to_url.get("FunctionUrlAuthType") != url["AuthType"]:
            yield f"{name}: nobody may call it (lambda:InvokeFunctionUrl)"
        if not to_function or to_function.get("InvokedViaFunctionUrl") is not True:
            yield f"{name}: nobody may call it, or anybody past it (lambda:InvokeFunction with InvokedViaFunctionUrl)"
        if url["AuthType"] == "AWS_IAM" and any(permission["Principal"] == "*" for permission in given.values()):
            yield f"{name} is for callers whom AWS has identified, and lets everybody in"


CHECKS = [
    every_target_of_a_rule_has_a_queue_for_what_fails,
    nothing_that_is_replayed_starts_a_pipeline,
    every_queue_has_a_queue_for_what_fails,
    every_queue_is_encrypted,
    a_message_stays_hidden_while_it_is_worked_on,
    batches_fail_one_by_one,
    the_stream_is_read_in_order_and_to_its_end,
    every_schedule_can_begin_and_says_when_it_could_not,
    every_function_url_may_be_called,
]
