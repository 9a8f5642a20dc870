"""What is measured. Each part returns a title and a table."""
import http.client
import json
import multiprocessing
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import events as readers
import pages
import servers


def say(text):
    print(f"==> {text}", flush=True)


def median(values):
    return statistics.median(values)


def grouped(value):
    return f"{value:,.0f}"


def ratio_row(name, ours, theirs, unit=grouped):
    """One line: medians of both, the median of the paired ratios, and their spread."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    return [name, unit(median(ours)), unit(median(theirs)), f"{median(ratios):.2f}x", f"{min(ratios):.2f}–{max(ratios):.2f}"]


# --- HTTP -----------------------------------------------------------------------------------------------------------------------------------

def wrk(port, path, seconds):
    """Requests per second on 64 keep-alive connections, and how many were sent."""
    command = ["wrk", "-t1", "-c64", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if bad:
        raise SystemExit(f"{path}: {bad.group(1)} answers were errors")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), int(re.search(r"(\d+) requests in", text).group(1))


def varz(rounds, scale):
    seconds = max(1, round(4 * scale))
    table = [["requests per second, 64 connections", "natsight", "nats-server", "ratio", "spread", "answers per upstream request"]]
    real = servers.NATSServer(configuration=servers.ACCOUNTS + "server_name: one\n")
    before_real = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{real.port}")
    each_asked = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{real.port}", flags=["--no-coalesce"])
    alone = servers.Gateway()
    own_name = servers.get(alone.port, "/servers")["servers"][0]["name"]
    embedded, theirs = [], []
    gateways = [
        ("`/server/<name>/varz` of a nats-server", before_real, [], []),
        ("`/server/<name>/varz` of a nats-server, `--no-coalesce`", each_asked, [], []),
    ]
    for number in range(rounds):
        say(f"varz: round {number + 1} of {rounds}")
        theirs.append(wrk(real.monitoring_port, "/varz", seconds)[0])
        for _, gateway, rates, shared in gateways:
            asked = real.monitor("/varz")["in_msgs"]
            rate, sent = wrk(gateway.port, "/server/one/varz", seconds)
            rates.append(rate)
            shared.append(sent / max(1, real.monitor("/varz")["in_msgs"] - asked))
        embedded.append(wrk(alone.port, f"/server/{own_name}/varz", seconds)[0])
    for name, _, rates, shared in gateways:
        table.append(ratio_row(name, rates, theirs) + [f"{median(shared):.1f}"])
    table.append(ratio_row("`/server/<name>/varz` of the embedded broker", embedded, theirs) + ["-"])
    for process in (before_real, each_asked, alone, real):
        process.stop()
    return "Requests for /varz", table


def timed(connection, path, count):
    """Milliseconds of each of so many requests, and the last document."""
    times, body = [], b""
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path)
        body = connection.getresponse().read()
        times.append((time.perf_counter() - began) * 1000)
    return times, json.loads(body)


def gather(rounds, scale):
    count = max(20, round(300 * scale))
    real = servers.cluster(3)
    gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{real[0].port}")
    gateway.wait("three servers", lambda: servers.get(gateway.port, "/varz").get("responded") == 3)
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    gathered, single, inside = [], [], []
    for number in range(rounds):
        say(f"gather: round {number + 1} of {rounds}")
        times, _ = timed(connection, "/varz", count)
        gathered.append(median(times))
        single.append(max(median(timed(connection, f"/server/a{i + 1}/varz", count)[0]) for i in range(3)))
        shares = []
        for _ in range(count):
            document = timed(connection, "/varz", 1)[1]
            shares.append(document["elapsed_seconds"] / max(s["rtt_seconds"] for s in document["servers"]))
        inside.append(median(shares))
    for process in (gateway, *real):
        process.stop()
    ratios = [a / b for a, b in zip(gathered, single)]
    table = [
        ["a gathered `/varz` over three servers", "gathered", "slowest single", "ratio", "spread"],
        ["p50 over HTTP, ms", f"{median(gathered):.2f}", f"{median(single):.2f}", f"{median(ratios):.2f}x", f"{min(ratios):.2f}–{max(ratios):.2f}"],
        ["`elapsed` over the slowest `rtt` in the same answer", "", "", f"{median(inside):.2f}x", f"{min(inside):.2f}–{max(inside):.2f}"],
    ]
    return "Gathering", table


# --- Broker ---------------------------------------------------------------------------------------------------------------------------------

def load(url, *arguments):
    command = [servers.natsight(), "bench", *arguments, "--server", url, "--json"]
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {finished.stderr}")
    return json.loads(finished.stdout)


def broker(rounds, scale):
    def some(count):
        return str(max(100, round(count * scale)))

    runs = [
        ("publish, 128 B", "published_per_second", ["pub", "--count", some(2_000_000)]),
        ("publish, 1 KiB", "published_per_second", ["pub", "--count", some(500_000), "--size", "1024"]),
        ("publish, 16 B, 8 connections", "published_per_second", ["pub", "--clients", "8", "--count", some(300_000), "--size", "16"]),
        ("publish/subscribe 1:1, 128 B", "received_per_second", ["sub", "--count", some(1_000_000)]),
        ("publish/subscribe 4:4, 1 KiB", "received_per_second", ["sub", "--clients", "4", "--publishers", "4", "--count", some(40_000), "--size", "1024"]),
        ("fan-out to 100 subscribers, 128 B", "received_per_second", ["sub", "--clients", "100", "--count", some(20_000)]),
        ("queue group of 10", "received_per_second", ["sub", "--clients", "10", "--queue", "q", "--count", some(500_000)]),
        ("100,000 wildcard subscriptions, 10,000 subjects", "received_per_second", ["sub", "--wildcards", "100000", "--subjects", "10000", "--count", some(300_000)]),
        ("requests, 50 connections", "received_per_second", ["request", "--clients", "50", "--count", some(2_000)]),
        ("connections per second", "received_per_second", ["connect", "--clients", some(3_000)]),
    ]
    latency = ("request latency p50, 1 connection, µs (lower is better)", ["request", "--count", some(10_000)])
    table = [["per second", "natsight", "nats-server", "ratio", "spread"]]
    ours, theirs = servers.broker(), servers.NATSServer(monitoring=False)
    for name, field, arguments in runs:
        say(f"broker: {name}")
        pairs = [(load(ours.url, *arguments)[field], load(theirs.url, *arguments)[field]) for _ in range(rounds)]
        table.append(ratio_row(name, [a for a, _ in pairs], [b for _, b in pairs]))
    say(f"broker: {latency[0]}")
    pairs = [[load(url, *latency[1])["latency_ns"]["p50"] / 1000 for url in (ours.url, theirs.url)] for _ in range(rounds)]
    table.append(ratio_row(latency[0], [a for a, _ in pairs], [b for _, b in pairs], lambda v: f"{v:.0f}"))
    ours.stop()
    theirs.stop()
    return "The broker", table


# --- Memory and start -----------------------------------------------------------------------------------------------------------------------

def per_connection(server, count):
    """Bytes that an idle connection adds to the resident memory."""
    time.sleep(1)
    before = server.resident()
    command = [servers.natsight(), "bench", "connect", "--clients", str(count), "--hold", "4", "--server", server.url, "--json"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    time.sleep(2)
    grown = server.resident() - before
    child.wait()
    return grown / count


def per_http_connection(server, port, count):
    """Bytes that a connection adds which has had one answer and is kept alive."""
    before = server.resident()
    open_ones = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        if b" 200 " not in connection.recv(4096):
            raise SystemExit("/healthz did not answer 200")
        open_ones.append(connection)
    time.sleep(2)
    grown = server.resident() - before
    for connection in open_ones:
        connection.close()
    return grown / count


def memory(rounds, scale):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    count = max(500, round(10_000 * scale))
    mib = lambda v: f"{v / 1048576:.1f}"  # noqa: E731
    table = [["lower is better", "natsight", "nats-server", "ratio", "spread"]]
    starts, idle, connected = ([], []), ([], []), ([], [])
    gateway_start, gateway_idle, over_http = [], [], ([], [])
    for number in range(rounds):
        say(f"memory: round {number + 1} of {rounds}")
        for side, make in enumerate((servers.broker, lambda: servers.NATSServer(monitoring=False))):
            server = make()
            starts[side].append(server.start_seconds * 1000)
            time.sleep(1)
            idle[side].append(server.resident())
            connected[side].append(per_connection(server, count))
            server.stop()
        gateway = servers.Gateway()
        gateway_start.append(gateway.start_seconds * 1000)
        time.sleep(1)
        gateway_idle.append(gateway.resident())
        over_http[0].append(per_http_connection(gateway, gateway.port, count))
        gateway.stop()
        monitored = servers.NATSServer()
        time.sleep(1)
        over_http[1].append(per_http_connection(monitored, monitored.monitoring_port, count))
        monitored.stop()
    table.append(ratio_row("broker: start until it greets a client, ms", starts[0], starts[1], lambda v: f"{v:.0f}"))
    table.append(ratio_row("broker: idle memory, MiB", idle[0], idle[1], mib))
    table.append(ratio_row(f"broker: memory per idle connection at {count:,}, KiB", connected[0], connected[1], lambda v: f"{v / 1024:.1f}"))
    table.append(ratio_row("gateway with its broker: start until /readyz, ms", gateway_start, starts[1], lambda v: f"{v:.0f}"))
    table.append(ratio_row("gateway with its broker: idle memory, MiB", gateway_idle, idle[1], mib))
    table.append(ratio_row(f"memory per idle HTTP connection at {count:,}, KiB", over_http[0], over_http[1], lambda v: f"{v / 1024:.1f}"))
    return "Memory and start", table


def left(played, path, began):
    """When the last reply to the question behind `path`, asked after `began`, had left the played fleet."""
    endpoint = path.split("?")[0].rsplit("/", 1)[-1].upper()
    while True:
        words = played.stdout.readline().split()
        if not words:
            raise SystemExit("the played fleet has ended")
        if words[0] == endpoint and float(words[1]) >= began:
            return float(words[1])


def fleet(rounds, scale):
    """A thousand played servers behind a real one: nats-server has nothing to compare with, so these are plain figures."""
    count = max(20, round(1000 * scale))
    real = servers.NATSServer(configuration=servers.ACCOUNTS + "server_name: one\n")
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fleet.py")
    played = subprocess.Popen([sys.executable, program, str(real.port), str(count), "2000"], stdout=subprocess.PIPE, text=True)
    played.stdout.readline()
    gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{real.port}")
    gateway.wait("the whole fleet", lambda: servers.get(gateway.port, "/varz").get("responded") == count + 1)
    table = [[f"{count} servers of 2 KB, {count * 1000:,} connections; milliseconds", "median", "most", "resident memory afterwards, MiB"]]
    try:
        for name, path in (("gathered /varz", "/varz"), ("merged top 100 of all connections", "/merged/connz?sort=bytes_to&limit=100")):
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
            say(f"fleet: {name}")
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.headers["Natsight-Responded"] != f"{count + 1}/{count + 1}":
                raise SystemExit(f"{path}: {answer.headers['Natsight-Responded']} answered")
            times, after_last = [], []
            for _ in range(max(3, rounds * 4)):
                began = time.monotonic()
                times += timed(connection, path, 1)[0]
                after_last.append(times[-1] - (left(played, path, began) - began) * 1000)
            memory_now = f"{gateway.resident() / 1048576:.1f}"
            table.append([name, f"{median(times):.0f}", f"{max(times):.0f}", memory_now])
            table.append([f"{name}: from the last reply's departure to the client's last byte", f"{median(after_last):.0f}", f"{max(after_last):.0f}", ""])
            connection.close()
    finally:
        played.kill()
        played.wait()
        gateway.stop()
        real.stop()
    return "A fleet of a thousand servers", table


def events(rounds, scale):
    """Many readers of the same stream of events: nats-server has nothing to compare with, so these are plain figures."""
    count, rate, seconds = max(50, round(1000 * scale)), 100, max(3, round(10 * scale))
    table = [[f"{count} readers of {rate} events a second each", "p50, ms", "p99, ms", "largest, ms", "computed by natsight per event and reader, µs"]]
    runs = []
    for number in range(rounds):
        say(f"events: round {number + 1} of {rounds}")
        system = servers.NATSServer(configuration=servers.ACCOUNTS)
        gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{system.port}")
        found = readers.run(count, rate, seconds, gateway, system)
        if found["fewest"] != found["sent"]:
            raise SystemExit(f"a reader got {found['fewest']} of {found['sent']} events")
        runs.append(found)
        gateway.stop()
        system.stop()
    row = [f"{runs[0]['bytes']} B each, as DISCONNECT events"]
    row += [f"{median([run[name] for run in runs]):.0f}" for name in ("p50", "p99", "largest")]
    table.append(row + [f"{median([run['microseconds'] for run in runs]):.1f}"])
    return "Readers of events", table


# --- Small answers beside large ones ----------------------------------------------------------------------------------------------------------

def ask_without_pause(port, path, stop, answered):
    """Asks again as soon as the whole answer has come."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not stop.is_set():
        connection.request("GET", path)
        response = connection.getresponse()
        while response.read(1 << 20):
            pass
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status}")
        answered.value += 1


