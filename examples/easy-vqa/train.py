"""train.py VARIANT FILE [EPOCHS [SEED [IMAGES]]]: trains a variant of the model, on so many images if not all, and prints its
accuracy on the questions of the test.

Interrupted, it goes on from FILE.part, written after every epoch, to what it would have reached without the interruption.
"""
import os
import sys
import time
import zlib

import torch

import vqa

BATCH = 16  # images, each with all its questions
RATE = 2e-3


def accuracy(model, data):
    model.eval()
    right = 0
    with torch.no_grad():
        for images in torch.arange(len(data.images)).split(200):
            inputs, answer = data.batch(images)
            right += int((model(**inputs).argmax(1) == answer).sum())
    model.train()
    return right / len(data.answer)


def code():
    """What a training goes on with must be what it began with."""
    with open(__file__, "rb") as one, open(vqa.__file__, "rb") as other:
        return zlib.crc32(one.read() + other.read())


def save(state, path):
    torch.save(state, path + ".tmp")
    os.replace(path + ".tmp", path)


def main(variant, path, epochs="10", seed="1", images="4000"):
    epochs, seed = int(epochs), int(seed)
    torch.manual_seed(seed)
    model, data = vqa.new_model(variant), vqa.Data("train")
    count = min(int(images), len(data.images))
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    steps = -(-count // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * steps)
    restored = {"model": model, "optimizer": optimizer, "schedule": schedule}
    done, settings, part = 0, [variant, epochs, seed, count, code()], path + ".part"
    if os.path.exists(part):
        saved = torch.load(part)
        if saved["settings"] == settings:
            done = saved["epoch"]
            for name, item in restored.items():
                item.load_state_dict(saved[name])
            torch.set_rng_state(saved["random"])
    loss_of = torch.nn.CrossEntropyLoss()
    for epoch in range(done + 1, epochs + 1):
        start, total = time.process_time(), 0.0
        for chosen in torch.randperm(count).split(BATCH):
            inputs, answer = data.batch(chosen)
            flip = torch.rand(len(chosen)) < 0.5
            inputs["images"][flip] = inputs["images"][flip].flip(3)
            loss = loss_of(model(**inputs), answer)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        state = {name: item.state_dict() for name, item in restored.items()}
        save({**state, "settings": settings, "epoch": epoch, "random": torch.get_rng_state()}, part)
        print(f"{variant}: epoch {epoch} of {epochs}: loss {total / steps:.4f}, {time.process_time() - start:.0f} s of processor time", file=sys.stderr, flush=True)
    print(f"{variant}\t{accuracy(model, vqa.Data('test')):.4f}")
    save({"variant": variant, "model": model.state_dict()}, path)
    os.remove(part)


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 6 or sys.argv[1] not in vqa.VARIANTS:
        sys.exit(f"usage: train.py VARIANT FILE [EPOCHS [SEED [IMAGES]]], VARIANT one of {' '.join(vqa.VARIANTS)}")
    main(*sys.argv[1:])
