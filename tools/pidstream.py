"""Writes pid streams, pid-stream(5), from Python.  Needs nothing but Python; numpy arrays and torch tensors are welcome.

    import sys, numpy, pidstream
    with pidstream.Writer(sys.stdout.buffer, "samples", [
            pidstream.vector("image", 512), pidstream.vector("text", 512),
            pidstream.category("answer", ["no", "yes"], role="target")]) as stream:
        for row, image, text, answer in batches:
            stream.batch({"layer": 3}, row, {"image": image, "text": text, "answer": answer})

The trailer, without which no pidtools program accepts the stream, is written when the `with` block ends well; an
exception leaves the stream without it, on purpose.

The packer is this file's own: of msgpack a stream needs maps, arrays, texts, integers, booleans and bin, and so the one
file can be copied to wherever a model runs, without a package to install beside it.
"""
import struct
import sys
import zlib

RECORD_BYTES_MAX = 64 << 20
_DIM_MAX, _LEVELS_MAX, _ROW_MAX = (1 << 30) - 1, (1 << 31) - 1, (1 << 63) - 1


def vector(name, dim=0, role="source"):
    """A variable of float32 rows; dim 0: it differs between records."""
    return {"name": name, "role": role, "type": "vector", "dim": dim}


def category(name, levels=0, role="source"):
    """A variable of uint32 codes; levels: their names, or how many there are, or 0 where that differs between records."""
    return {"name": name, "role": role, "type": "category", "levels": levels}


def _sized(length, small, small_max, codes):
    """The head of an object of this length: codes are the type bytes for lengths of 1, 2 and 4 bytes (None: not had)."""
    if length < small_max:
        return bytes((small | length,))
    for code, bound, form in zip(codes, (1 << 8, 1 << 16, 1 << 32), (">BB", ">BH", ">BI")):
        if code is not None and length < bound:
            return struct.pack(form, code, length)
    raise ValueError("too long for a stream: %d" % length)


def _integer(value):
    if 0 <= value < 1 << 7:
        return bytes((value,))
    if -32 <= value < 0:
        return struct.pack("b", value)
    for code, form, low, high in ((0xcc, ">BB", 0, 1 << 8), (0xcd, ">BH", 0, 1 << 16), (0xce, ">BI", 0, 1 << 32),
                                  (0xcf, ">BQ", 0, 1 << 64), (0xd0, ">Bb", -1 << 7, 0), (0xd1, ">Bh", -1 << 15, 0),
                                  (0xd2, ">Bi", -1 << 31, 0), (0xd3, ">Bq", -1 << 63, 0)):
        if low <= value < high:
            return struct.pack(form, code, value)
    raise ValueError("not an integer of 64 bits: %d" % value)


def _pack(value, out):
    if value is True or value is False:
        out.append(b"\xc3" if value else b"\xc2")
    elif isinstance(value, int):
        out.append(_integer(value))
    elif isinstance(value, str):
        data = value.encode()
        out += (_sized(len(data), 0xa0, 32, (0xd9, 0xda, 0xdb)), data)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        out += (_sized(len(value), 0, 0, (0xc4, 0xc5, 0xc6)), value)
    elif isinstance(value, dict):
        out.append(_sized(len(value), 0x80, 16, (None, 0xde, 0xdf)))
        for name, item in value.items():
            _pack(name, out)
            _pack(item, out)
    elif isinstance(value, (list, tuple)):
        out.append(_sized(len(value), 0x90, 16, (None, 0xdc, 0xdd)))
        for item in value:
            _pack(item, out)
    else:
        raise TypeError("a stream cannot hold a %s" % type(value).__name__)


def pack(value):
    """The msgpack bytes of maps, arrays, texts, integers, booleans and bytes."""
    out = []
    _pack(value, out)
    return b"".join(out)


class Writer:
    """Writes a stream of kind samples or labels to a binary file (anything with write)."""

    def __init__(self, file, kind, variables, history=(), grouped=False, gzip=False, record_bytes_max=RECORD_BYTES_MAX):
        if kind not in ("samples", "labels"):
            raise ValueError("kind is samples or labels")
        self.file, self.variables, self.record_bytes_max = file, list(variables), record_bytes_max
        self.records = self.rows = self.crc = 0
        self.gzip = zlib.compressobj(6, zlib.DEFLATED, 31) if gzip else None
        self._write(pack({"stream": "pid", "version": 1, "kind": kind, "grouped": grouped, "variables": self.variables,
                          "history": list(history)}))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.finish()

    def _write(self, data):
        self.crc = zlib.crc32(data, self.crc)
        data = memoryview(self.gzip.compress(data) if self.gzip else data)
        while data: # an unbuffered file may take a part
            data = data[self.file.write(data):]

    def batch(self, key, row, data):
        """One record: `key` maps names to integers or texts; `row` is the number of the first row in its data set;
        `data` maps each variable's name to its rows: float32 bytes or rows x dim numbers, uint32 bytes or one code a row."""
        if not isinstance(row, int) or not 0 <= row <= _ROW_MAX:
            raise ValueError("row is not a whole number from 0")
        columns, rows = {}, None
        for variable in self.variables:
            name = variable["name"]
            if name not in data:
                raise ValueError("variable '%s' is missing" % name)
            columns[name], count = (_vectors if variable["type"] == "vector" else _codes)(variable, data[name])
            rows = count if rows is None else rows
            if count != rows:
                raise ValueError("variable '%s' has %d rows where others have %d" % (name, count, rows))
        record = pack({"key": dict(key), "row": row, "rows": rows, "data": columns})
        if len(record) > self.record_bytes_max:
            raise ValueError("a record of %d bytes is above the %d that are allowed: take smaller batches"
                             % (len(record), self.record_bytes_max))
        self._write(record)
        self.records += 1
        self.rows += rows

    def finish(self):
        """The trailer: what makes the stream valid.  To be called only when all data were read and written."""
        self._write(pack({"end": True, "records": self.records, "rows": self.rows, "crc32": self.crc}))
        if self.gzip:
            data = memoryview(self.gzip.flush())
            while data:
                data = data[self.file.write(data):]
        if hasattr(self.file, "flush"):
            self.file.flush()


def _vectors(variable, values):
    """(bytes, rows) of float32 rows."""
    import numpy
    name, dim = variable["name"], variable["dim"]
    array = numpy.asarray(values, "<f4")
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or (dim and array.shape[1] != dim) or array.shape[1] > _DIM_MAX:
        raise ValueError("variable '%s' has shape %s for rows of %s numbers" % (name, tuple(array.shape), dim or "some"))
    if not numpy.isfinite(array).all():
        raise ValueError("variable '%s' holds a value that is not finite" % name)
    return numpy.ascontiguousarray(array).tobytes(), array.shape[0]


def _codes(variable, values):
    """(bytes, rows) of category codes."""
    import array
    name, levels = variable["name"], variable["levels"]
    codes = [int(v) for v in (values.tolist() if hasattr(values, "tolist") else values)]
    bound = (len(levels) if isinstance(levels, (list, tuple)) else levels) or _LEVELS_MAX
    if codes and not (0 <= min(codes) and max(codes) < bound):
        raise ValueError("variable '%s' has a code that is not from 0 to %d" % (name, bound - 1))
    packed = array.array("I", codes)
    if packed.itemsize != 4:
        raise ValueError("no unsigned integer of 4 bytes here")
    if sys.byteorder != "little":
        packed.byteswap()
    return packed.tobytes(), len(codes)
