"""Goes on with a base's own training, words masked, on the pieces of windows that nobody coded: a model of books and
encyclopedias learns the language of news, and what capitals and quotation marks say (Gururangan et al. 2020).

    python adapt.py --base BERT --train windows-news.jsonl --out bert-news.pt

The base must have its head for masked words. The weights are those of the encoder, for --begin.
"""
import argparse
import random
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from model import Encoder
from train import MASK, SPECIAL, Stepper, batches, collate, half, read


class Masked(nn.Module):
    """The encoder with the base's head, which says what stands under a mask."""

    def __init__(self, base: Path):
        super().__init__()
        self.encoder = Encoder(base)
        h, w = self.encoder.width, load_file(base / "model.safetensors")
        self.dense, self.norm = nn.Linear(h, h), nn.LayerNorm(h, eps=1e-12)
        for module, name in ((self.dense, "dense"), (self.norm, "LayerNorm")):
            module.load_state_dict({part: w[f"cls.predictions.transform.{name}.{part}"] for part in ("weight", "bias")})
        self.bias = nn.Parameter(w["cls.predictions.output_bias"])

    def forward(self, hidden, **args):
        """Vectors of the hidden pieces [N, H] -> scores of all pieces [N, V]."""
        x = self.encoder(**args)[hidden]
        return F.linear(self.norm(F.gelu(self.dense(x))), self.encoder.word.weight, self.bias)


def hide(pieces, rate, vocabulary):
    """The pieces, and which are to be told: of those eight tenths are masked, one is swapped, one stays (Devlin et al. 2019)."""
    hidden = (torch.rand(pieces.shape, device=pieces.device) < rate) & (pieces >= SPECIAL)
    u = torch.rand(pieces.shape, device=pieces.device)
    other = torch.randint_like(pieces, SPECIAL, vocabulary)
    return torch.where(hidden & (u < 0.8), MASK, torch.where(hidden & (u > 0.9), other, pieces)), hidden


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--train", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--epochs", type=int, default=3)
    ap.add_argument("--rate", type=float, default=1e-4)
    ap.add_argument("--pieces", type=int, default=16384, help="pieces a batch")
    ap.add_argument("--masked", type=float, default=0.15)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    train = read(args.train)
    model = Masked(args.base).to(args.device)
    total = args.epochs * len(batches(train, args.pieces, random.Random(0)))
    new = [name for name, _ in model.named_parameters() if "shape" in name or "quote" in name]
    stepper = Stepper(model, new, args.rate, total, args.device)
    for _ in range(args.epochs):
        for b in batches(train, args.pieces, rng):
            if stepper.step == total:
                break
            fields = collate(b, args.device)
            fields.pop("words")
            truth = fields["pieces"]
            fields["pieces"], hidden = hide(truth, args.masked, len(model.bias))
            with half(args.device):
                loss = F.cross_entropy(model(hidden, **fields).float(), truth[hidden])
            stepper.take(loss)
            stepper.progress(f"loss {loss.item():.4f}" if stepper.step % 50 == 0 else "")
    torch.save({name: w for name, w in model.state_dict().items() if name.startswith("encoder.")}, args.out)


if __name__ == "__main__":
    main()
