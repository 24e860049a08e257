# pid-extract-torch: what stands in the stream is what a plain forward pass gives.
bats_require_minimum_version 1.5.0

setup_file() {
    # the Python that has torch may not be the first of PATH
    PYTHON=
    for candidate in python3 /usr/bin/python3; do
        "$candidate" -c 'import torch, numpy' 2>/dev/null && PYTHON=$(command -v "$candidate") && break
    done
    export PYTHON PYTHONPATH=$top_srcdir/tools PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
}

setup() { cd "$BATS_TEST_TMPDIR"; }

any_python() {
    for candidate in python3 /usr/bin/python3; do "$candidate" -c 'import numpy' 2>/dev/null && any=$candidate && return; done
    skip "no Python with numpy"
}

# A small model of two towers that attend to nothing of each other; forward() also gives its states, found without hooks.
net() {
    [ -n "$PYTHON" ] || skip "python3-torch is not installed"
    cat >net.py <<'END'
import sys
import torch

class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(6, 6)
    def forward(self, x):
        return (x + torch.tanh(self.linear(x)), "a tuple, as layers of transformers give")

class Net(torch.nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 6, 2, 2)
        self.words = torch.nn.Embedding(10, 6)
        self.vision = torch.nn.ModuleList(Layer() for _ in range(layers))
        self.text = torch.nn.ModuleList(Layer() for _ in range(layers))
        self.head = torch.nn.Linear(12, 5)
    def forward(self, pixels, tokens, attention_mask, states=None):
        image = self.stem(pixels)
        if states is not None: states.append(image)
        image, text = image.flatten(2).transpose(1, 2), self.words(tokens)
        for see, read in zip(self.vision, self.text):
            image, text = see(image)[0], read(text)[0]
            if states is not None: states.append((image, text))
        mask = attention_mask.unsqueeze(-1)
        return self.head(torch.cat((image.mean(1), (text * mask).sum(1) / mask.sum(1)), 1))

def make_model(layers="12"):
    print("a print of the model's file does not end in the stream")
    return Net(int(layers))

ROWS = 30
def everything():
    generator = torch.Generator().manual_seed(7)
    tokens = torch.randint(1, 10, (ROWS, 5), generator=generator)
    length = 1 + torch.randint(0, 5, (ROWS, 1), generator=generator)
    return {"pixels": torch.randn(ROWS, 3, 8, 8, generator=generator), "tokens": tokens,
            "attention_mask": (torch.arange(5) < length).long()}

def make_batches(fail="", size="8"):
    inputs, size = everything(), int(size)
    for number, start in enumerate(range(0, ROWS, size)):
        if str(number) == fail:
            raise OSError("picture 17 cannot be read")
        at = slice(start, start + size)
        part = {name: value[at] for name, value in inputs.items()}
        word = part["tokens"][:, 0]
        yield {"inputs": part, "levels": {"parity": ["even", "odd"]},
               "targets": {"word": word, "parity": [("even", "odd")[w % 2] for w in word.tolist()]}}
END
    cat >reference.py <<'END'
# reference.py STREAM: compares every record with a forward pass of all rows at once
import sys, json, numpy, torch, net
pool, dtype = sys.argv[1], getattr(torch, sys.argv[2])
lines = [json.loads(line) for line in sys.stdin]
torch.manual_seed(1)
inputs, states = net.everything(), []
model = net.make_model().to(dtype).eval()
inputs["pixels"] = inputs["pixels"].to(dtype)
with torch.no_grad():
    logits = model(**inputs, states=states).float().numpy()
def pooled(x, mask):
    x = x.float().numpy().astype("f8")
    mask = numpy.ones(x.shape[:2], int) if mask is None or pool != "attention-mask" else mask.numpy()
    out = []
    for row, keep in zip(x, mask):
        row = row[keep != 0]
        out.append({"mean": row.mean(0), "attention-mask": row.mean(0), "max": row.max(0), "first": row[0], "last": row[-1]}[pool])
    return numpy.array(out)
seen = {}
for record in lines[1:-1]:
    layer, start, rows = record["key"]["layer"], record["row"], record["rows"]
    at = slice(start, start + rows)
    for name, which, mask in (("image", 0, None), ("text", 1, inputs["attention_mask"])):
        want = pooled(states[1 + layer][which], mask)[at]
        got = numpy.array(record["data"][name])
        assert got.shape == want.shape, (got.shape, want.shape)
        error = abs(got - want).max()
        assert error < (1e-6 if dtype is torch.float32 else 2e-2), (layer, name, error)
    assert record["data"]["word"] == inputs["tokens"][at, 0].tolist()
    assert record["data"]["parity"] == [("even", "odd")[w % 2] for w in inputs["tokens"][at, 0].tolist()]
    if dtype is torch.float32:
        assert record["data"]["said"] == logits[at].argmax(1).tolist()
    seen.setdefault(layer, []).append((start, rows))
assert list(seen) == list(range(12)), list(seen)
assert all(v == [(0, 8), (8, 8), (16, 8), (24, 6)] for v in seen.values()), seen
END
}

