"""Writes the weights that the program embeds, and what its tests compare with.

    python export.py --base BGE --stance stance.pt --words ../../words.safetensors --out ../../stance.safetensors \
        --golden ../../../analysis/stance/testdata/reference.json
    python export.py --base MINILM --reader reader.pt --words ../../words.safetensors --out ../../encoder.safetensors \
        --golden ../../../analysis/encoder/testdata/golden.json
"""
import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from model import ROLES, SIDES, Reader, Side, depth

LONGEST = 192  # analysis/stance cuts its passages to fewer pieces

# pieces by row of the vocabulary, written for the tests
GOLDEN = [
    [101, 1996, 3750, 1997, 2632, 12098, 2050, 2056, 1996, 9446, 2052, 2330, 1012, 102],
    [101, 1000, 2057, 2097, 2025, 4604, 3629, 1010, 1000, 2002, 2056, 1012, 102, 2014, 7175, 6380, 2009, 1012, 102],
    [101, 102],
]


def int8(weight):
    """Rows of a matrix -> int8 with one scale a row, symmetric (Jacob et al. 2018)."""
    scale = weight.abs().amax(1) / 127
    scale[scale == 0] = 1
    return (weight / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale


def words(encoder, path):
    """Writes the word embeddings, or holds them against those of the model that was there first: models share them."""
    own = Tensors()
    own["encoder.word"], own["encoder.word.scale"] = int8(encoder.word.weight)
    if not path.exists():
        own.save(path)
    elif not all(torch.equal(own[name], w) for name, w in load_file(path).items()):
        raise SystemExit(f"{path} holds other word embeddings: train both models with the same --words, or export both anew")


class Tensors(dict):
    def linear(self, name, *layers):
        """One int8 matrix of the layers' outputs, with a scale and a bias for each."""
        self[name + ".weight"], self[name + ".scale"] = int8(torch.cat([x.weight for x in layers]))
        self[name + ".bias"] = torch.cat([x.bias for x in layers])

    def floats(self, name, module):
        self[name + ".weight"], self[name + ".bias"] = module.weight, module.bias

    def body(self, e):
        for name in ("position", "shape", "quote", "role"):
            if getattr(e, name) is not None:
                self["encoder." + name] = getattr(e, name).weight
        self.floats("encoder.norm", e.norm)
        for i, l in enumerate(e.layers):
            p = f"encoder.layers.{i}."
            self.linear(p + "qkv", l.query, l.key, l.value)
            for name in ("output", "up", "down"):
                self.linear(p + name, getattr(l, name))
            for name in ("attended", "norm"):
                self.floats(p + name, getattr(l, name))

    def save(self, path):
        save_file({k: v.detach().contiguous() for k, v in self.items()}, path)


def reader(args):
    state = torch.load(args.reader, map_location="cpu")
    model = Reader(args.base, depth(state))
    model.load_state_dict(state)
    model.eval()
    out = Tensors()
    words(model.encoder, args.words)
    out.body(model.encoder)
    for name in ("add_word", "add_cue", "mul_word", "mul_cue", "inner"):
        out.linear("attribution." + name, getattr(model, name))
    for name in ("label", "part"):
        out.floats("attribution." + name, getattr(model, name))
    for name in ("distance", "sentence", "paragraph"):
        out["attribution." + name] = getattr(model, name).weight
    out.save(args.out)
    if args.golden:
        golden(model.encoder, args.golden)


@torch.no_grad()
def golden(encoder, path):
    rows = []
    for pieces in GOLDEN:
        ids = torch.tensor([pieces])
        shapes = torch.tensor([[i % 5 for i in range(len(pieces))]])
        quotes = torch.tensor([[i // 3 % 4 for i in range(len(pieces))]])
        x = encoder(ids, torch.ones_like(ids).bool(), shapes, quotes)[0]
        rows.append(dict(pieces=pieces, shapes=shapes[0].tolist(), quotes=quotes[0].tolist(),
                         vectors=[[round(v, 4) for v in row] for row in x.tolist()]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows) + "\n")


def stance(args):
    state = torch.load(args.stance, map_location="cpu")
    temperature = state.pop("temperature")
    model = Side(args.base, depth(state))
    model.load_state_dict(state)
    model.eval()
    out = Tensors()
    words(model.encoder, args.words)
    out.body(model.encoder)
    out["encoder.position"] = out["encoder.position"][:LONGEST]
    out.linear("stance.pool", model.pool)
    for task in SIDES:
        out.floats("stance." + task, model.sides[task])
    out["stance.temperature"] = temperature
    out.save(args.out)
    if args.golden:
        reference(model, temperature, args.golden)


@torch.no_grad()
def reference(model, temperature, path):
    rows = []
    for pieces in GOLDEN[:2]:
        ids = torch.tensor([pieces])
        fields = dict(shapes=[i % 5 for i in range(len(pieces))], quotes=[i // 3 % 4 for i in range(len(pieces))], roles=[i % ROLES for i in range(len(pieces))])
        x = model(ids, torch.ones_like(ids).bool(), **{k: torch.tensor([v]) for k, v in fields.items()})
        probabilities = [(model.sides[task](x)[0] / t).softmax(0).tolist() for task, t in zip(SIDES, temperature)]
        rows.append(dict(pieces=pieces, **fields, probabilities=[[round(p, 4) for p in row] for row in probabilities]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows) + "\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    model = ap.add_mutually_exclusive_group(required=True)
    model.add_argument("--reader", type=Path)
    model.add_argument("--stance", type=Path)
    ap.add_argument("--words", type=Path, required=True, help="file of the word embeddings that all models share")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--golden", type=Path)
    args = ap.parse_args()
    reader(args) if args.reader else stance(args)


if __name__ == "__main__":
    main()
