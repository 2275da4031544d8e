"""Writes what large models make of examples, for a smaller one to learn from (Hinton et al. 2015).

    python distil.py reader --teachers BGE:a.pt E5:b.pt --data windows.jsonl --out soft.pickle --folds
    python distil.py reader --teachers BGE:a.pt E5:b.pt --data windows-news.jsonl --out soft-news.pickle
    python distil.py stance --teachers …

Probabilities are the teachers' means. With --folds the k-th teacher was trained without the k-th part of the data
(--fold), and that part has its probabilities alone, averaged with what the coders say.
"""
import argparse
import pickle
import random
from pathlib import Path

import torch

from model import LABELS, PARTS, SIDES, Reader, Side, depth
from stance import collate as stance_collate
from stance import label as side
from train import IGNORE, batches, collate, fold_of, half, link_arguments, read

BEGIN, INSIDE = 3, 4  # analysis/attribution: beginCue, insideCue


def load(spec, kind, device):
    base, path = spec.rsplit(":", 1)
    state = torch.load(path, map_location="cpu")
    state.pop("temperature", None)
    model = kind(Path(base), depth(state))
    model.load_state_dict(state)
    return model.to(device).eval()


def mean(values):
    return sum(values) / len(values)


def cues(labels):
    """(first, last) of the runs of cue labels."""
    out = []
    for w, label in enumerate(labels):
        if label == BEGIN or label == INSIDE and not (out and out[-1][1] == w - 1):
            out.append((w, w))
        elif label == INSIDE:
            out[-1] = (out[-1][0], w)
    return out


def coded(labels, classes):
    """Classes of words -> probabilities, zero where there is none."""
    labels = torch.as_tensor(labels).long()
    return torch.nn.functional.one_hot(labels.clamp(min=0), classes) * (labels >= 0)[:, None]


def read_windows(teachers, batch, device, share):
    args = collate(batch, device)
    xs = [t.words(**args) for t in teachers]
    probabilities = mean([t.label(x).float().softmax(-1) for t, x in zip(teachers, xs)]).cpu()
    for x, p in zip(batch, probabilities):
        known = torch.as_tensor(x["labels"]) != IGNORE
        p = p[: len(known)]
        if share:
            p = (1 - share) * p + share * coded(x["labels"], LABELS)
        else:
            own = (p.argmax(-1) * known).tolist()
            x["links"] = [dict(first=a, last=b) for a, b in cues(own) if known[a]]
        x["labels"] = (p * known[:, None]).half().numpy()
    if not any(x["links"] for x in batch):
        return
    where, _ = link_arguments(batch, device)
    probabilities = mean([t.links(x, *where).float().softmax(-1) for t, x in zip(teachers, xs)]).cpu()
    for (x, c), p in zip(((x, c) for x in batch for c in x["links"]), probabilities):
        p = p[: len(x["words"])]
        c["parts"] = ((1 - share) * p + share * coded(c["parts"], PARTS) if share else p).half().numpy()


def read_passages(teachers, batch, device, share):
    pooled = [t(**stance_collate(batch, device)) for t in teachers]
    for task in SIDES:
        rows = [i for i, b in enumerate(batch) if b["task"] == task]
        if not rows:
            continue
        probabilities = mean([t.sides[task](x[rows]).float().softmax(-1) for t, x in zip(teachers, pooled)]).cpu()
        for i, p in zip(rows, probabilities):
            x = batch[i]
            if share:
                p = (1 - share) * p
                p[side(x)] += share
            x["soft"] = p.half().numpy()


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("task", choices=("reader", "stance"))
    ap.add_argument("--teachers", nargs="+", required=True, metavar="BASE:WEIGHTS")
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--folds", action="store_true")
    ap.add_argument("--share", type=float, default=0.5, help="what the coders' word counts for")
    ap.add_argument("--limit", type=int, help="examples at most, drawn at random")
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = ap.parse_args()
    kind, label = {"reader": (Reader, read_windows), "stance": (Side, read_passages)}[args.task]
    teachers = [load(t, kind, args.device) for t in args.teachers]
    data = read(args.data)
    if args.limit and args.limit < len(data):
        data = random.Random(0).sample(data, args.limit)
    for k in range(len(teachers) if args.folds else 1):
        part = [x for i, x in enumerate(data) if not args.folds or fold_of(x, i, len(teachers)) == k]
        with half(args.device):
            for b in batches(part, 16384, random.Random(0)):
                label([teachers[k]] if args.folds else teachers, b, args.device, args.share if args.folds else 0)
    with open(args.out, "wb") as f:
        pickle.dump(data, f, protocol=5)


if __name__ == "__main__":
    main()
