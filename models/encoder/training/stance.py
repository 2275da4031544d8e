"""Trains the model of stance on passages that `standpoint windows stance` cut.

    python stance.py --base BGE --train stance.jsonl --dev stance-dev.jsonl --out stance.pt

A file of distil.py does for --train as well: its passages have the classes' probabilities beside the label.
"""
import argparse
import math
import random

import torch
from torch.nn import functional as F

from model import SIDES, Side
from train import Augment, Stepper, batches, begin, common_arguments, fold_of, half, pad, place, read

UNCODED = -100  # analysis/stance: Uncoded
SOURCE, CUE, MENTION = 1, 2, 4  # analysis/stance: roleSource, roleCue, roleMention
SPEAKER, TARGET = 5, 6  # roleSpeaker, roleTarget


def collate(batch, device="cpu"):
    keys = ("pieces", "shapes", "quotes", "roles")
    out = {k: pad([x[k] for x in batch]) for k in keys}
    out["mask"] = pad([[1] * len(x["pieces"]) for x in batch]).bool()
    return place(out, device)


def logits(model, batch, augment=None):
    args = collate(batch, model.pool.weight.device)
    if augment:
        args["pieces"] = augment(args["pieces"], args["roles"] == CUE)
    return model(**args)


def label(x):
    return x["label"] + (1 if x["task"] == "targeted" else 0)


def mirrored(x):
    """A directed passage asked the other way round: who was first mentioned is now second."""
    swap = {SOURCE: MENTION, MENTION: SOURCE}
    roles = [swap.get(r, r) for r in x["roles"]]
    names = {role: [i for i, r in enumerate(roles) if r == role] for role in (SPEAKER, TARGET)}
    p, q = names[SPEAKER], names[TARGET]
    cut, end = min(p, default=0), max(q, default=0) + 1
    kind = 2  # "person:" stands before the name of the target
    if not p or len(q) <= kind or p[-1] + 2 != q[0]:
        return None
    order = list(range(cut)) + q[kind:] + [p[-1] + 1] + q[:kind] + p + list(range(end, len(roles)))
    out = dict(x, **{k: [x[k][i] for i in order] for k in ("pieces", "shapes", "quotes")})
    out["roles"] = roles[:cut] + [SPEAKER] * (len(q) - kind) + [0] + [TARGET] * (kind + len(p)) + roles[end:]
    order = [0, 2, 1, 4, 3]
    if x["label"] != UNCODED:
        out["label"] = order[x["label"]]
    if "soft" in x:
        out["soft"] = x["soft"][order]
    return out


def targets(rows, n, device):
    """Probabilities [B, N] of the classes: a label's smoothed, unless larger models gave their own."""
    out = torch.full((len(rows), n), 0.05 / n)
    for i, x in enumerate(rows):
        if "soft" in x:
            out[i] = torch.from_numpy(x["soft"].astype("float32"))
        else:
            out[i, label(x)] += 0.95
    return out.to(device)


def loss(model, batch, weights, augment):
    x = logits(model, batch, augment)
    total = x.new_zeros(())
    for task, n in SIDES.items():
        rows = [i for i, b in enumerate(batch) if b["task"] == task]
        if rows:
            scores = model.sides[task](x[rows]).float()
            total = total + weights[task] * F.cross_entropy(scores, targets([batch[i] for i in rows], n, x.device), reduction="sum")
    return total / len(batch)


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
            out[task] += zip(map(label, b), model.sides[task](logits(model, b)).float().cpu())
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
        model.sides["directed"].bias[1::2] += 0.3 * rare
    rows = predict(model, dev)
    report(rows)
    torch.save(dict(model.state_dict(), temperature=torch.tensor([temperature(rows[task]) for task in SIDES])), out)


def main():
    ap = argparse.ArgumentParser()
    common_arguments(ap)
    ap.add_argument("--epochs", type=int, default=2)
    ap.add_argument("--rate", type=float, default=7e-5)
    ap.add_argument("--pieces", type=int, default=2048, help="pieces a batch")
    ap.add_argument("--none", type=float, default=0.4, help="passages of targets not taken up, for each taken up")
    ap.add_argument("--directed", type=float, default=0.1, help="share of the neutral DSE rows used in each epoch")
    ap.add_argument("--targeted", type=float, default=0.45, help="share of the NewsMTSC rows used in each epoch")
    ap.add_argument("--uncoded", type=float, default=1.0, help="share of the passages that nobody coded used in each epoch")
    ap.add_argument("--rare", type=float, default=1.0, help="added to the scores of sentiment of the second mention toward the first, and .3 of it to those of the first toward the second")
    args = ap.parse_args()
    args.cue_mask, args.cue_swap = args.mask, args.swap
    rng = random.Random(args.seed)
    train, dev = [x for path in args.train for x in read(path)], read(args.dev)
    if args.fold:
        train = [x for i, x in enumerate(train) if fold_of(x, i, args.fold[1]) != args.fold[0]]
    model, new = begin(args, Side, ("encoder.role", "pool", "sides"))
    vocabulary = (args.base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    augment = Augment(model.encoder.word.weight, vocabulary, args)
    of = lambda task, wanted: [x for x in train if x["task"] == task and x["label"] != UNCODED and wanted(x)]
    taken, free = of("statement", lambda x: x["label"]), of("statement", lambda x: not x["label"])
    targeted = of("targeted", lambda x: True)
    both = lambda rows: rows + [m for x in rows if (m := mirrored(x))]
    directed, neutral = both(of("directed", lambda x: x["label"])), both(of("directed", lambda x: not x["label"]))
    uncoded = [x for x in train if x["label"] == UNCODED]
    print(f"{len(taken)} taken up, {len(free)} not, {len(targeted)} targeted, {len(directed)} directed, {len(neutral)} neutral pairs, {len(uncoded)} uncoded", flush=True)

    free_share = min(1, args.none * len(taken) / len(free))

    def epoch_data():
        part = lambda rows, share: rng.sample(rows, int(share * len(rows)))
        return taken + part(free, free_share) + part(targeted, args.targeted) + directed + part(neutral, args.directed) + part(uncoded, args.uncoded)

    total = args.epochs * len(batches(epoch_data(), args.pieces, random.Random(0)))
    stepper = Stepper(model, new, args.rate, total, args.device)
    weights = dict(statement=1.0, targeted=0.7, directed=0.7)
    for epoch in range(args.epochs):
        model.train()
        for b in batches(epoch_data(), args.pieces, rng):
            if stepper.step == total:
                break
            with half(args.device):
                x = loss(model, b, weights, augment)
            stepper.take(x)
            stepper.progress(f"loss {x.item():.4f}" if stepper.step % 50 == 0 else "")
        print(f"epoch {epoch + 1}:", flush=True)
        report(predict(model, dev))
    print("with the natural shares of the thinned classes:", flush=True)
    finish(model, {"statement": free_share, "directed": args.directed}, args.rare, dev, args.out)


if __name__ == "__main__":
    main()
