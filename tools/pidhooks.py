"""Hidden states of a torch model: which modules a pattern names, what they give, and one vector a row out of it."""
import csv
import os
import re

import torch

POOLS = ("mean", "max", "first", "last", "attention-mask")


class Problem(Exception):
    """What the user is to be told, in one line."""


def _natural(value):
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", str(value)) if part]


def match(pattern, names):
    """{layer: module name}, in natural order, for the names that a glob fits; {None: name} where it has no wildcard.

    `*` stands for one part of a dotted name, `**` for any number of parts, `?` for one character.  The layer is what the
    first wildcard stood for, a number where it is one.
    """
    if not re.search(r"[*?]", pattern):
        return {None: pattern} if pattern in names else {}
    parts = [{"**": "(.+)", "*": r"([^.]*)", "?": r"([^.])"}.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*|\?)", pattern)]
    fits = {}
    for name in names:
        found = re.fullmatch("".join(parts), name)
        if not found:
            continue
        layer = found.group(1)
        layer = int(layer) if layer.isdigit() else layer
        if layer in fits:
            raise Problem("--hook: '%s' fits both %s and %s for layer %s" % (pattern, fits[layer], name, layer))
        fits[layer] = name
    return dict(sorted(fits.items(), key=lambda pair: _natural(pair[0])))


def pair(hooks):
    """(layer, {source: module name}) for the layers that all sources with a wildcard have, and the layers left out.

    hooks: {source: what match() gave}.  A source without a wildcard goes with every layer.
    """
    layered = [fits for fits in hooks.values() if None not in fits]
    if not layered:
        return [(None, {source: fits[None] for source, fits in hooks.items()})], []
    common = [layer for layer in layered[0] if all(layer in fits for fits in layered)]
    left_out = sorted({layer for fits in layered for layer in fits} - set(common), key=_natural)
    return [(layer, {source: fits.get(layer, fits.get(None)) for source, fits in hooks.items()}) for layer in common], left_out


def first_tensor(value):
    """The hidden states in what a module returned: it, its last_hidden_state, or the first tensor inside."""
    if isinstance(value, torch.Tensor):
        return value
    if getattr(value, "last_hidden_state", None) is not None:
        return value.last_hidden_state
    items = value.values() if hasattr(value, "values") else value if isinstance(value, (tuple, list)) else ()
    for item in items:
        tensor = first_tensor(item)
        if tensor is not None:
            return tensor
    return None


class Capture:
    """Keeps the last output of some modules.  Memory: one batch of the modules named."""

    def __init__(self, model, names):
        modules, self.states = dict(model.named_modules()), {}
        self.handles = [modules[name].register_forward_hook(self._keep(name)) for name in names]

    def _keep(self, name):
        def keep(_module, _inputs, output):
            self.states[name] = first_tensor(output)
        return keep

    def take(self, name):
        if name not in self.states:
            raise Problem("module %s did not run" % name)
        if self.states[name] is None:
            raise Problem("module %s gave no tensor" % name)
        return self.states[name]

    def clear(self):
        self.states.clear()

    def remove(self):
        for handle in self.handles:
            handle.remove()


def pool(states, how, mask, rows):
    """rows x dim float32 out of rows x dim, rows x tokens x dim or rows x channels x height x width.

    mask (rows x tokens, true: counts) or None: the tokens to take; a row without any is an error, not a zero.
    """
    if states.dim() == 4:
        states = states.flatten(2).transpose(1, 2)
    if states.dim() not in (2, 3) or states.shape[0] != rows:
        raise Problem("has shape %s, which is not %d rows (x tokens) x dim" % (tuple(states.shape), rows))
    states = states.float()
    if states.dim() == 2:
        return states
    if mask is None:
        if how == "attention-mask":
            raise Problem("has no mask: the batch has neither 'masks' for it nor an attention_mask of %d tokens" % states.shape[1])
        mask = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
    mask = mask.to(states.device) != 0
    if mask.shape != states.shape[:2]:
        raise Problem("has %s tokens and a mask of shape %s" % (tuple(states.shape[:2]), tuple(mask.shape)))
    if not mask.any(1).all():
        raise Problem("row %d has no token that its mask would count" % int((~mask.any(1)).nonzero()[0]))
    if how in ("first", "last"):
        places = torch.arange(mask.shape[1], device=mask.device)
        at = torch.where(mask, places, mask.shape[1]).amin(1) if how == "first" else torch.where(mask, places, -1).amax(1)
        return states[torch.arange(rows, device=states.device), at]
    if how == "max":
        return states.masked_fill(~mask.unsqueeze(-1), float("-inf")).amax(1)
    # where(), not a product: a hidden state of padding may be infinite or not a number
    counted = torch.where(mask.unsqueeze(-1), states, torch.zeros((), device=states.device))
    return counted.sum(1) / mask.sum(1, keepdim=True)


