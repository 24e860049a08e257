# pid-extract-torch --hf and --dataset.  Neither transformers nor datasets need be installed for this: what stands in for them here has
# their names, calls and module trees, and so these tests check our side of the calls alone.
bats_require_minimum_version 1.5.0

setup_file() {
    PYTHON=
    for candidate in python3 /usr/bin/python3; do
        "$candidate" -c 'import torch, numpy' 2>/dev/null && PYTHON=$(command -v "$candidate") && break
    done
    export PYTHON PYTHONPATH=$top_srcdir/tools PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
}

setup() {
    [ -n "$PYTHON" ] || skip "python3-torch is not installed"
    cd "$BATS_TEST_TMPDIR"
}

@test "pid-extract-torch: towers and decoders are recognised by the names of common families" {
    "$PYTHON" - <<'END'
import torch
from pidtorch import modules
def tree(paths):
    """Modules with these dotted paths; "name*3" is a list of three layers."""
    root = torch.nn.Module()
    for path in paths:
        at = root
        *folders, last = path.split(".")
        for folder in folders:
            if folder not in at._modules:
                at.add_module(folder, torch.nn.Module())
            at = at._modules[folder]
        name, star, count = last.partition("*")
        if star:
            at.add_module(name, torch.nn.ModuleList(torch.nn.Sequential(torch.nn.Linear(2, 2)) for _ in range(int(count))))
        else:
            at.add_module(name, torch.nn.Embedding(50, 2) if "embed" in name and "positions" not in name else torch.nn.Conv1d(1, 1, 1))
    return root
def check(kinds, *paths):
    chosen = modules.choose(tree(paths))
    assert chosen == kinds, (paths, chosen)

def family(image, text, embeddings, *others):
    """A tower and a decoder with these lists of layers, and what stands between them."""
    check({"image": (image + ".*", 4), "text": (text + ".*", 6), "embeddings": embeddings}, image + "*4", *others, embeddings, text + "*6")
# LLaVA, PaliGemma: before 4.52 and since
family("vision_tower.vision_model.encoder.layers", "language_model.model.layers", "language_model.model.embed_tokens", "multi_modal_projector.linear_1")
family("model.vision_tower.vision_model.encoder.layers", "model.language_model.layers", "model.language_model.embed_tokens",
       "model.multi_modal_projector.linear_1")
# SmolVLM, Idefics3; Idefics2 has a resampler of layers between
family("model.vision_model.encoder.layers", "model.text_model.layers", "model.text_model.embed_tokens", "model.connector.modality_projection.proj")
family("model.vision_model.encoder.layers", "model.text_model.layers", "model.text_model.embed_tokens", "model.connector.perceiver_resampler.layers*3")
# Qwen2-VL: before 4.52 and since; Qwen3-VL with its other list in the tower
family("visual.blocks", "model.layers", "model.embed_tokens", "visual.merger.ln_q")
family("model.visual.blocks", "model.language_model.layers", "model.language_model.embed_tokens")
family("model.visual.blocks", "model.language_model.layers", "model.language_model.embed_tokens", "model.visual.deepstack_merger_list*3")
# CLIP
family("vision_model.encoder.layers", "text_model.encoder.layers", "text_model.embeddings.token_embedding")
# BLIP: questions (the encoder reads them), captions
family("vision_model.encoder.layers", "text_encoder.encoder.layer", "text_encoder.embeddings.word_embeddings", "text_decoder.bert.encoder.layer*7")
family("vision_model.encoder.layers", "text_decoder.bert.encoder.layer", "text_decoder.bert.embeddings.word_embeddings")
# BLIP-2 and InstructBLIP: OPT, Llama, T5 (its encoder reads); the Q-Former may be the longest
family("vision_model.encoder.layers", "language_model.model.decoder.layers", "language_model.model.decoder.embed_tokens", "qformer.encoder.layer*9")
family("vision_model.encoder.layers", "language_model.model.layers", "language_model.model.embed_tokens", "qformer.encoder.layer*9")
check({"image": ("vision_model.encoder.layers.*", 4), "text": ("language_model.encoder.block.*", 6), "embeddings": "language_model.shared_embed"},
      "vision_model.encoder.layers*4", "qformer.encoder.layer*9", "language_model.shared_embed", "language_model.encoder.block*6",
      "language_model.decoder.block*6")
# Whisper with its head and bare; Qwen2-Audio
check({"audio": ("model.encoder.layers.*", 4), "text": ("model.decoder.layers.*", 4), "embeddings": "model.decoder.embed_tokens"},
      "model.encoder.conv1", "model.encoder.conv2", "model.encoder.embed_positions", "model.encoder.layers*4", "model.decoder.embed_tokens",
      "model.decoder.layers*4")
check({"audio": ("encoder.layers.*", 4), "text": ("decoder.layers.*", 4)}, "encoder.conv1", "encoder.conv2", "encoder.layers*4", "decoder.layers*4")
check({"audio": ("audio_tower.layers.*", 4), "text": ("language_model.model.layers.*", 6)},
      "audio_tower.conv1", "audio_tower.layers*4", "language_model.model.layers*6")
END
}

