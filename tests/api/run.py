#!/usr/bin/env python3
"""Runs tests/api/*.test and modules/*/tests/*.test against the real server.

A test file is a list of cases:

    # A representative cannot see a colleague's customer, not even that it exists.
    as rep_b
    GET /api/customer/$c1
    404

`as NAME` signs in (everybody's password is `correct horse`).  `at INSTANT` moves the server's
clock to that moment, and goes on when every job due by then has run; a
file that uses it begins with one.  Behind the request
line may stand header lines (`If-Match: "1"`) and a JSON body; then the expected
status and, if it matters, the expected JSON.  In it "…" matches anything, keys
may be left out, a list may end with "…", and if it begins with it, too, its entries may
stand anywhere, in this order; "$name" keeps the value the first
time and compares it afterwards; $name in requests is replaced.

    run.py --binary build/loudou [--db postgresql] [FILE …]
"""
import argparse
import datetime
import glob
import http.client
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSWORD = "correct horse"

# The company every file starts with: name, role, team, leader of that team.
TEAMS = [("sales", None), ("east", "sales"), ("west", "sales"), ("east1", "east")]
PEOPLE = [
    ("boss", "owner", "sales", True), ("manager", "manager", "sales", False),
    ("lead_east", "lead", "east", True), ("rep_a", "rep", "east", False), ("rep_b", "rep", "east", False),
    ("lead_west", "lead", "west", True), ("rep_c", "rep", "west", False),
    ("rep_d", "rep", "east1", False), ("clerk", "inside", "sales", False), ("cashier", "finance", "sales", False),
]


class Server:
    def __init__(self, binary, args, log, at=None):
        """With `at`, an instant as text, its clock begins there."""
        self.command, self.log, self.mine = [binary, "serve", "--listen", "127.0.0.1:0"] + args, log, threading.local()
        self.start(at)

    def start(self, at=None):
        environment, self.now = os.environ, at
        if at:
            self.clock, self.off = tempfile.NamedTemporaryFile(prefix="loudou-clock-"), None
            self.move(at)
            environment = dict(os.environ, LOUDOU_NOW=self.clock.name)
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=environment)
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the server did not start")
            if line.startswith("listening on"):
                self.port = int(line.rsplit(":", 1)[1])
                break

    def move(self, instant):
        off = round((datetime.datetime.fromisoformat(instant).timestamp() - time.time()) * 1000)
        # A clock does not go back: it may have run on beyond that.
        if self.off is None or off > self.off:
            self.off = off
            os.pwrite(self.clock.fileno(), struct.pack("=q", off), 0)

    def request(self, method, path, headers, body):
        """On one connection a thread, so that one thread of the server answers, whose statements are prepared."""
        for again in (False, True):
            kept = getattr(self.mine, "kept", None)
            if not kept or kept.port != self.port:
                kept, again = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60), True
            self.mine.kept = None
            try:
                kept.request(method, path, body=body, headers=headers)
                answer = kept.getresponse()
                data = answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server closes a connection that rested for long.
                kept.close()
                if again:
                    raise
                continue
            if not answer.will_close:
                self.mine.kept = kept
            return answer.status, data, answer.headers

    def json(self, method, path, token=None, body=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = "Bearer " + token
        status, data, _ = self.request(method, path, headers, json.dumps(body) if body is not None else None)
        if status >= 300:
            raise RuntimeError("%s %s: %d %s" % (method, path, status, data.decode("utf-8", "replace")))
        return json.loads(data) if data else None

    def sign_in(self, name, **more):
        return self.json("POST", "/api/session", body={"name": name, "password": PASSWORD, "token": True, **more})["token"]

    def wait_for_jobs(self, token):
        """Until none is due or running."""
        soon = datetime.datetime.fromisoformat(self.now) + datetime.timedelta(seconds=30)
        due = "/api/job?state=in.(waiting,running)&due_at=lte." + urllib.parse.quote(soon.isoformat())
        patience = time.time() + 60
        while self.json("GET", due, token)["rows"]:
            if time.time() > patience:
                raise RuntimeError("jobs are still due at " + self.now)
            time.sleep(0.05)

    def at(self, instant, token=None):
        """The clock leaps to the instant (back: of a server started again); returns when the jobs due by then have run."""
        token = token or self.sign_in("admin")
        if self.now and datetime.datetime.fromisoformat(instant) >= datetime.datetime.fromisoformat(self.now):
            # What runs while it leaps would seem to have been left.
            self.wait_for_jobs(token)
            self.move(instant)
            self.now = instant
        else:
            self.stop()
            self.start(instant)
        self.wait_for_jobs(token)

    def stop(self):
        self.mine = threading.local()
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=30) != 0:
            raise RuntimeError("the server did not stop cleanly")


