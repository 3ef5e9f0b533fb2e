#!/usr/bin/env python3
"""What clients control: sign-in, cookies, tokens, limits at −1/0/+1, hostile bodies, files, the live feed.

    run.py [--db postgresql]
"""
import argparse
import gzip
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT + "/tests/api")
import run as api  # noqa: E402

MB = 1024 * 1024


class Suite:
    def __init__(self, server):
        self.server, self.passed, self.failed = server, 0, 0

    def check(self, what, got, wanted):
        if got == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print("%s: is %r, not %r" % (what, got, wanted))

    def send(self, method, path, headers=None, body=None):
        status, data, answered = self.server.request(method, path, headers or {}, body)
        return status, data, answered

    def status(self, what, wanted, method, path, headers=None, body=None):
        status, data, _ = self.send(method, path, headers, body)
        self.check("%s (%s)" % (what, data[:120].decode("utf-8", "replace")), status, wanted)
        return data


def bearer(token):
    return {"Authorization": "Bearer " + token, "Content-Type": "application/json"}


def sessions(t):
    """Browsers: cookie, CSRF, origin; nobody learns which names exist."""
    login = json.dumps({"name": "rep_a", "password": api.PASSWORD})
    js = {"Content-Type": "application/json"}
    status, data, headers = t.send("POST", "/api/session", js, login)
    cookie = headers["Set-Cookie"]
    t.check("sign in", status, 200)
    t.check("cookie", all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/")), True)
    t.check("no token for browsers", "token" in json.loads(data), False)
    csrf, cookie = json.loads(data)["csrf"], cookie.split(";")[0]
    mine = {"Cookie": cookie, "Content-Type": "application/json"}
    body = json.dumps({"name": "浏览器公司"})
    t.status("reading needs no CSRF", 200, "GET", "/api/customer", {"Cookie": cookie})
    t.status("a change without CSRF", 403, "POST", "/api/customer", mine, body)
    t.status("with a wrong one", 403, "POST", "/api/customer", dict(mine, **{"X-CSRF-Token": "0" * 64}), body)
    t.status("from another site", 403, "POST", "/api/customer", dict(mine, **{"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"}), body)
    t.status("of another origin", 403, "POST", "/api/customer", dict(mine, **{"X-CSRF-Token": csrf, "Origin": "https://evil.example"}), body)
    t.status("as a form", 415, "POST", "/api/customer", dict(mine, **{"X-CSRF-Token": csrf, "Content-Type": "text/plain"}), body)
    t.status("as our page sends it", 201, "POST", "/api/customer", dict(mine, **{"X-CSRF-Token": csrf}), body)
    _, data, _ = t.send("GET", "/api/session", {"Cookie": cookie})
    t.check("a reloaded page gets the same text", json.loads(data)["csrf"], csrf)
    t.status("sign out", 204, "DELETE", "/api/session", dict(mine, **{"X-CSRF-Token": csrf}))
    t.status("is out", 401, "GET", "/api/customer", {"Cookie": cookie})
    unknown = t.send("POST", "/api/session", js, json.dumps({"name": "nobody here", "password": "x" * 12}))
    wrong = t.send("POST", "/api/session", js, json.dumps({"name": "rep_a", "password": "x" * 12}))
    t.check("unknown and wrong look alike", (unknown[0], json.loads(unknown[1])["message"]), (wrong[0], json.loads(wrong[1])["message"]))
    for _ in range(9):
        t.send("POST", "/api/session", js, json.dumps({"name": "rep_a", "password": "x" * 12}))
    status, _, headers = t.send("POST", "/api/session", js, login)
    t.check("throttled after ten", (status, bool(headers["Retry-After"])), (429, True))


def tokens(t, ids, admin):
    """Programs: read-only tokens, disabled members, changed passwords."""
    js = {"Content-Type": "application/json"}
    token = json.loads(t.send("POST", "/api/session", js, json.dumps(
        {"name": "rep_b", "password": api.PASSWORD, "token": True, "read_only": True, "days": 1}))[1])["token"]
    t.status("a read-only token reads", 200, "GET", "/api/customer", bearer(token))
    t.status("and writes nothing", 403, "POST", "/api/customer", bearer(token), json.dumps({"name": "x"}))
    token = t.server.sign_in("rep_d")
    t.status("a token", 200, "GET", "/api/meta", bearer(token))
    row = t.server.json("GET", "/api/member/" + ids["rep_d"], admin)
    t.server.json("PATCH", "/api/member/" + ids["rep_d"], admin, {"active": False, "version": row["version"]})
    t.status("ends with its member", 401, "GET", "/api/meta", bearer(token))
    t.status("who cannot sign in either", 401, "POST", "/api/session", js, json.dumps({"name": "rep_d", "password": api.PASSWORD}))
    token = t.server.sign_in("clerk")
    t.status("a short password", 422, "POST", "/api/session/password", bearer(token), json.dumps({"old": api.PASSWORD, "new": "1234567"}))
    t.status("a common one", 422, "POST", "/api/session/password", bearer(token), json.dumps({"old": api.PASSWORD, "new": "88888888"}))
    t.status("the wrong old one", 422, "POST", "/api/session/password", bearer(token), json.dumps({"old": "wrong wrong", "new": "good enough 7"}))
    t.status("a good one", 204, "POST", "/api/session/password", bearer(token), json.dumps({"old": api.PASSWORD, "new": "good enough 7"}))
    t.status("ends all sessions", 401, "GET", "/api/meta", bearer(token))


def limits(t, admin):
    """Each limit at −1, 0 and +1."""
    head = bearer(admin)
    create = lambda name: json.dumps({"name": name}).encode()  # noqa: E731
    for n, wanted in ((199, 200), (200, 200), (201, 422)):
        t.status("limit=%d" % n, wanted, "GET", "/api/customer?limit=%d" % n, head)
    for n, wanted in ((99, 200), (100, 200), (101, 422)):
        t.status("%d conditions" % n, wanted, "GET", "/api/customer?or=(%s)" % ",".join(["employees.eq.1"] * (n - 2)), head)
    for n, wanted in ((999, 200), (1000, 200), (1001, 422)):
        t.status("in of %d" % n, wanted, "GET", "/api/customer?id=in.(%s)" % ",".join(["1"] * n), head)
    for n, wanted in ((63, 422), (64, 422), (65, 400), (500, 400)):
        t.status("JSON %d deep" % n, wanted, "POST", "/api/customer", head, b'{"name":' + b"[" * (n - 1) + b"]" * (n - 1) + b"}")
    pad = len(create(""))
    for n, wanted in ((MB - 1, 422), (MB, 422), (MB + 1, 413)):
        t.status("a body of %d bytes" % n, wanted, "POST", "/api/customer", head, create("x" * (n - pad)))
    for n, wanted in ((119, 201), (120, 201), (121, 422)):
        t.status("a name of %d characters" % n, wanted, "POST", "/api/customer?allow_duplicate=true", head, create("甲" * n))
    for what, body in (("no JSON", b"{"), ("a list", b"[]"), ("broken UTF-8", b'{"name":"\xff\xfe"}'), ("an overlong", b'{"name":"\xc0\xaf"}'),
                       ("half a surrogate", b'{"name":"\\ud800"}'), ("NUL", b'{"name":"\\u0000"}'), ("a key twice", b'{"name":"a","name":"b"}'),
                       ("a word", b"nonsense"), ("two values", b"{} {}")):
        t.status(what, 400, "POST", "/api/customer", head, body)
    for path in ("/api/customer/abc", "/api/customer/-1", "/api/customer/99999999999999999999", "/api/%2e%2e/x", "/api/customer/1/nothing/more"):
        t.check(path, t.send("GET", path, head)[0] in (400, 404), True)
    t.status("a path that is no UTF-8", 400, "GET", "/api/%ff", head)
    t.status("a method that is none of the route's", 405, "PUT", "/api/customer", head, b"{}")


def files(t, ids, admin):
    """Attachments are downloads, seen with their record."""
    rep = bearer(t.server.sign_in("rep_c"))
    name = urllib.parse.quote("合同 <script>.html")
    data = b"<script>alert(1)</script>" * 10
    status, body, _ = t.send("POST", "/api/file", dict(rep, **{"X-File-Name": name, "Content-Type": "text/html"}), data)
    sent = json.loads(body)
    t.check("upload", (status, sent["size"], sent["type"]), (201, len(data), "text/plain"))
    status, body, headers = t.send("GET", "/api/file/" + sent["id"], rep)
    t.check("download", (status, body), (200, data))
    t.check("never inline", headers["Content-Disposition"].startswith("attachment") and headers["X-Content-Type-Options"] == "nosniff", True)
    t.status("not a stranger's", 404, "GET", "/api/file/" + sent["id"], bearer(t.server.sign_in("lead_east")))
    t.status("empty", 422, "POST", "/api/file", dict(rep, **{"X-File-Name": "a"}), b"")
    png = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50
    picture = json.loads(t.send("POST", "/api/file", dict(rep, **{"X-File-Name": "a.txt"}), png)[1])
    t.check("type by content", picture["type"], "image/png")
    visit = json.loads(t.send("POST", "/api/activity", rep, json.dumps(
        {"kind": "visit", "state": "done", "subject": "拜访", "goal_reached": "yes", "done_at": "2026-01-05T10:00", "photos": [picture["id"]]}))[1])
    t.check("attached", [p["id"] for p in visit.get("photos", [])], [picture["id"]])
    t.status("seen with its record", 200, "GET", "/api/file/" + picture["id"], bearer(t.server.sign_in("lead_west")))


def assets(t, admin):
    """The page: compressed, cached by its hash, with a strict policy."""
    status, body, headers = t.send("GET", "/", {"Accept-Encoding": "br"})
    t.check("page", (status, headers["Cache-Control"], "default-src 'self'" in headers["Content-Security-Policy"]), (200, "no-cache", True))
    status, body, headers = t.send("GET", "/some/page/of/ours", {})
    t.check("a path of the application", (status, headers["Content-Type"].startswith("text/html")), (200, True))
    start = body.decode().index("/assets/")
    script = body.decode()[start:].split('"')[0]
    status, packed, headers = t.send("GET", script, {"Accept-Encoding": "gzip, br"})
    t.check("a script", (status, headers["Content-Encoding"], "immutable" in headers["Cache-Control"]), (200, "br", True))
    t.check("a file that is none", t.send("GET", "/assets/none.js", {})[0], 404)
    plain = t.send("GET", "/api/meta", bearer(admin))[1]
    _, packed, headers = t.send("GET", "/api/meta", {**bearer(admin), "Accept-Encoding": "gzip"})
    t.check("declarations, packed", (gzip.decompress(packed) == plain, len(packed) < len(plain) / 4), (True, True))
    known = {**bearer(admin), "Accept-Encoding": "gzip", "If-None-Match": headers["ETag"]}
    t.check("declarations, known", t.send("GET", "/api/meta", known)[:2], (304, b""))


def feed(t, admin):
    """Server-sent events: what others change arrives; what is not one's own does not."""
    rep = t.server.sign_in("rep_c")
    last = t.server.json("GET", "/api/changes?after=0&limit=1000", rep)["last"]
    last = t.server.json("GET", "/api/changes?after=%d&limit=1000" % last, rep)["last"]
    connection = http.client.HTTPConnection("127.0.0.1", t.server.port, timeout=10)
    connection.request("GET", "/api/changes?after=%d" % last, headers={"Authorization": "Bearer " + rep, "Accept": "text/event-stream"})
    answer = connection.getresponse()
    t.check("stream", (answer.status, answer.getheader("Content-Type")), (200, "text/event-stream"))
    t.server.json("POST", "/api/customer", admin, {"name": "不给西组看的公司"})
    mine = t.server.json("POST", "/api/customer", rep, {"name": "西组自己的公司"})
    events, deadline = [], time.monotonic() + 5
    while not events and time.monotonic() < deadline:
        line = answer.readline().decode()
        if line.startswith("data: "):
            events.append(json.loads(line[6:]))
    connection.close()
    t.check("the event", [(e["object"], e["id"], e["act"]) for e in events], [("customer", mine["id"], "create")])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/loudou"))
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="loudou-limits-")
    os.chmod(work, 0o755)
    args = ["--data", work + "/data"]
    try:
        if options.db == "postgresql":
            args += ["--db", subprocess.run([ROOT + "/tools/pg.sh", "start", work + "/pg"], check=True, capture_output=True,
                                            text=True).stdout.strip()]
        ids, _ = api.prepare(options.binary, args)
        server = api.Server(options.binary, args, subprocess.DEVNULL)
        t = Suite(server)
        admin = server.sign_in("admin")
        tokens(t, ids, admin)
        limits(t, admin)
        files(t, ids, admin)
        assets(t, admin)
        feed(t, admin)
        sessions(t)
        server.stop()
    finally:
        if options.db == "postgresql":
            subprocess.run([ROOT + "/tools/pg.sh", "stop", work + "/pg"], check=False)
        shutil.rmtree(work, ignore_errors=True)
    print("limits on %s: %d passed, %d failed" % (options.db, t.passed, t.failed))
    return 1 if t.failed else 0


if __name__ == "__main__":
    sys.exit(main())
