#!/usr/bin/env python3
"""Imports: the public data sets against their published figures, broken files, kills.

The data sets are read from ../shared/data; where they are absent, their parts are skipped, with a line that says so.

    run.py [--db postgresql]
"""
import argparse
import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(os.path.dirname(ROOT), "shared/data")
sys.path.insert(0, ROOT + "/tests/api")
import run as api  # noqa: E402


class Suite:
    def __init__(self, binary, db, work):
        self.binary, self.db, self.work = binary, db, work
        self.passed = self.failed = self.skipped = self.stores = 0
        self.empty = None

    def check(self, what, got, wanted):
        if got == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print("%s: is %r, not %r" % (what, got, wanted))

    def skip(self, what):
        self.skipped += 1
        print("  skipped: " + what)

    def store(self):
        """A store with nothing but an administrator; its arguments.  All are copies of one."""
        if not self.empty:
            self.empty = self.place(["start"])
            subprocess.run([self.binary, "member", "add", "admin", "--roles", "admin", "--password", api.PASSWORD] + self.empty, check=True)
        args = self.place(["copy", self.empty[-1]])
        shutil.copytree(self.empty[1], args[1])
        return args

    def place(self, words):
        """Arguments for a store that is not there yet; on PostgreSQL its database comes from pg.sh."""
        self.stores += 1
        args = ["--data", "%s/%d" % (self.work, self.stores)]
        if self.db == "postgresql":
            args += ["--db", api.pg_url(words[0], self.work + "/pg", *words[1:])]
        return args

    def command(self, args, *words, options=None):
        """Runs `loudou import`; exit code and closing line."""
        extra = []
        if options is not None:
            path = self.work + "/map.json"
            json.dump(options, open(path, "w"), ensure_ascii=False)
            extra = ["--map", path]
        out = subprocess.run([self.binary, "import", "--as", "admin"] + list(words) + extra + args, capture_output=True, text=True)
        return out.returncode, out.stdout.strip().splitlines()[-1], out.stderr

    def wait(self, server, token, number, states, seconds=900):
        """Until the import is in one of the states; the import."""
        until = time.monotonic() + seconds
        while True:
            now = server.json("GET", "/api/import/%s" % number, token)
            if now["state"] in states or time.monotonic() > until:
                return now
            time.sleep(0.05)

    def settled(self, server, token):
        """When nothing a killed process left is under way any more."""
        for _ in range(6000):
            if not server.json("GET", "/api/import?state=in.(checking,running,finishing,removing,undoing)&limit=1", token)["rows"]:
                return
            time.sleep(0.05)
        self.check("settled", False, True)

    def upload(self, server, token, target, name, body):
        return json.loads(server.request("POST", "/api/import/" + target, {
            "Authorization": "Bearer " + token, "Content-Type": "application/octet-stream", "X-File-Name": name}, body)[1])

    def undo(self, server, token, number):
        server.json("POST", "/api/import/%s/undo" % number, token)
        self.check("undo of %s" % number, self.wait(server, token, number, ["undone"])["state"], "undone")

    def finish(self):
        if self.db == "postgresql":
            subprocess.run([ROOT + "/tools/pg.sh", "stop", self.work + "/pg"], check=False)