def prepare(binary, args):
    """An empty store with the company above.  Returns the ids of its people and teams, and everybody's token."""
    subprocess.run([binary, "member", "add", "admin", "--label", "管理员", "--roles", "admin",
                    "--password", PASSWORD] + args, check=True)
    server = Server(binary, args, subprocess.DEVNULL)
    token = server.sign_in("admin")
    roles = {r["name"]: r["id"] for r in server.json("GET", "/api/role?limit=200", token)["rows"]}
    ids = {}
    for name, parent in TEAMS:
        ids[name] = server.json("POST", "/api/team", token, {"name": name, "parent": ids.get(parent)})["id"]
    for name, role, team, leads in PEOPLE:
        ids[name] = server.json("POST", "/api/member", token, {
            "name": name, "label": name, "roles": [roles[role]], "team": ids[team], "password": PASSWORD})["id"]
        if leads:
            version = server.json("GET", "/api/team/" + ids[team], token)["version"]
            server.json("PATCH", "/api/team/" + ids[team], token, {"leader": ids[name], "version": version})
    # Checking a password takes long, on purpose: once for all files, and for as far as their clocks go.
    tokens = {name: server.sign_in(name, days=3650) for name in ["admin"] + [person[0] for person in PEOPLE]}
    server.stop()
    return ids, tokens


def parse(path):
    """The cases of a file: (line, sentence, who, method, path, headers, body, status, expected)."""
    cases, sentence, who = [], "", "admin"
    lines = open(path, encoding="utf-8").read().split("\n")
    i = 0
    while i < len(lines):
        line = lines[i].strip()
        if line.startswith("#"):
            sentence = line[1:].strip()
        elif line.startswith("as "):
            who = line[3:].strip()
        elif line.startswith("at "):
            cases.append((i + 1, sentence, who, "AT", line[3:].strip(), {}, "", None, None))
        elif re.match(r"(GET|POST|PATCH|DELETE|PUT|HEAD) ", line):
            start = i + 1
            method, target = line.split(" ", 1)
            headers, body = {}, ""
            i += 1
            while i < len(lines) and re.match(r"[A-Za-z-]+: ", lines[i]):
                key, value = lines[i].split(": ", 1)
                headers[key] = value.strip()
                i += 1
            while i < len(lines) and not re.match(r"\d{3}\b", lines[i].strip()):
                body += lines[i] + "\n"
                i += 1
            if i == len(lines):
                raise SystemExit("%s:%d: no expected status" % (path, start))
            status, rest = int(lines[i].strip()[:3]), lines[i].strip()[3:]
            while i + 1 < len(lines) and lines[i + 1].strip() and not re.match(
                    r"#|as |at |(GET|POST|PATCH|DELETE|PUT|HEAD) ", lines[i + 1].strip()):
                i += 1
                rest += "\n" + lines[i]
            try:
                expected = json.loads(rest) if rest.strip() else None
            except ValueError as problem:
                raise SystemExit("%s:%d: expected JSON: %s" % (path, start, problem))
            cases.append((start, sentence, who, method, target, headers, body.strip(), status, expected))
        elif line:
            raise SystemExit("%s:%d: cannot read “%s”" % (path, i + 1, line))
        i += 1
    return cases


def differs(expected, got, names, where=""):
    """None if `got` fits, else where and how it does not."""
    if expected == "…":
        return None
    if isinstance(expected, str) and re.fullmatch(r"\$[a-z_0-9]+", expected):
        name = expected[1:]
        if name not in names:
            names[name] = str(got)
            return None
        return None if names[name] == str(got) else "%s is %r, not %r" % (where, got, names[name])
    if isinstance(expected, str):
        expected = fill(expected, names)
    if isinstance(expected, str) and isinstance(got, str) and "…" in expected:
        pattern = ".*".join(re.escape(part) for part in expected.split("…"))
        return None if re.fullmatch(pattern, got, re.S) else "%s is %r, not like %r" % (where, got, expected)
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return "%s is %r, not an object" % (where, got)
        for key, value in expected.items():
            if key not in got and value != "absent":
                return "%s.%s is absent" % (where, key)
            if value == "absent":
                if key in got:
                    return "%s.%s is there: %r" % (where, key, got[key])
                continue
            problem = differs(value, got[key], names, where + "." + key)
            if problem:
                return problem
        return None
    if isinstance(expected, list):
        open_end = bool(expected) and expected[-1] == "…"
        wanted = expected[:-1] if open_end else expected
        if open_end and wanted and wanted[0] == "…" and isinstance(got, list):
            return missing(wanted[1:], got, names, where)
        if not isinstance(got, list) or len(got) < len(wanted) or (len(got) > len(wanted) and not open_end):
            return "%s has %s entries, not %d: %r" % (where, len(got) if isinstance(got, list) else "no",
                                                      len(wanted), got)
        for i, value in enumerate(wanted):
            problem = differs(value, got[i], names, "%s[%d]" % (where, i))
            if problem:
                return problem
        return None
    return None if expected == got and type(expected) == type(got) else "%s is %r, not %r" % (where, got, expected)


