"""From the command line to the exit status."""
import os
import signal
import sys

from . import options, output
from .errors import Failure, Problem, Usage


def extract(values, history, version):
    """The models' and data's own prints go to standard error: standard output is the stream's."""
    try:
        stdout = os.dup(1)
    except OSError as error:
        raise Failure("standard output: %s" % os.strerror(error.errno))
    listing = "list-modules" in values
    out = None if listing else output.Output(values.get("output"), stdout)

    def on_signal(signum, _frame):
        if out:
            out.discard()
        signal.signal(signum, signal.SIG_DFL)
        os.kill(os.getpid(), signum)
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, on_signal)
    try:
        os.dup2(2, 1)
        try:
            from .extraction import Extraction
        except ImportError as error:
            raise Failure("%s cannot be imported: install PyTorch (Debian: python3-torch)" % error.name if error.name else str(error))
        try:
            work = Extraction(values, history, out, version)
            text = work.prepare()
        except Problem as problem:
            raise Failure(str(problem)) from problem
        if listing:
            os.dup2(stdout, 1)
            output.print_out(text)
        else:
            work.run()
            out.finish()
    except BaseException:
        if out:
            out.discard()
        raise


def main(version):
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPIPE})
    values = {}
    try:
        values, history = options.parse(sys.argv[1:])
        if "help" in values or "version" in values:
            output.print_out(options.help_text() if "help" in values else "%s (pidtools) %s\n" % (options.NAME, version))
        else:
            options.check(values)
            extract(values, history, version)
    except Usage as usage:
        output.say(str(usage))
        sys.stderr.write("Try '%s --help'.\n" % options.NAME)
        return 2
    except Failure as failure:
        if values.get("verbose") and failure.__cause__:
            import traceback
            traceback.print_exception(failure.__cause__)
        output.say(str(failure))
        return 1
    return 0


def run(version):
    status = main(version)
    sys.stderr.flush()
    os._exit(status) # Python's own flush of a standard output that is gone would say so again
