"""Readers of /events: how late do events come when there are many of both?

usage: events.py [READERS [EVENTS_PER_SECOND [SECONDS]]]

A real nats-server, the release build of the gateway, and this program share the machine. Most readers only empty
their sockets; twenty are timed. An event is a DISCONNECT of full size, its time of publishing in place of its
timestamp.
"""
import json
import multiprocessing
import os
import resource
import select
import socket
import sys
import time

import servers

EVENT = {
    "type": "io.nats.server.advisory.v1.client_disconnect", "id": "x" * 22, "timestamp": "",
    "server": {"name": "bench", "host": "127.0.0.1", "id": "N" * 56, "cluster": "A", "ver": "2.9.10", "seq": 1, "jetstream": False, "time": "2026-11-20T22:06:33.464035598Z"},
    "client": {"start": "2026-11-20T22:06:33.160248128Z", "host": "127.0.0.1", "id": 12, "acc": "BENCH", "user": "U" * 56, "name": "bench-client", "lang": "python3", "ver": "2.16.0",
               "rtt": 664000, "stop": "2026-11-20T22:06:33.464017161Z", "kind": "Client", "client_type": "nats", "issuer_key": "A" * 56, "tags": ["a", "b"]},
    "sent": {"msgs": 1, "bytes": 5}, "received": {"msgs": 1, "bytes": 5}, "reason": "Client Closed",
}
REQUEST = b"GET /events?account=BENCH&type=disconnect HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def connect(port):
    reader = socket.create_connection(("127.0.0.1", port))
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
    reader.sendall(REQUEST)
    reader.setblocking(False)
    return reader


def read(port, count, timed, ready, done, result):
    """Empties every socket in turns of a few hundredths of a second, and looks for times in what the first `timed` of them got.

    Waiting a little before each turn makes the sockets' pieces larger and their number smaller: a program that woke up for each piece would
    be what is measured. The wait counts as delay.
    """
    watch, readers, buffer, total, delays = select.epoll(), {}, bytearray(1 << 20), 0, []
    for _ in range(count):
        reader = connect(port)
        readers[reader.fileno()] = reader
        watch.register(reader.fileno(), select.EPOLLIN)
    looked = set(list(readers)[:timed])
    events = dict.fromkeys(looked, 0)
    ready.set()
    while not done.is_set():
        time.sleep(0.01)
        for number, _ in watch.poll(0.2, count):
            try:
                got = readers[number].recv_into(buffer)
            except BlockingIOError:
                continue
            if got == 0:
                watch.unregister(number)
            total += got
            if number not in looked:
                continue
            now, at = time.time(), buffer.find(b"SENT:", 0, got)
            while 0 <= at < got - 22:
                events[number] += 1
                delays.append(now - float(buffer[at + 5:at + 22]))
                at = buffer.find(b"SENT:", at + 5, got)
    result.put((total, sorted(delays), sorted(events.values())))


def processor_seconds(pid):
    """Seconds that a process has computed so far, user and system."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(count, rate, seconds, gateway=None, system=None):
    """One run: readers for each event a second; what it took as a dictionary."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    ready, done, result = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    child = multiprocessing.Process(target=read, args=(gateway.port, count, min(20, count), ready, done, result))
    child.start()
    ready.wait(30)
    time.sleep(1)
    publisher = socket.create_connection(("127.0.0.1", system.port))
    publisher.sendall(b'CONNECT {"verbose":false,"user":"admin","pass":"changeit"}\r\n')
    computed, began, sent = processor_seconds(gateway.pid), time.time(), 0
    while time.time() - began < seconds:
        payload = json.dumps(dict(EVENT, id=f"{sent:022d}", timestamp=f"SENT:{time.time():017.6f}")).encode()
        publisher.sendall(b"PUB $SYS.ACCOUNT.BENCH.DISCONNECT %d\r\n%s\r\n" % (len(payload), payload))
        sent += 1
        time.sleep(max(0, began + sent / rate - time.time()))
    time.sleep(1)
    computed = processor_seconds(gateway.pid) - computed
    done.set()
    total, delays, events = result.get()
    child.join()
    publisher.close()
    return {
        "sent": sent, "bytes": len(payload), "p50": delays[len(delays) // 2] * 1000, "p99": delays[len(delays) * 99 // 100] * 1000,
        "largest": delays[-1] * 1000, "fewest": events[0], "most": events[-1], "mebibytes": total / (1 << 20),
        "computed": computed, "microseconds": computed / max(1, sent * count) * 1e6,
    }


def main():
    count, rate, seconds = [int(given) for given in (sys.argv[1:] + ["1000", "100", "10"][len(sys.argv) - 1:])]
    system = servers.NATSServer(configuration=servers.ACCOUNTS)
    gateway = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{system.port}")
    for name, value in run(count, rate, seconds, gateway, system).items():
        print(f"{name} {value:.1f}" if isinstance(value, float) else f"{name} {value}")


if __name__ == "__main__":
    try:
        main()
    finally:
        servers.stop_all()
