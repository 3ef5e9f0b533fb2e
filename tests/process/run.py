#!/usr/bin/env python3
"""What the rules at night raise, against what is known; each figure again from exported records.

    run.py [--db postgresql]
"""
import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
spec = importlib.util.spec_from_file_location("funnels", ROOT + "/tests/truth/run.py")
funnels = importlib.util.module_from_spec(spec)
spec.loader.exec_module(funnels)
imports, report, NOW = funnels.imports, funnels.report, funnels.NOW


def serve(t, args):
    """A server on the store, its clock stopped at NOW, and the administrator's token."""
    os.environ["LOUDOU_NOW"] = NOW
    server = imports.api.Server(t.binary, args, subprocess.DEVNULL)
    return server, server.sign_in("admin")


def lead(server, token, team, leader):
    version = server.json("GET", "/api/team/" + team, token)["version"]
    server.json("PATCH", "/api/team/" + team, token, {"leader": leader, "version": version})


def tasks(server, rule):
    token = server.sign_in("admin")
    return server.json("GET", "/api/task?origin=like.alert/%s*&sort=id&limit=200" % rule, token)["rows"]


def neck(t):
    """The planted neck becomes the task of the team's leader, and nobody else's."""
    args = t.store()
    funnels.fill(t, args)
    server, token = serve(t, args)
    people = server.json("GET", "/api/member?limit=200", token)["rows"]
    leaders = {m["labels"]["team"]: (m["team"], m) for m in people if m["team"]}
    for team, leader in leaders.values():
        lead(server, token, team, leader["id"])
    server.at("2026-11-26T03:30:00+08:00")
    found = tasks(server, "neck")
    t.check("neck", [(r["title"], r["due_on"]) for r in found], [("team1：漏斗在“方案报价”处有细颈", "2026-12-03")])
    t.check("… its leader", found[0]["owner"], leaders["team1"][1]["id"])
    # S03-05 again: whoever passes less than 60 % of what the team does, of ten at least.
    os.environ["LOUDOU_NOW"] = "2026-11-26T03:30:00+08:00"
    rows = {by: server.json("GET", "/api/report/funnel_diagnosis?by=" + by, server.sign_in("admin"))["rows"] for by in ("team", "owner")}
    teams = {(r["team_id"], r["stage_id"]): r for r in rows["team"]}
    team = {m["id"]: m["team"] for m in people}
    want = {"alert/coaching/m%s/s%s" % (r["owner_id"], r["stage_id"]) for r in rows["owner"]
            if r["entered"] >= 10 and r["passed"] / r["entered"] < 0.6 * teams[team[r["owner_id"]], r["stage_id"]]["passed"]
            / teams[team[r["owner_id"]], r["stage_id"]]["entered"]}
    t.check("coaching", {r["origin"] for r in tasks(server, "coaching")}, want)
    server.stop()


def coach(t):
    """S03-05: the team 30 % from talks to deal, Wang 10 % of 20: a coaching task; others none."""
    args = t.store()
    path = t.work + "/talks.csv"
    lines = ["name,stage,engaged_on,closed_on,amount,owner"]
    for who, won in (("王", 2), ("李", 10)):
        lines += ["%s%d,%s,2026-10-01,2026-10-20,100,%s" % (who, i, "赢单" if i < won else "输单", who) for i in range(20)]
    open(path, "w", encoding="utf-8").write("\n".join(lines) + "\n")
    server, token = serve(t, args)
    roles = {r["name"]: r["id"] for r in server.json("GET", "/api/role?limit=200", token)["rows"]}
    team = server.json("POST", "/api/team", token, {"name": "东区"})["id"]
    ids = [server.json("POST", "/api/member", token, {"name": name, "label": name, "team": team, "roles": [roles[role]]})["id"]
           for name, role in (("王", "rep"), ("李", "rep"), ("张", "lead"))]
    lead(server, token, team, ids[2])
    server.stop()
    t.check("import", t.command(args, "opportunity", path)[1], "40 created, 0 updated, 0 unchanged, 0 failed")
    server, token = serve(t, args)
    server.at("2026-11-26T03:30:00+08:00")
    t.check("coaching task", [(r["title"], r["labels"]["owner"]) for r in tasks(server, "coaching")],
            [("辅导 王：“初步接触”前进 10.0 %（20 个），团队 30.0 %", "张")])
    server.stop()


def trend(t):
    """Four months, 2Q falling in each; every month the same as two_q says of it alone; then somebody's task."""
    args = t.store()
    server, token = serve(t, args)
    roles = {r["name"]: r["id"] for r in server.json("GET", "/api/role?limit=200", token)["rows"]}
    team = server.json("POST", "/api/team", token, {"name": "东区"})["id"]
    wang, zhang = [server.json("POST", "/api/member", token, {"name": name, "label": name, "team": team, "roles": [roles[role]]})["id"]
                   for name, role in (("王", "rep"), ("张", "lead"))]
    lead(server, token, team, zhang)
    server.json("POST", "/api/work_standard", token, {"name": "全体", "valid_from": "2026-01-01", "opening_day": "1"})
    for month, visits in (("2026-07", 8), ("2026-08", 6), ("2026-09", 4), ("2026-10", 2)):
        for i in range(visits):
            customer = server.json("POST", "/api/customer", token, {"name": "%s-%d 公司" % (month, i), "owner": wang})["id"]
            server.json("POST", "/api/activity", token, {"kind": "visit", "customer": customer, "owner": wang, "goal": "谈",
                                                         "goal_reached": "yes", "done_at": "%s-%02dT10:00:00+08:00" % (month, i + 5)})
    rows = server.json("GET", "/api/report/two_q_trend?owner=" + wang, token)["rows"]
    t.check("months", [(r["month"], r["falls"]) for r in rows if r["index"]],
            [("2026-07", 0), ("2026-08", 1), ("2026-09", 2), ("2026-10", 3)])
    for r in rows:
        alone = server.json("GET", "/api/report/two_q?owner=%s&from=%s&to=%s" % (wang, r["first_day"], r["last_day"]), token)["rows"]
        t.check("two_q of " + r["month"], [(a["quantity"], a["quality"], a["index"]) for a in alone], [(r["quantity"], r["quality"], r["index"])])
    server.at("2026-11-26T03:30:00+08:00")
    t.check("falling", [(r["title"][:15], r["labels"]["owner"]) for r in tasks(server, "falling")], [("王：2Q 连续 3 个月下降，", "张")])
    # S02-01: below its own floor, however good the other factor.
    t.check("below", [(r["origin"], r["labels"]["owner"]) for r in tasks(server, "below")], [("alert/below/m%s/quantity" % wang, "张")])
    server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/loudou"))
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    subprocess.run(["make", "-s", "-C", ROOT, "build/release/tests/truth/fill"], check=True)
    work = tempfile.mkdtemp(prefix="loudou-truth-")
    os.chmod(work, 0o755)
    t = imports.Suite(options.binary, options.db, work)
    try:
        for part in (neck, coach, trend):
            if not options.parts or part.__name__ in options.parts:
                part(t)
    finally:
        t.finish()
        shutil.rmtree(work, ignore_errors=True)
    print("process on %s: %d passed, %d failed" % (options.db, t.passed, t.failed))
    return 1 if t.failed else 0


if __name__ == "__main__":
    sys.exit(main())
