#!/usr/bin/env python3
"""Checks the layers of the source tree from the #include lines.

Each group may include only itself and the groups above it in GROUPS; some libraries belong to one
place (OWNERS). Link order would not notice. Prints each fault as file:line and exits 1.

    check_includes.py ROOT          checks the tree
    check_includes.py --self-test   checks the checker
"""

import pathlib
import re
import sys
import tempfile

# From the top of the house down; see docs/architecture.md.
GROUPS = [
    "storage/base",
    "storage/model",
    "storage/kv",
    "storage/graph",
    "query/algebra",
    "query/functions",
    "query/native",
    "query/optimizer",
    "query/exec",
    "query/results",
    "datasets",
    "annals",
    "shell",
]

# Include prefix -> (who may include it, said in the message).
OWNERS = {
    "rocksdb/": (re.compile(r"storage/kv/"), "only storage/kv may include RocksDB"),
    "tao/pegtl": (
        re.compile(r"query/native/[^/]+\.(cc|h)$"),
        "only query/native may include PEGTL",
    ),
}
# The headers of query/native are included by other groups and must stay free of PEGTL; only the
# grammar and its messages, which one source file includes, are written in it.
PEGTL_HEADERS = ("query/native/grammar.h", "query/native/messages.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def group_of(path):
    """The group that a file or include path belongs to, or None."""
    for group in GROUPS:
        if path.startswith(group + "/"):
            return group
    return None


def faults_of(path, lines):
    """Yields (line number, message) for the file at `path`, relative to the root."""
    group = group_of(path)
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        for prefix, (allowed, message) in OWNERS.items():
            if target.startswith(prefix) and not allowed.match(path):
                yield number, f"includes {target}: {message}"
        if target.startswith("tao/pegtl") and path.endswith(".h") and path not in PEGTL_HEADERS:
            yield number, f"includes {target}: a header must not; PEGTL stays in one source file"
        if target in PEGTL_HEADERS and path.endswith(".h") and path not in PEGTL_HEADERS:
            yield number, f"includes {target}: only a source file may"
        if quote == "<":
            continue
        if target.startswith("."):
            yield number, f"includes {target}: write paths from the project's root"
            continue
        used = group_of(target)
        if used is None:
            if "/" not in target:
                yield number, f"includes {target}: write paths from the project's root"
            continue
        if group is not None and GROUPS.index(used) > GROUPS.index(group):
            yield number, f"includes {target}: {group} stands above {used}"


def check(root):
    """Returns the faults of the tree as lines of text, and how many files were read."""
    faults, count = [], 0
    for top in sorted({group.split("/")[0] for group in GROUPS}):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            count += 1
            path = file.relative_to(root).as_posix()
            if group_of(path) is None:
                faults.append(f"{path}:1: belongs to no group; add its folder to GROUPS")
                continue
            lines = file.read_text(encoding="utf-8").splitlines()
            faults += [f"{path}:{number}: {message}" for number, message in faults_of(path, lines)]
    return faults, count


def self_test():
    """Each kind of fault must be found, and sound includes passed."""
    cases = [
        ("storage/base/a.h", '#include "storage/model/term.h"', True),
        ("storage/model/a.cc", '#include "storage/base/status.h"', False),
        ("storage/graph/a.cc", '#include "query/algebra/plan.h"', True),
        ("storage/graph/a.cc", "#include <rocksdb/db.h>", True),
        ("storage/kv/a.cc", "#include <rocksdb/db.h>", False),
        ("storage/graph/a.cc", '#include "rocksdb/db.h"', True),
        ("query/native/parser.cc", "#include <tao/pegtl.hpp>", False),
        ("query/native/parser.h", "#include <tao/pegtl.hpp>", True),
        ("query/native/grammar.h", "#include <tao/pegtl.hpp>", False),
        ("query/native/parser.h", '#include "query/native/grammar.h"', True),
        ("shell/main.cc", "#include <tao/pegtl/contrib/analyze.hpp>", True),
        ("shell/main.cc", '#include "annals/annals.h"', False),
        ("annals/annals.cc", '  #  include "shell/commands.h"', True),
        ("query/exec/a.cc", '#include "../algebra/plan.h"', True),
        ("query/exec/a.cc", '#include "operator.h"', True),
        ("query/exec/a.cc", '// #include "shell/main.h"', False),
        ("query/sparql/a.cc", "", True),
    ]
    wrong = 0
    for path, line, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text(line + "\n", encoding="utf-8")
            faults, _ = check(pathlib.Path(folder))
        if bool(faults) != expected:
            wrong += 1
            print(f"{path}: {line}: expected {'a fault' if expected else 'none'}, got {faults}")
    return wrong


def main(arguments):
    if arguments == ["--self-test"]:
        return 1 if self_test() else 0
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    faults, count = check(pathlib.Path(arguments[0]))
    for fault in faults:
        print(fault)
    if count == 0:
        print(f"no sources under {arguments[0]}")
        return 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
