#!/usr/bin/python3
"""Clusters of Gaussian samples beside the Gaussian's exact decomposition, as samples and clusters grow: see README.md.

Rows are drawn from a known covariance, pid-kmeans, pid-joint and pid-ipfp decompose them as of any vectors, and
pid-gauss --covariance gives the answer that they should come to.
"""
import argparse, csv, os, shutil, subprocess, tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--build", default=".")
parser.add_argument("--out", default="bench/gauss/out")
parser.add_argument("--rows", default="1000,10000,100000,1000000", help="default: %(default)s")
parser.add_argument("--clusters", default="4,8,16,32,64", help="default: %(default)s")
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

import numpy as np

os.environ["PATH"] = os.path.abspath(os.path.join(args.build, "tools")) + ":" + os.environ["PATH"]
os.makedirs(args.out, exist_ok=True)
work = tempfile.mkdtemp(prefix="pid-bench-")
ROWS, CLUSTERS = [[int(v) for v in text.split(",")] for text in (args.rows, args.clusters)]
ATOMS = ["redundant", "unique:x1", "unique:x2", "synergy"]

# Columns by source and target, and their covariance.
GAUSSIANS = {
    # x1 = y + noise of variance 1, x2 = y + noise of variance 4
    "views": ([1, 1, 1], [[2, 1, 1], [1, 5, 1], [1, 1, 1]]),
    # y = x1 + x2 / 2 + noise of variance 1/4; x1 and x2 are independent
    "sum": ([1, 1, 1], [[1, 0, 1], [0, 1, .5], [1, .5, 1.5]]),
    # a target in the plane, of whose axes each source sees one, with noise
    "plane": ([1, 1, 2], [[2, .3, 1, .3], [.3, 1.5, .3, 1], [1, .3, 1, .3], [.3, 1, .3, 1]]),
}


def pipeline(*commands):
    """The report of a pipeline, a dictionary for each row; ends the run where any stage fails."""
    text = subprocess.run(["bash", "-o", "pipefail", "-c", " | ".join([*commands, "pid-report -q -f tsv"])], cwd=work, check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def exact(name):
    dims, covariance = GAUSSIANS[name]
    columns = [f"{v}.{i}" for v, d in zip(("x1", "x2", "y"), dims) for i in range(d)]
    with open(os.path.join(work, "covariance.tsv"), "w") as file:
        for row in [columns, *covariance]:
            print(*row, sep="\t", file=file)
    return pipeline("pid-gauss --covariance covariance.tsv --sources x1,x2 --target y")[0]


def draw(name, rows):
    dims, covariance = GAUSSIANS[name]
    values = np.random.default_rng(args.seed).standard_normal((rows, sum(dims))) @ np.linalg.cholesky(np.array(covariance, float)).T
    for v, at, d in zip(("x1", "x2", "y"), np.cumsum([0, *dims]), dims):
        np.save(os.path.join(work, v + ".npy"), values[:, at:at + d].astype(np.float32))
    subprocess.run("pid-extract --source x1=x1.npy --source x2=x2.npy --target y=y.npy -o samples.mp", shell=True, cwd=work, check=True)


def corrected(row, atom):
    return float(row[atom + ":corrected"])


results = open(os.path.join(args.out, "results.tsv"), "w")
print("gaussian", "rows", "clusters", "atom", "exact", "counted", "corrected", "gap", sep="\t", file=results)


def note(name, rows, clusters, row, truth):
    """One line an atom; returns the largest error of the corrected atoms."""
    for atom in ATOMS:
        print(name, rows, clusters, atom, truth[atom], row[atom], row[atom + ":corrected"], row["gap"], sep="\t", file=results, flush=True)
    return max(abs(corrected(row, atom) - float(truth[atom])) for atom in ATOMS)


def main():
    for name in GAUSSIANS:
        truth = exact(name)
        print(f"\n{name}: exactly", ", ".join(f"{atom} {float(truth[atom]):.4f}" for atom in ATOMS), "bits")
        print("The largest error of these, corrected for few samples, in bits:")
        print(f"{'rows':>9}  {'gauss':>8}", *(f"K = {k:<4}" for k in CLUSTERS), sep="  ")
        for rows in ROWS:
            draw(name, rows)
            errors = [note(name, rows, "gauss", pipeline("pid-gauss samples.mp")[0], truth)]
            for row in pipeline(f"pid-kmeans -q --sweep {args.clusters} samples.mp", "pid-joint --subsample 0.5,0.25x4", "pid-ipfp -q -t 1e-6"):
                errors.append(note(name, rows, row["k"], row, truth))
            print(f"{rows:9d}", *(f"{e:8.4f}" for e in errors), sep="  ", flush=True)


try:
    main()
finally:
    results.close()
    shutil.rmtree(work)
