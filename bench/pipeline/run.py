#!/usr/bin/python3
"""Whole pipelines side by side: pidtools, plain Python (plain.py), cat and numpy, in one run on the same data.

Each figure is the median of --repeat rounds, in which the programs take turns; ratios are taken within rounds.  `peak` is the
largest resident memory, summed over the programs of a pipe.  What is not installed is left out by name.
"""
import argparse, importlib.util, os, shlex, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--build", default=".")
parser.add_argument("--out", default="bench/pipeline/out")
parser.add_argument("--parts", default="copy,whole,samples,joint,stream")
parser.add_argument("--repeat", type=int, default=5)
parser.add_argument("--rows", type=int, default=100_000, help="of the part `whole`")
parser.add_argument("--samples", type=int, default=2_000, help="made for the part `samples`, and scaled to 10,000")
parser.add_argument("--python-samples", type=int, default=10, help="of these, done in Python, and scaled to 10,000")
parser.add_argument("--stream-rows", default="1250000,2500000,5000000,10000000")
parser.add_argument("--joint-rows", type=int, default=50_000_000)
args = parser.parse_args()
here = os.path.dirname(os.path.abspath(__file__))

sklearn = importlib.util.find_spec("sklearn") and importlib.util.find_spec("scipy")
if not sklearn:
    print("# scikit-learn is not installed: plain Python is left out")

os.makedirs(args.out, exist_ok=True)
os.environ["PATH"] = os.path.abspath(os.path.join(args.build, "tools")) + ":" + os.environ["PATH"]
work = tempfile.mkdtemp(prefix="pid-bench-")
results = open(os.path.join(args.out, "results.tsv"), "w")
print("part\twhat\tseconds\tratio\tpeak_mb\tnote", file=results)


def tell(part, what, seconds, ratio=None, peak=None, note=""):
    line = "\t".join([part, what, "%.3f" % seconds, "" if ratio is None else "%.3f" % ratio, "" if peak is None else "%.0f" % peak, note])
    print(line, flush=True)
    print(line, file=results, flush=True)


def pipe(*commands, source=None):
    """Runs the commands one behind the other; seconds, MB at the peak of each, the last one's output if it is short.  Leaves the
    processor seconds of the last in pipe.processor."""
    begin, running, upstream = time.perf_counter(), [], open(source, "rb") if source else subprocess.DEVNULL
    output = open(os.path.join(work, "output"), "w+b")
    for number, command in enumerate(commands):
        last = number == len(commands) - 1
        null = last and command.endswith(">/dev/null")
        command = command.removesuffix(">/dev/null")
        running.append(subprocess.Popen(shlex.split(command), stdin=upstream, cwd=work,
                                        stdout=subprocess.DEVNULL if null else output if last else subprocess.PIPE))
        if upstream != subprocess.DEVNULL:
            upstream.close()
        upstream = running[-1].stdout
    peaks = []
    for process, command in zip(running, commands):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command}: status {process.returncode}")
        peaks.append(usage.ru_maxrss / 1024)
        pipe.processor = usage.ru_utime + usage.ru_stime
    seconds = time.perf_counter() - begin
    output.seek(0)
    return seconds, peaks, output.read(1 << 16)


