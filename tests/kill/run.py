#!/usr/bin/env python3
"""Kills the server while eight clients write, again and again.

Each client keeps its own list of what was acknowledged. After each kill the server
is started again and must be ready within two seconds, hold every acknowledged
state (or a later one that was under way), and nothing half: an opportunity has
exactly one open stay in a stage, a row and its history agree, totals equal the records.

    run.py [--db postgresql] [--cycles 300] [--seed 1] [--ready 2]
"""
import argparse
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT + "/tests/api")
import run as api  # noqa: E402

CLIENTS = 8
READY = 2.0


class Client(threading.Thread):
    """Creates and changes records until the server is gone; knows what it was promised."""

    def __init__(self, number, port, token, facts, seed):
        super().__init__(daemon=True)
        self.number, self.port, self.token, self.facts = number, port, token, facts
        self.random = random.Random(seed)

    def send(self, method, path, body):
        self.connection.request(method, path, json.dumps(body),
                                {"Content-Type": "application/json", "Authorization": "Bearer " + self.token})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError("%s %s: %d %s" % (method, path, answer.status, data[:300]))
        self.facts["answers"].release()
        return json.loads(data)

    def run(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            while True:
                self.step()
        except (OSError, http.client.HTTPException):
            pass
        except RuntimeError as problem:
            self.facts["problems"].append(str(problem))

    def step(self):
        mine = self.facts["rows"].setdefault(self.number, {})
        name = "%d-%d" % (self.number, self.random.getrandbits(48))
        kind = self.random.random()
        if kind < 0.4 or not mine:
            row = self.send("POST", "/api/customer", {"name": name})
            mine["customer/" + row["id"]] = {"version": row["version"], "remark": None, "trying": None}
        elif kind < 0.6:
            row = self.send("POST", "/api/opportunity", {"name": name, "amount": "100.00"})
            mine["opportunity/" + row["id"]] = {"version": row["version"], "remark": None, "trying": None}
        else:
            key = self.random.choice(list(mine))
            known = mine[key]
            known["trying"] = name
            row = self.send("PATCH", "/api/" + key, {"remark": name, "version": known["version"]})
            known.update(version=row["version"], remark=name, trying=None)


def check(server, token, facts, problems):
    """Every acknowledged state is there, or the one that was under way."""
    for mine in facts["rows"].values():
        for key, known in list(mine.items()):
            if known.get("seen") and known["trying"] is None:
                continue        # nothing was tried on it since it was last seen
            status, data, _ = server.request("GET", "/api/" + key, {"Authorization": "Bearer " + token}, None)
            if status != 200:
                problems.append("%s is lost (%d)" % (key, status))
                del mine[key]
                continue
            row = json.loads(data)
            if row["version"] == known["version"] and row["remark"] == known["remark"]:
                pass
            elif row["version"] == known["version"] + 1 and row["remark"] == known["trying"]:
                known.update(version=row["version"], remark=row["remark"])
            else:
                problems.append("%s: acknowledged version %s %r, found version %s %r" % (
                    key, known["version"], known["remark"], row["version"], row["remark"]))
            known["trying"], known["seen"] = None, True


def halves(server, token, problems):
    """Rows that exist only together."""
    deals = server.json("GET", "/api/opportunity?limit=1&count=exact", token)["count"]
    stays = server.json("GET", "/api/stage_visit?left_at=is.null&limit=1&count=exact", token)["count"]
    if deals != stays:
        problems.append("%d opportunities, but %d open stays in a stage" % (deals, stays))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/loudou"))
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ready", type=float, default=READY, help="seconds; a sanitizer takes longer")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    work = tempfile.mkdtemp(prefix="loudou-kill-")
    os.chmod(work, 0o755)
    facts, problems, slowest = {"rows": {}, "problems": []}, [], 0.0
    args = ["--data", work + "/data"]
    try:
        if options.db == "postgresql":
            url = subprocess.run([ROOT + "/tools/pg.sh", "start", work + "/pg"], check=True, capture_output=True,
                                 text=True).stdout.strip()
            args += ["--db", url]
        subprocess.run([options.binary, "member", "add", "admin", "--roles", "admin", "--password", api.PASSWORD] +
                       args, check=True)
        token = None
        for cycle in range(options.cycles + 1):
            began = time.monotonic()
            server = api.Server(options.binary, args, subprocess.DEVNULL)
            took = time.monotonic() - began
            slowest = max(slowest, took)
            if took > options.ready:
                problems.append("cycle %d: ready after %.1f s" % (cycle, took))
            token = token or server.sign_in("admin")
            check(server, token, facts, problems)
            if cycle % 25 == 0 or cycle == options.cycles:
                halves(server, token, problems)
            if cycle == options.cycles:
                server.stop()
                break
            facts["answers"] = threading.Semaphore(0)
            clients = [Client(n, server.port, token, facts, rng.getrandbits(32)) for n in range(CLIENTS)]
            for c in clients:
                c.start()
            # After so many answers, and a little: a busy machine is killed at the same moments.
            for _ in range(rng.randint(0, 16)):
                if not facts["answers"].acquire(timeout=10):
                    problems.append("cycle %d: nothing was answered for ten seconds" % cycle)
                    break
            time.sleep(rng.uniform(0, 0.02))
            if server.process.poll() is not None:
                problems.append("cycle %d: the server ended by itself" % cycle)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            for c in clients:
                c.join()
        whole = subprocess.run([options.binary, "check"] + args, capture_output=True, text=True)
        if whole.returncode != 0:
            problems.append("check: " + whole.stdout[-1500:] + whole.stderr[-500:])
    finally:
        if options.db == "postgresql":
            subprocess.run([ROOT + "/tools/pg.sh", "stop", work + "/pg"], check=False)
        shutil.rmtree(work, ignore_errors=True)
    problems += facts["problems"]
    rows = sum(len(m) for m in facts["rows"].values())
    if rows < options.cycles:
        problems.append("only %d records were acknowledged: the clients hardly wrote" % rows)
    for p in problems[:20]:
        print(p)
    print("%d kills on %s, %d records acknowledged, slowest start %.2f s" % (options.cycles, options.db, rows, slowest))
    print("kill: %d passed, %d failed" % (options.cycles if not problems else 0, len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
