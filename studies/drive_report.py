"""Does a page that is explored work in a browser without a network: is it drawn, clicked, zoomed and chosen from?

Chromium (``--chromium``) is started without a window and driven through its debugging protocol, for which ``pip install
websocket-client`` is needed. Each page is opened from its file, with all requests recorded and the console read. An
event is chosen by a click on the curve, the left map is zoomed by the wheel, other fields and another scale are chosen,
and it is measured how long that takes. Pictures are written at widths of 1400 and 420 points. The exit code is 1 if the
console held an error, something was asked of the network, or an answer was not the expected one.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

FLAGS = (
    "--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--hide-scrollbars",
    "--enable-unsafe-swiftshader", "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip
WIDTHS = (1400, 420)


class Browser:
    """One page in Chromium, and what was heard from it."""

    def __init__(self, program: str) -> None:
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self.profile.name}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = self._port()
        # A proxy of the environment must not be asked for what is on this machine.
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        targets = json.load(ask.open(f"http://127.0.0.1:{port}/json"))
        address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
        self.socket = websocket.create_connection(address, timeout=120, http_no_proxy=["127.0.0.1"])
        self.numbers = itertools.count(1)
        self.heard: list[dict] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)

    def _port(self) -> str:
        path = Path(self.profile.name) / "DevToolsActivePort"
        for _ in range(300):
            if path.exists() and path.read_text().strip():
                return path.read_text().split()[0]
            time.sleep(0.1)
        raise RuntimeError("Chromium did not open its debugging port")

    def call(self, method: str, **parameters: object) -> dict:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.heard.append(message)

    def run(self, script: str) -> object:
        """The value of a script, also of one that has to be awaited."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script[:80]}: {answer['exceptionDetails']['exception'].get('description')}")
        return answer["result"].get("value")

    def open(self, page: Path, width: int, height: int) -> None:
        mobile = width < 600
        self.heard.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)
        self.call("Page.navigate", url=page.resolve().as_uri())
        ready = "document.documentElement?.dataset.ready && window.Bokeh?.documents[0]?.is_idle"
        for _ in range(100):
            if self.run(f"Boolean({ready})"):
                self.settle()
                return
            time.sleep(0.1)
        raise RuntimeError(f"{page} did not become ready: {self.complaints()}")

    def settle(self) -> None:
        """Wait for two frames that are drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def mouse(self, kind: str, x: float, y: float, **more: object) -> None:
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x: float, y: float) -> None:
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)
        self.settle()

    def picture(self, path: Path, whole: bool = True) -> None:
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """What the console held, and what was asked of anything but the file."""
        self.call("Runtime.evaluate", expression="0")
        found = []
        for message in self.heard:
            said = message.get("params", {})
            if message["method"] == "Runtime.exceptionThrown":
                found.append("exception: " + said["exceptionDetails"].get("exception", {}).get("description", "?"))
            elif message["method"] == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
                found.append(f"console.{said['type']}: " + " ".join(str(part.get("value")) for part in said["args"]))
            elif message["method"] == "Log.entryAdded" and said["entry"]["level"] == "error":
                found.append(f"log: {said['entry']['text']}")
            elif message["method"] == "Network.requestWillBeSent":
                url = said["request"]["url"]
                if not url.startswith(("file:", "data:", "blob:", "about:")):
                    found.append(f"request of {url}")
        return found

    def close(self) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)


#: Where a point of a figure is in the window.
POINT = """((name, x, y) => {
  const plot = Bokeh.documents[0].get_model_by_name(name);
  const find = (views) => { for (const view of views) {
    if (view.model === plot) return view;
    const inner = find(view.child_views ?? []); if (inner) return inner; } return null; };
  const view = find(Object.values(Bokeh.index).length ? Object.values(Bokeh.index) : [...Bokeh.index]);
  view.el.scrollIntoView({block: "center"});
  const box = view.canvas_view.el.getBoundingClientRect(), frame = view.frame;
  return [box.left + frame.x_scale.compute(x), box.top + frame.y_scale.compute(y)];
})"""

#: Place and id of the disc nearest to a point.
NEAREST = """((discs, x, y) => { let best = 0, least = Infinity; for (let i = 0; i < discs.x.length; i++) {
  const away = Math.hypot(discs.x[i] - x, discs.y[i] - y); if (away < least) { least = away; best = i; } }
  return [discs.x[best], discs.y[best], discs.id[best]]; })"""

#: Cells of a table that match a selector, with their places in the window; tables draw in shadow trees.
CELLS = """((name, selector) => {
  const table = Bokeh.documents[0].get_model_by_name(name);
  const find = (views) => { for (const view of views) {
    if (view.model === table) return view;
    const inner = find(view.child_views ?? []); if (inner) return inner; } return null; };
  const view = find(Object.values(Bokeh.index).length ? Object.values(Bokeh.index) : [...Bokeh.index]);
  view.el.scrollIntoView({block: "center"});
  return [...view.shadow_el.querySelectorAll(selector)].map((cell) => { const box = cell.getBoundingClientRect();
    return {text: cell.textContent.trim(), x: box.left + 8, y: box.top + 0.5 * box.height}; });
})"""

#: How long a change takes until the second frame after it.
TIMED = """((change) => new Promise((done) => { const began = performance.now(); change();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began))); }))"""


def model(name: str) -> str:
    return f"Bokeh.documents[0].get_model_by_name({json.dumps(name)})"


def drive(browser: Browser, expect: list[str]) -> dict[str, float]:
    """Use the page as a reader does; what goes wrong is added to `expect`."""
    times = {"to interactive (ms)": float(browser.run("document.documentElement.dataset.ready"))}
    events = browser.run(f"{model('events')}?.data.strain.length ?? 0")
    if events:
        last = int(events) - 1
        place = browser.run(
            f"{POINT}('curve_figure', {model('events')}.data.strain[{last}], {model('events')}.data.stress[{last}])"
        )
        browser.click(*place)
        if (
            browser.run(f"{model('event')}.value") != str(last + 1)
            or browser.run(f"{model('chosen')}.location") is None
        ):
            expect.append(f"a click on event {last + 1} of the curve did not choose it")
        drive_event_table(browser, expect)
    for name, heading in (("indicator_table", "C"), ("study_table", "n")):
        if browser.run(f"{model(name)} !== null"):
            drive_sorting(browser, expect, name, heading)
    if browser.run(f"{model('left_map')} !== null"):
        times |= drive_maps(browser, expect)
    if browser.run(f"{model('score_protocol')} !== null"):
        drive_study(browser, expect)
    return times


def drive_event_table(browser: Browser, expect: list[str]) -> None:
    """The row of the first event chooses it."""
    cell = browser.run(f"{CELLS}('event_table', '.slick-row .slick-cell')")[0]
    browser.click(cell["x"], cell["y"])
    if browser.run(f"[{model('event')}?.value, {model('events')}.selected.indices[0]]") != ["1", 0]:
        expect.append("a click on the row of the first event did not choose it")


def drive_sorting(browser: Browser, expect: list[str], name: str, heading: str) -> None:
    """A click on a heading sorts the rows, upwards at first."""
    headings = browser.run(f"{CELLS}('{name}', '.slick-header-column')")
    place = [cell["text"] for cell in headings].index(heading)
    browser.click(headings[place]["x"], headings[place]["y"])
    cells = browser.run(f"{CELLS}('{name}', '.slick-row .slick-cell.l{place}')")
    ordered = sorted(cells, key=lambda cell: cell["y"])
    values = [float(cell["text"].replace("−", "-")) for cell in ordered if cell["text"] not in ("–", "")]
    if not values or values != sorted(values):
        expect.append(f"{name} is not sorted by {heading}: {values}")


def drive_study(browser: Browser, expect: list[str]) -> None:
    """Choose the last protocol, for its scores and for its samples."""
    browser.run(f"{model('score_protocol')}.value = {model('score_protocol')}.options.at(-1)")
    scores = browser.run(f"[...{model('score_chart_rows')}.data.C]")
    if not scores or sorted(scores, reverse=True) != scores:
        expect.append("the scores of the last protocol are not sorted")
    if browser.run(f"{model('group')} === null"):
        return
    before = browser.run(f"{model('curve')}.data.stress.at(-1)")
    browser.run(f"{model('group')}.value = {model('group')}.options.at(-1)")
    browser.settle()
    if browser.run(f"{model('curve')}.data.stress.at(-1)") == before:
        expect.append("another protocol has the same curve")
    last = f"{model('sample')}.options.at(-1)[0]"
    browser.run(f"{model('sample')}.value = {last}")
    browser.settle()
    if browser.run(f"{model('event')}.value") not in ("1", ""):
        expect.append("the first event of another sample is not chosen")


def drive_maps(browser: Browser, expect: list[str]) -> dict[str, float]:
    # Of the whole cell, when most is drawn.
    fields = browser.run(f"Object.values({model('left')}.options).flat().map((entry) => entry[0])")
    field = f"{model('left')}.value = "
    first = [browser.run(f"{TIMED}(() => {{ {field}{json.dumps(name)} }})") for name in fields]
    again = [browser.run(f"{TIMED}(() => {{ {field}{json.dumps(name)} }})") for name in fields]
    ranges = f"[{model('x_range')}.start, {model('x_range')}.end, {model('y_range')}.start, {model('y_range')}.end]"
    before = browser.run(ranges)
    middle = [(before[0] + before[1]) / 2, (before[2] + before[3]) / 2]
    x, y = browser.run(f"{POINT}('left_map', {middle[0]}, {middle[1]})")
    browser.settle()
    browser.mouse("mouseMoved", x, y)
    began = time.perf_counter()
    for _ in range(5):
        browser.mouse("mouseWheel", x, y, deltaX=0, deltaY=-240)
    browser.settle()
    zoom = 1e3 * (time.perf_counter() - began) / 5
    after = browser.run(ranges)
    if not after[1] - after[0] < 0.9 * (before[1] - before[0]):
        expect.append("the wheel did not zoom")
    if not browser.run(f"{model('left_map')}.x_range === {model('right_map')}.x_range"):
        expect.append("the maps are not zoomed together")
    stretch = browser.run(
        f"({model('left_map')}.inner_width / {after[1] - after[0]}) / "
        f"({model('left_map')}.inner_height / {after[3] - after[2]})"
    )
    if abs(stretch - 1.0) > 0.01:
        expect.append(f"discs are stretched by {stretch:.3f}")
    title = browser.run("document.getElementById('left_title').textContent")
    if not title:
        expect.append("the map has no title")
    by_rank = browser.run(f"{TIMED}(() => {{ {model('scale')}.active = 1 }})")
    if browser.run(f"{model('left_mapper')}.high") != 1:
        expect.append("the scale of ranks does not end at 1")
    browser.run(f"{model('scale')}.active = 0; {model('left')}.value = {json.dumps(fields[0])}")
    # A particle in the middle is clicked, once it is seen.
    half = [(before[1] - before[0]) / 6, (before[3] - before[2]) / 6]
    for axis, range_name in enumerate(("x_range", "y_range")):
        ends = f"{{start: {middle[axis] - half[axis]}, end: {middle[axis] + half[axis]}}}"
        browser.run(f"{model(range_name)}.setv({ends})")
    browser.settle()
    place = browser.run(f"{NEAREST}({model('left_discs')}.data, {middle[0]}, {middle[1]})")
    x, y = browser.run(f"{POINT}('left_map', {place[0]}, {place[1]})")
    browser.settle()
    browser.click(x, y)
    if f"Particle {place[2]}" not in str(browser.run("document.getElementById('particle').textContent")):
        expect.append(f"a click on particle {place[2]} does not describe it")
    return {
        "field, first time, median (ms)": sorted(first)[len(first) // 2],
        "field, first time, slowest (ms)": max(first),
        "field, again, median (ms)": sorted(again)[len(again) // 2],
        "colours by rank (ms)": by_rank,
        "step of the wheel (ms)": zoom,
        "fields": len(fields),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path, metavar="PAGE")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--pictures", type=Path, default=Path("."), help="directory for the pictures")
    arguments = parser.parse_args()
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    browser = Browser(arguments.chromium)
    try:
        for page in arguments.pages:
            print(f"{page}: {page.stat().st_size / 1e6:.2f} MB")
            for width in WIDTHS:
                browser.open(page, width, 900)
                overflow = browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                found = [f"{overflow} points wider than the window"] if overflow > 0 else []
                browser.picture(arguments.pictures / f"{page.parent.name}-{page.stem}-{width}.png")
                if width == WIDTHS[0]:
                    for name, value in drive(browser, found).items():
                        print(f"  {name}: {value:.0f}")
                    browser.picture(arguments.pictures / f"{page.parent.name}-{page.stem}-driven.png")
                found += browser.complaints()
                for line in found:
                    print(f"  at {width}: {line}")
                wrong += found
    finally:
        browser.close()
    print("nothing went wrong" if not wrong else f"{len(wrong)} things went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
