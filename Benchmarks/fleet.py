"""Plays a fleet of servers behind a real one: answers system requests for all of them from bytes made beforehand.

usage: fleet.py PORT SERVERS BYTES   (prints "ready" once it listens, then for each question its endpoint and when the last reply had left,
in seconds of the monotonic clock that all processes share)
"""
import json
import socket
import sys
import time

CONNECTIONS = 1000
ROW = (
    '{"cid":%d,"kind":"Client","type":"nats","ip":"127.0.0.1","port":%d,"start":"2026-11-20T21:35:42.441439792Z",'
    '"last_activity":"2026-11-20T21:35:43.441439792Z","rtt":"664µs","uptime":"2s","idle":"1s","pending_bytes":0,"in_msgs":%d,"out_msgs":%d,'
    '"in_bytes":%d,"out_bytes":%d,"subscriptions":3,"name":"client-%d","lang":"go","version":"1.30.0"}'
)


class Fleet:
    def __init__(self, count, size):
        self.ids = ["N" + f"{i:055d}".translate(str.maketrans("0189", "ABCD")) for i in range(count)]
        self.heads = [
            '{"name":"s%d","host":"0.0.0.0","id":"%s","cluster":"c%d","ver":"2.14.5","jetstream":false,"flags":0,"seq":1,'
            '"time":"2026-11-20T21:35:44.496656145Z"}' % (i, self.ids[i], i % 10)
            for i in range(count)
        ]
        self.number = {identifier: i for i, identifier in enumerate(self.ids)}
        self.documents = {
            "STATSZ": self.all("statsz", lambda i: '{"active_servers":%d,"connections":1}' % (count + 1)),
            "VARZ": self.all("data", lambda i: '{"server_id":"%s","connections":2,"tags":["%s"]}' % (self.ids[i], "x" * (size - 300))),
        }
        self.pages = {}

    def all(self, member, document):
        return [('{"server":%s,"%s":%s}' % (self.heads[i], member, document(i))).encode() for i in range(len(self.ids))]

    def page(self, limit):
        """The first rows of every server by bytes sent, falling with the cid."""
        def document(i):
            rows = []
            for cid in range(1, limit + 1):
                weight = (CONNECTIONS - cid) * 1000 + i * 7 % 1000
                rows.append(ROW % (cid, 20000 + cid, weight, weight, weight * 10, weight * 10, cid))
            head = '{"server_id":"%s","num_connections":%d,"total":%d,"offset":0,"limit":%d,"connections":['
            return head % (self.ids[i], limit, CONNECTIONS, limit) + ",".join(rows) + "]}"
        if limit not in self.pages:
            self.pages[limit] = self.all("data", document)
        return self.pages[limit]

    def answers(self, subject, payload):
        tokens = subject.split(".")
        endpoint = tokens[4] if len(tokens) > 4 else "STATSZ"
        if endpoint == "CONNZ":
            source = self.page(min(CONNECTIONS, json.loads(payload or b"{}").get("limit") or CONNECTIONS))
        else:
            source = self.documents.get(endpoint)
        if source is None:
            return []
        return source if tokens[3] == "PING" else [source[self.number[tokens[3]]]] if tokens[3] in self.number else []


def serve(fleet, port, tell=print):
    """Answers for a fleet until the server goes; `tell` gets a line once it listens, and one for each question to all."""
    connection = socket.create_connection(("127.0.0.1", port))
    reader = connection.makefile("rb")
    reader.readline()
    connection.sendall(
        b'CONNECT {"user":"admin","pass":"changeit","verbose":false}\r\nSUB $SYS.REQ.SERVER.PING 1\r\nSUB $SYS.REQ.SERVER.*.* 2\r\nPING\r\n')
    while not reader.readline().startswith(b"PONG"):
        pass
    tell("ready", flush=True)
    for line in reader:
        if line.startswith(b"PING"):
            connection.sendall(b"PONG\r\n")
        words = line.split()
        if not words or words[0] != b"MSG":
            continue
        payload = reader.read(int(words[-1]) + 2)[:-2]
        if len(words) == 5:
            found = fleet.answers(words[1].decode(), payload)
            connection.sendall(b"".join(b"PUB %s %d\r\n%s\r\n" % (words[3], len(body), body) for body in found))
            if len(found) > 1:
                tell(words[1].decode().rsplit(".", 1)[-1], time.monotonic(), flush=True)


def main():
    port, count, size = map(int, sys.argv[1:])
    fleet = Fleet(count, size)
    fleet.page(100)
    serve(fleet, port)


if __name__ == "__main__":
    main()
