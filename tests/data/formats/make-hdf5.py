#!/usr/bin/env python3
"""The HDF5 fixtures of the formats' tests, as h5py writes them; run in this folder (Debian: python3-h5py)."""
import h5py
import numpy as np

whole = np.arange(12).reshape(3, 4)
half = (whole - 5) / 2
with h5py.File("arrays.h5", "w", libver="earliest", track_order=False) as file:
    def put(name, values, **options):
        file.create_dataset(name, data=values, track_times=False, **options)
    for kind in ("f2", "f4", "f8", ">f4", ">f8"):
        put("real/" + kind, half.astype(kind))
    for kind in ("i1", "i2", "i4", "i8", ">i4"):
        put("whole/" + kind, (whole - 5).astype(kind))
    for kind in ("u1", "u2", "u4", "u8"):
        put("whole/" + kind, whole.astype(kind))
    for layer in (10, 2, 1):
        put(f"layer{layer}/image", (half + layer).astype("f4"), chunks=(2, 3), compression="gzip", shuffle=True, fletcher32=True)
    put("labels", np.array([10, 2, -1]))
    put("big", np.array([2**64 - 1, 2**63, 3], dtype="u8"))
    put("truth", np.array([True, False, True]))
    put("fixed", np.array([b"layer10", b"layer2", "caf\u00e9".encode()]))
    put("variable", ["layer10", "", "\U0001f600"], dtype=h5py.string_dtype())
    put("latin1", np.array(["caf\u00e9".encode("latin1"), b"x", b"y"]))
    put("cube", np.arange(24.).reshape(2, 3, 4))
    put("beyond", np.array([[1.0], [1e300]]))
    put("scalar", 1.0)
    put("complex", np.zeros(3, "c8"))
    put("empty", np.zeros((0, 4), "f4"))
    put("nothing", h5py.Empty("f4"))
with h5py.File("one.h5", "w", userblock_size=512) as file:
    file.create_dataset("only", data=whole.astype("f4"), track_times=False)

# As MATLAB writes its version 7.3, by a writer that knows nothing of pidtools (Debian: python3-hdf5storage); and a file of version 5.
import hdf5storage
import scipy.io

matlab = {"real": half, "single": half.astype("f4"), "whole": whole.astype("i2"), "cube": np.arange(24.).reshape(2, 3, 4),
          "labels": np.array([[10], [2], [-1]], "i4"), "truth": np.array([[True], [False], [True]]), "row": np.array([[1., 2., 3.]]),
          "text": "abc", "empty": np.zeros((0, 4)), "complex": np.zeros((2, 2), "c8"), "cell": np.array([[1, "x"]], dtype=object)}
for layer in (10, 2, 1):
    matlab["layer%d" % layer] = half + layer
options = hdf5storage.Options(matlab_compatible=True, store_python_metadata=False, compress_size_threshold=64)
hdf5storage.writes(matlab, filename="matlab73.mat", options=options)
scipy.io.savemat("matlab5.mat", {"real": half})