def maven(t):
    """The CRM set: figures of the administrator, of each manager and each agent within their reach."""
    d = DATA + "/maven-crm"
    if not os.path.isdir(d):
        return t.skip("maven-crm: no ../shared/data")
    want = json.load(open(d + "/reference.json"))
    args = t.store()
    t.check("teams", t.command(args, "member", d + "/sales_teams.csv", options={"create": ["member", "team"]})[:2],
            (0, "35 created, 0 updated, 0 unchanged, 0 failed"))
    t.check("products", t.command(args, "product", d + "/products.csv")[:2], (0, "7 created, 0 updated, 0 unchanged, 0 failed"))
    t.check("accounts", t.command(args, "customer", d + "/accounts.csv", options={"create": ["industry"], "columns": {"revenue": None}})[:2],
            (0, "85 created, 0 updated, 0 unchanged, 0 failed"))
    code, line, told = t.command(args, "opportunity", d + "/sales_pipeline.csv")
    t.check("GTXPro is refused", (code, line), (1, "0 created, 0 updated, 0 unchanged, 1480 failed"))
    t.check("… and the match is offered", 'perhaps "gtx pro"' in told, True)
    options = {"values": {"product": {"GTXPro": "GTX Pro"}}}
    t.check("preview", t.command(args, "opportunity", d + "/sales_pipeline.csv", "--dry-run", options=options)[:2],
            (0, "8800 created, 0 updated, 0 unchanged, 0 failed"))
    t.check("pipeline", t.command(args, "opportunity", d + "/sales_pipeline.csv", options=options)[:2],
            (0, "8800 created, 0 updated, 0 unchanged, 0 failed"))
    t.check("again by key", t.command(args, "opportunity", d + "/sales_pipeline.csv", "--update", "number", options=options)[:2],
            (0, "0 created, 0 updated, 8800 unchanged, 0 failed"))

    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    figures = lambda row: (row["won"], row["lost"], row["open"], row["value_won"])  # noqa: E731
    row = server.json("GET", "/api/report/win_rate", admin)["rows"][0]
    t.check("all", figures(row), (4238, 2473, 2089, "10005534.00"))
    t.check("rates", (row["rate_closed"], row["rate_all"]), ("63.15", "48.16"))
    t.check("median days", (row["cycle_median_days"], row["cycle_lost_median_days"]), ("57.0", "14.0"))
    stages = {r["stage_en"]: r["count"] for r in server.json("GET", "/api/report/pipeline", admin)["rows"]}
    t.check("stages", {k: stages.get(k) for k in want["stages"]}, want["stages"])
    for by, key in (("product", "by_product"), ("team", "by_office"), ("owner", "by_agent")):
        rows = {r["label"]: figures(r) for r in server.json("GET", "/api/report/win_rate?by=" + by, admin)["rows"]}
        t.check("by " + by, {w[0]: rows.get(w[0]) for w in want[key]},
                {w[0]: (w[2], w[3], w[4], "%.2f" % w[6]) for w in want[key]})
    rows = {r["label"]: figures(r) for r in server.json("GET", "/api/report/win_rate?by=month", admin)["rows"]}
    t.check("by month", {w[0]: rows.get(w[0], (0, 0, 0, 0))[:2] + rows.get(w[0], (0, 0, 0, 0))[3:] for w in want["close_month"]},
            {w[0]: (w[1], w[2], "%.2f" % w[3]) for w in want["close_month"]})
    # Every other table of the README: quarters, managers, sectors, how long, how old, and the place of the month in its quarter.
    months = rows
    for by, key in (("quarter", "close_quarter"), ("leader", "by_manager")):
        rows = {r["label"]: r for r in server.json("GET", "/api/report/win_rate?by=" + by, admin)["rows"]}
        for w in want[key]:
            r, won, lost, rate, value = rows[w[0]], *(w[1:5] if by == "quarter" else (w[2], w[3], w[5], w[6]))
            t.check("%s %s" % (by, w[0]), (r["won"], r["lost"], r["value_won"], abs(float(r["rate_closed"]) - 100 * rate) < 0.0101),
                    (won, lost, "%.2f" % value, True))
    rows = {r["label"]: (r["count"], r["value"]) for r in server.json("GET", "/api/report/sales_by?by=industry", admin)["rows"]}
    t.check("by sector", {w[0]: rows.get(w[0]) for w in want["by_sector"]}, {w[0]: (w[2], "%.2f" % w[6]) for w in want["by_sector"]})
    rows = server.json("GET", "/api/report/cycle_time?by=result", admin)["rows"]
    for r in rows:
        w = want["cycle_days"]["Won" if "won" in r["label"] else "Lost"]
        t.check("days of " + r["label"], (r["count"], "%.1f" % float(r["median_days"]), float(r["p90_days"]), float(r["max_days"]), abs(float(r["mean_days"]) - w["mean"]) < 0.06),
                (w["n"], "%.1f" % w["median"], w["p90"], w["max"], True))
    t.check("both results", len(rows), 2)
    engaging = [s["id"] for s in server.json("GET", "/api/stage?name_en=eq.Engaging", admin)["rows"]][0]
    older = lambda day: server.json("GET", "/api/opportunity?stage=eq.%s&engaged_on=lt.%s&limit=1&count=exact" % (engaging, day), admin)["count"]  # noqa: E731
    aged = want["open_aging"]["2017-12-31"]
    t.check("older than 90, 138, 180 days on the last of 2017", [older(day) for day in ("2017-10-02", "2017-08-15", "2017-07-04")],
            [aged["over90"], aged["over138"], aged["over180"]])
    for place, name in enumerate(("first month", "second month", "last month")):
        at = [v for k, v in months.items() if k[5:7].isdigit() and int(k[5:7]) % 3 == (place + 1) % 3]
        t.check("won and lost in the " + name, [sum(v[0] for v in at), sum(v[1] for v in at)], want["win_rate_by_month_in_quarter"][name][:2])
    t.check("metric", server.json("GET", "/api/metric/won_amount?from=2017-01-01&to=2017-12-31", admin)["value"], "10005534.00")

    # Each manager and each agent sees their own, and these add up.
    roles = {r["name"]: r["id"] for r in server.json("GET", "/api/role?limit=200", admin)["rows"]}
    people = server.json("GET", "/api/member?limit=200", admin)["rows"]
    leaders = {m["leader"] for m in people if m["leader"]}
    for m in people:
        if m["name"] == "admin":
            continue
        server.json("PATCH", "/api/member/" + m["id"], admin,
                    {"roles": [roles["lead" if m["id"] in leaders else "rep"]], "version": m["version"]})
        server.json("POST", "/api/member/%s/password" % m["id"], admin, {"new": api.PASSWORD})
    expected = {w[0]: (w[2], w[3], w[4], "%.2f" % w[6]) for w in want["by_manager"] + want["by_agent"]}
    for m in people:
        if m["name"] == "admin":
            continue
        rows = server.json("GET", "/api/report/win_rate", server.sign_in(m["name"]))["rows"]
        t.check("as " + m["label"], figures(rows[0]) if rows else (0, 0, 0, "0.00"), expected.get(m["label"], (0, 0, 0, "0.00")))

    # Undone by one action: nothing is left, and nothing else is touched.
    last = server.json("GET", "/api/import?object=eq.opportunity&state=eq.done&sort=id&limit=1", admin)["rows"][0]["id"]
    t.undo(server, admin, last)
    t.check("undone", server.json("GET", "/api/opportunity?limit=1&count=exact", admin)["count"], 0)
    t.check("stays", server.json("GET", "/api/stage_visit?limit=1&count=exact", admin)["count"], 0)
    t.check("customers stay", server.json("GET", "/api/customer?limit=1&count=exact", admin)["count"], 85)
    server.stop()
    t.check("check", subprocess.run([t.binary, "check"] + args, capture_output=True, text=True).returncode, 0)