extract() {
    "$PYTHON" "$top_builddir/tools/pid-extract-torch" --model net.py:make_model --data net.py:make_batches \
        --hook image='vision.*' --hook text='text.*' "$@"
}

@test "pid-extract-torch: hidden states are those of a plain forward pass, for each pool" {
    net
    for pool in mean max first last image=mean,text=attention-mask; do
        extract --pool $pool --prediction said -o out
        how=${pool##*=}
        pid-cat -f json out | "$PYTHON" reference.py "$how" float32
    done
}

@test "pid-extract-torch: half precision" {
    net
    extract --dtype bf16 --prediction said | pid-cat -f json | "$PYTHON" reference.py mean bfloat16
}

@test "pid-extract-torch: the reference would notice another layer" {
    net
    extract --prediction said | pid-cat -f json | sed 's/"layer":3/"layer":99/;s/"layer":4/"layer":3/;s/"layer":99/"layer":4/' >swapped
    run "$PYTHON" reference.py mean float32 <swapped
    [ "$status" -ne 0 ]
}

@test "pid-extract-torch: header, rows, keys, history" {
    net
    extract --key model=net --key part=2 --limit 20 --prediction said -o out
    pid-cat --check out
    pid-cat --header out >header
    grep -q '"grouped":false' header
    grep -q '"name":"image","role":"source","type":"vector","dim":6' header
    grep -q '"name":"word","role":"target","type":"category","levels":0' header
    grep -q '"levels":\["even","odd"\]' header
    grep -q '"name":"said","role":"target","type":"category","levels":5' header
    grep -q '"program":"pid-extract-torch"' header
    grep -q -- '--hook=image=vision\.\*' header
    pid-cat -f tsv out | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["layer"] == 11 { n++; last = $at["row"]; if ($at["model"] != "net" || $at["part"] != 2) exit 1 }
        END { exit !(n == 20 && last == 19) }'
}

@test "pid-extract-torch: a conv layer, one module for all layers, layer names of several digits, targets chosen" {
    net
    "$PYTHON" "$top_builddir/tools/pid-extract-torch" --model net.py:make_model --data net.py:make_batches \
        --hook image=stem --hook text='text.1?' --target parity -o out
    pid-cat -f json out >json
    [ "$(grep -c '"layer":0}' json)" -eq 4 ] # what ? stood for, in text.10
    ! grep -q '"word"' json
    "$PYTHON" - <<'END'
import json, numpy, torch, net
torch.manual_seed(1)
states = []
with torch.no_grad(): net.make_model()(**net.everything(), states=states)
record = [json.loads(line) for line in open("json")][1]
assert abs(numpy.array(record["data"]["image"]) - states[0].flatten(2).mean(2)[:8].numpy()).max() < 1e-6
END
}

@test "pid-extract-torch: same bytes again, compressed or not, to a file or a pipe" {
    net
    extract >one
    extract -o two
    cmp one two
    extract -z | gzip -dc | cmp - one
    extract --seed 2 >other
    ! cmp -s one other
}

@test "pid-extract-torch: the pipeline" {
    net
    for p in pid-kmeans pid-joint pid-ipfp pid-report; do command -v $p >/dev/null || skip "$p is not built"; done
    extract --target parity | pid-kmeans -k 3 | pid-joint | pid-ipfp | pid-report -f tsv >table
    [ "$(grep -vc '^#' table)" -eq 13 ]
}

# failed STATUS PATTERN: one line that says what, no trailer, no file
failed() {
    [ "$status" -eq "$1" ] || { echo "status $status: $stderr"; return 1; }
    [ "$(grep -c "^pid-extract-torch: " <<<"$stderr")" -eq 1 ] && grep -Eq -- "$2" <<<"$stderr" || { echo "$stderr"; return 1; }
    ! tail -c 200 out 2>/dev/null | grep -aq $'\xa3end'
    [ ! -e result ]
    [ -z "$(find . -name '.*.tmp')" ]
}

@test "pid-extract-torch: a batch that fails is named, the stream abandoned" {
    net
    run --separate-stderr extract --with fail=2 -o result
    failed 1 'batch 2 \(from row 16\): OSError: picture 17 cannot be read'
    status=0; extract --with fail=2 >out 2>err || status=$?
    stderr=$(grep '^pid-' err)
    failed 1 'batch 2'
    [ -s out ]
    run pid-cat --check out
    [ "$status" -eq 1 ]
    echo 'def make_batches(): return [{"inputs": {"pixels": 3}}]' >bad.py
    run --separate-stderr extract --data bad.py:make_batches -o result
    failed 1 'batch 0 \(from row 0\): TypeError'
    echo 'def make_batches(): return []' >none.py
    run --separate-stderr extract --data none.py:make_batches -o result
    failed 1 'no batch'
}

@test "pid-extract-torch: values that are not finite are refused" {
    net
    sed 's/torch.tanh(self.linear(x))/self.linear(x) \/ (x[:, :, :1] * 0)/' net.py >broken.py
    run --separate-stderr extract --model broken.py:make_model -o result
    failed 1 'batch 0 .*not finite'
}

@test "pid-extract-torch: wrong requests" {
    net
    run --separate-stderr extract --hook other='nosuch.*' -o result
    failed 1 "nosuch\.\*: no module fits"
    run --separate-stderr extract --hook image=stem -o result
    failed 2 'image is given twice'
    run --separate-stderr extract --pool median -o result
    failed 2 "median.*attention-mask"
    run --separate-stderr extract --pool image=attention-mask -o result
    failed 1 "source 'image'.*no mask"
    run --separate-stderr extract --with nosuch=1 -o result
    failed 2 "nosuch"
    run --separate-stderr extract --target nosuch -o result
    failed 1 "no target 'nosuch'"
    run --separate-stderr extract --model nosuch.py:f -o result
    failed 1 'nosuch.py: No such file'
    run --separate-stderr extract --model net.py:nosuch -o result
    failed 1 'no function nosuch'
    run --separate-stderr extract --max-record 65536 --with size=30 --with layers=1 -o no/such/folder
    failed 1 'No such file'
    run --separate-stderr extract --limit 0 -o result
    failed 2 'limit'
    run --separate-stderr extract --dtype int8 -o result
    failed 2 'int8'
}

@test "pid-extract-torch: a full disk and a terminal" {
    net
    status=0; extract >/dev/full 2>err || status=$?
    [ $status -eq 1 ] && grep -q '^pid-extract-torch: standard output: No space' err
    script --version >/dev/null 2>&1 || skip "script (bsdutils) is not installed"
    run script -qec "$PYTHON $top_builddir/tools/pid-extract-torch --model net.py:make_model --data net.py:make_batches --hook a=stem" /dev/null
    [[ $output == *terminal* ]]
    [ "$status" -eq 2 ]
}

@test "pid-extract-torch: a reader that goes away ends it quietly" {
    net
    extract --with size=1 2>err | true
    ! grep -q '^pid-\|Traceback' err
}

@test "pid-extract-torch: --list-modules" {
    net
    run --separate-stderr "$PYTHON" "$top_builddir/tools/pid-extract-torch" --model net.py:make_model --with layers=2 --list-modules
    [ "$status" -eq 0 ]
    grep -qx $'vision.1.linear\tLinear\t42' <<<"$output"
    ! grep -q 'a print' <<<"$output"
}

# -- without torch -----------------------------------------------------------------------------------------------------

@test "pid-extract-torch: --help, --version and wrong use need no torch; what torch is needed for says so" {
    any_python
    torchless() { "$any" -c 'import sys; sys.modules["torch"] = None; sys.argv[0] = sys.argv[1]; del sys.argv[1]
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))' "$top_builddir/tools/pid-extract-torch" "$@"; }
    torchless --help >long
    torchless -h | cmp - long
    grep -q '^Usage: pid-extract-torch' long
    torchless --version | grep -q '^pid-extract-torch (pidtools) [0-9]'
    for wrong in --no-such-option operand --seed=x --jobs=0 --limit=0 --max-record=1; do
        run --separate-stderr torchless --model a.py:f --data a.py:f --hook a=b $wrong
        [ "$status" -eq 2 ] && [[ $stderr == "pid-extract-torch: "* ]] || { echo "$wrong: $status $stderr"; return 1; }
    done
    run --separate-stderr torchless --model a.py:f --data a.py:f --hook a=b
    [ "$status" -eq 1 ] && [[ $stderr == *python3-torch* ]]
    for option in $(grep -oE -- '^ +(-[a-zA-Z], )?--[a-z-]+' long | grep -oE -- '--[a-z-]+'); do
        grep -q -- "^\.B.*$(sed 's/-/\\\\\\-/g' <<<"$option")" "$top_srcdir/man/pid-extract-torch.1" || { echo "$option is not in the page"; return 1; }
    done
}

