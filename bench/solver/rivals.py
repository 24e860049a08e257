#!/usr/bin/python3
"""One table, one way to solve it that is not ours: rivals.py NAME TABLE K1 K2 M SECONDS ANSWER

TABLE holds K1 x K2 x M weights as doubles.  All solve the same problem: over the cells (i, j, y) with P(i, y) > 0 and P(j, y) > 0,
the least  sum q(i,j,y) log (q(i,j,y) / q(i,j))  under the marginals q(i, y) = P(i, y), q(j, y) = P(j, y), q >= 0.  Each gets
the gradient and the sparse Hessian in closed form, linear constraints without redundant rows, and starts where the sources are
independent given the target, which is feasible.  Only the solver's own call is timed.  Whoever has not ended after SECONDS of processor time
hands in what it has.  Writes q, K1 x K2 x M doubles, to ANSWER and prints seconds, processor seconds, steps, and how it ended.
"""
import os, sys, time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np

NAMES = ("cvxopt", "trust-constr", "slsqp", "ipfp-published", "ipfp-long")
TINY = 1e-300


class OutOfTime(Exception):
    pass


class Problem:
    def __init__(self, p, limit):
        self.p = p / p.sum()
        self.p1, self.p2, self.py = self.p.sum(1), self.p.sum(0), self.p.sum((0, 1))
        self.limit = limit
        self.best = None

    def cells(self):
        """The cells, the matrix and right side of the constraints, where to start, and the pattern of the Hessian.  The sum is
        n, the number of cells, not 1: with cells of about 1 all of these solvers go further and get stuck less often."""
        from scipy import sparse
        k1, k2, m = self.p.shape
        i, j, y = self.index = np.nonzero((self.p1 > 0)[:, None, :] & (self.p2 > 0)[None, :, :])
        n = len(i)
        a = sparse.csr_matrix((np.ones(2 * n), (np.r_[i * m + y, k1 * m + j * m + y], np.r_[np.arange(n), np.arange(n)])))
        b = np.r_[self.p1.ravel(), self.p2.ravel()]
        keep = b > 0
        for target in range(m):  # for each target one constraint follows from the others
            keep[k1 * m + np.flatnonzero(self.p2[:, target])[:1] * m + target] = False
        keep[a.shape[0]:] = False
        self.a, self.b = a[keep[:a.shape[0]]], n * b[keep]
        self.pair = i * k2 + j
        self.pairs = k1 * k2
        one = sparse.csr_matrix((np.ones(n), (self.pair, np.arange(n))), shape=(self.pairs, n))
        self.block = (one.T @ one).tocoo()  # cells that share a pair
        self.start = n * self.p1[i, y] * self.p2[j, y] / self.py[y]

    def value(self, q):
        q = np.maximum(q, TINY)
        return float(q @ np.log(q / np.bincount(self.pair, q, self.pairs)[self.pair]))

    def gradient(self, q):
        q = np.maximum(q, TINY)
        return np.log(q / np.bincount(self.pair, q, self.pairs)[self.pair])

    def hessian(self, q):
        """The values of `block`."""
        q = np.maximum(q, TINY)
        of_pair = 1 / np.bincount(self.pair, q, self.pairs)[self.pair]
        values = -of_pair[self.block.row]
        values[self.block.row == self.block.col] += 1 / q
        return values

    def watch(self, q):
        self.best = q
        if time.process_time() - self.used > self.limit:
            raise OutOfTime

    def dense(self, q):
        out = np.zeros(self.p.shape)
        out[self.index] = q / len(q)
        return out


def cvxopt_solver(problem):
    import cvxopt
    from cvxopt import solvers
    problem.cells()
    n = len(problem.start)
    a = problem.a.tocoo()
    a = cvxopt.spmatrix(a.data, a.row, a.col, a.shape)
    rows, columns = problem.block.row.astype(int), problem.block.col.astype(int)
    # The dual residual gets no further than about 1e-6, since the gradient is infinite where q goes to zero; the value is right long before.
    solvers.options.update(show_progress=False, abstol=1e-9, reltol=1e-9, feastol=1e-5, maxiters=200)

    def objective(x=None, z=None):
        if x is None:
            return 0, cvxopt.matrix(problem.start)
        q = np.array(x).ravel()
        if q.min() <= 0:
            return None
        gradient = cvxopt.matrix(problem.gradient(q), (1, n))
        if z is None:
            return problem.value(q), gradient
        problem.steps += 1
        problem.watch(q)
        return problem.value(q), gradient, z[0] * cvxopt.spmatrix(problem.hessian(q), rows, columns, (n, n))

    def solve():
        answer = solvers.cp(objective, cvxopt.spmatrix(-1.0, range(n), range(n)), cvxopt.matrix(0.0, (n, 1)), A=a, b=cvxopt.matrix(problem.b))
        problem.best = np.array(answer["x"]).ravel()
        return answer["status"]
    return solve


