#!/usr/bin/env python3
"""Mail and group robots, against receivers on this machine that check what they are sent.

    run.py [--binary build/loudou] [--db postgresql]

The SMTP receiver takes letters apart with Python's own mail library; the robots compute the signatures as the
platforms describe them and refuse what does not match, as these do.
"""
import argparse
import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import importlib.util
import json
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
spec = importlib.util.spec_from_file_location("api", ROOT + "/tests/api/run.py")
api = importlib.util.module_from_spec(spec)
spec.loader.exec_module(api)

KEY, SECRET, PASSWORD = "key-5b1f", "SEC-9c2d", "letmein-77aa"


class Mail(socketserver.StreamRequestHandler):
    """A mail server that refuses the first `refusals` letters for now."""
    letters, signed_in, refusals = [], [], 0

    def say(self, line):
        self.wfile.write((line + "\r\n").encode())

    def handle(self):
        to = []
        self.say("220 here")
        for raw in self.rfile:
            line = raw.decode().strip()
            word = line.upper()
            if word.startswith("EHLO"):
                self.say("250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME")
            elif word.startswith("AUTH PLAIN"):
                coded = line.split(" ")[2] if line.count(" ") > 1 else None
                if not coded:
                    self.say("334 ")
                    coded = self.rfile.readline().decode().strip()
                Mail.signed_in.append(base64.b64decode(coded).split(b"\0")[1:])
                self.say("235 ok")
            elif word.startswith("RCPT TO:"):
                to.append(line[8:].strip().strip("<>"))
                self.say("250 ok")
            elif word == "DATA":
                if Mail.refusals:
                    Mail.refusals -= 1
                    self.say("451 try again later")
                    continue
                self.say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                letter = email.message_from_bytes(body[:-5], policy=email.policy.default)
                Mail.letters.append((to, letter))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


def sign(key, text):
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


