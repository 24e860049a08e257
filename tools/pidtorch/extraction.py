"""Runs the batches through the model and writes their records."""
import os

import torch

import pidstream

from . import hooks
from .errors import Failure, Problem, Usage, told
from .loading import call, load
from .options import BATCH, DTYPES, NAME, POOLS, SEED, number, size
from .output import Progress, say
from .questions import Dataset, Table


class Extraction:
    """Runs the batches through the model and writes their records."""

    def __init__(self, values, history, output, version):
        self.values, self.history, self.output, self.version = values, history, output, version
        self.stream = self.levels = None
        self.seed = number(values, "seed", 0, (1 << 64) - 1, SEED)
        self.limit = number(values, "limit", 1, 1 << 62, None)
        self.device = values.get("device", "cpu")
        self.pools = None

    def pool_of(self, sources):
        text = self.values.get("pool", "mean")
        entries = dict(part.partition("=")[::2] for part in text.split(",")) if "=" in text else {source: text for source in sources}
        for source, how in entries.items():
            if source not in sources:
                raise Usage("--pool: there is no source '%s'" % source)
            if how not in POOLS:
                raise Usage("--pool: '%s' is none of %s" % (how, ", ".join(POOLS)))
        return {source: entries.get(source, "mean") for source in sources}

    def questions(self):
        """The questions about images that --hf models answer, or None where a function makes the batches."""
        values = self.values
        columns = {what: values.get(what + "-column") for what in ("image", "question", "answer")}
        if "dataset" in values:
            return Dataset(values["dataset"], values.get("dataset-config"), columns, self.limit)
        if "hf" in values and (values["data"].endswith(".tsv") or os.path.isdir(values["data"])):
            return Table(values["data"], columns)
        if any(columns.values()):
            raise Usage("--image-column, --question-column and --answer-column go with --dataset or FILE.tsv")
        return None

    def load_model(self, used):
        values = self.values
        if "hf" not in values:
            return call("--model " + values["model"], load("model", values["model"]), values["with"], used)
        try:
            from .family import Family
        except ImportError as error:
            raise Failure("--hf: %s cannot be imported: install transformers" % (error.name or error)) from error
        with told("--hf " + values["hf"]):
            self.family = Family(values["hf"])
        return self.family.model

    def prepare(self):
        """Makes the model and says which modules are hooked; --list-modules ends here."""
        values, used = self.values, {}
        torch.manual_seed(self.seed)
        if "jobs" in values:
            torch.set_num_threads(number(values, "jobs", 1, 1024, 1))
        patterns, listing = list(values["hook"]), "list-modules" in values
        questions = None if listing else self.questions()
        self.model = self.load_model(used)
        if not isinstance(self.model, torch.nn.Module):
            raise Failure("--model %s: gave a %s, not a torch.nn.Module" % (values.get("model"), type(self.model).__name__))
        if "hf" in values and (listing or not patterns):
            for line in self.family.choice():
                say(line)
        if listing:
            return self.list_modules()
        if "hf" in values and not patterns:
            patterns = self.family.hooks()
        if not patterns:
            raise Usage("--hook SOURCE=PATTERN is needed: --list-modules names the modules")
        self.sources = [source for source, _ in patterns]
        self.pools = self.pool_of(self.sources)
        names = [name for name, _ in self.model.named_modules()]
        found = {}
        for source, pattern in patterns:
            found[source] = hooks.match(pattern, names)
            if not found[source]:
                raise Failure("--hook %s=%s: no module fits; --list-modules names them" % (source, pattern))
        self.layers, left_out = hooks.pair(found)
        if not self.layers:
            raise Failure("--hook: the sources have no layer in common")
        if left_out and not values.get("quiet"):
            say("not all sources have these layers, which are left out: " + ", ".join(map(str, left_out)))
        try:
            dtype = getattr(torch, DTYPES[values["dtype"]]) if "dtype" in values else None
            self.model = self.model.to(device=self.device, dtype=dtype).eval()
        except (RuntimeError, AssertionError) as error:
            raise Failure("--device %s: %s" % (self.device, str(error).split("\n")[0])) from error
        self.dtype = next((p.dtype for p in self.model.parameters() if p.is_floating_point()), torch.float32)
        if questions is not None:
            with told("--hf " + values["hf"]):
                self.batches = self.family.batches(questions, number(values, "batch", 1, 1 << 20, BATCH))
        else:
            self.batches = call("--data " + values["data"], load("data", values["data"]), values["with"], used)
        for name, _ in values["with"]:
            if name not in used:
                raise Usage("--with: no function has a parameter '%s'" % name)
        return None

    def list_modules(self):
        lines = []
        for name, module in self.model.named_modules():
            count = sum(p.numel() for p in module.parameters())
            lines.append("%s\t%s\t%d\n" % (name or ".", type(module).__name__, count))
        return "".join(lines)

    def move(self, value):
        if isinstance(value, torch.Tensor):
            return value.to(self.device, self.dtype) if value.is_floating_point() else value.to(self.device)
        if hasattr(value, "items"):
            return {name: self.move(item) for name, item in value.items()}
        return tuple(map(self.move, value)) if isinstance(value, (tuple, list)) else value

    def run_batch(self, batch, row):
        """Rows of this batch, after its records were written."""
        if not hasattr(batch, "items") or "inputs" not in batch:
            raise Problem("is not a map with 'inputs'")
        inputs = self.move(batch["inputs"])
        self.capture.clear()
        with torch.no_grad():
            if hasattr(inputs, "items"):
                output = self.model(**inputs)
            else:
                output = self.model(*inputs) if isinstance(inputs, tuple) else self.model(inputs)
        attention = inputs.get("attention_mask") if hasattr(inputs, "items") else None
        targets = dict(batch.get("targets", {}))
        if "target" in self.values:
            names = self.values["target"].split(",")
            for name in names:
                if name not in targets:
                    raise Problem("has no target '%s'" % name)
            targets = {name: targets[name] for name in names}
        first = self.capture.take(next(iter(self.layers[0][1].values())))
        rows = len(next(iter(targets.values()))) if targets else first.shape[0]
        prediction = self.values.get("prediction")
        if prediction:
            if prediction in targets:
                raise Problem("has a target '%s' already: give --prediction another name" % prediction)
            targets[prediction], classes = hooks.decide(output, attention, rows)
        if not targets:
            raise Problem("has no 'targets', and --prediction is not given")
        keep = rows if self.limit is None else min(rows, self.limit - row)
        masks, data = batch.get("masks", {}), []
        for layer, names in self.layers:
            columns = {}
            for source, name in names.items():
                how, mask, states = self.pools[source], masks.get(source), self.capture.take(name)
                if mask is None and how == "attention-mask" and attention is not None and states.dim() == 3 \
                        and attention.shape == states.shape[:2]:
                    mask = attention
                try:
                    columns[source] = hooks.pool(states, how, mask, rows)[:keep].cpu().numpy()
                except Problem as problem:
                    raise Problem("source '%s', module %s %s" % (source, name, problem))
            data.append((layer, columns))
        if self.stream is None:
            self.open_stream(batch, targets, data, classes if prediction else 0)
        codes = {name: self.encode(name, value)[:keep] for name, value in targets.items()}
        for layer, columns in data:
            key = dict(self.values["key"])
            key = {name: int(value) if value.lstrip("-").isdigit() and str(int(value)) == value else value for name, value in key.items()}
            if layer is not None:
                key["layer"] = layer
            self.stream.batch(key, row, {**columns, **codes})
        return keep

    def open_stream(self, batch, targets, data, classes):
        """The header, which needs the first batch: dimensions, targets' kinds, names of levels."""
        prediction = self.values.get("prediction")
        variables = []
        for source in self.sources:
            dims = {columns[source].shape[1] for _, columns in data}
            variables.append(pidstream.vector(source, dims.pop() if len(dims) == 1 else 0))
        self.levels = {name: list(map(str, names)) for name, names in batch.get("levels", {}).items()}
        self.floats = set()
        for name, value in targets.items():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                self.floats.add(name)
                variables.append(pidstream.vector(name, value.shape[1] if value.dim() == 2 else 1, "target"))
            elif name == prediction:
                names = self.levels.get(name, [])
                variables.append(pidstream.category(name, names if len(names) == classes else classes, "target"))
            else:
                variables.append(pidstream.category(name, self.levels.get(name, 0), "target"))
        stage = {"program": NAME, "version": self.version, "arguments": self.history, "seed": self.seed}
        self.stream = pidstream.Writer(self.output, "samples", variables, [stage], gzip="gzip" in self.values,
                                       record_bytes_max=size(self.values, "max-record", pidstream.RECORD_BYTES_MAX))

    def encode(self, name, value):
        """Codes of a target, or its float rows."""
        if name in self.floats:
            return value.detach().float().cpu().numpy()
        value = value.tolist() if hasattr(value, "tolist") else list(value)
        if value and isinstance(value[0], str):
            if name not in self.levels:
                raise Problem("gives target '%s' as texts, but the first batch has no 'levels' for it" % name)
            places = {level: code for code, level in enumerate(self.levels[name])}
            for text in value:
                if text not in places:
                    raise Problem("has '%s', which is not among the levels of target '%s'" % (text, name))
            return [places[text] for text in value]
        return value

    def run(self):
        progress, row, batch_number = Progress(self.values), 0, 0
        self.capture = hooks.Capture(self.model, {name for _, names in self.layers for name in names.values()})
        batches = iter(self.batches)
        try:
            while self.limit is None or row < self.limit:
                try:
                    batch = next(batches, None)
                    if batch is None:
                        break
                    row += self.run_batch(batch, row)
                except (Failure, Usage):
                    raise
                except Exception as error: # of the user's model and data: anything
                    known = isinstance(error, Problem)
                    raise Failure("batch %d (from row %d): %s%s" % (batch_number, row, "" if known else type(error).__name__ + ": ",
                                                                  str(error).split("\n")[0])) from error
                progress(batch_number, row)
                batch_number += 1
        finally:
            progress.end()
        if self.stream is None:
            raise Failure("the data gave no batch")
        self.stream.finish()
