# Arrays that NumPy wrote, for the tests of the formats; make-fixtures.py tells how.
formats_data = tests/data/formats
EXTRA_DIST += $(formats_data)

# Two noisy 32-symbol views of an 8-valued target, with x1 telling more: R .3958, U1 .3818, U2 .1118, S .6210 bits.
EXTRA_DIST += tests/data/known/known-32x32x8.tsv
