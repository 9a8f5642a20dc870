"""A client outlives its server: it subscribes, is told to go on (a line on standard input's file appears), and receives again.

usage: reconnect.py PORT FLAGFILE. Says "ready", waits until FLAGFILE exists and it has reconnected, and prints what it receives then.
"""
import asyncio
import os
import sys

import nats


async def main():
    events = []

    async def note(name):
        events.append(name)

    async def disconnected():
        await note("disconnected")

    async def reconnected():
        await note("reconnected")

    async def ignore(error):
        pass

    client = await nats.connect(
        f"nats://127.0.0.1:{sys.argv[1]}", reconnect_time_wait=0.05, max_reconnect_attempts=-1, connect_timeout=30,
        disconnected_cb=disconnected, reconnected_cb=reconnected, error_cb=ignore)
    subscription = await client.subscribe("after")
    await client.flush()
    print("ready", flush=True)
    while not (os.path.exists(sys.argv[2]) and "reconnected" in events):
        await asyncio.sleep(0.02)
    await client.publish("after", b"still here")
    message = await subscription.next_msg(timeout=30)
    print(message.data.decode(), events[0], flush=True)
    await client.close()


asyncio.run(main())
