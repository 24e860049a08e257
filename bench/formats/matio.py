#!/usr/bin/python3
"""Why pid-extract does not read MATLAB's files of version 5 by libmatio: a small file, cut at every byte and with every bit turned,
read by the library in a process of its own; counted is how often it gives other numbers without an error.

    bench/formats/matio.py          (Debian: libmatio11, python3-scipy)
"""
import ctypes
import ctypes.util
import io
import os
import resource
import sys
import tempfile

import numpy
import scipy.io

LIBRARY = ctypes.util.find_library("matio") or sys.exit("matio.py: libmatio is not installed")
REFUSED, RIGHT, OTHER, CRASHED = range(4)
SECONDS = 2


class Variable(ctypes.Structure):
    """matvar_t of matio.h."""
    _fields_ = [("bytes", ctypes.c_size_t)] + [(name, ctypes.c_int) for name in ("rank", "type", "size", "kind", "complex", "shared", "logical")] + \
        [("dims", ctypes.POINTER(ctypes.c_size_t)), ("name", ctypes.c_char_p), ("data", ctypes.c_void_p)]


def read(matio, path, shape):
    """The numbers of variable x as bytes, or None where the library says that it cannot, or that they are something else."""
    file = matio.Mat_Open(path.encode(), 0)
    variable = matio.Mat_VarRead(file, b"x") if file else None
    if not variable:
        return None
    it = variable.contents
    if it.kind != 6 or it.complex or it.rank != 2 or not it.data or (it.dims[0], it.dims[1]) != shape: # 6: doubles
        return None
    return ctypes.string_at(it.data, 8 * shape[0] * shape[1])


def attempt(path, right, shape):
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        matio = ctypes.CDLL(LIBRARY)
        matio.Mat_Open.restype = ctypes.c_void_p
        matio.Mat_Open.argtypes = [ctypes.c_char_p, ctypes.c_int]
        matio.Mat_VarRead.restype = ctypes.POINTER(Variable)
        matio.Mat_VarRead.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        got = read(matio, path, shape)
        os._exit(REFUSED if got is None else RIGHT if got == right else OTHER)
    status = os.waitpid(child, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else CRASHED


def count(path, versions, right, shape):
    counts = [0] * 4
    for content in versions:
        with open(path, "wb") as file:
            file.write(content)
        counts[attempt(path, right, shape)] += 1
    return counts


def turned(whole):
    for bit in range(8 * len(whole)):
        content = bytearray(whole)
        content[bit // 8] ^= 1 << bit % 8
        yield bytes(content)


def main():
    matio, version = ctypes.CDLL(LIBRARY), [ctypes.c_int() for _ in range(3)]
    matio.Mat_GetLibraryVersion(*map(ctypes.byref, version))
    print("libmatio %d.%d.%d\n" % tuple(number.value for number in version))
    print("%-12s %-22s %7s %7s %7s %13s %7s" % ("file", "change", "files", "refused", "right", "other numbers", "crashed"))
    values = numpy.random.RandomState(1).standard_normal((20, 5))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.mat")
        for name, packed in (("plain", False), ("compressed", True)):
            out = io.BytesIO()
            scipy.io.savemat(out, {"x": values}, do_compression=packed)
            whole = out.getvalue()
            right = values.tobytes(order="F")
            assert count(path, [whole], right, values.shape)[RIGHT] == 1, "the whole file is not read"
            for change, versions in (("cut at every byte", [whole[:at] for at in range(len(whole))]), ("every bit turned", list(turned(whole)))):
                if change == "every bit turned" and not packed:
                    continue # nothing in the file could tell
                print("%-12s %-22s %7d %7d %7d %13d %7d" % ((name, change, len(versions)) + tuple(count(path, versions, right, values.shape))), flush=True)


if __name__ == "__main__":
    main()
