"""Models of transformers by name or folder, for --hf: the head that answers, what to hook, and batches of questions about images."""
import inspect
import itertools

import torch
import transformers

from . import modules, questions
from .errors import Problem

# Their processors put the image's places into the text themselves, before what is the beginning for the language model.
_PLACES_THEMSELVES = ("blip-2", "instructblip", "paligemma")
# Theirs take a list of images for each text.
_IMAGES_NESTED = ("idefics2", "idefics3", "smolvlm")


class Family:
    def __init__(self, name):
        self.name, self.config = name, transformers.AutoConfig.from_pretrained(name)
        self.model = self._load()
        self.chosen = modules.choose(self.model)
        # where image and text go through one decoder, this token stands for a place of the image
        ids = (getattr(self.config, attribute, None) for attribute in ("image_token_id", "image_token_index"))
        self.image_token = next((token for token in ids if token is not None), None)
        # BLIP-2 as it was first written has no such token: as many places as there are queries come before the text
        self.queries = 0 if self.image_token is not None else getattr(self.config, "num_query_tokens", None) or 0

    def _classes(self):
        """The class that the model was saved as; else the head that answers, where there is one; else the bare model."""
        for name in getattr(self.config, "architectures", None) or ():
            if hasattr(transformers, name):
                yield getattr(transformers, name)
        for kind in ("AutoModelForImageTextToText", "AutoModelForVision2Seq", "AutoModelForSpeechSeq2Seq"):
            auto = getattr(transformers, kind, None)
            if auto is not None and type(self.config) in auto._model_mapping.keys():
                yield auto
        yield transformers.AutoModel

    def _load(self):
        reason = None
        for kind in self._classes():
            try:
                return kind.from_pretrained(self.name)
            except ValueError as error:
                reason = error
        raise Problem("--hf %s: %s" % (self.name, str(reason).split("\n")[0]))

    def hooks(self):
        chosen, first = self.chosen, "image" if "image" in self.chosen else "audio"
        if first not in chosen or "text" not in chosen:
            raise Problem("--hf: no image and text layers were recognised; give --hook (see --list-modules)")
        if self.image_token is not None or self.queries: # one decoder: its states at the image's places and at the text's
            return [(first, chosen["text"][0]), ("text", chosen["text"][0])]
        return [(first, chosen[first][0]), ("text", chosen["text"][0])]

    def choice(self):
        lines = []
        for kind, what in (("image", "image tower"), ("audio", "audio tower"), ("text", "text or decoder layers")):
            if kind in self.chosen:
                lines.append("%s: %s (%d)" % ((what,) + self.chosen[kind]))
        if "embeddings" in self.chosen:
            lines.append("text embeddings: " + self.chosen["embeddings"])
        try:
            return lines + ["hooked: --hook %s=%s" % hook for hook in self.hooks()]
        except Problem:
            return lines

    def _prompt(self, processor, text):
        """The question as the model was taught to be asked, with the image's place, unless the text has that already."""
        token = getattr(processor, "image_token", None)
        token = getattr(token, "content", token) # some keep the text of it, some the tokenizer's object
        if self.image_token is None or self.config.model_type in _PLACES_THEMSELVES or (token and token in text):
            return text
        if getattr(processor, "chat_template", None):
            said = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}]
            return processor.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
        return token + "\n" + text if token else text

    def _answer_start(self):
        """The token that an answer begins with, of models that give it by a decoder of its own; else None."""
        if "decoder_input_ids" not in inspect.signature(self.model.forward).parameters:
            return None
        places = (self.model, self.config, getattr(self.config, "text_config", None), getattr(self.model, "generation_config", None))
        tokens = (getattr(place, "decoder_start_token_id", None) for place in places)
        return next((token for token in tokens if token is not None), None)

    def _masks(self, inputs):
        """Which tokens of the text's layers are the image's, which the text's; padding is neither's."""
        ids = inputs["input_ids"]
        counted = inputs.get("attention_mask", torch.ones_like(ids)) != 0
        if self.queries:
            before = torch.ones(len(ids), self.queries, dtype=torch.bool)
            return {"image": torch.cat((before, torch.zeros_like(counted)), 1), "text": torch.cat((~before, counted), 1)}
        if self.image_token is None:
            return {"text": counted}
        seen = ids == self.image_token
        return {"image": seen & counted, "text": ~seen & counted}

    def batches(self, rows, size):
        """Of what questions.py gives."""
        if "image" not in self.chosen:
            raise Problem("--hf %s: no image tower was recognised, and the data are questions about images: give --data FILE.py:FUNCTION"
                          % self.name)
        return self._batches(rows, size, transformers.AutoProcessor.from_pretrained(self.name))

    def _batches(self, rows, size, processor):
        start, nested, left = self._answer_start(), self.config.model_type in _IMAGES_NESTED, iter(rows)
        while True:
            part = list(itertools.islice(left, size))
            if not part:
                return
            images = [questions.picture(row["image"]) for row in part]
            texts = [self._prompt(processor, row["text"]) for row in part]
            inputs = dict(processor(images=[[image] for image in images] if nested else images, text=texts, padding=True, return_tensors="pt"))
            masks = self._masks(inputs)
            if start is not None:
                inputs["decoder_input_ids"] = torch.full((len(part), 1), start)
            yield {"inputs": inputs, "masks": masks, "targets": {"answer": [row["answer"] for row in part]}, "levels": {"answer": rows.levels}}