def leads(t):
    d = DATA + "/lead-scoring"
    if not os.path.isdir(d):
        return t.skip("lead-scoring: no ../shared/data")
    args = t.store()
    header = next(csv.reader(open(d + "/leads.csv", encoding="utf-8")))
    columns = {name: None for name in header if name}
    columns.update({"Prospect ID": "name", "Lead Number": "number", "Lead Source": "source", "Converted": "converted"})
    t.check("leads", t.command(args, "lead", d + "/leads.csv", options={"columns": columns, "create": ["source"], "blank": ["Select"]})[:2],
            (0, "9240 created, 0 updated, 0 unchanged, 0 failed"))
    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    count = lambda q: server.json("GET", "/api/lead?limit=1&count=exact" + q, admin)["count"]  # noqa: E731
    t.check("converted", (count(""), count("&converted=eq.true")), (9240, 3561))
    groups = {r.get("labels", {}).get("source"): r["count"] for r in server.json("GET", "/api/lead/summary?group=source", admin)["rows"]}
    t.check("sources", (groups.get("Direct Traffic"), groups.get("Olark Chat"), groups.get("Reference")), (2543, 1755, 534))
    server.stop()


def custom(t, name, fields, path, columns, rows, wanted):
    """A table declared at run time takes a data set no module knows."""
    args = t.store()
    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    body = {"object": name, "label": {"zh": name, "en": name}, "title": "x_code", "scope": "public", "fields": fields}
    server.json("POST", "/api/object", admin, {"name": name, "body": json.dumps(body)})
    server.stop()
    t.check(name, t.command(args, name, path, options={"columns": columns})[:2], (0, "%d created, 0 updated, 0 unchanged, 0 failed" % rows))
    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    for query, result in wanted:
        t.check(name + " " + query, server.json("GET", "/api/%s%s" % (name, query), admin)["rows"], result)
    server.stop()


def field(name, kind, **more):
    return dict({"name": name, "type": kind, "label": {"zh": name, "en": name}}, **more)


def sets(t):
    if not os.path.isdir(DATA):
        return t.skip("superstore, helpdesk-log: no ../shared/data")
    custom(t, "x_line", [field("x_code", "text", required=True), field("x_order", "text"), field("x_on", "date"), field("x_category", "text"),
                         field("x_sales", "decimal", scale=4), field("x_profit", "decimal", scale=4), field("x_quantity", "integer")],
           DATA + "/superstore/superstore.csv",
           {"Row ID": "x_code", "Order ID": "x_order", "Order Date": "x_on", "Category": "x_category", "Sales": "x_sales",
            "Profit": "x_profit", "Quantity": "x_quantity"}, 10194,
           [("/summary?sum=x_sales,x_profit,x_quantity", [{"count": 10194, "sum": {
               "x_sales": "2326534.3543", "x_profit": "292296.8146", "x_quantity": 38654}, "labels": {}}])])
    custom(t, "x_event", [field("x_code", "text", required=True, index=True), field("x_activity", "text"), field("x_who", "text"), field("x_at", "instant")],
           DATA + "/helpdesk-log/helpdesk.csv",
           {"case_id": "x_code", "activity": "x_activity", "resource": "x_who", "timestamp": "x_at"}, 21348,
           [("/summary?group=x_activity&x_activity=in.(Wait,VERIFIED)", [
               {"x_activity": "VERIFIED", "count": 3, "sum": {}, "labels": {}}, {"x_activity": "Wait", "count": 1463, "sum": {}, "labels": {}}])])


