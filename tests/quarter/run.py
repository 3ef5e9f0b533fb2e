#!/usr/bin/env python3
"""The control loop over a quarter: plans, visits, reports, signatures, weeks, meetings, targets.

    run.py [--db postgresql] [--short] [--seed N]

A region of three teams with four representatives each works its days through the API, the clock going
from moment to moment (LOUDOU_NOW): 65 of them, with the National Day and both days worked instead, and
a holiday declared late; --short, five weeks around it.  Every figure of every form, week and report is
then computed again here, from the exported records and from what was sent, and must be the same.
"""
import argparse
import collections
import concurrent.futures
import datetime
import http.client
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from decimal import ROUND_HALF_UP, Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
spec = importlib.util.spec_from_file_location("api", ROOT + "/tests/api/run.py")
api = importlib.util.module_from_spec(spec)
spec.loader.exec_module(api)

TEAMS = ("east", "west", "north")
PURPOSES = ("development", "survey", "collection", "service", "complaint", "ordering", "other")
# The notice for 2026, as far as it matters here.
OFF = {"2026-09-25", "2026-09-26", "2026-09-27", *("2026-10-0%d" % d for d in range(1, 8))}
MADE_UP = {"2026-09-20", "2026-10-10"}
ONE = datetime.timedelta(days=1)


class Quarter:
    """What happens when."""
    def __init__(self, short):
        self.first, self.last = ("2026-09-14", "2026-10-16") if short else ("2026-07-27", "2026-10-30")
        self.declared = "2026-10-13" if short else "2026-08-21"         # a holiday, said so in the morning of that day
        self.move = "2026-09-23" if short else "2026-09-15"             # a representative goes to another team
        self.aims = "2026-09-30" if short else "2026-08-31"             # the plan of targets is approved
        self.away = ("2026-09-16", "2026-09-21") if short else ("2026-08-11", "2026-08-17")


def date(day):
    return datetime.date.fromisoformat(day)


def days_between(first, last):
    day = date(first)
    while day <= date(last):
        yield day.isoformat()
        day += ONE


def month_end(day):
    return ((date(day[:7] + "-01") + 31 * ONE).replace(day=1) - ONE).isoformat()


def cents(text):
    return None if text is None else int(Decimal(text) * 100)


def down(a, b):
    """a ÷ b of whole numbers, cut off, as reports do; None of nothing."""
    return None if a is None or not b else a // b


def near(a, b):
    """a ÷ b of whole numbers, to the nearest, as C does; None of nothing."""
    return None if a is None or not b else (2 * a + b) // (2 * b)


