"""A service supervisor's notification socket, as a stub: prints each message as one JSON line.

systemd-notify sends a file descriptor with BARRIER=1 and waits until it is closed; so this closes all that come.
"""

import array
import json
import os
import socket
import sys

path = sys.argv[1]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
print(json.dumps("ready"), flush=True)
while True:
    text, ancillary, _flags, _address = listener.recvmsg(65536, socket.CMSG_SPACE(16 * 4))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors = array.array("i")
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
            for descriptor in descriptors:
                os.close(descriptor)
    print(json.dumps(text.decode()), flush=True)
