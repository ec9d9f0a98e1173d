"""A mail server in a process of its own, on loopback: `python -m tests.reviewflow.mail_server PORT FILE NUMBER`.

Prints its port when it listens (PORT 0 takes a free one), and writes each mail that it accepts into FILE, one
line of JSON each, before it says yes. It dies before it says so for the NUMBERth time (0: never). How it treats a mail is in the address: `unknown…` and `unwanted…` are
refused for good, the first as a recipient, the second with its content; `later…` is put off the first time;
`slow…` takes a while; the yes to `dawdle…` comes late the first time, when the sender has hung up.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP

SLOW, DAWDLE = 0.05, 2.0  # seconds


class Handler:
    def __init__(self, file, last):
        self.file = file
        self.asked = Counter()
        self.left = last

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.asked[address] += 1
        if address.startswith("unknown"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("later") and self.asked[address] == 1:
            return "451 4.7.1 Greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        if address.startswith("unwanted"):
            return "554 5.7.1 Rejected by content filter"
        if address.startswith("slow"):
            await asyncio.sleep(SLOW)
        message = message_from_bytes(envelope.original_content, policy=default)
        html = message.get_body(("html",))
        accepted = {
            "to": address,
            "id": message["Message-ID"],
            "auto": message["Auto-Submitted"],
            "subject": message["Subject"],
            "text": message.get_body(("plain",)).get_content(),
            "html": html.get_content() if html else "",
        }
        self.file.write(json.dumps(accepted) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if address.startswith("dawdle") and self.asked[address] == 1:
            await asyncio.sleep(DAWDLE)
        return "250 OK"


async def serve(port, path, last):
    with open(path, "a") as file:
        handler = Handler(file, last)
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(handler, hostname="localhost"), "127.0.0.1", port
        )
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
