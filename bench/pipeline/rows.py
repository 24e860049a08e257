#!/usr/bin/python3
"""rows.py ROWS COLUMNS: a samples stream of so many rows, made faster than they can be clustered: a block of random rows again
and again, each time by another factor."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import numpy as np
import pidstream

rows, columns = int(sys.argv[1]), int(sys.argv[2])
block = np.random.default_rng(1).standard_normal((1 << 16, columns), dtype="f4")
answers = (np.arange(4096) % 10).astype("<u4")
with pidstream.Writer(sys.stdout.buffer, "samples", [pidstream.vector("v", columns), pidstream.category("y", 10, role="target")]) as stream:
    for row in range(0, rows, 4096):
        count = min(4096, rows - row)
        part = block[row % len(block):][:count] * np.float32(1 + row / rows)
        stream.batch({}, row, {"v": part, "y": answers[:count]})
