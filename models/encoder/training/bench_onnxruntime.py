"""Sentences a second of onnxruntime int8 on one core, to hold against `go test -bench Encode ./analysis/encoder`.

    python bench_onnxruntime.py --base MINILM --reader reader.pt

Both read batches of seven sentences of 37 pieces, the mean of news.
"""
import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from model import Reader


class Bare(torch.nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, pieces, shapes, quotes):
        return self.encoder(pieces, torch.ones_like(pieces).bool(), shapes, quotes)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--reader", type=Path, required=True)
    ap.add_argument("--seconds", type=float, default=5)
    args = ap.parse_args()
    model = Reader(args.base)
    model.load_state_dict(torch.load(args.reader, map_location="cpu"))
    pieces = torch.tensor([[1000 + 137 * i for i in range(37)]] * 7)
    zero = torch.zeros_like(pieces)
    with tempfile.TemporaryDirectory() as d:
        plain, int8 = d + "/plain.onnx", d + "/int8.onnx"
        torch.onnx.export(Bare(model.encoder).eval(), (pieces, zero, zero), plain, input_names=["pieces", "shapes", "quotes"],
                          output_names=["vectors"], opset_version=17, dynamo=False)
        quantize_dynamic(plain, int8, weight_type=QuantType.QInt8, per_channel=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(int8, options)
    feed = dict(pieces=pieces.numpy(), shapes=zero.numpy(), quotes=zero.numpy())
    feed = {k: v for k, v in feed.items() if k in {i.name for i in session.get_inputs()}}
    with torch.no_grad():
        want = Bare(model.encoder).eval()(pieces, zero, zero).numpy()
    got = session.run(None, feed)[0]
    print(f"least cosine with float32: {min(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(want.reshape(-1, 384), got.reshape(-1, 384))):.4f}")
    n, start, cpu = 0, time.time(), time.process_time()
    while time.time() - start < args.seconds:
        session.run(None, feed)
        n += len(pieces)
    print(f"onnxruntime {onnxruntime.__version__}: {n / (time.process_time() - cpu):.0f} sentences a CPU-second")


if __name__ == "__main__":
    main()