def xlsx(rows):
    """The smallest workbook, with inline strings."""
    out = io.BytesIO()
    cells = "".join("<row r=\"%d\">%s</row>" % (i + 1, "".join(
        '<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>' % ("ABCDEFG"[k], i + 1, v) for k, v in enumerate(row))) for i, row in enumerate(rows))
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')
        z.writestr("_rels/.rels", '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        z.writestr("xl/workbook.xml", '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
        z.writestr("xl/worksheets/sheet1.xml", '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>' % cells)
    return out.getvalue()


GOOD = "客户名称,级别,电话,员工人数\n"

# What is wrong with the file, its bytes, and a part of what a person must be told.
BROKEN = [
    ("an empty file", b"", "空"),
    ("only blanks", b" \n\n \n", ""),
    ("a PDF", b"%PDF-1.4 \x00\x01\x02", ""),
    ("a PNG", b"\x89PNG\r\n\x1a\n\x00\x00\x00", ""),
    ("a ZIP that is no workbook", b"PK\x03\x04" + b"\x00" * 60, ""),
    ("a cut workbook", xlsx([["客户名称"], ["甲"]])[:300], ""),
    ("a workbook with an entity", None, ""),
    ("a quote never closed", (GOOD + '甲,"A,1,2\n乙,B,1,2\n').encode(), "引号"),
    ("UTF-16 of odd length", "\ufeff".encode("utf-16-le") + "客户名称\n甲".encode("utf-16-le") + b"x", ""),
    ("NUL bytes", b"a,b\x00c\n1,2\n", ""),
    ("1,001 columns", (",".join("c%d" % i for i in range(1001)) + "\n" + "1," * 1000 + "1\n").encode(), "列"),
    ("a choice that is none", (GOOD + "甲,Z,,\n").encode(), "Z"),
    ("a number that is none", (GOOD + "甲,A,,很多\n").encode(), "很多"),
    ("a number out of range", (GOOD + "甲,A,,-5\n").encode(), "-5"),
    ("a required cell empty", (GOOD + "甲,A,,1\n,B,,2\n").encode(), "必填"),
    ("the same company twice", (GOOD + "甲科技有限公司,A,,1\n甲科技公司,B,,2\n").encode(), "重复"),
    ("a phone that is none", (GOOD + "甲,A,打不通,1\n").encode(), "打不通"),
    ("a text too long", (GOOD + "甲" * 5000 + ",A,,1\n").encode(), ""),
    ("broken UTF-8 in a UTF-8 file", "客户名称\n甲公司甲公司\n乙公司".encode() + b"\xff\xfe" + "乙\n".encode() * 3, ""),
    ("a header nobody knows", b"foo,bar\n1,2\n", ""),
]


def broken(t):
    """Each is refused with a message, and the store is as before."""
    args = t.store()
    entity = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([["客户名称"], ["甲"]]))) as a, zipfile.ZipFile(entity, "w") as b:
        for name in a.namelist():
            data = a.read(name)
            if name.endswith("sheet1.xml"):
                data = data.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet')
            b.writestr(name, data)
    for what, data, part in BROKEN:
        path = t.work + "/broken.csv"
        open(path, "wb").write(entity.getvalue() if data is None else data)
        code, line, told = t.command(args, "customer", path)
        t.check(what, (code, line.startswith("0 created, 0 updated, ") and not line.endswith(" 0 failed"), part in told, len(told) > 10),
                (1, True, True, True))
    out = subprocess.run([t.binary, "export", "customer", "--format", "json"] + args, capture_output=True, text=True)
    t.check("nothing was written", json.loads(out.stdout), [])


