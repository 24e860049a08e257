"""What the user is told, and the exit status that goes with it."""
import contextlib


class Failure(Exception):
    """One line for the user; exit status 1."""


class Usage(Exception):
    """One line for the user; exit status 2."""


class Problem(Exception):
    """One line that the caller completes with the place, or passes on."""


@contextlib.contextmanager
def told(place):
    """Whatever other people's code raises inside becomes one line that begins with the place."""
    try:
        yield
    except (Failure, Usage, Problem):
        raise
    except Exception as error:
        raise Failure("%s: %s: %s" % (place, type(error).__name__, str(error).split("\n")[0])) from error
