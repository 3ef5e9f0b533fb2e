#!/usr/bin/env python3
"""Side-by-side ratios: each row compares two things measured alternately in this run.

    make bench                     1 M customers and 1 M activities, about 15 minutes
    tools/bench.sh --activities 10000000
    tools/bench.sh --small         10 k instead of 1 M, to see that it runs

Prints a table and appends one JSON object to bench/results.jsonl.
"""
import argparse
import csv
import datetime
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCH = ROOT + "/build/release/tests/bench/bench"
LOUDOU = ROOT + "/build/loudou"
sys.path.insert(0, ROOT + "/tests/api")
import run as api  # noqa: E402

TWELVE = "fields=name,level,lifecycle,source,region,phone,owner,created_at,changed_at,employees,industry,remark"
ROUNDS = 5


def bench(*words):
    out = subprocess.run([BENCH] + [str(w) for w in words], check=True, capture_output=True, text=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def wrk(port, path, token, seconds=2, connections=16):
    """Requests per second; every answer must be 2xx."""
    out = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "-H", "Authorization: Bearer " + token,
                          "http://127.0.0.1:%d%s" % (port, path)], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit("bench: %s: %s" % (path, out))
    return float(re.search(r"Requests/sec: *([0-9.]+)", out).group(1))


def password(data, name):
    subprocess.run([LOUDOU, "member", "passwd", name, "--password", api.PASSWORD, "--data", data], check=True)


def http_rows(data, table):
    """One server thread, one thread of load, the query in process with one thread, in turn."""
    password(data, "m0")
    over, bare, inside = [], [], []
    server = api.Server(LOUDOU, ["--data", data, "--threads", "1"], subprocess.DEVNULL)
    token = server.sign_in("m0")
    for _ in range(ROUNDS):
        over.append(wrk(server.port, "/api/customer?limit=50&" + TWELVE, token))
        bare.append(wrk(server.port, "/api/health", token))
        inside.append(1000 / bench("list", data, 2)["ms"])
    server.stop()
    over, bare, inside = map(statistics.median, (over, bare, inside))
    table.append(("list page over HTTP ÷ same query and JSON in process", over / inside, "≥ 0.7",
                  "%.0f/s, %.0f/s" % (over, inside)))
    table.append(("bare HTTP answer ÷ list page", bare / over, "", "%.0f/s, %.0f/s" % (bare, over)))


def size_rows(small, large, table):
    lists, boards = ([], []), ([], [])
    for _ in range(ROUNDS):
        for i, data in enumerate((small, large)):
            lists[i].append(bench("list", data, 1)["ms"])
            boards[i].append(bench("board", data, 1)["ms"])
    for name, (a, b), bar in (("board on large ÷ on 10 k activities", boards, "≤ 1.5"),
                              ("list on large ÷ on 10 k customers", lists, "≤ 1.5")):
        a, b = statistics.median(a), statistics.median(b)
        table.append((name, b / a, bar, "%.3f ms, %.3f ms" % (b, a)))


def import_row(work, rows, table):
    """Our import (rules, history, search) against the sqlite3 shell's .import of the same file."""
    path = work + "/customers.csv"
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow(["客户名称", "级别", "电话", "地址", "员工人数", "年营收", "网站", "备注", "成立年份", "信用代码", "简称", "客户编号"])
        for i in range(rows):
            w.writerow(["进口客户%d有限公司" % i, "ABCD"[i % 4], "139%08d" % (i * 7 % 100000000), "路%d号" % i, i % 900, "%d.50" % (i % 100000),
                        "https://c%d.example.cn" % i, "备注 %d" % i, 1980 + i % 45, "", "客%d" % i, "N%07d" % i])
    began = time.monotonic()
    subprocess.run(["sqlite3", work + "/shell.db", ".mode csv", ".import %s customers" % path], check=True)
    shell = time.monotonic() - began
    began = time.monotonic()
    last = subprocess.run([LOUDOU, "import", "customer", path, "--data", work + "/import"], check=True, capture_output=True,
                          text=True).stdout.strip().splitlines()[-1]
    ours = time.monotonic() - began
    if not last.startswith("%d created" % rows):
        raise SystemExit("bench: import: " + last)
    table.append(("import ÷ sqlite3 .import, rows per second", shell / ours, "≥ 0.2",
                  "%d rows in %.1f s, %.1f s" % (rows, ours, shell)))


def start_row(work, table):
    """Cold start on an empty store, and memory when idle."""
    starts = []
    for i in range(ROUNDS):
        data = "%s/empty%d" % (work, i)
        began = time.monotonic()
        server = api.Server(LOUDOU, ["--data", data], subprocess.DEVNULL)
        starts.append(time.monotonic() - began)
        rss = int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%d/status" % server.process.pid).read()).group(1))
        server.stop()
    table.append(("cold start on an empty store, s", statistics.median(starts), "≤ 0.3", "idle %d MB (≤ 64)" % (rss // 1024)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--customers", type=int, default=1000000)
    parser.add_argument("--activities", type=int, default=1000000)
    parser.add_argument("--large", help="a store filled before")
    options = parser.parse_args()
    if options.small:
        options.customers = options.activities = 10000
    work = tempfile.mkdtemp(prefix="loudou-bench-")
    table = []
    try:
        small, large = work + "/small", options.large or work + "/large"
        bench("fill", small, 10000, 10000, 1000)
        if not options.large:
            took = bench("fill", large, options.customers, options.activities, 1000)["fill_seconds"]
            print("filled %d customers, %d activities, 1,000 members in %.0f s" % (options.customers, options.activities, took))
        http_rows(small, table)
        for name, (admin, rep) in bench("roles", large, 20).items():
            table.append(("narrowest role ÷ administrator: " + name.replace("_", " "), rep / admin, "≤ 1.2",
                          "%.3f ms, %.3f ms" % (rep, admin)))
        size_rows(small, large, table)
        c = bench("creates", small, 20)
        table.append(("durable creates, 64 clients, grouped ÷ one commit each", c["grouped"][0] / c["one_by_one"][0], "≥ 5",
                      "%d/s p99 %.1f ms, %d/s p99 %.1f ms" % (*c["grouped"], *c["one_by_one"])))
        import_row(work, options.customers, table)
        start_row(work, table)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    width = max(len(row[0]) for row in table)
    for name, ratio, bar, raw in table:
        print("%-*s  %8.2f  %-6s  %s" % (width, name, ratio, bar, raw))
    os.makedirs(ROOT + "/bench", exist_ok=True)
    with open(ROOT + "/bench/results.jsonl", "a") as f:
        f.write(json.dumps({"at": datetime.datetime.now().astimezone().isoformat(timespec="seconds"), "customers": options.customers,
                            "activities": options.activities,
                            "rows": [{"name": n, "ratio": round(r, 4), "bar": b, "raw": raw} for n, r, b, raw in table]},
                           ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