def previews(t):
    """The check says what the run would, also where only writing a row tells, and leaves nothing behind."""
    args = t.store()
    path = t.work + "/preview.csv"
    stored = lambda: [len(json.loads(subprocess.run([t.binary, "export", o, "--format", "json"] + args, capture_output=True, text=True).stdout))  # noqa: E731
                      for o in ("customer", "contract")]
    made = {"create": ["customer"]}
    for owner, wanted in (("", (1, "0 created, 0 updated, 0 unchanged, 2 failed")), (",admin", (0, "2 created, 0 updated, 0 unchanged, 0 failed"))):
        header = ",负责人" if owner else ""
        open(path, "w").write("合同名称,客户,合同金额%s\n甲,甲公司,1000%s\n乙,乙公司,10%s\n" % (header, owner, owner))
        code, line, told = t.command(args, "contract", path, "--dry-run", options=made)
        t.check("preview, owner" + owner, (code, line, "第 2 行" in told and "负责人" in told), wanted + (not owner,))
        t.check("nothing is left of it", stored(), [0, 0])
        t.check("run, owner" + owner, t.command(args, "contract", path, options=made)[:2], wanted)
    t.check("what the run made", stored(), [2, 2])


def shapes(t):
    """The same rows in every encoding, delimiter and kind of file."""
    rows = [["客户名称", "级别", "电话", "员工人数"], ["甲辰科技", "A", "0755-28780808", "12"], ["乙巳实业，深圳", "B", "013800138000", "1,200"]]
    text = lambda d: "\r\n".join(d.join('"%s"' % c if d in c else c for c in r) for r in rows) + "\r\n"  # noqa: E731
    files = {"UTF-8": text(",").encode(), "UTF-8 BOM": text(",").encode("utf-8-sig"), "GB18030": text(",").encode("gb18030"),
             "UTF-16": text("\t").encode("utf-16"), "tabs": text("\t").encode(), "semicolons": text(";").encode(), "XLSX": xlsx(rows)}
    for what, data in files.items():
        args = t.store() if t.db == "sqlite" or what in ("UTF-8", "XLSX") else None
        if not args:
            continue
        path = t.work + "/shape"
        open(path, "wb").write(data)
        t.check(what, t.command(args, "customer", path)[:2], (0, "2 created, 0 updated, 0 unchanged, 0 failed"))
        out = subprocess.run([t.binary, "export", "customer", "fields=name,level,phone,employees&sort=id", "--format", "json"] + args,
                             capture_output=True, text=True)
        got = [(r["name"], r["level"], r["employees"]) for r in json.loads(out.stdout)]
        t.check(what + " rows", got, [("甲辰科技", "a", 12), ("乙巳实业，深圳", "b", 1200)])


def wizard(t):
    """What the wizard is told of a file: how it is read, and why each column goes where."""
    args = t.store()
    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    body = "任务;甲;乙;丙\n回电;高;好;01/02/2030\n寄样品;普通;中;03/04/2031\n".encode("gb18030")
    told = t.upload(server, admin, "task", "w.csv", body)
    of = lambda told: [(c["field"], c["why"]) for c in told["columns"]]  # noqa: E731
    t.check("how the file is read", [told[k] for k in ("kind", "encoding", "delimiter", "sheet", "header", "date_order")],
            ["csv", "GB18030", ";", 1, True, None])
    t.check("by name and content", of(told), [("title", "name"), ("priority", "content"), (None, None), (None, None)])
    path = "/api/import/%s" % told["id"]
    told = server.json("PATCH", path, admin, {"columns": {"2": "remark", "3": "due_on"}, "set": {"owner": "1"}})
    t.check("and as given", of(told), [("title", "name"), ("priority", "content"), ("remark", "given"), ("due_on", "given")])
    t.check("a date that may be two", told["columns"][3].get("ask"), "date_order")
    told = server.json("PATCH", path, admin, {"date_order": "dmy"})
    t.check("is asked once", (told["date_order"], told["columns"][3].get("ask"), of(told)[3]), ("dmy", None, ("due_on", "given")))
    server.json("POST", path + "/run", admin)
    t.check("it runs", t.wait(server, admin, told["id"], ["done", "failed"])["state"], "done")
    told = t.upload(server, admin, "task", "w.csv", body)
    t.check("the next time as this time", of(told), [(f, "saved") for f in ("title", "priority", "remark", "due_on")])
    told = server.json("PATCH", "/api/import/%s" % told["id"], admin, {"columns": {"2": None}, "header": False})
    path = "/api/import/%s" % t.upload(server, admin, "task", "w.csv", body)["id"]
    t.check("one column", of(server.json("PATCH", path, admin, {"delimiter": ","})), [(None, None)])
    t.check("guessed anew", of(server.json("PATCH", path, admin, {"delimiter": ";"}))[0], ("title", "saved"))
    t.check("left out", (of(told)[2], told["header"], told["columns"][0]["name"]), ((None, None), False, "A"))
    server.stop()


