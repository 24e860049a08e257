#!/usr/bin/env python3
"""Layers of a model in one safetensors file, from the file to the table: are all values right, and how fast is it?

    run.py [--rows 2000] [--dim 1024] [--layers 24] [--build .] [--repeat 5] [--out FOLDER]

Makes a file with an image and a text tensor for each layer in bfloat16, and times, by turns, best of REPEAT:

    pid-extract >/dev/null                 all layers by a pattern, no pipe behind it
    pid-extract     | cat >/dev/null       the same into a pipe
    NumPy           | cat >/dev/null       the same values as plain float32 bytes, no stream around them
    the pipeline to pid-report             all layers to a table, one command

Rates are bytes of the file a second.  Before that every value of the stream is compared with a conversion that has nothing of
pidtools in it (the 16 bits put in the upper half of a float32); one that differs ends the run with status 1.  Needs numpy and
python3-msgpack.
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import time

import msgpack
import numpy as np

NUMPY = """
import json, struct, sys, numpy as np
with open(sys.argv[1], "rb") as file:
    length, = struct.unpack("<Q", file.read(8))
    header = json.loads(file.read(length))
    for name, tensor in header.items():
        raw = np.fromfile(file, "<u2", int(np.prod(tensor["shape"])))
        sys.stdout.buffer.write((raw.astype("<u4") << 16).data)
"""


def make(path, layers, rows, dim):
    """Returns {(layer, source): the 16-bit words}; the target depends on a few of the columns."""
    rng = np.random.default_rng(24)
    answer = rng.integers(0, 8, rows)
    words, header, offset = {}, {}, 0
    for layer in range(layers):
        for source in ("image", "text"):
            values = rng.normal(size=(rows, dim)).astype("<f4")
            values[:, :8] += (3 * layer / layers) * np.eye(8, dtype="<f4")[answer]
            words[layer, source] = (values.view("<u4") >> 16).astype("<u2")
            size = words[layer, source].nbytes
            header[f"layer.{layer}.{source}"] = {"dtype": "BF16", "shape": [rows, dim], "data_offsets": [offset, offset + size]}
            offset += size
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in words.values():
            part.tofile(file)
    np.save(path.with_name("answer.npy"), answer)
    return words


def compare(command, words):
    """The number of values in the stream, all of which are those of `words`."""
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for record in msgpack.Unpacker(process.stdout, max_buffer_size=0):
            if "key" not in record:
                continue
            for source in ("image", "text"):
                part = words[record["key"]["layer"], source][record["row"]:record["row"] + record["rows"]]
                if (part.astype("<u4") << 16).tobytes() != record["data"][source]:
                    sys.exit(f"layer {record['key']['layer']}, {source}, from row {record['row']}: values differ")
                seen += part.size
    if process.returncode or seen != sum(part.size for part in words.values()):
        sys.exit(f"status {process.returncode}, {seen} values")
    return seen


def seconds(command):
    start = time.monotonic()
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True)
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, default in (("rows", 2000), ("dim", 1024), ("layers", 24), ("repeat", 5)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--build", default=".")
    parser.add_argument("--out", type=pathlib.Path, default="bench/formats/out")
    args = parser.parse_args()
    os.environ["PATH"] = os.path.abspath(os.path.join(args.build, "tools")) + ":" + os.environ["PATH"]
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "layers.safetensors"
    words = make(path, args.layers, args.rows, args.dim)
    extract = ["pid-extract", "--source", f"image={path}:layer.{{layer}}.image", "--source", f"text={path}:layer.{{layer}}.text",
               "--target", f"answer={path.with_name('answer.npy')}"]
    size = path.stat().st_size / 1e9
    print(f"{args.layers} layers x 2 sources x {args.rows} x {args.dim} bfloat16: {size:.3f} GB")
    print(f"{compare(extract, words):,} values compared with the reference conversion: all are the same")
    commands = {
        "pid-extract >/dev/null": " ".join(f"'{word}'" for word in extract) + " >/dev/null",
        "pid-extract | cat": " ".join(f"'{word}'" for word in extract) + " | cat >/dev/null",
        "NumPy | cat": f"/usr/bin/python3 -c '{NUMPY}' {path} | cat >/dev/null",
    }
    best = {name: min(times) for name, times in zip(commands, zip(*[[seconds(c) for c in commands.values()] for _ in range(args.repeat)]))}
    table = " ".join(f"'{word}'" for word in extract) + " | pid-kmeans -k 16 | pid-joint | pid-ipfp | pid-report -f tsv"
    best["the pipeline to pid-report"] = min(seconds(table + " >" + str(args.out / "table.tsv")) for _ in range(2))
    for name, time_taken in best.items():
        print(f"{name:28} {time_taken:7.3f} s  {size / time_taken:6.2f} GB/s of input")
    print(f"pid-extract against NumPy: {best['NumPy | cat'] / best['pid-extract | cat']:.2f} times as fast")
    lines = (args.out / "table.tsv").read_text().splitlines()
    print(f"rows of the table: {len(lines) - 1}")


if __name__ == "__main__":
    main()
