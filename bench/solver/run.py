#!/usr/bin/python3
"""The solver side by side with other ways to solve the same tables, in one run, one thread each: see README.md.

Times are of the processor, so that other work on the machine does not show; a rival's ratio is its time over ours.  Every
answer is judged against our certified bounds, and our certificate by numpy; status 1 where one contradicts the other.
"""
import argparse, json, math, os, resource, statistics, subprocess, sys, tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--build", default=".")
parser.add_argument("--out", default="bench/solver/out")
parser.add_argument("--parts", default="K,M,N,blas,tables,large", help="which parts to run; default: %(default)s")
parser.add_argument("--limit", type=float, default=5, help="processor seconds of one rival's solve; default: %(default)s")
parser.add_argument("--rivals", default="cvxopt,trust-constr,slsqp,ipfp-published,ipfp-long")
parser.add_argument("--tables", type=int, default=20000, help="tables of the per-sample protocol; default: %(default)s")
args = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
timing = os.path.join(args.build, "bench/solver/timing")
os.environ["PATH"] = os.path.abspath(os.path.join(args.build, "tools")) + ":" + os.environ["PATH"]
os.makedirs(args.out, exist_ok=True)
work = tempfile.mkdtemp(prefix="pid-bench-")
rivals = args.rivals.split(",")
for rival, module in (("cvxopt", "cvxopt"), ("trust-constr", "scipy"), ("slsqp", "scipy")):
    if rival in rivals and subprocess.run([sys.executable, "-c", "import " + module], stderr=subprocess.DEVNULL).returncode:
        print(f"# {module} is not installed: {rival} is left out")
        rivals.remove(rival)

# What is solved in each series: the size it is drawn against, kind, K1, K2, M, rows.
SERIES = {
    "K": [(k, "uniform", k, k, 10, 0) for k in (4, 8, 10, 16, 32, 64, 128, 256)],
    "M": [(m, "uniform", 10, 10, m, 0) for m in (2, 5, 10, 20, 50, 100, 200)],
    "N": [(n, "views", 32, 32, 10, n) for n in (100, 300, 1000, 3000, 10000, 100000)],
}
LARGE = [("256x256x100", 256, 256, 100, 200000, 5), ("1024x1024x1000", 1024, 1024, 1000, 1000000, 60)]
BLAS = [(10, 10, 10), (64, 64, 10), (128, 128, 10)]
PROOF_CELLS, RIVAL_CELLS = 70000, 3000000
ROUNDING = 1e-12  # bits: of the judge's own sums
DASH = "-"

contradictions = []
COLUMNS = "part size program processor ratio equal growth wall excess error marginals steps status".split()
results = open(os.path.join(args.out, "results.tsv"), "w")


def line(*values):
    print("  ".join(f"{v:>{w}}" for v, w in zip(values, (6, 14, 14, 10, 8, 8, 6, 10, 8, 9, 9, 6, 0))), flush=True)
    print("\t".join(map(str, values)), file=results, flush=True)


def short(value, form="%.3g"):
    return DASH if value is None else form % value


def solve(kind, k1, k2, m, rows, tolerance=1e-9, seconds=0, repeats=1, options=()):
    """What bench/solver/timing measures: its names and values, and the lines on BLAS."""
    run = subprocess.run([timing, *options, kind, *map(str, (k1, k2, m, rows, tolerance, "auto", seconds, repeats))],
                         check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(zip(run[0].split(), run[1].split())), run[2:]


def bits(p):
    p = p[p > 0].astype(np.longdouble)
    return float(-(p * np.log2(p)).sum())


def union(q):
    """I(Y; X1 X2) under q, in bits."""
    return bits(q.sum((0, 1))) + bits(q.sum(2).ravel()) - bits(q.ravel())


def marginals_off(q, p):
    return max(np.abs(q.sum(0) - p.sum(0)).max(), np.abs(q.sum(1) - p.sum(1)).max())


def rounded(q, p):
    """The nearest that is easily had with p's marginals: rows and columns scaled down, what is missing added as a product
    (Altschuler, Weed, Rigollet 2017), for each y."""
    p1, p2 = p.sum(1), p.sum(0)
    q = np.maximum(q, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        q = q * np.nan_to_num(np.minimum(1, p1 / q.sum(1)), nan=0)[:, None, :]
        q = q * np.nan_to_num(np.minimum(1, p2 / q.sum(0)), nan=0)[None, :, :]
        rest1, rest2 = np.maximum(p1 - q.sum(1), 0), np.maximum(p2 - q.sum(0), 0)
        return q + np.nan_to_num(rest1[:, None, :] * rest2[None, :, :] / rest1.sum(0), nan=0)


def rival_run(rival, p, limit):
    """(seconds, processor, steps, how, q); q is None where it left nothing."""
    table, answer = work + "/table.f64", work + "/answer.f64"
    p.tofile(table)
    if os.path.exists(answer):
        os.unlink(answer)
    command = [sys.executable, here + "/rivals.py", rival, table, *map(str, p.shape), str(limit), answer]
    most = int(20 + 3 * limit)  # for one that does not look at the clock; of the processor, with Python's start and five repeats
    run = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (most, most)))
    if run.returncode < 0:
        return None, None, None, "killed", None
    if run.returncode:
        return None, None, None, "crashed: " + (run.stderr.strip().splitlines() or ["?"])[-1][:60], None
    seconds, processor, steps, how = run.stdout.split()
    dense = np.zeros(p.shape)
    dense[np.ix_(p.sum((1, 2)) > 0, p.sum((0, 2)) > 0, p.sum((0, 1)) > 0)] = \
        np.fromfile(answer).reshape([(p.sum(a) > 0).sum() for a in ((1, 2), (0, 2), (0, 1))])
    return float(seconds), float(processor), int(steps), how, dense