def lists(t):
    """A list of references is exported as names that an import finds again, also where a name holds what stands between names."""
    args = t.store()
    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    names = ["甲厂", "Acme Co., Ltd.", "乙、丙合资公司", "Acme Co.", "丁/戊"]
    ids = [server.json("POST", "/api/competitor", admin, {"name": n})["id"] for n in names]
    server.json("POST", "/api/object", admin, {"body": json.dumps({
        "object": "x_thing", "label": "Thing", "scope": "public", "fields": [
            {"name": "x_name", "type": "text", "label": "Name", "required": True, "unique": True},
            {"name": "x_rivals", "type": "refs", "to": "competitor", "label": "Rivals"}]})})
    for name, rivals in (("some", ids[1:4]), ("all", ids), ("none", [])):
        server.json("POST", "/api/x_thing", admin, {"x_name": name, "x_rivals": rivals})
    before = server.json("GET", "/api/x_thing?sort=x_name", admin)["rows"]
    for kind in ("csv", "xlsx"):
        out = server.request("GET", "/api/export/x_thing?fields=x_name,x_rivals&format=" + kind, {"Authorization": "Bearer " + admin}, None)[1]
        if kind == "csv":
            t.check("names, no ids", [name in out.decode() for name in names], [True] * len(names))
        for row in server.json("GET", "/api/x_thing", admin)["rows"]:
            server.json("PATCH", "/api/x_thing/" + row["id"], admin, {"x_rivals": [], "version": row["version"]})
        path = "/api/import/%s" % t.upload(server, admin, "x_thing", "things." + kind, out)["id"]
        server.json("PATCH", path, admin, {"key": "x_name", "duplicates": "update"})
        server.json("POST", path + "/run", admin)
        told = t.wait(server, admin, path.split("/")[-1], ["done", "failed"])
        t.check("read back from " + kind, (told["state"], told["updated"], told["problems"]), ("done", 2, []))
        t.check("the same from " + kind, [r["x_rivals"] for r in server.json("GET", "/api/x_thing?sort=x_name", admin)["rows"]],
                [r["x_rivals"] for r in before])
    server.stop()


