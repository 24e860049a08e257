"""The user's functions, from a file or a module."""
import errno
import importlib
import importlib.util
import inspect
import os
import sys

from .errors import Failure, Usage, told


def load(option, spec):
    """The function that FILE.py:FUNCTION or MODULE:FUNCTION names."""
    place, colon, function = spec.rpartition(":")
    if not (place and colon and function):
        raise Usage("--%s: '%s' is not FILE.py:FUNCTION" % (option, spec))
    with told(place): # whatever the user's file raises
        if place.endswith(".py"):
            if not os.path.isfile(place):
                raise Failure("%s: %s" % (place, os.strerror(errno.ENOENT)))
            path = os.path.realpath(place)
            module = sys.modules.get("pid_" + path)
            if module is None: # one module for --model and --data of one file
                sys.path.insert(0, os.path.dirname(path))
                spec_of = importlib.util.spec_from_file_location("pid_" + path, path)
                module = importlib.util.module_from_spec(spec_of)
                sys.modules["pid_" + path] = module
                spec_of.loader.exec_module(module)
        else:
            sys.path.insert(0, os.getcwd())
            module = importlib.import_module(place)
    if not callable(getattr(module, function, None)):
        raise Failure("%s: there is no function %s" % (place, function))
    return getattr(module, function)


def call(what, function, given, used):
    """function(), with those of the --with values that it has parameters for."""
    parameters = inspect.signature(function).parameters
    takes_all = any(p.kind == p.VAR_KEYWORD for p in parameters.values())
    chosen = {name: value for name, value in given if takes_all or name in parameters}
    used.update(chosen)
    with told(what):
        return function(**chosen)
