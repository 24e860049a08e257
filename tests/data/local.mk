# Arrays that NumPy wrote, for the tests of the formats; make-fixtures.py tells how.
formats_data = tests/data/formats
EXTRA_DIST += $(formats_data)
