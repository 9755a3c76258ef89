"""Reads a CloudFormation template, short forms of its functions included, and packs what it points to.

This is what `sam package` does, and nothing more: local code and local templates are uploaded, and their places
written in. The template's own text is never changed by hand, so what is deployed here is what is deployed
by everybody.
"""

import io
import pathlib
import zipfile

import yaml

WITHOUT_PREFIX = {"Ref", "Condition"}


class Reader(yaml.SafeLoader):
    """Understands `!Ref` and its like, and leaves dates alone."""


def short_form(reader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        value = reader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = reader.construct_sequence(node, deep=True)
    else:
        value = reader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in WITHOUT_PREFIX else f"Fn::{tag}": value}


Reader.add_multi_constructor("!", short_form)
Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path):
    return yaml.load(pathlib.Path(path).read_text(), Reader)


def zipped(program, name="bootstrap", level=1):
    """Returns the package of a function: its program, executable, as Lambda wants it named.

    Packed fast unless told otherwise: most packages are read once, on this machine.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, pathlib.Path(program).read_bytes(), compresslevel=level)
    return packed.getvalue()


def packaged(path, programs, upload):
    """Returns a template whose code and nested templates are uploaded.

    `programs` is a function from the name of a program to its path, `upload` one from a name and bytes to
    `(bucket, key)`.
    """
    path = pathlib.Path(path)
    template = read(path)
    packages = {}
    for resource in template["Resources"].values():
        properties = resource.get("Properties") or {}
        if resource["Type"] == "AWS::Serverless::Function":
            program = resource["Metadata"]["BuildProperties"]["Binary"]
            if program not in packages:
                packages[program] = upload(f"{program}.zip", zipped(programs(program)))
            properties["CodeUri"] = "s3://{}/{}".format(*packages[program])
        for kind, member in (
            ("AWS::CloudFormation::Stack", "TemplateURL"),
            ("AWS::Serverless::Application", "Location"),
        ):
            if resource["Type"] == kind and isinstance(properties.get(member), str) and "://" not in properties[member]:
                inner = packaged(path.parent / properties[member], programs, upload)
                bucket, key = upload(properties[member], yaml.safe_dump(inner, sort_keys=False).encode())
                properties[member] = f"https://s3.amazonaws.com/{bucket}/{key}"
    # Where functions get their code from is said for all of them at once, and each now has its own.
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    return template
