"""The pipelines that the tests create, as the API spells them."""

ROLE = "arn:aws:iam::000000000000:role/pipeline"


def action(name, category, provider, configuration=None, owner="AWS", version="1", inputs=(), outputs=(), **more):
    """An action, without the members that it does not use."""
    made = {
        "name": name,
        "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": version},
        "configuration": configuration or {},
        "inputArtifacts": [{"name": artifact} for artifact in inputs],
        "outputArtifacts": [{"name": artifact} for artifact in outputs],
    }
    return made | more


def source(repository="site", branch="main"):
    """A stage that reads a branch, and looks only when it is told to."""
    configuration = {"RepositoryName": repository, "BranchName": branch, "PollForSourceChanges": "false"}
    commit = action("Commit", "Source", "CodeCommit", configuration, outputs=["Code"], namespace="Source")
    return {"name": "Source", "actions": [commit]}


def pipeline(name, *stages, **more):
    """A pipeline of a Git source and the given stages."""
    return {
        "name": name,
        "roleArn": ROLE,
        "pipelineType": "V2",
        "executionMode": "SUPERSEDED",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [source(), *stages],
    } | more


def approval(name="Release", stage="Approve", **more):
    return {"name": stage, "actions": [action(name, "Approval", "Manual", more or {"CustomData": "Release?"})]}


def build(gate="", project="site", variable="GATE"):
    """A stage that builds the page; a file at `gate` makes it fail for as long as it is there."""
    configuration = {"ProjectName": project}
    if gate:
        configuration["EnvironmentVariables"] = f'[{{"name":"{variable}","value":"{gate}","type":"PLAINTEXT"}}]'
    compile_page = action(
        "Compile", "Build", "CodeBuild", configuration, inputs=["Code"], outputs=["Page"], namespace="Build"
    )
    return {"name": "Build", "actions": [compile_page]}


def deploy(host="fleet", bucket="public"):
    """A stage that puts the page on a host and, at the same time, into a bucket."""
    host_action = action(
        "Host", "Deploy", "CodeDeploy", {"ApplicationName": "site", "DeploymentGroupName": host}, inputs=["Page"]
    )
    bucket_action = action("Bucket", "Deploy", "S3", {"BucketName": bucket, "Extract": "true"}, inputs=["Page"])
    return {"name": "Deploy", "actions": [host_action, bucket_action]}


def journey(name, gate):
    """The pipeline that every client takes from creation to deletion."""
    return pipeline(name, build(gate), approval(CustomData="Release #{Build.SITE_VERSION}?"), deploy())


def custom_type(provider, category="Test", queryable=True, inputs=(0, 5), outputs=(0, 5)):
    """A custom action type with a property to ask by and a secret one."""
    properties = [
        {
            "name": "ProjectName",
            "required": True,
            "key": True,
            "secret": False,
            "queryable": queryable,
            "type": "String",
            "description": "Which project of the build server to run.",
        },
        {
            "name": "Password",
            "required": False,
            "key": False,
            "secret": True,
            "queryable": False,
            "type": "String",
            "description": "What the build server asks for.",
        },
    ]
    return {
        "category": category,
        "provider": provider,
        "version": "1",
        "settings": {
            "entityUrlTemplate": "https://builds.example.com/job/{Config:ProjectName}/",
            "executionUrlTemplate": "https://builds.example.com/job/{Config:ProjectName}/{ExternalExecutionId}/",
        },
        "configurationProperties": properties,
        "inputArtifactDetails": {"minimumCount": inputs[0], "maximumCount": inputs[1]},
        "outputArtifactDetails": {"minimumCount": outputs[0], "maximumCount": outputs[1]},
    }
