"""The command line: a table of options, its help, and what can be found wrong before anything is loaded."""
import getopt

from .errors import Usage

NAME = "pid-extract-torch"
POOLS = ("mean", "max", "first", "last", "attention-mask")
DTYPES = {"float32": "float32", "fp32": "float32", "bfloat16": "bfloat16", "bf16": "bfloat16", "float16": "float16", "fp16": "float16"}
BATCH, SEED = 8, 1

# name, letter, argument, help, whether it can change the result (and so stands in the history)
OPTIONS = (
    ("model", "", "FILE.py:FUNCTION", "the function, of a file or of a module to import, that makes the model", True),
    ("data", "", "FILE.py:FUNCTION", "the function that makes the batches; with --hf also FILE.tsv, or a folder with\n"
     "one, with the columns image (a file name), text or question and, as the target, answer", True),
    ("dataset", "", "NAME[:SPLIT]", "with --hf, for --data: a data set for Hugging Face's datasets, which must be installed: a\n"
     "name or a local folder; read as it arrives; SPLIT may be left out where there is one", True),
    ("dataset-config", "", "NAME", "which of the data sets of that name", True),
    ("image-column", "", "NAME", "the column of the image in --dataset or FILE.tsv; default: image", True),
    ("question-column", "", "NAME", "the column of the question; default: text, or else question", True),
    ("answer-column", "", "NAME", "the column of the answer, the target; default: answer", True),
    ("with", "", "NAME=VALUE", "call these functions with NAME=VALUE, a text; may be repeated", True),
    ("hf", "", "MODEL", "a model of transformers, which must be installed: a local folder or a name; hooks are\n"
     "chosen from its module tree, and named, where --hook does not", True),
    ("list-modules", "", "", "print the names of the model's modules, their classes and sizes, and exit", False),
    ("hook", "", "SOURCE=PATTERN", "source SOURCE is the output of the modules that fit the glob PATTERN, as in\n"
     "image='vision_tower.layers.*'; what the first wildcard stands for is key layer", True),
    ("target", "", "NAMES", "the targets of the batches to write, as in answer,kind; default: all", True),
    ("prediction", "", "NAME", "add the target NAME: the class of the model's largest output", True),
    ("pool", "", "HOW", "one vector out of a row's tokens: mean (default), max, first, last, attention-mask;\n"
     "or for each source, as in image=mean,text=attention-mask", True),
    ("key", "", "NAME=VALUE", "add NAME=VALUE to each record's key, as in model=blip; may be repeated", True),
    ("limit", "", "N", "stop after N rows", True),
    ("batch", "", "N", "rows a batch with --dataset or FILE.tsv; default: %d" % BATCH, True),
    ("dtype", "", "TYPE", "compute in float32, bf16 or fp16; default: as the model is", True),
    ("device", "", "DEVICE", "cpu, cuda, cuda:1, ...; default: cpu", True),
)
COMMON = (
    ("output", "o", "FILE", "write to FILE, which appears only when it is complete; default: standard output", False),
    ("gzip", "z", "", "compress the output with gzip; readers find out by themselves", False),
    ("jobs", "j", "N", "threads; default: as torch chooses", False),
    ("seed", "", "N", "seed of all random draws; default: %d" % SEED, False),
    ("max-record", "", "SIZE", "refuse to write records above SIZE bytes (K, M, G); default: 64M", False),
    ("progress", "", "", "report progress even where standard error is no terminal", False),
    ("quiet", "q", "", "no warnings, no progress", False),
    ("verbose", "v", "", "say more about what is done, and where in Python it failed", False),
    ("help", "h", "", "print this help and exit", False),
    ("version", "V", "", "print the version and exit", False),
)
EXAMPLES = """  pid-extract-torch --model net.py:make_model --list-modules
  pid-extract-torch --model net.py:make_model --data net.py:make_batches --hook image='image.layers.*' \\
    --hook text='text.layers.*' | pid-kmeans -k 16 | pid-joint | pid-ipfp | pid-report
  pid-extract-torch --hf ./llava-folder --data questions.tsv --dtype bf16 --device cuda --limit 2000 -o samples.mp
  pid-extract-torch --hf NAME --dataset NAME:validation --limit 2000 -o samples.mp
"""


