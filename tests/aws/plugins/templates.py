"""Types of resources that the template has and the emulator's CloudFormation does not know.

What can be done is done (an archive is made, and events are kept in it). What only watches, such as an alarm
over a formula, is taken down as made and nothing more: that such resources are right is shown by linting,
not here.
"""

import json
from xml.sax.saxutils import escape

import seam

# Types that change nothing that a test of behaviour could see.
TAKEN_DOWN = (
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::AnomalyDetector",
    "AWS::XRay::Group",
    "AWS::Logs::QueryDefinition",
    "AWS::Events::EventBusPolicy",
    "AWS::ResourceGroups::Group",
    "AWS::ApplicationInsights::Application",
)


def install():
    handlers = seam.part("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
    handlers.setdefault("AWS::Events::Archive", {"create": make_archive, "delete": nothing})
    for kind in TAKEN_DOWN:
        handlers.setdefault(kind, {"create": take_down, "update": take_down_again, "delete": nothing})
    make_secret = handlers["AWS::SecretsManager::Secret"]["create"]

    def make_secret_by_arn(*arguments):
        """To refer to a secret is to name its ARN. The emulator names it without."""
        _, attributes = make_secret(*arguments)
        return attributes["Arn"], attributes

    handlers["AWS::SecretsManager::Secret"]["create"] = make_secret_by_arn
    make_bucket = handlers["AWS::S3::Bucket"]["create"]

    def make_sealed_bucket(logical_id, properties, *more):
        """A bucket seals as its template says. The emulator passes over that."""
        made = make_bucket(logical_id, properties, *more)
        seal(made[0], properties.get("BucketEncryption"))
        return made

    handlers["AWS::S3::Bucket"]["create"] = make_sealed_bucket
    readers = seam.part("services.cloudformation.drift", "_DRIFT_READERS")
    read_secret, of_it = readers["AWS::SecretsManager::Secret"]

    def read_secret_by_arn(arn, properties):
        """A secret's name ends before the six letters that AWS puts behind it."""
        return read_secret(arn.split(":secret:")[-1].rsplit("-", 1)[0], properties)

    readers["AWS::SecretsManager::Secret"] = (read_secret_by_arn, of_it)
    watch_formulas()


def seal(bucket, encryption):
    for rule in (encryption or {}).get("ServerSideEncryptionConfiguration", []):
        members = "".join(
            f"<{name}>{escape(value)}</{name}>" for name, value in rule["ServerSideEncryptionByDefault"].items()
        )
        body = f"<Rule><ApplyServerSideEncryptionByDefault>{members}</ApplyServerSideEncryptionByDefault></Rule>"
        whole = f"<ServerSideEncryptionConfiguration>{body}</ServerSideEncryptionConfiguration>"
        seam.part("services.s3", "_put_bucket_encryption")(bucket, whole.encode())


def watch_formulas():
    record = seam.part("services.cloudformation.provisioners", "_cw_metric_alarm_record")

    def alarm_record(name, properties):
        """An alarm over a formula watches the first metric that it names."""
        plain = dict(properties)
        for query in plain.pop("Metrics", None) or []:
            watched = query.get("MetricStat")
            if watched:
                plain.setdefault("MetricName", watched["Metric"]["MetricName"])
                plain.setdefault("Namespace", watched["Metric"]["Namespace"])
                plain.setdefault("Period", watched["Period"])
                plain.setdefault("Statistic", watched["Stat"])
        return record(name, plain)

    seam.replace("services.cloudformation.provisioners", "_cw_metric_alarm_record", alarm_record)


def make_archive(logical_id, properties, stack, *_):
    name = properties.get("ArchiveName") or f"{stack}-{logical_id}"[:48]
    pattern = properties.get("EventPattern") or ""
    settings = {
        "ArchiveName": name,
        "EventSourceArn": properties["SourceArn"],
        "EventPattern": pattern if isinstance(pattern, str) else json.dumps(pattern),
        "RetentionDays": int(properties.get("RetentionDays", 0)),
    }
    status, _, body = seam.part("services.eventbridge", "_create_archive")(settings)
    if status != 200:
        raise ValueError(body)
    return name, {"Arn": json.loads(body)["ArchiveArn"]}


def take_down(logical_id, properties, stack, *_):
    name = f"{stack}-{logical_id}"
    return name, {"Arn": f"arn:aws:unwatched:::{name}"}


def take_down_again(physical_id, *_):
    return physical_id, {}


def nothing(*_):
    """There is nothing to take away."""
