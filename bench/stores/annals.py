"""Annals: its shell loads the file, and annals_ask answers."""

import string
import subprocess
import time


def load(data, folder, build):
    begin = time.perf_counter()
    subprocess.run([f"{build}/annals", folder, "-c",
                    f'load "{data.path}" as (subject, predicate, object, time);'],
                   check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def text(question, data):
    c = data.constants
    names = {key: "`" + getattr(c, key).replace("`", "``") + "`" for key in "PQRSUOZ"}
    return string.Template(question.annals).substitute(
        names, I=c.I, D=c.D, W=c.W, UNIT=c.unit, SPAN=f"{c.span[0]} {c.span[1]}")
