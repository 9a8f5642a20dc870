"""What core NATS promises, seen by a client that nobody here wrote. Prints one JSON object: scenario -> what was seen.

usage: core_nats.py PORT. The server has the accounts USERS (a/a) and OTHER (b/b).
"""
import asyncio
import json
import sys

import nats
from nats.errors import NoRespondersError, TimeoutError as NATSTimeout

PORT = sys.argv[1]
URL = f"nats://127.0.0.1:{PORT}"
PATIENCE = 30


async def connect(user="a", password="a", **options):
    return await nats.connect(URL, user=user, password=password, connect_timeout=PATIENCE, max_reconnect_attempts=0, **options)


async def take(subscription, count):
    return [await subscription.next_msg(timeout=PATIENCE) for _ in range(count)]


async def confirmed(client):
    """Waits until the server has this client's subscriptions. (This client's flush may send its PING before them.)"""
    probe = client.new_inbox()
    subscription = await client.subscribe(probe)
    await client.publish(probe, b"")
    await take(subscription, 1)
    await subscription.unsubscribe()


async def publish_and_subscribe(client):
    seen = {}
    patterns = ["foo.bar", "foo.*", "foo.>", "*.bar", ">", "foo"]
    subscriptions = {pattern: await client.subscribe(pattern) for pattern in patterns}
    await client.flush()
    for subject in ["foo.bar", "foo.baz.qux", "foo", "end"]:
        await client.publish(subject, subject.encode())
    # "end" reaches ">" last, and one connection delivers in order: by then all the others have what they will have.
    seen[">"] = [message.subject for message in await take(subscriptions[">"], 4)]
    for pattern, subscription in subscriptions.items():
        if pattern != ">":
            seen[pattern] = [(await subscription.next_msg(timeout=PATIENCE)).subject for _ in range(subscription.pending_msgs)]
        await subscription.unsubscribe()
    return seen


async def queue_groups(client):
    counts = [0, 0, 0]
    done = asyncio.Event()

    def member(index):
        async def handle(message):
            counts[index] += 1
            if sum(counts) == 300:
                done.set()
        return handle

    others = [await connect() for _ in range(3)]
    for index, other in enumerate(others):
        await other.subscribe("work.>", queue="workers", cb=member(index))
        await confirmed(other)
    for number in range(300):
        await client.publish(f"work.{number}", b"x")
    await client.flush()
    await asyncio.wait_for(done.wait(), PATIENCE)
    for other in others:
        await other.close()
    return {"total": sum(counts), "everybody worked": all(c > 20 for c in counts)}


async def requests(client):
    async def answer(message):
        await message.respond(b"you said " + message.data)

    subscription = await client.subscribe("echo", cb=answer)
    await client.flush()
    reply = await client.request("echo", b"hello", timeout=PATIENCE)
    old_style = await client.request("echo", b"again", timeout=PATIENCE, old_style=True)
    await subscription.unsubscribe()
    await client.flush()
    try:
        await client.request("nobody", b"", timeout=PATIENCE)
        none = "a reply"
    except NoRespondersError:
        none = "no responders"
    silent = await client.subscribe("silent")
    await client.flush()
    try:
        await client.request("silent", b"", timeout=0.2)
        late = "a reply"
    except NATSTimeout:
        late = "timeout"
    await silent.unsubscribe()
    return {"reply": reply.data.decode(), "old style": old_style.data.decode(), "nobody": none, "silent": late}


async def headers(client):
    subscription = await client.subscribe("with.headers")
    await client.publish("with.headers", b"body", headers={"One": "1", "Two": "zwei, drei", "X-Empty": ""})
    await client.publish("with.headers", b"", headers={"Only": "headers"})
    first, second = await take(subscription, 2)
    await subscription.unsubscribe()
    return {"first": first.headers, "body": first.data.decode(), "second": second.headers, "empty": second.data.decode()}


async def large_payloads(client):
    subscription = await client.subscribe("large")
    size = client.max_payload
    await client.publish("large", b"x" * size)
    message = (await take(subscription, 1))[0]
    try:
        await client.publish("large", b"x" * (size + 1))
        over = "sent"
    except Exception as error:  # the client refuses by what INFO says
        over = type(error).__name__
    await subscription.unsubscribe()
    return {"size": size, "arrived": len(message.data), "over": over}


async def auto_unsubscribe(client):
    seen = []

    async def handle(message):
        seen.append(message.data.decode())

    subscription = await client.subscribe("limited", cb=handle)
    await subscription.unsubscribe(limit=3)
    last = await client.subscribe("limited.end")
    for number in range(6):
        await client.publish("limited", str(number).encode())
    await client.publish("limited.end", b"")
    await take(last, 1)
    await client.flush()
    return seen


async def drain(client):
    other = await connect()
    seen = []

    async def slow(message):
        await asyncio.sleep(0.001)
        seen.append(message.data)

    subscription = await other.subscribe("drained", cb=slow)
    await confirmed(other)
    for number in range(100):
        await client.publish("drained", str(number).encode())
    await client.flush()
    # All have arrived, and most still wait for the handler: these are what drain must not lose.
    while len(seen) + subscription.pending_msgs < 99:
        await asyncio.sleep(0.001)
    await other.drain()
    return {"seen": len(seen), "closed": other.is_closed}


async def no_echo(client):
    quiet = await connect(no_echo=True)
    own = await quiet.subscribe("echoed")
    theirs = await client.subscribe("echoed")
    await confirmed(client)
    await quiet.publish("echoed", b"from quiet")
    await quiet.flush()
    first = (await take(theirs, 1))[0].data.decode()
    await client.publish("echoed", b"from client")
    second = (await take(own, 1))[0].data.decode()
    await quiet.close()
    await theirs.unsubscribe()
    return {"other": first, "own": second}


async def isolation(client):
    stranger = await connect("b", "b")
    await confirmed(stranger)
    everything = await stranger.subscribe(">")
    await confirmed(stranger)
    await everything.next_msg(timeout=PATIENCE)  # the confirmation, which it sees too
    await client.publish("secret", b"of USERS")
    await confirmed(client)
    await stranger.publish("marker", b"of OTHER")
    seen = (await take(everything, 1))[0].subject
    await stranger.close()
    return seen


async def wrong_password(_):
    try:
        await connect("a", "wrong", allow_reconnect=False)
        return "let in"
    except Exception as error:
        return str(error)


async def verbose_and_pedantic(_):
    client = await connect(verbose=True, pedantic=True)
    subscription = await client.subscribe("v")
    await client.publish("v", b"1")
    seen = (await take(subscription, 1))[0].data.decode()
    await client.close()
    return seen


async def many_subscriptions(client):
    subscriptions = [await client.subscribe(f"many.{number}.*") for number in range(2000)]
    await client.flush()
    await client.publish("many.1234.x", b"found")
    seen = (await take(subscriptions[1234], 1))[0].data.decode()
    for subscription in subscriptions:
        await subscription.unsubscribe()
    await client.flush()
    return seen


async def main():
    client = await connect()
    results = {}
    for scenario in [
        publish_and_subscribe, queue_groups, requests, headers, large_payloads, auto_unsubscribe, drain, no_echo, isolation,
        wrong_password, verbose_and_pedantic, many_subscriptions,
    ]:
        results[scenario.__name__] = await scenario(client)
    await client.close()
    print(json.dumps(results, sort_keys=True, indent=1))


asyncio.run(main())
