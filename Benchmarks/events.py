"""Readers of /events: how late do events come when there are many of both?

usage: events.py [READERS [EVENTS_PER_SECOND [SECONDS]]]

A real nats-server, the release build of the gateway, and this program share the machine. Most readers only drain
their sockets, in a process of their own; twenty are timed. An event is a DISCONNECT of full size, its time of
publishing in place of its timestamp.
"""
import json
import multiprocessing
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
    reader.sendall(REQUEST)
    return reader


def drain(port, count, ready, done, result):
    """Reads without looking, and counts the bytes."""
    watch, readers, buffer, total = select.epoll(), {}, bytearray(1 << 20), 0
    for _ in range(count):
        reader = connect(port)
        reader.setblocking(False)
        readers[reader.fileno()] = reader
        watch.register(reader.fileno(), select.EPOLLIN)
    ready.set()
    while not done.is_set():
        for number, _ in watch.poll(0.2):
            got = readers[number].recv_into(buffer)
            if got == 0:
                watch.unregister(number)
            total += got
    result.put(total)


def measure(port, count, ready, done, result):
    """Reads, and notes how old each event is."""
    watch, readers, delays, events = select.epoll(), {}, [], {}
    for _ in range(count):
        reader = connect(port)
        readers[reader.fileno()] = reader
        events[reader.fileno()] = 0
        watch.register(reader.fileno(), select.EPOLLIN)
    ready.set()
    while not done.is_set():
        for number, _ in watch.poll(0.2):
            text, now = readers[number].recv(1 << 20), time.time()
            at = text.find(b"SENT:")
            while at >= 0:
                events[number] += 1
                delays.append(now - float(text[at + 5:at + 22] or 0))
                at = text.find(b"SENT:", at + 5)
    result.put((sorted(delays), sorted(events.values())))


def main():
    count, rate, seconds = [int(given) for given in (sys.argv[1:] + ["1000", "100", "10"][len(sys.argv) - 1:])]
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    system = servers.NATSServer(configuration=servers.ACCOUNTS)
    port = servers.Gateway(f"nats://admin:changeit@127.0.0.1:{system.port}").port
    timed = min(20, count)
    done, jobs = multiprocessing.Event(), []
    for body, share in ((drain, count - timed), (measure, timed)):
        ready, result = multiprocessing.Event(), multiprocessing.Queue()
        child = multiprocessing.Process(target=body, args=(port, share, ready, done, result))
        child.start()
        jobs.append((child, ready, result))
    for _, ready, _ in jobs:
        ready.wait(30)
    time.sleep(1)
    publisher = socket.create_connection(("127.0.0.1", system.port))
    publisher.sendall(b'CONNECT {"verbose":false,"user":"admin","pass":"changeit"}\r\n')
    began, sent = time.time(), 0
    while time.time() - began < seconds:
        event = dict(EVENT, timestamp=f"SENT:{time.time():017.6f}")
        payload = json.dumps(event).encode()
        publisher.sendall(b"PUB $SYS.ACCOUNT.BENCH.DISCONNECT %d\r\n%s\r\n" % (len(payload), payload))
        sent += 1
        time.sleep(max(0, began + sent / rate - time.time()))
    time.sleep(2)
    done.set()
    total = jobs[0][2].get()
    delays, events = jobs[1][2].get()
    for child, _, _ in jobs:
        child.join()
    print(f"{count} readers, {sent} events of {len(payload)} bytes, {rate} a second: p50 {delays[len(delays) // 2] * 1000:.0f} ms, "
          f"p99 {delays[len(delays) * 99 // 100] * 1000:.0f} ms, largest {delays[-1] * 1000:.0f} ms; "
          f"timed readers got {events[0]} to {events[-1]}; the others {total / (1 << 20):.0f} MiB")


if __name__ == "__main__":
    try:
        main()
    finally:
        servers.stop_all()
