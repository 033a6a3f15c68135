"""How the user's kubeconfig, or the pod that this runs in, gets to a cluster.

kr8s reads kubeconfig files, runs exec plugins and finds a pod's service account; what it asks and how it forwards is not
used, so that all that leaves is seen here. What it writes of keys to temporary files is deleted as soon as it is loaded.
"""

from __future__ import annotations

import ssl
import tempfile
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.collect.kubernetes.in_cluster import HOW_TO_INSTALL, IN_CLUSTER, SERVICE_ACCOUNT, is_in_cluster
from meshscope.errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from kr8s._auth import KubeAuth

_TOLD = 300
_WRITTEN = {
    "client_key_file": "client-key-data",
    "client_cert_file": "client-certificate-data",
    "server_ca_file": "certificate-authority-data",
}
"""What kr8s writes to a temporary file, and the field of the kubeconfig that it comes from."""


class Access(Struct, frozen=True):
    """`namespace` is the context's own, "default" where it names none, `chosen` the one to read, "" for all.

    `server_name` is asked for in TLS if it is given.
    """

    context: str
    namespace: str
    chosen: str
    server: str
    token: str = ""
    tls: ssl.SSLContext | bool = True
    proxy: str = ""
    server_name: str = ""


async def find_access(context: str = "", kubeconfig: str = "", namespace: str = "") -> Access:
    """Raises UsageError where there is no such context, UnreachableError where its credentials cannot be had.

    A context's name may have slashes in it, as EKS and OpenShift give them; then its end is no namespace.
    """
    try:
        from kr8s._auth import KubeAuth  # an optional extra; the public client asks for a version first
    except ImportError:
        raise UsageError(HOW_TO_INSTALL) from None
    if context == IN_CLUSTER and is_in_cluster():
        context, kubeconfig = "", str(SERVICE_ACCOUNT / "no-kubeconfig")
    if context and namespace:
        whole = KubeAuth(kubeconfig=kubeconfig or None, context=f"{context}/{namespace}", namespace="")
        with suppress(UsageError):
            return await _access(whole, f"{context}/{namespace}", "")
    return await _access(
        KubeAuth(kubeconfig=kubeconfig or None, context=context or None, namespace=""), context, namespace
    )


async def _access(auth: KubeAuth, context: str, namespace: str) -> Access:
    source = f"k8s:{context}" if context else "k8s"
    try:
        await auth.reauthenticate()
        tls = await auth.ssl_context()  # type: ignore[no-untyped-call]  # kr8s' own
    except RuntimeError as error:  # an exec plugin's
        raise UnreachableError(f"{source}: no credentials: {_line(error)}") from None
    except OSError as error:  # a plugin, or a file, that is not there; a certificate that is none
        what = f"{error.filename}: " if error.filename else ""
        raise UnreachableError(f"{source}: no credentials: {what}{error.strerror or error}") from None
    except Exception as error:  # whatever a kubeconfig makes kr8s stumble over: it promises no errors
        raise UsageError(_mistake(source, context, auth, error)) from None
    finally:
        _tidy(auth)
    if context and not auth.active_context:
        raise UsageError(f"{source}: there is no kubeconfig, so no context {context!r}; --kubeconfig FILE names one")
    if isinstance(tls, ssl.SSLContext) and not auth.server_ca_file and tls.verify_mode != ssl.CERT_NONE:
        tls.load_default_certs()
    return Access(
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
    """kr8s takes the current context's, whichever is used."""
    if auth.active_context:
        return str(auth.kubeconfig.get_context(auth.active_context).get("namespace") or "default")
    try:
        return (SERVICE_ACCOUNT / "namespace").read_text().strip() or "default"
    except OSError:
        return "default"


def _mistake(source: str, context: str, auth: KubeAuth, error: Exception) -> str:
    names = _contexts(auth)
    if context and context not in names:
        near = get_close_matches(context, names, n=3, cutoff=0.5) or [name for name in names if context in name][:3]
        known = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(names[:5]) or 'none'}"
        return f"{source}: no context {context!r} in the kubeconfig; {known}"
    if not names:
        return f"{source}: no kubeconfig with a context, and no service account of a pod; --kubeconfig FILE names one"
    missing = "it lacks " if isinstance(error, KeyError) else ""
    return f"{source}: the kubeconfig cannot be used: {missing}{_line(error)}"


def _contexts(auth: KubeAuth) -> list[str]:
    try:
        return sorted(str(context["name"]) for context in auth.kubeconfig.contexts)
    except (AttributeError, KeyError, TypeError):
        return []


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _TOLD else text[:_TOLD] + "…"


def _tidy(auth: KubeAuth) -> None:
    """Deletes the keys that kr8s wrote out for OpenSSL; files that a kubeconfig names are left alone."""
    try:
        config = auth.kubeconfig.raw
        given = {key for kind in ("users", "clusters") for one in config[kind] for key in one[kind[:-1]] or ()}
    except (AttributeError, KeyError, TypeError):
        return
    for attribute, field in _WRITTEN.items():
        file = Path(str(getattr(auth, attribute) or ""))
        if (
            field in given
            and file.parent == Path(tempfile.gettempdir())
            and file.name.startswith(tempfile.gettempprefix())
        ):
            file.unlink(missing_ok=True)