def scipy_solver(problem, method, options):
    from scipy import optimize, sparse
    problem.cells()
    n = len(problem.start)

    def watch(q, state=None):
        problem.steps += 1
        problem.watch(np.array(q))

    more = {"constraints": optimize.LinearConstraint(problem.a, problem.b, problem.b), "bounds": optimize.Bounds(0, np.inf, keep_feasible=True),
            "hess": lambda q: sparse.csr_matrix((problem.hessian(q), (problem.block.row, problem.block.col)), shape=(n, n))}
    if method == "SLSQP":
        a = problem.a.toarray()
        more = {"constraints": {"type": "eq", "fun": lambda q: a @ q - problem.b, "jac": lambda q: a}, "bounds": [(0, None)] * n}

    def objective(q):  # also between steps: one of SLSQP's can take minutes
        if time.process_time() - problem.used > problem.limit:
            raise OutOfTime
        return problem.value(q)

    def solve():
        problem.best = problem.start
        answer = optimize.minimize(objective, problem.start, jac=problem.gradient, method=method, callback=watch, options=options, **more)
        problem.best = answer.x
        return "ended" if answer.success else "unfinished"
    return solve


def log_sum_exp(x, axis):
    most = x.max(axis, keepdims=True)
    return (most + np.log(np.exp(x - most).sum(axis, keepdims=True))).squeeze(axis)


def ipfp_solver(problem, outer, inner, change, clip, warm):
    """Alternates between the q of these marginals nearest to r(i,j) (Sinkhorn for each y, in logarithms) and r <- sum_y q."""
    log_p1, log_p2 = (np.log(np.maximum(p, clip)) for p in (problem.p1, problem.p2))
    log_r = np.log(np.maximum(np.einsum("iy,jy->ij", problem.p1, problem.p2 / problem.py), clip))
    log_b = np.zeros_like(log_p2)
    entropy = -float(problem.py[problem.py > 0] @ np.log(problem.py[problem.py > 0]))

    def solve():
        nonlocal log_r, log_b
        before = np.inf
        for _ in range(outer):
            problem.steps += 1
            if not warm:
                log_b = np.zeros_like(log_p2)
            for sweep in range(inner):
                log_a = log_p1 - log_sum_exp(log_r[:, :, None] + log_b[None, :, :], 1)
                rows = log_sum_exp(log_r[:, :, None] + log_a[:, None, :], 0)
                wrong = np.abs(np.exp(rows + log_b) - problem.p2).max()
                log_b = log_p2 - rows
                if wrong < 1e-12:
                    break
            q = np.maximum(np.exp(log_a[:, None, :] + log_r[:, :, None] + log_b[None, :, :]), clip)
            q /= q.sum()
            r = q.sum(2)
            value = entropy + float((q * np.log(q / r[:, :, None])).sum())
            log_r = np.log(r)
            problem.watch(q)
            if abs(before - value) <= change * abs(value):
                return "ended"
            before = value
        return "unfinished"
    problem.dense = lambda q: q
    return solve


def prepare(name, problem):
    if name == "cvxopt":
        return cvxopt_solver(problem)
    if name == "trust-constr":
        return scipy_solver(problem, name, {"maxiter": 100000, "gtol": 1e-10, "xtol": 1e-14, "barrier_tol": 1e-12, "sparse_jacobian": True})
    if name == "slsqp":
        return scipy_solver(problem, "SLSQP", {"maxiter": 100000, "ftol": 1e-14})
    if name == "ipfp-published":  # at most 100 steps, each from a cold start, clipped, ended by the relative change of the value
        return ipfp_solver(problem, 100, 100, 1e-6, 1e-20, False)
    return ipfp_solver(problem, 1 << 40, 10, 0, 1e-300, True)


def main():
    name, table, answer = sys.argv[1], sys.argv[2], sys.argv[7]
    shape, limit = tuple(map(int, sys.argv[3:6])), float(sys.argv[6])
    p = np.fromfile(table).reshape(shape)
    p = p[np.ix_(p.sum((1, 2)) > 0, p.sum((0, 2)) > 0, p.sum((0, 1)) > 0)]
    problem = Problem(p, limit)
    solve = prepare(name, problem)
    repeats, spent, times = 0, 0, []
    while not times or (spent < 0.5 and len(times) < 5):
        problem.steps = 0
        began, problem.used = time.perf_counter(), time.process_time()
        try:
            how = solve()
        except OutOfTime:
            how = "out-of-time"
        except (ArithmeticError, ValueError) as error:
            how = "broke-down"
            print(f"{name}: {error}", file=sys.stderr)
        times.append((time.perf_counter() - began, time.process_time() - problem.used))
        spent += times[-1][0]
        if how == "out-of-time":
            break
        if len(times) < 5 and spent < 0.5:
            problem = Problem(p, limit)
            solve = prepare(name, problem)
    times.sort(key=lambda t: t[1])
    seconds, processor = times[len(times) // 2]
    problem.dense(problem.best).astype(float).tofile(answer)
    print(seconds, processor, problem.steps, how)


if __name__ == "__main__":
    main()
