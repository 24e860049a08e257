"""Models of transformers by name or folder, for pid-extract-torch --hf: what to hook, and batches of images and texts."""
import torch
import transformers

import pidhooks


class Family:
    def __init__(self, name):
        self.name, self.config = name, transformers.AutoConfig.from_pretrained(name)
        self.model = self._load()
        self.chosen = pidhooks.choose(self.model)
        # where image and text go through one decoder, this token stands for a place of the image
        ids = (getattr(self.config, attribute, None) for attribute in ("image_token_id", "image_token_index"))
        self.image_token = next((token for token in ids if token is not None), None)

    def _load(self):
        """The head that answers, where there is one; else the bare model."""
        reason = None
        for kind in ("AutoModelForImageTextToText", "AutoModelForVision2Seq", "AutoModelForSpeechSeq2Seq", "AutoModel"):
            auto = getattr(transformers, kind, None)
            if auto is None or (kind != "AutoModel" and type(self.config) not in auto._model_mapping.keys()):
                continue
            try:
                return auto.from_pretrained(self.name)
            except ValueError as error:
                reason = error
        raise pidhooks.Problem(str(reason))

    def hooks(self):
        chosen, first = self.chosen, "image" if "image" in self.chosen else "audio"
        if first not in chosen or "text" not in chosen:
            raise pidhooks.Problem("--hf: no image and text layers were recognised; give --hook (see --list-modules)")
        if self.image_token is not None: # one decoder: its states at the image's places and at the text's
            return [(first, chosen["text"][0]), ("text", chosen["text"][0])]
        return [(first, chosen[first][0]), ("text", chosen["text"][0])]

    def choice(self):
        lines = []
        for kind, what in (("image", "image tower"), ("audio", "audio tower"), ("text", "text or decoder layers")):
            if kind in self.chosen:
                lines.append("%s: %s (%d)" % ((what,) + self.chosen[kind]))
        if "embeddings" in self.chosen:
            lines.append("text embeddings: " + self.chosen["embeddings"])
        return lines + ["hooked: --hook %s=%s" % hook for hook in self.hooks()]

    def batches(self, path, size):
        """Of what pidhooks.read_questions() gives."""
        from PIL import Image
        processor = transformers.AutoProcessor.from_pretrained(self.name)
        rows = pidhooks.read_questions(path)
        levels = sorted({row["answer"] for row in rows})
        for start in range(0, len(rows), size):
            part = rows[start:start + size]
            images = [Image.open(row["image"]).convert("RGB") for row in part]
            texts = [row["text"] for row in part]
            token = getattr(processor, "image_token", None) # a prompt without the image's place has it put in front
            if self.image_token is not None and token:
                texts = [text if token in text else token + "\n" + text for text in texts]
            inputs = dict(processor(images=images, text=texts, padding=True, return_tensors="pt"))
            batch = {"inputs": inputs, "targets": {"answer": [row["answer"] for row in part]}, "levels": {"answer": levels}}
            if self.image_token is not None:
                seen = inputs["input_ids"] == self.image_token
                counted = inputs.get("attention_mask", torch.ones_like(inputs["input_ids"])) != 0
                batch["masks"] = {"image": seen & counted, "text": ~seen & counted}
            yield batch
