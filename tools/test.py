#!/usr/bin/env python3
"""The whole suite, on both databases; --fast leaves out what takes minutes.

Most parts keep one core busy and wait now and then for the disk or a clock, so one more runs
at a time than there are cores.  Each part prints a line "NAME: N
passed, N failed, N skipped (seconds, of the processor)", and what it said if it failed; the last line
adds them up.  What a part hands to PostgreSQL is not in its processor time.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LANES = (os.cpu_count() or 1) + 1
FAST = "--fast" in sys.argv[1:]
WORK = tempfile.mkdtemp(prefix="loudou-test-")
COUNT = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")

printing = threading.Lock()
totals = [0, 0, 0]
running = set()


def part(name, *command, cwd=ROOT, env=None):
    """Runs a command and counts its closing line; one without such a line counts as one.  Returns whether all is well."""
    began = time.time()
    process = subprocess.Popen(command, cwd=cwd, env=dict(os.environ, **(env or {})), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace", start_new_session=True)
    with printing:
        running.add(process)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    counts = COUNT.findall(said)
    fine = process.returncode == 0
    passed, failed, skipped = (int(n or 0) for n in counts[-1]) if counts else (int(fine), int(not fine), 0)
    if not fine and not failed:
        failed = 1
    with printing:
        running.discard(process)
        for i, n in enumerate((passed, failed, skipped)):
            totals[i] += n
        for line in sorted(set(re.findall(r"^ *skipped.*", said, re.M))):
            print("%7d %s" % (said.count(line), line.strip()))
        if failed or not fine:
            print("\n".join(said.split("\n")[-200:]) + "\nFAILED " + name)
        print("%s: %d passed, %d failed, %d skipped (%.0f s, processor %.0f s)" % (
            name, passed, failed, skipped, time.time() - began, usage.ru_utime + usage.ru_stime), flush=True)
    return fine and not failed


def side_by_side(*chains):
    """Runs chains of parts, each in its order, LANES at a time."""
    def lane():
        while True:
            with printing:
                if not waiting:
                    return
                chain = waiting.pop(0)
            for name, *rest in chain:
                options = rest.pop() if isinstance(rest[-1], dict) else {}
                part(name, *rest, **options)
    waiting = list(chains)
    lanes = [threading.Thread(target=lane, daemon=True) for _ in range(LANES)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        while thread.is_alive():
            thread.join(1)


def make(*args):
    return ["make", "--no-print-directory", *args]


def python(name, *args):
    return ["python3", "tests/%s/run.py" % name, *args]


def npm(*scripts):
    path = subprocess.run([ROOT + "/tools/web.sh", "--path"], check=True, capture_output=True, text=True).stdout.strip()
    return ["sh", "-c", " && ".join("npm run --silent " + s for s in scripts), {"cwd": ROOT + "/web", "env": {"PATH": path}}]


def unit(mode):
    """The unit tests; those that need PostgreSQL get a fresh database."""
    return ["sh", "-c", "TEST_PG_URL=$(tools/pg.sh fresh %s/pg) build/%s/unit" % (WORK, mode)]


def suite():
    programs = ["build/release/unit"] if FAST else ["build/release/tests/%s" % name for name in ("model/model", "truth/truth", "truth/fill")]
    # One after the other: two makes would write the same files.
    if not part("build", *make("build")) or not part("build what tests need", *make("-j2", *programs)):
        return
    part("start PostgreSQL", "tools/pg.sh", "start", WORK + "/pg")
    structure = [
        ("layers", "tools/layers.sh"),
        ("nouns", "tools/nouns.sh"),
        ("texts", "python3", "tools/texts.py"),
        ("choke points", "tools/imports.sh", "build/release"),
        ("binary", "tools/hardened.sh", "build/loudou"),
        ("web", *npm("check", "test")),
    ]
    if FAST:
        side_by_side(structure, [("unit", *unit("release")), ("api on SQLite", *python("api"))])
        return
    # Under the sanitizer they say all they say without it, and more: there is no second run.
    addresses = [
        ("build with address sanitizer", *make("MODE=asan", "build/asan/loudou", "build/asan/unit")),
        ("unit, addresses", *unit("asan")),
        ("api on SQLite, addresses", *python("api", "--binary", "build/asan/loudou")),
    ]
    # Modules' code runs where the engine lets it: its own sentences race as much as theirs would.  In those of the
    # pool months pass, one job after the other.
    engine = sorted(set(glob.glob("tests/api/*.test", root_dir=ROOT)) - {"tests/api/pool.test"})
    races = [
        ("build with thread sanitizer", *make("MODE=tsan", "build/tsan/loudou")),
        ("api, threads", "setarch", "-R", *python("api", "--binary", "build/tsan/loudou", *engine)),
        # Eight clients at once; the first race ends the server, which is told.
        ("kill, threads", "setarch", "-R", *python("kill", "--binary", "build/tsan/loudou", "--cycles", "10", "--ready", "60"),
         {"env": {"TSAN_OPTIONS": "halt_on_error=1"}}),
    ]
    suites = [[("%s on %s" % (name, label), *python(name, *more, *options))]
              for label, options in (("PostgreSQL", ["--db", "postgresql"]), ("SQLite", []))
              for name, *more in (("import",), ("kill",), ("truth",), ("quarter", "--short"), ("methods",), ("process",), ("model",), ("limits",))]
    # The longest first, so that none is left to run alone.
    side_by_side(addresses, [("browser", *npm("e2e"))], races, [("api on PostgreSQL", *python("api", "--db", "postgresql"))], *suites, structure,
                 [("mail and robots on PostgreSQL", *python("notify", "--db", "postgresql"))],
                 [("model finds planted leaks", *python("model", "--selftest"))], [("fuzz", "tools/fuzz.sh", "60")])


def stop(*_):
    sys.exit(130)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    os.chmod(WORK, 0o755)
    started = time.time()
    try:
        suite()
    finally:
        for process in list(running):
            os.killpg(process.pid, signal.SIGTERM)
        subprocess.run([ROOT + "/tools/pg.sh", "stop", WORK + "/pg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(WORK, ignore_errors=True)
    print("%.0f s" % (time.time() - started))
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    sys.exit(1 if totals[1] else 0)