def help_text():
    def lines(options):
        text = ""
        for name, letter, argument, meaning, _ in options:
            left = "  %s--%s%s" % ("-%s, " % letter if letter else "    ", name, " " + argument if argument else "")
            left = left + "\n" + 28 * " " if len(left) > 26 else left.ljust(28)
            text += left + meaning.replace("\n", "\n" + 28 * " ") + "\n"
        return text
    return ("Usage: %s [OPTION...]\n\nWrites the hidden states of a torch model, one record a batch and layer, as a samples stream.\n\n"
            "Options:\n%s\nOptions that every program has:\n%s\nExamples:\n%s\nExit status: 0 done, 1 data or system error, 2 wrong use.\n"
            "More: man %s; the format of the streams: man 5 pid-stream.\n" % (NAME, lines(OPTIONS), lines(COMMON), EXAMPLES, NAME))


def parse(arguments):
    """({option: value or list}, what the history is to say)."""
    every = OPTIONS + COMMON
    by_name = {o[0]: o for o in every}
    by_letter = {o[1]: o[0] for o in every if o[1]}
    try:
        pairs, operands = getopt.gnu_getopt(arguments, "".join(o[1] + (":" if o[2] else "") for o in every if o[1]),
                                            [o[0] + ("=" if o[2] else "") for o in every])
    except getopt.GetoptError as error:
        raise Usage(error.msg)
    if operands:
        raise Usage("unexpected operand '%s'" % operands[0])
    values, history = {"hook": [], "with": [], "key": []}, []
    for option, value in pairs:
        name = option[2:] if option.startswith("--") else by_letter[option[1]]
        if name in ("hook", "with", "key"):
            left, equals, right = value.partition("=")
            if not (left and equals and right):
                raise Usage("--%s: '%s' is not %s" % (name, value, by_name[name][2]))
            if left in dict(values[name]):
                raise Usage("--%s: %s is given twice" % (name, left))
            values[name].append((left, right))
        else:
            values[name] = value if by_name[name][2] else True
        if by_name[name][4]:
            history.append("--%s=%s" % (name, value) if by_name[name][2] else "--" + name)
    return values, history


def number(values, name, low, high, default):
    text = values.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise Usage("--%s: '%s' is not a whole number from %d to %d" % (name, text, low, high))
    return int(text)


def size(values, name, default):
    text = values.get(name)
    if text is None:
        return default
    digits, unit = (text[:-1], text[-1]) if text[-1:] in ("K", "M", "G", "T") else (text, "")
    if not (digits.isascii() and digits.isdigit()) or not 1 << 16 <= int(digits) << 10 * " KMGT".index(unit or " ") <= 1 << 40:
        raise Usage("--%s: '%s' is not a size from 65536 to %d bytes (K, M, G, T may follow)" % (name, text, 1 << 40))
    return int(digits) << 10 * " KMGT".index(unit or " ")


def check(values):
    """What can be found wrong before anything is loaded."""
    if "jobs" in values:
        number(values, "jobs", 1, 1024, 1)
    number(values, "seed", 0, (1 << 64) - 1, SEED)
    number(values, "limit", 1, 1 << 62, None)
    number(values, "batch", 1, 1 << 20, BATCH)
    size(values, "max-record", 0)
    if "dtype" in values and values["dtype"] not in DTYPES:
        raise Usage("--dtype: '%s' is none of %s" % (values["dtype"], ", ".join(DTYPES)))
    if ("model" in values) == ("hf" in values):
        raise Usage("one of --model and --hf is needed")
    if "data" not in values and "dataset" not in values and "list-modules" not in values:
        raise Usage("--data is needed" + (", or --dataset" if "hf" in values else ""))
    if "data" in values and "dataset" in values:
        raise Usage("--data and --dataset are two data sets: give one")
    for name in ("dataset", "dataset-config", "image-column", "question-column", "answer-column"):
        if values.get(name) == "":
            raise Usage("--%s: the name is empty" % name)
    if "dataset" in values and "hf" not in values:
        raise Usage("--dataset goes with --hf: to a model of your own, give what reads it with --data")
    if "dataset-config" in values and "dataset" not in values:
        raise Usage("--dataset-config goes with --dataset")
    if values.get("output") == "":
        raise Usage("--output: the file name is empty")
    if "layer" in dict(values["key"]):
        raise Usage("--key: 'layer' is set by --hook")
