"""A function is invoked and answers to the job: with a variable, or with a failure that people read."""

from story import Story, action, approval


def tell(home, report):
    story = Story(home, report, "invoke")
    ask = approval(CustomData="Told #{Tell.Told}")
    first = story.create(tell_everybody("all"), ask)
    story.approve(first)
    report.check(story.ends(first) == "SUCCEEDED", "invoke: the function answers")
    story.holds(
        first,
        """
        pipeline STARTED
        stage    Source          STARTED
        action   Source/Commit   STARTED
        action   Source/Commit   SUCCEEDED
        stage    Source          SUCCEEDED
        stage    Tell            STARTED
        action   Tell/Everybody  STARTED
        action   Tell/Everybody  SUCCEEDED
        stage    Tell            SUCCEEDED
        stage    Approve         STARTED
        action   Approve/Release STARTED
        action   Approve/Release SUCCEEDED
        stage    Approve         SUCCEEDED
        pipeline SUCCEEDED
        """,
        "and the pipeline goes on",
    )
    runs = story.client.list_action_executions(pipelineName=story.name, filter={"pipelineExecutionId": first})
    told = next(one for one in runs["actionExecutionDetails"] if one["actionName"] == "Everybody")
    variables = told["output"]["outputVariables"]
    report.check(variables == {"Told": "everybody"}, "invoke: the answer brings variables", variables)
    refuse(home, report)


def refuse(home, report):
    story = Story(home, report, "refuse")
    first = story.create(tell_everybody("fail"))
    report.check(story.ends(first) == "FAILED", "refuse: the function says no")
    failed = home.events().of(first)[-3]["detail"]
    report.check(failed["action"] == "Everybody" and failed["state"] == "FAILED", "refuse: its action failed", failed)
    said = failed["execution-result"]
    report.check("The lock is stuck." in str(said), "refuse: in the function's words", said)


def tell_everybody(parameters):
    configuration = {"FunctionName": "tell", "UserParameters": parameters}
    return {"name": "Tell", "actions": [action("Everybody", "Invoke", "Lambda", configuration, namespace="Tell")]}
