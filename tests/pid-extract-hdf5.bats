#!/usr/bin/env bats
# pid-extract: HDF5, where libhdf5 was found, and files of MATLAB.

setup() {
    cd "$BATS_TEST_TMPDIR"
    h5=$top_srcdir/tests/data/formats/arrays.h5
    one=$top_srcdir/tests/data/formats/one.h5
}

has_hdf5() { grep -q 'DHAVE_HDF5=1' "$top_builddir/config.status" || skip "built without libhdf5"; }

refuses() {
    local status words=$1
    shift
    status=0
    pid-extract "$@" >out 2>err || status=$?
    cat err
    [ "$status" -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$words" err
}

rows() { pid-extract "$@" | pid-cat -f tsv | tail -n +2 | cut -f 2- | tr '\t\n' ' ;'; }

@test "HDF5: floats, integers, both byte orders, chunks and filters" {
    has_hdf5
    for type in f2 f4 f8 '>f4' '>f8'; do [ "$(rows --source "x=$h5:real/$type")" = '-2.5 -2 -1.5 -1;-0.5 0 0.5 1;1.5 2 2.5 3;' ]; done
    for type in i1 i2 i4 i8 '>i4'; do [ "$(rows --source "x=$h5:whole/$type")" = '-5 -4 -3 -2;-1 0 1 2;3 4 5 6;' ]; done
    for type in u1 u2 u4 u8; do [ "$(rows --source "x=$h5:whole/$type")" = '0 1 2 3;4 5 6 7;8 9 10 11;' ]; done
    [ "$(rows --source "x=$one")" = '0 1 2 3;4 5 6 7;8 9 10 11;' ]
    [ "$(rows --source "x=$h5:cube")" = '0 1 2 3 4 5 6 7 8 9 10 11;12 13 14 15 16 17 18 19 20 21 22 23;' ]
    [ "$(rows --source "x=$h5:layer10/image" --rows 1:2)" = '9.5 10 10.5 11;' ]
    refuses "row 1: NaN or infinity (or beyond float32)" --source "x=$h5:beyond"
    pid-extract --source "x=$h5:empty" | pid-cat --check
}

@test "HDF5: categories" {
    has_hdf5
    [ "$(rows --target "x=$h5:labels")" = '10;2;-1;' ]
    [ "$(rows --target "x=$h5:big")" = '18446744073709551615;9223372036854775808;3;' ]
    [ "$(rows --target "x=$h5:truth")" = 'true;false;true;' ]
    [ "$(rows --target "x=$h5:fixed")" = 'layer10;layer2;café;' ]
    [ "$(rows --target "x=$h5:variable")" = 'layer10;;😀;' ]
    refuses "row 0: its text is not valid" --target "x=$h5:latin1"
}

@test "HDF5: every layer by a pattern" {
    has_hdf5
    pid-extract --source "x=$h5:layer{layer}/image" --target "y=$h5:labels" | pid-cat -f tsv | cut -f 1,3 | tail -n +2 | tr '\t\n' ' ;' >got
    [ "$(cat got)" = '1 -1.5;1 0.5;1 2.5;2 -0.5;2 1.5;2 3.5;10 7.5;10 9.5;10 11.5;' ]
}

@test "HDF5: what cannot be read is named" {
    has_hdf5
    refuses "name its dataset as" --source "x=$h5"
    refuses "has no dataset 'nosuch'; there are: beyond, big" --source "x=$h5:nosuch"
    refuses "of a type that cannot be read" --source "x=$h5:complex"
    refuses "single value" --source "x=$h5:scalar"
    refuses "cannot come from a pipe" --source x=<(cat "$one")
    gzip -c "$one" >one.h5.gz
    refuses "is HDF5 inside gzip" --source x=one.h5.gz
    # a cut file fails or, where only what is not needed is gone, gives the right rows
    size=$(stat -c %s "$h5")
    for at in $(seq 8 487 "$((size - 1))"); do
        head -c "$at" "$h5" >cut.h5
        refuses cut.h5 --source x=cut.h5:cube
    done
}

@test "HDF5: values that were never written, or lie elsewhere, are not taken for data" {
    has_hdf5
    hostile=$top_srcdir/tests/data/formats/hostile
    refuses "only 2 of its 3 chunks were ever written" --source "x=$hostile/partly.h5"
    refuses "none of its values was ever written" --source "x=$hostile/never.h5"
    refuses "its values lie in other files" --source "x=$hostile/external.h5"
    refuses "its values lie in other files" --source "x=$hostile/virtual.h5"
    refuses "has 67108864 bytes of values by its shape, more than its file of 463 bytes can hold" --source "x=$hostile/rows.h5"
    refuses "holds no dataset" --source "x=$hostile/soft-links.h5"
}

@test "HDF5: files of MATLAB 7.3 have the axes that they have in MATLAB" {
    has_hdf5
    mat=$top_srcdir/tests/data/formats/matlab73.mat
    for name in real single; do [ "$(rows --source "x=$mat:$name")" = '-2.5 -2 -1.5 -1;-0.5 0 0.5 1;1.5 2 2.5 3;' ]; done
    [ "$(rows --source "x=$mat:whole")" = '0 1 2 3;4 5 6 7;8 9 10 11;' ]
    [ "$(rows --source "x=$mat:whole" --rows 1:2)" = '4 5 6 7;' ]
    [ "$(rows --source "x=$mat:cube")" = '0 1 2 3 4 5 6 7 8 9 10 11;12 13 14 15 16 17 18 19 20 21 22 23;' ]
    [ "$(rows --source "x=$mat:row")" = '1 2 3;' ]
    [ "$(rows --target "x=$mat:labels")" = '10;2;-1;' ]
    [ "$(rows --target "x=$mat:truth")" = 'true;false;true;' ]
    [ "$(rows --source "x=$mat:cube" --pool mean)" = '4 5 6 7;16 17 18 19;' ]
    pid-extract --source "x=$mat:layer{layer}" --target "y=$mat:labels" | pid-cat -f tsv | cut -f 1,3 | tail -n +2 | tr '\t\n' ' ;' >got
    [ "$(cat got)" = '1 -1.5;1 0.5;1 2.5;2 -0.5;2 1.5;2 3.5;10 7.5;10 9.5;10 11.5;' ]
    refuses "dataset 'text': is of MATLAB's class 'char'" --source "x=$mat:text"
    refuses "dataset 'empty': is an empty array" --source "x=$mat:empty"
    refuses "of a type that cannot be read" --source "x=$mat:complex"
    refuses "of a type that cannot be read" --source "x=$mat:cell"
}

@test "HDF5: many rows of MATLAB's, more than are read at a time" {
    has_hdf5
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "python3-h5py is not installed"
    /usr/bin/python3 - <<'END'
import h5py, numpy
rows, tokens, dim = 700, 40, 50 # 8 bytes each: 262 rows are read at a time
there = numpy.arange(rows * tokens * dim, dtype="f8").reshape(rows, tokens, dim)
with h5py.File("big.mat", "w", userblock_size=512) as file:
    for name, options in (("plain", {}), ("packed", {"chunks": (17, 40, 90), "compression": "gzip"})):
        file.create_dataset(name, data=there.transpose(2, 1, 0), **options).attrs["MATLAB_class"] = numpy.bytes_(b"double")
    file.create_dataset("right", data=there)
END
    for range in : 100:650; do
        pid-extract --source x=big.mat:right --rows $range | pid-cat -f tsv >right
        for name in plain packed; do pid-extract --source x=big.mat:$name --rows $range | pid-cat -f tsv | cmp - right; done
    done
}

@test "MATLAB: a file of version 5 to 7 is told from an unknown one" {
    mat=$top_srcdir/tests/data/formats/matlab5.mat
    refuses "is a MATLAB file of version 5 to 7" --source "x=$mat:real"
    gzip -c "$mat" >five.mat.gz
    refuses "is a MATLAB file of version 5 to 7" --source "x=five.mat.gz:real"
    head -c 127 "$mat" >cut.mat
    refuses "is in no known format" --source x=cut.mat
}

@test "HDF5: a file that crashes libhdf5 is an error like any other" {
    has_hdf5
    # the address of a text in the heap of texts, changed: libhdf5 1.10 reads wherever it points
    pid-extract --source "x=$top_srcdir/tests/data/formats/crash.h5:a" | pid-cat --check
    refuses "crash.h5: dataset 'c'" --source "x=$top_srcdir/tests/data/formats/crash.h5:c"
}

@test "HDF5: a build without libhdf5 says so" {
    ! grep -q 'DHAVE_HDF5=1' "$top_builddir/config.status" || skip "built with libhdf5"
    refuses "which this build leaves out" --source "x=$one"
}