class Asked:
    """As long as it is entered, a process of its own asks for a large document."""

    def __init__(self, port, path):
        self.stop, self.answered = multiprocessing.Event(), multiprocessing.Value("i", 0)
        self.process = multiprocessing.Process(target=ask_without_pause, args=(port, path, self.stop, self.answered), daemon=True)

    def __enter__(self):
        self.process.start()
        while self.answered.value < 1 and self.process.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.process.join(60)


class Connected:
    """As long as it is entered, a server has so many idle connections."""

    def __init__(self, url, count):
        self.command = [servers.natsight(), "bench", "connect", "--clients", str(count), "--hold", "600", "--server", url, "--json"]

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.child.stdout.readline()
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()


def p99(times):
    return sorted(times)[len(times) * 99 // 100]


def beside(rounds, scale):
    """How long small things take while somebody asks for a document of ten thousand rows, again and again."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    count, requests, asks = max(500, round(10_000 * scale)), max(500, round(20_000 * scale)), max(100, round(1_000 * scale))
    large = "/connz?limit=10000&subs=1"
    table = [["p99, ms", "quiet", f"beside {large} of {count:,} connections", "more, ms", "large answers a second"]]

    def row(name, server, port, path, measure):
        quiet, busy, rates = [], [], []
        with Connected(server, count):
            for number in range(rounds):
                say(f"beside: {name}, round {number + 1} of {rounds}")
                quiet.append(measure())
                with Asked(port, path) as asked:
                    before, began = asked.answered.value, time.perf_counter()
                    busy.append(measure())
                    rates.append((asked.answered.value - before) / (time.perf_counter() - began))
        more = [b - q for q, b in zip(quiet, busy)]
        table.append([name, f"{median(quiet):.2f}", f"{median(busy):.2f}", f"{median(more):.2f}", f"{median(rates):.1f}"])

    for name, make in (("request over the broker", servers.broker), ("request over nats-server", servers.NATSServer)):
        server = make(monitoring=True)
        row(name, server.url, server.monitoring_port, large,
            lambda: load(server.url, "request", "--count", str(requests))["latency_ns"]["p99"] / 1e6)
        server.stop()
    port = servers.free_port()
    alone = servers.Gateway(broker_port=port)
    own_name = servers.get(alone.port, "/servers")["servers"][0]["name"]
    connection = http.client.HTTPConnection("127.0.0.1", alone.port, timeout=60)
    varz = f"/server/{own_name}/varz"
    row("`/server/<name>/varz` of the embedded broker", f"nats://127.0.0.1:{port}", alone.port, f"/server/{own_name}{large}",
        lambda: p99(timed(connection, varz, asks)[0]))
    alone.stop()
    return "Small answers beside large ones", table


# --- Recording ---------------------------------------------------------------------------------------------------------------------------------

def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def asked(connection, path, count, pause=0.0):
    """Milliseconds of so many answers, one after the other."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - began) * 1000)
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status}")
        time.sleep(pause)
    return times