def judge(q, p, lower, upper, who):
    """excess: what q, made feasible, lies above our lower bound; error: its own value's distance from our bounds."""
    p = p / p.sum()
    excess = union(rounded(q, p)) - lower
    if excess < -ROUNDING:
        contradictions.append(f"{who}: a feasible q lies {-excess:.1e} bits below our lower bound")
    value = union(q)
    return max(excess, 0), max(value - upper, lower - value, 0), marginals_off(q, p)


def pid_ipfp(p):
    """Our answer as users get it: bounds, Q and potentials through pid-joint and pid-ipfp."""
    with open(work + "/table.tsv", "w") as out:
        print("a\tb\ty\tw", file=out)
        for (i, j, y), w in np.ndenumerate(p):
            if w > 0:
                print(i, j, y, repr(float(w)), sep="\t", file=out)
    subprocess.run(f"cd {work} && pid-joint --table table.tsv --sources a,b --target y --weight w |"
                   " pid-ipfp --tolerance 1e-11 --coupling --coupling-threshold 0 --potentials -q -o solved.mp", shell=True, check=True)
    header, record = (json.loads(text) for text in subprocess.run(["pid-cat", "-f", "json", work + "/solved.mp"], check=True, capture_output=True,
                                                             text=True).stdout.splitlines()[:2])
    levels = [np.array(v["levels"], int) for v in header["variables"]]
    cells = np.array(record["arrays"]["coupling:cells"])
    q = np.zeros(p.shape)
    q[tuple(level[cells[:, v]] for v, level in enumerate(levels))] = record["arrays"]["coupling:weights"]
    potentials = []
    for side, name in enumerate(("a", "b")):
        array = np.array(record["arrays"]["potential:" + name], float)
        full = np.full((p.shape[side], p.shape[2]), np.nan)
        full[np.ix_(levels[side], levels[2])] = array
        potentials.append(full)
    return record["values"], q, potentials


def proof(part, size, p):
    """Our certificate recomputed by numpy: Q's marginals and value, the potentials' feasibility and value."""
    values, q, (a, b) = pid_ipfp(p)
    p = p / p.sum()
    p1, p2 = p.sum(1), p.sum(0)
    most = np.nansum(np.exp2(a[:, None, :] + b[None, :, :]), 2).max()
    lower = bits(p.sum((0, 1))) + float(np.nansum((p1 * a).astype(np.longdouble)) + np.nansum((p2 * b).astype(np.longdouble))) - max(0, math.log2(most))
    upper, off = union(q), marginals_off(q, p)
    line(part, size, "proof", DASH, DASH, DASH, DASH, DASH, short(max(upper - lower, 0), "%.1e"), short(abs(upper - values["upper"]), "%.1e"), short(off, "%.1e"),
         DASH, "recomputed")
    if off > 1e-12 or upper - lower > values["gap"] + 1e-11 or upper < values["lower"] - 1e-11 or lower > values["upper"] + 1e-11:
        contradictions.append(f"{part} {size}: numpy finds {lower!r} to {upper!r}, marginals off by {off:.1e}; pid-ipfp said {values}")


def part_series(part):
    """Ours and the rivals at growing sizes; whoever is out of time is left out of what is larger."""
    left, before = list(rivals), None
    for size, kind, k1, k2, m, rows in SERIES[part]:
        small = k1 * k2 * m <= RIVAL_CELLS
        trial, _ = solve(kind, k1, k2, m, rows, 1e-11, 30, 1, ("-w", work + "/table.f64") if small else ())
        lower, upper = float(trial["lower"]), float(trial["upper"])
        repeats = int(min(max(0.5 / float(trial["processor"]), 1), 101))
        own, _ = solve(kind, k1, k2, m, rows, 1e-9, 30, repeats)
        seconds = float(own["processor"])
        growth = math.log(seconds / before[1]) / math.log(size / before[0]) if before else None
        before = (size, seconds)
        line(part, size, "pidtools", short(seconds, "%.5f"), "1", "1", short(growth, "%.1f"), short(float(own["wall"]), "%.5f"), own["gap"], DASH, DASH,
             own["iterations"], own["status"])
        if not small:
            continue
        p = np.fromfile(work + "/table.f64").reshape(k1, k2, m)
        if p.size <= PROOF_CELLS:
            proof(part, size, p)
        for rival in list(left):
            wall, processor, steps, how, q = rival_run(rival, p, args.limit)
            if q is None or how == "out-of-time":
                left.remove(rival)
            excess, error, off = judge(q, p, lower, upper, f"{part} {size} {rival}") if q is not None else (None,) * 3
            equal = None
            if excess is not None:  # ours, asked for no more than the rival reached
                equal = float(solve(kind, k1, k2, m, rows, min(max(excess, 1e-9), 1), 30, min(repeats, 11))[0]["processor"])
            line(part, size, rival, short(processor, "%.5f"), short(processor and processor / seconds), short(equal and processor / equal), DASH, short(wall, "%.5f"), short(excess, "%.1e"),
                 short(error, "%.1e"), short(off, "%.1e"), short(steps, "%d"), how)


