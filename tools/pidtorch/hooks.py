"""Hidden states of a torch model: which modules a pattern names, what they give, and one vector a row out of it."""
import re

import torch

from .errors import Problem


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
    named = hasattr(output, "items") or hasattr(output, "last_hidden_state") # what else stands first in it is no choice
    logits = output.get("logits") if hasattr(output, "get") else getattr(output, "logits", None)
    if logits is None and named:
        raise Problem("the model's output has no 'logits': --prediction cannot be had")
    logits = first_tensor(output) if logits is None else logits
    if logits is None or logits.dim() not in (2, 3) or logits.shape[0] != rows:
        raise Problem("the model's output is not %d rows of logits: --prediction cannot be had" % rows)
    if logits.dim() == 3:
        if mask is not None and mask.shape[1] < logits.shape[1]:
            raise Problem("the logits have %d places, the attention_mask %d: --prediction cannot tell the last" % (logits.shape[1], mask.shape[1]))
        logits = pool(logits, "last", mask if mask is not None and mask.shape == logits.shape[:2] else None, rows)
    return logits.argmax(-1), logits.shape[-1]
