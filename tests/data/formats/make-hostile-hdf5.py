#!/usr/bin/env python3
"""Writes hostile/*.h5: files of a few hundred bytes that announce, or inflate to, what no file of their size holds; and datasets
that are not all written.  Run in this folder with h5py; the files are in the tree, so that the tests need none."""
import os
import zlib

import h5py
import numpy as np

os.makedirs("hostile", exist_ok=True)
os.chdir("hostile")


def new(name):
    return h5py.File(name + ".h5", "w", libver="latest")


def announce(name, shape, dtype, **layout):
    with new(name) as file:
        return file.create_dataset("a", shape, dtype, **layout) and None


def deflated(name, times, data, chunk, chunks=1):
    """A dataset of which each chunk is deflated that often."""
    with new(name) as file:
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_chunk((chunk,))
        for _ in range(times):
            layout.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
        space = h5py.h5s.create_simple((chunk * chunks,))
        dataset = h5py.h5d.create(file.id, b"a", h5py.h5t.NATIVE_UINT8, space, layout)
        for _ in range(times):
            data = zlib.compress(data, 9)
        for number in range(chunks):
            dataset.write_direct_chunk((number * chunk,), data)


announce("contiguous", (1 << 40, 3), "f4")
announce("chunked", (1 << 40, 3), "f4", chunks=(1 << 20, 3), fillvalue=1)
announce("chunk", (1 << 40, 3), "f4", chunks=(1 << 28, 3), fillvalue=1)
announce("chunk-deflated", (1 << 40, 3), "f4", chunks=(1 << 28, 3), fillvalue=1, compression=9)
announce("wide", (4, 12 << 20), "f4", chunks=(1, 12 << 20))
announce("rows", (1 << 24,), "f4", chunks=(1 << 20,))
announce("none", (0, 12 << 20), "f4", chunks=(1, 12 << 20), maxshape=(None, 12 << 20))
announce("text", (4,), "S1073741824", chunks=(1,))
announce("texts", (4,), "S1048576", chunks=(1,))
announce("variable-texts", (1 << 24,), h5py.string_dtype(), chunks=(1 << 24,))
with new("matlab") as file:
    file.create_dataset("a", (3, 1 << 30), "f8", chunks=(3, 1 << 20)).attrs["MATLAB_class"] = np.bytes_("double")
deflated("deflated", 1, bytes(900000), 900000)
deflated("deflated-beyond", 1, bytes(900000), 16)
deflated("deflated-twice", 2, bytes(300000000), 300000000)
deflated("deflated-twice-beyond", 2, bytes(300000000), 16)
deflated("deflated-thrice-beyond", 3, bytes(1000000000), 16)
deflated("deflated-chunks", 2, bytes(10 << 20), 10 << 20, 10)
with new("hard-links") as file:
    group = file.create_group("g")
    group["up"] = file["/"]
    group["a"] = group
with new("soft-links") as file:
    for i in range(30):
        file[f"l{i}"] = h5py.SoftLink(f"/l{(i + 1) % 30}")
    file["a"] = h5py.SoftLink("/l0")
with new("external-links") as file:
    file["a"] = h5py.ExternalLink("external-links.h5", "/a")
with new("external") as file:
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_external(b"/dev/zero", 0, h5py.h5f.UNLIMITED)
    h5py.h5d.create(file.id, b"a", h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple((1000,)), layout)
with new("virtual") as file:
    layout = h5py.VirtualLayout(shape=(1000,), dtype="f4")
    layout[:] = h5py.VirtualSource(".", "b", shape=(1000,))
    file.create_virtual_dataset("a", layout)
with new("never") as file:
    file.create_dataset("a", (6, 2), "f4")
with new("partly") as file:
    file.create_dataset("a", (6, 2), "f4", chunks=(2, 2), fillvalue=7)[:4] = 1
