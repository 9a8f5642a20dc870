"""What the pages for browsers, and what they ask for, take: of a played system, and of one with five thousand real clients."""
import http.client
import json
import os
import statistics
import subprocess
import sys
import time

import servers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "IntegrationTests", "Scripts"))
from browser import Browser  # noqa: E402

ROOMY = servers.ACCOUNTS + "max_payload: 64MB\nmax_pending: 512MB\n"


def say(text):
    print(f"==> {text}", flush=True)


class Town:
    """A played system behind a real server, and a gateway that watches it."""

    def __init__(self, count, clusters, connections, consumers):
        self.real = servers.NATSServer(configuration=ROOMY + "server_name: one\n")
        program = os.path.join(ROOT, "Benchmarks", "town.py")
        numbers = [str(each) for each in (self.real.port, count, clusters, connections, consumers)]
        self.played = subprocess.Popen([sys.executable, program, *numbers], stdout=subprocess.PIPE, text=True)
        self.played.stdout.readline()
        self.gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{self.real.port}")
        self.gateway.wait("the whole town", lambda: servers.get(self.gateway.port, "/varz").get("responded") == count + 1, 120)

    def __enter__(self):
        return self.gateway

    def __exit__(self, *_):
        self.played.kill()
        self.played.wait()
        self.gateway.stop()
        self.real.stop()


def ask(port, path):
    """The document, and how many milliseconds it took."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body[:300]}")
    return json.loads(body), (time.perf_counter() - began) * 1000


def milliseconds(times):
    return f"{statistics.median(times):.0f}", f"{max(times):.0f}"


def ticks(pid):
    """Processor time of a process, in seconds."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid):
    """A process and all below it."""
    below = {}
    for each in os.listdir("/proc"):
        if each.isdigit():
            try:
                with open(f"/proc/{each}/stat") as file:
                    below.setdefault(int(file.read().rsplit(")", 1)[1].split()[1]), []).append(int(each))
            except OSError:
                pass
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        left += below.get(one, [])
    return found


def used(pids):
    total = 0
    for pid in pids:
        try:
            total += ticks(pid)
        except OSError:
            pass
    return total


def left_open(browser, gateway, seconds):
    """Percent of a core that a page takes which nobody touches: of the browser, and of the gateway."""
    # Beginnings are not what is meant.
    time.sleep(min(10, seconds))
    pids = family(browser.process.pid)
    before, began = (used(pids), ticks(gateway.pid)), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return (used(pids) - before[0]) / took * 100, (ticks(gateway.pid) - before[1]) / took * 100


def redraw(browser, seconds, every):
    """Milliseconds of the page's own thread for each time that it asks and draws anew."""
    def busy():
        return {each["name"]: each["value"] for each in browser.send("Performance.getMetrics")["metrics"]}["TaskDuration"]

    browser.send("Performance.enable")
    before = busy()
    time.sleep(seconds)
    return (busy() - before) / (seconds / every) * 1000


def search(scale, table):
    connections, consumers = round(100_000 * scale), round(10_000 * scale)
    say(f"view: {connections:,} connections and {consumers:,} consumers")
    with Town(9, 3, connections, consumers) as gateway:
        first, took = ask(gateway.port, "/search?q=meter-0042&limit=6")
        table.append([f"/search over {first['names']:,} names ({connections:,} connections, {consumers:,} consumers): the first, which reads them", f"{took:.0f}", ""])
        times = [ask(gateway.port, f"/search?q={words}&limit=6")[1] for words in ("meter-0042", "order", "e", "10.3", "reader-00", "nobody", "billing.eu") for _ in range(3)]
        table.append(["/search, the others", *milliseconds(times)])
        for name, path in (
            ("/connections, the page's question", "/connections?limit=100"), ("/connections?match=", "/connections?match=meter-004&limit=100"), ("/connections?group=stem", "/connections?group=stem&limit=200"),
            ("/consumers, the worst 200", "/consumers?limit=200"), ("/subjects, a level", "/subjects?sort=rate"), ("/subjects?subject=", "/subjects?subject=meter.us.1.x"),
        ):
            ask(gateway.port, path)
            table.append([name, *milliseconds([ask(gateway.port, path)[1] for _ in range(9)])])
        table.append(["resident memory of the gateway afterwards, MiB", f"{gateway.resident() / 1048576:.0f}", ""])


def large(scale, table):
    count = max(60, round(300 * scale))
    say(f"view: {count} servers in a browser")
    with Town(count, 10, 3000, 200) as gateway:
        browser = Browser(1280, 900)
        try:
            for name, view, ready, every in (
                ("overview", "/", "document.querySelectorAll('.heat .cell').length > 50", 2), ("servers", "/?view=servers", "document.querySelectorAll('.grid tbody tr.click').length > 5", 2),
                ("topology", "/?view=topology", "document.querySelectorAll('.plan .cell').length > 50", 5),
            ):
                browser.go(f"http://127.0.0.1:{gateway.port}{view}")
                browser.until(name + " is drawn", ready, 120)
                time.sleep(5)
                table.append([f"{name} of {count} servers: the page's thread for each time that it draws anew", f"{redraw(browser, 30 * max(scale, 0.3), every):.0f}", ""])
        finally:
            browser.close()


def clients(scale, table):
    count = round(5000 * scale)
    say(f"view: {count} real clients")
    real = servers.NATSServer(configuration=servers.ACCOUNTS + "server_name: one\n")
    gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{real.port}")
    command = [servers.natsight(), "bench", "connect", "--clients", str(count), "--hold", "600", "--server", f"nats://a:a@127.0.0.1:{real.port}"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    browser = Browser(1280, 900)
    try:
        gateway.wait("all clients", lambda: servers.get(gateway.port, "/merged/connz?limit=1").get("total", 0) >= count, 120)
        ask(gateway.port, "/connections?limit=100")
        table.append([f"/connections of {count:,} real clients", *milliseconds([ask(gateway.port, "/connections?limit=100")[1] for _ in range(9)])])
        seconds = max(5, round(60 * scale))
        for name, view in (("overview", "/"), ("connections", "/?view=connections")):
            browser.go(f"http://127.0.0.1:{gateway.port}{view}")
            browser.until("it is drawn", "document.querySelector('main').innerText.length > 200")
            if view == "/":
                weight = browser.run(
                    "new Promise((done) => setTimeout(() => done(performance.getEntries().filter((each) => each.entryType === 'navigation' || each.name.includes('/assets/')).reduce((sum, each) => sum + (each.transferSize ?? 0), 0)), 3000))")
                table.append(["the first page on the wire, kB", f"{weight / 1000:.1f}", ""])
            of_browser, of_gateway = left_open(browser, gateway, seconds)
            table.append([f"{name} left open, % of a core: browser", f"{of_browser:.1f}", ""])
            table.append([f"{name} left open, % of a core: gateway", f"{of_gateway:.1f}", ""])
    finally:
        browser.close()
        child.kill()
        child.wait()
        gateway.stop()
        real.stop()


def view(_, scale):
    table = [["milliseconds where nothing else is said", "median", "most"]]
    for part in (search, large, clients):
        part(scale, table)
    return "The browser view", table