def missing(wanted, got, names, where):
    """None if the entries of `wanted` are among those of `got`, in this order, else which is not."""
    rest = iter(got)
    for value in wanted:
        for one in rest:
            tried = dict(names)
            if not differs(value, one, tried):
                names.update(tried)
                break
        else:
            return "%s has no entry like %r" % (where, value)
    return None


def fill(text, names):
    return re.sub(r"\$([a-z][a-z_0-9]*)", lambda m: names.get(m.group(1), m.group(0)), text)


def run_file(path, cases, server, ids, tokens):
    tokens, names, failed = dict(tokens), dict(ids), 0
    for line, sentence, who, method, target, headers, body, status, expected in cases:
        if method == "AT":
            server.at(target, tokens["admin"])
            continue
        if who != "nobody" and who not in tokens:
            tokens[who] = server.sign_in(who, days=3650)
        headers = {k: fill(v, names) for k, v in headers.items()}
        if who != "nobody":
            headers.setdefault("Authorization", "Bearer " + tokens[who])
        if body:
            headers.setdefault("Content-Type", "application/json")
        target = fill(target, names)
        target = "".join(c if ord(c) < 128 else "".join("%%%02X" % b for b in c.encode()) for c in target)
        got, data, _ = server.request(method, target.replace(" ", "%20"), headers,
                                      fill(body, names).encode() if body else None)
        problem = None
        if got != status:
            problem = "status %d, not %d: %s" % (got, status, data.decode("utf-8", "replace")[:600])
        elif expected is not None:
            try:
                problem = differs(expected, json.loads(data), names)
            except ValueError:
                problem = "no JSON: %r" % data[:200]
        if problem:
            failed += 1
            print("%s:%d: %s\n    %s %s as %s: %s" % (os.path.relpath(path, ROOT), line, sentence, method, target,
                                                      who, problem))
    return sum(case[3] != "AT" for case in cases) - failed, failed


def pg_url(*words):
    return subprocess.run([ROOT + "/tools/pg.sh", *words], check=True, capture_output=True, text=True).stdout.strip().split("\n")[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/loudou"))
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    files = options.files or sorted(glob.glob(ROOT + "/tests/api/*.test") + glob.glob(ROOT + "/modules/*/tests/*.test"))
    passed = failed = 0
    work = tempfile.mkdtemp(prefix="loudou-api-")
    os.chmod(work, 0o755)       # PostgreSQL runs as another user
    pg = None
    try:
        if options.db == "postgresql":
            pg = os.path.join(work, "pg")
            base = pg_url("start", pg)
        ids, tokens = prepare(options.binary, ["--data", work + "/base"] + (["--db", base] if pg else []))
        for number, path in enumerate(files):
            data = "%s/%d" % (work, number)
            args = ["--data", data]
            shutil.copytree(work + "/base", data)
            if pg:
                args += ["--db", pg_url("copy", pg, base)]
            cases = parse(path)
            with open(work + "/log", "w") as log:
                server = Server(options.binary, args, log, at=cases[0][4] if cases[0][3] == "AT" else None)
                ok, bad = run_file(path, cases, server, ids, tokens)
                server.stop()
            passed, failed = passed + ok, failed + bad
            if bad:
                print("    log of the server: " + open(work + "/log").read()[-2000:])
            shutil.rmtree(data)
    finally:
        if pg:
            subprocess.run([ROOT + "/tools/pg.sh", "stop", pg], check=False)
        shutil.rmtree(work, ignore_errors=True)
    print("api on %s: %d passed, %d failed" % (options.db, passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
