"""Runs a program to its end and prints {"status", "wallMs", "cpuMs", "peakMiB"}: CPU to the microsecond and the peak of
resident memory, as the kernel hands them to whoever waits for a process. Its output goes to stderr.

    run-measured.py PROGRAM [ARGUMENT...]
"""

import json
import os
import sys
import time

started = time.monotonic()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
_, status, used = os.wait4(pid, 0)
measured = {
    "status": os.waitstatus_to_exitcode(status),
    "wallMs": (time.monotonic() - started) * 1000,
    "cpuMs": (used.ru_utime + used.ru_stime) * 1000,
    "peakMiB": used.ru_maxrss / 1024,
}
print(json.dumps(measured))