def history(rounds, scale):
    """A week of six servers, played into a record: how long that takes, what it weighs, and how soon its figures and moments are told.

    Played once, whatever the rounds: that is most of the work.
    """
    days = 7 if scale >= 1 else 1
    folder = tempfile.mkdtemp(prefix="natsight-bench-")
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([servers.play(), folder, str(days), "60"], check=True, stdout=subprocess.DEVNULL)
    played, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = os.path.getsize(os.path.join(folder, "record.sqlite"))
    system = servers.NATSServer(configuration=servers.ACCOUNTS + "server_name: one\n")
    gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{system.port}", flags=["--record", folder])
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port)
    rows = [
        ("one field of six servers", f"/history?kind=server&field=cpu&since={days}d"),
        ("four fields of six servers", f"/history?kind=server&field=cpu,mem,in_msgs,out_msgs&since={days}d"),
        ("one stream, who led it among it", f"/history?stream=INVOICES&since={days}d"),
    ]
    table = [[f"/history of {days} days, an epoch every minute: six servers, 100 streams, 400 consumers", "ms"]]
    table += [[name, f"{median(asked(connection, path, 20)):.0f}"] for name, path in rows]
    epochs = [epoch for epoch in servers.get(gateway.port, f"/epochs?since={days}d")["epochs"] if epoch["expected"] == 6]
    opened = [asked(connection, f"/varz?at={epoch['epoch']}", 1)[0] for epoch in epochs[::97]]
    table.append([f"an epoch that was not open: /varz, the slowest of {len(opened)}", f"{max(opened):.1f}"])
    opened = [asked(connection, f"/connz?at={epoch['epoch']}", 1)[0] for epoch in epochs[50::97]]
    table.append([f"an epoch that was not open: /connz of all servers, the slowest of {len(opened)}", f"{max(opened):.1f}"])
    table.append(["/incidents of a day", f"{median(asked(connection, '/incidents?since=1d', 3)):.0f}"])
    table.append(["playing it, seconds", f"{played:.0f}"])
    table.append(["playing it, seconds of processor time", f"{processor:.0f}"])
    average = sum(epoch["document_bytes"] for epoch in epochs) / len(epochs)
    table.append(["JSON of an epoch, KB", f"{average / 1e3:.0f}"])
    table.append(["the record, MB", f"{size / 1e6:.0f}"])
    table.append(["the file against the JSON of all its epochs", f"1/{average * days * 1440 / size:.0f}"])
    gateway.stop()
    system.stop()
    shutil.rmtree(folder, ignore_errors=True)
    return "Figures over a week", table


