#!/usr/bin/env python3
"""Makes the arrays that the tests of the formats read.  Needs NumPy; the tests need only what it made."""
import json
import struct

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


def safetensors(name, tensors):
    """tensors: name -> (dtype, shape, bytes)"""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for key, (dtype, shape, content) in tensors.items():
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(name, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def array(dtype, values):
    return dtype, list(values.shape), values.astype({"F64": "f8", "F32": "f4", "F16": "f2", "I64": "i8", "U8": "u1", "BOOL": "?"}[dtype]).tobytes()


def bfloat16(values):
    return "BF16", list(values.shape), (values.astype("f4").view("u4") >> 16).astype("u2").tobytes()


half = (whole - 5) / 2
tensors = {f"layer.{layer}.{part}": bfloat16(half + layer) for layer in (10, 2, 1) for part in ("image", "text")}
for dtype in ("F64", "F32", "F16"):
    tensors[dtype] = array(dtype, half)
# Of the eight-bit floats: 0, 1, -1.5, 448 (the largest of e4m3); 0, 1, -1.5, 57344 (the largest of e5m2).
tensors["F8_E4M3"] = ("F8_E4M3", [2, 2], bytes([0x00, 0x38, 0xBC, 0x7E]))
tensors["F8_E5M2"] = ("F8_E5M2", [2, 2], bytes([0x00, 0x3C, 0xBE, 0x7B]))
tensors["answer"] = array("I64", np.array([7, 3, 7]))
tensors["flag"] = array("BOOL", np.array([True, False, True]))
safetensors("layers.safetensors", tensors)
half.astype("<f4").tofile("raw.f4")

# 100 samples of 1 to 7 tokens of 3 values, made so that a test can work the values out again: in one array with offsets, padded
# with a mask (the padding is NaN: whoever counts it shows it), and one array a sample.
lengths = [1 + (3 * s * s + s) % 7 for s in range(100)]
token = lambda s, t: [((7 * s + 5 * t + 3 * i) % 32 - 11) / 4 for i in range(3)]
samples = [np.array([token(s, t) for t in range(n)], dtype="f4") for s, n in enumerate(lengths)]
padded, mask = np.full((100, 7, 3), np.nan, dtype="f2"), np.zeros((100, 7), dtype="?")
for s, values in enumerate(samples):
    padded[s, : len(values)], mask[s, : len(values)] = values, True
offsets = np.cumsum([0] + lengths)
logits = np.array([[(s * (c + 2)) % 5 for c in range(4)] for s in range(100)], dtype="f4")
logits[7, 2] = np.nan
np.savez_compressed("tokens.npz", flat=np.concatenate(samples), offsets=offsets, short=offsets[:-1], down=offsets[::-1], padded=padded,
                    mask=mask, wide=mask[:, :5], full=samples[5][None] * np.ones((100, 1, 1), "f4"), row=np.arange(100), logits=logits)
safetensors("samples.safetensors", {f"s.{s}": array("F32", values) for s, values in enumerate(samples)})

# The files of the examples in pid-extract(1).
rng = np.random.default_rng(5)
safetensors("../../fixtures/feats.safetensors", {f"layer.{layer}.{part}": bfloat16(rng.normal(size=(40, 3, 4)))
                                                 for layer in (10, 2) for part in ("image", "text")})
np.save("../../fixtures/answers.npy", np.array(["yes", "no", "two", "a cat"])[rng.integers(0, 4, 40)])
