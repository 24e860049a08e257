"""Standard error, standard output, and files that appear when they are complete."""
import errno
import os
import socket
import sys
import time

from .errors import Failure, Usage
from .options import NAME


def say(text):
    sys.stderr.write("%s: %s\n" % (NAME, "".join(c if c.isprintable() else "?" for c in text)))
    sys.stderr.flush()


def print_out(text):
    """To standard output, with every write error found; the end of a run that prints text."""
    data = memoryview(text.encode())
    try:
        while data:
            data = data[os.write(1, data):]
        os.close(1)
    except OSError as error:
        raise Failure("standard output: %s" % os.strerror(error.errno))


class Output:
    """Standard output, or a file that appears under its name only when it is complete."""

    def __init__(self, path, stdout):
        self.path, self.temporary, self.name = None, None, path or "standard output"
        try:
            if path is None:
                self.fd = stdout
                os.fstat(self.fd)
            elif os.path.exists(path) and not os.path.isfile(path):
                if os.path.isdir(path):
                    raise OSError(errno.EISDIR, "")
                self.fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            else:
                self.path = os.path.realpath(path)
                folder, base = os.path.split(self.path)
                temporary = os.path.join(folder, ".%s.%s.%d.tmp" % (base, socket.gethostname(), os.getpid()))
                self.fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
                self.temporary = temporary
        except OSError as error:
            raise Failure("%s: %s" % (self.name, os.strerror(error.errno)))
        if os.isatty(self.fd):
            raise Usage("a stream is binary and not written to a terminal: use a pipe, -o FILE, or pid-cat -f json")

    def write(self, data):
        try:
            return os.write(self.fd, data)
        except OSError as error:
            raise Failure("%s: %s" % (self.name, os.strerror(error.errno)))

    def finish(self):
        try:
            if self.temporary:
                os.fsync(self.fd)
            os.close(self.fd)
            if self.temporary:
                os.rename(self.temporary, self.path)
                self.temporary = None
        except OSError as error:
            raise Failure("%s: %s" % (self.name, os.strerror(error.errno)))

    def discard(self):
        if self.temporary:
            os.unlink(self.temporary)
            self.temporary = None


class Progress:
    def __init__(self, values):
        self.shown = values.get("progress") or (not values.get("quiet") and sys.stderr.isatty())
        self.last, self.start = 0., time.monotonic()

    def __call__(self, batch, rows):
        now = time.monotonic()
        if not self.shown or now - self.last < 0.2:
            return
        self.last = now
        text = "%s: batch %d, %d rows, %.0f rows a second" % (NAME, batch, rows, rows / max(now - self.start, 1e-9))
        sys.stderr.write("\r\033[K" + text if sys.stderr.isatty() else text + "\n")
        sys.stderr.flush()

    def end(self):
        if self.shown and sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
