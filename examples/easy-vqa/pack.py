"""pack.py FILE.npz: a samples stream as `pid-cat -f tsv` shows it, from standard input, becomes arrays image.LAYER and text.LAYER
(rows x dim, float16) and the targets prediction and answer (one name a row)."""
import csv
import os
import sys

import numpy

rows = {}
for row in csv.DictReader(sys.stdin, delimiter="\t"):
    rows.setdefault(row["layer"], []).append((int(row["row"]), row))
arrays = {}
for layer, found in rows.items():
    found = [row for _, row in sorted(found, key=lambda pair: pair[0])]
    for source in ("image", "text"):
        columns = [name for name in found[0] if name.startswith(source + ".")]
        arrays[f"{source}.{layer}"] = numpy.array([[float(row[name]) for name in columns] for row in found], numpy.float16)
    for target in ("prediction", "answer"):
        arrays[target] = numpy.array([row[target] for row in found])
if not arrays:
    sys.exit("pack.py: no rows")
numpy.savez_compressed(sys.argv[1] + ".part.npz", **arrays)
os.replace(sys.argv[1] + ".part.npz", sys.argv[1])
