#!/usr/bin/env python3
"""Writes distributions x1 x2 y p to the folder named: what sources and target may have to do with each other.

noise    nothing                                   copy     x2 is a noisy copy of x1
views    two independent views of y, one better    synergy  y is mostly x1 + x2 modulo 4
even     two views equally good, more symbols      one      x1 is a view of y, x2 is noise
"""
import os
import sys

import numpy as np


def views(k1, a1, k2, a2, m, seed):
    r = np.random.default_rng(seed)
    return np.einsum("ya,yb->aby", r.dirichlet(np.full(k1, a1), m), r.dirichlet(np.full(k2, a2), m)) / m


def view(k, a, m, seed):
    return np.random.default_rng(seed).dirichlet(np.full(k, a), m)


def sum_of_both(k):
    p = np.zeros((k, k, 4))
    for a in range(k):
        for b in range(k):
            p[a, b, (a + b) % 4] = 1 / k**2
    return p


scenarios = {
    "noise": np.ones((10, 10, 4)) / 400,
    "views": views(16, .3, 16, .8, 4, 1),
    "even": views(24, .4, 24, .4, 6, 2),
    "one": np.einsum("ya,b->aby", view(16, .3, 4, 3), np.full(16, 1 / 16)) / 4,
    "copy": np.einsum("ya,ab->aby", view(12, .4, 4, 4), .8 * np.eye(12) + .2 / 12) / 4,
    "synergy": .7 * sum_of_both(8) + .3 * views(8, .5, 8, 1, 4, 5),
}

for name, p in scenarios.items():
    with open(os.path.join(sys.argv[1], name + ".tsv"), "w") as f:
        f.write("x1\tx2\ty\tp\n")
        for (a, b, y), value in np.ndenumerate(p / p.sum()):
            if value > 1e-12:
                f.write(f"{a}\t{b}\t{y}\t{value:.12g}\n")
