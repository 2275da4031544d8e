"""Trains the reader on windows that `standpoint windows attribution` cut.

    python train.py --base MINILM --train train.jsonl --dev dev.jsonl --out reader.pt

A file of distil.py does for --train as well: its windows have probabilities in place of labels and parts.
"""
import argparse
import json
import pickle
import random
import time
import zlib
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from model import LABELS, PARTS, Reader, depth, thinned

MASK, SPECIAL = 103, 104
IGNORE = -100


def read(path):
    if str(path).endswith(".pickle"):
        with open(path, "rb") as f:
            return pickle.load(f)
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def pad(rows, value=0):
    out = np.full((len(rows), max(map(len, rows))), value, dtype=np.int64)
    for line, row in zip(out, rows):
        line[: len(row)] = row
    return torch.from_numpy(out)


class Augment:
    """Masks pieces and swaps them for neighbours among the word embeddings: cues more often than others, so that
    the reader learns from the words around a cue that it has never seen."""

    def __init__(self, embeddings, vocabulary, args):
        self.args = args
        whole = torch.tensor([i for i, p in enumerate(vocabulary) if i >= SPECIAL and p.isalpha() and len(p) > 2])
        unit = F.normalize(embeddings[whole], dim=1)
        near = torch.zeros(len(vocabulary), 8, dtype=torch.long)
        for block in torch.arange(len(whole)).split(2048):
            best = (unit[block] @ unit.T).topk(9).indices[:, 1:]
            near[whole[block]] = whole[best.cpu()]
        self.near = near.to(embeddings.device)

    def __call__(self, pieces, cue):
        mask_rate = torch.where(cue, self.args.cue_mask, self.args.mask)
        swap_rate = torch.where(cue, self.args.cue_swap, self.args.swap)
        u = torch.rand(pieces.shape, device=pieces.device)
        real = pieces >= SPECIAL
        swapped = self.near[pieces].gather(-1, torch.randint(8, pieces.shape, device=pieces.device)[..., None])[..., 0]
        swap = real & (u < swap_rate) & (swapped > 0)
        mask = real & (u > 1 - mask_rate)
        return torch.where(mask, torch.full_like(pieces, MASK), torch.where(swap, swapped, pieces))


def place(tensors, device):
    return {k: v.to(device, non_blocking=True) for k, v in tensors.items()}


def collate(batch, device="cpu"):
    pieces = pad([x["pieces"] for x in batch])
    return place(dict(
        pieces=pieces, mask=pad([[1] * len(x["pieces"]) for x in batch]).bool(),
        shapes=pad([x["shapes"] for x in batch]), quotes=pad([x["quotes"] for x in batch]), words=pad([x["words"] for x in batch]),
    ), device)


def link_arguments(batch, device="cpu"):
    """Where the batch's cues and the words around them are, and the words [L, W] that may play a part for each."""
    sentence, paragraph = pad([x["sentences"] for x in batch], -9), pad([x["paragraphs"] for x in batch], -9)
    row, first, last = (
        torch.tensor([v for r, x in enumerate(batch) for v in ([r] * len(x["links"]) if k is None else [c[k] for c in x["links"]])])
        for k in (None, "first", "last")
    )
    at = torch.arange(sentence.shape[1])[None]
    f, l = first[:, None], last[:, None]
    distance = torch.where(at < f, at - f, torch.where(at > l, at - l, 0))
    s = sentence[row] - sentence[row, first][:, None]
    p = paragraph[row] - paragraph[row, first][:, None]
    return tuple(x.to(device) for x in (row, first, last, distance, s, p)), ((paragraph[row] >= 0) & (p.abs() <= 1)).to(device)


def distributions(rows, width, classes):
    """Classes, or probabilities [W, classes], of the words of each row -> probabilities [R, width, classes] and which
    of them count [R, width]."""
    out = np.zeros((len(rows), width, classes), dtype=np.float32)
    for r, row in enumerate(map(np.asarray, rows)):
        if row.ndim == 2:
            out[r, : len(row)] = row
        else:
            known = (row >= 0).nonzero()[0]
            out[r, known, row[known]] = 1
    out = torch.from_numpy(out)
    return out, out.sum(2) > 0


def soft_loss(x, target, counts):
    """Mean cross-entropy with probabilities, of the words that count."""
    loss = -(target * F.log_softmax(x.float(), -1)).sum(-1)
    return (loss * counts).sum() / counts.sum().clamp(min=1)


def losses(model, batch, augment=None):
    device = model.label.weight.device
    args = collate(batch, device)
    if augment:
        cue = torch.zeros(args["pieces"].shape, dtype=torch.bool)
        for r, x in enumerate(batch):
            for c in x["links"]:
                cue[r, x["words"][c["first"]]] = True
        args["pieces"] = augment(args["pieces"], cue.to(device))
    x = model.words(**args)
    target, counts = place(dict(enumerate(distributions([b["labels"] for b in batch], x.shape[1], LABELS))), device).values()
    label = soft_loss(model.label(x), target, counts)
    if not any(b["links"] for b in batch):
        return label, label.new_zeros(())
    where, seen = link_arguments(batch, device)
    target, counts = place(dict(enumerate(distributions([c["parts"] for b in batch for c in b["links"]], x.shape[1], PARTS))), device).values()
    return label, soft_loss(model.links(x, *where), target, counts & seen)


