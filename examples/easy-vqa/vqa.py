"""A small vision-language model for easy-VQA, in variants that differ in how image and question meet, and its data.

make_model and make_batches are what pid-extract-torch calls; train.py uses the same.
"""
import csv
import gzip
import os

import numpy
import torch
from torch import nn

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "easy-vqa")
WIDTH = 32  # of every state that is decomposed
LAYERS = 3  # in which the two may meet; layer 0 is what the encoders give

# VARIANT: which streams attend to the other one, and what the answer is read from
VARIANTS = {
    "concatenation": ("", "joined"),
    "text-attends-image": ("text", "text"),
    "image-attends-text": ("image", "image"),
    "both-attend": ("image text", "joined"),
    "late-sum": ("", "sum"),
    "image-cut-off": ("", "text"),
    "text-cut-off": ("", "image"),
}


class Stream(nn.Module):
    """One modality's part of a layer, a transformer block: its tokens look at each other and, if they may, at the other's."""

    def __init__(self, crosses, heads=2):
        super().__init__()
        self.heads, self.crosses = heads, crosses
        self.norm, self.query, self.own = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 2 * WIDTH)
        if crosses:
            self.norm_other, self.other = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, states, mask, other=None, other_mask=None):
        """states: rows x tokens x WIDTH; mask: rows x tokens, 0 where there is no token; other, other_mask alike."""
        normal = self.norm(states)
        seen = self.own(normal)
        if self.crosses:
            seen, mask = torch.cat((seen, self.other(self.norm_other(other))), 1), torch.cat((mask, other_mask), 1)
        query, key, value = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (self.query(normal), *seen.chunk(2, -1)))
        scores = query @ key.transpose(2, 3) * (WIDTH // self.heads) ** -0.5
        weights = scores.masked_fill(mask[:, None, None, :] == 0, float("-inf")).softmax(-1)
        states = states + self.out((weights @ value).transpose(1, 2).flatten(2))
        return states + self.think(states)


class Layer(nn.Module):
    """image and text: nothing but names for both states, so that hooks find them in layer 0 as in the others."""

    def __init__(self, attends=None):
        super().__init__()
        self.image, self.text = nn.Identity(), nn.Identity()
        if attends is not None:
            self.see, self.read = Stream("image" in attends), Stream("text" in attends)


def encoder():
    """N x 3 x 64 x 64 -> N x WIDTH x 2 x 2: four tokens."""
    steps, channels = [], 3
    for more in (16, 32, 32, WIDTH):
        steps += [nn.Conv2d(channels, more, 3, 2, 1, bias=False), nn.BatchNorm2d(more), nn.ReLU()]
        channels = more
    return nn.Sequential(*steps, nn.AvgPool2d(2))


def head(width, answers):
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, answers))


class Model(nn.Module):
    def __init__(self, variant, words, longest, answers):
        super().__init__()
        attends, self.reads = VARIANTS[variant]
        attends = attends.split()
        self.encode = encoder()
        self.place = nn.Parameter(0.02 * torch.randn(4, WIDTH))
        self.words = nn.Embedding(words, WIDTH)
        self.order = nn.Parameter(0.02 * torch.randn(longest, WIDTH))
        self.read = Stream(False)
        self.layers = nn.ModuleList([Layer()] + [Layer(attends) for _ in range(LAYERS)])
        width = 2 * WIDTH if self.reads == "joined" else WIDTH
        self.answer = nn.ModuleList(head(width, answers) for _ in range(2 if self.reads == "sum" else 1))
        self.probabilities = nn.Softmax(-1)

    def forward(self, images, which, tokens, attention_mask):
        """images: N x 3 x 64 x 64; which: the image of each question; tokens, attention_mask: questions x words."""
        # Before it has met the other modality a state is the same for all rows with one image, or one question, and is
        # computed once: *_of says which of these states is that of a row.
        alike, text_of = torch.unique(tokens, dim=0, return_inverse=True)
        text_mask, image_of = (alike > 0).long(), which
        image = self.encode(images).flatten(2).transpose(1, 2) + self.place
        image_mask = torch.ones(image.shape[:2], dtype=torch.long, device=image.device)
        text = self.read(self.words(alike) + self.order[: tokens.shape[1]], text_mask)
        for number, layer in enumerate(self.layers):
            if number and (layer.see.crosses or layer.read.crosses):
                wide_image, wide_text = (image[image_of], image_mask[image_of]), (text[text_of], text_mask[text_of])
                rows = torch.arange(len(tokens), device=tokens.device)
                if layer.see.crosses:
                    (image, image_mask), image_of = wide_image, rows
                if layer.read.crosses:
                    (text, text_mask), text_of = wide_text, rows
                image, text = layer.see(image, image_mask, *wide_text), layer.read(text, text_mask, *wide_image)
            elif number:
                image, text = layer.see(image, image_mask), layer.read(text, text_mask)
            if not self.training:
                layer.image(image[image_of]), layer.text(text[text_of])
        image, text = image.mean(1), (text * text_mask.unsqueeze(-1)).sum(1) / text_mask.sum(1, keepdim=True)
        image, text = image[image_of], text[text_of]
        if self.reads == "sum":
            logits = self.answer[0](image) + self.answer[1](text)
        else:
            logits = self.answer[0]({"joined": torch.cat((image, text), 1), "image": image, "text": text}[self.reads])
        if not self.training:
            self.probabilities(logits)
        return logits


