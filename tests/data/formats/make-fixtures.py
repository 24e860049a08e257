#!/usr/bin/env python3
"""Makes the arrays that the tests of the formats read.  Needs NumPy; the tests need only what it made."""
import numpy as np

# Element (i, j) is 4 i + j, minus 5 where the type has a sign; halves where it has fractions.
whole = np.arange(12).reshape(3, 4)
for kind, sizes in (("f", (2, 4, 8)), ("i", (1, 2, 4, 8)), ("u", (1, 2, 4, 8))):
    for size in sizes:
        values = whole if kind == "u" else whole - 5
        if kind == "f":
            values = values / 2
        for end, letter in (("le", "<"), ("be", ">")):
            for order in "CF":
                array = np.array(values, dtype=f"{letter}{kind}{size}", order=order)
                np.save(f"{kind}{size}-{end}-{order.lower()}.npy", array)
np.save("b1.npy", whole % 2 == 0)

cube = np.arange(24, dtype="f4").reshape(2, 3, 4)
np.save("cube-c.npy", cube)
np.save("cube-f.npy", np.asfortranarray(cube))

labels = np.array([10, 2, -1, 2, 33], dtype="i8")
np.save("labels.npy", labels)
np.save("big-labels.npy", np.array([2**64 - 1, 2**63, 3], dtype="u8"))
np.save("float-labels.npy", np.array([1.0, 0.5, 1.0, np.nan, 0.1]))
np.save("truth.npy", np.array([True, False, True]))
words = np.array(["layer10", "layer2", "caf\u00e9", "", "\U0001f600"])
np.save("words.npy", words)
np.save("words-be.npy", words.astype(">U8"))
np.save("bytes.npy", np.array([b"layer10", b"layer2", "caf\u00e9".encode(), b"", b"x"]))
np.save("latin1.npy", np.array(["caf\u00e9".encode("latin1"), b"x"]))
np.save("bad.npy", np.array([[1, 2], [3, np.nan], [np.inf, 4], [5, 6]], dtype="f4"))
np.save("beyond.npy", np.array([[1.0], [1e300]]))
np.save("empty.npy", np.zeros((0, 4), dtype="f4"))
for version in ((2, 0), (3, 0)):
    with open(f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, whole.astype("f4"), version=version)

np.save("objects.npy", np.array([1, "a"], dtype=object), allow_pickle=True)
np.save("records.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
np.save("complex.npy", np.zeros(2, dtype="c8"))
np.save("dates.npy", np.zeros(2, dtype="M8[s]"))
np.save("scalar.npy", np.float32(1))

arrays = {"image": whole.astype("f4"), "text": np.asfortranarray(whole - 5.0), "label": labels[:3], "word": words[:3]}
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
np.savez("single.npz", only=whole.astype("f4"))
