"""Access to a cluster with the user's kubeconfig, or with the service account of the pod that this runs in.

kr8s reads kubeconfig files, runs exec plugins and finds a pod's service account. Its requests and its port-forward are not
used, so that every request is sent by this package. Keys that it writes to temporary files are deleted as soon as they are
loaded.
"""

from __future__ import annotations

import ssl
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from meshscope.collect.kubernetes.in_cluster import IN_CLUSTER, INSTALL_HINT, SERVICE_ACCOUNT, is_in_cluster
from meshscope.collect.kubernetes.kubeconfig_files import bounded_kubeconfig, refuse_endless
from meshscope.errors import UnreachableError, UsageError
from meshscope.nearest import nearest

if TYPE_CHECKING:
    from kr8s._auth import KubeAuth

_LONGEST_MESSAGE = 300
_TEMPORARY_FILES = {
    "client_key_file": "client-key-data",
    "client_cert_file": "client-certificate-data",
    "server_ca_file": "certificate-authority-data",
}
"""kr8s' attribute with the path of a temporary file, and the field of the kubeconfig that the file was written from."""


class ClusterAccess(Struct, frozen=True):
    """`context_namespace` is the context's own ("default" if it names none), `namespace` the one to read, "" for all.

    `server_name` is the TLS server name, "" for the host of `server`.
    """

    context: str
    context_namespace: str
    namespace: str
    server: str
    token: str = ""
    tls: ssl.SSLContext | bool = True
    proxy: str = ""
    server_name: str = ""


async def find_access(context: str = "", kubeconfig: str = "", namespace: str = "") -> ClusterAccess:
    """Raises UsageError if there is no such context, UnreachableError if its credentials are not available.

    The name of a context may contain slashes, as on EKS and OpenShift; its last part is then not a namespace.
    """
    try:
        from kr8s._auth import KubeAuth  # an optional extra; its public client first requests the version
    except ImportError:
        raise UsageError(INSTALL_HINT) from None
    config: Any = bounded_kubeconfig(kubeconfig)  # kr8s takes a dict too, which its annotations leave out
    if context == IN_CLUSTER and is_in_cluster():
        context, config = "", str(SERVICE_ACCOUNT / "no-kubeconfig")
    if context and namespace:
        whole = KubeAuth(kubeconfig=config, context=f"{context}/{namespace}", namespace="")
        with suppress(UsageError):
            return await _access(whole, f"{context}/{namespace}", "")
    return await _access(KubeAuth(kubeconfig=config, context=context or None, namespace=""), context, namespace)


async def _access(auth: KubeAuth, context: str, namespace: str) -> ClusterAccess:
    source = f"k8s:{context}" if context else "k8s"
    try:
        await auth.reauthenticate()
        for attribute in _TEMPORARY_FILES:
            if file := getattr(auth, attribute):
                refuse_endless(Path(str(file)))  # OpenSSL would read on
        tls = await auth.ssl_context()  # type: ignore[no-untyped-call]  # kr8s' own
    except UsageError:
        raise
    except RuntimeError as error:  # of an exec plugin
        raise UnreachableError(f"{source}: no credentials: {_line(error)}") from None
    except OSError as error:  # a missing plugin or file, a malformed certificate
        what = f"{error.filename}: " if error.filename else ""
        raise UnreachableError(f"{source}: no credentials: {what}{error.strerror or error}") from None
    except Exception as error:  # kr8s documents no errors for malformed kubeconfigs
        raise UsageError(_kubeconfig_error(source, context, auth, error)) from None
    finally:
        _delete_keys(auth)
    if context and not auth.active_context:
        raise UsageError(f"{source}: no kubeconfig found, so no context {context!r}; --kubeconfig FILE names one")
    if isinstance(tls, ssl.SSLContext) and not auth.server_ca_file and tls.verify_mode != ssl.CERT_NONE:
        tls.load_default_certs()
    return ClusterAccess(
        auth.active_context or IN_CLUSTER,
        _namespace(auth),
        namespace,
        auth.server,
        auth.token or "",
        tls,
        auth.proxy or "",
        auth.tls_server_name or "",
    )


def _namespace(auth: KubeAuth) -> str:
    """Read here, because kr8s takes that of the current context, whichever context is used."""
    if auth.active_context:
        return str(auth.kubeconfig.get_context(auth.active_context).get("namespace") or "default")
    try:
        return (SERVICE_ACCOUNT / "namespace").read_text().strip() or "default"
    except OSError:
        return "default"


def _kubeconfig_error(source: str, context: str, auth: KubeAuth, error: Exception) -> str:
    names = _contexts(auth)
    if context and context not in names:
        return f"{source}: no context {context!r} in the kubeconfig{nearest(context, names) or '; there are none'}"
    if not names:
        return f"{source}: no kubeconfig with a context, and no service account of a pod; --kubeconfig FILE names one"
    if isinstance(error, KeyError) and error.args == ("current-context",):
        return f"{source}: the kubeconfig has no current context; --context names one of {', '.join(names)}"
    missing = "it lacks " if isinstance(error, KeyError) else ""
    return f"{source}: the kubeconfig cannot be used: {missing}{_line(error)}"


def _contexts(auth: KubeAuth) -> list[str]:
    try:
        return sorted(str(context["name"]) for context in auth.kubeconfig.contexts)
    except (AttributeError, KeyError, TypeError):
        return []


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"


def _delete_keys(auth: KubeAuth) -> None:
    """Deletes the keys that kr8s wrote to files for OpenSSL. Files named by a kubeconfig are left alone."""
    try:
        config = auth.kubeconfig.raw
        inline_fields = {key for kind in ("users", "clusters") for one in config[kind] for key in one[kind[:-1]] or ()}
    except (AttributeError, KeyError, TypeError):
        return
    for attribute, field in _TEMPORARY_FILES.items():
        file = Path(str(getattr(auth, attribute) or ""))
        if (
            field in inline_fields
            and file.parent == Path(tempfile.gettempdir())
            and file.name.startswith(tempfile.gettempprefix())
        ):
            file.unlink(missing_ok=True)
