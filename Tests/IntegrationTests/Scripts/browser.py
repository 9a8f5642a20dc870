"""Opens every view in a headless Chromium over its debugging pipe, clicks through it, and says what it saw as JSON.

usage: browser.py BASE_URL [SCREENSHOT_FOLDER or - [STEP,STEP… [USER:PASSWORD]]]

Standard library only. Errors of the page, requests that leave the origin and steps that fail are in the report. Steps that need a system
prepared for them (`many`, `tenant`) are done only where they are named.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

VIEWS = ("overview", "servers", "connections", "accounts", "subscriptions", "topology", "jetstream", "history", "compare", "events", "checks", "explore")
HOSTILE = "<img src=x onerror=alert(1)>"


class Browser:
    """One page of a Chromium of our own."""

    def __init__(self, width=1400, height=900):
        self.folder = tempfile.mkdtemp(prefix="natsight-chromium-")
        to_read, self.to = os.pipe()
        self.source, to_write = os.pipe()
        # The browser reads commands on descriptor 3 and writes answers on 4.
        command = (
            f'exec 3<&{to_read} 4>&{to_write}; exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars '
            f'--no-first-run --disable-background-networking --remote-debugging-pipe --user-data-dir={self.folder} about:blank'
        )
        self.process = subprocess.Popen(["bash", "-c", command], pass_fds=(to_read, to_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.number, self.buffer, self.events, self.session = 0, b"", [], None
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(domain + ".enable")
        self.size(width, height)

    def size(self, width, height):
        self.send("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def send(self, method, parameters=None):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters or {}}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.source, 65536)
            if not piece:
                raise EOFError("the browser has gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def run(self, script):
        result = self.send("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:500])
        return result["result"].get("value")

    def go(self, url):
        self.send("Page.navigate", {"url": url})

    def until(self, what, script, seconds=40):
        """Waits until a script says true."""
        deadline = time.monotonic() + seconds
        last = None
        while time.monotonic() < deadline:
            try:
                last = self.run(script)
                if last:
                    return last
            except RuntimeError as error:
                last = error
            time.sleep(0.1)
        text = self.run("document.body ? document.body.innerText.slice(0, 1500) : ''")
        raise RuntimeError(f"not within {seconds} s: {what}; last: {last}; the page says: {text}")

    def key(self, key):
        self.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, **({"text": key} if len(key) == 1 else {})})
        self.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key})

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.send("Page.captureScreenshot", {"format": "png"})["data"]))

    def problems(self, base, expected=()):
        """What went wrong on the page; `expected` are words of what a step brings about on purpose."""
        found = []
        for event in self.events:
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
                found.append("console: " + json.dumps(parameters["args"])[:300])
            elif method == "Runtime.exceptionThrown":
                found.append("exception: " + json.dumps(parameters["exceptionDetails"])[:500])
            elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append("log: " + parameters["entry"]["text"] + " " + parameters["entry"].get("url", ""))
            elif method == "Page.javascriptDialogOpening":
                found.append("dialog: " + parameters["message"])
            elif method == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(base + "/") and url not in ("about:blank",):
                    found.append("request: " + url)
        return [each for each in found if not any(words in each for words in expected)]

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def text_of(selector):
    return f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.innerText).join('\\n')"


def has(selector, words):
    return f"{text_of(selector)}.includes({json.dumps(words)})"


def main():
    base = sys.argv[1]
    pictures = sys.argv[2] if len(sys.argv) > 2 and sys.argv[2] != "-" else None
    chosen = sys.argv[3].split(",") if len(sys.argv) > 3 else None
    browser = Browser()
    steps, failures, expected = [], [], []
    if len(sys.argv) > 4:
        secret = base64.b64encode(sys.argv[4].encode()).decode()
        browser.send("Network.setExtraHTTPHeaders", {"headers": {"Authorization": "Basic " + secret}})

    def step(name, body, picture=None, named=False):
        if name not in chosen if chosen else named:
            return
        try:
            body()
            # Names that strangers chose stay text, whichever view shows them.
            if browser.run("document.querySelectorAll('main img, main script, main iframe, main style').length") != 0:
                raise RuntimeError("a name became an element")
            steps.append(name)
            if pictures and picture:
                time.sleep(2)
                browser.picture(f"{pictures}/{picture}.png")
        except (RuntimeError, EOFError) as error:
            failures.append(f"{name}: {error}")

    def view(query):
        browser.go(base + query)

    def overview():
        view("/")
        browser.until("the servers are listed", "document.querySelectorAll('.cluster tbody tr').length >= 1")
        browser.until("completeness is shown", "/answered|of \\d/.test(document.querySelector('.complete').innerText)")
        browser.until("findings were judged", "!document.querySelector('h1').innerText.includes('…')")
        browser.until("totals are known", "[...document.querySelectorAll('.figure')].slice(0, 3).every((each) => each.innerText !== '—')")
        browser.until("endpoints are linked", "document.querySelectorAll('.endpoints a').length > 10")
        weight = "performance.getEntries().filter((each) => each.entryType === 'navigation' || each.name.includes('/assets/')).reduce((sum, each) => sum + (each.transferSize ?? 0), 0)"
        browser.until("the first page is light", f"{weight} < 80_000")

    def servers():
        view("/?view=servers")
        browser.until("rows are there", "document.querySelectorAll('.grid tbody tr.click').length >= 1")
        browser.run("document.querySelector('.grid tbody tr.click').click()")
        browser.until("the detail is open", has(".detail", "max_payload"))
        browser.until("it is in the URL", "location.search.includes('open=')")
        browser.run("history.back()")
        browser.until("back closes it", "document.querySelector('.detail').hidden")
        browser.run("document.querySelector('th button').click()")
        browser.until("the sort is in the URL", "location.search.includes('sort=')")

    def connections():
        view("/?view=connections&sort=name")
        browser.until("the hostile client is shown as text", has(".grid td", HOSTILE))
        browser.until("nothing was made of it", "document.querySelectorAll('main img').length === 0")
        browser.run("[...document.querySelectorAll('.grid tbody tr.click')].find((row) => row.innerText.includes('<img')).click()")
        browser.until("its subscriptions are shown", has(".detail", "hostile.>"))
        header = "[...document.querySelectorAll('th button')].find((each) => each.textContent === 'Account').click()"
        browser.run(header)
        browser.until("a header sorts", "document.querySelector('th[aria-sort=ascending]')?.textContent === 'Account'")
        browser.run(header)
        browser.until("and turns the order round", "document.querySelector('th[aria-sort=descending]')?.textContent === 'Account' && location.search.includes('sort=-account')")
        view("/?view=connections&state=closed")
        browser.until("closed connections are shown", "document.querySelectorAll('.grid tbody tr.click').length >= 1 || document.body.innerText.includes('No server remembers')")

    def accounts():
        view("/?view=accounts")
        browser.until("accounts are shown", has(".grid td", "USERS"))
        browser.run("[...document.querySelectorAll('.grid tbody tr.click')].find((row) => row.innerText.includes('USERS')).click()")
        browser.until("the detail is open", has(".detail", "Exports") + " || " + has(".detail", "EXPORTS"))

    def subscriptions():
        view("/?view=subscriptions")
        browser.until("the tree of interest is shown", has(".tree", "hostile"))
        view("/?view=subscriptions&subject=hostile.a")
        browser.until("who would receive it", has(".grid td", "hostile.>"))

    def topology():
        view("/?view=topology")
        browser.until("servers are drawn", "document.querySelectorAll('.topology .server').length >= 1")

    def jetstream():
        view("/?view=jetstream")
        browser.until("it says how JetStream is", "/meta group|disabled|Not clustered/.test(document.querySelector('p.lead').innerText)")

    def events():
        view("/?view=events")
        browser.until("events come", "[...document.querySelectorAll('.grid td')].some((each) => each.innerText === 'connected')")
        browser.run("[...document.querySelectorAll('.grid tbody tr.click')].find((row) => row.children[1].innerText === 'connected').click()")
        browser.until("the event is shown", has(".detail .tree", "timestamp"))

    def explore():
        view("/?view=explore&path=/varz")
        browser.until("the document is shown", has(".tree", "max_payload"))
        browser.run("document.querySelector('.tree .twist').click()")
        browser.until("it folds", "document.querySelector('.tree .children').hidden")
        browser.run("document.querySelector('.tree .twist').click()")
        browser.until("the parameters have a form", "document.querySelector('.parameters') !== null")
        view("/?view=explore&path=/closed")
        browser.until("the record of closed connections has its parameters", "document.querySelector('.parameters')?.textContent.includes('reason')")
        view("/?view=explore&path=/connz")
        browser.until("connz has its parameters", "document.querySelectorAll('.parameters label').length > 5")
        browser.run("document.querySelector('details summary').click()")
        field = "[...document.querySelectorAll('.parameters label')].find((each) => each.innerText.trim() === '%s').querySelector('input, select')"
        browser.run(f"{field % 'limit'}.value = '1'")
        browser.run("document.querySelector('.parameters button').click()")
        browser.until("the form asks with what was filled in", "new URLSearchParams(location.search).get('path') === '/connz?limit=1'")
        browser.until("the answer is to that", "document.querySelector('.tree').innerText.replace(/\\s/g, '').includes('limit:1')")
        browser.until("the form shows what was asked", f"{field % 'limit'}.value === '1'")

    def history():
        expected.append("status of 404")
        view("/?view=history&span=15m")
        browser.until("a figure is drawn, or it is said why not", "document.querySelectorAll('.chart path.line').length >= 1 || document.querySelector('main').innerText.includes('Nothing of this was recorded')")
        browser.run("document.querySelector('.chart-figure summary').click()")
        browser.until("a table stands behind it", "document.querySelector('.chart-figure details').open")
        browser.run("document.querySelector('select[aria-label=\"Of what\"]').value = 'account'; document.querySelector('select[aria-label=\"Of what\"]').dispatchEvent(new Event('change'))")
        browser.until("what is shown is in the URL", "location.search.includes('kind=account')")

    def compare():
        expected.append("status of 404")
        view("/?view=compare&from=-5m")
        browser.until("what differs is shown, or it is said why not", "document.querySelectorAll('main h2, main .empty').length >= 1 || document.querySelector('main p.bad').innerText.length > 10")

    def checks():
        view("/?view=checks")
        browser.until("every check is listed", "Number(document.querySelector('.grid').getAttribute('aria-rowcount')) > 100")
        browser.run("document.querySelector('.grid tbody tr.click').click()")
        browser.until("it says what to do", "document.querySelectorAll('.detail h3').length >= 4")

    def moment():
        """The frame at a moment: the bar of time, the address, and back to now. What was not recorded is said to be so."""
        expected.extend(["status of 404", "at="])
        view("/?at=-10s")
        browser.until("the frame says of when", "/^as of /.test(document.querySelector('.age').innerText)")
        browser.until("links keep it", "document.querySelector('.views a[data-view=servers]').href.includes('at=-10s')")
        browser.key("]")
        browser.until("] goes forth, which is now", "!location.search.includes('at=')")
        browser.until("that is live", "document.querySelector('.timebar .live').innerText === 'Live'")

    def access():
        """Contrast, names, nesting, headings and target size, on every view in both themes and on a phone."""
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "accessibility.js"), encoding="utf-8") as file:
            script = file.read()
        found = []
        for scheme, width in (("light", 1400), ("dark", 1400), ("light", 390)):
            browser.size(width, 900)
            browser.send("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            for name in VIEWS:
                view("/?view=" + name)
                browser.until(name + " is open", f"document.querySelector('main').dataset.view === '{name}'")
                browser.until(name + " has something to show", "document.querySelector('main').innerText.length > 40 && !document.querySelector('main').innerText.includes('Asking …')")
                if name in ("servers", "connections"):
                    browser.until("there are rows", "document.querySelectorAll('.grid tbody tr.click').length >= 1")
                    browser.run("document.querySelector('.grid tbody tr.click').click()")
                    browser.until("the detail is open", "document.querySelectorAll('.detail dd').length > 3")
                found += [f"{name} {scheme} {width}: {each}" for each in browser.run(script)][:40]
        browser.size(1400, 900)
        browser.send("Emulation.setEmulatedMedia", {"features": []})
        if found:
            raise RuntimeError("; ".join(found[:25]) + f" ({len(found)})")

    def shell():
        name = browser.run("fetch('" + base + "/servers', {headers: {Accept: 'application/json'}}).then((answer) => answer.json()).then((answer) => answer.servers[0].id)")
        view("/server/" + urllib.parse.quote(name, safe="") + "/connz")
        browser.until("an endpoint's own path has a view", has(".tree", "num_connections"))
        browser.until("with a way back", "[base, base + '/'].includes(document.querySelector('.crumbs a')?.href)".replace("base", json.dumps(base)))

    def keyboard():
        view("/")
        browser.until("the page is there", "document.querySelectorAll('.views a').length === 12")
        browser.key("g")
        browser.key("c")
        browser.until("g c opens the connections", "document.querySelector('main').dataset.view === 'connections'")
        browser.key("/")
        browser.until("/ opens the search", "document.querySelector('dialog.search').open && document.activeElement.type === 'search'")
        browser.send("Input.insertText", {"text": "hostile"})
        browser.until("a subject can be asked for, known or not", "document.querySelector('.search [role=status]').textContent !== 'Type a part of a name.'")
        browser.run("document.querySelector('dialog.search').close()")
        browser.key("f")
        browser.until("f focuses the search of the view", "document.activeElement.type === 'search' && document.activeElement.closest('main') !== null")
        browser.run("document.activeElement.blur()")
        browser.key("?")
        browser.until("? shows the keys", "document.querySelector('dialog').open")
        browser.run("document.querySelector('dialog').close()")
        browser.key("p")
        browser.until("p pauses", "[...document.querySelectorAll('.bar button')].some((each) => each.innerText === 'Go on')")

    def phone():
        browser.size(390, 800)
        view("/")
        browser.until("it fits a phone", "document.querySelectorAll('.figure').length === 8 && document.documentElement.scrollWidth <= 390")
        browser.size(1400, 900)

    def zoom():
        """A window of 1400 px at 200 % is one of 700 px."""
        browser.size(700, 450)
        for name in VIEWS:
            view("/?view=" + name)
            browser.until(name + " is open", f"document.querySelector('main').dataset.view === '{name}'")
            browser.until(name + " fits", "document.documentElement.scrollWidth <= 700 && document.querySelector('main').clientHeight > 200")
        browser.size(1400, 900)

    def reader():
        """What a screen reader goes by, and the keys that move through a table."""
        view("/?view=servers")
        browser.until("rows are there", "document.querySelectorAll('.grid tbody tr.click').length >= 1")
        browser.until("the table has a name", "document.querySelector('table caption').textContent === 'Servers'")
        browser.until("it fits the window", "document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")
        browser.until("the view is announced", "document.getElementById('live').textContent === 'Servers'")
        browser.until("one row is a stop", "document.querySelectorAll('.grid tr[tabindex=\"0\"]').length === 1")
        browser.until("every field has a name", "[...document.querySelectorAll('input, select')].every((each) => each.labels?.length || each.ariaLabel)")
        browser.until("every button has a name", "[...document.querySelectorAll('button')].every((each) => each.textContent.trim() || each.ariaLabel)")
        browser.run("document.querySelector('.grid tr[tabindex=\"0\"]').focus()")
        browser.key("End")
        browser.until("End goes to the last row", "document.activeElement.ariaRowIndex === document.querySelector('.grid').getAttribute('aria-rowcount')")
        browser.key("Home")
        browser.until("Home goes to the first", "document.activeElement.ariaRowIndex === '2'")
        browser.key("Enter")
        browser.until("Enter opens it", "!document.querySelector('.detail').hidden")

    def many():
        """Five thousand rows: only what is seen is drawn, wherever one is; under the last stand the steps through the pages."""
        view("/?view=connections&limit=5000")
        browser.until("five thousand rows", "Number(document.querySelector('.grid').getAttribute('aria-rowcount')) === 5001")
        for place in (0, 60_000, 10_000_000):
            browser.run(f"document.getElementById('view').scrollTop = {place}")
            browser.until("rows are drawn where one looks", """(() => {
                const box = document.getElementById('view').getBoundingClientRect();
                const seen = document.elementsFromPoint(box.left + 40, box.bottom - 160).find((each) => each.matches('tr.click, tr.click *'));
                return seen !== undefined && document.querySelectorAll('.grid tbody tr').length < 120;
            })()""")
        browser.run("document.getElementById('view').scrollTop = 1500")
        browser.until("the names of the columns stay", "document.querySelector('.grid thead th').getBoundingClientRect().top >= document.getElementById('view').getBoundingClientRect().top - 1")
        browser.until("rows are there", "document.querySelectorAll('.grid tbody tr.click').length > 10")
        browser.run("document.querySelectorAll('.grid tbody tr.click')[10].click()")
        browser.until("what was asked for is in sight", """(() => {
            const box = document.querySelector('.detail')?.getBoundingClientRect();
            return box && box.height > 100 && box.top >= 0 && box.top < innerHeight / 2 && document.querySelectorAll('.detail dd').length > 3;
        })()""")

    def tenant():
        """A role that may see one account: its views work, and the others say why they do not."""
        # What was not recorded yet is 404, and the charts say so.
        expected.extend(["status of 403", "/streams?", "/consumers?", "status of 404"])
        for name, path in (("servers", "/servers"), ("topology", "z"), ("accounts", "/accounts")):
            view(f"/?view={name}&scope=account/USERS")
            browser.until(name + " says that it is not for this role", has("main", "may not read this path: /"))
        view("/?view=connections&scope=account/USERS")
        browser.until("its connections are shown", has(".grid td", HOSTILE))
        browser.until("it is said that everybody answered", has(".complete", "answered"))
        view("/?view=subscriptions&scope=account/USERS&subject=hostile.a")
        browser.until("who would receive it", has(".grid td", "hostile.>"))
        view("/?view=jetstream&scope=account/USERS")
        browser.until("its streams, or why there are none", has("main", "of this account") + " || " + has("main", "not enabled"))
        view("/?view=events&scope=account/USERS")
        browser.until("its events", has("main", "events") + " || " + has("main", "listening"))

    def offline():
        """The gateway is gone: what is shown says so, and how old it is."""
        expected.append("ERR_INTERNET_DISCONNECTED")
        view("/")
        browser.until("the servers are listed", "document.querySelectorAll('.cluster tbody tr').length >= 1")
        browser.send("Network.emulateNetworkConditions", {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
        browser.until("it is said", has(".complete", "answer"))
        browser.until("with its age", "/^\\d+ ?s old$/.test(document.querySelector('.age').innerText)")
        browser.until("the headline says so too", "document.querySelector('h1').innerText.startsWith('The gateway has not answered for')")
        browser.until("and the tab", "document.title.startsWith('no answer for')")
        browser.until("nobody is called live", "[...document.querySelectorAll('.state')].every((each) => each.dataset.state === 'unknown')")
        browser.until("the figures stay", "document.querySelectorAll('.cluster tbody tr').length >= 1")
        browser.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
        browser.until("it comes back by itself", has(".complete", "answered"))

    def dark():
        browser.send("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        view("/")
        browser.until("it is dark", "getComputedStyle(document.body).backgroundColor === 'rgb(21, 23, 26)'")
        browser.until("the servers are listed", "document.querySelectorAll('.cluster tbody tr').length >= 1")

    try:
        step("overview", overview, "overview")
        step("servers", servers, "servers")
        step("connections", connections, "connections")
        step("accounts", accounts, "accounts")
        step("subscriptions", subscriptions, "subscriptions")
        step("topology", topology, "topology")
        step("jetstream", jetstream, "jetstream")
        step("events", events, "events")
        step("history", history, "history")
        step("compare", compare)
        step("checks", checks, "checks")
        step("explore", explore, "explore")
        step("shell", shell)
        step("keyboard", keyboard)
        step("phone", phone)
        step("zoom", zoom)
        step("reader", reader)
        step("moment", moment)
        step("access", access)
        step("offline", offline)
        step("many", many, named=True)
        step("tenant", tenant, named=True)
        step("dark", dark, "overview-dark")
        problems = browser.problems(base, expected)
    finally:
        browser.close()
    print(json.dumps({"steps": steps, "failures": failures, "problems": problems}, indent=2))


if __name__ == "__main__":
    main()
