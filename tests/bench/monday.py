#!/usr/bin/env python3
"""Monday, 0:00: the weekly report of each of 200 teams, with a year of a million activities, while others work.

    tests/bench/monday.py [--activities N] [--teams N] [--data DIR]

Prints when the first and the last report were there, and how long others waited for a list and for a saved
visit, before and meanwhile.  DIR keeps the filled store for another run.
"""
import argparse
import datetime
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT + "/tests/api")
import run as api  # noqa: E402

BENCH, LOUDOU = ROOT + "/build/release/tests/bench/bench", ROOT + "/build/loudou"
MONDAY = datetime.date(2026, 11, 30)
TEAM = 20                       # people in a team of `bench fill`


def fill(data, activities, teams):
    subprocess.run([BENCH, "fill", data, "20000", str(activities), str(teams * TEAM), "20000"], check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, LOUDOU_NOW="2026-11-20T12:00:00+08:00"))


def hand_in(data):
    """Everybody's plans and reports of the week that ends, as the forms would be."""
    db = sqlite3.connect(data + "/loudou.db")
    week = [(MONDAY - datetime.timedelta(days=7 - i)).isoformat() for i in range(5)]
    for table in ("t_visit_plan", "t_daily_report"):
        db.execute("DELETE FROM " + table)
        for day in week:
            at = int(datetime.datetime.fromisoformat(day + "T18:00:00+08:00").timestamp() * 1000)
            db.execute("INSERT INTO %s (version, created_at, changed_at, owner, team, day, state, on_time, due_at, submitted_at, returned)"
                       " SELECT 1, ?, ?, id, team, ?, 'submitted', 1, ?, ?, 0 FROM t_member WHERE active = 1" % table, (at, at, day, at, at))
    db.execute("DELETE FROM t_week_report")
    db.commit()
    db.close()


class Other(threading.Thread):
    """Somebody at work: a list, then a visit saved, and so on."""
    def __init__(self, server, token):
        super().__init__(daemon=True)
        self.server, self.token, self.running = server, token, True
        self.lists, self.saves = [], []

    def run(self):
        while self.running:
            began = time.time()
            self.server.json("GET", "/api/customer?limit=50", self.token)
            self.lists.append(time.time() - began)
            began = time.time()
            self.server.json("POST", "/api/activity", self.token, {"kind": "call", "state": "done", "subject": "回访", "done_at": "2026-11-29T10:00:00+08:00"})
            self.saves.append(time.time() - began)

    def stop(self):
        self.running = False
        self.join()
        return {name: {"n": len(times), "median_ms": round(1000 * statistics.median(times), 1), "longest_ms": round(1000 * max(times), 1)}
                for name, times in (("list", self.lists), ("save", self.saves)) if times}


def measure(data, teams):
    args = ["--data", data]
    subprocess.run([LOUDOU, "member", "passwd", "m0", "--password", api.PASSWORD] + args, check=True)
    hand_in(data)
    os.environ["LOUDOU_NOW"] = "2026-11-29T23:50:00+08:00"
    server = api.Server(LOUDOU, args, subprocess.DEVNULL)
    token = server.sign_in("m0")
    busy = "/api/job?state=in.(waiting,running)&due_at=lte.2026-11-29T23:55:00"
    patience = time.time() + 600
    while server.json("GET", busy, token)["rows"] and time.time() < patience:
        time.sleep(0.2)
    other = Other(server, token)
    other.start()
    time.sleep(5)
    before = other.stop()
    server.stop()
    os.environ["LOUDOU_NOW"] = "2026-11-30T00:00:00+08:00"
    began = time.time()
    server = api.Server(LOUDOU, args, subprocess.DEVNULL)
    other = Other(server, token)
    other.start()
    first = None
    while True:
        there = server.json("GET", "/api/week_report?monday=eq.2026-11-23&limit=1&count=exact", token)["count"]
        if there and first is None:
            first = time.time() - began
        if there >= teams:
            break
        if time.time() - began > 600:
            server.stop()
            raise SystemExit("monday: %d of %d after ten minutes" % (there, teams))
        time.sleep(0.05)
    last = time.time() - began
    meanwhile = other.stop()
    server.stop()
    print("the first of %d weekly reports after %.1f s, the last after %.1f s (bar: 10 s)" % (teams, first, last))
    print("others before:    %s\nothers meanwhile: %s" % (json.dumps(before), json.dumps(meanwhile)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--activities", type=int, default=1000000)
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--data")
    options = parser.parse_args()
    work = options.data or tempfile.mkdtemp(prefix="loudou-monday-")
    try:
        if not os.path.exists(work + "/store"):
            fill(work + "/store", options.activities, options.teams)
        measure(work + "/store", options.teams)
    finally:
        if not options.data:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
