"""Plays a system that has everything, behind a real server: clusters with routes and gateways, leafnodes, named clients, subscriptions,
streams and consumers. What is counted grows with the time, so that there are rates.

usage: town.py PORT SERVERS CLUSTERS CONNECTIONS CONSUMERS   (prints "ready" once it listens)
"""
import json
import sys
import time

import fleet

KINDS = ["browser", "meter", "orders", "billing", "importer", "gateway", "sensor", "worker"]
ACCOUNTS = ["SHOP", "FLEET", "BILLING", "OTHER"]
LEAVES = 40


class Town(fleet.Fleet):
    def __init__(self, count, clusters, connections, consumers):
        self.count, self.clusters, self.began = count, clusters, time.time()
        self.connections, self.consumers = connections, consumers
        self.ids = ["N" + f"{i:055d}".translate(str.maketrans("0189", "ABCD")) for i in range(count)]
        self.number = {identifier: i for i, identifier in enumerate(self.ids)}
        self.kept = {}

    def name(self, i):
        return f"{'abcdefghijklmnopqrstuvwxyz'[i % self.clusters]}{i // self.clusters + 1}"

    def cluster(self, i):
        return f"region-{'abcdefghijklmnopqrstuvwxyz'[i % self.clusters]}"

    def head(self, i):
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        return {"name": self.name(i), "host": f"10.1.{i % self.clusters}.{i // self.clusters}", "id": self.ids[i], "cluster": self.cluster(i), "ver": "2.14.5", "jetstream": i < 9,
                "flags": 3 if i < 9 else 0, "seq": int(time.time() * 10), "time": f"{now}.{int(time.time() % 1 * 1e6):06d}Z"}

    def counted(self, i):
        """Messages since the beginning, other for each."""
        return int((time.time() - self.began) * (200 + i * 37 % 900)) + 100_000

    def peers(self, i):
        return [j for j in range(i % self.clusters, self.count, self.clusters) if j != i]

    def statsz(self, i):
        n = self.counted(i)
        side = {"msgs": n, "bytes": n * 180}
        return {"start": "2026-11-20T06:00:00Z", "mem": 60_000_000 + i * 1_000_000 % 400_000_000, "cores": 8, "cpu": (i * 13 + int(time.time())) % 60,
                "connections": self.connections // self.count, "total_connections": self.connections, "active_accounts": 5, "subscriptions": 900 + i, "sent": {"msgs": n * 3, "bytes": n * 540},
                "received": side, "slow_consumers": i % 5, "active_servers": self.count + 1,
                "routes": [{"rid": 100 + j, "name": self.name(j), "sent": side, "received": side, "pending": 0} for j in self.peers(i)] if self.count < 50 else []}

    def varz(self, i):
        return {"server_id": self.ids[i], "server_name": self.name(i), "version": "2.14.5", "max_payload": 1048576, "connections": self.connections // self.count, "cores": 8, "cpu": i * 13 % 60,
                "mem": 60_000_000, "start": "2026-11-20T06:00:00Z", "cluster": {"name": self.cluster(i)}, "now": self.head(i)["time"]}

    def routez(self, i):
        n = self.counted(i)
        rows = [{"rid": 100 + j, "remote_id": self.ids[j], "remote_name": self.name(j), "did_solicit": j < i, "ip": "10.1.0.1", "port": 6222, "start": "2026-11-20T06:00:00Z", "rtt": "412µs",
                 "pending_size": 0, "in_msgs": n, "out_msgs": n, "in_bytes": n * 99, "out_bytes": n * 99, "subscriptions": 40} for j in self.peers(i)]
        return {"server_id": self.ids[i], "server_name": self.name(i), "now": self.head(i)["time"], "num_routes": len(rows), "routes": rows}

    def gatewayz(self, i):
        n = self.counted(i)
        row = lambda j: {"cid": 500 + j, "name": self.ids[j], "ip": "10.1.0.1", "port": 7222, "start": "2026-11-20T06:00:00Z", "rtt": f"{8 + (i + j) % 60}ms", "in_msgs": n, "out_msgs": n,
                         "in_bytes": n * 40, "out_bytes": n * 40, "subscriptions": 4, "pending_bytes": 0}
        own = i % self.clusters
        out = {self.cluster(c): {"configured": True, "connection": row((i - own) + c if (i - own) + c < self.count else c)} for c in range(self.clusters) if c != own}
        into = {self.cluster(c): [{"configured": False, "connection": row((i - own) + c)}] for c in range(self.clusters) if c != own and (i - own) + c < self.count}
        if i < self.clusters:
            # Whoever has no server of its own number over there was sent to the first.
            for c in range(self.clusters):
                for j in range(c, self.count, self.clusters):
                    if c != own and (j - c) + own >= self.count:
                        into.setdefault(self.cluster(c), []).append({"configured": False, "connection": row(j)})
        return {"server_id": self.ids[i], "now": self.head(i)["time"], "name": self.cluster(i), "outbound_gateways": out, "inbound_gateways": into}

    def leafz(self, i):
        n = self.counted(i)
        rows = [{"id": 900 + k, "name": f"edge-{k:03d}", "is_spoke": False, "account": ACCOUNTS[k % 3], "ip": "192.0.2.1", "port": 4000 + k, "rtt": "21ms", "in_msgs": n, "out_msgs": n, "in_bytes": n * 9,
                 "out_bytes": n * 9, "subscriptions": 3} for k in range(LEAVES) if k % min(self.count, 6) == i]
        return {"server_id": self.ids[i], "now": self.head(i)["time"], "leafnodes": len(rows), "leafs": rows}

    def connz(self, i, asked):
        limit = asked.get("limit") or 1024
        of = self.connections // self.count
        rows = []
        if asked.get("cid"):
            cids = [asked["cid"] - 1] if asked["cid"] <= of else []
        else:
            cids = range(min(of, limit))
        grown = int((time.time() - self.began) * 10)
        for cid in cids:
            number = i * of + cid
            kind = KINDS[number % len(KINDS)]
            n = (number * 7919 % 1000) * grown
            rows.append(
                '{"cid":%d,"kind":"Client","type":"nats","ip":"10.%d.%d.%d","port":%d,"start":"2026-11-20T21:35:42Z","last_activity":"2026-11-30T10:00:00Z","rtt":"%dµs","uptime":"9d","idle":"1s",'
                '"pending_bytes":%d,"in_msgs":%d,"out_msgs":%d,"in_bytes":%d,"out_bytes":%d,"subscriptions":3,"name":"%s-%05d","lang":"go","version":"1.3%d.0","account":"%s","authorized_user":"%s"}'
                % (cid + 1, number % 7, number // 250 % 250, number % 250, 20000 + cid, 300 + number % 700, number % 9 * 100, n, n * 2, n * 120, n * 240, kind, number, number % 9,
                   ACCOUNTS[number % len(ACCOUNTS)], kind))
        return '{"server_id":"%s","now":"%s","num_connections":%d,"total":%d,"offset":0,"limit":%d,"connections":[%s]}' % (
            self.ids[i], self.head(i)["time"], len(rows), of, limit, ",".join(rows))

    def subsz(self, i, asked):
        grown = int((time.time() - self.began) * 4)
        rows = []
        for k in range(min(1000, asked.get("limit") or 1024)) if asked.get("subscriptions") else []:
            kind = KINDS[k % len(KINDS)]
            rows.append({"account": ACCOUNTS[k % 4], "subject": f"{kind}.{['eu', 'us', 'asia'][k % 3]}.{k % 40}.{['new', '*', '>'][k % 3]}", "qgroup": "workers" if k % 5 == 0 else "", "sid": str(k), "msgs": grown * (k % 17),
                         "cid": k + 1})
        return {"server_id": self.ids[i], "now": self.head(i)["time"], "num_subscriptions": 1000, "total": 1000, "offset": 0, "limit": 1024, "subscriptions_list": rows}

    def jsz(self, i, asked):
        grown = int((time.time() - self.began) * 20)
        document = {"server_id": self.ids[i], "now": self.head(i)["time"], "memory": 0, "storage": 40_000_000_000, "config": {"max_memory": 1 << 34, "max_storage": 1 << 38}, "streams": 0, "consumers": 0,
                    "api": {"total": 90_000 + grown, "errors": 3}, "ha_assets": 0, "meta_cluster": {"name": self.cluster(0), "leader": self.name(0), "cluster_size": 9, "replicas": []}}
        if i >= 9:
            return {"server_id": self.ids[i], "now": self.head(i)["time"], "disabled": True, "config": {}}
        streams = []
        for k in range(i, 200, 9) if asked.get("streams") else []:
            peers = [{"name": self.name((i + d) % 9), "current": True, "active": 2e8, "lag": 0} for d in (1, 2)]
            place = {"name": self.cluster(0), "leader": self.name(i), "replicas": peers}
            mine = []
            for c in range(k, self.consumers, 200) if asked.get("consumers") else []:
                behind = c % 11 == 0
                done = 5_000 + (grown // 3 if behind else grown)
                mine.append({"stream_name": f"S{k:03d}", "name": f"{KINDS[c % len(KINDS)]}-reader-{c:05d}", "created": "2026-11-20T06:00:00Z", "cluster": place,
                             "config": {"ack_policy": "explicit", "max_ack_pending": 1000}, "delivered": {"consumer_seq": done, "stream_seq": done}, "ack_floor": {"consumer_seq": done, "stream_seq": done},
                             "num_ack_pending": c % 40, "num_redelivered": 0, "num_waiting": 1, "num_pending": 5_000 + grown - done if behind else 0})
            streams.append({"name": f"S{k:03d}", "created": "2026-11-20T06:00:00Z", "cluster": place, "config": {"subjects": [f"{KINDS[k % len(KINDS)]}.{k}.>"], "num_replicas": 3, "max_bytes": 1 << 33},
                            "state": {"messages": 5_000 + grown, "bytes": (5_000 + grown) * 900, "first_seq": 1, "last_seq": 5_000 + grown, "last_ts": self.head(i)["time"], "consumer_count": len(range(k, self.consumers, 200))},
                            "consumer_detail": mine})
        if asked.get("accounts"):
            document["account_details"] = [{"id": "SHOP", "name": "SHOP", "stream_detail": streams}]
        return document

    def accstatz(self, i):
        n = self.counted(i)
        side = {"msgs": n // 4, "bytes": n * 45}
        return {"server_id": self.ids[i], "now": self.head(i)["time"], "account_statz": [
            {"acc": name, "name": name, "conns": self.connections // self.count // 4, "leafnodes": 3, "total_conns": 9, "num_subscriptions": 250, "sent": side, "received": side, "slow_consumers": 0} for name in ACCOUNTS]}

    def healthz(self, _):
        return {"status": "ok"}

    def answers(self, subject, payload):
        tokens = subject.split(".")
        endpoint = (tokens[4] if len(tokens) > 4 else "STATSZ").lower()
        asked = json.loads(payload or b"{}") or {}
        # $SYS.REQ.ACCOUNT.PING.STATZ and its like are answered by those below as well.
        make = getattr(self, {"statz": "accstatz"}.get(endpoint, endpoint), None)
        if make is None or endpoint in ("answers", "name", "head"):
            return []
        wanted = range(self.count) if tokens[3] == "PING" else [self.number[tokens[3]]] if tokens[3] in self.number else []
        key = (endpoint, payload, tokens[3])
        made, found = self.kept.get(key, (0, None))
        # The same to all who ask within a second.
        if found is None or time.time() - made > 1:
            found = []
            for i in wanted:
                document = make(i, asked) if endpoint in ("connz", "subsz", "jsz") else make(i)
                text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
                found.append(('{"server":%s,"%s":%s}' % (json.dumps(self.head(i)), "statsz" if endpoint == "statsz" else "data", text)).encode())
            self.kept = {**{k: v for k, v in self.kept.items() if time.time() - v[0] < 5}, key: (time.time(), found)}
        return found


if __name__ == "__main__":
    port_, *numbers = map(int, sys.argv[1:])
    fleet.serve(Town(*numbers), port_, lambda *words, **more: print(*words, **more) if words[0] == "ready" else None)