class Robots(http.server.BaseHTTPRequestHandler):
    posts, refusing = [], False

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        platform = url.path.strip("/")
        answer = {"errcode": 0, "errmsg": "ok"}
        if platform == "wecom":
            good = asked == {"key": KEY} and body["msgtype"] == "text"
            words = body["text"]["content"]
        elif platform == "dingtalk":
            good = asked["access_token"] == KEY and body["msgtype"] == "text" and \
                asked["sign"] == sign(SECRET, asked["timestamp"] + "\n" + SECRET)
            words = body["text"]["content"]
        else:
            good = body["msg_type"] == "text" and body["sign"] == sign(body["timestamp"] + "\n" + SECRET, "")
            words = body["content"]["text"]
            answer = {"code": 0, "msg": "success"}
        if Robots.refusing or not good:
            answer = {"errcode": 310000, "errmsg": "sign not match"}
        else:
            Robots.posts.append((platform, words))
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def listen(kind, handler):
    server = kind(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Run:
    def __init__(self, server, ids):
        self.server, self.ids, self.passed, self.failed = server, ids, 0, 0
        self.tokens = {}

    def check(self, sentence, good, seen=None):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED %s\n    %s" % (sentence, seen))

    def ask(self, who, method, path, body=None):
        return self.server.json(method, "/api/" + path, self.tokens.setdefault(who, self.server.sign_in(who)), body)

    def rows(self, who, path):
        return self.ask(who, "GET", path)["rows"]

    def at(self, instant):
        self.server.at(instant)

    def task(self, giver, to, title):
        return self.ask(giver, "POST", "task", {"title": title, "owner": self.ids[to]})["id"]

    def got(self, to):
        return [letter for whom, letter in Mail.letters if whom == [to + "@example.com"]]


def run(r, smtp, web):
    for name in ("rep_a", "rep_b", "rep_c", "rep_d", "lead_east", "lead_west"):
        version = r.ask("admin", "GET", "member/" + r.ids[name])["version"]
        r.ask("admin", "PATCH", "member/" + r.ids[name], {"email": name + "@example.com", "version": version})
    for who, mail in (("rep_a", "at_once"), ("rep_c", "never"), ("rep_d", "at_once"), ("lead_east", "weekly")):
        quiet = {"quiet_from": "22:00", "quiet_to": "07:30"} if who == "rep_d" else {}
        r.ask(who, "POST", "preference", dict(quiet, mail=mail))

    server = r.ask("admin", "POST", "mail_server", {"name": "这里", "server": "smtp://127.0.0.1:%d" % smtp, "plain": True,
                                                    "account": "loudou", "sender": "crm@example.com", "sender_name": "漏斗"})
    r.ask("admin", "POST", "mail_server/%s/secret" % server["id"], {"password": PASSWORD})
    robots = {}
    for platform in ("wecom", "dingtalk", "feishu"):
        robot = r.ask("admin", "POST", "robot", {"name": platform, "kind": platform, "speaker": r.ids["rep_a"], "kinds": "assigned"})
        key = {"wecom": "?key=" + KEY, "dingtalk": "?access_token=" + KEY}.get(platform, "")
        r.ask("admin", "POST", "robot/%s/connect" % robot["id"],
              {"address": "http://127.0.0.1:%d/%s%s" % (web, platform, key), **({} if platform == "wecom" else {"secret": SECRET})})
        robots[platform] = robot["id"]
    r.ask("admin", "POST", "setting", {"name": "public_url", "value": "https://crm.example.com"})

    # At once is within a minute or two; what belongs to somebody else by then is not told.
    one = r.task("lead_east", "rep_a", "打给华为")
    gone = r.task("lead_east", "rep_a", "不再归他")
    r.ask("lead_east", "PATCH", "task/" + gone, {"owner": r.ids["rep_b"], "version": 1})
    r.task("lead_east", "rep_b", "改报价")
    r.task("lead_west", "rep_c", "不想收邮件")
    r.at("2026-12-01T10:05:00+08:00")
    letters = r.got("rep_a")
    r.check("at once: one letter", len(letters) == 1, Mail.letters)
    if letters:
        letter, words = letters[0], letters[0].get_content()
        r.check("the subject is read", letter["subject"] == "漏斗：1 条通知", letter["subject"])
        r.check("the sender is read", str(letter["from"]) == "漏斗 <crm@example.com>", letter["from"])
        r.check("kind, title, who, where", "交给了您：打给华为（lead_east）" in words and "https://crm.example.com/r/task/" + one in words, words)
        r.check("what one may no longer read is not told", "不再归他" not in words, words)
    r.check("signed in with the password", [b"loudou", PASSWORD.encode()] in Mail.signed_in, Mail.signed_in)
    r.check("each robot once, with its own signature", sorted(p for p, _ in Robots.posts) == ["dingtalk", "feishu", "wecom"], Robots.posts)
    r.check("what robots say", all("打给华为" in words and "不再归他" not in words for _, words in Robots.posts), Robots.posts)

    # Daily at eight; the digest comes once, and holds what is still unread.
    r.check("nothing yet for the daily ones", not r.got("rep_b"), None)
    r.task("lead_east", "rep_b", "第二件")
    r.ask("rep_b", "POST", "notice/bulk", {"query": "member=eq.$me&title=eq.改报价", "set": {"read_at": "2026-12-01T10:06:00+08:00"}})

    # Quiet hours: what comes at night is mailed when they end.
    r.at("2026-12-01T23:00:00+08:00")
    r.task("boss", "rep_d", "夜里的事")
    r.at("2026-12-02T07:20:00+08:00")
    r.check("quiet until they end", not r.got("rep_d"), None)
    r.at("2026-12-02T08:15:00+08:00")
    r.check("told when they end", len(r.got("rep_d")) == 1, Mail.letters)
    digest = r.got("rep_b")
    if digest:
        r.check("of what is unread", "第二件" in digest[0].get_content() and "改报价" not in digest[0].get_content(), digest[0].get_content())
    r.task("lead_east", "rep_b", "同一天又一件")
    r.at("2026-12-02T09:15:00+08:00")
    days = [d["day"] for d in r.rows("rep_b", "delivery?rhythm=eq.daily")]
    r.check("a digest on each day, not again the same day", sorted(days) == ["2026-12-01", "2026-12-02"] and len(r.got("rep_b")) == 2, days)
    r.check("never is never", not r.got("rep_c"), None)
    r.check("weekly waits for Monday", not r.got("lead_east"), None)

    # A server that refuses for now is tried again.
    Mail.refusals = 1
    r.task("lead_east", "rep_a", "再试一次")
    r.at("2026-12-02T09:17:00+08:00")
    tried = r.rows("admin", "delivery?way=eq.mail&state=eq.waiting")
    r.check("it waits, with the reason", len(tried) == 1 and tried[0]["attempts"] == 1 and tried[0]["error"], tried)
    r.at("2026-12-02T09:20:00+08:00")
    sent = r.rows("admin", "delivery?id=eq.%s" % (tried[0]["id"] if tried else 0))
    r.check("and is sent the second time", sent and sent[0]["state"] == "sent" and sent[0]["attempts"] == 2 and not sent[0]["error"], sent)
    r.check("once", sum("再试一次" in letter.get_content() for letter in r.got("rep_a")) == 1, None)

    # A robot that never takes it: five attempts, then it is seen to have failed, and sent again when asked to.
    Robots.refusing = True
    Robots.posts.clear()
    r.task("lead_east", "rep_a", "群里收不到")
    for moment in ("09:25", "09:32", "09:45", "10:30", "13:00"):
        r.at("2026-12-02T%s:00+08:00" % moment)
    failed = r.rows("rep_a", "delivery?way=eq.robot&state=eq.failed&sort=id")
    r.check("failed after five attempts", len(failed) == 3 and all(f["attempts"] == 5 and "310000" in f["error"] for f in failed), failed)
    r.check("whose it is learns of it", len(r.rows("rep_a", "notice?kind=eq.not_sent")) == 3, None)
    r.check("nobody else reads it", not r.rows("rep_b", "delivery?way=eq.robot"), None)
    Robots.refusing = False
    for f in failed:
        r.ask("rep_a", "POST", "delivery/%s/again" % f["id"])
    r.at("2026-12-02T13:05:00+08:00")
    r.check("sent again", len(Robots.posts) == 3, Robots.posts)

    # On Monday the week's.
    r.ask("rep_a", "POST", "comment", {"object": "task", "record": one, "body": "在吗", "mentions": [r.ids["lead_east"]]})
    r.at("2026-12-07T08:15:00+08:00")
    r.check("weekly on Monday", len(r.got("lead_east")) == 1, None)

    # Secrets are nowhere to be read, not by the administrator who set them.
    for path in ("robot?limit=200", "mail_server?limit=200", "delivery?limit=200", "job?limit=200", "change?limit=200", "meta", "settings",
                 "robot/%s" % robots["dingtalk"], "robot/%s/timeline" % robots["dingtalk"], "export/robot?format=json", "export/mail_server?format=csv",
                 "openapi.json", "search?q=key-5b1f", "search?q=letmein"):
        status, data, _ = r.server.request("GET", "/api/" + path, {"Authorization": "Bearer " + r.tokens["admin"]}, None)
        text = data.decode("utf-8", "replace").replace("q=key-5b1f", "").replace("q=letmein", "")
        r.check("no secret in " + path, status == 200 and not any(s in text for s in (KEY, SECRET, PASSWORD)), (status, text[:300]))
    for path in ("robot?secret=like.SEC*", "robot?sort=address", "mail_server?fields=password"):
        status, _, _ = r.server.request("GET", "/api/" + path, {"Authorization": "Bearer " + r.tokens["admin"]}, None)
        r.check("no way to ask for it: " + path, status == 422, status)
    status, _, _ = r.server.request("POST", "/api/robot/%s/connect" % robots["wecom"],
                                    {"Authorization": "Bearer " + r.tokens["admin"], "Content-Type": "application/json"},
                                    json.dumps({"address": "ftp://example.com/x"}))
    r.check("only https", status == 422, status)
    status, _, _ = r.server.request("GET", "/api/robot", {"Authorization": "Bearer " + r.tokens["lead_east"]}, None)
    r.check("robots are the administrator's", status in (403, 404), status)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=ROOT + "/build/loudou")
    parser.add_argument("--db", default="sqlite")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="loudou-notify-")
    os.chmod(work, 0o755)
    pg = work + "/pg" if options.db == "postgresql" else None
    args = ["--data", work + "/data"] + (["--db", api.pg_url("start", pg)] if pg else [])
    os.environ["LOUDOU_NOW"] = "2026-12-01T10:00:00+08:00"
    smtp = listen(socketserver.ThreadingTCPServer, Mail)
    web = listen(http.server.ThreadingHTTPServer, Robots)
    server = None
    try:
        ids, _ = api.prepare(options.binary, args)
        with open(work + "/log", "w", encoding="utf-8") as log:
            server = api.Server(options.binary, args, log)
            r = Run(server, ids)
            run(r, smtp, web)
        with open(work + "/log", encoding="utf-8") as log:
            text = log.read()
        r.check("no secret in the log", not any(s in text for s in (KEY, SECRET, PASSWORD)), None)
        if r.failed:
            print("\n".join(line for line in text.split("\n") if '"error"' in line or '"warn"' in line)[-3000:])
        print("notify on %s: %d passed, %d failed" % (options.db, r.passed, r.failed))
        return 1 if r.failed else 0
    finally:
        if server:
            server.stop()
        if pg:
            subprocess.run([ROOT + "/tools/pg.sh", "stop", pg], check=False)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
