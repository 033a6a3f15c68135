"""What widgets and screens tell the app: typed messages, never calls.

What a key moves or types (`RowPointed`, `NodePointed`, `FilterTyped`) goes to the screen itself instead of bubbling there, so
that the next frame shows all that the key leads to.
"""

from __future__ import annotations

from msgspec import Struct
from textual.message import Message

from meshscope.collect.rereading import Reading
from meshscope.listing.home import HomeView
from meshscope.listing.row import Row
from meshscope.listing.row_id import RowId
from meshscope.listing.selection import Selection
from meshscope.mesh.graph import Node
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.request import Request
from meshscope.tui.commands import Command
from meshscope.tui.filter_line import NamedFilter
from meshscope.tui.object_start import NO_OBJECT_START, ObjectStart
from meshscope.tui.session import Session


class ListStart(Struct, frozen=True):
    """How a table is shown at first: the row under the cursor, the filters, the titles of the columns (none for the usual
    ones) and of those that the user added, and the paths into its objects that are columns too.
    """

    row: RowId | None = None
    filters: tuple[NamedFilter, ...] = ()
    columns: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


NO_START = ListStart()


class OpenList(Message):
    """Show the table of a kind, `instead` of the screen that asks."""

    def __init__(self, kind: str, selection: Selection, *, instead: bool = False, start: ListStart = NO_START) -> None:
        super().__init__()
        self.kind, self.selection, self.instead, self.start = kind, selection, instead, start


class OpenObject(Message):
    """Show everything about one row."""

    def __init__(self, kind: str, selection: Selection, start: ObjectStart = NO_OBJECT_START) -> None:
        super().__init__()
        self.kind, self.selection, self.start = kind, selection, start


class OpenEffect(Message):
    """Show whether an object is in effect (`VirtualService default/reviews`); "" is all objects."""

    def __init__(self, object: str = "") -> None:  # noqa: A002  # Istio's word
        super().__init__()
        self.object = object


class SessionOpened(Message):
    """The sources are open; `home` is the mesh at a glance, without faults yet."""

    def __init__(self, session: Session, home: HomeView) -> None:
        super().__init__()
        self.session, self.home = session, home


class OpeningFailed(Message):
    """Other sources could not be opened, "" where the user gave up: what was there before stays."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class SessionRenewed(Message):
    """The sources have something new, and a mesh was made of it."""

    def __init__(self, mesh: Mesh, readings: tuple[Reading, ...]) -> None:
        super().__init__()
        self.mesh, self.readings = mesh, readings


class RefreshEnded(Message):
    """All sources that the user asked again have answered, or failed for good; `why` is what went wrong afterwards."""

    def __init__(self, *, has_news: bool = True, why: str = "") -> None:
        super().__init__()
        self.has_news, self.why = has_news, why


class RunCommand(Message):
    """A line of the command line, understood."""

    def __init__(self, command: Command) -> None:
        super().__init__()
        self.command = command


class RowChosen(Message):
    """`enter` on a row of a table."""

    def __init__(self, row: Row, position: int) -> None:
        super().__init__()
        self.row, self.position = row, position


class RowPointed(Message):
    """The cursor moved to a row; None in an empty table."""

    def __init__(self, row: Row | None) -> None:
        super().__init__()
        self.row = row


class HeadingChosen(Message):
    """A click on the heading of a column; the cell cursor is in it by then."""


class FilterTyped(Message):
    """The filter line has another text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OpenTrace(Message):
    """Follow a request; None asks for one."""

    def __init__(self, request: Request | None) -> None:
        super().__init__()
        self.request = request


class TraceRow(Message):
    """`t` on a row, or on what a selection names: follow the request that most likely goes through it."""

    def __init__(self, kind: str, row: Row | Selection) -> None:
        super().__init__()
        self.kind, self.row = kind, row


class ScopeStart(Struct, frozen=True):
    """The column with the keys, the nodes that narrow in the order of their selection, and the filters by their columns."""

    focus: int = 0
    selected: tuple[tuple[int, Node], ...] = ()
    filters: tuple[tuple[int, str], ...] = ()


NO_SCOPE_START = ScopeStart()


class OpenScope(Message):
    """Show the five columns of a proxy, narrowed as at first."""

    def __init__(self, proxy: str, start: ScopeStart = NO_SCOPE_START) -> None:
        super().__init__()
        self.proxy, self.start = proxy, start


class NodePointed(Message):
    """The cursor moved to a line of a column of Scope."""

    def __init__(self, column: int, line: int) -> None:
        super().__init__()
        self.column, self.line = column, line


class NodeChosen(Message):
    """`enter` on a line of Scope."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


class OpenSearch(Message):
    """Look for a text in everything; "" lets the user type it."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.text = text
