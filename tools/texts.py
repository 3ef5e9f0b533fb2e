#!/usr/bin/env python3
"""Everything people read exists in Chinese and in English.

Declarations: every label, plural, doc, help, confirm, unit, why and instead is { "zh", "en" } with both, and whatever needs one has
one.  C: a call of a function with the parameters `zh` and `en` says both, with the same values to fill in; elsewhere each
Chinese text has an English one in the same function.  (The pages' own texts are checked by web/scripts/check-i18n.mjs.)
"""
import glob
import json
import os
import re
import sys

os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CJK = re.compile("[\u3400-\u9fff]")
problems = []

# Words that are read or written as data, in one language: names, units, suffixes, what a demo company says.
WORDS = ("modules/demo/", "src/base/number.c", "src/engine/calendar.c", "src/engine/import_rows.c", "src/engine/normalise.c",
         "src/engine/pinyin.c", "src/engine/region.c", "src/engine/search_token.c", "src/engine/type_text.c", "src/sheet/guess.c")


# Declarations

SPOKEN = ("label", "plural", "doc", "help", "confirm", "unit", "why", "instead")


# What the specification calls its requirements, metrics and decisions stands under "requirements".
CODE = re.compile(r"\b(?:S\d\d-\d\d|[KG]-\d\d)")


def check_spoken(text, where):
    if not isinstance(text, dict):
        return problems.append("%s: one language only: %r" % (where, text))
    zh, en = text.get("zh") or "", text.get("en") or ""
    if not zh.strip() and not en.strip():
        problems.append("%s: empty" % where)
    elif not zh.strip() or not (CJK.search(zh) or zh == en):
        problems.append("%s: no Chinese: %r" % (where, text))
    elif not en.strip() or CJK.search(en):
        problems.append("%s: no English: %r" % (where, text))
    if CODE.search(zh) or CODE.search(en):
        problems.append("%s: names a requirement, which says nothing to who reads it: %r" % (where, text))


def needs(thing):
    """Which texts a part of a declaration must have: told by the keys it has."""
    if "object" in thing and "scope" in thing:
        return ("label", "plural", "doc")
    if "rule" in thing:             # of alerts: see below
        return ()
    if "setting" in thing:
        return ("label",)
    if "report" in thing or "metric" in thing:
        return ("label", "doc")
    if "role" in thing and ("doc" in thing or "label" in thing):
        return ("label", "doc")
    if "value" in thing or ("name" in thing and {"type", "query", "params", "columns"} & set(thing)):
        return ("label",)
    return ()


def walk(thing, where, extends=False):
    if isinstance(thing, list):
        for at, one in enumerate(thing):
            name = next((str(one[key]) for key in ("name", "value", "metric") if isinstance(one, dict) and key in one), str(at))
            walk(one, "%s/%s" % (where, name), extends)
    elif isinstance(thing, dict):
        extends = extends or "extend" in thing
        for key in needs(thing):
            if key not in thing and not extends:
                problems.append("%s: no %s" % (where, key))
        for key, value in thing.items():
            # A unit may be given as empty: a plain number.
            if key in SPOKEN and value is not None and value != {"zh": "", "en": ""}:
                check_spoken(value, "%s %s" % (where, key))
            elif key not in SPOKEN:
                walk(value, "%s/%s" % (where, key), extends)


for path in sorted(glob.glob("src/engine/objects/*.json") + ["src/engine/settings.json"] + glob.glob("modules/**/*.json", recursive=True)):
    with open(path, encoding="utf-8") as file:
        walk(json.load(file), path)

# Rules of alerts are records: the two languages are two fields.
for path in sorted(glob.glob("modules/*/data/alerts.json")):
    with open(path, encoding="utf-8") as file:
        for rule in json.load(file):
            for key in ("name", "sentence") if "report" in rule else ("name",):
                check_spoken({"zh": rule.get(key), "en": rule.get(key + "_en")}, "%s/%s %s" % (path, rule.get("rule"), key))


# C

TOKEN = re.compile(r'''\s+|//[^\n]*|/\*.*?\*/|"((?:\\.|[^"\\])*)"|'(?:\\.|[^'\\])*'|([A-Za-z_]\w*)|(.)''', re.S)
FILL = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?([a-zA-Z])")