def rate(a, b, scale=2):
    """a ÷ b in percent to two places, half up, as formulas do."""
    return None if a is None or not b else str((Decimal(a) * 100 / Decimal(b)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def percent(hundredths):
    if hundredths is None:
        return None
    return "%d.%02d" % divmod(hundredths, 100) if hundredths >= 0 else "-" + percent(-hundredths)


def instant(text):
    return datetime.datetime.fromisoformat(text)


class Calendar:
    """Workdays as they were known at a moment: the notice, and what was declared since."""
    def __init__(self):
        self.declared = {}              # day → from when on it is off

    def works(self, day, at=None):
        if day in self.declared and (at is None or at >= self.declared[day]):
            return False
        return day in MADE_UP or (date(day).weekday() < 5 and day not in OFF)

    def next(self, day, at=None):
        while True:
            day = (date(day) + ONE).isoformat()
            if self.works(day, at):
                return day

    def days(self, first, last, at=None):
        return [d for d in days_between(first, last) if self.works(d, at)]


class Checks:
    def __init__(self):
        self.passed = self.failed = 0
        self.shown = collections.Counter()

    def same(self, what, got, want, kind=None):
        if got == want:
            self.passed += 1
            return
        self.failed += 1
        kind = kind or what
        self.shown[kind] += 1
        if self.shown[kind] <= 3:
            print("differs: %s is %r, should be %r" % (what, got, want), flush=True)

    def fields(self, what, row, **want):
        for name, value in want.items():
            self.same("%s: %s" % (what, name), row.get(name), value, what.split(" ")[0] + " " + name)


class Company:
    """The server and the people in front of it, each with a connection of their own."""
    def __init__(self, binary, args, log):
        self.binary, self.args, self.log = binary, args, log
        self.ids, self.tokens, self.lines = {}, {}, {}
        self.server = None

    def at(self, moment):
        for line in self.lines.values():
            line.close()
        self.lines = {}
        self.now = moment + "+08:00"
        self.server.at(self.now, self.tokens["admin"])

    def call(self, who, method, path, body=None, version=None, want=(200, 201, 204), raw=False):
        if who not in self.lines:
            self.lines[who] = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=300)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer " + self.tokens[who]}
        if version is not None:
            headers["If-Match"] = '"%d"' % version
        line = self.lines[who]
        line.request(method, urllib.parse.quote(path, safe="/?&=.,()-$"), json.dumps(body) if body is not None else None, headers)
        answer = line.getresponse()
        data = answer.read()
        if raw:
            return answer.status, data
        if answer.status not in want:
            raise RuntimeError("%s %s as %s with %s: %d %s" % (method, path, who, body, answer.status, data.decode()))
        return json.loads(data) if data else None

    def rows(self, who, path):
        return self.call(who, "GET", path)["rows"]

    def export(self, name, who="admin"):
        return self.call(who, "GET", "/api/export/%s?format=json" % name)

    def report(self, who, name, **params):
        return self.rows(who, "/api/report/%s?%s" % (name, "&".join("%s=%s" % p for p in params.items())))

    def add(self, name, role, team):
        made = self.call("admin", "POST", "/api/member", {
            "name": name, "label": name, "roles": [self.roles[role]] if role else [], "team": self.ids[team], "password": api.PASSWORD})
        self.ids[name] = made["id"]
        self.tokens[name] = self.sign_in(name)

    def sign_in(self, name):
        return self.server.json("POST", "/api/session", body={"name": name, "password": api.PASSWORD, "token": True, "days": 300})["token"]

    def found(self):
        """boss over a region, its manager over three teams, a lead and four representatives in each."""
        subprocess.run([self.binary, "member", "add", "admin", "--label", "管理员", "--roles", "admin", "--password", api.PASSWORD] + self.args,
                       check=True)
        self.server = api.Server(self.binary, self.args, self.log)
        self.tokens["admin"] = self.sign_in("admin")
        self.roles = {r["name"]: r["id"] for r in self.rows("admin", "/api/role?limit=200")}
        for team, above, leader, role in (("company", None, "boss", "owner"), ("region", "company", "manager", "manager"),
                                          *((t, "region", "lead_" + t, "lead") for t in TEAMS)):
            made = self.call("admin", "POST", "/api/team", {"name": team, "parent": self.ids.get(above)})
            self.ids[team] = made["id"]
            self.add(leader, role, team)
            self.call("admin", "PATCH", "/api/team/" + made["id"], {"leader": self.ids[leader]}, made["version"])
        self.reps = ["%s_%d" % (team, i) for team in TEAMS for i in range(1, 5)]
        for rep in self.reps:
            self.add(rep, "rep", rep.split("_")[0])


class Life:
    """What everybody does.  What was sent and cannot be read off the records afterwards is kept in `sent`."""
    def __init__(self, company, quarter, seed, checks):
        self.c, self.q, self.seed, self.t = company, quarter, seed, checks
        self.calendar = Calendar()
        self.planned = {rep: [] for rep in company.reps}        # visits ahead: (id, day, version)
        self.customers = collections.defaultdict(list)
        self.owed = collections.defaultdict(list)               # reports to hand in late: rep → days
        self.lines = {}                 # (rep, day) → (lines, of them with an end) of the plan handed in
        self.frozen = {}                # week report → its bytes
        self.team = {rep: rep.split("_")[0] for rep in company.reps}
        self.pool = concurrent.futures.ThreadPoolExecutor(len(company.reps))
        self.outcomes = collections.Counter()
        self.plans = {}                 # metric → plan of targets
        self.in_force = "9"             # since when
        self.held = {}                  # weekly meeting → what became of it
        self.actions = collections.defaultdict(list)            # rep → (id, version, due) of tasks given in meetings

    def dice(self, *words):
        return random.Random("%s %s" % (self.seed, " ".join(words)))

    def everybody(self, work, who):
        """Each by themselves, at the same time; a failure of one is a failure."""
        for done in [self.pool.submit(work, one) for one in who]:
            done.result()

    # The representatives.

    def begin(self, rep):
        for i in range(4):
            self.customers[rep].append(self.c.call(rep, "POST", "/api/customer", {"name": "%s 客户 %d" % (rep, i)})["id"])
        self.plan(rep, self.q.first)

    def form(self, rep, name, day):
        rows = self.c.rows(rep, "/api/%s?owner=eq.$me&day=eq.%s" % (name, day))
        return rows[0] if rows else None

    def hand_in(self, rep, name, day, values):
        """As whoever fills it in does: the form that is there, or a new one."""
        there = self.form(rep, name, day)
        values = dict(values, state="submitted")
        if there:
            return self.c.call(rep, "PATCH", "/api/%s/%s" % (name, there["id"]), values, there["version"])
        return self.c.call(rep, "POST", "/api/" + name, dict(values, day=day))

    def plan(self, rep, day):
        dice = self.dice("plan", rep, day)
        visits = [v for v in self.planned[rep] if v[1] == day]
        ends = sum(v[3] for v in visits)
        for i in range(dice.choice((1, 2, 2, 3))):
            end = dice.random() < 0.7
            made = self.c.call(rep, "POST", "/api/activity", {
                "kind": "visit", "planned_at": "%sT%02d:00:00+08:00" % (day, 9 + 2 * i), "purpose": dice.choice(PURPOSES), "goal": "目标",
                **({"planned_end": "%sT%02d:40:00+08:00" % (day, 9 + 2 * i)} if end else {}),
                **({"customer": dice.choice(self.customers[rep])} if dice.random() < 0.85 else {"area": "开发区"})})
            visits.append((made["id"], day, made["version"], end))
            self.planned[rep].append(visits[-1])
            ends += end
        got = self.hand_in(rep, "visit_plan", day, {"order_target": "%d.50" % dice.randrange(500, 4000), "collection_target": "%d" % dice.randrange(300, 2000)})
        self.lines[rep, day] = (len(visits), ends)
        return got

    def visits(self, rep, day, at):
        """Of what was planned most was done, some cancelled, some put off; something came in between."""
        dice = self.dice("visits", rep, day)
        stays = []
        for visit in self.planned[rep]:
            if visit[1] > day:
                stays.append(visit)
                continue
            luck = dice.random() if visit[1] == day else 0.85       # of a day that became a holiday: it does not take place
            if luck < 0.8:
                self.c.call(rep, "PATCH", "/api/activity/" + visit[0], self.result(dice, day), visit[2])
            elif luck < 0.9:
                self.c.call(rep, "PATCH", "/api/activity/" + visit[0], {"state": "cancelled"}, visit[2])
            else:
                later = self.calendar.next(day, at)
                got = self.c.call(rep, "PATCH", "/api/activity/" + visit[0],
                                  {"planned_at": later + "T16:00:00+08:00", "planned_end": later + "T17:00:00+08:00"}, visit[2])
                stays.append((visit[0], later, got["version"], True))
        self.planned[rep] = stays
        if dice.random() < 0.3:
            self.c.call(rep, "POST", "/api/activity", dict(self.result(dice, day), kind="visit", purpose="other", customer=dice.choice(self.customers[rep])))
        if dice.random() < 0.2:
            if dice.random() < 0.5:
                self.customers[rep].append(self.c.call(rep, "POST", "/api/customer", {"name": "%s 新 %s" % (rep, day)})["id"])
            self.win(rep, dice.choice(self.customers[rep][-6:]), day, "%d.%02d" % (dice.randrange(800, 30000), dice.randrange(100)))

    def win(self, rep, customer, day, amount):
        deal = self.c.call(rep, "POST", "/api/opportunity", {"customer": customer, "name": "单 " + day, "amount": amount})
        self.c.call(rep, "POST", "/api/opportunity/%s/win" % deal["id"], {"closed_on": day})

    @staticmethod
    def result(dice, day):
        return {"state": "done", "done_at": "%sT%02d:%02d:00+08:00" % (day, dice.randrange(9, 18), dice.randrange(60)), "minutes": dice.randrange(20, 120),
                "cost": "%d.%02d" % (dice.randrange(80), dice.randrange(100)), "goal_reached": dice.choice(("yes", "partly", "no")),
                "ordered": dice.random() < 0.25, **({"collected": "%d.25" % dice.randrange(50, 3000)} if dice.random() < 0.3 else {})}

    def tell(self, rep, day):
        dice = self.dice("report", rep, day)
        parts = {p: "写了" for p in ("visits_note", "complaints_note", "opinions", "news", "reflections") if dice.random() < 0.7}
        if dice.random() < 0.15:
            parts["competitors"] = "雷霆科技降价"
        if dice.random() < 0.05:
            self.c.call(rep, "POST", "/api/complaint", {"customer": dice.choice(self.customers[rep]), "category": "quality", "facts": "开裂"})
        self.hand_in(rep, "daily_report", day, dict(parts, attendance=dice.choice(("present", "present", "trip", "half"))))

    def evening(self, rep, day, at):
        dice = self.dice("evening", rep, day)
        for late in self.owed.pop(rep, []):
            self.tell(rep, late)
        self.again(rep)
        for task in [task for task in self.actions[rep] if dice.random() < 0.4]:
            self.c.call(rep, "PATCH", "/api/task/" + task[0], {"state": "done"}, task[1])
            self.actions[rep].remove(task)
        if dice.random() < 0.03:                # ill: neither visits nor forms, the lead excuses the report
            for visit in [v for v in self.planned[rep] if v[1] == day]:
                self.c.call(rep, "PATCH", "/api/activity/" + visit[0], {"state": "cancelled"}, visit[2])
                self.planned[rep].remove(visit)
            return
        self.visits(rep, day, at)
        luck = dice.random()
        steps = [lambda: self.plan(rep, self.calendar.next(day, at))] if dice.random() < 0.96 else []
        if luck < 0.93:
            steps.append(lambda: self.tell(rep, day))
        elif luck < 0.97:
            self.owed[rep].append(day)
        if dice.random() < 0.5:
            steps.reverse()
        for step in steps:
            step()

    def again(self, rep):
        """What was returned is put right and handed in once more."""
        for name in ("visit_plan", "daily_report"):
            for form in self.c.rows(rep, "/api/%s?owner=eq.$me&state=eq.returned" % name):
                if name == "visit_plan" and form["day"] < self.c.now[:10]:
                    continue                    # its day is over
                if name == "daily_report":
                    for visit in self.c.rows(rep, "/api/activity?report=eq.%s&limit=1&sort=id" % form["id"]):
                        self.c.call(rep, "PATCH", "/api/activity/" + visit["id"], {"cost": "99.99", "minutes": 77}, visit["version"])
                self.c.call(rep, "PATCH", "/api/%s/%s" % (name, form["id"]), {"state": "submitted"}, form["version"])
                self.outcomes["handed in again"] += 1

    # The leaders.

    def leads(self):
        return ["lead_" + t for t in TEAMS]

    def sign(self, lead, moment, share):
        """Signs a share of what waits with a grade; returns some; the rest waits."""
        for name in ("visit_plan", "daily_report"):
            for form in self.c.rows(lead, "/api/%s?leader=eq.$me&state=eq.submitted&limit=200&sort=id" % name):
                dice = self.dice("sign", lead, moment, form["title"], name)
                if dice.random() > share:
                    continue
                if dice.random() < 0.04 and not form["returned"] and (name == "daily_report" or form["day"] > self.c.now[:10]):
                    values = {"state": "returned", "reason": "请补充"}
                else:
                    values = {"state": "signed", **({"grade": dice.randrange(1, 6)} if dice.random() < 0.8 else {}),
                              **({"instruction": "照此办理"} if dice.random() < 0.3 else {}), **({"question": "为什么？"} if dice.random() < 0.1 else {})}
                self.c.call(lead, "PATCH", "/api/%s/%s" % (name, form["id"]), values, form["version"])

    def excuse(self, lead):
        """The reports of those who were ill."""
        today = self.c.now[:10]
        for form in self.c.rows(lead, "/api/daily_report?state=eq.draft&day=lt.%s&limit=200" % today):
            rep = next((r for r in self.c.reps if self.c.ids[r] == form["owner"]), None)
            if rep and form["day"] not in self.owed[rep] and self.dice("excuse", form["title"]).random() < 0.5:
                self.c.call(lead, "PATCH", "/api/daily_report/" + form["id"], {"state": "excused", "reason": "病假"}, form["version"])
                self.outcomes["excused"] += 1

    def race(self, first, second):
        """Two requests at the same time: (status, answer) each."""
        runs = [self.pool.submit(self.c.call, *one, raw=True) for one in (first, second)]
        return [(r.result()[0], json.loads(r.result()[1])) for r in runs]

    def two_at_once(self, lead):
        """Lead and manager sign the same report: one signature counts, the other is told 409."""
        waiting = self.c.rows(lead, "/api/daily_report?leader=eq.$me&state=eq.submitted&limit=1&sort=id")
        for form in waiting:
            path = "/api/daily_report/" + form["id"]
            answers = self.race((lead, "PATCH", path, {"state": "signed", "grade": 5, "instruction": lead}, form["version"]),
                                ("manager", "PATCH", path, {"state": "signed", "grade": 1, "instruction": "manager"}, form["version"]))
            won = 0 if answers[0][0] == 200 else 1
            who = (lead, "manager")[won]
            now = self.c.call("manager", "GET", path)
            self.t.same("both sign: answers", sorted(a[0] for a in answers), [200, 409])
            self.t.fields("both sign", now, state="signed", signer=self.c.ids[who], instruction=who, grade=(5, 1)[won], version=form["version"] + 1)
            self.t.same("both sign: the other is shown what counts", answers[1 - won][1].get("current", {}).get("instruction"), who)
            self.outcomes["two signed at once"] += 1

    def edits_while_signed(self, lead):
        """The owner changes it while it is being signed: one of the two is told 409; nobody signs what they have not seen."""
        for form in self.c.rows(lead, "/api/daily_report?leader=eq.$me&state=eq.submitted&limit=1&sort=-id"):
            rep = next(r for r in self.c.reps if self.c.ids[r] == form["owner"])
            path = "/api/daily_report/" + form["id"]
            answers = self.race((lead, "PATCH", path, {"state": "signed", "grade": 4}, form["version"]), (rep, "PATCH", path, {"news": "改过"}, form["version"]))
            now = self.c.call(lead, "GET", path)
            self.t.same("edit while signed: answers", sorted(a[0] for a in answers), [200, 409])
            signed = answers[0][0] == 200
            self.t.fields("edit while signed", now, state="signed" if signed else "submitted", news=form["news"] if signed else "改过", version=form["version"] + 1)
            self.outcomes["signed first" if signed else "edited first"] += 1
            if signed:
                status, said = self.c.call(rep, "PATCH", path, {"news": "再改"}, now["version"], raw=True)
                self.t.same("a signed report stays", (status, json.loads(said)["errors"][0]["field"]), (409, "news"))

    # Weeks.

    def week(self, lead, monday):
        """The report of the week that ended is there; completed, submitted, frozen."""
        report = self.c.rows(lead, "/api/week_report?owner=eq.$me&monday=eq." + monday)[0]
        dice = self.dice("week", lead, monday)
        values = {"state": "submitted", "next_plan": "拜访重点客户"}
        if report["next_target"] is None:
            values["next_target"] = "%d" % dice.randrange(20000, 60000)
        if report["sales_target"] is None:
            values["sales_target"] = "40000"
        self.c.call(lead, "PATCH", "/api/week_report/" + report["id"], values, report["version"])
        self.frozen[report["id"]] = self.c.call(lead, "GET", "/api/week_report/" + report["id"], raw=True)[1]


    # Meetings.

    def meets_weekly(self, lead):
        self.c.call(lead, "POST", "/api/meeting_plan", {"name": lead + " 周会", "kind": "weekly", "rhythm": "week", "weekday": 1, "at": "09:00"})

    def meet(self, lead):
        """The week's meeting, with points, a decision, actions and who was there; now and then it does not take place."""
        meeting = self.c.rows(lead, "/api/meeting?owner=eq.$me&day=eq." + self.c.now[:10])[0]
        dice = self.dice("meeting", lead, self.c.now)
        if dice.random() < 0.15:
            return
        seats = {seat["member"]: seat for seat in self.c.rows(lead, "/api/meeting_seat?meeting=eq.%s&limit=200" % meeting["id"])}
        reps = [rep for rep in self.c.reps if self.c.ids[rep] in seats and "lead_" + self.team[rep] == lead]
        luck = {rep: dice.random() for rep in reps}
        for rep in reps:
            seat = seats[self.c.ids[rep]]
            if luck[rep] < 0.2:
                self.c.call(rep, "PATCH", "/api/meeting_seat/" + seat["id"], {"progress": "在客户处，已按计划"}, seat["version"])
        topic = self.c.rows(lead, "/api/meeting_item?meeting=eq.%s&part=eq.won" % meeting["id"])[0]
        self.c.call(lead, "PATCH", "/api/meeting_item/" + topic["id"], {"points": "成交偏少", "decision": "先做老客户"}, topic["version"])
        for _ in range(dice.choice((0, 1, 2))):
            rep = dice.choice(reps)
            due = self.calendar.next(self.calendar.next(self.c.now[:10]))
            task = self.c.call(lead, "POST", "/api/task", {"title": "按会上定的办", "owner": self.c.ids[rep], "due_on": due, "meeting": meeting["id"]})
            self.actions[rep].append((task["id"], task["version"]))
        self.c.call(lead, "PATCH", "/api/meeting/" + meeting["id"], {"state": "held"}, meeting["version"])
        for rep in reps:
            if luck[rep] > 0.85:
                seat = self.c.call(lead, "GET", "/api/meeting_seat/" + seats[self.c.ids[rep]]["id"])
                self.c.call(lead, "PATCH", "/api/meeting_seat/" + seat["id"], {"state": "absent"} if luck[rep] < 0.95 else {"state": "excused", "reason": "病假"},
                            seat["version"])
        self.held[meeting["id"]] = {self.c.ids[rep]: "remote" if luck[rep] < 0.2 else "excused" if luck[rep] > 0.95 else "absent" if luck[rep] > 0.85 else "present"
                                    for rep in reps}
        self.outcomes["weekly meetings held"] += 1


class Count:
    """The figures again, from the records as they are now."""
    def __init__(self, life):
        self.c, self.t, self.life, self.calendar = life.c, life.t, life, life.calendar
        everything = {name: self.c.export(name) for name in (
            "member", "customer", "activity", "opportunity", "visit_plan", "daily_report", "complaint", "competitor_event", "week_report", "target", "meeting", "meeting_seat", "task", "market_form")}
        self.targets_of = {metric: [n for n in everything["target"] if n["plan"] == plan] for metric, plan in life.plans.items()}
        self.name = {i: n for n, i in self.c.ids.items()}
        self.members = everything["member"]
        self.team = {m["id"]: m["team"] for m in self.members}
        self.reps = [self.c.ids[r] for r in self.c.reps]
        self.visits = [a for a in everything["activity"] if a["kind"] == "visit" and a["state"] == "done"]
        self.activities = everything["activity"]
        self.won = [o for o in everything["opportunity"] if o["result"] == "won"]
        self.customers, self.complaints, self.events = everything["customer"], everything["complaint"], {e["id"]: e for e in everything["competitor_event"]}
        self.plans, self.reports, self.weeks = everything["visit_plan"], everything["daily_report"], everything["week_report"]
        self.meetings, self.seats, self.tasks, self.market = (everything[n] for n in ("meeting", "meeting_seat", "task", "market_form"))
        self.plan_day = {p["id"]: p["day"] for p in self.plans}
        for v in self.visits:
            v["day"] = v["done_at"][:10]
            v["is_effective"] = v["goal_reached"] == "yes" or v["advanced"] or v["ordered"]
            v["kept"] = v["plan"] is not None and self.plan_day[v["plan"]] == v["day"]

    @staticmethod
    def total(rows, field):
        return sum(cents(r[field]) or 0 for r in rows)

    def visits_of(self, owners, first, last):
        return [v for v in self.visits if v["owner"] in owners and first <= v["day"] <= last]

    def won_by(self, owners, first, last, before=None):
        return [o for o in self.won if o["owner"] in owners and first <= o["closed_on"] <= last and (before is None or o["created_at"] <= before)]

    def forms(self, owners, first, last, signer=None):
        """Plans and reports that are due: theirs, or given to this one to sign."""
        return [f for f in self.plans + self.reports if (f["owner"] in owners or (signer and f["leader"] == signer))
                and first <= f["day"] <= last and f["state"] != "excused"]

    # The forms.

    def every_form(self):
        for plan in self.plans:
            self.one_plan(plan)
        for report in self.reports:
            self.one_report(report)

    def due(self, form, plan):
        day = date(form["day"])
        return "%sT%s:00+08:00" % ((day - ONE).isoformat(), "20:00") if plan else "%sT%s:00+08:00" % (day.isoformat(), "21:00")

    def signature(self, what, form):
        """What both have of being handed in, signed, returned."""
        if form["submitted_at"] is None:
            self.t.fields(what, form, signer=None, signed_at=None, on_time=False, sign_due_at=None, completeness=None)
            return
        self.t.fields(what, form, sign_due_at=None if form["state"] == "returned" else
                      self.calendar.next(form["submitted_at"][:10], form["submitted_at"]) + "T12:00:00+08:00")
        if not form["returned"]:
            self.t.fields(what, form, on_time=form["submitted_at"] <= form["due_at"])
        if form["state"] == "signed":
            took = (instant(form["signed_at"]) - instant(form["submitted_at"])).total_seconds()
            # Exported to the second, kept to the thousandth.
            self.t.same(what + ": sign_minutes", form["sign_minutes"] in {int((took + d + 30) // 60) for d in (-1, 0, 1)}, True)
            self.t.fields(what, form, signed_in_time=form["signed_at"] <= form["sign_due_at"])
        else:
            self.t.fields(what, form, signer=None, signed_in_time=False, sign_minutes=None)

    def one_plan(self, plan):
        what = "visit_plan %s %s" % (self.name[plan["owner"]], plan["day"])
        self.t.fields(what, plan, due_at=self.due(plan, True))
        self.signature(what, plan)
        if plan["submitted_at"]:
            lines, ends = self.life.lines[self.name[plan["owner"]], plan["day"]]
            self.t.fields(what, plan, lines=lines, completeness=percent((4 * lines + ends) * 10000 // (5 * lines)),
                          lines_done=len([v for v in self.visits if v["plan"] == plan["id"] and v["kept"]]))

    def targets(self, owner, first, day, at):
        """Orders and collections aimed at: of the day, and from the first of the month."""
        aims = []
        for since in (day, first):
            those = [p for p in self.plans if p["owner"] == owner and since <= p["day"] <= day]
            for field, metric in (("order_target", "won_amount"), ("collection_target", "collected_on_visits")):
                given = [cents(p[field]) for p in those if p[field] is not None]
                aim = self.span_target(metric, "person", owner, since, day, at)
                aims.append(aim if aim is not None else sum(given) if given else None)
        return aims

    # Targets: a month's target on its workdays, as they were known at that moment; equal parts to the cent, the first ones have the rest.

    def month_target(self, metric, unit, id_, month):
        return next((cents(n["value"]) for n in self.targets_of[metric] if n[unit] == id_ and n["period"] == month), None)

    def span_target(self, metric, unit, id_, first, last, at):
        if at < self.life.in_force:
            return None
        total = 0
        for month in sorted({d[:7] for d in days_between(first, last)}):
            target = self.month_target(metric, unit, id_, month)
            if target is None:
                return None
            days = self.calendar.days(month + "-01", month_end(month + "-01"), at)
            each, rest_ = divmod(target, len(days))
            total += sum(each + (i < rest_) for i, d in enumerate(days) if first <= d <= last)
        return total

    def attainment(self, on):
        """Of the month, as each of those above sees it."""
        month = on[:7]
        at = self.c.now
        gone, all_days = len(self.calendar.days(month + "-01", on, at)), len(self.calendar.days(month + "-01", month_end(on), at))
        left = len(self.calendar.days(on, month_end(on), at))
        for metric, done in (("won_amount", lambda m: self.total(self.won_by({m}, month + "-01", on), "amount")),
                             ("collected_on_visits", lambda m: self.total(self.visits_of({m}, month + "-01", on), "collected"))):
            for who, teams in [("boss", TEAMS), ("manager", TEAMS), *(("lead_" + t, (t,)) for t in TEAMS)]:
                rows = {r["unit"]: r for r in self.c.report(who, "target_attainment", plan=self.life.plans[metric], period=month, on=on)}
                people = self.people(teams)
                want = {self.name[m]: ("person", m, {m}) for m in people}
                want.update({t: ("team", self.c.ids[t], self.people((t,))) for t in teams})
                if len(teams) > 1:
                    want["region"] = ("team", self.c.ids["region"], people)
                self.t.same("target_attainment units of " + who, set(rows), set(want))
                for label, (unit, id_, those) in want.items():
                    target, reached = self.month_target(metric, unit, id_, month), sum(done(m) for m in those)
                    attained, time = near(reached * 10000, target), near(gone * 10000, all_days)
                    self.t.fields("target_attainment %s %s %s of %s" % (metric, label, on, who), rows.get(label, {}), target=percent(target), actual=percent(reached),
                                  attainment=percent(attained), elapsed=percent(time), pace=percent(attained - time), left_days=left,
                                  per_day=percent(near(max(target - reached, 0), left)) if left else None, people=len(those), seen=len(those),
                                  projected=percent(reached if on == month_end(on) else near(reached * all_days, gone) if gone >= 5 else None))
                if len(teams) > 1:
                    for column in ("target", "actual"):
                        self.t.same("teams make the region", sum(cents(rows[t][column]) for t in teams), cents(rows["region"][column]))

    def days_of_month(self, on):
        """Day by day, of one person and one team."""
        month = on[:7]
        for who, unit, id_, people in (("east_1", "person", self.c.ids["east_1"], {self.c.ids["east_1"]}), ("lead_west", "team", self.c.ids["west"], self.people(("west",)))):
            rows = {r["day"]: r for r in self.c.report(who, "target_days", plan=self.life.plans["won_amount"], period=month, on=on, **{unit: id_})}
            for day in self.calendar.days(month + "-01", month_end(on), self.c.now):
                so_far = self.span_target("won_amount", unit, id_, month + "-01", day, self.c.now)
                sold, sold_so_far = (self.total(self.won_by(people, since, day), "amount") for since in (day, month + "-01"))
                self.t.fields("target_days %s %s of %s" % (unit, day, who), rows.get(day, {}), target=percent(self.span_target("won_amount", unit, id_, day, day, self.c.now)),
                              target_so_far=percent(so_far), actual=percent(sold) if day <= on else None, actual_so_far=percent(sold_so_far) if day <= on else None,
                              attainment=percent(near(sold_so_far * 10000, so_far)) if day <= on else None)

    def one_report(self, r):
        what = "daily_report %s %s" % (self.name[r["owner"]], r["day"])
        self.t.fields(what, r, due_at=self.due(r, False))
        self.signature(what, r)
        if r["submitted_at"] is None:
            self.t.fields(what, r, visits=None, orders=None, order_rate=None)
            return
        owner, day, first = r["owner"], r["day"], r["day"][:8] + "01"
        done = self.visits_of({owner}, day, day)
        month = self.visits_of({owner}, first, day)
        orders, month_orders = (self.total(self.won_by({owner}, since, day, r["submitted_at"]), "amount") for since in (day, first))
        collected, month_collected = self.total(done, "collected"), self.total(month, "collected")
        aim, aim_collected, month_aim, month_aim_collected = self.targets(owner, first, day, r["submitted_at"])
        planned = sum(n for (rep, d), (n, _) in self.life.lines.items() if self.c.ids[rep] == owner and d == day)
        kept = [v for v in done if v["kept"]]
        complaints = [v for v in done if v["purpose"] == "complaint"]
        parts = 2 + bool(r["visits_note"] or not done) + bool(r["complaints_note"] or not complaints) + \
            sum(bool(r[p]) for p in ("competitors", "opinions", "news", "reflections"))
        money = lambda n: None if n is None else "%d.%02d" % divmod(n, 100)
        self.t.fields(what, r, visits=len(done), effective=len([v for v in done if v["is_effective"]]), minutes=sum(v["minutes"] for v in done),
                      cost=money(self.total(done, "cost")), collected=money(collected), complaints=len(complaints), planned=planned,
                      planned_done=len(kept), unplanned=len(done) - len(kept), fulfilment=rate(len(kept), planned), orders=money(orders),
                      month_orders=money(month_orders), month_collected=money(month_collected), order_target=money(aim),
                      collection_target=money(aim_collected), month_order_target=money(month_aim), month_collection_target=money(month_aim_collected),
                      order_rate=rate(orders, aim), collection_rate=rate(collected, aim_collected), completeness=percent(parts * 10000 // 8))
        self.t.same(what + ": its visits", sorted(v["id"] for v in done), sorted(v["id"] for v in self.visits if v["report"] == r["id"]), "its visits")

    # Weeks, as they were when they were submitted.

    def week_of(self, team, monday):
        sunday = (date(monday) + 6 * ONE).isoformat()
        owners = {m for m in self.team if self.team[m] == self.c.ids[team]}
        visits, won, forms = self.visits_of(owners, monday, sunday), self.won_by(owners, monday, sunday), self.forms(owners, monday, sunday)
        effective = [v for v in visits if v["is_effective"]]
        aims = [cents(f["collection_target"]) or 0 for f in forms if "order_rate" not in f]
        seen = collections.Counter(r["competitor_event"] for r in self.reports if r["owner"] in owners and monday <= r["day"] <= sunday
                                   and r["state"] in ("submitted", "signed") and r["competitor_event"])
        seen = sorted((-n, int(e), self.events[e]["title"]) for e, n in seen.items() if self.events[e]["state"] != "dismissed")
        bad = sorted((x["received_on"], x["title"], int(x["id"])) for x in self.complaints if x["owner"] in owners and monday <= x["received_on"] <= sunday)
        return {
            "sales": self.total(won, "amount"), "collected": self.total(visits, "collected"), "visits": len(visits), "effective": len(effective),
            "new_customers": len([c for c in self.customers if c["owner"] in owners and c["first_deal_on"] and monday <= c["first_deal_on"] <= sunday]),
            "dealt": len([v for v in effective if v["ordered"]]), "heads": len({f["owner"] for f in forms if "order_rate" in f}),
            "forms_due": len(forms), "forms_on_time": len([f for f in forms if f["on_time"]]), "forms_signed": len([f for f in forms if f["state"] == "signed"]),
            "collection_target": self.week_target("collected_on_visits", team, monday, sum(aims) or None),
            "competitors": "\n".join("· %s%s" % (title, " × %d" % -n if n < -1 else "") for n, _, title in seen) or None,
            "abnormal": "\n".join("· " + title for _, title, _ in bad) or None,
        }

    def week_target(self, metric, team, monday, otherwise):
        """As of the Monday on which the report was made."""
        sunday = (date(monday) + 6 * ONE).isoformat()
        target = self.span_target(metric, "team", self.c.ids[team], monday, sunday, (date(sunday) + ONE).isoformat() + "T08")
        return otherwise if target is None else target

    RATES = {"sales_rate": ("sales", "sales_target"), "collection_rate": ("collected", "collection_target"), "effective_rate": ("effective", "visits"),
             "deal_rate": ("dealt", "effective"), "forms_rate": ("forms_on_time", "forms_due")}
    MONEY = ("sales", "collected", "sales_target", "collection_target")

    def shown(self, want):
        return {k: None if v is None else "%d.%02d" % divmod(v, 100) if k in self.MONEY else v for k, v in want.items()}

    def one_week(self, monday, teams):
        sunday = (date(monday) + 6 * ONE).isoformat()
        for team in teams:
            got = next(w for w in self.weeks if w["monday"] == monday and w["team"] == self.c.ids[team])
            want = self.week_of(team, monday)
            what = "week_report %s %s" % (team, monday)
            target = cents(got["sales_target"])
            self.t.fields(what, got, **self.shown(want), **{
                name: rate(*(dict(want, sales_target=target)[k] for k in pair)) for name, pair in self.RATES.items()})
            per = None if not want["heads"] else Decimal(want["sales"]) / want["heads"]
            self.t.fields(what, got, per_person=None if per is None else str((per / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)),
                          due_at="%sT12:00:00+08:00" % (date(monday) + 7 * ONE).isoformat(), on_time=got["submitted_at"] <= got["due_at"] if got["submitted_at"] else False,
                          week="%d-W%02d" % date(monday).isocalendar()[:2])
            before = [w for w in self.weeks if w["team"] == got["team"] and w["monday"] == (date(monday) - 7 * ONE).isoformat() and w["submitted_at"]]
            aim = self.week_target("won_amount", team, monday, cents(before[0]["next_target"]) if before else 4000000)
            self.t.fields(what, got, sales_target=percent(aim))
        self.rollup(monday)

    def rollup(self, monday):
        """Each leader's, the region's and the company's: the same rows, and totals of the same."""
        names = ("sales", "sales_target", "new_customers", "collected", "collection_target", "visits", "effective", "dealt", "heads", "forms_due", "forms_on_time")
        for who, teams in [("boss", TEAMS), ("manager", TEAMS), *(("lead_" + t, (t,)) for t in TEAMS)]:
            rows = {r["label"]: r for r in self.c.report(who, "week_rollup", day=monday)}
            mine = {t: next(w for w in self.weeks if w["monday"] == monday and w["team"] == self.c.ids[t]) for t in teams}
            self.t.same("week_rollup rows of " + who, sorted(rows), sorted([*teams, "∑"]))
            for label, those in [*((t, [mine[t]]) for t in teams), ("∑", list(mine.values()))]:
                want = {n: None if all(w[n] is None for w in those) else sum((cents(w[n]) or 0) if n in self.MONEY else w[n] or 0 for w in those) for n in names}
                aimed = lambda a, b: sum(cents(w[a]) for w in those if cents(w[b]))
                self.t.fields("week_rollup %s %s of %s" % (label, monday, who), rows[label], **self.shown(want),
                              sales_rate=percent(down(aimed("sales", "sales_target") * 10000, want["sales_target"])),
                              collection_rate=percent(down(aimed("collected", "collection_target") * 10000, want["collection_target"])),
                              effective_rate=percent(down(want["effective"] * 10000, want["visits"])), deal_rate=percent(down(want["dealt"] * 10000, want["effective"])),
                              forms_rate=percent(down(want["forms_on_time"] * 10000, want["forms_due"])),
                              per_person=percent(down(want["sales"], want["heads"])))

    # Reports over a span.

    def span(self, first, last):
        for who, teams in [("boss", TEAMS), ("manager", TEAMS), *(("lead_" + t, (t,)) for t in TEAMS)]:
            self.quality(who, teams, first, last)
            self.efficiency(who, teams, first, last)
        self.sign_times(first, last)

    def people(self, teams):
        return {m for m in self.reps if self.team[m] in {self.c.ids[t] for t in teams}}

    def quality(self, who, teams, first, last):
        rows = {r["owner_id"]: r for r in self.c.report(who, "form_quality", **{"from": first, "to": last})}
        # Who stands in sees those forms, and no others of that team.
        seen = self.forms(self.people(teams), first, last, who == "lead_east" and self.c.ids[who])
        people = {f["owner"] for f in seen}
        self.t.same("form_quality people of " + who, set(rows), people)
        for m in people:
            forms = [f for f in seen if f["owner"] == m]
            grades = [f["grade"] for f in forms if f["grade"] is not None]
            filled = [cents(f["completeness"]) for f in forms if f["completeness"] is not None]
            timely = len([f for f in forms if f["on_time"]])
            punctual, good = timely * 10000 // len(forms), down(sum(grades) * 2000, len(grades))
            self.t.fields("form_quality %s %s of %s" % (self.name[m], first, who), rows[m], due=len(forms), on_time=timely, graded=len(grades),
                          missing=len([f for f in forms if f["submitted_at"] is None]), punctuality=percent(punctual),
                          grade=percent(down(sum(grades) * 100, len(grades))), quality=percent(good),
                          completeness=percent(down(sum(filled), len(filled))), returned=sum(f["returned"] or 0 for f in forms),
                          score=None if good is None else percent((punctual * 50 + good * 50) // 100))

    def efficiency(self, who, teams, first, last):
        rows = {r["owner_id"]: r for r in self.c.report(who, "selling_efficiency", **{"from": first, "to": last})}
        month = last[:8] + "01"
        end = month_end(month)
        gone, all_days = len(self.calendar.days(month, last, self.c.now)), len(self.calendar.days(month, end, self.c.now))
        for m in self.people(teams):
            visits, won = self.visits_of({m}, first, last), self.won_by({m}, first, last)
            to_date = self.won_by({m}, month, last)
            if not visits and not won and not to_date:
                continue
            cost, amount, sold = self.total(visits, "cost"), self.total(won, "amount"), self.total(to_date, "amount")
            effective = len([v for v in visits if v["is_effective"]])
            aim = self.month_aim(m, month, last)
            self.t.fields("selling_efficiency %s %s of %s" % (self.name[m], first, who), rows.get(m, {}), visits=len(visits), effective=effective, orders=len(won),
                          amount=percent(amount), cost=percent(cost), per_visit=percent(down(cost, len(visits))), per_effective=percent(down(cost, effective)) if visits else None,
                          per_order=percent(down(cost, len(won))) if visits else None, per_cost=percent(down(amount * 100, cost)), month_amount=percent(sold),
                          month_target=percent(aim), attained=percent(down(sold * 10000, aim)), elapsed=percent(down(gone * 10000, all_days)),
                          pace=percent(down(sold * 10000, aim) - down(gone * 10000, all_days)) if self.c.now >= self.life.in_force else None)

    def month_aim(self, owner, month, last):
        if self.c.now >= self.life.in_force:
            return self.month_target("won_amount", "person", owner, month[:7])
        given = [cents(p["order_target"]) for p in self.plans if p["owner"] == owner and month <= p["day"] <= last
                 and p["state"] in ("submitted", "signed") and p["order_target"] is not None]
        return sum(given) if given else None

    def sign_times(self, first, last):
        rows = {r["leader_id"]: r for r in self.c.report("boss", "sign_times", **{"from": first, "to": last})}
        waits = [f for f in self.plans + self.reports if first <= f["day"] <= last and f["leader"] and f["state"] in ("submitted", "signed")]
        self.t.same("sign_times leaders", set(rows), {f["leader"] for f in waits})
        for leader in rows:
            those = [f for f in waits if f["leader"] == leader]
            signed = sorted(f["sign_minutes"] for f in those if f["state"] == "signed")
            n = len(signed)
            in_time = len([f for f in those if f["signed_in_time"]])
            self.t.fields("sign_times %s %s" % (self.name[leader], first), rows[leader], due=len(those), signed=n, in_time=in_time, waiting=len(those) - n,
                          rate=percent(in_time * 10000 // len(those)), median_minutes=(signed[(n - 1) // 2] + signed[n // 2]) // (2 if n % 2 == 0 else 2) if n else None,
                          instructed=len([f for f in those if f["state"] == "signed" and (f["instruction"] or f["question"])]))

    # A day in four quadrants.

    def four(self, day):
        for who, team in (("boss", None), ("manager", None), *(("lead_" + t, t) for t in TEAMS), ("boss", TEAMS[0])):
            # The manager's reach ends below the boss.
            people = {m for m in self.team if self.team[m] == self.c.ids[team]} if team else set(self.team) - ({self.c.ids["boss"]} if who == "manager" else set())
            rows = [(r["number"], r["amount"]) for r in self.c.report(who, "four_controls", day=day, **({"team": self.c.ids[team]} if team else {}))]
            plans, reports = ([f for f in forms if f["owner"] in people and f["day"] == day] for forms in (self.plans, self.reports))
            told = [r for r in reports if r["state"] in ("submitted", "signed")]
            visits, won = self.visits_of(people, day, day), self.won_by(people, day, day)
            met = [m for m in self.meetings if m["owner"] in people and m["day"] == day and m["kind"] != "talk"]
            paid = [v for v in visits if cents(v["collected"])]
            want = [len([r for r in told if r["attendance"] in ("present", "trip", "training", "late", "half")]),
                    len([r for r in told if r["attendance"] in ("sick", "leave", "absent")]), len(visits), len([v for v in visits if v["is_effective"]]),
                    len([p for p in plans if p["submitted_at"]]), len([p for p in plans if p["state"] == "draft"]), len([r for r in reports if r["submitted_at"]]),
                    len([r for r in reports if r["state"] == "draft"]), len([r for r in reports if r["state"] == "submitted"]),
                    len([m for m in met if m["state"] == "held"]), len([m for m in met if m["state"] != "held"]),
                    len([t for t in self.tasks if t["owner"] in people and (t["origin"] or "").startswith("alert/") and t["created_at"][:10] == day]), 0,
                    len([x for x in self.complaints if x["owner"] in people and x["received_on"] == day]),
                    len([e for e in self.events.values() if e["last_on"] == day and e["state"] != "dismissed"]), 0, len(won), len(paid), 0]
            # No orders and no contracts in this quarter: their lines are there, and empty.
            amounts = [None] * 15 + ["0.00", percent(self.total(won, "amount")), percent(self.total(paid, "collected")), "0.00"]
            for at, (n, amount) in enumerate(zip(want, amounts)):
                self.t.same("four_controls %s line %d of %s" % (day, at, who), rows[at] if at < len(rows) else None, (n, amount), "four_controls")

    # Meetings.

    def pack(self, lead, day):
        """What the meeting of the day looks at, counted from the records of whoever has a seat."""
        meeting = next(m for m in self.meetings if m["owner"] == self.c.ids[lead] and m["day"] == day)
        people = {s["member"] for s in self.seats if s["meeting"] == meeting["id"]}
        if any(self.team[m] != self.team[self.c.ids[lead]] for m in people):
            return              # somebody has moved since it was made: the leader sees no more of them
        back = lambda n: (date(day) - n * ONE).isoformat()
        first, last = back(7), back(1)
        mine = lambda rows: [r for r in rows if r["owner"] in people]
        won, todo = self.won_by(people, first, last), [t for t in mine(self.tasks) if t["state"] == "open"]
        want = [len(won), len(self.visits_of(people, first, last)), len([w for w in mine(self.weeks) if back(13) <= w["monday"] < day]),
                len([t for t in todo if (t["origin"] or "").startswith("alert/")]), len([f for f in mine(self.market) if first <= f["day"] <= last]),
                len([x for x in mine(self.complaints) if first <= x["received_on"] <= last]), 0, len([t for t in todo if t["due_on"] and t["due_on"] < day]),
                len([t for t in todo if t["meeting"]])]
        rows = self.c.report(lead, "meeting_pack", meeting=meeting["id"])
        for at, n in enumerate(want):
            self.t.same("meeting_pack %s %s line %d" % (lead, day, at), rows[at]["number"] if at < len(rows) else None, n, "meeting_pack")
        self.t.same("meeting_pack %s %s amount" % (lead, day), rows[0]["amount"], percent(self.total(won, "amount")), "meeting_pack")

    def kept(self, first, last):
        """One a week and team, held or missed; who was there; what came of the actions."""
        mondays = [d for d in days_between(first, last) if date(d).weekday() == 0]
        for team in TEAMS:
            lead = "lead_" + team
            meetings = [m for m in self.meetings if m["owner"] == self.c.ids[lead] and first <= m["day"] <= last and m["state"] != "planned"]
            self.t.same("meetings of %s: days" % lead, sorted(m["day"] for m in meetings), [d if self.calendar.works(d) else self.calendar.next(d) for d in mondays])
            due = taken = 0
            for m in meetings:
                self.t.same("meeting %s: state" % m["name"], m["state"], "held" if m["id"] in self.life.held else "missed", "meeting state")
                for seat in (s for s in self.seats if s["meeting"] == m["id"] and m["state"] == "held"):
                    self.t.same("seat %s" % seat["name"], seat["state"], self.life.held[m["id"]].get(seat["member"], "present"), "seat")
                    due += seat["state"] in ("present", "remote", "absent")
                    taken += seat["state"] in ("present", "remote")
            tasks = [t for t in self.tasks if t["meeting"] in {m["id"] for m in meetings} and t["state"] != "cancelled"]
            held = len([m for m in meetings if m["state"] == "held"])
            for who in ("boss", "manager", lead):
                # Who has moved on since is no longer the leader's to see.
                given = [t for t in tasks if who != lead or self.team[t["owner"]] == self.c.ids[team]]
                done = [t for t in given if t["state"] == "done"]
                row = next(r for r in self.c.report(who, "meeting_kept", **{"from": first, "to": last}) if r["who"] == lead)
                self.t.fields("meeting_kept %s of %s" % (lead, who), row, planned=len(meetings), held=held, missed=len(meetings) - held, cancelled=0,
                              held_rate=percent(down(held * 10000, len(meetings))), seats=due, attended=taken, attendance=percent(down(taken * 10000, due)),
                              actions=len(given), done=len(done), on_time=len([t for t in done if t["done_at"][:10] <= t["due_on"]]),
                              done_rate=percent(down(len(done) * 10000, len(given))))
                got = self.c.call(who, "GET", "/api/metric/meeting_held_rate?from=%s&to=%s&by=member" % (first, last))
                self.one_metric("metric meeting_held_rate %s of %s" % (lead, who), next(r for r in got["rows"] if r["key"] == self.c.ids[lead]), held, len(meetings))

    # Metrics: each leader's, the region's and the company's of the same days agree.

    def metrics(self, first, last):
        def forms(list_, timely):
            return lambda m: (len([f for f in list_ if f["owner"] == m and first <= f["day"] <= last and f["state"] != "excused" and (not timely or f["on_time"])]))

        def visits(test=lambda v: True):
            return lambda m: len([v for v in self.visits_of({m}, first, last) if test(v)])

        def planned(done):
            return lambda m: len([a for a in self.activities if a["kind"] == "visit" and a["owner"] == m and a["planned_at"] and
                                  first <= a["planned_at"][:10] <= last and (not done or a["state"] == "done")])
        effective, ordered = lambda v: v["is_effective"], lambda v: v["ordered"]
        cost = lambda m: self.total(self.visits_of({m}, first, last), "cost")
        sold = lambda m: self.total(self.won_by({m}, first, last), "amount")
        for name, top, bottom in (
                ("plan_punctuality", forms(self.plans, True), forms(self.plans, False)), ("report_punctuality", forms(self.reports, True), forms(self.reports, False)),
                ("effective_visit_rate", visits(effective), visits()), ("deal_rate", visits(lambda v: v["ordered"] and v["is_effective"]), visits(effective)), ("plan_fulfilment", planned(True), planned(False)),
                ("visits", visits(), None), ("won_amount", sold, None), ("collected_on_visits", lambda m: self.total(self.visits_of({m}, first, last), "collected"), None),
                ("cost_per_visit", cost, visits()), ("selling_efficiency", sold, cost),
                ("new_customers", lambda m: len([c for c in self.customers if c["owner"] == m and c["first_deal_on"] and first <= c["first_deal_on"] <= last]), None)):
            for who, teams in [("boss", TEAMS), ("manager", TEAMS), *(("lead_" + t, (t,)) for t in TEAMS)]:
                people = self.people(teams)
                got = self.c.call(who, "GET", "/api/metric/%s?from=%s&to=%s&by=member" % (name, first, last))
                self.one_metric("metric %s %s of %s" % (name, first, who), got, sum(top(m) for m in people), bottom and sum(bottom(m) for m in people))
                rows = {r["key"]: r for r in got["rows"]}
                for m in people:
                    if m in rows:
                        self.one_metric("metric %s %s of %s by %s" % (name, first, self.name[m], who), rows[m], top(m), bottom and bottom(m))
                    else:
                        self.t.same("metric %s %s of %s by %s" % (name, first, self.name[m], who), None, None if not top(m) and not (bottom and bottom(m)) else "a row")

    def one_metric(self, what, got, top, bottom):
        number = lambda x: None if x is None else Decimal(str(x))
        scale = 100 if isinstance(got["numerator"], str) else 1
        self.t.same(what, number(got["numerator"]), Decimal(top) / scale, "metric")
        if bottom is not None:
            scale = 100 if isinstance(got["denominator"], str) else 1
            self.t.same(what + " bottom", number(got["denominator"]), Decimal(bottom) / scale, "metric")
        # A share in per cent, money by a number as money, money by money as a plain number; two digits of it are written.
        share = what.split(" ")[1].endswith(("_rate", "punctuality", "fulfilment"))
        value = number(got["value"])
        if bottom is None:
            self.t.same(what + " value", value, number(got["numerator"]), "metric value")
        elif not bottom:
            self.t.same(what + " value", value, None, "metric value")
        else:
            exact = number(got["numerator"]) / number(got["denominator"]) * (100 if share else 1)
            self.t.same(what + " value", value is not None and abs(value - exact) < Decimal("0.01"), True, "metric value")


def rest(life, quarter, day):
    """What is special about a morning."""
    c, t = life.c, life.t
    if day == quarter.declared:
        calendar = c.rows("admin", "/api/calendar_day?day=eq." + day)[0]
        handed_in = {p["id"] for p in c.rows("boss", "/api/visit_plan?day=eq.%s&state=in.(submitted,signed)&limit=200" % day)}
        c.call("admin", "PATCH", "/api/calendar_day/" + calendar["id"], {"workday": False, "holiday": "台风停工"}, calendar["version"])
        life.calendar.declared[day] = c.now
        t.same("holiday declared late: nobody owes a report", c.rows("boss", "/api/daily_report?day=eq." + day), [])
        t.same("holiday declared late: what was handed in stays", {p["id"] for p in c.rows("boss", "/api/visit_plan?day=eq.%s&limit=200" % day)}, handed_in)
    if day == quarter.move:
        member = c.call("admin", "GET", "/api/member/" + c.ids["north_1"])
        before = c.rows("boss", "/api/daily_report?owner=eq.%s&state=eq.signed&sort=-day&limit=1" % c.ids["north_1"])[0]
        waiting = c.rows("boss", "/api/daily_report?owner=eq.%s&state=eq.submitted" % c.ids["north_1"])
        c.call("admin", "PATCH", "/api/member/" + member["id"], {"team": c.ids["west"]}, member["version"])
        life.team["north_1"] = "west"
        t.same("moved: a signed report keeps team and signer", {k: c.call("boss", "GET", "/api/daily_report/" + before["id"])[k] for k in ("team", "signer")},
               {"team": c.ids["north"], "signer": before["signer"]})
        for form in waiting:
            t.fields("moved: what waited goes to the new leader", c.call("lead_west", "GET", "/api/daily_report/" + form["id"]), leader=c.ids["lead_west"])
        t.same("moved: the former leader sees no more of it", c.rows("lead_north", "/api/daily_report?owner=eq." + c.ids["north_1"]), [])
    if day == quarter.aims:
        set_targets(life)
    if day == quarter.away[0]:
        waiting = {f["id"] for f in c.rows("lead_west", "/api/daily_report?leader=eq.$me&state=eq.submitted&limit=200")}
        c.call("lead_west", "POST", "/api/stand_in", {"by": c.ids["lead_east"], "since": quarter.away[0], "until": quarter.away[1]})
        got = {f["id"] for f in c.rows("lead_east", "/api/daily_report?leader=eq.$me&state=eq.submitted&limit=200")}
        t.same("away: what waits goes to who stands in", waiting <= got, True)
        life.outcomes["forms handed to the stand-in"] += len(waiting)


def set_targets(life):
    """The manager's plans for the year, split to the last representative, approved by the boss."""
    c, t = life.c, life.t
    for metric, value in (("won_amount", "1234567.89"), ("collected_on_visits", "345678.90")):
        plan = c.call("manager", "POST", "/api/target_plan", {"name": metric, "year": 2026, "metric": metric, "why": "与公司战略一致"})["id"]
        root = c.call("manager", "POST", "/api/target", {"plan": plan, "team": c.ids["region"], "period": "2026", "value": value})["id"]
        c.call("manager", "POST", "/api/target/%s/split" % root, {"along": "months", "method": "workdays"})
        for _ in range(2):
            c.call("manager", "POST", "/api/target/%s/split" % root, {"along": "units", "leaves": True})
        t.same("target: nothing of it counts before it is approved", c.report("east_1", "target_span", metric=metric, person=c.ids["east_1"]), [])
        asked = c.call("manager", "POST", "/api/approval", {"object": "target_plan", "record": plan})["id"]
        c.call("boss", "POST", "/api/approval/%s/approve" % asked, {})
        nodes = [n for n in c.export("target") if n["plan"] == plan]
        for month in range(1, 13):
            period = "2026-%02d" % month
            whole = next(cents(n["value"]) for n in nodes if n["period"] == period and n["team"] == c.ids["region"])
            t.same("target: teams add up", sum(cents(n["value"]) for n in nodes if n["period"] == period and n["team"] and n["team"] != c.ids["region"]), whole)
            t.same("target: people add up", sum(cents(n["value"]) for n in nodes if n["period"] == period and n["person"]), whole)
        t.same("target: months add up", sum(cents(n["value"]) for n in nodes if n["parent"] == root), cents(value))
        life.plans[metric] = plan
    life.in_force = c.now


def frozen(life):
    """Later edits change no report of a week that was submitted, not a byte."""
    c, t = life.c, life.t
    for report, bytes_ in life.frozen.items():
        now = c.call("manager", "GET", "/api/week_report/" + report, raw=True)[1]
        t.same("week stays: " + report, now, bytes_, "week stays")
    week = c.rows("lead_east", "/api/week_report?owner=eq.$me&state=eq.submitted&limit=1&sort=id")[0]
    t.same("week stays: nobody writes in it", c.call("lead_east", "PATCH", "/api/week_report/" + week["id"], {"next_plan": "改"}, week["version"], raw=True)[0], 409)


def edit_the_past(life, monday):
    """After the week was submitted: a deal is won in it, a visit of it done again after its report was returned."""
    c = life.c
    life.win("east_2", life.customers["east_2"][0], monday, "77777.00")
    for form in c.rows("lead_east", "/api/daily_report?day=eq.%s&state=eq.signed&limit=1&visits=gt.0" % monday):
        c.call("lead_east", "PATCH", "/api/daily_report/" + form["id"], {"state": "returned", "reason": "核对"}, form["version"])
        life.outcomes["returned after the week"] += 1


def live(life, quarter):
    """The quarter, day by day; what each week said is counted as soon as it is submitted."""
    c = life.c
    days = [d for d in days_between(quarter.first, quarter.last) if life.calendar.works(d)]
    last_monday = None
    due = collections.defaultdict(list)         # leads → mondays of the weeks they owe
    for number, day in enumerate(days):
        monday = (date(day) - date(day).weekday() * ONE - 7 * ONE).isoformat()
        new_week = last_monday is not None and monday != last_monday
        specials = (quarter.declared, quarter.move, quarter.aims, quarter.away[0], life.calendar.next(quarter.away[1]))
        if new_week or day in specials or number % 3 == 2:
            c.at(day + "T08:40:00")
            rest(life, quarter, day)
            here = [l for l in life.leads() if l != "lead_west" or not quarter.away[0] <= day <= quarter.away[1]]
            life.everybody(lambda lead: life.sign(lead, c.now, 0.95), here)
            life.everybody(life.excuse, here)
            if new_week:
                life.everybody(life.meet, here)
                for lead in life.leads():
                    due[lead].append(monday)
            done = collections.defaultdict(list)
            for lead in here:
                for m in due.pop(lead, []):
                    life.week(lead, m)
                    done[m].append(lead.split("_")[1])
            if done:
                count = Count(life)
                for lead in here if new_week else ():
                    count.pack(lead, day)
                for m, teams in sorted(done.items()):
                    count.one_week(m, teams)
                    count.span(m, (date(m) + 6 * ONE).isoformat())
                    count.four((date(m) + ONE).isoformat())
                if c.now >= life.in_force:
                    yesterday = (date(day) - ONE).isoformat()
                    count.attainment(yesterday)
                    count.attainment(month_end((date(day[:7] + "-01") - ONE).isoformat()))
                    count.days_of_month(yesterday)
            if number == 11:
                edit_the_past(life, quarter.first)
        last_monday = monday
        if not life.calendar.works(day):
            continue
        c.at(day + "T19:10:00")
        life.everybody(lambda rep: life.evening(rep, day, c.now), c.reps)
        here = [l for l in life.leads() if l != "lead_west" or not quarter.away[0] <= day <= quarter.away[1]]
        if date(day).weekday() == 1:
            life.two_at_once(here[number % len(here)])
        if date(day).weekday() == 3:
            life.edits_while_signed(here[number % len(here)])
        life.everybody(lambda lead: life.sign(lead, c.now, 0.5), here)
        print("%s  %d compared, %d differ" % (day, life.t.passed + life.t.failed, life.t.failed), flush=True)


def run(options, args, log):
    quarter, checks = Quarter(options.short), Checks()
    before = (date(quarter.first) - 3 * ONE).isoformat()
    os.environ["LOUDOU_NOW"] = before + "T19:00:00+08:00"
    company = Company(options.binary, args, log)
    try:
        company.found()
        life = Life(company, quarter, options.seed, checks)
        company.now = os.environ.pop("LOUDOU_NOW")
        life.everybody(life.begin, company.reps)
        life.everybody(life.meets_weekly, life.leads())
        live(life, quarter)
        count = Count(life)
        count.every_form()
        count.kept(quarter.first, quarter.last)
        for month in sorted({d[:7] for d in days_between(quarter.first, quarter.last)}):
            count.metrics(month + "-01", month_end(month + "-01"))
        frozen(life)
    finally:
        if company.server:
            company.server.stop()
    return life, checks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/loudou"))
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="loudou-quarter-")
    os.chmod(work, 0o755)       # PostgreSQL runs as another user
    args = ["--data", work + "/data"]
    pg = None
    try:
        if options.db == "postgresql":
            pg = os.path.join(work, "pg")
            args += ["--db", api.pg_url("start", pg)]
        with open(work + "/log", "w") as log:
            life, checks = run(options, args, log)
    finally:
        if pg:
            subprocess.run([ROOT + "/tools/pg.sh", "stop", pg], check=False)
        shutil.rmtree(work, ignore_errors=True)
    print(", ".join("%s: %d" % o for o in sorted(life.outcomes.items())))
    print("quarter on %s: %d passed, %d failed" % (options.db, checks.passed, checks.failed))
    print("%d figures compared, %d differ" % (checks.passed + checks.failed, checks.failed))
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
