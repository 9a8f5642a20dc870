"""Talks to a gateway with `requests`, as scripts do. Arguments: the port, and that of a listener that is pinned to the server a1."""

import json
import sys

import requests

port, pinned = sys.argv[1], sys.argv[2]
base = f"http://127.0.0.1:{port}"
seen = {}

with requests.Session() as session:
    session.auth = ("root", "pw")
    varz = session.get(f"{base}/varz", timeout=30)
    seen["status"] = varz.status_code
    seen["servers"] = [row["server"]["name"] for row in varz.json()["servers"]]
    # requests asks for gzip and undoes it by itself.
    seen["encoding"] = varz.headers.get("Content-Encoding")
    seen["complete"] = varz.headers["Natsight-Complete"]
    seen["raised"] = session.get(f"{base}/server/a1/varz", timeout=30).raise_for_status() is None

    head = session.head(f"{base}/varz", timeout=30)
    seen["head"] = [head.status_code, len(head.content), "Content-Length" in head.headers]
    found = session.get(f"{base}/merged/connz", params={"sort": "cid", "limit": 1, "subs": "detail"}, timeout=30).json()
    seen["rows"] = len(found["connections"])
    wrong = session.get(f"{base}/merged/connz", params={"limit": "x y&z"}, timeout=30)
    seen["refusal"] = [wrong.status_code, wrong.json()["error"]["reason"], "x y&z" in wrong.json()["error"]["description"]]

    lines = [json.loads(line) for line in session.get(f"{base}/varz?format=ndjson", stream=True, timeout=30).iter_lines() if line]
    seen["lines"] = [len(lines), lines[-1]["summary"]["complete"]]

    with session.get(f"{base}/events?replay=5", stream=True, timeout=30) as events:
        seen["events"] = [events.headers["Content-Type"], next(events.iter_lines()).decode()]
    seen["cookies"] = len(session.cookies)

seen["anonymous"] = requests.get(f"{base}/varz", timeout=30).status_code
seen["bearer"] = requests.get(f"{base}/varz", headers={"Authorization": "Bearer view-token"}, timeout=30).status_code
seen["forbidden"] = requests.get(f"{base}/connz", headers={"Authorization": "Bearer view-token"}, timeout=30).status_code
seen["posted"] = requests.post(f"{base}/varz", json={"a": 1}, auth=("root", "pw"), timeout=30).headers["Allow"]
plain = requests.get(f"http://127.0.0.1:{pinned}/varz", auth=("root", "pw"), timeout=30)
seen["pinned"] = [plain.json()["server_name"], plain.headers["Content-Type"]]
preflight = requests.options(f"{base}/varz", headers={"Origin": "https://dash.example"}, timeout=30)
seen["preflight"] = [preflight.status_code, preflight.headers.get("Access-Control-Allow-Origin")]
print(json.dumps(seen))
