"""The demo pipeline as AWS has it: source, two builds side by side, an approval, three deployments."""

import json

from story import Story, action, approval, commit

APPLICATION = "towpath-demo"


def marked(name, category, outputs=()):
    """A build that says whose it is, so that builds can be counted by execution and action."""
    told = [
        {"name": "EXECUTION", "value": "#{codepipeline.PipelineExecutionId}", "type": "PLAINTEXT"},
        {"name": "ACTION", "value": name, "type": "PLAINTEXT"},
    ]
    configuration = {"ProjectName": "site", "EnvironmentVariables": json.dumps(told)}
    return action(name, category, "CodeBuild", configuration, inputs=["Code"], outputs=outputs, namespace=name)


def stages(home, pipeline, machine=None):
    """Returns everything after the source."""
    stack = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": pipeline,
        "TemplatePath": "Page::stack.json",
        # Each execution changes the stack, so that each has an operation that can be counted.
        "ParameterOverrides": json.dumps({"Version": "#{codepipeline.PipelineExecutionId}", "Name": f"/{pipeline}"}),
        "RoleArn": home.role,
    }
    bucket = {"BucketName": "public", "Extract": "true", "ObjectKey": pipeline}
    group = {"ApplicationName": APPLICATION, "DeploymentGroupName": pipeline}
    return [
        {"name": "Build", "actions": [marked("Compile", "Build", ["Page"]), marked("Check", "Test")]},
        approval(),
        {
            "name": "Deploy",
            "actions": [
                action("Host", "Deploy", "CodeDeploy", group, inputs=["Page"]),
                action("Stack", "Deploy", "CloudFormation", stack, inputs=["Page"]),
                action("Bucket", "Deploy", "S3", bucket, inputs=["Page"]),
            ],
        },
    ]


def create(home, report, pipeline, repository):
    """Creates one, and returns its story and its first execution."""
    story = Story(home, report, pipeline)
    first = story.create(*stages(home, pipeline), source=commit(repository))
    return story, first


def script(home):
    """Says what CodeDeploy does with the demo."""
    home.emulator.control("fakes/codedeploy", **{APPLICATION: {"outcome": "Succeeded", "seconds": 0.3}})
