"""The API's model, as the installed botocore holds it."""

import botocore
import botocore.loaders
import botocore.model
import botocore.session

SERVICE = "codepipeline"

# Errors that AWS answers for any service, and that no model names.
COMMON_ERRORS = {
    "AccessDeniedException",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
}

# Where the contract goes beyond the errors that the model gives an operation (marked [A] there).
MORE_ERRORS = {
    "UpdatePipeline": {"PipelineNotFoundException"},
    "CreateCustomActionType": {"ActionTypeAlreadyExistsException"},
}


def load():
    """Returns botocore's model of the service."""
    loader = botocore.session.get_session().get_component("data_loader")
    return botocore.model.ServiceModel(loader.load_service_model(SERVICE, "service-2"), SERVICE)


MODEL = load()
OPERATIONS = [MODEL.operation_model(name) for name in sorted(MODEL.operation_names)]


def errors_of(operation):
    """Returns the names of all errors that an operation may answer."""
    modelled = {shape.name for shape in operation.error_shapes}
    return modelled | COMMON_ERRORS | MORE_ERRORS.get(operation.name, set())


def pattern_of(shape):
    return shape.metadata.get("pattern")


def bounds_of(shape):
    """Returns the least and the greatest length, size or number; None where there is no bound."""
    # botocore keeps only some traits as metadata, and lengths of structures make no sense.
    return shape.metadata.get("min"), shape.metadata.get("max")
