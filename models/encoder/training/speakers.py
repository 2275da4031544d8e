"""What the reader learns of coreference from chunks that `standpoint windows speakers` cut.

    train, dev = read("coref-train.jsonl.xz"), read("coref-dev.jsonl.xz")
    for batch in batches(train, 16384, rng):
        loss(model, batch).backward()
    evaluate(model, dev)
"""
import json
import lzma
import random

import torch

from model import ANAPHORS, FEATURES

NAMES = ("he", "she", "they", "it", "the senator", "the ministry", "the report")
OFFSETS = torch.tensor([sum(FEATURES[:i]) for i in range(len(FEATURES))])
NONE = -1


def read(path):
    """The chunks of a file of JSON lines, plain or xz."""
    with (lzma.open if str(path).endswith(".xz") else open)(path, "rt", encoding="utf-8") as f:
        return [unfold(json.loads(line)) for line in f]


def unfold(x):
    """Adds what the file leaves out: the first piece of each word, the sentence and paragraph of each word."""
    for w in x["windows"]:
        at, first = 0, []
        for step in w["words"]:
            at += step
            first.append(at)
        w["first"] = first[w["skip"]:]
        w["shapes"], w["quotes"] = list(map(int, w["shapes"])), list(map(int, w["quotes"]))
    x["sentence"] = [i for i, n in enumerate(x["sentences"]) for _ in range(n)]
    of = [i for i, n in enumerate(x["paragraphs"]) for _ in range(n)]
    x["paragraph"] = [of[s] for s in x["sentence"]]
    x["longest"] = max(len(w["pieces"]) for w in x["windows"])
    return x


def batches(chunks, pieces, rng):
    """Chunks in batches of up to so many pieces, padding included."""
    order = list(range(len(chunks)))
    rng.shuffle(order)
    out = []
    for c in range(0, len(order), 500):
        batch, windows, longest = [], 0, 0
        for i in sorted(order[c : c + 500], key=lambda i: chunks[i]["longest"]):
            n, most = windows + len(chunks[i]["windows"]), max(longest, chunks[i]["longest"])
            if batch and n * most > pieces:
                out.append(batch)
                batch, n, most = [], len(chunks[i]["windows"]), chunks[i]["longest"]
            batch.append(chunks[i])
            windows, longest = n, most
        out.append(batch)
    rng.shuffle(out)
    return out


def pad(rows, value=0):
    n = max(map(len, rows))
    return torch.tensor([list(r) + [value] * (n - len(r)) for r in rows])


