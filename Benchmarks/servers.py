"""Servers under test, each in a folder of its own, on free ports."""
import glob
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ACCOUNTS = """accounts {
  USERS { users: [ {user: a, password: a} ] }
  SYS { users: [ {user: admin, password: changeit} ] }
}
system_account: SYS
"""
_running = []


def natsight():
    """The release build that `make build` leaves behind."""
    given = os.environ.get("NATSIGHT")
    return given or os.path.join(ROOT, ".build", "release", "natsight")


def play():
    """The player that `scripts/play` leaves behind."""
    return os.path.join(ROOT, ".build", "release", "natsight-play")


class Process:
    """A server; its output goes to a file beside its configuration."""

    def __init__(self, command, folder):
        self.folder = folder
        self.began = time.monotonic()
        self.log = os.path.join(folder, "log")
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=open(self.log, "w"), stderr=subprocess.STDOUT)
        _running.append(self)

    @property
    def pid(self):
        return self.child.pid

    def resident(self):
        """Bytes of resident memory."""
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024

    def output(self):
        with open(self.log) as file:
            return file.read()

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self in _running:
            _running.remove(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait(self, what, condition, seconds=30):
        end = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if self.child.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{what} did not come about:\n{self.output()}")
            time.sleep(0.0005)


def stop_all():
    for process in list(_running):
        process.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NATSServer(Process):
    """nats-server, or the broker under the same flags."""

    def __init__(self, command=("nats-server",), configuration="", monitoring=True):
        folder = tempfile.mkdtemp(prefix="natsight-bench-")
        file = os.path.join(folder, "server.conf")
        with open(file, "w") as handle:
            handle.write(configuration)
        self.port = free_port()
        arguments = [*command, "-c", file, "-a", "127.0.0.1", "-p", str(self.port)]
        self.monitoring_port = free_port() if monitoring else None
        if monitoring:
            arguments += ["-m", str(self.monitoring_port)]
        super().__init__(arguments, folder)
        self.wait("listening", self.listens)
        self.start_seconds = time.monotonic() - self.began

    def listens(self):
        """Whether a client is greeted."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(4) == b"INFO"
        except OSError:
            return False

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def monitor(self, path):
        return get(self.monitoring_port, path)


def broker(configuration="", monitoring=False):
    return NATSServer((natsight(), "broker"), configuration, monitoring)


class Gateway(Process):
    """`natsight serve` in front of `url`, or on its embedded broker."""

    def __init__(self, url=None, broker_port=None, flags=()):
        folder = tempfile.mkdtemp(prefix="natsight-bench-")
        self.port = free_port()
        command = [natsight(), "serve", "--listen", f"127.0.0.1:{self.port}", *flags]
        command += ["--server", url] if url else ["--broker-listen", f"127.0.0.1:{broker_port or free_port()}"]
        super().__init__(command, folder)
        self.wait("answering", self.ready)
        self.start_seconds = time.monotonic() - self.began

    def ready(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False


def cluster(count):
    """Routed servers, in full mesh."""
    routes = [free_port() for _ in range(count)]
    urls = ", ".join(f"nats-route://127.0.0.1:{port}" for port in routes)
    made = []
    for index in range(count):
        block = f'server_name: a{index + 1}\ncluster {{ name: A, listen: "127.0.0.1:{routes[index]}", routes: [ {urls} ] }}\n'
        made.append(NATSServer(configuration=ACCOUNTS + block))
    for server in made:
        server.wait("routes", lambda: server.monitor("/routez").get("num_routes", 0) >= count - 1)
    return made


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return json.loads(body)
