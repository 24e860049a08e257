"""Questions about images, with their answers: a table, or a data set of Hugging Face's datasets.

Either has `levels`, the answers in order, and gives maps of "image" (a file's name, a picture, or a map with the bytes of one),
"text" and "answer".  Both are read before the model is loaded as far as is needed to find what is wrong with them.
"""
import csv
import io
import os

from .errors import Problem, told


def picture(image):
    """The image as PIL's, in colours."""
    try:
        from PIL import Image
    except ImportError as error:
        raise Problem("PIL cannot be imported: install Pillow (Debian: python3-pil)") from error
    if hasattr(image, "convert"):
        return image.convert("RGB")
    if isinstance(image, dict):
        image = io.BytesIO(image["bytes"]) if image.get("bytes") else image["path"]
    return Image.open(image).convert("RGB")


def _columns(names, given, place):
    """{"image", "question", "answer": the column's name}, of the names that there are."""
    chosen = {}
    for what, name in given.items():
        chosen[what] = name or ("text" if what == "question" and "text" in names else what)
        if chosen[what] not in names:
            raise Problem("%s: there is no column '%s'; there are: %s" % (place, chosen[what], ", ".join(names)))
    return chosen


class Table:
    """A TSV file, or the only one in a folder.  The header names the columns; images are relative to the table's folder."""

    def __init__(self, path, columns):
        if os.path.isdir(path):
            tables = [name for name in sorted(os.listdir(path)) if name.endswith(".tsv")]
            if len(tables) != 1:
                raise Problem("%s: holds %s, where one .tsv file is needed" % (path, ", ".join(tables) or "no .tsv file"))
            path = os.path.join(path, tables[0])
        try:
            with open(path, newline="", encoding="utf-8") as file:
                reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                lines, names = list(reader), reader.fieldnames or []
        except (OSError, UnicodeError) as error:
            raise Problem("%s: %s" % (path, getattr(error, "strerror", None) or "is not UTF-8")) from error
        if not lines:
            raise Problem("%s: has no line behind its header" % path)
        columns = _columns(names, columns, path)
        self.rows = []
        for number, line in enumerate(lines, 2):
            row = {what: line[name] for what, name in columns.items()}
            if None in row.values():
                raise Problem("%s: line %d has fewer fields than the header" % (path, number))
            image = os.path.join(os.path.dirname(path), row["image"])
            if not os.path.isfile(image):
                raise Problem("%s: line %d: there is no image %s" % (path, number, image))
            self.rows.append({"image": image, "text": row["question"], "answer": row["answer"]})
        self.levels = sorted({row["answer"] for row in self.rows})

    def __iter__(self):
        return iter(self.rows)


class Dataset:
    """A data set by name, read as it arrives, and no more of it than the rows that are wanted.

    A stream's header names the answers, so that these are read first, alone, where the data set does not name its classes.
    """

    def __init__(self, spec, config, columns, limit):
        name, _, split = spec.rpartition(":")
        if not name or "/" in split: # a folder's or an address's colon
            name, split = spec, None
        self.place = "--dataset " + spec
        with told(self.place): # of the network, the data set's files, its own code: anything
            self.rows = self._load(name, config, split)
            if limit is not None:
                self.rows = self.rows.take(limit)
            names = self.rows.column_names
            if names is None: # not told before the first row
                names = list(next(iter(self.rows), {}))
            self.columns = _columns(names, columns, self.place)
            answer = (self.rows.features or {}).get(self.columns["answer"])
            self.classes = getattr(answer, "names", None)
            self.levels = list(self.classes) if self.classes else self._answers()

    def _load(self, name, config, split):
        try:
            import datasets
        except ImportError as error:
            raise Problem("--dataset: %s cannot be imported: install datasets, of Hugging Face" % (error.name or error)) from error
        rows = datasets.load_dataset(name, config, split=split, streaming=True)
        if split is not None:
            return rows
        if len(rows) != 1:
            raise Problem("%s: name one of its splits, as in %s:%s; there are: %s" % (self.place, name, next(iter(rows), "SPLIT"), ", ".join(rows)))
        return next(iter(rows.values()))

    def _answer(self, value, number):
        if self.classes and isinstance(value, int) and 0 <= value < len(self.classes):
            return self.classes[value]
        if self.classes or not isinstance(value, (str, int)): # a list of several people's answers, for example
            raise Problem("%s: row %d: column '%s' holds %s, not one answer: --answer-column names another"
                          % (self.place, number, self.columns["answer"], "nothing" if value is None else "a " + type(value).__name__))
        return str(value)

    def _answers(self):
        column = self.columns["answer"]
        return sorted({self._answer(row[column], number) for number, row in enumerate(self.rows.select_columns([column]))})

    def __iter__(self):
        for number, row in enumerate(self.rows):
            image, text = row[self.columns["image"]], row[self.columns["question"]]
            if not isinstance(text, str):
                raise Problem("%s: row %d: column '%s' holds no text: --question-column names another" % (self.place, number, self.columns["question"]))
            if image is None:
                raise Problem("%s: row %d: column '%s' holds no image" % (self.place, number, self.columns["image"]))
            yield {"image": image, "text": text, "answer": self._answer(row[self.columns["answer"]], number)}