def decide(output, mask, rows):
    """The class that the model chose for each row: the largest logit; of a sequence, the one at the last token that counts."""
    logits = getattr(output, "logits", None)
    logits = first_tensor(output) if logits is None else logits
    if logits is None or logits.dim() not in (2, 3) or logits.shape[0] != rows:
        raise Problem("the model's output is not %d rows of logits: --prediction cannot be had" % rows)
    if logits.dim() == 3:
        logits = pool(logits, "last", mask if mask is not None and mask.shape == logits.shape[:2] else None, rows)
    return logits.argmax(-1), logits.shape[-1]


# -- questions about images, for --hf ---------------------------------------------------------------------------------------


def read_questions(path):
    """[{"image": file name, "text": question, "answer": answer}] of a TSV file, or of the only one in a folder.

    The header names the columns; the text may be called question.  Images are relative to the table's folder.
    """
    if os.path.isdir(path):
        tables = [name for name in sorted(os.listdir(path)) if name.endswith(".tsv")]
        if len(tables) != 1:
            raise Problem("%s: holds %s, where one .tsv file is needed" % (path, ", ".join(tables) or "no .tsv file"))
        path = os.path.join(path, tables[0])
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeError) as error:
        raise Problem("%s: %s" % (path, getattr(error, "strerror", None) or "is not UTF-8")) from error
    found = []
    for number, row in enumerate(rows, 2):
        if "text" not in row and "question" in row:
            row["text"] = row["question"]
        for column in ("image", "text", "answer"):
            if column not in row:
                raise Problem("%s: there is no column '%s'" % (path, column))
            if row[column] is None:
                raise Problem("%s: line %d has fewer fields than the header" % (path, number))
        image = os.path.join(os.path.dirname(path), row["image"])
        if not os.path.isfile(image):
            raise Problem("%s: line %d: there is no image %s" % (path, number, image))
        found.append({"image": image, "text": row["text"], "answer": row["answer"]})
    if not found:
        raise Problem("%s: has no line behind its header" % path)
    return found


# -- what a model of a common family is made of --------------------------------------------------------------------------

_IMAGE = re.compile(r"vision|visual|image|vit\b|patch|pixel")
_AUDIO = re.compile(r"audio|speech|conv1")
_TEXT = re.compile(r"text|language|lm\b|decoder|llm|qformer")


def stacks(model):
    """[(name, length)] of the lists of layers: two or more children of one class in a ModuleList or Sequential."""
    found = []
    for name, module in model.named_modules():
        children = list(module.children())
        if isinstance(module, (torch.nn.ModuleList, torch.nn.Sequential)) and len(children) >= 2:
            if len({type(child) for child in children}) == 1 and any(True for _ in children[0].children()):
                found.append((name, len(children)))
    outer = [name + "." for name, _ in found]
    return [(name, length) for name, length in found if not any(name.startswith(o) for o in outer)]


def choose(model):
    """{"image" or "audio": (pattern, layers), "text": (pattern, layers), "embeddings": name} from the module tree.

    The longest stack whose name speaks of images (or, of an encoder that starts with convolutions, sound) and the longest
    whose name does not.  Patterns are for match().
    """
    chosen, all_stacks = {}, stacks(model)
    seeing = [s for s in all_stacks if _IMAGE.search(s[0])]
    others = [s for s in all_stacks if s not in seeing]
    hearing = [s for s in others if _AUDIO.search(s[0])]
    names = [name for name, _ in model.named_modules()]
    if not seeing and not hearing: # Whisper: the encoder hears
        hearing = [s for s in others if re.search(r"(^|\.)encoder\.", s[0] + ".")
                   and any(name.startswith(s[0].rsplit(".", 1)[0] + ".conv") for name in names)]
    if seeing:
        chosen["image"] = max(seeing, key=lambda s: s[1])
    elif hearing:
        chosen["audio"] = max(hearing, key=lambda s: s[1])
    rest = [s for s in others if s not in hearing]
    named = [s for s in rest if _TEXT.search(s[0])] or rest
    # of BLIP-2's Q-Former and language model, of BLIP's text encoder and answer decoder, the last read the question
    named = [s for s in named if "qformer" not in s[0]] or named
    named = [s for s in named if "text_encoder" in s[0]] or named
    if named:
        chosen["text"] = max(named, key=lambda s: s[1])
    embeddings = [(module.num_embeddings, name) for name, module in model.named_modules() if isinstance(module, torch.nn.Embedding)
                  and "position" not in name and not _IMAGE.search(name)]
    result = {kind: (name + ".*", length) for kind, (name, length) in chosen.items()}
    if embeddings:
        result["embeddings"] = max(embeddings, key=lambda e: e[0])[1]
    return result