def apart(function, *arguments):
    """Calls it in a process of its own, which alone loads numpy: what a program inherits counts into its peak, so that this one must
    stay small."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        global np
        import numpy as np
        status = 1
        try:
            os.write(write, repr(function(*arguments)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{function.__name__} failed")
    return float(text) if text not in ("", "None") else None


def medians(part, rounds, notes={}):
    """rounds: name -> list of (seconds, peak MB); ratios are the first one's time over each other's, within rounds."""
    own = next(iter(rounds.values()))
    for name, values in rounds.items():
        tell(part, name, statistics.median(v[0] for v in values), statistics.median(o[0] / v[0] for o, v in zip(own, values)),
             max(v[1] for v in values), notes.get(name, ""))


def clouds(rows, columns, classes, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((classes.max() + 1, columns), dtype="f4")[classes] + 2 * rng.standard_normal((rows, columns), dtype="f4")


def part_copy():
    """A gigabyte from .npy to a stream, and a stream through pid-cat, beside cat of the same bytes."""
    def make():
        rows = (1 << 30) // 4 // 768
        np.save(work + "/big.npy", np.random.default_rng(1).standard_normal((rows, 768), dtype="f4"))
        np.save(work + "/y.npy", np.arange(rows) % 10)
    apart(make)
    extract = "pid-extract --source v=big.npy --target y=y.npy"
    pipe(extract + " -o big.mp")
    rounds = {}
    for _ in range(args.repeat):
        for name, command in (("cat of the array", "cat big.npy >/dev/null"), ("pid-extract", extract + " >/dev/null"),
                              ("cat of the stream", "cat big.mp >/dev/null"), ("pid-cat", "pid-cat big.mp >/dev/null")):
            seconds, peaks, _ = pipe(command)
            rounds.setdefault(name, []).append((seconds, sum(peaks)))
    names = list(rounds)
    for pair in (names[:2], names[2:]):
        medians("copy", {name: rounds[name] for name in pair}, {pair[1]: "ratio: of cat's speed"})


def part_whole():
    """From three .npy files to the table, against plain Python with 10 starts, scikit-learn's default here, and with one."""
    def make():
        y = np.random.default_rng(1).integers(0, 10, args.rows)
        np.save(work + "/y.npy", y)
        np.save(work + "/a.npy", clouds(args.rows, 768, y, 2))
        np.save(work + "/b.npy", clouds(args.rows, 768, (y // 2 + np.random.default_rng(3).integers(0, 2, args.rows)) % 7, 4))
    apart(make)
    commands = ("pid-extract --source a=a.npy --source b=b.npy --target y=y.npy", "pid-kmeans -k 64", "pid-joint", "pid-ipfp",
                "pid-report -f tsv")
    rounds = {"pidtools": []}
    for turn in range(args.repeat):
        seconds, peaks, _ = pipe(*commands)
        rounds["pidtools"].append((seconds, sum(peaks)))
        for starts in (1, 10) if sklearn else ():
            if starts > 1 and turn:
                continue
            seconds, peaks, _ = pipe(f"/usr/bin/python3 {here}/plain.py whole a.npy b.npy y.npy 64 {starts}")
            rounds.setdefault(f"python, n_init={starts}", []).append((seconds, sum(peaks)))
    medians("whole", rounds, {"python, n_init=10": "one round"})


def part_samples():
    """A decomposition for each sample: 64 tokens x 768 of three variables, PCA 10, K 10."""
    def make():
        for seed, name in enumerate("abc"):
            np.save(work + f"/t{name}.npy", np.random.default_rng(seed).standard_normal((args.samples, 64, 768), dtype="f4"))
    apart(make)
    commands = ("pid-extract --rows tokens --source a=ta.npy --source b=tb.npy --target c=tc.npy",
                "pid-kmeans --per sample --pca 10 -k 10", "pid-joint --per sample", "pid-ipfp", "pid-report -f tsv >/dev/null")
    rounds = {"pidtools": []}
    for turn in range(args.repeat):
        seconds, peaks, _ = pipe(*commands)
        rounds["pidtools"].append((seconds * 10_000 / args.samples, sum(peaks)))
        if sklearn:
            _, peaks, text = pipe(f"/usr/bin/python3 {here}/plain.py samples ta.npy tb.npy tc.npy 10 10 {args.python_samples}")
            rounds.setdefault("python", []).append((float(text.split()[-1]) * 10_000 / args.python_samples, sum(peaks)))
    medians("samples", rounds, {"pidtools": f"{args.samples} samples, scaled to 10,000", "python": f"{args.python_samples} samples, scaled"})


def part_joint():
    """Counting three columns of labels: beside cat of the same bytes and numpy's bincount of an array in memory; and 10^9 rows."""
    def make():
        for seed, (name, levels) in enumerate((("a", 64), ("b", 64), ("y", 10))):
            np.save(work + f"/{name}.npy", np.random.default_rng(seed).integers(0, levels, args.joint_rows, dtype="u4"))

    def by_numpy():
        a, b, y = (np.load(work + f"/{name}.npy") for name in "aby")
        begin = time.perf_counter()
        np.bincount((a * 64 + b) * 10 + y, minlength=64 * 64 * 10)
        return time.perf_counter() - begin
    apart(make)
    pipe("pid-extract --source a=a.npy --source b=b.npy --target y=y.npy -o labels.mp")
    rounds = {}
    for _ in range(args.repeat):
        for name, command in (("pid-joint", "pid-joint labels.mp >/dev/null"), ("cat", "cat labels.mp >/dev/null")):
            seconds, peaks, _ = pipe(command)
            rounds.setdefault(name, []).append((seconds, sum(peaks)))
        rounds.setdefault("numpy", []).append((apart(by_numpy), 0))
    medians("joint", rounds, {"pid-joint": f"{args.joint_rows} rows"})
    times = -(-10 ** 9 // args.joint_rows)
    seconds, peaks, _ = pipe("pid-joint -o many.mp " + "labels.mp " * times)
    _, _, text = pipe("pid-cat -f json many.mp")
    tell("joint", f"{times * args.joint_rows} rows", seconds, peak=sum(peaks), note="samples counted: " + text.decode().split('"samples":')[1].split(",")[0])


def part_stream():
    """Rows x 256 through a pipe with --memory 512M: seconds a million rows, and the peak of pid-kmeans."""
    first = None
    for rows in map(int, args.stream_rows.split(",")):
        command = (f"/usr/bin/python3 {here}/rows.py {rows} 256", "pid-kmeans -k 64 --memory 512M >/dev/null")
        seconds, peaks, _ = pipe(*command)
        rate = seconds / rows
        first = first or rate
        tell("stream", f"{rows} rows", seconds, rate / first, peaks[-1],
             "ratio: seconds a row over those of the first line; %.3f processor seconds a million rows" % (pipe.processor / rows * 1e6))


try:
    for part in args.parts.split(","):
        globals()["part_" + part]()
finally:
    results.close()
    subprocess.run(["rm", "-rf", work])
