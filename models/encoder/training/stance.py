"""Trains the stance model on passages that `standpoint train stance` cut.

    python stance.py --base MINILM --init reader.pt --train train.jsonl --dev dev.jsonl --out stance.pt
"""
import argparse
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
        labels = torch.tensor([batch[i]["label"] + (1 if task == "targeted" else 0) for i in rows])
        total = total + weights[task] * F.cross_entropy(model.sides[task](x[rows]), labels, reduction="sum", label_smoothing=0.05)
    return total / len(batch)


def scores(gold, guess, n):
    f1 = []
    for k in range(n):
        hit = sum(g == p == k for g, p in zip(gold, guess))
        f1.append(2 * hit / max(1, sum(g == k for g in gold) + sum(p == k for p in guess)))
    return dict(accuracy=round(sum(g == p for g, p in zip(gold, guess)) / len(gold), 4), macro=round(sum(f1) / n, 4), f1=[round(f, 3) for f in f1])


@torch.no_grad()
def evaluate(model, dev):
    model.eval()
    for task, n in SIDES.items():
        data = [x for x in dev if x["task"] == task]
        gold, guess, given, sided = [], [], [], []
        for b in batches(data, 4096, random.Random(0)) if data else []:
            p = model.sides[task](logits(model, b))
            gold += [x["label"] + (1 if task == "targeted" else 0) for x in b]
            guess += p.argmax(1).tolist()
            if task == "statement":  # the statement given: is the side right where there is one?
                given += [int(q[1:].argmax()) for x, q in zip(b, p) if x["label"]]
                sided += [(x["label"] == 3, bool(q[3] > q[1])) for x, q in zip(b, p) if x["label"] in (1, 3)]
        if gold:
            line = f"  {task}: {scores(gold, guess, n)}"
            if sided:
                taken = [(g, p) for g, p in zip(gold, guess) if g]
                line += f"; taken up {scores([g - 1 for g, _ in taken], given, 3)} side {sum(a == b for a, b in sided) / len(sided):.4f} of {len(sided)}, taken up {sum(p > 0 for _, p in taken) / len(taken):.3f}"
            print(line, flush=True)
    model.train()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--init", type=Path, help="a trained reader whose encoder to begin with")
    ap.add_argument("--train", required=True)
    ap.add_argument("--dev", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--rate", type=float, default=6e-5)
    ap.add_argument("--pieces", type=int, default=2048)
    ap.add_argument("--mask", type=float, default=0.04)
    ap.add_argument("--swap", type=float, default=0.04)
    ap.add_argument("--none", type=float, default=0.5, help="passages of targets not taken up, for each taken up")
    ap.add_argument("--directed", type=float, default=0.1, help="share of the neutral DSE rows used in each epoch")
    ap.add_argument("--targeted", type=float, default=0.5, help="share of the NewsMTSC rows used in each epoch")
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
    if args.init:
        state = torch.load(args.init)
        model.encoder.load_state_dict({k.removeprefix("encoder."): v for k, v in state.items() if k.startswith("encoder.")}, strict=False)
    vocabulary = (args.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    augment = Augment(model.encoder.word.weight, vocabulary, args)
    statements = [x for x in train if x["task"] == "statement"]
    taken, free = [x for x in statements if x["label"]], [x for x in statements if not x["label"]]
    targeted = [x for x in train if x["task"] == "targeted"]
    directed = [x for x in train if x["task"] == "directed" and x["label"]]
    neutral = [x for x in train if x["task"] == "directed" and x["label"] == 0]
    print(f"{len(taken)} taken up, {len(free)} not, {len(targeted)} targeted, {len(directed)} directed, {len(neutral)} neutral pairs", flush=True)

    def epoch_data():
        part = lambda rows, share: rng.sample(rows, int(share * len(rows)))
        return taken + part(free, min(1, args.none * len(taken) / len(free))) + part(targeted, args.targeted) + directed + part(neutral, args.directed)

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
        evaluate(model, dev)
        torch.save(model.state_dict(), args.out)


if __name__ == "__main__":
    main()
