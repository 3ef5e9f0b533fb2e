#!/usr/bin/env python3
"""Side-by-side ratios: each row compares two things measured alternately in this run.

    make bench                     1 M customers and 1 M activities, about 15 minutes
    tools/bench.sh --activities 10000000
    tools/bench.sh --small         10 k instead of 1 M, to see that it runs
    tools/bench.sh --large DIR --only-reports      all reports by role on a store filled before, the slowest first

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
    out = subprocess.run([BENCH] + [str(w) for w in words], check=True, stdout=subprocess.PIPE, text=True).stdout
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


def write_customers(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow(["客户名称", "级别", "电话", "地址", "员工人数", "年营收", "网站", "备注", "成立年份", "信用代码", "简称", "客户编号"])
        for i in range(rows):
            w.writerow(["进口客户%d有限公司" % i, "ABCD"[i % 4], "139%08d" % (i * 7 % 100000000), "路%d号" % i, i % 900, "%d.50" % (i % 100000),
                        "https://c%d.example.cn" % i, "备注 %d" % i, 1980 + i % 45, "", "客%d" % i, "N%07d" % i])


# What an import has to store besides the row, in plain SQL: indexes, keys of duplicates, the log, words to search by.
SAME = """
.mode csv
.import %s raw
BEGIN;
INSERT INTO t_customer (created_at, changed_at, import, deleted_at, name, level, phone, address, employees, revenue, website,
    remark, established, short_name, number)
  SELECT 1, 1, 1, -1, 客户名称, 级别, 电话, 地址, CAST(员工人数 AS INT), CAST(年营收 * 100 AS INT), 网站, 备注, CAST(成立年份 AS INT),
    简称, 客户编号 FROM raw;
INSERT INTO t_key SELECT 'customer', id, 0, name FROM t_customer;
INSERT INTO t_key SELECT 'customer', id, 1, phone FROM t_customer;
UPDATE t_customer SET deleted_at = NULL WHERE import = 1;
INSERT INTO t_change (at, object, record, act, request, body)
  SELECT 1, 'customer', id, 'create', 'import 1', json_object('name', json_array(NULL, name), 'level', json_array(NULL, level),
    'phone', json_array(NULL, phone), 'address', json_array(NULL, address), 'employees', json_array(NULL, employees),
    'revenue', json_array(NULL, revenue), 'website', json_array(NULL, website), 'remark', json_array(NULL, remark),
    'established', json_array(NULL, established), 'short_name', json_array(NULL, short_name), 'number', json_array(NULL, number))
  FROM t_customer;
INSERT INTO t_search (rowid, tokens) SELECT id, tokens FROM given.words;
COMMIT;
"""


def shell_seconds(path, sql):
    began = time.monotonic()
    subprocess.run(["sqlite3", path], input=sql, check=True, text=True)
    return time.monotonic() - began


def import_rows(work, rows, table):
    """Our import (rules, history, search) against the sqlite3 shell with the same file, then others' writes beside it."""
    path = work + "/customers.csv"
    write_customers(path, rows)
    shell = shell_seconds(work + "/shell.db", ".mode csv\n.import %s customers\n" % path)
    began = time.monotonic()
    last = subprocess.run([LOUDOU, "import", "customer", path, "--data", work + "/import"], check=True, capture_output=True,
                          text=True).stdout.strip().splitlines()[-1]
    ours = time.monotonic() - began
    if not last.startswith("%d created" % rows):
        raise SystemExit("bench: import: " + last)
    store = work + "/import/loudou.db"
    schema = subprocess.run(["sqlite3", "-init", "/dev/null", store] + [".schema --nosys t_" + t for t in ("customer", "key", "change", "search")],
                            check=True, capture_output=True, text=True).stdout
    schema = schema.replace("contentless_delete=1,", "")        # newer than Debian's shell
    subprocess.run(["sqlite3", work + "/same.db"], input=schema, check=True, text=True)
    bench("words", work + "/import", work + "/words.db")        # SQL cannot make them
    same = shell_seconds(work + "/same.db", "ATTACH '%s/words.db' AS given;" % work + SAME % path)
    table.append(("import, seconds for %d rows" % rows, ours, "≤ %.0f" % (rows * 60e-6), "%.0f rows/s" % (rows / ours)))
    table.append(("import ÷ sqlite3 .import, rows per second", shell / ours, "", "%.1f s, %.1f s" % (ours, shell)))
    table.append(("import ÷ sqlite3 storing the same", same / ours, "≥ 0.2", "%.1f s, %.1f s" % (ours, same)))
    table.append(("others' writes during an import, longest wait, s", waiting(work, path, rows), "≤ 1", ""))


