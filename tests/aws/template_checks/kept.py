"""What must outlive the functions is kept, and keeps what it should."""

from .project import STACK, leaves

# These hold what cannot be made again.
STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::Events::EventBus",
    "AWS::Events::Archive",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
}
HOMES = {"infra/data.yaml", "infra/bus.yaml"}
# The second leaves nothing behind where the first deployment failed.
KEEPS = {"Retain", "RetainExceptOnCreate"}


def what_holds_something_stays_when_the_stack_goes(project):
    for path, name, resource in project.everywhere(*STATEFUL):
        if path not in HOMES:
            yield f"{path} {name} belongs into {' or '.join(sorted(HOMES))}"
        yield from goes(path, name, resource)
    for path, name, resource in project.everywhere(STACK):
        if resource["Properties"]["TemplateURL"] in HOMES:
            yield from goes(path, name, resource)


def goes(path, name, resource):
    if resource.get("DeletionPolicy") not in KEEPS or resource.get("UpdateReplacePolicy") != "Retain":
        yield f"{path} {name} goes with its stack"


def only(project, kind):
    found = list(project.everywhere(kind))
    return found[0][2]["Properties"] if len(found) == 1 else {}


def the_table_is_as_the_store_expects_it(project):
    table = only(project, "AWS::DynamoDB::Table")
    keys = {key["KeyType"]: key["AttributeName"] for key in table.get("KeySchema", [])}
    if keys != {"HASH": "PK", "RANGE": "SK"}:
        yield "its keys must be PK and SK"
    if any(attribute["AttributeType"] != "S" for attribute in table.get("AttributeDefinitions", [])):
        yield "its keys must be texts"
    if table.get("BillingMode") != "PAY_PER_REQUEST":
        yield "it must cost nothing while nothing happens"
    if table.get("StreamSpecification", {}).get("StreamViewType") != "NEW_IMAGE":
        yield "its stream must carry new images"
    if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
        yield "it must be recoverable to a point in time"
    if table.get("TimeToLiveSpecification") != {"AttributeName": "expires", "Enabled": True}:
        yield "garbage must expire by expires"
    if not table.get("SSESpecification", {}).get("SSEEnabled"):
        yield "it must be encrypted with a key whose use is recorded"
    if "GlobalSecondaryIndexes" in table or "LocalSecondaryIndexes" in table:
        yield "it must have no index: every write would cost twice"


def artifacts_are_private_versioned_encrypted_and_forgotten(project):
    bucket = only(project, "AWS::S3::Bucket")
    if bucket.get("VersioningConfiguration", {}).get("Status") != "Enabled":
        yield "the bucket has no versions"
    if not bucket.get("BucketEncryption"):
        yield "the bucket is not encrypted"
    access = bucket.get("PublicAccessBlockConfiguration", {})
    if len(access) != 4 or not all(access.values()):
        yield "the bucket may become public"
    rules = {key for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", []) for key in rule}
    for rule in ("ExpirationInDays", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if rule not in rules:
            yield f"the bucket grows for ever ({rule})"
    policies = list(project.everywhere("AWS::S3::BucketPolicy"))
    if not any("aws:SecureTransport" in leaves(policy) for _, _, policy in policies):
        yield "the bucket answers without TLS"


def the_bus_has_an_archive(project):
    buses = [name for _, name, _ in project.everywhere("AWS::Events::EventBus")]
    archived = [set(leaves(archive["Properties"]["SourceArn"])) for _, _, archive in project.everywhere("AWS::Events::Archive")]
    for bus in buses:
        if not any(bus in source or f"{bus}.Arn" in source for source in archived):
            yield f"{bus} has no archive"


CHECKS = [
    what_holds_something_stays_when_the_stack_goes,
    the_table_is_as_the_store_expects_it,
    artifacts_are_private_versioned_encrypted_and_forgotten,
    the_bus_has_an_archive,
]