def batches(data, pieces, rng):
    order = list(range(len(data)))
    rng.shuffle(order)
    out = []
    for c in range(0, len(order), 1000):
        batch, longest = [], 0
        for i in sorted(order[c : c + 1000], key=lambda i: len(data[i]["pieces"])):
            n = len(data[i]["pieces"])
            if batch and max(longest, n) * (len(batch) + 1) > pieces:
                out.append(batch)
                batch, longest = [], 0
            batch.append(data[i])
            longest = max(longest, n)
        out.append(batch)
    rng.shuffle(out)
    return out


@torch.no_grad()
def evaluate(model, dev):
    model.eval()
    total = torch.zeros(2)
    all_batches = batches(dev, 4096, random.Random(0))
    for b in all_batches:
        total += torch.stack(losses(model, b)).float().cpu()
    model.train()
    return (total / len(all_batches)).tolist()


def common_arguments(ap):
    ap.add_argument("--base", type=Path, required=True, help="folder with config.json, vocab.txt, model.safetensors")
    ap.add_argument("--words", type=Path, help="folder of another base, whose word embeddings to take")
    ap.add_argument("--train", required=True, nargs="+", help="each once an epoch; a file named twice, twice")
    ap.add_argument("--dev", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--begin", type=Path, help="weights to begin with, in place of the base's: of a model of this kind or another")
    ap.add_argument("--depth", type=int, help="layers; the base's or --begin's are thinned to them")
    ap.add_argument("--fold", type=int, nargs=2, metavar=("K", "OF"), help="leaves the K-th part of the data out")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--mask", type=float, default=0.04)
    ap.add_argument("--swap", type=float, default=0.05)


def begin(args, kind, new):
    """The model with the weights to begin with, and the names of its parameters that begin anew: with --begin those
    that the saved weights lack, else those that match one of new."""
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    state = torch.load(args.begin, map_location="cpu") if args.begin else {}
    model = kind(args.base, args.depth or (depth(state) if state else None))
    names = [name for name, _ in model.named_parameters()]
    fresh = [name for name in names if any(part in name for part in new)]
    if state:
        state = thinned(state, args.depth) if args.depth else state
        own = model.state_dict()
        model.load_state_dict({name: state.get(name, w) for name, w in own.items()})
        fresh = [name for name in names if name not in state]
    if args.words:
        model.encoder.word.weight.data = load_file(args.words / "model.safetensors")["embeddings.word_embeddings.weight"]
    return model.to(args.device), fresh


def fold_of(x, i, folds):
    """The part that the i-th example x belongs to: by its article, or by its neighbourhood where no article is known."""
    return (zlib.crc32(x["group"].encode()) if x.get("group") else i // 64) % folds


def half(device):
    """Half precision where it is faster: on GPUs, and on CPUs that multiply matrices of it (AMX)."""
    return torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or torch.cpu._is_amx_tile_supported())


class Stepper:
    """AdamW with a warm-up and a linear way down."""

    def __init__(self, model, new, rate, total, device):
        names = lambda wanted: [p for n, p in model.named_parameters() if p.requires_grad and (n in new) == wanted]
        self.model, self.device, self.step, self.total = model, device, 0, total
        self.optimizer = torch.optim.AdamW([dict(params=names(False), lr=rate), dict(params=names(True), lr=5 * rate)], weight_decay=0.01, fused=True)
        warm = max(1, int(0.06 * total))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda s: min((s + 1) / warm, max(0.02, (1 - s / total) / 0.94)))
        self.start = time.time()

    def take(self, loss):
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.requires_grad], 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1

    def progress(self, values):
        if self.step % 50 == 0:
            print(f"{self.step}/{self.total} {values} {(time.time() - self.start) / self.step:.3f} s a step", flush=True)


def main():
    ap = argparse.ArgumentParser()
    common_arguments(ap)
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--rate", type=float, default=8e-5)
    ap.add_argument("--pieces", type=int, default=2048, help="pieces a batch")
    ap.add_argument("--cue-mask", type=float, default=0.06)
    ap.add_argument("--cue-swap", type=float, default=0.15)
    args = ap.parse_args()
    rng = random.Random(args.seed)
    train, dev = [x for path in args.train for x in read(path)], read(args.dev)
    if args.fold:
        train = [x for i, x in enumerate(train) if fold_of(x, i, args.fold[1]) != args.fold[0]]
    model, new = begin(args, Reader, ("shape", "quote", "label", "add_", "mul_", "distance", "sentence", "paragraph", "inner", "part."))
    vocabulary = (args.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    augment = Augment(model.encoder.word.weight, vocabulary, args)
    stepper = Stepper(model, new, args.rate, args.epochs * len(batches(train, args.pieces, random.Random(0))), args.device)
    for epoch in range(args.epochs):
        model.train()
        for b in batches(train, args.pieces, rng):
            if stepper.step == stepper.total:
                break
            with half(args.device):
                label, link = losses(model, b, augment)
            stepper.take(label + 2 * link)
            stepper.progress(f"label {label.item():.4f} link {link.item():.4f}" if stepper.step % 50 == 0 else "")
        print(f"epoch {epoch + 1}: dev label, link {evaluate(model, dev)}", flush=True)
        torch.save(model.state_dict(), args.out)


if __name__ == "__main__":
    main()