def tokens(text):
    """(kind, text, line): `s` a string literal, neighbours joined, `w` a word, `p` a mark."""
    found, line = [], 1
    for match in TOKEN.finditer(text):
        at, line = line, line + match.group(0).count("\n")
        literal, word, mark = match.groups()
        if literal is not None:
            if found and found[-1][0] == "s":
                found[-1] = ("s", found[-1][1] + literal, found[-1][2])
            else:
                found.append(("s", literal, at))
        elif word and word.startswith("PRI") and found and found[-1][0] == "s":
            found[-1] = ("s", found[-1][1] + word[3], found[-1][2])
        elif word:
            found.append(("w", word, at))
        elif mark:
            found.append(("p", mark, at))
    return found


def arguments(found, start):
    """Of the call whose bracket is at `start`: a list of lists of tokens."""
    depth, parts = 0, [[]]
    for at in range(start, len(found)):
        kind, text, _ = found[at]
        if kind == "p" and text in "([{":
            depth += 1
            if depth == 1:
                continue
        elif kind == "p" and text in ")]}":
            depth -= 1
            if depth == 0:
                return parts
        elif kind == "p" and text == "," and depth == 1:
            parts.append([])
            continue
        parts[-1].append(found[at])
    return parts


def without_lists(found):
    """Leaves out what is nothing but a list of Chinese words: rows of a table, in the company's language."""
    left, start = [], 0
    for at, (kind, text, _) in enumerate(found):
        left.append(found[at])
        if text == "{" and kind == "p":
            start = len(left)
        elif text == "}" and kind == "p":
            inside = left[start:-1]
            if len(inside) > 2 and all(CJK.search(one[1]) if one[0] == "s" else one[1] == "," for one in inside):
                del left[start:-1]
            start = len(left)
    return left


def fills(part):
    return [] if len(part) != 1 else sorted(FILL.findall(part[0][1].replace("%%", "")))


files = {path: tokens(open(path, encoding="utf-8").read())
         for path in sorted(glob.glob("src/**/*.[ch]", recursive=True) + glob.glob("modules/**/*.[ch]", recursive=True))}

# Functions that take both languages, and where.
both = {}
for found in files.values():
    for at, (kind, name, _) in enumerate(found[:-1]):
        if kind == "w" and found[at + 1][1] == "(" and at and (found[at - 1][0] == "w" or found[at - 1][1] == "*"):
            last = [part[-1][1] if part and part[-1][0] == "w" else "" for part in arguments(found, at + 1)]
            if "zh" in last and "en" in last and last.index("en") == last.index("zh") + 1:
                both[name] = last.index("zh")

checked = 0
for path, found in files.items():
    paired = set()
    for at, (kind, name, line) in enumerate(found[:-1]):
        if kind != "w" or name not in both or found[at + 1][1] != "(" or (at and found[at - 1][0] == "w" and found[at - 1][1] not in ("return", "else")):
            continue
        parts = arguments(found, at + 1)
        if len(parts) < both[name] + 2:
            continue
        zh, en = parts[both[name]], parts[both[name] + 1]
        said_zh = [text for kind, text, _ in zh if kind == "s"]
        said_en = [text for kind, text, _ in en if kind == "s"]
        paired.update(id(token) for token in zh + en)
        checked += 1
        if said_zh and not any(CJK.search(text) for text in said_zh) and any(re.search("[A-Za-z]", FILL.sub("", text)) for text in said_zh):
            problems.append("%s:%d: no Chinese: %s" % (path, line, said_zh[0]))
        if any(CJK.search(text) for text in said_en) or (said_zh and said_zh[0].strip() and said_en and not said_en[0].strip()):
            problems.append("%s:%d: no English: %s" % (path, line, said_zh[0] if said_zh else said_en[0]))
        elif len(zh) == len(en) == 1 and fills(zh) != fills(en):
            problems.append("%s:%d: the languages fill in different values: %s | %s" % (path, line, zh[0][1], en[0][1]))
    if path.startswith(WORDS):
        continue
    depth, chinese, english = 0, [], 0
    for token in without_lists(found):
        kind, text, line = token
        if kind == "p" and text in "{}":
            depth += 1 if text == "{" else -1
            if depth == 0:
                if len(chinese) > english:
                    problems.append("%s:%d: without English: %s" % (path, chinese[0][1], " | ".join(text for text, _ in chinese[:4])))
                chinese, english = [], 0
        elif kind == "s" and id(token) not in paired:
            if CJK.search(text):
                chinese.append((text, line))
            elif re.search("[A-Za-z]", text):
                english += 1

for problem in problems:
    print("texts: " + problem)
if problems:
    sys.exit(1)
print("texts: fine, %d messages in both languages" % checked)
