#!/usr/bin/python3
"""Clustering side by side: pidtools, scikit-learn, faiss, in one run on the same data and threads.

Each figure is the median of --repeat rounds; in a round the programs take turns, so that whatever else the machine does
meets them alike, and ratios are taken within rounds.  On a busy machine look at the ratio of processor seconds; threads that
wait are told to sleep, so that waiting is not counted as work.  `peak` is the largest resident memory of any round, in MB; every
run is a process of its own, and those of scikit-learn and faiss hold Python and the rows as well, since they work in
memory.  A package that is not installed is left out by name.
"""
import argparse, os, pickle, statistics, subprocess, sys, tempfile, time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--build", default=".")
parser.add_argument("--out", default="bench/clustering/out")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--repeat", type=int, default=5)
parser.add_argument("--rows", type=int, default=100_000)
parser.add_argument("--dim", type=int, default=768)
parser.add_argument("--parts", default="lloyd,assign,default")
parser.add_argument("--data", default="mixture,noise")
parser.add_argument("--clusters", default="16,64,256")
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(args.threads)
os.environ["OMP_WAIT_POLICY"] = "passive"

import numpy as np

try:
    import sklearn
    from sklearn.cluster import KMeans
except ImportError:
    sklearn = None
    print("# scikit-learn is not installed: left out")
try:
    import faiss
    faiss.omp_set_num_threads(args.threads)
except ImportError:
    faiss = None
    print("# faiss is not installed: left out")

os.makedirs(args.out, exist_ok=True)
tools = os.path.join(args.build, "tools")
os.environ["PATH"] = os.path.abspath(tools) + ":" + os.environ["PATH"]
work = tempfile.mkdtemp(prefix="pid-bench-")


def make(kind, n, d, seed=1):
    """mixture: 200 overlapping clouds with a falling spectrum, as embeddings have; noise: no structure at all."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.standard_normal((n, d), dtype=np.float32)
    spectrum = (1 + np.arange(d, dtype=np.float32)) ** -0.5
    centres = rng.standard_normal((200, d), dtype=np.float32) * spectrum
    x = centres[rng.integers(0, 200, n)]
    x += 0.7 * spectrum * rng.standard_normal((n, d), dtype=np.float32)
    return x


def objective(x, centroids):
    total = 0.0
    for i in range(0, len(x), 8192):
        b = x[i:i + 8192]
        s = b @ centroids.T - 0.5 * (centroids * centroids).sum(1)
        c = centroids[s.argmax(1)]
        total += ((b - c).astype(np.float64) ** 2).sum()
    return total


def timed(f):
    """(seconds, processor seconds), value"""
    begin, used = time.perf_counter(), time.process_time()
    value = f()
    return (time.perf_counter() - begin, time.process_time() - used), value


# A child begins with the peak of the process that it was forked from, and this one holds the rows: a small one stands between.
LAUNCH = """import os, sys, time
begin = time.perf_counter()
_, status, usage = os.wait4(os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:]), 0)
with open(sys.argv[1], "w") as file:
    print(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=file)
sys.exit(status != 0)"""


def launch(command, **files):
    """Runs a program: (seconds, processor seconds), peak in MB."""
    subprocess.run([sys.executable, "-S", "-c", LAUNCH, work + "/usage", *command], check=True, **files)
    with open(work + "/usage") as file:
        seconds, used, peak = map(float, file.read().split())
    return (seconds, used), peak


def apart(f):
    """What timed(f) gives and the peak, measured in a process of its own: threads of one library must not meet the other's."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with open(work + "/apart", "wb") as file:
                pickle.dump(timed(f), file, protocol=4)
            status = 0
        finally:
            os._exit(status)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"a run failed: {os.waitstatus_to_exitcode(status)}")
    with open(work + "/apart", "rb") as file:
        return *pickle.load(file), usage.ru_maxrss / 1024


table = open(os.path.join(args.out, "results.tsv"), "w")
print("part\tdata\tk\tprogram\tseconds\tratio\tprocessor\tratio\tobjective\tpeak_mb\tnote", file=table)


def report(part, data, k, rounds, note=""):
    """rounds: name -> list of (seconds, objective, peak); ratios are pidtools' time over the other's, in each round."""
    own = [r[0] for r in rounds["pidtools"]]
    for name, values in rounds.items():
        columns = []
        for clock in (0, 1):
            columns.append("%.3f" % statistics.median(v[0][clock] for v in values))
            columns.append("%.3f" % statistics.median(o[clock] / v[0][clock] for o, v in zip(own, values)))
        line = "\t".join([part, data, str(k), name, *columns, "%.8g" % values[-1][1], "%.0f" % max(v[2] for v in values), note])
        print(line, flush=True)
        print(line, file=table, flush=True)


