"""Opens the pages beside a real supercluster and has its servers, and the gateway, fall ill: at each moment the page must say so.

usage: trouble.py FILE, with JSON: { "serve": [command and arguments of the gateway, without --listen], "servers": { name: { "pid", "again": [command] } },
"stream": a stream of one replica, "name": a client's }. Says as JSON what it saw. Standard library only.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from browser import Browser, has

WIDE, NARROW = (1280, 900), (390, 844)


class Gateway:
    """The command, on a port that stays the same."""

    def __init__(self, command):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.command = [*command, "--listen", f"127.0.0.1:{self.port}"]
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.json("/livez")
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def json(self, path):
        with urllib.request.urlopen(self.base + path, timeout=20) as answer:
            return json.load(answer)


def row(name):
    """The row of a server on the overview, as an expression."""
    return f"[...document.querySelectorAll('.cluster tbody tr')].filter((each) => each.querySelector('a')?.innerText === {json.dumps(name)})"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    gateway = Gateway(given["serve"])
    gateway.start()
    browser = Browser(*WIDE)
    steps, failures, children = [], [], []

    def view(query, size=WIDE):
        browser.size(*size)
        browser.go(gateway.base + query)

    def step(name, body):
        try:
            body()
            if browser.run("document.querySelectorAll('main img, main script, main iframe').length") != 0:
                raise RuntimeError("a name became an element")
            steps.append(name)
        except (RuntimeError, OSError, EOFError) as error:
            failures.append(f"{name}: {error}")

    def whole():
        browser.until("everybody answers", has(".complete", "6 of 6 answered"))
        browser.until("each server has one row, and lives", "document.querySelectorAll('.cluster tbody tr').length === 6 && document.querySelectorAll('.cluster .state[data-state=live]').length === 6")

    def healthy():
        view("/")
        whole()
        browser.until("findings were judged", "!document.querySelector('h1').innerText.includes('…')")

    def is_missed(name):
        """Wherever one looks on the overview nobody takes this server for well."""
        browser.until("the bar names it", has(".complete", "5 of 6") + " && " + has(".complete", name))
        browser.until("its row is not green, and has no figures of now", f"(({row(name)})[0]?.querySelector('.state').dataset.state ?? '') !== 'live' && ({row(name)})[0]?.innerText.includes('—')")
        browser.until("the headline is no calm one", "/attention|see to|know about|not every server/.test(document.querySelector('h1').innerText)")
        browser.until("a finding says so, with its age", f"[...document.querySelectorAll('.findings li')].some((each) => each.innerText.includes({json.dumps(name)}) && each.querySelector('time'))")
        browser.until("no sentence has an age of its own", "![...document.querySelectorAll('.findings a, .findings .name')].some((each) => /for \\d+ ?s|\\d+ ?s ago/.test(each.innerText))")
        browser.until("the tab says so", "/critical|silent|see to/.test(document.title)")

    def frozen():
        view("/")
        whole()
        os.kill(given["servers"]["b2"]["pid"], signal.SIGSTOP)
        is_missed("b2")
        view("/?view=topology")
        # Of what the silent end says nothing is known.
        browser.until("no link of it is agreed", "[...document.querySelectorAll('.grid tbody tr:not(.pad)')].length > 5 && ![...document.querySelectorAll('.grid tbody tr:not(.pad)')].some((each) => /\\bb2\\b/.test(each.innerText) && each.innerText.includes('both ends agree'))")
        browser.until("its circle is not green", "[...document.querySelectorAll('.topology .server')].find((each) => each.textContent.startsWith('b2'))?.dataset.state === 'suspect'")
        view("/", NARROW)
        is_missed("b2")
        browser.until("it fits a phone", "document.documentElement.scrollWidth <= 390")

    def thawed():
        os.kill(given["servers"]["b2"]["pid"], signal.SIGCONT)
        view("/")
        whole()
        browser.until("nothing is said of it as if it were so", f"![...document.querySelectorAll('.findings > li')].some((each) => each.innerText.includes('b2 is no longer heard'))")

    def killed():
        holder = next(each["leader"] for each in gateway.json("/streams")["streams"] if each["name"] == given["stream"])
        given["holder"] = holder
        os.kill(given["servers"][holder]["pid"], signal.SIGKILL)
        view("/")
        is_missed(holder)
        # It stands below what it is a part of.
        browser.until("its stream is missed", "document.querySelector('.findings').textContent.includes('No server that answers has stream')")
        view("/?view=jetstream")
        browser.until("the stream stays, and looks it", f"[...document.querySelectorAll('.grid tr.stale')].some((each) => each.innerText.includes({json.dumps(given['stream'])}) && each.innerText.includes('was ' + {json.dumps(holder)}))")

    def restarted():
        children.append(subprocess.Popen(given["servers"][given["holder"]]["again"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        view("/")
        whole()
        browser.until("it is said that it was started anew", has(".cluster", "restarted"))
        view("/?view=jetstream")
        browser.until("the stream is back", f"[...document.querySelectorAll('.grid tr.click:not(.stale)')].some((each) => each.innerText.includes({json.dumps(given['stream'])}))")

    def away():
        view("/")
        whole()
        browser.until("findings were judged", "!document.querySelector('h1').innerText.includes('…')")
        gateway.kill()
        browser.until("the headline says so", "document.querySelector('h1').innerText.startsWith('The gateway has not answered for')")
        browser.until("with its age, which goes on", "/^\\d+ ?s old$/.test(document.querySelector('.age').innerText)")
        browser.until("nobody is called live", "document.querySelectorAll('.cluster .state').length === 6 && [...document.querySelectorAll('.cluster .state')].every((each) => each.dataset.state === 'unknown')")
        browser.until("and the tab", "document.title.startsWith('no answer for')")
        gateway.start()
        whole()
        browser.until("the headline is about the system again", "!document.querySelector('h1').innerText.startsWith('The gateway')")

    def cold():
        """A gateway that has never heard the server: the others tell that there is one."""
        os.kill(given["servers"]["b2"]["pid"], signal.SIGSTOP)
        gateway.kill()
        gateway.start()
        view("/")
        browser.until("the bar counts it", has(".complete", "5 of 6"))
        browser.until("the headline is no calm one", "/attention|see to|know about|not every server/i.test(document.querySelector('h1').innerText)")
        browser.until("five live, and no sixth", "document.querySelectorAll('.cluster .state[data-state=live]').length === 5")
        os.kill(given["servers"]["b2"]["pid"], signal.SIGCONT)
        whole()

    def names():
        for size in (WIDE, NARROW):
            view("/?view=connections&sort=name", size)
            browser.until("the name is text, with marks for what cannot be seen", has(".grid td", given["name"]))
            browser.until("it stands in its own cell", "document.querySelectorAll('main [onerror]').length === 0 && document.documentElement.scrollWidth <= innerWidth")

    try:
        step("healthy", healthy)
        step("names", names)
        step("frozen", frozen)
        step("thawed", thawed)
        step("killed", killed)
        step("restarted", restarted)
        step("away", away)
        step("cold", cold)
        # What a silence brings about is 404 and 504; while the gateway is away the browser says that nothing listens.
        problems = browser.problems(gateway.base, ["status of 404", "status of 504", "status of 503", "ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE"])
    finally:
        browser.close()
        gateway.kill()
        for child in children:
            child.kill()
            child.wait()
    print(json.dumps({"steps": steps, "failures": failures, "problems": problems}, indent=2))


if __name__ == "__main__":
    main()
