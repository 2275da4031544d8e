"""Trains the stance model on passages that `standpoint windows stance` cut.

    python stance.py --base BGE --train stance.jsonl --dev stance-dev.jsonl --out stance.pt
"""
import argparse
import math
import random
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from model import SIDES, Side
from train import Augment, batches, pad, read


def collate(batch):
    keys = ("pieces", "shapes", "quotes", "roles")
    out = {k: pad([x[k] for x in batch]) for k in keys}
    out["mask"] = pad([[1] * len(x["pieces"]) for x in batch]).bool()
    return out


def logits(model, batch, augment=None):
    args = collate(batch)
    if augment:
        args["pieces"] = augment(args["pieces"], args["roles"] == 2)
    return model(**args)


def loss(model, batch, weights, augment):
    x = logits(model, batch, augment)
    total = x.new_zeros(())
    for task in SIDES:
        rows = [i for i, b in enumerate(batch) if b["task"] == task]
        if not rows:
            continue
        labels = torch.tensor([label(batch[i]) for i in rows])
        total = total + weights[task] * F.cross_entropy(model.sides[task](x[rows]), labels, reduction="sum", label_smoothing=0.05)
    return total / len(batch)


def label(x):
    return x["label"] + (1 if x["task"] == "targeted" else 0)


def scores(gold, guess, n):
    f1 = []
    for k in range(n):
        hit = sum(g == p == k for g, p in zip(gold, guess))
        f1.append(2 * hit / max(1, sum(g == k for g in gold) + sum(p == k for p in guess)))
    return dict(accuracy=round(sum(g == p for g, p in zip(gold, guess)) / len(gold), 4), macro=round(sum(f1) / n, 4), f1=[round(f, 3) for f in f1])


@torch.no_grad()
def predict(model, dev):
    """(class, scores) of the passages of each task."""
    model.eval()
    out = {task: [] for task in SIDES}
    for task in SIDES:
        rows = [x for x in dev if x["task"] == task]
        for b in batches(rows, 4096, random.Random(0)) if rows else []:
            out[task] += zip(map(label, b), model.sides[task](logits(model, b)))
    model.train()
    return out


def report(rows):
    for task, n in SIDES.items():
        if rows[task]:
            print(f"  {task}: {scores([g for g, _ in rows[task]], [int(x.argmax()) for _, x in rows[task]], n)}", flush=True)
    taken = [(g, x) for g, x in rows["statement"] if g]  # the statement given: is the side right where there is one?
    sided = [(x[3] > x[1]).item() == (g == 3) for g, x in taken if g != 2]
    print(f"  given: {scores([g - 1 for g, _ in taken], [int(x[1:].argmax()) for _, x in taken], 3)} side {sum(sided) / len(sided):.4f} of {len(sided)}", flush=True)


def temperature(rows):
    """The divisor of scores that makes the classes likeliest (Guo et al. 2017)."""
    if not rows:
        return 1.0
    gold, x = torch.tensor([g for g, _ in rows]), torch.stack([x for _, x in rows])
    return min((F.cross_entropy(x / t, gold).item(), t) for t in torch.arange(0.5, 3, 0.05).tolist())[1]


def finish(model, thinned, rare, dev, out):
    """Gives thinned classes their natural share back and rare ones a greater, finds the temperatures, and saves."""
    with torch.no_grad():
        for task, share in thinned.items():
            model.sides[task].bias[0] -= math.log(share)
        model.sides["directed"].bias[2::2] += rare
    rows = predict(model, dev)
    report(rows)
    torch.save(dict(model.state_dict(), temperature=torch.tensor([temperature(rows[task]) for task in SIDES])), out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--train", required=True)
    ap.add_argument("--dev", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--epochs", type=int, default=2)
    ap.add_argument("--rate", type=float, default=7e-5)
    ap.add_argument("--pieces", type=int, default=2048)
    ap.add_argument("--mask", type=float, default=0.04)
    ap.add_argument("--swap", type=float, default=0.04)
    ap.add_argument("--none", type=float, default=0.4, help="passages of targets not taken up, for each taken up")
    ap.add_argument("--directed", type=float, default=0.1, help="share of the neutral DSE rows used in each epoch")
    ap.add_argument("--targeted", type=float, default=0.45, help="share of the NewsMTSC rows used in each epoch")
    ap.add_argument("--rare", type=float, default=1.5, help="added to the scores of sentiment of the second mention toward the first")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    args = ap.parse_args()
    args.cue_mask, args.cue_swap = args.mask, args.swap
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    train, dev = read(args.train), read(args.dev)
    model = Side(args.base)
    vocabulary = (args.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    augment = Augment(model.encoder.word.weight, vocabulary, args)
    statements = [x for x in train if x["task"] == "statement"]
    taken, free = [x for x in statements if x["label"]], [x for x in statements if not x["label"]]
    targeted = [x for x in train if x["task"] == "targeted"]
    directed = [x for x in train if x["task"] == "directed" and x["label"]]
    neutral = [x for x in train if x["task"] == "directed" and x["label"] == 0]
    print(f"{len(taken)} taken up, {len(free)} not, {len(targeted)} targeted, {len(directed)} directed, {len(neutral)} neutral pairs", flush=True)

    free_share = min(1, args.none * len(taken) / len(free))

    def epoch_data():
        part = lambda rows, share: rng.sample(rows, int(share * len(rows)))
        return taken + part(free, free_share) + part(targeted, args.targeted) + directed + part(neutral, args.directed)

    total = args.epochs * len(batches(epoch_data(), args.pieces, random.Random(0)))
    warm = int(0.06 * total)
    new = ("encoder.role", "pool", "sides")
    heads = [p for n, p in model.named_parameters() if n.startswith(new)]
    body = [p for n, p in model.named_parameters() if not n.startswith(new) and p.requires_grad]
    optimizer = torch.optim.AdamW([dict(params=body, lr=args.rate), dict(params=heads, lr=5 * args.rate)], weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / warm, max(0.02, (1 - s / total) / 0.94)))
    weights = dict(statement=1.0, targeted=0.7, directed=0.7)
    step, start = 0, time.time()
    for epoch in range(args.epochs):
        model.train()
        seen = 0.0
        epoch_batches = batches(epoch_data(), args.pieces, rng)
        for i, b in enumerate(epoch_batches, 1):
            x = loss(model, b, weights, augment)
            x.backward()
            nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            seen += x.item()
            step += 1
            if i % 50 == 0:
                print(f"{step}/{total} loss {seen / i:.4f} {(time.time() - start) / step:.2f} s a step", flush=True)
        print(f"epoch {epoch + 1}:", flush=True)
        report(predict(model, dev))
    print("with the natural shares of the thinned classes:", flush=True)
    finish(model, {"statement": free_share, "directed": args.directed}, args.rare, dev, args.out)


if __name__ == "__main__":
    main()