def waiting(work, path, rows):
    """An import through the server while one person goes on writing: their longest wait, after the upload."""
    data = work + "/beside"
    subprocess.run([LOUDOU, "member", "add", "admin", "--roles", "admin", "--password", api.PASSWORD, "--data", data], check=True)
    server = api.Server(LOUDOU, ["--data", data], subprocess.DEVNULL)
    token = server.sign_in("admin")
    with open(path, "rb") as f:
        number = json.loads(server.request("POST", "/api/import/customer", {
            "Authorization": "Bearer " + token, "Content-Type": "application/octet-stream", "X-File-Name": "customers.csv"}, f)[1])["id"]
    server.json("POST", "/api/import/%s/run" % number, token)
    longest, n, state = 0, 0, ""
    while state not in ("done", "failed"):
        began = time.monotonic()
        server.json("POST", "/api/customer", token, {"name": "旁边的客户%d" % n})
        longest = max(longest, time.monotonic() - began)
        n += 1
        if n % 50 == 0:
            state = server.json("GET", "/api/import/%s?fields=state" % number, token)["state"]
        time.sleep(0.01)
    made = server.json("GET", "/api/import/%s" % number, token)["created"]
    server.stop()
    if state != "done" or made != rows:
        raise SystemExit("bench: import beside others: %s, %s rows" % (state, made))
    return longest


# What a page of diagnosis is made of; the other reports are listed without a bar.
DIAGNOSIS = {"funnel_diagnosis", "funnel_stuck", "funnel_change", "stalled", "overdue", "two_q", "three_figures", "follow_ratio", "pitfalls",
             "funnel", "pipeline", "win_rate", "cycle_time", "stage_time", "sales_by", "loss_reasons", "circle_result", "circle_zones",
             "circle_overlap", "circle_people", "circle_venn", "need_kinds", "same_ground", "decider_gaps", "forecast"}


PEOPLE = ("administrator", "owner", "head of all", "head of 100", "lead of 20", "representative")


def report_rows(large, only, table):
    """Computing time of each report, in every way it groups, for each of PEOPLE."""
    for name, ms in bench("reports", large, only).items():
        table.append(("report %s, ms" % name, max(ms), "≤ 300" if name.split()[0] in DIAGNOSIS else "", ", ".join("%.0f" % m for m in ms)))


def print_reports(large, only):
    """The same as a table of docs/bench.md, the slowest first; whoever may not ask has a dash."""
    print("| report | %s |\n|---|%s" % (" | ".join(PEOPLE), "---|" * len(PEOPLE)))
    for name, ms in sorted(bench("reports", large, only).items(), key=lambda row: -max(row[1])):
        print("| `%s`%s | %s |" % (name.split()[0], name[len(name.split()[0]):], " | ".join("%.1f" % m if 0 < m < 10 else "%.0f" % m if m else "–" for m in ms)))


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
    parser.add_argument("--opportunities", type=int, default=1000000)
    parser.add_argument("--reports", default="all", help="only this one")
    parser.add_argument("--large", help="a store filled before")
    parser.add_argument("--only-reports", action="store_true")
    options = parser.parse_args()
    if options.only_reports:
        if not options.large:
            parser.error("--only-reports asks a store filled before: --large DIR")
        print_reports(options.large, options.reports)
        return 0
    if options.small:
        options.customers = options.activities = options.opportunities = 10000
    work = tempfile.mkdtemp(prefix="loudou-bench-")
    table = []
    try:
        small, large = work + "/small", options.large or work + "/large"
        bench("fill", small, 10000, 10000, 1000)
        if not options.large:
            took = bench("fill", large, options.customers, options.activities, 1000, options.opportunities)["fill_seconds"]
            print("filled %d customers, %d activities, %d opportunities, 1,000 members in %.0f s"
                  % (options.customers, options.activities, options.opportunities, took))
        http_rows(small, table)
        for name, (admin, rep) in bench("roles", large, 20).items():
            table.append(("narrowest role ÷ administrator: " + name.replace("_", " "), rep / admin, "≤ 1.2",
                          "%.3f ms, %.3f ms" % (rep, admin)))
        size_rows(small, large, table)
        report_rows(large, options.reports, table)
        c = bench("creates", small, 20)
        table.append(("durable creates, 64 clients, grouped ÷ one commit each", c["grouped"][0] / c["one_by_one"][0], "≥ 5",
                      "%d/s p99 %.1f ms, %d/s p99 %.1f ms" % (*c["grouped"], *c["one_by_one"])))
        import_rows(work, options.customers, table)
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
