#!/usr/bin/env python3
"""Monday, 0:00: the weekly report of each of 200 teams, with a year of a million activities, while others work.

    tests/bench/monday.py [--db postgresql] [--activities N] [--teams N] [--data DIR]

Prints when the first and the last report were there, and how long others waited for a list and for a saved
visit, before and meanwhile.  DIR keeps the filled store for another run.
"""
import argparse
import csv
import datetime
import glob
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


def psql(url, *commands, **more):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
    return subprocess.run([found, "-qAt", "-v", "ON_ERROR_STOP=1", *(word for c in commands for word in ("-c", c)), url], check=True, text=True, **more)


def analyze(url):
    # It may not look at PostgreSQL's own tables, and says so of each.
    psql(url, "SET client_min_messages = error", "ANALYZE")


def carry(data, url):
    """The filled store's rows on PostgreSQL: what both have of tables and columns."""
    subprocess.run([LOUDOU, "member", "add", "somebody", "--label", "x", "--password", api.PASSWORD, "--data", data + "-files", "--db", url], check=True)
    there = {}
    for line in psql(url, "SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = current_schema()"
                          " AND is_generated = 'NEVER'", capture_output=True).stdout.split("\n"):
        there.setdefault(line.partition(" ")[0], []).append(line.partition(" ")[2])
    # The server makes them again when it starts; they would be kept row by row.
    for line in psql(url, "SELECT format('DROP INDEX %I', i.indexname) FROM pg_indexes i WHERE i.schemaname = current_schema() AND i.indexname ~ '^[xp]_'"
                          " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)", capture_output=True).stdout.split("\n"):
        if line:
            psql(url, line)
    # They come in any order.
    for line in psql(url, "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint WHERE contype = 'f'"
                          " AND connamespace = current_schema()::regnamespace", capture_output=True).stdout.split("\n"):
        if line:
            psql(url, line)
    db = sqlite3.connect(data + "/loudou.db")
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 't\\_%' ESCAPE '\\' AND name NOT LIKE 't_search%'").fetchall():
        columns = [row[1] for row in db.execute("PRAGMA table_info(%s)" % table) if row[1] in there.get(table, ())]
        if not columns:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as out:
            rows = csv.writer(out)
            rows.writerows([r"\N" if cell is None else cell for cell in row] for row in db.execute("SELECT %s FROM %s" % (", ".join(columns), table)))
            out.flush()
            psql(url, "TRUNCATE " + table, "\\copy %s (%s) FROM '%s' WITH (FORMAT csv, NULL '\\N')" % (table, ", ".join(columns), out.name))
        if "id" in columns:
            psql(url, "SELECT setval(pg_get_serial_sequence('%s', 'id'), 1 + coalesce((SELECT max(id) FROM %s), 0)) WHERE"
                      " pg_get_serial_sequence('%s', 'id') IS NOT NULL" % (table, table, table), stdout=subprocess.DEVNULL)
    analyze(url)


def hand_in(data, url):
    """Everybody's plans and reports of the week that ends, as the forms would be."""
    commands = []
    week = [(MONDAY - datetime.timedelta(days=7 - i)).isoformat() for i in range(5)]
    for table in ("t_visit_plan", "t_daily_report"):
        commands.append("DELETE FROM " + table)
        for day in week:
            at = int(datetime.datetime.fromisoformat(day + "T18:00:00+08:00").timestamp() * 1000)
            commands.append("INSERT INTO {0} (version, created_at, changed_at, owner, team, day, state, on_time, due_at, submitted_at, returned)"
                            " SELECT 1, {1}, {1}, id, team, '{2}', 'submitted', 1, {1}, {1}, 0 FROM t_member WHERE active = 1".format(table, at, day))
    commands.append("DELETE FROM t_week_report")
    if url:
        psql(url, *commands)
        analyze(url)
        return
    db = sqlite3.connect(data + "/loudou.db")
    for command in commands:
        db.execute(command)
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


def cpu(pid):
    """Seconds of processor a process and its children have had, those that ended as well."""
    ticks = 0
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if path.split("/")[2] == str(pid):
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == str(pid):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(data, url, teams, postmaster):
    args = ["--data", data] + (["--db", url] if url else [])
    subprocess.run([LOUDOU, "member", "passwd", "m0", "--password", api.PASSWORD] + args, check=True)
    hand_in(data, url)
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
    of_postgres = cpu(postmaster) if postmaster else 0
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
    of_postgres, of_server = cpu(postmaster) - of_postgres if postmaster else 0, cpu(server.process.pid)
    meanwhile = other.stop()
    server.stop()
    print("the first of %d weekly reports after %.1f s, the last after %.1f s (bar: 10 s)" % (teams, first, last))
    print("processor: %.1f s of the server, %.1f s of PostgreSQL, those who work meanwhile included; load %.1f" % (of_server, of_postgres, os.getloadavg()[0]))
    print("others before:    %s\nothers meanwhile: %s" % (json.dumps(before), json.dumps(meanwhile)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--activities", type=int, default=1000000)
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--data")
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    work = options.data or tempfile.mkdtemp(prefix="loudou-monday-")
    pg = os.path.join(work, "pg") if options.db == "postgresql" else None
    try:
        os.chmod(work, 0o755)       # PostgreSQL runs as another user
        url = api.pg_url("start", pg) if pg else None
        if not os.path.exists(work + "/store"):
            fill(work + "/store", options.activities, options.teams)
        if url:
            carry(work + "/store", url)
        with open(pg + "/pgdata/postmaster.pid", encoding="utf-8") if pg else open(os.devnull, encoding="utf-8") as file:
            postmaster = int(file.readline() or 0)
        measure(work + "/store", url, options.teams, postmaster)
    finally:
        if pg:
            subprocess.run([ROOT + "/tools/pg.sh", "stop", pg], check=False)
        if not options.data:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
