"""Averages the weights of models of stance that began as one (Wortsman et al. 2022), finds the temperatures anew, and
saves.

    python soup.py --base MINILM --models stance.pt stance-more.pt --dev stance-dev.jsonl --out soup.pt
"""
import argparse
from pathlib import Path

import torch

from model import Side, depth
from stance import finish
from train import half, read


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--models", type=Path, nargs="+", required=True)
    ap.add_argument("--dev", required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--rare", type=float, default=1.2, help="as in stance.py")
    args = ap.parse_args()
    states = [torch.load(path, map_location="cpu") for path in args.models]
    for state in states:
        state.pop("temperature")
    model = Side(args.base, depth(states[0]))
    model.load_state_dict({name: sum(state[name] for state in states) / len(states) for name in states[0]})
    with half("cpu"):
        finish(model, {}, args.rare, read(args.dev), args.out)


if __name__ == "__main__":
    main()