def undone_updates(t):
    """What an import changed is as before once it is undone, whatever it was; what it made is gone."""
    args = t.store()
    path = t.work + "/first.csv"
    with open(path, "w", encoding="utf-8") as f:
        f.write("客户编号,客户名称,员工人数\n" + "".join("N%d,原%d公司,%d\n" % (i, i, i) for i in range(150)))
    t.check("before", t.command(args, "customer", path)[:2], (0, "150 created, 0 updated, 0 unchanged, 0 failed"))
    with open(path, "w", encoding="utf-8") as f:
        f.write("客户编号,客户名称,员工人数\n" + "".join("N%d,新%d公司,%d\n" % (i, i, i + 7) for i in range(50, 200)))
    t.check("after", t.command(args, "--update", "number", "customer", path)[:2], (0, "50 created, 100 updated, 0 unchanged, 0 failed"))
    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    done = server.json("GET", "/api/import?state=eq.done&sort=-id&limit=1", admin)["rows"][0]["id"]
    t.undo(server, admin, done)
    rows = server.json("GET", "/api/customer?limit=200&fields=number,name,employees&sort=id", admin)["rows"]
    t.check("as before", [(r["number"], r["name"], r["employees"]) for r in rows], [("N%d" % i, "原%d公司" % i, i) for i in range(150)])
    t.check("found as before", server.json("GET", "/api/customer?limit=1&count=exact&q=" + urllib.parse.quote("新"), admin)["count"], 0)
    t.check("undone once", server.request("POST", "/api/import/%s/undo" % done, {"Authorization": "Bearer " + admin}, None)[0], 409)

    # What a rule does not let go stays, the rest is undone, and the import says so.
    declared = {"object": "x_item", "label": {"zh": "物品", "en": "Item"}, "scope": "public", "access": {"*": {"read": "all"}}, "fields": [
        {"name": "x_name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True},
        {"name": "x_code", "type": "text", "label": {"zh": "编码", "en": "Code"}, "unique": True}]}
    server.json("POST", "/api/object", admin, {"name": "x_item", "body": json.dumps(declared)})
    for name, code in (("a", "1"), ("b", "2")):
        server.json("POST", "/api/x_item", admin, {"x_name": name, "x_code": code})
    number = json.loads(server.request("POST", "/api/import/x_item", {
        "Authorization": "Bearer " + admin, "Content-Type": "application/octet-stream", "X-File-Name": "x.csv"},
        "名称,编码\na,3\nb,4\nc,5\n".encode())[1])["id"]
    server.json("PATCH", "/api/import/%s" % number, admin, {"key": "x_name"})
    server.json("POST", "/api/import/%s/run" % number, admin)
    t.check("changes codes", t.wait(server, admin, number, ["done", "failed"])["state"], "done")
    server.json("POST", "/api/x_item", admin, {"x_name": "d", "x_code": "1"})
    t.undo(server, admin, number)
    t.check("codes", [(r["x_name"], r["x_code"]) for r in server.json("GET", "/api/x_item?sort=x_name", admin)["rows"]],
            [("a", "3"), ("b", "2"), ("d", "1")])
    now = server.json("GET", "/api/import/%s" % number, admin)
    t.check("one stays", (now["failed"], len(now["problems"])), (1, 1))
    server.stop()
    t.check("check after undoing", subprocess.run([t.binary, "check"] + args, capture_output=True, text=True).returncode, 0)


def doubles(t):
    """Contacts share a telephone, and one comes twice: skipping and updating mean the second only."""
    args = t.store()
    path = t.work + "/people.csv"

    def imported(rule, lines):
        with open(path, "w", encoding="utf-8") as f:
            f.write("姓名,客户,电话,职位\n" + "".join(lines))
        return t.command(args, "contact", path, options={"duplicates": rule, "create": ["customer"]})[:2]

    t.check("colleagues", imported("skip", ["张三,甲厂,010-64321234,经理\n", "李四,甲厂,01064321234,采购\n", "张三,甲厂,010 6432 1234,经理\n"]),
            (0, "2 created, 0 updated, 1 unchanged, 0 failed"))
    t.check("skipped", imported("skip", ["张三,甲厂,010-64321234,总经理\n", "王五,甲厂,010-64321234,财务\n"]),
            (0, "1 created, 0 updated, 1 unchanged, 0 failed"))
    t.check("updated", imported("update", ["张三,甲厂,010-64321234,总经理\n"]), (0, "0 created, 1 updated, 0 unchanged, 0 failed"))
    t.check("allowed", imported("fail", ["张三,甲厂,010-64321234,总经理\n"]), (0, "1 created, 0 updated, 0 unchanged, 0 failed"))


def kills(t, cycles):
    """Killed at a random moment, an import is there whole or not at all, and so is its undoing."""
    args = t.store()
    rng = random.Random(1)
    rows = 20000 if t.db == "sqlite" else 5000
    path = t.work + "/many.csv"
    with open(path, "w", encoding="utf-8") as f:
        # Half of them hang on another row of the file, all on records it makes.
        f.write("客户名称,级别,上级客户,行业\n" + "".join(
            "批%d公司,A,%s,行业%d\n" % (i, "批%d公司" % (i + 1) if i % 2 == 0 else "", i % 50) for i in range(rows)))
    with open(t.work + "/made.json", "w") as f:
        json.dump({"create": ["industry"]}, f)
    whole = 0
    for cycle in range(cycles):
        p = subprocess.Popen([t.binary, "import", "customer", path, "--map", t.work + "/made.json"] + args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.05, 1.6))
        p.send_signal(signal.SIGKILL)
        p.wait()
        server = api.Server(t.binary, args, subprocess.DEVNULL)
        admin = server.sign_in("admin")
        t.settled(server, admin)
        n = server.json("GET", "/api/customer?limit=1&count=exact", admin)["count"]
        t.check("kill %d: all or nothing" % cycle, n in (0, rows), True)
        whole += n == rows
        if n == rows:
            done = server.json("GET", "/api/import?state=eq.done&sort=-id&limit=1", admin)["rows"][0]["id"]
            server.json("POST", "/api/import/%s/undo" % done, admin)
            time.sleep(rng.uniform(0, 1))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            server = api.Server(t.binary, args, subprocess.DEVNULL)
            t.settled(server, admin)
            t.check("kill %d: undone" % cycle, server.json("GET", "/api/customer?limit=1&count=exact", admin)["count"], 0)
        server.stop()
    t.check("check after kills", subprocess.run([t.binary, "check"] + args, capture_output=True, text=True).returncode, 0)
    print("%d of %d killed imports had got through" % (whole, cycles))


