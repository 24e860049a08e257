bats_require_minimum_version 1.5.0
# A small file takes no memory: what it announces, names or compresses, no program that reads it holds more than 100 MB, at once
# or to the end.  Where it is refused, it is in one line.

CAP_KIB=97656 # 100 MB

setup() {
    ! grep -q 'fsanitize=' "$top_builddir/config.status" || skip "the sanitizers take more memory than this test allows"
    . "$top_srcdir/tests/programs.bash"
    cd "$BATS_TEST_TMPDIR"
    runs=0
}

# modest COMMAND...: works or is refused in one line, without a sign of hanging and below the cap
modest() {
    local status=0
    timeout 60 "$top_builddir/tests/faults/peak" $CAP_KIB - "$@" >out 2>err </dev/null || status=$?
    runs=$((runs + 1))
    case $status in
    0) return ;;
    1) [ "$(wc -l <err)" -eq 1 ] && grep -q "^$1: " err && return ;;
    esac
    echo "$*: status $status"
    head -n 5 err
    return 1
}

# ---- streams: msgpack by hand, so that what they announce can be anything ---------------------------------------------
map() { printf "\\x$(printf %02x $((0x80 + $1)))"; }
list() { printf "\\x$(printf %02x $((0x90 + $1)))"; }
text() { printf "\\x$(printf %02x $((0xa0 + ${#1})))%s" "$1"; }
number() { printf '\xcf'; printf "$(printf %016x "$1" | sed 's/../\\x&/g')"; }
binary() { printf '\xc6'; printf "$(printf %08x "$1" | sed 's/../\\x&/g')"; } # the bytes follow
little() { printf "$(printf %08x "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\4\\x\3\\x\2\\x\1/')"; }
variable() { map 4; text name; text "$1"; text role; text "$2"; text type; text "$3"; text "$([ "$3" = vector ] && echo dim || echo levels)"; number "$4"; }
# header KIND TYPE SIZE: of two sources and a target
header() { map 5; text stream; text pid; text version; printf '\1'; text kind; text "$1"; text grouped; printf '\303'; text variables; list 3; variable a source "$2" "$3"; variable b source "$2" "$3"; variable y target "$2" "$3"; }
trailer() { map 4; text end; printf '\303'; text records; number "$1"; text rows; number "$2"; text crc32; printf '\316\1\2\3\4'; }

# joint RECORDS SHAPE SAMPLES: two cells, the first and the last of the shape; replicates behind the data
joint() {
    local i v
    header joint category "$2"
    for ((i = 0; i < $1; i++)); do
        map 6; text key; map 1; text k; number 1; text replicate; map 2; text type
        if [ $i = 0 ]; then text data; text index; number 0; else text bootstrap; text index; number 4294967295; fi
        text samples; number "$3"; text shape; list 3; number "$2"; number "$2"; number "$2"; text cells; binary 24
        for v in 0 0 0 $(($2 - 1)) $(($2 - 1)) $(($2 - 1)); do little $v; done
        text weights; binary 16; printf '\0\0\0\0\0\0\360\77\0\0\0\0\0\0\360\77'
    done
    trailer "$1" 0
}
# labels LEVELS ROW: two rows, of the first level and the last
labels() {
    local v
    header labels category "$1"
    map 4; text key; map 0; text row; number "$2"; text rows; number 2; text data; map 3
    for v in a b y; do text $v; binary 8; little 0; little $(($1 - 1)); done
    trailer 1 2
}
# vectors DIM ROWS BYTES: rows that take these bytes
vectors() {
    local v
    header samples vector "$1"
    map 4; text key; map 0; text row; number 0; text rows; number "$2"; text data; map 3
    for v in a b y; do text $v; binary "$3"; head -c "$3" /dev/zero; done
    trailer 1 "$2"
}
array() { text "$1"; map 3; text type; text "$2"; text shape; list 2; number "$3"; number "$4"; text data; binary 0; }
# results KIND ARRAY TYPE ROWS COLUMNS: a record with an array of no bytes
results() {
    header "$1" category 2
    map 6; text key; map 0; text samples; number 12
    text values; map 4; text k; number "$4"; text dim; number "$5"; text rows; number 8; text gap; number 0
    text text; map 3; text variable; text a; text method; text kmeans; text solver; text newton
    text arrays; map 2; array "$2" "$3" "$4" "$5"; array centroids f4 "$4" "$5"; text notes; list 0
    trailer 1 0
}

make_streams() {
    local most=2147483647 f
    mkdir streams && cd streams
    joint 1 $most 0 >joint.exact
    joint 1 $most 2 >joint.most
    joint 1 65536 2 >joint.large
    joint 1 4096 2 >joint.table
    joint 2 4096 2 >joint.replicate
    labels $most 0 >labels.most
    labels 65536 9007199254740990 >labels.row
    vectors 1073741823 0 0 >samples.dim
    vectors 0 4294967295 0 >samples.rows
    vectors 0 1 80 >samples.one
    results decomposition potential:a f8 $most 0 >decomposition.rows
    results decomposition potential:a f8 0 $most >decomposition.columns
    results decomposition potential:a f8 4294967296 4294967296 >decomposition.over
    results decomposition potential:a u4 $most $most >decomposition.square
    results codebook sizes f4 $most 0 >codebook.rows
    results codebook sizes f4 0 $most >codebook.columns
    { header labels category 2; trailer 18446744073709551615 18446744073709551615; } >labels.counts
    for f in *; do
        seal $f
        [ "$(wc -c <$f)" -le 1024 ] || { echo "$f is not small"; return 1; }
    done
    cd ..
}

@test "streams of each kind that announce what they have not" {
    make_streams
    pid-cat --check streams/joint.most # these are right in all but their sizes
    pid-cat --check streams/labels.most
    pid-synth --kind labels -n 12 xor >labels
    pid-joint labels | pid-ipfp --potentials >decomposition
    F=. # where good() has its files
    cp decomposition potentials
    pid-synth --kind samples -n 20 --dim 2 xor >samples
    pid-kmeans -k 2 --save-codebook codebook samples >/dev/null
    for f in streams/*; do
        for format in json tsv stream; do modest pid-cat -f $format $f; done
        modest pid-cat --check $f
        case $f in
        *samples* | *labels*)
            modest pid-joint $f
            modest pid-joint --bootstrap 3 --permute 3 --subsample 0.5 $f
            modest pid-sample -n 3 $f
            modest pid-kmeans -k 2 $f
            modest pid-kmeans -k 2 --pca 3 --standardize $f
            modest pid-kmeans -k 2 --method quantile $f
            modest pid-kmeans --codebook codebook $f
            modest pid-gauss --draws 4 $f
            modest pid-local -d decomposition $f
            ;;
        *joint*)
            modest pid-joint --merge $f
            modest pid-report -f html $f
            for way in '' --potentials '--coupling --coupling-threshold 0' '--solver ipfp' '--solver newton'; do modest pid-ipfp $way $f; done
            ;;
        *)
            for format in text tsv json html svg latex; do modest pid-report -f $format $f; done
            modest pid-local -d $f labels
            modest pid-local -d $f --aggregate a labels
            modest pid-kmeans --codebook $f samples
            ;;
        esac
        for program in $(readers); do
            good $program
            modest $program "${args[@]}" $f
        done
    done
    [ $runs -gt 150 ]
}

@test "array files that announce what they have not" {
    npy() { # npy DTYPE SHAPE
        local h="{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"
        printf '\x93NUMPY\1\0'; printf "\\x$(printf %02x $(((${#h} + 1) & 255)))\\x$(printf %02x $(((${#h} + 1) >> 8)))%s\n" "$h"
    }
    safetensors() { printf "\\x$(printf %02x $((${#1} & 255)))\\x$(printf %02x $((${#1} >> 8)))\0\0\0\0\0\0%s" "$1"; }
    many() { yes "$1" | head -n "$2" | tr -d '\n'; }
    npy '<f4' '1099511627776, 3' >huge.npy
    npy '<f4' '1099511627776,' >long.npy
    npy '<f4' '4611686018427387904, 4' >over.npy
    npy '<f4' '0, 4611686018427387904' >none.npy
    npy '<f4' '4611686018427387904, 0' >rows.npy
    npy '<U1000000000' '2,' >text.npy
    npy '|S1073741824' '2,' >bytes.npy
    npy '<U0' '1099511627776,' >empty.npy
    npy '|V0' '1099511627776,' >void.npy
    safetensors '{"a":{"dtype":"F32","shape":[1099511627776,3],"data_offsets":[0,13194139533312]}}' >huge.safetensors
    safetensors '{"a":{"dtype":"F32","shape":[1099511627776,0],"data_offsets":[0,0]}}' >none.safetensors
    printf '\377\377\377\377\377\377\377\0{' >header.safetensors
    printf '\0\0\0\0\1\0\0\0{' >header4g.safetensors
    many '[' 900 >deep.jsonl
    { printf '{"a":'; many '{"a":' 150; } >nest.jsonl
    printf '{"a":1e99999}\n' >number.jsonl
    many , 900 >wide.csv
    printf '"%900s' x >quote.csv
    printf 'a\n' >header.csv
    # what a kilobyte of gzip holds
    head -c 900000 /dev/zero | gzip -9 >zeros.csv.gz
    many , 900000 | gzip -9 >commas.csv.gz
    many '[' 900000 | gzip -9 >deep.jsonl.gz
    { printf '{"a":"'; many x 900000; } | gzip -9 >string.jsonl.gz
    { printf 'a\n'; yes 1 | head -n 450000; } | gzip -9 >rows.csv.gz
    { npy '<f4' '225000,'; head -c 900000 /dev/zero; } | gzip -9 >zeros.npy.gz
    { npy '<f4' '1099511627776,'; head -c 900000 /dev/zero; } | gzip -9 >long.npy.gz
    if /usr/bin/python3 -c 'import zipfile' 2>/dev/null; then
        /usr/bin/python3 - <<'PYTHON'
import gzip, struct, zipfile
def pack(name, data):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file: file.writestr("a.npy", data)
    return bytearray(open(name, "rb").read())
pack("bomb.npz", gzip.open("zeros.npy.gz").read()[:850000])
pack("huge.npz", open("huge.npy", "rb").read())
lies = pack("lies.npz", gzip.open("long.npy.gz").read()[:800000])
for signature, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)): # the size when unpacked
    where = lies.find(signature) + at
    lies[where:where + 4] = struct.pack("<I", 0xfffffff0)
open("lies.npz", "wb").write(lies)
entries = pack("entries.npz", b"")
where = entries.rfind(b"PK\5\6")
entries[where + 8:where + 12] = b"\xff\xff\xff\xff"
open("entries.npz", "wb").write(entries)
PYTHON
    fi
    pid-synth --kind samples -n 20 --dim 2 xor >samples.mp
    for f in *.npy *.npz *.safetensors *.csv *.jsonl *.gz; do
        [ -e "$f" ] || continue # no Python, no npz
        [ "$(wc -c <"$f")" -le 1100 ]
        case $f in *.npy | *.npy.gz) m=$f ;; *) m=$f:a ;; esac
        modest pid-extract --source "x=$m" --source "z=$f" --target "y=$m" -o extracted
        modest pid-extract --source "x=$m" --source "z=$m" --target "y=$m" --type x=category --type y=category -o extracted
        modest pid-extract --source "x=$f:{layer}" --source "z=$m" --target "y=$m" -o extracted
        modest pid-joint --table "$f" --sources a,b --target y
        modest pid-kmeans -k 2 --labels "x1=$m" samples.mp
        modest pid-cat "$f"
    done
    [ $runs -gt 120 ]
}

@test "HDF5 files that announce what they have not, or inflate to it" {
    grep -q 'DHAVE_HDF5=1' "$top_builddir/config.status" || skip "built without libhdf5"
    pid-synth --kind samples -n 20 --dim 2 xor >samples.mp
    hostile=$top_srcdir/tests/data/formats/hostile
    for f in $hostile/*.h5; do
        m=$f:a
        modest pid-extract --source "x=$m" --source "z=$m" --target "y=$m" -o extracted
        modest pid-extract --source "x=$m" --source "z=$m" --target "y=$m" --type x=category --type y=category -o extracted
        modest pid-extract --source "x=$f:{layer}" --source "z=$f" --target "y=$m" -o extracted
        modest pid-kmeans -k 2 --labels "x1=$m" samples.mp -o labelled
    done
    [ $runs -gt 90 ]
    pid-extract --source "x=$hostile/deflated.h5:a" | pid-cat -f tsv | tail -n +2 | cut -f 2 | uniq -c >rows # one among them holds what it says
    [ "$(awk '{ print $1, $2 }' rows)" = '900000 0' ]
}

# A quarter of a gigabyte behind a few hundred kilobytes: what can be passed on row by row is, what would have to be held is refused.
@test "what was compressed is read at the memory of a record" {
    { printf "\x93NUMPY\1\0\x76\0%-117s\n" "{'descr': '<f4', 'fortran_order': False, 'shape': (62500000,), }"; head -c 250000000 /dev/zero; } | gzip -1 >zeros.npy.gz
    head -c 250000000 /dev/zero | gzip -1 >zeros.csv.gz
    { printf '{"a":"'; head -c 250000000 /dev/zero | tr '\0' x; } | gzip -1 >string.jsonl.gz
    head -c 250000000 /dev/zero | tr '\0' , | gzip -1 >commas.csv.gz
    modest pid-extract --source a=zeros.npy.gz --source b=zeros.npy.gz --target y=zeros.npy.gz -o /dev/null
    [ ! -s err ] # it is read to its end
    for f in zeros.csv.gz string.jsonl.gz commas.csv.gz; do
        modest pid-extract --source "a=$f:a" --source "b=$f:a" --target "y=$f:a" -o extracted
        [ -s err ]
        modest pid-joint --table $f --sources a,b --target y
        [ -s err ]
    done
}
