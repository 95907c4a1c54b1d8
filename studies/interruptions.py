"""How soon does Ctrl-C show on the screen, and how soon does the command return?

Each command works on the configuration that is given (LJ, of any size). It is interrupted at moments spread evenly over
the first ``--seconds`` of it, of which the first lies in the imports. The time to the first line on the standard error
and the time to the end of the process are measured, and that no traceback is shown. The exit code is 1 where one of the
times is over its limit.
"""

from __future__ import annotations

import argparse
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    "run": ["run", "FILE", "--model", "lj", "--events", "3", "--out", "OUT/run"],
    "shear": ["shear", "FILE", "--model", "lj", "--checkpoint", "OUT/kept", "-o", "OUT/shear.h5"],
    "minimize": ["minimize", "FILE", "--model", "lj", "-o", "OUT/glass.h5"],
    "indicators": ["indicators", "FILE", "--model", "lj", "-o", "OUT/fields.h5"],
    "verify": ["verify", "FILE", "--model", "lj"],
    "plastic_strength": ["indicators", "FILE", "--model", "lj", "--names", "plastic_strength", "-o", "OUT/p.h5"],
    "saddle_points": ["indicators", "FILE", "--model", "lj", "--names", "saddle_points", "-o", "OUT/s.h5"],
    "nonaffine_modulus": ["indicators", "FILE", "--model", "lj", "--names", "nonaffine_modulus", "-o", "OUT/m.h5"],
    "prepare poly": ["prepare", "poly", "-n", "10000", "--out", "OUT/p.xyz", "--checkpoint", "OUT/samples"],
    "prepare lj": ["prepare", "lj", "-n", "10000", "--out", "OUT/p.xyz", "--checkpoint", "OUT/samples"],
}
SCREEN, RETURN = 0.5, 5.0
LATE = re.compile(r"Traceback|KeyboardInterrupt")


def interrupted(words: list[str], after: float) -> tuple[float, float, str]:
    """Times to the answer and to the end, and what was said; NaN where the command was over before."""
    with subprocess.Popen(
        [sys.executable, "-m", "glassplast", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        heard = b""
        ends = time.monotonic() + after
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stderr, selectors.EVENT_READ)
            while time.monotonic() < ends and process.poll() is None:
                if waiting.select(min(0.05, max(ends - time.monotonic(), 0.0))):
                    heard += process.stderr.read() or b""
            if process.poll() is not None:
                return float("nan"), float("nan"), heard.decode()
            process.send_signal(signal.SIGINT)
            began, answered, heard = time.monotonic(), float("nan"), b""
            while process.poll() is None:
                if waiting.select(0.01):
                    piece = process.stderr.read() or b""
                    if piece and answered != answered:
                        answered = time.monotonic() - began
                    heard += piece
            ended = time.monotonic() - began
            heard += process.stderr.read() or b""
            if answered != answered:
                answered = ended
        return answered, ended, heard.decode()


def main() -> int:
    """Interrupt every command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="configuration of the model lj")
    parser.add_argument("--times", type=int, default=5, help="interruptions of each command (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=40.0, help="span of the moments (default: %(default)g)")
    parser.add_argument("--only", nargs="*", choices=COMMANDS, default=list(COMMANDS), help="commands to interrupt")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    late = False
    print(f"{'command':18} {'after':>6} {'screen':>7} {'return':>7}  last line")
    for name in arguments.only:
        for number in range(arguments.times):
            after = 0.2 + arguments.seconds * number / arguments.times
            with tempfile.TemporaryDirectory() as out:
                words = [word.replace("FILE", arguments.file).replace("OUT", out) for word in COMMANDS[name]]
                answered, ended, heard = interrupted(words, after)
            said = heard.strip().splitlines()
            bad = answered > SCREEN or ended > RETURN or LATE.search(heard) is not None
            late |= bad
            mark = " LATE" if bad else ""
            print(f"{name:18} {after:6.1f} {answered:7.2f} {ended:7.2f}{mark}  {said[-1] if said else ''}", flush=True)
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
