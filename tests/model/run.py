#!/usr/bin/env python3
"""Access rights: random companies, random questions, the product against an oracle.

tests/model/oracle.c says in plain loops what docs/access.md grants; the program
tests/model asks the engine the same and compares ids, values, labels, sums, refusals.

    run.py [--binary-dir build/release] [--db postgresql] [--seed N] [--worlds N] [--questions N]

--selftest plants a leak (src/engine/mutant.h), one at a time, and is red for each that
the questions do not find.  A failure names its seed: --seed S --worlds 1 with the same
number of questions per world asks it again.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODEL, MUTANTS = "tests/model/model", "tests/model/mutants"
FIND = 60       # seconds in which a planted leak must be found


def make(directory, target):
    """Builds a target of build/MODE with what the Makefile knows."""
    build, mode = os.path.split(os.path.normpath(directory))
    subprocess.run(["make", "--no-print-directory", "BUILD=" + build, "MODE=" + mode, os.path.join(directory, target)],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def ask(binary, url, seed, questions, *more, timeout=None):
    """One world in a new store.  Returns (passed, failed, what was printed)."""
    data = tempfile.mkdtemp(prefix="loudou-model-")
    command = [binary, "--dir", data, "--seed", str(seed), "--questions", str(questions), *map(str, more)]
    if url:
        command += ["--db", url]
    try:
        run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        text = run.stdout.decode("utf-8", "replace")
        last = re.search(r"^model: (\d+) passed, (\d+) failed$", text, re.M)
        if not last:
            return 0, 1, text + "\nFAILED seed %d: the program ended with %d" % (seed, run.returncode)
        return int(last.group(1)), int(last.group(2)), re.sub(r"^model: .*\n", "", text, flags=re.M)
    except subprocess.TimeoutExpired:
        return 0, 0, ""
    finally:
        shutil.rmtree(data, ignore_errors=True)


def run_worlds(options):
    binary = os.path.join(options.binary_dir, MODEL)
    passed = failed = 0
    place = tempfile.mkdtemp(prefix="loudou-model-pg-")
    postgres = options.db == "postgresql"
    try:
        url = None
        for world in range(options.worlds):
            if postgres:
                command = "fresh" if url else "start"
                url = subprocess.run(["tools/pg.sh", command, place], cwd=ROOT, check=True,
                                     stdout=subprocess.PIPE, text=True).stdout.strip().split("\n")[-1]
            p, f, text = ask(binary, url, options.seed + world, options.questions // options.worlds)
            print(text, end="", flush=True)
            passed += p
            failed += f
    finally:
        if postgres:
            subprocess.run(["tools/pg.sh", "stop", place], cwd=ROOT)
        shutil.rmtree(place, ignore_errors=True)
    return passed, failed


def mutants():
    """The numbers planted in the sources, each at one place."""
    numbers = []
    folder = os.path.join(ROOT, "src/engine")
    for name in sorted(os.listdir(folder)):
        if name.endswith(".c"):
            with open(os.path.join(folder, name), encoding="utf-8") as source:
                numbers += re.findall(r"MUTANT_(?:IS|CTX)\((\d+)[,)]", source.read())
    assert len(numbers) == len(set(numbers)), "a number stands at two places"
    return sorted(map(int, numbers))


def find(options, number):
    """Asks with one leak until a difference shows.  Returns (found, line)."""
    began = time.time()
    seed = options.seed
    while time.time() - began < FIND:
        _, failed, text = ask(os.path.join(options.binary_dir, MUTANTS), None, seed, 3000, "--most", 1, "--mutant", number,
                              timeout=FIND - (time.time() - began))
        if failed:
            first = next((line for line in text.split("\n") if line.startswith("FAILED")), text.strip())
            return True, "mutant %d: found in %.1f s: %.150s" % (number, time.time() - began, first)
        seed += 1
    return False, "FAILED mutant %d is not found in %d s" % (number, FIND)


def self_test(options):
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for found, line in pool.map(lambda number: find(options, number), mutants()):
            print(line, flush=True)
            passed += found
            failed += not found
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary-dir", default="build/release")
    parser.add_argument("--db", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--questions", type=int, default=20000)
    parser.add_argument("--selftest", action="store_true")
    options = parser.parse_args()
    os.chdir(ROOT)
    make(options.binary_dir, MUTANTS if options.selftest else MODEL)
    passed, failed = self_test(options) if options.selftest else run_worlds(options)
    print("model: %d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
