#!/usr/bin/python3
"""What one writes without pidtools: numpy, scikit-learn and the iterative proportional fitting of the BROJA decomposition in
the log domain.  Prints the atoms, and the seconds from data on disk to atoms (imports left out).

    plain.py whole A.npy B.npy Y.npy K N_INIT          rows of two sources and a category
    plain.py samples A.npy B.npy C.npy K PCA COUNT     samples x tokens x columns, a decomposition for each of COUNT samples
"""
import sys, time
import numpy as np
from scipy.special import logsumexp
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA


def table(a, b, y):
    counts = np.zeros((a.max() + 1, b.max() + 1, y.max() + 1))
    np.add.at(counts, (a, b, y), 1)
    return counts / counts.sum()


def information(joint):
    """I(rows; columns) in bits of a two-dimensional distribution."""
    own = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    some = joint > 0
    return float((joint[some] * np.log2(joint[some] / own[some])).sum())


def decompose(p, tolerance=1e-7, steps=2000):
    """Q[i,j,y] = A[i,y] R[i,j] B[j,y] by alternate fitting to the two marginals; stops when a step lowers I_Q(Y; X1 X2) by less
    than the tolerance, in bits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log1, log2 = np.log(p.sum(1)), np.log(p.sum(0))
        log_r = np.log(np.outer(p.sum((1, 2)), p.sum((0, 2))))
        log_b = np.where(np.isfinite(log2), 0, -np.inf)
        before = np.inf
        for _ in range(steps):
            log_a = np.nan_to_num(log1 - logsumexp(log_r[:, :, None] + log_b[None], axis=1), nan=-np.inf, neginf=-np.inf)
            log_b = np.nan_to_num(log2 - logsumexp(log_r[:, :, None] + log_a[:, None], axis=0), nan=-np.inf, neginf=-np.inf)
            q = np.exp(log_a[:, None] + log_r[:, :, None] + log_b[None])
            q /= q.sum()
            least = information(q.reshape(-1, q.shape[2]))
            if before - least < tolerance:
                break
            before = least
            log_r = np.nan_to_num(np.log(q.sum(2)), nan=-np.inf, neginf=-np.inf)
    first, second = information(p.sum(1)), information(p.sum(0))
    return first + second - least, least - second, least - first, information(p.reshape(-1, p.shape[2])) - least


def whole(a, b, y, k, n_init):
    labels = [KMeans(int(k), n_init=int(n_init), random_state=0).fit_predict(np.load(name)) for name in (a, b)]
    print("redundant %.4f, unique %.4f and %.4f, synergistic %.4f" % decompose(table(*labels, np.load(y))))


def samples(a, b, c, k, components, count):
    arrays = [np.load(name, mmap_mode="r") for name in (a, b, c)]
    for s in range(int(count)):
        labels = [KMeans(int(k), n_init=4, random_state=0).fit_predict(PCA(int(components)).fit_transform(x[s])) for x in arrays]
        atoms = decompose(table(*labels))
    print("last: redundant %.4f, unique %.4f and %.4f, synergistic %.4f" % atoms)


if __name__ == "__main__":
    begin = time.perf_counter()
    {"whole": whole, "samples": samples}[sys.argv[1]](*sys.argv[2:])
    print("%.4f" % (time.perf_counter() - begin))
