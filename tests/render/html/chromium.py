"""A real headless Chromium, driven through its DevTools protocol over a pipe, without any library.

with chromium() as browser:
    page = browser.open("file:///tmp/report.html")
    page.click(".node")
    assert not page.complaints

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds that an answer may take on a busy machine."""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip
_KEYS = {
    "Enter": ("\r", 13),
    "Escape": ("", 27),
    " ": (" ", 32),
    "Tab": ("", 9),
    "ArrowDown": ("", 40),
    "ArrowRight": ("", 39),
}


def executable() -> str | None:
    """Where Chromium is; None where it is not installed."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Browser:
    """Messages are JSON, each ended by a NUL: asked on descriptor 3 of the process, answered on 4."""

    def __init__(self, folder: str) -> None:
        program = executable()
        assert program
        asked, self._ask = os.pipe()
        self._answer, answered = os.pipe()
        low = 3, 4

        def connect() -> None:
            for number, descriptor in zip(low, (os.dup(asked), os.dup(answered)), strict=True):
                os.dup2(descriptor, number)

        self._process = subprocess.Popen(
            [program, *_OPTIONS, f"--user-data-dir={folder}"],
            preexec_fn=connect,  # noqa: PLW1509  # nothing else gives a child these two descriptors
            close_fds=False,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(answered)
        self._rest = b""
        self._count = 0
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str = "", **params: Any) -> Any:
        self._count += 1
        message = {"id": self._count, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._ask, json.dumps(message).encode() + b"\0")
        while True:
            given = self._next()
            if given.get("id") == self._count:
                assert "error" not in given, (method, given["error"])
                return given["result"]
            self.events.append(given)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answer], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._answer, 1 << 20) if ready else b""
            assert piece, "Chromium is silent"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        given: dict[str, Any] = json.loads(message)
        return given

    def open(self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> Page:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.ask(f"{domain}.enable")
        page.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.ask(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )
        page.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        page.load(url)
        return page

    def close(self) -> None:
        os.close(self._ask)
        os.close(self._answer)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Page:
    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def ask(self, method: str, **params: Any) -> Any:
        return self._browser.ask(method, self._session, **params)

    def load(self, url: str) -> None:
        self.ask("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE
        while not any(name == "Page.loadEventFired" for name, _ in self._events()):
            assert time.monotonic() < until, "the page does not load"
            self.ask("Page.getFrameTree")
        self.ask("Page.getLayoutMetrics")

    def _events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for event in self._browser.events:
            if event.get("sessionId") == self._session:
                yield event["method"], event["params"]

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """Errors, warnings and whatever else was written to the console."""
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [params for name, params in self._events() if name in kinds]

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for, that of the page among them."""
        return [params["request"]["url"] for name, params in self._events() if name == "Network.requestWillBeSent"]

    def evaluate(self, script: str) -> Any:
        """The value of an expression. The page's policy does not bind DevTools."""
        given = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in given, given
        return given["result"].get("value")

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements, as they are, with what is hidden."""
        found: list[str] = self.evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})].map(e => e.textContent)"
        )
        return found

    def click(self, selector: str) -> None:
        """A real click in the middle of the first such element."""
        where = self.evaluate(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{block: "center", inline: "center", behavior: "instant"}});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        self.click_at(*where)

    def click_at(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        text, code = _KEYS[key]
        both = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **both)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **both)

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        given = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(b64decode(given["data"]))


@contextmanager
def chromium() -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser = Browser(folder)
        try:
            yield browser
        finally:
            browser.close()
