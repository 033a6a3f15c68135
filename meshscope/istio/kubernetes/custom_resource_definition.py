"""CustomResourceDefinition: the kinds that a cluster knows, and the shapes of their fields.

https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
"""

from __future__ import annotations

from msgspec import Raw, field

from meshscope.istio.kubernetes.metadata import ObjectMetadata
from meshscope.typed import Typed


class CustomResourceNames(Typed, frozen=True, rename="camel"):
    plural: str = ""
    singular: str = ""
    kind: str = ""
    short_names: tuple[str, ...] = ()


class CustomResourceValidation(Typed, frozen=True):
    """The schema as it is written; an empty slice where there is none."""

    open_api_v3_schema: Raw = field(default=Raw(), name="openAPIV3Schema")


class CustomResourceVersion(Typed, frozen=True):
    name: str = ""
    served: bool = False
    storage: bool = False
    deprecated: bool = False
    schema: CustomResourceValidation = CustomResourceValidation()


class CustomResourceDefinitionSpec(Typed, frozen=True, rename="camel"):
    """`preserve_unknown_fields`: the API server keeps fields that the schema does not have."""

    group: str = ""
    names: CustomResourceNames = CustomResourceNames()
    scope: str = "Namespaced"
    versions: tuple[CustomResourceVersion, ...] = ()
    preserve_unknown_fields: bool = False


class CustomResourceDefinition(Typed, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    spec: CustomResourceDefinitionSpec = CustomResourceDefinitionSpec()