def lloyd_run(path, n, d, start, k, iterations):
    start.tofile(work + "/start.f32")
    with open(work + "/told", "w+") as told:
        _, peak = launch([os.path.join(args.build, "bench/clustering/lloyd"), path, str(n), str(d), work + "/start.f32", str(k),
                          str(iterations), str(args.threads)], stdout=told)
        told.seek(0)
        return [float(v) for v in told.read().split()], peak


def part_lloyd(kind, x, path):
    """25 iterations from the same centroids; the assignment against the plain product in the same round."""
    n, d = x.shape
    for k in map(int, args.clusters.split(",")):
        start = x[np.random.default_rng(k).choice(n, k, replace=False)].copy()
        rounds = {"pidtools": []}
        assign = {"pidtools": []}
        scored = 0
        for _ in range(args.repeat):
            (train, train_used, one, one_used, value, scored, _), peak = lloyd_run(path, n, d, start, k, 25)
            rounds["pidtools"].append(((train, train_used), value, peak))
            assign["pidtools"].append(((one, one_used), 0, peak))
            seconds, _, peak = apart(lambda: (x @ start.T)[0, 0])
            assign.setdefault("sgemm", []).append((seconds, 0, peak))
            if sklearn and "lloyd" in args.parts:
                model = KMeans(k, init=start, n_init=1, max_iter=25, tol=0, algorithm="lloyd")
                seconds, value, peak = apart(lambda: model.fit(x).inertia_)
                rounds.setdefault("scikit-learn", []).append((seconds, value, peak))
            if faiss and "lloyd" in args.parts:
                def train():
                    model = faiss.Kmeans(d, k, niter=25, max_points_per_centroid=n, verbose=False)
                    model.train(x, init_centroids=start)
                    return model.centroids
                seconds, centroids, peak = apart(train)
                rounds.setdefault("faiss", []).append((seconds, objective(x, centroids), peak))
        if "lloyd" in args.parts:
            report("lloyd", kind, k, rounds, f"scores computed {scored:.2f}")
        if "assign" in args.parts:
            report("assign", kind, k, assign, "one pass; ratio below 1.43 is 70 % of the product's rate")


def run_kmeans(path, k, *more):
    command = ["pid-kmeans", "-j", str(args.threads), "-k", str(k), *more]
    with open(path, "rb") as source, open(work + "/labels.mp", "wb") as out:
        return launch(command, stdin=source, stdout=out)


def read_labels(name):
    import msgpack
    parts = []
    with open(work + "/labels.mp", "rb") as f:
        for record in msgpack.Unpacker(f, max_buffer_size=1 << 31):
            if "data" in record:
                parts.append(np.frombuffer(record["data"][name], "<u4"))
    return np.concatenate(parts)


def labels_objective(x, labels, k):
    sums = np.zeros((k, x.shape[1]))
    for j in range(0, x.shape[1], 64):
        for c in range(j, min(j + 64, x.shape[1])):
            sums[:, c] = np.bincount(labels, x[:, c], k)
    counts = np.bincount(labels, minlength=k)
    square = sum((x[i:i + 8192].astype(np.float64) ** 2).sum() for i in range(0, len(x), 8192))
    return square - ((sums ** 2).sum(1) / np.maximum(counts, 1)).sum()


def part_default(kind, x, stream):
    """Stream in to labels out with default settings, against faiss's default training and search."""
    for k in map(int, args.clusters.split(",")):
        rounds = {"pidtools": []}
        for _ in range(args.repeat):
            seconds, peak = run_kmeans(stream, k)
            rounds["pidtools"].append((seconds, labels_objective(x, read_labels("v"), k), peak))
            if faiss:
                def both():
                    model = faiss.Kmeans(x.shape[1], k)
                    model.train(x)
                    return model.index.search(x, 1)[1][:, 0]
                seconds, labels, peak = apart(both)
                rounds.setdefault("faiss", []).append((seconds, labels_objective(x, labels.astype(np.int64), k), peak))
        report("default", kind, k, rounds, "stream in to labels out")


def write_stream(x, path, samples=0):
    np.save(work + "/x.npy", x)
    np.save(work + "/y.npy", (np.arange(len(x)) % 2).astype(np.int64))
    subprocess.run(["pid-extract", "--source", f"v={work}/x.npy", "--target", f"y={work}/y.npy", "-o", path], check=True)
    os.unlink(work + "/x.npy")


def main():
    parts = args.parts.split(",")
    for kind in args.data.split(","):
        x = make(kind, args.rows, args.dim)
        x.tofile(work + "/rows.f32")
        if "lloyd" in parts or "assign" in parts:
            part_lloyd(kind, x, work + "/rows.f32")
        os.unlink(work + "/rows.f32")
        if "default" in parts:
            write_stream(x, work + "/x.mp")
            part_default(kind, x, work + "/x.mp")


try:
    main()
finally:
    table.close()
    subprocess.run(["rm", "-rf", work])
