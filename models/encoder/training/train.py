"""Trains the reader on windows that `standpoint train attribution` cut.

    python train.py --base MINILM --train train.jsonl --dev dev.jsonl --out reader.pt
"""
import argparse
import json
import random
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from model import Reader

MASK, SPECIAL = 103, 104
IGNORE = -100


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def pad(rows, value=0):
    n = max(map(len, rows))
    return torch.tensor([list(r) + [value] * (n - len(r)) for r in rows])


class Augment:
    """Masks pieces and swaps them for neighbours among the word embeddings: cues more often than others, so that
    the reader learns from the words around a cue that it has never seen."""

    def __init__(self, embeddings, vocabulary, args):
        self.args = args
        whole = torch.tensor([i for i, p in enumerate(vocabulary) if i >= SPECIAL and p.isalpha() and len(p) > 2])
        unit = F.normalize(embeddings[whole], dim=1)
        self.near = torch.zeros(len(vocabulary), 8, dtype=torch.long)
        for block in torch.arange(len(whole)).split(2048):
            best = (unit[block] @ unit.T).topk(9).indices[:, 1:]
            self.near[whole[block]] = whole[best]

    def __call__(self, pieces, cue):
        mask_rate = torch.where(cue, self.args.cue_mask, self.args.mask)
        swap_rate = torch.where(cue, self.args.cue_swap, self.args.swap)
        u = torch.rand(pieces.shape)
        real = pieces >= SPECIAL
        swapped = self.near[pieces].gather(-1, torch.randint(8, pieces.shape)[..., None])[..., 0]
        swap = real & (u < swap_rate) & (swapped > 0)
        mask = real & (u > 1 - mask_rate)
        return torch.where(mask, torch.full_like(pieces, MASK), torch.where(swap, swapped, pieces))


def collate(batch):
    pieces = pad([x["pieces"] for x in batch])
    return dict(
        pieces=pieces, mask=pad([[1] * len(x["pieces"]) for x in batch]).bool(),
        shapes=pad([x["shapes"] for x in batch]), quotes=pad([x["quotes"] for x in batch]), words=pad([x["words"] for x in batch]),
    )


def link_arguments(batch):
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
    return (row, first, last, distance, s, p), (paragraph[row] >= 0) & (p.abs() <= 1)


def losses(model, batch, augment=None):
    args = collate(batch)
    if augment:
        cue = torch.zeros_like(args["pieces"], dtype=torch.bool)
        for r, x in enumerate(batch):
            for c in x["links"]:
                cue[r, x["words"][c["first"]]] = True
        args["pieces"] = augment(args["pieces"], cue)
    x = model.words(**args)
    labels = pad([b["labels"] for b in batch], IGNORE)
    label = F.cross_entropy(model.label(x).flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
    if not any(b["links"] for b in batch):
        return label, label.new_zeros(())
    where, seen = link_arguments(batch)
    width = seen.shape[1]
    parts = torch.tensor([c["parts"] + [IGNORE] * (width - len(c["parts"])) for b in batch for c in b["links"]])
    parts = torch.where(seen, parts, IGNORE)
    link = F.cross_entropy(model.links(x, *where).flatten(0, 1), parts.flatten(), ignore_index=IGNORE)
    return label, link


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
        total += torch.stack(losses(model, b))
    model.train()
    return (total / len(all_batches)).tolist()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True, help="folder with config.json, vocab.txt, model.safetensors")
    ap.add_argument("--train", required=True)
    ap.add_argument("--dev", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--rate", type=float, default=8e-5)
    ap.add_argument("--pieces", type=int, default=2048, help="pieces a batch")
    ap.add_argument("--mask", type=float, default=0.04)
    ap.add_argument("--swap", type=float, default=0.05)
    ap.add_argument("--cue-mask", type=float, default=0.06)
    ap.add_argument("--cue-swap", type=float, default=0.15)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    train, dev = read(args.train), read(args.dev)
    model = Reader(args.base)
    vocabulary = (args.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    augment = Augment(model.encoder.word.weight, vocabulary, args)
    body = [p for n, p in model.named_parameters() if n.startswith("encoder.") and "shape" not in n and "quote" not in n and p.requires_grad]
    heads = [p for n, p in model.named_parameters() if not n.startswith("encoder.") or "shape" in n or "quote" in n]
    optimizer = torch.optim.AdamW([dict(params=body, lr=args.rate), dict(params=heads, lr=5 * args.rate)], weight_decay=0.01, fused=True)
    total = args.epochs * len(batches(train, args.pieces, random.Random(0)))
    warm = int(0.06 * total)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / warm, max(0.02, (1 - s / total) / 0.94)))
    step, start = 0, time.time()
    for epoch in range(args.epochs):
        model.train()
        seen = torch.zeros(2)
        epoch_batches = batches(train, args.pieces, rng)
        for i, b in enumerate(epoch_batches, 1):
            label, link = losses(model, b, augment)
            (label + 2 * link).backward()
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            seen += torch.stack((label, link)).detach()
            step += 1
            if i % 25 == 0:
                print(f"{step}/{total} label {seen[0] / i:.4f} link {seen[1] / i:.4f} {(time.time() - start) / step:.2f} s a step", flush=True)
        print(f"epoch {epoch + 1}: dev label, link {evaluate(model, dev)}", flush=True)
        torch.save(model.state_dict(), args.out)


if __name__ == "__main__":
    main()