def part_blas():
    """How far from the machine's peak, and where the time goes."""
    with open(os.path.join(args.out, "blas.tsv"), "w") as out:
        for k1, k2, m in BLAS:
            _, lines = solve("uniform", k1, k2, m, 0, 1e-9, 30, 1, ("-b",))
            for text in lines:
                print(f"  blas  {k1}x{k2}x{m}  {text}", flush=True)
                print(f"{k1}x{k2}x{m}", *text.split(), sep="\t", file=out)


def one_sample(rng):
    """Two noisy views of a target of ten clusters; how noisy differs between samples."""
    n = rng.integers(24, 61)
    y = rng.integers(0, 10, n)
    x = [np.where(rng.random(n) < rng.random(), rng.integers(0, 10, n), (y * f + 1) % 10) for f in (1, 3)]
    return np.c_[x[0], x[1], y]


def part_tables():
    """The per-sample protocol: a table of 24 to 60 rows in ten clusters each for each sample, pid-ipfp as a process."""
    rng = np.random.default_rng(1)
    samples = [one_sample(rng) for _ in range(args.tables)]
    with open(work + "/rows.tsv", "w") as out:
        print("sample\ta\tb\ty", file=out)
        for number, rows in enumerate(samples):
            out.writelines(f"{number}\t{a}\t{b}\t{y}\n" for a, b, y in rows)
    subprocess.run(["pid-joint", "--table", work + "/rows.tsv", "--sources", "a,b", "--target", "y", "--per", "sample", "-o", work + "/joint.mp"], check=True)
    rounds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(work + "/joint.mp", "rb") as source, open(work + "/solved.mp", "wb") as out:
            subprocess.run(["pid-ipfp", "-j", "1", "--strict"], stdin=source, stdout=out, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        rounds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    each = statistics.median(rounds) / args.tables
    line("tables", args.tables, "pid-ipfp", short(each, "%.6f"), "1", DASH, DASH, DASH, DASH, DASH, DASH, DASH, f"{1 / each:.0f} tables a second a core, all to 1e-9")
    records = subprocess.run(["pid-cat", "-f", "json", work + "/solved.mp"], check=True, capture_output=True, text=True).stdout.splitlines()[1:11]
    for rival in rivals:
        used, worst, worst_error, worst_off, ends = [], 0, 0, 0, []
        for record in map(json.loads, records):
            p = np.zeros((10, 10, 10))
            np.add.at(p, tuple(samples[int(record["key"]["sample"])].T), 1)
            _, processor, _, how, q = rival_run(rival, p, args.limit)
            ends.append(how)
            if q is None:
                continue
            excess, error, off = judge(q, p, record["values"]["lower"], record["values"]["upper"], f"tables {rival}")
            used.append(processor)
            worst, worst_error, worst_off = max(worst, excess), max(worst_error, error), max(worst_off, off)
        mean = statistics.mean(used) if used else None
        line("tables", len(used), rival, short(mean, "%.6f"), short(mean and mean / each), DASH, DASH, DASH, short(worst, "%.1e"), short(worst_error, "%.1e"),
             short(worst_off, "%.1e"), DASH, " ".join(f"{ends.count(how)} {how}" for how in dict.fromkeys(ends)))


def part_large():
    """What is proved in the time allowed; the gap against time goes to gap-SIZE.tsv."""
    for name, k1, k2, m, rows, limit in LARGE:
        own, _ = solve("views", k1, k2, m, rows, 1e-9, limit, 1, ("-p", os.path.join(args.out, f"gap-{name}.tsv")))
        line("large", name, "pidtools", own["processor"], "1", DASH, DASH, own["wall"], own["gap"], DASH, DASH, own["iterations"], f"{own['status']}, {own['MiB']} MiB")


try:
    line(*COLUMNS)
    for part in args.parts.split(","):
        if part in SERIES:
            part_series(part)
        else:
            {"blas": part_blas, "tables": part_tables, "large": part_large}[part]()
finally:
    results.close()
    subprocess.run(["rm", "-rf", work])
for text in contradictions:
    print("CONTRADICTION:", text, file=sys.stderr)
sys.exit(1 if contradictions else 0)
