"""A worker that was told to end is over in time, whatever its threads wait for."""

import subprocess
import sys
import time

STUCK = """
import threading, time
from tierlane.stream.worker import end_within
threading.Thread(target=time.sleep, args=(60,)).start()
end_within(0.5, {code})
"""


def test_a_thread_that_never_ends_does_not_keep_the_process():
    for code in (0, 1):
        begun = time.monotonic()
        done = subprocess.run([sys.executable, "-c", STUCK.format(code=code)], timeout=30)
        assert done.returncode == code
        assert time.monotonic() - begun < 20