def record(rounds, scale):
    """What recording a server with connections costs, and how soon earlier moments are told; against answers about now."""
    count, seconds = int(1000 * max(scale, 0.1)), int(60 * max(scale, 0.4))
    runs = []
    for number in range(rounds):
        say(f"record: round {number + 1} of {rounds}")
        system = servers.NATSServer(configuration=servers.ACCOUNTS + "server_name: one\n")
        folder = tempfile.mkdtemp(prefix="natsight-bench-")
        url = f"nats://admin:changeit@127.0.0.1:{system.port}"
        with Connected(system.url.replace("//", "//a:a@"), count):
            recording = servers.Gateway(url, flags=["--record", folder, "--record-every", "10s"])
            plain = servers.Gateway(url)
            before = [processor_seconds(g.pid) for g in (recording, plain)]
            time.sleep(seconds)
            used = [processor_seconds(g.pid) - b for g, b in zip((recording, plain), before)]
            epochs = servers.get(recording.port, "/epochs")["epochs"]
            later = epochs[1:] or epochs
            ours = http.client.HTTPConnection("127.0.0.1", recording.port)
            theirs = http.client.HTTPConnection("127.0.0.1", plain.port)
            opened = [asked(ours, f"/varz?at={epoch['epoch']}", 1)[0] for epoch in epochs]
            newest = epochs[-1]["epoch"]
            runs.append({
                "processor": (used[0] - used[1]) / seconds * 100,
                "bytes": sum(e["bytes"] for e in later) / len(later),
                "json": sum(e["document_bytes"] for e in later) / len(later),
                "live": median(asked(ours, "/merged/connz?limit=1000", 30)),
                "then": median(asked(ours, f"/merged/connz?limit=1000&at={newest}", 30)),
                "opened": max(opened),
                "difference": median(asked(ours, f"/diff/merged/connz?from={epochs[0]['epoch']}&to={newest}", 5)),
                "p99": p99(asked(ours, "/varz", int(3000 * scale), 0.004)),
                "plain": p99(asked(theirs, "/varz", int(3000 * scale), 0.004)),
            })
            for gateway in (recording, plain):
                gateway.stop()
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)

    def of(name):
        return median([run[name] for run in runs])

    table = [["one server with its connections, an epoch every 10 s", "recorded", "live or without", "ratio"]]
    table.append([f"bytes of an epoch against its JSON ({count:,} connections; a row's first epoch left out)", grouped(int(of("bytes"))),
                  grouped(int(of("json"))), f"1/{of('json') / of('bytes'):.0f}"])
    table.append(["processor time beyond that of the same gateway without recording, % of a core", f"{of('processor'):.2f}", "", ""])
    table.append(["/merged/connz of 1,000 rows, ms (lower is better)", f"{of('then'):.1f}", f"{of('live'):.1f}", f"{of('then') / of('live'):.2f}x"])
    table.append(["an epoch that was not open: /varz, the slowest, ms", f"{of('opened'):.1f}", "", ""])
    table.append(["/diff/merged/connz over all epochs, ms", f"{of('difference'):.0f}", "", ""])
    table.append(["/varz about now, p99, ms (lower is better)", f"{of('p99'):.2f}", f"{of('plain'):.2f}", f"{of('p99') / of('plain'):.2f}x"])
    return "Recording, and earlier moments", table