def scores(model, chunks, augment=None):
    """-> scores [A, C + 1] of the antecedents of all anaphors, that of none last, and the anaphors."""
    device = next(model.parameters()).device
    windows = [w for x in chunks for w in x["windows"]]
    pieces, mask = pad([w["pieces"] for w in windows]), pad([[1] * len(w["pieces"]) for w in windows]).bool()
    if augment:
        pieces = augment(pieces, torch.zeros_like(pieces, dtype=torch.bool))
    width = pieces.shape[1]
    flat, start = [], []  # the piece of each word; where each chunk's words begin
    row = 0
    for x in chunks:
        start.append(len(flat))
        for w in x["windows"]:
            flat += [row * width + p for p in w["first"]]
            row += 1
    to = lambda t: t.to(device, non_blocking=True)
    x = model.encoder(to(pieces), to(mask), to(pad([w["shapes"] for w in windows])), to(pad([w["quotes"] for w in windows])))
    x = model.drop(x.flatten(0, 1)[to(torch.tensor(flat))])

    anaphors = [(x, s, a) for x, s in zip(chunks, start) for a in x["anaphors"]]
    most = max(len(a["candidates"]) for _, _, a in anaphors)
    cells, numbers, mentions, places = [], [], [], []  # of candidates, then of mentions
    for i, (c, s, a) in enumerate(anaphors):
        at, sentence, paragraph = a["first"], c["sentence"], c["paragraph"]
        for k, candidate in enumerate(a["candidates"]):
            cells.append((i, k))
            numbers.append(candidate["f"])
            for j, (first, last) in enumerate(candidate["m"]):
                mentions.append((i, k, j))
                places.append((s + first, s + last, at - last, sentence[at] - sentence[first], paragraph[at] - paragraph[first]))
    shape = (len(anaphors), most, 4)
    cells, numbers = torch.tensor(cells), torch.tensor(numbers)
    features, rank = torch.zeros(*shape[:2], len(FEATURES), dtype=torch.long), torch.zeros(shape[:2])
    features[cells[:, 0], cells[:, 1]] = numbers[:, 1:] + OFFSETS
    rank[cells[:, 0], cells[:, 1]] = numbers[:, 0] / 10
    seen, place = torch.zeros(shape, dtype=torch.bool), torch.zeros(*shape, 5, dtype=torch.long)
    if mentions:
        at = torch.tensor(mentions).unbind(1)
        seen[at], place[at] = True, torch.tensor(places)
    real = seen.clone()
    real[cells[:, 0], cells[:, 1], 0] = True
    spans, where = place[..., :2], place[..., 2:]
    spans, where, seen = to(spans), to(where), to(seen)
    first = to(torch.tensor([s + a["first"] for _, s, a in anaphors]))
    last = to(torch.tensor([s + a["last"] for _, s, a in anaphors]))
    mention = (x[spans[..., 0]] + x[spans[..., 1]]) / 2
    pairs, none = model.refer((x[first] + x[last]) / 2, to(torch.tensor([a["class"] for _, _, a in anaphors])), mention, seen,
                              where[..., 0], where[..., 1], where[..., 2], to(features), to(rank))
    pairs = pairs.masked_fill(~to(real), -1e4)
    return torch.cat([pairs.logsumexp(2), none[:, None]], 1), [a for _, _, a in anaphors]


def loss(model, chunks, augment=None, coded=3.0):
    """The mean negative log likelihood of the right antecedents; what people coded weighs so many times what was planted."""
    s, anaphors = scores(model, chunks, augment)
    right = torch.zeros(s.shape, dtype=torch.bool)
    for i, a in enumerate(anaphors):
        right[i, a["right"]] = True  # NONE is the last
    each = s.logsumexp(1) - s.masked_fill(~right.to(s.device), -1e4).logsumexp(1)
    weight = torch.tensor([coded if a.get("coded") else 1.0 for a in anaphors], device=s.device)
    return (each * weight).sum() / weight.sum()


@torch.no_grad()
def evaluate(model, chunks, pieces=16384):
    """Shares of anaphors that are right, by class, of those coded and those planted; n is their number, ranker the share that
    the ranker alone has right among the entities."""
    training = model.training
    model.eval()
    count = {}
    total = 0.0
    for batch in batches(chunks, pieces, random.Random(0)):
        s, anaphors = scores(model, batch)
        best = s.argmax(1).tolist()
        total += loss(model, batch).item() * len(anaphors)
        for a, b in zip(anaphors, best):
            b = NONE if b == s.shape[1] - 1 else b
            alone = [(c["f"][0], k) for k, c in enumerate(a["candidates"]) if c["f"][1] < 5 and c["f"][0] > 0]
            r = max(alone, key=lambda c: (c[0], -c[1]))[1] if alone else NONE
            for key in (("coded " if a.get("coded") else "planted ") + NAMES[a["class"]], "coded" if a.get("coded") else "planted"):
                n = count.setdefault(key, [0, 0, 0])
                n[0] += 1
                n[1] += b in a["right"]
                n[2] += r in a["right"]
    model.train(training)
    out = {k: dict(n=n, right=round(a / n, 3), ranker=round(b / n, 3)) for k, (n, a, b) in sorted(count.items())}
    out["loss"] = round(total / sum(len(x["anaphors"]) for x in chunks), 4)
    return out