@test "pidstream.py: what it writes is read as written, and only when finished" {
    any_python
    cat >write.py <<'END'
import sys, numpy, pidstream
with pidstream.Writer(sys.stdout.buffer, "samples", [pidstream.vector("x", 3), pidstream.vector("z"),
                      pidstream.category("y", ["no", "yes"], role="target")], gzip="-z" in sys.argv) as stream:
    for row in range(0, 6, 2):
        x = numpy.arange(6).reshape(2, 3) + row
        stream.batch({"layer": row - 2, "model": "é" * 40, "big": 1 << 40}, row, {"x": x, "z": [[.5] * 70000] * 2, "y": [row % 4 // 2, 1]})
        if "-f" in sys.argv: raise SystemExit("failed")
END
    "$any" write.py >whole
    pid-cat --check whole
    "$any" write.py -z | gzip -dc | cmp - whole
    pid-cat -f json whole | sed 's/,"z":\[.*\],"y"/,"y"/' >json
    grep -q '"layer":-2' json && grep -q '"big":1099511627776' json && grep -q 'éééé' json
    grep -Eq '"x":\[\[2,3,4\],\[5,6,7\]\]' json
    ! "$any" write.py -f >cut 2>/dev/null
    [ -s cut ]
    run -1 pid-cat --check cut
}

@test "pidstream.py: every size of integer, text and bin, as the msgpack module packs them" {
    any_python
    "$any" - <<'END'
import pidstream
for value, want in ((0, "00"), (127, "7f"), (128, "cc80"), (256, "cd0100"), (65536, "ce00010000"), (1 << 32, "cf0000000100000000"),
                    (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-129, "d1ff7f"), (-32769, "d2ffff7fff"), (-1 << 63, "d38000000000000000"),
                    ("", "a0"), ("a" * 31, "bf" + "61" * 31), ("a" * 32, "d920" + "61" * 32), ("a" * 256, "da0100" + "61" * 256),
                    (b"", "c400"), (b"a" * 256, "c50100" + "61" * 256), (b"a" * 65536, "c600010000" + "61" * 65536),
                    ([], "90"), ([True] * 16, "dc0010" + "c3" * 16), ({}, "80"), ({"a": False}, "81a161c2"),
                    ({str(i): 0 for i in range(10, 26)}, "de0010" + "".join("a2%02x%02x00" % (48 + i // 10, 48 + i % 10) for i in range(10, 26)))):
    assert pidstream.pack(value).hex() == want, (value, pidstream.pack(value).hex()[:40])
END
}

@test "pidstream.py: what no stream can hold is refused before it is written" {
    any_python
    "$any" - <<'END'
import io, numpy, pidstream
def refused(data, row=0, key={}, **options):
    file = io.BytesIO()
    writer = pidstream.Writer(file, "samples", [pidstream.vector("x", 2), pidstream.category("y", 3)], **options)
    before = file.tell()
    try: writer.batch(key, row, data)
    except (ValueError, TypeError): return file.tell() == before
    return False
good = {"x": [[1, 2]], "y": [2]}
assert not refused(good)
assert refused({"x": [[1, 2]]})
assert refused({"x": [[1, 2]], "y": [3]}) and refused({"x": [[1, 2]], "y": [-1]}) and refused({"x": [[1, 2]], "y": [0, 1]})
assert refused({"x": [[1, 2, 3]], "y": [0]}) and refused({"x": [[1, float("nan")]], "y": [0]})
assert refused(good, row=-1) and refused(good, key={"a": 1.5}) and refused(good, record_bytes_max=20)
END
}