def judge(rounds, scale):
    """What a round of judging a played fleet takes of one processor, without asking it."""
    servers_, assets = int(1000 * max(scale, 0.1)), int(100_000 * scale)
    table = [["a played fleet of %d servers, %d streams and consumers" % (servers_, assets), "one copy of each", "three copies"]]
    runs = []
    for replicas in (1, 3):
        say(f"judge: {replicas} copies")
        command = [servers.play(), "judge", str(servers_), str(assets), str(replicas), str(rounds + 3)]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        # The first rounds fill caches.
        runs.append([json.loads(line) for line in out.splitlines()][3:])

    def of(name):
        return [median([one[name] for one in run]) for run in runs]

    for title, name in [("reading the documents, ms", "reading_ms"), ("remembering the figures, ms", "remembering_ms"),
                        ("judging, ms", "judging_ms"), ("a round, ms", "whole_ms")]:
        table.append([title, *("%.0f" % value for value in of(name))])
    table.append(["JSON of a round, MB", *("%.0f" % (value / 1e6) for value in of("bytes"))])
    table.append(["memory of the process at the end, MB", *("%.0f" % (run[-1]["resident"] / 1e6) for run in runs)])
    return "Judging a fleet", table


PARTS = {
    "varz": varz, "gather": gather, "broker": broker, "memory": memory, "fleet": fleet, "events": events, "beside": beside, "record": record,
    "history": history, "judge": judge, "view": pages.view,
}
