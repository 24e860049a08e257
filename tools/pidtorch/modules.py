"""What a model of a common family is made of, by the names in its module tree."""
import re

import torch

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
