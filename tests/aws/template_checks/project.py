"""The templates as AWS would deploy them."""

import os
import pathlib

from samtranslator.translator.transform import transform

import template

ROOT = pathlib.Path(__file__).resolve().parents[3]
STACK = "AWS::CloudFormation::Stack"


class NoManagedPolicies:
    """The transform asks for ARNs of managed policies; there are none to ask for."""

    def load(self):
        return {}


class Project:
    """The main template after its transform, the nested ones, and the main one as it was written."""

    def __init__(self, source, main, nested):
        self.source = source
        self.main = main
        self.nested = nested

    def templates(self):
        yield "template.yaml", self.main
        yield from self.nested.items()

    def size(self):
        return sum(len(body["Resources"]) for _, body in self.templates())

    def of(self, kind):
        """Yields (logical id, properties) of the main template's resources of a kind."""
        for name, resource in self.main["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})

    def everywhere(self, *kinds):
        """Yields (template, logical id, resource) of all resources of some kinds."""
        for path, body in self.templates():
            for name, resource in body["Resources"].items():
                if resource["Type"] in kinds:
                    yield path, name, resource

    def properties(self, name):
        return self.main["Resources"].get(name, {}).get("Properties", {})


def load(root=ROOT):
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    source = template.read(root / "template.yaml")
    nested = {
        resource["Properties"]["TemplateURL"]: template.read(root / resource["Properties"]["TemplateURL"])
        for resource in source["Resources"].values()
        if resource["Type"] == STACK
    }
    packaged = template.read(root / "template.yaml")
    packaged["Globals"]["Function"]["CodeUri"] = "s3://packaged/bootstrap.zip"
    return Project(source, transform(packaged, {}, NoManagedPolicies()), nested)


def listed(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def pointed_at(value):
    """Returns the logical id that a reference names: `!Ref X`, `!GetAtt X.Arn`; none for anything else."""
    if isinstance(value, dict) and len(value) == 1:
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return listed(value["Fn::GetAtt"])[0].split(".")[0]
    return None


def leaves(value):
    """Yields every text in a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value