def questions(split):
    with gzip.open(os.path.join(FOLDER, split + ".tsv.gz"), "rt", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def vocabulary():
    rows = questions("train")
    words = sorted({word for row in rows for word in row["question"].rstrip("?").split()})
    return {word: i for i, word in enumerate(words, 1)}, sorted({row["answer"] for row in rows})


class Data:
    """All of a split in memory: images N x 3 x 64 x 64 in bytes, and the questions in the order of their images."""

    def __init__(self, split):
        words, self.answers = vocabulary()
        rows = questions(split)
        pixels = numpy.load(os.path.join(FOLDER, f"images_{split}.npz"))["images"]
        self.images = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
        split_up = [row["question"].rstrip("?").split() for row in rows]
        self.tokens = torch.zeros(len(rows), longest(), dtype=torch.long)
        for i, text in enumerate(split_up):
            self.tokens[i, : len(text)] = torch.tensor([words[word] for word in text])
        self.which = torch.tensor([int(row["image"]) for row in rows])
        self.answer = torch.tensor([self.answers.index(row["answer"]) for row in rows])
        self.keep(torch.arange(len(rows)))

    def keep(self, rows):
        """Leaves out the questions that are not among these."""
        self.tokens, self.which, self.answer = self.tokens[rows], self.which[rows], self.answer[rows]
        first = torch.searchsorted(self.which, torch.arange(len(self.images) + 1))
        self.rows = [torch.arange(a, b) for a, b in zip(first.tolist(), first.tolist()[1:])]

    def batch(self, images):
        """The model's inputs for all questions about these images, and the right answers."""
        rows = torch.cat([self.rows[i] for i in images.tolist()])
        at = torch.full((len(self.images),), -1)
        at[images] = torch.arange(len(images))
        tokens = self.tokens[rows]
        tokens = tokens[:, : int((tokens > 0).sum(1).max())]
        return {"images": self.images[images].float() / 127.5 - 1, "which": at[self.which[rows]],
                "tokens": tokens, "attention_mask": (tokens > 0).long()}, self.answer[rows]


def longest():
    return max(len(row["question"].rstrip("?").split()) for row in questions("train"))


def new_model(variant):
    words, answers = vocabulary()
    return Model(variant, len(words) + 1, longest(), len(answers))


def make_model(checkpoint):
    saved = torch.load(checkpoint, map_location="cpu")
    model = new_model(saved["variant"])
    model.load_state_dict(saved["model"])
    return model


def make_batches(split="train", rows="all"):
    """All questions of a split, or so many, drawn at random."""
    data = Data(split)
    if rows != "all":
        data.keep(torch.randperm(len(data.answer), generator=torch.Generator().manual_seed(1))[: int(rows)].sort().values)
    for images in data.which.unique().split(32):
        inputs, answer = data.batch(images)
        yield {"inputs": inputs, "targets": {"answer": answer}, "levels": {"answer": data.answers}}