@test "pid-extract-torch: questions about images from a table or a folder, and what is wrong with them by line" {
    mkdir -p set/pictures
    : >set/pictures/1.png
    : >set/pictures/2.png
    printf 'image\tquestion\tanswer\npictures/1.png\tWhat "colour" is it?\tred\npictures/2.png\tHow many?\t2\n' >set/all.tsv
    "$PYTHON" - <<'END'
from pidtorch.errors import Problem
from pidtorch.questions import Table
want = [{"image": "set/pictures/1.png", "text": 'What "colour" is it?', "answer": "red"},
        {"image": "set/pictures/2.png", "text": "How many?", "answer": "2"}]
default = {"image": None, "question": None, "answer": None}
assert list(Table("set/all.tsv", default)) == want and Table("set", default).levels == ["2", "red"]
swapped = list(Table("set", {"image": "image", "question": "answer", "answer": "question"}))
assert [(row["text"], row["answer"]) for row in swapped] == [("red", 'What "colour" is it?'), ("2", "How many?")]
def wrong(table, words, columns=default):
    open("set/wrong.tsv", "w").write(table)
    try: Table("set/wrong.tsv", columns)
    except Problem as problem: assert words in str(problem), str(problem)
    else: assert False, table
wrong("image\tanswer\npictures/1.png\tx\n", "no column 'question'; there are: image, answer")
wrong("image\ttext\tanswer\npictures/1.png\tx\ty\n", "no column 'said'", {"image": None, "question": None, "answer": "said"})
wrong("image\ttext\tanswer\npictures/1.png\tx\n", "line 2 has fewer fields")
wrong("image\ttext\tanswer\npictures/1.png\tx\ty\nnosuch.png\tx\ty\n", "line 3: there is no image set/nosuch.png")
wrong("image\ttext\tanswer\n", "no line behind its header")
for path, words in (("set", "all.tsv, wrong.tsv, where one"), ("set/pictures", "no .tsv file"), ("nosuch.tsv", "No such file")):
    try: Table(path, default)
    except Problem as problem: assert words in str(problem), str(problem)
    else: assert False, path
END
}