def beside(t):
    """Processes side by side on one store: none takes for dead what another is at work on."""
    args = t.store()
    rows = 20000 if t.db == "sqlite" else 5000
    path, one = t.work + "/beside.csv", t.work + "/one.csv"
    with open(path, "w", encoding="utf-8") as f:
        f.write("客户名称,级别\n" + "".join("旁%d公司,A\n" % i for i in range(rows)))

    def another(name):
        with open(one, "w", encoding="utf-8") as f:
            f.write("产品名称\n%s\n" % name)
        return t.command(args, "product", one)[0]

    server = api.Server(t.binary, args, subprocess.DEVNULL)
    admin = server.sign_in("admin")
    count = lambda: server.json("GET", "/api/customer?limit=1&count=exact", admin)["count"]  # noqa: E731
    last = lambda: server.json("GET", "/api/import?object=eq.customer&sort=-id&limit=1&fields=state,problems", admin)["rows"][0]  # noqa: E731

    def begin(state):
        number = server.json("GET", "/api/import?sort=-id&limit=1", admin)["rows"]
        p = subprocess.Popen([t.binary, "import", "customer", path] + args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while p.poll() is None:
            new = server.json("GET", "/api/import?sort=-id&limit=1&fields=state", admin)["rows"]
            if new and (not number or new[0]["id"] != number[0]["id"]) and new[0]["state"] == state:
                break
        return p

    for state in ("running", "finishing"):
        p = begin(state)
        subprocess.run([t.binary, "report", "pipeline"] + args, check=True, stdout=subprocess.DEVNULL)
        t.check("a second import", another("样品" + state), 0)
        other = api.Server(t.binary, args, subprocess.DEVNULL)
        t.check("beside a %s import" % state, p.communicate()[0].strip(), "%d created, 0 updated, 0 unchanged, 0 failed" % rows)
        other.stop()
        t.check("… all are there", (count(), last()["state"]), (rows, "done"))
        t.undo(server, admin, server.json("GET", "/api/import?object=eq.customer&sort=-id&limit=1", admin)["rows"][0]["id"])

    p = begin("running")
    p.kill()
    p.wait()
    t.check("after a dead one", another("样品"), 0)
    dead = last()
    t.check("… it is cleared away", (count(), dead["state"], "中断" in json.dumps(dead["problems"], ensure_ascii=False)), (0, "failed", True))
    server.stop()
    t.check("check beside", subprocess.run([t.binary, "check"] + args, capture_output=True, text=True).returncode, 0)


def served(t, cycles):
    """The same through the server, whose job must not begin again what was over."""
    args = t.store()
    rng = random.Random(2)
    rows = 20000 if t.db == "sqlite" else 5000
    body = ("客户名称,级别\n" + "".join("服%d公司,A\n" % i for i in range(rows))).encode()
    for cycle in range(cycles):
        server = api.Server(t.binary, args, subprocess.DEVNULL)
        admin = server.sign_in("admin")
        number = t.upload(server, admin, "customer", "served.csv", body)["id"]
        server.json("POST", "/api/import/%s/run" % number, admin)
        # While it runs an administrator adds a field: the rows come all the same.
        if cycle == 0:
            server.json("POST", "/api/object", admin, {"name": "customer x_more", "body": json.dumps(
                {"extend": "customer", "fields": [{"name": "x_more", "type": "text", "label": {"zh": "更多", "en": "More"}}]})})
            t.check("with a new field", t.wait(server, admin, number, ["done", "failed"])["state"], "done")
            t.check("all found", server.json("GET", "/api/customer?limit=1&count=exact&q=" + urllib.parse.quote("服"), admin)["count"], rows)
            t.undo(server, admin, number)
            server.stop()
            continue
        time.sleep(rng.uniform(0.05, 1.2))
        if cycle == 1:
            server.request("POST", "/api/import/%s/cancel" % number, {"Authorization": "Bearer " + admin}, None)
            state = t.wait(server, admin, number, ["done", "cancelled"])["state"]
        else:
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            server = api.Server(t.binary, args, subprocess.DEVNULL)
            state = t.wait(server, admin, number, ["done", "failed"])["state"]
        n = server.json("GET", "/api/customer?limit=1&count=exact", admin)["count"]
        t.check("served %d: %s" % (cycle, state), n, rows if state == "done" else 0)
        if n:
            t.undo(server, admin, number)
        server.stop()
    t.check("check after serving", subprocess.run([t.binary, "check"] + args, capture_output=True, text=True).returncode, 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/loudou"))
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--cycles", type=int, default=12)
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="loudou-import-")
    os.chmod(work, 0o755)
    t = Suite(options.binary, options.db, work)
    try:
        for part in (maven, leads, sets, broken, previews, shapes, wizard, lists, doubles, undone_updates):
            part(t)
        beside(t)
        kills(t, options.cycles)
        served(t, options.cycles // 2)
    finally:
        t.finish()
        shutil.rmtree(work, ignore_errors=True)
    print("import on %s: %d passed, %d failed, %d skipped" % (options.db, t.passed, t.failed, t.skipped))
    return 1 if t.failed else 0


if __name__ == "__main__":
    sys.exit(main())