# failed STATUS PATTERN COMMAND...: one line that says what, and nothing written
failed() {
    local wanted=$1 pattern=$2
    shift 2
    run --separate-stderr "$@" -o result
    [ "$status" -eq "$wanted" ] || { echo "status $status: $stderr"; return 1; }
    [ "$(grep -vc "^Try '" <<<"$stderr")" -eq 1 ] && grep -Eq -- "^pid-extract-torch: .*$pattern" <<<"$stderr" || { echo "$stderr"; return 1; }
    [ ! -e result ]
}

extract() { "$PYTHON" "$top_builddir/tools/pid-extract-torch" "$@"; }

@test "pid-extract-torch: without datasets or transformers one line says what to install" {
    printf 'image\ttext\tanswer\nx.tsv\ta\tb\n' >x.tsv
    if "$PYTHON" -c 'import datasets' 2>/dev/null; then echo "# datasets is installed" >&3
    else failed 1 '--dataset: datasets cannot be imported: install datasets' extract --hf m --dataset d; fi
    if "$PYTHON" -c 'import transformers' 2>/dev/null; then echo "# transformers is installed" >&3
    else failed 1 '--hf: transformers cannot be imported: install transformers' extract --hf m --data x.tsv; fi
    failed 2 '--dataset goes with --hf' extract --model m.py:f --dataset d
    failed 2 'give one' extract --hf m --dataset d --data x.tsv
    failed 2 '--dataset-config goes with' extract --hf m --data x.tsv --dataset-config c
    failed 2 'go with --dataset or FILE.tsv' extract --model m.py:f --data m.py:g --answer-column c
    failed 2 'name is empty' extract --hf m --dataset ''
}

# A folder `as` with modules of these names that stand in for the real ones, and the model that transformers "loads": LLaVA's layout
# since 4.52, one decoder whose image places are filled by the tower.
stand_ins() {
    "$PYTHON" -c 'import PIL' 2>/dev/null || skip "python3-pil is not installed"
    mkdir -p as
    cat >as/transformers.py <<'END'
import os
import torch
TYPE, PLACES = os.environ.get("TYPE", "llava"), 3
class Thing:
    def __init__(self, **values): self.__dict__.update(values)
class AutoConfig:
    @staticmethod
    def from_pretrained(name):
        if name != "m": raise OSError("%s is no folder\nand more lines" % name)
        kind = {"llava": "LlavaForConditionalGeneration", "blip": "BlipForQuestionAnswering"}.get(TYPE)
        return Thing(model_type=TYPE, architectures=[kind] if kind else None, text_config=Thing(decoder_start_token_id=7),
                     **({} if TYPE in ("blip", "clip") else {"image_token_id": 1}))
class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(6, 6)
    def forward(self, x): return x + torch.tanh(self.linear(x))
def stack(count): return torch.nn.ModuleList(Layer() for _ in range(count))
class LlavaForConditionalGeneration(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = torch.nn.Module()
        self.model.vision_tower = torch.nn.Module()
        self.model.vision_tower.layers = stack(2)
        self.model.language_model = torch.nn.Module()
        self.model.language_model.embed_tokens = torch.nn.Embedding(300, 6)
        self.model.language_model.layers = stack(4)
        self.lm_head = torch.nn.Linear(6, 300)
    @classmethod
    def from_pretrained(cls, name): return cls()
    def forward(self, input_ids, attention_mask, pixel_values, states=None):
        image = pixel_values.mean((2, 3)).repeat(1, 2).unsqueeze(1).repeat(1, PLACES, 1)
        for layer in self.model.vision_tower.layers: image = layer(image)
        x = self.model.language_model.embed_tokens(input_ids)
        if (input_ids == 1).any(): x[input_ids == 1] = image.flatten(0, 1)
        for layer in self.model.language_model.layers:
            x = layer(x)
            if states is not None: states.append(x)
        return {"logits": self.lm_head(x)}
class BlipForQuestionAnswering(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.vision_model = torch.nn.Module()
        self.vision_model.layers = stack(2)
        self.text_encoder = torch.nn.Module()
        self.text_encoder.embeddings, self.text_encoder.layer = torch.nn.Embedding(300, 6), stack(3)
    from_pretrained = classmethod(lambda cls, name: cls())
    def forward(self, input_ids, attention_mask, pixel_values, decoder_input_ids=None):
        if decoder_input_ids is None or decoder_input_ids.tolist() != [[7]] * len(input_ids): raise ValueError("no start of an answer")
        image = pixel_values.mean((2, 3)).repeat(1, 2).unsqueeze(1)
        for layer in self.vision_model.layers: image = layer(image)
        x = self.text_encoder.embeddings(input_ids)
        for layer in self.text_encoder.layer: x = layer(x)
        return {"last_hidden_state": x}
class AutoModel(LlavaForConditionalGeneration): pass
class Processor:
    image_token = Thing(content="<image>") # as a tokenizer keeps it
    chat_template = os.environ.get("TEMPLATE")
    def apply_chat_template(self, said, tokenize, add_generation_prompt):
        kinds = [part["type"] for part in said[0]["content"]]
        assert said[0]["role"] == "user" and kinds == ["image", "text"] and add_generation_prompt and not tokenize
        return "U<image>%sA" % said[0]["content"][1]["text"]
    def __call__(self, images, text, padding, return_tensors):
        nested = TYPE in ("idefics3", "smolvlm")
        assert padding and return_tensors == "pt" and all(isinstance(image, list) == nested for image in images)
        images = [image[0] for image in images] if nested else images
        places = 0 if TYPE in ("blip", "clip") else PLACES
        if TYPE == "blip-2": text = ["<image>" + t for t in text]
        assert all(t.count("<image>") == (places > 0) for t in text), text
        rows = [[code for c in t.replace("<image>", "\1") for code in ([1] * places if c == "\1" else [ord(c)])] for t in text]
        print("asked:", text[0].replace("\n", "/"))
        width = max(map(len, rows))
        return {"input_ids": torch.tensor([row + [0] * (width - len(row)) for row in rows]),
                "attention_mask": torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows]),
                "pixel_values": torch.tensor([[[[value / 255.]] for value in image.getpixel((0, 0))] for image in images])}
class AutoProcessor:
    from_pretrained = staticmethod(lambda name: Processor())
END
    cat >as/datasets.py <<'END'
import os
from PIL import Image
class Classes: names = ["no", "yes"]
class Rows:
    def __init__(self, columns, features, limit=100, known=True):
        self.columns, self.features, self.limit, self.known = columns, features, limit, known
    @property
    def column_names(self): return self.columns if self.known else None
    def take(self, limit): return Rows(self.columns, self.features, limit, self.known)
    def select_columns(self, columns): return Rows(columns, self.features, self.limit, self.known)
    def __iter__(self):
        for number in range(self.limit):
            with open("read", "a") as log: log.write("%d %s\n" % (number, ",".join(self.columns)))
            whole = {"image": Image.new("RGB", (2, 2), (10 * number % 256, 5, 200)), "question": "what is %d" % 2 ** number,
                     "answer": number % 2 if self.features else "answer %d" % (number % 3), "answers": ["a", "b"], "nobody": None}
            yield {column: whole[column] for column in self.columns}
def load_dataset(name, config=None, split=None, streaming=False):
    assert streaming, "all of it would be fetched"
    if name != "d/set": raise FileNotFoundError("no data set %s\nand a long explanation" % name)
    rows = Rows(["image", "question", "answer", "answers", "nobody"], {"answer": Classes()} if config == "classes" else None, known=config != "unknown")
    splits = {"train": rows, "test": rows}
    if split is not None: return splits[split]
    return {"test": rows} if config == "one" else splits
END
    export PYTHONPATH=$PWD/as:$PYTHONPATH
}

@test "pid-extract-torch --dataset: no more is read than --limit, answers are levels, states those of a plain pass" {
    stand_ins
    extract --hf m --dataset d/set:test --limit 5 --batch 2 -o out 2>err
    grep -q 'hooked: --hook image=model.language_model.layers.\*' err
    [ "$(cut -d ' ' -f 1 read | sort -n | tail -1)" -eq 4 ]
    [ "$(grep -c ' answer$' read)" -eq 5 ] && [ "$(wc -l <read)" -eq 10 ]
    pid-cat --check out
    pid-cat --header out | grep -q '"levels":\["answer 0","answer 1","answer 2"\]'
    pid-cat -f json out >json
    "$PYTHON" - <<'END'
import json, sys, numpy, torch
sys.argv, rows = ["x"], {}
import transformers, datasets
for line in open("json"):
    record = json.loads(line)
    if "data" in record:
        part = rows.setdefault(record["key"]["layer"], {})
        for name, value in record["data"].items(): part.setdefault(name, []).extend(value)
torch.manual_seed(1)
model, states = transformers.LlavaForConditionalGeneration(), []
asked = list(datasets.load_dataset("d/set", split="test", streaming=True).take(5))
inputs = transformers.Processor()(images=[row["image"] for row in asked], text=["<image>\n" + row["question"] for row in asked],
                                  padding=True, return_tensors="pt")
with torch.no_grad(): model(**inputs, states=states)
assert sorted(rows) == [0, 1, 2, 3]
for layer, state in enumerate(states):
    for row in range(5):
        image = inputs["input_ids"][row] == 1
        text = ~image & (inputs["attention_mask"][row] != 0)
        for name, mask in (("image", image), ("text", text)):
            assert abs(numpy.array(rows[layer][name][row]) - state[row][mask].mean(0).numpy()).max() < 1e-5, (layer, row, name)
    assert rows[layer]["answer"] == ["answer %d" % (row % 3) for row in range(5)]
END
}

@test "pid-extract-torch --dataset: classes, columns, splits, and what is wrong with them" {
    stand_ins
    extract --hf m --dataset d/set:train --dataset-config classes --limit 3 -o out
    pid-cat --header out | grep -q '"levels":\["no","yes"\]'
    [ "$(grep -c ' answer$' read)" -eq 0 ] # the classes are known: nothing is read twice
    extract --hf m --dataset d/set --dataset-config one --limit 3 --question-column answer --answer-column question | pid-cat --check
    extract --hf m --dataset d/set:test --dataset-config unknown --limit 3 | pid-cat --check
    failed 1 'name one of its splits, as in d/set:train; there are: train, test' extract --hf m --dataset d/set --limit 3
    failed 1 '--dataset d/none: FileNotFoundError: no data set d/none$' extract --hf m --dataset d/none --limit 3
    failed 1 "--dataset d/set:nosuch: KeyError: 'nosuch'" extract --hf m --dataset d/set:nosuch --limit 3
    failed 1 "no column 'said'; there are: image, question" extract --hf m --dataset d/set:test --answer-column said
    failed 1 "row 0: column 'answers' holds a list, not one answer" extract --hf m --dataset d/set:test --answer-column answers
    failed 1 "row 0: column 'nobody' holds nothing, not one answer" extract --hf m --dataset d/set:test --answer-column nobody
    failed 1 '--hf other: OSError: other is no folder$' extract --hf other --dataset d/set:test --limit 3
    run --separate-stderr extract --hf m --dataset d/set:test --limit 3 --question-column answers -o result
    [ "$status" -eq 1 ] && [[ $stderr == *"row 0: column 'answers' holds no text"* ]] && [ ! -e result ]
}

@test "pid-extract-torch --hf: each family is asked as its processor takes it" {
    stand_ins
    asked() { extract --hf m --dataset d/set:test --limit 3 -o out 2>err || { cat err; return 1; }; pid-cat --check out; sed -n 's/^asked: //p' err | head -1; }
    [ "$(TYPE=llava asked)" = '<image>/what is 1' ]
    [ "$(TYPE=llava TEMPLATE=some asked)" = 'U<image>what is 1A' ]
    [ "$(TYPE=qwen2_vl TEMPLATE=some asked)" = 'U<image>what is 1A' ]
    [ "$(TYPE=smolvlm asked)" = '<image>/what is 1' ]
    [ "$(TYPE=idefics3 asked)" = '<image>/what is 1' ]
    [ "$(TYPE=blip-2 asked)" = '<image>what is 1' ] # the processor's own, not two of them
    [ "$(TYPE=clip asked)" = 'what is 1' ]
    [ "$(TYPE=blip asked)" = 'what is 1' ] # and its decoder is given the start of an answer
    grep -q 'hooked: --hook image=vision_model.layers' err && grep -q 'hooked: --hook text=text_encoder.layer' err
    export TYPE=blip
    run --separate-stderr extract --hf m --dataset d/set:test --limit 3 --prediction said -o result
    [ "$status" -eq 1 ] && [[ $stderr == *"has no 'logits'"* ]] && [ ! -e result ]
    run --separate-stderr extract --hf m --list-modules
    [ "$status" -eq 0 ] && grep -q $'^text_encoder.layer.2\tLayer\t' <<<"$output" && [[ $stderr == *'image tower: vision_model.layers.* (2)'* ]]
}
